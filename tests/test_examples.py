"""The questions that the page offers as examples are answered: they are the first thing that a newcomer tries."""

from __future__ import annotations

import pytest

from bot.service import Assistant
from ingest.texts import LANGUAGES, Language, say


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_an_example_is_answered_in_its_own_language(knowing: Assistant, language: Language, number: int) -> None:
    answer = knowing.ask(say("bot", f"web.example_{number}", language))
    assert answer.answered
    # «Har kommunen plikt til å bli med?» is the same in bokmål and nynorsk.
    assert answer.language == language or (language, number) == ("nn", 3)
