"""The child: waits for files and forks for each, so that no file can leave anything behind for the next.

To start Python and the libraries takes a hundred times as long as to read a small file; to fork takes some milliseconds.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ingest.errors import DocumentError
from ingest.reading import read_document
from ingest.reading.child.budget import allowed
from ingest.reading.child.sandbox import die_with_parent, hold_to, limit_time, refuse
from ingest.reading.child.wire import line, of_document, of_error
from ingest.reading.ocr.tesseract import program
from ingest.reading.source import Watch

Send = Callable[[bytes], None]

_OUT_OF_MEMORY = line({"failed": "memory"})
_PAGES_A_MESSAGE = 20
"""Pages after which the parent hears of them: often enough for the time limit, seldom enough to cost nothing."""


def main() -> None:
    """Take the settings as the only argument, and the files from standard input."""
    settings = json.loads(sys.argv[1])
    answers = os.dup(1)
    os.dup2(2, 1)  # Whatever prints must not be taken for an answer.
    die_with_parent()
    tesseract = program()

    def send(data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[os.write(answers, left) :]

    send(line({"ready": True}))
    for request in sys.stdin.buffer:
        process = os.fork()
        if process == 0:
            try:
                _shut_in(settings["megabytes"], tesseract)
                send(answer(Path(json.loads(request)), settings, send))
            finally:
                os._exit(0)
        status = os.waitpid(process, 0)[1]
        send(line({"ended": os.waitstatus_to_exitcode(status)}))


def _shut_in(megabytes: int, tesseract: str | None) -> None:
    die_with_parent()
    hold_to(megabytes)
    refuse([tesseract] if tesseract else [])


def answer(path: Path, settings: dict[str, Any], send: Send) -> bytes:
    """Read one file and return what is to be said of it."""
    try:
        document = read_document(path, _watch(settings, send))
        return line({"document": of_document(document)})
    except DocumentError as error:
        return line({"error": of_error(error)})
    except MemoryError:
        return _OUT_OF_MEMORY
    except RecursionError:
        return line({"failed": "nested"})
    except Exception as error:  # A reader's own fault must be said as one, and cost one document.
        return line({"failed": "crash", "reason": f"{type(error).__name__}: {error}"[:200]})


def _watch(settings: dict[str, Any], send: Send) -> Watch:
    done = {"read": 0, "recognised": 0}

    def tell(what: str, pages: int) -> None:
        done[what] = pages
        limit_time(allowed(settings["seconds"], **done))
        if what == "recognised" or pages % _PAGES_A_MESSAGE == 0:
            send(line({what: pages}))

    limit_time(allowed(settings["seconds"], **done))
    return Watch(
        pages=settings["pages"],
        recognise=settings["recognise"],
        read=lambda pages: tell("read", pages),
        recognised=lambda pages: tell("recognised", pages),
    )
