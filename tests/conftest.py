"""What tests share: the corpus that comes with the project, indexed once with the real model into a folder of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.offline import go_offline
from bot.service import Assistant
from bot.settings import BotSettings
from ingest.pipeline import IngestReport, ingest

REPOSITORY = Path(__file__).resolve().parents[1]

go_offline()


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the user's own settings out: no variable and no `faktasvar.toml` of theirs is seen."""
    for name in os.environ:
        if name.startswith("FAKTASVAR_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for the model, the one of `make run` where there is one: making it takes a quarter of a minute."""
    made = REPOSITORY / "data" / "models"
    return made if made.is_dir() else tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, models: Path) -> tuple[BotSettings, IngestReport]:
    """Index the project's corpus and return the settings and the report."""
    data = tmp_path_factory.mktemp("data")
    (data / "models").symlink_to(models)
    settings = BotSettings(corpus=REPOSITORY / "corpus", data=data)
    return settings, ingest(settings, lambda stage, done, total: None)


@pytest.fixture(scope="session")
def settings(built: tuple[BotSettings, IngestReport]) -> BotSettings:
    """Return settings with a built index of the project's corpus."""
    return built[0]


@pytest.fixture(scope="session")
def assistant(settings: BotSettings) -> Iterator[Assistant]:
    """Return an assistant over the project's corpus."""
    yield Assistant(settings)
