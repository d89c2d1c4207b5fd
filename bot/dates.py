"""Dates as a person reads them."""

from __future__ import annotations

from datetime import date

from ingest.dates import Interval, undated
from ingest.documents import Origin
from ingest.texts import Language, say


def written_date(day: date, language: Language) -> str:
    """Return a date as it stands in running text: «4. mars 2022», «4 March 2022»."""
    return say("bot", "date.pattern", language, day=day.day, month=_month(day, language), year=day.year)


def as_of(dated: str, origin: Origin | None, language: Language) -> str:
    """Return when a source is from: «per 4. mars 2022», «per oktober 2022», «udatert (våren 2022)».

    Args:
        dated: As the citation has it: YYYY-MM-DD, or as written in the note.
        origin: Of a statement in a note; None for a document.
        language: Of the words around it; a season or a remark stays as the note has it.
    """
    if origin is None:
        return say("bot", "date.as_of", language, date=written_date(date.fromisoformat(dated), language))
    if undated(origin.dated):
        rest = origin.dated.split(maxsplit=1)[1:]
        return " ".join([say("bot", "date.undated", language), *rest])
    return say("bot", "date.as_of", language, date=_written(origin, language))


def _written(origin: Origin, language: Language) -> str:
    interval = origin.interval
    first = interval.earliest
    if first is not None and interval.day is not None:
        return written_date(first, language)
    if first is not None and interval.months == 1:
        return f"{_month(first, language)} {first.year}"
    return str(first.year) if first is not None and interval.months == 12 else origin.dated


def interval_of(dated: str, origin: Origin | None) -> Interval:
    """Return the days that a citation's source may be from."""
    if origin is not None:
        return origin.interval
    day = date.fromisoformat(dated)
    return Interval(day, day)


def _month(day: date, language: Language) -> str:
    return say("bot", "date.months", language).split()[day.month - 1]
