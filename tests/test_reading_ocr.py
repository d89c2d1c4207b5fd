"""Scanned pages: recognised where tesseract is installed, and named where it is not; never silently empty."""

from __future__ import annotations

import os
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.answers import Answer, Citation, Note
from bot.cli import as_text
from bot.recognition import recognition_notes, recognition_of
from bot.web.render import answer_markdown, sources_markdown
from ingest.documents import Document
from ingest.errors import DocumentError, EmptyDocumentError
from ingest.index import SourceRecord
from ingest.passages import Passage, Sentence
from ingest.pipeline import IngestReport, ingest
from ingest.reading import Watch, read_document
from ingest.reading.child.pool import Readers
from ingest.reading.ocr import pieces, tesseract
from ingest.reading.ocr.rendering import pictures
from ingest.remarks import remarks_of
from ingest.reports import report_lines
from ingest.settings import IngestSettings, ReadingSettings
from ingest.texts import LANGUAGES
from tests.fakes import FakeEmbedder, source_record
from tests.hostile_files import pdf, stream

Row = tuple[float, float, float, str]

HEADING = "Vedtak om budsjettet"
LINES = (
    "Kommunestyret vedtok i møtet 4. mars 2022 å bevilge 12,5 millioner kroner til helse-",
    "og omsorgstjenestene, og ba rådmannen legge fram en sak om pasient-",
    "journalen innen utgangen av året. Vedtaket var enstemmig.",
)
TEXT = (
    "Kommunestyret vedtok i møtet 4. mars 2022 å bevilge 12,5 millioner kroner til helse- og omsorgstjenestene, og ba "
    "rådmannen legge fram en sak om pasientjournalen innen utgangen av året. Vedtaket var enstemmig."
)
RECOGNISE = Watch(recognise=True)


def rows() -> list[Row]:
    """Return a page with a heading and a paragraph."""
    return [(72, 740, 20, HEADING), *((72, 700 - 16 * at, 12, line) for at, line in enumerate(LINES))]


def typed(pages: Sequence[Sequence[Row]]) -> bytes:
    """Return a PDF file with text."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[" + b" ".join(b"%d 0 R" % (4 + 2 * at) for at in range(len(pages))) + b"]/Count %d>>" % len(pages),
        b"<</Type/Font/Subtype/Type1/Encoding/WinAnsiEncoding/BaseFont/Helvetica>>",
    ]
    for at, page in enumerate(pages):
        shown = [
            b"BT /F1 %g Tf 1 0 0 1 %g %g Tm (%s) Tj ET" % (size, x, y, words.encode("cp1252")) for x, y, size, words in page
        ]
        objects.append(_page(5 + 2 * at, b"/Font<</F1 3 0 R>>"))
        objects.append(stream(b"\n".join(shown)))
    return pdf(objects)


def scanned(pages: Sequence[Sequence[Row]], text_first: bool = False) -> bytes:
    """Return a PDF file whose pages are pictures of these; the first may have its text."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"",
        b"<</Type/Font/Subtype/Type1/Encoding/WinAnsiEncoding/BaseFont/Helvetica>>",
    ]
    kids = []
    for number, picture in pictures(typed(pages), range(1, len(pages) + 1)):
        assert picture is not None
        first = len(objects) + 1
        kids.append(b"%d 0 R" % first)
        if text_first and number == 1:
            shown = b"BT /F1 12 Tf 72 700 Td (Denne siden har tekst.) Tj ET"
            objects += [_page(first + 1, b"/Font<</F1 3 0 R>>"), stream(shown)]
            continue
        image = b"/Type/XObject/Subtype/Image/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode"
        image += b"/Width %d/Height %d" % (picture.width, picture.height)
        objects.append(_page(first + 1, b"/XObject<</I %d 0 R>>" % (first + 2)))
        objects += [stream(b"q 595 0 0 842 0 0 cm /I Do Q"), stream(zlib.compress(picture.grey, 1), image)]
    objects[1] = b"<</Type/Pages/Kids[" + b" ".join(kids) + b"]/Count %d>>" % len(kids)
    return pdf(objects)


def _page(content: int, resources: bytes) -> bytes:
    return b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R/Resources<<%s>>>>" % (content, resources)


@pytest.fixture
def installed() -> None:
    """Make sure that tesseract is there; only elsewhere than in CI may it be missing."""
    found, missing = tesseract.find()
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"no tesseract with Norwegian found; install it: apt-get install {missing}")
        pytest.skip(f"no tesseract with Norwegian found; install it: apt-get install {missing}")


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give tesseract time on a busy machine."""
    monkeypatch.setattr(tesseract, "PAGE_SECONDS", 600)


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Take tesseract away."""
    monkeypatch.setenv("PATH", str(tmp_path / "ingen"))


def pretend(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> None:
    """Put a program of ours in tesseract's place; `$1` is what it is asked for."""
    folder.mkdir()
    program = folder / "tesseract"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")


def write(folder: Path, data: bytes) -> Path:
    path = folder / "skannet.pdf"
    path.write_bytes(data)
    return path


@pytest.mark.timeout(600)
def test_a_scanned_page_is_read_as_it_stands(installed: None, patient: None, tmp_path: Path) -> None:
    document = read_document(write(tmp_path, scanned([rows()])), RECOGNISE)
    assert [(block.kind, block.text) for block in document.blocks] == [("heading", HEADING), ("paragraph", TEXT)]
    assert [(start.page, start.label) for start in document.blocks[1].pages] == [(1, "1")]
    assert list(document.recognised) == [1]
    assert 0.7 < document.recognised[1] <= 1
    assert document.reader.startswith("pypdf ")
    assert ", tesseract " in document.reader
    assert (document.page_count, document.warnings) == (1, ())


@pytest.mark.timeout(600)
def test_the_child_recognises_too_and_tells_pages_with_text_apart(installed: None, tmp_path: Path) -> None:
    path = write(tmp_path, scanned([[], rows(), []], text_first=True))
    with Readers(ReadingSettings(seconds=400)) as readers:
        (document,) = readers.read([path])
    assert isinstance(document, Document), document
    assert [block.text for block in document.blocks] == ["Denne siden har tekst.", HEADING, TEXT]
    assert list(document.recognised) == [2]
    assert document.warnings == ()  # The third page is blank: nothing is missing there.


def test_recognition_can_be_switched_off(tmp_path: Path) -> None:
    path = write(tmp_path, scanned([rows()]))
    with Readers(ReadingSettings(seconds=100, recognise=False)) as readers:
        (answer,) = readers.read([path])
    assert isinstance(answer, DocumentError)
    assert answer.key == "document_empty"


def test_without_tesseract_a_scan_is_refused_with_what_to_install(without: None, tmp_path: Path) -> None:
    with Readers(ReadingSettings(seconds=100)) as readers:
        (answer,) = readers.read([write(tmp_path, scanned([rows()]))])
    assert isinstance(answer, EmptyDocumentError)
    assert (answer.key, answer.values) == ("document_scanned", {"file": "skannet.pdf", "missing": "tesseract-ocr"})
    assert answer.say("nb") == (
        "skannet.pdf: er uten tekstlag (skannet?), og tekstgjenkjenningen er ikke på plass: tesseract-ocr mangler. "
        "Kjør: apt-get install tesseract-ocr tesseract-ocr-nor, eller skaff en versjon med tekst."
    )


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands in")
def test_without_norwegian_a_scan_is_refused_with_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, tmp_path / "bin", "echo 'List of available languages (2):'; echo eng; echo osd")
    with pytest.raises(EmptyDocumentError) as caught:
        read_document(write(tmp_path, scanned([rows()])), RECOGNISE)
    assert caught.value.values == {"file": "skannet.pdf", "missing": "tesseract-ocr-nor"}


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands in")
@pytest.mark.parametrize(
    "fault",
    ["exit 1", "echo; exit 0", "kill -SEGV $$", "exec sleep 1000", "printf 'level\\tconf\\n5\\tx\\n'"],
)
def test_a_tesseract_that_fails_costs_its_page(fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tesseract, "PAGE_SECONDS", 1)
    script = f'case "$1" in --list-langs) echo nor;; --version) echo tesseract 9.9;; *) {fault};; esac'
    pretend(monkeypatch, tmp_path / "bin", script)
    document = read_document(write(tmp_path, scanned([[], rows()], text_first=True)), RECOGNISE)
    assert [block.text for block in document.blocks] == ["Denne siden har tekst."]
    assert (document.warnings, document.recognised) == (("no text (a scan?) on page 2",), {})
    with pytest.raises(EmptyDocumentError) as caught:
        read_document(write(tmp_path, scanned([rows()])), RECOGNISE)
    assert caught.value.key == "document_not_recognised"


def run(folder: Path, data: bytes, monkeypatch: pytest.MonkeyPatch) -> IngestReport:
    """Index one file without a model."""
    monkeypatch.setattr("ingest.pipeline.open_embedder", lambda settings: FakeEmbedder())
    corpus = folder / "corpus"
    corpus.mkdir()
    write(corpus, data)
    (corpus / "sources.toml").write_text(
        '[[source]]\nid = "s"\ntitle = "T"\npublisher = "P"\nkind = "notat"\ndated = 2022-03-04\n'
        'retrieved = 2022-04-01\nlanguage = "nb"\nfile = "skannet.pdf"\nlicence = "L"\n',
        encoding="utf-8",
    )
    settings = IngestSettings(corpus=corpus, data=folder / "data", reading=ReadingSettings(seconds=400))
    return ingest(settings, lambda stage, done, total: None)


def test_the_report_names_the_pages_that_are_missing(without: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = run(tmp_path, scanned([[], rows(), rows()], text_first=True), monkeypatch)
    assert report.failures == ()
    lines = report_lines(report, "nb")
    assert lines[-1] == (
        "  s: MERK. Det er ikke funnet tekst på side 2, 3 (skannet?). Det som står der, er ikke søkbart, for "
        "tekstgjenkjenningen mangler tesseract-ocr. Kjør: apt-get install tesseract-ocr tesseract-ocr-nor"
    )
    assert run_again(tmp_path).sources == report.sources


def run_again(folder: Path) -> IngestReport:
    settings = IngestSettings(corpus=folder / "corpus", data=folder / "data", reading=ReadingSettings(seconds=400))
    again = ingest(settings, lambda stage, done, total: None)
    assert not again.changed
    return again


@pytest.mark.timeout(900)
def test_the_index_keeps_how_sure_each_page_is(installed: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = run(tmp_path, scanned([rows()]), monkeypatch)
    (source,) = report.sources
    assert list(source.recognised) == [1]
    assert report_lines(report, "nb")[-1].startswith(
        "  s: MERK. Side 1 er lest av et bilde (tekstgjenkjenning, OCR), sikkerhet 0,"
    )


def record(warnings: tuple[str, ...] = (), recognised: dict[int, float] | None = None) -> SourceRecord:
    return source_record().model_copy(update={"warnings": warnings, "recognised": recognised or {}})


WARNINGS = {
    "no text (a scan?) on page 2": "Det er ikke funnet tekst på side 2 (skannet?). Det som står der, er ikke søkbart.",
    "turned text left out on pages 1, 2, …": "Tekst som er snudd, er utelatt på side 1, 2, ….",
    "text smaller than 2 points left out on page 1": "Tekst som er mindre enn 2 punkter, er utelatt på side 1.",
    "text outside the page left out on page 7": "Tekst som ligger utenfor arket, er utelatt på side 7.",
    "the bookmarks are damaged and were not used": (
        "Bokmerkene er skadet og er ikke brukt. Overskriftene er funnet ut fra skriften."
    ),
    "not UTF-8; read as cp1252, so letters may be wrong": (
        "Fila er ikke i UTF-8. Den er lest som cp1252, så bokstaver kan ha blitt feil."
    ),
    "something that no text says": "something that no text says",
}


@pytest.mark.parametrize("warning", WARNINGS)
def test_a_readers_warning_is_said_in_the_persons_language(warning: str) -> None:
    assert list(remarks_of(record((warning,)), "nb")) == [WARNINGS[warning]]
    assert all(list(remarks_of(record((warning,)), language)) for language in LANGUAGES)


def test_recognised_pages_are_counted_in_one_sentence() -> None:
    assert list(remarks_of(record(recognised={2: 0.8, 3: 0.9}), "en")) == [
        "2 pages were read from pictures (text recognition, OCR), confidence 0.85. Words and numbers may be wrong there."
    ]


TABLE_HEAD = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext"


def table(*words: tuple[int, int, int, int, int, float, str]) -> str:
    """Return a table as tesseract gives it: each word as line, left, top, width, height, confidence, text."""
    rows = [f"5\t1\t1\t1\t{line}\t1\t{x}\t{y}\t{w}\t{h}\t{conf}\t{text}" for line, x, y, w, h, conf, text in words]
    return "\n".join([TABLE_HEAD, "1\t1\t0\t0\t0\t0\t0\t0\t2480\t3508\t-1\t", *rows])


def test_confidence_is_that_of_the_characters() -> None:
    words = pieces.parse(table((1, 0, 0, 90, 30, 90, "Kommune"), (1, 100, 0, 30, 30, 60, "nr.")))
    assert pieces.Recognised(words, 4.0, (595, 842)).confidence == pytest.approx((7 * 0.9 + 3 * 0.6) / 10)


def test_specks_are_no_words() -> None:
    assert [
        word.text for word in pieces.parse(table((1, 0, 0, 9, 9, 5, "|"), (1, 20, 0, 9, 9, 95, "I"), (1, 9, 9, 9, 9, 90, " ")))
    ] == ["I"]


def test_a_table_that_is_none_holds_no_words() -> None:
    assert pieces.parse("") == ()
    assert pieces.parse("level\ttext\n5\tord") == ()


def cited(recognised: float | None) -> Citation:
    passage = Passage("s:0001", "s", "Fristen er i mai.", 0, 17, (), 2, "2", (Sentence(0, 17, page=2, page_label="2"),))
    return Citation("Fristen er i mai.", "s", "T", "", 2, "2", "2022-03-04", "", 0, 17, passage, recognised=recognised)


def test_a_citation_from_a_recognised_page_says_how_sure_it_is() -> None:
    assert recognition_of(cited(0.87), "nb") == "Tekstgjenkjent (OCR), sikkerhet 0,87"
    assert recognition_of(cited(0.87), "nn") == "Tekstattkjent (OCR), sikkerheit 0,87"
    assert recognition_of(cited(0.87), "en") == "Text recognition (OCR), confidence 0.87"
    assert recognition_of(cited(None), "nb") == ""


def answer_with(recognised: float | None) -> Answer:
    citation = cited(recognised)
    notes = recognition_notes([citation], "nb")
    return Answer("Når?", "Når?", True, "«Fristen er i mai.» [1]", "svar", "nb", "g", (citation,), notes)


def test_the_note_names_its_citation_and_the_citation_stays_as_others_know_it() -> None:
    whole = answer_with(0.87).as_record()
    plain = answer_with(None).as_record()
    assert whole["notes"] == [
        {"kind": "ocr", "text": "Tekstgjenkjent (OCR), sikkerhet 0,87", "citation": cited(0.87).as_record()}
    ]
    assert plain["notes"] == []
    assert whole["citations"] == plain["citations"]


def test_the_page_says_it_once_under_the_citation() -> None:
    answer = answer_with(0.87)
    sources = sources_markdown(answer, "nb")
    assert sources.count("Tekstgjenkjent") == 1
    assert sources.count("<details") == 1
    assert "Tekstgjenkjent" not in answer_markdown(answer, "nb")
    assert "Tekstgjenkjent" not in sources_markdown(answer_with(None), "nb")


def test_the_terminal_says_it_once_with_the_citation() -> None:
    assert as_text(answer_with(0.87)).count("Tekstgjenkjent") == 1


def test_other_notes_are_shown_as_before() -> None:
    answer = Answer("Når?", "Når?", True, "x", "svar", "nb", "g", (cited(0.5),), (Note("alder", "Gammel.", cited(0.5)),))
    assert sources_markdown(answer, "nb").count("<details") == 2
    assert "Gammel" in answer_markdown(answer, "nb")
