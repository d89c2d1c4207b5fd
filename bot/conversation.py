"""A question in a conversation becomes one that stands alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.answers import Turn
from ingest.language import sentence_spans, tokens
from ingest.language.words import STOP_WORDS

_OPENS_FOLLOW_UP = re.compile(
    r"^\W*(?:og|men|enn|hva med|kva med|hva da|kva då|hvorfor ikke|så|and|but|what about|how about|then)\b", re.I
)
_REFERS_BACK = re.compile(
    r"\b(?:den|det|de|dem|dei|der|dit|han|hun|ho|dette|denne|disse|desse|slik|slikt|it|they|them|that|those|there|he|she)\b",
    re.I,
)
_FEW_WORDS = 4
"""A question that refers back has few words of its own; a longer one says itself what it is about."""

_STATED_WORDS = 2
"""Fewer words than these, without those of every text, state nothing that can be looked up: «Hei. Når starter vi?»."""


def stand_alone(question: str, history: Sequence[Turn]) -> str:
    """Return the question with what it needs of the conversation before it.

    A follow-up («Og hovedprosjektet?», «Hvem tok initiativ til den?») is put after the user's last question that stood
    alone; any other question stays as it is.

    Args:
        question: As it was asked.
        history: The turns before it, oldest first.
    """
    asked = [turn["content"].strip() for turn in history if turn["role"] == "user" and turn["content"].strip()]
    if not asked or not is_follow_up(question):
        return question
    start = len(asked) - 1
    while start > 0 and is_follow_up(asked[start]):
        start -= 1
    # The topic's own question and the last one: between them may lie questions about something that was left again.
    before = dict.fromkeys([asked[start], asked[-1]])
    return " ".join([*before, question])


def is_follow_up(question: str) -> bool:
    """Tell whether a question leans on the one before it."""
    if _OPENS_FOLLOW_UP.search(question):
        return True
    own = [word for word in tokens(question) if word not in STOP_WORDS]
    return len(own) <= _FEW_WORDS and bool(_REFERS_BACK.search(question))


def premise(question: str) -> str:
    """Return what a question states before it asks, empty if it only asks.

    «Faktaarket sier at personvern tas alvorlig. Hvorfor varslet Datatilsynet tilsyn?» takes the first sentence for granted.
    """
    sentences = [question[span.start : span.end] for span in sentence_spans(question)]
    asks = next((at for at, one in enumerate(sentences) if one.endswith("?")), None)
    stated = sentences[asks - 1] if asks else ""
    return stated if len([word for word in tokens(stated) if word not in STOP_WORDS]) >= _STATED_WORDS else ""
