"""The bot's settings, beside those that decide what the index holds."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ingest.settings import IngestSettings, Section

Precision = Literal["auto", "float32", "bfloat16"]


class RetrievalSettings(Section):
    """How passages are found."""

    candidates: int = Field(40, ge=5, le=500, description="Passages, and sentences, taken from each ranking.")
    rank_constant: int = Field(60, ge=1, le=1000, description="Of reciprocal rank fusion. Source: Cormack et al. 2009, k = 60.")


class ReaderSettings(Section):
    """How the passages that were found are read."""

    model: str = Field(
        "faktasvar-reader", description="The project's own, a folder with another, or empty for none: nearness then decides."
    )
    passages: int = Field(
        16,
        ge=1,
        le=100,
        description="Passages read for one question at most, the most promising first; fewer if they answer it.",
    )
    budget_ms: int = Field(
        4000,
        ge=1,
        le=600_000,
        description="Milliseconds after which no more passages are begun: a limit for slow machines, not met on others.",
    )
    precision: Precision = Field(
        "auto", description="What is computed with; auto is bfloat16 where the processor has matrix tiles for it, else float32."
    )


class AnsweringSettings(Section):
    """When and how an answer is given."""

    max_question_chars: int = Field(2000, ge=50, le=20_000, description="A longer question is not searched.")


class WebSettings(Section):
    """The web page and its limits."""

    host: str = Field("127.0.0.1", description="Address to listen on; the default reaches no other machine.")
    port: int = Field(7860, ge=1, le=65535, description="Port to listen on.")
    allowed_hosts: tuple[str, ...] = Field(
        ("127.0.0.1", "localhost", "[::1]"),
        description="Host names that requests may name; others are refused (DNS rebinding).",
    )
    max_body_bytes: int = Field(65_536, ge=4096, le=1_048_576, description="Largest request body.")
    max_queue: int = Field(20, ge=1, le=1000, description="Questions that may wait; more are told to try again.")
    max_connections: int = Field(500, ge=10, le=100_000, description="Connections at a time; an open page holds two.")
    examples: tuple[str, ...] = Field((), max_length=8, description="Example questions; empty for those of the first corpus.")
    concurrency: int = Field(2, ge=1, le=64, description="Questions answered at a time.")


class BotSettings(IngestSettings):
    """Everything."""

    retrieval: RetrievalSettings = RetrievalSettings()
    reader: ReaderSettings = ReaderSettings()
    answering: AnsweringSettings = AnsweringSettings()
    web: WebSettings = WebSettings()
