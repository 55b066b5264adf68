"""Which reversals this process has asked for before: the message then says that it is a repeat.

What may live here: that memory, bounded. What may not: anything that must survive a restart.
"""

from __future__ import annotations

from collections import OrderedDict

ASKED_KEPT = 4096


class AskedBefore:
    """The newest ids that were asked about."""

    def __init__(self) -> None:
        self._asked: OrderedDict[str, None] = OrderedDict()

    def __call__(self, payment_id: str) -> bool:
        """Whether this was asked before; from now on it was."""
        if payment_id in self._asked:
            self._asked.move_to_end(payment_id)
            return True
        self._asked[payment_id] = None
        if len(self._asked) > ASKED_KEPT:
            self._asked.popitem(last=False)
        return False
