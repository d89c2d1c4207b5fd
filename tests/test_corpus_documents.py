"""The fact sheet that comes with the project: its three forms say the same, and its pages are where it says."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from ingest.documents import Block, Document
from ingest.language import sentence_spans
from ingest.reading import read_document

SHEET = Path(__file__).parents[1] / "corpus" / "documents" / "faktagrunnlag-helseplattformen-2022"
TITLE = "Faktagrunnlag Helseplattformen – våren 2022"
PRINTED = {
    "Hva er Helseplattformen?": 2,
    "Bakgrunnen for prosjektet": 3,
    "Én innbygger – én journal": 4,
    "Innføringsplan": 6,
    "Gevinster": 8,
    "Risiko": 11,
    "Pasientsikkerhet og oppbevaring av journaldata": 12,
    "Referanser med lenke til dokumenter": 12,
}


@cache
def sheet(suffix: str) -> Document:
    """Return the fact sheet as read from one of its files."""
    return read_document(SHEET.with_suffix(suffix))


def told(block: Block) -> tuple[str, int, str, str]:
    """Return all of a block but its pages and links."""
    return block.kind, block.level, block.marker, block.text


def words_of_the_original() -> list[str]:
    """Return the words of the plain text, without link marks, list marks and the table of contents."""
    text = SHEET.with_suffix(".txt").read_text(encoding="utf-8")
    text = re.sub(r"^Innhold$|^.*\.{5}\t\d+$", "", text, flags=re.MULTILINE)
    text = re.sub(r"\[(.*?)\]\(#\)", r"\1", text).replace("\\(", "(").replace("\\)", ")")
    return re.sub(r"^(?:-|\d\.) ", "", text, flags=re.MULTILINE).split()


@pytest.mark.parametrize("suffix", [".pdf", ".md", ".txt"])
def test_every_form_holds_the_words_of_the_original_in_their_order(suffix: str) -> None:
    assert sheet(suffix).text.split() == words_of_the_original()


def test_the_pdf_and_the_markdown_have_the_same_blocks() -> None:
    assert [told(block) for block in sheet(".pdf").blocks] == [told(block) for block in sheet(".md").blocks]


def test_sections_begin_on_the_pages_that_the_sheet_prints() -> None:
    sections = [block for block in sheet(".pdf").blocks if block.kind == "heading" and block.level == 2]
    assert {block.text: block.pages[0].page for block in sections} == PRINTED
    assert [block.pages[0].label for block in sections] == [str(page) for page in PRINTED.values()]
    assert sheet(".pdf").page_count == 12


def test_sub_headings_lie_below_their_sections() -> None:
    headings = [(block.level, block.text) for block in sheet(".pdf").blocks if block.kind == "heading"]
    assert headings[0] == (1, "HELSEPLATTFORMEN")
    at = headings.index((2, "Én innbygger – én journal"))
    assert headings[at + 1 : at + 5] == [
        (3, "Strategiske tiltak for å realisere én innbygger – én journal"),
        (3, "Det nasjonale veikartet"),
        (3, "Avtalene"),
        (2, "Innføringsplan"),
    ]


def test_the_cover_is_read_and_the_table_of_contents_is_not() -> None:
    first = [block.text for block in sheet(".pdf").blocks if block.pages[0].page == 1]
    assert first == [
        "HELSEPLATTFORMEN",
        "felles pasientjournal i Midt-Norge",
        "FAKTAGRUNNLAG",
        "vedlegg til politiske saker",
        "Våren 2022",
    ]
    assert not any(re.search(r"\.{3}", block.text) for block in sheet(".pdf").blocks)


def test_headers_and_footers_are_in_no_block() -> None:
    texts = [block.text for block in sheet(".pdf").blocks]
    assert not any(TITLE in text for text in texts)
    assert not any(text.isdigit() for text in texts)


@pytest.mark.parametrize(
    ("beginning", "pages", "at_break"),
    [
        ("Når det gjelder selve innføringen", [6, 7], "består av 12"),
        ("Forutsatt at kommunen gjør", [9, 10], "start av tjenester"),
    ],
)
def test_a_paragraph_over_a_page_break_is_one_block(beginning: str, pages: list[int], at_break: str) -> None:
    (block,) = [block for block in sheet(".pdf").blocks if block.text.startswith(beginning)]
    assert [start.page for start in block.pages] == pages
    assert block.text[block.pages[1].offset :].startswith(at_break)


def test_hyphenation_is_mended_and_hyphens_are_kept() -> None:
    text = sheet(".pdf").text
    assert "raskere oppstart av tjenester" in text
    compounds = (
        "PAS/EPJ-løsningen",
        "helse- og omsorgstjenesten",
        "e-helseløsninger",
        "“En innbygger -en journal”",
        "IKT-systemer",
    )
    for kept in compounds:
        assert kept in text
    assert "\u00ad" not in text


def test_links_of_the_pdf_lead_where_the_link_definitions_say() -> None:
    links = [(block.text[link.start : link.end], link.url) for block in sheet(".pdf").blocks for link in block.links]
    assert dict(links)["Meld. St. 9 (2012-2013)"].startswith("https://www.regjeringen.no/")
    assert [url for text, url in links if text.startswith("referanse")] == ["#page=12"] * 3


def test_every_sentence_of_the_pdf_stands_in_a_text_edition_word_for_word() -> None:
    editions = " ".join(SHEET.with_suffix(suffix).read_text(encoding="utf-8") for suffix in (".md", ".txt"))
    text = " ".join(editions.split())
    for block in sheet(".pdf").blocks:
        for span in sentence_spans(block.text):
            assert block.text[span.start : span.end] in text


def test_nothing_in_the_sheet_is_doubtful() -> None:
    assert [sheet(suffix).warnings for suffix in (".pdf", ".md", ".txt")] == [(), (), ()]
    assert SHEET.with_suffix(".pdf").stat().st_size < 1_000_000
