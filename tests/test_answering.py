"""Of what was found, the few sentences that answer are quoted, each with its place."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date

import pytest

from bot.answering import Evidence, best_evidence, choose, cite, compose, retrieved, section_of, whole_list
from bot.answers import MAX_ANSWER_CHARS, MAX_CITATIONS, MAX_RETRIEVED
from bot.dates import written_date
from bot.hits import Hit
from ingest.dates import Interval, read_dated
from ingest.documents import Block, Document, Origin, PageStart
from ingest.index import SourceRecord
from ingest.passages import Passage, cut_passages
from ingest.settings import PassageSettings
from ingest.texts import Language

LONGEST = PassageSettings(max_chars=8000, min_chars=4000)


def passage_of(*texts: str, source: str = "ark", heading: str = "Avtalene") -> Passage:
    """Return one passage of some paragraphs; a text that begins with «- » is a list item."""
    blocks = [
        Block("list_item" if text.startswith("- ") else "paragraph", text.removeprefix("- "), pages=(PageStart(0, 5, "v"),))
        for text in texts
    ]
    document = Document((Block("heading", heading, level=1), *blocks), "none")
    (passage,) = cut_passages(source, document, LONGEST)
    return passage


def hit(passage: Passage, *scores: float) -> Hit:
    assert len(scores) == len(passage.sentences)
    return Hit(passage, max(scores), scores)


def record(source: str = "ark", title: str = "Faktaark", dated: date = date(2022, 3, 4)) -> SourceRecord:
    return SourceRecord(
        id=source, title=title, publisher="Molde", kind="faktaark", dated=dated, retrieved=dated, language="nb", licence="NLOD",
        url="https://molde.no", file="a.pdf", sha256="0", pages=9, passages=1, reader="none",
    )  # fmt: skip


def composed(evidence: Sequence[Evidence], language: Language = "nb", **sources: SourceRecord) -> str:
    return compose(cite(evidence, sources or {"ark": record()}), evidence, language)


def quotes(evidence: Sequence[Evidence]) -> list[str]:
    return [one.quote for one in evidence]


def test_sentences_of_all_hits_are_put_in_order() -> None:
    one, two = passage_of("En. To."), passage_of("Tre. Fire.", source="plan")
    assert quotes(best_evidence([hit(one, 1, 4), hit(two, 3, 2)])) == ["To.", "Tre.", "Fire.", "En."]


def test_equal_words_are_kept_once_at_their_best_place() -> None:
    one, two = passage_of("Samme. En."), passage_of("Samme. To.", source="plan")
    found = best_evidence([hit(one, 1, 2), hit(two, 3, 0)])
    assert quotes(found) == ["Samme.", "En.", "To."]
    assert found[0].passage.source == "plan"


def test_the_best_sentence_and_those_close_behind_are_chosen_in_reading_order() -> None:
    passage = passage_of("En. To. Tre. Fire.")
    assert quotes(choose([hit(passage, 4, 5, 0, 4.5)])) == ["En.", "To.", "Fire."]


def test_at_most_three_sentences_are_chosen() -> None:
    passage = passage_of("En. To. Tre. Fire. Fem.")
    assert quotes(choose([hit(passage, 1, 2, 3, 4, 3.5)])) == ["Tre.", "Fire.", "Fem."]


def test_a_sentence_far_behind_is_not_chosen() -> None:
    assert quotes(choose([hit(passage_of("En. To."), 5, 3)])) == ["En."]


def test_the_source_of_the_best_sentence_comes_first() -> None:
    one, two = passage_of("En. To.", source="a"), passage_of("Tre.", source="z")
    assert quotes(choose([hit(two, 5), hit(one, 4, 4.5)])) == ["Tre.", "En.", "To."]


def test_nothing_found_chooses_nothing() -> None:
    assert choose([]) == []


def test_an_item_brings_its_whole_list() -> None:
    passage = passage_of("Innledning. Systemet skal:", "- gi oversikt", "- være raskt", "- være trygt")
    assert quotes(choose([hit(passage, 0, 0, 0, 9, 0)])) == ["gi oversikt", "være raskt", "være trygt"]


def test_the_sentence_that_opens_a_list_brings_its_items() -> None:
    passage = passage_of("Innledning. Systemet skal:", "- gi oversikt", "- være raskt")
    assert quotes(choose([hit(passage, 0, 9, 0, 0)])) == ["gi oversikt", "være raskt"]


def test_a_sentence_beside_a_list_does_not_bring_it() -> None:
    passage = passage_of("Innledning. Systemet skal:", "- gi oversikt", "- være raskt")
    assert quotes(choose([hit(passage, 9, 0, 0, 0)])) == ["Innledning."]


def test_the_items_of_another_list_are_left_alone() -> None:
    passage = passage_of("Systemet skal:", "- gi oversikt", "Kommunen skal:", "- betale", "- signere")
    assert quotes(choose([hit(passage, 0, 0, 0, 9, 0)])) == ["betale", "signere"]


def test_items_without_an_opening_are_no_list() -> None:
    passage = passage_of("En liste.", "- Molde", "- Aukra")
    assert whole_list(Evidence(passage, passage.sentences[1], 1)) == []


def test_a_list_too_long_to_quote_is_quoted_from_the_item_found() -> None:
    passage = passage_of("Kommunene er:", *(f"- kommune {number}" for number in range(9)))
    scores = [0.0] * 10
    scores[4] = 9
    assert quotes(choose([hit(passage, *scores)])) == [f"kommune {number}" for number in range(3, 8)]


def test_a_citation_says_where_its_quote_stands() -> None:
    passage = passage_of("En. To står her.")
    (citation,) = cite([Evidence(passage, passage.sentences[1], 1)], {"ark": record()})
    assert citation.as_record() == {
        "quote": "To står her.",
        "source": "ark",
        "title": "Faktaark",
        "section": "Avtalene",
        "page": 5,
        "page_label": "v",
        "dated": "2022-03-04",
        "url": "https://molde.no",
        "start": len("Avtalene\nEn. "),
        "end": len("Avtalene\nEn. To står her."),
    }


def test_a_section_leaves_out_what_the_title_says() -> None:
    document = Document(
        (Block("heading", "Helseplattformen", level=1), Block("heading", "Risiko", level=2), Block("heading", "Drift", level=3),
         Block("paragraph", "En.")), "none",
    )  # fmt: skip
    (passage,) = cut_passages("ark", document, PassageSettings())
    assert section_of(passage, record(title="HELSEPLATTFORMEN – fakta")) == "Risiko › Drift"
    assert section_of(passage, record(title="Fakta")) == "Helseplattformen › Risiko › Drift"


def test_at_most_ten_passages_are_told_of_with_falling_scores() -> None:
    hits = [hit(passage_of(f"Nummer {number}."), 1) for number in range(14)]
    told = retrieved(hits, {"ark": record()})
    assert len(told) == MAX_RETRIEVED
    assert [one.text for one in told] == [f"Nummer {number}." for number in range(10)]
    assert [one.score for one in told] == sorted({one.score for one in told}, reverse=True)
    assert all(0 < one.score <= 1 for one in told)


@pytest.mark.parametrize(
    ("language", "lead_in"),
    [
        ("nb", "Dette sier kilden, per 4. mars 2022:"),
        ("nn", "Dette seier kjelda, per 4. mars 2022:"),
        ("en", "This is what the source says, as of 4 March 2022:"),
    ],
)
def test_an_answer_says_whose_words_follow_and_when_they_held(language: Language, lead_in: str) -> None:
    passage = passage_of("En. To.")
    evidence = choose([hit(passage, 2, 1)])
    assert composed(evidence, language) == f"{lead_in}\n«En.» [1]\n«To.» [2]"


def test_sources_of_different_dates_share_no_date() -> None:
    one, two = passage_of("En."), passage_of("To.", source="plan")
    evidence = choose([hit(one, 2), hit(two, 1)])
    text = composed(evidence, ark=record(), plan=record("plan", dated=date(2023, 1, 1)))
    assert text == "Dette sier kildene ([1] per 4. mars 2022, [2] per 1. januar 2023):\n«En.» [1]\n«To.» [2]"


def statement(text: str, dated: str, source: str = "notat") -> Passage:
    """Return the passage of a statement in a note."""
    origin = Origin("Ja til brua (Sundposten)", "https://sundposten.no/bru", dated, read_dated(dated) or Interval(), "B1")
    blocks = (Block("heading", "Brua over sundet", level=1), Block("paragraph", text, origin=origin))
    (passage,) = cut_passages(source, Document(blocks, "none"), LONGEST)
    return passage


def test_a_statement_in_a_note_is_cited_by_what_it_was_taken_from() -> None:
    passage = statement("Brua er vedtatt. Prisen er ukjent.", "03.05.2021")
    note = record("notat", title="Notat: Brua over sundet")
    (citation,) = cite([Evidence(passage, passage.sentences[0], 1)], {"notat": note})
    assert citation.quote == "Brua er vedtatt. Prisen er ukjent."
    assert citation.title == "Ja til brua (Sundposten) (gjengitt med våre ord i notatet «Notat: Brua over sundet»)"
    assert (citation.source, citation.url, citation.dated) == ("notat", "https://sundposten.no/bru", "2021-05-03")
    assert citation.section == "Brua over sundet"
    assert citation.origin == passage.origin
    (english,) = cite([Evidence(passage, passage.sentences[0], 1)], {"notat": note}, "en")
    assert english.title.startswith("Ja til brua (Sundposten) (retold in our words in the note ")


@pytest.mark.parametrize(
    ("dated", "citation_dated", "lead_in"),
    [
        ("03.05.2021", "2021-05-03", "Dette sier kilden, gjengitt med våre ord, per 3. mai 2021:"),
        ("mai 2021", "mai 2021", "Dette sier kilden, gjengitt med våre ord, per mai 2021:"),
        ("udatert (2021)", "udatert (2021)", "Dette sier kilden, gjengitt med våre ord, udatert (2021):"),
    ],
)
def test_an_answer_out_of_a_note_says_that_the_words_are_ours_and_from_when(
    dated: str, citation_dated: str, lead_in: str
) -> None:
    evidence = choose([hit(statement("Brua er vedtatt.", dated), 1)])
    sources = {"notat": record("notat")}
    assert [citation.dated for citation in cite(evidence, sources)] == [citation_dated]
    assert compose(cite(evidence, sources), evidence, "nb") == f"{lead_in}\n«Brua er vedtatt.» [1]"


def test_quotes_of_one_date_share_its_place_in_the_opening() -> None:
    passages = [passage_of("En."), statement("To.", "mai 2021"), statement("Tre.", "mai 2021", "notat2")]
    evidence = choose([hit(passage, 3 - number / 2) for number, passage in enumerate(passages)])
    text = composed(evidence, ark=record(), notat=record("notat"), notat2=record("notat2"))
    assert text.startswith("Dette sier kildene ([1] per 4. mars 2022, [2] [3] per mai 2021):\n«En.» [1]")


def test_a_list_is_told_after_the_sentence_that_opens_it() -> None:
    passage = passage_of("Systemet skal:", "- gi oversikt", "- være raskt")
    assert composed(choose([hit(passage, 0, 9, 0)])) == (
        "Dette sier kilden, per 4. mars 2022: Systemet skal:\n«gi oversikt» [1]\n«være raskt» [2]"
    )


def test_what_does_not_fit_is_left_to_the_citations_the_weakest_first() -> None:
    texts = [f"{letter} " + "ord " * 62 + "slutt." for letter in "ABC"]
    evidence = choose([hit(passage_of(" ".join(texts)), 3, 2, 2.5)])
    text = composed(evidence)
    assert len(evidence) == 3
    assert "«A " in text
    assert "[2]" not in text
    assert "«C " in text
    assert text.endswith("[3]")


def test_a_quote_that_is_too_long_is_cut_between_words() -> None:
    evidence = choose([hit(passage_of("Avtalen " + "gjelder " * 120 + "nå."), 1)])
    text = composed(evidence)
    assert 600 < len(text) <= MAX_ANSWER_CHARS
    assert text.endswith("gjelder …» [1]")


def test_no_answer_is_ever_too_long() -> None:
    made = random.Random(5)
    for _ in range(300):
        words = ["ord", "kommunedirektør", "x" * 40, "å"]
        texts = [" ".join(made.choices(words, k=made.choice([1, 5, 20, 40]))) + made.choice([".", ":"]) for _ in range(4)]
        texts = [made.choice(["", "- "]) + "A" + text for text in texts]
        passage = passage_of(*texts)
        evidence = choose([hit(passage, *(made.uniform(0, 3) for _ in passage.sentences))])
        assert 1 <= len(evidence) <= MAX_CITATIONS
        citations = cite(evidence, {"ark": record()})
        text = compose(citations, evidence, made.choice(["nb", "nn", "en"]))
        assert len(text) <= MAX_ANSWER_CHARS
        shown = text.split("\n«", 1)[1]
        assert any(shown.startswith(citation.quote[:20]) for citation in citations)


@pytest.mark.parametrize(("language", "written"), [("nb", "17. mai 2022"), ("nn", "17. mai 2022"), ("en", "17 May 2022")])
def test_a_date_is_written_as_in_running_text(language: Language, written: str) -> None:
    assert written_date(date(2022, 5, 17), language) == written


def test_every_month_has_a_name_in_every_language() -> None:
    for language in ("nb", "nn", "en"):
        assert len({written_date(date(2022, month, 1), language) for month in range(1, 13)}) == 12
