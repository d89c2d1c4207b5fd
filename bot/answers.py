"""What comes back for a question: the answer, where each part of it stands, and what was found on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypedDict

from ingest.documents import Origin
from ingest.passages import Passage
from ingest.texts import Language

Status = Literal["svar", "ikke_i_kildene", "presisering"]
NoteKind = Literal["nyere_kilde", "motstrid", "presiserer", "eldre_kilde", "alder", "ocr", "samme_tekst"]

MAX_ANSWER_CHARS = 700
MAX_CITATIONS = 5
MAX_RETRIEVED = 10


class Turn(TypedDict):
    """One turn of a conversation, as chat models have it."""

    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote and where it stands.

    Attributes:
        quote: The source's own words: `text[start:end]` of the source's text.
        source: Id of the source.
        title: Of the source; for a statement in a note, of what it was taken from, and that the wording is ours.
        section: The headings it stands under, joined by « › »; empty if none.
        page: Page of the file, counted from 1, or None.
        page_label: What is printed on that page; empty if nothing.
        dated: The source's date, YYYY-MM-DD; as written where the origin of a statement in a note is not dated to the day.
        url: Where the source can be read; empty if nowhere.
        start: The quote's first character in the source's text.
        end: One past its last.
        passage: The passage it stands in, to be shown around it.
        span: The few words within the quote that answer, as places in the source's text; None if none stand out.
        recognised: Mean confidence in [0, 1] if its page was read from a picture; None if it has text of its own.
        origin: What a statement in a note was taken from; None for the words of a document itself.
    """

    quote: str
    source: str
    title: str
    section: str
    page: int | None
    page_label: str
    dated: str
    url: str
    start: int
    end: int
    passage: Passage
    span: tuple[int, int] | None = None
    recognised: float | None = None
    origin: Origin | None = None

    def as_record(self) -> dict[str, object]:
        """Return the citation as the JSON output has it."""
        names = ("quote", "source", "title", "section", "page", "page_label", "dated", "url", "start", "end")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class Note:
    """Something that must be known beside the answer: its age, a newer source, one that disagrees, a page read by machine."""

    kind: NoteKind
    text: str
    citation: Citation | None = None

    def as_record(self) -> dict[str, object]:
        """Return the note as the JSON output has it."""
        return {
            "kind": self.kind,
            "text": self.text,
            "citation": self.citation.as_record() if self.citation else None,
        }


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A passage that was found, with its rank score in [0, 1]; only the order of scores means anything."""

    source: str
    section: str
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question.

    Attributes:
        question: As it was asked.
        asked: The stand-alone question that was searched for; differs from `question` for a follow-up.
        answered: Whether the sources answer it.
        answer: What is said, at most `MAX_ANSWER_CHARS` characters.
        status: What kind of reply it is; `presisering` asks for a question that can be searched.
        citations: Where it stands, at most `MAX_CITATIONS`; without an answer, the nearest that was found.
        notes: What must be known beside it.
        retrieved: Passages found, best first, at most `MAX_RETRIEVED`.
        confidence: Estimated chance that the citations answer the question, in [0, 1].
        language: The asker's language form, in which our own words are.
        generated: Whether a language model wrote any of `answer`.
        generation: Name of the index generation that was searched.
        elapsed_ms: From question to answer, in milliseconds.
    """

    question: str
    asked: str
    answered: bool
    answer: str
    status: Status
    language: Language
    generation: str
    citations: tuple[Citation, ...] = ()
    notes: tuple[Note, ...] = ()
    retrieved: tuple[Retrieved, ...] = field(default=(), repr=False)
    confidence: float = 0.0
    generated: bool = False
    elapsed_ms: float = 0.0

    def as_record(self, identifier: str | None = None) -> dict[str, object]:
        """Return the answer as the JSON output has it, with an `id` where a batch gave one."""
        record: dict[str, object] = {"id": identifier} if identifier is not None else {}
        return record | {
            "question": self.question,
            "answered": self.answered,
            "answer": self.answer,
            "status": self.status,
            "citations": [citation.as_record() for citation in self.citations],
            "notes": [note.as_record() for note in self.notes],
            "retrieved": [
                {"source": hit.source, "section": hit.section, "text": hit.text, "score": round(hit.score, 4)}
                for hit in self.retrieved
            ],
            "confidence": round(self.confidence, 4),
            "language": self.language,
            "generated": self.generated,
            "generation": self.generation,
            "elapsed_ms": round(self.elapsed_ms, 1),
        }
