"""Each entry of the catalogue is fetched, unchanged or reported; none stops the others, and what was there stays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bot.cli import main as bot_main
from ingest.catalogue import read_catalogue
from ingest.cli import main
from ingest.errors import CatalogueError, FetchError, IngestBusyError
from ingest.fetched import RECORD_FILE, Fetched, find, folder_of
from ingest.fetching import Client, Fetcher, Outcome, Pace, fetch_entries
from ingest.locks import held
from ingest.settings import FetchSettings, IngestSettings
from tests.serving import Site, html, page, serve

Capture = pytest.CaptureFixture[str]
FETCH = FetchSettings(allow_private=True, interval_s=0, max_bytes=100_000, max_wait_s=0)


@pytest.fixture
def site() -> Iterator[Site]:
    """Return a running site without pages."""
    with serve({}) as running:
        yield running


def write_catalogue(folder: Path, *urls: str) -> IngestSettings:
    """Write a catalogue of web documents, named by the last part of their addresses, and of one file and one film."""
    (folder / "corpus").mkdir(exist_ok=True)
    (folder / "corpus" / "fil.md").write_text("# Fil\n\nEn.\n", encoding="utf-8")
    common = 'publisher = "Molde kommune"\nkind = "nettside"\nlanguage = "nb"\nlicence = "NLOD"\n'
    tables = [f'[[source]]\nid = "{url.rsplit("/")[-1]}"\ntitle = "T"\nurl = "{url}"\n{common}' for url in urls]
    tables.append(
        f'[[source]]\nid = "fil"\ntitle = "F"\nfile = "fil.md"\nurl = "https://molde.no/fil"\ndated = 2022-03-04\n'
        f"retrieved = 2022-04-01\n{common}"
    )
    tables.append(f'[[source]]\nid = "film"\ntitle = "Film"\nfetch = false\n{common}')
    (folder / "corpus" / "sources.toml").write_text("\n".join(tables), encoding="utf-8")
    return IngestSettings(corpus=folder / "corpus", data=folder / "data", fetch=FETCH)


def run(settings: IngestSettings, *ids: str, day: date = date(2026, 11, 23)) -> list[Outcome]:
    told: list[Outcome] = []
    pace = Pace(0, 0, sleep=lambda seconds: None)
    outcomes = fetch_entries(settings, ids, Fetcher(FETCH, Client(FETCH), pace), told.append, lambda: day)
    assert told == outcomes
    return outcomes


def kept(settings: IngestSettings, identifier: str) -> Fetched:
    source = next(source for source in read_catalogue(settings.corpus) if source.id == identifier)
    found = find(settings.data, source)
    assert found is not None
    return found


def test_all_that_can_be_fetched_is(site: Site, tmp_path: Path) -> None:
    site.pages |= {"/a": html("Møte", ETag='"1"'), "/b": page(b"%PDF-1.7 x", Content_Type="application/pdf")}
    settings = write_catalogue(tmp_path, site.url("/a"), site.url("/b"))
    assert [(one.source, one.result) for one in run(settings)] == [("a", "fetched"), ("b", "fetched")]
    found = kept(settings, "a")
    assert "Møte" in found.path.read_text(encoding="utf-8")
    assert json.loads((folder_of(settings.data, "a") / RECORD_FILE).read_text(encoding="utf-8")) == {
        "url": site.url("/a"),
        "final_url": site.url("/a"),
        "etag": '"1"',
        "last_modified": "",
        "sha256": found.record.sha256,
        "content_type": "text/html; charset=utf-8",
        "retrieved": "2026-11-23",
        "checked": "2026-11-23",
        "size": found.path.stat().st_size,
        "file": found.path.name,
    }
    assert kept(settings, "b").path.suffix == ".pdf"


def test_only_those_that_are_named_are_fetched(site: Site, tmp_path: Path) -> None:
    site.pages |= {"/a": html("A"), "/b": html("B")}
    settings = write_catalogue(tmp_path, site.url("/a"), site.url("/b"))
    assert [one.source for one in run(settings, "b")] == ["b"]
    assert site.documents() == ["/b"]


def test_one_failure_does_not_stop_the_others(site: Site, tmp_path: Path) -> None:
    site.pages |= {"/a": page(b"", 500), "/b": html("B"), "/c": lambda request: request.raw(b"tull\r\n"), "/d": html("D")}
    settings = write_catalogue(tmp_path, *map(site.url, ("/a", "/b", "/c", "/d")), "ftp://molde.no/e")
    outcomes = run(settings)
    assert [one.result for one in outcomes] == ["failed", "fetched", "failed", "fetched", "failed"]
    assert outcomes[0].reason.startswith(f"{site.url('/a')} svarte med feilkode 500.")
    assert not folder_of(settings.data, "a").exists()


def test_what_was_fetched_before_stays_when_a_fetch_fails(site: Site, tmp_path: Path) -> None:
    site.pages["/a"] = html("Gammel")
    settings = write_catalogue(tmp_path, site.url("/a"))
    run(settings)
    before = kept(settings, "a")
    for answer in (page(b"", 404), page(b"", 410), page(b"\x89PNG\0", Content_Type="image/png"), lambda request: None):
        site.pages["/a"] = answer
        assert run(settings, day=date(2026, 12, 1))[0].result == "failed"
        assert kept(settings, "a") == before
        assert "Gammel" in before.path.read_text(encoding="utf-8")


def test_a_document_that_the_site_says_has_not_changed_keeps_its_date(site: Site, tmp_path: Path) -> None:
    site.pages["/a"] = html("A", ETag='"1"')
    settings = write_catalogue(tmp_path, site.url("/a"))
    run(settings)
    site.pages["/a"] = page(b"", 304)
    assert [one.result for one in run(settings, day=date(2026, 12, 1))] == ["unchanged"]
    assert site.headers[-1]["if-none-match"] == '"1"'
    record = kept(settings, "a").record
    assert (record.retrieved, record.checked, record.etag) == (date(2026, 11, 23), date(2026, 12, 1), '"1"')


def test_the_same_document_sent_again_keeps_its_date(site: Site, tmp_path: Path) -> None:
    site.pages["/a"] = html("A", ETag='"1"')
    settings = write_catalogue(tmp_path, site.url("/a"))
    run(settings)
    site.pages["/a"] = html("A", ETag='"2"')
    assert [one.result for one in run(settings, day=date(2026, 12, 1))] == ["unchanged"]
    record = kept(settings, "a").record
    assert (record.retrieved, record.checked, record.etag) == (date(2026, 11, 23), date(2026, 12, 1), '"2"')


def test_a_changed_document_takes_the_place_of_the_old(site: Site, tmp_path: Path) -> None:
    site.pages["/a"] = html("Gammel")
    settings = write_catalogue(tmp_path, site.url("/a"))
    run(settings)
    site.pages["/a"] = html("Ny")
    assert [one.result for one in run(settings, day=date(2026, 12, 1))] == ["fetched"]
    found = kept(settings, "a")
    assert "Ny" in found.path.read_text(encoding="utf-8")
    assert found.record.retrieved == date(2026, 12, 1)
    assert {path.name for path in found.path.parent.iterdir()} == {RECORD_FILE, found.path.name}


def test_a_new_address_is_fetched_whole(site: Site, tmp_path: Path) -> None:
    site.pages |= {"/1/a": html("A", ETag='"1"'), "/2/a": html("A", ETag='"1"')}
    run(write_catalogue(tmp_path, site.url("/1/a")))
    settings = write_catalogue(tmp_path, site.url("/2/a"))
    assert [one.result for one in run(settings)] == ["fetched"]
    assert "if-none-match" not in site.headers[-1]


def test_what_is_damaged_is_fetched_whole(site: Site, tmp_path: Path) -> None:
    site.pages["/a"] = html("A", ETag='"1"')
    settings = write_catalogue(tmp_path, site.url("/a"))
    run(settings)
    kept(settings, "a").path.unlink()
    assert [one.result for one in run(settings)] == ["fetched"]
    assert "if-none-match" not in site.headers[-1]


def test_a_disk_that_cannot_be_written_to_costs_one_line(site: Site, tmp_path: Path) -> None:
    site.pages |= {"/a": html("A"), "/b": html("B")}
    settings = write_catalogue(tmp_path, site.url("/a"), site.url("/b"))
    folder_of(settings.data, "a").parent.mkdir(parents=True)
    folder_of(settings.data, "a").write_text("i veien", encoding="utf-8")
    outcomes = run(settings)
    assert [one.result for one in outcomes] == ["failed", "fetched"]


def test_what_has_a_file_or_no_address_is_not_fetched(tmp_path: Path) -> None:
    settings = write_catalogue(tmp_path)
    outcomes = run(settings, "fil", "film")
    assert [one.result for one in outcomes] == ["failed", "failed"]
    assert outcomes[0].reason.startswith("fil kan ikke hentes: ")
    assert run(settings) == []


def test_an_id_that_is_not_in_the_catalogue_is_named_and_nothing_is_asked(site: Site, tmp_path: Path) -> None:
    site.pages["/a"] = html("A")
    with pytest.raises(FetchError, match="'borte'"):
        run(write_catalogue(tmp_path, site.url("/a")), "a", "borte")
    assert site.asked == []


def test_two_fetches_at_once_are_refused(tmp_path: Path) -> None:
    settings = write_catalogue(tmp_path)
    lock = settings.data / "fetch.lock"
    with held(lock, IngestBusyError("fetch_busy", path=lock)), pytest.raises(IngestBusyError, match="Another fetch is running"):
        run(settings)


def test_a_broken_catalogue_fetches_nothing(tmp_path: Path) -> None:
    settings = write_catalogue(tmp_path)
    (settings.corpus / "sources.toml").write_text("[[source]]\n", encoding="utf-8")
    with pytest.raises(CatalogueError):
        run(settings)


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKTASVAR_CORPUS", str(tmp_path / "corpus"))
    monkeypatch.setenv("FAKTASVAR_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("FAKTASVAR_FETCH__ALLOW_PRIVATE", "true")
    monkeypatch.setenv("FAKTASVAR_FETCH__INTERVAL_S", "0")


@pytest.mark.usefixtures("environment")
def test_the_command_reports_each_entry_and_what_to_do_next(site: Site, tmp_path: Path, capsys: Capture) -> None:
    site.pages |= {"/a": html("A"), "/b": page(b"", 404)}
    write_catalogue(tmp_path, site.url("/a"), site.url("/b"))
    assert bot_main(["ingest", "fetch"]) == 1
    captured = capsys.readouterr()
    assert captured.err == ""
    assert captured.out.splitlines() == [
        "a: hentet (1 kB)",
        f"b: MISLYKTES. {site.url('/b')} svarte med feilkode 404. Åpne adressen i en nettleser; er dokumentet flyttet, "
        "rett url i katalogen.",
        "1 hentet, 0 uendret, 1 mislyktes.",
        "Ta det i bruk med: faktasvar ingest",
    ]
    assert main(["fetch", "a"]) == 0
    assert capsys.readouterr().out.splitlines() == ["a: uendret", "0 hentet, 1 uendret, 0 mislyktes."]


@pytest.mark.usefixtures("environment")
def test_the_command_says_when_there_is_nothing_to_fetch(tmp_path: Path, capsys: Capture) -> None:
    write_catalogue(tmp_path)
    assert main(["fetch"]) == 0
    assert capsys.readouterr().out == "Katalogen har ingenting som skal hentes fra nettet.\n"


@pytest.mark.usefixtures("environment")
def test_the_command_names_an_unknown_id(tmp_path: Path, capsys: Capture) -> None:
    write_catalogue(tmp_path)
    assert main(["fetch", "borte"]) == 1
    assert capsys.readouterr().err == "Kilden 'borte' finnes ikke i katalogen. Kjør: faktasvar ingest list\n"
