"""Where Norwegian sentences end: not at every full stop."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ingest.language import Span, sentence_spans
from ingest.language.words import ABBREVIATIONS
from ingest.reading import read_document

SHEET = Path(__file__).parents[1] / "corpus" / "documents" / "faktagrunnlag-helseplattformen-2022.pdf"


def split(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentence_spans(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Se vedtak nr. 12 og sak nr. 4/22.",
        "Neste møte er kl. 09.00 i Molde.",
        "Kommunen dekker utstyr, opplæring m.m. etter avtale.",
        "Faktagrunnlaget er datert 04.03.22 og er ikke endret.",
        "Innføringen ved St. Olavs hospital starter først.",
        "Avtalen ble signert 3. mars 2019.",
        "Fristen er 31. Desember.",
        "Molde går inn i 2. kvartal 2023.",
        "Dette gjelder f.eks. Epic og DIPS.",
        "Prisen er 5 mill. kroner, ca. 400 kr. pr. Innbygger.",
        "Saken er utredet av A. B. Hansen og C. Å. Ødegård.",
        "Jf. Stortingsmelding nr. 9, jfr. § 3.",
        "Kostnaden er 1.250.000 kr i 2022.",
        "Det gjelder leger, sykepleiere osv. i kommunene.",
        "Versjon 2.1 av Epic er tatt i bruk.",
        "Se www.helseplattformen.no for mer.",
        "Tlf. 71 11 10 00, jf. pkt. 4.2.",
        "Kommunen (ca. 9 000 innbyggere) er med.",
        "Han lurte på … om det gikk.",
        "Ja! sa han, og gikk.",
    ],
)
def test_a_stop_inside_a_sentence_does_not_end_it(text: str) -> None:
    assert split(text) == [text]


@pytest.mark.parametrize(
    "sentences",
    [
        ["Se vedtak nr. 12.", "Neste møte er kl. 09.00."],
        ["Vi kjøper utstyr m.m.", "Resten betaler kommunen."],
        ["Datert 04.03.22.", "Den gjelder fortsatt."],
        ["Det skjer 3. mars.", "Så går vi videre."],
        ["Møtet er kl. 12.", "Saken gjelder Epic."],
        ["Prisen er 5 mill. kr.", "Kommunen betaler."],
        ["«Vi må vente.»", "Det sa ordføreren."],
        ["Han spurte: «Er det klart?»", "Ingen svarte."],
        ["Vi vet ikke …", "Det får vi se."],
        ["Gjelder det oss?", "Ja!", "Helt sikkert."],
        ["(Se vedlegg 1.)", "Deretter følger vedlegg 2."],
        ["St. Olavs hospital tar løsningen i bruk først.", "Deretter følger andre."],
        ["Avtalen gjelder fra 2022.", "█████ kommune er med."],
        ["Den er ferdig.", "«Endelig», sa hun."],
        ["Øvre Årdal er med.", "Ålesund er ikke det.", "Ærlig talt!"],
        ["Kommunen har 12 ansatte.", "40 % er vikarer."],
    ],
)
def test_sentences_are_parted(sentences: list[str]) -> None:
    assert split(" ".join(sentences)) == sentences


def test_the_numbers_of_a_list_of_questions_stay_with_their_questions() -> None:
    questions = ["1. Hva forventer vi av kommunen?", "2. Hvem betaler for det?", "3. Når skjer det?"]
    assert split(" ".join(questions)) == questions


def test_the_numbers_of_a_list_of_statements_stay_with_their_statements() -> None:
    statements = ["1. Kommunen signerer avtalen.", "2. Helseplattformen leverer."]
    assert split(" ".join(statements)) == statements


def test_a_stop_without_a_space_after_it_ends_nothing() -> None:
    assert split("Han bor i Molde.Dette er limt.") == ["Han bor i Molde.Dette er limt."]


def test_text_without_a_stop_is_one_sentence() -> None:
    assert split("Avtalene og innføringsplanen") == ["Avtalene og innføringsplanen"]


@pytest.mark.parametrize("text", ["", " ", "\t\n  "])
def test_nothing_holds_no_sentence(text: str) -> None:
    assert sentence_spans(text) == []


@pytest.mark.parametrize("text", [".", "...", "? !", "«»", "1.", "… …", "\U0001f600. \U0001f600."])
def test_signs_alone_are_kept(text: str) -> None:
    assert "".join("".join(split(text)).split()) == "".join(text.split())


def test_space_around_a_sentence_is_left_out() -> None:
    assert sentence_spans("  Ja.   Nei.  ") == [Span(2, 5), Span(8, 12)]


def holds_all_of(text: str) -> bool:
    """Tell whether the spans of a text are in order, apart, trimmed, and hold all but white space."""
    spans = sentence_spans(text)
    at = 0
    for span in spans:
        piece = text[span.start : span.end]
        if span.start < at or not piece or piece != piece.strip() or text[at : span.start].strip():
            return False
        at = span.end
    return not text[at:].strip()


def test_every_word_of_the_fact_sheet_is_in_exactly_one_sentence() -> None:
    blocks = read_document(SHEET).blocks
    assert len(blocks) > 50
    assert [block.text for block in blocks if not holds_all_of(block.text)] == []


def test_every_word_of_any_text_is_in_exactly_one_sentence() -> None:
    made = random.Random(7)
    words = "Kommunen avtalen Å 3 31 2022 04.03.22 mars Mars A. B «Ja» (nei) … ... ? ! ?! . : – - █ §".split()
    signs = [" ", "  ", "\n", "\t", "\N{NO-BREAK SPACE}", ". ", "? ", "! ", "…", "»", "”", "'", ")", "\U0001f600"]
    pieces = [*sorted(ABBREVIATIONS), *words, *signs, "\N{COMBINING RING ABOVE}"]
    for _ in range(3000):
        text = "".join(made.choice(pieces) + made.choice(["", " ", ". "]) for _ in range(made.randint(0, 25)))
        assert holds_all_of(text), repr(text)


def test_a_long_text_without_joints_takes_no_long_time() -> None:
    assert len(sentence_spans("a" * 200_000 + ".")) == 1
    assert len(sentence_spans("Ja. " * 20_000)) == 20_000
    assert len(sentence_spans("." * 50_000)) == 1
