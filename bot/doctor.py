"""`faktasvar doctor`: what is missing, in one line each, with the command that mends it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec

from bot.settings import BotSettings
from ingest.catalogue import Source, read_catalogue
from ingest.embedding import default_model_folder, open_embedder
from ingest.embedding.e5 import MODEL_NAME, packaged_weights
from ingest.errors import FaktasvarError
from ingest.index import Generation, IndexStore
from ingest.texts import say

_NEEDED_BYTES = 1_500_000_000
"""The model takes 0.5 GB; the rest is room for three generations of a larger index, a guess."""


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
    checks: tuple[Callable[[BotSettings], list[Finding]], ...] = (_python, _disk, _model, _catalogue, _index)
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


def _model(settings: BotSettings) -> list[Finding]:
    if settings.embedding.model == MODEL_NAME and not default_model_folder(settings.data).is_dir():
        packaged_weights()
        return [_finding(settings, "model_not_made", good=False)]
    open_embedder(settings.embedding, settings.data, lambda _step: None)
    return [_finding(settings, "model", good=True, model=settings.embedding.model)]


def _catalogue(settings: BotSettings) -> list[Finding]:
    sources = read_catalogue(settings.corpus)
    searched = sum(source.index for source in sources)
    return [_finding(settings, "catalogue", good=True, count=len(sources), searched=searched)]


def _index(settings: BotSettings) -> list[Finding]:
    generation = IndexStore(settings.data).open()
    try:
        generation.verify()
        manifest = generation.manifest
        embedder = open_embedder(settings.embedding, settings.data, lambda _step: None)
        if manifest.model_fingerprint != embedder.fingerprint:
            return [_finding(settings, "index_model", good=False, found=manifest.model)]
        counts = {"passages": manifest.passages, "sentences": manifest.sentences}
        findings = [_finding(settings, "index", good=True, generation=manifest.generation, **counts)]
        for failure in manifest.failures:
            findings.append(_finding(settings, "not_indexed", good=False, source=failure.source, reason=failure.reason))
        changed = _changed(read_catalogue(settings.corpus), generation)
        if changed:
            findings.append(_finding(settings, "index_old", good=False, sources=", ".join(changed)))
        return findings
    finally:
        generation.close()


def _changed(sources: list[Source], generation: Generation) -> list[str]:
    """Return the ids of the sources that are new, changed or gone since the index was built."""
    indexed = {source.id: source.sha256 for source in generation.manifest.sources}
    failed = {failure.source for failure in generation.manifest.failures}
    current = {source.id: sha256(source.file.read_bytes()).hexdigest() for source in sources if source.index}
    changed = [identifier for identifier in current if indexed.get(identifier) != current[identifier]]
    return [identifier for identifier in changed if identifier not in failed] + sorted(indexed.keys() - current.keys())
