"""Sales to record in a store that a contract suite is told to."""

from __future__ import annotations

from datetime import date
from typing import Any

from support.payments import a_sale
from support.stores import Opened
from xiaopos.kernel.ids import PaymentId, TerminalId
from xiaopos.payments.payment import Payment
from xiaopos.usecases.ports import Change, Recorded

TEA_TERMINAL = TerminalId("10000001")
TODAY = date(2026, 3, 14)


def numbered(number: int, **parts: Any) -> Payment:
    """A new sale with an id and a voucher number of its own, not yet numbered by the books."""
    values: dict[str, Any] = {"payment_id": PaymentId(f"{number:032x}"), "stan": number, "rrn": ""}
    return a_sale(**(values | parts))


async def claimed(opened: Opened, payment: Payment) -> Payment:
    """The payment as the books hold it after its claim."""
    recorded = await opened.books.record(Change(claim=payment))
    assert isinstance(recorded, Recorded)
    assert recorded.claim is not None
    return recorded.claim
