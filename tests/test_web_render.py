"""What documents and people write is shown word for word on the page, and means nothing to it."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from typing import get_args

import pytest

from bot.answers import Answer, Citation, Note, NoteKind, Status
from bot.web.markup import escape, question_markdown
from bot.web.render import (
    Shown,
    answer_markdown,
    answer_steps,
    panel_markdown,
    searched_markdown,
    sources_markdown,
)
from ingest.dates import Interval
from ingest.documents import Origin
from ingest.passages import Passage
from ingest.texts import LANGUAGES, Language, texts
from tests.fakes import source_record

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "![x](http://evil.example/?q=1)",
    "[a](javascript:alert(1))",
    "<http://evil.example> http://evil.example www.evil.example a@evil.example",
    "$x$ and $$\\frac{1}{2}$$ and \\(y\\)",
    "`code` and ```fence``` and ~~gone~~ and ~~~",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "</mark></p></details><script>alert(1)</script>",
    "# heading\n\n- item\n\n1. one\n\n> quote\n\n    code\n\n***\n\n===",
    "**bold** __bold__ *it* _it_ &lt;b&gt; &#60;b&#62; <!-- x -->",
    "\" onmouseover=\"alert(1)' x='",
    "[1]: http://evil.example 'x'\n\n[1]",
)
PASSAGE = "Kommunen signerer avtalen.\nFristen er 13 måneder før oppstart. Avtalen er bindende."


class _Reader(HTMLParser):
    """Collects tags, the text and what stands in <mark>."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.marked: list[str] = []
        self._marking = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag == "br":
            self.handle_data("\n")
        if tag == "mark":
            self.marked.append("")
            self._marking = True

    def handle_endtag(self, tag: str) -> None:
        self._marking = self._marking and tag != "mark"

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._marking:
            self.marked[-1] += data


def read(markdown: str) -> _Reader:
    reader = _Reader()
    reader.feed(markdown)
    return reader


def words(text: str) -> list[str]:
    return text.split()


def cite(quote: str, passage: str = PASSAGE, *, offset: int = 100, url: str = "") -> Citation:
    start = offset + passage.index(quote)
    whole = Passage("s:0001", "s", passage, offset, offset + len(passage), ("Avtaler",), 5, "5", ())
    return Citation(quote, "s", "Faktaark", "Avtaler › Frist", 5, "5", "2022-03-04", url, start, start + len(quote), whole)


def reply(
    text: str,
    *citations: Citation,
    status: Status = "svar",
    asked: str = "Når?",
    notes: tuple[Note, ...] = (),
    generated: bool = False,
) -> Answer:
    return Answer(
        question="Når?",
        asked=asked,
        answered=status == "svar",
        answer=text,
        status=status,
        language="nb",
        generation="g",
        citations=citations,
        notes=notes,
        generated=generated,
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_markdown_html_or_latex_could_start_with_is_left(text: str) -> None:
    escaped = escape(text)
    assert not re.search(r"[^\w\s&#;]", escaped.replace("<br>", ""), re.ASCII)
    assert "\n" not in escaped
    assert words(read(escaped).text) == words(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_adds_no_tag_anywhere(text: str) -> None:
    flat = " ".join(text.split())
    harmless, hostile = (
        reply(
            f"Svar: {word} [1]",
            cite(word, f"Før. {word} Etter."),
            asked=f"{word}?",
            notes=(Note("alder", word, cite(word, word)),),
        )
        for word in ("ord", flat)
    )
    for render in (answer_markdown, sources_markdown):
        assert read(render(hostile, "nb")).tags == read(render(harmless, "nb")).tags
    assert read(question_markdown(flat)).tags == ["p"]
    assert (
        read(searched_markdown([source_record(title=flat)], "nb")).tags == read(searched_markdown([source_record()], "nb")).tags
    )


def test_hidden_and_turning_characters_are_not_shown() -> None:
    assert escape("a\u202eb\u200bc\x00d\U000e0041e") == "abcde"


def test_the_quote_and_nothing_else_is_marked() -> None:
    shown = read(sources_markdown(reply("x", cite("Fristen er 13 måneder før oppstart.")), "nb"))
    assert shown.marked == ["Fristen er 13 måneder før oppstart."]
    assert PASSAGE in shown.text


def test_a_hostile_quote_is_marked_word_for_word() -> None:
    quote = "</mark> <b>x</b> `y` $z$ | [1]"
    assert read(sources_markdown(reply("x", cite(quote, f"Før {quote} etter.")), "nb")).marked == [quote]


def test_a_quote_over_several_lines_is_marked_whole() -> None:
    quote = "avtalen.\nFristen er"
    assert read(sources_markdown(reply("x", cite(quote)), "nb")).marked == [quote]


def test_overlapping_quotes_of_one_passage_are_each_marked_exactly() -> None:
    quotes = ["signerer avtalen.\nFristen er 13 måneder", "Fristen er 13 måneder før oppstart."]
    shown = read(sources_markdown(reply("x", *(cite(quote) for quote in quotes)), "nb"))
    assert shown.marked == quotes


def test_a_quote_that_is_not_where_it_says_is_not_shown() -> None:
    good = cite("Avtalen er bindende.")
    moved = Citation(good.quote, "s", "T", "", 5, "5", "2022-03-04", "", good.start - 3, good.end - 3, good.passage)
    shown = read(sources_markdown(reply("x", moved), "nb"))
    assert shown.marked == []
    assert good.quote not in shown.text
    assert "ikke funnet igjen" in shown.text


def test_a_citation_says_where_and_how_old() -> None:
    shown = read(sources_markdown(reply("x", cite("Fristen")), "nb", {"s": source_record()})).text
    for part in ("[1]", "Avtaler › Frist", "side 5", "Per 4. mars 2022", "Faktaark"):
        assert part in shown


ORIGIN = Origin("Ja til <b>brua</b>", "https://b.no/a?b=1", "mai 2021", Interval(date(2021, 5, 1), date(2021, 5, 31)), "B1")


@pytest.mark.parametrize(
    ("language", "dated", "whose"),
    [
        ("nb", "Per mai 2021", "Ordlyden er vår egen, i notatet «Faktaark»"),
        ("nn", "Per mai 2021", "Ordlyden er vår eigen, i notatet «Faktaark»"),
        ("en", "As of May 2021", "The wording is ours, in the note «Faktaark»"),
    ],
)
def test_a_statement_of_a_note_shows_its_original_source_and_that_the_wording_is_ours(
    language: Language, dated: str, whose: str
) -> None:
    citation = replace(cite("Fristen", url=ORIGIN.url), origin=ORIGIN, dated=ORIGIN.when)
    shown = read(sources_markdown(reply("x", citation), language, {"s": source_record()}))
    assert f"Ja til <b>brua</b> · {dated} · {whose}" in shown.text
    assert [value for name, value in shown.attributes if name == "href"] == [ORIGIN.url]


def test_an_original_source_without_address_is_named_without_a_link() -> None:
    citation = replace(cite("Fristen"), origin=replace(ORIGIN, url=""), dated=ORIGIN.when)
    shown = read(sources_markdown(reply("x", citation), "nb"))
    assert "Ja til <b>brua</b> · Per mai 2021 · Ordlyden er vår egen, i notatet «s»" in shown.text
    assert "a" not in shown.tags


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_note_has_its_title_and_leads_to_its_source(language: Language) -> None:
    titles = set()
    kinds = [kind for kind in get_args(NoteKind) if kind != "ocr"]  # That is said with its citation.
    for kind in kinds:
        answer = reply("x", cite("Fristen"), notes=(Note(kind, "Per mai 2021 (T): «Avtalen»", cite("Avtalen")),))
        shown = answer_markdown(answer, language)
        titles.add(read(shown).text.split("Per mai 2021")[0])
        assert 'href="#kilde-1-m1"' in shown
        assert 'id="kilde-1-m1"' in sources_markdown(answer, language)
    assert len(titles) == len(kinds) == 6


def test_only_web_addresses_become_links() -> None:
    for url, links in (("https://example.no/a?b=1", 1), ("javascript:alert(1)", 0), ("data:text/html,x", 0), ("", 0)):
        shown = read(sources_markdown(reply("x", cite("Fristen", url=url)), "nb"))
        assert shown.tags.count("a") == links
        assert [value for name, value in shown.attributes if name == "href"] == ([url] if links else [])


def test_the_first_citation_is_open_and_no_other() -> None:
    shown = sources_markdown(reply("x", cite("Fristen"), cite("Avtalen")), "nb")
    assert re.findall(r"<details class=\"fs-source\"( open)?>", shown) == [" open", ""]


def test_quotes_in_the_answer_are_paragraphs_with_marks_that_lead_to_their_citations() -> None:
    answer = reply("Dette står: Fristen er 13 måneder før oppstart. [1]", cite("Fristen er 13 måneder før oppstart."))
    shown = answer_markdown(answer, "nb", 3)
    assert '<p class="fs-quote">Fristen er 13 måneder' in shown
    assert 'href="#kilde-3-1"' in shown
    assert 'id="kilde-3-1"' in sources_markdown(answer, "nb", number=3)


def test_a_quote_keeps_the_marks_that_the_answer_puts_around_it() -> None:
    answer = reply("Dette sier kilden:\n«Avtalen er bindende.» [1]", cite("Avtalen er bindende."))
    assert '<p class="fs-quote">«Avtalen er bindende&#46;» <a' in answer_markdown(answer, "nb")


def test_the_words_that_answer_are_strong_in_the_answer_and_in_the_passage() -> None:
    quote = "Fristen er 13 måneder før oppstart."
    citation = cite(quote)
    start = citation.start + quote.index("13 måneder")
    answer = reply(f"Dette sier kilden:\n«{quote}» [1]", replace(citation, span=(start, start + len("13 måneder"))))
    assert "«Fristen er <strong>13 måneder</strong> før oppstart&#46;» <a" in answer_markdown(answer, "nb")
    shown = sources_markdown(answer, "nb")
    assert "<strong>13 måneder</strong>" in shown
    assert read(shown).marked == [quote]


def test_hostile_words_that_answer_are_only_text() -> None:
    quote = "Svar: <img src=x> `y` her."
    citation = cite(quote, f"Før {quote} etter.")
    start = citation.start + quote.index("<img")
    shown = read(sources_markdown(reply("x", replace(citation, span=(start, start + len("<img src=x> `y`")))), "nb"))
    assert shown.marked == [quote]
    assert "img" not in shown.tags


def test_a_quote_that_was_shortened_is_still_a_quote() -> None:
    answer = reply(
        "Dette sier kilden:\n«Fristen er «ca.» 13 …» [1]", cite("Fristen er «ca.» 13 md.", "Fristen er «ca.» 13 md.")
    )
    assert '<p class="fs-quote">«Fristen er «ca&#46;» 13 …» <a' in answer_markdown(answer, "nb")


def test_what_no_citation_says_is_not_shown_as_a_quote() -> None:
    assert "fs-quote" not in answer_markdown(reply("«Noe annet …» [1]", cite("Avtalen")), "nb")


def test_a_mark_inside_a_quote_is_only_text() -> None:
    quote = "Kilde: [2] budsjett.pdf [1] slutt."
    shown = answer_markdown(reply(f"Svar: {quote} [1]", cite(quote, quote), cite("Avtalen")), "nb")
    assert re.findall(r'href="(#[^"]+)"', shown) == ["#kilde-1-1"]


def test_a_mark_without_citation_is_only_text() -> None:
    shown = answer_markdown(reply("Noe [1] og noe [7].", cite("Avtalen")), "nb")
    assert re.findall(r'href="(#[^"]+)"', shown) == ["#kilde-1-1"]
    assert "[7]" in read(shown).text


def test_the_answer_comes_sentence_by_sentence_and_ends_whole() -> None:
    quotes = ["Kommunen signerer avtalen.", "Avtalen er bindende."]
    answer = reply(f"Dette står: {quotes[0]} [1] {quotes[1]} [2]", *(cite(quote) for quote in quotes))
    steps = list(answer_steps(answer, "nb"))
    assert len(steps) == 4
    assert [len(read(step).text) for step in steps] == sorted(len(read(step).text) for step in steps)
    assert steps[-1] == answer_markdown(answer, "nb")
    assert quotes[1] not in read(steps[1]).text


@pytest.mark.parametrize(
    ("status", "generated", "label"),
    [("svar", False, "extract_label"), ("svar", True, "generated_label"), ("presisering", False, None)],
)
def test_an_answer_says_who_wrote_it(status: Status, generated: bool, label: str | None) -> None:
    shown = read(answer_markdown(reply("Tekst.", status=status, generated=generated), "nb"))
    said = {key for key in ("extract_label", "generated_label") if texts("bot", "nb")[f"web.{key}"] in shown.text}
    assert said == ({label} if label else set())
    made = "fs-ai-generated" if generated else "fs-not-ai-generated"
    assert any(name == "class" and made in value.split() for name, value in shown.attributes)


def test_the_nearest_passages_are_said_to_be_no_answer() -> None:
    answer = reply("Det står ikke i kildene.", cite("Avtalen"), status="ikke_i_kildene")
    heading = "Dette er det nærmeste jeg finner – det er ikke et svar"
    assert heading in read(answer_markdown(answer, "nb")).text
    panel = read(sources_markdown(answer, "nb"))
    assert panel.text.startswith(heading)
    assert panel.tags.index("h3") < panel.tags.index("details")


def test_a_question_that_was_read_differently_is_shown() -> None:
    shown = read(answer_markdown(reply("x", asked="Når må kommunen signere?"), "nb")).text
    assert "Jeg leser spørsmålet som: Når må kommunen signere?" in shown
    assert "Jeg leser" not in read(answer_markdown(reply("x"), "nb")).text


def test_notes_are_shown_with_their_source() -> None:
    answer = reply("x", notes=(Note("nyere_kilde", "En nyere kilde sier noe annet.", cite("Avtalen")),))
    assert "Nyere: En nyere kilde sier noe annet." in read(answer_markdown(answer, "nb")).text
    assert read(sources_markdown(answer, "nb")).marked == ["Avtalen"]


def test_earlier_answers_keep_their_sources_apart() -> None:
    answers = [Shown(reply("x", cite(quote)), number) for number, quote in enumerate(("Fristen", "Avtalen"), start=1)]
    shown = panel_markdown(answers, "nb", {})
    assert shown.index('id="kilde-2-1"') < shown.index("fs-earlier") < shown.index('id="kilde-1-1"')
    assert len(set(re.findall(r'id="([^"]+)"', shown))) == 2


def test_an_empty_panel_says_what_will_be_there() -> None:
    assert "når du har stilt et spørsmål" in read(panel_markdown([], "nb", {})).text


def test_what_is_searched_is_said_with_number_and_age() -> None:
    one = read(searched_markdown([source_record()], "nb")).text
    two = read(searched_markdown([source_record(), source_record(dated=date(2024, 10, 15))], "nb")).text
    assert one.startswith("Søker i 1 dokument, datert 4. mars 2022")
    assert two.startswith("Søker i 2 dokumenter, datert fra 4. mars 2022 til 15. oktober 2024")
    assert searched_markdown([], "nb") == ""


def test_everything_rendered_is_one_line() -> None:
    answer = reply("a\n\n# b [1]", cite("avtalen.\nFristen er"), notes=(Note("alder", "x\n\ny"),), asked="a\n\nb")
    shown = [answer_markdown(answer, "nb"), sources_markdown(answer, "nb"), question_markdown("a\n\nb")]
    assert not any("\n" in html.unescape(text) for text in shown)


def test_the_texts_are_there_in_every_language() -> None:
    keys = [{key for key in texts("bot", language) if key.startswith("web.")} for language in LANGUAGES]
    assert keys[0] == keys[1] == keys[2]
    for language in LANGUAGES:
        assert all(texts("bot", language)[key].strip() for key in keys[0])
