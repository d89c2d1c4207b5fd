"""Plain text and Markdown."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingest.documents import About, Block, Document, Link
from ingest.errors import EmptyDocumentError, UnreadableError
from ingest.reading import read_document


def read(tmp_path: Path, content: str | bytes, name: str) -> Document:
    """Write a file and read it."""
    path = tmp_path / name
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return read_document(path)


def told(document: Document) -> list[tuple[str, int, str, str]]:
    """Return kind, level, marker and text of each block."""
    return [(block.kind, block.level, block.marker, block.text) for block in document.blocks]


TEXT = """Innhold

Bakgrunn.....\t2
Én innbygger – én journal.....\t4
Gevinster.....\t8

[Bakgrunn](#)

Kommunene har ulike systemer, og mange av dem snakker ikke sammen, noe som er til hinder for

å gi god hjelp. Se ([referanse 1](#)) og [Meld. St. 9 \\(2012-2013\\)](https://example.no/a\\_b).

Én innbygger – én journal

Dette gjelder:

- helse- og
omsorgstjenester
  - under
- annet

Avtalene

1. Kommunen signerer.
2. Alle signerer.

Den 17. mai
2. er ikke et punkt.
"""


def test_plain_text_gets_its_structure(tmp_path: Path) -> None:
    assert told(read(tmp_path, TEXT, "ark.txt")) == [
        ("heading", 1, "", "Bakgrunn"),
        (
            "paragraph", 0, "",
            "Kommunene har ulike systemer, og mange av dem snakker ikke sammen, noe som er til hinder for "
            "å gi god hjelp. Se (referanse 1) og Meld. St. 9 (2012-2013).",
        ),
        ("heading", 1, "", "Én innbygger – én journal"),
        ("paragraph", 0, "", "Dette gjelder:"),
        ("list_item", 1, "-", "helse- og omsorgstjenester"),
        ("list_item", 2, "-", "under"),
        ("list_item", 1, "-", "annet"),
        ("heading", 2, "", "Avtalene"),
        ("list_item", 1, "1.", "Kommunen signerer."),
        ("list_item", 1, "2.", "Alle signerer."),
        ("paragraph", 0, "", "Den 17. mai 2. er ikke et punkt."),
    ]  # fmt: skip


def test_links_of_a_plain_text_keep_their_place_and_target(tmp_path: Path) -> None:
    block = read(tmp_path, TEXT, "ark.txt").blocks[1]
    found = [(block.text[link.start : link.end], link.url) for link in block.links]
    assert found == [("referanse 1", ""), ("Meld. St. 9 (2012-2013)", "https://example.no/a\\_b")]


def test_a_plain_text_has_no_pages(tmp_path: Path) -> None:
    document = read(tmp_path, "En setning.\fEn til.", "ark.txt")
    assert document.page_count is None
    assert [(block.text, block.pages) for block in document.blocks] == [("En setning.", ()), ("En til.", ())]


def test_long_lines_are_paragraphs_without_blank_lines_between(tmp_path: Path) -> None:
    first, second = "Første avsnitt er langt. " * 10, "Andre avsnitt er langt. " * 10
    assert [block.text for block in read(tmp_path, f"{first}\n{second}", "ark.txt").blocks] == [
        first.strip(),
        second.strip(),
    ]


@pytest.mark.parametrize("name", ["ark.txt", "ark.md"])
@pytest.mark.parametrize(
    ("data", "warned"),
    [
        ("Blåbær på øya.".encode(), False),
        ("Blåbær på øya.".encode("utf-8-sig"), False),
        ("Blåbær på øya.".encode("utf-16"), False),
        ("Blåbær på øya.".encode("utf-16-be").join([b"\xfe\xff", b""]), False),
        ("Blåbær på øya.".encode("cp1252"), True),
        ("Blåbær på øya.".encode("latin-1") + b"\x81", True),
        ("Bla\u030aba\u0308r pa\u030a øya.".replace("a\u0308", "æ").encode(), False),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16", "utf-16 big-endian", "cp1252", "latin-1", "decomposed"],
)
def test_encodings_are_told_apart(tmp_path: Path, name: str, data: bytes, warned: bool) -> None:
    document = read(tmp_path, data, name)
    assert document.text == "Blåbær på øya."
    assert bool(document.warnings) is warned


@pytest.mark.parametrize("name", ["ark.txt", "ark.md"])
@pytest.mark.parametrize("data", [b"tekst\0tekst", b"PK\x03\x04\x14\x00\x06\x00", bytes(range(1, 256)) * 20, b""])
def test_binary_data_is_no_text(tmp_path: Path, name: str, data: bytes) -> None:
    with pytest.raises(UnreadableError) as caught:
        read(tmp_path, data, name)
    assert caught.value.key == "document_unreadable"


@pytest.mark.parametrize("name", ["ark.txt", "ark.md"])
def test_white_space_alone_is_empty(tmp_path: Path, name: str) -> None:
    with pytest.raises(EmptyDocumentError) as caught:
        read(tmp_path, " \n\n\t\n", name)
    assert caught.value.key == "document_empty"


MARKDOWN = """---
title: ark
---
# Tittel

Innhold

- [Del én](#del-en) 2
- Del to 3

## Del én

Et avsnitt med *trykk*, `kode`,\u00a0[lenke](https://example.no) og
myk linje.\\
Hard linje.

*Figuren viser planen.*

Figur 2: Enda en plan

- punkt
  - under **fet**
- annet

  avsnitt i punktet

3. tre
4) fire

> sitat

## Del to

| År | Tall |
|---|---|
| 2024 | [5](https://example.no/5) |
| | 6 |

<script>alert(1)</script>

<!-- merknad -->

```
kode
```
"""


def test_markdown_gets_its_structure(tmp_path: Path) -> None:
    assert told(read(tmp_path, MARKDOWN, "ark.markdown")) == [
        ("heading", 1, "", "Tittel"),
        ("heading", 2, "", "Del én"),
        ("paragraph", 0, "", "Et avsnitt med trykk, kode, lenke og myk linje. Hard linje."),
        ("caption", 0, "", "Figuren viser planen."),
        ("caption", 0, "", "Figur 2: Enda en plan"),
        ("list_item", 1, "•", "punkt"),
        ("list_item", 2, "•", "under fet"),
        ("list_item", 1, "•", "annet"),
        ("paragraph", 0, "", "avsnitt i punktet"),
        ("list_item", 1, "3.", "tre"),
        ("list_item", 1, "4)", "fire"),
        ("paragraph", 0, "", "sitat"),
        ("heading", 2, "", "Del to"),
        ("table_row", 0, "", "2024 | 5"),
        ("table_row", 0, "", "| 6"),
        ("paragraph", 0, "", "kode"),
    ]


def test_markdown_links_and_table_headers_are_kept(tmp_path: Path) -> None:
    blocks = read(tmp_path, MARKDOWN, "ark.md").blocks
    assert blocks[2].links == (Link(28, 33, "https://example.no"),)
    rows = [block for block in blocks if block.kind == "table_row"]
    assert rows[0] == Block("table_row", "2024 | 5", header=("År", "Tall"), links=(Link(7, 8, "https://example.no/5"),))


def test_a_list_below_innhold_that_is_no_table_of_contents_stays(tmp_path: Path) -> None:
    texts = [block.text for block in read(tmp_path, "# Innhold\n\n- melk\n- brød\n", "ark.md").blocks]
    assert texts == ["Innhold", "melk", "brød"]


@pytest.mark.parametrize("piece", ["[", "*a", "> ", "`", "- a\n" + " " * 3, "<", "| a "])
def test_repeated_marks_are_read_in_time(tmp_path: Path, piece: str) -> None:
    assert read(tmp_path, "Ord\n\n" + piece * 5_000, "ark.md").blocks


def test_the_front_matter_says_what_the_document_is(tmp_path: Path) -> None:
    matter = 'title: "Plan: for skolen"\ndated: 2024-03-04 # vedtatt\npublisher: Vestby kommune\nlang: nn\nurl: https://a.example/b\n'
    document = read(tmp_path, f"---\n{matter}updated: 3. mai 2024\n---\n# Annen tittel\n\nTekst.", "sak.md")
    assert document.text == "Annen tittel\nTekst."
    assert document.about == About(
        title="Plan: for skolen",
        publisher="Vestby kommune",
        language="nn",
        url="https://a.example/b",
        published=date(2024, 3, 4),
        updated=date(2024, 5, 3),
    )


@pytest.mark.parametrize("matter", ["", "title: [a, b]\nurl: javascript:x\ndate: snart\n", "author: Kari Nordmann\n"])
def test_without_a_plain_title_the_first_heading_is_it(tmp_path: Path, matter: str) -> None:
    assert read(tmp_path, f"---\n{matter}---\n# Planen\n\nTekst.", "sak.md").about == About(title="Planen")
