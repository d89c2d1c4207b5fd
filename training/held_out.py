"""Write the documents that the evidence weights were not fitted on as a corpus of their own, with a gold file.

    python -m training.held_out FOLDER
    FAKTASVAR_CORPUS=FOLDER FAKTASVAR_DATA=FOLDER/data faktasvar ingest
    FAKTASVAR_CORPUS=FOLDER FAKTASVAR_DATA=FOLDER/data faktasvar evaluate FOLDER/gold.jsonl

The questions of the fact sheet were in view while the rules were chosen; these were not.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from training.fit_evidence import held_out_titles, read

ENTRY = """[[source]]
id = "h{number}"
title = {title}
publisher = "Oppdiktet kommune"
kind = "annet"
dated = 2025-01-01
retrieved = 2025-01-01
language = "{language}"
file = "h{number}.md"
licence = "MIT"

"""


def main() -> None:
    """Write `sources.toml`, one Markdown file a document, and `gold.jsonl`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data", type=Path, default=Path("training/data"))
    arguments = parser.parse_args()
    folder: Path = arguments.folder
    folder.mkdir(parents=True)
    records, notes = read(arguments.data)
    documents: dict[str, list[dict[str, Any]]] = {title: [] for title in sorted(held_out_titles(records))}
    for record in records:
        if record["title"] in documents:
            documents[record["title"]].append(record)
    entries, gold = [], []
    for number, (title, parts) in enumerate(documents.items(), start=1):
        sections = [f"## {part['section']}\n\n" + part["text"].replace("\n", "\n\n") for part in parts]
        (folder / f"h{number}.md").write_text(f"# {title}\n\n" + "\n\n".join(sections) + "\n", encoding="utf-8")
        # A JSON string is a TOML string.
        quoted = json.dumps(title, ensure_ascii=False)
        entries.append(ENTRY.format(number=number, title=quoted, language=parts[0]["lang"]))
        gold += [line for part in parts for line in gold_lines(notes[part["id"]])]
    (folder / "sources.toml").write_text("".join(entries), encoding="utf-8")
    lines = (json.dumps(line, ensure_ascii=False) + "\n" for line in gold)
    (folder / "gold.jsonl").write_text("".join(lines), encoding="utf-8")


def gold_lines(note: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a passage's questions, with and without an answer, as a gold file has them."""
    asked = [(one, [one["quote"]], one["kind"]) for one in note["questions"]]
    asked += [(one, [], "ubesvarlig") for one in note["unanswerable"]]
    return [
        {
            "id": f"{note['id']}:{number}",
            "question": one["q"],
            "lang": one["lang"],
            "type": kind,
            "answerable": bool(quotes),
            "gold_quotes": quotes,
            "must_contain": [],
        }
        for number, (one, quotes, kind) in enumerate(asked, start=1)
    ]


if __name__ == "__main__":
    main()
