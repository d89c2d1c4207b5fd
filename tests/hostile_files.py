"""Files made to harm whoever reads them, each built here, and what must become of each.

The numbers are those of the recipes in docs/evaluation.md, «Hostile files». Whoever adds a reader for a new format adds its
files here: a case is active as soon as its suffix has a reader, and counts as unsupported until then.
"""

from __future__ import annotations

import io
import os
import random
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

READ = "read"
GOOD = "Kommunestyret vedtok budsjettet"

_CATALOGUE = b"<</Type/Catalog/Pages 2 0 R>>"
_ONE_PAGE = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
_FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
_PAGE = (
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<%s/Font<</F1 "
    + _FONT.replace(b"%", b"%%")
    + b">>>>>>"
)
_TEXT = b"BT /F1 12 Tf 72 700 Td (" + GOOD.encode() + b".) Tj ET"


@dataclass(frozen=True, slots=True)
class Hostile:
    """One hostile file.

    Attributes:
        recipe: Its number in the table.
        name: Of the file; its suffix decides the reader.
        what: What is wrong with it.
        build: Returns its bytes.
        verdicts: What may become of it: `READ`, or the key of the error that refuses it.
        says: Words that must be in what is read, if it is read.
        hides: Words that must not be.
    """

    recipe: int
    name: str
    what: str
    build: Callable[[], bytes]
    verdicts: tuple[str, ...]
    says: str = ""
    hides: str = ""


def pdf(objects: Sequence[bytes], trailer: bytes = b"/Root 1 0 R") -> bytes:
    """Return a PDF file of these objects, the first of which is the catalogue."""
    out, offsets = [b"%PDF-1.7\n"], []
    at = len(out[0])
    for number, body in enumerate(objects, start=1):
        offsets.append(at)
        out.append(b"%d 0 obj\n" % number + body + b"\nendobj\n")
        at += len(out[-1])
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    out.append(b"xref\n0 %d\n0000000000 65535 f \n" % size + table)
    out.append(b"trailer<<" + trailer + b"/Size %d>>\nstartxref\n%d\n%%%%EOF" % (size, at))
    return b"".join(out)


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """Return a stream object."""
    return b"<<" + entries + b"/Length %d>>stream\n" % len(data) + data + b"\nendstream"


def one_page(content: bytes = stream(_TEXT), resources: bytes = b"", *more: bytes, trailer: bytes = b"/Root 1 0 R") -> bytes:
    """Return a PDF file of one page."""
    return pdf([_CATALOGUE, _ONE_PAGE, _PAGE % resources, content, *more], trailer)


def pages(count: int) -> bytes:
    """Return a PDF file of many pages, all with the same words."""
    kids = b" ".join(b"%d 0 R" % number for number in range(5, 5 + count))
    whole = [_CATALOGUE, b"<</Type/Pages/Kids[" + kids + b"]/Count %d>>" % count, _FONT, stream(_TEXT)]
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 3 0 R>>>>>>"
    return pdf([*whole, *[page] * count])


def deflated(part: bytes, times: int) -> bytes:
    """Return `part` repeated and compressed, without holding all of it."""
    packer = zlib.compressobj(1)
    return b"".join([*(packer.compress(part) for _ in range(times)), packer.flush()])


def picture(darkness: Callable[[int, int], int], width: int = 400, height: int = 300) -> bytes:
    """Return a PDF file whose only page is a picture: `darkness(x, y)` gives each point's grey, 255 for white."""
    grey = bytes(darkness(x, y) for y in range(height) for x in range(width))
    entries = b"/Type/XObject/Subtype/Image/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode"
    image = stream(zlib.compress(grey), entries + b"/Width %d/Height %d" % (width, height))
    return one_page(stream(b"q 500 0 0 375 50 300 cm /I Do Q"), b"/XObject<</I 5 0 R>>", image)


def archive(parts: Mapping[str, bytes | Iterator[bytes]]) -> bytes:
    """Return a ZIP file; a part may be given in pieces."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        for name, content in parts.items():
            with made.open(name, "w", force_zip64=True) as part:
                for piece in [content] if isinstance(content, bytes) else content:
                    part.write(piece)
    return out.getvalue()


_TYPES = (
    b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default '
    b'Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
    b'ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
    b'officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = (
    b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    b'Target="word/document.xml"/></Relationships>'
)
_WORD = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_PARAGRAPH = b"<w:p><w:r><w:t>" + GOOD.encode() + b".</w:t></w:r></w:p>"


def docx(body: bytes = _PARAGRAPH, doctype: bytes = b"", more: Mapping[str, bytes | Iterator[bytes]] | None = None) -> bytes:
    """Return a DOCX file."""
    document = b'<?xml version="1.0"?>' + doctype + b"<w:document " + _WORD + b"><w:body>" + body + b"</w:body></w:document>"
    parts = {"[Content_Types].xml": _TYPES, "_rels/.rels": _RELATIONS, "word/document.xml": document}
    return archive({**parts, **(more or {})})


def _entities() -> bytes:
    names = [b'<!ENTITY a%d "%s">' % (at, (b"&a%d;" % (at - 1)) * 10 if at else b"lol" * 10) for at in range(10)]
    return b"<!DOCTYPE w [" + b"".join(names) + b"]>"


def _damaged() -> bytes:
    damaged, chance = bytearray(pages(3)), random.Random(1)
    for _ in range(40):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    return bytes(damaged)


def _encrypted() -> bytes:
    import pypdf

    writer, out = pypdf.PdfWriter(clone_from=io.BytesIO(pages(2))), io.BytesIO()
    writer.encrypt("hemmelig", algorithm="RC4-128")
    writer.write(out)
    return out.getvalue()


def _tree() -> bytes:
    nodes = [b"<</Type/Pages/Kids[%d 0 R]/Count 1>>" % (number + 1) for number in range(2, 5002)]
    return pdf([_CATALOGUE, *nodes, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"])


def _form(content: bytes, called: int) -> bytes:
    return stream(content, b"/Type/XObject/Subtype/Form/BBox[0 0 1 1]/Resources<</XObject<</A %d 0 R>>>>" % called)


def _fan() -> bytes:
    forms = [_form(b"/A Do /A Do", number + 1) for number in range(5, 30)]
    return one_page(stream(b"/A Do"), b"/XObject<</A 5 0 R>>", *forms, _form(_TEXT, 30))


def _scripted() -> bytes:
    catalogue = (
        b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert(1))>>"
        b"/Names<</EmbeddedFiles<</Names[(evil.exe) 5 0 R]>>>>>>"
    )
    return pdf([catalogue, _ONE_PAGE, _PAGE % b"", stream(_TEXT), b"<</Type/Filespec/F(../../evil.exe)>>"])


def _metadata() -> bytes:
    xmp = b"<?xpacket?>" + _entities() + b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>&a9;</x:xmpmeta>"
    catalogue = b"<</Type/Catalog/Pages 2 0 R/Metadata 5 0 R>>"
    return pdf([catalogue, _ONE_PAGE, _PAGE % b"", stream(_TEXT), stream(xmp, b"/Type/Metadata/Subtype/XML")])


def _codes() -> bytes:
    table = (
        b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000><FFFF> endcodespacerange "
        b"1 beginbfrange <0000> <FFFFFFFF> <0000> endbfrange endcmap"
    )
    page = (_PAGE % b"").replace(b"/BaseFont", b"/ToUnicode 5 0 R/BaseFont")
    return pdf([_CATALOGUE, _ONE_PAGE, page, stream(_TEXT), stream(table)])


def _unseen() -> bytes:
    hidden = b" BT /F1 1 Tf 72 600 Td (IGNORER smaatt) Tj ET BT /F1 12 Tf 900 900 Td (IGNORER utenfor) Tj ET"
    return one_page(stream(_TEXT + hidden))


def _same_page() -> bytes:
    kids = b"<</Type/Pages/Kids[" + b"3 0 R " * 100_000 + b"]/Count 100000>>"
    return pdf([_CATALOGUE, kids, _PAGE % b"", stream(_TEXT)])


def _nested() -> bytes:
    catalogue = b"<</Type/Catalog/Pages 2 0 R/X " + b"[" * 20_000 + b"]" * 20_000 + b">>"
    return pdf([catalogue, _ONE_PAGE, _PAGE % b"", stream(_TEXT)])


_SECRET = "HEMMELIG-7731"
_BAD, _EMPTY, _MANY = "document_unreadable", "document_empty", "document_many_pages"
_WRONG_XML = (_BAD, _EMPTY)

FILES: tuple[Hostile, ...] = (
    Hostile(1, "tom.pdf", "0 bytes", bytes, (_BAD,)),
    Hostile(2, "halv.pdf", "the first half of a file", lambda: pages(3)[: len(pages(3)) // 2], (_BAD,)),
    Hostile(3, "uten-slutt.pdf", "the last 200 bytes cut off", lambda: pages(3)[:-200], (_BAD,)),
    Hostile(4, "tilfeldig.pdf", "200 kB at random", lambda: b"%PDF-1.7\n" + random.Random(4).randbytes(200_000), (_BAD,)),
    Hostile(5, "skadet.pdf", "40 bytes changed", _damaged, (_BAD, READ)),
    Hostile(6, "kryptert.pdf", "needs a password", _encrypted, ("document_encrypted",)),
    Hostile(
        7, "bombe.pdf", "200 kB that unpack to 104 MB",
        lambda: one_page(stream(deflated(b"BT (A) Tj ET\n" * 80_000, 100), b"/Filter/FlateDecode")), (_BAD,),
    ),
    Hostile(
        8, "dobbel-bombe.pdf", "packed twice, 70 MB of nothing",
        lambda: one_page(stream(zlib.compress(deflated(b"\0" * 1_000_000, 70)), b"/Filter[/FlateDecode/FlateDecode]")),
        (_BAD, _EMPTY),
    ),
    Hostile(
        9, "operatorer.pdf", "3 million operators",
        lambda: one_page(stream(deflated(b"BT /F1 1 Tf (A) Tj ET\n" * 30_000, 100), b"/Filter/FlateDecode")), (_BAD,),
    ),
    Hostile(10, "ring.pdf", "a page tree that is its own branch",
            lambda: pdf([_CATALOGUE, b"<</Type/Pages/Kids[2 0 R]/Count 1>>"]), (_BAD, _EMPTY)),
    Hostile(11, "dypt-tre.pdf", "a page tree 5,000 deep", _tree, (_BAD,)),
    Hostile(12, "lister.pdf", "an array nested 20,000 deep", _nested, (_BAD,)),
    Hostile(13, "forrige.pdf", "a cross-reference that leads to itself",
            lambda: one_page(trailer=b"/Root 1 0 R/Prev 9"), (READ, _BAD), GOOD),
    Hostile(14, "seg-selv.pdf", "a form that draws itself",
            lambda: one_page(stream(_TEXT + b" /A Do"), b"/XObject<</A 5 0 R>>", _form(b"/A Do /A Do", 5)), (READ,), GOOD),
    Hostile(15, "vifte.pdf", "forms that draw each other 2^25 times", _fan, (READ, _BAD)),
    Hostile(16, "10000-sider.pdf", "10,000 pages", lambda: pages(10_000), (_MANY,)),
    Hostile(17, "samme-side.pdf", "one page listed 100,000 times", _same_page, (_MANY,)),
    Hostile(18, "skript.pdf", "JavaScript, and an embedded ../../evil.exe", _scripted, (READ,), GOOD, "alert"),
    Hostile(19, "metadata.pdf", "entities of entities in the metadata", _metadata, (READ,), GOOD, "lol"),
    Hostile(20, "mellomrom.pdf", "6 MB of white space",
            lambda: b"%PDF-1.7\n" + b" \n" * 3_000_000 + b"startxref\n99999999\n%%EOF", (_BAD,)),
    Hostile(21, "tegntabell.pdf", "a font that maps 2^32 characters", _codes, (READ, _BAD)),
    Hostile(22, "nettside.pdf", "HTML named .pdf", lambda: b"<html><script>alert(1)</script>ikke pdf</html>", (_BAD,)),
    Hostile(23, "arkiv.pdf", "ZIP named .pdf", lambda: b"PK\3\4" + random.Random(23).randbytes(1000), (_BAD,)),
    Hostile(24, "lengde.pdf", "a stream that says it has 100 GB",
            lambda: one_page(b"<</Length 99999999999>>stream\n" + _TEXT + b"\nendstream"), (READ, _BAD)),
    Hostile(25, "skannet.pdf", "a picture of noise, no text", lambda: picture(lambda x, y: 97 * x * y % 256),
            ("document_scanned", "document_not_recognised")),
    Hostile(26, "skjult.pdf", "text of one point, and text outside the page", _unseen, (READ,), GOOD, "IGNORER"),
    Hostile(27, "latter.docx", "entities of entities", lambda: docx(b"<w:p><w:r><w:t>&a9;</w:t></w:r></w:p>", _entities()),
            _WRONG_XML, hides="lollol"),
    Hostile(28, "fremmed.docx", "an entity that names a file of the machine",
            lambda: docx(b"<w:p><w:r><w:t>&x;</w:t></w:r></w:p>", b'<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
            _WRONG_XML, hides="root:"),
    Hostile(29, "tekstbombe.docx", "1.3 MB that unpack to 300 MB of text",
            lambda: docx(more={"word/document.xml": iter([b"A" * 1_000_000] * 300)}), ("document_unpacks_large",)),
    Hostile(30, "nøstet.docx", "paragraphs nested 3,000 deep", lambda: docx(b"<w:p>" * 3000 + b"</w:p>" * 3000),
            (*_WRONG_XML, "document_nested")),
    Hostile(31, "utenfor.docx", "a part that names a place outside", lambda: docx(more={"../../../outside/pwned": b"x"}),
            (READ, _BAD), GOOD),
    Hostile(32, "avsnitt.docx", "44 kB with 200,000 paragraphs",
            lambda: docx(b"<w:p><w:r><w:t>x</w:t></w:r></w:p>" * 200_000), (READ, _BAD, "document_slow")),
    Hostile(33, "bilder.docx", "a picture that unpacks to 400 MB",
            lambda: docx(more={"word/media/image1.png": iter([bytes(1_000_000)] * 400)}), ("document_unpacks_large",)),
    Hostile(34, "makro.docm", "a file with macros", docx, (READ,)),
    Hostile(34, "gammel.doc", "a file of Word 97", lambda: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600),
            ("document_outdated",)),
    Hostile(35, "dyp.html", "200,000 elements inside each other",
            lambda: b"<div>" * 200_000 + b"<p>" + GOOD.encode() + b".</p>",
            (READ, _BAD, _EMPTY, "document_nested", "document_killed")),
    Hostile(35, "attributter.html", "an element with a million attributes",
            lambda: b"<p " + b"a=1 " * 1_000_000 + b">" + GOOD.encode() + b".</p>", (_BAD,)),
    Hostile(35, "skript.html", "scripts, styles and comments",
            lambda: f"<script>alert('{_SECRET}')</script><p>{GOOD}.</p><style>{_SECRET}</style><!-- {_SECRET} -->".encode(),
            (READ,), GOOD, _SECRET),
    Hostile(35, "utf16.html", "UTF-16 with a byte order mark",
            lambda: f"<p>Blåbær. {GOOD}.</p>".encode("utf-16"), (READ,), "Blåbær"),
    Hostile(35, "latin1.html", "Latin-1 that says nothing of it",
            lambda: f"<p>Blåbær. {GOOD}.</p>".encode("latin-1"), (READ,), "Blåbær"),
)  # fmt: skip
"""All of them; those of recipe 34 that are no ordinary files, and the names of recipe 36, are below."""

NAMES: tuple[str, ...] = (
    "..hei.txt", "...txt", "a..b.txt", "%2e%2e%2fa.txt", "%00.txt", "a\nb.txt", "a\rb.txt", "a\tb.txt", "\x1b[31mrød.txt",
    "\x07.txt", "CON.txt", "NUL.txt", "LPT1.txt", "a .txt", " a.txt", "a..txt", "a. .txt", "\u202etxt.exe.txt",
    "\u200bskjult.txt", "\ufefftegn.txt", "blåbær.txt", "bla\u030aba\u0300er.txt", "<img src=x onerror=alert(1)>.txt",
    "'; DROP TABLE kilder;--.txt", '"sitat".txt', "$(touch pwned).txt", "`touch pwned`.txt", "a|b.txt", "a&b.txt", "a;b.txt",
    "-rf.txt", "--help.txt", "~.txt", "*.txt", "{0}{file}.txt", "%s%n.txt", "😀🎉.txt", "中文.txt", "a\\..\\b.txt",
    "x" * 251 + ".txt",
)  # fmt: skip
"""Recipe 36: forty names of files that are otherwise good."""


def irregular(folder: Path) -> dict[str, Path]:
    """Return what is no ordinary file, by what it is: a pipe, a device, a folder, and links that lead to nothing or to them."""
    made = {"pipe": folder / "roer.txt", "folder": folder / "mappe.txt", "device": folder / "enhet.txt"}
    made |= {"nowhere": folder / "ingensteds.txt", "ring": folder / "ring.txt"}
    os.mkfifo(made["pipe"])
    made["folder"].mkdir()
    made["device"].symlink_to("/dev/zero")
    made["nowhere"].symlink_to(folder / "finnes-ikke.txt")
    made["ring"].symlink_to(made["ring"])
    return made
