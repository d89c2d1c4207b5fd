"""Settings come from arguments, the environment and the file, in that order, and nothing misspelt passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import BotSettings
from ingest.errors import ConfigError
from ingest.models import EMBEDDER, READER
from ingest.settings import IngestSettings


def write(text: str, name: str = "faktasvar.toml") -> None:
    """Write a file into the working folder, which is a test's own."""
    Path(name).write_text(text, encoding="utf-8")


def test_defaults_need_no_file() -> None:
    settings = BotSettings.load()
    assert (settings.corpus, settings.data, settings.language) == (Path("corpus"), Path("data"), "nb")
    assert (settings.embedding.model, settings.reader.model) == (EMBEDDER, READER)
    assert settings.web.host == "127.0.0.1"


def test_the_file_wins_over_the_default() -> None:
    write('language = "nn"\n[embedding]\nbatch_size = 16\n')
    settings = BotSettings.load()
    assert (settings.language, settings.embedding.batch_size) == ("nn", 16)
    assert settings.embedding.max_tokens == 512


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    write('language = "nn"\n[embedding]\nbatch_size = 16\nmax_tokens = 100\n')
    monkeypatch.setenv("FAKTASVAR_EMBEDDING__BATCH_SIZE", "8")
    settings = BotSettings.load()
    assert (settings.language, settings.embedding.batch_size, settings.embedding.max_tokens) == ("nn", 8, 100)


def test_an_argument_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    write('data = "fra-fil"\n')
    monkeypatch.setenv("FAKTASVAR_DATA", "fra-miljø")
    assert BotSettings.load().data == Path("fra-miljø")
    assert BotSettings.load(data=Path("fra-argument")).data == Path("fra-argument")


def test_a_list_comes_from_the_environment_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKTASVAR_WEB__ALLOWED_HOSTS", '["fakta.kommune.no"]')
    assert BotSettings.load().web.allowed_hosts == ("fakta.kommune.no",)


def test_the_reader_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKTASVAR_READER__MODEL", "")
    assert BotSettings.load().reader.model == ""


def test_a_misspelt_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKTASVAR_CORPSU", "x")
    with pytest.raises(ConfigError, match="'FAKTASVAR_CORPSU'") as caught:
        BotSettings.load()
    assert caught.value.say("nb") == (
        "Innstillingen 'FAKTASVAR_CORPSU' finnes ikke. Rett skrivemåten eller fjern den; docs/operations.md viser alle."
    )


def test_a_misspelt_nested_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKTASVAR_EMBEDDING__BATCHSIZE", "8")
    with pytest.raises(ConfigError, match=r"There is no setting 'embedding\.batchsize'"):
        BotSettings.load()


def test_a_misspelt_key_of_the_file_is_named() -> None:
    write('sprak = "nn"\n')
    with pytest.raises(ConfigError, match="There is no setting 'sprak'"):
        BotSettings.load()


def test_a_misspelt_nested_key_of_the_file_is_named() -> None:
    write("[passages]\nmaxchars = 900\n")
    with pytest.raises(ConfigError, match=r"There is no setting 'passages\.maxchars'"):
        BotSettings.load()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("FAKTASVAR_LANGUAGE", "sv", "'language'.*'sv'"),
        ("FAKTASVAR_EMBEDDING__BATCH_SIZE", "mange", r"'embedding\.batch_size'.*'mange'"),
        ("FAKTASVAR_EMBEDDING__BATCH_SIZE", "0", r"'embedding\.batch_size'.*'0'.*greater than or equal to 1"),
        ("FAKTASVAR_LEXICAL__B", "1.5", r"'lexical\.b'.*'1\.5'"),
        ("FAKTASVAR_WEB__PORT", "70000", r"'web\.port'.*'70000'"),
        ("FAKTASVAR_READER__PASSAGES", "101", r"'reader\.passages'.*'101'"),
        ("FAKTASVAR_READER__PRECISION", "float16", r"'reader\.precision'.*'float16'"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=said):
        BotSettings.load()


@pytest.mark.parametrize(("name", "value"), [("FAKTASVAR_WEB__ALLOWED_HOSTS", "fakta.no"), ("FAKTASVAR_EMBEDDING", "stor")])
def test_a_list_or_group_that_is_no_json_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=f"{name}.*{value}") as caught:
        BotSettings.load()
    assert caught.value.key == "setting_invalid"


def test_a_value_of_the_wrong_kind_in_the_file_is_named() -> None:
    write('embedding = "stor"\n')
    with pytest.raises(ConfigError, match=r"'embedding'.*'stor'"):
        BotSettings.load()


def test_a_file_that_is_no_toml_is_named() -> None:
    write("språk == nb\n")
    with pytest.raises(ConfigError, match=r"faktasvar\.toml is not valid TOML"):
        BotSettings.load()


def test_a_file_that_is_not_utf_8_is_named() -> None:
    Path("faktasvar.toml").write_bytes('data = "æøå"\n'.encode("latin-1"))
    with pytest.raises(ConfigError, match=r"faktasvar\.toml is not valid TOML"):
        BotSettings.load()


def test_an_env_file_is_left_alone() -> None:
    write("FAKTASVAR_LANGUAGE=nn\nFAKTASVAR_FEIL=1\nAPI_KEY=x\n", ".env")
    assert BotSettings.load().language == "nb"


def test_other_programs_variables_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "sv")
    monkeypatch.setenv("FAKTA_CORPUS", "x")
    assert BotSettings.load().language == "nb"


def test_settings_cannot_be_changed() -> None:
    settings = BotSettings.load()
    with pytest.raises(ValueError, match="frozen"):
        settings.language = "nn"  # type: ignore[misc]  # what is tried
    with pytest.raises(ValueError, match="frozen"):
        settings.web.port = 80  # type: ignore[misc]  # what is tried


@pytest.mark.parametrize("settings", [IngestSettings, BotSettings])
def test_every_setting_says_what_it_is(settings: type[IngestSettings]) -> None:
    for name, field in settings.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and hasattr(section, "model_fields"):
            assert [key for key, part in section.model_fields.items() if not part.description] == [], name
        else:
            assert field.description, name
