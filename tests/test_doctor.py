"""The doctor says what is missing, and what mends it, and changes nothing."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.doctor import Finding, examine
from bot.settings import BotSettings, ReaderSettings
from ingest.catalogue import read_catalogue
from ingest.fetched import keep
from ingest.index import IndexStore
from ingest.models import READER
from tests.fakes import fetched_record as record

REPOSITORY = Path(__file__).resolve().parents[1]


def texts(findings: list[Finding], *, good: bool) -> list[str]:
    return [finding.text for finding in findings if finding.good is good]


@pytest.fixture
def copied(whole: BotSettings, tmp_path: Path) -> BotSettings:
    """Return settings with copies of the corpus and the index, to be changed."""
    shutil.copytree(whole.corpus, tmp_path / "corpus")
    data = tmp_path / "data"
    data.mkdir()
    shutil.copytree(whole.data / "index", data / "index")
    return whole.model_copy(update={"corpus": tmp_path / "corpus", "data": data})


def test_all_is_well(whole: BotSettings) -> None:
    findings = examine(whole.model_copy(update={"reader": ReaderSettings(model=READER)}))
    generation = IndexStore(whole.data).open()
    manifest = generation.manifest
    generation.close()
    assert texts(findings, good=False) == []
    python, disk, model, reader, catalogue, web, known, index = texts(findings, good=True)
    assert python == f"Python {'.'.join(map(str, sys.version_info[:3]))} og pakkene er på plass."
    assert disk.endswith(f" GB ledig plass for {whole.data}.")
    assert model == "Språkmodellen er på plass: faktasvar-embedder."
    assert reader == "Leseren er på plass: faktasvar-reader."
    assert catalogue == "Katalogen har 23 kilder; 15 av dem er søkbare."
    assert web == (
        "0 av 3 nettdokumenter er hentet. Ikke hentet: meld-st-9-2012-2013, helseplattformen-sporsmal-og-svar, "
        "helseplattformen-forside. Hent dem med: faktasvar ingest fetch"
    )
    assert known.startswith("Bare kjent av navn, ikke i samlingen: prop-1-s-2020-2021, ")
    assert index == (f"Indeksen er hel: {manifest.passages} utdrag, {manifest.sentences} setninger ({manifest.generation}).")


def test_a_fresh_checkout_is_told_to_ingest_and_stays_as_it_was(tmp_path: Path) -> None:
    findings = examine(BotSettings(corpus=REPOSITORY / "corpus", data=tmp_path / "a" / "b" / "data"))
    assert texts(findings, good=False) == [
        "Indeksen er ikke bygget. Kjør: faktasvar ingest",
    ]
    assert list(tmp_path.iterdir()) == []


def change_document(settings: BotSettings) -> None:
    with (settings.corpus / "documents" / "faktagrunnlag-helseplattformen-2022.pdf").open("ab") as file:
        file.write(b"\n")


def add_source(settings: BotSettings) -> None:
    path = settings.corpus / "sources.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("index = false", "index = true"), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "named"), [(change_document, "faktagrunnlag-2022"), (add_source, "faktagrunnlag-2022-tekst")]
)
def test_a_corpus_that_has_changed_is_told_of(change: Callable[[BotSettings], None], named: str, copied: BotSettings) -> None:
    change(copied)
    assert texts(examine(copied), good=False) == [f"Endret siden indeksen ble bygget: {named}. Kjør: faktasvar ingest"]


def test_a_source_that_is_gone_is_told_of(copied: BotSettings) -> None:
    path = copied.corpus / "sources.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('id = "faktagrunnlag-2022"\n', 'id = "annet-navn"\n'), encoding="utf-8")
    assert texts(examine(copied), good=False) == [
        "Endret siden indeksen ble bygget: annet-navn, faktagrunnlag-2022. Kjør: faktasvar ingest"
    ]


def fetch(settings: BotSettings, text: str) -> None:
    source = next(source for source in read_catalogue(settings.corpus) if source.id == "meld-st-9-2012-2013")
    keep(settings.data, source.id, text.encode(), ".md", record(source.url))


def test_what_is_fetched_is_counted_and_must_be_ingested(copied: BotSettings) -> None:
    fetch(copied, "# Melding\n\nEn journal.\n")
    findings = examine(copied)
    assert any(text.startswith("1 av 3 nettdokumenter er hentet. Ikke hentet: ") for text in texts(findings, good=True))
    assert texts(findings, good=False) == ["Endret siden indeksen ble bygget: meld-st-9-2012-2013. Kjør: faktasvar ingest"]


def test_what_is_fetched_and_damaged_is_told_of(copied: BotSettings) -> None:
    fetch(copied, "# Melding\n\nEn journal.\n")
    (path,) = (copied.data / "fetched" / "meld-st-9-2012-2013").glob("*.md")
    path.write_text("", encoding="utf-8")
    told = texts(examine(copied), good=False)
    assert told == ["Det som er hentet, er skadet: meld-st-9-2012-2013. Hent på nytt med: faktasvar ingest fetch"]


def test_when_all_is_fetched_nothing_more_is_asked_for(copied: BotSettings) -> None:
    path = copied.corpus / "sources.toml"
    text = path.read_text(encoding="utf-8")
    only_one = "[[source]]".join(
        part for part in text.split("[[source]]") if "fetch = false" not in part and "helseplattformen.no/" not in part
    )
    path.write_text(only_one, encoding="utf-8")
    fetch(copied, "# Melding\n\nEn journal.\n")
    assert "1 av 1 nettdokumenter er hentet." in texts(examine(copied), good=True)


def test_a_damaged_index_is_told_of(copied: BotSettings) -> None:
    (copied.data / "index" / IndexStore(copied.data).current() / "texts" / "faktagrunnlag-2022.txt").unlink()
    (told,) = texts(examine(copied), good=False)
    assert told.startswith("Indeksen er skadet (faktagrunnlag-2022: ")
    assert told.endswith("Kjør: faktasvar ingest --rebuild")


def test_an_index_of_another_model_is_told_of(copied: BotSettings) -> None:
    changed = copied.model_copy(update={"embedding": copied.embedding.model_copy(update={"query_prompt": "q: "})})
    assert texts(examine(changed), good=False) == [
        "Indeksen er laget med en annen språkmodell (faktasvar-embedder). Kjør: faktasvar ingest"
    ]


def test_a_broken_catalogue_hides_nothing_else(copied: BotSettings) -> None:
    (copied.corpus / "sources.toml").write_text("", encoding="utf-8")
    findings = examine(copied)
    assert len(texts(findings, good=True)) == 4
    assert all(text.startswith("Katalogen ") for text in texts(findings, good=False))


def test_a_model_folder_that_is_missing_is_told_of(copied: BotSettings) -> None:
    changed = copied.model_copy(update={"embedding": copied.embedding.model_copy(update={"model": "borte"})})
    assert "Fant ingen modell i mappa borte. Rett embedding.model, eller bruk 'faktasvar-embedder'." in texts(
        examine(changed), good=False
    )


def test_a_reader_folder_that_is_missing_is_told_of(copied: BotSettings) -> None:
    changed = copied.model_copy(update={"reader": ReaderSettings(model="borte")})
    assert texts(examine(changed), good=False) == [
        "Fant ingen modell i mappa borte. Rett reader.model, eller bruk 'faktasvar-reader'."
    ]


def test_a_model_that_cannot_be_loaded_is_told_of(copied: BotSettings, tmp_path: Path) -> None:
    for section, setting in (("embedding", "embedding.model"), ("reader", "reader.model")):
        folder = tmp_path / section
        folder.mkdir()
        changed = copied.model_copy(update={section: getattr(copied, section).model_copy(update={"model": str(folder)})})
        told = texts(examine(changed), good=False)
        assert told[0].startswith(f"Modellen i {folder} kan ikke leses: ")
        assert told[0].endswith(f"eller velg en annen i {setting}.")


def test_a_reader_that_is_switched_off_is_no_fault(settings: BotSettings) -> None:
    findings = examine(settings.model_copy(update={"reader": ReaderSettings(model="")}))
    assert texts(findings, good=False) == []
    assert "Leseren er slått av (reader.model er tom)." in texts(findings, good=True)


class Usage(NamedTuple):
    """What the system says of a disk."""

    total: int
    used: int
    free: int


def test_too_little_room_is_told_of(settings: BotSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**10, 10**10, 9 * 10**8))
    (told,) = texts(examine(settings), good=False)
    assert told.startswith(f"Bare 0.9 GB ledig plass for {settings.data}; det trengs 1 GB.")


def test_packages_that_are_missing_are_named(settings: BotSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.doctor.find_spec", lambda name: None if name in ("torch", "gradio") else object())
    assert texts(examine(settings), good=False) == ["Disse pakkene mangler: torch, gradio. Kjør: make install"]


def test_the_doctor_speaks_the_language_of_the_settings(tmp_path: Path) -> None:
    findings = examine(BotSettings(corpus=REPOSITORY / "corpus", data=tmp_path, language="en"))
    assert "The index has not been built. Run: faktasvar ingest" in texts(findings, good=False)
