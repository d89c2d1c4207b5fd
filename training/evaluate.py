"""Measure what the models are worth, on files of one form; the last line is one JSON object.

    python -m training.evaluate reader --questions Q.jsonl --contexts C.jsonl [--only unseen]
    python -m training.evaluate retrieval --questions Q.jsonl --contexts C.jsonl [--without-reader | --bm25]
    python -m training.evaluate passages --file ANNOTATIONS.jsonl --passages P.jsonl [--side …]
    python -m training.evaluate claims --file ANNOTATIONS.jsonl --passages P.jsonl [--side …]

reader      words that answer, within the right article: exact match and F1 as SQuAD counts them
retrieval   the passage that holds the answer, among those of all articles
passages    the right text among all, whether anything answers, the right sentence
claims      whether a text bears a claim out, beside the right text

What is measured is the product itself: its settings apply, such as FAKTASVAR_EMBEDDING__MODEL and FAKTASVAR_READER__MODEL,
save that the reader is given all the time it needs. An empty FAKTASVAR_READER__MODEL gives the bot without a reader, as its
first version was; its answer to `reader` is then the best sentence of the article.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def reader(arguments: argparse.Namespace, work: Path) -> dict[str, Any]:
    """Measure reading within the right article."""
    from training.evaluation import articles

    return articles.evaluate(
        arguments.questions,
        arguments.contexts,
        work,
        reader=arguments.reader,
        without_reader=arguments.without_reader,
        only=arguments.only,
        weights=arguments.weights or [articles.RELEVANCE_WEIGHT],
        size=arguments.window or articles.WINDOW_CHARS,
        stride=arguments.stride or articles.STRIDE_CHARS,
        limit=arguments.limit,
    )


def retrieval(arguments: argparse.Namespace, work: Path) -> dict[str, Any]:
    """Measure finding among the passages of all articles."""
    from training.evaluation import finding

    return finding.evaluate(
        arguments.questions,
        arguments.contexts,
        work,
        reader=arguments.reader,
        without_reader=arguments.without_reader,
        bm25=arguments.bm25,
        only=arguments.only,
        limit=arguments.limit,
    )


def passages(arguments: argparse.Namespace, work: Path) -> dict[str, Any]:
    """Measure finding, abstaining and quoting on annotated texts."""
    from training.evaluation import passages

    return passages.evaluate(
        arguments.file,
        arguments.passages,
        work,
        side=arguments.side,
        reader=arguments.reader,
        without_reader=arguments.without_reader,
        limit=arguments.limit,
    )


def claims(arguments: argparse.Namespace, _work: Path) -> dict[str, Any]:
    """Measure deciding claims beside the right text."""
    from training.evaluation import claims

    try:
        return claims.evaluate(
            arguments.file, arguments.passages, side=arguments.side, reader=arguments.reader, limit=arguments.limit
        )
    except claims.NoReaderError as error:
        raise SystemExit(str(error)) from error


def arguments_of(given: Sequence[str] | None) -> argparse.Namespace:
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for command in (reader, retrieval, passages, claims):
        one = commands.add_parser(command.__name__, help=command.__doc__)
        one.set_defaults(run=command)
        one.add_argument("--reader", type=Path, metavar="FOLDER", help="another reader than the settings name")
        one.add_argument("--limit", type=int, metavar="N", help="at most N questions or claims, spread over all")
        one.add_argument("--work", type=Path, metavar="FOLDER", help="keep index and vectors there for the next time")
        if command in (reader, retrieval):
            one.add_argument("--questions", type=Path, required=True)
            one.add_argument("--contexts", type=Path, required=True)
            one.add_argument("--only", choices=("seen", "unseen"), help="articles that are, or are not, trained on")
        else:
            one.add_argument("--file", type=Path, required=True, help="annotations")
            one.add_argument("--passages", type=Path, required=True)
            one.add_argument(
                "--side",
                choices=("unseen", "train", "calibrate", "test", "all"),
                default="unseen",
                help="which documents are asked about: those that no model has seen, if nothing else is said",
            )
        if command is not claims:
            one.add_argument("--without-reader", action="store_true", help="whatever the settings name")
        if command is retrieval:
            one.add_argument("--bm25", action="store_true", help="rank passages by words alone")
        if command is reader:
            one.add_argument("--weights", type=float, nargs="+", metavar="W", help="of relevance; the first one counts")
            one.add_argument("--window", type=int, metavar="CHARS", help="longest window of an article")
            one.add_argument("--stride", type=int, metavar="CHARS", help="from one window's start to the next, at most")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> None:
    """Read the arguments, measure, and print the figures."""
    from bot.offline import go_offline

    arguments = arguments_of(given)
    go_offline()
    with tempfile.TemporaryDirectory() as temporary:
        figures = arguments.run(arguments, arguments.work or Path(temporary))
    sys.stdout.write(json.dumps({"command": arguments.command, **figures}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    if not __package__:
        # Run as a file, Python looks for modules in this folder, whose `data` or `reader` are not meant.
        sys.path[0] = str(Path(__file__).resolve().parents[1])
    main()
