"""What a child says, checked: the parent's half of `wire`. The file may have taken the child over, so nothing is believed."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from ingest import errors
from ingest.documents import Block, Document
from ingest.errors import DocumentError
from ingest.reading.source import MAX_CHARACTERS
from ingest.texts import LANGUAGES

MAX_ANSWER = 64_000_000
"""Bytes of one message. Source: `MAX_CHARACTERS` of up to four bytes each, as much again for pages, links and names, and
some room."""

Failed = Literal["memory", "nested", "crash"]
_ERRORS = {
    name: one for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, DocumentError)
}  # fmt: skip


class GarbledError(Exception):
    """A child said what can't be used; never shown: `worker` says it of the file."""


class Said(BaseModel):
    """An error of the child's.

    Attributes:
        type: Name of its class.
        key: Of its text.
        values: What the text is filled in with.
    """

    model_config = ConfigDict(strict=True, extra="forbid")

    type: str
    key: str
    values: dict[str, str | int | float]

    def error(self) -> DocumentError:
        """Return the error itself.

        Raises:
            GarbledError: If there is no such error, or its text can't be filled in.
        """
        kind = _ERRORS.get(self.type)
        if kind is None or not self.key.startswith("document_"):
            raise GarbledError(self.type)
        values = {name: _shown(value) for name, value in self.values.items()}
        try:
            made = kind(self.key, **values)  # The key and the values are another error's, looked up there.
            for language in LANGUAGES:
                made.say(language)
        except (LookupError, ValueError, TypeError, AttributeError) as error:
            raise GarbledError(self.key) from error
        return made


class Message(BaseModel):
    """One line of a child's; only what it is about is set.

    Attributes:
        ready: It has started.
        read: Pages read so far.
        recognised: Pages that recognition has been begun on.
        document: What it made of the file.
        error: Why the file can't be used.
        failed: How the reading broke down.
        reason: Of a crash, what Python says.
        ended: Exit code of the process that read the file; of a signal, its number below zero.
    """

    model_config = ConfigDict(strict=True, extra="forbid")

    ready: bool = False
    read: int | None = None
    recognised: int | None = None
    document: Document | None = None
    error: Said | None = None
    failed: Failed | None = None
    reason: str = ""
    ended: int | None = None


_MESSAGE = TypeAdapter(Message)


def parse(line: bytes) -> Message:
    """Return a message.

    Raises:
        GarbledError: If it is none, or its document can't be one.
    """
    try:
        message = _MESSAGE.validate_json(line)
    except (ValidationError, RecursionError) as error:
        raise GarbledError(type(error).__name__) from error
    if message.document is not None:
        _check(message.document)
    message.reason = str(_shown(message.reason))
    return message


def _check(document: Document) -> None:
    if sum(len(block.text) for block in document.blocks) > MAX_CHARACTERS:
        raise GarbledError("more text than is allowed")
    if not any(block.text for block in document.blocks):
        raise GarbledError("no text")
    pages = document.page_count
    for block in document.blocks:
        _check_block(block, pages)
    for page, confidence in document.recognised.items():
        if pages is None or not 1 <= page <= pages or not 0 <= confidence <= 1:
            raise GarbledError("pages that are not there")


def _check_block(block: Block, pages: int | None) -> None:
    size = len(block.text)
    offsets = [start.offset for start in block.pages]
    if block.pages and (offsets[0] != 0 or offsets[-1] > size or any(after < before for before, after in pairwise(offsets))):
        raise GarbledError("pages out of order")
    if any(pages is None or not 1 <= start.page <= pages for start in block.pages):
        raise GarbledError("pages that are not there")
    if block.origin is not None:
        raise GarbledError("an origin, which only a note has")
    if any(not 0 <= link.start <= link.end <= size for link in block.links) or block.level < 0:
        raise GarbledError("links or levels that can't be")


def _shown(value: str | int | float) -> str | int | float:
    """Take away what would act on a terminal instead of being shown: a file may have put it into a message."""
    return (
        "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in value)
        if isinstance(value, str)
        else value
    )
