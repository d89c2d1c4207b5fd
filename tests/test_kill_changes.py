"""A fetch, or a change of the catalogue, that is killed leaves what was there or what was to be, and both are whole."""

from __future__ import annotations

import random
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest

from ingest.catalogue import read_catalogue
from ingest.fetched import find
from tests.killing import killer
from tests.serving import Request, serve

KILLS = 20
LINES = 5_000
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing is forked there")

_KILLER = """
import time
from datetime import date
from pathlib import Path
import ingest.adding, ingest.facts, ingest.fetching
from ingest.settings import FetchSettings, IngestSettings
from tests.killing import obey

fetch = FetchSettings(allow_private=True, interval_s=0)
settings = IngestSettings(corpus=Path(sys.argv[2]), data=Path(sys.argv[3]), fetch=fetch)
given = ingest.facts.Facts(id="ny", publisher="Molde", kind="notat", dated="2026-01-01", licence="NLOD", language="nb")

def fetch_all():
    ingest.fetching.fetch_entries(settings, [], ingest.fetching.Fetcher(fetch), lambda outcome: None)

def change_catalogue():
    began = time.perf_counter()
    try:
        ingest.adding.remove(settings, "ny")
    except ingest.adding.AddError:
        pass
    ingest.adding.add(settings, sys.argv[4], given, None, None, date(2026, 11, 23))
    # The new catalogue stands as long as it took to make, so that kills fall after the change as well as into it.
    time.sleep(time.perf_counter() - began)

work = {"fetch": fetch_all, "change": change_catalogue}[sys.argv[1]]

def work_for(times):
    for _ in range(times):
        work()

obey(lambda: work_for(2), lambda: work_for(10**6))
"""


def entry(identifier: str, rest: str) -> str:
    return (
        f'# Om {identifier}.\n[[source]]\nid = "{identifier}"\ntitle = "T"\npublisher = "Molde"\nkind = "notat"\n'
        f'language = "nb"\nlicence = "NLOD"\n{rest}\n'
    )


def test_a_killed_fetch_leaves_the_old_document_or_the_new(tmp_path: Path) -> None:
    corpus, data = tmp_path / "corpus", tmp_path / "data"
    corpus.mkdir()
    asked = 0

    def answer(request: Request) -> None:
        nonlocal asked
        asked += 1
        word = ("gammelt", "nytt")[asked % 2]
        request.reply(200, f"Dette er {word}.\n".encode() * LINES, Content_Type="text/plain", ETag=f'"{word}"')

    outcomes: Counter[str] = Counter()
    moments = random.Random(20)
    with serve({"/a": answer}) as site, killer(_KILLER, "fetch", str(corpus), str(data), "") as tell:
        (corpus / "sources.toml").write_text(entry("a", f'url = "{site.url("/a")}"'), encoding="utf-8")
        tell("time")
        two = tell("time")
        for _ in range(KILLS):
            tell(str(moments.uniform(0.2, 1.5) * two))
            found = find(data, read_catalogue(corpus)[0])
            assert found is not None
            content = found.path.read_bytes()
            assert sha256(content).hexdigest() == found.record.sha256
            words = set(content.decode().split("\n")) - {""}
            assert len(words) == 1
            assert content.count(b"\n") == LINES
            outcomes[words.pop()] += 1
            assert found.record.etag.strip('"') in content[:30].decode()
        tell("time")
        assert len(list((data / "fetched" / "a").iterdir())) == 2
    assert set(outcomes) == {"Dette er gammelt.", "Dette er nytt."}


def test_a_killed_change_of_the_catalogue_leaves_the_old_one_or_the_new(tmp_path: Path) -> None:
    corpus, data, document = tmp_path / "corpus", tmp_path / "data", tmp_path / "ny.md"
    (corpus / "documents").mkdir(parents=True)
    (corpus / "documents" / "a.md").write_text("# A\n\nEn.\n", encoding="utf-8")
    old = entry("a", 'file = "documents/a.md"\ndated = 2022-03-04\nretrieved = 2022-04-01')
    (corpus / "sources.toml").write_text(old, encoding="utf-8")
    text = "# Nytt\n\n" + "Dette er nytt.\n\n" * 200
    document.write_text(text, encoding="utf-8")
    outcomes: Counter[int] = Counter()
    moments = random.Random(20)
    with killer(_KILLER, "change", str(corpus), str(data), str(document)) as tell:
        tell("time")
        two = tell("time")
        for _ in range(KILLS):
            tell(str(moments.uniform(0.2, 1.5) * two))
            sources = read_catalogue(corpus)
            assert (corpus / "sources.toml").read_text(encoding="utf-8").startswith(old.rstrip())
            assert [source.id for source in sources] in (["a"], ["a", "ny"])
            outcomes[len(sources)] += 1
            files = [path for path in (corpus / "documents").iterdir() if not path.name.startswith(".")]
            assert {path.read_text(encoding="utf-8") for path in files} <= {text, "# A\n\nEn.\n"}
        tell("time")
        assert [source.id for source in read_catalogue(corpus)] == ["a", "ny"]
    assert set(outcomes) == {1, 2}
