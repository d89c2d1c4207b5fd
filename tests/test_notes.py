"""Notes of statements: each is a passage of its own with its source, and what is broken is said with its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingest.documents import Document, Origin, Relation
from ingest.errors import NoteError, UnreadableError
from ingest.passages import Passage, cut_passages
from ingest.reading import Notes, read_notes
from ingest.settings import PassageSettings

TODAY = date(2025, 1, 1)
NOTE = """# Brua over sundet

> Til den som retter: én kilde for hvert faktum.

- [B1] Kommunestyret vedtok brua 3. mai 2021 med 14 mot 9 stemmer.
  - Kilde: [Ja til brua (Sundposten)](https://sundposten.no/ja-til-brua?id=1)
  - Dato: 04.05.2021
  - Forhold: utfyller plan-2020

- [B2] Brua er nå beregnet til 212 millioner kroner.
  - Kilde: [Brua blir dyrere](https://kommunen.no/brua_(ny)/)
  - Dato: oktober 2022
  - Forhold: erstatter plan-2020
"""


def read(tmp_path: Path, text: str, *known: str) -> Notes:
    path = tmp_path / "brua.md"
    path.write_text(text, encoding="utf-8")
    return read_notes(path, {"plan-2020", *known}, TODAY)


def statements(document: Document) -> list[tuple[str, Origin]]:
    return [(block.text, block.origin) for block in document.blocks if block.origin]


def numbers(document: Document) -> list[str]:
    return [origin.fact for _, origin in statements(document)]


def passages(document: Document) -> list[Passage]:
    return cut_passages("brua", document, PassageSettings())


def said(tmp_path: Path, text: str, *known: str) -> list[str]:
    return [problem.say("nb") for problem in read(tmp_path, text, *known).problems]


def changed(old: str, new: str) -> str:
    """Return the note after an edit."""
    assert old in NOTE
    return NOTE.replace(old, new, 1)


def test_a_note_is_read_with_its_headings_words_and_sources(tmp_path: Path) -> None:
    document = read(tmp_path, NOTE)
    assert [(block.kind, block.text) for block in document.blocks] == [
        ("heading", "Brua over sundet"),
        ("paragraph", "Kommunestyret vedtok brua 3. mai 2021 med 14 mot 9 stemmer."),
        ("paragraph", "Brua er nå beregnet til 212 millioner kroner."),
    ]
    first, second = (origin for _, origin in statements(document))
    assert (first.title, first.url) == ("Ja til brua (Sundposten)", "https://sundposten.no/ja-til-brua?id=1")
    assert (first.dated, first.interval.day, first.fact) == ("04.05.2021", date(2021, 5, 4), "B1")
    assert first.relation == Relation("utfyller", "plan-2020")
    assert (second.url, second.dated, second.interval.months) == ("https://kommunen.no/brua_(ny)/", "oktober 2022", 1)
    assert document.problems == ()


def test_each_statement_is_a_passage_of_its_own_cited_whole(tmp_path: Path) -> None:
    text = changed("14 mot 9 stemmer.", "14 mot 9 stemmer. Planen fra 2020 sier ikke noe om det.")
    first, second = passages(read(tmp_path, text))
    assert (first.headings, len(first.sentences), first.quote(first.sentences[0])) == (("Brua over sundet",), 1, first.text)
    assert first.text.endswith("stemmer. Planen fra 2020 sier ikke noe om det.")
    assert first.origin and second.origin and (first.origin.fact, second.origin.fact) == ("B1", "B2")


def test_a_statement_keeps_the_headings_that_it_stands_under(tmp_path: Path) -> None:
    text = (
        NOTE.replace("# Brua over sundet", "# Brua\n\n## Vedtak") + "\n## Pris\n\n- Ukjent.\n  Kilde: Muntlig\n  Dato: 2022\n"
    )
    found = passages(read(tmp_path, text))
    assert [passage.headings for passage in found] == [("Brua", "Vedtak"), ("Brua", "Vedtak"), ("Brua", "Pris")]


def test_a_statement_above_the_length_of_a_passage_is_cut_and_keeps_its_source(tmp_path: Path) -> None:
    long = "Brua skal " + "bli lang og " * 40 + "ferdig."
    parts = cut_passages("brua", read(tmp_path, changed("Brua er nå beregnet til 212 millioner kroner.", long)),
                         PassageSettings(max_chars=200, min_chars=0))  # fmt: skip
    own = [passage for passage in parts if passage.origin and passage.origin.fact == "B2"]
    assert len(own) > 1 and all(len(passage.text) <= 200 for passage in own)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  - Kilde: [Ja", "  - Kjelde: [Ja"),
        ("  - Kilde: [Ja", "Kilde: [Ja"),
        ("  - Kilde: [Ja", "    * **Kilde:** [Ja"),
        ("  - Kilde: [Ja", "  - kilde : [Ja"),
        ("](https://sundposten.no/ja-til-brua?id=1)", "] (https://sundposten.no/ja-til-brua?id=1)"),
        ("[Ja til brua (Sundposten)](https://sundposten.no/ja-til-brua?id=1)",
         "Ja til brua (Sundposten), https://sundposten.no/ja-til-brua?id=1"),
        ("id=1)\n  - Dato: 04.05.2021", "id=1), 04.05.2021."),
        ("- [B1] Kommunestyret", "* [B1]: Kommunestyret"),
        ("- [B1] Kommunestyret", "– [B1] Kommunestyret"),
        ("- [B1] Kommunestyret", "1. [B1] Kommunestyret"),
        ("- [B1] Kommunestyret", "[B1] Kommunestyret"),
        ("- [B1] Kommunestyret", "- **[B1]** Kommunestyret"),
        ("- [B1] Kommunestyret vedtok brua 3. mai 2021 med 14 mot 9 stemmer.",
         "- Kommunestyret vedtok brua 3. mai 2021 med 14 mot 9 stemmer. [B1]"),
        ("vedtok brua 3. mai 2021 med", "vedtok\n  brua 3. mai 2021\n  med"),
        ("vedtok brua 3. mai", "**vedtok** brua 3. mai"),
        ("stemmer.\n", "stemmer.\n\n"),
        ("  - Dato: 04.05.2021", "\tDato: 04.05.2021."),
        ("  - Forhold: utfyller plan-2020", "  - Tilhøve: Utfyller plan-2020."),
        ("# Brua over sundet\n", "# Brua over sundet\n\n<!-- Spør Kari\n- om dette -->\n"),
        ("\n- [B2]", "\n---\n- [B2]"),
        ("- [B2]", "> Sjekk prisen.\n- [B2]"),
    ],
)  # fmt: skip
def test_what_can_be_read_in_only_one_way_is_read(old: str, new: str, tmp_path: Path) -> None:
    found, expected = read(tmp_path, changed(old, new)), read(tmp_path, NOTE)
    assert [problem.say("nb") for problem in found.problems] == []
    assert statements(found) == statements(expected)


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "brua.md"
    path.write_bytes(b"\xef\xbb\xbf" + NOTE.replace("\n", "\r\n").encode())
    assert statements(read_notes(path, {"plan-2020"}, TODAY)) == statements(read(tmp_path, NOTE))


def test_a_day_that_begins_a_statement_is_no_list_number(tmp_path: Path) -> None:
    for start in ("- [B1] 9. mai", "- 9. mai", "9. mai"):
        ((text, _), *_) = statements(read(tmp_path, changed("- [B1] Kommunestyret", start)))
        assert text.startswith("9. mai vedtok brua")


def test_a_source_may_have_no_address_and_a_statement_no_number_and_no_relation(tmp_path: Path) -> None:
    ((text, origin),) = statements(read(tmp_path, "- Brua er blå.\n  - Kilde: Samtale med brumesteren\n  - Dato: udatert\n"))
    assert (text, origin.title, origin.url, origin.fact, origin.relation) == (
        "Brua er blå.", "Samtale med brumesteren", "", "", None,
    )  # fmt: skip


def test_words_after_the_link_belong_to_the_title_where_the_date_has_its_own_line(tmp_path: Path) -> None:
    (_, origin), *_ = statements(read(tmp_path, changed("?id=1)", "?id=1) (leder)")))
    assert (origin.title, origin.dated) == ("Ja til brua (Sundposten) (leder)", "04.05.2021")


WORDS = "[B1] Kommunestyret vedtok brua 3. mai 2021 med 14 mot 9 stemmer."
LINK = "](https://sundposten.no/ja-til-brua?id=1)"
RELATED = "utfyller plan-2020"


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [
        (
            f"  - Kilde: [Ja til brua (Sundposten){LINK}\n",
            "",
            5,
            f"«{WORDS}» mangler kilde. Skriv på linja under: Kilde: [tittel]",
        ),
        (
            "  - Dato: 04.05.2021\n",
            "",
            5,
            f"«{WORDS}» mangler dato. Skriv på en linje under: Dato: 03.10.2022 (eller oktober 2022,",
        ),
        ("04.05.2021", "04.05.21", 7, "datoen '04.05.21' kan ikke leses. Skriv for eksempel 03.10.2022, oktober 2022,"),
        ("04.05.2021", "31.06.2021", 7, "datoen '31.06.2021' kan ikke leses."),
        ("04.05.2021", "04.05.2027", 7, "datoen '04.05.2027' har ikke vært ennå (i dag er 2025-01-01). Rett årstallet."),
        ("?id=1)", "?id=1), mai 2021", 7, "det står to datoer, 'mai 2021' og '04.05.2021'. Behold den ene."),
        ("(https://sund", "(htps://sund", 6, "lenken 'htps://sundposten.no/ja-til-brua?id=1' kan ikke leses. Skriv hele adr"),
        (LINK, "](www.sundposten.no)", 6, "lenken 'www.sundposten.no' kan ikke leses."),
        (LINK, "]()", 6, "lenken '[Ja til brua (Sundposten)]()' kan ikke leses."),
        (LINK, LINK[1:], 6, "lenken '[Ja til brua (Sundposten)(https://sundposten.no/ja-til-brua?id=1)' kan ikke leses."),
        ("?id=1)", "?id=1) og [Mer](https://b.no/c)", 6, f"«{WORDS}» har to kilder. Skriv to fakta, med hver sin kilde."),
        ("  - Dato: 04", "  - Kilde: [Mer](https://b.no/c)\n  - Dato: 04", 7, "Kilde står to ganger under «[B1] Kommunestyret"),
        ("Kilde: [Ja", "Klide: [Ja", 6, "'Klide: [Ja til brua …' kan ikke stå under et faktum. Begynn linja med Kilde:,"),
        ("  - Dato: 04", "  - Dto: 04", 7, "'Dto: 04.05.2021' kan ikke stå under et faktum."),
        ("  - Dato: 04", "- Dto: 04", 7, "'Dto: 04.05.2021' kan ikke stå under et faktum."),
        ("  - Dato: 04", "  - Se også kartet.\n  - Dato: 04", 7, "'Se også kartet.' kan ikke stå under et faktum."),
        (
            RELATED,
            "utfyler plan-2020",
            8,
            "forholdet 'utfyler plan-2020' kan ikke leses. Skriv ett av ordene utfyller, samsvarer, ",
        ),
        (RELATED, "utfyller", 8, "forholdet 'utfyller' kan ikke leses."),
        (RELATED, "utfyller plan-2021", 8, "kilden 'plan-2021' finnes ikke i katalogen. Rett id-en, eller slett linja."),
        (WORDS, "[B1]", 5, "[B1] har ingen tekst. Skriv faktumet etter nummeret, eller slett punktet."),
    ],
)
def test_a_mistake_is_said_with_its_line_and_the_other_statements_go_on(
    old: str, new: str, line: int, expected: str, tmp_path: Path
) -> None:
    document = read(tmp_path, changed(old, new))
    (problem,) = (problem.say("nb") for problem in document.problems)
    assert problem.startswith(f"brua.md, linje {line}: {expected}")
    assert numbers(document) == ["B2"]


def test_a_line_that_has_come_to_stand_below_another_statement_fails_both(tmp_path: Path) -> None:
    moved = changed("  - Dato: 04.05.2021\n", "").replace("  - Dato: oktober", "  - Dato: 04.05.2021\n  - Dato: oktober")
    document = read(tmp_path, moved)
    assert numbers(document) == []
    assert [problem.key for problem in document.problems] == ["note_no_date", "note_twice"]


def test_a_number_that_is_used_twice_is_said_and_the_first_one_stays(tmp_path: Path) -> None:
    document = read(tmp_path, changed("[B2]", "[B1]"))
    assert numbers(document) == ["B1"]
    assert [problem.say("nb") for problem in document.problems] == [
        "brua.md, linje 10: nummeret B1 er brukt på linje 5. Gi det ene faktumet et annet nummer."
    ]


def test_a_line_above_every_statement_or_below_a_heading_is_loose(tmp_path: Path) -> None:
    assert said(tmp_path, changed("- [B1]", "  - Dato: 2020\n- [B1]")) == [
        "brua.md, linje 5: Dato står ikke under noe faktum. Flytt linja dit den hører til, eller slett den."
    ]


def test_prose_that_is_no_statement_is_said_and_never_dropped_in_silence(tmp_path: Path) -> None:
    (problem,) = said(tmp_path, changed("- [B1]", "Her er det vi vet.\n\n- [B1]"))
    assert problem.startswith("brua.md, linje 5: «Her er det vi vet.» mangler kilde.") and "begynn linja med >" in problem


def test_two_mistakes_in_one_note_are_said_in_the_order_of_their_lines(tmp_path: Path) -> None:
    text = changed("04.05.2021", "i mai").replace("oktober 2022", "")
    assert [problem.split(":")[0] for problem in said(tmp_path, text)] == ["brua.md, linje 7", "brua.md, linje 10"]


@pytest.mark.parametrize("text", ["# Tittel\n", "> Bare en merknad\n", "---\n"])
def test_a_note_without_a_statement_is_said_to_be_so(text: str, tmp_path: Path) -> None:
    with pytest.raises(NoteError) as caught:
        read(tmp_path, text)
    assert caught.value.say("nb").startswith("brua.md: har ingen fakta. Skriv hvert faktum i et punkt")


def test_a_file_that_is_no_text_is_refused_as_any_other(tmp_path: Path) -> None:
    path = tmp_path / "brua.md"
    path.write_bytes(bytes(range(256)) * 9)
    with pytest.raises(UnreadableError):
        read_notes(path, (), TODAY)


def test_reading_goes_on_in_linear_time_over_a_hostile_note(tmp_path: Path) -> None:
    text = "- [B1] " + "[" * 20_000 + "\n  - Kilde: " + "[a](" * 5_000 + "\n  - Dato: " + "1." * 20_000 + "\n" + "<!--" * 9_000
    assert read(tmp_path, text).blocks == ()


def test_the_notes_that_come_with_the_project_are_whole() -> None:
    notes = sorted((Path(__file__).parents[1] / "corpus" / "notes").glob("*.md"))
    assert len(notes) == 11
    found = [read_notes(path, {"faktagrunnlag-2022"}) for path in notes]
    assert [problem for document in found for problem in document.problems] == []
    facts = [number for document in found for number in numbers(document)]
    assert len(facts) == len(set(facts)) == 180
    assert all(
        origin.url.startswith("https://") and origin.relation for document in found for _, origin in statements(document)
    )
