"""A web site on this machine that gives what a test tells it to, every failure among it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from typing import ClassVar

Page = Callable[["Request"], None]
"""Answers one request."""


class Request(BaseHTTPRequestHandler):
    """A request and the means to answer it, well or badly."""

    protocol_version = "HTTP/1.1"
    site: ClassVar[Site]

    def do_GET(self) -> None:
        """Answer with the page at the path."""
        self.close_connection = True
        self.site.asked.append(self.path)
        self.site.headers.append({name.lower(): value for name, value in self.headers.items()})
        page = self.site.pages.get(self.path)
        # Whoever asks may have had enough before all is sent.
        with suppress(OSError):
            if page is not None:
                page(self)
            else:
                self.reply(404, b"Borte")

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Send a whole answer; a header is named with `_` for `-`."""
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.raw("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.wfile.write(data)
        self.wfile.flush()

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@dataclass
class Site:
    """A running site.

    Attributes:
        pages: What answers at each path; others are answered with 404.
        asked: The paths that were asked for, in order.
        headers: The headers of each request, by name in lower case.
        port: Where it listens, on 127.0.0.1.
        stopped: Set when the site goes down, for pages that never end.
    """

    pages: dict[str, Page]
    port: int = 0
    asked: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str, host: str = "127.0.0.1", scheme: str = "http") -> str:
        """Return the address of a path."""
        return f"{scheme}://{host}:{self.port}{path}"

    def documents(self) -> list[str]:
        """Return what was asked for beside `robots.txt`."""
        return [path for path in self.asked if path != "/robots.txt"]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that leaves in the middle is what is tried."""


@contextmanager
def serve(pages: Mapping[str, Page], certificate: SSLContext | None = None) -> Iterator[Site]:
    """Run a site for as long as the block lasts."""
    site = Site(dict(pages))
    server = _Server(("127.0.0.1", 0), type("Handler", (Request,), {"site": site}))
    if certificate is not None:
        # The handshake waits until the connection's own thread reads, so that a bad one can't stop the site.
        server.socket = certificate.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()


def page(body: bytes | str, status: int = 200, **headers: str) -> Page:
    """Return a page that gives a whole answer."""
    content = body if isinstance(body, bytes) else body.encode()
    return lambda request: request.reply(status, content, **headers)


def html(text: str, **headers: str) -> Page:
    """Return a page of HTML."""
    return page(f"<!doctype html><title>Side</title><p>{text}</p>", 200, Content_Type="text/html; charset=utf-8", **headers)


def moved(location: str, status: int = 302) -> Page:
    """Return a page that sends on."""
    return page(b"", status, Location=location)


def dripping(start: bytes, each: bytes, every_s: float = 0.02) -> Page:
    """Return a page that sends a little at a time, for ever."""

    def answer(request: Request) -> None:
        request.raw(start)
        while not request.site.stopped.wait(every_s):
            request.raw(each)

    return answer


def silent(start: bytes = b"") -> Page:
    """Return a page that sends a beginning and then nothing."""

    def answer(request: Request) -> None:
        request.raw(start)
        request.site.stopped.wait(30)

    return answer
