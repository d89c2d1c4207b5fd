"""The web server: the page, its guard, and what starts them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import closing
from importlib.resources import files

import uvicorn
from fastapi import FastAPI
from starlette.responses import JSONResponse, Response

from bot.errors import PortTakenError
from bot.offline import go_offline
from bot.service import Assistant
from bot.settings import BotSettings, WebSettings
from bot.web.guard import Guard
from ingest.texts import say

_KEEP_ALIVE_S = 15
_SHUTDOWN_S = 3
"""Longest wait for what is called off when the server stops."""

_ASSETS = {"page.css": "text/css", "page.js": "text/javascript"}


def build_app(settings: BotSettings, assistant: Assistant) -> FastAPI:
    """Build the web application: the page behind its guard.

    Args:
        settings: Language, limits, allowed hosts.
        assistant: Answers the questions.
    """
    go_offline()
    from bot.web.page import build_page, mount_page  # Imports gradio, which reads the environment as it is imported.

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Guard, settings=settings.web, language=settings.language)

    @app.get("/health")
    def health() -> Response:
        return JSONResponse({"status": "ok", "generation": assistant.generation})

    for name, media_type in _ASSETS.items():
        app.add_api_route(f"/fs/{name}", _asset(name, media_type))
    return mount_page(app, build_page(assistant, settings.language, settings), settings)


def _asset(name: str, media_type: str) -> Callable[[], Response]:
    content = files("bot.web").joinpath("static", name).read_bytes()

    def asset() -> Response:
        return Response(content, media_type=media_type)

    return asset


def serve(settings: BotSettings, announce: Callable[[str], None] = lambda _: None) -> None:
    """Serve the page until the process is told to stop.

    Args:
        settings: All settings.
        announce: Called with one sentence, in the language of the settings, as soon as questions are answered.

    Raises:
        PortTakenError: If the address is in use or can't be used; found out before anything heavy is loaded.
        IndexStateError: If there is no index that can be used.
        ModelError: If the embedding model can't be loaded.
    """
    go_offline()
    with closing(_listener(settings.web)) as listener:
        assistant = Assistant(settings)
        # The first question pays for what is loaded late; nobody should have to wait for it.
        assistant.ask(say("bot", "web.example_1", settings.language))
        config = uvicorn.Config(
            lambda: build_app(settings, assistant),
            factory=True,  # Inside the event loop: outside of one, Gradio makes loops of its own and leaves them open.
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=settings.web.max_connections,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=_SHUTDOWN_S,
        )
        url = f"http://{_in_url(settings.web.host)}:{settings.web.port}"
        server = _Server(config, lambda: announce(say("bot", "web.ready", settings.language, url=url)))
        server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """Tells when it listens, and not before; stops at once, even while pages are open."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # An open page's streams never end by themselves; the guard ends their responses when they are called off.
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_SHUTDOWN_S)
        await super().shutdown(sockets)


def _listener(settings: WebSettings) -> socket.socket:
    """Take the port at once and keep it, so that no one else gets it while the model is loaded."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        # As servers do: a port whose last connections are still closing is free.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise PortTakenError("port_taken", host=settings.host, port=settings.port) from error
    return listener


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
