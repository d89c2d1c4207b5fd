"""What `training.evaluate` measures: windows, ranks and labels are counted right, on the product's own index."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import BertModel

from bot import judging
from bot.evidence import Weights
from bot.judging import Judgement
from bot.reader import Reading
from bot.reader.network import LABELS, ReaderNetwork
from ingest.passages import Passage, Sentence
from ingest.reading import read_document
from training import evaluate, seen
from training.data import Annotated, Note, as_document, read_annotated
from training.evaluation import articles, claims, finding, passages
from training.evaluation.articles import Candidate, Question, choose, windows
from training.evaluation.indexes import Text, as_markdown, counted, load_settings, open_index, some, write_corpus
from training.reader import write as write_reader

pytestmark = pytest.mark.usefixtures("one_thread")

REPOSITORY = Path(__file__).resolve().parents[1]
DATA = REPOSITORY / "training" / "data"
NO_READER = "FAKTASVAR_READER__MODEL"

ARTICLES = {
    0: "Broen over elven\nBroen ble bygd i 1998 av kommunen.\n– Den er 42 meter lang, sier Ola.\nElven heter Gaula.",
    1: "Skolen i byen\nSkolen har 310 elever. Rektor heter Kari Nordmann.\nByen fikk skolen i 2004.",
    2: "Biblioteket\nBiblioteket åpnet i 1911. Det har 40 000 bøker.",
}
ASKED = [
    (0, "Når ble broen bygd?", "1998", "news"),
    (1, "Hva heter rektor?", "Kari Nordmann", "news"),
    (2, "Når åpnet biblioteket?", "1911", "wiki"),
    (0, "Hvor lang er broen?", "42 meter", "wiki"),
]


class FakeReader:
    """Reads one word piece a word; the wanted word is where the answer begins and ends, and makes a text relevant."""

    def __init__(self, wanted: str, label: str = "støttet") -> None:
        self.wanted = wanted
        self.label = label
        self.asked: list[tuple[str, tuple[str, ...], bool]] = []

    def read(self, query: str, texts: Sequence[str], *, claim: bool = False) -> list[Reading]:
        self.asked.append((query, tuple(texts), claim))
        return [self._reading(text) for text in texts]

    def _reading(self, text: str) -> Reading:
        words = list(re.finditer(r"\w+", text))
        right = np.array([9.0 if word[0] == self.wanted else 0.0 for word in words], dtype=np.float32)
        support = np.array([label == self.label for label in LABELS], dtype=np.float32)
        offsets = np.array([word.span() for word in words], dtype=np.int32).reshape(-1, 2)
        edges = np.ones(offsets.shape, dtype=np.bool_)
        return Reading(2.0 if right.any() else -2.0, support, offsets, edges, right, right, right)


def write(path: Path, records: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def norquad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("norquad")
    write(folder / "contexts.jsonl", [{"context_id": number, "text": text} for number, text in ARTICLES.items()])
    records = [
        {
            "id": place,
            "question": question,
            "context_id": number,
            "answers": [{"text": answer, "start": ARTICLES[number].index(answer)}],
            "domain": domain,
        }
        for place, (number, question, answer, domain) in enumerate(ASKED)
    ]
    write(folder / "questions.jsonl", records)
    return folder


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("work")


def figures(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    """Run the command and return the object on its last line."""
    evaluate.main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    assert err
    (line,) = out.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


# Windows of an article


def test_windows_hold_the_whole_text_and_overlap() -> None:
    source = random.Random(6)
    for _ in range(100):
        words = ["ord" * source.randint(1, 6) + source.choice(["", "", ".", ".\n"]) for _ in range(source.randint(1, 400))]
        text = " ".join(words)
        found = windows(text, 300, 120)
        assert found[0][0] == 0 and found[-1][1] == len(text)
        assert all(0 < end - start <= 300 for start, end in found)
        for (start, end), (after, last) in zip(found, found[1:], strict=False):
            assert start < after <= start + 120
            assert after < end <= last
            assert end == len(text) or text[end - 1].isspace()


def test_windows_are_cut_between_sentences_and_lines() -> None:
    text = "Dette er en setning. " * 30 + "\nNy linje her. " * 30
    for start, end in windows(text, 200, 90):
        assert text[start:end].startswith(("Dette", "Ny"))
        assert text[start:end].rstrip().endswith(".")


def test_a_text_without_joints_is_cut_all_the_same() -> None:
    text = "x" * 1000
    found = windows(text, 300, 150)
    assert found[0] == (0, 300)
    assert "".join(text[start : min(start + 150, end)] for start, end in found[:-1]) + text[slice(*found[-1])] == text


def test_a_short_text_is_one_window() -> None:
    assert windows("Kort.", 300, 150) == [(0, 5)]


@pytest.mark.parametrize("stride", [0, 300, 301, -1])
def test_windows_that_leave_holes_are_refused(stride: int) -> None:
    with pytest.raises(ValueError, match="stride must lie between 0 and size"):
        windows("Tekst", 300, stride)


# Reading


def test_the_best_window_depends_on_the_weight_of_relevance() -> None:
    candidates = [Candidate("sikker", -0.1, -3.0), Candidate("relevant", -2.0, 3.0)]
    assert choose(candidates, 0.0) == "sikker"
    assert choose(candidates, 1.0) == "relevant"


def test_words_that_several_windows_say_are_the_likelier_for_it() -> None:
    candidates = [Candidate("en", -1.0, 0.0), Candidate("to", -1.4, 0.0), Candidate("To.", -1.4, 0.0)]
    assert choose(candidates, 1.0) == "to"
    assert choose(candidates[:2], 1.0) == "en"


def test_an_article_is_read_window_by_window() -> None:
    article = "Fyllord i en setning. " * 30 + "Svaret er Gaula. " + "Flere fyllord her. " * 30
    reader = FakeReader("Gaula")
    answers = articles.by_reading(reader, {7: article}, 400, 200)
    found = answers(Question("Hva?", 7, ("Gaula",), article.index("Gaula"), ""))
    ((query, texts, claim),) = reader.asked
    assert (query, claim) == ("Hva?", False)
    assert list(texts) == [article[start:end] for start, end in windows(article, 400, 200)]
    assert choose(found, 1.0) == "Gaula"
    assert {one.relevance for one in found} == {2.0, -2.0}


def test_figures_are_told_by_the_chance_of_the_answer() -> None:
    asked = [Question("?", 0, ("1998",), 0, ""), Question("?", 0, ("Gaula",), 0, "")]
    found = [[Candidate("1998", -0.01, 0.0), Candidate("2004", -5.0, 0.0)], [Candidate("Ola", -0.6, 0.0)]]
    told = articles.by_chance(asked, found, ["1998", "Ola"])
    assert {least: (one["em"], one["n"]) for least, one in told.items()} == {"0.9": (1.0, 1), "0.5": (0.0, 1)}


def test_figures_of_reading_are_shares() -> None:
    asked = [Question("?", 0, ("1998", "i 1998"), 0, ""), Question("?", 0, ("42 meter",), 0, "")]
    assert articles.figures(asked, ["i 1998.", "meter"]) == {"em": 0.5, "f1": pytest.approx((1 + 2 / 3) / 2, abs=1e-4), "n": 2}


def test_questions_are_kept_by_whether_their_article_is_trained_on(tmp_path: Path) -> None:
    records = [{"question": "?", "context_id": n, "answers": [{"text": "x", "start": 0}]} for n in range(8)]
    path = write(tmp_path / "q.jsonl", records)
    kept = {only: {one.context for one in articles.read_questions(path, only)} for only in ("seen", "unseen", None)}
    assert kept == {"unseen": {3, 7}, "seen": {0, 1, 2, 4, 5, 6}, None: set(range(8))}


# Texts as a corpus


@pytest.mark.parametrize(
    ("headings", "text"),
    [
        (("Plan", "§ 3. Mål"), "Kommunen skal:\n- føre tilsyn\n- gi råd\n\nDette gjelder alle."),
        ((), "1. Første\n2. Andre\nEn setning til."),
        ((), "Pris: 5 * 3 _kr_ [1] <b> # &amp; | \\ `x` ![]()\n# ingen overskrift\n> ingen sitat\n---\n+ ingen liste"),
        (("En * overskrift #",), "1988 var et år.   To  mellomrom."),
    ],
)
def test_markdown_gives_the_document_that_is_trained_on(headings: tuple[str, ...], text: str, tmp_path: Path) -> None:
    path = tmp_path / "text.md"
    path.write_text(as_markdown(Text(headings, text)), encoding="utf-8")
    found, expected = (
        [(block.kind, block.text, block.level) for block in document.blocks]
        for document in (read_document(path), as_document(headings, text))
    )
    assert found == expected


def test_what_someone_says_is_no_list_item() -> None:
    assert as_markdown(Text((), "– Nei sier Ola\n• ja\na) kanskje")) == "– Nei sier Ola\n\n- ja\n\n- a\\) kanskje\n"


def test_a_corpus_replaces_the_one_before(tmp_path: Path) -> None:
    write_corpus({"a": Text((), "En."), "b": Text((), "To.")}, tmp_path / "corpus")
    assert write_corpus({"x:1": Text((), "Tre.", "nn")}, tmp_path / "corpus") == {"x:1": "t1"}
    assert sorted(path.name for path in (tmp_path / "corpus").iterdir()) == ["sources.toml", "t1.md"]


def test_a_text_that_holds_nothing_is_named(tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKTASVAR_EMBEDDING__MODEL", str(tiny_model))
    settings = load_settings(None, without_reader=True)
    with pytest.raises(ValueError, match=r"'x:2' can't be indexed: .*t2\.md"):
        open_index({"x:1": Text((), "En."), "x:2": Text(("Plan",), "")}, tmp_path, settings)


@pytest.mark.parametrize(("most", "kept"), [(None, [0, 1, 2, 3, 4]), (9, [0, 1, 2, 3, 4]), (2, [0, 2]), (1, [0])])
def test_a_part_is_spread_over_all(most: int | None, kept: list[int]) -> None:
    assert some(range(5), most) == kept


def test_long_loops_say_how_far_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(counted(range(100), "asked")) == list(range(100))
    assert capsys.readouterr().err.splitlines()[:2] == ["asked: 0/100", "asked: 5/100"]


# Ranks


def passage(identifier: str, source: str, start: int = 0, text: str = "Tekst.") -> Passage:
    sentences = (Sentence(start, start + len(text)),)
    return Passage(identifier, source, text, start, start + len(text), (), None, "", sentences)


def test_ranks_count_passages_and_articles() -> None:
    found = [passage("a1", "a"), passage("b1", "b"), passage("b2", "b"), passage("c1", "c")]
    place = finding.place_in(found, {"b2", "c1"}, "b", "news")
    assert (place.rank, place.context_rank, place.ranks, place.right) == (3, 2, (3, 4), 2)
    assert finding.place_in(found, {"x"}, "d", "").rank is None
    assert finding.place_in(found, {"x"}, "d", "").context_rank is None


def test_figures_of_finding_count_what_no_passage_holds_as_missed() -> None:
    found = [finding.Found(1, 1, (1,), 1, ""), finding.Found(None, 1, (), 0, "")]
    assert finding.figures(found) == {
        "r@1": 0.5,
        "r@5": 0.5,
        "mrr": 0.5,
        "ndcg@10": 0.5,
        "context_r@1": 1.0,
        "cut": 1,
        "n": 2,
    }


def test_words_that_are_not_where_they_are_said_to_be_are_looked_for_nearby() -> None:
    assert finding.nearest("mål og mål og mål", "mål", 8) == 7
    assert finding.nearest("mål", "elev", 2) == 2


# Annotated texts


def answerable(lang: str, rank: int | None, confidence: float, *, overlaps: bool = True) -> passages.Answerable:
    return passages.Answerable(lang, confidence, None, rank, rank, 0.5, overlaps)


def test_figures_of_passages_are_told_by_language() -> None:
    asked = [answerable("nb", 1, 0.9), answerable("nb", 6, 0.4, overlaps=False), answerable("nn", None, 0.8)]
    found = passages.by_language(asked, [passages.Asked("nb", 0.5, None)], 0.6)
    assert (found["n"], found["unanswerable"]) == (3, 1)
    assert found["found@1"] == found["found@5"] == pytest.approx(1 / 3, abs=1e-4)
    assert found["mrr"] == pytest.approx((1 + 1 / 6) / 3, abs=1e-4)
    assert (found["auroc"], found["nb"]["auroc"], found["nn"]["auroc"]) == (pytest.approx(2 / 3, abs=1e-4), 0.5, None)
    assert found["auroc_given"] is None
    assert (found["answered"], found["refused"]) == (pytest.approx(2 / 3, abs=1e-4), 1.0)
    assert (found["span_f1"], found["nb"]["quote_hit"], found["nn"]["quote_hit"]) == (0.5, 0.5, 1.0)
    assert found["en"]["n"] == 0 and found["en"]["found@1"] is None


def annotated_text(text: str, claim: Note) -> Annotated:
    return Annotated("x:1", "x", text, ("Plan", "Mål"), "nb", "test", (), (), (claim,))


def test_a_quote_is_placed_below_the_headings() -> None:
    one = annotated_text("Mål settes.\n- Mål måles", Note("?", "nb"))
    document = as_document(one.headings, one.text).text
    place = passages.quote_place(one, "Mål måles", document)
    assert place is not None and document[slice(*place)] == "Mål måles"
    place = passages.quote_place(one, "Mål", document)
    assert place is not None and place[0] == document.index("Mål settes")
    assert passages.quote_place(one, "ukjent", document) is None


def test_texts_of_all_sides_are_searched_and_of_one_are_asked() -> None:
    annotated = read_annotated(DATA / "passages.jsonl", DATA / "annotations.jsonl")
    parts = [passages.of_side(annotated, side) for side in ("train", "calibrate", "test")]
    assert sum(map(len, parts)) == len(passages.of_side(annotated, "all")) == len(passages.read_texts(DATA / "passages.jsonl"))


def test_documents_that_no_model_has_seen_are_asked_about_whatever_their_side() -> None:
    annotated = read_annotated(DATA / "passages.jsonl", DATA / "annotations.jsonl")
    assert passages.of_side(annotated, "unseen") == passages.of_side(annotated, "test") != []
    others = [replace(one, document=f"Ny {one.document}") for one in annotated]
    assert passages.of_side(others, "unseen") == others


def test_what_was_trained_or_fitted_on_is_listed_by_document() -> None:
    annotated = read_annotated(DATA / "passages.jsonl", DATA / "annotations.jsonl")
    assert set(seen.lines(annotated).split()) <= seen.digests()
    assert {one.side for one in annotated if not seen.was_seen(one.document)} == {"test"}


# Claims


def test_claims_are_read_beside_their_text_with_its_headings() -> None:
    reader = FakeReader("mål", label="motsagt")
    one = annotated_text("Teksten.", Note("Påstand.", "nn", "x", "tall", "støttet"))
    ((note, said),) = [(one.note, one.said) for one in claims.decide([(one, one.claims[0])], reader)]
    assert (note.text, said) == ("Påstand.", "motsagt")
    assert reader.asked == [("Påstand.", ("Plan – Mål. Teksten.",), True)]


def test_figures_of_claims_are_told_by_language_and_kind() -> None:
    found = [
        claims.Decided(Note("a", "nb", "q", "tall", "støttet"), "støttet"),
        claims.Decided(Note("b", "nn", "q", "", "motsagt"), "støttet"),
        claims.Decided(Note("c", "nn", "", "dato", "ikke_funnet"), "ikke_funnet"),
    ]
    told = claims.figures(found)
    assert (told["n"], told["accuracy"]) == (3, pytest.approx(2 / 3, abs=1e-4))
    assert {name: part["n"] for name, part in told["by_language"].items()} == {"nb": 1, "nn": 2}
    assert {name: part["accuracy"] for name, part in told["by_kind"].items()} == {"dato": 1.0, "tall": 1.0}
    assert told["confusion"]["motsagt"]["støttet"] == 1


def test_claims_need_a_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NO_READER, "")
    with pytest.raises(SystemExit, match=r"reader\.model names none"):
        evaluate.main(["claims", "--file", str(DATA / "annotations.jsonl"), "--passages", str(DATA / "passages.jsonl")])


# The commands, on the product's own index


def test_articles_are_indexed_and_found(
    norquad: Path, work: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKTASVAR_EMBEDDING__MODEL", str(tiny_model))
    files = ("--questions", norquad / "questions.jsonl", "--contexts", norquad / "contexts.jsonl", "--work", work)
    found = figures(capsys, "retrieval", *files, "--bm25")
    assert (found["command"], found["n"], found["passages"], found["cut"]) == ("retrieval", 4, 3, 0)
    assert found["context_r@1"] == found["r@1"] == found["mrr"] == found["ndcg@10"] == 1.0
    assert {name: part["n"] for name, part in found["by_domain"].items()} == {"news": 2, "wiki": 2}
    found = figures(capsys, "retrieval", *files, "--without-reader", "--limit", 2)
    assert found["n"] == 2 and found["r@5"] == 1.0
    found = figures(capsys, "reader", *files, "--without-reader")
    assert (found["n"], found["em"]) == (4, 0.0) and found["f1"] > 0


def test_annotated_texts_are_indexed_and_asked(
    tmp_path: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKTASVAR_EMBEDDING__MODEL", str(tiny_model))
    monkeypatch.setenv(NO_READER, "")
    lines = (DATA / "passages.jsonl").read_text(encoding="utf-8").splitlines()[:12]
    (tmp_path / "p.jsonl").write_text("\n".join(lines), encoding="utf-8")
    files = ("--file", DATA / "annotations.jsonl", "--passages", tmp_path / "p.jsonl")
    found = figures(capsys, "passages", *files, "--side", "all", "--limit", 10)
    assert (found["n"], found["unanswerable"]) == (10, 10)
    assert found["nb"]["n"] + found["nn"]["n"] + found["en"]["n"] == 10
    assert 0 < found["found@1"] <= found["found@5"] <= 1
    assert found["auroc"] is not None and found["auroc_given"] is None
    assert 0 < found["span_f1"] <= 1


@pytest.fixture(scope="module")
def tiny_reader(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a reader that has learnt nothing."""
    out = tmp_path_factory.mktemp("reader")
    torch.manual_seed(2)
    write_reader(ReaderNetwork(BertModel.from_pretrained(tiny_model, add_pooling_layer=False)), tiny_model, out)
    return out


def untrained() -> Judgement:
    sizes = (len(judging.SENTENCE_FEATURES), len(judging.ANSWER_FEATURES))
    sentence, answer = (Weights(np.ones(size), 0.0) for size in sizes)
    return Judgement(sentence, answer, 0.5, 1.5)


def test_articles_are_read_by_a_reader(
    norquad: Path, tiny_reader: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = ("--questions", norquad / "questions.jsonl", "--contexts", norquad / "contexts.jsonl")
    found = figures(capsys, "reader", *files, "--reader", tiny_reader, "--weights", 0.5, 0, "--window", 60, "--stride", 30)
    assert found["n"] == 4 and found["weight"] == 0.5
    assert found["by_weight"]["0.5"] == {name: found[name] for name in ("em", "f1", "n")}
    assert set(found["by_weight"]) == {"0.5", "0.0"} and set(found["by_domain"]) == {"news", "wiki"}
    monkeypatch.setenv(NO_READER, str(tiny_reader))
    assert figures(capsys, "reader", *files, "--weights", 0.5, "--window", 60, "--stride", 30)["f1"] == found["f1"]


def test_claims_are_decided_by_a_reader(tiny_reader: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = ("--file", DATA / "annotations.jsonl", "--passages", DATA / "passages.jsonl")
    found = figures(capsys, "claims", *files, "--reader", tiny_reader, "--limit", 30)
    assert found["n"] == sum(part["n"] for part in found["by_language"].values()) == 30
    assert sum(count for row in found["confusion"].values() for count in row.values()) == 30
    assert set(found["confusion"]) == set(LABELS)


def test_what_is_found_is_put_in_order_by_the_reader(
    norquad: Path,
    work: Path,
    tmp_path: Path,
    tiny_model: Path,
    tiny_reader: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FAKTASVAR_EMBEDDING__MODEL", str(tiny_model))
    monkeypatch.setattr(judging, "fitted", untrained)
    files = ("--questions", norquad / "questions.jsonl", "--contexts", norquad / "contexts.jsonl", "--work", work)
    found = figures(capsys, "retrieval", *files, "--reader", tiny_reader)
    assert (found["n"], found["r@5"]) == (4, 1.0)
    lines = (DATA / "passages.jsonl").read_text(encoding="utf-8").splitlines()[:6]
    (tmp_path / "p.jsonl").write_text("\n".join(lines), encoding="utf-8")
    texts = ("--file", DATA / "annotations.jsonl", "--passages", tmp_path / "p.jsonl", "--side", "all", "--limit", 5)
    found = figures(capsys, "passages", *texts, "--reader", tiny_reader)
    assert (found["n"], found["unanswerable"]) == (5, 5)
    assert found["auroc"] is not None and found["auroc_given"] is not None


@pytest.mark.parametrize("call", [["-m", "training.evaluate"], [str(REPOSITORY / "training" / "evaluate.py")]])
def test_it_runs_as_a_module_and_as_a_file(call: list[str]) -> None:
    done = subprocess.run([sys.executable, *call, "--help"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert all(command in done.stdout for command in ("reader", "retrieval", "passages", "claims"))
