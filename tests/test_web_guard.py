"""The web server answers only whom it should, takes only what it must, and says so in its headers."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from bot.answers import Answer, Turn
from bot.errors import PortTakenError
from bot.service import Assistant
from bot.settings import BotSettings, WebSettings
from bot.web.chat import MAX_EXCHANGES, Chat, converse
from bot.web.guard import Guard
from bot.web.server import build_app, serve
from ingest.errors import IndexMissingError
from ingest.index import SourceRecord
from tests.fakes import source_record

BASE = "http://127.0.0.1:7860"
REQUIRED = {
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
POLICY = (
    "default-src 'self'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
)


class FakeAssistant(Assistant):
    """Answers at once, and keeps what it was asked."""

    def __init__(self, error: Exception | None = None) -> None:
        self.asked: list[tuple[str, list[Turn]]] = []
        self._error = error

    @property
    def generation(self) -> str:
        return "g"

    @property
    def sources(self) -> tuple[SourceRecord, ...]:
        return (source_record(),)

    def ask(self, question: str, history: Sequence[Turn] = (), sources: Sequence[str] | None = None) -> Answer:
        self.asked.append((question, list(history)))
        if self._error:
            raise self._error
        return Answer(question, question, True, f"Svar på {question}", "svar", "nb", "g")

    def stream(
        self, question: str, history: Sequence[Turn] = (), sources: Sequence[str] | None = None
    ) -> Iterator[Answer | int]:
        yield 3
        yield self.ask(question, history, sources)


def built(settings: BotSettings) -> FastAPI:
    """Build inside an event loop, as the server does: outside of one, Gradio makes loops and leaves them open."""

    async def build() -> FastAPI:
        return build_app(settings, FakeAssistant())

    return asyncio.run(build())


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(built(BotSettings()), base_url=BASE, raise_server_exceptions=False) as one:
        yield one


def directives(headers: Mapping[str, str]) -> list[str]:
    return headers["content-security-policy"].split("; ")


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {}, 200),
        ("HEAD", "/", {}, 200),
        ("GET", "/health", {}, 200),
        ("GET", "/fs/page.css", {}, 200),
        ("GET", "/fs/page.js", {}, 200),
        ("GET", "/theme.css", {}, 200),
        ("GET", "/static/js/iframeResizer.contentWindow.min.js", {}, 200),
        ("GET", "/assets/nothing.js", {}, 404),
        ("GET", "/nothing", {}, 404),
        ("PUT", "/", {}, 405),
        ("POST", "/", {}, 405),
        ("GET", "/", {"host": "evil.example"}, 400),
        ("POST", "/gradio_api/queue/join", {"origin": "http://evil.example"}, 403),
        ("POST", "/gradio_api/queue/join", {"content-length": "99999999"}, 413),
        ("POST", "/gradio_api/queue/join", {}, 422),
    ],
)
def test_every_response_bears_the_headers(
    client: TestClient, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    response = client.request(method, path, headers=headers)
    assert response.status_code == status
    assert {name: response.headers.get(name) for name in REQUIRED} == REQUIRED
    assert "camera=()" in response.headers["permissions-policy"]
    assert set(POLICY) <= set(directives(response.headers))
    assert not [name for name in response.headers if name.startswith(("access-control-", "server"))]


def test_assets_are_served_with_the_headers(client: TestClient) -> None:
    path = re.findall(r'src="\.?(/assets/[^"]+\.js)"', client.get("/").text)[0]
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "content-security-policy" in response.headers


def test_a_failure_inside_bears_the_headers_and_tells_nothing() -> None:
    async def broken(scope: object, receive: object, send: object) -> None:
        raise ValueError("secret")

    one = TestClient(Guard(broken, WebSettings(), "nb"), base_url=BASE, raise_server_exceptions=False)
    response = one.get("/")
    assert response.status_code == 500
    assert "secret" not in response.text
    assert {name: response.headers.get(name) for name in REQUIRED} == REQUIRED


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("127.0.0.1:7860", 200),
        ("LOCALHOST:1", 200),
        ("localhost.", 200),
        ("[::1]:7860", 200),
        ("", 400),
        ("evil.example", 400),
        ("127.0.0.1.evil.example", 400),
        ("evil.example:127.0.0.1", 400),
        ("localhost@evil.example", 400),
        ("127.0.0.1:7860:7860", 400),
        ("127.0.0.1, evil.example", 400),
    ],
)
def test_only_allowed_hosts_are_answered(client: TestClient, host: str, status: int) -> None:
    assert client.get("/health", headers={"host": host}).status_code == status


@pytest.mark.parametrize(
    ("origin", "refused"),
    [
        (None, False),
        (BASE, False),
        ("https://127.0.0.1:7860", False),
        ("http://127.0.0.1:7861", True),
        ("http://localhost:7860", True),
        ("http://evil.example", True),
        ("http://127.0.0.1:7860.evil.example", True),
        ("null", True),
        ("", True),
        ("http://[", True),
    ],
)
def test_posts_from_other_pages_are_refused(client: TestClient, origin: str | None, refused: bool) -> None:
    headers = {} if origin is None else {"origin": origin}
    response = client.post("/gradio_api/queue/join", headers=headers, json={})
    assert (response.status_code == 403) is refused


def test_a_foreign_page_may_not_read_answers(client: TestClient) -> None:
    response = client.get("/health", headers={"origin": "http://evil.example"})
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize("size", [65_536, 65_537])
@pytest.mark.parametrize("chunked", [False, True])
def test_bodies_are_limited(client: TestClient, size: int, chunked: bool) -> None:
    body = b"x" * size

    def chunks() -> Iterator[bytes]:
        for at in range(0, size, 1000):
            yield body[at : at + 1000]

    response = client.post("/gradio_api/queue/join", content=chunks() if chunked else body)
    assert (response.status_code == 413) is (size > 65_536)


def test_a_chunked_body_is_cut_off_at_the_limit() -> None:
    """A sender without end must not fill the memory: reading stops with the chunk that goes past the limit."""
    read = 0

    async def receive() -> dict[str, object]:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b"x" * 1000, "more_body": True}

    sent: list[dict[str, object]] = []

    async def send(message: object) -> None:
        assert isinstance(message, dict)
        sent.append(message)

    async def app(scope: object, receive: object, send: object) -> None:
        raise AssertionError("must not be reached")

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/gradio_api/queue/join",
        "headers": [(b"host", b"localhost"), (b"transfer-encoding", b"chunked")],
    }
    asyncio.run(Guard(app, WebSettings(max_body_bytes=4096), "nb")(scope, receive, send))
    assert sent[0]["status"] == 413
    assert read == 5


@pytest.mark.parametrize("length", ["-1", "abc", "1e9", "٣"])
def test_a_length_that_is_no_number_is_refused(client: TestClient, length: str) -> None:
    response = client.post("/gradio_api/queue/join", headers={b"content-length": length.encode()}, content=b"")
    assert response.status_code == 411


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/gradio_api/upload"),
        ("POST", "/gradio_api/upload/"),
        ("POST", "/upload"),
        ("POST", "//gradio_api/upload"),
        ("POST", "/gradio_api/queue/../upload"),
        ("POST", "/gradio_api/queue/%2e%2e/upload"),
        ("GET", "/gradio_api/upload_progress"),
        ("GET", "/gradio_api/file=/etc/passwd"),
        ("GET", "/gradio_api/file/etc/passwd"),
        ("GET", "/gradio_api/proxy=http://evil.example"),
        ("GET", "/gradio_api/info"),
        ("GET", "/gradio_api/openapi.json"),
        ("GET", "/gradio_api/runs"),
        ("POST", "/gradio_api/run/ask"),
        ("POST", "/gradio_api/call/ask"),
        ("GET", "/gradio_api/deep_link"),
        ("GET", "/gradio_api/app_id"),
        ("POST", "/gradio_api/component_server"),
        ("GET", "/monitoring"),
        ("GET", "/monitoring/summary"),
        ("GET", "/config"),
        ("GET", "/docs"),
        ("GET", "/redoc"),
        ("GET", "/openapi.json"),
        ("POST", "/login"),
        ("GET", "/manifest.json"),
        ("GET", "/svelte/x"),
        ("GET", "/assets/../../../../etc/passwd"),
        ("GET", "/static/%2e%2e/%2e%2e/routes.py"),
    ],
)
def test_what_the_page_does_not_need_is_closed(client: TestClient, method: str, path: str) -> None:
    files = {"files": ("x.txt", b"x")} if method == "POST" else None
    response = client.request(method, path, files=files)
    assert response.status_code == 404
    assert "root:" not in response.text


@pytest.mark.parametrize(("language", "locale"), [("nb", "nb-NO"), ("nn", "nb-NO"), ("en", "en-GB")])
def test_the_page_is_in_the_language_of_the_settings(language: str, locale: str) -> None:
    with TestClient(built(BotSettings.model_validate({"language": language})), base_url=BASE) as one:
        page = one.get("/", headers={"accept-encoding": "br, gzip", "accept-language": "en-US"})
    assert re.findall(r'<html\s+lang="([^"]+)"', page.text) == [language]
    assert f'data-locales="{locale} ' in page.text
    assert page.text.index("/fs/page.js") < page.text.index("/assets/index-")
    assert int(page.headers["content-length"]) == len(page.content)


def test_the_page_names_no_other_machine_in_its_tags(client: TestClient) -> None:
    page = client.get("/").text
    tags = re.findall(r"<(?:meta|link|script|img|base)\b[^>]*>", page)
    assert not [tag for tag in tags if "://" in tag or tag.startswith("<base")]


def test_only_the_inline_scripts_of_the_page_may_run(client: TestClient) -> None:
    page = client.get("/")
    (policy,) = (part for part in directives(page.headers) if part.startswith("script-src"))
    inline = re.findall(r"<script(?![^>]* src=)[^>]*>(.*?)</script>", page.text, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in inline]
    assert policy.split() == ["script-src", "'self'", *(f"'sha256-{one}'" for one in hashes)]
    assert "unsafe-eval" not in page.headers["content-security-policy"]


def test_a_full_queue_is_said_in_norwegian() -> None:
    async def full(scope: object, receive: object, send: object) -> None:
        assert callable(send)
        await send({"type": "http.response.start", "status": 503, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"{}"})

    response = TestClient(Guard(full, WebSettings(), "nb"), base_url=BASE).post("/gradio_api/queue/join", json={})
    assert response.status_code == 429
    assert response.json() == {"detail": "Det er mange som spør akkurat nå. Vent litt, og prøv igjen."}


def test_an_answer_becomes_part_of_the_history() -> None:
    assistant = FakeAssistant()
    (*_, chat) = converse(assistant, Chat(), "Når?", "nb")
    (*_, chat) = converse(assistant, chat, "Og hvem?", "nb")
    said = [{"role": "user", "content": "Når?"}, {"role": "assistant", "content": "Svar på Når?"}]
    assert assistant.asked == [("Når?", []), ("Og hvem?", said)]
    assert [message["role"] for message in chat.messages] == ["user", "assistant"] * 2


def test_what_goes_on_is_said_before_the_answer() -> None:
    shown = [chat.messages[-1]["content"] for chat in converse(FakeAssistant(), Chat(), "Når?", "nb")]
    assert "Søker i kildene …" in shown[0]
    assert "Fant 3 utdrag" in shown[1]
    assert "Svar på Når" in shown[-1]


def test_an_expected_error_is_said_in_the_language_of_the_page() -> None:
    (*_, chat) = converse(FakeAssistant(IndexMissingError("index_missing")), Chat(), "Når?", "nb")
    assert "Indeksen er ikke bygget" in chat.messages[-1]["content"]
    assert chat.history == []


def test_an_unexpected_error_is_logged_without_the_question(caplog: pytest.LogCaptureFixture) -> None:
    question = "hemmelig 01017012345"
    error = ValueError(question)
    error.__cause__ = KeyError(question)
    with caplog.at_level(logging.DEBUG):
        (*_, chat) = converse(FakeAssistant(error), Chat(), question, "nb")
    assert "Noe gikk galt" in chat.messages[-1]["content"]
    assert "ValueError" in caplog.text and "Traceback" in caplog.text
    assert "hemmelig" not in caplog.text


def test_a_stopped_question_says_so_and_a_finished_answer_stays() -> None:
    searching = next(converse(FakeAssistant(), Chat(), "Når?", "nb"))
    assert "Du stoppet søket" in searching.stopped("nb").messages[-1]["content"]
    (*_, answered) = converse(FakeAssistant(), Chat(), "Når?", "nb")
    assert answered.stopped("nb") == answered
    assert Chat().stopped("nb") == Chat()


def test_a_long_conversation_forgets_its_beginning() -> None:
    chat = Chat()
    for number in range(MAX_EXCHANGES + 5):
        chat = chat.asked(str(number))
    assert len(chat.exchanges) == MAX_EXCHANGES
    assert chat.exchanges[-1].number == MAX_EXCHANGES + 5


def test_a_taken_port_is_found_out_before_anything_is_loaded(tmp_path: object) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = BotSettings.model_validate({"web": {"port": port}, "data": tmp_path})
        with pytest.raises(PortTakenError, match=str(port)):
            serve(settings)


def test_the_server_announces_itself_when_it_answers_and_stops_quietly(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assistant = FakeAssistant()
    monkeypatch.setattr("bot.web.server.Assistant", lambda settings: assistant)
    said: list[tuple[str, int]] = []
    servers: list[uvicorn.Server] = []
    original = uvicorn.Server.run

    def run(self: uvicorn.Server, sockets: list[socket.socket] | None = None) -> None:
        servers.append(self)
        original(self, sockets)

    monkeypatch.setattr(uvicorn.Server, "run", run)

    def announce(line: str) -> None:
        said.append((line, len(assistant.asked)))

    thread = threading.Thread(target=serve, args=(BotSettings(web=WebSettings(port=port)), announce), daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not said and time.monotonic() < deadline:
        time.sleep(0.05)
    assert said == [(f"Faktasvar er klar på http://127.0.0.1:{port}", 1)]
    assert httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).json() == {"status": "ok", "generation": "g"}
    # An open page holds a stream; a stop must end it, at once and without a word in the log.
    with httpx.stream("GET", f"http://127.0.0.1:{port}/gradio_api/heartbeat/abc", trust_env=False) as stream:
        lines = stream.iter_lines()
        next(lines)
        servers[0].should_exit = True
        list(lines)
    thread.join(10)
    assert not thread.is_alive()
    assert caplog.records == []
