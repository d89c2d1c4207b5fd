"""What tests share: what comes with the project, indexed once with the real model into folders of their own."""

from __future__ import annotations

import math
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.offline import go_offline
from bot.reader import Reader, open_reader
from bot.service import Assistant
from bot.settings import BotSettings, ReaderSettings
from ingest.models import READER
from ingest.pipeline import IngestReport, ingest
from ingest.settings import ReadingSettings

REPOSITORY = Path(__file__).resolve().parents[1]

go_offline()


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the user's own settings out: no variable and no `faktasvar.toml` of theirs is seen."""
    for name in os.environ:
        if name.startswith("FAKTASVAR_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


# A busy machine must not change an answer.
UNHURRIED = ReaderSettings(budget_ms=600_000)
PATIENT = ReadingSettings(seconds=600)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[BotSettings, IngestReport]:
    """Index the fact sheet alone, so that answers about it do not change with every note; return settings and report."""
    corpus = tmp_path_factory.mktemp("sheet")
    shutil.copytree(REPOSITORY / "corpus" / "documents", corpus / "documents")
    entries = (REPOSITORY / "corpus" / "sources.toml").read_text(encoding="utf-8").split("[[source]]")
    sheet = [entry for entry in entries if 'id = "faktagrunnlag-2022' in entry]
    (corpus / "sources.toml").write_text("".join(f"[[source]]{entry}" for entry in sheet), encoding="utf-8")
    data = tmp_path_factory.mktemp("data")
    settings = BotSettings(corpus=corpus, data=data, reader=UNHURRIED, reading=PATIENT)
    return settings, ingest(settings, lambda stage, done, total: None)


@pytest.fixture(scope="session")
def settings(built: tuple[BotSettings, IngestReport]) -> BotSettings:
    """Return settings with a built index of the fact sheet."""
    return built[0]


@pytest.fixture(scope="session")
def assistant(settings: BotSettings) -> Iterator[Assistant]:
    """Return an assistant over the fact sheet."""
    yield Assistant(settings)


@pytest.fixture(scope="session")
def whole(settings: BotSettings, tmp_path_factory: pytest.TempPathFactory) -> BotSettings:
    """Index all that comes with the project; return settings for it."""
    data = tmp_path_factory.mktemp("whole")
    shutil.copytree(settings.data / "cache", data / "cache")  # The sheet's vectors are had already.
    everything = BotSettings(corpus=REPOSITORY / "corpus", data=data, reader=UNHURRIED, reading=PATIENT)
    report = ingest(everything, lambda stage, done, total: None)
    assert report.failures == ()
    return everything


@pytest.fixture(scope="session")
def knowing(whole: BotSettings) -> Assistant:
    """Return an assistant over all that comes with the project."""
    return Assistant(whole)


@pytest.fixture(scope="session")
def reader() -> Reader:
    """Return the project's own reader, giving the same on every machine: with one precision, and with time enough."""
    opened = open_reader(BotSettings(reader=ReaderSettings(model=READER, precision="float32", budget_ms=600_000)))
    assert opened is not None
    return opened


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Compute on one thread: a tiny model is no faster on more, and far slower on a busy machine."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a transformers folder with an encoder of two small layers, untrained; its word pieces are of our own texts."""
    import torch
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast, logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # not typed there
    text = (REPOSITORY / "training" / "data" / "passages.jsonl").read_text(encoding="utf-8")
    words = Counter(re.findall(r"\w+", text))
    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    pieces += [(f"▁{word}", math.log(count / words.total())) for word, count in words.most_common(1500) if len(word) > 1]
    pieces += [(sign, -12.0) for sign in sorted({"▁", *text} - {" ", "\n"})]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3))
    tokenizer.normalizer = normalizers.Replace(Regex(r"\s+"), " ")
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    fast = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # not typed there
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", sep_token="</s>", cls_token="<s>", unk_token="<unk>",
        pad_token="<pad>", model_max_length=512,
    )  # fmt: skip
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        pad_token_id=1,
    )
    torch.manual_seed(5)
    folder = tmp_path_factory.mktemp("tiny")
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder
