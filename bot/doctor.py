"""`faktasvar doctor`: what is missing, in one line each, with the command that mends it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from typing import get_args

from bot.reader import open_reader
from bot.settings import BotSettings
from ingest.catalogue import read_catalogue
from ingest.embedding import open_embedder
from ingest.errors import FaktasvarError
from ingest.index import Generation, IndexStore
from ingest.located import Located, file_of, locate
from ingest.states import Had, states
from ingest.texts import say

_NEEDED_BYTES = 1_000_000_000
"""Room for three generations of a larger index, a guess."""

_TRIAL = "Hei"
"""What the models are tried on."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, said in one line."""

    good: bool
    text: str


def examine(settings: BotSettings) -> list[Finding]:
    """Look at everything that an answer needs, changing nothing.

    Returns:
        One finding for each thing, in the order in which they must be mended.
    """
    checks: tuple[Callable[[BotSettings], list[Finding]], ...] = (_python, _disk, _embedder, _reader, _catalogue, _index)
    findings: list[Finding] = []
    for check in checks:
        try:
            findings += check(settings)
        except FaktasvarError as error:
            findings.append(Finding(False, error.say(settings.language)))
    return findings


def _finding(settings: BotSettings, key: str, *, good: bool, **values: object) -> Finding:
    return Finding(good, say("bot", f"doctor.{key}", settings.language, **values))


def _python(settings: BotSettings) -> list[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    missing = [name for name in ("torch", "sentence_transformers", "chromadb", "gradio") if find_spec(name) is None]
    if missing:
        return [_finding(settings, "packages_missing", good=False, names=", ".join(missing))]
    return [_finding(settings, "python", good=True, version=version)]


def _disk(settings: BotSettings) -> list[Finding]:
    data = settings.data.absolute()
    folder = next(one for one in (data, *data.parents) if one.exists())
    free = shutil.disk_usage(folder).free
    key = "disk" if free >= _NEEDED_BYTES else "disk_short"
    return [_finding(settings, key, good=free >= _NEEDED_BYTES, free=f"{free / 1e9:.1f}", path=settings.data)]


def _embedder(settings: BotSettings) -> list[Finding]:
    open_embedder(settings.embedding).embed_questions([_TRIAL])
    return [_finding(settings, "model", good=True, model=settings.embedding.model)]


def _reader(settings: BotSettings) -> list[Finding]:
    reader = open_reader(settings)
    if reader is None:
        return [_finding(settings, "reader_off", good=True)]
    reader.read(_TRIAL, [_TRIAL])
    return [_finding(settings, "reader", good=True, model=settings.reader.model)]


def _catalogue(settings: BotSettings) -> list[Finding]:
    sources = read_catalogue(settings.corpus)
    searched = sum(source.index and not source.only_known for source in sources)
    return [_finding(settings, "catalogue", good=True, count=len(sources), searched=searched), *_fetched(settings)]


def _fetched(settings: BotSettings) -> list[Finding]:
    """Say what is fetched from the web and what isn't; only what is damaged is a fault, for the rest may be on purpose."""
    ids: dict[Had, list[str]] = {had: [] for had in get_args(Had)}
    for state in states(settings):
        ids[state.had].append(state.source.id)
    fetched, missing = len(ids["fetched"]), ids["not_fetched"]
    count = fetched + len(missing) + len(ids["damaged"])
    findings = []
    if missing:
        named = ", ".join(missing)
        findings.append(_finding(settings, "not_fetched", good=True, fetched=fetched, count=count, sources=named))
    elif count:
        findings.append(_finding(settings, "fetched", good=True, fetched=fetched, count=count))
    for key, had in (
        ("missing", ids["missing"]),
        ("fetched_damaged", ids["damaged"]),
        ("only_known", ids["only_known"]),
    ):
        if had:
            findings.append(_finding(settings, key, good=key == "only_known", sources=", ".join(had)))
    return findings


def _index(settings: BotSettings) -> list[Finding]:
    generation = IndexStore(settings.data).open()
    try:
        generation.verify()
        manifest = generation.manifest
        embedder = open_embedder(settings.embedding)
        if manifest.model_fingerprint != embedder.fingerprint:
            return [_finding(settings, "index_model", good=False, found=manifest.model)]
        counts = {"passages": manifest.passages, "sentences": manifest.sentences}
        findings = [_finding(settings, "index", good=True, generation=manifest.generation, **counts)]
        for failure in manifest.failures:
            findings.append(_finding(settings, "not_indexed", good=False, source=failure.source, reason=failure.reason))
        changed = _changed(locate(read_catalogue(settings.corpus), settings), generation)
        if changed:
            findings.append(_finding(settings, "index_old", good=False, sources=", ".join(changed)))
        return findings
    finally:
        generation.close()


def _changed(found: Located, generation: Generation) -> list[str]:
    """Return the ids of the sources that are new, changed or gone since the index was built."""
    indexed = {source.id: source.sha256 for source in generation.manifest.sources}
    failed = {failure.source for failure in generation.manifest.failures}
    current = {source.id: sha256(file_of(source).read_bytes()).hexdigest() for source in found.sources}
    changed = [identifier for identifier in current if indexed.get(identifier) != current[identifier]]
    return [identifier for identifier in changed if identifier not in failed] + sorted(indexed.keys() - current.keys())
