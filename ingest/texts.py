"""The words a person reads, in bokmål, nynorsk and English: one TOML file a language in each package's `locale/`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal, get_args

Language = Literal["nb", "nn", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@cache
def texts(package: str, language: Language) -> Mapping[str, str]:
    """Return the texts of a package in one language, by dotted key (`error.index_missing`).

    Args:
        package: Import name of the package whose `locale/` is read: `ingest` or `bot`.
        language: Which of its files.
    """
    raw = files(package).joinpath("locale", f"{language}.toml").read_text(encoding="utf-8")
    tables: dict[str, dict[str, str]] = tomllib.loads(raw)
    return MappingProxyType({f"{table}.{key}": text for table, part in tables.items() for key, text in part.items()})


def say(package: str, key: str, language: Language, /, **values: object) -> str:
    """Return one text with its values filled in.

    Raises:
        KeyError: If the package has no such text, or the text needs a value that is not given.
    """
    return texts(package, language)[key].format(**values)
