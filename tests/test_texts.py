"""Every text exists in bokmål, nynorsk and English, and every error finds its words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import bot.errors
import ingest.errors
from ingest.errors import ConfigError, FaktasvarError, IndexMissingError
from ingest.texts import LANGUAGES, Language, say, texts

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGES = ("ingest", "bot")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def error_classes() -> dict[str, type[FaktasvarError]]:
    """Return the project's error classes by name."""
    found = [value for module in (ingest.errors, bot.errors) for value in vars(module).values()]
    return {one.__name__: one for one in found if isinstance(one, type) and issubclass(one, FaktasvarError)}


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Yield every call of a plain name in the two packages, with that name."""
    for package in PACKAGES:
        for path in sorted((REPOSITORY / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    yield node.func.id, node


def raised() -> list[tuple[str, str, set[str]]]:
    """Return package, key and values of every error that is made in the code."""
    classes = error_classes()
    made = []
    for name, node in calls():
        if name in classes:
            key = node.args[0]
            assert isinstance(key, ast.Constant) and isinstance(key.value, str), ast.unparse(node)
            made.append((classes[name].package, key.value, {str(word.arg) for word in node.keywords}))
    return made


@pytest.mark.parametrize("package", PACKAGES)
def test_all_languages_have_the_same_texts_in_the_same_order(package: str) -> None:
    bokmal = list(texts(package, "nb"))
    assert len(bokmal) > 30
    assert list(texts(package, "nn")) == bokmal
    assert list(texts(package, "en")) == bokmal


@pytest.mark.parametrize("package", PACKAGES)
def test_a_text_takes_the_same_values_in_every_language(package: str) -> None:
    for key, text in texts(package, "nb").items():
        for language in LANGUAGES:
            assert placeholders(texts(package, language)[key]) == placeholders(text), key


@pytest.mark.parametrize("package", PACKAGES)
def test_no_text_is_empty_or_left_as_a_note(package: str) -> None:
    for language in LANGUAGES:
        for key, text in texts(package, language).items():
            assert text.strip(), key
            assert "TODO" not in text and "XXX" not in text, key


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_is_left_untranslated(package: str) -> None:
    nb, nn, en = (texts(package, language) for language in LANGUAGES)
    sentences = [key for key, text in nb.items() if text.count(" ") >= 4]
    assert len(sentences) > 30
    assert [key for key in sentences if nb[key] == en[key]] == []
    same = [key for key in sentences if nb[key] == nn[key]]
    # Short forms may coincide («Kjør» is «Køyr», but «Bare [[source]] …» shares most words); whole sentences seldom do.
    assert len(same) <= len(sentences) * 0.1, same


@pytest.mark.parametrize("package", PACKAGES)
def test_nynorsk_has_no_bokmal_function_words_and_bokmal_no_nynorsk(package: str) -> None:
    only_nb = {"ikke", "hva", "hvem", "hvor", "fra", "hvordan", "jeg", "noe", "bare", "kjør", "finnes"}
    only_nn = {"ikkje", "kva", "kven", "kvar", "frå", "korleis", "eg", "noko", "berre", "køyr", "finst"}

    def words(key: str, language: Language) -> set[str]:
        return {word.strip(".,:;!?«»()").lower() for word in texts(package, language)[key].split()}

    for key in texts(package, "nb"):
        assert not words(key, "nn") & only_nb, key
        assert not words(key, "nb") & only_nn, key


def test_every_error_that_is_raised_has_its_words_and_its_values() -> None:
    made = raised()
    assert len(made) > 25
    for package, key, values in made:
        text = texts(package, "nb").get(f"error.{key}")
        assert text is not None, key
        assert placeholders(text) == values, key


@pytest.mark.parametrize("package", PACKAGES)
def test_every_error_text_is_used(package: str) -> None:
    used = {key for owner, key, _ in raised() if owner == package} | {"disk"}
    assert {key.removeprefix("error.") for key in texts(package, "nb") if key.startswith("error.")} - used == set()


def test_every_text_that_is_named_in_the_code_exists_and_gets_its_values() -> None:
    found = 0
    for name, node in calls():
        if name != "say" or not all(isinstance(argument, ast.Constant) for argument in node.args[:2]):
            continue
        package, key = (argument.value for argument in node.args[:2] if isinstance(argument, ast.Constant))
        found += 1
        text = texts(str(package), "nb")[str(key)]
        if all(word.arg for word in node.keywords):
            assert placeholders(text) == {word.arg for word in node.keywords}, key
    assert found > 20


def test_an_error_is_english_in_a_log_and_the_readers_language_on_screen() -> None:
    error = IndexMissingError("index_missing")
    assert str(error) == "The index has not been built. Run: faktasvar ingest"
    assert error.say("nb") == "Indeksen er ikke bygget. Kjør: faktasvar ingest"
    assert error.say("nn") == "Indeksen er ikkje bygd. Køyr: faktasvar ingest"


def test_an_error_keeps_its_values() -> None:
    error = ConfigError("setting_unknown", name="FAKTASVAR_DATTA")
    assert error.values == {"name": "FAKTASVAR_DATTA"}
    assert "'FAKTASVAR_DATTA'" in error.say("nb")


def test_a_text_without_its_value_is_a_mistake_in_the_code() -> None:
    with pytest.raises(KeyError, match="name"):
        say("ingest", "error.setting_unknown", "nb")


def test_an_unknown_text_is_a_mistake_in_the_code() -> None:
    with pytest.raises(KeyError, match="no_such"):
        say("ingest", "error.no_such", "nb")


def test_texts_cannot_be_changed() -> None:
    with pytest.raises(TypeError, match="does not support item assignment"):
        texts("ingest", "nb")["error.disk"] = ""  # type: ignore[index]  # what is tried


def test_braces_in_a_value_are_left_alone() -> None:
    assert "'{0}{x}'" in ConfigError("setting_unknown", name="{0}{x}").say("nb")
