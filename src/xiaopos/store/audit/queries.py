"""What the console reads of the audit trail.

What may live here: queries. What may not: writing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from xiaopos.kernel.chain import Json
from xiaopos.store.audit.models import AuditRow


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One row as a page shows it."""

    seq: int
    at: datetime
    actor: str
    role: str
    merchant_id: str
    action: str
    object_kind: str
    object_id: str
    reason: str
    detail: Mapping[str, Json]
    hash: str


def recent(
    *,
    limit: int = 50,
    before_seq: int | None = None,
    merchant_id: str | None = None,
    actor: str | None = None,
    action: str | None = None,
    about: tuple[str, str] | None = None,
) -> list[AuditLine]:
    """The newest rows first, perhaps of one merchant, person, action or thing (kind, number); `before_seq` turns the page."""
    rows = AuditRow.objects.order_by("-seq")
    if before_seq is not None:
        rows = rows.filter(seq__lt=before_seq)
    for name, wanted in (("merchant_id", merchant_id), ("actor", actor), ("action", action)):
        if wanted is not None:
            rows = rows.filter(**{name: wanted})
    if about is not None:
        rows = rows.filter(object_kind=about[0], object_id=about[1])
    columns = (*AuditLine.__dataclass_fields__,)
    return [AuditLine(**values) for values in rows.values(*columns)[:limit]]
