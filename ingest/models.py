"""The project's own models: where they lie, and the contents that they must have.

Both are trained by `training/` and kept in the repository, in the folder `models/` beside the packages; in an installed
wheel it lies beside them too. A model that has become another one (a file half fetched, a pointer in its place, last
year's weights) would answer as if nothing were wrong, so its files are held against the digests below when it is opened.

A digest is taken anew each time, from the whole file: 76 MB take 0.05 s with the processor's SHA instructions and some
0.2 s without, and importing torch takes seconds. A note of the size and time of what was seen last would be no faster to
anyone, and can't be kept in a folder that may be read-only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path

from ingest.errors import ModelError

FOLDER = Path(__file__).resolve().parents[1] / "models"
"""Where both lie: beside the package `ingest`."""

EMBEDDER, READER = "faktasvar-embedder", "faktasvar-reader"
"""What settings call them."""


@dataclass(frozen=True, slots=True)
class Own:
    """One of the project's own models.

    Attributes:
        name: Of its folder in `FOLDER`.
        digests: By file, the hex SHA-256 that it must have, as `sha256sum` prints it.
    """

    name: str
    digests: Mapping[str, str]


# To be renewed with each training run that is taken into use: sha256sum models/*/model.safetensors models/*/tokenizer.json
OWN: Mapping[str, Own] = {
    EMBEDDER: Own(
        "embedder",
        {
            "model.safetensors": "807e6b3a56b4c7d9cd9cb39b092aedd4655a32a33ad4bbb06dd5c408cfdd1fcf",
            "tokenizer.json": "ea55a6fca9d088db3048eb6d3294c7a39920fe182589cbce1c818c169283c29f",
        },
    ),
    READER: Own(
        "reader",
        {
            "model.safetensors": "b4d61c65fc626395f163b45da02e7f81280d1a5a5bb1c4c20610d4f3feb1c549",
            "tokenizer.json": "ea55a6fca9d088db3048eb6d3294c7a39920fe182589cbce1c818c169283c29f",
        },
    ),
}


def model_folder(model: str, own: str, setting: str) -> Path:
    """Return the folder of the model that a setting names.

    Args:
        model: The setting's value: `own`, or a folder.
        own: Name of the project's own model of this kind.
        setting: Name of the setting, for the message.

    Raises:
        ModelError: If there is no such folder, or the project's own model is not all there or has other contents.
    """
    if model == own:
        return _own_folder(own, setting)
    folder = Path(model)
    if not folder.is_dir():
        raise ModelError("model_folder_missing", path=folder, setting=setting, default=own)
    return folder


def _own_folder(own: str, setting: str) -> Path:
    folder = FOLDER / OWN[own].name
    for file, digest in OWN[own].digests.items():
        try:
            found = _digest(folder / file)
        except OSError as error:
            raise ModelError("model_own_missing", path=folder / file, reason=error.strerror) from error
        if found != digest:
            raise ModelError("model_own_changed", path=folder, file=file, setting=setting)
    return folder


def folder_digest(folder: Path) -> str:
    """Return a hex digest of the names and contents of a model folder's files, its card apart: that decides no vector."""
    digest = sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md"):
        digest.update(f"{path.relative_to(folder).as_posix()}\0{_digest(path)}\0".encode())
    return digest.hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
