"""Dates as documents write them, and the names that documents give themselves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from ingest.reading.common.about import language_code, publisher_of, title_of
from ingest.reading.common.dates import find_date, norwegian_date, parse_date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-03", date(2024, 5, 3)),
        (" 2024-05-03T23:59:59 ", date(2024, 5, 3)),
        ("2024-05-02T22:00:00Z", date(2024, 5, 3)),
        ("2024-12-02T22:59:59.123Z", date(2024, 12, 2)),
        ("2024-12-02T23:00:00+0000", date(2024, 12, 3)),
        ("2024-05-02T23:30:00+02:00", date(2024, 5, 2)),
        ("20240503", date(2024, 5, 3)),
        ("D:20240503120000+02'00'", date(2024, 5, 3)),
        ("03.05.2024", date(2024, 5, 3)),
        ("3/5-2024", date(2024, 5, 3)),
        ("3. mai 2024", date(2024, 5, 3)),
        ("3 MAI 2024 kl. 12", date(2024, 5, 3)),
        ("17. desember 2023", date(2023, 12, 17)),
        ("1. sept. 2023", date(2023, 9, 1)),
        ("May 3, 2024", date(2024, 5, 3)),
        ("3 October 2024", date(2024, 10, 3)),
        ("31.02.2024", None),
        ("2024-13-01", None),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59Z", None),
        ("1.2.3", None),
        ("2024", None),
        ("mai 2024", None),
        ("", None),
    ],
)
def test_a_field_with_a_date_is_read(text: str, expected: date | None) -> None:
    assert parse_date(text) == expected


def test_the_first_whole_date_of_a_text_is_found() -> None:
    assert find_date("Møtet 12. mars er flyttet til 3. mai 2024, ikke 04.05.2024.") == date(2024, 5, 3)
    assert find_date("Saksnummer 12/2024 av mai") is None


def test_a_moment_is_dated_as_in_norway() -> None:
    assert norwegian_date(datetime(2024, 7, 1, 22, 0)) == date(2024, 7, 2)
    assert norwegian_date(datetime(2024, 7, 1, 22, 0, tzinfo=UTC)) == date(2024, 7, 2)
    assert norwegian_date(datetime(2024, 7, 2, 0, 30, tzinfo=timezone(timedelta(hours=2)))) == date(2024, 7, 2)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (" Plan  for\nskolen ", "Plan for skolen"),
        ("Malvik kommune", "Malvik kommune"),
        ("Microsoft Word - sak", ""),
        ("Dokument1", ""),
        ("Untitled", ""),
        ("sak 12-24.docx", ""),
        ("x" * 301, ""),
    ],
)
def test_what_programs_write_is_no_title(text: str, title: str) -> None:
    assert title_of(text) == title


def test_a_publisher_is_a_body() -> None:
    assert publisher_of("Kari Nordmann", "Vestby kommune", "KS") == "Vestby kommune"
    assert publisher_of("Kari Nordmann", "Asbjørn Rådlund") == ""
    assert publisher_of() == ""


@pytest.mark.parametrize(("tag", "code"), [("nb-NO", "nb"), ("no", "nb"), ("NN_no", "nn"), ("en", "en"), ("se", ""), ("", "")])
def test_a_language_tag_becomes_a_language_of_the_catalogue(tag: str, code: str) -> None:
    assert language_code(tag) == code
