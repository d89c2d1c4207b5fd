"""Texts that no one has annotated: read out of files and archives, and cut into passages."""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import Any

from ingest.passages import Passage
from training.data import Annotated, cut

KEY_CHARS = 60
"""A line is known again by so many of its first characters; shorter lines are headings, not statements."""

_MARKUP = re.compile(r"[#*|>\[]|---|[a-zæøå-]+: \S")
"""How a heading, an emphasised note, a table, a quotation or a line of front matter begins."""


def read_texts(path: Path) -> Iterator[str]:
    """Yield the texts of a file or folder: JSON lines, `.tar.xz` of text files, or plain text."""
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.is_file():
                yield from read_texts(file)
    elif path.name.endswith(".tar.xz"):
        with tarfile.open(path) as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isfile() else None
                if content is not None:
                    yield content.read().decode("utf-8")
    elif path.suffix == ".jsonl":
        for line in path.read_text(encoding="utf-8").splitlines():
            yield from _strings(json.loads(line))
    else:
        yield path.read_text(encoding="utf-8")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


def lines_apart(annotated: Iterable[Annotated]) -> frozenset[str]:
    """Return how the longer lines begin of the passages that nothing may be trained on."""
    lines = (line.strip() for one in annotated if one.side != "train" for line in one.text.splitlines())
    return frozenset(line[:KEY_CHARS] for line in lines if len(line) >= KEY_CHARS)


def plain_passages(texts: Iterable[str], kept_apart: Container[str]) -> Iterator[Passage]:
    """Yield the passages of texts, without headings and the marks of Markdown.

    Args:
        texts: Plain text or Markdown.
        kept_apart: A text with a line that begins so (`lines_apart`) is left out whole: it is for the figures.
    """
    for number, text in enumerate(texts):
        lines = [line.strip() for line in text.splitlines()]
        if not any(line[:KEY_CHARS] in kept_apart for line in lines if len(line) >= KEY_CHARS):
            plain = "\n".join(line for line in lines if line and not _MARKUP.match(line))
            yield from cut(f"text:{number}", (), plain)
