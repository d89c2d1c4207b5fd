"""Passages follow the document's own joints, and everything in them stands where they say."""

from __future__ import annotations

import random
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from ingest.documents import Block, Document, PageStart
from ingest.language import sentence_spans
from ingest.passages import Passage, cut_passages, page_of
from ingest.reading import read_document
from ingest.settings import PassageSettings

DOCUMENTS = Path(__file__).parents[1] / "corpus" / "documents"
SHORT = PassageSettings(max_chars=200, min_chars=50)


def heading(text: str, level: int = 1) -> Block:
    return Block("heading", text, level=level)


def paragraph(text: str, *pages: PageStart) -> Block:
    return Block("paragraph", text, pages=pages)


def item(text: str, level: int = 1) -> Block:
    return Block("list_item", text, level=level, marker="•")


def row(text: str, *header: str) -> Block:
    return Block("table_row", text, header=header)


def document(*blocks: Block) -> Document:
    return Document(blocks, "none")


def cut(*blocks: Block, settings: PassageSettings = SHORT) -> list[Passage]:
    return cut_passages("kilde", document(*blocks), settings)


def quotes(passage: Passage) -> list[str]:
    return [passage.quote(sentence) for sentence in passage.sentences]


@cache
def sheet(suffix: str) -> Document:
    return read_document(DOCUMENTS / f"faktagrunnlag-helseplattformen-2022{suffix}")


def filler(letters: int) -> str:
    """Return one sentence of about so many characters."""
    return "Kommunen " + "signerer " * ((letters - 15) // 9) + "den."


def assert_whole(made: Document, passages: list[Passage], settings: PassageSettings) -> None:
    """Check what holds for the passages of every document."""
    assert [passage.id for passage in passages] == [f"kilde:{number:04d}" for number in range(1, len(passages) + 1)]
    held: Counter[int] = Counter()
    headings = [at for at, block in zip(made.starts, made.blocks, strict=True) if block.kind == "heading"]
    for passage in passages:
        assert passage.text == made.text[passage.start : passage.end]
        assert (passage.start, passage.end) == (passage.sentences[0].start, passage.sentences[-1].end)
        assert len(passage.text) <= settings.max_chars
        assert not any(passage.start <= at < passage.end for at in headings)
        assert (passage.page, passage.page_label) == page_of(made, passage.start)
        for sentence in passage.sentences:
            assert passage.quote(sentence) == made.text[sentence.start : sentence.end] != ""
            assert (sentence.page, sentence.page_label) == page_of(made, sentence.start)
            held.update(range(sentence.start, sentence.end))
    assert set(held.values()) <= {1}
    for start, block in zip(made.starts, made.blocks, strict=True):
        for at, character in enumerate(block.text, start=start):
            assert (held[at] == 1) is (block.kind != "heading") or character.isspace()


@pytest.mark.parametrize("suffix", [".pdf", ".md", ".txt"])
def test_every_word_of_the_fact_sheet_is_in_exactly_one_sentence_of_one_passage(suffix: str) -> None:
    passages = cut_passages("kilde", sheet(suffix), PassageSettings())
    assert len(passages) > 20
    assert_whole(sheet(suffix), passages, PassageSettings())


def test_no_sentence_of_the_fact_sheet_is_cut() -> None:
    made = sheet(".pdf")
    begins = {
        start + span.start
        for start, block in zip(made.starts, made.blocks, strict=True)
        if block.kind != "heading"
        for span in sentence_spans(block.text)
    }
    assert {one.start for passage in cut_passages("kilde", made, PassageSettings()) for one in passage.sentences} <= begins


def test_any_document_is_cut_without_loss() -> None:
    made = random.Random(3)
    words = "kommunen avtalen nr. 12 3. mars Epic Å «ja» kl. 09.00 █████ m.m. helseplattformen. Og? " + "x" * 260

    def text() -> str:
        return " ".join(made.choices(words.split(" "), k=made.choice([0, 1, 4, 20, 60]))).strip()

    def block() -> Block:
        kind = made.choice(["heading", "paragraph", "paragraph", "list_item", "table_row", "caption"])
        at = made.randint(1, 9)
        pages = (PageStart(0, at, str(at)), PageStart(5, at + 1, str(at + 1)))
        header = ("År", "Kommune") if kind == "table_row" else ()
        return Block(kind, text(), level=made.randint(1, 3), header=header, pages=pages)  # type: ignore[arg-type]  # one of them

    for _ in range(150):
        settings = PassageSettings(max_chars=made.choice([200, 300, 1200]), min_chars=made.choice([0, 100, 250]))
        whole = document(*(block() for _ in range(made.randint(0, 15))))
        passages = cut_passages("kilde", whole, settings)
        assert_whole(whole, passages, settings)
        assert passages == cut_passages("kilde", whole, settings)


def test_a_list_stays_with_the_sentence_that_opens_it() -> None:
    passages = cut(
        paragraph(filler(190)), paragraph("Systemet skal:"), item("gi oversikt"), item("være raskt"), paragraph(filler(190))
    )
    assert [passage.text for passage in passages][1] == "Systemet skal:\ngi oversikt\nvære raskt"
    opening, *items = passages[1].sentences
    assert (opening.lead_in, opening.item) == ("", False)
    assert {(one.lead_in, one.item) for one in items} == {("Systemet skal:", True)}


def test_only_the_last_sentence_before_a_list_opens_it() -> None:
    (passage,) = cut(paragraph("Det er lagt en plan. Den skal:"), item("gi oversikt"))
    assert [one.lead_in for one in passage.sentences] == ["", "", "Den skal:"]


def test_a_list_after_a_finished_sentence_has_no_opening() -> None:
    (passage,) = cut(paragraph("Her er en liste."), item("gi oversikt"))
    assert [(one.lead_in, one.item) for one in passage.sentences] == [("", False), ("", True)]


def test_a_heading_ends_the_reach_of_an_opening() -> None:
    passages = cut(paragraph("Systemet skal:"), heading("Kommunene"), item("Molde"))
    assert [one.lead_in for passage in passages for one in passage.sentences] == ["", ""]


def test_a_list_that_is_too_long_is_parted_between_items_that_keep_their_opening() -> None:
    passages = cut(paragraph("Systemet skal:"), *(item(f"{number} {filler(80)}") for number in range(6)))
    assert len(passages) > 1
    items = [one for passage in passages for one in passage.sentences if one.item]
    assert len(items) == 6
    assert {one.lead_in for one in items} == {"Systemet skal:"}


def test_an_item_of_two_sentences_is_cited_whole() -> None:
    (passage,) = cut(item("Det er trygt. Det er raskt."))
    assert quotes(passage) == ["Det er trygt. Det er raskt."]


def test_an_item_that_is_a_paragraph_is_cited_by_the_sentence() -> None:
    (passage,) = cut(item("Det er trygt. Det er raskt. Det er nytt."))
    assert quotes(passage) == ["Det er trygt.", "Det er raskt.", "Det er nytt."]


def test_a_table_row_keeps_its_header() -> None:
    (passage,) = cut(row("Molde | 2023", "Kommune", "År"), row("Aukra | 2024", "Kommune", "År"))
    assert [(one.lead_in, one.item) for one in passage.sentences] == [("Kommune – År", True)] * 2
    assert passage.search_text_of(passage.sentences[0]) == "Kommune – År Molde | 2023"


def test_rows_of_two_tables_keep_their_own_headers() -> None:
    (passage,) = cut(row("Molde | 2023", "Kommune", "År"), row("Epic | USA", "Firma", "Land"))
    assert [one.lead_in for one in passage.sentences] == ["Kommune – År", "Firma – Land"]


def test_a_passage_never_crosses_a_heading() -> None:
    passages = cut(heading("A"), paragraph("En."), heading("B"), paragraph("To."), heading("C", 2), paragraph("Tre."))
    found = [(passage.headings, passage.text) for passage in passages]
    assert found == [(("A",), "En."), (("B",), "To."), (("B", "C"), "Tre.")]


def test_a_heading_ends_the_ones_below_it() -> None:
    passages = cut(
        heading("A"), heading("B", 2), heading("C", 3), paragraph("En."), heading("D", 2), paragraph("To."), heading("E", 1),
        paragraph("Tre."),
    )  # fmt: skip
    assert [passage.headings for passage in passages] == [("A", "B", "C"), ("A", "D"), ("E",)]


def test_sections_of_one_name_under_different_headings_are_not_joined() -> None:
    passages = cut(heading("A"), heading("Mål", 2), paragraph("En."), heading("B"), heading("Mål", 2), paragraph("To."))
    assert [passage.headings for passage in passages] == [("A", "Mål"), ("B", "Mål")]


def test_sections_of_one_name_one_after_the_other_are_not_joined() -> None:
    passages = cut(heading("Mål", 2), paragraph("En."), heading("Mål", 2), paragraph("To."))
    assert [passage.text for passage in passages] == ["En.", "To."]


def test_headings_are_searched_and_not_quoted() -> None:
    (passage,) = cut(heading("Avtalene"), heading("Opsjon", 2), paragraph("Kommunen kan trekke seg."))
    assert passage.text == "Kommunen kan trekke seg."
    assert passage.search_text == "Avtalene – Opsjon. Kommunen kan trekke seg."


def test_short_neighbours_are_joined() -> None:
    (passage,) = cut(paragraph("Ja."), paragraph("Nei."), Block("caption", "Figur 1: Kart"))
    assert passage.text == "Ja.\nNei.\nFigur 1: Kart"


def test_long_neighbours_are_not_joined() -> None:
    assert len(cut(paragraph(filler(80)), paragraph(filler(80)))) == 2


def test_short_neighbours_that_do_not_fit_are_not_joined() -> None:
    assert len(cut(paragraph("Ja, det er rett."), paragraph(filler(199)))) == 2


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    sentences = [f"{number} {filler(70)}" for number in range(6)]
    passages = cut(paragraph(" ".join(sentences)))
    assert len(passages) == 3
    assert [quote for passage in passages for quote in quotes(passage)] == sentences


def test_a_giant_sentence_is_cut_between_words() -> None:
    words = [f"ord{number}" for number in range(200)]
    passages = cut(paragraph(" ".join(words)))
    assert len(passages) > 5
    assert " ".join(passage.text for passage in passages).split() == words


def test_a_giant_word_is_cut_where_it_must() -> None:
    passages = cut(paragraph("x" * 1001))
    assert "".join(passage.text for passage in passages) == "x" * 1001


def test_a_giant_sentence_of_one_repeated_word_keeps_its_offsets() -> None:
    whole = document(paragraph("ja " * 400 + "nei"))
    assert_whole(whole, cut_passages("kilde", whole, SHORT), SHORT)


def test_every_sentence_has_the_page_on_which_it_begins() -> None:
    (passage,) = cut(paragraph("En står her. To står her. Tre.", PageStart(0, 4, "iv"), PageStart(15, 5, "v")))
    assert [(one.page, one.page_label) for one in passage.sentences] == [(4, "iv"), (4, "iv"), (5, "v")]
    assert (passage.page, passage.page_label) == (4, "iv")


def test_a_sentence_that_begins_with_the_page_is_on_it() -> None:
    (passage,) = cut(paragraph("En. To.", PageStart(0, 1, "1"), PageStart(4, 2, "2")))
    assert [one.page for one in passage.sentences] == [1, 2]


def test_a_format_without_pages_has_none() -> None:
    (passage,) = cut(paragraph("En."))
    assert (passage.page, passage.page_label, passage.sentences[0].page) == (None, "", None)


@pytest.mark.parametrize("blocks", [(), (heading("Bare en overskrift"),), (paragraph(""),), (item(" "), row(""))])
def test_a_document_without_sentences_has_no_passages(blocks: tuple[Block, ...]) -> None:
    assert cut(*blocks) == []


def test_the_fact_sheet_keeps_its_lists_whole() -> None:
    passages = cut_passages("kilde", sheet(".pdf"), PassageSettings())
    listed = [passage for passage in passages if any(one.item and one.lead_in for one in passage.sentences)]
    assert listed
    for passage in listed:
        for lead_in in {one.lead_in for one in passage.sentences if one.item and one.lead_in}:
            assert lead_in in quotes(passage)
