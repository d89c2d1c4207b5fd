"""The training loop: batches, learning rate, attention, and going on after a stop."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from training import embedder, loop, reader
from training.embedder import Pair, contrast
from training.examples import CONTRADICTED, SUPPORTED, Example, Group
from training.windows import Text

pytestmark = pytest.mark.usefixtures("one_thread")

LENGTHS = [7, 30, 5, 12, 9, 100, 3, 8, 21, 14, 6, 40, 11, 2, 19]


def batched(tokens: int, seed: int = 1, window: int = 50) -> list[list[int]]:
    return loop.batches(LENGTHS, tokens, seed, key=LENGTHS, window=window)


@pytest.mark.parametrize("tokens", [1, 20, 45, 1000])
@pytest.mark.parametrize("window", [1, 50])
def test_every_item_is_in_one_batch(tokens: int, window: int) -> None:
    found = batched(tokens, window=window)
    assert all(found)
    assert sorted(item for batch in found for item in batch) == list(range(len(LENGTHS)))


@pytest.mark.parametrize("tokens", [1, 20, 45, 1000])
def test_a_batch_has_no_more_tokens_than_it_may_unless_it_is_one_item(tokens: int) -> None:
    for batch in batched(tokens):
        assert len(batch) == 1 or sum(LENGTHS[item] for item in batch) <= tokens


def test_items_of_one_batch_are_of_like_length() -> None:
    ends = [sorted(LENGTHS[item] for item in batch) for batch in batched(45)]
    ordered = sorted(ends)
    assert [length for batch in ordered for length in batch] == sorted(LENGTHS)


def test_batches_depend_on_the_seed_alone() -> None:
    assert batched(45) == batched(45)
    assert batched(45) != batched(45, seed=2)


def test_nothing_gives_no_batches() -> None:
    assert loop.batches([], 10, 1, key=[]) == []


def rates(steps: int) -> list[tuple[float, float]]:
    modules = [nn.Linear(2, 2), nn.Linear(2, 2)]
    adam = loop.optimizer(modules[:1], 1e-3, modules[1:], 5e-3)
    found = []
    for step in range(steps):
        loop.set_rate(adam, step, steps)
        found.append(tuple(group["lr"] for group in adam.param_groups))
    return [(slow, fast) for slow, fast in found]


def test_the_learning_rate_rises_to_the_highest_and_then_falls_along_a_line() -> None:
    slow = [rate for rate, _ in rates(100)]
    assert max(slow) == pytest.approx(1e-3)
    top = slow.index(max(slow))
    assert top == round(loop.WARM_UP * 100) - 1
    assert slow[: top + 1] == pytest.approx([1e-3 * (step + 1) / (top + 1) for step in range(top + 1)])
    falls = [before - after for before, after in zip(slow[top + 1 :], slow[top + 2 :], strict=False)]
    assert falls == pytest.approx([falls[0]] * len(falls)) and falls[0] > 0
    assert 0 < slow[-1] < 0.02e-3


def test_fresh_layers_learn_faster_by_the_same_schedule() -> None:
    assert [fast / slow for slow, fast in rates(40)] == pytest.approx([5.0] * 40)


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_the_shortest_runs_have_a_learning_rate_too(steps: int) -> None:
    assert all(0 < slow <= 1e-3 for slow, _ in rates(steps))


def attended(mask: Tensor | None, attend: Callable[[Tensor, Tensor, Tensor, Tensor | None], Tensor]) -> list[Tensor]:
    source = torch.Generator().manual_seed(3)
    parts = [torch.randn(2, 3, 7, 16, generator=source, requires_grad=True) for _ in range(3)]
    mixed = attend(parts[0], parts[1], parts[2], mask)
    mixed.backward(torch.randn(mixed.shape, generator=source))  # type: ignore[no-untyped-call]  # not typed there
    gradients = [part.grad for part in parts]
    return [mixed.detach(), *(gradient for gradient in gradients if gradient is not None)]


def ours(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
    mixed, _ = loop._attend(nn.Identity(), query, key, value, mask, scaling=16**-0.5)
    return mixed


def theirs(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
    return scaled_dot_product_attention(query, key, value, attn_mask=mask).transpose(1, 2)


@pytest.mark.parametrize("masked", [False, True])
def test_attention_and_its_gradients_are_those_of_torch(masked: bool) -> None:
    mask = None
    if masked:
        mask = torch.zeros(2, 1, 7, 7)
        mask[0, :, :, 5:] = torch.finfo(torch.float32).min
    found, expected = attended(mask, ours), attended(mask, theirs)
    assert len(found) == len(expected) == 4
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=0)


def test_an_encoder_to_be_trained_says_what_it_said_before(tiny_model: Path) -> None:
    from transformers import BertModel

    plain = BertModel.from_pretrained(tiny_model, add_pooling_layer=False).train(False)
    encoder = loop.load_encoder(tiny_model)
    ids = torch.tensor([[0, 10, 11, 12, 2], [0, 13, 2, 1, 1]])
    mask = ids.ne(1).long()
    states = [model(input_ids=ids, attention_mask=mask).last_hidden_state for model in (encoder, plain)]
    kept = mask.bool()
    torch.testing.assert_close(states[0][kept], states[1][kept], atol=1e-5, rtol=0)


def test_word_vectors_are_not_trained(tiny_model: Path) -> None:
    encoder = loop.load_encoder(tiny_model)
    frozen = [name for name, weight in encoder.named_parameters() if not weight.requires_grad]
    assert frozen == ["embeddings.word_embeddings.weight"]
    assert all(module.p == 0.0 for module in encoder.modules() if isinstance(module, nn.Dropout))


def test_frozen_layers_are_not_trained_and_those_above_are(tiny_model: Path) -> None:
    encoder = loop.load_encoder(tiny_model, 1)
    trained = {name for name, weight in encoder.named_parameters() if weight.requires_grad}
    assert trained and all(name.startswith("encoder.layer.") and not name.startswith("encoder.layer.0.") for name in trained)


def test_weights_in_half_precision_are_trained_in_float32(tiny_model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "half"
    shutil.copytree(tiny_model, folder)
    save_file(
        {name: value.half() for name, value in weights(tiny_model).items()}, folder / "model.safetensors", {"format": "pt"}
    )
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"dtype": "float16"}), encoding="utf-8")
    assert {weight.dtype for weight in loop.load_encoder(folder).parameters()} == {torch.float32}


@pytest.mark.parametrize("tiles", [False, True])
def test_products_are_in_half_precision_only_where_the_processor_has_tiles(
    tiles: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "has_matrix_tiles", lambda: tiles)
    with loop.mixed_precision(torch.device("cpu")):
        product = torch.ones(2, 2) @ torch.ones(2, 2)
    assert product.dtype == (torch.bfloat16 if tiles else torch.float32)


def test_rows_are_filled_up_to_the_longest() -> None:
    rows = loop.padded([[4, 5], [6]], 1, torch.device("cpu"))
    assert rows.tolist() == [[4, 5], [6, 1]]


def test_answers_out_of_one_passage_are_not_held_against_each_other() -> None:
    questions = torch.eye(3)
    answers = torch.tensor([[1.0, 0, 0], [1.0, 0, 0], [0, 0, 1.0]])
    apart, together = contrast(questions, answers, ["a", "b", "c"]), contrast(questions, answers, ["a", "a", "c"])
    assert together < apart


def test_the_log_holds_means_since_it_was_last_written(tmp_path: Path) -> None:
    log = loop.Log(tmp_path / "log.jsonl", 2)
    for step, loss in enumerate([1.0, 3.0, 5.0, float("nan")]):
        log.add(step, {"loss": loss}, 10)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(line["step"], line["loss"]) for line in lines] == [(2, 2.0), (4, 5.0)]


class StoppedError(Exception):
    """Stands for a power cut."""


def stop_after(step: int) -> Callable[[Path, dict[str, Any]], None]:
    """Return a `keep` that keeps what a run needs at a step, and then ends it."""

    def keep(state: Path, record: dict[str, Any]) -> None:
        loop.keep(state, record)
        if record["step"] == step:
            raise StoppedError

    return keep


def weights(folder: Path) -> dict[str, Tensor]:
    return load_file(folder / "model.safetensors")


def assert_same_run(
    module: Any, monkeypatch: pytest.MonkeyPatch, folder: Path, base: Path, train: Callable[[Path], None]
) -> None:
    """Run once whole and once with a stop after the fourth step, and hold the weights against each other."""
    monkeypatch.setattr(module, "KEEP_EVERY", 2)
    whole, broken = folder / "whole", folder / "broken"
    train(whole)
    monkeypatch.setattr(module, "keep", stop_after(4))
    with pytest.raises(StoppedError):
        train(broken)
    assert not (broken / "model.safetensors").exists()
    monkeypatch.setattr(module, "keep", loop.keep)
    train(broken)
    expected, found = weights(whole), weights(broken)
    assert expected.keys() == found.keys()
    assert all(torch.equal(expected[name], found[name]) for name in expected)
    assert list(folder.glob("*.state*")) == []
    before = weights(base)
    trained = {name.removeprefix("encoder.") if name not in before else name: value for name, value in expected.items()}
    assert any(not torch.equal(before[name].half(), trained[name]) for name in before)


def test_an_embedder_goes_on_where_it_was_stopped(tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [
        Pair(f"Hva skal kommunen i {year}?", f"Kommunen skal bygge vei nummer {year}.", f"p{year}", "Noe annet." * (year % 2))
        for year in range(2000, 2012)
    ]
    monkeypatch.setattr(embedder, "PAIRS", 4)
    assert_same_run(
        embedder, monkeypatch, tmp_path, tiny_model, lambda out: embedder.train(tiny_model, out, pairs, 1e-3, epochs=2.0)
    )
    assert (tmp_path / "whole" / "modules.json").is_file()


def reader_groups() -> list[Group]:
    groups: list[Group] = []
    for year in range(2000, 2012):
        text = Text(f"Plan. Kommunen skal bygge vei i {year}. Rådet følger opp.", 6)
        start = text.words.index(str(year))
        right = Example("Når bygges veien?", False, text, True, (start, start + 4), (6, start + 5))
        wrong = Example("Når bygges veien?", False, Text("Rådet møtes hver måned."), False)
        claim = Example(f"Veien kommer i {year}", True, text, True, None, (6, start + 5), (SUPPORTED, CONTRADICTED)[year % 2])
        groups += [(right, wrong), (claim,)]
    return groups


def test_a_reader_goes_on_where_it_was_stopped(tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "TOKENS", 120)
    assert_same_run(reader, monkeypatch, tmp_path, tiny_model, lambda out: reader.train(tiny_model, out, reader_groups(), 1e-3))


def test_a_stop_while_the_state_is_written_leaves_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = tmp_path / "run.state.pt"
    loop.keep(state, {"step": 2})

    def half(record: Any, path: Path) -> None:
        path.write_bytes(b"half")
        raise StoppedError

    monkeypatch.setattr(torch, "save", half)
    with pytest.raises(StoppedError):
        loop.keep(state, {"step": 4})
    assert list(loop.steps_from(state, 5, lambda record: None)) == [2, 3, 4]
