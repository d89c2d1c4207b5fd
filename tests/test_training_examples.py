"""What the reader learns from: evidence is the quote, and made-up contradictions change one thing."""

from __future__ import annotations

import json
import random
import re
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import pytest

from training.contradictions import turned
from training.data import Annotated, cut, read_annotated, training_readings, unseen
from training.examples import (
    CONTRADICTED,
    NOT_FOUND,
    SUPPORTED,
    Example,
    Group,
    find,
    of_annotated,
    of_norquad,
    without,
)
from training.windows import Text

DATA = Path(__file__).resolve().parents[1] / "training" / "data"


@pytest.fixture(scope="module")
def annotated() -> list[Annotated]:
    return read_annotated(DATA / "passages.jsonl", DATA / "annotations.jsonl")[::6]


@pytest.fixture(scope="module")
def groups(annotated: list[Annotated]) -> list[Group]:
    mined = {note.text: ["Noe helt annet."] * 3 for one in annotated for note in one.questions}
    return list(of_annotated(annotated, mined, random.Random(3), wrong=1))


@pytest.fixture(scope="module")
def sentences(annotated: list[Annotated]) -> list[str]:
    passages = [passage for one in annotated for passage in cut(one.id, one.headings, one.text)]
    return [passage.quote(sentence) for passage in passages for sentence in passage.sentences]


def words_of(example: Example) -> str:
    assert example.evidence is not None
    return example.text.words[slice(*example.evidence)]


def as_typed(question: str) -> str:
    return question.lower().rstrip("?. ")


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("skal føre tilsyn", "skal føre tilsyn"),
        ("skal  føre\n tilsyn", "skal føre tilsyn"),
        ("– Kommunen skal", "Kommunen skal"),
        ("2. Kommunen", "Kommunen"),
        ("b) Kommunen", "Kommunen"),
        ("Kommunen\n- skal føre", "Kommunen skal føre"),
    ],
)
def test_quotes_are_found_whatever_their_white_space_and_marker(quote: str, found: str) -> None:
    text = "Tilsyn. Kommunen skal føre tilsyn."
    place = find(quote, text)
    assert place is not None and text[slice(*place)] == found


@pytest.mark.parametrize("quote", ["", "Fylket skal", "- "])
def test_what_does_not_stand_there_is_not_found(quote: str) -> None:
    assert find(quote, "Kommunen skal føre tilsyn.") is None


def test_the_evidence_of_a_question_is_its_quote_below_the_headings(annotated: list[Annotated], groups: list[Group]) -> None:
    quotes = {as_typed(note.text): (one, note.quote) for one in annotated for note in one.questions}
    seen = 0
    for first, *_ in groups:
        if not first.claim and first.relevant:
            one, quote = quotes[as_typed(first.query)]
            unmarked = re.sub(r"^(?:[-•–]|\d+[.)]|[a-z]\)) ", "", quote, flags=re.MULTILINE)
            assert words_of(first).split() in (quote.split(), unmarked.split())
            headings = " – ".join(one.headings) + ". "
            assert first.text.words.startswith(headings) and first.text.before == len(headings)
            assert first.evidence is not None and first.evidence[0] >= len(headings)
            seen += 1
    assert seen == len(quotes)


def test_a_question_stands_beside_what_answers_first_and_then_what_does_not(groups: list[Group]) -> None:
    asked = [group for group in groups if not group[0].claim]
    assert any(len(group) > 1 for group in asked)
    for group in asked:
        assert len({example.query for example in group}) == 1
        assert not any(example.relevant or example.evidence for example in group[1:])


def test_questions_without_an_answer_stand_beside_their_text(annotated: list[Annotated], groups: list[Group]) -> None:
    unanswered = {as_typed(note.text) for one in annotated for note in one.unanswerable}
    found = [group for group in groups if as_typed(group[0].query) in unanswered]
    assert len(found) == len(unanswered)
    assert all(group[0].relevant is False and group[0].evidence is None for group in found)


def test_claims_have_their_label_and_evidence_only_if_decided(annotated: list[Annotated], groups: list[Group]) -> None:
    labels = {"støttet": SUPPORTED, "motsagt": CONTRADICTED, "ikke_funnet": NOT_FOUND}
    written = {note.text: labels[note.label or ""] for one in annotated for note in one.claims}
    claims = [group[0] for group in groups if group[0].claim]
    assert {example.label for example in claims} == {SUPPORTED, CONTRADICTED, NOT_FOUND}
    for example in claims:
        assert example.relevant is (example.label != NOT_FOUND)
        assert (example.evidence is not None) is (example.label != NOT_FOUND)
        if example.query in written:
            # Beside another passage of the text, a decided claim is not found.
            assert example.label in (written[example.query], NOT_FOUND)


def test_a_question_stands_also_beside_its_own_text_without_the_sentence_that_answers(groups: list[Group]) -> None:
    bare = 0
    for right, *wrong in groups:
        if right.evidence and not right.claim:
            rest = [example.text.words for example in wrong if example.text.words[:40] == right.text.words[:40]]
            bare += sum(words_of(right) not in text for text in rest)
    assert bare > len(groups) / 100


def test_a_text_without_a_place_lacks_its_sentences_and_keeps_the_others() -> None:
    text = "Tilsyn. " + "Kommunen skal føre tilsyn med alle skoler i området. " * 2 + "Fristen er 1. mai. Rådet møtes."
    start = text.index("Fristen")
    rest = without(Text(text, 8), (start, start + 7))
    assert rest is not None and "Fristen" not in rest.words and rest.before == 8
    assert rest.words.endswith("området. Rådet møtes.") or rest.words.endswith("området. mai. Rådet møtes.")
    assert without(Text("Kort. Fristen er i mai."), (6, 13)) is None


def test_the_same_seed_gives_the_same_examples(annotated: list[Annotated]) -> None:
    one, other = (list(of_annotated(annotated, {}, random.Random(8), wrong=1)) for _ in range(2))
    assert one == other


def test_what_is_turned_differs_in_one_place(sentences: list[str]) -> None:
    source = random.Random(4)
    changed = 0
    for sentence in sentences:
        other = turned(sentence, source)
        if other is None:
            continue
        changed += 1
        before, after = sentence.split(), other.split()
        changes = [code for code in SequenceMatcher(None, before, after, autojunk=False).get_opcodes() if code[0] != "equal"]
        assert len(changes) == 1, (sentence, other)
        _, first, last, to_first, to_last = changes[0]
        assert last - first <= 2 and to_last - to_first <= 3, (sentence, other)
    assert changed > len(sentences) / 2


@pytest.mark.parametrize("sentence", ["Rådet møtes i blant", "«Ja, da»", ""])
def test_what_no_rule_fits_is_not_turned(sentence: str) -> None:
    assert turned(sentence, random.Random(1)) is None


@pytest.mark.parametrize(
    "sentence", ["Fristen var 14 dager", "Det kostet 12 500 kroner", "Loven kom i 1998", "Målt til 3,5 meter"]
)
def test_a_turned_number_stays_a_number_of_as_many_digits(sentence: str) -> None:
    for seed in range(30):
        other = turned(sentence.replace("var", "–"), random.Random(seed))
        assert other is not None and other != sentence
        assert len(other) == len(sentence.replace("var", "–"))


def test_a_turned_month_is_another_month() -> None:
    assert {turned("Fristen går ut i mars", random.Random(seed)) for seed in range(50)} > {"Fristen går ut i mai"}
    assert "Fristen går ut i mars" not in {turned("Fristen går ut i mars", random.Random(seed)) for seed in range(50)}


def test_negation_is_put_in_or_taken_out_in_the_right_form() -> None:
    assert turned("Rådet har møter", random.Random(1)) == "Rådet har ikke møter"
    assert turned("Rådet har møte", random.Random(1), nynorsk=True) == "Rådet har ikkje møte"
    assert turned("Rådet ga ikke råd", random.Random(1)) == "Rådet ga råd"


def write_norquad(folder: Path, articles: dict[int, str], questions: list[dict[str, Any]]) -> None:
    contexts = [{"context_id": number, "text": text} for number, text in articles.items()]
    for name, records in (("contexts", contexts), ("train", questions)):
        lines = [json.dumps(record, ensure_ascii=False) for record in records]
        (folder / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")


def test_questions_on_articles_keep_their_answer_and_its_sentence(tmp_path: Path) -> None:
    seen, kept_out = (next(n for n in range(100) if unseen(n) is wanted) for wanted in (False, True))
    article = "Tittel\n" + "Fyll ord her. " * 100 + "Elven er 42 km lang.\n" + "Mer ord her. " * 100
    answer = {"text": "42 km", "start": article.index("42 km")}
    asked = [{"question": f"Hvor lang på {n}?", "context_id": n, "answers": [answer]} for n in (seen, kept_out)]
    write_norquad(tmp_path, {seen: article, kept_out: article}, asked)
    for seed in range(20):
        ((right, *wrong),) = of_norquad(training_readings(tmp_path, frozenset()), {}, random.Random(seed), with_wrong=1.0)
        assert as_typed(right.query) == f"hvor lang på {seen}" and right.relevant
        assert right.answer is not None and right.text.words[slice(*right.answer)] == "42 km"
        assert words_of(right) in ("Elven er 42 km lang.", right.text.words[: right.text.words.index(".") + 1])
        assert len(wrong) == 1
        assert not wrong[0].relevant and "42 km" not in wrong[0].text.words
