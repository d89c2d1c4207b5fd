"""Dates as documents write them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

EARLIEST, LATEST = 1900, 2100
"""Years between which a document's date lies; the rest are slips and empty fields."""

_MONTHS = ("jan", "feb", "mar", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "des")
_ENGLISH = {"may": 5, "oct": 10, "dec": 12}
_NAME = (
    r"januar\w*|februar\w*|mars|april|mai|juni|juli|august|september|oktober|november|desember|january|february|march|may|june|"
    r"july|october|december|(?:jan|feb|mar|apr|jun|jul|aug|sept?|okt|oct|nov|des|dec)\b\.?"
)
_ISO = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
    r"(?:[T ](?P<time>\d\d:\d\d(?::\d\d)?)(?:\.\d+)?\s*(?P<zone>Z|[+-]\d\d:?\d\d)?)?"
)
_COMPACT = re.compile(r"(?:D:)?(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?:\d{6})?(?![\d.])")
_NUMBERS = re.compile(r"(?<!\d)(?P<day>\d{1,2})[./](?P<month>\d{1,2})[./-](?P<year>\d{4})(?!\d)")
_WRITTEN = re.compile(rf"(?<!\d)(?P<day>\d{{1,2}})\.?\s+(?P<name>{_NAME})\s+(?P<year>\d{{4}})(?!\d)", re.IGNORECASE)
_ENGLISH_ORDER = re.compile(rf"\b(?P<name>{_NAME})\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}})(?!\d)", re.IGNORECASE)


def parse_date(text: str) -> date | None:
    """Return the date that a field holds, or None: «2024-05-03», «20240503», «03.05.2024», «3. mai 2024», «May 3, 2024».

    A time in UTC is told as the Norwegian date: what is published at midnight in Norway is of the day before in UTC.
    """
    text = text.strip()
    if match := _ISO.match(text):
        return _local(match) if match["time"] and match["zone"] else _date(match)
    if match := _COMPACT.match(text):
        return _date(match)
    return find_date(text)


def find_date(text: str) -> date | None:
    """Return the first whole date in a text, or None."""
    found = [match for pattern in (_WRITTEN, _ENGLISH_ORDER, _NUMBERS, _ISO) if (match := pattern.search(text))]
    return _date(min(found, key=lambda match: match.start())) if found else None


def norwegian_date(moment: datetime) -> date:
    """Return the date in Norway at a moment; a moment without a zone is taken for UTC."""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(ZoneInfo("Europe/Oslo")).date()
    except ZoneInfoNotFoundError:  # A machine without the table of time zones: an hour off for half the year.
        return (moment.astimezone(UTC) + timedelta(hours=1)).date()


def _local(match: re.Match[str]) -> date | None:
    zone = "+00:00" if match["zone"] == "Z" else match["zone"]
    try:
        moment = datetime.fromisoformat(f"{match['year']}-{match['month']}-{match['day']}T{match['time']}{zone}")
        return _plausible(norwegian_date(moment) if zone in ("+00:00", "+0000") else moment.date())
    except (ValueError, OverflowError):
        return None


def _date(match: re.Match[str]) -> date | None:
    parts = match.groupdict()
    month: Callable[[], int] = lambda: int(parts["month"]) if "month" in parts else _month(parts["name"])  # noqa: E731
    try:
        return _plausible(date(int(parts["year"]), month(), int(parts["day"])))
    except ValueError:
        return None


def _month(name: str) -> int:
    start = name.lower()[:3]
    return _ENGLISH.get(start) or _MONTHS.index(start) + 1


def _plausible(found: date) -> date | None:
    return found if EARLIEST <= found.year <= LATEST else None
