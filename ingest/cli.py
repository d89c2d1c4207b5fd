"""`faktasvar-ingest`: build the index from the catalogue, and fetch what the catalogue names."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ingest.errors import FaktasvarError
from ingest.reports import fetch_summary, outcome_line, report_lines, state_lines
from ingest.settings import IngestSettings
from ingest.texts import Language, say

if TYPE_CHECKING:
    from rich.progress import TaskID

    from ingest.fetched import Brought
    from ingest.fetching import Outcome
    from ingest.pipeline import IngestReport, Stage

Command = Callable[[IngestSettings, argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0 if all went well, 1 if anything failed, 2 if it was called wrongly."""
    return guarded(lambda: _main(arguments))


def _main(arguments: Sequence[str] | None) -> int:
    settings = IngestSettings.load()
    language = settings.language
    parser = argparse.ArgumentParser(prog="faktasvar-ingest", description=say("ingest", "help.ingest", language))
    add_options(parser, language)
    return run_options(settings, parser.parse_args(arguments))


def add_options(parser: argparse.ArgumentParser, language: Language) -> None:
    """Add the command's own options and sub-commands to a parser; without a sub-command it builds the index."""

    def text(key: str) -> str:
        return say("ingest", f"help.{key}", language)

    def add(name: str, command: Command) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text(name), description=text(name))
        added.set_defaults(ingest=command)
        return added

    parser.add_argument("--rebuild", action="store_true", help=text("rebuild"))
    parser.set_defaults(ingest=_build)
    commands = parser.add_subparsers(metavar="add | remove | list | fetch | watch | diff")
    adding = add("add", _add)
    adding.add_argument("where", metavar="PATH|URL", help=text("where"))
    for key in ("title", "publisher", "kind", "dated", "language", "licence", "id"):
        adding.add_argument(f"--{key}", default="", help=text(f"add_{key}"))
    add("remove", _remove).add_argument("id", metavar="ID", help=text("remove_id"))
    add("list", _list)
    add("fetch", _fetch).add_argument("ids", nargs="*", metavar="ID", help=text("fetch_ids"))
    add("watch", _watch)
    diff = add("diff", _diff)
    diff.add_argument("id", metavar="ID", help=text("diff_id"))
    diff.add_argument("--from", dest="older", default="", metavar="DATE", help=text("diff_from"))
    diff.add_argument("--to", dest="newer", default="", metavar="DATE", help=text("diff_to"))


def run_options(settings: IngestSettings, options: argparse.Namespace) -> int:
    """Run what `add_options` read from the command line and return the exit code."""
    command: Command = options.ingest
    return command(settings, options)


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


def _build(settings: IngestSettings, options: argparse.Namespace) -> int:
    return run(settings, rebuild=options.rebuild)


def run(settings: IngestSettings, *, rebuild: bool = False) -> int:
    """Build the index with a progress bar and print the report."""
    report = _with_progress(settings, rebuild=rebuild)
    _write(report_lines(report, settings.language))
    return 1 if report.failures or not report.generation else 0


def _with_progress(settings: IngestSettings, *, rebuild: bool) -> IngestReport:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from ingest.pipeline import ingest

    language = settings.language
    columns = (TextColumn("{task.description:<20}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(compact=True))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[Stage, TaskID] = {}

        def show(stage: Stage, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(say("ingest", f"stage.{stage}", language))
            bar.update(tasks[stage], completed=done, total=total)

        return ingest(settings, show, rebuild=rebuild)


def _fetch(settings: IngestSettings, options: argparse.Namespace) -> int:
    from ingest.fetching import Fetcher, fetch_entries

    def tell(outcome: Outcome) -> None:
        _write([outcome_line(outcome, settings.language)])

    outcomes = fetch_entries(settings, options.ids, Fetcher(settings.fetch), tell)
    _write(fetch_summary(outcomes, settings.language))
    return 1 if any(outcome.result == "failed" for outcome in outcomes) else 0


def _add(settings: IngestSettings, options: argparse.Namespace) -> int:
    from ingest.adding import add
    from ingest.facts import Facts

    given = Facts(**{field.name: getattr(options, field.name, "") for field in fields(Facts)})
    ask = _ask if sys.stdin.isatty() else None
    identifier = add(settings, options.where, given, ask, lambda url: _brought(settings, url), datetime.now(UTC).date())
    _write([say("ingest", "add.added", settings.language, id=identifier), say("ingest", "fetch.next", settings.language)])
    return 0


def _brought(settings: IngestSettings, url: str) -> Brought:
    from ingest.fetched import Brought
    from ingest.fetching import Fetcher, record_of

    download = Fetcher(settings.fetch).fetch(url)
    assert download is not None, "nothing was known before"
    return Brought(download.content, download.suffix, record_of(url, download, datetime.now(UTC).date()))


def _ask(question: str) -> str:
    sys.stderr.write(question)
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer:
        raise EOFError
    return answer


def _remove(settings: IngestSettings, options: argparse.Namespace) -> int:
    from ingest.adding import remove

    moved = remove(settings, options.id)
    key = "add.removed" if moved is None else "add.moved"
    values = {} if moved is None else {"path": moved}
    _write([say("ingest", key, settings.language, id=options.id, **values), say("ingest", "add.next", settings.language)])
    return 0


def _list(settings: IngestSettings, options: argparse.Namespace) -> int:
    from ingest.states import states

    _write(state_lines(states(settings), settings.language))
    return 0


def _watch(settings: IngestSettings, options: argparse.Namespace) -> int:
    from ingest.watching import Watch

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
    _write([say("ingest", "watch.begun", settings.language, folder=settings.corpus)])
    try:
        Watch(settings, lambda: _with_progress(settings, rebuild=False), _write).run(stop)
    except KeyboardInterrupt:
        pass  # That is how a person ends it.
    _write([say("ingest", "watch.ended", settings.language)])
    return 0


def _diff(settings: IngestSettings, options: argparse.Namespace) -> int:
    from ingest.versions import choose, compare, versions
    from ingest.versions.showing import change_lines

    old, new = choose(versions(settings.data, options.id), options.id, options.older, options.newer)
    _write(change_lines(old, new, compare(old.parts, new.parts), settings.language))
    return 0


def _write(lines: Sequence[str]) -> None:
    sys.stdout.write("".join(line + "\n" for line in lines))
    sys.stdout.flush()
