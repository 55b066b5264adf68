"""How much work a reading is, counted in function calls: no clock, so no machine is too slow for it.

What may live here: the count. What may not: what is read, and how much is too much.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

from xiaopos.wire.malformed import Malformed


def calls(reading: Callable[[], object]) -> int:
    """How many functions a reading calls until it ends, well or with Malformed."""
    count = 0

    def note(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        reading()
    except Malformed:
        pass
    finally:
        sys.setprofile(None)
    return count
