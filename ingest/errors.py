"""What can go wrong while documents become an index.

    FaktasvarError
    ├── ConfigError              settings that can't be used
    ├── CatalogueError           sources.toml says something that can't be so
    ├── DocumentError            one file can't be read; the rest goes on
    │   ├── UnreadableError          damaged, encrypted, not what its name says
    │   ├── EmptyDocumentError       no text in it
    │   ├── UnsupportedFormatError   no reader for this kind of file
    │   ├── FetchedError             what was fetched of it is damaged
    │   ├── ReadingStoppedError      its reading went above a limit or broke down
    │   └── NoteError                one statement of a note can't be used; the others can
    ├── FetchError               one address gave no document; the rest goes on
    ├── AddError                 a document can't be put into the catalogue, or taken out of it
    ├── VersionError             there is no such version to compare
    ├── ModelError               a model is missing, is another than it must be, or can't be loaded
    ├── IngestBusyError          another ingest, fetch or change of the catalogue holds the lock
    └── IndexStateError          there is no index that can be used
        ├── IndexMissingError        none has been built
        ├── IndexMismatchError       built by another model, schema or settings
        └── IndexDamagedError        fails its own verification

`str(error)` is English, for logs; `error.say("nb")` is the sentence a person reads.
"""

from __future__ import annotations

from ingest.texts import Language, say


class FaktasvarError(Exception):
    """Base of every error this project raises on purpose.

    Attributes:
        key: Which text of `locale/` says it, without the leading `error.`.
        values: What the text is filled in with.
    """

    package = "ingest"

    def __init__(self, key: str, /, **values: object) -> None:
        """Take the text's key and its values; both are kept, so that the error can be said in any language."""
        self.key = key
        self.values = values
        super().__init__(self.say("en"))

    def say(self, language: Language) -> str:
        """Return the whole sentence in `language`."""
        return say(self.package, f"error.{self.key}", language, **self.values)


class ConfigError(FaktasvarError):
    """A setting is unknown or its value can't be used."""


class CatalogueError(FaktasvarError):
    """The catalogue is wrong: the text names the entry, the key and the mend."""


class DocumentError(FaktasvarError):
    """One document can't be used; the others can."""


class UnreadableError(DocumentError):
    """The file is damaged, encrypted or not what its name says."""


class EmptyDocumentError(DocumentError):
    """The file was read and holds no text."""


class UnsupportedFormatError(DocumentError):
    """There is no reader for this kind of file."""


class FetchedError(DocumentError):
    """What was fetched of a source is damaged."""


class FetchError(FaktasvarError):
    """One address gave no document; the others may."""


class AddError(FaktasvarError):
    """A document can't be put into the catalogue, or taken out of it."""


class VersionError(FaktasvarError):
    """There is no such version to compare."""


class ReadingStoppedError(DocumentError):
    """The process that read the file went above a limit, broke down, or said what can't be used."""


class NoteError(DocumentError):
    """One statement of a note can't be used, or the note has none: the text names the line and what to write."""


class ModelError(FaktasvarError):
    """A model is missing, is another than it must be, or can't be loaded."""


class IngestBusyError(FaktasvarError):
    """Another ingest, fetch or change of the catalogue is running."""


class IndexStateError(FaktasvarError):
    """There is no index that can be used."""


class IndexMissingError(IndexStateError):
    """No index has been built."""


class IndexMismatchError(IndexStateError):
    """The index was built with another model, schema or settings."""


class IndexDamagedError(IndexStateError):
    """The index fails its own verification."""
