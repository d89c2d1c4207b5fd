"""A child reads the files: what it finds comes through unchanged, and however it dies, it costs one sentence."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from ingest.documents import About, Block, Document, Link, PageStart
from ingest.errors import DocumentError, EmptyDocumentError, ReadingStoppedError, UnreadableError, UnsupportedFormatError
from ingest.reading import read_document
from ingest.reading.child import worker as worker_module
from ingest.reading.child.answers import GarbledError, parse
from ingest.reading.child.budget import allowed
from ingest.reading.child.pool import Readers
from ingest.reading.child.wire import line, of_document, of_error
from ingest.reading.child.worker import Worker
from ingest.settings import ReadingSettings
from ingest.texts import LANGUAGES

REPOSITORY = Path(__file__).resolve().parents[1]
# A busy machine must not change what these tests see; where time is the point, they set their own.
PATIENT = ReadingSettings(seconds=100, workers=2)
BRIEF = ReadingSettings(seconds=4, workers=1)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing is forked there")

WHOLE = Document(
    blocks=(
        Block("heading", "Blåbær «og» \u2028 tegn", level=2, pages=(PageStart(0, 1, "i"),)),
        Block("list_item", "En 😀 lenke", 1, "•", pages=(PageStart(0, 1, "i"), PageStart(3, 2, "1")), links=(Link(3, 5, "x"),)),
        Block("table_row", "a | b", header=("A", "B")),
        Block("caption", ""),
    ),
    reader="r 1",
    page_count=2,
    warnings=("odd on page 2",),
    about=About("T", "P", "nb", "https://x.no", date(2022, 3, 4), None),
    recognised={2: 0.87},
)


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return what puts a reader of our own into the children: the body of `read(path, watch)`, or of `answer()`."""

    def put(body: str, name: str = "read_document", arguments: str = "path, watch") -> None:
        lines = [f"def replaced({arguments}):", *(f"    {one}" for one in body.splitlines())]
        code = (
            "import sys; sys.path.insert(0, sys.argv.pop(1))\n"
            "import os, resource, signal, socket, subprocess, time\n"
            "import ingest.reading.child.loop as loop\nfrom ingest.documents import Block, Document\n"
            "real = loop.read_document\n" + "\n".join(lines) + f"\nloop.{name} = replaced\nloop.main()\n"
        )
        monkeypatch.setattr(worker_module, "_CODE", code)

    return put


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """Return a file that can be read."""
    path = tmp_path / "god.md"
    path.write_text("# Overskrift\n\nEn setning.\n", encoding="utf-8")
    return path


def one(path: Path, settings: ReadingSettings = PATIENT) -> Document | DocumentError:
    """Return what becomes of one file."""
    with Readers(settings) as readers:
        (answer,) = readers.read([path])
    return answer


def error(path: Path, settings: ReadingSettings = PATIENT) -> DocumentError:
    answer = one(path, settings)
    assert isinstance(answer, DocumentError)
    return answer


def living(group: int) -> list[int]:
    """Return the processes of a group that are not dead; only for Linux."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, its = (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(its) == group and state != "Z":
            found.append(int(folder.name))
    return found


def gone(group: int) -> bool:
    """Tell whether a group of processes ends; what is killed may take a moment."""
    for _ in range(600):
        if not living(group):
            return True
        time.sleep(0.05)
    return False


def test_a_document_comes_through_unchanged() -> None:
    assert parse(line({"document": of_document(WHOLE)})).document == WHOLE


@pytest.mark.parametrize("name", ["corpus.pdf", "corpus.md", "corpus.txt"])
def test_the_child_reads_what_is_read_here(name: str) -> None:
    path = REPOSITORY / "corpus" / "documents" / name.replace("corpus", "faktagrunnlag-helseplattformen-2022")
    assert one(path) == read_document(path)


def test_half_a_character_becomes_a_question_mark_and_moves_nothing() -> None:
    document = Document((Block("paragraph", "a\ud83db"),), "r")
    read = parse(line({"document": of_document(document)})).document
    assert read is not None
    assert read.text == "a?b"


@pytest.mark.parametrize(
    ("made", "content"),
    [
        (UnreadableError("document_unreadable", file="a.pdf", reason="not a PDF file"), b"x"),
        (EmptyDocumentError("document_empty", file="a.pdf"), None),
        (UnsupportedFormatError("document_unsupported", file="a.xyz", suffix=".xyz", known=".md"), None),
    ],
)
def test_a_readers_own_error_comes_through_unchanged(made: DocumentError, content: bytes | None, tmp_path: Path) -> None:
    said = parse(line({"error": of_error(made)})).error
    assert said is not None
    found = said.error()
    assert (type(found), found.key, found.values) == (type(made), made.key, made.values)
    if content is not None:
        path = tmp_path / "a.pdf"
        path.write_bytes(content)
        told = error(path)
        assert (type(told), told.key, told.values) == (type(made), made.key, made.values)


def test_what_would_act_on_a_terminal_is_taken_out_of_an_error() -> None:
    made = UnreadableError("document_unreadable", file="a\x1b[31m.pdf", reason="b\u202e\nc")
    said = parse(line({"error": of_error(made)})).error
    assert said is not None
    assert said.error().values == {"file": "a\ufffd[31m.pdf", "reason": "b\ufffd\ufffdc"}


DYING = [
    ("time.sleep(1000)", "document_slow", {"seconds": "4"}),
    ("while True: pass", "document_slow", {"seconds": "4"}),
    ("signal.raise_signal(signal.SIGXCPU)", "document_slow", {"seconds": "4"}),
    ("bytearray(2_000_000_000)", "document_memory", {"megabytes": 1000}),
    ("def deep(): return deep()\ndeep()", "document_nested", {}),
    ("import ctypes\nctypes.string_at(0)", "document_killed", {"signal": "SIGSEGV"}),
    ("signal.raise_signal(signal.SIGKILL)", "document_killed", {"signal": "SIGKILL"}),
    ("os.abort()", "document_killed", {"signal": "SIGABRT"}),
    ("os._exit(3)", "document_gone", {"code": 3}),
    ("os._exit(0)", "document_gone", {"code": 0}),
    ("{}['\\x1b[31m']", "document_reader_failed", {"reason": "KeyError: '\\x1b[31m'"}),
    ("raise SystemExit(5)", "document_gone", {"code": 0}),
]


@pytest.mark.parametrize(("body", "key", "values"), DYING)
def test_however_a_child_dies_it_is_one_error_and_the_next_file_is_read(
    body: str, key: str, values: dict[str, object], child: Callable[[str], None], tmp_path: Path, good: Path
) -> None:
    child("if path.name == 'god.md': return real(path, watch)\n" + body)
    bad = tmp_path / "dårlig.md"
    bad.write_text("x", encoding="utf-8")
    with Readers(BRIEF) as readers:
        answers = list(readers.read([good, bad, good]))
    assert [type(answer) for answer in answers] == [Document, ReadingStoppedError, Document]
    assert isinstance(answers[1], DocumentError)
    assert (answers[1].key, answers[1].values) == (key, {"file": "dårlig.md", **values})
    for language in LANGUAGES:
        assert answers[1].say(language).startswith("dårlig.md: ")


def test_what_a_child_has_started_is_ended_with_it(child: Callable[[str], None], good: Path) -> None:
    child("time.sleep(1000)")
    worker = Worker(BRIEF)
    group = worker.pid
    with pytest.raises(ReadingStoppedError):
        worker.read(good)
    assert gone(group)
    assert not worker.alive
    worker.close()


ANSWERS = {
    "no JSON": "return b'{]\\n'",
    "no object": "return b'[1]\\n'",
    "nothing said": "return b'{}\\n'",
    "an unknown name": "return loop.line({'failed': 'memory', 'run': 'x'})",
    "two answers": "return loop.line({'failed': 'memory'}) * 2",
    "no end": "return b'x' * 70_000_000",
    "an error that is none": "return loop.line({'error': {'type': 'SystemExit', 'key': 'document_empty', 'values': {}}})",
    "an error of another kind": "return loop.line({'error': {'type': 'DocumentError', 'key': 'disk', 'values': {}}})",
    "an unknown text": "return loop.line({'error': {'type': 'DocumentError', 'key': 'document_x', 'values': {}}})",
    "a text without values": "return loop.line({'error': {'type': 'DocumentError', 'key': 'document_empty', 'values': {}}})",
    "a pickle": "import pickle\nreturn pickle.dumps(print) + b'\\n'",
    "not UTF-8": 'return b\'{"reason": "\\xff"}\\n\'',
}
DOCUMENTS: dict[str, dict[str, object]] = {
    "no blocks": {"blocks": []},
    "an unknown kind": {"blocks": [{"kind": "script", "text": "x"}]},
    "a number for a text": {"blocks": [{"kind": "paragraph", "text": 1}]},
    "pages where there are none": {
        "blocks": [{"kind": "paragraph", "text": "x", "pages": [{"offset": 0, "page": 1, "label": ""}]}],
    },
    "a page that is not there": {
        "page_count": 1, "blocks": [{"kind": "paragraph", "text": "x", "pages": [{"offset": 0, "page": 2, "label": ""}]}],
    },
    "a page that begins behind the text": {
        "page_count": 1, "blocks": [{"kind": "paragraph", "text": "x", "pages": [{"offset": 9, "page": 1, "label": ""}]}],
    },
    "a link behind the text": {"blocks": [{"kind": "paragraph", "text": "x", "links": [{"start": 0, "end": 9, "url": ""}]}]},
    "a level below nothing": {"blocks": [{"kind": "heading", "text": "x", "level": -1}]},
    "a recognised page that is not there": {"page_count": 1, "recognised": {"2": 0.5}},
    "more than certain": {"page_count": 1, "recognised": {"1": 1.5}},
    "no number": {"page_count": 1, "recognised": {"1": float("nan")}},
    "half a character": {"blocks": [{"kind": "paragraph", "text": "\ud83d"}]},
    "too much text": {"blocks": [{"kind": "paragraph", "text": "x" * 5_000_001}]},
    "an origin, which only a note has": {
        "blocks": [{"kind": "paragraph", "text": "x", "origin": {"title": "Vedtak", "url": "", "dated": "2022"}}],
    },
    "a date that is none": {"about": {"published": "i går"}},
}  # fmt: skip


@pytest.mark.parametrize("what", ANSWERS)
def test_an_answer_that_cannot_be_used_is_said_to_be_one(what: str, child: Callable[..., None], good: Path) -> None:
    child(ANSWERS[what], "answer", "path, settings, send")
    found = error(good)
    assert (found.key, found.values) == ("document_garbled", {"file": "god.md"})


@pytest.mark.parametrize("what", DOCUMENTS)
def test_a_document_that_cannot_be_is_no_document(what: str) -> None:
    whole: dict[str, object] = {"reader": "r", "blocks": [{"kind": "paragraph", "text": "x"}]}
    assert parse(line({"document": whole})).document is not None
    with pytest.raises(GarbledError):
        parse(json.dumps({"document": whole | DOCUMENTS[what]}).encode())


def test_a_child_that_says_nothing_and_lives_on_is_ended(child: Callable[..., None], good: Path) -> None:
    child("os.close(1); os.close(2); os.closerange(3, 50); time.sleep(1000)", "answer", "path, settings, send")
    found = error(good, BRIEF)
    assert found.key in ("document_garbled", "document_slow")


def test_a_child_cannot_buy_itself_time_with_pages(child: Callable[..., None], good: Path) -> None:
    child("send(loop.line({'read': 10**9, 'recognised': 0}))\ntime.sleep(1000)", "answer", "path, settings, send")
    assert error(good, ReadingSettings(seconds=2, pages=10)).key == "document_slow"


def test_a_child_that_does_not_start_is_one_error_for_each_file(monkeypatch: pytest.MonkeyPatch, good: Path) -> None:
    monkeypatch.setattr(worker_module, "_CODE", "import no_such_module")
    with Readers(BRIEF) as readers:
        answers = list(readers.read([good, good]))
    assert [answer.key for answer in answers if isinstance(answer, DocumentError)] == ["document_gone"] * 2


def test_time_grows_with_the_pages_that_are_done() -> None:
    assert allowed(20, 0, 0) == 20
    assert allowed(20, 5_000, 0) == pytest.approx(270)
    assert allowed(20, 100, 100) == pytest.approx(1525)
    assert allowed(40, 100, 100) == pytest.approx(3050)


FORBIDDEN = {
    "a connection": "socket.create_connection(('127.0.0.1', 9))",
    "a name on the net": "socket.getaddrinfo('localhost', 80)",
    "a file beside the document": "(path.parent / 'ny.txt').write_text('x')",
    "a file opened by number": "os.open(path.parent / 'ny.txt', os.O_CREAT | os.O_WRONLY)",
    "a folder": "(path.parent / 'ny').mkdir()",
    "to remove the document": "path.unlink()",
    "to rename the document": "path.rename(path.parent / 'ny.txt')",
    "a program": "subprocess.run(['/bin/true'])",
    "a shell": "os.system('true')",
    "to become another program": "os.execv('/bin/true', ['true'])",
    "to kill": "os.kill(os.getppid(), 9)",
    "to fork": "os.fork()",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_a_reader_may_only_read(what: str, child: Callable[[str], None], tmp_path: Path, good: Path) -> None:
    child(f"{FORBIDDEN[what]}\nreturn real(path, watch)")
    before = sorted(tmp_path.iterdir())
    found = error(good)
    assert found.key == "document_reader_failed"
    assert str(found.values["reason"]).startswith("PermissionError: ")
    assert sorted(tmp_path.iterdir()) == before


def told(child: Callable[[str], None], good: Path, expression: str) -> str:
    """Return what an expression gives inside a child."""
    child(f"return Document((Block('paragraph', repr({expression})),), 'r')")
    document = one(good)
    assert isinstance(document, Document), document
    return document.text


def test_the_system_holds_the_limits(child: Callable[[str], None], good: Path) -> None:
    kinds = "RLIMIT_AS RLIMIT_CORE RLIMIT_FSIZE"
    limits = told(child, good, f"[resource.getrlimit(getattr(resource, name)) for name in '{kinds}'.split()]")
    assert limits == "[(1000000000, 1000000000), (0, 0), (0, 0)]"


def test_a_child_knows_nothing_of_the_users_environment(
    child: Callable[[str], None], good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKTASVAR_SECRET", "x")
    monkeypatch.setenv("PYTHONPATH", "/x")
    assert told(child, good, "[name for name in os.environ if 'SECRET' in name or 'PYTHON' in name]") == "[]"


def test_a_child_starts_with_little(child: Callable[[str], None], good: Path) -> None:
    heavy = "{'torch', 'numpy', 'pydantic', 'chromadb', 'rich', 'pypdfium2', 'langchain_core'}"
    assert told(child, good, f"sorted({heavy} & set(loop.sys.modules))") == "[]"


def test_what_a_file_leaves_behind_is_not_there_for_the_next(child: Callable[[str], None], good: Path) -> None:
    child("loop.seen = getattr(loop, 'seen', 0) + 1\nreturn Document((Block('paragraph', str(loop.seen)),), 'r')")
    with Readers(ReadingSettings(seconds=100, workers=1)) as readers:
        answers = list(readers.read([good] * 3))
    assert [answer.text for answer in answers if isinstance(answer, Document)] == ["1", "1", "1"]


def test_answers_come_in_the_order_of_asking(child: Callable[[str], None], tmp_path: Path) -> None:
    child("time.sleep(0.3 if path.stem in '048' else 0)\nreturn Document((Block('paragraph', path.stem),), 'r')")
    files = [tmp_path / f"{number}.md" for number in range(12)]
    with Readers(ReadingSettings(seconds=100, workers=3)) as readers:
        answers = list(readers.read(files))
    assert [answer.text for answer in answers if isinstance(answer, Document)] == [str(number) for number in range(12)]


def pids(readers: Readers) -> list[int]:
    return [worker.pid for worker in readers._all]


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_an_interrupt_in_the_middle_of_a_file_leaves_no_child(child: Callable[[str], None], good: Path) -> None:
    child("if path.name != 'god.md': time.sleep(1000)\nreturn real(path, watch)")
    slow = good.with_name("treg.md")
    started: list[int] = []

    def interrupted() -> Iterator[Document | DocumentError]:
        with Readers(PATIENT) as readers:
            for answer in readers.read([good, slow, slow, good]):
                started.extend(pids(readers))
                yield answer
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(interrupted())
    assert started
    assert all(gone(group) for group in started)


_PARENT = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from ingest.reading.child import worker
from ingest.reading.child.pool import Readers
from ingest.settings import ReadingSettings
worker._CODE = sys.argv[3]
with Readers(ReadingSettings(seconds=1000, workers=2)) as readers:
    files = [Path(sys.argv[2])] * 2 + [Path(sys.argv[2]).with_name("treg.md")] * 2
    answers = readers.read(files)
    next(answers), next(answers)
    print(*(one.pid for one in readers._all), flush=True)
    next(answers)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only there the kernel ends a child with its parent")
@pytest.mark.parametrize("deadly", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_a_parent_that_is_killed_leaves_no_child(deadly: signal.Signals, child: Callable[[str], None], good: Path) -> None:
    child("if path.name == 'treg.md': time.sleep(1000)\nreturn real(path, watch)")
    command = [sys.executable, "-c", _PARENT, str(REPOSITORY), str(good), worker_module._CODE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as parent:
        assert parent.stdout is not None
        groups = [int(word) for word in parent.stdout.readline().split()]
        assert groups
        assert any(living(group) for group in groups)
        os.kill(parent.pid, deadly)
        parent.wait(timeout=60)
    assert all(gone(group) for group in groups)
