"""Files made to do harm: each gets its verdict, its neighbours are read, and nothing is left behind."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.documents import Document
from ingest.errors import DocumentError
from ingest.pipeline import ingest
from ingest.reading.child.pool import Readers
from ingest.reading.child.worker import Worker
from ingest.settings import IngestSettings, ReadingSettings
from ingest.texts import LANGUAGES
from tests.fakes import FakeEmbedder
from tests.hostile_files import FILES, GOOD, NAMES, READ, Hostile, docx, irregular

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing is forked there")


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    """Return readers with the default limits, save for time: a busy machine must not change a verdict."""
    with Readers(ReadingSettings(seconds=250, workers=1)) as readers:
        yield readers


def verdict_of(answer: Document | DocumentError) -> str:
    return answer.key if isinstance(answer, DocumentError) else READ


@pytest.mark.timeout(600)
@pytest.mark.parametrize("hostile", FILES, ids=lambda one: f"{one.recipe}-{one.name}")
def test_a_hostile_file_gets_its_verdict_and_harms_nothing(hostile: Hostile, readers: Readers, tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b" / "c"
    folder.mkdir(parents=True)
    path, neighbour = folder / hostile.name, folder / "nabo.txt"
    path.write_bytes(hostile.build())
    neighbour.write_text(f"{GOOD}.\n", encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    answer, beside = readers.read([path, neighbour])
    assert verdict_of(answer) in hostile.verdicts
    if isinstance(answer, DocumentError):
        assert all(answer.say(language).startswith(f"{hostile.name}: ") for language in LANGUAGES)
    else:
        assert hostile.says in answer.text
        assert not hostile.hides or hostile.hides not in answer.text
    assert isinstance(beside, Document)
    assert beside.text == f"{GOOD}."
    assert sorted(tmp_path.rglob("*")) == before


def test_every_recipe_is_built_once_at_least() -> None:
    numbers = {hostile.recipe for hostile in FILES}
    assert numbers == set(range(1, 36))
    assert len({hostile.name for hostile in FILES}) == len(FILES)


def test_an_archive_is_refused_by_what_it_unpacks_to(readers: Readers, tmp_path: Path) -> None:
    parts = {f"del{number}": b"" for number in range(10_001)}
    large, many = tmp_path / "stor.pptx", tmp_path / "mange.odt"
    large.write_bytes(docx(more={"media": iter([bytes(1_000_000)] * 201)}))
    many.write_bytes(docx(more=parts))
    assert [verdict_of(answer) for answer in readers.read([large, many])] == ["document_unpacks_large", "document_many_parts"]


def test_what_is_no_ordinary_file_is_refused_at_once(readers: Readers, tmp_path: Path) -> None:
    made = irregular(tmp_path)
    answers = list(readers.read(made.values()))
    assert [verdict_of(answer) for answer in answers] == ["document_unreadable"] * len(made)
    reasons = {str(answer.values["reason"]) for answer in answers if isinstance(answer, DocumentError)}
    assert reasons == {"not an ordinary file", "no such file or directory", "too many levels of symbolic links"}


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_file_is_read_whatever_it_is_called(name: str, readers: Readers, tmp_path: Path) -> None:
    path, bad = tmp_path / name, tmp_path / f"{name.removesuffix('.txt')}.pdf"
    path.write_text(f"{GOOD}.\n", encoding="utf-8")
    bad.write_bytes(b"x")
    answer, refused = readers.read([path, bad])
    assert isinstance(answer, Document)
    assert answer.text == f"{GOOD}."
    assert isinstance(refused, DocumentError)
    said = refused.say("nb")
    assert said.isprintable()
    assert "kan ikke leses (not a PDF file)" in said
    assert sorted(tmp_path.iterdir()) == sorted([path, bad])


def test_the_names_are_forty() -> None:
    assert len(set(NAMES)) == 40


def test_an_ingest_reports_hostile_files_and_indexes_their_neighbours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.pipeline.open_embedder", lambda settings: FakeEmbedder())
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    bad = [hostile for hostile in FILES if hostile.recipe in (1, 6, 12, 17, 22, 34) and READ not in hostile.verdicts]
    names = ["god.md"]
    (corpus / "god.md").write_text(f"# A\n\n{GOOD}.\n", encoding="utf-8")
    for hostile in bad:
        (corpus / hostile.name).write_bytes(hostile.build())
        (corpus / f"nabo-{hostile.name}.txt").write_text(f"{GOOD}.\n", encoding="utf-8")
        names += [hostile.name, f"nabo-{hostile.name}.txt"]
    tables = [
        f'[[source]]\nid = "d{at}"\ntitle = "T"\npublisher = "P"\nkind = "notat"\ndated = 2022-03-04\n'
        f'retrieved = 2022-04-01\nlanguage = "nb"\nfile = "{name}"\nlicence = "L"\n'
        for at, name in enumerate(names)
    ]
    (corpus / "sources.toml").write_text("\n".join(tables), encoding="utf-8")
    settings = IngestSettings(corpus=corpus, data=tmp_path / "data", reading=ReadingSettings(seconds=60))
    report = ingest(settings, lambda stage, done, total: None)
    assert [failure.file for failure in report.failures] == [hostile.name for hostile in bad]
    assert [source.file for source in report.sources] == [name for name in names if name not in {one.name for one in bad}]
    assert report.changed


def test_a_worker_reads_the_next_file_itself_when_only_the_file_was_at_fault(tmp_path: Path) -> None:
    good, bad = tmp_path / "god.md", tmp_path / "tom.pdf"
    good.write_text(f"{GOOD}.\n", encoding="utf-8")
    bad.write_bytes(b"")
    worker = Worker(ReadingSettings(seconds=60))
    try:
        with pytest.raises(DocumentError):
            worker.read(bad)
        assert worker.alive
        assert worker.read(good).text == f"{GOOD}."
    finally:
        worker.close()
