"""The Jobs on an Engine: leasing, giving back, finishing.

What may live here: the queue's statements. What may not: what a job does, when it is tried again (hosts decide).
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from datetime import datetime, timedelta
from typing import Any

from xiaopos.kernel.ids import MerchantId, PaymentId
from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.statements import Execute, Select, Statement
from xiaopos.usecases.ports import LeasedJob

_DUE = (
    "SELECT merchant_id, payment_id, kind, attempts FROM job WHERE done_at IS NULL AND due_at <= ? "
    "AND (lease_until IS NULL OR lease_until < ?) ORDER BY due_at LIMIT {limit}"
)
_TAKE = (
    "UPDATE job SET leased_by = ?, lease_until = ?, attempts = attempts + 1 WHERE merchant_id = ? AND payment_id = ? "
    "AND kind = ? AND done_at IS NULL AND attempts = ? AND due_at <= ? AND (lease_until IS NULL OR lease_until < ?)"
)
_MINE = (
    "WHERE merchant_id = ? AND payment_id = ? AND kind = ? AND done_at IS NULL AND leased_by <> '' AND lease_until = ?"
)


class JobQueue:
    """Jobs over an Engine. A job is taken with a guard on its attempts, so two workers never hold it at once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def lease(self, *, owner: str, now: datetime, limit: int, seconds: int) -> Sequence[LeasedJob]:
        """See Jobs."""
        due = await self._engine.select(Select(_DUE.format(limit=int(limit)), (now, now)))
        if not due:
            return []
        until = now + timedelta(seconds=seconds)

        def take() -> Generator[Statement, Any, list[LeasedJob]]:
            taken = []
            for merchant_id, payment_id, kind, attempts in due:
                values = (owner, until, merchant_id, payment_id, kind, attempts, now, now)
                if (yield Execute(_TAKE, values)):
                    taken.append(LeasedJob(kind, MerchantId(merchant_id), PaymentId(payment_id), attempts + 1, until))
            return taken

        return await self._engine.run(take)

    async def put_back(self, job: LeasedJob, *, due_at: datetime, error: str, failed: bool = True) -> None:
        """See Jobs. Does nothing when the lease has passed to another meanwhile."""
        sql = f"UPDATE job SET due_at = ?, attempts = ?, lease_until = NULL, leased_by = '', last_error = ? {_MINE}"
        await self._change(sql, job, due_at, job.attempts if failed else job.attempts - 1, error[:255])

    async def finish(self, job: LeasedJob) -> None:
        """See Jobs."""
        await self._change(f"UPDATE job SET done_at = lease_until {_MINE}", job)

    async def _change(self, sql: str, job: LeasedJob, *values: object) -> None:
        def change() -> Generator[Statement, Any, None]:
            yield Execute(sql, (*values, job.merchant_id, job.payment_id, job.kind, job.lease_until))

        await self._engine.run(change)
