"""What documents say of themselves, made fit for the catalogue: titles, publishers and languages as people write them."""

from __future__ import annotations

import re

from ingest.reading.words import clean

MAX_TITLE = 300
"""Characters of a title. Source: the longest title of an act among Norway's laws in force has 240."""

_LANGUAGES = {"nb": "nb", "no": "nb", "nn": "nn", "en": "en", "nob": "nb", "nno": "nn", "nor": "nb", "eng": "en"}
_NO_TITLE = re.compile(
    r"(?:microsoft \w+ - |dokument\s?\d*$|document\s?\d*$|word document$|untitled|uten navn|utan namn|powerpoint"
    r"|lysbilde \d+$|slide \d+$|presentasjon\d*$|presentation\d*$|mal\b|template\b|ny side$"
    r"|.*\.(?:docx?|docm|dotx?|odt|pptx?|pdf|rtf|xlsx?|indd)$)",
    re.IGNORECASE,
)
_BODY = re.compile(
    r"kommune|fylke|departement|direktorat|tilsyn|etaten?\b|foretak|sykehus|sjukehus|helseplattform|universitet|høgskole"
    r"|statsforvalter|\bKS\b|\bAS\b|\bIKS\b|\bHF\b|stortinget|regjeringen|forbund|råd\b|forening",
    re.IGNORECASE,
)


def title_of(text: str) -> str:
    """Return a title on one line, or "" for what programs write where nobody gave one: «Microsoft Word - Dokument1»."""
    title = clean(text).strip()
    return "" if not title or len(title) > MAX_TITLE or _NO_TITLE.match(title) else title


def publisher_of(*names: str) -> str:
    """Return the first name that is a body's rather than a person's, or ""."""
    return next((found for name in names if (found := clean(name).strip()) and _BODY.search(found)), "")


def language_code(text: str) -> str:
    """Return `nb`, `nn` or `en` for a language tag («no», «nn-NO», «en_GB»), or ""; Norwegian of no form is bokmål."""
    return _LANGUAGES.get(re.split(r"[-_,; ]", text.strip().lower())[0], "")
