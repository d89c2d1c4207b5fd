"""`faktasvar evaluate --changes`: which answers a new index gives that the one before did not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli import main

Capture = pytest.CaptureFixture[str]

PRICE = "# Priser\n\nEn plass i barnehagen koster {price} kroner i måneden.\n"
HALL = "# Idrettshallen\n\nIdrettshallen er åpen fra klokka 8 til klokka 22 på hverdager.\n"
QUESTIONS = ("Hva koster en plass i barnehagen?", "Hvem vant sjakk-VM i 1972?")


def write(folder: Path, price: str) -> None:
    """Write a corpus of two documents and build its index."""
    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    tables = []
    for name, text in (("priser", PRICE.format(price=price)), ("hallen", HALL)):
        (corpus / f"{name}.md").write_text(text, encoding="utf-8")
        tables.append(
            f'[[source]]\nid = "{name}"\ntitle = "Om {name}"\npublisher = "Molde kommune"\nkind = "notat"\n'
            f'dated = 2022-03-04\nretrieved = 2022-04-01\nlanguage = "nb"\nfile = "{name}.md"\nlicence = "NLOD"\n'
        )
    (corpus / "sources.toml").write_text("\n".join(tables), encoding="utf-8")
    lines = [json.dumps({"id": f"s{at}", "question": question}) for at, question in enumerate(QUESTIONS, start=1)]
    (folder / "bank.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert main(["ingest"]) == 0


def out(capsys: Capture, *more: str) -> str:
    capsys.readouterr()
    assert main(["evaluate", "bank.jsonl", "--changes", *more]) == 0
    return capsys.readouterr().out


def test_only_the_answers_that_changed_are_listed_old_and_new_side_by_side(tmp_path: Path, capsys: Capture) -> None:
    write(tmp_path, "2000")
    write(tmp_path, "3000 <eller | mer>")
    shown = out(capsys)
    assert shown.startswith("1 av 2 svar er endret fra indeksen ")
    assert f"## s1: {QUESTIONS[0]}" in shown
    assert QUESTIONS[1] not in shown
    (row,) = [line for line in shown.splitlines() if line.startswith("| Svar |")]
    old, new = row.split(" | ")[1:]
    assert "koster 2000 kroner" in old
    assert "koster 3000 &lt;eller &#124; mer> kroner" in new
    record = json.loads(out(capsys, "--json"))
    assert (record["asked"], [change["id"] for change in record["changed"]]) == (2, ["s1"])
    assert "2000" in record["changed"][0]["before"]["answer"]
    assert "3000" in record["changed"][0]["after"]["answer"]


def test_an_answer_that_only_stands_elsewhere_has_not_changed(tmp_path: Path, capsys: Capture) -> None:
    write(tmp_path, "2000")
    text = (tmp_path / "corpus" / "priser.md").read_text(encoding="utf-8")
    (tmp_path / "corpus" / "priser.md").write_text("# Forord\n\nDette heftet er nytt av året.\n\n" + text, encoding="utf-8")
    assert main(["ingest"]) == 0
    assert out(capsys).startswith("0 av 2 svar er endret")


def test_without_an_index_before_it_is_said_that_there_is_none(tmp_path: Path, capsys: Capture) -> None:
    write(tmp_path, "2000")
    capsys.readouterr()
    assert main(["evaluate", "bank.jsonl", "--changes"]) == 1
    assert capsys.readouterr().err.startswith("Det finnes ingen tidligere indeks å sammenligne med.")
