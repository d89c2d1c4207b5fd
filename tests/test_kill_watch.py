"""A watch that is killed leaves the catalogue whole, and the old index or the new one."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from ingest.catalogue import read_catalogue
from ingest.index import IndexStore
from tests.killing import killer

KILLS = 10
END = "Slutt på dokumentet."
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing is forked there")

# A page changes all the while, and another is new each time; `once` ends after three indexes.
_KILLER = """
import threading, time
from pathlib import Path
import ingest.pipeline
from ingest.settings import IngestSettings, ReadingSettings, WatchSettings
from ingest.watching import Watch
from tests.fakes import FakeEmbedder
from tests.killing import obey

ingest.pipeline.open_embedder = lambda *arguments: FakeEmbedder()
folder = Path(sys.argv[1])
settings = IngestSettings(
    corpus=folder / "corpus", data=folder / "data", reading=ReadingSettings(workers=1, seconds=600),
    watch=WatchSettings(settle_s=0.1, publisher="Molde kommune", licence="L"),
)

def page(number):
    lines = "".join(f"<p>Avsnitt {line} av utgave {number} er vedtatt.</p>" for line in range(50))
    head = f"<title>Sak</title><meta property='article:published_time' content='2024-01-01'>"
    return f"<html><head>{head}</head><body><main><h1>Sak</h1>{lines}<p>END</p></main></body></html>"

def watch(most):
    stop, built = threading.Event(), set()
    def build():
        report = ingest.pipeline.ingest(settings, lambda *step: None)
        built.add(report.generation)
        if len(built) >= most:
            stop.set()
        return report
    def change():
        number = time.time_ns()
        while not stop.wait(0.2):
            number += 1
            unfinished = settings.corpus / "documents" / ".side"
            unfinished.write_text(page(number), encoding="utf-8")
            unfinished.replace(settings.corpus / "documents" / f"side-{number % 3}.html")
    threading.Thread(target=change, daemon=True).start()
    Watch(settings, build, lambda lines: None).run(stop)

obey(lambda: watch(3), lambda: watch(10**6))
""".replace("END", END)


def whole(folder: Path) -> str:
    """Return the name of the current index, once it and the catalogue have proved themselves."""
    for source in read_catalogue(folder / "corpus"):
        assert source.file is not None
        assert END in source.file.read_text(encoding="utf-8")
    generation = IndexStore(folder / "data").open()
    try:
        generation.verify()
        assert all(END in generation.text(source) for source in generation.sources)
        return generation.manifest.generation
    finally:
        generation.close()


@pytest.mark.timeout(600)
def test_a_killed_watch_leaves_all_whole_and_the_next_one_goes_on(tmp_path: Path) -> None:
    (tmp_path / "corpus" / "documents").mkdir(parents=True)
    moments = random.Random(4)
    with killer(_KILLER, str(tmp_path)) as tell:
        tell("time")
        three = tell("time")
        left = {whole(tmp_path)}
        for _ in range(KILLS):
            tell(str(moments.uniform(0.02, three)))
            left.add(whole(tmp_path))
        tell("time")
    assert len(left) > 2, "hardly a watch lived long enough to build"
    assert whole(tmp_path) not in left
