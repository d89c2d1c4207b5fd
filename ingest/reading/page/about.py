"""What a page says of itself: in its head, in the data for search engines, and in what a reader sees."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ingest.documents import About
from ingest.reading.common.about import language_code, publisher_of, title_of
from ingest.reading.common.dates import find_date, parse_date
from ingest.reading.page.inline import absolute
from ingest.reading.page.tree import Node, words_of

MAX_DATA = 1_000_000
"""Characters of data for search engines that are looked at."""

_SEPARATOR = re.compile(r"\s+[|–—·»]\s+|\s+-\s+|\s*\|\s*")
_PUBLISHED_NAMES = (
    "article:published_time", "og:article:published_time", "dc.date.issued", "dcterms.issued", "dc.date.created",
    "dcterms.created",
    "datepublished", "publishdate", "publish_date", "pubdate", "date", "dc.date", "dcterms.date",
)  # fmt: skip
_UPDATED_NAMES = (
    "article:modified_time", "og:updated_time", "og:article:modified_time", "dc.date.modified", "dcterms.modified",
    "datemodified",
    "last-modified", "lastmodified", "revised",
)  # fmt: skip
_PUBLISHED = re.compile(r"\b(?:publisert|publiseringsdato|lagt ut|published|dato)\b[\s:.,av–-]{0,5}", re.IGNORECASE)
_UPDATED = re.compile(
    r"\b(?:sist (?:oppdatert|endret|endra|revidert|redigert|fagvurdert)|oppdatert|last (?:updated|modified)|updated)\b"
    r"[\s:.,av–-]{0,5}",
    re.IGNORECASE,
)
_OWN_DATE = re.compile(r"publ|byline|article-?(?:info|meta|date)|page-?(?:info|meta|date)", re.IGNORECASE)
_WITHIN = 40
"""Characters after «Publisert» within which its date stands."""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands in the head of a page.

    Attributes:
        title: Its title.
        language: The language that it says it has.
        base: Where its links start from, if it says so.
        metas: The attributes of its `meta` elements.
        links: The attributes of its `link` elements.
        data: Its data for search engines (JSON-LD), each as text.
    """

    title: str = ""
    language: str = ""
    base: str = ""
    metas: Sequence[Mapping[str, str]] = ()
    links: Sequence[Mapping[str, str]] = ()
    data: Sequence[str] = ()


def about_page(head: Head, body: Node) -> About:
    """Return what a page says of itself.

    Args:
        head: What its head holds.
        body: What can be seen of it.
    """
    metas = _metas(head.metas)
    data = list(_data(head.data))
    url = _address(head, metas)
    site = metas.get("og:site_name") or next(_named(data, "publisher"), "") or metas.get("dc.publisher", "")
    title, suffix = _title(head, metas, body, site)
    seen = _with_times(body)
    return About(
        title=title,
        publisher=title_of(site) or publisher_of(metas.get("author", ""), suffix),
        language=language_code(head.language) or language_code(metas.get("dc.language", "")),
        url=url,
        published=_date(metas, _PUBLISHED_NAMES, data, "datePublished", seen, _PUBLISHED) or _marked_time(body),
        updated=_date(metas, _UPDATED_NAMES, data, "dateModified", seen, _UPDATED),
    )


def _metas(metas: Sequence[Mapping[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in metas:
        name = (each.get("property") or each.get("name") or each.get("itemprop") or "").strip().lower()
        found.setdefault(name, each.get("content", "").strip())
    return found


def _address(head: Head, metas: Mapping[str, str]) -> str:
    named = [each.get("href", "") for each in head.links if "canonical" in each.get("rel", "").lower().split()]
    for each in filter(None, (*named, metas.get("og:url", ""))):
        url = absolute(head.base, each)
        if re.match(r"https?://[^/\s]", url):
            return url
    return ""


def _title(head: Head, metas: Mapping[str, str], body: Node, site: str) -> tuple[str, str]:
    """Return the title, and what stands behind it in the head: the name of the site, or ""."""
    heading = body.find("h1")
    parts = _SEPARATOR.split(" ".join(head.title.split()))
    suffix = parts[-1] if len(parts) > 1 else ""
    known = {name.casefold() for name in (site, suffix) if name}
    for text in (metas.get("og:title", ""), "" if heading is None else words_of(heading), head.title):
        pieces = _SEPARATOR.split(" ".join(text.split()))
        if len(pieces) > 1 and (pieces[-1].casefold() in known and _is_site(pieces[-1], site)):
            text = " ".join(text.split())[: -len(pieces[-1])].rstrip(" |–—·»-")
        if title_of(text):
            return title_of(text), suffix if _is_site(suffix, site) else ""
    return "", ""


def _is_site(text: str, site: str) -> bool:
    """Tell whether the end of a title is the site's name: as it calls itself, an address, or a body's name."""
    return text.casefold() == site.casefold() or bool(re.search(r"\w\.\w{2,}$", text)) or bool(publisher_of(text)) or not site


def _data(texts: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield every object in the data for search engines; what is damaged is left out."""
    for text in texts:
        if len(text) > MAX_DATA:
            continue
        try:
            todo = [json.loads(text)]
        except (ValueError, RecursionError):
            continue
        while todo:
            one = todo.pop(0)
            if isinstance(one, dict):
                yield one
                todo += one.values()
            elif isinstance(one, list):
                todo += one


def _named(data: Sequence[Mapping[str, Any]], key: str) -> Iterator[str]:
    for one in data:
        name = one[key].get("name") if isinstance(one.get(key), dict) else None
        if isinstance(name, str) and name.strip():
            yield name.strip()


def _with_times(node: Node) -> str:
    """Return the text of an element, with the date in place of what a time element shows («i går»)."""
    if node.tag == "time" and (found := parse_date(node.get("datetime"))):
        return f" {found.isoformat()} "
    return " ".join(" ".join(child if isinstance(child, str) else _with_times(child) for child in node.children).split())


def _date(
    metas: Mapping[str, str],
    names: Sequence[str],
    data: Sequence[Mapping[str, Any]],
    key: str,
    seen: str,
    label: re.Pattern[str],
) -> date | None:
    """Return the first date of a kind: from the head, from the data for search engines, or from what is seen."""
    told = [metas.get(name, "") for name in names] + [one[key] for one in data if isinstance(one.get(key), str)]
    for each in told:
        if found := parse_date(each):
            return found
    for match in label.finditer(seen):
        if found := find_date(seen[match.end() : match.end() + _WITHIN]):
            return found
    return None


def _marked_time(body: Node) -> date | None:
    """Return the date of the one time element that stands where pages have their own date, or None: others are of events."""
    places = (
        node for node in body.walk() if node.tag == "header" or _OWN_DATE.search(f"{node.get('class')} {node.get('itemprop')}")
    )
    times = {parse_date(node.get("datetime")) for place in places for node in place.walk() if node.tag == "time"} - {None}
    return times.pop() if len(times) == 1 else None
