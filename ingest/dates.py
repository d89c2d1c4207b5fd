"""When a source is from, as people write it: a day, a month, a season, or only before or after something.

What is written becomes an interval of days, wide enough to be true: «høsten 2022» is August to December, «udatert
(før april 2024)» is any day before 1 April 2024. Two intervals can be compared, and the answer may be that nobody knows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = (
    ("januar", "january", "jan"), ("februar", "february", "feb"), ("mars", "march", "mar"), ("april", "apr"), ("mai", "may"),
    ("juni", "june", "jun"), ("juli", "july", "jul"), ("august", "aug"), ("september", "sept", "sep"),
    ("oktober", "october", "okt", "oct"), ("november", "nov"), ("desember", "december", "des", "dec"),
)  # fmt: skip
_MONTH_NUMBER = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names}
_SEASONS = {
    "vinter": (-1, 12, 12), "winter": (-1, 12, 12), "vår": (0, 1, 6), "spring": (0, 1, 6), "sommer": (0, 6, 8),
    "sumar": (0, 6, 8), "summer": (0, 6, 8), "høst": (0, 8, 12), "haust": (0, 8, 12), "autumn": (0, 8, 12),
    "tidlig": (0, 1, 6), "tidleg": (0, 1, 6), "early": (0, 1, 6), "sent": (0, 7, 12), "seint": (0, 7, 12), "late": (0, 7, 12),
}  # fmt: skip
"""The year that a season begins in, counted from its own, its first month and its last. Wide on purpose: a school year's
spring begins in January and its autumn in August, and a winter may be either end of its year."""

_MONTH = "|".join(sorted(_MONTH_NUMBER, key=len, reverse=True))
_SEASON = "|".join(sorted(_SEASONS, key=len, reverse=True))
_YEAR = r"(?:19|20)\d\d"
_DATE = re.compile(
    r"(?:\b(?P<before>før|fram til|innen|before|eldre enn|older than)\s+|"
    r"\b(?P<after>etter|after|nyere enn|nyare enn|newer than)\s+)?"
    rf"(?:(?P<iso>\b{_YEAR}-\d\d-\d\d\b)|"
    rf"\b(?P<day>\d{{1,2}})\.\s?(?P<number>\d{{1,2}})\.\s?(?P<day_year>{_YEAR})\b|"
    rf"\b(?:(?P<named_day>\d{{1,2}})\.?\s)?(?P<month>{_MONTH})\b\.?,?\s(?P<month_year>{_YEAR})\b|"
    rf"\b(?P<season>{_SEASON})(?:en)?\b(?:\s+i)?,?\s+(?P<season_year>{_YEAR})\b|"
    rf"\b(?P<year>{_YEAR})\b)"
)
_SEASON_AFTER = re.compile(rf"\b({_YEAR})\s*\(\s*({_SEASON})(?:en)?\s*\)")
_UNFINISHED = re.compile(r"\d{1,2}\.\s?\d{1,2}\b|\d{5,}|\d{4}-\d")
"""What looks like a date and is none: «30.10.24», «10.2022», «20222»."""

_UNDATED = re.compile(r"\s*(?:udatert|undated)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Interval:
    """The days between which something was written.

    Attributes:
        earliest: The first day that it may be from; None if nobody knows.
        latest: The last day that it may be from; None if nobody knows.
    """

    earliest: date | None = None
    latest: date | None = None

    @property
    def day(self) -> date | None:
        """The day itself, where it is known to the day."""
        return self.earliest if self.earliest == self.latest else None

    @property
    def months(self) -> int | None:
        """1 if it is just one calendar month, 12 if it is just one year, else None."""
        first, last = self.earliest, self.latest
        if first is None or last is None or first.year != last.year or first.day != 1 or (last + timedelta(1)).day != 1:
            return None
        return {(True, False): 1, (False, True): 12}.get((first.month == last.month, (first.month, last.month) == (1, 12)))


def newer(one: Interval, other: Interval) -> bool | None:
    """Tell whether one is from after the other: True and False only where it is certain, None where it may be either."""
    if one.earliest is not None and other.latest is not None and one.earliest > other.latest:
        return True
    if one.latest is not None and other.earliest is not None and one.latest <= other.earliest:
        return False
    return None


def undated(text: str) -> bool:
    """Tell whether a date as written says that there is none: «udatert», «udatert (2022)»."""
    return _UNDATED.match(text) is not None


def read_dated(text: str) -> Interval | None:
    """Return the interval of a date as people write it, or None if it can't be one.

    What stands in brackets counts only where there is no date outside them: «udatert (våren 2022)» is of 2022, but
    «oppdatert 27.09.2023 (innholdet beskriver planen før april 2022)» of 2023. Of several dates, the interval reaches
    from the first to the last.

    Args:
        text: «03.10.2022», «oktober 2022», «våren 2022», «2016–2018», «udatert (før april 2024)», «udatert».
    """
    plain = _SEASON_AFTER.sub(r"\2 \1", " ".join(text.lower().split()))
    outside, _, inside = plain.partition("(")
    try:
        main = _hull(outside)
        if main is None and undated(plain):
            main = _hull(inside) or Interval()
    except ValueError:
        return None
    return main


def split_dates(text: str) -> tuple[frozenset[Interval], str]:
    """Return the dates that a running text names, and the text without them; what no calendar has stays in the text."""
    found: set[Interval] = set()

    def take(match: re.Match[str]) -> str:
        try:
            found.add(_interval(match))
        except ValueError:
            return match[0]
        return " "

    rest = _DATE.sub(take, text.lower())
    return frozenset(found), rest


def _hull(text: str) -> Interval | None:
    """Return what reaches from the first of the dates in a text to the last; None without any.

    Raises:
        ValueError: If there is a date that no calendar has.
    """
    found = [_interval(match) for match in _DATE.finditer(text)]
    if _UNFINISHED.search(_DATE.sub(" ", text)):
        raise ValueError(text)
    if not found:
        return None
    earliest = [one.earliest for one in found if one.earliest is not None]
    latest = [one.latest for one in found if one.latest is not None]
    # One that is open at an end leaves the whole open there.
    return Interval(
        min(earliest) if len(earliest) == len(found) else None,
        max(latest) if len(latest) == len(found) else None,
    )


def _interval(match: re.Match[str]) -> Interval:
    first, last = _days(match)
    if match["before"]:
        return Interval(None, first - timedelta(1))
    return Interval(last + timedelta(1), None) if match["after"] else Interval(first, last)


def _days(match: re.Match[str]) -> tuple[date, date]:
    """Return the first and the last day of what one date names."""
    if match["iso"]:
        day = date.fromisoformat(match["iso"])
        return day, day
    if match["day"]:
        day = date(int(match["day_year"]), int(match["number"]), int(match["day"]))
        return day, day
    if match["month"]:
        year, month = int(match["month_year"]), _MONTH_NUMBER[match["month"]]
        day_of_month = match["named_day"]
        if day_of_month:
            day = date(year, month, int(day_of_month))
            return day, day
        return date(year, month, 1), _month_end(year, month)
    if match["season"]:
        year = int(match["season_year"])
        shift, begins, ends = _SEASONS[match["season"]]
        return date(year + shift, begins, 1), _month_end(year, ends)
    year = int(match["year"])
    return date(year, 1, 1), date(year, 12, 31)


def _month_end(year: int, month: int) -> date:
    return (date(year, month, 28) + timedelta(4)).replace(day=1) - timedelta(1)
