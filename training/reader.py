"""Train the reader: one encoder over question or claim and passage, with heads for relevance, answer span and support.

    python -m training.reader BASE OUT --passages P.jsonl --annotations A.jsonl --norquad FOLDER --mined M.jsonl

Each step takes whole groups (a question with what answers it and what does not), so that relevance is learnt both as a
choice among passages and as a chance of its own. OUT becomes a folder that `bot.reader` loads.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Encoding, Tokenizer
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, log_softmax

from bot.reader.network import CLAIM, QUESTION, Outputs, ReaderNetwork, encode, inputs
from training.data import Annotated, add_data_arguments, apart, cut, read_annotated, read_lines, training_readings
from training.examples import Example, Group, of_annotated, of_norquad
from training.loop import Log, batches, device, keep, load_encoder, mixed_precision, optimizer, set_rate, steps_from
from training.synthetic import claims
from training.texts import lines_apart, plain_passages, read_texts
from training.windows import Place

SEED = 13
RATE, HEAD_RATE = 7e-5, 4e-4
TOKENS = 4_000
"""Tokens of a batch, padding counted: some 20 passages, or 55 parts of passages."""
ROUNDS = 2
"""How often the annotated passages are seen; each time with other negatives, cuts and rule-made claims."""
NORQUAD_ROUNDS = 4
"""How often NorQuAD is seen: it alone teaches the short span, and is a tenth of the whole."""
WRONG = 1
NORQUAD_WRONG = 0.4
KEEP_EVERY = 100
_NONE = -1


@dataclass(frozen=True, slots=True)
class Row:
    """An example as tokens.

    Attributes:
        encoding: Word pieces of query and text.
        relevant: 1, 0, or -1 where it is not known.
        start: Token where the answer begins, or -1.
        end: Token where it ends, or -1.
        evidence: First token of the evidence and one past the last, or None.
        label: Of a claim, or -1.
    """

    encoding: Encoding
    relevant: int
    start: int
    end: int
    evidence: Place | None
    label: int


def as_row(tokenizer: Tokenizer, example: Example) -> Row:
    """Return an example as tokens; what was cut away with a long text is left out."""
    encoding = encode(tokenizer, (CLAIM if example.claim else QUESTION) + example.query, [example.text.words])[0]
    start, end = token_span(encoding, example.answer) or (_NONE, _NONE)
    evidence = token_span(encoding, example.evidence)
    return Row(
        encoding,
        _NONE if example.relevant is None else int(example.relevant),
        start,
        end,
        None if evidence is None else (evidence[0], evidence[1] + 1),
        _NONE if example.label is None else example.label,
    )


def token_span(encoding: Encoding, place: Place | None) -> Place | None:
    """Return the first and last token of some characters of the text, or None if they are not all there."""
    if place is None:
        return None
    first = encoding.char_to_token(place[0], 1)
    last = encoding.char_to_token(place[1] - 1, 1)
    return None if first is None or last is None else (first, last)


def losses(outputs: Outputs, rows: Sequence[Row], sizes: Sequence[int], types: Tensor) -> dict[str, Tensor]:
    """Return the losses of a batch by name; one that nothing in the batch teaches is left out.

    Args:
        outputs: Of the network, in float32.
        rows: The examples, group by group.
        sizes: Of each group.
        types: 1 where the passage stands.
    """
    on = types.device
    found: dict[str, Tensor] = {}
    relevant = torch.tensor([row.relevant for row in rows], device=on)
    known = relevant >= 0
    found["relevance"] = binary_cross_entropy_with_logits(outputs.relevance[known], relevant[known].float())
    choices = [part for part in torch.split(outputs.relevance, list(sizes)) if len(part) > 1]
    if choices:
        found["choice"] = torch.stack([-log_softmax(part, 0)[0] for part in choices]).mean()
    passage = types.bool()
    start = torch.tensor([row.start for row in rows], device=on)
    if (start >= 0).any():
        end = torch.tensor([row.end for row in rows], device=on)
        some = start >= 0
        masked = [scores.masked_fill(~passage, -1e4)[some] for scores in (outputs.start, outputs.end)]
        found["span"] = cross_entropy(masked[0], start[some]) + cross_entropy(masked[1], end[some])
    marked = [number for number, row in enumerate(rows) if row.evidence]
    if marked:
        target = torch.zeros_like(outputs.evidence)
        for number in marked:
            place = rows[number].evidence
            assert place is not None
            target[number, place[0] : place[1]] = 1.0
        within = passage[marked]
        found["evidence"] = binary_cross_entropy_with_logits(outputs.evidence[marked][within], target[marked][within])
    label = torch.tensor([row.label for row in rows], device=on)
    if (label >= 0).any():
        found["support"] = cross_entropy(outputs.support[label >= 0], label[label >= 0])
    return found


WEIGHTS = {"relevance": 1.0, "choice": 0.5, "span": 0.5, "evidence": 1.0, "support": 1.0}
"""Of each loss in the sum. The span's is the sum of two losses, so both ends together weigh one."""


def rounds(
    annotated: Sequence[Annotated],
    norquad: Path,
    mined: dict[str, list[str]],
    seed: int,
    *,
    count: int,
    norquad_count: int,
    claim_count: int = 0,
    made_share: float = 1.0,
    texts: Sequence[str] = (),
    text_count: int = 0,
) -> list[Group]:
    """Return all groups of a run on the training side: each round draws other negatives, cuts and rule-made claims.

    Args:
        annotated: Passages, of all sides.
        norquad: Its folder.
        mined: By question or claim, passages that don't answer it.
        seed: Of what is drawn.
        count: Rounds of all that was written for the passages, and of rule-made claims.
        norquad_count: Rounds of NorQuAD's questions.
        claim_count: Further rounds of the written claims alone.
        made_share: Share of the passages that claims are made of by rule, in each round.
        texts: Texts that no one has annotated.
        text_count: Claims to make of them by rule.
    """
    source = random.Random(seed)
    groups: list[Group] = []
    asked = list(training_readings(norquad, apart(annotated)))
    plain = plain_passages(source.sample(texts, len(texts)), lines_apart(annotated))
    groups += islice((group for passage in plain for group in claims([passage], source)), text_count)
    annotated = [one for one in annotated if one.side == "train"]
    for _ in range(count):
        groups += of_annotated(annotated, mined, source, WRONG)
        for one in annotated:
            groups += claims(cut(one.id, one.headings, one.text), source, share=made_share)
        for number, context in {reading.context: context for reading, context in asked}.items():
            groups += claims(cut(f"norquad:{number}", (), context), source, share=made_share)
    for _ in range(claim_count):
        groups += of_annotated([replace(one, questions=(), unanswerable=()) for one in annotated], mined, source, WRONG)
    for _ in range(norquad_count):
        groups += of_norquad(asked, mined, source, with_wrong=NORQUAD_WRONG)
    return groups


def plan(tokenizer: Tokenizer, groups: Sequence[Group], seed: int) -> list[list[int]]:
    """Return which groups each step takes, so that a step has about `TOKENS` tokens and little is padded."""
    per_char = 0.27  # Word pieces a character, in these texts.
    lengths = [max(round(per_char * (len(one.text.words) + len(one.query))) for one in group) * len(group) for group in groups]
    return batches(lengths, TOKENS, seed, key=[length // len(group) for length, group in zip(lengths, groups, strict=True)])


def train(
    base: Path,
    out: Path,
    groups: Sequence[Group],
    rate: float,
    seed: int = SEED,
    start: Path | None = None,
    most: int | None = None,
    frozen: int = 0,
) -> None:
    """Train and write the folder; a run that was stopped goes on where it was.

    Args:
        base: The transformers folder to start from.
        out: The folder to write; `.state.pt` and `.log.jsonl` lie beside it.
        groups: What to learn, each once.
        rate: Highest learning rate of the encoder.
        seed: Of the order, and of the fresh heads.
        start: A reader's folder to go on from; None for fresh heads.
        most: Steps after which to stop; None for all.
        frozen: Lowest layers that are left as they are. On two cores half of them frozen makes a step 1.65 times as fast.
    """
    torch.manual_seed(seed)
    on = device()
    network = ReaderNetwork(load_encoder(base, frozen)).to(on).train()
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    if start is not None:
        network.load_state_dict({name: value.float() for name, value in load_file(start / "model.safetensors").items()})
    heads = [network.relevance, network.span, network.support]
    adam = optimizer([network.encoder], rate, heads, HEAD_RATE if start is None else rate)
    steps = plan(tokenizer, groups, seed)[:most]
    pad = int(network.encoder.config.pad_token_id or 0)
    out.parent.mkdir(parents=True, exist_ok=True)
    state, log = out.parent / f"{out.name}.state.pt", Log(out.parent / f"{out.name}.log.jsonl", 50)

    def load(record: dict[str, Any]) -> None:
        network.load_state_dict(record["network"])
        adam.load_state_dict(record["adam"])

    for step in steps_from(state, len(steps), load):
        chosen = [groups[number] for number in steps[step]]
        rows = [as_row(tokenizer, example) for group in chosen for example in group]
        ids, types, mask = (part.to(on) for part in inputs([row.encoding for row in rows], pad))
        set_rate(adam, step, len(steps))
        with mixed_precision(on):
            outputs = network(ids, types, mask)
        outputs = Outputs(*(getattr(outputs, name).float() for name in Outputs.__dataclass_fields__))
        parts = losses(outputs, rows, [len(group) for group in chosen], types)
        loss = torch.stack([WEIGHTS[name] * part for name, part in parts.items()]).sum()
        loss.backward()  # type: ignore[no-untyped-call]  # not typed there
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        adam.step()
        adam.zero_grad()
        log.add(step, {name: part.item() for name, part in parts.items()}, ids.numel())
        if (step + 1) % KEEP_EVERY == 0:
            keep(state, {"step": step + 1, "network": network.state_dict(), "adam": adam.state_dict()})
    write(network, base, out)
    state.unlink(missing_ok=True)


def write(network: ReaderNetwork, base: Path, out: Path) -> None:
    """Write the folder: half-precision weights, shape, tokenizer."""
    out.mkdir(parents=True, exist_ok=True)
    state = {name: value.detach().cpu().half().contiguous() for name, value in network.state_dict().items()}
    save_file(state, out / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((base / "config.json").read_text(encoding="utf-8"))
    record = config | {"dtype": "float16", "architectures": ["ReaderNetwork"]}
    (out / "config.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    shutil.copy(base / "tokenizer.json", out)


def read_mined(paths: Iterable[Path]) -> dict[str, list[str]]:
    """Return the mined passages by question."""
    return {one["question"]: one["wrong"] for path in paths for one in read_lines(path)}


def main() -> None:
    """Read the arguments and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", type=Path)
    parser.add_argument("out", type=Path)
    add_data_arguments(parser)
    parser.add_argument("--mined", type=Path, nargs="*", default=[])
    parser.add_argument("--start", type=Path, help="a reader's folder whose weights to start from, instead of fresh heads")
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--norquad-rounds", type=int, default=NORQUAD_ROUNDS)
    parser.add_argument("--steps", type=int, help="most steps; the learning rate then falls to 0 by that step")
    parser.add_argument("--claim-rounds", type=int, default=0, help="further rounds of the written claims alone")
    parser.add_argument("--made", type=float, default=1.0, help="share of the passages that claims are made of by rule")
    parser.add_argument("--texts", type=Path, nargs="*", default=[], help="files and folders to make more claims of by rule")
    parser.add_argument("--text-claims", type=int, default=0, metavar="N", help="how many of them")
    parser.add_argument("--frozen", type=int, default=0, help="lowest layers that are left as they are")
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    annotated = read_annotated(arguments.passages, arguments.annotations)
    mined = read_mined(arguments.mined)
    groups = rounds(
        annotated,
        arguments.norquad,
        mined,
        arguments.seed,
        count=arguments.rounds,
        norquad_count=arguments.norquad_rounds,
        claim_count=arguments.claim_rounds,
        made_share=arguments.made,
        texts=[text for path in arguments.texts for text in read_texts(path)],
        text_count=arguments.text_claims,
    )
    train(
        arguments.base,
        arguments.out,
        groups,
        arguments.rate,
        arguments.seed,
        arguments.start,
        arguments.steps,
        arguments.frozen,
    )


if __name__ == "__main__":
    main()
