"""Gradio's HTML document, made ours: its language, its labels, our style and script, and nobody else's addresses."""

from __future__ import annotations

import base64
import hashlib
import re
from html import escape

from ingest.texts import Language, say

_GRADIO_LOCALE: dict[Language, tuple[str, str]] = {"nb": ("nb-NO", "nb"), "nn": ("nb-NO", "nb"), "en": ("en-GB", "en")}
"""What Gradio is told the browser speaks; it has bokmål, but no nynorsk."""

_FOREIGN = re.compile(r'<meta\s[^>]*?(?:property="og:|name="twitter:)[^>]*?>|<link rel="manifest"[^>]*>|<base\s[^>]*>')
_INLINE_SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)


def localised(html: str, language: Language) -> str:
    """Return Gradio's document in our language, with our style and script.

    Gradio writes `lang="en"` and takes its labels' language from the browser. Our script, which runs first, answers for
    the browser, so that everyone gets the page in the language of the settings.
    """
    tags = " ".join(
        f'data-{name}="{escape(value)}"'
        for name, value in (
            ("locales", " ".join(_GRADIO_LOCALE[language])),
            ("lang", language),
            ("chat", say("bot", "web.chat", language)),
            ("user", say("bot", "web.asked_by", language)),
            ("bot", say("bot", "web.answered_by", language)),
            ("error", say("bot", "web.error", language)),
            ("lost", say("bot", "web.connection_lost", language)),
            ("close", say("bot", "web.close", language)),
        )
    )
    head = f'<head><script src="/fs/page.js" {tags}></script><link rel="stylesheet" href="/fs/page.css">'
    return _FOREIGN.sub("", html).replace('lang="en"', f'lang="{language}"', 1).replace("<head>", head, 1)


def script_hashes(html: str) -> tuple[str, ...]:
    """Return the CSP sources of a document's inline scripts, so that no other inline script runs.

    Source: W3C, Content Security Policy Level 3, hash-source.
    """
    return tuple(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in _INLINE_SCRIPT.findall(html)
    )
