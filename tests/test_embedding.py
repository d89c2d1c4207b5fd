"""Text becomes vectors with the real model, and no text is embedded twice."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from ingest.embedding import CachedEmbedder, Embedder, Vectors, open_embedder
from ingest.embedding.cache import VectorCache
from ingest.embedding.model import SentenceTransformerEmbedder
from ingest.errors import ModelError
from ingest.models import FOLDER
from ingest.settings import EmbeddingSettings

TEXTS = ("Kommunen må signere tjenesteavtalen senest 13 måneder før.", "Hvem eier Helseplattformen?", "æøå")


class FakeEmbedder:
    """Gives every text a vector of its own, and keeps what it was asked for."""

    def __init__(self, fingerprint: str = "fake", fail_at: int | None = None) -> None:
        self.fingerprint = fingerprint
        self.calls: list[list[str]] = []
        self._fail_at = fail_at

    @property
    def texts(self) -> list[str]:
        return [text for call in self.calls for text in call]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if self._fail_at is not None and len(self.calls) == self._fail_at:
            raise KeyboardInterrupt
        self.calls.append(list(texts))
        rows = [np.random.default_rng(int.from_bytes(sha256(text.encode()).digest()[:8])).normal(size=8) for text in texts]
        vectors = np.array(rows, dtype=np.float32).reshape(len(texts), 8)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        return -self.embed_passages(texts)


@pytest.fixture(scope="module")
def embedder() -> SentenceTransformerEmbedder:
    return open_embedder(EmbeddingSettings())


def test_vectors_are_unit_rows_of_float32(embedder: Embedder) -> None:
    vectors = embedder.embed_passages(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (3, 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_no_text_gives_no_vector(embedder: Embedder) -> None:
    assert len(embedder.embed_passages([])) == 0


def test_questions_and_passages_have_prompts_of_their_own(embedder: Embedder) -> None:
    question, passage = embedder.embed_questions(TEXTS), embedder.embed_passages(TEXTS)
    assert (np.sum(question * passage, axis=1) < 0.999).all()


def test_a_vector_does_not_hang_on_its_company(embedder: Embedder) -> None:
    together = embedder.embed_passages([*TEXTS, "En langt lengre tekst som fyller opp. " * 20])
    alone = np.concatenate([embedder.embed_passages([text]) for text in TEXTS])
    np.testing.assert_allclose(np.sum(together[:3] * alone, axis=1), 1, atol=1e-5)


def test_the_question_lies_nearer_to_its_answer_than_to_anything_else(embedder: Embedder) -> None:
    question = embedder.embed_questions(["Når må avtalen underskrives?"])[0]
    near, far = embedder.embed_passages([TEXTS[0], "Oppskrift på sjokoladekake med krem."]) @ question
    assert near > far + 0.02


def test_half_precision_is_for_the_disk_alone(embedder: SentenceTransformerEmbedder) -> None:
    assert json.loads((FOLDER / "embedder" / "config.json").read_text(encoding="utf-8"))["dtype"] == "float16"
    assert {str(weights.dtype) for weights in embedder._model.parameters()} == {"torch.float32"}


def test_another_folder_can_be_given_with_its_pooling_or_without(embedder: Embedder, tmp_path: Path) -> None:
    own = embedder.embed_passages(TEXTS)
    for left_out in ((), ("modules.json", "1_Pooling", "2_Normalize", "sentence_bert_config.json")):
        folder = tmp_path / f"without {len(left_out)}"
        shutil.copytree(FOLDER / "embedder", folder, ignore=shutil.ignore_patterns(*left_out))
        other = open_embedder(EmbeddingSettings(model=str(folder)))
        np.testing.assert_allclose(np.sum(other.embed_passages(TEXTS) * own, axis=1), 1, atol=1e-5)
        assert {str(weights.dtype) for weights in other._model.parameters()} == {"torch.float32"}


def test_loading_says_nothing() -> None:
    code = """from ingest.embedding import open_embedder
from ingest.settings import EmbeddingSettings
open_embedder(EmbeddingSettings()).embed_questions(["Hva?"])"""
    run = subprocess.run([sys.executable, "-c", code], cwd=FOLDER.parent, capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("", "")


def test_threads_that_begin_at_once_share_one_model() -> None:
    opened = open_embedder(EmbeddingSettings())
    with ThreadPoolExecutor(4) as pool:
        models = list(pool.map(lambda _: opened._model, range(4)))
    assert all(model is models[0] for model in models)


def test_a_text_longer_than_the_model_reads_is_cut_and_not_refused(embedder: Embedder) -> None:
    assert embedder.embed_passages(["ord " * 5_000]).shape == (1, 384)


def test_the_fingerprint_is_the_same_each_time(embedder: Embedder) -> None:
    assert embedder.fingerprint == open_embedder(EmbeddingSettings()).fingerprint


@pytest.mark.parametrize("change", [{"query_prompt": "spørsmål: "}, {"passage_prompt": ""}, {"max_tokens": 256}])
def test_the_fingerprint_changes_with_what_decides_a_vector(change: dict[str, object], embedder: Embedder) -> None:
    changed = EmbeddingSettings.model_validate(change)
    assert open_embedder(changed).fingerprint != embedder.fingerprint


def test_the_batch_size_leaves_the_fingerprint_alone(embedder: Embedder) -> None:
    assert open_embedder(EmbeddingSettings(batch_size=1)).fingerprint == embedder.fingerprint


def test_opening_makes_no_vector_and_loads_no_model() -> None:
    opened = open_embedder(EmbeddingSettings())
    assert opened.fingerprint
    assert opened._loaded is None


def test_a_model_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"There is no model in the folder .*borte.*embedding\.model.*faktasvar-embedder"):
        open_embedder(EmbeddingSettings(model=str(tmp_path / "borte")))


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_damaged_model_folder_is_named(file: str, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(FOLDER / "embedder", folder)
    content = (folder / file).read_bytes()
    (folder / file).write_bytes(content[: len(content) // 2])
    opened = open_embedder(EmbeddingSettings(model=str(folder)))
    with pytest.raises(ModelError, match=rf"{folder} can't be read: .+embedding\.model"):
        opened.embed_passages(["x"])


def test_unchanged_texts_are_not_embedded_again(tmp_path: Path) -> None:
    first = CachedEmbedder(FakeEmbedder(), tmp_path / "cache" / "vectors.sqlite", batch=2)
    made = first.embed_passages(TEXTS)
    inner = FakeEmbedder()
    second = CachedEmbedder(inner, tmp_path / "cache" / "vectors.sqlite", batch=2)
    np.testing.assert_array_equal(second.embed_passages([*TEXTS, "ny"])[:3], made)
    assert inner.calls == [["ny"]]
    assert (first.embedded, second.embedded) == (3, 1)


def test_equal_texts_are_embedded_once(tmp_path: Path) -> None:
    inner = FakeEmbedder()
    embedder = CachedEmbedder(inner, tmp_path / "v.sqlite", batch=10)
    vectors = embedder.embed_passages(["a", "b", "a", "a"])
    assert inner.calls == [["a", "b"]]
    np.testing.assert_array_equal(vectors, FakeEmbedder().embed_passages(["a", "b", "a", "a"]))
    assert embedder.embedded == 2


def test_texts_are_embedded_in_batches(tmp_path: Path) -> None:
    inner = FakeEmbedder()
    CachedEmbedder(inner, tmp_path / "v.sqlite", batch=2).embed_passages(list("abcde"))
    assert inner.calls == [["a", "b"], ["c", "d"], ["e"]]


def test_another_model_sees_none_of_the_vectors(tmp_path: Path) -> None:
    CachedEmbedder(FakeEmbedder("one"), tmp_path / "v.sqlite", batch=10).embed_passages(TEXTS)
    inner = FakeEmbedder("other")
    CachedEmbedder(inner, tmp_path / "v.sqlite", batch=10).embed_passages(TEXTS)
    assert inner.texts == list(TEXTS)


def test_what_was_done_before_an_interruption_is_kept(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        CachedEmbedder(FakeEmbedder(fail_at=2), tmp_path / "v.sqlite", batch=2).embed_passages(list("abcdef"))
    inner = FakeEmbedder()
    CachedEmbedder(inner, tmp_path / "v.sqlite", batch=2).embed_passages(list("abcdef"))
    assert inner.texts == ["e", "f"]


def test_questions_are_not_kept(tmp_path: Path) -> None:
    inner = FakeEmbedder()
    embedder = CachedEmbedder(inner, tmp_path / "v.sqlite", batch=2)
    embedder.embed_questions(["hva"])
    embedder.embed_questions(["hva"])
    assert inner.texts == ["hva", "hva"]
    assert embedder.embedded == 0


def test_vectors_that_nothing_uses_are_dropped_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    cache = VectorCache(tmp_path / "v.sqlite", "fake")
    cache.embed(["gammel", "brukt"], FakeEmbedder().embed_passages, batch=9)
    monkeypatch.setattr(time, "time", lambda: now + 60 * 86_400)
    cache.embed(["brukt"], FakeEmbedder().embed_passages, batch=9)
    monkeypatch.setattr(time, "time", lambda: now + 100 * 86_400)
    cache.drop_unused()
    assert cache.embed(["brukt"], FakeEmbedder().embed_passages, batch=9)[1] == 0
    assert cache.embed(["gammel"], FakeEmbedder().embed_passages, batch=9)[1] == 1


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to be taken for one " * 40, b"x"])
def test_a_damaged_cache_is_made_anew(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "v.sqlite"
    path.write_bytes(content)
    assert VectorCache(path, "fake").embed(["a"], FakeEmbedder().embed_passages, batch=9)[1] == 1
    assert VectorCache(path, "fake").embed(["a"], FakeEmbedder().embed_passages, batch=9)[1] == 0


def test_a_cache_that_cannot_be_written_says_where(tmp_path: Path) -> None:
    (tmp_path / "v.sqlite").mkdir()
    with pytest.raises(OSError, match=r"unable to open database file.*v\.sqlite"):
        VectorCache(tmp_path / "v.sqlite", "fake").embed(["a"], FakeEmbedder().embed_passages, batch=9)


def test_the_cache_holds_no_text(tmp_path: Path) -> None:
    VectorCache(tmp_path / "v.sqlite", "fake").embed(["hemmelig"], FakeEmbedder().embed_passages, batch=9)
    with sqlite3.connect(tmp_path / "v.sqlite") as database:
        rows = database.execute("SELECT * FROM vectors").fetchall()
    database.close()
    assert len(rows) == 1
    assert b"hemmelig" not in (tmp_path / "v.sqlite").read_bytes()
