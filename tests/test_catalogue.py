"""The catalogue says which documents count; what is wrong in it is named, with what to do about it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingest.catalogue import Source, read_catalogue
from ingest.errors import CatalogueError
from ingest.ranks import KINDS, Kind, rank

REPOSITORY = Path(__file__).resolve().parents[1]
ENTRY = {
    "id": '"vedtak-7"',
    "title": '"Vedtak om Helseplattformen"',
    "publisher": '"Molde kommune"',
    "kind": '"vedtak"',
    "dated": "2022-03-04",
    "retrieved": "2022-04-01",
    "language": '"nb"',
    "file": '"vedtak.txt"',
    "licence": '"NLOD 2.0"',
}


def corpus(folder: Path, *entries: dict[str, str], before: str = "") -> Path:
    """Write a catalogue of some entries, and the file that they name."""
    (folder / "vedtak.txt").write_text("Kommunen går inn.\n", encoding="utf-8")
    tables = ["[[source]]\n" + "".join(f"{key} = {value}\n" for key, value in entry.items()) for entry in entries]
    (folder / "sources.toml").write_text(before + "\n".join(tables), encoding="utf-8")
    return folder


def without(key: str) -> dict[str, str]:
    return {name: value for name, value in ENTRY.items() if name != key}


def said(folder: Path) -> str:
    """Return what a person reads when the catalogue of a folder is read, the folder's own path left out."""
    with pytest.raises(CatalogueError) as caught:
        read_catalogue(folder)
    return caught.value.say("nb").replace(str(folder), "KORPUS")


def test_an_entry_is_read(tmp_path: Path) -> None:
    assert read_catalogue(corpus(tmp_path, ENTRY | {"url": '"https://molde.no/7"', "index": "false"})) == [
        Source(
            id="vedtak-7",
            title="Vedtak om Helseplattformen",
            publisher="Molde kommune",
            kind="vedtak",
            dated=date(2022, 3, 4),
            retrieved=date(2022, 4, 1),
            language="nb",
            file=tmp_path / "vedtak.txt",
            licence="NLOD 2.0",
            url="https://molde.no/7",
            index=False,
        )
    ]


def test_address_and_index_may_be_left_out(tmp_path: Path) -> None:
    source = read_catalogue(corpus(tmp_path, ENTRY))[0]
    assert (source.url, source.index) == ("", True)


def test_sources_keep_the_order_of_the_file(tmp_path: Path) -> None:
    entries = [ENTRY | {"id": f'"{name}"'} for name in ("c", "a", "b")]
    assert [source.id for source in read_catalogue(corpus(tmp_path, *entries))] == ["c", "a", "b"]


def test_a_date_may_be_written_as_text(tmp_path: Path) -> None:
    assert read_catalogue(corpus(tmp_path, ENTRY | {"dated": '" 2022-03-04 "'}))[0].dated == date(2022, 3, 4)


def test_the_projects_own_catalogue_is_right() -> None:
    sources = read_catalogue(REPOSITORY / "corpus")
    had = [source for source in sources if source.file is not None]
    assert [source.id for source in had if source.index and not source.format] == ["faktagrunnlag-2022"]
    assert all(source.dated == date(2022, 3, 4) for source in had if not source.format)
    notes = [source for source in had if source.format == "fakta"]
    assert {source.file.parent.name for source in notes if source.file} == {"notes"}
    assert {source.kind for source in notes} == {"notat"}


def test_what_the_fact_sheet_refers_to_is_in_the_projects_catalogue() -> None:
    sources = {source.id: source for source in read_catalogue(REPOSITORY / "corpus")}
    sheet = (REPOSITORY / "corpus" / "documents" / "faktagrunnlag-helseplattformen-2022.md").read_text(encoding="utf-8")
    fetched = [source for source in sources.values() if source.fetched]
    assert len(fetched) == 3
    assert all(source.url in sheet for source in fetched)
    known = [source for source in sources.values() if source.only_known]
    assert {"prop-1-s-2020-2021", "ks-felles-kommunal-journal", "trondheim-ps-0025-19"} <= {source.id for source in known}
    assert sum(source.kind == "film" for source in known) == 3
    assert all(source.note for source in (*fetched, *known))


WEB = {key: value for key, value in ENTRY.items() if key not in ("file", "dated", "retrieved")} | {
    "url": '"https://molde.no/7"'
}


def test_what_has_an_address_and_no_file_is_to_be_fetched(tmp_path: Path) -> None:
    source = read_catalogue(corpus(tmp_path, WEB))[0]
    assert (source.file, source.dated, source.retrieved) == (None, None, None)
    assert (source.fetched, source.only_known) == (True, False)


def test_what_is_not_to_be_fetched_is_only_known_of_and_may_say_little(tmp_path: Path) -> None:
    entry = {key: WEB[key] for key in ("id", "title", "publisher", "language")} | {"kind": '"film"', "fetch": "false"}
    source = read_catalogue(corpus(tmp_path, entry | {"note": '"Vist på møtet."'}))[0]
    assert (source.fetched, source.only_known, source.note) == (False, True, "Vist på møtet.")
    addressed = read_catalogue(corpus(tmp_path, entry | {"url": '"https://molde.no/7"'}))[0]
    assert (addressed.fetched, addressed.only_known) == (False, True)


def test_a_file_is_read_from_the_corpus_also_where_it_has_an_address(tmp_path: Path) -> None:
    source = read_catalogue(corpus(tmp_path, ENTRY | {"url": '"https://molde.no/7"'}))[0]
    assert (source.fetched, source.only_known) == (False, False)


@pytest.mark.parametrize("key", ["dated", "retrieved", "licence"])
def test_a_file_must_say_its_dates_and_its_licence(key: str, tmp_path: Path) -> None:
    assert said(corpus(tmp_path, without(key))) == f"Kilde 1 (vedtak-7): nøkkelen {key!r} mangler. Legg den til."


def test_neither_file_nor_address_is_a_file_that_is_missing(tmp_path: Path) -> None:
    assert said(corpus(tmp_path, without("file"))) == "Kilde 1 (vedtak-7): nøkkelen 'file' mangler. Legg den til."
    assert said(corpus(tmp_path, without("file") | {"url": '""'})).endswith("nøkkelen 'file' mangler. Legg den til.")


def test_a_source_may_name_what_it_replaces(tmp_path: Path) -> None:
    older = ENTRY | {"id": '"vedtak-6"'}
    sources = read_catalogue(corpus(tmp_path, ENTRY | {"replaces": '["vedtak-6"]'}, older))
    assert [source.replaces for source in sources] == [("vedtak-6",), ()]


@pytest.mark.parametrize("named", ["vedtak-8", "vedtak-7"])
def test_a_source_replaces_another_one_that_exists(named: str, tmp_path: Path) -> None:
    assert said(corpus(tmp_path, ENTRY | {"replaces": f'["{named}"]'})) == (
        f"Kilde 1 (vedtak-7): replaces nevner {named!r}, som ikke er id-en til en annen kilde. Rett den, eller ta den bort."
    )


def test_every_kind_can_be_used_and_has_its_place(tmp_path: Path) -> None:
    for kind in KINDS:
        assert read_catalogue(corpus(tmp_path, ENTRY | {"kind": f'"{kind}"'}))[0].kind == kind
    named = ["vedtak", "plan", "saksframlegg", "faktaark", "notat", "nyhet"]
    assert [kind for kind in sorted(KINDS, key=rank) if kind in named] == named


def test_the_order_of_kinds_can_be_chosen() -> None:
    order: list[Kind] = ["plan", "nyhet"]
    assert sorted(KINDS, key=lambda kind: rank(kind, order))[:3] == ["plan", "nyhet", "lov"]
    assert sorted(rank(kind, order) for kind in KINDS) == list(range(len(KINDS)))


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        (without("title"), "Kilde 1 (vedtak-7): nøkkelen 'title' mangler. Legg den til."),
        (without("id"), "Kilde 1 (–): nøkkelen 'id' mangler. Legg den til."),
        (ENTRY | {"title": '" "'}, "Kilde 1 (vedtak-7): title er tom. Fyll den ut."),
        (ENTRY | {"title": "7"}, "Kilde 1 (vedtak-7): title er 7, som ikke er tekst. Sett verdien i anførselstegn."),
        (
            ENTRY | {"id": '"Vedtak 7"'},
            "Kilde 1 (Vedtak 7): id 'Vedtak 7' kan ikke brukes. Bruk små bokstaver a–z, tall og bindestrek, høyst 64 tegn.",
        ),
        (
            ENTRY | {"titel": '"x"'},
            "Kilde 1 (vedtak-7): nøkkelen 'titel' finnes ikke. Rett eller fjern den. Kjente nøkler: id, title, publisher, "
            "kind, dated, retrieved, language, file, licence, url, index, replaces, note, fetch, format.",
        ),
        (
            ENTRY | {"dated": '"4. mars 2022"'},
            "Kilde 1 (vedtak-7): dated er '4. mars 2022', som ikke er en dato. Skriv ÅÅÅÅ-MM-DD, for eksempel 2022-03-04.",
        ),
        (
            ENTRY | {"kind": '"brosjyre"'},
            "Kilde 1 (vedtak-7): kind er 'brosjyre'. Bruk en av disse: lov, vedtak, avtale, plan, saksframlegg, rapport, "
            "faktaark, svar, notat, nettside, nyhet, film, annet.",
        ),
        (ENTRY | {"language": '"no"'}, "Kilde 1 (vedtak-7): language er 'no'. Bruk en av disse: nb, nn, en."),
        (ENTRY | {"fetch": "0"}, "Kilde 1 (vedtak-7): fetch er 0. Skriv true eller false."),
        (ENTRY | {"note": "1"}, "Kilde 1 (vedtak-7): note er 1, som ikke er tekst. Sett verdien i anførselstegn."),
        (
            ENTRY | {"replaces": '"vedtak-6"'},
            "Kilde 1 (vedtak-7): replaces er 'vedtak-6'. Skriv en liste med id-er, for eksempel ['vedtak-7'].",
        ),
        (ENTRY | {"index": '"nei"'}, "Kilde 1 (vedtak-7): index er 'nei'. Skriv true eller false."),
        (
            ENTRY | {"file": '"../hemmelig.txt"'},
            "Kilde 1 (vedtak-7): file '../hemmelig.txt' ligger utenfor korpusmappa. Flytt fila inn i den.",
        ),
        (
            ENTRY | {"file": '"/etc/passwd"'},
            "Kilde 1 (vedtak-7): file '/etc/passwd' ligger utenfor korpusmappa. Flytt fila inn i den.",
        ),
    ],
)
def test_what_is_wrong_in_an_entry_is_said_with_the_mend(entry: dict[str, str], sentence: str, tmp_path: Path) -> None:
    assert said(corpus(tmp_path, entry)) == sentence


@pytest.mark.parametrize("dated", ["2022-03-04T10:00:00", "2022-03-04T10:00:00Z", "20220304", "true", '"2022-13-01"'])
def test_what_is_no_date_is_refused(dated: str, tmp_path: Path) -> None:
    assert "som ikke er en dato" in said(corpus(tmp_path, ENTRY | {"dated": dated}))


@pytest.mark.parametrize("identifier", ["", "-a", "a_b", "å", "a/b", "..", "a" * 65, "a\\nb"])
def test_an_id_that_could_not_be_a_file_name_is_refused(identifier: str, tmp_path: Path) -> None:
    assert said(corpus(tmp_path, ENTRY | {"id": f'"{identifier}"'})).startswith("Kilde 1 (")


def test_the_second_of_two_wrong_entries_is_named_by_its_number(tmp_path: Path) -> None:
    assert said(corpus(tmp_path, ENTRY, without("kind") | {"id": '"b"'})).startswith("Kilde 2 (b): nøkkelen 'kind' mangler")


def test_an_id_used_twice_is_refused(tmp_path: Path) -> None:
    assert said(corpus(tmp_path, ENTRY, ENTRY)) == (
        "Kilde 2 (vedtak-7): id 'vedtak-7' er brukt to ganger. Gi den ene en annen id."
    )


def test_a_link_out_of_the_corpus_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "hemmelig.txt"
    outside.write_text("Hemmelig.", encoding="utf-8")
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "lenke.txt").symlink_to(outside)
    assert "ligger utenfor korpusmappa" in said(corpus(folder, ENTRY | {"file": '"lenke.txt"'}))


def test_a_path_with_a_nul_is_refused(tmp_path: Path) -> None:
    assert said(corpus(tmp_path, ENTRY | {"file": '"a\\u0000b"'})).startswith("Kilde 1 (vedtak-7): file 'a\\x00b' ")


def test_a_folder_is_no_document(tmp_path: Path) -> None:
    assert "finnes ikke" in said(corpus(tmp_path, ENTRY | {"file": '"."'}))


def test_no_catalogue_at_all(tmp_path: Path) -> None:
    assert said(tmp_path) == (
        "Fant ingen katalog i KORPUS/sources.toml. Lag fila, eller pek på riktig mappe med FAKTASVAR_CORPUS."
    )


def test_a_catalogue_that_is_no_toml_names_the_line(tmp_path: Path) -> None:
    text = said(corpus(tmp_path, ENTRY | {"title": "uten anførselstegn"}))
    assert text.startswith("Katalogen KORPUS/sources.toml er ikke gyldig TOML i UTF-8: ")
    assert "line 3" in text


def test_a_catalogue_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_bytes('[[source]]\ntitle = "æøå"\n'.encode("latin-1"))
    assert "er ikke gyldig TOML i UTF-8" in said(tmp_path)


def test_something_else_at_the_top_is_named(tmp_path: Path) -> None:
    assert said(corpus(tmp_path, ENTRY, before='tittel = "x"\n')) == (
        "Katalogen KORPUS/sources.toml har 'tittel' på øverste nivå. Bare [[source]] kan stå der; flytt eller fjern den."
    )


@pytest.mark.parametrize("text", ["", "# ingenting\n", "source = []\n", 'source = "x"\n', "source = [1]\n"])
def test_a_catalogue_without_sources_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text(text, encoding="utf-8")
    assert said(tmp_path) == "Katalogen KORPUS/sources.toml har ingen dokumenter. Legg inn minst én [[source]]."


def test_one_table_instead_of_a_list_of_them_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text('[source]\nid = "a"\n', encoding="utf-8")
    assert "har ingen dokumenter" in said(tmp_path)


def test_a_note_of_facts_is_told_from_any_other_document(tmp_path: Path) -> None:
    assert read_catalogue(corpus(tmp_path, ENTRY))[0].format == ""
    assert read_catalogue(corpus(tmp_path, ENTRY | {"format": '"fakta"'}))[0].format == "fakta"
    expected = "Kilde 1 (vedtak-7): format er 'facts'. Bruk en av disse: fakta."
    assert said(corpus(tmp_path, ENTRY | {"format": '"facts"'})) == expected
