"""A document from its address: robots and redirects, one try more where the site asks for patience, and what came."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ingest.errors import FetchError
from ingest.fetching import robots
from ingest.fetching.client import Asks, Client, Reply, Target, target_of
from ingest.fetching.content import suffix_of
from ingest.fetching.pace import Pace
from ingest.settings import FetchSettings

_OK, _NOT_MODIFIED = 200, 304
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_LATER = frozenset((429, 503))
_LATER_S = 5.0
"""Seconds before the one try more, where the site names none; a guess."""


@dataclass(frozen=True, slots=True)
class Download:
    """A document as it came.

    Attributes:
        content: The file.
        suffix: What its name is to end in.
        final_url: The address that gave it.
        content_type: What the site says it is.
        etag: The site's name of this edition; empty where it has none.
        last_modified: When the site says it was changed; empty where it says nothing.
    """

    content: bytes
    suffix: str
    final_url: str
    content_type: str
    etag: str
    last_modified: str


@dataclass(frozen=True, slots=True)
class Known:
    """What was had of a document before: enough to ask whether it has changed."""

    final_url: str
    etag: str
    last_modified: str


class Fetcher:
    """Fetches documents, politely: it keeps in mind when each host was asked, and what its `robots.txt` says."""

    def __init__(
        self,
        settings: FetchSettings,
        client: Asks | None = None,
        pace: Pace | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Prepare; nothing is asked yet.

        Args:
            settings: The limits.
            client: Asks one address.
            pace: Lets time pass between requests.
            now: The time, for a site that says until when to wait.

        Raises:
            FetchError: If the settings can't be used.
        """
        self._settings = settings
        self._client = client or Client(settings)
        self._pace = pace or Pace(settings.interval_s, settings.max_wait_s, clock=time.monotonic, sleep=time.sleep)
        self._now = now
        self._robots = robots.Robots(self._ask_robots)

    def fetch(self, url: str, known: Known | None = None) -> Download | None:
        """Return the document at an address, or None if it is what was had before.

        Raises:
            FetchError: If there is none, or it can't be had.
        """
        target, reply = self._follow(target_of(url), known)
        if reply.status == _NOT_MODIFIED and known is not None:
            return None
        if reply.status != _OK:
            raise FetchError("fetch_status", url=target.url, status=reply.status)
        return Download(
            content=reply.body,
            suffix=suffix_of(reply.body, reply.headers.get("content-type", ""), url),
            final_url=target.url,
            content_type=reply.headers.get("content-type", ""),
            etag=reply.headers.get("etag", ""),
            last_modified=reply.headers.get("last-modified", ""),
        )

    def _follow(self, target: Target, known: Known | None) -> tuple[Target, Reply]:
        for _ in range(self._settings.max_redirects + 1):
            reply = self._ask_patiently(target, _conditions(target, known))
            if reply.status not in _REDIRECTS:
                return target, reply
            target = _next(target, reply)
        raise FetchError("fetch_redirects", url=target.url, limit=self._settings.max_redirects)

    def _ask_patiently(self, target: Target, headers: Mapping[str, str]) -> Reply:
        wished = self._robots.check(target)
        reply = self._ask(target, headers, wished)
        if reply.status not in _LATER:
            return reply
        wait = self._wait_of(reply)
        if wait > self._settings.max_wait_s:
            raise FetchError("fetch_later", host=target.host, status=reply.status, seconds=round(wait))
        self._pace.pause(wait)
        return self._ask(target, headers, wished)

    def _ask(self, target: Target, headers: Mapping[str, str], wished_s: float) -> Reply:
        self._pace.wait(target.host, wished_s)
        return self._client.get(target, headers, self._settings.max_bytes)

    def _ask_robots(self, url: str) -> Reply:
        target = target_of(url)
        for _ in range(self._settings.max_redirects + 1):
            self._pace.wait(target.host)
            reply = self._client.get(target, {}, robots.MAX_BYTES, cut=True)
            if reply.status not in _REDIRECTS:
                return reply
            target = _next(target, reply)
        raise FetchError("fetch_redirects", url=target.url, limit=self._settings.max_redirects)

    def _wait_of(self, reply: Reply) -> float:
        """Return how long a site asks us to wait: seconds, or until when. Source: RFC 9110, 10.2.3."""
        said = reply.headers.get("retry-after", "").strip()
        if said.isdecimal():
            return float(said)
        try:
            until = parsedate_to_datetime(said)
        except ValueError:
            return min(_LATER_S, self._settings.max_wait_s)
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
        return max(0.0, (until - self._now()).total_seconds())


def _conditions(target: Target, known: Known | None) -> dict[str, str]:
    """Return what asks for the document only if it has changed; another address has other editions by the same names."""
    if known is None or known.final_url != target.url:
        return {}
    said = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in said.items() if value}


def _next(target: Target, reply: Reply) -> Target:
    location = reply.headers.get("location", "")
    if not location:
        raise FetchError("fetch_status", url=target.url, status=reply.status)
    following = target_of(location, target.url)
    if target.scheme == "https" and following.scheme == "http":
        raise FetchError("fetch_downgrade", url=following.url)
    return following
