"""`faktasvar`: ingest, ask, serve, evaluate, doctor. Heavy imports wait until a command needs them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.answers import Answer, Citation
from bot.errors import BotError
from bot.recognition import recognition_of
from bot.settings import BotSettings
from ingest import cli as ingest_cli
from ingest.texts import Language, say

if TYPE_CHECKING:
    from bot.service import Assistant


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 if all went well, 1 if anything failed, 2 if it was called wrongly."""
    return ingest_cli.guarded(lambda: _main(arguments))


def _main(arguments: Sequence[str] | None) -> int:
    settings = BotSettings.load()
    options = _parser(settings.language).parse_args(arguments)
    command: Callable[[BotSettings, argparse.Namespace], int] = options.command
    return command(settings, options)


def _parser(language: Language) -> argparse.ArgumentParser:
    def text(key: str) -> str:
        return say("bot", f"help.{key}", language)

    parser = argparse.ArgumentParser(prog="faktasvar", description=text("faktasvar"))
    commands = parser.add_subparsers(required=True, metavar="ingest | ask | serve | evaluate | doctor")

    def add(name: str, command: Callable[[BotSettings, argparse.Namespace], int]) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text(name), description=text(name))
        added.set_defaults(command=command)
        return added

    ingest_cli.add_options(add("ingest", _ingest), language)
    ask = add("ask", _ask)
    what = ask.add_mutually_exclusive_group(required=True)
    what.add_argument("question", nargs="?", help=text("question"))
    what.add_argument("--batch", type=Path, metavar="IN.jsonl", help=text("batch"))
    ask.add_argument("--out", type=Path, metavar="OUT.jsonl", help=text("out"))
    ask.add_argument("--json", action="store_true", help=text("json"))
    add("serve", _serve)
    evaluate = add("evaluate", _evaluate)
    evaluate.add_argument("gold", type=Path, nargs="?", default=Path("eval/questions.jsonl"), help=text("gold"))
    evaluate.add_argument("--json", action="store_true", help=text("evaluate_json"))
    evaluate.add_argument("--changes", action="store_true", help=text("changes"))
    for command in (ask, evaluate):
        command.add_argument("--source", nargs="+", action="extend", metavar="ID", help=text("source"))
    add("doctor", _doctor)
    return parser


def _ingest(settings: BotSettings, options: argparse.Namespace) -> int:
    return ingest_cli.run_options(settings, options)


def _ask(settings: BotSettings, options: argparse.Namespace) -> int:
    from bot.service import Assistant

    if options.batch is not None and options.out is None:
        raise BotError("batch_needs_out")
    assistant = Assistant(settings)
    sources = _known(assistant.source_ids, options.source)
    if options.batch is not None:
        return _ask_batch(settings, options, assistant, sources)
    answer = assistant.ask(options.question, sources=sources)
    if options.json:
        sys.stdout.write(json.dumps(answer.as_record(), ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(as_text(answer) + "\n")
    return 0


def _ask_batch(settings: BotSettings, options: argparse.Namespace, assistant: Assistant, sources: list[str] | None) -> int:
    from bot.batch import answer_all, read_batch
    from ingest.files import write_atomically

    questions = read_batch(options.batch)
    answers = answer_all(assistant, questions, sources, _progress(settings.language))
    lines = [
        json.dumps(answer.as_record(question.id), ensure_ascii=False)
        for question, answer in zip(questions, answers, strict=True)
    ]
    write_atomically(options.out, "".join(line + "\n" for line in lines))
    sys.stderr.write(say("bot", "cli.written", settings.language, count=len(lines), path=options.out) + "\n")
    return 0


def _serve(settings: BotSettings, options: argparse.Namespace) -> int:
    from bot.web.server import serve

    def announce(text: str) -> None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    serve(settings, announce)
    return 0


def _evaluate(settings: BotSettings, options: argparse.Namespace) -> int:
    from bot.evaluation import evaluate, report, summary
    from bot.service import Assistant

    if options.changes:
        return _changes(settings, options)
    assistant = Assistant(settings)
    sources = _known(assistant.source_ids, options.source)
    judged = evaluate(assistant, options.gold, sources, _progress(settings.language))
    sys.stdout.write((summary(judged) if options.json else report(judged, assistant.generation)) + "\n")
    return 0


def _changes(settings: BotSettings, options: argparse.Namespace) -> int:
    from bot.batch import read_batch
    from bot.changes import as_json, changes, report
    from bot.service import Assistant
    from ingest.index import IndexStore

    questions = read_batch(options.gold)
    before, after = Assistant(settings, IndexStore(settings.data).previous()), Assistant(settings)
    sources = _known(sorted({*before.source_ids, *after.source_ids}), options.source)
    found = changes(before, after, questions, sources, _progress(settings.language))
    names = before.generation, after.generation
    shown = as_json(found, len(questions)) if options.json else report(found, len(questions), *names, settings.language)
    sys.stdout.write(shown + "\n")
    return 0


def _doctor(settings: BotSettings, options: argparse.Namespace) -> int:
    from bot.doctor import examine

    findings = examine(settings)
    for finding in findings:
        sys.stdout.write(f"{'✓' if finding.good else '✗'} {finding.text}\n")
    return 0 if all(finding.good for finding in findings) else 1


def _known(known: Sequence[str], wanted: list[str] | None) -> list[str] | None:
    for source in wanted or ():
        if source not in known:
            raise BotError("source_unknown", source=source, known=", ".join(known))
    return wanted


def _progress(language: Language) -> Callable[[int, int], None]:
    """Return what shows how far a batch has come: one line that is written over, on a terminal only."""

    def show(done: int, total: int) -> None:
        if sys.stderr.isatty():
            end = "\n" if done == total else ""
            sys.stderr.write("\r" + say("bot", "cli.progress", language, done=done, total=total) + end)

    return show


def as_text(answer: Answer) -> str:
    """Return an answer as the terminal shows it: what is said, where each quote stands, and what must be known beside it."""
    language = answer.language
    lines = [answer.answer]
    if answer.asked != answer.question:
        lines.insert(0, say("bot", "cli.read_as", language, question=answer.asked))
    if answer.citations:
        lines.append("" if answer.answered else "\n" + say("bot", "cli.nearest", language))
    for number, citation in enumerate(answer.citations, start=1):
        quote = "" if answer.answered else f"«{citation.quote}»\n    "
        lines.append(f"[{number}] {quote}{_place(citation, language)}")
    beside = [note for note in answer.notes if note.kind != "ocr"]  # That is said with the citation.
    lines += [f"\n{say('bot', f'web.note_{note.kind}', language)}: {note.text}" for note in beside]
    return "\n".join(lines)


def _place(citation: Citation, language: Language) -> str:
    page = say("bot", "cli.page", language, label=citation.page_label) if citation.page_label else ""
    parts = (citation.title, citation.section, page, citation.dated, recognition_of(citation, language), citation.url)
    return ", ".join(part for part in parts if part) + f" ({citation.source})"
