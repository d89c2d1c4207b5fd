"""Text as HTML inside Markdown, of which nothing means anything to HTML, Markdown or LaTeX."""

from __future__ import annotations

import re

_UNSHOWN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
"""Control characters, and those that hide text or turn its direction: a reader must see what is there."""

_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
"""All ASCII that is neither letter, digit nor space: whatever Markdown, HTML or LaTeX can start with is in here."""

_LINE_BREAKS = re.compile(r"\s*[\n\r\u2028\u2029]\s*")


def escape(text: str) -> str:
    """Return text as HTML that shows it word for word, on one line, and means nothing to Markdown, HTML or LaTeX."""
    lines = _LINE_BREAKS.split(_UNSHOWN.sub("", text).strip())
    return "<br>".join(_PUNCTUATION.sub(_entity, " ".join(line.split())) for line in lines)


def _entity(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"


def question_markdown(question: str) -> str:
    """Return what was asked, as the conversation shows it."""
    return f'<p class="fs-asked">{escape(question)}</p>'


def notice_markdown(text: str) -> str:
    """Return a short message of our own: that something is going on, was stopped or failed."""
    return f'<p class="fs-status">{escape(text)}</p>'
