"""The packages that are imported are this repository's, and help comes at once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import bot
import ingest

REPOSITORY = Path(__file__).resolve().parents[1]
HEAVY = ("torch", "transformers", "chromadb", "gradio", "sentence_transformers", "fastapi", "pypdf", "bm25s")


def project() -> dict[str, Any]:
    """Return pyproject.toml."""
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))


def python(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run Python in another process, in a folder without settings."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, encoding="utf-8", timeout=60, check=False)


def test_the_imported_packages_are_those_of_this_repository() -> None:
    assert Path(str(bot.__file__)) == REPOSITORY / "bot" / "__init__.py"
    assert Path(str(ingest.__file__)) == REPOSITORY / "ingest" / "__init__.py"


@pytest.mark.parametrize("command", ["bot", "ingest"])
def test_help_loads_nothing_heavy(command: str, tmp_path: Path) -> None:
    done = python("-X", "importtime", "-m", command, "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("usage: faktasvar")
    loaded = {line.rpartition("|")[2].strip().split(".")[0] for line in done.stderr.splitlines() if "|" in line}
    assert {"argparse", "pydantic_settings"} <= loaded
    assert not loaded & set(HEAVY)


def test_help_names_every_command(tmp_path: Path) -> None:
    done = python("-m", "bot", "--help", cwd=tmp_path)
    for command in ("ingest", "ask", "serve", "evaluate", "doctor"):
        assert f"\n    {command} " in done.stdout


def test_importing_the_app_does_nothing(tmp_path: Path) -> None:
    done = python("-c", "import app", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_installed_commands_exist() -> None:
    scripts = project()["project"]["scripts"]
    assert scripts == {"faktasvar": "bot.cli:main", "faktasvar-ingest": "ingest.cli:main"}


def test_the_rooms_load_nothing_heavy_before_it_is_used(tmp_path: Path) -> None:
    code = "import bot.reader, ingest.embedding, sys; print(*sorted(name for name in sys.modules if '.' not in name))"
    loaded = set(python("-c", code, cwd=tmp_path).stdout.split())
    assert {"bot", "ingest", "numpy"} <= loaded
    assert not loaded & set(HEAVY)


def test_the_wheel_holds_the_packages_and_the_models_and_cannot_be_published() -> None:
    settings = project()
    assert settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["ingest", "bot", "models"]
    assert "Private :: Do Not Upload" in settings["project"]["classifiers"]


def test_the_changelog_leads_to_the_version() -> None:
    text = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[(.+?)\]", text, re.MULTILINE)
    released = [heading for heading in headings if heading != "Unreleased"]
    version = project()["project"]["version"]
    assert headings[0] in ("Unreleased", version)
    assert released[:1] in ([], [version])
