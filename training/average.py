"""Take the mean of the weights of two runs of the reader, of which one was started from the other.

    python -m training.average OUT READER READER

Two runs along one way lie in one valley of the loss, and the middle of it does better on documents that neither has seen
than its sides. Source: Wortsman et al. 2022, «Model soups», ICML.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

from safetensors.torch import load_file, save_file

_WEIGHTS = "model.safetensors"


def average(out: Path, one: Path, other: Path) -> None:
    """Write a reader whose weights are the mean of two readers' to a new folder; its other files are the second one's.

    Raises:
        ValueError: If they have not the same layers, or not the same word pieces.
    """
    ours, theirs = load_file(one / _WEIGHTS), load_file(other / _WEIGHTS)
    shapes = [{name: weight.shape for name, weight in weights.items()} for weights in (ours, theirs)]
    if shapes[0] != shapes[1]:
        raise ValueError(f"{one} and {other} have not the same layers")
    if (one / "tokenizer.json").read_bytes() != (other / "tokenizer.json").read_bytes():
        raise ValueError(f"{one} and {other} have not the same word pieces")
    shutil.copytree(other, out, ignore=shutil.ignore_patterns(_WEIGHTS))
    mean = {name: ((ours[name].float() + weight.float()) / 2).to(weight.dtype) for name, weight in theirs.items()}
    save_file(mean, out / _WEIGHTS)


def main(given: Sequence[str] | None = None) -> None:
    """Read the arguments and write the reader."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("one", type=Path)
    parser.add_argument("other", type=Path)
    arguments = parser.parse_args(given)
    average(arguments.out, arguments.one, arguments.other)


if __name__ == "__main__":
    main()
