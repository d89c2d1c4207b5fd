"""The command `tesseract`, where it is installed: a picture becomes words with their places and confidences."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

from ingest.reading.ocr.rendering import Picture

COMMAND = "tesseract"
NEEDED, WELCOME = "nor", ("eng",)
"""Languages that recognition needs, and those that it uses beside it where they are installed."""

PAGE_SECONDS = 30
"""Computing time of a page. Source: docs/evaluation.md, «Scanned pages»: the noisiest page took 8 s."""

WAITING = 4
"""How many times that a page may take by the clock, on a machine that does other things too."""

MEMORY = 700_000_000
"""Address space of the program, in bytes. Source: docs/evaluation.md, «Scanned pages»."""


class TesseractError(Exception):
    """Tesseract did not manage a page; never shown: the page is named in a warning."""


@dataclass(frozen=True, slots=True)
class Tesseract:
    """The program as it is installed.

    Attributes:
        path: Whole path of the program.
        version: Of it.
        languages: What it is to recognise, as its option `-l` has it.
    """

    path: str
    version: str
    languages: str

    @property
    def name(self) -> str:
        """What recognised a page, for `Document.reader`."""
        return f"tesseract {self.version} ({self.languages})"

    def words(self, picture: Picture) -> str:
        """Return the words of a page as a table, tab-separated; `pieces.parse` reads it.

        Raises:
            TesseractError: If it fails or takes too long.
        """
        dots = round(picture.scale * 72)
        command = [self.path, "stdin", "stdout", "-l", self.languages, "--dpi", str(max(dots, 70)), "tsv"]
        return _run(command, picture.pnm())


def program() -> str | None:
    """Return the whole path of the program, or None if it is not installed."""
    found = shutil.which(COMMAND)
    return os.path.abspath(found) if found else None


def find() -> tuple[Tesseract | None, str]:
    """Return the program if it can be used; else None, and what is missing as its package is called."""
    path = program()
    if path is None:
        return None, "tesseract-ocr"
    languages = _said(path, "--list-langs").split()
    if NEEDED not in languages:
        return None, "tesseract-ocr-nor"
    version = re.search(r"tesseract v?([\d.]+\d)", _said(path, "--version"))
    used = "+".join([NEEDED, *(one for one in WELCOME if one in languages)])
    return Tesseract(path, version[1] if version else "?", used), ""


def _said(path: str, option: str) -> str:
    try:
        return _run([path, option], b"")
    except TesseractError:
        return ""


def _run(command: list[str], given: bytes) -> str:
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    try:
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nothing, preexec_fn=_limits()) as process:
            try:
                said, _ = process.communicate(given, timeout=WAITING * PAGE_SECONDS)
            finally:
                process.kill()
    except (OSError, subprocess.SubprocessError) as error:
        raise TesseractError(type(error).__name__) from error
    if process.returncode != 0:
        raise TesseractError(f"exit code {process.returncode}")
    return said.decode("utf-8", "replace")


def _limits() -> Callable[[], None] | None:
    """Return what limits the program before it starts. It also dies with this process, which may be killed at any time."""
    if sys.platform == "win32":
        return None
    import resource

    from ingest.reading.child.sandbox import die_with_parent

    def limit() -> None:
        die_with_parent()
        wanted = {resource.RLIMIT_CPU: PAGE_SECONDS, resource.RLIMIT_CORE: 0, resource.RLIMIT_AS: MEMORY}
        for kind, most in wanted.items():
            hard = resource.getrlimit(kind)[1]
            lowest = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (lowest, lowest))

    return limit
