"""What pages read of the queue: how long it is, and what waits in it.

What may live here: queries, each returning frozen values. What may not: leasing, writing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from xiaopos.store.jobs.models import JobRow

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class QueueNow:
    """How long the queue is, how much of it is due, and since when the oldest waits."""

    waiting: int
    due: int
    oldest_at: datetime | None


def queue_now(now: datetime) -> QueueNow:
    """The queue in one query."""
    row = JobRow.objects.filter(done_at__isnull=True).aggregate(
        waiting=Count("payment_id"), due=Count("payment_id", filter=Q(due_at__lte=now)), oldest=Min("created_at")
    )
    return QueueNow(row["waiting"], row["due"], row["oldest"])


def kinds_waiting(now: datetime) -> list[tuple[str, int]]:
    """How many due jobs of each kind wait, in one query."""
    rows = JobRow.objects.filter(done_at__isnull=True, due_at__lte=now).values_list("kind")
    return sorted((kind, count) for kind, count in rows.annotate(count=Count("payment_id")).order_by())


@dataclass(frozen=True, slots=True)
class JobLine:
    """One job: what for, how often it was tried, what went wrong last, when it is tried again."""

    merchant_id: str
    payment_id: str
    kind: str
    created_at: datetime
    due_at: datetime
    attempts: int
    last_error: str
    leased_by: str
    done_at: datetime | None


def waiting_jobs(*, most: int = MOST_SHOWN) -> tuple[JobLine, ...]:
    """What is not done, in the order in which it is due."""
    return _lines(most, done_at__isnull=True)


def jobs_of(merchant_id: str, payment_id: str) -> tuple[JobLine, ...]:
    """What the machine does and has done for one payment."""
    return _lines(MOST_SHOWN, merchant_id=merchant_id, payment_id=payment_id)


def _lines(most: int, **wanted: object) -> tuple[JobLine, ...]:
    rows = JobRow.objects.filter(**wanted).order_by("due_at")
    columns = (*JobLine.__dataclass_fields__,)
    return tuple(JobLine(*values) for values in rows.values_list(*columns)[:most])
