"""Answers as the page shows them: HTML inside Markdown, in which nothing of a document or a question is markup.

Each function returns one line of HTML, since a line break could end the HTML block and start Markdown again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.answers import Answer, Citation, Note
from bot.dates import as_of, written_date
from bot.recognition import recognition_of
from bot.web.markup import escape
from ingest.texts import Language, say

if TYPE_CHECKING:
    from ingest.index import SourceRecord


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer at its place in the conversation.

    Attributes:
        answer: The answer.
        number: Counts the answers of a conversation from 1, so that the marks of an earlier answer keep their targets.
    """

    answer: Answer
    number: int = 1


def answer_markdown(answer: Answer, language: Language, number: int = 1) -> str:
    """Return the whole answer, with marks that lead to its citations.

    Args:
        answer: The answer.
        language: Of our own words around it.
        number: Of the answer in the conversation; see `Shown`.
    """
    *_, whole = answer_steps(answer, language, number)
    return whole


def answer_steps(answer: Answer, language: Language, number: int = 1) -> Iterator[str]:
    """Yield the answer sentence by sentence, each time with all before it; the last is the whole answer."""
    # A class, since Gradio's sanitiser takes data attributes away: it tells machines whether a model wrote this.
    maker = "fs-ai-generated" if answer.generated else "fs-not-ai-generated"
    opening = f'<div class="fs-answer fs-{answer.status} {maker}" lang="{answer.language}">'
    shown = ""
    if answer.asked.strip() != answer.question.strip() and answer.asked.strip():
        shown = f'<p class="fs-note">{escape(say("bot", "web.read_as", language, question=answer.asked))}</p>'
    for piece in _pieces(answer, language, number):
        shown += piece
        yield f"{opening}{shown}</div>"
    ending = _ending(answer, language, number)
    yield f"{opening}{shown}{ending}</div>"


def _pieces(answer: Answer, language: Language, number: int) -> Iterator[str]:
    """Quotes as paragraphs of their own, our own words between them."""
    at = 0
    for start, end, cited in _quotes(answer):
        if answer.answer[at:start].strip():
            yield f"<p>{_marked(answer, answer.answer[at:start], language, number)}</p>"
        quote = _quote(answer.answer[start : end - len(_number(cited))], answer.citations[cited - 1])
        yield f'<p class="fs-quote">{quote} {_mark(cited, language, number)}</p>'
        at = end
    if answer.answer[at:].strip():
        yield f"<p>{_marked(answer, answer.answer[at:], language, number)}</p>"


def _quote(text: str, citation: Citation) -> str:
    """Escape a text that holds a citation's quote, and make the few words strong that answer."""
    if citation.span is None or citation.quote not in text:
        return escape(text)
    first = text.index(citation.quote) - citation.start
    start, end = first + citation.span[0], first + citation.span[1]
    return f"{_outside(text[:start])}<strong>{escape(text[start:end])}</strong>{_outside(text[end:])}"


def _quotes(answer: Answer) -> list[tuple[int, int, int]]:
    """Where a quote stands in the answer with its mark: start, end, number of the citation.

    Only a citation's own words count as its quote, so that a `[n]` in a document is never taken for a mark of ours.
    """
    found = []
    for cited, citation in enumerate(answer.citations, start=1):
        for quoted in (f"«{citation.quote}»", citation.quote, _shortened(answer.answer, citation.quote, cited)):
            start = answer.answer.find(quoted + _number(cited)) if quoted else -1
            if start >= 0:
                found.append((start, start + len(quoted + _number(cited)), cited))
                break
    found.sort()
    return [place for at, place in enumerate(found) if at == 0 or place[0] >= found[at - 1][1]]


def _shortened(text: str, quote: str, cited: int) -> str:
    """Return the beginning of a quote as an answer has it that had no room for all of it; empty if it hasn't."""
    end = text.rfind(f"…»{_number(cited)}")
    start = text.rfind("«", 0, max(end, 0))
    while start >= 0:
        if quote.startswith(text[start + 1 : end].rstrip()):
            return text[start : end + len("…»")]
        start = text.rfind("«", 0, start)
    return ""


def _number(cited: int) -> str:
    return f" [{cited}]"


def _marked(answer: Answer, text: str, language: Language, number: int) -> str:
    """Escape our own words, or a model's, and turn their `[n]` into marks; in a quote, `[n]` is only text."""
    parts = re.split(r"\[(\d)\]", text)
    shown = escape(parts[0])
    for digit, rest in zip(parts[1::2], parts[2::2], strict=True):
        known = 1 <= int(digit) <= len(answer.citations)
        # The spaces around a mark are lost in escape(), which strips.
        shown += f" {_mark(int(digit), language, number)} " if known else escape(f"[{digit}]")
        shown += escape(rest)
    return shown


def _mark(cited: int, language: Language, number: int) -> str:
    unseen = f'<span class="fs-unseen">{escape(say("bot", "web.cite", language))} </span>'
    return f'<a class="fs-mark" href="#kilde-{number}-{cited}">{unseen}&#91;{cited}&#93;</a>'


def _ending(answer: Answer, language: Language, number: int) -> str:
    shown = ""
    if answer.status == "svar" and answer.answered:
        key = "web.generated_label" if answer.generated else "web.extract_label"
        shown += f'<p class="fs-label">{escape(say("bot", key, language))}</p>'
    elif answer.status == "ikke_i_kildene" and answer.citations:
        marks = " ".join(_mark(cited, language, number) for cited in range(1, len(answer.citations) + 1))
        shown += f'<p class="fs-label">{escape(say("bot", "web.nearest", language))}&#58; {marks}</p>'
    for at, note in enumerate(answer.notes, start=1):
        if note.kind == "ocr":
            continue  # Said where the citation stands.
        title = escape(say("bot", f"web.note_{note.kind}", language))
        text = escape(note.text)
        if note.citation:
            see = escape(say("bot", "web.see_also", language))
            text = f'{text} <a class="fs-mark" href="#kilde-{number}-m{at}">{see}</a>'
        shown += f'<p class="fs-note"><strong>{title}&#58;</strong> {text}</p>'
    return shown


def sources_markdown(
    answer: Answer,
    language: Language,
    records: Mapping[str, SourceRecord] | None = None,
    number: int = 1,
    *,
    first_open: bool = True,
) -> str:
    """Return the citations, each to be opened for the whole passage with the quote marked.

    Args:
        answer: The answer.
        language: Of our own words.
        records: What is known of each source, by id; gives its kind and language.
        number: Of the answer in the conversation; see `Shown`.
        first_open: Whether the first citation is open from the start.
    """
    shown = ""
    if answer.status == "ikke_i_kildene" and answer.citations:
        shown += f'<h3 class="fs-nearest">{escape(say("bot", "web.nearest", language))}</h3>'
    for cited, citation in enumerate(answer.citations, start=1):
        record = (records or {}).get(citation.source)
        anchor, is_open = f"kilde-{number}-{cited}", first_open and cited == 1
        shown += _card(citation, language, record, anchor, f'<span class="fs-number">&#91;{cited}&#93;</span>', is_open=is_open)
    for at, note in enumerate(answer.notes, start=1):
        if note.citation and note.kind != "ocr":
            shown += _note_card(note, note.citation, language, records or {}, f"kilde-{number}-m{at}")
    return f'<div class="fs-sources" lang="{language}">{shown}</div>' if shown else ""


def _note_card(note: Note, citation: Citation, language: Language, records: Mapping[str, SourceRecord], anchor: str) -> str:
    title = f'<span class="fs-kind">{escape(say("bot", f"web.note_{note.kind}", language))}</span>'
    return _card(citation, language, records.get(citation.source), anchor, title, is_open=False)


def _card(citation: Citation, language: Language, record: SourceRecord | None, anchor: str, mark: str, *, is_open: bool) -> str:
    section = citation.section or citation.title
    facts = [_dated(citation, language), _page(citation, language)]
    tongue = f' lang="{escape(record.language)}"' if record else ""
    said = recognition_of(citation, language)
    recognised = f'<p class="fs-recognised">{escape(said)}</p>' if said else ""
    return (
        f'<details class="fs-source"{" open" if is_open else ""}><summary>{mark} '
        f'<span class="fs-where"{tongue}>{escape(section)}</span> '
        f'<span class="fs-facts">{_joined(facts)}</span></summary>'
        f'<div class="fs-body" id="{anchor}" tabindex="-1">'
        f'<p class="fs-passage"{tongue}>{_passage(citation, language)}</p>{recognised}'
        f'<p class="fs-about">{_about(citation, language, record)}</p></div></details>'
    )


def _about(citation: Citation, language: Language, record: SourceRecord | None) -> str:
    """Return the source's title and kind, with a link; of a statement in a note, what it was taken from and whose words."""
    kind = say("bot", f"web.kind_{record.kind}", language) if record else ""
    origin = citation.origin
    if origin is None:
        return _joined([citation.title, kind]) + _link(citation.url, say("bot", "web.open_source", language))
    title = _link(citation.url, origin.title).strip() or escape(origin.title)
    own = say("bot", "web.own_words", language, note=record.title if record else citation.source)
    return f"{title} · {_joined([_dated(citation, language), own])}"


def _link(url: str, text: str) -> str:
    """Return a link to where others can read a source, with a space before it; empty without an address."""
    if urlsplit(url).scheme not in ("http", "https"):
        return ""
    return f' <a class="fs-link" href="{escape(url)}" target="_blank" rel="noopener noreferrer">{escape(text)}</a>'


def _dated(citation: Citation, language: Language) -> str:
    written = as_of(citation.dated, citation.origin, language)
    return written[:1].upper() + written[1:]


def _page(citation: Citation, language: Language) -> str:
    label = citation.page_label or (str(citation.page) if citation.page is not None else "")
    return say("bot", "web.page", language, label=label) if label else ""


def _joined(parts: Sequence[str]) -> str:
    return " · ".join(escape(part) for part in parts if part)


def _passage(citation: Citation, language: Language) -> str:
    text = citation.passage.text
    start, end = citation.start - citation.passage.start, citation.end - citation.passage.start
    if not 0 <= start < end <= len(text) or text[start:end] != citation.quote:
        # What can't be located is not shown: a mark at a wrong place would be a false claim.
        return escape(say("bot", "web.not_located", language))
    before, after = _outside(text[:start]), _outside(text[end:])
    return f"{before}<mark>{_quote(citation.quote, citation)}</mark>{after}"


def _outside(text: str) -> str:
    """Escape what stands beside a quote, and keep the white space that parts it from the quote."""
    if not text.strip():
        return "<br>" if "\n" in text else " " if text else ""
    return f"{_gap(text[: len(text) - len(text.lstrip())])}{escape(text)}{_gap(text[len(text.rstrip()) :])}"


def _gap(space: str) -> str:
    return "<br>" if "\n" in space else " " if space else ""


def panel_markdown(answers: Sequence[Shown], language: Language, records: Mapping[str, SourceRecord]) -> str:
    """Return the source panel: the newest answer's citations, and those of the earlier ones folded below."""
    if not answers:
        return f'<p class="fs-status">{escape(say("bot", "web.sources_empty", language))}</p>'
    newest = answers[-1]
    shown = sources_markdown(newest.answer, newest.answer.language, records, newest.number)
    earlier = ""
    for one in reversed(answers[:-1]):
        cards = sources_markdown(one.answer, one.answer.language, records, one.number, first_open=False)
        if cards:
            earlier += f'<h3 class="fs-earlier-question">{escape(one.answer.question)}</h3>{cards}'
    if earlier:
        summary = f"<summary>{escape(say('bot', 'web.sources_earlier', language))}</summary>"
        earlier = f'<details class="fs-earlier">{summary}<div class="fs-body">{earlier}</div></details>'
    return f"{shown}{earlier}" or f'<p class="fs-status">{escape(say("bot", "web.sources_empty", language))}</p>'


def searched_markdown(records: Sequence[SourceRecord], language: Language) -> str:
    """Return what is searched: how many documents, how old, and which."""
    if not records:
        return ""
    oldest, newest = (written_date(pick(record.dated for record in records), language) for pick in (min, max))
    key = "web.searched_one" if len(records) == 1 else "web.searched_many"
    summary = escape(say("bot", key, language, count=len(records), oldest=oldest, newest=newest))
    rows = "".join(
        f'<li><span lang="{escape(record.language)}">{escape(record.title)}</span> · '
        f"{_joined([say('bot', f'web.kind_{record.kind}', language), _as_of(record, language)])}</li>"
        for record in records
    )
    return f'<details class="fs-searched"><summary>{summary}</summary><ul>{rows}</ul></details>'


def _as_of(record: SourceRecord, language: Language) -> str:
    return say("bot", "web.as_of", language, date=written_date(record.dated, language))
