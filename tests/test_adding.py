"""A document is put into the catalogue whole or not at all, and what a person wrote there stays."""

from __future__ import annotations

import io
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ingest.adding import add, remove
from ingest.catalogue import Source, read_catalogue
from ingest.cli import main
from ingest.documents import About, Block, Document
from ingest.editing import with_entry, without_entry
from ingest.errors import AddError, CatalogueError, FaktasvarError, IngestBusyError, UnreadableError, UnsupportedFormatError
from ingest.facts import Facts, complete, facts_of, slug, unique
from ingest.fetched import Brought, find
from ingest.locks import held
from ingest.settings import IngestSettings
from tests.fakes import fetched_record
from tests.serving import Site, html, page, serve

Capture = pytest.CaptureFixture[str]
TODAY = date(2026, 11, 23)
TEXT = "# Vedtak om Helseplattformen\n\nKommunen går inn fra september.\n"
GIVEN = Facts(
    publisher="Molde kommune", kind="vedtak", dated="2026-10-01", licence="NLOD 2.0", title="Vedtak om Helseplattformen"
)
CATALOGUE = """# Katalogen. Rediger gjerne.

# Den første,
# som er viktig.
[[source]]
id = "a"   # kort
title = "A"
publisher = "Molde kommune"
kind = 'notat'
dated = 2022-03-04
retrieved = 2022-04-01
language = "nb"
file = "documents/a.md"
licence = "NLOD"

# Den andre.
[[source]]
id = "b"
title = "B"
publisher = "Molde kommune"
kind = "film"
language = "nb"
fetch = false
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> IngestSettings:
    """Return settings of a corpus with a note and a film; the commands find it too."""
    documents = tmp_path / "corpus" / "documents"
    documents.mkdir(parents=True)
    (documents / "a.md").write_text("# A\n\nEn.\n", encoding="utf-8")
    (tmp_path / "corpus" / "sources.toml").write_text(CATALOGUE, encoding="utf-8")
    monkeypatch.setenv("FAKTASVAR_CORPUS", str(tmp_path / "corpus"))
    monkeypatch.setenv("FAKTASVAR_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("FAKTASVAR_FETCH__ALLOW_PRIVATE", "true")
    monkeypatch.setenv("FAKTASVAR_FETCH__INTERVAL_S", "0")
    return IngestSettings(corpus=tmp_path / "corpus", data=tmp_path / "data")


@pytest.fixture
def vedtak(tmp_path: Path) -> Path:
    path = tmp_path / "Vedtak, møte 7.MD"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def site() -> Iterator[Site]:
    """Return a running site without pages."""
    with serve({}) as running:
        yield running


def no_download(url: str) -> Brought:
    raise AssertionError(url)


def put(settings: IngestSettings, path: Path | str, given: Facts = GIVEN) -> Source:
    identifier = add(settings, str(path), given, None, no_download, TODAY)
    return next(source for source in read_catalogue(settings.corpus) if source.id == identifier)


def catalogue(settings: IngestSettings) -> str:
    return (settings.corpus / "sources.toml").read_bytes().decode()


def everything(settings: IngestSettings) -> dict[str, bytes]:
    """Return every file of the corpus and the data directory, the locks apart."""
    paths = [path for folder in (settings.corpus, settings.data) for path in folder.rglob("*")]
    return {str(path): path.read_bytes() for path in paths if path.is_file() and path.suffix != ".lock"}


# The text of the catalogue


def test_an_entry_is_added_at_the_end_and_all_else_stays() -> None:
    made = with_entry(CATALOGUE, {"id": "c", "dated": TODAY})
    assert made == CATALOGUE + '\n[[source]]\nid = "c"\ndated = 2026-11-23\n'
    assert with_entry("", {"id": "c"}) == '[[source]]\nid = "c"\n'
    assert with_entry(CATALOGUE.rstrip(), {"id": "c"}).startswith(CATALOGUE)


def test_line_ends_are_those_of_the_file() -> None:
    made = with_entry(CATALOGUE.replace("\n", "\r\n"), {"id": "c"})
    assert made.count("\n") == made.count("\r\n")


@pytest.mark.parametrize("value", ['"', "\\", "a\nb", "\t\x07\x7f", "«æøå» 😀", "'''", "\u2028", "[[source]]", "# nei"])
def test_any_text_can_be_a_value(value: str) -> None:
    assert tomllib.loads(with_entry(CATALOGUE, {"id": "c", "title": value}))["source"][-1]["title"] == value


def test_an_entry_is_taken_out_with_the_comment_right_above_it() -> None:
    first = CATALOGUE.index("# Den første,")
    second = CATALOGUE.index("# Den andre.")
    assert without_entry(CATALOGUE, "a") == CATALOGUE[:first] + CATALOGUE[second:]
    assert without_entry(CATALOGUE, "b") == CATALOGUE[:second]
    windows = CATALOGUE.replace("\n", "\r\n")
    assert without_entry(windows, "b") == CATALOGUE[:second].replace("\n", "\r\n")


def test_what_is_added_and_taken_out_leaves_the_catalogue_as_it_was() -> None:
    assert without_entry(with_entry(CATALOGUE, {"id": "c"}), "c").rstrip() == CATALOGUE.rstrip()


@pytest.mark.parametrize(
    "text",
    [
        'source = [{id = "a"}]\n',
        '[[source]]\nid = "a"\nnote = """\n[[source]]\n"""\n',
        '[["source"]]\nid = "a"\n',
    ],
)
def test_what_cannot_be_edited_safely_is_left_alone(text: str) -> None:
    with pytest.raises(AddError, match="by hand"):
        without_entry(text, "a")


def test_what_cannot_be_added_to_is_left_alone() -> None:
    with pytest.raises(AddError, match="by hand"):
        with_entry('source = [{id = "a"}]\n', {"id": "c"})


# What is said of a document


def document(text: str = "Kommunen går inn.", about: About | None = None) -> Document:
    return Document((Block("paragraph", text),), "r", about=about or About())


def test_what_is_given_wins_over_what_the_document_says() -> None:
    about = About("Fra dokumentet", "Aure kommune", "nn", "https://aure.no/", date(2020, 1, 1), date(2021, 1, 1))
    facts = facts_of(document(about=about), Facts(title="Gitt"))
    assert facts == Facts("", "Gitt", "Aure kommune", "", "2021-01-01", "nn", "", "https://aure.no/")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Kommunen må ikke gjøre noe før vedtaket er fattet.", "nb"),
        ("Kommunen må ikkje gjere noko før vedtaket er gjort.", "nn"),
        ("The municipality must not do anything before the decision.", "en"),
    ],
)
def test_a_document_that_does_not_say_its_language_is_read_for_it(text: str, language: str) -> None:
    assert facts_of(document(text), Facts()).language == language


def test_an_address_that_is_none_is_not_taken_from_a_document() -> None:
    assert facts_of(document(about=About(url="javascript:alert(1)")), Facts()).url == ""


def test_a_title_may_be_the_files_name_and_the_id_comes_of_the_title() -> None:
    facts = complete(replace(GIVEN, title="", language="nb"), "Sak 7", {"sak-7"}, None, "nb")
    assert (facts.title, facts.id) == ("Sak 7", "sak-7-2")


def test_what_is_missing_is_named_by_its_options() -> None:
    with pytest.raises(AddError) as caught:
        complete(Facts(language="nb"), "sak", (), None, "nb")
    assert caught.value.say("nb") == ("Dette står ikke i dokumentet og må oppgis: --publisher --kind --dated --licence.")


def answering(*answers: str) -> tuple[list[str], Callable[[str], str]]:
    left = iter(answers)
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        try:
            return next(left)
        except StopIteration:
            raise EOFError from None

    return asked, ask


def test_what_is_missing_is_asked_for_until_it_can_be_used() -> None:
    asked, ask = answering("\n", "", "Molde kommune\n", "tull", "vedtak", "i går", "2026-10-01", "NLOD")
    facts = complete(Facts(language="nb"), "Sak 7", (), ask, "nb")
    assert facts == Facts("sak-7", "Sak 7", "Molde kommune", "vedtak", "2026-10-01", "nb", "NLOD")
    assert asked[:2] == ["Tittel [Sak 7]: ", "Utgiver: "]
    assert asked[3].startswith("Slag (lov, vedtak, ")
    assert len(asked) == 8


def test_a_person_who_leaves_has_added_nothing() -> None:
    _, ask = answering("Tittel", "Molde kommune")
    with pytest.raises(AddError, match="--kind"):
        complete(Facts(language="nb"), "Sak 7", (), ask, "nb")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Vedtak om Helseplattformen", "vedtak-om-helseplattformen"),
        ("Ærlig Øst Åpen é Ðß", "aerlig-ost-apen-e-ss"),
        ("../../etc/passwd", "etc-passwd"),
        ("…", "dokument"),
        ("CON.\u202etxt", "con-txt"),
        ("ord " * 40, "-".join(["ord"] * 15)),
        ("x" * 90, "x" * 60),
    ],
)
def test_a_name_is_made_safe(text: str, name: str) -> None:
    assert slug(text) == name


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert unique("a", ("a", "a-2")) == "a-3"


# Files


def test_a_file_is_copied_and_its_entry_added(settings: IngestSettings, vedtak: Path) -> None:
    source = put(settings, vedtak)
    assert source == Source(
        id="vedtak-om-helseplattformen",
        title="Vedtak om Helseplattformen",
        publisher="Molde kommune",
        kind="vedtak",
        dated=date(2026, 10, 1),
        retrieved=TODAY,
        language="nb",
        file=settings.corpus / "documents" / "vedtak-mote-7.md",
        licence="NLOD 2.0",
    )
    assert catalogue(settings).startswith(CATALOGUE)
    assert source.file is not None
    assert source.file.read_text(encoding="utf-8") == TEXT
    assert vedtak.exists()


def test_no_file_in_the_corpus_is_written_over(settings: IngestSettings, vedtak: Path) -> None:
    other = settings.corpus / "documents" / "vedtak-mote-7.pdf"
    other.write_bytes(b"noe annet")
    source = put(settings, vedtak)
    assert source.file == settings.corpus / "documents" / "vedtak-mote-7-2.md"
    assert other.read_bytes() == b"noe annet"


def test_a_file_that_lies_in_the_corpus_stays_where_it_is(settings: IngestSettings) -> None:
    path = settings.corpus / "documents" / "Nytt notat.md"
    path.write_text(TEXT, encoding="utf-8")
    before = set(path.parent.iterdir())
    assert put(settings, path).file == path
    assert set(path.parent.iterdir()) == before


def test_a_document_that_is_there_already_is_not_added_again(settings: IngestSettings, vedtak: Path) -> None:
    put(settings, vedtak)
    before = everything(settings)
    with pytest.raises(AddError, match="'vedtak-om-helseplattformen'"):
        put(settings, vedtak)
    assert everything(settings) == before


def test_the_first_document_makes_the_catalogue(settings: IngestSettings, vedtak: Path) -> None:
    empty = settings.model_copy(update={"corpus": settings.corpus.parent / "ny"})
    source = put(empty, vedtak)
    assert read_catalogue(empty.corpus) == [source]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (replace(GIVEN, licence=""), AddError),
        (replace(GIVEN, kind="brosjyre"), CatalogueError),
        (replace(GIVEN, dated="i går"), CatalogueError),
        (replace(GIVEN, language="no"), CatalogueError),
        (replace(GIVEN, id="Ikke en id"), CatalogueError),
        (replace(GIVEN, id="a"), CatalogueError),
    ],
)
def test_what_cannot_be_added_changes_nothing(
    given: Facts, error: type[FaktasvarError], settings: IngestSettings, vedtak: Path
) -> None:
    before = everything(settings)
    with pytest.raises(error):
        put(settings, vedtak, given)
    assert everything(settings) == before


def test_what_cannot_be_read_is_not_added(settings: IngestSettings, tmp_path: Path) -> None:
    before = everything(settings)
    for name, content, error in (
        ("a.xyz", b"x", UnsupportedFormatError),
        ("a.pdf", b"%PDF-1.7 skadet", UnreadableError),
        ("a.md", None, UnreadableError),
    ):
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(error):
            put(settings, path)
    with pytest.raises(FaktasvarError):
        put(settings, tmp_path)
    assert everything(settings) == before


def test_a_wrong_catalogue_is_not_added_to(settings: IngestSettings, vedtak: Path) -> None:
    (settings.corpus / "sources.toml").write_text(CATALOGUE + 'feil = "x"\n', encoding="utf-8")
    with pytest.raises(CatalogueError, match="'feil'"):
        put(settings, vedtak)


def test_two_changes_at_once_are_refused(settings: IngestSettings, vedtak: Path) -> None:
    lock = settings.data / "catalogue.lock"
    with held(lock, IngestBusyError("catalogue_busy", path=lock)), pytest.raises(IngestBusyError, match="changing"):
        put(settings, vedtak)


# Addresses


def test_an_address_is_fetched_and_its_entry_added(settings: IngestSettings) -> None:
    url = "https://molde.no/sak/7.md"
    brought = Brought(TEXT.encode(), ".md", fetched_record(url, TODAY))
    identifier = add(settings, url, replace(GIVEN, title=""), None, lambda asked: brought, TODAY)
    source = next(source for source in read_catalogue(settings.corpus) if source.id == identifier)
    assert (source.url, source.file, source.retrieved, source.fetched) == (url, None, None, True)
    found = find(settings.data, source)
    assert found is not None
    assert found.path.read_text(encoding="utf-8") == TEXT


def test_an_address_that_lacks_something_leaves_nothing(settings: IngestSettings) -> None:
    url = "https://molde.no/sak/7.md"
    brought = Brought(TEXT.encode(), ".md", fetched_record(url, TODAY))
    before = everything(settings)
    for given in (Facts(), replace(GIVEN, kind="tull")):
        with pytest.raises(FaktasvarError):
            add(settings, url, given, None, lambda asked: brought, TODAY)
        assert everything(settings) == before


OPTIONS = ["--publisher", "Molde kommune", "--kind", "vedtak", "--dated", "2026-10-01", "--licence", "NLOD"]


def test_the_command_adds_an_address_and_refuses_it_the_second_time(
    settings: IngestSettings, site: Site, capsys: Capture
) -> None:
    site.pages["/sak"] = page(TEXT, Content_Type="text/markdown")
    assert main(["add", site.url("/sak"), "--id", "sak-7", *OPTIONS]) == 0
    assert capsys.readouterr().out.splitlines() == ["Lagt til i katalogen: sak-7", "Ta det i bruk med: faktasvar ingest"]
    assert main(["add", site.url("/sak"), *OPTIONS]) == 1
    assert capsys.readouterr().err.startswith("Dokumentet er i katalogen fra før, med id 'sak-7'.")


def test_an_address_that_fails_is_said_in_one_sentence_and_changes_nothing(
    settings: IngestSettings, site: Site, capsys: Capture
) -> None:
    before = everything(settings)
    site.pages["/sak.pdf"] = html("borte")
    for url in (site.url("/borte"), site.url("/sak.pdf"), "file:///etc/passwd"):
        assert main(["add", url, *OPTIONS]) == 1
        assert len(capsys.readouterr().err.splitlines()) == 1
    assert everything(settings) == before


def test_the_command_names_what_is_missing_and_writes_nothing(
    settings: IngestSettings, vedtak: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("Molde kommune\n"))
    before = everything(settings)
    assert main(["add", str(vedtak)]) == 1
    assert capsys.readouterr().err == ("Dette står ikke i dokumentet og må oppgis: --publisher --kind --dated --licence.\n")
    assert everything(settings) == before


class Terminal(io.StringIO):
    """What a person types."""

    def isatty(self) -> bool:
        return True


def test_the_command_asks_on_a_terminal(
    settings: IngestSettings, vedtak: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("Molde kommune\nvedtak\n2026-10-01\nNLOD\n"))
    assert main(["add", str(vedtak), "--language", "nn"]) == 0
    captured = capsys.readouterr()
    assert "Utgiver: " in captured.err
    source = read_catalogue(settings.corpus)[-1]
    assert (source.publisher, source.kind, source.language, source.licence) == ("Molde kommune", "vedtak", "nn", "NLOD")


# Taking out


def test_a_document_is_taken_out_and_its_file_moved(settings: IngestSettings, vedtak: Path) -> None:
    source = put(settings, vedtak)
    assert source.file is not None
    moved = remove(settings, source.id)
    assert moved is not None
    assert [path.read_text(encoding="utf-8") for path in moved.iterdir()] == [TEXT]
    assert not source.file.exists()
    assert catalogue(settings).rstrip() == CATALOGUE.rstrip()
    assert put(settings, vedtak) == source


def test_what_was_fetched_is_moved_too(settings: IngestSettings) -> None:
    url = "https://molde.no/sak/7.md"
    brought = Brought(TEXT.encode(), ".md", fetched_record(url, TODAY))
    identifier = add(settings, url, GIVEN, None, lambda asked: brought, TODAY)
    moved = remove(settings, identifier)
    assert moved is not None
    assert len(list((moved / identifier).iterdir())) == 2
    assert not (settings.data / "fetched" / identifier).exists()


def test_what_is_only_known_of_is_taken_out(settings: IngestSettings) -> None:
    assert remove(settings, "b") is None
    assert [source.id for source in read_catalogue(settings.corpus)] == ["a"]


def test_a_file_that_another_entry_uses_stays(settings: IngestSettings) -> None:
    path = settings.corpus / "sources.toml"
    entry = CATALOGUE[CATALOGUE.index("[[source]]") : CATALOGUE.index("# Den andre.")]
    path.write_text(CATALOGUE + "\n" + entry.replace('"a"', '"a2"'), encoding="utf-8")
    assert remove(settings, "a2") is None
    assert (settings.corpus / "documents" / "a.md").exists()


def test_what_another_entry_replaces_is_not_taken_out(settings: IngestSettings) -> None:
    path = settings.corpus / "sources.toml"
    path.write_text(CATALOGUE + 'replaces = ["a"]\n', encoding="utf-8")
    before = everything(settings)
    with pytest.raises(CatalogueError, match="replaces"):
        remove(settings, "a")
    assert everything(settings) == before


def test_the_last_document_can_be_taken_out_and_another_added(settings: IngestSettings, vedtak: Path) -> None:
    remove(settings, "a")
    remove(settings, "b")
    assert put(settings, vedtak).id == "vedtak-om-helseplattformen"
    assert catalogue(settings).startswith("# Katalogen. Rediger gjerne.\n")


def test_the_commands_take_out_and_list(settings: IngestSettings, capsys: Capture) -> None:
    assert main(["list"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "a  ikke indeksert  notat  2022-03-04  A",
        "b  bare kjent      film   –           B",
    ]
    assert main(["remove", "borte"]) == 1
    assert capsys.readouterr().err.startswith("Kilden 'borte' finnes ikke i katalogen.")
    assert main(["remove", "a"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("Tatt ut av katalogen: a. Fila er flyttet til ")
    assert out[1] == "Svarene bruker det til du kjører: faktasvar ingest"
    assert main(["remove", "b"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "Tatt ut av katalogen: b"
