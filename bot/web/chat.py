"""A conversation on the page: what was said, and how a question becomes what is shown."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.answers import Answer, Turn
from bot.web.markup import notice_markdown, question_markdown
from bot.web.render import Shown, answer_markdown, answer_steps, panel_markdown
from ingest.errors import FaktasvarError
from ingest.texts import Language, say

if TYPE_CHECKING:
    from bot.service import Assistant
    from ingest.index import SourceRecord

MAX_EXCHANGES = 20
"""Kept of a conversation, so that an open page can't fill the server's memory."""

STEP_S = 0.06
"""Between two sentences of an answer: they are read as they come, and a long answer is whole within a second."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and what came of it.

    Attributes:
        number: Counts the questions of the conversation from 1.
        question: As it was asked.
        reply: Markdown of what is shown for it.
        answer: The answer; None as long as there is none.
    """

    number: int
    question: str
    reply: str = ""
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation; lives in the server's memory as long as the page is open, and nowhere else."""

    exchanges: tuple[Exchange, ...] = ()

    @property
    def history(self) -> list[Turn]:
        """What was said so far, as the assistant takes it."""
        turns: list[Turn] = []
        for exchange in self.exchanges:
            if exchange.answer:
                turns.append({"role": "user", "content": exchange.question})
                turns.append({"role": "assistant", "content": exchange.answer.answer})
        return turns

    @property
    def messages(self) -> list[Turn]:
        """What the page shows, as Markdown."""
        shown: list[Turn] = []
        for exchange in self.exchanges:
            shown.append({"role": "user", "content": question_markdown(exchange.question)})
            if exchange.reply:
                shown.append({"role": "assistant", "content": exchange.reply})
        return shown

    def panel(self, language: Language, records: Mapping[str, SourceRecord]) -> str:
        """Return the source panel's Markdown."""
        answers = [Shown(exchange.answer, exchange.number) for exchange in self.exchanges if exchange.answer]
        return panel_markdown(answers, language, records)

    def asked(self, question: str) -> Chat:
        """Return the conversation with one more question."""
        number = self.exchanges[-1].number + 1 if self.exchanges else 1
        return Chat((*self.exchanges, Exchange(number, question))[-MAX_EXCHANGES:])

    def replied(self, reply: str, answer: Answer | None = None) -> Chat:
        """Return the conversation with the last question's reply."""
        return Chat((*self.exchanges[:-1], replace(self.exchanges[-1], reply=reply, answer=answer)))

    def stopped(self, language: Language) -> Chat:
        """Return the conversation after the last question was called off; nothing changes if it has its answer."""
        if not self.exchanges or self.exchanges[-1].answer:
            return self
        return self.replied(notice_markdown(say("bot", "web.stopped", language)))


def converse(assistant: Assistant, chat: Chat, question: str, language: Language) -> Iterator[Chat]:
    """Yield the conversation as it grows: the question, what goes on, the answer sentence by sentence.

    Args:
        assistant: Answers.
        chat: What was said so far.
        question: As it was typed.
        language: Of the page; an answer is in the asker's own.

    Yields:
        The conversation; only the last one holds the answer or, if something went wrong, a sentence that says so.
    """
    history = chat.history
    chat = chat.asked(question)
    yield chat.replied(notice_markdown(say("bot", "web.searching", language)))
    try:
        for event in assistant.stream(question, history):
            if isinstance(event, int):
                yield chat.replied(notice_markdown(say("bot", "web.found", language, count=event)))
            else:
                yield from _told(chat, event)
    except FaktasvarError as error:
        _log.error("no answer: %s (%s)", type(error).__name__, error.key)
        yield chat.replied(notice_markdown(error.say(language)))
    except Exception as error:
        # The traceback tells where; the error's own text might hold the question, which no log may.
        _log.exception("no answer", exc_info=_without_text(error))
        yield chat.replied(notice_markdown(say("bot", "web.failed", language)))


def _told(chat: Chat, answer: Answer) -> Iterator[Chat]:
    number = chat.exchanges[-1].number
    for step in answer_steps(answer, answer.language, number):
        yield chat.replied(step)
        time.sleep(STEP_S)
    yield chat.replied(answer_markdown(answer, answer.language, number), answer)


def _without_text(error: Exception) -> Exception:
    return RuntimeError(type(error).__name__).with_traceback(error.__traceback__)
