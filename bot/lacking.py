"""What the catalogue names and the index lacks, for those who ask which sources are missing."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answers import MAX_ANSWER_CHARS
from ingest.language import tokens
from ingest.language.words import STOP_WORDS
from ingest.states import SourceState
from ingest.texts import Language, say

_SOURCES = frozenset(
    "kilde kilden kilder kildene kjelde kjelda kjelder kjeldene dokument dokumentet dokumenter dokumentene dokumenta "
    "source sources document documents".split()
)
_LACKING = frozenset("mangler manglar mangle mangla manglende manglande missing lack lacking lacks".split())
_WITHOUT = frozenset("ikke ikkje not don't haven't".split())
_HAD = frozenset("har have hentet henta fetched med lest lese søker søkjer".split())
_BESIDES = frozenset("noen nokon nokre any samlingen samlinga samling katalogen katalog collection catalogue bot boten".split())


def asks_what_is_lacking(question: str) -> bool:
    """Tell whether a question asks which sources are missing, and nothing else: every word of it must be of that.

    «Hvilke kilder mangler?» does; «Hvilke dokumenter mangler i journalen?» asks what the sources say.
    """
    words = list(tokens(question))
    without = any(word in _WITHOUT for word in words) and any(word in _HAD for word in words)
    if not (any(word in _SOURCES for word in words) and (without or any(word in _LACKING for word in words))):
        return False
    known = _SOURCES | _LACKING | _WITHOUT | _HAD | _BESIDES | STOP_WORDS
    return all(word in known for word in words)


def tell_lacking(states: Sequence[SourceState], language: Language) -> str:
    """Return which sources are searched and which are not there, and why not; at most `MAX_ANSWER_CHARS`."""
    wanted = [state for state in states if state.source.index]
    lacking = [state for state in wanted if not state.indexed]
    count = len(wanted) - len(lacking)
    if not lacking:
        return say("bot", "lacking.none", language, count=count)
    lines = [say("bot", "lacking.some", language, count=count, all=len(wanted))]
    for number, state in enumerate(lacking):
        reason = say("bot", f"lacking.{state.had}", language)
        line = f"– {state.source.title} ({reason})"
        rest = say("bot", "lacking.rest", language, count=len(lacking) - number)
        if sum(len(one) + 1 for one in [*lines, line]) + len(rest) > MAX_ANSWER_CHARS:
            return "\n".join([*lines, rest])
        lines.append(line)
    return "\n".join(lines)
