"""A corpus that is watched: what changes is taken in, and nothing that goes wrong ends the watch."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingest.catalogue import read_catalogue
from ingest.errors import IngestBusyError
from ingest.index import IndexStore
from ingest.locks import held
from ingest.pipeline import IngestReport, ingest
from ingest.settings import IngestSettings, ReadingSettings, WatchSettings
from ingest.watching import Watch, is_of_interest
from tests.fakes import FakeEmbedder

REPOSITORY = Path(__file__).resolve().parents[1]
PATIENCE_S = 60
"""A busy machine must not fail a test; on a quiet one nothing here takes a second."""


@pytest.fixture(autouse=True)
def fake_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.pipeline.open_embedder", lambda settings: FakeEmbedder())


class Corpus:
    """A corpus, the watch over it, and what it has told."""

    def __init__(self, folder: Path, licence: str) -> None:
        self.told: list[str] = []
        self.builds = 0
        self.documents = folder / "corpus" / "documents"
        self.documents.mkdir(parents=True)
        self.catalogue = folder / "corpus" / "sources.toml"
        watching = WatchSettings(settle_s=0.2, publisher="Molde kommune", kind="saksframlegg", licence=licence)
        self.settings = IngestSettings(
            corpus=folder / "corpus", data=folder / "data", watch=watching, reading=ReadingSettings(seconds=600, workers=1)
        )
        self.watch = Watch(self.settings, self._build, self.told.extend)

    def _build(self) -> IngestReport:
        self.builds += 1
        return ingest(self.settings, lambda stage, done, total: None)

    def drop(self, name: str, text: str = "# Sak\n\nSaken er vedtatt.\n", dated: str = "2024-05-06") -> Path:
        """Put a web page, which says its own date, into the folder."""
        path = self.documents / name
        path.write_text(
            f"<html><head><title>Sak</title><meta property='article:published_time' content='{dated}'></head>"
            f"<body><main><h1>Sak {path.stem}</h1><p>{text}</p></main></body></html>",
            encoding="utf-8",
        )
        return path

    @property
    def indexed(self) -> list[str]:
        return [source.id for source in IndexStore(self.settings.data).manifest().sources]

    @contextmanager
    def watched(self) -> Iterator[None]:
        stop = threading.Event()
        thread = threading.Thread(target=self.watch.run, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(PATIENCE_S)
        assert not thread.is_alive()


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return Corpus(tmp_path, licence="Kommunens egne")


def until(what: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            if what():
                return
        except Exception:  # there is no index yet
            pass
        time.sleep(0.05)
    raise AssertionError("it did not come to be")


def test_what_is_added_changed_and_taken_away_is_taken_in(corpus: Corpus) -> None:
    corpus.drop("a.html")
    with corpus.watched():
        until(lambda: corpus.indexed == ["sak-a"])
        b = corpus.drop("b.html", "Broa er ferdig.")
        until(lambda: corpus.indexed == ["sak-a", "sak-b"])
        corpus.drop("b.html", "Broa er stengt.")
        until(lambda: "stengt" in IndexStore(corpus.settings.data).text("sak-b"))
        b.unlink()
        until(lambda: corpus.indexed == ["sak-a"])
        corpus.drop("b.html", "Broa er åpen igjen.")
        until(lambda: corpus.indexed == ["sak-a", "sak-b"])
    entries = read_catalogue(corpus.settings.corpus)
    assert [(one.publisher, one.kind, one.licence) for one in entries] == [
        ("Molde kommune", "saksframlegg", "Kommunens egne")
    ] * 2
    assert "a.html: lagt i katalogen som sak-a" in corpus.told
    assert any("b.html: finnes ikke. Legg fila tilbake" in line for line in corpus.told)


def test_many_files_at_once_make_one_index(corpus: Corpus) -> None:
    corpus.drop("a.html")
    with corpus.watched():
        until(lambda: corpus.indexed == ["sak-a"])
        before = len([line for line in corpus.told if line.startswith("Ny indeks")])
        for number in range(20):
            corpus.drop(f"n{number}.html", f"Sak nummer {number} er vedtatt.")
        until(lambda: len(corpus.indexed) == 21)
        assert len([line for line in corpus.told if line.startswith("Ny indeks")]) - before <= 2


def test_a_round_without_changes_says_nothing(corpus: Corpus) -> None:
    corpus.drop("a.html")
    corpus.watch.take_in()
    said = len(corpus.told)
    corpus.watch.take_in()
    assert len(corpus.told) == said
    assert corpus.builds == 2


def test_a_dropped_file_that_says_too_little_is_named_once_with_what_to_do(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path, licence="")
    corpus.drop("a.html")
    corpus.watch.take_in()
    corpus.watch.take_in()
    said = [line for line in corpus.told if line.startswith("a.html: IKKE LAGT TIL.")]
    assert len(said) == 1
    assert "--licence" in said[0]
    assert not corpus.catalogue.exists()


def test_a_broken_file_and_a_broken_catalogue_are_told_and_the_watch_goes_on(corpus: Corpus) -> None:
    corpus.drop("a.html")
    with corpus.watched():
        until(lambda: corpus.indexed == ["sak-a"])
        (corpus.documents / "b.pdf").write_bytes(b"%PDF-1.7 halv")
        until(lambda: any(line.startswith("b.pdf: IKKE LAGT TIL. b.pdf: kan ikke leses") for line in corpus.told))
        good = corpus.catalogue.read_text(encoding="utf-8")
        corpus.catalogue.write_text(good + "\n[[source]\n", encoding="utf-8")
        until(lambda: any("sources.toml" in line for line in corpus.told))
        assert corpus.indexed == ["sak-a"]
        corpus.catalogue.write_text(good, encoding="utf-8")
        corpus.drop("c.html", "Broa er ferdig.")
        until(lambda: corpus.indexed == ["sak-a", "sak-c"])


def test_what_was_busy_is_tried_again(corpus: Corpus) -> None:
    corpus.drop("a.html")
    with held(corpus.settings.data / "ingest.lock", IngestBusyError("ingest_busy", path="x")):
        corpus.watch.take_in()
        assert corpus.told == ["a.html: lagt i katalogen som sak-a"]
    with corpus.watched():
        until(lambda: corpus.indexed == ["sak-a"])


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("a.pdf", True), ("sources.toml", True), (".a.pdf.123", False), ("~$brev.docx", False), ("a.pdf.part", False),
     ("a.crdownload", False), ("~a.docx", False), ("brev.docx~", False)],
)  # fmt: skip
def test_what_programs_write_while_they_save_is_no_document(name: str, *, wanted: bool) -> None:
    assert is_of_interest(Path("documents") / name) is wanted


def test_the_command_ends_when_it_is_told_to(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path, licence="L")
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1"}
    environment |= {"FAKTASVAR_CORPUS": str(corpus.settings.corpus), "FAKTASVAR_DATA": str(corpus.settings.data)}
    command = [sys.executable, "-m", "bot", "ingest", "watch"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, encoding="utf-8", cwd=tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Følger med på ")
        assert process.stdout.readline().startswith("Fant ingen katalog i ")
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert rest.endswith("Følger ikke lenger med.\n")
