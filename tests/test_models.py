"""The project's own models are the ones that the code names, and another can be chosen only knowingly."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from ingest import models
from ingest.errors import ModelError
from ingest.models import EMBEDDER, OWN, READER, Own, folder_digest, model_folder


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of an own model whose weights and tokenizer are as they must be."""
    folder = tmp_path / "models" / "embedder"
    folder.mkdir(parents=True)
    digests = {}
    for name in ("model.safetensors", "tokenizer.json"):
        (folder / name).write_bytes(name.encode())
        digests[name] = sha256(name.encode()).hexdigest()
    monkeypatch.setattr(models, "FOLDER", tmp_path / "models")
    monkeypatch.setattr(models, "OWN", {EMBEDDER: Own("embedder", digests)})
    return folder


@pytest.mark.parametrize("name", [EMBEDDER, READER])
def test_the_models_in_the_repository_are_those_that_the_code_names(name: str) -> None:
    assert model_folder(name, name, "a.model") == models.FOLDER / OWN[name].name
    assert set(OWN[name].digests) == {"model.safetensors", "tokenizer.json"}


@pytest.mark.parametrize("name", [EMBEDDER, READER])
def test_the_models_are_small_enough_to_be_kept_in_the_repository(name: str) -> None:
    assert sum(path.stat().st_size for path in (models.FOLDER / OWN[name].name).rglob("*")) < 95_000_000


def test_an_own_model_is_found_by_its_name(own: Path) -> None:
    assert model_folder(EMBEDDER, EMBEDDER, "embedding.model") == own


def test_opening_leaves_the_folder_as_it_is(own: Path) -> None:
    model_folder(EMBEDDER, EMBEDDER, "embedding.model")
    folder_digest(own)
    assert sorted(path.name for path in own.iterdir()) == ["model.safetensors", "tokenizer.json"]


@pytest.mark.parametrize("file", ["model.safetensors", "tokenizer.json"])
def test_an_own_model_with_other_contents_is_refused(file: str, own: Path) -> None:
    (own / file).write_bytes(b"version https://git-lfs.github.com/spec/v1")
    with pytest.raises(ModelError, match=rf"{own} is not the one .*{file} has other contents.*git restore models") as caught:
        model_folder(EMBEDDER, EMBEDDER, "embedding.model")
    assert caught.value.say("nb") == (
        f"Modellen i {own} er ikke den som hører til denne utgaven: {file} har et annet innhold. "
        "Kjør i prosjektmappa: git restore models. Er det med vilje, oppgi mappa i embedding.model."
    )


@pytest.mark.parametrize("file", ["model.safetensors", "tokenizer.json"])
def test_an_own_model_that_is_not_all_there_is_refused(file: str, own: Path) -> None:
    (own / file).unlink()
    with pytest.raises(ModelError, match=rf"own model is not in place: {own / file} \(No such file.*git restore models"):
        model_folder(EMBEDDER, EMBEDDER, "embedding.model")


def test_the_same_folder_is_taken_as_it_is_when_it_is_named(own: Path) -> None:
    (own / "model.safetensors").write_bytes(b"trained on")
    assert model_folder(str(own), EMBEDDER, "embedding.model") == own


@pytest.mark.parametrize("model", ["borte", READER])
def test_a_folder_that_is_not_there_is_named_with_its_setting(model: str) -> None:
    with pytest.raises(ModelError, match=rf"no model in the folder {model}.*embedding\.model.*'{EMBEDDER}'"):
        model_folder(model, EMBEDDER, "embedding.model")


def test_a_folders_digest_follows_the_names_and_contents_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "weights").write_bytes(b"1")
    (tmp_path / "1_Pooling" / "config.json").write_bytes(b"2")
    seen = {folder_digest(tmp_path)}
    assert {folder_digest(tmp_path)} == seen
    (tmp_path / "1_Pooling" / "config.json").write_bytes(b"3")
    seen.add(folder_digest(tmp_path))
    (tmp_path / "weights").rename(tmp_path / "other")
    seen.add(folder_digest(tmp_path))
    assert len(seen) == 3
