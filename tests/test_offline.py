"""Nothing leaves the machine: neither an ingest, nor a question, nor the web page asks any other machine for anything."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.settings import BotSettings

REPOSITORY = Path(__file__).resolve().parents[1]

OFFLINE_SWITCHES = frozenset(
    "ANONYMIZED_TELEMETRY DO_NOT_TRACK GRADIO_ANALYTICS_ENABLED GRADIO_RUN_HISTORY HF_HUB_DISABLE_TELEMETRY HF_HUB_OFFLINE "
    "LANGCHAIN_TRACING_V2 LANGSMITH_TRACING TRANSFORMERS_OFFLINE".split()
)
"""What the session has set already; the process under test has to set it itself."""

_GUARD = """
import sys
sys.path.insert(0, sys.argv[1])
calls, heard = [], 0

def watch(event, arguments):
    global heard
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else "unix"
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = arguments[0]
    elif event == "subprocess.Popen" and list(arguments[1][1:3]) == ["-I", "-B"]:
        return  # What reads a document; that it can open no socket is held by test_reading_child.
    elif event == "subprocess.Popen":
        host = f"process {arguments[0]}"
    else:
        return
    heard += 1
    if str(host) not in ("127.0.0.1", "::1", "localhost", "unix", "None", "0.0.0.0"):
        calls.append(f"{event} {host}")
        raise OSError(f"not allowed: {event} {host}")

sys.addaudithook(watch)
"""

_PROVE = """
import socket
for attempt in (socket.create_connection, socket.socket().connect):
    try:
        attempt(("192.0.2.1" if attempt is not socket.create_connection else "example.org", 80))
    except OSError:
        pass
print(calls)
"""

_INGEST = """
from ingest.cli import main
print(main(["--rebuild"]), "torch" in sys.modules, calls)
"""

_ASK = """
from bot.cli import main
print(main(["ask", "Når må kommunen signere tjenesteavtalen?"]), main(["doctor"]), calls)
"""

_SERVE = """
from bot.service import Assistant
from bot.settings import BotSettings
from bot.web.server import build_app
import asyncio
from fastapi import FastAPI

async def build():
    settings = BotSettings.load()
    return build_app(settings, Assistant(settings))

app = asyncio.run(build())
print(isinstance(app, FastAPI), calls)
"""


@pytest.fixture
def own(settings: BotSettings, tmp_path: Path) -> dict[str, str]:
    """Return the environment of a process with a data folder of its own, and with everything switched on that calls out."""
    data = tmp_path / "data"
    data.mkdir()
    shutil.copytree(settings.data / "index", data / "index")
    shutil.copytree(settings.data / "cache", data / "cache")
    with closing(sqlite3.connect(data / "cache" / "vectors.sqlite")) as cache, cache:
        # A few texts have no vector any more, so that an ingest has to load the model.
        assert cache.execute("DELETE FROM vectors WHERE rowid % 40 = 0").rowcount > 2
    kept = {name: value for name, value in os.environ.items() if name not in OFFLINE_SWITCHES}
    return kept | {
        "FAKTASVAR_CORPUS": str(settings.corpus),
        "FAKTASVAR_DATA": str(data),
        "HF_HUB_OFFLINE": "0",
        "LANGCHAIN_TRACING_V2": "true",
        "LANGSMITH_API_KEY": "x",
        "LANGSMITH_TRACING": "true",
        "PYTHONIOENCODING": "utf-8",
    }


def run(code: str, environment: dict[str, str], folder: Path) -> str:
    """Run code under the guard in another process and return its last line."""
    command = [sys.executable, "-c", _GUARD + code, str(REPOSITORY)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_the_guard_sees_what_leaves(own: dict[str, str], tmp_path: Path) -> None:
    assert run(_PROVE, own, tmp_path) == "['socket.getaddrinfo example.org', 'socket.connect 192.0.2.1']"


def test_an_ingest_asks_no_other_machine(own: dict[str, str], tmp_path: Path) -> None:
    assert run(_INGEST, own, tmp_path) == "0 True []"


def test_a_question_and_the_doctor_ask_no_other_machine(own: dict[str, str], tmp_path: Path) -> None:
    assert run(_ASK, own, tmp_path) == "0 0 []"


def test_the_web_page_asks_no_other_machine(own: dict[str, str], tmp_path: Path) -> None:
    assert run(_SERVE, own, tmp_path) == "True []"
