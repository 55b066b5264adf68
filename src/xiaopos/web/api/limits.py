"""How often a key may call: so many calls at once, and so many a second in the long run.

What may live here: counting calls per key, and what is left. What may not: keys, HTTP.

Counted in the memory of each web process: a limit keeps one till's runaway loop away from the others and guards no secret, so
that it is not worth a commit per call. With several web processes a key may call that many times as often; a restart forgets.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

AT_ONCE = 60
PER_S = 10
MOST_NAMES = 10_000


@dataclass(frozen=True, slots=True)
class Taken:
    """Whether a call was let through, how many more may follow at once, and in how many seconds all of `at_once` may again.

    `wait_s` is how long to wait when it was not let through.
    """

    allowed: bool
    left: int
    full_in_s: int
    wait_s: int
    at_once: int
    window_s: int


class Limits:
    """A bucket per name that holds `at_once` calls and is refilled with `per_s` a second."""

    def __init__(
        self, *, at_once: int = AT_ONCE, per_s: float = PER_S, tick: Callable[[], float] = time.monotonic
    ) -> None:
        self._at_once, self._per_s, self._tick = at_once, per_s, tick
        self._full_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, name: str) -> Taken:
        """Count a call of a name, unless it is one too many: that one is not counted."""
        with self._lock:
            now = self._tick()
            if len(self._full_at) >= MOST_NAMES:
                self._full_at = {one: at for one, at in self._full_at.items() if at > now}
            full_at = max(self._full_at.get(name, now), now) + 1 / self._per_s
            over_s = full_at - now - self._at_once / self._per_s
            allowed = over_s <= 1e-9
            if allowed:
                self._full_at[name] = full_at
            empty_s = self._full_at.get(name, now) - now
        left = max(0, math.floor(self._at_once - empty_s * self._per_s + 1e-9))
        wait_s = 0 if allowed else max(1, math.ceil(over_s))
        window_s = math.ceil(self._at_once / self._per_s)
        return Taken(allowed, left, math.ceil(empty_s), wait_s, self._at_once, window_s)


_limits = [Limits()]


def install(limits: Limits) -> Limits:
    """Say what limits hold from now on; what held before."""
    before, _limits[0] = _limits[0], limits
    return before


def take(name: str) -> Taken:
    """See Limits."""
    return _limits[0].take(name)
