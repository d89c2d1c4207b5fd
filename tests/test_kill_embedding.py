"""An ingest of many texts that is killed while it embeds them goes on where it was: no text is embedded twice."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from ingest.errors import IndexMissingError
from ingest.index import IndexStore
from tests.killing import killer

KILLS = 8
BATCH = 8
DOCUMENTS, LINES = 6, 60
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing is forked there")

# Each batch takes its time, as a model does, and leaves behind what it embedded. A number of seconds after the first one the
# process kills itself, if the file says when.
_KILLER = """
import os, signal, threading, time
from hashlib import sha256
from pathlib import Path
import ingest.pipeline
from ingest.settings import EmbeddingSettings, IngestSettings, ReadingSettings
from tests.fakes import FakeEmbedder
from tests.killing import obey

folder = Path(sys.argv[1])

class Slow(FakeEmbedder):
    begun = False

    def embed_passages(self, texts):
        if not self.begun and (folder / "moment").exists():
            seconds = float((folder / "moment").read_text())
            threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGKILL)).start()
        self.begun = True
        time.sleep(0.02)
        with (folder / "embedded").open("a") as file:
            file.write("".join(f"{sha256(text.encode()).hexdigest()}\\n" for text in texts))
        return super().embed_passages(texts)

ingest.pipeline.open_embedder = lambda *arguments: Slow()
settings = IngestSettings(
    corpus=folder, data=folder / "data", embedding=EmbeddingSettings(batch_size=int(sys.argv[2])),
    reading=ReadingSettings(workers=1, seconds=600),
)

def once():
    ingest.pipeline.ingest(settings, lambda *step: None)

obey(once, once)
"""


def write_corpus(folder: Path) -> None:
    """Write documents in which every line is another, and a catalogue of them."""
    entries = []
    for number in range(DOCUMENTS):
        lines = [f"Avsnitt {line} av dokument {number} er vedtatt av kommunestyret." for line in range(LINES)]
        (folder / f"{number}.md").write_text(f"# Dokument {number}\n\n" + "\n\n".join(lines) + "\n", encoding="utf-8")
        entries.append(
            f'[[source]]\nid = "d{number}"\ntitle = "Dokument {number}"\npublisher = "Molde kommune"\nkind = "notat"\n'
            f'dated = 2022-03-04\nretrieved = 2022-04-01\nlanguage = "nb"\nfile = "{number}.md"\nlicence = "NLOD"\n'
        )
    (folder / "sources.toml").write_text("\n".join(entries), encoding="utf-8")


def test_a_large_ingest_that_is_killed_embeds_nothing_twice(tmp_path: Path) -> None:
    write_corpus(tmp_path)
    moments = random.Random(20)
    log = tmp_path / "embedded"
    with killer(_KILLER, str(tmp_path), str(BATCH)) as tell:
        for _ in range(KILLS):
            (tmp_path / "moment").write_text(str(moments.uniform(0.02, 0.2)), encoding="utf-8")
            tell("time")
            with pytest.raises(IndexMissingError):
                IndexStore(tmp_path / "data").open()
        (tmp_path / "moment").unlink()
        tell("time")
    embedded = log.read_text(encoding="utf-8").split()
    generation = IndexStore(tmp_path / "data").open()
    try:
        generation.verify()
        assert len(generation.sentences) == DOCUMENTS * LINES
    finally:
        generation.close()
    assert len(set(embedded)) > DOCUMENTS * LINES
    # What a kill took before it was kept is at most the batch at work.
    assert len(embedded) - len(set(embedded)) <= KILLS * BATCH
