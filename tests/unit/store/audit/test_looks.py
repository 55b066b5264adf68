"""Who looked at a signature stands in the audit trail."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from xiaopos.kernel.ids import MerchantId, PaymentId
from xiaopos.store.audit.looks import LookRows
from xiaopos.store.audit.models import AuditRow
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.keep_signature import SignatureLook


@pytest.mark.django_db
def test_a_look_is_written_down_with_who_and_why() -> None:
    at = datetime(2026, 3, 14, 4, 0, tzinfo=UTC)
    LookRows().note(SignatureLook(MerchantId("m"), PaymentId("p"), Actor("qian", "finance", " a dispute "), at))
    row = AuditRow.objects.get()
    assert (row.actor, row.action, row.merchant_id, row.object_kind, row.object_id, row.reason, row.detail) == (
        "qian", "show_signature", "m", "payment", "p", "a dispute", {},
    )  # fmt: skip
