"""PDF files: small ones built here byte by byte, so that each holds what its test is about and nothing else."""

from __future__ import annotations

import io
import random
import zlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pypdf
import pytest
from pypdf.generic import IndirectObject

from ingest.documents import About, Block, Document
from ingest.errors import EmptyDocumentError, UnreadableError, UnsupportedFormatError
from ingest.reading import Watch, pdf, read_document

Row = tuple[float, float, float, str]
"""x and y in points, font size (negative for bold), and the words."""

FONTS = b"<</F1 3 0 R/F2 4 0 R>>"
WIDE_TEXT = "Kommunestyret vedtok i dag den nye planen for helse og omsorg i kommunen med"


def raw(objects: Sequence[bytes], trailer: bytes = b"/Root 1 0 R") -> bytes:
    """Return a PDF file of these objects, the first of which is the catalogue."""
    out, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size + table
    return out + b"trailer<<" + trailer + b"/Size %d>>\nstartxref\n%d\n%%%%EOF" % (size, out.rindex(b"xref\n0 "))


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """Return a stream object."""
    return b"<<" + entries + b"/Length %d>>stream\n" % len(data) + data + b"\nendstream"


def content(rows: Sequence[Row]) -> bytes:
    """Return the operators that show rows of text."""
    parts = []
    for x, y, size, words in rows:
        shown = words.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        font = b"/F2" if size < 0 else b"/F1"
        parts.append(b"BT %s %g Tf 1 0 0 1 %g %g Tm (%s) Tj ET" % (font, abs(size), x, y, shown))
    return b"\n".join(parts)


def build(pages: Sequence[Sequence[Row]], *, page: bytes = b"", catalogue: bytes = b"") -> bytes:
    """Return a PDF file with these pages.

    Args:
        pages: What stands on each page.
        page: Further entries of every page.
        catalogue: Further entries of the catalogue.
    """
    font = b"<</Type/Font/Subtype/Type1/Encoding/WinAnsiEncoding/BaseFont/%s>>"
    kids = b" ".join(b"%d 0 R" % (5 + 2 * at) for at in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R" + catalogue + b">>",
        b"<</Type/Pages/Kids[" + kids + b"]/Count %d>>" % len(pages),
        font % b"Helvetica",
        font % b"Helvetica-Bold",
    ]
    for at, rows in enumerate(pages):
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R" % (6 + 2 * at)
            + b"/Resources<</Font" + FONTS + b">>" + page + b">>"
        )  # fmt: skip
        objects.append(stream(content(rows)))
    return raw(objects)


def read(tmp_path: Path, data: bytes, name: str = "dokument.pdf") -> Document:
    """Write a file and read it."""
    path = tmp_path / name
    path.write_bytes(data)
    return read_document(path)


def told(document: Document) -> list[tuple[str, int, str]]:
    """Return kind, level and text of each block."""
    return [(block.kind, block.level, block.text) for block in document.blocks]


def paragraph(words: Sequence[str], top: float = 700, x: float = 72, size: float = 11) -> list[Row]:
    """Return rows below each other as a text has them."""
    return [(x, top - 14 * at, size, line) for at, line in enumerate(words)]


def only(document: Document) -> Block:
    """Return the one block of a document."""
    (block,) = document.blocks
    return block


def test_lines_of_a_paragraph_become_one_line_of_text(tmp_path: Path) -> None:
    document = read(tmp_path, build([paragraph([WIDE_TEXT, "blåbær, æbler og øl."])]))
    assert told(document) == [("paragraph", 0, f"{WIDE_TEXT} blåbær, æbler og øl.")]
    assert document.page_count == 1
    assert document.reader == f"pypdf {pypdf.__version__}"


def test_wide_space_between_lines_parts_paragraphs(tmp_path: Path) -> None:
    rows = paragraph([WIDE_TEXT, "slutt."], 700) + paragraph([WIDE_TEXT, "ende."], 650)
    assert [text for _, _, text in told(read(tmp_path, build([rows])))] == [f"{WIDE_TEXT} slutt.", f"{WIDE_TEXT} ende."]


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("i kommunehelse-", "tjenesten og så videre.", "i kommunehelsetjenesten og så videre."),
        ("i hele Midt-", "Norge og så videre.", "i hele Midt-Norge og så videre."),
        ("for helse- og", "omsorgstjenester i dag.", "for helse- og omsorgstjenester i dag."),
        ("for helse-", "og omsorgstjenester i dag.", "for helse- og omsorgstjenester i dag."),
        ("om dagens IKT-", "systemer i bruk.", "om dagens IKT-systemer i bruk."),
        ("om nasjonal e-", "helse i dag.", "om nasjonal e-helse i dag."),
        ("innen 2020\u2013", "2021 en gang.", "innen 2020\u20132021 en gang."),
        ("den nye PAS/", "EPJ-løsningen i dag.", "den nye PAS/EPJ-løsningen i dag."),
        ("et hyppig \u2013", "og kjent tegn.", "et hyppig \u2013 og kjent tegn."),
    ],
)
def test_words_broken_at_the_end_of_a_line_are_mended(tmp_path: Path, first: str, second: str, joined: str) -> None:
    start = "Dette er en lang linje om noe helt annet, skrevet for å fylle den ut "
    document = read(tmp_path, build([paragraph([start + first, second])]))
    assert only(document).text == start + joined


def test_a_hyphen_stays_where_the_document_writes_the_word_with_one(tmp_path: Path) -> None:
    start = "Helsepersonell, tre-fire journalsystemer og mye annet i kommunen, altså tre-"
    document = read(tmp_path, build([paragraph([start, "fire stykker."])]))
    assert only(document).text.endswith("altså tre-fire stykker.")


def test_the_hyphen_with_code_ad_is_one(tmp_path: Path) -> None:
    document = read(tmp_path, build([paragraph([f"{WIDE_TEXT} pasient\xad", "journal og e\xadhelse."])]))
    assert only(document).text == f"{WIDE_TEXT} pasientjournal og e-helse."


def test_a_paragraph_over_a_page_break_knows_both_pages(tmp_path: Path) -> None:
    labels = b"/PageLabels<</Nums[0<</S/r>>1<</S/D>>]>>"
    pages = [paragraph([WIDE_TEXT, WIDE_TEXT]), paragraph(["mer penger til alle."])]
    block = only(read(tmp_path, build(pages, catalogue=labels)))
    assert [(start.page, start.label) for start in block.pages] == [(1, "i"), (2, "1")]
    assert block.text[block.pages[1].offset :] == "mer penger til alle."
    after = block.page_at(block.pages[1].offset)
    assert after is not None
    assert after.label == "1"


def test_a_finished_sentence_ends_the_paragraph_at_a_page_break(tmp_path: Path) -> None:
    document = read(tmp_path, build([paragraph([f"{WIDE_TEXT} alle."]), paragraph(["Neste sak er her nå."])]))
    assert len(document.blocks) == 2


def test_a_footnote_does_not_part_a_paragraph_that_goes_on(tmp_path: Path) -> None:
    pages = [
        [*paragraph([WIDE_TEXT] * 4), (72, 200, 8, "1 Dette er en note til teksten over.")],
        paragraph(["mer penger til alle."]),
    ]
    texts = [text for _, _, text in told(read(tmp_path, build(pages)))]
    assert texts == [" ".join([*[WIDE_TEXT] * 4, "mer penger til alle."]), "1 Dette er en note til teksten over."]


def test_larger_and_bold_lines_are_headings_by_rank(tmp_path: Path) -> None:
    rows: list[Row] = [
        (72, 760, 20, "Økonomiplan for kommunen"),
        (72, 720, 14, "Innledning"),
        *paragraph([WIDE_TEXT, "alle."], 690),
        (72, 640, -11, "Helse og omsorg"),
        *paragraph([WIDE_TEXT, "flere."], 620),
    ]
    headings = [(level, text) for kind, level, text in told(read(tmp_path, build([rows]))) if kind == "heading"]
    assert headings == [(1, "Økonomiplan for kommunen"), (2, "Innledning"), (3, "Helse og omsorg")]


def test_a_bold_sentence_is_no_heading(tmp_path: Path) -> None:
    rows = [(72, 740, -11, "Dette må alle huske på i dag."), *paragraph([WIDE_TEXT, "alle."], 710)]
    assert [kind for kind, _, _ in told(read(tmp_path, build([rows])))] == ["paragraph", "paragraph"]


def outlined(pages: Sequence[Sequence[Row]], entries: Sequence[tuple[str, int, int]]) -> bytes:
    """Return a PDF file with an outline of (title, page from 0, index of the parent or -1)."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(build(pages)))
    made: list[IndirectObject] = []
    for title, page, parent in entries:
        above = made[parent] if parent >= 0 else None
        made.append(writer.add_outline_item(title=title, page_number=page, parent=above))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_the_outline_says_which_lines_are_headings_and_of_which_level(tmp_path: Path) -> None:
    page = [
        (72, 760, 24, "RAPPORT"),
        (72, 720, 11, "Bakgrunn"),
        *paragraph([WIDE_TEXT, "alle."], 690),
        (72, 640, 11, "2.1 Avtaler"),
        *paragraph([WIDE_TEXT, "flere."], 610),
    ]
    data = outlined([page], [("Bakgrunn", 0, -1), ("Avtaler", 0, 0)])
    headings = [(level, text) for kind, level, text in told(read(tmp_path, data)) if kind == "heading"]
    assert headings == [(1, "Bakgrunn"), (2, "2.1 Avtaler")]


def test_headers_footers_and_page_numbers_are_left_out(tmp_path: Path) -> None:
    pages = [
        [
            (72, 810, 9, "Årsmelding 2021 for kommunen"),
            *paragraph([f"{WIDE_TEXT} {word}."]),
            (280, 30, 9, f"Side {number} av 4"),
            (500, 30, 9, str(number)),
        ]
        for number, word in enumerate(("hester", "griser", "sauer", "kyr"), start=1)
    ]
    texts = [text for _, _, text in told(read(tmp_path, build(pages)))]
    assert texts == [f"{WIDE_TEXT} {word}." for word in ("hester", "griser", "sauer", "kyr")]


def test_a_running_head_of_one_chapter_is_left_out(tmp_path: Path) -> None:
    pages = [
        [
            (72, 810, 11, f"Kapittel {1 + number // 3}: Helse"),
            (500, 810, 11, str(number)),
            *paragraph([f"Tekst {word}."]),
        ]
        for number, word in enumerate(("hester", "griser", "sauer", "kyr", "høns"), start=1)
    ]
    assert all(text.startswith("Tekst ") for _, _, text in told(read(tmp_path, build(pages))))


def test_a_printed_table_of_contents_is_left_out(tmp_path: Path) -> None:
    cover: list[Row] = [
        (72, 700, 11, "En rapport om noe viktig."),
        (72, 660, 14, "Innhold"),
        (72, 640, 11, "Bakgrunn ............................ 2"),
        (72, 620, 11, "En tittel som er så lang at den trenger to"),
        (72, 606, 11, "linjer i innholdet ........................ 3"),
        (72, 586, 11, "Avtaler 3"),
    ]
    texts = [text for _, _, text in told(read(tmp_path, build([cover, paragraph(["Her er teksten."])])))]
    assert texts == ["En rapport om noe viktig.", "Her er teksten."]


def test_lists_have_markers_levels_and_whole_items(tmp_path: Path) -> None:
    rows: list[Row] = [
        (72, 720, 11, "Dette er viktig:"),
        (72, 700, 11, "\u2022"), (86, 700, 11, "første punkt er langt nok til at det går over"),
        (86, 686, 11, "to linjer"),
        (92, 666, 11, "\u2013 underpunkt"),
        (72, 646, 11, "\u2022"), (86, 646, 11, "andre punkt"),
        (72, 620, 11, "Og i rekkefølge:"),
        (72, 600, 11, "1. en"), (72, 580, 11, "2. to"), (72, 560, 11, "a) tre"), (72, 540, 11, "b) fire"),
    ]  # fmt: skip
    items = [
        (block.level, block.marker, block.text) for block in read(tmp_path, build([rows])).blocks if block.kind == "list_item"
    ]
    assert items == [
        (1, "\u2022", "første punkt er langt nok til at det går over to linjer"),
        (2, "\u2013", "underpunkt"),
        (1, "\u2022", "andre punkt"),
        (1, "1.", "en"), (1, "2.", "to"), (1, "a)", "tre"), (1, "b)", "fire"),
    ]  # fmt: skip


@pytest.mark.parametrize("second", ["17. mai ble det fest.", "\u2013 og det var alt.", "3. gang gikk det bra."])
def test_a_dash_or_a_number_inside_a_paragraph_begins_no_item(tmp_path: Path, second: str) -> None:
    assert only(read(tmp_path, build([paragraph([WIDE_TEXT, second])]))).text == f"{WIDE_TEXT} {second}"


def test_rows_of_a_table_know_its_header(tmp_path: Path) -> None:
    rows: list[Row] = [(72, 740, 11, "Folketallet har økt de siste årene.")]
    cells_of_rows = [("År", "Folketall", "Endring"), ("2024", "5 550 203", "0,9 %"), ("2025", "5 601 049", "0,8 %")]
    for at, cells in enumerate(cells_of_rows):
        rows += [(72 + 120 * column, 700 - 20 * at, 11, cell) for column, cell in enumerate(cells)]
    table = [block for block in read(tmp_path, build([rows])).blocks if block.kind == "table_row"]
    assert [block.text for block in table] == ["2024 | 5 550 203 | 0,9 %", "2025 | 5 601 049 | 0,8 %"]
    assert {block.header for block in table} == {("År", "Folketall", "Endring")}


def test_captions_are_known_by_their_first_word(tmp_path: Path) -> None:
    rows = [*paragraph([WIDE_TEXT, "alle."]), (72, 650, 11, "Figur 3: Plan for innføring")]
    assert told(read(tmp_path, build([rows])))[-1] == ("caption", 0, "Figur 3: Plan for innføring")


def test_links_are_attached_to_their_words(tmp_path: Path) -> None:
    notes = (
        b"/Annots[<</Type/Annot/Subtype/Link/Rect[118 696 176 712]/A<</S/URI/URI(https://example.no/a)>>>>"
        b"<</Type/Annot/Subtype/Link/Rect[66 676 120 692]/Dest[5 0 R/Fit]>>]"
    )
    rows = [(72, 700, 11, "Les mer i rapporten om planen."), (72, 680, 11, "referanse.")]
    first, second = read(tmp_path, build([[rows[0]], [rows[1]]], page=notes)).blocks
    (link,) = first.links
    assert (first.text[link.start : link.end], link.url) == ("i rapporten", "https://example.no/a")
    (link,) = second.links
    assert (second.text[link.start : link.end], link.url) == ("referanse.", "#page=1")


def test_ligatures_combined_letters_and_odd_spaces_are_resolved(tmp_path: Path) -> None:
    mapping = (
        b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <FF> endcodespacerange "
        b"4 beginbfchar <41> <FB01> <42> <0061030A> <43> <00A0> <44> <200B> endbfchar endcmap"
    )
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>"
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"
    catalogue, pages = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    text = b"BT /F1 11 Tf 1 0 0 1 72 700 Tm (AlmeneCogDCblBtt) Tj ET"
    assert read(tmp_path, raw([catalogue, pages, page, stream(text), font, stream(mapping)])).text == "filmene og blått"


def test_turned_tiny_and_outside_text_is_left_out_with_a_warning(tmp_path: Path) -> None:
    rows = [*paragraph(["Her er teksten."]), (72, 600, 1, "KANARI"), (72, -40, 11, "utenfor")]
    turned = content(rows) + b" BT /F1 11 Tf 0 1 -1 0 30 300 Tm (loddrett) Tj ET"
    data = build([rows]).replace(stream(content(rows)), stream(turned))
    document = read(tmp_path, data)
    assert document.text == "Her er teksten."
    assert document.warnings == (
        "text outside the page left out on page 1",
        "text smaller than 2 points left out on page 1",
        "turned text left out on page 1",
    )


def test_a_turned_page_is_read_as_it_is_seen(tmp_path: Path) -> None:
    shown = b"BT /F1 11 Tf 0 1 -1 0 100 72 Tm (Her er teksten) Tj 0 1 -1 0 114 72 Tm (som er dreid.) Tj ET"
    page = (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Rotate 90/Contents 4 0 R/Resources<</Font<</F1"
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>"
    )
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page, stream(shown)]
    assert read(tmp_path, raw(objects)).text == "Her er teksten som er dreid."


def test_pages_without_text_are_named(tmp_path: Path) -> None:
    document = read(tmp_path, build([paragraph(["Her er teksten."]), [], []]))
    assert document.warnings == ("no text (a scan?) on pages 2, 3",)


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    data = build([paragraph([WIDE_TEXT, WIDE_TEXT]), paragraph(["mer penger til alle."])])
    assert read(tmp_path, data) == read(tmp_path, data)


GOOD = build([paragraph([WIDE_TEXT])])
BOMB = raw(
    [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font" + b"<<>>" + b">>>>",
        stream(zlib.compress(b"BT (A) Tj ET\n" * 6_500_000, 9), b"/Filter/FlateDecode"),
    ]
)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (GOOD[: len(GOOD) // 2], "damaged PDF file"),
        (GOOD[:-200], "damaged PDF file"),
        (b"%PDF-1.7\n" + random.Random(1).randbytes(50_000), "damaged PDF file"),
        (b"<html><body><p>ikke en PDF</p></body></html>", "not a PDF file"),
        (BOMB, "damaged PDF file: LimitReachedError"),
        (raw([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R]/Count 1>>"]), "damaged PDF file"),
    ],
    ids=["zero bytes", "first half", "end cut off", "random", "html", "flate bomb", "pages in a circle"],
)
def test_a_file_that_is_no_whole_pdf_is_unreadable(tmp_path: Path, data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read(tmp_path, data)
    assert caught.value.key == "document_unreadable"
    assert caught.value.values["file"] == "dokument.pdf"
    assert reason in str(caught.value.values["reason"])


def test_too_many_operators_are_refused(tmp_path: Path) -> None:
    data = build([paragraph(["x"])])
    many = b"BT (A) Tj ET\n" * (pdf.MAX_PARSING_WORK // 3)
    data = data.replace(stream(content(paragraph(["x"]))), stream(many))
    with pytest.raises(UnreadableError, match="LimitReachedError"):
        read(tmp_path, data)


def test_too_many_pages_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "dokument.pdf"
    path.write_bytes(build([paragraph(["x"])] * 3))
    assert read_document(path, Watch(pages=3)).page_count == 3
    with pytest.raises(UnreadableError) as caught:
        read_document(path, Watch(pages=2))
    assert (caught.value.key, caught.value.values) == ("document_many_pages", {"file": "dokument.pdf", "pages": 2})


def test_whoever_asks_is_told_of_each_page(tmp_path: Path) -> None:
    path, told = tmp_path / "dokument.pdf", list[int]()
    path.write_bytes(build([paragraph(["x"])] * 3))
    read_document(path, Watch(read=told.append))
    assert told == [1, 2, 3]


def test_too_many_characters_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.reading.source.MAX_CHARACTERS", 20)
    with pytest.raises(UnreadableError, match="more than 20 characters"):
        read(tmp_path, GOOD)


@pytest.mark.parametrize(("password", "readable"), [("hemmelig", False), ("", True)])
def test_only_a_password_to_open_makes_a_file_encrypted(tmp_path: Path, password: str, readable: bool) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(GOOD))
    writer.encrypt(user_password=password, owner_password="eier", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    if readable:
        assert read(tmp_path, out.getvalue()).text == WIDE_TEXT
        return
    with pytest.raises(UnreadableError) as caught:
        read(tmp_path, out.getvalue())
    assert (caught.value.key, caught.value.values) == ("document_encrypted", {"file": "dokument.pdf"})


def test_a_pdf_without_text_is_empty(tmp_path: Path) -> None:
    with pytest.raises(EmptyDocumentError) as caught:
        read(tmp_path, build([[]]))
    assert (caught.value.key, caught.value.values) == ("document_empty", {"file": "dokument.pdf"})


def test_an_unknown_suffix_is_unsupported(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedFormatError) as caught:
        read(tmp_path, GOOD, "regneark.XLSX")
    known = ".docm, .docx, .htm, .html, .markdown, .md, .odt, .pdf, .pptx, .txt, .xhtml"
    assert caught.value.values == {"file": "regneark.XLSX", "suffix": ".xlsx", "known": known}


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="no such file"):
        read_document(tmp_path / "borte.pdf")


INFORMATION = b"""<</Title (Plan for skolen) /Author (Vestby kommune) /CreationDate (D:20240304120000+01'00')
/ModDate (D:20240503120000Z)>>"""


def with_information(information: bytes, trailer: bytes = b"/Root 1 0 R/Info 2 0 R") -> bytes:
    """Return a PDF file with this information dictionary."""
    font = b"<</F1<</Type/Font/Subtype/Type1/Encoding/WinAnsiEncoding/BaseFont/Helvetica>>>>"
    page = b"<</Type/Page/Parent 3 0 R/MediaBox[0 0 595 842]/Contents 5 0 R/Resources<</Font" + font + b">>>>"
    shown = stream(content([(72, 700, 11, "Kommunestyret vedtok planen.")]))
    pages = b"<</Type/Pages/Kids[4 0 R]/Count 1>>"
    return raw([b"<</Type/Catalog/Pages 3 0 R/Lang(nb-NO)>>", information, pages, page, shown], trailer)


def test_the_information_dictionary_says_what_the_document_is(tmp_path: Path) -> None:
    assert read(tmp_path, with_information(INFORMATION)).about == About(
        title="Plan for skolen",
        publisher="Vestby kommune",
        language="nb",
        published=date(2024, 3, 4),
        updated=date(2024, 5, 3),
    )


@pytest.mark.parametrize(
    "information",
    [
        b"<</Title (Microsoft Word - sak.docx) /Author (Kari) /CreationDate (i dag) /ModDate 17>>",
        b"[1 2 3]",
        b"null",
        b"<</Title 9 0 R>>",
    ],
    ids=["by programs", "an array", "null", "to nowhere"],
)
def test_properties_that_say_nothing_or_are_damaged_stop_nothing(tmp_path: Path, information: bytes) -> None:
    document = read(tmp_path, with_information(information))
    assert document.text == "Kommunestyret vedtok planen."
    assert (document.about.title, document.about.publisher, document.about.published) == ("", "", None)
