"""What the models are trained on: documents are kept apart, and quotes stand where they are said to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from training.data import (
    Annotated,
    as_document,
    cut,
    document_of,
    holds,
    located,
    read_annotated,
    read_contexts,
    side_of,
    training_readings,
    unseen,
)

DATA = Path(__file__).resolve().parents[1] / "training" / "data"
NAMES = [f"dokument {number}" for number in range(5000)]


@pytest.fixture(scope="module")
def annotated() -> list[Annotated]:
    return read_annotated(DATA / "passages.jsonl", DATA / "annotations.jsonl")


def write(path: Path, records: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n\n" for record in records), encoding="utf-8")
    return path


def annotation(identifier: str) -> dict[str, Any]:
    return {"id": identifier, "questions": [], "unanswerable": [], "claims": []}


def test_no_document_is_on_two_sides(annotated: list[Annotated]) -> None:
    sides: dict[str, set[str]] = {}
    for one in annotated:
        sides.setdefault(one.document, set()).add(one.side)
    assert {"train", "calibrate", "test"} == {side for found in sides.values() for side in found}
    assert all(len(found) == 1 for found in sides.values())


def test_sides_have_their_shares() -> None:
    sides = [side_of(name) for name in NAMES]
    assert sides.count("test") / len(sides) == pytest.approx(0.12, abs=0.015)
    assert sides.count("calibrate") / len(sides) == pytest.approx(0.08, abs=0.015)


def test_the_sides_of_documents_do_not_change() -> None:
    # Weights are trained on these sides: another digest would put documents of the training side to the test.
    assert [side_of(f"dokument {number}") for number in (1, 8, 18)] == ["train", "calibrate", "test"]


def test_unseen_articles_have_their_share_and_do_not_change() -> None:
    assert sum(unseen(number) for number in range(755)) == 85
    assert [number for number in range(40) if unseen(number)] == [3, 7, 17, 27, 30, 32, 38]


@pytest.mark.parametrize(
    ("record", "name"),
    [
        ({"id": "egen:a:12", "title": "Økonomiplan"}, "Økonomiplan"),
        ({"id": "ndt:ap001_0000:13"}, "ndt:ap001_0000"),
        ({"id": "ndt:ap001_0000:13", "title": None}, "ndt:ap001_0000"),
        ({"id": "norquad:10"}, "norquad:10"),
        ({"id": "fakta:F004+F006", "title": "Fakta"}, "fakta:F004+F006"),
    ],
)
def test_a_document_is_named_by_its_title_or_its_id(record: dict[str, Any], name: str) -> None:
    assert document_of(record) == name


def test_what_is_written_on_an_unseen_article_is_not_trained_on(tmp_path: Path) -> None:
    numbers = [number for number in range(755) if unseen(number)]
    passages = [{"id": f"norquad:{number}", "lang": "nb", "text": "En artikkel."} for number in numbers]
    notes = [annotation(f"norquad:{number}") for number in numbers]
    found = read_annotated(write(tmp_path / "p.jsonl", passages), write(tmp_path / "a.jsonl", notes))
    assert [one.side for one in found] == ["test"] * len(numbers)


def test_passages_without_annotations_are_left_out(tmp_path: Path) -> None:
    records = [{"id": f"x:{n}", "lang": "nb", "text": "Tekst.", "title": "T", "section": "S"} for n in (1, 2)]
    (one,) = read_annotated(write(tmp_path / "p.jsonl", records), write(tmp_path / "a.jsonl", [annotation("x:2")]))
    assert (one.id, one.headings, one.search_text) == ("x:2", ("T", "S"), "T – S. Tekst.")


def test_quotes_stand_in_their_text_and_in_a_passage_of_it(annotated: list[Annotated]) -> None:
    quotes = 0
    for one in annotated[::5]:
        passages = cut(one.id, one.headings, one.text)
        for note in one.questions:
            quotes += 1
            assert note.quote in one.text
            assert any(holds(passage.text, note.quote) for passage in passages)
    assert quotes > 300


def test_only_claims_that_are_not_found_lack_a_quote(annotated: list[Annotated]) -> None:
    claims = [note for one in annotated for note in one.claims]
    assert {note.label for note in claims if note.quote} == {"støttet", "motsagt"}
    assert {note.label for note in claims if not note.quote} == {"ikke_funnet"}


def test_a_text_is_cut_as_a_document_with_headings_and_lists() -> None:
    text = "Kommunen skal:\n- føre tilsyn\n- gi råd\n\nDette gjelder   alle."
    (passage,) = cut("x", ("Plan", "Tilsyn"), text)
    assert passage.headings == ("Plan", "Tilsyn")
    assert [passage.quote(sentence) for sentence in passage.sentences] == [
        "Kommunen skal:",
        "føre tilsyn",
        "gi råd",
        "Dette gjelder alle.",
    ]
    assert passage.sentences[1].lead_in == "Kommunen skal:"


def test_places_are_found_again_in_the_document() -> None:
    text = "Ja.\n- Ja  eller\n  nei\n- Nei, sier   Ola. Ja."
    document = as_document(("Ja og nei",), text).text
    start = text.index("Ola")
    place = located(text, start, start + 3, document)
    assert place is not None and document[slice(*place)] == "Ola"
    words = "Ja  eller\n  nei"
    place = located(text, text.index(words), text.index(words) + len(words), document)
    assert place is not None and document[slice(*place)] == "Ja eller\nnei"


def test_of_equal_words_the_nearest_is_meant() -> None:
    text = "I 2015 kom den. I 2015 gikk den.\n– I 2015 var den borte."
    document = as_document((), text).text
    starts = [place for place in range(len(text)) if text.startswith("2015", place)]
    found = [located(text, start, start + 4, document) for start in starts]
    assert found == [(place, place + 4) for place in range(len(document)) if document.startswith("2015", place)]


@pytest.mark.parametrize(("start", "end"), [(0, 0), (3, 4)])
def test_no_words_stand_nowhere(start: int, end: int) -> None:
    assert located("Ola og Kari", start, end, "Ola og Kari") is None


def test_a_place_of_other_words_is_not_found() -> None:
    assert located("Ola og Kari", 0, 3, "Per og Kari") is None


def test_a_text_holds_a_quote_if_most_of_its_words_are_there() -> None:
    assert holds("Rådet vedtar planen hvert år i juni.", "vedtar planen hvert år")
    assert holds("Planen vedtas.", "Planen vedtas. Den gjelder i fire år, og rulleres av kommunestyret hver høst.")
    assert not holds("Rådet vedtar planen.", "Budsjettet legges fram i november")
    assert not holds("", "noe")
    assert not holds("noe", "")


def test_articles_are_read(tmp_path: Path) -> None:
    contexts = write(tmp_path / "c.jsonl", [{"context_id": 4, "text": "Oslo er stor."}])
    assert read_contexts(contexts) == {4: "Oslo er stor."}


def test_an_answer_at_a_wrong_place_is_put_where_its_words_stand_nearest(tmp_path: Path) -> None:
    number = next(number for number in range(100) if not unseen(number))
    write(tmp_path / "contexts.jsonl", [{"context_id": number, "text": "Oslo er stor. Bergen er våt. Oslo er dyr."}])
    asked = [
        {"question": "Hva er dyr?", "context_id": number, "answers": [{"text": text, "start": 27}]} for text in ("Oslo", "Moss")
    ]
    write(tmp_path / "train.jsonl", asked)
    ((reading, context),) = training_readings(tmp_path, frozenset())
    assert reading.answers == ((29, 33),) and context[29:33] == "Oslo"


def test_articles_that_are_kept_apart_in_part_are_not_trained_on(tmp_path: Path) -> None:
    number = next(number for number in range(100) if not unseen(number))
    write(tmp_path / "contexts.jsonl", [{"context_id": number, "text": "Oslo er stor."}])
    write(tmp_path / "train.jsonl", [{"question": "Hva?", "context_id": number, "answers": [{"text": "Oslo", "start": 0}]}])
    assert len(list(training_readings(tmp_path, frozenset()))) == 1
    assert not list(training_readings(tmp_path, frozenset({number})))
