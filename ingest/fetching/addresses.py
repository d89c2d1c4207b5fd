"""Which addresses may be asked, and how a name is looked up.

A person names the site, but the site names what it redirects to, and whoever runs its name server says where that is: so
what lies inside the own network must not be reached through it.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread

Resolve = Callable[[str, int, float], list[str]]
"""Takes a host name, a port and seconds; returns its addresses, or raises OSError, or TimeoutError after the seconds."""

Allow = Callable[[str], bool]
"""Takes an address; says whether it may be asked."""

_METADATA = frozenset(map(ipaddress.ip_address, ("169.254.169.254", "168.63.129.16", "100.100.100.200", "fd00:ec2::254")))
"""Where machines in a cloud are told their own secrets. Source: the documentation of AWS, Azure (whose address is a public
one) and Alibaba Cloud."""

_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
"""All of IPv6 that is handed out to the public. Source: IANA, «IPv6 Global Unicast Address Assignments»."""

_DOCUMENTATION = ipaddress.IPv6Network("3fff::/20")
"""Source: RFC 9637; not in the tables of Python 3.11."""

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""Source: RFC 6052; a network with IPv6 only reaches IPv4 through it."""

_NO_HOSTS = ipaddress.IPv4Network("192.0.0.0/24")
"""Source: RFC 6890; not handed out."""


def is_public(text: str) -> bool:
    """Return whether an address lies outside every private, local, shared, reserved and multicast network.

    An IPv6 address that stands for an IPv4 one (mapped, 6to4, NAT64) is judged by that.
    """
    address = _parse(text)
    if address is None or address in _METADATA:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast and address not in _NO_HOSTS
    inner = _inside(address)
    if inner is not None:
        return is_public(str(inner))
    return address in _GLOBAL_UNICAST and address.is_global and address not in _DOCUMENTATION


def is_no_secret(text: str) -> bool:
    """Return whether an address may be asked where private ones may: all but those that give a cloud machine its secrets."""
    address = _parse(text)
    if isinstance(address, ipaddress.IPv6Address):
        address = _inside(address) or address
    return address is not None and address not in _METADATA


def _parse(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.split("%")[0])  # fe80::1%eth0
    except ValueError:
        return None


def _inside(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 address stands for, if it does."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def look_up(host: str, port: int, timeout_s: float) -> list[str]:
    """Return the addresses of a host, in the order in which the system would try them.

    Raises:
        OSError: If it has none.
        TimeoutError: If that takes longer than `timeout_s`; the system itself knows no limit.
    """
    answers: SimpleQueue[list[str] | OSError] = SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except UnicodeError as error:  # A label that is empty or too long.
            answers.put(OSError(str(error)))
        except OSError as error:
            answers.put(error)
        else:
            answers.put(list(dict.fromkeys(str(address[0]) for *_, address in found)))

    Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=timeout_s)
    except Empty:
        raise TimeoutError from None
    if isinstance(answer, OSError):
        raise answer
    return answer
