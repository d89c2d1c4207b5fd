"""From pieces of text placed on pages to blocks in reading order; knows nothing of the file they come from."""

from ingest.reading.layout.blocks import blocks_of
from ingest.reading.layout.furniture import is_contents_title, is_entry, same_title
from ingest.reading.layout.glyphs import Glyphs, read_glyphs
from ingest.reading.layout.headings import Bookmark
from ingest.reading.layout.lines import Area, Page, Piece
from ingest.reading.layout.lists import Marker, counted, levels, parse_marker

__all__ = [
    "Area", "Bookmark", "Glyphs", "Marker", "Page", "Piece", "blocks_of", "counted", "is_contents_title", "is_entry", "levels",
    "parse_marker", "read_glyphs", "same_title",
]  # fmt: skip
