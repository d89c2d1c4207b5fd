"""What a Word document's XML says, as blocks; knows nothing of the file it came from."""

from ingest.reading.word.numbering import Numbering
from ingest.reading.word.story import Story
from ingest.reading.word.styles import Styles
from ingest.reading.word.walk import Notes, Walk
from ingest.reading.word.xml import Element

__all__ = ["Element", "Notes", "Numbering", "Story", "Styles", "Walk"]
