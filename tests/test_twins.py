"""The same text in several documents: quoted once, from the newest, and told of all of them."""

from __future__ import annotations

import pytest

from bot.cli import as_text
from bot.service import Assistant
from bot.settings import BotSettings
from bot.web.render import answer_markdown, sources_markdown
from ingest.cli import run

TEXT = "# Svømmehallen\n\nSvømmehallen er åpen for alle fra klokka 16 til klokka 21 på hverdager.\n\nDusj før du bader.\n"
OTHER = "# Biblioteket\n\nBiblioteket låner ut bøker gratis til alle som har lånekort.\n"
QUESTION = "Fra klokka hvor mye er svømmehallen åpen for alle på hverdager?"
DOCUMENTS = (("gammel", 2019, TEXT), ("biblioteket", 2020, OTHER), ("ny", 2021, TEXT.replace("\n\nDusj", "\n\n\nDusj")))


@pytest.fixture(scope="module")
def bathing(tmp_path_factory: pytest.TempPathFactory) -> tuple[BotSettings, str]:
    """Index a text that lies in two files, beside another; return the settings and the report."""
    folder = tmp_path_factory.mktemp("tvillinger")
    corpus = folder / "corpus"
    corpus.mkdir()
    tables = []
    for name, year, text in DOCUMENTS:
        (corpus / f"{name}.md").write_text(text, encoding="utf-8")
        tables.append(
            f'[[source]]\nid = "{name}"\ntitle = "Heftet {name}"\npublisher = "Molde kommune"\nkind = "notat"\n'
            f'dated = {year}-03-04\nretrieved = 2022-04-01\nlanguage = "nb"\nfile = "{name}.md"\nlicence = "NLOD"\n'
        )
    (corpus / "sources.toml").write_text("\n".join(tables), encoding="utf-8")
    settings = BotSettings(corpus=corpus, data=folder / "data")
    lines: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ingest.cli._write", lines.extend)
        assert run(settings) == 0
    return settings, "\n".join(lines)


@pytest.fixture(scope="module")
def bather(bathing: tuple[BotSettings, str]) -> Assistant:
    return Assistant(bathing[0])


def test_the_newest_is_quoted_and_the_other_is_named(bather: Assistant) -> None:
    answer = bather.ask(QUESTION)
    assert answer.answered
    assert "ny" in {citation.source for citation in answer.citations}
    assert "gammel" not in {citation.source for citation in answer.citations}
    (note,) = answer.notes
    assert (note.kind, note.text) == ("samme_tekst", "Det samme står ord for ord i Heftet gammel (per 4. mars 2019).")
    assert note.citation is not None
    assert bather.text("gammel")[note.citation.start : note.citation.end] == note.citation.quote
    texts = [one.text for one in answer.retrieved]
    assert len(texts) == len(set(texts))


def test_the_other_is_named_on_the_page_and_in_the_terminal(bather: Assistant) -> None:
    answer = bather.ask(QUESTION)
    assert "Samme tekst: Det samme står ord for ord i Heftet gammel" in as_text(answer)
    assert "Heftet gammel" in answer_markdown(answer, "nb")
    assert "Heftet gammel" in sources_markdown(answer, "nb")


def test_who_asks_one_source_is_told_of_that_alone(bather: Assistant) -> None:
    answer = bather.ask(QUESTION, sources=["gammel"])
    assert {citation.source for citation in answer.citations} == {"gammel"}
    assert answer.notes == ()


def test_what_stands_in_one_document_has_no_note(bather: Assistant) -> None:
    answer = bather.ask("Hva må jeg ha for å låne bøker gratis på biblioteket?", sources=["biblioteket"])
    assert answer.notes == ()


def test_the_report_says_which_documents_hold_the_same_text(bathing: tuple[BotSettings, str]) -> None:
    assert "  ny: MERK. Dette er samme tekst som i gammel. Svar viser begge." in bathing[1].split("\n")
    assert bathing[1].count("samme tekst") == 1
