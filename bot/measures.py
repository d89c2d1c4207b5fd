"""Measures of answers against a gold file: what is right, what is found, what is quoted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.answers import MAX_ANSWER_CHARS, MAX_CITATIONS, Answer, Citation

QUOTE_COVER = 0.6
"""Share of a gold quote's words that the citations must hold."""

FOUND_COVER = 0.8
"""Share of a gold quote's words that a passage must hold to be the one sought."""

_SIGNS = str.maketrans(
    {"–": "-", "—": "-", "“": '"', "”": '"', "«": '"', "»": '"', "’": "'", "‘": "'", "\N{NO-BREAK SPACE}": " "}
)


@dataclass(frozen=True, slots=True)
class Judged:
    """One answer and what is right about it.

    Attributes:
        gold: The line of the gold file.
        answer: What was answered.
        right: Answered with a gold quote and all that the answer must hold; or rightly not answered.
        hits: At which ranks from 1 a gold quote's passage stands; empty for a question without an answer.
        verbatim: Of each citation, whether its quote stands at its place in the source.
        relevant: Of each citation of an answerable question, whether it is, or lies in, or holds a gold quote.
    """

    gold: Mapping[str, Any]
    answer: Answer
    right: bool
    hits: tuple[int, ...]
    verbatim: tuple[bool, ...]
    relevant: tuple[bool, ...]


def normalised(text: str) -> str:
    """Return a text with one kind of dash, quote and space, for comparing words."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text).translate(_SIGNS)).strip()


def cover(gold: str, text: str) -> float:
    """Return the share in [0, 1] of a gold quote's words that occur in a text."""
    wanted, present = _words(gold), set(_words(text))
    return sum(word in present for word in wanted) / len(wanted) if wanted else 0.0


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", normalised(text).lower())


def holds_all(groups: Sequence[Sequence[str]], text: str) -> bool:
    """Tell whether a text holds at least one form of each group, whatever the case."""
    low = normalised(text).lower()
    return all(any(normalised(form).lower() in low for form in group) for group in groups)


def judge(gold: Mapping[str, Any], answer: Answer, text_of: Callable[[str], str]) -> Judged:
    """Compare one answer with the gold file's line.

    Args:
        gold: `answerable`, `gold_quotes` and `must_contain` are read.
        answer: What was answered.
        text_of: Returns a source's text by its id.
    """
    quotes: list[str] = gold["gold_quotes"]
    verbatim = tuple(_stands(citation, text_of) for citation in answer.citations)
    if not gold["answerable"]:
        return Judged(gold, answer, not answer.answered, (), verbatim, ())
    joined = "\n".join(citation.quote for citation in answer.citations)
    right = (
        answer.answered
        and 0 < len(answer.citations) <= MAX_CITATIONS
        and len(answer.answer) <= MAX_ANSWER_CHARS
        and any(cover(quote, joined) >= QUOTE_COVER for quote in quotes)
        and holds_all(gold["must_contain"], f"{answer.answer}\n{joined}")
    )
    hits = tuple(
        rank
        for rank, passage in enumerate(answer.retrieved, start=1)
        if any(cover(quote, passage.text) >= FOUND_COVER for quote in quotes)
    )
    relevant = tuple(
        any(max(cover(quote, citation.quote), cover(citation.quote, quote)) >= QUOTE_COVER for quote in quotes)
        for citation in answer.citations
    )
    return Judged(gold, answer, right, hits, verbatim, relevant)


def _stands(citation: Citation, text_of: Callable[[str], str]) -> bool:
    return text_of(citation.source)[citation.start : citation.end] == citation.quote


def measures(judged: Sequence[Judged]) -> dict[str, float | None]:
    """Return every measure as a share in [0, 1]; None where nothing can be measured.

    `trust` is the share of all questions answered right or rightly not answered; `hit@k` the share of answerable ones
    with a gold quote's passage among the first k; `verbatim` and `cited_relevant` are shares of citations; `shows_both` is
    the share of the questions about what has changed whose answer shows what was and what is.
    """
    answerable = [one for one in judged if one.gold["answerable"]]
    return {
        "answered_right": share(one.right for one in answerable),
        "abstained_right": share(one.right for one in judged if not one.gold["answerable"]),
        "trust": share(one.right for one in judged),
        **{f"hit@{k}": share(any(rank <= k for rank in one.hits) for one in answerable) for k in (1, 3, 10)},
        "verbatim": share(stands for one in judged for stands in one.verbatim),
        "cited_relevant": share(relevant for one in answerable for relevant in one.relevant),
        "shows_both": share(_shows_both(one) for one in judged if one.gold.get("must_show_both")),
    }


def _shows_both(one: Judged) -> bool:
    notes = [text for note in one.answer.notes for text in (note.text, note.citation.quote if note.citation else "")]
    seen = "\n".join([one.answer.answer, *(citation.quote for citation in one.answer.citations), *notes])
    return one.answer.answered and holds_all(one.gold["must_show_both"], seen)


def share(values: Iterable[bool]) -> float | None:
    """Return the share of true values, to four places; None of none."""
    kept = list(values)
    return round(sum(kept) / len(kept), 4) if kept else None
