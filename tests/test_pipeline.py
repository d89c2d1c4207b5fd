"""The catalogue becomes an index: only what changed is embedded, and what goes wrong harms nothing that was there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from bot.settings import BotSettings
from ingest import cli
from ingest.embedding import Vectors
from ingest.errors import CatalogueError, IndexMissingError, IngestBusyError, ModelError
from ingest.index import IndexStore
from ingest.pipeline import IngestReport, ingest
from ingest.reading import READERS
from ingest.settings import EmbeddingSettings, IngestSettings, LexicalSettings, PassageSettings
from tests.fakes import FakeEmbedder

REPOSITORY = Path(__file__).resolve().parents[1]
SENTENCES = ("Kommunen signerer tjenesteavtalen senest 13 måneder før.", "Molde kommune eier en andel.", "Epic leverer.")
LONG = "Dette avsnittet er så langt at det ikke slås sammen med naboen, for det har mer enn nok tegn til å stå alene her. " * 3


@pytest.fixture(autouse=True)
def fake_model(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the fake in the model's place, save where a test asks for the real one."""
    if "settings" not in request.fixturenames:
        monkeypatch.setattr("ingest.pipeline.open_embedder", lambda settings: FakeEmbedder())


def write_corpus(folder: Path, texts: dict[str, str | bytes], *, left_out: Sequence[str] = ()) -> IngestSettings:
    """Write documents by file name and a catalogue of them; return settings for it. `note.md` is a note of facts."""
    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    tables = []
    for name, text in texts.items():
        (corpus / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        identifier = name.replace(".", "-")
        tables.append(
            f'[[source]]\nid = "{identifier}"\ntitle = "Om {identifier}"\npublisher = "Molde kommune"\nkind = "notat"\n'
            f'dated = 2022-03-04\nretrieved = 2022-04-01\nlanguage = "nb"\nfile = "{name}"\nlicence = "NLOD"\n'
            f"index = {'false' if name in left_out else 'true'}\n" + ('format = "fakta"\n' if name == "note.md" else "")
        )
    (corpus / "sources.toml").write_text("\n".join(tables), encoding="utf-8")
    return IngestSettings(corpus=corpus, data=folder / "data")


def run(settings: IngestSettings, *, rebuild: bool = False) -> IngestReport:
    return ingest(settings, lambda stage, done, total: None, rebuild=rebuild)


def current(settings: IngestSettings) -> str:
    return IndexStore(settings.data).current()


def text_of(settings: IngestSettings, source: str) -> str:
    generation = IndexStore(settings.data).open()
    try:
        generation.verify()
        return generation.text(source)
    finally:
        generation.close()


def test_an_index_is_built_and_is_whole(tmp_path: Path) -> None:
    settings = write_corpus(tmp_path, {"a.md": "# A\n\n" + "\n\n".join(SENTENCES), "b.txt": "Prisen er 5 mill. kr.\n"})
    report = run(settings)
    assert report.changed
    assert (report.generation, report.failures, report.left_out) == (current(settings), (), ())
    assert [(source.id, source.file, source.passages) for source in report.sources] == [
        ("a-md", "a.md", 1),
        ("b-txt", "b.txt", 1),
    ]
    assert (report.passages, report.sentences, report.embedded) == (2, 4, 5)
    assert text_of(settings, "a-md") == "A\n" + "\n".join(SENTENCES)


def test_a_second_ingest_embeds_nothing_and_publishes_nothing(tmp_path: Path) -> None:
    settings = write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n"})
    first = run(settings)
    second = run(settings)
    assert (second.changed, second.embedded, second.generation) == (False, 0, first.generation)
    assert (second.sources, second.passages, second.sentences) == (first.sources, first.passages, first.sentences)
    assert {path.name for path in (tmp_path / "data" / "index").iterdir()} == {"current", first.generation}


def test_an_index_made_by_other_rules_for_words_is_built_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n"})
    first = run(settings)
    monkeypatch.setattr("ingest.pipeline.terms", lambda text: ["other"])
    second = run(settings)
    assert (second.changed, second.embedded) == (True, 0)
    assert second.generation != first.generation


def test_a_changed_sentence_embeds_itself_and_its_passage(tmp_path: Path) -> None:
    paragraphs = [f"{number} er tallet. {LONG}" for number in ("En", "To", "Tre")]
    settings = write_corpus(tmp_path, {"a.md": "# A\n\n" + "\n\n".join(paragraphs)})
    assert run(settings).passages == 3
    paragraphs[1] = paragraphs[1].replace("To er tallet.", "Fire er tallet.")
    report = run(write_corpus(tmp_path, {"a.md": "# A\n\n" + "\n\n".join(paragraphs)}))
    assert (report.changed, report.embedded) == (True, 2)
    assert "Fire er tallet." in text_of(settings, "a-md")


def test_a_new_document_embeds_only_itself(tmp_path: Path) -> None:
    run(write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n"}))
    report = run(write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n", "b.md": "# B\n\nTo. Tre.\n"}))
    assert (len(report.sources), report.embedded) == (2, 3)


def test_a_removed_document_is_gone_and_embeds_nothing(tmp_path: Path) -> None:
    run(write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n", "b.md": "# B\n\nTo.\n"}))
    settings = write_corpus(tmp_path, {"b.md": "# B\n\nTo.\n"})
    report = run(settings)
    assert ([source.id for source in report.sources], report.embedded, report.changed) == (["b-md"], 0, True)


def test_going_back_to_an_earlier_text_embeds_nothing(tmp_path: Path) -> None:
    run(write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n"}))
    run(write_corpus(tmp_path, {"a.md": "# A\n\nTo.\n"}))
    report = run(write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n"}))
    assert (report.changed, report.embedded) == (True, 0)


def test_new_facts_in_the_catalogue_make_a_new_generation(tmp_path: Path) -> None:
    settings = write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n"})
    run(settings)
    catalogue = settings.corpus / "sources.toml"
    catalogue.write_text(catalogue.read_text(encoding="utf-8").replace("2022-03-04", "2023-01-01"), encoding="utf-8")
    report = run(settings)
    assert (report.changed, report.embedded, str(report.sources[0].dated)) == (True, 0, "2023-01-01")


@pytest.mark.parametrize("change", [{"lexical": LexicalSettings(k1=2.0)}, {"passages": PassageSettings(max_chars=900)}])
def test_a_setting_that_decides_the_content_makes_a_new_generation(change: dict[str, object], tmp_path: Path) -> None:
    settings = write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n"})
    run(settings)
    report = run(settings.model_copy(update=change))
    assert (report.changed, report.embedded) == (True, 0)


def test_a_setting_that_decides_nothing_makes_none(tmp_path: Path) -> None:
    settings = write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n"})
    run(settings)
    assert not run(settings.model_copy(update={"embedding": EmbeddingSettings(batch_size=1), "language": "en"})).changed


def test_another_model_embeds_everything_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n"})
    run(settings)
    monkeypatch.setattr("ingest.pipeline.open_embedder", lambda settings: FakeEmbedder("other"))
    report = run(settings)
    assert (report.changed, report.embedded) == (True, 2)


def test_a_rebuild_makes_a_new_generation_of_the_same(tmp_path: Path) -> None:
    settings = write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n"})
    names = [run(settings).generation, *(run(settings, rebuild=True).generation for _ in range(3))]
    assert len(set(names)) == 4
    assert current(settings) == names[-1]
    assert {path.name for path in (settings.data / "index").iterdir() if path.is_dir()} == set(names[-2:])


def test_a_damaged_index_is_built_anew(tmp_path: Path) -> None:
    settings = write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n"})
    first = run(settings)
    (settings.data / "index" / first.generation / "texts" / "a-md.txt").unlink()
    second = run(settings)
    assert (second.changed, second.embedded) == (True, 0)
    assert text_of(settings, "a-md") == "A\nEn."


def test_left_out_sources_are_named_and_not_indexed(tmp_path: Path) -> None:
    report = run(write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n", "b.md": "# B\n\nTo.\n"}, left_out=["b.md"]))
    assert ([source.id for source in report.sources], report.left_out) == (["a-md"], ("b-md",))


def test_a_document_that_cannot_be_read_is_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    settings = write_corpus(
        tmp_path, {"a.md": "# A\n\nEn.\n", "b.pdf": b"%PDF-1.7 damaged", "c.xyz": "x", "d.txt": "", "e.md": "# E\n\nTo.\n"}
    )
    report = run(settings)
    assert [source.id for source in report.sources] == ["a-md", "e-md"]
    assert [(failure.source, failure.file) for failure in report.failures] == [
        ("b-pdf", "b.pdf"),
        ("c-xyz", "c.xyz"),
        ("d-txt", "d.txt"),
    ]
    assert report.failures[0].reason.startswith("b.pdf: kan ikke leses (")
    assert report.failures[1].reason == (
        f"c.xyz: filtypen .xyz kan ikke leses ennå. Lagre den som en av disse: {', '.join(sorted(READERS))}."
    )


def test_a_document_of_headings_alone_is_reported(tmp_path: Path) -> None:
    settings = write_corpus(tmp_path, {"a.md": "# Bare en overskrift\n", "b.md": "# B\n\nEn.\n"})
    report = run(settings)
    assert [source.id for source in report.sources] == ["b-md"]
    assert [failure.source for failure in report.failures] == ["a-md"]


def test_headings_alone_make_no_index(tmp_path: Path) -> None:
    report = run(write_corpus(tmp_path, {"a.md": "# Bare en overskrift\n"}))
    assert (report.generation, len(report.failures)) == ("", 1)


NOTE = (
    "# Brua\n\n- [B1] Brua er ferdig.\n  - Kilde: [Brua](https://b.no/a)\n  - Dato: mai 2021\n  - Forhold: erstatter a-md\n\n"
    "- [B2] Brua er blå.\n  - Kilde: [Farge](https://b.no/b)\n  - Dato: 2022\n"
)


def test_each_fact_of_a_note_is_a_passage(tmp_path: Path) -> None:
    report = run(write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n", "note.md": NOTE}))
    assert (report.failures, [source.passages for source in report.sources], report.sentences) == ((), [1, 2], 3)
    assert report.sources[1].reader == "notes 1"


def test_a_fact_that_cannot_be_used_is_reported_like_a_document_and_the_others_are_indexed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n", "note.md": NOTE.replace("mai 2021", "i mai")})
    code, out, _ = said(settings, capsys)
    assert code == 1
    assert "  note-md: 1 utdrag, datert 2022-03-04\n" in out
    assert "  note-md: HOPPET OVER. note.md, linje 5: datoen 'i mai' kan ikke leses." in out
    first = current(settings)
    code, out, _ = said(settings, capsys)
    assert (code, current(settings)) == (1, first)
    assert "HOPPET OVER. note.md, linje 5:" in out


def test_a_note_without_a_usable_fact_says_every_mistake(tmp_path: Path) -> None:
    text = NOTE.replace("mai 2021", "i mai").replace("Kilde: [Farge](https://b.no/b)", "Kilde:")
    report = run(write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n", "note.md": text}))
    assert [source.id for source in report.sources] == ["a-md"]
    assert [failure.reason.split(":")[0] for failure in report.failures] == ["note.md, linje 5", "note.md, linje 8"]


def test_a_fact_is_related_only_to_what_the_catalogue_knows(tmp_path: Path) -> None:
    (failure,) = run(write_corpus(tmp_path, {"note.md": NOTE})).failures
    assert failure.reason.startswith("note.md, linje 6: kilden 'a-md' finnes ikke i katalogen.")


def test_a_failure_that_stays_publishes_nothing_again(tmp_path: Path) -> None:
    settings = write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n", "b.pdf": b"%PDF-1.7 damaged"})
    run(settings)
    report = run(settings)
    assert (report.changed, [failure.source for failure in report.failures]) == (False, ["b-pdf"])


def test_nothing_readable_leaves_the_old_index(tmp_path: Path) -> None:
    old = run(write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n"}))
    settings = write_corpus(tmp_path, {"b.pdf": b"%PDF-1.7 damaged"})
    report = run(settings)
    assert (report.generation, report.changed, len(report.failures)) == ("", False, 1)
    assert current(settings) == old.generation


def test_a_broken_catalogue_leaves_the_old_index(tmp_path: Path) -> None:
    settings = write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n"})
    old = run(settings)
    (settings.corpus / "sources.toml").write_text("[[source]]\n", encoding="utf-8")
    with pytest.raises(CatalogueError, match="'id' is missing"):
        run(settings)
    assert current(settings) == old.generation


def test_a_file_named_by_its_whole_path_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n"})
    catalogue = settings.corpus / "sources.toml"
    whole = (settings.corpus / "a.md").as_posix()
    catalogue.write_text(catalogue.read_text(encoding="utf-8").replace('"a.md"', f'"{whole}"'), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(IngestSettings(corpus=Path("corpus"), data=Path("data"))).sources[0].file == "a.md"


def test_progress_tells_every_stage_to_its_end(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    ingest(write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n"}), lambda *step: seen.append(step))
    assert list(dict.fromkeys(stage for stage, _, _ in seen)) == ["model", "read", "embed", "write", "verify"]
    assert {stage: (done, total) for stage, done, total in seen} == {
        "model": (1, 1),
        "read": (1, 1),
        "embed": (2, 2),
        "write": (1, 1),
        "verify": (1, 1),
    }


def test_two_ingests_at_once_are_refused_at_once(tmp_path: Path) -> None:
    settings = write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n"})
    settings.data.mkdir()
    with FileLock(settings.data / "ingest.lock"), pytest.raises(IngestBusyError, match=r"ingest\.lock"):
        run(settings)
    assert run(settings).changed


def test_a_lock_in_another_process_is_seen_and_gone_when_it_dies(tmp_path: Path) -> None:
    settings = write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n"})
    settings.data.mkdir()
    code = (
        "import sys\nfrom filelock import FileLock\nlock = FileLock(sys.argv[1])\nlock.acquire()\n"
        "print('held', flush=True)\nsys.stdin.read()\n"
    )
    command = [sys.executable, "-c", code, str(settings.data / "ingest.lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"held"
        with pytest.raises(IngestBusyError, match="Another ingest is running"):
            run(settings)
        other.kill()
        other.wait()
    assert (settings.data / "ingest.lock").exists()
    assert run(settings).changed


def test_an_error_in_the_model_leaves_the_old_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n"})
    old = run(settings)

    class Broken(FakeEmbedder):
        def embed_passages(self, texts: Sequence[str]) -> Vectors:
            raise ModelError("model_unreadable", path="x", reason="y", setting="z")

    monkeypatch.setattr("ingest.pipeline.open_embedder", lambda settings: Broken("broken"))
    with pytest.raises(ModelError, match="x can't be read: y"):
        run(settings)
    assert current(settings) == old.generation


def test_a_vector_that_is_no_number_is_never_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = write_corpus(tmp_path, {"a.md": "# A\n\nEn. To. Tre.\n"})

    class Broken(FakeEmbedder):
        def embed_passages(self, texts: Sequence[str]) -> Vectors:
            return np.full((len(texts), 8), np.nan, dtype=np.float32)

    monkeypatch.setattr("ingest.pipeline.open_embedder", lambda settings: Broken())
    assert cli.guarded(lambda: cli.run(settings)) == 1
    with pytest.raises(IndexMissingError):
        current(settings)


def said(settings: IngestSettings, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Run the command and return its exit code, what it printed, and its last words on standard error."""
    code = cli.guarded(lambda: cli.run(settings))
    captured = capsys.readouterr()
    return code, captured.out, captured.err.strip().rpartition("\n")[2].strip()


def test_the_command_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n", "b.md": "# B\n\nTo.\n"}, left_out=["b.md"])
    code, out, _ = said(settings, capsys)
    assert code == 0
    assert out.splitlines() == [
        f"Ny indeks: {current(settings)}",
        "1 dokumenter, 1 utdrag, 1 setninger. 2 tekster vektorisert nå.",
        "  a-md: 1 utdrag, datert 2022-03-04",
        "  b-md: ikke søkbar (index = false i katalogen)",
    ]
    assert said(settings, capsys)[1].splitlines()[0] == f"Indeksen er oppdatert fra før: {current(settings)}"


def test_the_command_fails_if_a_document_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n", "b.xyz": "x"}), capsys)
    assert code == 1
    assert "  b-xyz: HOPPET OVER. b.xyz: filtypen .xyz kan ikke leses ennå." in out


@pytest.mark.parametrize(("texts", "left_out"), [({"b.xyz": "x"}, []), ({"a.md": "# A\n\nEn.\n"}, ["a.md"])])
def test_the_command_fails_if_nothing_was_indexed(
    texts: dict[str, str | bytes], left_out: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = said(write_corpus(tmp_path, texts, left_out=left_out), capsys)
    assert code == 1
    assert out.startswith("Ingen dokumenter kunne indekseres. Den gamle indeksen, om den finnes, er ikke rørt.\n")


def block_index(data: Path) -> None:
    (data / "index").write_text("x", encoding="utf-8")


def block_cache(data: Path) -> None:
    (data / "cache" / "vectors.sqlite").mkdir(parents=True)


def block_lock(data: Path) -> None:
    (data / "ingest.lock").mkdir()


@pytest.mark.parametrize("block", [block_index, block_cache, block_lock])
def test_what_cannot_be_written_is_said_in_one_sentence(
    block: Callable[[Path], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n"})
    settings.data.mkdir()
    block(settings.data)
    code, out, sentence = said(settings, capsys)
    assert (code, out) == (1, "")
    assert sentence.startswith(f"Får ikke lest eller skrevet {settings.data}")
    assert sentence.endswith("og ledig plass og rettigheter.")


_FULL_DISK = """
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import numpy as np
import ingest.pipeline
from ingest import cli
from ingest.settings import IngestSettings

class Fake:
    fingerprint = "fake"
    def embed_passages(self, texts):
        made = np.random.default_rng(len(texts)).normal(size=(len(texts), 8)).astype(np.float32)
        return made / np.linalg.norm(made, axis=1, keepdims=True)

ingest.pipeline.open_embedder = lambda *arguments: Fake()
settings = IngestSettings(corpus=Path(sys.argv[2]), data=Path(sys.argv[3]))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for limit in map(int, sys.argv[4:]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    print(limit, cli.guarded(lambda: cli.run(settings)), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on file size to play a full disk with")
def test_a_full_disk_is_said_in_one_sentence_and_harms_nothing(tmp_path: Path) -> None:
    settings = write_corpus(tmp_path, {"a.md": "# A\n\nEn.\n"})
    old = run(settings)
    write_corpus(tmp_path, {"a.md": "# A\n\n" + " ".join(f"Setning {number} er her." for number in range(200))})
    limits = ["2", "2000", "9000", "30000", "90000", "150000"]
    command = [sys.executable, "-c", _FULL_DISK, str(REPOSITORY), str(settings.corpus), str(settings.data), *limits]
    done = subprocess.run(
        command, env=os.environ | {"PYTHONIOENCODING": "utf-8"}, capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:-1] == [f"{limit} 1" for limit in limits]
    sentences = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(sentences) == len(limits)
    assert all("Får ikke lest eller skrevet" in line for line in sentences)
    assert current(settings) == old.generation
    assert text_of(settings, "a-md") == "A\nEn."
    assert run(settings).changed


def test_the_real_model_indexes_the_projects_corpus(built: tuple[BotSettings, IngestReport], settings: BotSettings) -> None:
    report = built[1]
    assert (report.changed, report.failures, report.left_out) == (True, (), ("faktagrunnlag-2022-tekst",))
    assert report.embedded > 150
    assert run(settings) == replace(report, changed=False, embedded=0)
