"""The page itself. The only module that imports gradio; call `bot.offline.go_offline()` before importing it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import gradio as gr
from fastapi import FastAPI

from bot.service import Assistant
from bot.settings import BotSettings
from bot.web.chat import Chat, converse
from bot.web.markup import escape
from bot.web.render import searched_markdown
from ingest.texts import Language, say

_EXAMPLES = ("example_1", "example_2", "example_3", "example_4")
_SESSIONS = 1000
"""Conversations kept in memory at a time; the oldest goes first."""

_TIDY_S = (3600, 3600)
"""How often Gradio empties its temporary folder, and of files how old. Nothing should be in it: uploads are closed."""


def build_page(assistant: Assistant, language: Language, settings: BotSettings) -> gr.Blocks:
    """Build the page.

    Args:
        assistant: Answers the questions.
        language: Of the page.
        settings: Limits of the question, the queue and how many are answered at a time.
    """
    # Gradio would make links, maths and HTML of what it is given; render.py alone decides what is markup.
    plain: dict[str, Any] = {"latex_delimiters": [], "sanitize_html": True}
    page: gr.Blocks = gr.Blocks(title=_say("title", language), analytics_enabled=False, delete_cache=_TIDY_S, fill_width=True)
    with page:
        chat = gr.State(Chat())
        gr.Markdown(_heading(language), elem_id="fs-heading", **plain)
        # A function, since the index may have changed when the page is opened again.
        gr.Markdown(lambda: searched_markdown(assistant.sources, language), elem_id="fs-searched", **plain)
        with gr.Row(elem_id="fs-columns"):
            with gr.Column(elem_id="fs-left", min_width=0):
                gr.Markdown(f"<h2>{escape(_say('chat', language))}</h2>", elem_classes="fs-title", **plain)
                talk = gr.Chatbot(
                    elem_id="fs-chat",
                    show_label=False,
                    label=_say("chat", language),
                    placeholder=f'<p class="fs-status">{escape(_say("chat_empty", language))}</p>',
                    height=None,
                    autoscroll=False,  # page.js scrolls to the question instead of the answer's end.
                    buttons=[],
                    feedback_options=None,
                    allow_file_downloads=False,
                    **plain,
                )
                box, send, stop, new = _question(language, settings)
                _examples(box, language, settings.web.examples)
            with gr.Column(elem_id="fs-right", min_width=0):
                gr.Markdown(f"<h2>{escape(_say('sources', language))}</h2>", elem_classes="fs-title", **plain)
                panel = gr.Markdown(Chat().panel(language, {}), elem_id="fs-panel", **plain)
        _wire(assistant, language, settings, (chat, talk, box, send, stop, new, panel))
    page.queue(max_size=settings.web.max_queue, default_concurrency_limit=settings.web.concurrency, api_open=False)
    page.state_session_capacity = _SESSIONS
    return page


def mount_page(app: FastAPI, page: gr.Blocks, settings: BotSettings) -> FastAPI:
    """Mount the page at the root of `app`, with everything of Gradio's that it does not use switched off."""
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        page,
        path="/",
        server_name=settings.web.host,
        server_port=settings.web.port,
        footer_links=[],
        run_history=False,
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
        show_error=False,
        max_file_size=settings.web.max_body_bytes,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
    )
    return mounted


def _say(key: str, language: Language) -> str:
    return say("bot", f"web.{key}", language)


def _heading(language: Language) -> str:
    notice = f"{escape(_say('notice', language))} <strong>{escape(_say('notice_personal', language))}</strong>"
    return (
        f'<h1>{escape(_say("title", language))}</h1><p class="fs-tagline">{escape(_say("tagline", language))}</p>'
        f'<p class="fs-notice">{notice}</p>'
    )


def _question(language: Language, settings: BotSettings) -> tuple[gr.Textbox, gr.Button, gr.Button, gr.Button]:
    box = gr.Textbox(
        label=_say("question", language),
        lines=1,
        max_lines=6,
        max_length=settings.answering.max_question_chars,
        elem_id="fs-box",
        html_attributes=gr.InputHTMLAttributes(autocomplete="off", enterkeyhint="send"),
    )
    with gr.Row(elem_id="fs-buttons"):
        send = gr.Button(_say("send", language), variant="primary", min_width=96, elem_id="fs-send")
        stop = gr.Button(_say("stop", language), min_width=96, interactive=False, elem_id="fs-stop")
        new = gr.Button(_say("new", language), min_width=96, elem_id="fs-new")
    return box, send, stop, new


def _examples(box: gr.Textbox, language: Language, chosen: tuple[str, ...]) -> None:
    """Examples fill the box and send nothing, so that they can be changed first."""
    gr.Markdown(f'<p class="fs-examples-title">{escape(_say("examples", language))}</p>', latex_delimiters=[])
    with gr.Row(elem_id="fs-examples"):
        for example in chosen or tuple(_say(key, language) for key in _EXAMPLES):
            button = gr.Button(example, size="sm", min_width=0, elem_classes="fs-example")
            button.click(_filling(example), None, box, queue=False, api_visibility="private")


def _filling(text: str) -> Any:
    def fill() -> str:
        return text

    return fill


def _wire(assistant: Assistant, language: Language, settings: BotSettings, parts: tuple[Any, ...]) -> None:
    chat, talk, box, send, stop, new, panel = parts
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}

    async def ask(question: str, so_far: Chat) -> AsyncIterator[tuple[Any, ...]]:
        if not question.strip():
            yield (gr.skip(),) * 5
            return
        steps = converse(assistant, so_far, question, language)
        # In a thread, a step at a time: Gradio calls off a plain generator only when its step is done, however slow.
        while now := await asyncio.to_thread(next, steps, None):
            yield now, now.messages, "", gr.Button(interactive=True), gr.skip()
            so_far = now
        records = {record.id: record for record in assistant.sources}
        yield so_far, so_far.messages, gr.skip(), gr.Button(interactive=False), so_far.panel(language, records)

    def halt(so_far: Chat) -> tuple[Any, ...]:
        now = so_far.stopped(language)
        return now, now.messages, gr.Button(interactive=False)

    def empty() -> tuple[Any, ...]:
        return Chat(), [], "", gr.Button(interactive=False), Chat().panel(language, {})

    outputs = [chat, talk, box, stop, panel]
    asking = gr.on(
        [box.submit, send.click],
        ask,
        [box, chat],
        outputs,
        concurrency_limit=settings.web.concurrency,
        trigger_mode="once",
        **quiet,
    )
    stop.click(halt, chat, [chat, talk, stop], cancels=[asking], queue=False, **quiet)
    new.click(empty, None, outputs, cancels=[asking], queue=False, **quiet)
