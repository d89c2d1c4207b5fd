"""Print what the bot costs: import time, latency, reading, index size, and the memory of `serve` after 100 questions.

    python tools/benchmark.py [GOLD.jsonl]

Needs a built index, the test dependencies and chromium. Times are of one machine on one day: read them as ratios.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import closing
from itertools import cycle, islice
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import sync_playwright

from bot.batch import BatchQuestion, read_batch
from bot.reader import Reader
from bot.reader.inference import has_matrix_tiles
from bot.service import Assistant
from bot.settings import BotSettings, Precision, ReaderSettings
from ingest.index import IndexStore
from ingest.models import READER, model_folder

QUESTIONS = 100
IMPORTS = ("bot.cli", "bot.service", "sentence_transformers", "gradio")
RUNS = 5
CHROMIUM_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, nargs="?", default=Path("eval/questions.jsonl"))
    questions = read_batch(parser.parse_args().gold)
    settings = BotSettings.load()
    rows = [(f"import {name}", f"{import_s(name):.2f} s") for name in IMPORTS]
    rows.append(("index on disk", f"{IndexStore(settings.data).size_bytes() / 1e6:.1f} MB"))
    rows += latency(settings, questions)
    rows += reading(settings, questions[0].question)
    rows += memory(questions)
    lines = ["| what | value |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]
    sys.stdout.write("\n".join(lines) + "\n")


def import_s(name: str) -> float:
    """Return the median time of an interpreter that imports a module, less that of one that imports nothing."""

    def seconds(code: str) -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return time.perf_counter() - began

    return median(seconds(f"import {name}") for _ in range(RUNS)) - median(seconds("") for _ in range(RUNS))


def latency(settings: BotSettings, questions: list[BatchQuestion]) -> list[tuple[str, str]]:
    """Return how long the first question takes, and the others'."""
    began = time.perf_counter()
    assistant = Assistant(settings)
    assistant.ask(questions[0].question)
    first = time.perf_counter() - began
    times = [assistant.ask(one.question, one.history).elapsed_ms for one in questions]
    cuts = quantiles(times, n=20)
    return [
        ("open index and model, first question", f"{first:.1f} s"),
        ("a question, p50", f"{cuts[9]:.0f} ms"),
        ("a question, p95", f"{cuts[18]:.0f} ms"),
    ]


def reading(settings: BotSettings, question: str) -> list[tuple[str, str]]:
    """Return how long the reader takes with some passages, and how far half precision is from float32."""
    texts = [passage.search_text for passage in IndexStore(settings.data).open().passages[: settings.reader.passages]]
    rows: list[tuple[str, str]] = []
    relevance: dict[str, list[float]] = {}
    # Without matrix tiles half precision is emulated, a hundred times as slow.
    precisions: tuple[Precision, ...] = ("float32", "bfloat16") if has_matrix_tiles() else ("float32",)
    for precision in precisions:
        reader = Reader(model_folder(READER, READER, "reader.model"), ReaderSettings(precision=precision, budget_ms=600_000))
        reader.read(question, texts)
        times = []
        for _ in range(RUNS):
            began = time.perf_counter()
            relevance[precision] = [one.relevance for one in reader.read(question, texts)]
            times.append(time.perf_counter() - began)
        rows.append((f"{len(texts)} passages read in {precision}", f"{1000 * median(times):.0f} ms"))
    if "bfloat16" in relevance:
        pairs = zip(*relevance.values(), strict=True)
        rows.append(
            ("greatest difference of a relevance between the two", f"{max(abs(one - other) for one, other in pairs):.3f}")
        )
    return rows


def memory(questions: list[BatchQuestion]) -> list[tuple[str, str]]:
    """Return the peak memory of `serve` before any question and after `QUESTIONS`, asked in a browser."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {"FAKTASVAR_WEB__PORT": str(port)}
    server = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve"], stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
    )
    try:
        assert server.stdout is not None
        server.stdout.readline()  # Said when questions are answered.
        before = peak_mb(server.pid)
        ask_in_browser(f"http://127.0.0.1:{port}", questions)
        after = peak_mb(server.pid)
    finally:
        server.terminate()
        server.wait()
    return [
        ("peak memory of serve, ready", f"{before:.0f} MB"),
        (f"peak memory of serve, after {QUESTIONS} questions", f"{after:.0f} MB"),
    ]


def peak_mb(process: int) -> float:
    """Return the most memory that a process has held, in MB (Linux)."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def ask_in_browser(address: str, questions: list[BatchQuestion]) -> None:
    """Ask as people do, ten questions a conversation."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGS)
        page = browser.new_page()
        for number, question in enumerate(islice(cycle(questions), QUESTIONS)):
            if number % 10 == 0:
                page.goto(address)
            page.fill("#fs-box textarea", question.question)
            page.press("#fs-box textarea", "Enter")
            page.locator(f"#kilde-{number % 10 + 1}-1").wait_for(state="attached")
        browser.close()


if __name__ == "__main__":
    main()
