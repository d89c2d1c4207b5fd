"""What has been fetched is whole or as it was, and is indexed as the source that it belongs to."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingest.catalogue import Source, read_catalogue
from ingest.errors import FetchedError
from ingest.fetched import RECORD_FILE, find, folder_of, forget, keep, keep_record, located
from ingest.pipeline import IngestReport, ingest
from ingest.reports import report_lines
from ingest.settings import IngestSettings
from ingest.states import states
from tests.fakes import FakeEmbedder, fetched_record

URL = "https://molde.no/vedtak"
TEXT = "# Vedtak\n\nKommunen går inn.\n"


@pytest.fixture(autouse=True)
def fake_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.pipeline.open_embedder", lambda settings: FakeEmbedder())


@pytest.fixture
def settings(tmp_path: Path) -> IngestSettings:
    """Return settings of a corpus with a file, a web document and a film."""
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.md").write_text("# A\n\nEn.\n", encoding="utf-8")
    common = 'publisher = "Molde kommune"\nlanguage = "nb"\n'
    (tmp_path / "corpus" / "sources.toml").write_text(
        f'[[source]]\nid = "a"\ntitle = "A"\nkind = "notat"\nfile = "a.md"\ndated = 2022-03-04\nretrieved = 2022-04-01\n'
        f'licence = "NLOD"\n{common}\n'
        f'[[source]]\nid = "web"\ntitle = "Vedtak"\nkind = "vedtak"\nurl = "{URL}"\nlicence = "NLOD"\n{common}\n'
        f'[[source]]\nid = "film"\ntitle = "Film"\nkind = "film"\nfetch = false\n{common}',
        encoding="utf-8",
    )
    return IngestSettings(corpus=tmp_path / "corpus", data=tmp_path / "data")


def source_of(settings: IngestSettings, identifier: str = "web") -> Source:
    return next(source for source in read_catalogue(settings.corpus) if source.id == identifier)


def run(settings: IngestSettings) -> IngestReport:
    return ingest(settings, lambda stage, done, total: None)


def test_nothing_is_found_before_anything_is_fetched(settings: IngestSettings) -> None:
    assert find(settings.data, source_of(settings)) is None
    assert located(settings.data, source_of(settings)) is None


def test_what_is_kept_is_found_with_what_is_known_of_it(settings: IngestSettings) -> None:
    kept = keep(settings.data, "web", TEXT.encode(), ".md", fetched_record(URL))
    found = find(settings.data, source_of(settings))
    assert found is not None
    assert found.record == kept
    assert found.path.read_text(encoding="utf-8") == TEXT
    assert (kept.size, kept.file) == (len(TEXT.encode()), kept.sha256[:16] + ".md")


def test_only_the_newest_file_is_kept(settings: IngestSettings) -> None:
    keep(settings.data, "web", b"gammel", ".txt", fetched_record(URL))
    (folder_of(settings.data, "web") / ".halvferdig.123").write_bytes(b"x")
    kept = keep(settings.data, "web", TEXT.encode(), ".md", fetched_record(URL))
    assert {path.name for path in folder_of(settings.data, "web").iterdir()} == {RECORD_FILE, kept.file}


def test_what_was_fetched_from_another_address_is_not_this_source(settings: IngestSettings) -> None:
    keep(settings.data, "web", TEXT.encode(), ".md", fetched_record("https://molde.no/annet"))
    assert find(settings.data, source_of(settings)) is None


@pytest.mark.parametrize("damage", ["record", "gone", "short", "elsewhere", "latin-1"])
def test_what_is_damaged_is_said_to_be(damage: str, settings: IngestSettings) -> None:
    kept = keep(settings.data, "web", TEXT.encode(), ".md", fetched_record(URL))
    folder = folder_of(settings.data, "web")
    match damage:
        case "record":
            (folder / RECORD_FILE).write_text("{", encoding="utf-8")
        case "latin-1":
            (folder / RECORD_FILE).write_bytes(b'{"url": "\xe5"}')
        case "gone":
            (folder / kept.file).unlink()
        case "short":
            (folder / kept.file).write_bytes(b"# V")
        case "elsewhere":
            keep_record(settings.data, "web", kept.model_copy(update={"file": "../../../corpus/sources.toml"}))
    with pytest.raises(FetchedError) as caught:
        find(settings.data, source_of(settings))
    assert caught.value.say("nb").startswith("web: det som er hentet, er skadet (")
    assert caught.value.say("nb").endswith("Kjør: faktasvar ingest fetch web")


def test_what_is_forgotten_is_gone(settings: IngestSettings) -> None:
    keep(settings.data, "web", TEXT.encode(), ".md", fetched_record(URL))
    forget(settings.data, "web")
    assert find(settings.data, source_of(settings)) is None


def test_when_it_was_fetched_wins_over_the_catalogue(settings: IngestSettings) -> None:
    keep(settings.data, "web", TEXT.encode(), ".md", fetched_record(URL, date(2026, 11, 1)))
    found = located(settings.data, source_of(settings))
    assert found is not None
    assert (found.retrieved, found.url, found.dated) == (date(2026, 11, 1), URL, None)


def test_an_ingest_reports_what_is_not_fetched_and_goes_on(settings: IngestSettings) -> None:
    report = run(settings)
    assert ([source.id for source in report.sources], report.failures) == (["a"], ())
    assert (report.not_fetched, report.only_known) == (("web",), ("film",))
    assert report_lines(report, "nb")[-2:] == [
        "  web: ikke hentet. Kjør: faktasvar ingest fetch web",
        "  film: bare kjent av navn, finnes ikke i samlingen",
    ]
    assert run(settings).not_fetched == ("web",)


def test_what_is_fetched_is_indexed_as_its_source(settings: IngestSettings) -> None:
    run(settings)
    kept = keep(settings.data, "web", TEXT.encode(), ".md", fetched_record(URL, date(2026, 11, 1)))
    report = run(settings)
    web = report.sources[1]
    assert (web.id, web.url, web.retrieved, web.sha256) == ("web", URL, date(2026, 11, 1), kept.sha256)
    assert web.file == f"fetched/web/{kept.file}"
    assert report.not_fetched == ()


def test_what_says_no_date_is_as_of_when_it_was_fetched(settings: IngestSettings) -> None:
    keep(settings.data, "web", TEXT.encode(), ".md", fetched_record(URL, date(2026, 11, 1)))
    assert run(settings).sources[1].dated == date(2026, 11, 1)


def test_the_catalogues_date_wins_over_when_it_was_fetched(settings: IngestSettings) -> None:
    path = settings.corpus / "sources.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f'url = "{URL}"\n', f'url = "{URL}"\ndated = 2020-01-02\n'), encoding="utf-8")
    keep(settings.data, "web", TEXT.encode(), ".md", fetched_record(URL, date(2026, 11, 1)))
    assert run(settings).sources[1].dated == date(2020, 1, 2)


def test_a_damaged_fetch_costs_one_line_of_the_report(settings: IngestSettings) -> None:
    keep(settings.data, "web", TEXT.encode(), ".md", fetched_record(URL))
    (folder_of(settings.data, "web") / RECORD_FILE).write_text("{", encoding="utf-8")
    report = run(settings)
    assert ([source.id for source in report.sources], [one.source for one in report.failures]) == (["a"], ["web"])
    assert report_lines(report, "nb")[-1].endswith("Kjør: faktasvar ingest fetch web")


def test_every_entry_has_a_state(settings: IngestSettings) -> None:
    def told() -> list[tuple[str, str, bool]]:
        return [(state.source.id, state.had, state.indexed) for state in states(settings)]

    assert told() == [("a", "file", False), ("web", "not_fetched", False), ("film", "only_known", False)]
    kept = keep(settings.data, "web", TEXT.encode(), ".md", fetched_record(URL))
    assert told()[1] == ("web", "fetched", False)
    run(settings)
    assert told() == [("a", "file", True), ("web", "fetched", True), ("film", "only_known", False)]
    assert states(settings)[1].record == kept
    (folder_of(settings.data, "web") / kept.file).unlink()
    assert told()[1] == ("web", "damaged", True)
