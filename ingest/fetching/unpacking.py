"""A body as it was sent becomes the body as it is, a little at a time, so that a small reply can't fill the memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from ingest.errors import FetchError

_UNPACK = 65_536
"""Bytes unpacked at a time."""


def unpacked(chunks: Iterator[bytes], encoding: str, url: str, max_bytes: int) -> Iterator[bytes]:
    """Yield a body unpacked. Source of the format and of several members in a row: RFC 1952.

    Args:
        chunks: As they come.
        encoding: The reply's Content-Encoding.
        url: What was asked for, for the message.
        max_bytes: Largest body as it is sent; how much is made of it is for the caller to count.

    Raises:
        FetchError: If it is packed in a way that was not asked for, is larger, or ends too early.
    """
    counted = _counted(chunks, url, max_bytes)
    match encoding.strip().lower():
        case "" | "identity":
            yield from counted
        case "gzip" | "x-gzip":
            yield from _inflated(counted, url)
        case _:  # «gzip, gzip» could grow a million times.
            raise FetchError("fetch_encoding", url=url, encoding=encoding)


def _counted(chunks: Iterator[bytes], url: str, max_bytes: int) -> Iterator[bytes]:
    """Yield what comes until it is more than the limit: an endless stream may unpack to nothing."""
    size = 0
    for chunk in chunks:
        yield chunk
        size += len(chunk)
        if size > max_bytes:
            raise FetchError("fetch_too_large", url=url, limit=max_bytes)


def _inflated(chunks: Iterator[bytes], url: str) -> Iterator[bytes]:
    inflate = zlib.decompressobj(wbits=31)
    begun = False
    try:
        for chunk in chunks:
            while chunk:
                if inflate.eof:
                    inflate = zlib.decompressobj(wbits=31)
                yield inflate.decompress(chunk, _UNPACK)
                chunk = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
                begun = True
    except zlib.error as error:
        raise FetchError("fetch_cut", url=url, reason=str(error)) from error
    if begun and not inflate.eof:
        raise FetchError("fetch_cut", url=url, reason="gzip: end of stream is missing")
