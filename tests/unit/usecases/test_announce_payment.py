"""What is said of which payment, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from xiaopos.kernel.money import Money
from xiaopos.merchants.webhooks import EventType
from xiaopos.payments.payment import Kind
from xiaopos.usecases.announce_payment import FRESH_FOR, SAID_FOR, SaidKind, ToSay, announcement, said_of

AT = datetime(2026, 3, 14, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("event", "kind", "original", "said"),
    [
        (EventType.PAYMENT_APPROVED, Kind.SALE, None, SaidKind.RECEIVED),
        (EventType.PAYMENT_APPROVED, Kind.COMPLETION, Kind.PREAUTH, SaidKind.RECEIVED),
        (EventType.PAYMENT_APPROVED, Kind.TIP, Kind.SALE, SaidKind.RECEIVED),
        (EventType.PAYMENT_APPROVED, Kind.PREAUTH, None, None),
        (EventType.PAYMENT_REVERSED, Kind.SALE, None, SaidKind.TAKEN_BACK),
        (EventType.PAYMENT_REVERSED, Kind.PREAUTH, None, None),
        (EventType.PAYMENT_DECLINED, Kind.SALE, None, None),
        (EventType.REFUND_APPROVED, Kind.REFUND, Kind.SALE, SaidKind.GIVEN_BACK),
        (EventType.VOID_APPROVED, Kind.VOID, Kind.SALE, SaidKind.GIVEN_BACK),
        (EventType.VOID_APPROVED, Kind.VOID, Kind.COMPLETION, SaidKind.GIVEN_BACK),
        (EventType.VOID_APPROVED, Kind.VOID, Kind.PREAUTH, None),
        (EventType.REFUND_DECLINED, Kind.REFUND, Kind.SALE, None),
    ],
)
def test_what_is_said(event: EventType, kind: Kind, original: Kind | None, said: SaidKind | None) -> None:
    assert said_of(event, kind, original) is said


def test_times_and_other_currencies() -> None:
    what = ToSay(3, "p", SaidKind.RECEIVED, Money(12_50, "USD"), AT)
    fresh = announcement("s", 2, what, AT + FRESH_FOR)
    assert (fresh.late, fresh.expires_at, fresh.said_zh) == (False, int((AT + FRESH_FOR).timestamp()), "收款USD 12.50")
    late = announcement("s", 2, what, AT + FRESH_FOR + timedelta(microseconds=1))
    assert (late.late, late.expires_at) == (True, int((AT + SAID_FOR).timestamp()))
    assert late.said_en == "The earlier one: Received USD 12.50"
