"""Only documents are let in, and each is called what it is."""

from __future__ import annotations

import io
import zipfile

import pytest

from ingest.errors import FetchError
from ingest.fetching.content import suffix_of

PDF = b"%PDF-1.7\n\xe2\xe3\xcf\xd3"
HTML = "<!DOCTYPE html><html><body>Møte</body></html>".encode()
TEXT = b"Vedtaket gjelder fra mars."
URL = "https://molde.no/vedtak"


def zipped(*names: str, mimetype: str = "") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype)
        for name in names:
            archive.writestr(name, "x")
    return file.getvalue()


DOCX = zipped("[Content_Types].xml", "word/document.xml")


@pytest.mark.parametrize(
    ("body", "stated", "url", "suffix"),
    [
        (PDF, "application/pdf", URL, ".pdf"),
        (PDF, "application/octet-stream", URL, ".pdf"),
        (PDF, "text/html", URL, ".pdf"),
        (b"\n\n" + PDF, "", URL + ".pdf", ".pdf"),
        (DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", URL, ".docx"),
        (zipped("ppt/presentation.xml"), "application/zip", URL, ".pptx"),
        (zipped("content.xml", mimetype="application/vnd.oasis.opendocument.text"), "", URL, ".odt"),
        (HTML, "text/html; charset=utf-8", URL, ".html"),
        (HTML, "text/html", URL + ".aspx", ".html"),
        (HTML, "text/plain", URL, ".html"),
        (HTML, "", URL, ".html"),
        ("\ufeff<html>".encode("utf-16-le"), "text/html", URL, ".html"),
        (TEXT, "text/html", URL, ".html"),
        (TEXT, "text/plain; charset=klingon", URL, ".txt"),
        (TEXT, "text/plain", URL + ".md", ".md"),
        (TEXT, "text/markdown", URL, ".md"),
        (TEXT, "TEXT/PLAIN", URL, ".txt"),
        ("Møtebok".encode("latin-1"), "text/plain; charset=utf-8", URL, ".txt"),
        ("\ufeffMøte".encode("utf-16-le"), "text/plain", URL, ".txt"),
    ],
)
def test_a_document_is_called_what_it_is(body: bytes, stated: str, url: str, suffix: str) -> None:
    assert suffix_of(body, stated, url) == suffix


@pytest.mark.parametrize(
    ("body", "stated", "url", "key"),
    [
        (b"", "text/html", URL, "fetch_empty"),
        (b" \n ", "application/pdf", URL, "fetch_empty"),
        (b"\x89PNG\r\n\x1a\n\0\0", "image/png", URL, "fetch_type"),
        (b"\x89PNG\r\n\x1a\n\0\0", "text/html", URL, "fetch_type"),
        (b'{"a": 1}', "application/json", URL, "fetch_type"),
        (b"body { color: red }", "text/css", URL, "fetch_type"),
        (b"PK\x03\x04 not a zip", "application/zip", URL, "fetch_type"),
        (zipped("program.exe"), "application/zip", URL, "fetch_type"),
        (HTML, "application/pdf", URL, "fetch_other_type"),
        (HTML, "text/html", URL + "/sak.pdf", "fetch_other_type"),
        (HTML, "text/html", URL + "/sak.PDF?v=2", "fetch_other_type"),
        (TEXT, "application/pdf", URL, "fetch_other_type"),
        (HTML, "text/html", URL + "/sak.docx", "fetch_other_type"),
    ],
)
def test_what_is_no_document_or_another_than_it_is_called_is_refused(body: bytes, stated: str, url: str, key: str) -> None:
    with pytest.raises(FetchError) as caught:
        suffix_of(body, stated, url)
    assert caught.value.key == key


def test_the_page_in_the_place_of_a_document_is_explained() -> None:
    with pytest.raises(FetchError) as caught:
        suffix_of(HTML, "text/html", "https://molde.no/sak.pdf")
    assert caught.value.say("nb") == (
        "https://molde.no/sak.pdf skal være .pdf, men svaret er .html: trolig en side som sier at dokumentet er borte, eller "
        "en innlogging. Åpne adressen i en nettleser."
    )
