"""Norwegian text as search terms: lemmas of both forms, and the parts of compounds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, get_args

from simplemma import is_known, lemmatize

from ingest.language.words import PARTICLES, STOP_WORDS

Form = Literal["nb", "nn"]
FORMS: tuple[Form, ...] = get_args(Form)

_TOKEN = re.compile(r"[^\W_]+(?:[-.,:/]?[^\W_]+)*")
_SHORTEST_PART = 4
_SHORTEST_COMPOUND = 8
_MEAN_PART = 5
_NOUN_ENDINGS = {"else": "e", "ing": "e", "sjon": "ere"}
_CACHE_WORDS = 100_000
"""Distinct words kept with their terms; a guess at what a municipality's corpus holds, not measured."""


def tokens(text: str) -> Iterator[str]:
    """Yield the words and numbers of a text in lower case, in order; hyphens and stops inside a word stay."""
    for match in _TOKEN.finditer(unicodedata.normalize("NFKC", text)):
        yield match[0].lower()


def terms(text: str) -> list[str]:
    """Return the search terms of a text, in order, function words left out.

    Each word gives its lemmas, the verb that it is made of, and the lemmas of its compound parts: «tjenesteavtalen» gives
    tjenesteavtale, tjeneste, avtale, «begrunnelsen» gives begrunnelse, begrunne.
    """
    return [term for token in tokens(text) if token not in STOP_WORDS for term in word_terms(token)]


@lru_cache(maxsize=_CACHE_WORDS)
def word_terms(word: str) -> tuple[str, ...]:
    """Return the terms of one word in lower case: its lemmas, the verb it is made of, its parts' lemmas; each once."""
    if word.isalpha():
        parts = compound_parts(word)
    else:
        parts = tuple(piece for piece in re.split(r"[-/]", word) if piece.isalpha() and len(piece) > 1)
    return tuple(dict.fromkeys([*lemmas(word), *_verbs(word), *(term for part in parts for term in lemmas(part))]))


def _verbs(word: str) -> Iterator[str]:
    """Yield the infinitives that a noun is made of: «begrunnelse» of begrunne, «integrasjon» of integrere."""
    for lemma in lemmas(word):
        for ending, infinitive in _NOUN_ENDINGS.items():
            verb = lemma.removesuffix(ending) + infinitive
            if lemma.endswith(ending) and is_known(verb, "nb"):
                yield verb


@lru_cache(maxsize=_CACHE_WORDS)
def lemmas(word: str) -> tuple[str, ...]:
    """Return the base forms that a word in lower case may be of, in bokmål and nynorsk, the likeliest first.

    A form of «-er» or «-ar» may be a noun or a verb («eier», «leder»); the lists know only one of them, so the
    infinitive is added where it is a word: «Hvem eier …?» is answered by «… eies av».
    """
    found = [lemmatize(word, lang=form).lower() for form in FORMS if known_in(form, word)]
    found = found or [lemmatize(word, lang="nb").lower()]
    if word.endswith(("er", "ar")) and word in found and is_known(word[:-2] + "e", "nb"):
        found.append(word[:-2] + "e")
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=_CACHE_WORDS)
def compound_parts(word: str) -> tuple[str, ...]:
    """Split a compound into words that the lemma lists know, with «s» or «e» between them; () if it is not one.

    The split with the fewest parts wins, then the one whose last part, the head, is longest. A split into many short
    words is chance («leve-rand-øren»): the parts must have five letters on average.
    """
    if len(word) < _SHORTEST_COMPOUND:
        return ()
    best: tuple[str, ...] = ()
    for at in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
        head = word[:at]
        if not _is_part(head):
            continue
        for joint in ("", "s", "e"):
            rest = word[at + len(joint) :] if word[at:].startswith(joint) else ""
            if len(rest) < _SHORTEST_PART:
                continue
            tail = (rest,) if _is_part(rest) else compound_parts(rest)
            candidate = (head, *tail)
            long_enough = sum(map(len, candidate)) >= _MEAN_PART * len(candidate)
            if tail and long_enough and (not best or (len(candidate), -len(candidate[-1])) < (len(best), -len(best[-1]))):
                best = candidate
    return best


def known_in(form: Form, word: str) -> bool:
    """Tell whether the list of a language form knows a word in lower case, in any inflection."""
    return bool(is_known(word, form))


def _is_part(word: str) -> bool:
    return word not in PARTICLES and any(known_in(form, word) for form in FORMS)
