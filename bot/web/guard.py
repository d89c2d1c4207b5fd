"""What stands before Gradio: which requests come through, and which headers every response bears.

Gradio itself sends no security headers, answers to any host name, and stores any file that is sent to it.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.settings import WebSettings
from bot.web.document import localised, script_hashes
from ingest.texts import Language, say

_OPEN = re.compile(
    r"/|/health|/favicon\.ico|/theme\.css|/fs/page\.(css|js)|/(assets|static)(/[\w@+-][\w.@+-]*)+"
    r"|/gradio_api/(queue/(join|data)|heartbeat/\w+|cancel|reset|startup-events|run/predict)/?"
)
"""What the page asks for, by a browser's list of requests. The rest of Gradio is closed: uploads, files, API, docs."""

_POSTED = re.compile(r"/gradio_api/(queue/join|cancel|reset|run/predict)/?")

_CSP = b"content-security-policy"

_HEADERS = {
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}

_DROPPED = ("access-control-", "server", "x-powered-by")
"""Headers of Gradio's that are taken away: it lets any host's pages read its answers."""

_BODY_TIMEOUT_S = 10.0
"""For a whole request body, so that slow senders hold nothing up."""


def policy(scripts: Iterable[str] = ()) -> str:
    """Return the Content-Security-Policy: everything from here, no frames, and of inline scripts only those given.

    Args:
        scripts: Sources (`'sha256-…'`) of the inline scripts that may run.
    """
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(("script-src 'self'", *scripts)),
            # Gradio writes style attributes and elements as it goes.
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


class Guard:
    """Pure ASGI, since a middleware that sees whole responses would hold back the streamed answers."""

    def __init__(self, app: ASGIApp, settings: WebSettings, language: Language) -> None:
        """Stand before `app`.

        Args:
            app: What is guarded.
            settings: Allowed hosts and the largest body.
            language: Of the page.
        """
        self._app = app
        self._hosts = {host.lower() for host in settings.allowed_hosts}
        self._max_bytes = settings.max_body_bytes
        self._language = language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._guard(scope, receive, _Reply(send, scope, self._language))
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _guard(self, scope: Scope, receive: Receive, reply: _Reply) -> None:
        headers = [(name.lower(), value.decode("latin-1")) for name, value in scope["headers"]]
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await reply.refuse(refusal)
            return
        if scope["method"] == "POST":
            try:
                body = await asyncio.wait_for(_whole_body(receive, self._max_bytes), _BODY_TIMEOUT_S)
            except TimeoutError:
                await reply.refuse(HTTPStatus.REQUEST_TIMEOUT)
                return
            if body is None:
                await reply.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
                return
            receive = _Replay(body, receive)
        # Compressed HTML could not be rewritten; no other response is large enough to matter here.
        kept = [(name, value) for name, value in scope["headers"] if scope["path"] != "/" or name != b"accept-encoding"]
        try:
            await self._app({**scope, "headers": kept}, receive, reply)
        except asyncio.CancelledError:
            # The server stops. Nothing waits for this task, and its response must end for the connection to close.
            await reply.end()
        except Exception:
            # The response that people see is ours, with its headers; the server above still logs the exception.
            await reply.refuse(HTTPStatus.INTERNAL_SERVER_ERROR)
            raise

    def _refusal(self, scope: Scope, headers: list[tuple[bytes, str]]) -> HTTPStatus | None:
        hosts = [value.strip().lower() for name, value in headers if name == b"host"]
        if len(hosts) != 1 or _without_port(hosts[0]) not in self._hosts:
            return HTTPStatus.BAD_REQUEST
        if not _OPEN.fullmatch(scope["path"]):
            return HTTPStatus.NOT_FOUND
        if scope["method"] != "POST":
            return None if scope["method"] in ("GET", "HEAD") else HTTPStatus.METHOD_NOT_ALLOWED
        if not _POSTED.fullmatch(scope["path"]):
            return HTTPStatus.METHOD_NOT_ALLOWED
        origins = [value for name, value in headers if name == b"origin"]
        if any(_netloc(origin) != hosts[0] for origin in origins):
            return HTTPStatus.FORBIDDEN
        lengths = [value for name, value in headers if name == b"content-length"]
        if any(not length.isascii() or not length.isdigit() for length in lengths):
            return HTTPStatus.LENGTH_REQUIRED
        too_long = any(int(length) > self._max_bytes for length in lengths)
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE if too_long else None


def _without_port(host: str) -> str:
    return re.sub(r":\d{1,5}$", "", host).rstrip(".")


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


async def _whole_body(receive: Receive, max_bytes: int) -> bytes | None:
    """Read a body, chunked or not; None if it is longer than allowed."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return bytes(body)
        body += message.get("body", b"")
        if len(body) > max_bytes:
            return None
        if not message.get("more_body", False):
            return bytes(body)


class _Replay:
    """Gives a body that was read already, then whatever the connection says."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._message: Message | None = {"type": "http.request", "body": body, "more_body": False}
        self._receive = receive

    async def __call__(self) -> Message:
        message, self._message = self._message, None
        return message or await self._receive()


class _Reply:
    """Puts our headers on a response and makes the HTML document ours."""

    def __init__(self, send: Send, scope: Scope, language: Language) -> None:
        self._send = send
        self._path = scope["path"]
        self._method = scope["method"]
        self._language = language
        self._started = False
        self._ended = False
        self._held: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._started = True
            message = {**message, "headers": _own_headers(message["headers"])}
            if self._replaced(message):
                self._held = message
                return
        elif self._held is not None:
            self._body += message.get("body", b"")
            if message.get("more_body", False):
                return
            self._ended = True
            await self._send_held(self._held)
            return
        else:
            self._ended = not message.get("more_body", False)
        await self._send(message)

    async def refuse(self, status: HTTPStatus) -> None:
        """Answer with a status and a few words, unless the response has begun."""
        if self._started:
            return
        text = say("bot", "web.refused_host", self._language) if status == HTTPStatus.BAD_REQUEST else status.phrase
        body = text.encode()
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
        # The rest of a body that was refused may still be on its way.
        headers.append((b"connection", b"close"))
        await self._send({"type": "http.response.start", "status": status, "headers": _own_headers(headers)})
        await self._send({"type": "http.response.body", "body": b"" if self._method == "HEAD" else body})

    async def end(self) -> None:
        """End a response that is cut off."""
        if self._ended:
            return
        if self._started and self._held is None:
            await self._send({"type": "http.response.body", "body": b""})
        else:
            self._started = False
            await self.refuse(HTTPStatus.SERVICE_UNAVAILABLE)

    def _replaced(self, start: Message) -> bool:
        status: int = start["status"]
        if self._path == "/gradio_api/queue/join":
            return status == HTTPStatus.SERVICE_UNAVAILABLE
        return self._path == "/" and self._method == "GET" and status == HTTPStatus.OK

    async def _send_held(self, start: Message) -> None:
        if self._path == "/":
            html = localised(self._body.decode(), self._language)
            body, scripts = html.encode(), script_hashes(html)
        else:
            # For a 503 Gradio's page has English words of its own; for any other status it shows these.
            start = {**start, "status": HTTPStatus.TOO_MANY_REQUESTS}
            body, scripts = _json_detail(say("bot", "web.queue_full", self._language)), ()
        headers = [(name, value) for name, value in start["headers"] if name not in (b"content-length", _CSP)]
        headers += [(b"content-length", str(len(body)).encode()), (_CSP, policy(scripts).encode())]
        await self._send({**start, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def _own_headers(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    own = {name.encode(): value.encode() for name, value in _HEADERS.items()} | {_CSP: policy().encode()}
    kept = [(name.lower(), value) for name, value in headers]
    kept = [(name, value) for name, value in kept if name not in own and not name.decode().startswith(_DROPPED)]
    return [*kept, *own.items()]


def _json_detail(text: str) -> bytes:
    return json.dumps({"detail": text}, ensure_ascii=False).encode()
