"""Cut a model's vocabulary down to the word pieces that Norwegian and English text uses.

    python -m training.vocabulary BASE OUT --texts FILE_OR_FOLDER …

96 of the 118 million parameters of multilingual-e5-small are vectors of word pieces, most of them of other languages.
Kept are the pieces that make up

- every form in simplemma's bokmål, nynorsk and English dictionaries, as written and capitalised,
- every word that occurs at least `FEWEST` times in the given texts (acts and regulations, training passages),
- single signs of the Latin, Greek and Cyrillic alphabets, digits and punctuation, so that any name can still be spelt.

A word whose pieces are all kept is cut as before: the pieces' probabilities are the base model's, and nothing is trained.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from simplemma.strategies.dictionaries.dictionary_factory import DefaultDictionaryFactory
from tokenizers import Tokenizer

from training.texts import read_texts

LANGUAGES = ("nb", "nn", "en")
FEWEST = 3
_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
_SINGLE = re.compile(r"▁?[\u0021-\u024f\u0370-\u03ff\u0400-\u04ff\u1e00-\u1eff\u2010-\u2044\u20ac\u2190-\u2212]?")
"""Latin with its extensions, Greek, Cyrillic, punctuation, the euro sign, arrows and minus."""

_EMBEDDING = "embeddings.word_embeddings.weight"
_BATCH = 20_000


def dictionary_words(languages: Iterable[str] = LANGUAGES) -> Iterator[str]:
    """Yield every form and lemma of simplemma's dictionaries, as written and capitalised."""
    factory = DefaultDictionaryFactory()
    for language in languages:
        for pair in factory.get_dictionary(language).items():
            for word in pair:
                text = word.decode() if isinstance(word, bytes) else str(word)
                yield text
                yield text.capitalize()


def frequent_words(texts: Iterable[str], fewest: int = FEWEST) -> list[str]:
    """Return the words, cut at white space, that occur at least `fewest` times."""
    counts = Counter(word for text in texts for word in text.split())
    return [word for word, count in counts.items() if count >= fewest]


def used_pieces(tokenizer: Tokenizer, words: Sequence[str]) -> set[int]:
    """Return the ids of the pieces that some words are cut into."""
    found: set[int] = set()
    for start in range(0, len(words), _BATCH):
        for encoding in tokenizer.encode_batch(words[start : start + _BATCH], add_special_tokens=False):
            found.update(encoding.ids)
    return found


def prune_tokenizer(record: dict[str, Any], kept: set[int]) -> tuple[dict[str, Any], list[int]]:
    """Return the record of a `tokenizer.json` with fewer pieces, and the old id of each new one.

    Args:
        record: A Unigram tokenizer whose special tokens have the ids 0 to 3.
        kept: Ids to keep; the special tokens and `_SINGLE` signs are always kept.

    Raises:
        ValueError: If the special tokens stand elsewhere.
    """
    pieces = record["model"]["vocab"]
    if tuple(piece for piece, _ in pieces[: len(_SPECIAL)]) != _SPECIAL:
        raise ValueError(f"expected {_SPECIAL} first in the vocabulary, found {pieces[: len(_SPECIAL)]}")
    old = [
        number
        for number, (piece, _) in enumerate(pieces)
        if number < len(_SPECIAL) or number in kept or _SINGLE.fullmatch(piece)
    ]
    model = record["model"] | {"vocab": [pieces[number] for number in old]}
    return record | {"model": model}, old


def prune(base: Path, out: Path, words: Iterable[str]) -> tuple[int, int]:
    """Write a model folder with only the pieces that some words need; return the numbers of pieces before and after.

    Args:
        base: A transformers folder: `config.json`, `model.safetensors`, `tokenizer.json`, `tokenizer_config.json`.
        out: Where to write; made if it is absent.
        words: What must be cut as before.
    """
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    record = json.loads((base / "tokenizer.json").read_text(encoding="utf-8"))
    pruned, old = prune_tokenizer(record, used_pieces(tokenizer, sorted(set(words))))
    out.mkdir(parents=True, exist_ok=True)
    (out / "tokenizer.json").write_text(json.dumps(pruned, ensure_ascii=False), encoding="utf-8")
    shutil.copy(base / "tokenizer_config.json", out)
    weights = load_file(base / "model.safetensors")
    weights[_EMBEDDING] = weights[_EMBEDDING][torch.tensor(old)].clone()
    save_file(weights, out / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((base / "config.json").read_text(encoding="utf-8")) | {"vocab_size": len(old)}
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    return len(record["model"]["vocab"]), len(old)


def main() -> None:
    """Read the arguments, prune, and say how much is left."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--texts", type=Path, nargs="+", default=[])
    arguments = parser.parse_args()
    words = set(dictionary_words())
    words.update(frequent_words(text for path in arguments.texts for text in read_texts(path)))
    before, after = prune(arguments.base, arguments.out, words)
    sys.stdout.write(f"{before} pieces before, {after} after\n")


if __name__ == "__main__":
    main()
