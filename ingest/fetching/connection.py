"""Connections, by httpcore, which httpx itself is built on: to judged addresses only, and only until a deadline.

httpcore lets its network be replaced. Ours looks a name up once, judges every address, and connects to one of those: a
second look-up could give another one. And it lets no wait go past one deadline for the whole of a request: the library's
own limits begin anew with every byte. The library's errors become ours here.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpcore

from ingest.errors import FetchError
from ingest.fetching.addresses import Resolve

Headers = Sequence[tuple[bytes, bytes]]
Clock = Callable[[], float]


class Connections:
    """Connections for one request."""

    def __init__(
        self,
        addresses: Resolve,
        certificates: ssl.SSLContext | None,
        total_timeout_s: float,
        proxy: str = "",
        proxy_auth: tuple[str, str] | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        """Begin; nothing is connected yet, and the time runs.

        Args:
            addresses: Gives the addresses that may be connected to, for a host.
            certificates: Whom to trust; may be None where nothing is asked by https.
            total_timeout_s: Seconds until the deadline.
            proxy: Address of a proxy that is connected to instead; empty for none.
            proxy_auth: Name and password for it.
            clock: Seconds.
        """
        network = _Guarded(addresses, clock() + total_timeout_s, clock)
        self._pool: httpcore.ConnectionPool = (
            httpcore.HTTPProxy(proxy, proxy_auth=proxy_auth, ssl_context=certificates, network_backend=network)
            if proxy
            else httpcore.ConnectionPool(ssl_context=certificates, network_backend=network)
        )

    def get(
        self, url: tuple[bytes, bytes, int | None, bytes], headers: Headers, extensions: Any
    ) -> tuple[int, Headers, Generator[bytes]]:
        """Ask.

        Args:
            url: Scheme, host, port and target, as they are sent.
            headers: As they are sent.
            extensions: httpx's time limits, which have the same form here.

        Returns:
            Status, headers and the body, which is to be closed.

        Raises:
            FetchError: If no answer comes.
        """
        scheme, host, port, target = url
        wanted = httpcore.URL(scheme=scheme, host=host, port=port, target=target)
        with _errors_of(host.decode("ascii")):
            response = self._pool.handle_request(httpcore.Request("GET", wanted, headers=headers, extensions=extensions))
        assert isinstance(response.stream, Iterable)
        return response.status, response.headers, _body(response.stream, host.decode("ascii"))

    def close(self) -> None:
        """Close what is open."""
        self._pool.close()


def _body(parts: Iterable[bytes], host: str) -> Generator[bytes]:
    try:
        with _errors_of(host):
            yield from parts
    finally:
        getattr(parts, "close", lambda: None)()


@contextmanager
def _errors_of(host: str) -> Iterator[None]:
    """Turn the library's errors into ours."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise FetchError("fetch_timeout", host=host) from error
    except httpcore.ConnectError as error:
        if error.args and isinstance(error.args[0], ssl.SSLError):
            raise FetchError("fetch_tls", host=host, reason=_short(error)) from error
        raise FetchError("fetch_refused", host=host, reason=_short(error)) from error
    except httpcore.ProxyError as error:
        raise FetchError("fetch_proxy", host=host, reason=_short(error)) from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise FetchError("fetch_cut", url=host, reason=_short(error)) from error


def _short(error: Exception) -> str:
    """Return what the library says, on one line and without end: a site's own words may be in it."""
    return " ".join(str(error).split())[:200] or type(error).__name__


class _Guarded(httpcore.NetworkBackend):
    """Connects only to addresses that have been looked up here, and only until the deadline."""

    def __init__(self, addresses: Resolve, deadline: float, clock: Clock) -> None:
        self._addresses = addresses
        self._deadline = deadline
        self._clock = clock

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError(host)
        for address in self._addresses(host, port, _left(timeout, self._deadline, self._clock)):
            left = _left(timeout, self._deadline, self._clock)
            try:
                stream = httpcore.SyncBackend().connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Limited(stream, self._deadline, self._clock)
        raise failure


class _Limited(httpcore.NetworkStream):
    """A connection on which no wait goes past the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float, clock: Clock) -> None:
        self._stream = stream
        self._deadline = deadline
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, self._deadline, self._clock))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout, self._deadline, self._clock))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, _left(timeout, self._deadline, self._clock))
        return _Limited(stream, self._deadline, self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(timeout: float | None, deadline: float, clock: Clock) -> float:
    left = deadline - clock()
    if left <= 0:
        raise httpcore.ReadTimeout("the time for one request is over")
    return left if timeout is None else min(left, timeout)
