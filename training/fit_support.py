"""Fit what the reader's support scores are worth, on claims that no model was trained on, and write it into the reader.

    python -m training.fit_support READER [--passages P.jsonl --annotations A.jsonl]

The three scores are taken times one number, and one number is added to each: the likeliest ones for the claims of side
`calibrate` (`training.data`). Training shows claims in other shares than people make them, and more surely wrong ones; the
numbers make chances of the scores again. They go into the head's last layer, so nothing else has to know of them.

Source: temperature scaling and vector scaling, Guo et al. 2017, «On Calibration of Modern Neural Networks», ICML, section 4.2.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file, save_file
from scipy.optimize import minimize

from bot.reader import open_reader
from bot.reader.network import LABELS
from training.data import read_annotated
from training.evaluation.indexes import load_settings, some
from training.measures import decided

Array = npt.NDArray[np.float64]

_WEIGHT, _BIAS = "support.2.weight", "support.2.bias"
_LEAST = 1e-9
"""Chances below it are taken for it: their logarithm is of no use."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """What scores are made into chances by.

    Attributes:
        scale: They are taken times this; above 0.
        shift: And this is added, shape `(labels,)`; sums to 0.
    """

    scale: float
    shift: Array

    def apply(self, scores: Array) -> Array:
        """Return the new scores, shape as `scores`: `(claims, labels)`."""
        return np.asarray(scores * self.scale + self.shift)


def fit_scaling(scores: Array, labels: npt.NDArray[np.intp]) -> Scaling:
    """Return the likeliest scaling.

    Args:
        scores: Log chances, shape `(claims, labels)`.
        labels: Which label is right, shape `(claims,)`.
    """
    count = scores.shape[1]

    def scaling(numbers: Array) -> Scaling:
        shift = numbers[1:] - numbers[1:].mean()
        return Scaling(float(np.exp(numbers[0])), shift)

    def loss(numbers: Array) -> float:
        return surprise(scaling(numbers).apply(scores), labels)

    return scaling(minimize(loss, np.zeros(1 + count), method="BFGS").x)


def surprise(scores: Array, labels: npt.NDArray[np.intp]) -> float:
    """Return the mean negative log likelihood of the right labels, in nats."""
    highest = scores.max(axis=1, keepdims=True)
    chances = scores - highest - np.log(np.exp(scores - highest).sum(axis=1, keepdims=True))
    return float(-chances[np.arange(len(labels)), labels].mean())


def write(folder: Path, scaling: Scaling) -> None:
    """Put a scaling into the last layer of a reader's support head."""
    file = folder / "model.safetensors"
    tensors = load_file(file)
    weight, bias = tensors[_WEIGHT], tensors[_BIAS]
    tensors[_WEIGHT] = (weight.double() * scaling.scale).to(weight.dtype)
    tensors[_BIAS] = (bias.double() * scaling.scale + torch.from_numpy(scaling.shift)).to(bias.dtype)
    save_file(tensors, file)


def main(given: Sequence[str] | None = None) -> None:
    """Fit, print what it changes on the claims fitted on, and write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reader", type=Path)
    parser.add_argument("--passages", type=Path, default=Path("training/data/passages.jsonl"))
    parser.add_argument("--annotations", type=Path, default=Path("training/data/annotations.jsonl"))
    parser.add_argument("--limit", type=int, help="at most so many claims, spread over all")
    arguments = parser.parse_args(given)
    reader = open_reader(load_settings(arguments.reader))
    assert reader is not None, "the folder was named"
    annotated = [one for one in read_annotated(arguments.passages, arguments.annotations) if one.side == "calibrate"]
    claims = some([(one, note) for one in annotated for note in one.claims if note.label], arguments.limit)
    chances = [reader.read(note.text, [one.search_text], claim=True)[0].support for one, note in claims]
    scores = np.log(np.maximum(np.array(chances, dtype=np.float64), _LEAST))
    names = [note.label or "" for _, note in claims]
    labels = np.array([LABELS.index(name) for name in names], dtype=np.intp)
    scaling = fit_scaling(scores, labels)
    fitted = scaling.apply(scores)
    record = {
        "claims": len(claims),
        "scale": scaling.scale,
        "shift": dict(zip(LABELS, scaling.shift.tolist(), strict=True)),
        "before": {**decided(names, _said(scores), LABELS), "nats": surprise(scores, labels)},
        "after": {**decided(names, _said(fitted), LABELS), "nats": surprise(fitted, labels)},
    }
    write(arguments.reader, scaling)
    sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")


def _said(scores: Array) -> list[str]:
    return [LABELS[at] for at in scores.argmax(axis=1)]


if __name__ == "__main__":
    main()
