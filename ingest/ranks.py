"""What sorts of document there are, and which of two weighs more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

Kind = Literal[
    "lov", "vedtak", "avtale", "plan", "saksframlegg", "rapport", "faktaark", "svar", "notat", "nettside", "nyhet", "film",
    "annet",
]  # fmt: skip

KINDS: tuple[Kind, ...] = (
    "lov", "vedtak", "avtale", "plan", "saksframlegg", "rapport", "faktaark", "svar", "notat", "nettside", "nyhet", "film",
    "annet",
)  # fmt: skip
"""The weightiest first: what binds, what was decided on, what was laid before those who decide, what informs."""


def rank(kind: Kind, order: Sequence[Kind] = KINDS) -> int:
    """Return a kind's place in an order: 0 for the weightiest. What the order leaves out comes after it, as in `KINDS`."""
    whole = (*order, *(one for one in KINDS if one not in order))
    return whole.index(kind)
