"""Dates as a person reads them."""

from __future__ import annotations

from datetime import date

from ingest.texts import Language, say


def written_date(day: date, language: Language) -> str:
    """Return a date as it stands in running text: «4. mars 2022», «4 March 2022»."""
    month = say("bot", "date.months", language).split()[day.month - 1]
    return say("bot", "date.pattern", language, day=day.day, month=month, year=day.year)
