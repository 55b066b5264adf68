"""Which entry a payment posts."""

from __future__ import annotations

import pytest

from support.payments import a_sale, an_approved_sale, an_undoing
from xiaopos.kernel.money import Money
from xiaopos.ledger import AccountKind, Entry, EntryKind
from xiaopos.payments.payment import Kind
from xiaopos.payments.postings import (
    FEE_INCOME,
    approval_entry,
    payable,
    receivable,
    refund_entry,
    reversal_entry,
    sale_entry,
    void_entry,
)

MERCHANT = an_approved_sale().merchant_id


def legs(entry: Entry) -> list[tuple[str, str, int]]:
    return [(leg.side.value, leg.account.code, leg.amount.minor) for leg in entry.legs]


def test_a_sale_is_owed_by_the_channel_to_the_merchant_less_the_fee() -> None:
    assert legs(sale_entry(an_approved_sale())) == [
        ("D", "receivable:unionpay", 25_00),
        ("C", f"payable:{MERCHANT}", 25_00),
        ("D", f"payable:{MERCHANT}", 15),
        ("C", "income:fees", 15),
    ]


def test_a_sale_without_fee_has_two_legs() -> None:
    assert len(sale_entry(a_sale()).legs) == 2


def test_a_refund_is_the_other_way_round_with_its_part_of_the_fee() -> None:
    refund = an_undoing(Kind.REFUND, 10_00, fee=Money(6))
    assert legs(refund_entry(refund)) == [
        ("D", f"payable:{MERCHANT}", 10_00),
        ("C", "receivable:unionpay", 10_00),
        ("D", "income:fees", 6),
        ("C", f"payable:{MERCHANT}", 6),
    ]


def test_a_void_is_the_sales_mirror_image() -> None:
    sale = an_approved_sale()
    assert void_entry(sale) == sale_entry(sale).mirrored(EntryKind.VOID)
    assert approval_entry(an_undoing(Kind.VOID), sale) == void_entry(sale)


def test_a_void_is_posted_from_its_original_or_not_at_all() -> None:
    with pytest.raises(AssertionError, match="posted from its original"):
        approval_entry(an_undoing(Kind.VOID), None)


@pytest.mark.parametrize("kind", Kind)
def test_a_reversal_undoes_whatever_was_posted(kind: Kind) -> None:
    sale = an_approved_sale()
    payment = sale if kind is Kind.SALE else an_undoing(kind, fee=Money(3))
    posted, undone = approval_entry(payment, sale), reversal_entry(payment, sale)
    assert (undone and posted and undone.mirrored(posted.kind)) == posted


def test_a_completion_is_posted_as_a_sale_and_a_pre_authorisation_not_at_all() -> None:
    completion = an_undoing(Kind.COMPLETION, fee=Money(3))
    assert approval_entry(completion, None) == sale_entry(completion)
    preauth = an_approved_sale(kind=Kind.PREAUTH)
    assert approval_entry(preauth, None) is None
    assert reversal_entry(preauth, None) is None
    assert approval_entry(an_undoing(Kind.VOID), preauth) is None
    assert approval_entry(an_undoing(Kind.VOID), completion) == void_entry(completion)


def test_the_accounts_are_of_the_right_kind_and_made_once() -> None:
    assert payable(MERCHANT).kind is AccountKind.LIABILITY
    assert receivable("unionpay").kind is AccountKind.ASSET
    assert FEE_INCOME.kind is AccountKind.INCOME
    assert payable(MERCHANT) is payable(MERCHANT)
