"""Presentations, made by python-pptx, and OpenDocument texts, put together here."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path

import pptx
import pytest
from pptx.util import Inches

from ingest.documents import About, Block, Document, Link, PageStart
from ingest.errors import UnreadableError
from ingest.reading import odt, read_document
from ingest.reading import pptx as pptx_reader
from ingest.reading.common import zipped
from ingest.reading.pptx import HIDDEN


def read(tmp_path: Path, data: bytes, name: str) -> Document:
    """Write a file and read it."""
    path = tmp_path / name
    path.write_bytes(data)
    return read_document(path)


def packed(parts: dict[str, str | bytes]) -> bytes:
    """Return a zip file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return file.getvalue()


# Presentations


def show() -> bytes:
    """Return a presentation of three slides, the last of them hidden."""
    made = pptx.Presentation()
    first = made.slides.add_slide(made.slide_layouts[1])
    first.shapes.title.text = "Nye\vpåmeldinger"
    body = first.placeholders[1].text_frame
    body.text = "Kommunen har 120 plasser"
    for words, level in [("halvparten er fylt", 1), ("resten er ledige", 0)]:
        paragraph = body.add_paragraph()
        paragraph.text, paragraph.level = words, level
    first.notes_slide.notes_text_frame.text = "Si at fristen er 1. mai."
    second = made.slides.add_slide(made.slide_layouts[5])
    second.shapes.title.text = "Tall"
    box = second.shapes.add_textbox(Inches(1), Inches(2), Inches(3), Inches(1)).text_frame.paragraphs[0]
    box.add_run().text = "Se "
    linked = box.add_run()
    linked.text, linked.hyperlink.address = "planen", "https://kommune.example/"
    table = second.shapes.add_table(3, 2, Inches(1), Inches(3), Inches(5), Inches(1)).table
    for at, words in enumerate(["År", "Sum", "2023", "10", "Til sammen", ""]):
        table.cell(at // 2, at % 2).text = words
    table.cell(2, 0).merge(table.cell(2, 1))
    third = made.slides.add_slide(made.slide_layouts[5])
    third.shapes.title.text = "Skjult"
    third._element.set("show", "0")
    made.core_properties.title, made.core_properties.author = "Barnehager", "Vestby kommune"
    made.core_properties.created = made.core_properties.modified = datetime(2024, 3, 4)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def test_a_slide_is_a_page_with_its_title_as_heading_and_its_notes_last(tmp_path: Path) -> None:
    document = read(tmp_path, show(), "foredrag.pptx")
    one, two = (PageStart(0, 1, "1"),), (PageStart(0, 2, "2"),)
    assert list(document.blocks) == [
        Block("heading", "Nye påmeldinger", level=1, pages=one),
        Block("list_item", "Kommunen har 120 plasser", level=1, marker="•", pages=one),
        Block("list_item", "halvparten er fylt", level=2, marker="•", pages=one),
        Block("list_item", "resten er ledige", level=1, marker="•", pages=one),
        Block("paragraph", "Si at fristen er 1. mai.", pages=one),
        Block("heading", "Tall", level=1, pages=two),
        Block("paragraph", "Se planen", pages=two, links=(Link(3, 9, "https://kommune.example/"),)),
        Block("table_row", "2023 | 10", header=("År", "Sum"), pages=two),
        Block("table_row", "Til sammen", header=("År", "Sum"), pages=two),
    ]
    assert document.page_count == 3
    assert document.warnings == (HIDDEN,)
    assert document.reader == f"python-pptx {version('python-pptx')}"
    assert document.about == About(
        title="Barnehager", publisher="Vestby kommune", published=date(2024, 3, 4), updated=date(2024, 3, 4)
    )


def test_a_presentation_with_a_document_type_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(show())) as archive:
        parts: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    bomb = b'<!DOCTYPE p [<!ENTITY a "x">]><p:sld>&a;</p:sld>'
    with pytest.raises(UnreadableError, match="document type"):
        read(tmp_path, packed(parts | {"ppt/slides/slide1.xml": bomb}), "foredrag.pptx")


def test_a_text_or_presentation_with_too_much_in_it_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipped, "MAX_PARTS", 100)
    monkeypatch.setattr(pptx_reader, "MAX_TAGS", 100)
    with pytest.raises(UnreadableError, match="paragraphs and cells"):
        read(tmp_path, odf("<text:p/>" * 101), "sak.odt")
    with pytest.raises(UnreadableError, match="tags"):
        read(tmp_path, show(), "foredrag.pptx")


@pytest.mark.parametrize("data", [b"ikke en zip", packed({"a.txt": "x"}), show()[:-300]], ids=["text", "another zip", "cut"])
def test_what_is_no_presentation_is_refused_with_a_sentence(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(UnreadableError) as caught:
        read(tmp_path, data, "foredrag.pptx")
    assert caught.value.key == "document_unreadable"


# OpenDocument texts

ODF = "urn:oasis:names:tc:opendocument:xmlns:"
NAMES = (
    f'xmlns:office="{ODF}office:1.0" xmlns:text="{ODF}text:1.0" xmlns:table="{ODF}table:1.0" xmlns:style="{ODF}style:1.0" '
    f'xmlns:draw="{ODF}drawing:1.0" xmlns:meta="{ODF}meta:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:xlink="http://www.w3.org/1999/xlink"'
)
STYLES = """
<style:style style:name="Overskrift"><style:x/></style:style>
<style:style style:name="P1" style:parent-style-name="Title"/>
<style:style style:name="P2" style:parent-style-name="Illustration"/>
<style:style style:name="P3" style:parent-style-name="P3"/>
<text:list-style style:name="L1"><text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/>
<text:list-level-style-number text:level="2" style:num-format="a" style:num-prefix="(" style:num-suffix=")"/></text:list-style>
<text:list-style style:name="L2"><text:list-level-style-bullet text:level="1" text:bullet-char="-"/></text:list-style>
"""
BODY = """
<text:tracked-changes><text:changed-region><text:deletion><text:p>Slettet.</text:p></text:deletion>
</text:changed-region></text:tracked-changes>
<text:table-of-content><text:index-body><text:p>Bakgrunn 2</text:p></text:index-body></text:table-of-content>
<text:p text:style-name="P1">Saksframlegg</text:p>
<text:h text:outline-level="1">Bakgrunn</text:h>
<text:p text:style-name="P3">Første<text:s text:c="3"/>linje<text:line-break/>andre<text:note>
<text:note-citation>1</text:note-citation><text:note-body><text:p>Noten.</text:p></text:note-body></text:note> slutt. Se
<text:a xlink:href="https://a.example/">siden</text:a>.</text:p>
<text:p>Kommunen skal:</text:p>
<text:list text:style-name="L1"><text:list-item><text:p>betale</text:p><text:p>hver måned</text:p>
<text:list><text:list-item><text:p>i tide</text:p></text:list-item></text:list></text:list-item>
<text:list-item><text:p>melde<text:note><text:note-citation>2</text:note-citation><text:note-body><text:p>Straks.</text:p>
</text:note-body></text:note></text:p></text:list-item></text:list>
<text:section><text:list text:style-name="L2"><text:list-item><text:p>kule</text:p></text:list-item></text:list></text:section>
<text:section text:display="none"><text:p>Skjult.</text:p></text:section>
<table:table><table:table-header-rows><table:table-row>
<table:table-cell><text:p>Kommune</text:p></table:table-cell>
<table:table-cell table:number-columns-spanned="2"><text:p>Tall</text:p></table:table-cell><table:covered-table-cell/>
</table:table-row></table:table-header-rows>
<table:table-row><table:table-cell table:number-rows-spanned="2"><text:p>Vestby</text:p></table:table-cell>
<table:table-cell><text:p>10</text:p></table:table-cell><table:table-cell><text:p>11</text:p></table:table-cell></table:table-row>
<table:table-row><table:covered-table-cell/><table:table-cell><text:p>12</text:p></table:table-cell>
<table:table-cell><text:p>13</text:p></table:table-cell></table:table-row></table:table>
<text:p text:style-name="P2">Kommunene i tall</text:p>
<text:p><draw:frame><draw:text-box><text:p>I en boks.</text:p></draw:text-box></draw:frame></text:p>
"""
META = """<office:meta><dc:title>Fra egenskapene</dc:title><meta:initial-creator>Vestby kommune</meta:initial-creator>
<meta:creation-date>2024-03-04T10:00:00</meta:creation-date><dc:date>2024-05-03T10:00:00</dc:date><dc:language>nn-NO</dc:language>
</office:meta>"""


def odf(body: str, *, meta: str = META) -> bytes:
    """Return an OpenDocument text."""
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f"<office:document-content {NAMES}><office:automatic-styles>{STYLES}</office:automatic-styles>"
            f"<office:body><office:text>{body}</office:text></office:body></office:document-content>",
            "styles.xml": f"<office:document-styles {NAMES}/>",
            "meta.xml": f"<office:document-meta {NAMES}>{meta}</office:document-meta>",
        }
    )


def test_an_opendocument_text_is_read_in_order(tmp_path: Path) -> None:
    document = read(tmp_path, odf(BODY), "sak.odt")
    header = ("Kommune", "Tall")
    assert list(document.blocks) == [
        Block("heading", "Saksframlegg", level=1),
        Block("heading", "Bakgrunn", level=1),
        Block("paragraph", "Første linje andre slutt. Se siden.", links=(Link(29, 34, "https://a.example/"),)),
        Block("paragraph", "Noten."),
        Block("paragraph", "Kommunen skal:"),
        Block("list_item", "betale", level=1, marker="1."),
        Block("paragraph", "hver måned"),
        Block("list_item", "i tide", level=2, marker="(a)"),
        Block("list_item", "melde", level=1, marker="2."),
        Block("list_item", "Straks.", level=2, marker="•"),
        Block("list_item", "kule", level=1, marker="•"),
        Block("table_row", "Vestby | 10 | 11", header=header),
        Block("table_row", "12 | 13", header=header),
        Block("caption", "Kommunene i tall"),
        Block("paragraph", "I en boks."),
    ]
    assert document.page_count is None
    assert document.reader == odt.READER
    assert document.about == About(
        title="Saksframlegg",
        publisher="Vestby kommune",
        language="nn",
        published=date(2024, 3, 4),
        updated=date(2024, 5, 3),
    )


def test_an_opendocument_text_without_properties_is_read(tmp_path: Path) -> None:
    document = read(tmp_path, odf("<text:p>Tekst.</text:p>", meta="<"), "sak.odt")
    assert (document.text, document.about) == ("Tekst.", About())


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"ikke en zip", "zip"),
        (packed({"a.txt": "x"}), "missing"),
        (packed({"content.xml": "<a"}), "damaged"),
        (packed({"content.xml": "<a/>"}), "not a text document"),
        (packed({"content.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), "document type"),
        (odf("<text:section>" * 20_000 + "</text:section>" * 20_000), "deeply"),
    ],
    ids=["text", "another zip", "broken", "a sheet", "document type", "nested"],
)
def test_what_is_no_opendocument_text_is_refused_with_a_sentence(tmp_path: Path, data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        read(tmp_path, data, "sak.odt")
