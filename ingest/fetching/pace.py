"""How often one host is asked."""

from __future__ import annotations

import time
from collections.abc import Callable


class Pace:
    """Lets a time pass between two requests to one host."""

    def __init__(
        self,
        interval_s: float,
        max_wait_s: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Begin with no host asked.

        Args:
            interval_s: Seconds between two requests to one host.
            max_wait_s: The longest interval that a host may ask for.
            clock: Seconds.
            sleep: Lets seconds pass.
        """
        self._interval_s = interval_s
        self._max_wait_s = max_wait_s
        self._clock = clock
        self._sleep = sleep
        self._asked: dict[str, float] = {}

    def wait(self, host: str, wished_s: float = 0) -> None:
        """Return when the host may be asked, and count it as asked.

        Args:
            host: Which.
            wished_s: Seconds between two requests that the host itself wishes for.
        """
        interval = max(self._interval_s, min(wished_s, self._max_wait_s))
        if host in self._asked:
            left = self._asked[host] + interval - self._clock()
            if left > 0:
                self._sleep(left)
        self._asked[host] = self._clock()

    def pause(self, seconds: float) -> None:
        """Let seconds pass."""
        self._sleep(seconds)
