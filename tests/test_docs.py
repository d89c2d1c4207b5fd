"""What the documents for people say of settings, commands and files is so."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.settings import BotSettings

REPOSITORY = Path(__file__).resolve().parents[1]
OPERATIONS = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")


def names_and_defaults(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, field in model.model_fields.items():
        default = field.get_default()
        if isinstance(default, BaseModel):
            yield from names_and_defaults(type(default), f"{prefix}{name}.")
        else:
            yield prefix + name, default


def shown(default: object) -> str:
    if isinstance(default, tuple | str) and not default:
        return "tom"
    if isinstance(default, tuple):
        return ", ".join(f"`{one}`" for one in default)
    return f"`{default}`"


def test_every_setting_is_in_the_table_with_its_default() -> None:
    table = dict(re.findall(r"^\| `([a-z_.0-9]+)` \| (.+?) \| ", OPERATIONS, re.MULTILINE))
    settings = dict(names_and_defaults(BotSettings))
    assert settings
    for name, default in settings.items():
        assert table.get(name) == shown(default), name


def test_toml_in_the_documents_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"```toml\n(.+?)```", OPERATIONS, re.DOTALL)
    assert blocks
    for block in blocks:
        (tmp_path / "faktasvar.toml").write_text(block, encoding="utf-8")
        settings = BotSettings.load()
        assert settings.language == tomllib.loads(block)["language"]


def test_files_that_the_documents_link_to_exist() -> None:
    for document in (REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))):
        links = re.findall(r"\]\((?!https?:|#)([^)]+)\)", document.read_text(encoding="utf-8"))
        for link in links:
            assert (document.parent / link.split("#")[0]).exists(), f"{document.name}: {link}"


def test_the_readme_installs_by_line_25() -> None:
    lines = (REPOSITORY / "README.md").read_text(encoding="utf-8").splitlines()
    assert "make run" in lines[:25]


def test_every_section_that_the_code_names_as_a_source_exists() -> None:
    evaluation = (REPOSITORY / "docs" / "evaluation.md").read_text(encoding="utf-8")
    code = "".join(path.read_text(encoding="utf-8") for room in ("bot", "ingest") for path in (REPOSITORY / room).rglob("*.py"))
    named = re.findall(r"docs/evaluation\.md, «([^»]+)»", code)
    assert named
    for section in named:
        assert f"# {section}\n" in evaluation, section
