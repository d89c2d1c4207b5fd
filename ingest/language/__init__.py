"""Norwegian text: sentences, search terms, language form."""

from ingest.language.form import language_of
from ingest.language.sentences import Span, sentence_spans
from ingest.language.terms import terms, tokens

__all__ = ["Span", "language_of", "sentence_spans", "terms", "tokens"]
