"""Word files: some made by python-docx, some put together here from XML that python-docx can't write."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml

from ingest.documents import About, Block, Document, Link
from ingest.errors import EmptyDocumentError, UnreadableError, UnsupportedFormatError
from ingest.reading import read_document
from ingest.reading.common import zipped
from ingest.reading.layout import counted
from ingest.reading.word import story, walk

MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
NAMES = (
    f'xmlns:w="{MAIN}" xmlns:r="{OFFICE}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)
RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"

STYLES = """
<w:docDefaults><w:rPrDefault><w:rPr><w:lang w:val="nn-NO"/></w:rPr></w:rPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="Overskrift1"><w:name w:val="heading 1"/>
  <w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Overskrift2"><w:name w:val="Overskrift 2"/></w:style>
<w:style w:type="paragraph" w:styleId="Kapittel"><w:name w:val="Kapittel"/><w:basedOn w:val="Overskrift1"/></w:style>
<w:style w:type="paragraph" w:styleId="Brodtekst"><w:name w:val="Brødtekst"/><w:basedOn w:val="Overskrift1"/>
  <w:pPr><w:outlineLvl w:val="9"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Bildetekst"><w:name w:val="Bildetekst"/></w:style>
<w:style w:type="paragraph" w:styleId="INNH1"><w:name w:val="toc 1"/></w:style>
<w:style w:type="paragraph" w:styleId="Skjult"><w:name w:val="Skjult"/><w:rPr><w:vanish/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Sirkel"><w:name w:val="Sirkel"/><w:basedOn w:val="Sirkel"/></w:style>
<w:style w:type="paragraph" w:styleId="Punkt"><w:name w:val="Punkt"/>
  <w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
<w:style w:type="character" w:styleId="SkjultTegn"><w:name w:val="Skjulte tegn"/><w:rPr><w:vanish w:val="1"/></w:rPr></w:style>
<w:style w:type="table" w:styleId="Rutenett"><w:name w:val="Table Grid"/></w:style>
<w:style w:type="table" w:styleId="Farget"><w:name w:val="Grid Table 4"/><w:basedOn w:val="Rutenett"/>
  <w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr></w:tblStylePr></w:style>
"""


def level(at: int, kind: str, pattern: str, more: str = "") -> str:
    """Return one level of a list."""
    return f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>{more}<w:lvlText w:val="{pattern}"/></w:lvl>'


NUMBERING = (
    '<w:abstractNum w:abstractNumId="0">' + level(0, "bullet", "\uf0b7") + level(1, "bullet", "–") + "</w:abstractNum>"
    '<w:abstractNum w:abstractNumId="1">'
    + level(0, "decimal", "%1.") + level(1, "lowerLetter", "%2)") + level(2, "upperRoman", "%1.%3") + "</w:abstractNum>"
    '<w:abstractNum w:abstractNumId="2">'
    + level(0, "decimal", "%1", '<w:pStyle w:val="Overskrift1"/>')
    + level(1, "decimal", "%1.%2", '<w:pStyle w:val="Overskrift2"/>')
    + "</w:abstractNum>"
    '<w:abstractNum w:abstractNumId="3"><w:numStyleLink w:val="Liste"/></w:abstractNum>'
    '<w:abstractNum w:abstractNumId="4"><w:styleLink w:val="Liste"/>' + level(0, "decimalZero", "§ %1") + "</w:abstractNum>"
    + "".join(f'<w:num w:numId="{at + 1}"><w:abstractNumId w:val="{at}"/></w:num>' for at in range(5))
    + '<w:num w:numId="9"><w:abstractNumId w:val="1"/>'
    '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride></w:num>'
)  # fmt: skip


def p(words: str, style: str = "", more: str = "") -> str:
    """Return a paragraph of one run."""
    return para(f'<w:r><w:t xml:space="preserve">{words}</w:t></w:r>', style, more)


def para(inside: str, style: str = "", more: str = "") -> str:
    """Return a paragraph."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{named}{more}</w:pPr>{inside}</w:p>"


def item(words: str, number: int, at: int = 0) -> str:
    """Return a paragraph of a list."""
    return p(words, more=f'<w:numPr><w:ilvl w:val="{at}"/><w:numId w:val="{number}"/></w:numPr>')


def run(words: str, properties: str = "") -> str:
    """Return a run."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r>'


def relationships(*each: tuple[str, str, str, bool]) -> str:
    """Return a part's relationships: id, last word of the type, target, outside."""
    lines = (
        f'<Relationship Id="{name}" Type="{OFFICE}/{kind}" Target="{target}" TargetMode="{"External" if out else "Internal"}"/>'
        for name, kind, target, out in each
    )
    return f'<Relationships xmlns="{RELATIONSHIPS}">{"".join(lines)}</Relationships>'


TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)


def packed(parts: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return file.getvalue()


Parts = dict[str, str | bytes]


def parts_of(body: str, *, footnotes: str = "", endnotes: str = "", more: Parts | None = None) -> Parts:
    """Return the parts of a Word file with this body."""
    parts: Parts = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": relationships(("rId1", "officeDocument", "word/document.xml", False)),
        "word/document.xml": f"<w:document {NAMES}><w:body>{body}</w:body></w:document>",
        "word/styles.xml": f"<w:styles {NAMES}>{STYLES}</w:styles>",
        "word/numbering.xml": f"<w:numbering {NAMES}>{NUMBERING}</w:numbering>",
        "word/footnotes.xml": f"<w:footnotes {NAMES}>{footnotes}</w:footnotes>",
        "word/endnotes.xml": f"<w:endnotes {NAMES}>{endnotes}</w:endnotes>",
        "word/_rels/footnotes.xml.rels": relationships(("rId1", "hyperlink", "https://note.example/", True)),
        "word/_rels/document.xml.rels": relationships(
            ("rId1", "hyperlink", "https://kommune.example/a?b=1&amp;c=2", True),
            ("rId2", "styles", "styles.xml", False),
            ("rId3", "numbering", "numbering.xml", False),
            ("rId4", "footnotes", "footnotes.xml", False),
            ("rId5", "endnotes", "/word/endnotes.xml", False),
            ("rId6", "image", "../NULL", False),
        ),
    }
    return parts | (more or {})


def read(tmp_path: Path, data: bytes, name: str = "sak.docx") -> Document:
    """Write a file and read it."""
    path = tmp_path / name
    path.write_bytes(data)
    return read_document(path)


def of(tmp_path: Path, body: str, *, footnotes: str = "", endnotes: str = "") -> Document:
    """Read a Word file with this body."""
    return read(tmp_path, packed(parts_of(body, footnotes=footnotes, endnotes=endnotes)))


def told(document: Document) -> list[tuple[str, int, str, str]]:
    """Return kind, level, marker and text of each block."""
    return [(block.kind, block.level, block.marker, block.text) for block in document.blocks]


def saved(document: docx.document.Document) -> bytes:
    """Return the file that python-docx makes."""
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def test_what_python_docx_writes_is_read_back_in_order(tmp_path: Path) -> None:
    made = docx.Document()
    made.add_heading("Saksframlegg", 0)
    made.add_heading("Bakgrunn", 1)
    made.add_paragraph("Rådmannen viser til vedtak 12/24.")
    made.add_heading("Økonomi", 2)
    made.add_paragraph("Kommunen skal:")
    for words, style in [("betale", "List Bullet"), ("hver måned", "List Bullet 2"), ("melde fra", "List Bullet")]:
        made.add_paragraph(words, style=style)
    for words in ("Først dette.", "Så dette."):
        made.add_paragraph(words, style="List Number")
    table = made.add_table(rows=3, cols=3)
    for row, words in zip(table.rows, ["Tiltak|Frist|Sum", "Kurs|1. mai|10", "Utstyr|1. juni|20"], strict=True):
        for cell, word in zip(row.cells, words.split("|"), strict=True):
            cell.text = word
    table.rows[0]._tr.get_or_add_trPr().append(parse_xml(f'<w:tblHeader xmlns:w="{MAIN}"/>'))
    made.add_paragraph("Tabell 1: Tiltakene", style="Caption")
    made.sections[0].header.paragraphs[0].text = "Topptekst"
    made.sections[0].footer.paragraphs[0].text = "Bunntekst"
    document = read(tmp_path, saved(made))
    header = ("Tiltak", "Frist", "Sum")
    assert list(document.blocks) == [
        Block("heading", "Saksframlegg", level=1),
        Block("heading", "Bakgrunn", level=1),
        Block("paragraph", "Rådmannen viser til vedtak 12/24."),
        Block("heading", "Økonomi", level=2),
        Block("paragraph", "Kommunen skal:"),
        Block("list_item", "betale", level=1, marker="•"),
        Block("list_item", "hver måned", level=2, marker="•"),
        Block("list_item", "melde fra", level=1, marker="•"),
        Block("list_item", "Først dette.", level=1, marker="1."),
        Block("list_item", "Så dette.", level=1, marker="2."),
        Block("table_row", "Kurs | 1. mai | 10", header=header),
        Block("table_row", "Utstyr | 1. juni | 20", header=header),
        Block("caption", "Tabell 1: Tiltakene"),
    ]
    assert document.page_count is None
    assert document.reader == f"python-docx {version('python-docx')}"
    assert document.warnings == ()


def test_a_file_with_macros_is_read_as_one_without(tmp_path: Path) -> None:
    parts = parts_of(p("Vedtatt."))
    macro = "application/vnd.ms-word.document.macroEnabled.main+xml"
    parts["[Content_Types].xml"] = TYPES.replace(
        "</Types>", f'<Override PartName="/word/document.xml" ContentType="{macro}"/></Types>'
    )
    assert read(tmp_path, packed(parts), "sak.docm").text == "Vedtatt."


def test_strict_open_xml_is_read(tmp_path: Path) -> None:
    body = p("Bakgrunn", "Overskrift1") + para(f'<w:hyperlink r:id="rId1">{run("lenke")}</w:hyperlink>')
    strict = {
        name: str(data).replace(MAIN, "http://purl.oclc.org/ooxml/wordprocessingml/main").replace(
            OFFICE, "http://purl.oclc.org/ooxml/officeDocument/relationships"
        )
        for name, data in parts_of(body).items()
    }  # fmt: skip
    document = read(tmp_path, packed(strict))
    assert told(document) == [("heading", 1, "", "Bakgrunn"), ("paragraph", 0, "", "lenke")]
    assert document.blocks[1].links == (Link(0, 5, "https://kommune.example/a?b=1&c=2"),)


@pytest.mark.parametrize(("suffix", "better"), [(".doc", ".docx"), (".PPT", ".pptx"), (".rtf", ".docx")])
def test_an_older_format_is_refused_with_what_to_save_it_as(tmp_path: Path, suffix: str, better: str) -> None:
    with pytest.raises(UnsupportedFormatError) as caught:
        read(tmp_path, b"x", f"sak{suffix}")
    assert caught.value.key == "document_outdated"
    assert caught.value.values == {"file": f"sak{suffix}", "suffix": suffix.lower(), "better": better}


# Headings


def test_headings_are_known_by_style_by_what_it_is_based_on_and_by_outline_level(tmp_path: Path) -> None:
    body = (
        p("Norsk id", "Overskrift1") + p("Norsk navn", "Overskrift2") + p("Avledet", "Kapittel")
        + p("Nivå i avsnittet", more='<w:outlineLvl w:val="3"/>')
        + p("Ikke overskrift likevel.", "Overskrift1", '<w:outlineLvl w:val="9"/>')
        + p("Brødtekst av overskrift.", "Brodtekst") + p("Stil uten ende.", "Sirkel") + p("Ukjent stil.", "Finnes ikke")
    )  # fmt: skip
    assert told(of(tmp_path, body)) == [
        ("heading", 1, "", "Norsk id"),
        ("heading", 2, "", "Norsk navn"),
        ("heading", 1, "", "Avledet"),
        ("heading", 4, "", "Nivå i avsnittet"),
        ("paragraph", 0, "", "Ikke overskrift likevel."),
        ("paragraph", 0, "", "Brødtekst av overskrift."),
        ("paragraph", 0, "", "Stil uten ende."),
        ("paragraph", 0, "", "Ukjent stil."),
    ]


def test_a_heading_keeps_the_number_that_word_prints_before_it(tmp_path: Path) -> None:
    numbered = '<w:numPr><w:ilvl w:val="{}"/><w:numId w:val="3"/></w:numPr>'
    link = f'<w:hyperlink r:id="rId1">{run("Økonomi")}</w:hyperlink>'
    body = (
        p("Bakgrunn", "Overskrift1", numbered.format(0)) + p("Vedtak", "Overskrift2", numbered.format(1))
        + p("Tekst.") + para(link, "Overskrift1", numbered.format(0)) + p("Rammer", "Overskrift2", numbered.format(1))
    )  # fmt: skip
    document = of(tmp_path, body)
    assert [block.text for block in document.blocks] == ["1 Bakgrunn", "1.1 Vedtak", "Tekst.", "2 Økonomi", "2.1 Rammer"]
    assert document.blocks[3].links == (Link(2, 9, "https://kommune.example/a?b=1&c=2"),)


def test_bold_lines_are_headings_only_where_the_document_has_no_others(tmp_path: Path) -> None:
    bold = para(run("Saksopplysninger", "<w:b/>"))
    mixed = para(run("Merk:", "<w:b/>") + run(" fristen er 1. mai."))
    sentence = para(run("Dette er viktig.", "<w:b/>"))
    body = bold + p("Kommunen har et vedtak.") + mixed + sentence + p("Mer tekst.")
    assert [kind for kind, *_ in told(of(tmp_path, body))] == ["heading", "paragraph", "paragraph", "paragraph", "paragraph"]
    assert [kind for kind, *_ in told(of(tmp_path, p("Bakgrunn", "Overskrift1") + body))][1] == "paragraph"
    assert [kind for kind, *_ in told(of(tmp_path, p("Tekst.") + bold))] == ["paragraph", "paragraph"]


def test_the_table_of_contents_is_left_out(tmp_path: Path) -> None:
    control = (
        '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
        f"<w:sdtContent>{p('Innhold')}{p('Bakgrunn 2', 'INNH1')}</w:sdtContent></w:sdt>"
    )
    styled = p("Innhold") + p("Bakgrunn 2", "INNH1") + p("Økonomi 3", "INNH1")
    begun = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> TOC \\o </w:instrText></w:r>'
    as_field = (
        p("Innhald") + para(begun + '<w:r><w:fldChar w:fldCharType="separate"/></w:r>' + run("Bakgrunn 2"), "INNH1")
        + p("Økonomi 3") + para('<w:r><w:fldChar w:fldCharType="end"/></w:r>')
    )  # fmt: skip
    text = p("Bakgrunn", "Overskrift1") + p("Tekst.")
    for contents in (control, styled, as_field):
        assert told(of(tmp_path, contents + text)) == [("heading", 1, "", "Bakgrunn"), ("paragraph", 0, "", "Tekst.")]


# Lists


def test_lists_are_counted_as_word_counts_them(tmp_path: Path) -> None:
    body = (
        item("en", 2) + item("under", 2, 1) + item("under", 2, 1) + item("dypt", 2, 2) + item("to", 2) + item("på nytt", 2, 1)
        + p("Avsnitt.") + item("går videre", 2)
        + item("begynner på sju", 9) + item("åtte", 9) + item("kule", 1) + item("strek", 1, 1)
        + item("ledd", 4) + item("ledd", 4) + item("utenfor", 0) + item("ukjent liste", 77) + p("i stilen", "Punkt")
    )  # fmt: skip
    assert [(kind, level, marker) for kind, level, marker, _ in told(of(tmp_path, body))] == [
        ("list_item", 1, "1."), ("list_item", 2, "a)"), ("list_item", 2, "b)"), ("list_item", 3, "1.I"),
        ("list_item", 1, "2."), ("list_item", 2, "a)"), ("paragraph", 0, ""), ("list_item", 1, "3."),
        ("list_item", 1, "7."), ("list_item", 1, "8."), ("list_item", 1, "•"), ("list_item", 2, "–"),
        ("list_item", 1, "§ 01"), ("list_item", 1, "§ 02"), ("paragraph", 0, ""), ("paragraph", 0, ""), ("list_item", 1, "•"),
    ]  # fmt: skip


def test_letters_and_roman_numbers_go_on_past_the_alphabet(tmp_path: Path) -> None:
    body = "".join(item(f"punkt {at}", 2, 1) for at in range(28))
    assert [marker for _, _, marker, _ in told(of(tmp_path, body))][24:] == ["y)", "z)", "aa)", "bb)"]
    assert counted(2_000_000_000, "lowerLetter") == "2000000000"
    body = "".join(item(f"punkt {at}", 2, 2) for at in range(4))
    assert [marker for _, _, marker, _ in told(of(tmp_path, body))] == ["1.I", "1.II", "1.III", "1.IV"]


def test_a_bullet_that_was_typed_is_a_list_item_and_a_dash_is_not(tmp_path: Path) -> None:
    link = f'<w:hyperlink r:id="rId1">{run("planen")}</w:hyperlink>'
    document = of(tmp_path, para(run("•\t") + link) + p("– Vi er glade, sier ordføreren."))
    assert told(document) == [
        ("list_item", 1, "•", "planen"),
        ("paragraph", 0, "", "– Vi er glade, sier ordføreren."),
    ]
    assert document.blocks[0].links == (Link(0, 6, "https://kommune.example/a?b=1&c=2"),)


# Tables


def table(*rows: str, look: str = "") -> str:
    """Return a table of these rows."""
    return f"<w:tbl><w:tblPr>{look}</w:tblPr>{''.join(rows)}</w:tbl>"


def tr(*cells: str, head: bool = False, more: str = "") -> str:
    """Return a row; a cell that isn't XML holds words."""
    inside = "".join(cell if cell.startswith("<w:tc") else tc(cell) for cell in cells)
    return f"<w:tr><w:trPr>{'<w:tblHeader/>' if head else ''}{more}</w:trPr>{inside}</w:tr>"


def tc(content: str, more: str = "") -> str:
    """Return a cell."""
    return f"<w:tc><w:tcPr>{more}</w:tcPr>{content if content.startswith('<w:') else p(content)}</w:tc>"


def rows_of(document: Document) -> list[tuple[str, tuple[str, ...]]]:
    """Return text and header of each table row; everything else must not be there."""
    assert {block.kind for block in document.blocks} == {"table_row"}
    return [(block.text, block.header) for block in document.blocks]


def test_merged_cells_stand_once(tmp_path: Path) -> None:
    span, down, on = '<w:gridSpan w:val="2"/>', '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    body = table(
        tr(tc("Kommune", down), tc("Innbyggere", span), head=True),
        tr(tc("", on), "2023", "2024", head=True),
        tr(tc("Vestby", down), "10", "11"),
        tr(tc("", on), "12", "13"),
        tr(tc("Alle under ett", '<w:gridSpan w:val="3"/>')),
        tr("", "", ""),
    )
    header = ("Kommune", "Innbyggere 2023", "Innbyggere 2024")
    assert rows_of(of(tmp_path, body)) == [("Vestby | 10 | 11", header), ("12 | 13", header), ("Alle under ett", header)]


def test_a_first_row_that_looks_different_is_the_header(tmp_path: Path) -> None:
    bold = [tc(para(run(words, "<w:b/>"))) for words in ("Tiltak", "Status")]
    expected = [("Kurs | ferdig", ("Tiltak", "Status")), ("Utstyr | bestilt", ("Tiltak", "Status"))]
    rest = tr("Kurs", "ferdig"), tr("Utstyr", "bestilt")
    assert rows_of(of(tmp_path, table(tr(*bold), *rest))) == expected
    for look in ('<w:tblLook w:firstRow="1"/>', '<w:tblLook w:val="04A0"/>'):
        assert (
            rows_of(of(tmp_path, table(tr("Tiltak", "Status"), *rest, look=f'<w:tblStyle w:val="Farget"/>{look}'))) == expected
        )
    plain = '<w:tblStyle w:val="Farget"/><w:tblLook w:firstRow="0"/>'
    assert rows_of(of(tmp_path, table(tr("Tiltak", "Status"), *rest, look=plain)))[0] == ("Tiltak | Status", ())


def test_where_nothing_marks_a_header_the_first_row_is_kept_as_a_row_too(tmp_path: Path) -> None:
    names = ("Tiltak", "2023", "2024")
    body = table(tr(*names), tr("Kurs", "10", "20"))
    assert rows_of(of(tmp_path, body)) == [("Tiltak | 2023 | 2024", ()), ("Kurs | 10 | 20", names)]
    values = table(tr("Saksbehandler", "Kari Nordmann"), tr("Arkiv", "Byggesak"))
    assert rows_of(of(tmp_path, values)) == [("Saksbehandler | Kari Nordmann", ()), ("Arkiv | Byggesak", ())]


def test_a_table_in_a_cell_follows_the_row_that_it_stands_in(tmp_path: Path) -> None:
    inner = table(tr("Rom", "Plasser", head=True), tr("Sal", "40"))
    body = table(
        tr("Sted", "Merknad", head=True), tr("Rådhuset", tc(p("Se under") + inner + p("og kartet"))), tr("Skolen", "–")
    )
    assert rows_of(of(tmp_path, body)) == [
        ("Rådhuset | Se under og kartet", ("Sted", "Merknad")),
        ("Sal | 40", ("Rom", "Plasser")),
        ("Skolen | –", ("Sted", "Merknad")),
    ]


def test_a_table_that_only_frames_text_is_read_as_that_text(tmp_path: Path) -> None:
    frame = table(tr(tc(p("Fakta", "Overskrift1") + p("Kommunen har 12 skoler."))))
    beside = table(tr(tc(p("Til venstre", "Overskrift1") + p("Første spalte.")), tc(p("Andre spalte."))))
    assert told(of(tmp_path, frame + beside)) == [
        ("heading", 1, "", "Fakta"),
        ("paragraph", 0, "", "Kommunen har 12 skoler."),
        ("heading", 1, "", "Til venstre"),
        ("paragraph", 0, "", "Første spalte."),
        ("paragraph", 0, "", "Andre spalte."),
    ]


def test_links_in_cells_keep_their_place(tmp_path: Path) -> None:
    link = para(run("se ") + f'<w:hyperlink r:id="rId1">{run("planen")}</w:hyperlink>')
    block = of(tmp_path, table(tr("A", "B", head=True), tr("Skole", tc(p("Ja,") + link)))).blocks[0]
    assert block.text == "Skole | Ja, se planen"
    assert [(block.text[one.start : one.end], one.url) for one in block.links] == [
        ("planen", "https://kommune.example/a?b=1&c=2")
    ]


# Words


def test_words_are_cleaned_as_in_every_format(tmp_path: Path) -> None:
    body = para(
        run("Første linje") + "<w:r><w:br/></w:r>" + run("andre") + "<w:r><w:tab/></w:r>" + run("tre  fire ")
        + run(" e") + "<w:r><w:softHyphen/><w:noBreakHyphen/></w:r>" + run("hel\u00adse \ufb01n bla\u030a")
    )  # fmt: skip
    assert of(tmp_path, body).text == "Første linje andre tre fire e-helse fin blå"


def test_a_word_in_two_runs_is_one_word(tmp_path: Path) -> None:
    assert of(tmp_path, para(run("kom") + '<w:bookmarkStart w:id="0"/><w:proofErr/>' + run("mune", "<w:b/>"))).text == "kommune"


def test_links_are_kept_however_they_are_written(tmp_path: Path) -> None:
    def as_field(instruction: str, words: str) -> str:
        return (
            f'<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> {instruction} </w:instrText></w:r>'
            f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run(words)}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
        )

    body = para(
        f'<w:hyperlink r:id="rId1">{run("en")}</w:hyperlink>' + run(", ")
        + f'<w:hyperlink w:anchor="kap2">{run("to")}</w:hyperlink>' + run(", ")
        + as_field('HYPERLINK "https://felt.example/"', "tre") + run(", ")
        + as_field('HYPERLINK \\l "kap3"', "fire") + run(", ")
        + f'<w:fldSimple w:instr="HYPERLINK &quot;https://enkel.example/&quot;">{run("fem")}</w:fldSimple>' + run(", ")
        + as_field("PAGEREF kap2", "12") + run(", ") + f'<w:hyperlink r:id="rId99">{run("seks")}</w:hyperlink>'
    )  # fmt: skip
    block = of(tmp_path, body).blocks[0]
    assert block.text == "en, to, tre, fire, fem, 12, seks"
    assert [(block.text[one.start : one.end], one.url) for one in block.links] == [
        ("en", "https://kommune.example/a?b=1&c=2"), ("to", "#kap2"), ("tre", "https://felt.example/"), ("fire", "#kap3"),
        ("fem", "https://enkel.example/"), ("seks", ""),
    ]  # fmt: skip


def test_a_field_that_is_never_closed_swallows_nothing_after_its_paragraph(tmp_path: Path) -> None:
    body = para(run("Før. ") + '<w:r><w:fldChar w:fldCharType="begin"/></w:r>' + run("borte")) + p("Etter.")
    assert of(tmp_path, body).text == "Før.\nEtter."


def test_inserted_text_counts_and_deleted_text_does_not(tmp_path: Path) -> None:
    gone = '<w:del w:id="1"><w:r><w:delText>gammelt </w:delText></w:r></w:del>'
    body = (
        para(run("Vedtaket er ") + gone + f'<w:ins w:id="2">{run("nytt")}</w:ins>' + run("."))
        + para('<w:moveFrom w:id="3">' + run("Flyttet vekk.") + "</w:moveFrom>")
        + para('<w:moveTo w:id="3">' + run("Flyttet hit.") + "</w:moveTo>")
        + para(run("Delt "), more='<w:rPr><w:del w:id="4"/></w:rPr>') + p("avsnitt.")
        + table(tr("A", "B", head=True), tr("slettet", "rad", more='<w:del w:id="5"/>'), tr("en", "rad"))
    )  # fmt: skip
    document = of(tmp_path, body)
    assert document.text == "Vedtaket er nytt.\nFlyttet hit.\nDelt avsnitt.\nen | rad"
    assert document.warnings == (walk.CHANGES,)


def test_hidden_text_is_left_out_with_a_warning(tmp_path: Path) -> None:
    body = (
        para(run("Synlig ") + run("hemmelig ", "<w:vanish/>") + run("stil ", '<w:rStyle w:val="SkjultTegn"/>') + run("tekst."))
        + p("Skjult avsnitt.", "Skjult") + para(run("Vist likevel.", '<w:vanish w:val="0"/>'), "Skjult")
    )  # fmt: skip
    document = of(tmp_path, body)
    assert document.text == "Synlig tekst.\nVist likevel."
    assert document.warnings == (story.HIDDEN,)


def test_content_controls_are_read_and_their_empty_prompts_are_not(tmp_path: Path) -> None:
    def control(inside: str, properties: str = "") -> str:
        return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{inside}</w:sdtContent></w:sdt>"

    body = (
        control(p("Et avsnitt.")) + para(run("Saksnr. ") + control(run("12/24")))
        + para(run("Dato: ") + control(run("Klikk her for å skrive"), "<w:showingPlcHdr/>"))
        + table(tr("A", "B", head=True), control(tr("rad", control(tc("celle")))))
    )  # fmt: skip
    body = body.replace(tc(control(tc("celle"))), control(tc("celle")))
    assert of(tmp_path, body).text == "Et avsnitt.\nSaksnr. 12/24\nDato:\nrad | celle"


def test_a_text_box_is_read_once_after_the_paragraph_it_hangs_on(tmp_path: Path) -> None:
    inside = f"<w:txbxContent>{p('I boksen', 'Overskrift1')}{p('Fakta her.')}</w:txbxContent>"
    both = (
        f"<w:r><mc:AlternateContent><mc:Choice><w:drawing><wps:txbx>{inside}</wps:txbx></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox>{inside}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    old = f"<w:r><w:pict><v:textbox>{inside}</v:textbox></w:pict></w:r>"
    for box in (both, old):
        document = of(tmp_path, para(run("Før ") + box + run("etter.")) + p("Slutt."))
        assert document.text == "Før etter.\nI boksen\nFakta her.\nSlutt."


def test_formulas_and_what_cannot_be_read_are_told(tmp_path: Path) -> None:
    formula = "<m:oMath><m:r><m:t>a+b</m:t></m:r></m:oMath>"
    sign = '<w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>'
    diagram = (
        '<w:r><w:drawing><dgm:relIds xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram"/></w:drawing></w:r>'
    )
    document = of(tmp_path, para(run("Sum: ") + formula + sign + diagram) + '<w:altChunk r:id="rId1"/>')
    assert document.text == "Sum: a+b"
    assert document.warnings == tuple(sorted([story.SYMBOL, story.DIAGRAM, walk.CHUNK]))


# Notes


def note(name: str, inside: str, kind: str = "footnote") -> str:
    """Return a note."""
    return f'<w:{kind} w:id="{name}">{inside}</w:{kind}>'


def mark(name: str, kind: str = "footnote") -> str:
    """Return a reference to a note."""
    return f'<w:r><w:{kind}Reference w:id="{name}"/></w:r>'


NOTES = (
    note("0", p("skille"))
    + note("1", p("Første note.") + p("Mer av den."))
    + note("2", para(run("Se ") + f'<w:hyperlink r:id="rId1">{run("siden")}</w:hyperlink>' + run(".")))
    + note("3", p("Kilde: SSB 2023"))
)


def test_a_note_stands_right_after_what_refers_to_it(tmp_path: Path) -> None:
    body = (
        p("Bakgrunn", "Overskrift1") + para(run("Utgiftene økte") + mark("1") + run(" i fjor.")) + p("Nytt avsnitt.")
        + para(run("Til slutt.") + mark("1", "endnote") + mark("99"))
    )  # fmt: skip
    document = of(tmp_path, body, footnotes=NOTES, endnotes=note("1", p("En sluttnote."), "endnote"))
    assert told(document) == [
        ("heading", 1, "", "Bakgrunn"),
        ("paragraph", 0, "", "Utgiftene økte i fjor."),
        ("paragraph", 0, "", "Første note."),
        ("paragraph", 0, "", "Mer av den."),
        ("paragraph", 0, "", "Nytt avsnitt."),
        ("paragraph", 0, "", "Til slutt."),
        ("paragraph", 0, "", "En sluttnote."),
    ]


def test_a_note_parts_no_list_from_what_opens_it(tmp_path: Path) -> None:
    listed = para(run("Dette") + mark("2"), more='<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>')
    body = para(run("Kommunen skal") + mark("1") + run(":")) + listed + item("dette og", 1) + p("Slutt.")
    document = of(tmp_path, body, footnotes=NOTES)
    assert told(document) == [
        ("paragraph", 0, "", "Kommunen skal:"),
        ("list_item", 1, "•", "Dette"),
        ("list_item", 2, "2", "Se siden."),
        ("list_item", 1, "•", "dette og"),
        ("paragraph", 0, "", "Første note."),
        ("paragraph", 0, "", "Mer av den."),
        ("paragraph", 0, "", "Slutt."),
    ]
    assert document.blocks[2].links == (Link(3, 8, "https://note.example/"),)


def test_a_note_of_a_table_follows_its_row(tmp_path: Path) -> None:
    body = table(tr("År", "Sum", head=True), tr("2023", tc(para(run("10") + mark("3")))), tr("2024", "11"))
    assert [block.text for block in of(tmp_path, body, footnotes=NOTES).blocks] == ["2023 | 10", "Kilde: SSB 2023", "2024 | 11"]


# What the document says of itself


def test_the_core_properties_say_what_the_document_is(tmp_path: Path) -> None:
    made = docx.Document()
    made.add_paragraph("Tekst.")
    core = made.core_properties
    core.title, core.author, core.language = "Plan for  skolen", "Vestby kommune", "nb-NO"
    core.created, core.modified = datetime(2024, 3, 4, 12), datetime(2024, 5, 2, 22, 30)
    assert read(tmp_path, saved(made)).about == About(
        title="Plan for skolen",
        publisher="Vestby kommune",
        language="nb",
        published=date(2024, 3, 4),
        updated=date(2024, 5, 3),
    )


def test_a_person_is_no_publisher_and_what_programs_write_is_no_title(tmp_path: Path) -> None:
    made = docx.Document()
    made.add_heading("Skolen i Vestby", 1)
    made.core_properties.author = "Kari Nordmann"
    for title in ("", "Microsoft Word - sak.doc", "Dokument1", "notat v2.docx"):
        made.core_properties.title = title
        about = read(tmp_path, saved(made)).about
        assert (about.title, about.publisher, about.language) == ("Skolen i Vestby", "", "")


def test_a_visible_title_is_worth_more_than_the_property(tmp_path: Path) -> None:
    made = docx.Document()
    made.add_heading("Det som står øverst", 0)
    made.core_properties.title = "Fra malen"
    assert read(tmp_path, saved(made)).about.title == "Det som står øverst"


def test_a_document_without_properties_or_with_damaged_ones_is_read(tmp_path: Path) -> None:
    assert of(tmp_path, p("Tekst.")).about == About(language="nn")
    package = "http://schemas.openxmlformats.org/package/2006/relationships/metadata"
    parts = parts_of(p("Tekst."), more={"docProps/core.xml": "<ødelagt", "docProps/app.xml": "<Properties/>"})
    parts["_rels/.rels"] = str(parts["_rels/.rels"]).replace(
        "</Relationships>",
        f'<Relationship Id="rId2" Type="{package}/core-properties" Target="docProps/core.xml"/></Relationships>',
    )
    document = read(tmp_path, packed(parts))
    assert (document.text, document.about) == ("Tekst.", About(language="nn"))


def test_the_company_is_the_publisher(tmp_path: Path) -> None:
    application = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
    app = f'<Properties xmlns="{application}"><Company>Vestby kommune</Company></Properties>'
    parts = parts_of(p("Tekst."), more={"docProps/app.xml": app})
    parts["_rels/.rels"] = relationships(
        ("rId1", "officeDocument", "word/document.xml", False), ("rId2", "extended-properties", "docProps/app.xml", False)
    )
    assert read(tmp_path, packed(parts)).about.publisher == "Vestby kommune"


# Files that are not what they should be


def refused(tmp_path: Path, data: bytes, key: str = "document_unreadable") -> str:
    """Read a file that can't be read and return the reason."""
    with pytest.raises(UnreadableError) as caught:
        read(tmp_path, data)
    assert caught.value.key == key
    return str(caught.value.values.get("reason"))


def with_document(xml: str | bytes) -> bytes:
    """Return a Word file with this text part."""
    parts = parts_of("")
    parts["word/document.xml"] = xml
    return packed(parts)


DOCTYPE = '<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_a_document_type_is_refused_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    xml = f'<?xml version="1.0"?>{DOCTYPE}<w:document {NAMES}><w:body>{p("&x;")}</w:body></w:document>'
    reason = refused(tmp_path, with_document(xml.encode(encoding)))
    assert ("encoding" if encoding == "utf-16-be" else "document type") in reason


def test_an_encoding_that_could_hide_a_document_type_is_refused(tmp_path: Path) -> None:
    xml = f'<?xml version="1.0" encoding="utf-7"?><w:document {NAMES}><w:body>{p("x")}</w:body></w:document>'
    assert "encoding" in refused(tmp_path, with_document(xml))


def test_utf_16_is_read(tmp_path: Path) -> None:
    xml = f'<?xml version="1.0" encoding="UTF-16"?><w:document {NAMES}><w:body>{p("Blåbær på øya.")}</w:body></w:document>'
    assert read(tmp_path, with_document(xml.encode("utf-16"))).text == "Blåbær på øya."


def test_a_file_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipped, "MAX_UNPACKED", 100_000)
    parts = parts_of(p("Hei")) | {"word/media/image1.png": b"\0" * 100_001}
    refused(tmp_path, packed(parts), "document_unpacks_large")


def test_too_many_tags_in_all_parts_together_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = packed(parts_of(p("x") * 100, footnotes="<w:footnote/>" * 600))
    assert read(tmp_path, data).text
    monkeypatch.setattr(zipped, "MAX_TAGS", 1_000)
    assert "tags" in refused(tmp_path, data)


def test_an_xml_part_that_is_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipped, "MAX_XML", 10_000)
    assert "of XML" in refused(tmp_path, packed(parts_of(p("x" * 10_000))))


@pytest.mark.parametrize("one", ["<w:p/>", "<w:tbl><w:tr><w:tc/></w:tr></w:tbl>"], ids=["paragraphs", "cells"])
def test_too_many_paragraphs_and_cells_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one: str) -> None:
    monkeypatch.setattr(zipped, "MAX_PARTS", 1_000)
    xml = f"<w:document {NAMES}><w:body>{one * 1_001}</w:body></w:document>"
    assert "paragraphs and cells" in refused(tmp_path, with_document(xml))


def test_too_many_files_inside_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipped, "MAX_ENTRIES", 100)
    parts = parts_of(p("Hei")) | {f"word/media/{at}": "" for at in range(101)}
    refused(tmp_path, packed(parts, zipfile.ZIP_STORED), "document_many_parts")


def test_a_way_of_packing_that_documents_do_not_have_is_refused(tmp_path: Path) -> None:
    assert "packed" in refused(tmp_path, packed(parts_of(p("Hei")), zipfile.ZIP_LZMA))


def test_elements_nested_too_deeply_are_refused(tmp_path: Path) -> None:
    assert "damaged" in refused(
        tmp_path, with_document(f"<w:document {NAMES}><w:body>{'<w:p>' * 3000}{'</w:p>' * 3000}</w:body></w:document>")
    )


def test_tables_nested_deeply_are_read_or_refused(tmp_path: Path) -> None:
    def nested(depth: int) -> str:
        return nested_in(nested(depth - 1)) if depth else p("innerst")

    def nested_in(inside: str) -> str:
        return table(tr(tc(inside), tc("x")))

    assert "innerst" in of(tmp_path, nested(80)).text
    assert "damaged" in refused(tmp_path, packed(parts_of(nested(100))))


def test_a_password_is_told_from_an_older_format(tmp_path: Path) -> None:
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500
    assert refused(tmp_path, old + "EncryptedPackage".encode("utf-16-le"), "document_encrypted") == "None"
    assert "older" in refused(tmp_path, old)


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04" + bytes(range(256)) * 4,
        b"<html>ikke Word</html>",
        packed({"hei.txt": "hei"}),
        packed(parts_of(p("Hei")))[:-200],
        with_document("<w:document"),
        with_document("<annet/>"),
        with_document(f"<w:document {NAMES}/>"),
    ],
    ids=["noise", "html", "another zip", "cut", "broken XML", "other XML", "no body"],
)
def test_what_is_no_word_file_is_refused_with_a_sentence(tmp_path: Path, data: bytes) -> None:
    assert refused(tmp_path, data)


def test_a_name_that_leads_out_of_the_file_writes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    read(folder, packed(parts_of(p("Hei")) | {"../../ute.txt": "x"}))
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "b", "sak.docx"]


def test_a_document_without_text_is_empty(tmp_path: Path) -> None:
    with pytest.raises(EmptyDocumentError):
        of(tmp_path, "<w:p/>")


def test_many_small_paragraphs_are_all_read(tmp_path: Path) -> None:
    assert len(of(tmp_path, p("x") * 20_000).blocks) == 20_000


def test_a_picture_that_is_missing_stops_nothing(tmp_path: Path) -> None:
    parts = parts_of(p("Før.") + p("Etter."))
    assert "../NULL" in str(parts["word/_rels/document.xml.rels"])
    assert read(tmp_path, packed(parts)).text == "Før.\nEtter."
