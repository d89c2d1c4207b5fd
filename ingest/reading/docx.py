"""Word files (DOCX, DOCM), by python-docx: the only module that imports it, and where its errors become ours."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote
from xml.sax.saxutils import quoteattr

from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.coreprops import CoreProperties
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.coreprops import CT_CoreProperties
from docx.package import Package

from ingest.documents import About, Block, Document
from ingest.errors import UnreadableError
from ingest.reading.common.about import language_code, publisher_of, title_of
from ingest.reading.common.dates import norwegian_date
from ingest.reading.common.zipped import Zipped
from ingest.reading.source import check_size
from ingest.reading.text import without_contents
from ingest.reading.word import Notes, Numbering, Styles, Walk
from ingest.reading.word.xml import ID, P, W

_ROOT = "_rels/.rels"
_KEPT = {
    "styles": CONTENT_TYPE.WML_STYLES,
    "numbering": CONTENT_TYPE.WML_NUMBERING,
    "footnotes": CONTENT_TYPE.WML_FOOTNOTES,
    "endnotes": CONTENT_TYPE.WML_ENDNOTES,
}
"""The parts beside the text that are read, by the last word of the relationship that leads to them."""

_STRICT = {
    b"http://purl.oclc.org/ooxml/wordprocessingml/main": b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    b"http://purl.oclc.org/ooxml/officeDocument/": b"http://schemas.openxmlformats.org/officeDocument/2006/",
    b"http://purl.oclc.org/ooxml/drawingml/": b"http://schemas.openxmlformats.org/drawingml/2006/",
}
"""The names that «Strict Open XML» has for the same things. Source: ISO/IEC 29500-1 and 29500-4."""

_APPLICATION = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"

# What python-docx and lxml let through from files that break their assumptions; lxml's XMLSyntaxError is a SyntaxError.
_FAILURES = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, SyntaxError, TypeError, ValueError)


def read_docx(path: Path) -> Document:
    """Read a Word file.

    Raises:
        UnreadableError: If the file is no Word file, damaged, encrypted or above a limit.
    """
    zipped = Zipped(path)
    try:
        package = Package.open(io.BytesIO(_slim(zipped)))
        for part in package.parts:
            zipped.check_parts(_root(part), P, f"{W}tc")
        walk, blocks = _read(package)
        about = _about(zipped, walk, blocks)
    except _FAILURES as error:
        raise zipped.unreadable(f"damaged Word file: {type(error).__name__}") from error
    check_size(path, sum(len(block.text) for block in blocks))
    return Document(tuple(blocks), f"python-docx {version('python-docx')}", warnings=tuple(sorted(walk.found)), about=about)


@dataclass
class _Slim:
    """The package that python-docx is given: the text, its styles, lists and notes.

    The library reads everything that a file holds, pictures and all, and gives up where one of them is missing, as they
    are in files that passed through other programs; and it takes neither files with macros nor «Strict Open XML».
    """

    zipped: Zipped
    parts: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)

    def relations(self, source: str) -> list[tuple[str, str, str, bool]]:
        """Return what a part leads to, «» for the file itself: id, last word of the type, target, whether it lies outside."""
        folder, name = posixpath.split(source)
        file = posixpath.join(folder, "_rels", f"{name}.rels")
        if file not in self.zipped.names:
            return []
        found = []
        for each in parse_xml(_plain(self.zipped.xml(file))):
            kind, outside = str(each.get("Type")).rsplit("/", 1)[-1], each.get("TargetMode") == "External"
            target = str(each.get("Target"))
            if not outside:
                target = posixpath.normpath(posixpath.join("/", folder, unquote(target))).lstrip("/")
            found.append((str(each.get("Id")), kind, target, outside))
        return found

    def add(self, name: str, content_type: str, relations: str = "") -> None:
        """Keep a part, and what it leads to."""
        self.parts[name] = _plain(self.zipped.xml(name))
        self.types[name] = content_type
        folder, base = posixpath.split(name)
        self.parts[posixpath.join(folder, "_rels", f"{base}.rels")] = _relationships(relations)

    def links(self, source: str) -> str:
        """Return the relationships of a part that lead out of the file."""
        links = [each for each in self.relations(source) if each[1] == "hyperlink" and each[3]]
        return "".join(_relationship(*each) for each in links)


def _slim(zipped: Zipped) -> bytes:
    slim = _Slim(zipped)
    top = {kind: target for _, kind, target, outside in slim.relations("") if not outside and target in zipped.names}
    if "officeDocument" not in top:
        raise zipped.unreadable("not a Word file, whatever its name says")
    main = top["officeDocument"]
    beside: dict[str, str] = {}
    relations = slim.links(main)
    for name, kind, target, outside in slim.relations(main):
        if kind in _KEPT and kind not in beside and not outside and target in zipped.names:
            beside[kind] = target
            slim.add(target, _KEPT[kind], slim.links(target))
            relations += _relationship(name, kind, f"/{target}", False)
    slim.add(main, CONTENT_TYPE.WML_DOCUMENT_MAIN, relations)
    root = _relationship("rId1", "officeDocument", f"/{main}", False)
    slim.parts[_ROOT] = _relationships(root)
    slim.parts["[Content_Types].xml"] = _content_types(slim.types)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, data in slim.parts.items():
            file.writestr(name, data)
    return packed.getvalue()


def _plain(data: bytes) -> bytes:
    """Return XML with the usual names where it has those of «Strict Open XML»."""
    if b"http://purl.oclc.org/ooxml/" in data[:10_000]:
        for strict, usual in _STRICT.items():
            data = data.replace(strict, usual)
    return data


def _relationship(name: str, kind: str, target: str, outside: bool) -> str:
    type_, mode = f"{RELATIONSHIP_TYPE.OFFICE_DOCUMENT.rsplit('/', 1)[0]}/{kind}", ' TargetMode="External"' if outside else ""
    return f"<Relationship Id={quoteattr(name)} Type={quoteattr(type_)} Target={quoteattr(target)}{mode}/>"


def _relationships(inside: str) -> bytes:
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inside}</Relationships>'.encode()
    )


def _content_types(types: Mapping[str, str]) -> bytes:
    parts = "".join(f"<Override PartName={quoteattr(f'/{name}')} ContentType={quoteattr(types[name])}/>" for name in types)
    default = f'<Default Extension="rels" ContentType="{CONTENT_TYPE.OPC_RELATIONSHIPS}"/>'
    return f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{default}{parts}</Types>'.encode()


def _read(package: Package) -> tuple[Walk, list[Block]]:
    main = package.main_document_part
    beside = {rel.reltype.rsplit("/", 1)[-1]: rel.target_part for rel in main.rels.values() if not rel.is_external}
    roots = {kind: _root(part) for kind, part in beside.items()}
    notes = {kind[:-1]: _notes(beside[kind], kind[:-1]) for kind in ("footnotes", "endnotes") if kind in beside}
    walk = Walk(Styles(roots.get("styles")), Numbering(roots.get("numbering")), notes)
    body = _root(main).find(f"{W}body")
    if body is None:
        raise ValueError("no body")
    return walk, without_contents(walk.blocks(body, _links(main)))


def _root(part: Part) -> Any:  # an element of lxml, which says nothing of its types
    element = getattr(part, "element", None)
    return parse_xml(part.blob) if element is None else element


def _links(part: Part) -> dict[str, str]:
    return {name: rel.target_ref for name, rel in part.rels.items() if rel.is_external}


def _notes(part: Part, kind: str) -> Notes:
    return Notes({each.get(ID) or "": each for each in _root(part).findall(W + kind)}, _links(part))


def _about(zipped: Zipped, walk: Walk, blocks: list[Block]) -> About:
    core, companies = _properties(zipped)
    first = blocks[0].text if blocks and blocks[0].kind == "heading" and blocks[0].level == 1 else ""
    # Of the language of all text only Norwegian is believed: English is what programs write unasked.
    language = language_code(walk.styles.language)
    about = About(
        title=title_of(walk.title) or title_of(first),
        publisher=publisher_of(*companies),
        language="" if language == "en" else language,
    )
    if core is None:
        return about
    return About(
        title=title_of(walk.title) or title_of(core.title) or title_of(first),
        publisher=publisher_of(*companies, core.author),
        language=language_code(core.language) or about.language,
        published=norwegian_date(core.created) if core.created else None,
        updated=norwegian_date(core.modified) if core.modified else None,
    )


def _properties(zipped: Zipped) -> tuple[CoreProperties | None, list[str]]:
    """Return the core properties and the company; a document without them, or with damaged ones, can still be read."""
    core, companies = None, []
    try:
        targets = {kind: target for _, kind, target, _ in _Slim(zipped).relations("") if target in zipped.names}
        if "core-properties" in targets:
            core = CoreProperties(cast(CT_CoreProperties, parse_xml(zipped.xml(targets["core-properties"]))))
            _ = core.created, core.modified, core.title, core.author, core.language
        if "extended-properties" in targets:
            application = parse_xml(_plain(zipped.xml(targets["extended-properties"])))
            companies = [each.text or "" for each in application.iter(f"{{{_APPLICATION}}}Company")]
    except (*_FAILURES, UnreadableError):
        return None, companies
    return core, companies
