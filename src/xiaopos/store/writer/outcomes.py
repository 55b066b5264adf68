"""How payments end, counted by the minute in the commit that ends them: what the console's live view reads.

What may live here: which moves count, the statements. What may not: rates and percentiles (queries), metrics of a process.

A few rows for each commit, however many payments it holds: the view costs the same on a busy day as on a quiet one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Generator, Sequence
from datetime import datetime, timedelta
from typing import Any

from xiaopos.payments.states import State
from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.statements import Execute, Insert, Statement
from xiaopos.usecases.ports import Change

OUTCOME_KEY = ("minute_at", "process", "channel", "state", "reason", "took")
OUTCOME_COLUMNS = (*OUTCOME_KEY, "payments")
TOOK_MS = (5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000)
"""The column `took` is the place of a payment's time among these: 0 for up to 5 ms, the last for more than 30 s."""
KEPT = timedelta(days=40)

_ADDED = f"({', '.join(OUTCOME_KEY)}) DO UPDATE SET payments = outcome_minute.payments + excluded.payments"  # one row a minute
_COUNTED = frozenset(state.value for state in (State.APPROVED, State.DECLINED, State.UNKNOWN, State.REVERSED))
_MILLISECOND = timedelta(milliseconds=1)


def count_outcomes(changes: Sequence[Change]) -> Generator[Statement, Any, None]:
    """Count the payments that a commit ends: approved, declined, unknown (then reversed, counted again as that)."""
    counted: Counter[tuple[datetime, str, str, str, str, int]] = Counter()
    for change in changes:
        # What claims a payment moves others only to follow it, and a change's first move is the payment it is about.
        if change.claim is not None or not change.moves:
            continue
        payment = change.moves[0]
        state, at = payment.state._value_, payment.decided_at
        if at is None or state not in _COUNTED:
            continue
        reason = payment.reason._value_ if payment.reason else ""
        took = bisect_left(TOOK_MS, (at - payment.received_at) / _MILLISECOND)
        minute = at.replace(second=0, microsecond=0)
        counted[minute, payment.claimed_by, payment.channel, state, reason, took] += 1
    if counted:
        # In order, so that two processes that add to the same rows never wait for each other in a circle.
        yield Insert("outcome_minute", OUTCOME_COLUMNS, [(*key, counted[key]) for key in sorted(counted)], _ADDED)


async def forget_outcomes(engine: Engine, now: datetime) -> None:
    """Delete the counts of minutes that nobody looks at any more. Raises BooksLost."""

    def forget() -> Generator[Statement, Any, None]:
        yield Execute("DELETE FROM outcome_minute WHERE minute_at < ?", (now - KEPT,))

    await engine.run(forget)
