"""Dates as people write them become intervals of days that are never too narrow."""

from __future__ import annotations

from datetime import date

import pytest

from bot.dates import as_of, interval_of
from ingest.dates import Interval, newer, read_dated, split_dates, undated
from ingest.documents import Origin


def days(text: str) -> tuple[str, str] | None:
    """Return the ends of a date's interval; «?» for an open one."""
    interval = read_dated(text)
    return (str(interval.earliest or "?"), str(interval.latest or "?")) if interval else None


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("03.10.2022", "2022-10-03", "2022-10-03"),
        ("3.10.2022", "2022-10-03", "2022-10-03"),
        ("2022-10-03", "2022-10-03", "2022-10-03"),
        ("3. oktober 2022", "2022-10-03", "2022-10-03"),
        ("3 October 2022", "2022-10-03", "2022-10-03"),
        ("status 15.09.2023", "2023-09-15", "2023-09-15"),
        ("29.08.2019, oppdatert 11.02.2020", "2019-08-29", "2020-02-11"),
        ("oktober 2022", "2022-10-01", "2022-10-31"),
        ("Februar 2024", "2024-02-01", "2024-02-29"),
        ("okt. 2022", "2022-10-01", "2022-10-31"),
        ("desember 2023", "2023-12-01", "2023-12-31"),
        ("våren 2022", "2022-01-01", "2022-06-30"),
        ("sommeren 2020", "2020-06-01", "2020-08-31"),
        ("hausten 2022", "2022-08-01", "2022-12-31"),
        ("vinteren 2023", "2022-12-01", "2023-12-31"),
        ("2023 (høst)", "2023-08-01", "2023-12-31"),
        ("tidlig i 2024", "2024-01-01", "2024-06-30"),
        ("sent 2021", "2021-07-01", "2021-12-31"),
        ("2021", "2021-01-01", "2021-12-31"),
        ("2019 (uten dag)", "2019-01-01", "2019-12-31"),
        ("nr. 1/2020", "2020-01-01", "2020-12-31"),
        ("2012–2013", "2012-01-01", "2013-12-31"),
        ("2024-2025", "2024-01-01", "2025-12-31"),
        ("udatert", "?", "?"),
        ("Undated", "?", "?"),
        ("udatert (fra før innføringen)", "?", "?"),
        ("udatert (2016–2018)", "2016-01-01", "2018-12-31"),
        ("udatert (våren 2023)", "2023-01-01", "2023-06-30"),
        ("udatert (tall per 11.11.2021)", "2021-11-11", "2021-11-11"),
        ("udatert (før april 2024)", "?", "2024-03-31"),
        ("udatert (innhold fra etter november 2023)", "2023-12-01", "?"),
        ("udatert (nyere enn 03.04.2024-versjonen)", "2024-04-04", "?"),
        ("udatert (status 26. mai; bildet sier 2020, innholdet 2021)", "2020-01-01", "2021-12-31"),
    ],
)
def test_a_date_as_written_becomes_an_interval(text: str, earliest: str, latest: str) -> None:
    assert days(text) == (earliest, latest)


def test_what_stands_in_brackets_does_not_move_a_date_outside_them() -> None:
    assert days("oppdatert 27.09.2023 (planen fra før april 2022)") == ("2023-09-27", "2023-09-27")
    assert days("2023 (omtalt 19.04.2023)") == ("2023-01-01", "2023-12-31")


@pytest.mark.parametrize(
    "text",
    ["", "i fjor", "oktober", "oktober 22", "oktobr", "30.10.24", "31.02.2022", "32.10.2022", "2022-13-01", "20222", "våren",
     "udatert (30.02.2022)"],
)  # fmt: skip
def test_what_is_no_date_is_refused(text: str) -> None:
    assert read_dated(text) is None


def test_only_what_says_so_is_undated() -> None:
    assert undated("udatert (2022)") and undated(" Undated")
    assert not undated("2022") and not undated("datert 2022")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("05.09.2022", "04.03.2022", True),
        ("04.03.2022", "05.09.2022", False),
        ("04.03.2022", "04.03.2022", False),
        ("oktober 2022", "01.10.2022", None),
        ("oktober 2022", "30.09.2022", True),
        ("oktober 2022", "31.10.2022", False),
        ("udatert", "04.03.2022", None),
        ("04.03.2022", "udatert", None),
        ("udatert (etter november 2023)", "04.03.2022", True),
        ("udatert (etter november 2023)", "2024", None),
        ("udatert (før april 2024)", "01.04.2024", False),
        ("2022", "04.03.2022", None),
    ],
)
def test_newer_is_said_only_where_it_is_certain(one: str, other: str, expected: bool | None) -> None:
    first, second = read_dated(one), read_dated(other)
    assert first and second
    assert newer(first, second) is expected


def origin(dated: str) -> Origin:
    """Return the origin of a statement that is dated so."""
    return Origin("T", "", dated, read_dated(dated) or Interval())


@pytest.mark.parametrize(
    ("dated", "when"),
    [("03.10.2022", "2022-10-03"), ("status 15.09.2023", "2023-09-15"), ("oktober 2022", "oktober 2022"),
     ("udatert (tall per 11.11.2021)", "udatert (tall per 11.11.2021)"), ("udatert", "udatert")],
)  # fmt: skip
def test_a_citation_has_the_day_where_it_is_known_and_else_what_is_written(dated: str, when: str) -> None:
    assert origin(dated).when == when


@pytest.mark.parametrize(
    ("dated", "nb", "en"),
    [
        ("03.10.2022", "per 3. oktober 2022", "as of 3 October 2022"),
        ("oktober 2022", "per oktober 2022", "as of October 2022"),
        ("2019 (uten dag)", "per 2019", "as of 2019"),
        ("høsten 2022", "per høsten 2022", "as of høsten 2022"),
        ("udatert (2022)", "udatert (2022)", "undated (2022)"),
        ("udatert", "udatert", "undated"),
    ],
)
def test_a_statement_says_when_its_source_is_from(dated: str, nb: str, en: str) -> None:
    one = origin(dated)
    assert (as_of(one.when, one, "nb"), as_of(one.when, one, "en")) == (nb, en)


def test_a_document_says_when_it_is_from() -> None:
    assert as_of("2022-03-04", None, "nn") == "per 4. mars 2022"
    assert interval_of("2022-03-04", None) == Interval(date(2022, 3, 4), date(2022, 3, 4))
    assert interval_of("oktober 2022", origin("oktober 2022")) == Interval(date(2022, 10, 1), date(2022, 10, 31))


def test_the_dates_of_a_text_are_parted_from_its_other_numbers() -> None:
    dates, rest = split_dates("3. mai 2021 ble 19 av 66 enige, og 31.02.2022 finnes ikke.")
    assert dates == {Interval(date(2021, 5, 3), date(2021, 5, 3))}
    assert "19 av 66" in rest and "31.02.2022" in rest and "mai" not in rest
