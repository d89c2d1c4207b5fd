"""Texts that no one has annotated: read out of files, and cut into passages, but for those that figures are made of."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from training.data import read_annotated
from training.reader import rounds
from training.texts import lines_apart, plain_passages, read_texts

DATA = Path(__file__).resolve().parents[1] / "training" / "data"
ACT = """---
tittel: "Lov om hittegods"
sist-endret: "lov/2015-06-19-65"
---

# Lov om hittegods

### § 2

Finnaren skal straks gje godset attende til eigaren når han veit kven det er.

*Endra med lov 24 nov 2000 nr. 82.*

| kol | kol |
"""


def test_texts_are_read_out_of_folders_archives_and_json_lines(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("plain", encoding="utf-8")
    (tmp_path / "b.jsonl").write_text('{"q": "one", "n": 1, "more": ["two", {"deep": "three"}]}\n', encoding="utf-8")
    with tarfile.open(tmp_path / "c.tar.xz", "w:xz") as archive:
        content = "fôr".encode()
        entry = tarfile.TarInfo("law.md")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    assert list(read_texts(tmp_path)) == ["plain", "one", "two", "three", "fôr"]


def test_passages_are_of_statements_alone() -> None:
    (passage,) = plain_passages([ACT], frozenset())
    assert passage.text == "Finnaren skal straks gje godset attende til eigaren når han veit kven det er."


def test_a_text_with_a_line_of_what_is_kept_apart_is_left_out_whole() -> None:
    annotated = read_annotated(DATA / "passages.jsonl", DATA / "annotations.jsonl")
    kept_apart = lines_apart(annotated)
    sides = {one.side: one for one in annotated if len(one.text.splitlines()[0]) > 60}
    left = [side for side, one in sides.items() if list(plain_passages([ACT + one.text], kept_apart))]
    assert left == ["train"]


@pytest.mark.parametrize("count", [0, 1, 5])
def test_a_run_may_make_claims_of_texts(count: int, tmp_path: Path) -> None:
    (tmp_path / "contexts.jsonl").write_text("", encoding="utf-8")
    (tmp_path / "train.jsonl").write_text("", encoding="utf-8")
    texts = [
        f"Kommunen skal innen {day}. mai {year} vedta planen for vei og vann." for day in range(1, 9) for year in (2020, 2021)
    ]
    groups = rounds([], tmp_path, {}, 1, count=1, norquad_count=1, texts=texts, text_count=count)
    assert len(groups) == count
    assert all(group[0].claim and group[0].text.words in texts for group in groups)
