"""A generation is written once, proves itself, and is searched by vectors and by words; the store keeps the current one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from chromadb import PersistentClient
from chromadb.config import Settings

from ingest.dates import Interval
from ingest.documents import Origin, Relation
from ingest.embedding import Vectors
from ingest.errors import IndexDamagedError, IndexMismatchError, IndexMissingError, IngestBusyError
from ingest.files import write_atomically
from ingest.index import (
    SCHEMA,
    Generation,
    IndexStore,
    LexicalIndex,
    Manifest,
    SourceRecord,
    sentence_id,
    sentence_places,
    write_generation,
)
from ingest.passages import Passage, cut_passages
from ingest.reading import read_document, read_notes
from ingest.settings import LexicalSettings, PassageSettings

TEXTS = {
    "a": "# Avtalene\n\nKommunen signerer tjenesteavtalen. Den gjelder i ti år.\n\n"
    "## Opsjon\n\nSystemet skal:\n\n- gi oversikt\n- være raskt\n",
    "b": "# Prisen\n\nPrisen er 5 mill. kr. Molde kommune betaler sin del.\n\n"
    "# Planen\n\nMolde går inn i 2023. Avtalen er signert.\n",
}


def vectors_of(texts: Sequence[str]) -> Vectors:
    """Return unit vectors that follow from the texts alone."""
    rows = [np.random.default_rng(int.from_bytes(sha256(text.encode()).digest()[:8])).normal(size=16) for text in texts]
    vectors = np.array(rows, dtype=np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def record(source: str, passages: int) -> SourceRecord:
    day = date(2022, 3, 4)
    return SourceRecord(
        id=source, title=f"Dokument {source}", publisher="Molde", kind="vedtak", dated=day, retrieved=day, language="nb",
        licence="NLOD", url="", file=f"{source}.md", sha256="0" * 64, pages=None, passages=passages, reader="none",
    )  # fmt: skip


def write(folder: Path, texts: dict[str, str] = TEXTS, name: str = "g1") -> list[Passage]:
    """Write a generation of some Markdown texts into a new folder and return its passages."""
    folder.mkdir(parents=True)
    passages: list[Passage] = []
    read: dict[str, str] = {}
    for source, text in texts.items():
        file = folder.parent / f"{source}.md"
        file.write_text(text, encoding="utf-8")
        document = read_notes(file, texts) if source == "n" else read_document(file)
        read[source] = document.text
        passages += cut_passages(source, document, PassageSettings())
    searched = {
        "passages": [passage.search_text for passage in passages],
        "sentences": [passage.search_text_of(one) for passage in passages for one in passage.sentences],
    }
    manifest = Manifest(
        schema_version=SCHEMA, generation=name, content="c", model="fake", model_fingerprint="f", dimension=16, settings={},
        sources=tuple(record(source, 1) for source in texts), failures=(), passages=len(passages),
        sentences=len(searched["sentences"]),
    )  # fmt: skip
    write_generation(
        folder,
        manifest,
        read,
        passages,
        {"passages": vectors_of(searched["passages"]), "sentences": vectors_of(searched["sentences"])},
        {"passages": searched["passages"], "sentences": searched["sentences"]},
        {
            "passages": LexicalIndex.build(searched["passages"], LexicalSettings()),
            "sentences": LexicalIndex.build(searched["sentences"], LexicalSettings()),
        },
    )
    return passages


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a generation that no test changes."""
    folder = tmp_path_factory.mktemp("index") / "g1"
    write(folder)
    return folder


@pytest.fixture(scope="module")
def generation(written: Path) -> Generation:
    return Generation(written)


@pytest.fixture
def copied(written: Path, tmp_path: Path) -> Path:
    """Return a copy of the generation, to be damaged."""
    folder = tmp_path / "g1"
    shutil.copytree(written, folder)
    return folder


def verify(folder: Path) -> None:
    generation = Generation(folder)
    try:
        generation.verify()
    finally:
        generation.close()


def edit(path: Path, change: Callable[[str], str]) -> None:
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before
    path.write_text(after, encoding="utf-8")


def change_collection(folder: Path, change: Callable[[object], object]) -> None:
    client = PersistentClient(path=str(folder / "chroma"), settings=Settings(_env_file=None, anonymized_telemetry=False))
    try:
        change(client.get_collection("sentences", embedding_function=None))
    finally:
        client.close()  # type: ignore[attr-defined]  # the declared type lacks it


def test_a_generation_that_was_written_is_whole(copied: Path) -> None:
    verify(copied)


def test_a_generation_holds_what_was_written(generation: Generation, tmp_path: Path) -> None:
    assert generation.passages == write(tmp_path / "again")
    assert list(generation.sources) == ["a", "b"]
    assert generation.sources["a"].dated == date(2022, 3, 4)
    assert generation.text("b").startswith("Prisen\nPrisen er 5 mill. kr.")


def test_every_sentence_has_a_place_and_an_id(generation: Generation) -> None:
    places = sentence_places(generation.passages)
    assert generation.sentences == places
    assert len({sentence_id(generation.passages, place) for place in places}) == len(places) == generation.manifest.sentences
    assert sentence_id(generation.passages, (1, 2)) == "a:0002/3"
    assert generation.number_of_sentence["a:0002/3"] == places.index((1, 2))
    assert [generation.passages[number].source for number in generation.passage_of_sentence] == (["a"] * 5 + ["b"] * 4)


def test_a_damaged_passage_text_is_found(copied: Path) -> None:
    edit(copied / "passages.jsonl", lambda text: text.replace("ti år", "to år"))
    with pytest.raises(IndexDamagedError, match=r"a:0001: text is not at its offsets.*faktasvar ingest --rebuild"):
        verify(copied)


def test_a_damaged_source_text_is_found(copied: Path) -> None:
    edit(copied / "texts" / "b.txt", lambda text: text.replace("5 mill.", "6 mill."))
    with pytest.raises(IndexDamagedError, match="b:0001: text is not at its offsets"):
        verify(copied)


def test_a_lost_source_text_is_found(copied: Path) -> None:
    (copied / "texts" / "b.txt").unlink()
    with pytest.raises(IndexDamagedError, match=r"b\.txt"):
        verify(copied)


def test_a_lost_vector_is_found(copied: Path) -> None:
    change_collection(copied, lambda collection: collection.delete(ids=["a:0001/1"]))  # type: ignore[attr-defined]
    with pytest.raises(IndexDamagedError, match=r"sentences: counts differ: \[8, 9\]"):
        verify(copied)


def test_a_vector_under_another_id_is_found(copied: Path) -> None:
    def rename(collection: object) -> None:
        vector = vectors_of(["et annet sted"])[0].tolist()
        collection.delete(ids=["a:0001/1"])  # type: ignore[attr-defined]
        collection.add(ids=["z"], embeddings=[vector], documents=[""], metadatas=[{"source": "a"}])  # type: ignore[attr-defined]

    change_collection(copied, rename)
    with pytest.raises(IndexDamagedError, match="a:0001/1: 1 vectors are not found"):
        verify(copied)


@pytest.mark.parametrize("key", ["passages", "sentences"])
def test_counts_that_differ_are_found(key: str, copied: Path) -> None:
    manifest = json.loads((copied / "manifest.json").read_text(encoding="utf-8"))
    manifest[key] += 1
    (copied / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(IndexDamagedError, match=f"{key}: counts differ"):
        verify(copied)


@pytest.mark.parametrize("part", ["lexical-passages", "lexical-sentences", "chroma", "texts"])
def test_a_lost_folder_is_found(part: str, copied: Path) -> None:
    shutil.rmtree(copied / part)
    with pytest.raises(IndexDamagedError, match="The index is damaged"):
        verify(copied)


@pytest.mark.parametrize("file", ["passages.jsonl", "lexical-passages/params.index.json", "lexical-sentences/vocab.index.json"])
def test_a_lost_file_is_found(file: str, copied: Path) -> None:
    (copied / file).unlink()
    with pytest.raises(IndexDamagedError, match="The index is damaged"):
        verify(copied)


@pytest.mark.parametrize(
    "file", ["passages.jsonl", "lexical-passages/data.csc.index.npy", "lexical-sentences/vocab.index.json"]
)
def test_a_file_cut_short_is_found(file: str, copied: Path) -> None:
    content = (copied / file).read_bytes()
    (copied / file).write_bytes(content[: len(content) // 2])
    with pytest.raises(IndexDamagedError, match="The index is damaged"):
        verify(copied)


@pytest.mark.parametrize("kept", [0, 100, 5_000])
def test_a_database_cut_short_is_found(kept: int, copied: Path) -> None:
    database = copied / "chroma" / "chroma.sqlite3"
    database.write_bytes(database.read_bytes()[:kept])
    with pytest.raises(IndexDamagedError, match="The index is damaged"):
        verify(copied)


def test_a_database_of_noise_is_found(copied: Path) -> None:
    (copied / "chroma" / "chroma.sqlite3").write_bytes(b"noise " * 5_000)
    with pytest.raises(IndexDamagedError, match="The index is damaged"):
        verify(copied)


def test_a_generation_without_a_manifest_is_refused(copied: Path) -> None:
    (copied / "manifest.json").unlink()
    with pytest.raises(IndexDamagedError, match=r"manifest\.json.*faktasvar ingest --rebuild"):
        Generation(copied)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", f'{{"schema_version": {SCHEMA}}}'])
def test_a_manifest_that_says_too_little_is_refused(text: str, copied: Path) -> None:
    (copied / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(IndexDamagedError, match=r"manifest\.json"):
        Generation(copied)


def test_a_generation_of_another_schema_is_refused_with_the_command(copied: Path) -> None:
    manifest = json.loads((copied / "manifest.json").read_text(encoding="utf-8"))
    (copied / "manifest.json").write_text(json.dumps(manifest | {"schema_version": SCHEMA + 1}), encoding="utf-8")
    with pytest.raises(IndexMismatchError, match=rf"schema {SCHEMA + 1}, this one uses {SCHEMA}\)\. Run: faktasvar ingest"):
        Generation(copied)


def test_characters_that_some_take_for_line_ends_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "g"
    write(folder, {"a": "# A\n\nEn."})
    text = "En.\N{LINE SEPARATOR}To.\N{NEXT LINE}Tre."
    line = json.loads((folder / "passages.jsonl").read_text(encoding="utf-8"))
    line["text"] = text
    (folder / "passages.jsonl").write_text(json.dumps(line, ensure_ascii=False) + "\n", encoding="utf-8")
    assert Generation(folder).passages[0].text == text


def test_a_vector_finds_itself(generation: Generation) -> None:
    passages = generation.passages
    question = vectors_of([passages[2].search_text])[0]
    (first, similarity), *others = generation.vectors.search("passages", question, 3)
    assert first == passages[2].id
    assert similarity == pytest.approx(1, abs=1e-5)
    assert [one for _, one in others] == sorted((one for _, one in others), reverse=True)
    assert all(-1 <= one < similarity for _, one in others)


def test_a_search_may_ask_for_more_than_there_is(generation: Generation) -> None:
    assert len(generation.vectors.search("sentences", vectors_of(["x"])[0], 100)) == generation.manifest.sentences


def test_a_search_may_be_kept_to_some_sources(generation: Generation) -> None:
    question = vectors_of([generation.passages[0].search_text])[0]
    found = generation.vectors.search("passages", question, 10, ["b"])
    assert {identifier.split(":")[0] for identifier, _ in found} == {"b"}
    assert len(found) == 2


@pytest.mark.parametrize("sources", [["borte"], []])
def test_a_search_in_no_known_source_finds_nothing(sources: list[str], generation: Generation) -> None:
    assert generation.vectors.search("passages", vectors_of(["x"])[0], 10, sources) == []


def test_vectors_come_back_in_the_order_asked_for(generation: Generation) -> None:
    ids = [passage.id for passage in generation.passages]
    wanted = vectors_of([passage.search_text for passage in generation.passages])
    np.testing.assert_allclose(generation.vectors.stored("passages", ids[::-1]), wanted[::-1], atol=1e-6)


def test_a_vector_that_is_not_there_is_said(generation: Generation) -> None:
    with pytest.raises(IndexDamagedError, match="borte"):
        generation.vectors.stored("passages", ["borte"])


def test_equal_texts_verify(tmp_path: Path) -> None:
    write(tmp_path / "g", {name: "# A\n\nDet samme står her." for name in "abc"})
    verify(tmp_path / "g")


def test_words_are_scored_by_how_rare_they_are() -> None:
    index = LexicalIndex.build(["avtalen om pris", "avtalen om plan", "avtalene"], LexicalSettings())
    scores = index.scores(["avtale", "pris"])
    assert scores.dtype == np.float32
    assert scores.shape == (3,)
    assert scores[0] > scores[2] >= scores[1] > 0
    assert index.scores(["pris"])[1] == 0


def test_unknown_words_score_nothing() -> None:
    index = LexicalIndex.build(["avtalen", "planen"], LexicalSettings())
    np.testing.assert_array_equal(index.scores(["katt"]), [0, 0])
    np.testing.assert_array_equal(index.scores([]), [0, 0])
    np.testing.assert_array_equal(index.scores(["katt", "plan"]), index.scores(["plan"]))


def test_a_text_of_function_words_is_never_found() -> None:
    index = LexicalIndex.build(["det er den", "", "avtalen"], LexicalSettings())
    assert index.size == 3
    assert list(np.flatnonzero(index.scores(["avtale", "det"]))) == [2]


def test_document_frequency_counts_texts_not_words() -> None:
    index = LexicalIndex.build(["avtalen og avtalene", "en avtale", "planen"], LexicalSettings())
    assert [index.document_frequency(term) for term in ("avtale", "plan", "katt")] == [2, 1, 0]


@pytest.mark.parametrize("searched", [[True, False, True, True, False], [False, True, False, False, False], [True] * 5])
def test_words_count_among_some_texts_as_if_there_were_no_others(searched: list[bool]) -> None:
    texts = [
        "Kommunen signerer avtalen, og avtalen gjelder.",
        "Planen er vedtatt av styret.",
        "Avtalen om brua er lang og har mange ord om brua og planen.",
        "Ferga går hver time.",
        "Avtalen.",
    ]
    within = np.array(searched)
    index = LexicalIndex.build(texts, LexicalSettings())
    alone = LexicalIndex.build([text for text, kept in zip(texts, searched, strict=True) if kept], LexicalSettings())
    words = ["avtale", "bru", "plan", "katt", "avtale"]
    scores = index.scores(words, within)
    np.testing.assert_allclose(scores[within], alone.scores(words), rtol=1e-5)
    assert not scores[~within].any()
    assert [index.document_frequency(word, within) for word in words] == [alone.document_frequency(word) for word in words]


def test_where_nothing_is_searched_nothing_scores() -> None:
    index = LexicalIndex.build(["avtalen", "planen"], LexicalSettings())
    np.testing.assert_array_equal(index.scores(["avtale"], np.zeros(2, dtype=np.bool_)), [0, 0])


def test_word_search_is_the_same_after_saving(tmp_path: Path) -> None:
    built = LexicalIndex.build(list(TEXTS.values()), LexicalSettings())
    built.save(tmp_path / "lexical")
    loaded = LexicalIndex.load(tmp_path / "lexical")
    assert loaded.size == built.size
    np.testing.assert_array_equal(loaded.scores(["avtale", "pris"]), built.scores(["avtale", "pris"]))
    assert loaded.document_frequency("avtale") == built.document_frequency("avtale")
    first = np.array([True] + [False] * (built.size - 1))
    np.testing.assert_array_equal(loaded.scores(["avtale"], first), built.scores(["avtale"], first))


def fill(store: IndexStore, name: str) -> None:
    """Publish a generation that is no more than a folder."""
    (store.begin(name) / "file").write_text(name, encoding="utf-8")
    store.publish(name)


def folders(data: Path) -> set[str]:
    return {path.name for path in (data / "index").iterdir() if path.is_dir()}


def test_no_index_is_said_with_the_command(tmp_path: Path) -> None:
    for asked in (IndexStore(tmp_path).current, IndexStore(tmp_path).open):
        with pytest.raises(IndexMissingError, match=r"^The index has not been built\. Run: faktasvar ingest$"):
            asked()
    assert list(tmp_path.iterdir()) == []


def test_publishing_keeps_the_one_before_and_removes_older_ones(tmp_path: Path) -> None:
    store = IndexStore(tmp_path)
    for name in ("g1", "g2", "g3"):
        fill(store, name)
    assert store.current() == "g3"
    assert folders(tmp_path) == {"g2", "g3"}


def test_publishing_the_current_one_again_keeps_the_one_before(tmp_path: Path) -> None:
    store = IndexStore(tmp_path)
    fill(store, "g1")
    fill(store, "g2")
    store.publish("g2")
    assert folders(tmp_path) == {"g1", "g2"}


def test_an_unfinished_folder_is_not_current_and_is_removed_by_the_next(tmp_path: Path) -> None:
    store = IndexStore(tmp_path)
    fill(store, "g1")
    (store.begin("halv") / "file").write_text("x", encoding="utf-8")
    assert store.current() == "g1"
    assert folders(tmp_path) == {"g1", "halv"}
    fill(store, "g2")
    assert folders(tmp_path) == {"g1", "g2"}


def test_beginning_anew_empties_what_was_left(tmp_path: Path) -> None:
    store = IndexStore(tmp_path)
    (store.begin("g1") / "file").write_text("x", encoding="utf-8")
    assert list(store.begin("g1").iterdir()) == []


def test_a_current_generation_that_is_gone_is_said_to_be_damaged(tmp_path: Path) -> None:
    store = IndexStore(tmp_path)
    fill(store, "g1")
    shutil.rmtree(tmp_path / "index" / "g1")
    with pytest.raises(IndexDamagedError, match="faktasvar ingest --rebuild"):
        store.open()


def test_the_size_is_that_of_the_current_generation(tmp_path: Path) -> None:
    store = IndexStore(tmp_path)
    fill(store, "g1")
    fill(store, "lengre")
    assert store.size_bytes() == len("lengre")


def test_two_cannot_build_at_once(tmp_path: Path) -> None:
    with IndexStore(tmp_path).lock():
        with pytest.raises(IngestBusyError, match=r"ingest\.lock"), IndexStore(tmp_path).lock():
            raise AssertionError("the lock was given twice")
    with IndexStore(tmp_path).lock():
        pass


def test_the_lock_is_given_back_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="midt i"), IndexStore(tmp_path).lock():
        raise RuntimeError("midt i")
    with IndexStore(tmp_path).lock():
        pass


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "current"
    write_atomically(path, "én\n")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "to\ud800")
    assert path.read_text(encoding="utf-8") == "én\n"
    assert [one.name for one in tmp_path.iterdir()] == ["current"]


def test_a_statement_of_a_note_comes_back_with_where_it_was_taken_from(tmp_path: Path) -> None:
    note = (
        "# Brua\n\n- [B1] Brua er ferdig.\n  - Kilde: [Brua](https://b.no/a)\n  - Dato: udatert (etter mai 2021)\n"
        "  - Forhold: motsier a\n\n- Brua er blå.\n  - Kilde: Muntlig\n  - Dato: 2022\n"
    )
    passages = write(tmp_path / "g1", TEXTS | {"n": note})
    generation = Generation(tmp_path / "g1")
    generation.verify()
    assert generation.passages == passages
    (first, second) = (passage.origin for passage in generation.passages if passage.source == "n")
    assert first == Origin(
        "Brua", "https://b.no/a", "udatert (etter mai 2021)", Interval(date(2021, 6, 1), None), "B1", Relation("motsier", "a")
    )
    assert second == Origin("Muntlig", "", "2022", Interval(date(2022, 1, 1), date(2022, 12, 31)))
    generation.close()
