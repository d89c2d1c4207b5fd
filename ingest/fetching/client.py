"""One request to one address, with every limit: the only module that imports httpx.

Requests are httpx's, but they go to connections of our own and not through `httpx.Client`: that would keep cookies, and take
proxies and a `.netrc` from the environment. A proxy there would move the judging of addresses to another machine without
anyone having said so; `fetch.proxy` says so.
"""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

import httpx

from ingest.errors import FetchError
from ingest.fetching.addresses import Allow, Resolve, is_no_secret, is_public, look_up
from ingest.fetching.connection import Connections
from ingest.fetching.unpacking import unpacked
from ingest.settings import FetchSettings

_OK = 200
_PORTS = range(1, 65_536)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a site answered.

    Attributes:
        status: The status code.
        headers: By name in lower case.
        body: Unpacked; only of a reply with status 200.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Target:
    """An address that can be asked.

    Attributes:
        url: The whole, without fragment.
        scheme: `http` or `https`.
        host: Name or number.
        origin: Scheme, host and port: what has one `robots.txt`.
    """

    url: str
    scheme: str
    host: str
    origin: str


class Asks(Protocol):
    """Asks one address."""

    def get(self, target: Target, headers: Mapping[str, str], max_bytes: int, *, cut: bool = False) -> Reply:
        """Ask for an address; redirects are not followed."""


def target_of(url: str, base: str = "") -> Target:
    """Return an address, taken apart by the library that will ask it: two readings of one address could differ.

    Args:
        url: The address; may be relative to `base`.
        base: The address of the reply that named it.

    Raises:
        FetchError: If it is none, is neither http nor https, or holds a password.
    """
    try:
        parsed = httpx.URL(base).join(url.strip()) if base else httpx.URL(url.strip())
        parsed = parsed.copy_with(fragment=None)
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise FetchError("fetch_bad_url", url=url) from error
    if parsed.scheme not in ("http", "https") or not parsed.host or (parsed.port is not None and parsed.port not in _PORTS):
        raise FetchError("fetch_bad_url", url=url)
    if parsed.userinfo:
        raise FetchError("fetch_password", host=parsed.host)
    origin = f"{parsed.scheme}://{parsed.netloc.decode('ascii')}"
    return Target(str(parsed), parsed.scheme, parsed.host, origin)


class Client:
    """Asks one address at a time."""

    def __init__(self, settings: FetchSettings, *, resolve: Resolve = look_up, allow: Allow | None = None) -> None:
        """Prepare; nothing is asked yet.

        Args:
            settings: The limits.
            resolve: Looks a name up.
            allow: Judges an address; by default as the settings say of private ones.

        Raises:
            FetchError: If the file of certificates can't be read.
        """
        self._settings = settings
        self._resolve = resolve
        self._allow = allow or (is_no_secret if settings.allow_private else is_public)
        # To read them takes longer than most requests; but a file that can't be read is said at once.
        self._certificates = _certificates(settings.ca_file) if settings.ca_file else None

    def get(self, target: Target, headers: Mapping[str, str], max_bytes: int, *, cut: bool = False) -> Reply:
        """Ask for an address; redirects are not followed.

        Args:
            target: What to ask for.
            headers: Beside those that every request has.
            max_bytes: Largest body, packed or unpacked.
            cut: Whether a larger body is cut instead of refused.

        Raises:
            FetchError: If there is no whole answer.
        """
        settings = self._settings
        waits = httpx.Timeout(settings.read_timeout_s, connect=settings.connect_timeout_s)
        agent = f"Faktasvar ({settings.contact})" if settings.contact else "Faktasvar"
        every = {"User-Agent": agent, "Accept": "*/*", "Accept-Encoding": "gzip", "Connection": "close"}
        request = httpx.Request("GET", target.url, headers=every | dict(headers), extensions={"timeout": waits.as_dict()})
        url = (request.url.raw_scheme, request.url.raw_host, request.url.port, request.url.raw_path)
        with closing(self._connections(target)) as connections:
            status, raw, parts = connections.get(url, request.headers.raw, request.extensions)
            said = httpx.Headers(list(raw))
            with closing(parts):
                body = _body(parts, said, target.url, max_bytes, cut=cut) if status == _OK else b""
            return Reply(status, {name.lower(): value for name, value in said.items()}, body)

    def _connections(self, target: Target) -> Connections:
        total = self._settings.total_timeout_s
        if self._certificates is None and "https" in (target.scheme, self._settings.proxy.split(":")[0]):
            self._certificates = _certificates("")
        if not self._settings.proxy:
            return Connections(self._judged, self._certificates, total)
        # The proxy is the operator's own choice, and looks names up itself; what is no name can still be judged here.
        if _is_number(target.host) and not self._allow(target.host):
            raise FetchError("fetch_private", host=target.host, address=target.host)
        try:
            proxy = httpx.URL(self._settings.proxy)
        except httpx.InvalidURL as error:
            raise FetchError("fetch_bad_url", url=self._settings.proxy) from error
        auth = (proxy.username, proxy.password) if proxy.userinfo else None
        return Connections(self._looked_up, self._certificates, total, str(proxy.copy_with(userinfo=b"")), auth)

    def _judged(self, host: str, port: int, timeout_s: float) -> list[str]:
        addresses = self._looked_up(host, port, timeout_s)
        for address in addresses:
            if not self._allow(address):
                raise FetchError("fetch_private", host=host, address=address)
        return addresses

    def _looked_up(self, host: str, port: int, timeout_s: float) -> list[str]:
        try:
            addresses = self._resolve(host, port, timeout_s)
        except TimeoutError as error:
            raise FetchError("fetch_timeout", host=host) from error
        except OSError as error:
            raise FetchError("fetch_unknown_host", host=host) from error
        if not addresses:
            raise FetchError("fetch_unknown_host", host=host)
        return addresses


def _certificates(ca_file: str) -> ssl.SSLContext:
    """Return whom to trust: the usual authorities, those that the machine's own keepers added, and those of a file."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except (OSError, ssl.SSLError) as error:
            raise FetchError("fetch_ca_file", path=ca_file, reason=error.strerror or str(error)) from error
    return context


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _body(chunks: Iterator[bytes], headers: httpx.Headers, url: str, max_bytes: int, *, cut: bool) -> bytes:
    stated = headers.get("content-length", "")
    if stated.isdecimal() and int(stated) > max_bytes and not cut:
        raise FetchError("fetch_too_large", url=url, limit=max_bytes)
    parts: list[bytes] = []
    size = 0
    for part in unpacked(chunks, headers.get("content-encoding", ""), url, max_bytes):
        parts.append(part)
        size += len(part)
        if size > max_bytes and cut:
            break
        if size > max_bytes:
            raise FetchError("fetch_too_large", url=url, limit=max_bytes)
    return b"".join(parts)[:max_bytes]
