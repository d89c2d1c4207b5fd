"""Text of pages that are pictures, recognised by tesseract where it is installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ingest.reading.layout import Page
from ingest.reading.ocr.pieces import WORST_PAGE, Recognised, body_size, page_of, parse
from ingest.reading.ocr.rendering import Picture, pictures
from ingest.reading.ocr.tesseract import Tesseract, TesseractError, find

__all__ = ["Recognition", "recognise"]


@dataclass(frozen=True, slots=True)
class Recognition:
    """What was recognised in some pages of a file.

    Attributes:
        pages: Those that hold text, as the layout takes them, by number.
        confidences: Mean confidence of each of them, in [0, 1].
        unread: Those on which something stands that could not be recognised.
        missing: The package that must be installed first; empty if none.
        name: What recognised them; empty if nothing could.
    """

    pages: Mapping[int, Page] = field(default_factory=dict)
    confidences: Mapping[int, float] = field(default_factory=dict)
    unread: tuple[int, ...] = ()
    missing: str = ""
    name: str = ""


def recognise(data: bytes, pages: Sequence[Page], begun: Callable[[int], None]) -> Recognition:
    """Recognise pages of a PDF file.

    Args:
        data: The file.
        pages: The pages without text: their number, label and size.
        begun: Called before each page with the number of pages begun.
    """
    tesseract, missing = find()
    if tesseract is None:
        return Recognition(unread=tuple(page.number for page in pages), missing=missing)
    found: dict[int, Recognised] = {}
    unread: list[int] = []
    known = {page.number: page for page in pages}
    begun(1)
    for count, (number, picture) in enumerate(pictures(data, list(known)), start=2):
        if picture is None or not picture.is_blank:
            page = _recognised(tesseract, picture, known[number]) if picture is not None else None
            if page is not None:
                found[number] = page
            else:
                unread.append(number)
        begun(min(count, len(pages)))
    body = body_size(found.values())
    return Recognition(
        pages={number: page_of(page, number, known[number].label, body) for number, page in found.items()},
        confidences={number: round(page.confidence, 3) for number, page in found.items()},
        unread=tuple(unread),
        name=tesseract.name,
    )


def _recognised(tesseract: Tesseract, picture: Picture, page: Page) -> Recognised | None:
    """Return what stands on a page, or None if it can't be read."""
    try:
        words = parse(tesseract.words(picture))
    except TesseractError:
        return None
    found = Recognised(words, picture.scale, (page.width, page.height))
    return found if words and found.confidence >= WORST_PAGE else None
