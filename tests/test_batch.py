"""Many questions are read from a file and answered in order; a bad line is named."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.answers import Answer, Turn
from bot.batch import BatchQuestion, answer_all, read_batch
from bot.errors import BatchError
from bot.service import Assistant


class FakeAssistant(Assistant):
    """Answers with the question, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[Turn, ...], Sequence[str] | None]] = []

    def ask(self, question: str, history: Sequence[Turn] = (), sources: Sequence[str] | None = None) -> Answer:
        self.asked.append((question, tuple(history), sources))
        return Answer(question, question, False, question.upper(), "ikke_i_kildene", "nb", "g")


def batch(folder: Path, *lines: object) -> Path:
    """Write a batch file; a line that is no text is written as JSON."""
    path = folder / "inn.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    path.write_text("".join(text + "\n" for text in texts), encoding="utf-8")
    return path


def test_questions_are_read_in_order_with_their_history(tmp_path: Path) -> None:
    history = [{"role": "user", "content": "Hva er Epic?"}, {"role": "assistant", "content": "Et firma."}]
    first = {"id": "b", "question": "Når?", "history": history, "gold": 1}
    path = batch(tmp_path, first, {"id": "a", "question": "Hvem?"})
    one, two = read_batch(path)
    assert one == BatchQuestion("b", "Når?", (Turn(role="user", content="Hva er Epic?"), history[1]), first)  # type: ignore[arg-type]
    assert (two.id, two.question, two.history) == ("a", "Hvem?", ())


@pytest.mark.parametrize("history", [None, []])
def test_no_history_is_an_empty_one(history: object, tmp_path: Path) -> None:
    assert read_batch(batch(tmp_path, {"id": "a", "question": "x", "history": history}))[0].history == ()


def test_blank_lines_are_skipped(tmp_path: Path) -> None:
    path = batch(tmp_path, "", {"id": "a", "question": "x"}, "  ", {"id": "b", "question": "y"}, "")
    assert [one.id for one in read_batch(path)] == ["a", "b"]


def test_an_empty_file_holds_no_question(tmp_path: Path) -> None:
    assert read_batch(batch(tmp_path)) == []


def test_lines_of_windows_are_read(tmp_path: Path) -> None:
    path = tmp_path / "inn.jsonl"
    path.write_bytes(b'{"id": "a", "question": "x"}\r\n{"id": "b", "question": "y"}\r\n')
    assert [one.question for one in read_batch(path)] == ["x", "y"]


def test_characters_that_some_take_for_line_ends_do_not_part_a_line(tmp_path: Path) -> None:
    question = "Hva\N{LINE SEPARATOR}er\N{NEXT LINE}Epic?"
    assert read_batch(batch(tmp_path, {"id": "a", "question": question}))[0].question == question


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "Expecting property name"),
        ("hei", "Expecting value"),
        ("[1]", r"'\[1\]'"),
        ('"x"', "'\"x\"'"),
        ({"question": "x"}, "'id': None"),
        ({"id": 7, "question": "x"}, "'id': 7"),
        ({"id": "a"}, "'question': None"),
        ({"id": "a", "question": ["x"]}, r"'question': \['x'\]"),
        ({"id": "a", "question": "x", "history": "y"}, "'history': 'y'"),
        ({"id": "a", "question": "x", "history": [{"role": "system", "content": "y"}]}, "'history'"),
        ({"id": "a", "question": "x", "history": [{"role": "user"}]}, "'history'"),
        ("[" * 100_000, "recursion depth"),
    ],
)
def test_a_bad_line_is_named(line: object, reason: str, tmp_path: Path) -> None:
    path = batch(tmp_path, {"id": "ok", "question": "x"}, "", line)
    with pytest.raises(BatchError, match=rf"inn\.jsonl, line 3: .*{reason}"):
        read_batch(path)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(BatchError, match=r"There is no file .*borte\.jsonl"):
        read_batch(tmp_path / "borte.jsonl")


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "inn.jsonl"
    path.write_bytes('{"id": "a", "question": "æøå"}\n'.encode("latin-1"))
    with pytest.raises(BatchError, match=r"inn\.jsonl.*utf-8"):
        read_batch(path)


def test_answers_come_in_the_order_of_the_questions() -> None:
    assistant = FakeAssistant()
    history = (Turn(role="user", content="Hva?"),)
    questions = [BatchQuestion("b", "to", history), BatchQuestion("a", "en")]
    seen: list[tuple[int, int]] = []
    answers = list(answer_all(assistant, questions, ["ark"], lambda *step: seen.append(step)))
    assert [answer.question for answer in answers] == ["to", "en"]
    assert assistant.asked == [("to", history, ["ark"]), ("en", (), ["ark"])]
    assert seen == [(1, 2), (2, 2)]
