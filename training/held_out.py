"""Write the documents that nothing was trained or fitted on as a corpus of their own, with a gold file.

    python -m training.held_out FOLDER [--passages P.jsonl --annotations A.jsonl]
    FAKTASVAR_CORPUS=FOLDER FAKTASVAR_DATA=FOLDER/data faktasvar ingest
    FAKTASVAR_CORPUS=FOLDER FAKTASVAR_DATA=FOLDER/data faktasvar evaluate FOLDER/gold.jsonl

The questions of the fact sheet were in view while the rules were chosen; these were not.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from training.data import Annotated, Note, catalogue_entry, read_annotated


def main() -> None:
    """Write `sources.toml`, one Markdown file a document, and `gold.jsonl`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--passages", type=Path, default=Path("training/data/passages.jsonl"))
    parser.add_argument("--annotations", type=Path, default=Path("training/data/annotations.jsonl"))
    arguments = parser.parse_args()
    folder: Path = arguments.folder
    folder.mkdir(parents=True)
    documents: dict[str, list[Annotated]] = {}
    for one in read_annotated(arguments.passages, arguments.annotations):
        if one.side == "test":
            documents.setdefault(one.document, []).append(one)
    entries, gold = [], []
    for number, (title, parts) in enumerate(documents.items(), start=1):
        (folder / f"h{number}.md").write_text(f"# {title}\n\n" + "\n\n".join(map(section, parts)) + "\n", encoding="utf-8")
        entries.append(catalogue_entry(f"h{number}", title, parts[0].lang))
        gold += [line for part in parts for line in gold_lines(part)]
    (folder / "sources.toml").write_text("".join(entries), encoding="utf-8")
    lines = (json.dumps(line, ensure_ascii=False) + "\n" for line in gold)
    (folder / "gold.jsonl").write_text("".join(lines), encoding="utf-8")


def section(part: Annotated) -> str:
    """Return a passage as a section of a Markdown document."""
    heading = f"## {part.headings[1]}\n\n" if len(part.headings) > 1 else ""
    return heading + part.text.replace("\n", "\n\n")


def gold_lines(part: Annotated) -> list[dict[str, Any]]:
    """Return a passage's questions, with and without an answer, as a gold file has them."""
    asked: list[tuple[Note, list[str], str]] = [(note, [note.quote], note.kind) for note in part.questions]
    asked += [(note, [], "ubesvarlig") for note in part.unanswerable]
    return [
        {
            "id": f"{part.id}:{number}",
            "question": note.text,
            "lang": note.lang,
            "type": kind,
            "answerable": bool(quotes),
            "gold_quotes": quotes,
            "must_contain": [],
        }
        for number, (note, quotes, kind) in enumerate(asked, start=1)
    ]


if __name__ == "__main__":
    main()
