"""What the reader learns from: questions and claims beside passages that answer, nearly answer and don't answer them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.passages import Passage
from training.data import Annotated, Note, Reading, cut, holds
from training.windows import ARTICLE_CHARS, Place, Text, sentence_around, shortened, window


@dataclass(frozen=True, slots=True)
class Example:
    """A question or claim beside one text.

    Attributes:
        query: It, without what is put before it.
        claim: Whether it is a claim.
        text: The passage.
        relevant: Whether the text answers or decides it; None where that is not known.
        answer: The few words that answer, in `text`; None where no one has marked them.
        evidence: The words that answer or decide, in `text`; None where there are none to learn from.
        label: Of a claim: its place in `bot.reader.network.LABELS`.
    """

    query: str
    claim: bool
    text: Text
    relevant: bool | None
    answer: Place | None = None
    evidence: Place | None = None
    label: int | None = None


Group = tuple[Example, ...]
"""The examples of one query: what answers it first, then what does not."""

SHORT_SHARE = 0.8
"""Share of the examples with some sentences of the passage alone."""

WHOLE_SHARE = 0.3
"""Share of the examples with the whole annotated passage instead of the product's cut of it."""

ELSEWHERE_SHARE = 0.2
"""Share of the decided claims that are also put beside a passage that says nothing of them."""

WITHOUT_SHARE = 0.35
"""Share of the questions and decided claims that are also put beside their own text without the sentence that answers: all
that is left is the topic, which is what an unanswerable question and its passage have in common."""

FEWEST_CHARS_LEFT = 80
LOOSE_SHARE = 0.12

SUPPORTED, CONTRADICTED, NOT_FOUND = 0, 1, 2
_MARKERS = re.compile(r"^(?:[-•–]|\d+[.)]|[a-z]\)) ", re.MULTILINE)
_PLACES = {"støttet": SUPPORTED, "motsagt": CONTRADICTED, "ikke_funnet": NOT_FOUND}


def of_annotated(
    annotated: Sequence[Annotated], mined: Mapping[str, Sequence[str]], source: random.Random, wrong: int
) -> Iterator[Group]:
    """Yield one round of groups of annotated passages.

    Args:
        annotated: Passages to learn from.
        mined: By question or claim, passages that don't answer it, the likeliest first.
        source: Of what is drawn.
        wrong: Passages that don't answer beside each question's own.
    """
    cuts = [(one, cut(one.id, one.headings, one.text)) for one in annotated]
    texts = {passage.search_text: text_of(passage) for _, passages in cuts for passage in passages}
    nearest = {query: [texts.get(words, Text(words)) for words in found] for query, found in mined.items()}
    for one, passages in cuts:
        for note in one.questions:
            yield shorter(_question(note, one, passages, _draw(nearest.get(note.text, ()), wrong, source), source), source)
        for note in one.unanswerable:
            yield shorter((Example(loosely(note.text, source), False, _any(one, passages, source), relevant=False),), source)
        for note in one.claims:
            for group in _claim(note, one, passages, nearest.get(note.text, ()), source):
                yield shorter(group, source)


def shorter(group: Group, source: random.Random) -> Group:
    """Return a group, mostly with some sentences of each text alone: of all its texts, so that length tells nothing."""
    unmarked = any(one.relevant and one.evidence is None for one in group)
    if unmarked or source.random() >= SHORT_SHARE:
        return group
    parts = [shortened(one.text, one.evidence, one.query, source) for one in group]
    return tuple(replace(one, text=text, evidence=place) for one, (text, place) in zip(group, parts, strict=True))


def text_of(of: Annotated | Passage) -> Text:
    """Return the text that is searched, and how much of it are headings."""
    return Text(of.search_text, len(of.search_text) - len(of.text))


def _any(one: Annotated, passages: Sequence[Passage], source: random.Random) -> Text:
    return text_of(one if len(passages) == 1 or source.random() < 0.5 else source.choice(passages))


def _draw(candidates: Sequence[Text], count: int, source: random.Random) -> list[Text]:
    return source.sample(list(candidates), min(count, len(candidates)))


def _holding(note: Note, one: Annotated, passages: Sequence[Passage], source: random.Random) -> tuple[Text, Place | None]:
    """Return the text that holds a note's quote, and the quote's place in it."""
    text = text_of(one)
    if source.random() >= WHOLE_SHARE:
        holding = [p for p in passages if find(note.quote, p.text)] or [p for p in passages if holds(p.text, note.quote)]
        text = text_of(holding[0]) if holding else text
    return text, find(note.quote, text.words)


def find(quote: str, text: str) -> Place | None:
    """Return where a quote stands in a text, white space and the markers of lists apart; None if it does not."""
    # The product's passages leave out what stands before the items of a list; annotators have quoted it.
    for words in (quote.split(), _MARKERS.sub("", quote).split()):
        match = re.search(r"\s+".join(map(re.escape, words)), text)
        if words and match:
            return match.span()
    return None


def _question(note: Note, one: Annotated, passages: Sequence[Passage], wrong: Sequence[Text], source: random.Random) -> Group:
    text, place = _holding(note, one, passages, source)
    others = [text_of(p) for p in passages if not holds(p.text, note.quote)]
    near = source.sample(others, 1) if others and source.random() < 0.5 else []
    negatives = [*near, *wrong][: max(1, len(wrong))]
    rest = without(text, place) if place and source.random() < WITHOUT_SHARE else None
    query = loosely(note.text, source)
    return (
        Example(query, False, text, relevant=True, evidence=place),
        *(Example(query, False, negative, relevant=False) for negative in (*negatives, *([rest] if rest else []))),
    )


def _claim(
    note: Note, one: Annotated, passages: Sequence[Passage], wrong: Sequence[Text], source: random.Random
) -> Iterator[Group]:
    label = _PLACES[note.label or "ikke_funnet"]
    if label == NOT_FOUND:
        yield (Example(note.text, True, _any(one, passages, source), relevant=False, label=NOT_FOUND),)
        return
    text, place = _holding(note, one, passages, source)
    yield (Example(note.text, True, text, relevant=True, evidence=place, label=label),)
    rest = without(text, place) if place and source.random() < WITHOUT_SHARE else None
    if rest:
        yield (Example(note.text, True, rest, relevant=False, label=NOT_FOUND),)
    elif source.random() < ELSEWHERE_SHARE:
        others = [text_of(p) for p in passages if not holds(p.text, note.quote)] or list(wrong[:3])
        if others:
            yield (Example(note.text, True, source.choice(others), relevant=False, label=NOT_FOUND),)


def without(text: Text, place: Place) -> Text | None:
    """Return a text without the sentences that some characters stand in; None if too little is left to tell anything."""
    words = text.words
    start, end = sentence_around(words, place[0], place[0] + 1)[0], sentence_around(words, place[1] - 1, place[1])[1]
    rest = f"{words[:start].rstrip()} {words[end:].lstrip()}".strip()
    return Text(rest, min(text.before, len(rest))) if len(rest) >= FEWEST_CHARS_LEFT else None


def loosely(question: str, source: random.Random) -> str:
    """Return a question as it is, or as it is typed on a telephone: small letters, no mark at the end."""
    return question.lower().rstrip("?. ") if source.random() < LOOSE_SHARE else question


def of_norquad(
    asked: Iterable[tuple[Reading, str]], mined: Mapping[str, Sequence[str]], source: random.Random, *, with_wrong: float
) -> Iterator[Group]:
    """Yield one round of NorQuAD's training questions, each beside a window of its article.

    Args:
        asked: The questions, each with its article: `training.data.training_readings`.
        mined: By question, passages that don't answer it.
        source: Of what is drawn.
        with_wrong: Share of the questions that are also put beside a text that does not answer.
    """
    for one, context in asked:
        yield _reading(one, context, mined, source, with_wrong)


def _reading(one: Reading, context: str, mined: Mapping[str, Sequence[str]], source: random.Random, with_wrong: float) -> Group:
    start, end = one.answers[0]
    first, last = window(context, start, end, source)
    text = Text(context[first:last])
    answer = (start - first, end - first)
    query = loosely(one.question, source)
    right = Example(query, False, text, relevant=True, answer=answer, evidence=sentence_around(text.words, *answer))
    if source.random() >= with_wrong:
        return (right,)
    kept = without(text, answer)
    if kept and context[start:end].lower() not in kept.words.lower() and source.random() < 0.5:
        return right, Example(query, False, kept, relevant=False)
    rest = [part for part in (context[:first].strip(), context[last:].strip()) if len(part) > 200]
    rest = [part[-ARTICLE_CHARS[1] // 2 :] for part in rest if context[start:end].lower() not in part.lower()]
    negatives = rest or mined.get(one.question, ())[:2]
    return (
        right,
        *(Example(query, False, Text(part), relevant=False) for part in source.sample(negatives, min(1, len(negatives)))),
    )
