"""Question or claim beside a passage: does it answer, with which words, and does it bear a claim out."""

from bot.reader.reader import ENOUGH, Reader, open_reader
from bot.reader.reading import Reading
from bot.reader.spans import UNREAD, best_span, best_spans, sentence_evidence

__all__ = ["ENOUGH", "UNREAD", "Reader", "Reading", "best_span", "best_spans", "open_reader", "sentence_evidence"]
