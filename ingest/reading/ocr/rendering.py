"""Pages as pictures, by pypdfium2: the only module that imports it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

DPI = 300
"""Dots per inch of a rendered page. Source: docs/evaluation.md, «Scanned pages»."""

MAX_PIXELS = 25_000_000
"""Pixels of a rendered page. Source: A3 at 300 dpi has 17 million; a larger page is rendered more coarsely."""

BLANK = 245
"""Lightest grey that counts as ink, of 255. A page without any is blank, and nothing is missing if it has no text."""

_PAPER = bytes(range(BLANK + 1, 256))


@dataclass(frozen=True, slots=True)
class Picture:
    """A rendered page.

    Attributes:
        width: In pixels.
        height: In pixels.
        grey: One byte a pixel, row by row from the top.
        scale: Pixels a point.
    """

    width: int
    height: int
    grey: bytes
    scale: float

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands on it."""
        return not self.grey.translate(None, _PAPER)

    def pnm(self) -> bytes:
        """Return it as a PGM file, whose form is that of https://netpbm.sourceforge.net/doc/pgm.html."""
        return b"P5 %d %d 255\n" % (self.width, self.height) + self.grey


def pictures(data: bytes, pages: Sequence[int]) -> Iterator[tuple[int, Picture | None]]:
    """Yield pages of a PDF file as pictures, each with its number; None for one that can't be rendered.

    Args:
        data: The file.
        pages: Numbers of the pages, counted from 1.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        yield from ((number, None) for number in pages)
        return
    try:
        for number in pages:
            try:
                picture = _picture(document[number - 1])
            except (pypdfium2.PdfiumError, IndexError, ValueError):
                picture = None
            yield number, picture
    finally:
        document.close()


def _picture(page: object) -> Picture:
    width, height = page.get_size()  # type: ignore[attr-defined]  # pypdfium2 ships no types
    scale = min(DPI / 72, sqrt(MAX_PIXELS / max(width * height, 1)))
    bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=False)  # type: ignore[attr-defined]
    try:
        rows, stride = bytes(bitmap.buffer), bitmap.stride
        if stride != bitmap.width:
            rows = b"".join(rows[at * stride : at * stride + bitmap.width] for at in range(bitmap.height))
        return Picture(bitmap.width, bitmap.height, rows, scale)
    finally:
        bitmap.close()
        page.close()  # type: ignore[attr-defined]
