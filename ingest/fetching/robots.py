"""What a site lets programs fetch: `robots.txt`, by protego. Source of the rules: RFC 9309, section 2.3.

Python's own `urllib.robotparser` (as of 3.11) takes the first rule that matches instead of the longest, and knows neither
`*` nor `$`, so it reads many files otherwise than their writers meant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from protego import Protego

from ingest.errors import FetchError
from ingest.fetching.client import Reply, Target

AGENT = "Faktasvar"
"""What rules for us are under."""

MAX_BYTES = 512_000
"""How much of the file is read. Source: RFC 9309, 2.5: at least 500 kibibytes."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What one origin says.

    Attributes:
        parsed: The rules; None where there are none, or none could be had.
        reached: Whether the origin said anything, if only that it has no rules.
    """

    parsed: Protego | None
    reached: bool = True


class Robots:
    """The rules of each origin, asked for once."""

    def __init__(self, ask: Callable[[str], Reply]) -> None:
        """Begin with no rules known.

        Args:
            ask: Asks for an address, follows redirects, and raises FetchError if no whole answer comes.
        """
        self._ask = ask
        self._rules: dict[str, Rules] = {}

    def check(self, target: Target) -> float:
        """Return the seconds between two requests that the site wishes for.

        Raises:
            FetchError: If the site lets us not fetch this address, or does not say what it lets us.
        """
        rules = self._rules.get(target.origin)
        if rules is None:
            rules = self._rules[target.origin] = self._fetch(target.origin)
        if not rules.reached:
            raise FetchError("fetch_robots_unknown", url=f"{target.origin}/robots.txt")
        if rules.parsed is None:
            return 0
        if not rules.parsed.can_fetch(target.url, AGENT):
            raise FetchError("fetch_robots", url=target.url)
        return rules.parsed.crawl_delay(AGENT) or 0

    def _fetch(self, origin: str) -> Rules:
        try:
            reply = self._ask(f"{origin}/robots.txt")
        except FetchError:
            return Rules(None, reached=False)
        if 400 <= reply.status < 500:
            return Rules(None)  # 2.3.1.3: there are no rules.
        if reply.status != 200:
            return Rules(None, reached=False)  # 2.3.1.4: as if all were forbidden, for now.
        return Rules(Protego.parse(reply.body.decode("utf-8-sig", errors="replace")))
