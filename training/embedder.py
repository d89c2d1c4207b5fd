"""Train the embedder: questions and claims beside the passages and sentences that answer or decide them.

    python -m training.embedder BASE OUT --passages P.jsonl --annotations A.jsonl --norquad FOLDER [--mined M.jsonl]

Each step takes a batch of pairs; every other pair's passage is a wrong answer to be told apart from the right one (van den
Oord et al. 2018; the temperature is that of multilingual-e5, Wang et al. 2024). With `--mined`, each pair brings one more
passage, which an earlier run of ours put high and which does not answer. OUT becomes a sentence-transformers folder.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.functional import cross_entropy, normalize
from transformers import BertModel

from ingest.passages import Passage
from training.data import (
    Annotated,
    Note,
    add_data_arguments,
    apart,
    as_document,
    cut,
    holds,
    located,
    read_annotated,
    read_lines,
    training_readings,
)
from training.loop import Log, device, keep, load_encoder, mixed_precision, optimizer, padded, set_rate, steps_from

SEED = 11
QUESTION, PASSAGE = "query: ", "passage: "
"""Put before each text. Source: model card of multilingual-e5-small; the product's settings say the same."""
TEMPERATURE = 0.02
RATE = 4e-5
PAIRS = 64
QUESTION_TOKENS, PASSAGE_TOKENS = 64, 256
SENTENCE_SHARE = 0.35
"""Share of the pairs whose right answer is the sentence alone: the product searches sentences and passages."""
CLAIM_SHARE = 0.4
"""Share of the claims that take part: they are searched with too, but fewer than questions."""
KEEP_EVERY = 50
_PARTS = 4


@dataclass(frozen=True, slots=True)
class Pair:
    """What is asked, what answers it, and its passage; pairs of one passage are not held against each other."""

    question: str
    answer: str
    passage: str
    wrong: str = ""


def pairs(annotated: Sequence[Annotated], norquad: Path, mined: dict[str, list[str]], seed: int = SEED) -> list[Pair]:
    """Return the pairs of the training side.

    Args:
        annotated: Passages with questions and claims; those kept apart are left out here.
        norquad: Folder with `train.jsonl` and `contexts.jsonl`.
        mined: By question, passages that don't answer it; without any, there are no further wrong answers.
        seed: Of what is drawn.
    """
    source = random.Random(seed)
    found = []
    for one in annotated:
        if one.side == "train":
            claims = [note for note in one.claims if note.quote and source.random() < CLAIM_SHARE]
            found += [_pair(note, one, mined, source) for note in (*one.questions, *claims)]
    return found + norquad_pairs(norquad, apart(annotated), mined)


def _pair(note: Note, one: Annotated, mined: dict[str, list[str]], source: random.Random) -> Pair:
    passage = cut(one.id, one.headings, one.text)
    best = next((p for p in passage if holds(p.text, note.quote)), passage[0])
    answer = best.search_text
    if source.random() < SENTENCE_SHARE:
        answer = next((best.search_text_of(s) for s in best.sentences if holds(best.quote(s), note.quote)), answer)
    wrong = mined.get(note.text, [])
    return Pair(note.text, answer, one.id, source.choice(wrong) if wrong else "")


def norquad_pairs(folder: Path, kept_apart: frozenset[int], mined: dict[str, list[str]]) -> list[Pair]:
    """Return NorQuAD's training questions with the passage that holds the answer."""
    passages: dict[int, list[Passage]] = {}
    found = []
    for one, context in training_readings(folder, kept_apart):
        if one.context not in passages:
            passages[one.context] = cut(f"norquad:{one.context}", (), context)
        place = located(context, *one.answers[0], as_document((), context).text)
        holding = [p for p in passages[one.context] if place and p.start <= place[0] and place[1] <= p.end]
        if holding:
            wrong = mined.get(one.question, [])[:1]
            found.append(Pair(one.question, holding[0].search_text, holding[0].id, "".join(wrong)))
    return found


def embed(encoder: BertModel, rows: Sequence[Sequence[int]], on: torch.device) -> Tensor:
    """Return unit vectors of token rows, shape `(len(rows), hidden)`: the mean over the tokens.

    The rows are read in a few parts of like length, so that short ones are not padded to the longest.
    """
    pad = int(encoder.config.pad_token_id or 0)
    order = sorted(range(len(rows)), key=lambda row: len(rows[row]))
    size = -(-len(order) // _PARTS)
    parts = []
    for start in range(0, len(order), size):
        ids = padded([rows[row] for row in order[start : start + size]], pad, on)
        mask = ids.ne(pad)
        with mixed_precision(on):
            states = encoder(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        weight = mask.unsqueeze(-1).float()
        parts.append((states.float() * weight).sum(1) / weight.sum(1))
    back = torch.tensor(order, device=on).argsort()
    return normalize(torch.cat(parts)[back], dim=-1)


def contrast(questions: Tensor, answers: Tensor, owners: Sequence[str]) -> Tensor:
    """Return the loss: each question must lie nearer its own answer than any other of the batch, and the reverse.

    Args:
        questions: Unit vectors, shape `(pairs, hidden)`.
        answers: Unit vectors, shape `(pairs or more, hidden)`; those after the pairs' own are further wrong answers.
        owners: Of each answer, the passage that it stands in; another answer out of the same passage is left out.
    """
    scores = questions @ answers.T / TEMPERATURE
    numbers = {owner: number for number, owner in enumerate(dict.fromkeys(owners))}
    of = torch.tensor([numbers[owner] for owner in owners], device=scores.device)
    pairs = len(questions)
    same = of[:pairs, None] == of[None, :]
    same[torch.arange(pairs), torch.arange(pairs)] = False
    scores = scores.masked_fill(same, float("-inf"))
    right = torch.arange(pairs, device=scores.device)
    return cross_entropy(scores, right) + 0.2 * cross_entropy(scores[:, :pairs].T, right)


def train(
    base: Path, out: Path, examples: Sequence[Pair], rate: float, epochs: float, seed: int = SEED, frozen: int = 0
) -> None:
    """Train and write the folder; a run that was stopped goes on where it was.

    Args:
        base: The transformers folder to start from.
        out: The folder to write; `state.pt` and `log.jsonl` lie beside it while the run lasts.
        examples: What to learn.
        rate: Highest learning rate.
        epochs: How often each pair is seen.
        seed: Of the order.
        frozen: Lowest layers that are left as they are.
    """
    torch.manual_seed(seed)
    on = device()
    encoder: BertModel = load_encoder(base, frozen).to(on)  # type: ignore[arg-type]  # transformers wraps `to` without its types
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    adam = optimizer([encoder], rate)
    steps = int(epochs * (len(examples) // PAIRS))
    order = shuffled(len(examples), steps, seed)
    out.mkdir(parents=True, exist_ok=True)
    state, log = out.parent / f"{out.name}.state.pt", Log(out.parent / f"{out.name}.log.jsonl", 20)

    def load(record: dict[str, Any]) -> None:
        encoder.load_state_dict(record["encoder"])
        adam.load_state_dict(record["adam"])

    for step in steps_from(state, steps, load):
        batch = [examples[number] for number in order[step]]
        questions = tokens(tokenizer, [QUESTION + pair.question for pair in batch], QUESTION_TOKENS)
        answers = [pair.answer for pair in batch] + [pair.wrong for pair in batch if pair.wrong]
        owners = [pair.passage for pair in batch] + [f"wrong {pair.question}" for pair in batch if pair.wrong]
        rows = tokens(tokenizer, [PASSAGE + answer for answer in answers], PASSAGE_TOKENS)
        set_rate(adam, step, steps)
        loss = contrast(embed(encoder, questions, on), embed(encoder, rows, on), owners)
        loss.backward()  # type: ignore[no-untyped-call]  # not typed there
        torch.nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
        adam.step()
        adam.zero_grad()
        log.add(step, {"loss": loss.item()}, sum(map(len, questions)) + sum(map(len, rows)))
        if (step + 1) % KEEP_EVERY == 0:
            keep(state, {"step": step + 1, "encoder": encoder.state_dict(), "adam": adam.state_dict()})
    write(encoder, base, out)
    state.unlink(missing_ok=True)


def shuffled(items: int, steps: int, seed: int) -> list[list[int]]:
    """Return which items each step takes: all of them in a new order each time round."""
    source = random.Random(seed)
    order: list[int] = []
    while len(order) < steps * PAIRS:
        once = list(range(items))
        source.shuffle(once)
        order += once
    return [order[step * PAIRS : (step + 1) * PAIRS] for step in range(steps)]


def tokens(tokenizer: Tokenizer, texts: Sequence[str], most: int) -> list[list[int]]:
    """Return the texts' token ids with the special ones, cut to `most`."""
    tokenizer.enable_truncation(most)
    return [encoding.ids for encoding in tokenizer.encode_batch(texts)]


def write(encoder: BertModel, base: Path, out: Path) -> None:
    """Write a sentence-transformers folder: half-precision weights, tokenizer, mean pooling, unit length."""
    out.mkdir(parents=True, exist_ok=True)
    state = {name: value.detach().cpu().half().contiguous() for name, value in encoder.state_dict().items()}
    save_file(state, out / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((base / "config.json").read_text(encoding="utf-8"))
    _json(out / "config.json", config | {"dtype": "float16", "architectures": ["BertModel"]})
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(base / name, out)
    kinds = {"": "Transformer", "1_Pooling": "Pooling", "2_Normalize": "Normalize"}
    modules = [
        {"idx": number, "name": str(number), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for number, (path, kind) in enumerate(kinds.items())
    ]
    _json(out / "modules.json", modules)
    config_of_encoder = {
        "max_seq_length": config["max_position_embeddings"],
        "do_lower_case": False,
        # Word pieces are averaged: without this a layer is made that nothing uses, and reported as missing.
        "model_args": {"add_pooling_layer": False},
    }
    _json(out / "sentence_bert_config.json", config_of_encoder)
    (out / "1_Pooling").mkdir(exist_ok=True)
    pooling = {"word_embedding_dimension": config["hidden_size"], "pooling_mode_mean_tokens": True}
    _json(out / "1_Pooling" / "config.json", pooling)
    (out / "2_Normalize").mkdir(exist_ok=True)


def _json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Read the arguments and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", type=Path)
    parser.add_argument("out", type=Path)
    add_data_arguments(parser)
    parser.add_argument("--mined", type=Path)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--epochs", type=float, default=1.0)
    parser.add_argument("--frozen", type=int, default=0, help="lowest layers that are left as they are")
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    mined = {one["question"]: one["wrong"] for one in read_lines(arguments.mined)} if arguments.mined else {}
    annotated = read_annotated(arguments.passages, arguments.annotations)
    examples = pairs(annotated, arguments.norquad, mined, arguments.seed)
    train(arguments.base, arguments.out, examples, arguments.rate, arguments.epochs, arguments.seed, arguments.frozen)


if __name__ == "__main__":
    main()
