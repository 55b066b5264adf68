"""Answers that are given again: a request with a name (Idempotency-Key) is answered once, its repeats get the same bytes.

What may live here: claiming a name, keeping and forgetting its answer. What may not: HTTP, which answers are worth keeping.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from django.db import IntegrityError, transaction

from xiaopos.store.api_keys.models import ApiAnswerRow

KEPT_FOR = timedelta(hours=24)
ABANDONED_AFTER = timedelta(seconds=60)
"""A first request without an answer for so long died with its process; a repeat takes its place. Ids keep money safe."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it went out, to the byte."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class Claim(Enum):
    """Why there is no answer to give again."""

    OURS = "ours"
    """Nobody was answered under this name: answer, then `keep` it or `let_go`."""
    UNDER_WAY = "under_way"
    DIFFERS = "differs"


def claim(prefix: str, name: str, fingerprint: str, *, at: datetime) -> Answer | Claim:
    """The answer that was given under a name of an API key, or what there is instead. Forgets what is too old."""
    ApiAnswerRow.objects.filter(claimed_at__lte=at - KEPT_FOR).delete()
    try:
        with transaction.atomic():
            ApiAnswerRow.objects.create(prefix=prefix, name=name, fingerprint=fingerprint, claimed_at=at)
        return Claim.OURS
    except IntegrityError:
        pass  # the name is known
    row = ApiAnswerRow.objects.filter(prefix=prefix, name=name).first()
    if row is None:
        return Claim.UNDER_WAY  # let go this very moment: whoever asks again begins anew
    if row.fingerprint != fingerprint:
        return Claim.DIFFERS
    if row.status is not None:
        return Answer(row.status, bytes(row.body), row.headers)
    abandoned = ApiAnswerRow.objects.filter(
        prefix=prefix, name=name, status=None, claimed_at=row.claimed_at, claimed_at__lte=at - ABANDONED_AFTER
    )
    return Claim.OURS if abandoned.update(claimed_at=at) else Claim.UNDER_WAY


def keep(prefix: str, name: str, answer: Answer) -> None:
    """Keep the answer to a claimed name."""
    ApiAnswerRow.objects.filter(prefix=prefix, name=name).update(
        status=answer.status, body=answer.body, headers=answer.headers
    )


def let_go(prefix: str, name: str) -> None:
    """Give a claimed name back without an answer: whoever repeats the request begins anew."""
    ApiAnswerRow.objects.filter(prefix=prefix, name=name, status=None).delete()
