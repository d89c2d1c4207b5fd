"""Parts of texts: they hold what they must, whole sentences, under the headings."""

from __future__ import annotations

import random

import pytest

from training.windows import ARTICLE_CHARS, SHORT_CHARS, Text, sentence_around, sentence_places, shortened, window

HEADINGS = "Plan – Tilsyn. "
SENTENCES = [f"Kommunen fører tilsyn nummer {number} med skolene i området." for number in range(40)]
TEXT = Text(HEADINGS + " ".join(SENTENCES), len(HEADINGS))


def test_windows_hold_the_answer_and_are_cut_between_words() -> None:
    source = random.Random(1)
    for _ in range(300):
        text = " ".join("ord" * source.randint(1, 5) for _ in range(source.randint(1, 500)))
        start = source.randrange(len(text))
        end = min(len(text), start + source.randint(1, 60))
        first, last = window(text, start, end, source)
        assert 0 <= first <= start and end <= last <= len(text)
        assert first == 0 or text[first - 1].isspace()
        assert last == len(text) or text[last].isspace()
        assert last - first <= ARTICLE_CHARS[1] + 2 * 15


def test_an_answer_longer_than_any_window_is_held_all_the_same() -> None:
    text = "ord " * 1000
    first, last = window(text, 400, 3000, random.Random(1))
    assert first <= 400 and last >= 3000


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("første", "Her er første."),
        ("andre", "Er dette andre?"),
        ("linje", "En linje uten punktum"),
        ("Siste", "Siste uten slutt"),
        ("Siste uten slutt", "Siste uten slutt"),
        ("første. Er dette", "Her er første. Er dette andre?"),
    ],
)
def test_the_sentence_around_an_answer_ends_with_its_last_sign(words: str, sentence: str) -> None:
    text = "Her er første. Er dette andre? Ja!\nEn linje uten punktum\nSiste uten slutt"
    start = text.index(words)
    assert text[slice(*sentence_around(text, start, start + len(words)))] == sentence


def test_sentences_are_places_from_a_character_on() -> None:
    text = "Plan. Her er første. Er dette andre?\nEn linje uten punktum\n\nSiste"
    places = [text[start:end] for start, end in sentence_places(text, 6)]
    assert places == ["Her er første.", "Er dette andre?", "En linje uten punktum", "Siste"]


@pytest.mark.parametrize("seed", range(40))
def test_a_part_holds_the_place_in_whole_sentences_under_the_headings(seed: int) -> None:
    source = random.Random(seed)
    sentence = source.choice(SENTENCES)
    start = TEXT.words.index(sentence) + 9
    part, place = shortened(TEXT, (start, start + 4), "Hvem?", source)
    assert place is not None and part.words[slice(*place)] == "føre"
    assert part.words.startswith(HEADINGS) and part.before == len(HEADINGS)
    body = part.words[part.before :]
    assert body in TEXT.words and body.startswith("Kommunen") and body.endswith("området.")
    assert sentence in body and len(body) <= max(SHORT_CHARS[1], len(sentence))


def test_a_part_without_a_place_holds_the_sentence_with_the_words_of_the_question() -> None:
    for seed in range(20):
        part, place = shortened(TEXT, None, "Hva med tilsyn nummer 17?", random.Random(seed))
        assert place is None and "nummer 17 " in part.words


def test_a_place_over_two_sentences_is_held_whole() -> None:
    start = TEXT.words.index("området. Kommunen fører tilsyn nummer 5")
    part, place = shortened(TEXT, (start, start + 20), "Hvem?", random.Random(1))
    assert place is not None and part.words[slice(*place)] == TEXT.words[start : start + 20]


@pytest.mark.parametrize("text", [Text(""), Text("Bare en tittel. ", 16)])
def test_a_text_without_sentences_stays_as_it_is(text: Text) -> None:
    assert shortened(text, None, "Hvem?", random.Random(1)) == (text, None)


def test_a_place_in_the_headings_leaves_the_text_whole() -> None:
    assert shortened(TEXT, (0, 4), "Hvem?", random.Random(1)) == (TEXT, (0, 4))
