"""What both training runs share: the encoder as it is trained, batches of one length, the schedule, going on after a stop."""

from __future__ import annotations

import json
import math
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import BertModel
from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS, eager_mask
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from bot.reader.inference import has_matrix_tiles

WARM_UP = 0.06
"""Share of the steps in which the learning rate rises; then it falls along a line. Source: Devlin et al. 2019, with 0.1."""

_ATTENTION = "training"


class _Attention(torch.autograd.Function):
    """Attention without dropout, whole in the inputs' type.

    On processors torch's fused attention is slow backwards (2/5 of a step), and autocast computes the softmax in float32
    and converts there and back. Written out it takes a fifth less time for a step.
    """

    @staticmethod
    def forward(ctx: Any, query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None, scale: float) -> Tensor:
        query = query * scale
        scores = torch.matmul(query, key.transpose(-1, -2))
        if bias is not None:
            scores += bias
        chances = torch.softmax(scores, -1)
        ctx.save_for_backward(query, key, value, chances)
        ctx.scale = scale
        return torch.matmul(chances, value)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        query, key, value, chances = ctx.saved_tensors
        gradient = gradients[0].to(chances.dtype)
        of_value = torch.matmul(chances.transpose(-1, -2), gradient)
        of_chances = torch.matmul(gradient, value.transpose(-1, -2))
        of_scores = torch._softmax_backward_data(of_chances, chances, -1, chances.dtype)
        return torch.matmul(of_scores, key) * ctx.scale, torch.matmul(of_scores.transpose(-1, -2), query), of_value, None, None


def _attend(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None, **options: Any
) -> tuple[Tensor, None]:
    bias = None if attention_mask is None else attention_mask.to(query.dtype)
    with torch.autocast(query.device.type, enabled=False):
        mixed = _Attention.apply(query, key, value, bias, options["scaling"])  # type: ignore[no-untyped-call]
    return mixed.transpose(1, 2).contiguous(), None


def load_encoder(folder: Path, frozen: int = 0) -> BertModel:
    """Return an encoder to be trained: without dropout, its word vectors frozen.

    Dropout costs two thirds of a step on a processor and helps little where each example is seen once or twice. Frozen
    word vectors keep what the base model knows of words that the training data lack.

    Args:
        folder: A transformers folder; the encoder computes in float32 whatever its weights are kept in.
        frozen: Lowest layers that are left as they are too.
    """
    ALL_ATTENTION_FUNCTIONS.register(_ATTENTION, _attend)
    ALL_MASK_ATTENTION_FUNCTIONS.register(_ATTENTION, eager_mask)
    encoder: BertModel = BertModel.from_pretrained(
        folder, dtype=torch.float32, add_pooling_layer=False, attn_implementation=_ATTENTION
    )
    for module in encoder.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    if frozen:
        for part in (encoder.embeddings, *encoder.encoder.layer[:frozen]):
            part.requires_grad_(False)
    encoder.train()
    return encoder


def device() -> torch.device:
    """Return the graphics card if there is one, else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def mixed_precision(on: torch.device) -> AbstractContextManager[Any]:
    """Return the context in which products are taken in bfloat16, where that is faster: not on a processor without tiles.

    Source: measured on two cores with AVX2 alone, products of a layer's size: 106 GFLOPS in float32, 1.3 in bfloat16.
    """
    return torch.autocast(on.type, dtype=torch.bfloat16, enabled=on.type != "cpu" or has_matrix_tiles())


def optimizer(modules: Sequence[nn.Module], rate: float, fresh: Sequence[nn.Module] = (), fresh_rate: float = 0.0) -> Any:
    """Return AdamW over what is to be trained; layers that start from nothing may learn faster."""
    groups = [
        {"params": [p for module in part for p in module.parameters() if p.requires_grad], "rate": speed}
        for part, speed in ((modules, rate), (fresh, fresh_rate))
        if part
    ]
    return torch.optim.AdamW(groups, lr=rate, weight_decay=0.01, fused=True)


def set_rate(optimizer: Any, step: int, steps: int) -> None:
    """Set the learning rates for a step: rising to each group's `rate`, then falling to 0 along a line."""
    warm = max(1, round(WARM_UP * steps))
    factor = min((step + 1) / warm, (steps - step) / max(1, steps - warm))
    for group in optimizer.param_groups:
        group["lr"] = group["rate"] * factor


def batches(lengths: Sequence[int], tokens: int, seed: int, *, key: Sequence[int], window: int = 50) -> list[list[int]]:
    """Put items of like length together, so that little is padded.

    Args:
        lengths: Tokens of each item.
        tokens: Most tokens of a batch; an item that is longer is a batch of its own.
        seed: Of the order.
        key: What items of one batch should have alike: the longest row in each.
        window: Within how many batches' worth of shuffled items the items are sorted; fewer mixes more, pads more.
    """
    order = list(range(len(lengths)))
    source = random.Random(seed)
    source.shuffle(order)
    size = window * max(1, tokens * len(lengths) // max(1, sum(lengths)))
    found: list[list[int]] = []
    for start in range(0, len(order), size):
        batch: list[int] = []
        total = 0
        for item in sorted(order[start : start + size], key=lambda one: key[one]):
            if batch and total + lengths[item] > tokens:
                found.append(batch)
                batch, total = [], 0
            batch.append(item)
            total += lengths[item]
        found.append(batch)
    source.shuffle(found)
    return found


def padded(rows: Sequence[Sequence[int]], fill: int, on: torch.device) -> Tensor:
    """Return rows of unlike length as one array, shape `(rows, longest)`."""
    longest = max(map(len, rows))
    return torch.tensor([list(row) + [fill] * (longest - len(row)) for row in rows], device=on)


def steps_from(state: Path, steps: int, load: Callable[[Any], None]) -> Iterator[int]:
    """Yield the steps that are left, after loading what an interrupted run kept."""
    first = 0
    if state.exists():
        record = torch.load(state, weights_only=True)
        load(record)
        first = int(record["step"])
        sys.stdout.write(f"going on at step {first}\n")
    yield from range(first, steps)


def keep(state: Path, record: dict[str, Any]) -> None:
    """Write what a run needs to go on; a stop while it is written leaves the one before."""
    unfinished = state.with_suffix(".unfinished")
    torch.save(record, unfinished)
    os.replace(unfinished, state)


class Log:
    """Prints and keeps the mean loss and the speed, one JSON line a time."""

    def __init__(self, path: Path, every: int) -> None:
        """Write to `path` after every `every` steps."""
        self._path = path
        self._every = every
        self._sums: dict[str, float] = {}
        self._counts: dict[str, int] = {}
        self._tokens = 0
        self._began = time.time()

    def add(self, step: int, losses: dict[str, float], tokens: int) -> None:
        """Count one step's losses and tokens."""
        self._tokens += tokens
        for name, value in losses.items():
            if math.isfinite(value):
                self._sums[name] = self._sums.get(name, 0.0) + value
                self._counts[name] = self._counts.get(name, 0) + 1
        if (step + 1) % self._every == 0:
            seconds = time.time() - self._began
            means = {name: round(total / self._counts[name], 4) for name, total in self._sums.items()}
            record = {"step": step + 1, **means, "tokens_per_s": round(self._tokens / seconds)}
            line = json.dumps(record) + "\n"
            sys.stdout.write(line)
            sys.stdout.flush()
            with self._path.open("a", encoding="utf-8") as file:
                file.write(line)
            self._sums, self._counts, self._tokens, self._began = {}, {}, 0, time.time()
