"""How far a font's glyphs move the pen, from the font's own dictionary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

NARROW, WIDE = frozenset("iljtfI.,:;'|!()[] /-"), frozenset("mwMW%@–—")
MAX_CODES = 70_000
"""Widths kept of one font. Source: a font has at most 65,536 glyphs, so more comes from a damaged or hostile file."""
BOLD_WEIGHT = 600
"""/FontWeight from which a font is bold. Source: ISO 32000-2, table 120 (400 normal, 700 bold)."""
ITALIC_FLAG, FORCE_BOLD_FLAG = 1 << 6, 1 << 18
"""Bits of /Flags. Source: ISO 32000-2, table 121."""
_BOLD_NAMES = ("bold", "black", "heavy", "semibold", "demi")
_ITALIC_NAMES = ("italic", "oblique")


def guessed_width(character: str) -> float:
    """Return about how wide a character is, in thousandths of the font size, where the font does not say."""
    if character in NARROW:
        return 280
    if character in WIDE:
        return 830
    return 670 if character.isupper() else 530


@dataclass(frozen=True)
class Glyphs:
    """One font.

    Attributes:
        bytes_per_code: 2 for composite fonts, else 1.
        widths: Width of each code, in thousandths of the font size.
        default: Width of the codes that are not among them; None where it has to be guessed from the character.
        bold: Whether the font is a bold one.
        italic: Whether the font is an italic one.
    """

    bytes_per_code: int = 1
    widths: Mapping[int, float] = field(default_factory=dict)
    default: float | None = None
    bold: bool = False
    italic: bool = False

    def codes(self, shown: bytes) -> Sequence[int]:
        """Return the codes in a shown string."""
        if self.bytes_per_code == 1:
            return shown
        return [shown[at] << 8 | shown[at + 1] for at in range(0, len(shown) - 1, 2)]

    def width(self, code: int) -> float:
        """Return the width of a code, in thousandths of the font size."""
        width = self.widths.get(code, self.default)
        return guessed_width(chr(code)) if width is None else width


def read_glyphs(font: Mapping[str, Any] | None) -> Glyphs:
    """Return what a font dictionary says; a damaged or missing one gives guessed widths."""
    if font is None:
        return Glyphs()
    name, flags, weight = str(font.get("/BaseFont", "")).lower(), 0, 0.0
    holder = font
    composite = font.get("/Subtype") == "/Type0"
    if composite:
        holder = _first(font.get("/DescendantFonts")) or {}
    descriptor = _resolved(holder.get("/FontDescriptor"))
    if isinstance(descriptor, Mapping):
        flags, weight = int(_number(descriptor.get("/Flags"))), _number(descriptor.get("/FontWeight"))
    bold = weight >= BOLD_WEIGHT or bool(flags & FORCE_BOLD_FLAG) or any(word in name for word in _BOLD_NAMES)
    italic = bool(flags & ITALIC_FLAG) or any(word in name for word in _ITALIC_NAMES)
    if composite:
        return Glyphs(2, _composite_widths(holder.get("/W")), _number(holder.get("/DW"), 1000), bold, italic)
    return Glyphs(1, _simple_widths(font), None, bold, italic)


def _simple_widths(font: Mapping[str, Any]) -> dict[int, float]:
    first, widths = int(_number(font.get("/FirstChar"))), _resolved(font.get("/Widths"))
    if not isinstance(widths, list):
        return {}
    # Of a Type 3 font the unit is its own; its widths are left to guessing.
    if font.get("/Subtype") == "/Type3":
        return {}
    return {first + at: _number(width) for at, width in enumerate(widths[:256])}


def _composite_widths(array: Any) -> dict[int, float]:  # whatever a file holds at /W
    items = _resolved(array)
    widths: dict[int, float] = {}
    at = 0
    while isinstance(items, list) and at + 1 < len(items) and len(widths) < MAX_CODES:
        first, second = int(_number(items[at])), _resolved(items[at + 1])
        if isinstance(second, list):
            widths.update((first + offset, _number(width)) for offset, width in enumerate(second))
            at += 2
            continue
        last = min(int(_number(second)), first + MAX_CODES - len(widths))
        width = _number(items[at + 2]) if at + 2 < len(items) else 0
        widths.update(dict.fromkeys(range(first, last + 1), width))
        at += 3
    return widths


def _resolved(value: Any) -> Any:  # an object of a file, of any type
    return value.get_object() if hasattr(value, "get_object") else value


def _first(array: Any) -> Mapping[str, Any] | None:
    items = _resolved(array)
    first = _resolved(items[0]) if isinstance(items, list) and items else None
    return first if isinstance(first, Mapping) else None


def _number(value: Any, default: float = 0) -> float:
    found = _resolved(value)
    return float(found) if isinstance(found, int | float) else default
