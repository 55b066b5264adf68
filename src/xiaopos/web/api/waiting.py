"""Answers that wait: a till asks once and hears of the outcome when it is there, within what this web server can hold.

What may live here: how long, how many at once, how often the books are looked at. What may not: HTTP, what is waited for.

Each page is served by a thread of a small pool, so whoever waits holds a thread. Therefore an answer waits for seconds, not for
hours (no event stream), and only some may wait at once (XIAOPOS_API_WAITERS); whoever finds no place is answered at once and
asks again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings

T = TypeVar("T")

LONGEST_S = 25
LOOK_EVERY_S = 0.25


class Waiting:
    """The places in which answers of this process wait: `places` at once, each `longest_s` at most."""

    def __init__(self, *, places: int = 1, longest_s: float = LONGEST_S) -> None:
        self._free = threading.BoundedSemaphore(places)
        self._longest_s = longest_s

    def until(self, enough: Callable[[T], bool], look: Callable[[], T], *, wait_s: float) -> T:
        """What `look` last found: something that is enough, or whatever there was when the time or the places were over."""
        found = look()
        if wait_s <= 0 or enough(found) or not self._free.acquire(blocking=False):
            return found
        try:
            end = time.monotonic() + min(wait_s, self._longest_s)
            while not enough(found) and time.monotonic() < end:
                time.sleep(LOOK_EVERY_S)
                found = look()
        finally:
            self._free.release()
        return found


_places = [Waiting(places=settings.DEPLOYMENT.api_waiters)]


def install(waiting: Waiting) -> Waiting:
    """Say where answers wait from now on; what was used before."""
    before, _places[0] = _places[0], waiting
    return before


def until(enough: Callable[[T], bool], look: Callable[[], T], *, wait_s: float) -> T:
    """See Waiting."""
    return _places[0].until(enough, look, wait_s=wait_s)
