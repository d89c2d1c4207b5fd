"""What can go wrong while a question becomes an answer; the index's own errors are in `ingest.errors`."""

from __future__ import annotations

from ingest.errors import FaktasvarError


class BotError(FaktasvarError):
    """Base of the bot's errors; their texts are in the bot's `locale/`."""

    package = "bot"


class BatchError(BotError):
    """A batch file can't be read, or a line of it is no question."""


class PortTakenError(BotError):
    """The address to serve on is in use or can't be used."""
