"""One child process as the parent sees it: told a file, it gives a document or an error, and never more than that."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

from ingest.documents import Document
from ingest.errors import DocumentError, ReadingStoppedError
from ingest.reading.child.answers import MAX_ANSWER, GarbledError, Message, parse
from ingest.reading.child.budget import allowed
from ingest.settings import ReadingSettings

START_SECONDS = 60
"""Longest time for a child to start. Source: 0.4 s were measured, and 5 s on a machine that was busy with something else."""

_ROOT = Path(__file__).resolve().parents[3]
# -I keeps the user's own packages and variables out, so the package's folder is named; -B since it may write nothing.
_COMMAND = (sys.executable, "-I", "-B", "-X", "utf8", "-c")
_CODE = "import sys; sys.path.insert(0, sys.argv.pop(1)); from ingest.reading.child.loop import main; main()"
_KEPT = ("PATH", "LANG", "LC_ALL", "TESSDATA_PREFIX")
"""Variables that the child gets; what else stands in the environment is no business of a file's reader."""


class _SlowError(Exception):
    """The time is up."""


class _EndedError(Exception):
    """The process ended without an answer; the argument is its exit code, or of a signal, its number below zero."""


class Worker:
    """A child process that has files read, one at a time; not for two threads at once, save `kill`."""

    def __init__(self, settings: ReadingSettings) -> None:
        """Start the child without waiting for it."""
        self._settings = settings
        self._heard = bytearray()
        self._ready = False
        limits = json.dumps({name: getattr(settings, name) for name in ("seconds", "megabytes", "pages", "recognise")})
        self._process = subprocess.Popen(
            [*_COMMAND, _CODE, str(_ROOT), limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _KEPT if name in os.environ} | {"OMP_THREAD_LIMIT": "1"},
            cwd="/",
            start_new_session=True,  # A group of its own, so that what it has started is killed with it.
            bufsize=0,
        )

    @property
    def pid(self) -> int:
        """Of the child, and of its process group."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can be told another file."""
        return self._process.poll() is None

    def read(self, path: Path) -> Document:
        """Have one file read.

        Raises:
            DocumentError: Whatever goes wrong. The child is dead then if it was at fault, and not only the file.
        """
        try:
            message = self._answer(path)
        except GarbledError as error:
            self.kill()
            raise ReadingStoppedError("document_garbled", file=path.name) from error
        except _SlowError as error:
            self.kill()
            raise self._slow(path) from error
        except _EndedError as error:
            raise self._died(int(error.args[0]), path) from error
        except OSError as error:
            self.kill()
            raise ReadingStoppedError("document_gone", file=path.name, code=error.errno or 0) from error
        if message.document is not None:
            return message.document
        if message.error is not None:
            raise message.error.error()
        raise self._failed(message, path)

    def kill(self) -> None:
        """End the child and what it has started."""
        if self._process.returncode is None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass  # All gone already; macOS says the second.
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End the child and let go of its pipes."""
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _answer(self, path: Path) -> Message:
        if not self._ready:
            self._ready = self._next(time.monotonic() + START_SECONDS).ready
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(str(path.absolute())).encode() + b"\n")
        began, read, recognised = time.monotonic(), 0, 0
        answer: Message | None = None
        while True:
            message = self._next(began + allowed(self._settings.seconds, read, recognised))
            if message.ended is not None:
                if answer is None:
                    raise _EndedError(message.ended)
                return answer
            if message.read is not None or message.recognised is not None:
                # A process that was taken over can't buy itself more time than a document of the most pages may take.
                read = min(max(read, message.read or 0), self._settings.pages)
                recognised = min(max(recognised, message.recognised or 0), self._settings.pages)
            else:
                answer = _only(answer, message)

    def _next(self, until: float) -> Message:
        """Return the next line.

        Raises:
            _SlowError: If there is none in time.
            _EndedError: If there will be none.
            GarbledError: If it is none of a child's.
        """
        assert self._process.stdout is not None
        source = self._process.stdout.fileno()
        poll = select.poll()  # Not select(), which can't wait for a file with a number above 1023.
        poll.register(source, select.POLLIN)
        end = self._heard.find(b"\n")
        while end < 0:
            left = until - time.monotonic()
            if left <= 0 or not poll.poll(left * 1000):
                raise _SlowError
            heard = os.read(source, 1 << 20)
            if not heard:
                raise _EndedError(self._exit_code())
            at = heard.find(b"\n")
            end = len(self._heard) + at if at >= 0 else -1
            self._heard += heard
            if len(self._heard) > MAX_ANSWER:
                raise GarbledError("too long")
        line = bytes(self._heard[:end])
        del self._heard[: end + 1]
        return parse(line)

    def _exit_code(self) -> int:
        try:
            return self._process.wait(timeout=1)
        except subprocess.TimeoutExpired as error:
            raise GarbledError("output closed") from error

    def _slow(self, path: Path) -> DocumentError:
        return ReadingStoppedError("document_slow", file=path.name, seconds=f"{self._settings.seconds:g}")

    def _died(self, code: int, path: Path) -> DocumentError:
        if code >= 0:
            return ReadingStoppedError("document_gone", file=path.name, code=code)
        if -code == signal.SIGXCPU:
            return self._slow(path)
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = str(-code)
        return ReadingStoppedError("document_killed", file=path.name, signal=name)

    def _failed(self, message: Message, path: Path) -> DocumentError:
        match message.failed:
            case "memory":
                return ReadingStoppedError("document_memory", file=path.name, megabytes=self._settings.megabytes)
            case "nested":
                return ReadingStoppedError("document_nested", file=path.name)
        return ReadingStoppedError("document_reader_failed", file=path.name, reason=message.reason)


def _only(before: Message | None, answer: Message) -> Message:
    """Return the answer if it is one and the only one."""
    if before is not None or [answer.document, answer.error, answer.failed].count(None) != 2:
        raise GarbledError("not one answer")
    if answer.error is not None:
        answer.error.error()
    return answer
