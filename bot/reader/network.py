"""The reader's network: one encoder over question or claim and passage, with what is read off it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from tokenizers import Encoding, Tokenizer
from torch import Tensor, nn
from transformers import BertConfig, BertModel

QUESTION, CLAIM = "query: ", "claim: "
"""Put before what is asked, or claimed, so that the encoder knows which it is."""

LABELS = ("støttet", "motsagt", "ikke_funnet")
"""What the support head tells apart, in the order of its outputs."""

QUERY_TOKENS = 80
"""Most word pieces of a question or claim; the longest of the training data has 73."""

MOST_TOKENS = 512
"""Most word pieces in all; the encoder knows no later positions."""

_PASSAGE_TYPE = 1


@dataclass(frozen=True, slots=True)
class Outputs:
    """What the network says of a batch; every score is a log odds or a logit.

    Attributes:
        relevance: Whether the passage answers, or decides, shape `(batch,)`.
        support: One for each of `LABELS`, shape `(batch, 3)`.
        start: Whether the answer begins at a token, shape `(batch, tokens)`.
        end: Whether it ends there.
        evidence: Whether a token is of the words that answer or decide.
    """

    relevance: Tensor
    support: Tensor
    start: Tensor
    end: Tensor
    evidence: Tensor


class ReaderNetwork(nn.Module):
    """An encoder with three heads: relevance, answer span, support."""

    def __init__(self, encoder: BertModel) -> None:
        """Put fresh heads on an encoder."""
        super().__init__()
        hidden = encoder.config.hidden_size
        self.encoder = encoder
        self.relevance = nn.Sequential(nn.Linear(hidden, hidden), nn.Tanh(), nn.Linear(hidden, 1))
        self.span = nn.Linear(hidden, 3)
        self.support = nn.Sequential(nn.Linear(hidden, hidden), nn.Tanh(), nn.Linear(hidden, len(LABELS)))

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> Outputs:
        """Read a batch.

        Args:
            ids: Word pieces, shape `(batch, tokens)`, int64.
            types: 1 where the passage stands, else 0.
            mask: 1 where there is a word piece, 0 where it is padded.
        """
        states = self.encoder(input_ids=ids, token_type_ids=types, attention_mask=mask).last_hidden_state
        first = states[:, 0]
        start, end, evidence = self.span(states).unbind(-1)
        return Outputs(self.relevance(first).squeeze(-1), self.support(first), start, end, evidence)


def load_network(folder: Path) -> tuple[ReaderNetwork, Tokenizer]:
    """Return the network in a folder, in the precision that it is kept in, and its tokenizer.

    Raises:
        OSError: If a file is missing.
        ValueError: If a file is damaged, or they don't belong together.
    """
    tokenizer = _load_tokenizer(folder / "tokenizer.json")
    config = BertConfig(**json.loads((folder / "config.json").read_text(encoding="utf-8")))
    with torch.device("meta"):
        network = ReaderNetwork(BertModel(config, add_pooling_layer=False))
    try:
        network.load_state_dict(load_file(folder / "model.safetensors"), strict=True, assign=True)
    except (RuntimeError, SafetensorError) as error:
        raise ValueError(f"model.safetensors: {error}".splitlines()[0]) from error
    # Not among the weights: they follow from the sizes.
    positions = torch.arange(config.max_position_embeddings).unsqueeze(0)
    network.encoder.embeddings.register_buffer("position_ids", positions, persistent=False)
    network.encoder.embeddings.register_buffer("token_type_ids", torch.zeros_like(positions), persistent=False)
    return network.eval(), tokenizer


def _load_tokenizer(path: Path) -> Tokenizer:
    content = path.read_text(encoding="utf-8")
    try:
        return Tokenizer.from_str(content)
    except Exception as error:  # It raises no narrower kind.
        raise ValueError(f"{path.name}: {error}") from error


def encode(tokenizer: Tokenizer, query: str, texts: Sequence[str]) -> list[Encoding]:
    """Return the word pieces of a question or claim beside each of some passages.

    Args:
        tokenizer: The reader's.
        query: With `QUESTION` or `CLAIM` before it; cut to `QUERY_TOKENS`.
        texts: Passages; cut so that both together are no longer than `MOST_TOKENS`.
    """
    tokenizer.enable_truncation(QUERY_TOKENS)
    ids = tokenizer.encode(query, add_special_tokens=False)
    kept = query[: ids.offsets[-1][1]] if ids.ids else ""
    tokenizer.enable_truncation(MOST_TOKENS, strategy="only_second")
    return tokenizer.encode_batch([(kept, text) for text in texts])


def inputs(encodings: Sequence[Encoding], pad: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return ids, types and mask of some encodings, each of shape `(len(encodings), longest)`, int64."""
    longest = max(len(one.ids) for one in encodings)
    ids = torch.full((len(encodings), longest), pad)
    types, mask = torch.zeros_like(ids), torch.zeros_like(ids)
    for row, one in enumerate(encodings):
        length = len(one.ids)
        ids[row, :length] = torch.tensor(one.ids)
        types[row, :length] = torch.tensor([_PASSAGE_TYPE if part == 1 else 0 for part in one.sequence_ids])
        mask[row, :length] = 1
    return ids, types, mask
