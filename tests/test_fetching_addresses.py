"""What lies inside the own network is never asked, however its address is written."""

from __future__ import annotations

import socket
import threading

import pytest

from ingest.fetching.addresses import is_no_secret, is_public, look_up


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "193.90.0.1", "2001:4600::1", "2a02:c0::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses_may_be_asked(address: str) -> None:
    assert is_public(address)
    assert is_no_secret(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "100.64.0.1", "100.127.255.255", "169.254.0.1", "192.0.0.192", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1",
        "240.0.0.1", "255.255.255.255",
        "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1", "3fff::1",
        "2001::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1",
        "2002:7f00:1::", "2002:a00:1::1", "5f00::1",
        "", "localhost", "8.8.8", "0x7f.1",
    ],
)  # fmt: skip
def test_what_is_private_local_shared_reserved_or_no_address_may_not(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "168.63.129.16", "100.100.100.200", "fd00:ec2::254", "::ffff:169.254.169.254"]
)
def test_what_gives_a_cloud_machine_its_secrets_may_never_be_asked(address: str) -> None:
    assert not is_public(address)
    assert not is_no_secret(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "192.168.1.1", "::1", "fd12::1"])
def test_private_addresses_may_be_asked_where_that_is_chosen(address: str) -> None:
    assert is_no_secret(address)


def test_a_name_is_looked_up_on_the_machine() -> None:
    assert look_up("127.0.0.1", 80, 5) == ["127.0.0.1"]
    assert set(look_up("localhost", 80, 5)) <= {"127.0.0.1", "::1"}


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".no"])
def test_what_can_be_no_name_is_not_found(host: str) -> None:
    with pytest.raises(OSError):
        look_up(host, 80, 5)


def test_a_look_up_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def never(*arguments: object, **options: object) -> list[object]:
        over.wait(60)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", never)
    with pytest.raises(TimeoutError):
        look_up("molde.no", 80, 0.05)
    over.set()
