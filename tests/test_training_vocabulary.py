"""A model with fewer word pieces cuts the words that were kept as before, and has the same vectors for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import BertModel

from training.vocabulary import dictionary_words, frequent_words, prune, prune_tokenizer, used_pieces

KEPT = ["kommunen", "Kommunestyret", "skal", "vedta", "økonomiplanen", "helseplattform", "æøå"]


@pytest.fixture(scope="module")
def pruned(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int, int]:
    out = tmp_path_factory.mktemp("pruned") / "model"
    return out, *prune(tiny_model, out, KEPT)


def open_tokenizer(folder: Path) -> Tokenizer:
    return Tokenizer.from_file(str(folder / "tokenizer.json"))


def record_of(folder: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    return record


def test_pieces_are_left_out(pruned: tuple[Path, int, int], tiny_model: Path) -> None:
    folder, before, after = pruned
    assert before == len(record_of(tiny_model)["model"]["vocab"])
    assert after == len(record_of(folder)["model"]["vocab"]) < before / 2


def test_kept_words_are_cut_as_before(pruned: tuple[Path, int, int], tiny_model: Path) -> None:
    before, after = open_tokenizer(tiny_model), open_tokenizer(pruned[0])
    for word in [*KEPT, " ".join(KEPT)]:
        assert after.encode(word).tokens == before.encode(word).tokens
    assert before.encode("kommunen").tokens == ["<s>", "▁kommunen", "</s>"]


def test_special_pieces_keep_their_numbers(pruned: tuple[Path, int, int]) -> None:
    tokenizer = open_tokenizer(pruned[0])
    assert [tokenizer.id_to_token(number) for number in range(4)] == ["<s>", "<pad>", "</s>", "<unk>"]
    assert tokenizer.encode("skal", "vedta").tokens == ["<s>", "▁skal", "</s>", "</s>", "▁vedta", "</s>"]


def test_any_word_of_known_letters_can_still_be_spelt(pruned: tuple[Path, int, int]) -> None:
    assert "<unk>" not in open_tokenizer(pruned[0]).encode("Zlatko-Ænøk 1234").tokens


def test_each_piece_keeps_its_vector(pruned: tuple[Path, int, int], tiny_model: Path) -> None:
    name = "embeddings.word_embeddings.weight"
    before, after = (load_file(folder / "model.safetensors") for folder in (tiny_model, pruned[0]))
    old, new = (open_tokenizer(folder).get_vocab() for folder in (tiny_model, pruned[0]))
    assert after[name].shape == (len(new), before[name].shape[1])
    for piece, number in new.items():
        assert torch.equal(after[name][number], before[name][old[piece]])
    assert all(torch.equal(after[other], before[other]) for other in before if other != name)


def test_the_model_says_the_same_of_kept_words(pruned: tuple[Path, int, int], tiny_model: Path) -> None:
    states = []
    for folder in (tiny_model, pruned[0]):
        model = BertModel.from_pretrained(folder, add_pooling_layer=False).train(False)
        ids = torch.tensor([open_tokenizer(folder).encode("kommunen skal vedta økonomiplanen").ids])
        with torch.no_grad():
            states.append(model(input_ids=ids).last_hidden_state)
    assert torch.equal(*states)


def test_a_vocabulary_with_special_pieces_elsewhere_is_refused(tiny_model: Path) -> None:
    record = record_of(tiny_model)
    record["model"]["vocab"].insert(0, ["først", -1.0])
    with pytest.raises(ValueError, match=r"expected \('<s>', '<pad>', '</s>', '<unk>'\) first in the vocabulary"):
        prune_tokenizer(record, set())


def test_the_record_that_is_pruned_stays_as_it_was(tiny_model: Path) -> None:
    record = record_of(tiny_model)
    before = json.dumps(record)
    new, old = prune_tokenizer(record, {10})
    assert json.dumps(record) == before
    assert [piece for piece, _ in new["model"]["vocab"]] == [record["model"]["vocab"][number][0] for number in old]
    assert 10 in old and old == sorted(old)


def test_used_pieces_are_those_that_words_are_cut_into(tiny_model: Path) -> None:
    tokenizer = open_tokenizer(tiny_model)
    expected = {tokenizer.token_to_id("▁kommunen"), tokenizer.token_to_id("▁skal")}
    assert used_pieces(tokenizer, ["kommunen", "skal", "skal kommunen"]) == expected


def test_frequent_words_occur_often_enough() -> None:
    assert frequent_words(["to to tre", "tre\ntre en"], fewest=2) == ["to", "tre"]


def test_dictionaries_hold_both_forms_of_norwegian() -> None:
    words = set()
    for word in dictionary_words(("nn",)):
        words.add(word)
        if {"kommunane", "Kommunane"} <= words:
            return
    pytest.fail("the nynorsk dictionary lacks «kommunane»")
