"""Beside an answer stands what later replaced, contradicts or qualifies it, and what held before; nothing is merged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.answering import Evidence, cite
from bot.links import Link, Links
from bot.notes import note_text, notes_of
from bot.service import Assistant
from bot.settings import BotSettings
from bot.timeline import MOST, Beside, Timeline, says_other
from ingest.passages import Passage
from ingest.pipeline import ingest

PLAN = """# Plan for brua

Brua over Langsundet skal åpne for trafikk i mai 2023.

Bompengene på brua er satt til 40 kroner for en personbil.

Fylkeskommunen eier brua alene.

Ferga mellom Nes og Vik går hver halvtime, også i helgene.

Gangveien over brua blir tre meter bred og får lys hele veien.

Det blir ikke plass til syklister på gangveien i rushtida.
"""
NOTE = """# Brua over Langsundet

- [B1] Brua over Langsundet åpnet for trafikk 14. oktober 2024. Planen fra 2021 sier mai 2023.
  - Kilde: [Brua er åpen (Sundposten)](https://sundposten.no/brua-er-apen)
  - Dato: 15.10.2024
  - Forhold: erstatter plan

- [B2] I 2022 ble åpningen av brua over Langsundet utsatt til våren 2024. Planen fra 2021 sier mai 2023.
  - Kilde: [Brua blir forsinket (Sundposten)](https://sundposten.no/forsinket)
  - Dato: november 2022
  - Forhold: erstatter plan

- [B3] Bompengene på brua er 55 kroner for en personbil, viser takstene. Planen fra 2021 sier 40 kroner.
  - Kilde: [Takster](https://bru.no/takster)
  - Dato: udatert (2024)
  - Forhold: motsier plan

- [B4] Kommunen eier tre prosent av brua sammen med fylkeskommunen. Planen fra 2021 sier at fylkeskommunen eier alene.
  - Kilde: [Eierne (Sundposten)](https://sundposten.no/eierne)
  - Dato: 2022
  - Forhold: presiserer plan

- [B5] Brua ble malt blå sommeren 2024 av elever ved Vik skole.
  - Kilde: [Blå bru](https://vik.no/bru)
  - Dato: 20.08.2024
  - Forhold: utfyller plan
"""
COUNT = "# Tall\n\nI 2022 hadde skolen i Vik 212 elever og 19 lærere.\n\nKommunen har to svømmehaller og ett bibliotek.\n"
LATER = "# Tall\n\nI 2024 hadde skolen i Vik 187 elever og 17 lærere.\n\nBiblioteket i Nes holder åpent til klokka åtte.\n"


def catalogue(entries: Sequence[tuple[str, str, str]]) -> str:
    return "\n".join(
        f'[[source]]\nid = "{name}"\ntitle = "{name.title()}"\npublisher = "Vik"\nkind = "plan"\ndated = {dated}\n'
        f'retrieved = 2025-01-01\nlanguage = "nb"\nfile = "{name}.md"\nlicence = "NLOD"\n{more}\n'
        for name, dated, more in entries
    )


@pytest.fixture(scope="module")
def bridge(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """Return an assistant over a plan, a note of what came after, and two counts of different years."""
    corpus = tmp_path_factory.mktemp("bridge")
    for name, text in (("plan", PLAN), ("note", NOTE), ("count", COUNT), ("later", LATER)):
        (corpus / f"{name}.md").write_text(text, encoding="utf-8")
    entries = [("plan", "2021-03-01", ""), ("note", "2024-10-15", 'format = "fakta"'), ("count", "2022-12-31", ""),
               ("later", "2024-12-31", "")]  # fmt: skip
    (corpus / "sources.toml").write_text(catalogue(entries), encoding="utf-8")
    settings = BotSettings(corpus=corpus, data=corpus / "data")
    assert ingest(settings, lambda stage, done, total: None).failures == ()
    return Assistant(settings)


def evidence(bridge: Assistant, start: str) -> Evidence:
    """Return the sentence that begins so."""
    (found,) = (
        Evidence(passage, sentence, 0.0)
        for passage in bridge._opened.generation.passages
        for sentence in passage.sentences
        if passage.quote(sentence).startswith(start)
    )
    return found


def name(passage: Passage) -> str:
    return passage.origin.fact if passage.origin else passage.source


def beside(bridge: Assistant, question: str, *cited: str, sources: list[str] | None = None) -> list[tuple[str, str]]:
    """Return what is shown beside some sentences, by their first words, that a question is answered with."""
    opened = bridge._opened
    timeline = Timeline(opened.generation, opened.searcher.links, opened.searcher.farthest)
    hits = opened.searcher.search(question, sources).hits
    found = timeline.beside([evidence(bridge, start) for start in cited], hits, sources=sources)
    return [(one.kind, name(one.evidence.passage)) for one in found]


OPENING = "Brua over Langsundet skal åpne"
WHEN, PRICE, OWNER = "Når åpner brua over Langsundet?", "Hva koster bompengene på brua?", "Hvem eier brua?"


def test_what_replaces_the_cited_words_is_shown_the_newest_first(bridge: Assistant) -> None:
    assert beside(bridge, WHEN, OPENING) == [("nyere_kilde", "B1"), ("nyere_kilde", "B2")]


def test_what_contradicts_and_what_says_it_more_exactly_are_called_so(bridge: Assistant) -> None:
    assert ("motstrid", "B3") in beside(bridge, PRICE, "Bompengene på brua er satt")
    assert ("presiserer", "B4") in beside(bridge, OWNER, "Fylkeskommunen eier")


def test_beside_a_later_statement_stands_what_held_before(bridge: Assistant) -> None:
    assert beside(bridge, WHEN, "Brua over Langsundet åpnet") == [("nyere_kilde", "B2"), ("eldre_kilde", "plan")]
    assert beside(bridge, PRICE, "Bompengene på brua er 55") == [("eldre_kilde", "plan")]


def test_what_is_cited_already_is_not_shown_again(bridge: Assistant) -> None:
    assert beside(bridge, WHEN, OPENING, "Brua over Langsundet åpnet", "I 2022 ble åpningen") == []


def test_what_only_adds_to_a_plan_is_not_shown(bridge: Assistant) -> None:
    for question, start in ((WHEN, OPENING), ("Hvilken farge har brua?", "Gangveien over brua")):
        assert "B5" not in {number for _, number in beside(bridge, question, start)}


def test_nothing_is_shown_beside_what_nothing_has_changed(bridge: Assistant) -> None:
    assert beside(bridge, "Hvor ofte går ferga?", "Ferga mellom Nes og Vik") == []


def test_a_later_document_with_other_numbers_is_shown_without_any_relation(bridge: Assistant) -> None:
    question = "Hvor mange elever hadde skolen i Vik?"
    assert beside(bridge, question, "I 2022 hadde skolen") == [("nyere_kilde", "later")]
    # The other way round there is nothing newer, and no one has said that the older one was replaced.
    assert beside(bridge, question, "I 2024 hadde skolen") == []


def test_a_search_kept_to_a_source_shows_nothing_of_another(bridge: Assistant) -> None:
    assert beside(bridge, WHEN, OPENING, sources=["plan"]) == []
    assert bridge.ask(WHEN, sources=["plan"]).notes == ()


def test_no_more_is_shown_than_can_be_taken_in(bridge: Assistant) -> None:
    cited = (OPENING, "Bompengene på brua er satt", "Fylkeskommunen eier")
    found = beside(bridge, "Når åpner brua over Langsundet, hva koster den, og hvem eier den?", *cited)
    assert len(found) == MOST
    newest = {"B1": 20241015, "B3": 20240101, "B2": 20221101, "B4": 20220101}
    assert [newest[number] for _, number in found] == sorted((newest[number] for _, number in found), reverse=True)


def test_what_the_question_takes_for_granted_is_shown_with_its_date(bridge: Assistant) -> None:
    answer = bridge.ask("Brua over Langsundet skulle åpne for trafikk i mai 2023. Hvem malte den blå?")
    quotes = [citation.quote for citation in answer.citations]
    quotes += [note.citation.quote for note in answer.notes if note.citation]
    assert answer.answered
    assert any(quote.startswith(OPENING) for quote in quotes)


def test_a_note_says_from_when_it_is_what_it_was_taken_from_and_what_it_says(bridge: Assistant) -> None:
    opened = bridge._opened
    found = [
        Beside("nyere_kilde", evidence(bridge, "Brua over Langsundet åpnet")),
        Beside("eldre_kilde", evidence(bridge, OPENING)),
    ]
    newer, older = notes_of(found, opened.generation.sources, "nb")
    assert newer.citation is not None and older.citation is not None
    assert newer.text == f"Per 15. oktober 2024 (Brua er åpen (Sundposten)): «{newer.citation.quote}»"
    assert older.text == f"Per 1. mars 2021 (Plan): «{older.citation.quote}»"
    assert newer.citation.url == "https://sundposten.no/brua-er-apen"
    for note in (newer, older):
        assert note.citation is not None
        text = bridge.text(note.citation.source)
        assert text[note.citation.start : note.citation.end] == note.citation.quote
    assert newer.as_record()["kind"] == "nyere_kilde"


def test_a_long_quote_is_cut_in_the_words_of_a_note_and_whole_in_its_citation(bridge: Assistant) -> None:
    (citation,) = cite([evidence(bridge, OPENING)], bridge._opened.generation.sources)
    long = replace(citation, quote="Brua " + "er lang og " * 90 + "blå.")
    text = note_text(long, "en")
    assert text.startswith("As of 1 March 2021 (Plan): «Brua er lang") and text.endswith(" …»")
    assert len(text) < 450


def test_what_is_not_answered_has_nothing_beside_it(bridge: Assistant) -> None:
    answer = bridge.ask("Hva heter kongen av Danmark?")
    assert not answer.answered
    assert answer.notes == ()


@pytest.mark.parametrize(
    ("one", "other", "differs"),
    [
        ("Brua åpner i mai 2023.", "Brua åpnet 14. oktober 2024.", True),
        ("Det er 19 av 66 kommuner.", "Det er 24 av 66 kommuner.", True),
        ("Brua åpner i mai 2023.", "Brua åpnet i mai 2023, sier 4 av 5.", False),
        ("Brua åpner i mai 2023.", "Brua er blå.", False),
        ("Brua er ny.", "Brua er blå.", False),
    ],
)
def test_two_texts_say_other_things_only_if_each_names_a_value_of_its_own(one: str, other: str, *, differs: bool) -> None:
    assert says_other(one, other) is differs
    assert says_other(other, one) is differs


def test_statements_about_one_sentence_are_kin() -> None:
    links = Links((Link(7, 1, 0.9), Link(8, 1, 0.7), Link(8, 2, 0.66), Link(9, 3, 0.8)))
    assert links.kin(1) == {1, 7, 8}
    assert links.kin(8) == {1, 2, 7, 8}
    assert links.kin(5) == {5}
    assert [link.statement for link in links.of_sentence[1]] == [7, 8]


def test_the_start_of_nordmore_is_shown_as_planned_and_as_planned_later(knowing: Assistant) -> None:
    answer = knowing.ask("Når starter Nordmøre?")
    assert answer.answered
    told = "\n".join([answer.answer, *(note.text for note in answer.notes)])
    assert "september 2024 i KI3" in told and "9. november 2024" in told
    assert "per 4. mars 2022" in answer.answer


def test_the_owners_of_march_2022_are_shown_with_the_later_ones(knowing: Assistant) -> None:
    answer = knowing.ask("Hvem eier Helseplattformen AS?")
    assert answer.answered
    assert "Helseplattformen AS eies per i dag av Helse Midt-Norge RHF og Trondheim kommune." in answer.answer
    assert [note.kind for note in answer.notes] == ["nyere_kilde", "nyere_kilde"]
    assert "åtte andre kommuner var eiere" in answer.notes[0].text and answer.notes[0].text.startswith("Per mars 2023")
    assert "Kristiansund og Rindal" in answer.notes[1].text and answer.notes[1].text.startswith("Per 28. juni 2022")
