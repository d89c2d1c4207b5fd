"""Settings: `faktasvar.toml`, environment variables `FAKTASVAR_…`, and their defaults.

An argument wins over the environment, the environment over the file, the file over the default. Nested settings are
named with two underscores: `FAKTASVAR_EMBEDDING__BATCH_SIZE=16`.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from ingest.errors import ConfigError
from ingest.ranks import KINDS, Kind

PREFIX = "FAKTASVAR_"
SETTINGS_FILE = Path("faktasvar.toml")


class Section(BaseModel):
    """A group of settings: frozen, and without room for misspelt keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class EmbeddingSettings(Section):
    """How text becomes vectors."""

    model: str = Field("faktasvar-embedder", description="The project's own model, or a folder with another.")
    query_prompt: str = Field("query: ", description="Put before a question. Source: training/embedder.py, as it was trained.")
    passage_prompt: str = Field("passage: ", description="Put before a passage or sentence. Source: the same.")
    max_tokens: int = Field(512, ge=16, le=8192, description="Word pieces read of one text; the model's own limit is 512.")
    batch_size: int = Field(32, ge=1, le=1024, description="Texts embedded at a time; more needs more memory.")


class PassageSettings(Section):
    """How a document is cut into passages."""

    max_chars: int = Field(
        1200,
        ge=200,
        le=8000,
        description="Longest passage, in characters. Source: docs/evaluation.md, «Passage length».",
    )
    min_chars: int = Field(
        250, ge=0, le=4000, description="A shorter passage is joined with its neighbour under the same heading."
    )


class LexicalSettings(Section):
    """BM25. Source of the ranges and defaults: Robertson & Zaragoza 2009, «The Probabilistic Relevance Framework»."""

    k1: float = Field(1.2, gt=0, le=3, description="How fast a term's weight stops growing with its count.")
    b: float = Field(0.75, ge=0, le=1, description="How much a text's length lowers its score.")


class CatalogueSettings(Section):
    """How much a source weighs."""

    kinds: tuple[Kind, ...] = Field(
        KINDS, description="The kinds of document, the weightiest first; those left out come last, in the default's order."
    )


class FetchSettings(Section):
    """How documents are fetched from the web, and the limits. Only `ingest fetch` and `ingest add URL` do."""

    allow_private: bool = Field(False, description="Whether addresses inside the own network may be asked.")
    max_bytes: int = Field(50_000_000, ge=1000, le=200_000_000, description="Largest document, unpacked.")
    max_redirects: int = Field(5, ge=0, le=20, description="Redirects followed. Source: RFC 9309, 2.3.1.2, asks for five.")
    connect_timeout_s: float = Field(10, ge=0.1, le=120, description="Seconds to look a name up, and to connect.")
    read_timeout_s: float = Field(30, ge=0.1, le=600, description="Seconds without a byte.")
    total_timeout_s: float = Field(300, ge=0.1, le=3600, description="Seconds for one request in all.")
    interval_s: float = Field(1, ge=0, le=3600, description="Seconds between two requests to one host.")
    max_wait_s: float = Field(60, ge=0, le=3600, description="Longest wait that a site may ask for (Retry-After, Crawl-delay).")
    proxy: str = Field("", description="Proxy that is asked instead; empty for none. It looks names up, so it must guard them.")
    ca_file: str = Field("", description="Certificates trusted beside the usual ones, as PEM; empty for none.")
    contact: str = Field("", description="Whom a site may turn to, in the User-Agent: an e-mail or web address.")


class WatchSettings(Section):
    """How a corpus is watched, and what is said of a file that is dropped into it."""

    settle_s: float = Field(
        3, ge=0.1, le=600, description="Seconds without a change before it is taken in. Source: choice; programs save in steps."
    )
    poll: bool = Field(False, description="Whether to look again and again, for network drives that do not tell of changes.")
    publisher: str = Field("", description="Who stands behind dropped files; empty for whom each file names.")
    kind: Kind = Field("annet", description="The kind of dropped files.")
    licence: str = Field("", description="Licence, or the basis for using dropped files.")


class ReadingSettings(Section):
    """What the reading of one document may cost; above it the document is reported, and the others go on."""

    seconds: float = Field(
        20,
        ge=1,
        le=3600,
        description="Longest time for one document; each page read adds a 400th part, each recognised page three quarters. "
        "Source: ingest/reading/child/budget.py.",
    )
    megabytes: int = Field(
        1000,
        ge=300,
        le=64_000,
        description="Most memory for one document, in millions of bytes. Source: docs/evaluation.md, «Hostile files».",
    )
    pages: int = Field(5_000, ge=1, le=100_000, description="Most pages of one document. Source: ingest/reading/pdf.py.")
    workers: int = Field(2, ge=1, le=32, description="Documents read at the same time; each may use `megabytes`.")
    recognise: bool = Field(True, description="Whether pages without text are recognised, where tesseract is installed.")


class IngestSettings(BaseSettings):
    """Everything that decides what the index holds."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        toml_file=SETTINGS_FILE,
    )

    corpus: Path = Field(Path("corpus"), description="Folder with `sources.toml` and `documents/`.")
    data: Path = Field(Path("data"), description="Folder for the index and what is kept between runs.")
    language: Literal["nb", "nn", "en"] = Field("nb", description="Language of the commands and the web page.")
    embedding: EmbeddingSettings = EmbeddingSettings()
    passages: PassageSettings = PassageSettings()
    lexical: LexicalSettings = LexicalSettings()
    catalogue: CatalogueSettings = CatalogueSettings()
    fetch: FetchSettings = FetchSettings()
    watch: WatchSettings = WatchSettings()
    reading: ReadingSettings = ReadingSettings()
    # The bot keeps its settings in the same file and checks them itself; here they only must not be called unknown.
    retrieval: Any = Field(None, description="The bot's.")
    reader: Any = Field(None, description="The bot's.")
    answering: Any = Field(None, description="The bot's.")
    web: Any = Field(None, description="The bot's.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Leave out `.env` and secret files: other programs' keys in a `.env` would be taken for ours."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @classmethod
    def load(cls, **arguments: Any) -> Self:
        """Read the settings.

        Args:
            **arguments: Values that win over the environment and the file.

        Raises:
            ConfigError: If a setting is unknown or its value can't be used; the text names it.
        """
        known = {name.upper() for name in cls.model_fields}
        for variable in os.environ:
            # A misspelt top-level variable would otherwise pass in silence, even with extra="forbid".
            if variable.startswith(PREFIX) and variable.removeprefix(PREFIX).split("__")[0] not in known:
                raise ConfigError("setting_unknown", name=variable)
        try:
            return cls(**arguments)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            if first["type"] == "extra_forbidden":
                raise ConfigError("setting_unknown", name=name) from error
            raise ConfigError("setting_invalid", name=name, value=first["input"], reason=first["msg"]) from error
        except SettingsError as error:
            # A list or a group in the environment is written as JSON; the error names only the group.
            value = getattr(error.__cause__, "doc", "")
            name = next((name for name in os.environ if name.startswith(PREFIX) and os.environ[name] == value), PREFIX)
            raise ConfigError("setting_invalid", name=name, value=value, reason=error.__cause__) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError("settings_file_invalid", path=SETTINGS_FILE, reason=error) from error
