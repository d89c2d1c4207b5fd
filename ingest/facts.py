"""What the catalogue is to say of a document: what a person says of it, what it says of itself, and what is then missing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date

from ingest.documents import Document
from ingest.errors import AddError
from ingest.language import language_of
from ingest.ranks import KINDS
from ingest.texts import Language, say

Ask = Callable[[str], str]
"""Shows a question and returns the answer; raises EOFError when there are no more."""

_SAMPLE = 20_000
"""Characters of the text by which its language is told."""

_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "å": "a", "ß": "ss", "đ": "d", "ŋ": "n", "ŧ": "t"})


@dataclass(frozen=True, slots=True)
class Facts:
    """What is said of a document; empty for what is not known.

    Attributes:
        id: As in the catalogue, like the others.
    """

    id: str = ""
    title: str = ""
    publisher: str = ""
    kind: str = ""
    dated: str = ""
    language: str = ""
    licence: str = ""
    url: str = ""


MUST = ("title", "publisher", "kind", "dated", "language", "licence")
"""What must be known, in the order in which it is asked for."""


def facts_of(document: Document, given: Facts) -> Facts:
    """Return what is known of a document: what is given first, then what it says itself, then what its text tells."""
    about = document.about
    dated = about.updated or about.published
    said = Facts(
        title=" ".join(about.title.split()),
        publisher=" ".join(about.publisher.split()),
        dated=dated.isoformat() if dated else "",
        # Only where it must be: to tell bokmål from nynorsk may need a dictionary, which takes seconds to load.
        language=given.language or about.language or language_of(document.text[:_SAMPLE]),
        url=about.url if about.url.startswith(("http://", "https://")) else "",
    )
    names = [field.name for field in fields(Facts)]
    return Facts(**{name: getattr(given, name) or getattr(said, name) for name in names})


def complete(facts: Facts, name: str, taken: Collection[str], ask: Ask | None, language: Language) -> Facts:
    """Return facts with nothing missing.

    Args:
        facts: What is known.
        name: Of the file, without its suffix: the title, where there is none.
        taken: Ids that are used already.
        ask: Asks a person; None where there is none to ask.
        language: Of the questions.

    Raises:
        AddError: If something is missing and no one can be asked, or no one answers.
    """
    missing = [key for key in MUST if not getattr(facts, key)]
    if ask is None:
        needed = [f"--{key}" for key in missing if key != "title"]
        if needed:
            raise AddError("add_missing", options=" ".join(needed))
    else:
        facts = replace(facts, **{key: _answer(key, name, ask, language) for key in missing})
    facts = replace(facts, title=facts.title or name)
    return replace(facts, id=facts.id or unique(slug(facts.title), taken))


def _answer(key: str, name: str, ask: Ask, language: Language) -> str:
    question = say("ingest", f"ask.{key}", language, **({"name": name} if key == "title" else {}))
    if key == "kind":
        question += f" ({', '.join(KINDS)})"
    try:
        while True:
            answer = ask(f"{question}: ").strip() or (name if key == "title" else "")
            if _CHECKS.get(key, bool)(answer):
                return answer
    except EOFError as error:
        raise AddError("add_missing", options=f"--{key}") from error


def _is_date(answer: str) -> bool:
    try:
        date.fromisoformat(answer)
    except ValueError:
        return False
    return True


_CHECKS: Mapping[str, Callable[[str], bool]] = {
    "kind": lambda answer: answer in KINDS,
    "dated": _is_date,
    "language": lambda answer: answer in ("nb", "nn", "en"),
}


def slug(text: str, longest: int = 60) -> str:
    """Return a short name that can be an id and a file name everywhere: a–z, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS)).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    short = words if len(words) <= longest else words[: longest + 1].rpartition("-")[0] or words[:longest]
    return short.strip("-") or "dokument"


def unique(name: str, taken: Collection[str]) -> str:
    """Return a name that is not taken: the name itself, or the name with a number after it, from 2."""
    number = 1
    while (tried := name if number == 1 else f"{name}-{number}") in taken:
        number += 1
    return tried
