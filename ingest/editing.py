"""The text of the catalogue with an entry more or less: comments, order and everything else stay as they are.

The file is a person's, so it is edited as text and not written anew from what was read; what comes out is read again, and
must be what went in, with that one entry more or less.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from datetime import date

from ingest.errors import AddError

Value = str | date

_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*source[ \t]*\]\][ \t]*(?:#.*)?\r?$", re.MULTILINE)


def with_entry(text: str, entry: Mapping[str, Value]) -> str:
    """Return a catalogue with an entry more, at its end.

    Args:
        text: Of the catalogue; may be empty.
        entry: Its keys and values, in the order in which they are to stand.

    Raises:
        AddError: If the catalogue is written in a way that can't be added to.
    """
    end = "\r\n" if "\r\n" in text else "\n"
    before = text.rstrip() + end * 2 if text.strip() else ""
    lines = ["[[source]]", *(f"{key} = {_written(value)}" for key, value in entry.items())]
    made = before + end.join(lines) + end
    return _proved(made, [*_entries(text), dict(entry)])


def without_entry(text: str, identifier: str) -> str:
    """Return a catalogue without an entry, and without the comment right above it.

    Raises:
        AddError: If there is no such entry, or the catalogue is written in a way that nothing can be taken out of.
    """
    entries = _entries(text)
    at = next((number for number, entry in enumerate(entries) if entry.get("id") == identifier), None)
    if at is None:
        raise AddError("add_no_source", source=identifier)
    starts = [_start_of(text, header.start()) for header in _HEADER.finditer(text)]
    if len(starts) != len(entries):
        raise AddError("add_cannot_edit")
    stop = starts[at + 1] if at + 1 < len(starts) else len(text)
    return _proved(text[: starts[at]] + text[stop:], entries[:at] + entries[at + 1 :])


def _start_of(text: str, header: int) -> int:
    """Return where an entry begins: at its header, or at the comment right above it."""
    start = header
    while start:
        line = text.rfind("\n", 0, start - 1) + 1
        if not text[line:start].lstrip().startswith("#"):
            break
        start = line
    return start


def _written(value: Value) -> str:
    if isinstance(value, date):
        return value.isoformat()
    # JSON's strings are TOML's, but for one sign that only TOML wants escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _entries(text: str) -> list[dict[str, object]]:
    entries: list[dict[str, object]] = tomllib.loads(text).get("source", [])
    return entries


def _proved(text: str, expected: list[dict[str, object]]) -> str:
    try:
        found = _entries(text)
    except tomllib.TOMLDecodeError as error:
        raise AddError("add_cannot_edit") from error
    if found != expected:
        raise AddError("add_cannot_edit")
    return text
