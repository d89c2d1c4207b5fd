"""An ingest that is killed leaves the old index or the new one, whole, and never something between."""

from __future__ import annotations

import random
import sys
from collections import Counter
from pathlib import Path

import pytest

from ingest.index import IndexStore
from tests.killing import killer

KILLS = 20

_KILLER = """
from hashlib import sha256
from pathlib import Path
import numpy as np
import ingest.pipeline
from ingest.settings import IngestSettings
from tests.killing import obey

class Fake:
    fingerprint = "fake"
    def embed_passages(self, texts):
        seeds = [int.from_bytes(sha256(text.encode()).digest()[:8]) for text in texts]
        made = np.array([np.random.default_rng(seed).normal(size=16) for seed in seeds], dtype=np.float32)
        return made / np.linalg.norm(made, axis=1, keepdims=True)

ingest.pipeline.open_embedder = lambda *arguments: Fake()
data, *corpora = map(Path, sys.argv[1:])

def build(number):
    settings = IngestSettings(corpus=corpora[number % 2], data=data, reading={"workers": 1, "seconds": 600})
    ingest.pipeline.ingest(settings, lambda *step: None)

def for_ever():
    number = 0
    while True:
        build(number)
        number += 1

def once():
    build(0)
    build(1)

obey(once, for_ever)
"""


def write_corpus(folder: Path, word: str) -> Path:
    """Write three documents that all say the same word, and a catalogue of them."""
    folder.mkdir()
    tables = []
    for number in range(3):
        lines = [f"Avsnitt {line} i dokument {number} sier {word}. Det sier det {line} ganger." for line in range(8)]
        (folder / f"{number}.md").write_text(f"# Dokument {number}\n\n" + "\n\n".join(lines) + "\n", encoding="utf-8")
        tables.append(
            f'[[source]]\nid = "d{number}"\ntitle = "Dokument {number}"\npublisher = "Molde kommune"\nkind = "notat"\n'
            f'dated = 2022-03-04\nretrieved = 2022-04-01\nlanguage = "nb"\nfile = "{number}.md"\nlicence = "NLOD"\n'
        )
    (folder / "sources.toml").write_text("\n".join(tables), encoding="utf-8")
    return folder


def word_of(data: Path) -> str:
    """Return the word that all documents of the current generation say, once it has proved itself."""
    generation = IndexStore(data).open()
    try:
        generation.verify()
        words = {word for source in generation.sources for word in ("gammelt", "nytt") if word in generation.text(source)}
        words |= {word for passage in generation.passages for word in ("gammelt", "nytt") if word in passage.text}
        assert len(generation.sources) == 3
        assert len(words) == 1, words
        return words.pop()
    finally:
        generation.close()


def kept(data: Path) -> set[str]:
    return {path.name for path in (data / "index").iterdir() if path.is_dir()}


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is forked there")
def test_a_killed_ingest_changes_nothing_or_everything(tmp_path: Path) -> None:
    data = tmp_path / "data"
    corpora = [str(write_corpus(tmp_path / word, word)) for word in ("gammelt", "nytt")]
    moments = random.Random(20)
    outcomes: Counter[str] = Counter()
    unfinished = 0
    with killer(_KILLER, str(data), *corpora) as tell:
        tell("time")
        two = tell("time")
        assert word_of(data) == "nytt"
        for _ in range(KILLS):
            tell(str(moments.uniform(0.02, 1.5 * two)))
            outcomes[word_of(data)] += 1
            unfinished += len(kept(data)) > 2
        tell("time")
    assert set(outcomes) == {"gammelt", "nytt"}
    assert unfinished >= 3, "hardly a kill fell inside an ingest"
    assert word_of(data) == "nytt"
    assert len(kept(data)) <= 2
