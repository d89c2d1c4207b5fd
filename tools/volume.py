"""Measure what a large collection costs: make a corpus of many acts, and the rate of embedding their texts.

    python tools/volume.py corpus LAWS OUT [--every N]
    python tools/volume.py embedding LAWS [--texts N]

LAWS is a folder of Norwegian acts and regulations as Markdown with a head of `key: "value"` lines (Lovdata's open data, NLOD
2.0). `corpus` puts every Nth of them beside the project's own corpus in OUT, for `faktasvar ingest` with FAKTASVAR_CORPUS=OUT.
`embedding` embeds the same texts by turns as an ingest does and by `SentenceTransformer.encode`.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sentence_transformers import SentenceTransformer

from ingest.embedding import open_embedder
from ingest.errors import DocumentError
from ingest.models import EMBEDDER, model_folder
from ingest.passages import cut_passages
from ingest.reading import read_document
from ingest.settings import IngestSettings

OWN = Path(__file__).resolve().parents[1] / "corpus"
FILES = 60
"""Acts that the texts are drawn from."""

_HEAD = re.compile(r'^([a-zæøå-]+): "(.*)"$', re.MULTILINE)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_ENTRY = """
[[source]]
id = {id}
title = {title}
publisher = {publisher}
kind = "lov"
dated = {dated}
retrieved = 2026-11-23
language = "nb"
url = ""
file = {file}
licence = "NLOD 2.0"
"""


def main() -> None:
    """Do what the command line asks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    corpus = commands.add_parser("corpus")
    corpus.add_argument("laws", type=Path)
    corpus.add_argument("out", type=Path)
    corpus.add_argument("--every", type=int, default=1)
    corpus.set_defaults(run=lambda given: make_corpus(given.laws, given.out, given.every))
    embedding = commands.add_parser("embedding")
    embedding.add_argument("laws", type=Path)
    embedding.add_argument("--texts", type=int, default=512)
    embedding.set_defaults(run=lambda given: measure_embedding(given.laws, given.texts))
    given = parser.parse_args()
    given.run(given)


def make_corpus(laws: Path, out: Path, every: int) -> None:
    """Put every Nth act beside the project's own corpus in a folder that does not exist yet."""
    shutil.copytree(OWN, out)
    (out / "laws").mkdir()
    taken = sorted(laws.rglob("*.md"))[::every]
    with (out / "sources.toml").open("a", encoding="utf-8") as catalogue:
        for path in taken:
            shutil.copyfile(path, out / "laws" / path.name)
            catalogue.write(entry(path))
    sys.stdout.write(f"{len(taken)} acts, {sum(path.stat().st_size for path in taken) / 1e6:.1f} MB, in {out}\n")


def entry(path: Path) -> str:
    """Return the catalogue's entry for an act, from its head."""
    about = dict(_HEAD.findall(path.read_text(encoding="utf-8")))
    found = _DATE.search(about.get("ikrafttredelse", "")) or _DATE.search(path.stem)
    values = {
        "id": re.sub(r"[^a-z0-9]+", "-", path.stem.lower())[:64],
        "title": about.get("tittel") or path.stem,
        "publisher": about.get("departement") or "Lovdata",
        "file": f"laws/{path.name}",
    }
    written = {name: json.dumps(value, ensure_ascii=False) for name, value in values.items()}
    return _ENTRY.format(**written, dated=found[0] if found else "1900-01-01")


def measure_embedding(laws: Path, count: int) -> None:
    """Print the rates of both ways, by turns, twice."""
    settings = IngestSettings.load()
    texts = draw(laws, count)
    embedder = open_embedder(settings.embedding)
    # In float32 as an ingest has it: in the half precision that the weights are kept in it would take six times as long.
    precision = {"dtype": "float32"}
    plain = SentenceTransformer(str(model_folder(EMBEDDER, EMBEDDER, "embedding.model")), device="cpu", model_kwargs=precision)
    prompt = settings.embedding.passage_prompt
    ways: dict[str, Callable[[], object]] = {
        "as an ingest": lambda: embedder.embed_passages(texts),
        "SentenceTransformer.encode": lambda: plain.encode([prompt + text for text in texts], show_progress_bar=False),
    }
    embedder.embed_passages(texts[:8])
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(2):
        for name, work in ways.items():
            began = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - began)
    for name, times in seconds.items():
        sys.stdout.write(f"| {name} | {len(texts) / min(times):.1f} texts a second |\n")


def draw(laws: Path, count: int) -> list[str]:
    """Return texts as an ingest embeds them, passages and sentences as they come, drawn with a fixed seed."""
    drawn = random.Random(3)
    paths = sorted(laws.rglob("*.md"))
    texts: list[str] = []
    for path in drawn.sample(paths, min(FILES, len(paths))):
        try:
            passages = cut_passages(path.stem, read_document(path), IngestSettings.load().passages)
        except DocumentError:
            continue
        texts += [passage.search_text for passage in passages]
        texts += [passage.search_text_of(one) for passage in passages for one in passage.sentences]
    return drawn.sample(sorted(set(texts)), min(count, len(set(texts))))


if __name__ == "__main__":
    main()
