"""Which documents the models were trained or fitted on, so that the figures of any file leave them out.

    python -m training.seen --passages P.jsonl --annotations A.jsonl

To be run with the data of a training run that is taken into use. A document of another file may well be on the side
`train` by its name, and yet be one that no model has seen.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path

from training.data import Annotated, read_annotated

FILE = Path(__file__).with_name("data") / "seen.txt"
_DIGITS = 12
"""Of each digest: with some thousand documents, one other in three hundred thousand million is taken for one of them."""


def digest(document: str) -> str:
    """Return what stands for a document: most of them are other people's, and their names lie outside the repository."""
    return sha256(document.encode()).hexdigest()[:_DIGITS]


@cache
def digests() -> frozenset[str]:
    """Return the digests of the documents that the models in `models/` were trained or fitted on."""
    return frozenset(FILE.read_text(encoding="ascii").split())


def was_seen(document: str) -> bool:
    """Tell whether the models in `models/` were trained or fitted on a document."""
    return digest(document) in digests()


def lines(annotated: Iterable[Annotated]) -> str:
    """Return the file's content: the digests of all documents that are not on side `test`."""
    return "".join(f"{one}\n" for one in sorted({digest(one.document) for one in annotated if one.side != "test"}))


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=Path, required=True, help="texts, JSON lines")
    parser.add_argument("--annotations", type=Path, required=True, help="what was written for them, JSON lines")
    arguments = parser.parse_args()
    FILE.write_text(lines(read_annotated(arguments.passages, arguments.annotations)), encoding="ascii")


if __name__ == "__main__":
    main()
