"""`faktasvar-ingest`: build the index from the catalogue."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ingest.errors import FaktasvarError
from ingest.remarks import remarks_of
from ingest.settings import IngestSettings
from ingest.texts import Language, say

if TYPE_CHECKING:
    from rich.progress import TaskID

    from ingest.pipeline import IngestReport, Stage


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0 if all is indexed, 1 if anything failed."""
    parser = argparse.ArgumentParser(prog="faktasvar-ingest", description=say("ingest", "help.ingest", "nb"))
    add_options(parser, "nb")
    options = parser.parse_args(arguments)
    return guarded(lambda: run(IngestSettings.load(), rebuild=options.rebuild))


def add_options(parser: argparse.ArgumentParser, language: Language) -> None:
    """Add the command's own options to a parser."""
    parser.add_argument("--rebuild", action="store_true", help=say("ingest", "help.rebuild", language))


def guarded(command: Callable[[], int]) -> int:
    """Run a command; an error becomes one sentence on standard error and exit code 1, never a traceback."""
    try:
        return command()
    except FaktasvarError as error:
        sys.stderr.write(error.say(_language()) + "\n")
    except OSError as error:
        # Full disks and missing rights turn up anywhere; what the system says of them is enough to act on.
        reason = error.strerror or str(error)
        sys.stderr.write(say("ingest", "error.disk", _language(), path=error.filename or "–", reason=reason) + "\n")
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return 130
    return 1


def _language() -> Language:
    try:
        return IngestSettings.load().language
    except FaktasvarError:
        return "nb"


def run(settings: IngestSettings, *, rebuild: bool = False) -> int:
    """Build the index with a progress bar and print the report."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from ingest.pipeline import ingest

    language = settings.language
    columns = (TextColumn("{task.description:<20}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[Stage, TaskID] = {}

        def show(stage: Stage, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(say("ingest", f"stage.{stage}", language))
            bar.update(tasks[stage], completed=done, total=total)

        report = ingest(settings, show, rebuild=rebuild)
    sys.stdout.write("\n".join(report_lines(report, language)) + "\n")
    return 1 if report.failures or not report.generation else 0


def report_lines(report: IngestReport, language: Language) -> list[str]:
    """Return what is said of an ingest, a line each."""

    def text(key: str, **values: object) -> str:
        return say("ingest", f"report.{key}", language, **values)

    if not report.generation:
        lines = [text("none")]
    else:
        lines = [text("new" if report.changed else "unchanged", generation=report.generation)]
        counts = {"passages": report.passages, "sentences": report.sentences, "embedded": report.embedded}
        lines.append(text("counts", documents=len(report.sources), **counts))
    for source in report.sources:
        pages = text("pages", pages=source.pages) if source.pages is not None else ""
        lines.append(text("source", id=source.id, passages=source.passages, pages=pages, dated=source.dated))
        lines += [text("remark", source=source.id, remark=remark) for remark in remarks_of(source, language)]
    lines += [text("left_out", id=identifier) for identifier in report.left_out]
    lines += [text("failure", source=failure.source, reason=failure.reason) for failure in report.failures]
    return lines
