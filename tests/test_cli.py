"""The commands print what was asked for, or one sentence and an exit code, and never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import main
from bot.service import Assistant
from bot.settings import BotSettings
from ingest.cli import main as ingest_main

REPOSITORY = Path(__file__).resolve().parents[1]
QUESTION = "Når må kommunen signere tjenesteavtalen?"
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def ready(settings: BotSettings, assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the commands find the built index, and an assistant that has its model in memory."""
    monkeypatch.setenv("FAKTASVAR_CORPUS", str(settings.corpus))
    monkeypatch.setenv("FAKTASVAR_DATA", str(settings.data))
    monkeypatch.setattr("bot.service.Assistant", lambda settings: assistant)


def failed(arguments: list[str], capsys: Capture) -> str:
    """Run a command that must fail with one sentence and return it."""
    code = main(arguments)
    captured = capsys.readouterr()
    assert (code, captured.out) == (1, "")
    (sentence,) = [line for line in captured.err.splitlines() if line.strip()]
    return sentence.strip()


@pytest.mark.parametrize(
    "arguments",
    [["ask", QUESTION], ["ask", QUESTION, "--json"], ["serve"], ["evaluate", "x.jsonl"], ["ask", "--batch", "x", "--out", "y"]],
)
def test_without_an_index_every_command_says_how_to_build_it(
    arguments: list[str], capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKTASVAR_WEB__PORT", "17861")
    assert failed(arguments, capsys) == "Indeksen er ikke bygget. Kjør: faktasvar ingest"


@pytest.mark.parametrize(("language", "said"), [("nn", "Køyr: faktasvar ingest"), ("en", "Run: faktasvar ingest")])
def test_errors_are_said_in_the_language_of_the_settings(
    language: str, said: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKTASVAR_LANGUAGE", language)
    assert failed(["ask", QUESTION], capsys).endswith(said)
    Path("faktasvar.toml").write_text("[web]\nport = 17861\n", encoding="utf-8")
    assert failed(["ask", QUESTION], capsys).endswith(said)


@pytest.mark.usefixtures("ready")
def test_a_question_is_answered_with_its_places(capsys: Capture) -> None:
    assert main(["ask", QUESTION]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Dette sier kilden, per 4. mars 2022:"
    assert any("13 måneder" in line for line in lines)
    places = [line for line in lines if line.startswith("[")]
    assert places[0].startswith("[1] Helseplattformen – felles pasientjournal i Midt-Norge. ")
    assert ", side 5, 2022-03-04 (faktagrunnlag-2022)" in "\n".join(places)


@pytest.mark.usefixtures("ready")
def test_what_is_not_answered_is_said_with_what_comes_nearest(capsys: Capture) -> None:
    assert main(["ask", "Hvor mange katter finnes det i Peru?"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["Dette står ikke i kildene.", "", "Nærmest i kildene:"]
    assert lines[3].startswith("[1] «")


@pytest.mark.usefixtures("ready")
def test_an_answer_is_printed_as_one_json_object(capsys: Capture) -> None:
    assert main(["ask", QUESTION, "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    record = json.loads(line)
    assert list(record) == [
        "question", "answered", "answer", "status", "citations", "notes", "retrieved", "confidence", "language", "generated",
        "generation", "elapsed_ms",
    ]  # fmt: skip
    assert "måneder" in line, "Norwegian letters are written as they are"


@pytest.mark.usefixtures("ready")
def test_a_batch_is_written_in_order(tmp_path: Path, capsys: Capture) -> None:
    questions = [("b", QUESTION), ("a", ""), ("c", "Hva er Epic \ud800?")]
    (tmp_path / "inn.jsonl").write_text(
        "".join(json.dumps({"id": name, "question": question}) + "\n" for name, question in questions), encoding="utf-8"
    )
    arguments = ["ask", "--batch", "inn.jsonl", "--out", "ut.jsonl", "--source", "faktagrunnlag-2022"]
    assert main(arguments) == 0
    records = [json.loads(line) for line in (tmp_path / "ut.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(record["id"], record["status"]) for record in records][:2] == [("b", "svar"), ("a", "presisering")]
    assert records[2]["id"] == "c"
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "3 svar er skrevet til ut.jsonl\n")


@pytest.mark.usefixtures("ready")
def test_a_batch_that_fails_writes_nothing(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "inn.jsonl").write_text('{"id": "a", "question": "x"}\n{"id": "b"}\n', encoding="utf-8")
    assert failed(["ask", "--batch", "inn.jsonl", "--out", "ut.jsonl"], capsys) == (
        "inn.jsonl, linje 2: 'question': None. Hver linje skal være et JSON-objekt med «id» og «question»."
    )
    assert not (tmp_path / "ut.jsonl").exists()


@pytest.mark.usefixtures("ready")
def test_an_unknown_source_is_named_with_those_that_are_known(capsys: Capture) -> None:
    assert failed(["ask", QUESTION, "--source", "borte"], capsys) == (
        "Kilden 'borte' finnes ikke i indeksen. Disse finnes: faktagrunnlag-2022."
    )


def test_a_batch_needs_somewhere_to_go(capsys: Capture) -> None:
    assert failed(["ask", "--batch", "inn.jsonl"], capsys) == "--batch trenger også --out: hvor svarene skal skrives."


@pytest.mark.usefixtures("ready")
def test_a_batch_file_that_is_missing_is_named(capsys: Capture) -> None:
    assert failed(["ask", "--batch", "borte.jsonl", "--out", "ut.jsonl"], capsys) == "Fant ikke fila borte.jsonl. Rett stien."


@pytest.mark.usefixtures("ready")
def test_a_folder_to_write_into_that_is_missing_is_named(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "inn.jsonl").write_text("", encoding="utf-8")
    said = failed(["ask", "--batch", "inn.jsonl", "--out", "borte/ut.jsonl"], capsys)
    assert said.startswith("Får ikke lest eller skrevet borte/")


@pytest.mark.parametrize(
    "arguments", [[], ["finn"], ["ask"], ["ask", "x", "--batch", "y"], ["ask", "x", "--source"], ["serve", "x"]]
)
def test_a_wrong_call_shows_the_usage(arguments: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert capsys.readouterr().err.startswith("usage: faktasvar")


@pytest.mark.parametrize("command", ["ingest", "ask", "serve", "evaluate", "doctor"])
def test_every_command_has_help(command: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([command, "--help"])
    assert capsys.readouterr().out.startswith(f"usage: faktasvar {command}")


def test_a_wrong_setting_is_said_in_one_sentence(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKTASVAR_DATAA", "x")
    assert failed(["ask", "x"], capsys).startswith("Innstillingen 'FAKTASVAR_DATAA' finnes ikke.")


def test_a_list_that_is_no_json_is_said_in_one_sentence(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKTASVAR_WEB__ALLOWED_HOSTS", "fakta.no")
    assert failed(["ask", "x"], capsys).startswith("Innstillingen 'FAKTASVAR_WEB__ALLOWED_HOSTS' har verdien 'fakta.no'")


def test_a_broken_catalogue_is_said_in_one_sentence(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "sources.toml").write_text('[[source]]\nid = "a"\n', encoding="utf-8")
    assert failed(["ingest"], capsys) == "Kilde 1 (a): nøkkelen 'title' mangler. Legg den til."
    assert ingest_main([]) == 1
    assert capsys.readouterr().err.strip() == "Kilde 1 (a): nøkkelen 'title' mangler. Legg den til."


def test_a_missing_catalogue_is_said_in_one_sentence(capsys: Capture) -> None:
    assert failed(["ingest"], capsys).startswith("Fant ingen katalog i corpus/sources.toml.")


@pytest.mark.usefixtures("ready")
def test_an_index_that_is_up_to_date_is_said_to_be(capsys: Capture, assistant: Assistant) -> None:
    assert main(["ingest"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == f"Indeksen er oppdatert fra før: {assistant.generation}"


@pytest.mark.usefixtures("ready")
def test_the_doctor_is_content(capsys: Capture) -> None:
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    assert all(line.startswith("✓ ") for line in lines)


def test_the_doctor_fails_where_something_is_missing(capsys: Capture) -> None:
    assert main(["doctor"]) == 1
    assert "✗ Indeksen er ikke bygget. Kjør: faktasvar ingest" in capsys.readouterr().out.splitlines()


def gold(folder: Path, **change: object) -> None:
    line = {
        "id": "q1", "type": "dato", "question": QUESTION, "answerable": True, "must_contain": [["13 måneder"]],
        "gold_quotes": ["Tjenesteavtalen er en bindende avtale som må signeres senest 13 måneder før innføringstidspunktet"],
    } | change  # fmt: skip
    kept = {name: value for name, value in line.items() if value is not None}
    (folder / "fasit.jsonl").write_text(json.dumps(kept) + "\n", encoding="utf-8")


@pytest.mark.usefixtures("ready")
def test_an_evaluation_prints_a_report(tmp_path: Path, capsys: Capture) -> None:
    gold(tmp_path)
    assert main(["evaluate", "fasit.jsonl"]) == 0
    assert "| trust | 1.000 |" in capsys.readouterr().out


@pytest.mark.usefixtures("ready")
def test_an_evaluation_prints_its_measures_as_json(tmp_path: Path, capsys: Capture) -> None:
    gold(tmp_path)
    assert main(["evaluate", "fasit.jsonl", "--json", "--source", "faktagrunnlag-2022"]) == 0
    assert json.loads(capsys.readouterr().out)["verbatim"] == 1.0


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("key", ["answerable", "gold_quotes", "must_contain"])
def test_a_gold_line_that_says_too_little_is_named(key: str, tmp_path: Path, capsys: Capture) -> None:
    gold(tmp_path, **{key: None})
    assert failed(["evaluate", "fasit.jsonl"], capsys).startswith(f"fasit.jsonl, linje 1: '{key}'")


def test_the_command_runs_as_a_module(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bot", "ask", QUESTION]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Indeksen er ikke bygget. Kjør: faktasvar ingest\n"
