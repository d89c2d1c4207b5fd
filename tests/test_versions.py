"""A document that changes keeps its earlier versions, and what has changed is shown passage by passage."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ingest.cli import main
from ingest.errors import VersionError
from ingest.index import IndexStore
from ingest.pipeline import ingest
from ingest.settings import IngestSettings
from ingest.versions import Change, Part, Words, choose, compare, compare_words, versions
from ingest.versions.showing import change_lines
from tests.fakes import FakeEmbedder

Capture = pytest.CaptureFixture[str]
A = Part("Kommunen signerer tjenesteavtalen senest 13 måneder før innføring.", ("Plan",))
B = Part("Helseplattformen AS eies av Helse Midt-Norge RHF og Trondheim kommune.", ("Eiere",))
C = Part("Prosjektet varer i 19 måneder.", ("Plan", "Tid"))
D = Part("Opplæringen skjer på nett.", ("Opplæring",))


def test_what_is_the_same_has_not_changed() -> None:
    assert compare([A, B], [A, B]) == []
    assert compare([], []) == []


def test_another_page_is_no_change() -> None:
    assert compare([Part("En.", page_label="3")], [Part("En.", page_label="4")]) == []


def test_what_is_added_and_removed() -> None:
    assert compare([A, B], [A, D, B]) == [Change("added", None, D)]
    assert compare([A, D, B], [A, B]) == [Change("removed", D, None)]
    assert compare([], [A]) == [Change("added", None, A)]
    assert compare([A], []) == [Change("removed", A, None)]


def test_what_is_much_the_same_is_one_passage_that_changed() -> None:
    later = Part("Kommunen signerer tjenesteavtalen senest 15 måneder før innføring.", ("Plan",))
    assert compare([A, B], [later, B]) == [Change("changed", A, later)]


def test_what_has_nothing_in_common_is_removed_and_added() -> None:
    assert compare([A], [D]) == [Change("removed", A, None), Change("added", None, D)]


def test_a_new_heading_is_a_change() -> None:
    moved = Part(A.text, ("Framdrift",))
    assert compare([A], [moved]) == [Change("changed", A, moved)]


def test_changes_come_in_reading_order_each_with_its_like() -> None:
    later = Part("Prosjektet varer i 24 måneder.", C.headings)
    owners = Part(B.text.replace("Trondheim kommune", "34 kommuner"), B.headings)
    assert compare([A, B, C], [owners, D, later]) == [
        Change("removed", A, None),
        Change("changed", B, owners),
        Change("added", None, D),
        Change("changed", C, later),
    ]


def test_every_old_and_new_passage_is_told_of_once() -> None:
    numbers = random.Random(7)
    pool = [Part(" ".join(numbers.choice("abcdefgh") for _ in range(6)), (str(one % 3),)) for one in range(40)]
    for _ in range(200):
        old, new = (numbers.sample(pool, numbers.randint(0, 12)) for _ in range(2))
        changes = compare(old, new)
        gone = [change.old for change in changes if change.old is not None]
        come = [change.new for change in changes if change.new is not None]
        kept = [part for part in old if part not in gone]
        assert kept == [part for part in new if part not in come]
        assert len(gone) == len(set(gone)) == len(old) - len(kept)
        assert [part for part in new if part in come] == come
        assert all((change.kind == "changed") == (change.old is not None and change.new is not None) for change in changes)


def test_words_are_told_apart() -> None:
    assert compare_words("Starter i april 2022 her.", "Starter 9. november 2024 her.") == [
        Words("both", "Starter"),
        Words("old", "i april 2022"),
        Words("new", "9. november 2024"),
        Words("both", "her."),
    ]
    assert compare_words("En to.", "En og to.") == [Words("both", "En"), Words("new", "og"), Words("both", "to.")]


# Versions that an ingest keeps


@pytest.fixture(autouse=True)
def fake_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.pipeline.open_embedder", lambda settings: FakeEmbedder())


def write(folder: Path, **texts: str) -> IngestSettings:
    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    tables = []
    for name, text in texts.items():
        (corpus / f"{name}.md").write_text(text, encoding="utf-8")
        tables.append(
            f'[[source]]\nid = "{name}"\ntitle = "Om {name}"\npublisher = "Molde kommune"\nkind = "notat"\ndated = 2022-03-04\n'
            f'retrieved = 2022-04-01\nlanguage = "nb"\nfile = "{name}.md"\nlicence = "NLOD"\n'
        )
    (corpus / "sources.toml").write_text("\n".join(tables), encoding="utf-8")
    return IngestSettings(corpus=corpus, data=folder / "data")


def run(settings: IngestSettings) -> None:
    ingest(settings, lambda stage, done, total: None)


def texts_of(settings: IngestSettings, name: str) -> list[str]:
    return [" ".join(part.text for part in version.parts) for version in versions(settings.data, name)]


def test_a_document_that_never_changed_has_one_version_and_takes_no_room(tmp_path: Path) -> None:
    settings = write(tmp_path, a="# A\n\nEn.\n")
    run(settings)
    run(settings)
    assert texts_of(settings, "a") == ["En."]
    assert not (settings.data / "versions").exists()


def test_a_document_that_changes_keeps_its_text_and_what_was_known_of_it(tmp_path: Path) -> None:
    run(write(tmp_path, a="# A\n\nEn.\n", b="# B\n\nUendret.\n"))
    settings = write(tmp_path, a="# A\n\nTo.\n", b="# B\n\nUendret.\n")
    run(settings)
    assert texts_of(settings, "a") == ["En.", "To."]
    old, new = versions(settings.data, "a")
    assert (old.source.title, old.parts[0].headings, old.source.sha256 != new.source.sha256) == ("Om a", ("A",), True)
    assert old.day <= new.day
    assert texts_of(settings, "b") == ["Uendret."]


def test_every_change_is_kept_in_order(tmp_path: Path) -> None:
    for text in ("En.", "To.", "En.", "To.", "To."):
        settings = write(tmp_path, a=f"# A\n\n{text}\n")
        run(settings)
    assert texts_of(settings, "a") == ["En.", "To.", "En.", "To."]


def test_a_document_that_is_gone_or_cannot_be_read_any_more_keeps_its_last_version(tmp_path: Path) -> None:
    run(write(tmp_path, a="# A\n\nEn.\n", b="# B\n\nTo.\n", c="# C\n\nTre.\n"))
    settings = write(tmp_path, b="", c="# C\n\nTre.\n")
    run(settings)
    assert (texts_of(settings, "a"), texts_of(settings, "b"), texts_of(settings, "c")) == (["En."], ["To."], ["Tre."])


def test_an_ingest_that_is_killed_before_it_publishes_has_changed_no_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(write(tmp_path, a="# A\n\nEn.\n"))
    settings = write(tmp_path, a="# A\n\nTo.\n")
    with monkeypatch.context() as patched:
        patched.setattr(IndexStore, "publish", lambda self, name: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            run(settings)
    assert texts_of(settings, "a") == ["En."]
    run(settings)
    assert texts_of(settings, "a") == ["En.", "To."]


def test_a_damaged_index_keeps_no_version_and_stops_nothing(tmp_path: Path) -> None:
    settings = write(tmp_path, a="# A\n\nEn.\n")
    run(settings)
    (settings.data / "index" / IndexStore(settings.data).current() / "passages.jsonl").write_text("{", encoding="utf-8")
    run(write(tmp_path, a="# A\n\nTo.\n"))
    assert texts_of(settings, "a") == ["To."]


def test_a_damaged_version_is_named(tmp_path: Path) -> None:
    run(write(tmp_path, a="# A\n\nEn.\n"))
    settings = write(tmp_path, a="# A\n\nTo.\n")
    run(settings)
    (path,) = (settings.data / "versions" / "a").iterdir()
    path.write_text("{", encoding="utf-8")
    with pytest.raises(VersionError, match="can't be read"):
        versions(settings.data, "a")


def test_a_version_kept_by_a_later_program_can_be_read(tmp_path: Path) -> None:
    run(write(tmp_path, a="# A\n\nEn.\n"))
    settings = write(tmp_path, a="# A\n\nTo.\n")
    run(settings)
    (path,) = (settings.data / "versions" / "a").iterdir()
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"id": "a"', '"id": "a", "weight": 7', 1), encoding="utf-8")
    assert texts_of(settings, "a") == ["En.", "To."]


def test_versions_are_chosen_by_how_their_names_begin(tmp_path: Path) -> None:
    for text in ("En.", "To.", "Tre."):
        settings = write(tmp_path, a=f"# A\n\n{text}\n")
        run(settings)
    first, second, third = found = versions(settings.data, "a")
    assert choose(found, "a", "", "") == (second, third)
    assert choose(found, "a", first.name, "") == (first, third)
    assert choose(found, "a", "", second.hash) == (first, second)
    assert choose(found, "a", first.hash[:6], third.day) == (first, third)
    with pytest.raises(VersionError, match=r"no version that begins with '1999'\. There are: "):
        choose(found, "a", "1999", "")
    with pytest.raises(VersionError, match="has only one version"):
        choose(found, "a", "", first.name)
    with pytest.raises(VersionError, match="no source 'b'"):
        choose([], "b", "", "")


LONG = "Dette avsnittet er så langt at det ikke slås sammen med naboen, for det har mer enn nok tegn til å stå alene her. " * 3


def test_changes_are_readable_in_a_terminal(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = ["# Plan\n\n## Nordmøre\n\nKommunene starter i september 2024. " + LONG, f"## Eiere\n\nBorte nå. {LONG}"]
    run(write(tmp_path, plan="\n\n".join(parts)))
    parts[0] = parts[0].replace("september 2024", "november 2024")
    parts[1] = "## Opplæring\n\nSkjer på nett.\n"
    settings = write(tmp_path, plan="\n\n".join(parts))
    run(settings)
    monkeypatch.setenv("FAKTASVAR_DATA", str(settings.data))
    old, new = versions(settings.data, "plan")
    assert main(["diff", "plan"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == [
        "plan: Om plan",
        f"Før: {old.name} (datert 2022-03-04, hentet 2022-04-01)",
        f"Nå:  {new.name} (datert 2022-03-04, hentet 2022-04-01)",
        "1 endret, 1 lagt til, 1 fjernet. [-slik-] er tatt bort, {+slik+} er nytt.",
    ]
    assert lines[4:7] == [
        "",
        "Endret i Plan – Nordmøre:",
        "  Kommunene starter i [-september-] {+november+} 2024. Dette avsnittet er så langt at det …",
    ]
    assert "Fjernet fra Plan – Eiere:" in lines
    assert lines[-2:] == ["Lagt til i Plan – Opplæring:", "  Skjer på nett."]
    assert all(len(line) <= 110 for line in lines)
    assert change_lines(new, new, [], "nn")[-1] == "Utgåvene har same tekst."


def test_a_document_without_versions_is_said_to_have_none(capsys: Capture) -> None:
    assert main(["diff", "borte"]) == 1
    assert capsys.readouterr().err == (
        "Kilden 'borte' finnes ikke i indeksen, og har ingen tidligere utgaver. Kjør: faktasvar ingest list\n"
    )
