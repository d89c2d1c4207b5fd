"""The reader reads each passage for itself, and what it says is led back to the right words."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.reader import UNREAD, Reader, Reading, best_span, best_spans, open_reader, sentence_evidence
from bot.reader.network import LABELS, MOST_TOKENS
from bot.reader.reader import BLOCK
from bot.settings import BotSettings, ReaderSettings
from ingest.errors import ModelError
from ingest.models import FOLDER, READER

QUESTION = "Når må kommunen signere tjenesteavtalen?"
TEXTS = (
    "Kommunen må signere tjenesteavtalen senest 13 måneder før oppstart.",
    "Ærlig talt er ålen på Røst dyr. " * 12,
    "Helseplattformen AS eies av Helse Midt-Norge.",
    "x",
    "Prosjektet varer i 19 måneder, og kommunestyret vedtar budsjettet hvert år i desember. " * 9,
    "Oppskrift på sjokoladekake med krem.",
    "Hvem eier det som står her? " * 3,
    "Fristen er 1. mai 2022 for alle kommuner i Midt-Norge.",
    "Tallet er 17.",
    "Den siste teksten er lest når alle de andre er lest. " * 5,
)

UNHURRIED = ReaderSettings(precision="float32", budget_ms=600_000)
"""Reads everything, with the same result on every machine."""


def same(one: Reading, other: Reading, tolerance: float) -> None:
    """Hold that two readings are of the same text and differ by no more than rounding."""
    np.testing.assert_array_equal(one.offsets, other.offsets)
    np.testing.assert_allclose(one.relevance, other.relevance, atol=tolerance)
    for name in ("support", "start", "end", "evidence"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=tolerance, err_msg=name)


def made(pieces: Sequence[tuple[int, int]], **logits: Sequence[float]) -> Reading:
    """Return a reading of which only some of the logits matter."""
    parts = {name: np.array(logits.get(name, [0.0] * len(pieces)), np.float32) for name in ("start", "end", "evidence")}
    offsets = np.array(pieces, np.int32).reshape(-1, 2)
    return Reading(0.0, np.full(3, 1 / 3, np.float32), offsets, np.ones(offsets.shape, np.bool_), **parts)


@pytest.fixture(scope="module")
def alone(reader: Reader) -> list[Reading]:
    """Read each text by itself."""
    return [reader.read(QUESTION, [text])[0] for text in TEXTS]


def test_a_reading_has_a_number_for_every_word_piece(alone: list[Reading]) -> None:
    for text, reading in zip(TEXTS, alone, strict=True):
        pieces = len(reading.offsets)
        assert pieces >= len(text.split())
        assert reading.offsets.dtype == np.int32
        assert reading.offsets.shape == (pieces, 2)
        for part in (reading.start, reading.end, reading.evidence):
            assert part.dtype == np.float32
            assert part.shape == (pieces,)
            assert np.isfinite(part).all()
        assert reading.support.shape == (len(LABELS),)
        assert reading.support.sum() == pytest.approx(1, abs=1e-5)


def test_a_reading_does_not_hang_on_its_company(reader: Reader, alone: list[Reading]) -> None:
    for one, other in zip(reader.read(QUESTION, TEXTS), alone, strict=True):
        same(one, other, 1e-3)
    for one, other in zip(reader.read(QUESTION, TEXTS[::-1])[::-1], alone, strict=True):
        same(one, other, 1e-3)


def test_the_same_passages_are_read_the_same_each_time(reader: Reader) -> None:
    first, second = reader.read(QUESTION, TEXTS), reader.read(QUESTION, TEXTS)
    for one, other in zip(first, second, strict=True):
        same(one, other, 0)


def test_bfloat16_says_the_same_within_its_precision(alone: list[Reading]) -> None:
    quick = Reader(FOLDER / "reader", UNHURRIED.model_copy(update={"precision": "bfloat16"}))
    for one, other in zip(quick.read(QUESTION, TEXTS), alone, strict=True):
        same(one, other, 0.5)


def test_a_question_that_is_answered_is_read_no_further(reader: Reader, alone: list[Reading]) -> None:
    best = max(reading.relevance for reading in alone[:BLOCK])
    assert len(reader.read(QUESTION, TEXTS, enough=best - 0.1)) == BLOCK
    assert len(reader.read(QUESTION, TEXTS, enough=best + 0.1)) == len(TEXTS)


def test_a_claim_is_not_read_as_a_question(reader: Reader) -> None:
    as_question, as_claim = (reader.read(TEXTS[0], TEXTS[:1], claim=claim)[0] for claim in (False, True))
    assert as_question.relevance != as_claim.relevance


def test_no_text_is_no_reading_and_loads_nothing() -> None:
    opened = open_reader(BotSettings(reader=ReaderSettings(model=READER)))
    assert opened is not None
    assert opened.read(QUESTION, []) == []
    assert opened._loaded is None


@pytest.mark.parametrize("query", ["", " ", "?", "hva " * 400, "æ" * 3000])
def test_any_query_is_read(query: str, reader: Reader) -> None:
    (reading,) = reader.read(query, TEXTS[:1])
    assert reading.offsets[-1, 1] == len(TEXTS[0])
    assert np.isfinite(reading.relevance)


@pytest.mark.parametrize("text", ["", " ", "\n \t"])
def test_a_text_without_words_is_read_and_has_no_answer(text: str, reader: Reader) -> None:
    reading, after = reader.read(QUESTION, [text, TEXTS[0]])
    assert np.isfinite(reading.relevance)
    assert sentence_evidence(reading, 0, len(text)) == UNREAD
    assert best_span(reading, 0, len(text)) == (0, 0, 0.0)
    assert after.offsets[-1, 1] == len(TEXTS[0])


def test_a_long_text_is_cut_and_not_refused(reader: Reader) -> None:
    text = "Kommunen vedtar budsjettet. " * 400
    (reading,) = reader.read("Hva vedtar kommunen? " * 40, [text])
    assert MOST_TOKENS * 0.7 < len(reading.offsets) < MOST_TOKENS
    read = int(reading.offsets[-1, 1])
    assert read < len(text) / 2
    assert sentence_evidence(reading, 0, 27) > UNREAD
    assert sentence_evidence(reading, read, len(text)) == UNREAD
    assert best_span(reading, read, len(text)) == (read, read, 0.0)


@pytest.mark.parametrize(
    "text",
    [
        TEXTS[0],
        "Ærlig talt: ålen på Røst, «Øystein» og å så ærbødig.",
        "Bla\u030aba\u0308r og e\u0301n til pa\u030a Røst, så 3 ½ kg ﬁn ﬂyndre og №\u00a07 …",
        "  To mellomrom  foran,\nlinje\tskift og\u00a0hardt mellomrom  ",
        "Sam\u00adarbeids\u00adavtalen\u200b gjelder fra 1.\u202f5.\u202f2022.",
        "Emoji 👩🏽‍⚕️ og 漢字 og العربية i samme tekst.",
        "</s> <s> <pad> er ikke tegn for seg her",
    ],
)
def test_offsets_point_at_the_words(text: str, reader: Reader) -> None:
    (reading,) = reader.read(QUESTION, [text])
    places = reading.offsets[reading.offsets[:, 1] > reading.offsets[:, 0]]
    assert places[:, 0].min() == len(text) - len(text.lstrip())
    assert (np.diff(places[:, 0]) >= 0).all()
    for word in re.finditer(r"\S+", text):
        pieces = [(int(a), int(b)) for a, b in places if a < word.end() and b > word.start()]
        assert (min(a for a, _ in pieces), max(b for _, b in pieces)) == word.span(), word
        assert all(not text[a].isspace() for a, _ in pieces)


def test_what_was_read_before_the_time_was_spent_comes_first(reader: Reader) -> None:
    texts = TEXTS * 3
    hurried = Reader(FOLDER / "reader", ReaderSettings(precision="float32", budget_ms=1))
    readings = hurried.read(QUESTION, texts)
    assert 0 < len(readings) < len(texts)
    for one, other in zip(readings, reader.read(QUESTION, texts), strict=False):
        same(one, other, 0)


def test_threads_do_not_disturb_each_other(alone: list[Reading]) -> None:
    # Not yet loaded: loading is part of what must not be disturbed.
    opened = Reader(FOLDER / "reader", UNHURRIED)
    texts = [*TEXTS[:4], "ord " * 200]
    queries = [QUESTION, "hva " * 200, "", "Hvem eier Helseplattformen?"]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda query: opened.read(query, texts), queries))
    for query, readings in zip(queries, found, strict=True):
        for one, other in zip(readings, opened.read(query, texts), strict=True):
            same(one, other, 1e-3)
    for one, other in zip(found[0][:4], alone[:4], strict=True):
        same(one, other, 1e-3)


def test_the_fingerprint_follows_the_weights(reader: Reader, tmp_path: Path) -> None:
    folder = tmp_path / "reader"
    shutil.copytree(FOLDER / "reader", folder)
    copy = Reader(folder, ReaderSettings(precision="bfloat16"))
    assert copy.fingerprint == reader.fingerprint
    with (folder / "model.safetensors").open("ab") as file:
        file.write(b"0")
    assert Reader(folder, ReaderSettings()).fingerprint != reader.fingerprint


def test_no_reader_is_opened_where_none_is_named() -> None:
    assert open_reader(BotSettings(reader=ReaderSettings(model=""))) is None


def test_a_folder_that_is_not_there_is_named() -> None:
    with pytest.raises(ModelError, match=r"no model in the folder borte.*reader\.model.*'faktasvar-reader'"):
        open_reader(BotSettings(reader=ReaderSettings(model="borte")))


def test_weights_that_are_not_those_of_this_version_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(FOLDER / "reader", tmp_path / "reader")
    with (tmp_path / "reader" / "model.safetensors").open("r+b") as file:
        file.seek(-1, 2)
        last = file.read(1)
        file.seek(-1, 2)
        file.write(bytes([last[0] ^ 1]))
    monkeypatch.setattr("ingest.models.FOLDER", tmp_path)
    with pytest.raises(ModelError, match=r"reader is not the one .*model\.safetensors.*git restore models.*reader\.model"):
        open_reader(BotSettings(reader=ReaderSettings(model=READER)))


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "tokenizer.json"])
@pytest.mark.parametrize("share", [0.5, 0.0, None])
def test_a_damaged_folder_is_named(file: str, share: float | None, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(FOLDER / "reader", folder)
    content = (folder / file).read_bytes()
    (folder / file).unlink()
    if share is not None:
        (folder / file).write_bytes(content[: int(len(content) * share)])
    opened = open_reader(BotSettings(reader=ReaderSettings(model=str(folder))))
    assert opened is not None
    with pytest.raises(ModelError, match=rf"{folder} can't be read: .+reader\.model"):
        opened.read(QUESTION, TEXTS[:1])


def test_an_embedder_is_no_reader() -> None:
    opened = open_reader(BotSettings(reader=ReaderSettings(model=str(FOLDER / "embedder"))))
    assert opened is not None
    with pytest.raises(ModelError, match=r"embedder can't be read: model\.safetensors: Error\(s\) in loading"):
        opened.read(QUESTION, TEXTS[:1])


def test_a_sentences_evidence_is_that_of_its_word_pieces() -> None:
    reading = made([(0, 3), (4, 8), (8, 8), (9, 12), (12, 13)], evidence=[1, 3, 100, -2, -4])
    assert sentence_evidence(reading, 0, 8) == 2
    assert sentence_evidence(reading, 9, 13) == -3
    assert sentence_evidence(reading, 5, 10) == 0.5
    assert sentence_evidence(reading, 3, 4) == UNREAD
    assert sentence_evidence(reading, 13, 20) == UNREAD


def test_the_best_span_ends_no_sooner_than_it_begins() -> None:
    reading = made([(0, 2), (3, 5), (6, 8)], start=[0, 0, 9], end=[9, 0, 1])
    start, end, chance = best_span(reading, 0, 8)
    assert (start, end) == (6, 8)
    begins, ends = np.exp([0, 0, 9]) / np.exp([0, 0, 9]).sum(), np.exp([9, 0, 1]) / np.exp([9, 0, 1]).sum()
    assert chance == pytest.approx(begins[2] * ends[2], rel=1e-5)


def test_the_best_span_lies_wholly_within_its_bounds() -> None:
    reading = made([(0, 2), (3, 5), (6, 8), (9, 11)], start=[9, 5, 1, 0], end=[0, 1, 5, 9])
    assert best_span(reading, 0, 11)[:2] == (0, 11)
    assert best_span(reading, 3, 8)[:2] == (3, 8)
    assert best_span(reading, 1, 10)[:2] == (3, 8)
    assert best_span(reading, 1, 5)[:2] == (3, 5)
    assert best_span(reading, 4, 5) == (4, 4, 0.0)


def test_the_chance_of_a_span_is_held_against_the_whole_passage() -> None:
    reading = made([(0, 2), (3, 5), (6, 8)], start=[5, 0, 0], end=[5, 0, 0])
    assert best_span(reading, 0, 2)[2] > 0.9
    assert best_span(reading, 3, 8)[2] < 0.01
    assert sum(best_span(reading, a, b, most_pieces=1)[2] for a, b in [(0, 2), (3, 5), (6, 8)]) <= 1


def test_a_span_cuts_no_word(reader: Reader) -> None:
    text = "Tjenesteavtalen signeres 13. mai 2022, sier Ola-Kåre i Ørsta."
    (reading,) = reader.read("Når?", [text])
    words = [match.span() for match in re.finditer(r"\w+|[^\w\s]", text)]
    assert {int(start) for start, _ in reading.offsets[reading.edges[:, 0]]} <= {start for start, _ in words}
    assert {int(end) for _, end in reading.offsets[reading.edges[:, 1]]} <= {end for _, end in words}
    assert len(reading.offsets) > len(words) > 5
    whole = made([(0, 2), (2, 5), (6, 8)], start=[0, 9, 0], end=[0, 9, 0])
    cut = replace(whole, edges=np.array([(1, 0), (0, 1), (1, 1)], np.bool_))
    assert best_span(cut, 0, 8)[:2] == (0, 5)


def test_the_likeliest_spans_come_in_order() -> None:
    reading = made([(0, 2), (3, 5), (6, 8)], start=[3, 0, 1], end=[0, 2, 1])
    spans = best_spans(reading, 0, 8, 9)
    assert spans[0][:2] == (0, 5)
    assert [chance for *_, chance in spans] == sorted((chance for *_, chance in spans), reverse=True)
    assert len({place[:2] for place in spans}) == len(spans) == 6


def test_a_span_is_no_longer_than_it_may_be() -> None:
    reading = made([(i, i + 1) for i in range(0, 40, 2)], start=[9] + [0] * 19, end=[0, 1] + [0] * 17 + [9])
    assert best_span(reading, 0, 40)[:2] == (0, 39)
    assert best_span(reading, 0, 40, most_pieces=2)[:2] == (0, 3)
    assert best_span(reading, 0, 40, most_pieces=1)[:2] == (0, 1)


def test_a_span_begins_and_ends_with_words() -> None:
    reading = made([(2, 2), (2, 4), (5, 5), (5, 7), (8, 8)], start=[9, 1, 9, 0, 0], end=[0, 0, 0, 1, 9])
    assert best_span(reading, 0, 9)[:2] == (2, 7)
