"""Which statements of notes speak of which sentences of the documents that they are related to.

A note says that a statement replaces, contradicts or qualifies a whole document. Which of its sentences is meant is found
by likeness, once for a generation, so that a sentence can be shown with what has become of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.likeness import Likeness
from ingest.index import Generation

CHANGING = frozenset({"erstatter", "motsier", "presiserer"})
"""Relations after which the earlier words must not stand alone."""

LEAST = 0.65
"""Likeness from which a statement speaks of a sentence. Source: the notes that come with the project, read one by one."""

BEHIND = 0.06
"""How far behind the most alike sentence others may lie that the statement speaks of too. Source: the same."""

_MOST = 3
"""Sentences that one statement speaks of."""


@dataclass(frozen=True, slots=True)
class Link:
    """A statement, the sentence that it speaks of, and how alike they are; both by their place in the generation."""

    statement: int
    sentence: int
    strength: float


@dataclass(frozen=True)
class Links:
    """All links of a generation."""

    links: tuple[Link, ...] = ()

    @cached_property
    def of_statement(self) -> Mapping[int, tuple[Link, ...]]:
        """The links of each statement, the strongest first."""
        return _grouped(self.links, [link.statement for link in self.links])

    @cached_property
    def of_sentence(self) -> Mapping[int, tuple[Link, ...]]:
        """The links of each sentence that statements speak of, the strongest first."""
        return _grouped(self.links, [link.sentence for link in self.links])

    def kin(self, number: int) -> frozenset[int]:
        """Return what is known to speak of the same as a sentence, itself included."""
        sentences = {number} | {link.sentence for link in self.of_statement.get(number, ())}
        return frozenset(sentences | {link.statement for one in sentences for link in self.of_sentence.get(one, ())})


def _grouped(links: Sequence[Link], keys: Sequence[int]) -> dict[int, tuple[Link, ...]]:
    groups: dict[int, list[Link]] = {}
    for link, key in zip(links, keys, strict=True):
        groups.setdefault(key, []).append(link)
    return {key: tuple(sorted(group, key=lambda link: -link.strength)) for key, group in groups.items()}


def find_links(generation: Generation, likeness: Likeness) -> Links:
    """Find the sentences that the statements of a generation's notes speak of."""
    statements: dict[str, list[int]] = {}
    for number, (passage, _) in enumerate(generation.sentences):
        origin = generation.passages[passage].origin
        relation = origin.relation if origin is not None else None
        if relation is not None and relation.kind in CHANGING:
            statements.setdefault(relation.source, []).append(number)
    return Links(
        tuple(
            link
            for source, numbers in statements.items()
            for number, nearest in zip(numbers, likeness.nearest(numbers, _sentences_of(generation, source)), strict=True)
            for link in _links(number, nearest)
        )
    )


def _links(statement: int, nearest: Sequence[tuple[float, int]]) -> list[Link]:
    best = nearest[0][0] if nearest else 0.0
    return [
        Link(statement, sentence, strength)
        for strength, sentence in nearest[:_MOST]
        if strength >= LEAST and best - strength <= BEHIND
    ]


def _sentences_of(generation: Generation, source: str) -> list[int]:
    """Return the sentences of a source that can be replaced or contradicted: those that end as statements do."""
    found = []
    for number, (place, at) in enumerate(generation.sentences):
        passage = generation.passages[place]
        sentence = passage.sentences[at]
        if passage.source == source and (sentence.item or passage.quote(sentence).endswith((".", "!"))):
            found.append(number)
    return found
