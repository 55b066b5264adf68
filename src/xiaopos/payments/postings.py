"""Which ledger entry a payment posts (记账).

What may live here: the accounts a payment touches and the entry of each kind. What may not: posting itself (store),
prices (settlement).

    sale of A with fee F                      refund of R with G of the fee given back
      D receivable:<channel>       A            D payable:<merchant>         R
      C payable:<merchant>         A            C receivable:<channel>       R
      D payable:<merchant>         F            D income:fees                G
      C income:fees                F            C payable:<merchant>         G

A void and a reversal post the mirror image of the entry that they undo.
"""

from __future__ import annotations

import functools

from xiaopos.kernel.ids import MerchantId
from xiaopos.kernel.money import Money
from xiaopos.ledger import Account, AccountKind, Entry, EntryKind, Leg, Side
from xiaopos.payments.payment import TAKES_MONEY, Kind, Payment

FEE_INCOME = Account("income:fees", AccountKind.INCOME)


@functools.lru_cache(maxsize=4096)
def payable(merchant_id: MerchantId) -> Account:
    """What we owe a merchant."""
    return Account(f"payable:{merchant_id}", AccountKind.LIABILITY)


@functools.lru_cache(maxsize=64)
def receivable(channel: str) -> Account:
    """What a channel owes us."""
    return Account(f"receivable:{channel}", AccountKind.ASSET)


def _transfer(debit: Account, credit: Account, amount: Money) -> tuple[Leg, ...]:
    if amount.minor == 0:
        return ()
    return (Leg(debit, Side.DEBIT, amount), Leg(credit, Side.CREDIT, amount))


def sale_entry(payment: Payment) -> Entry:
    """The entry of an approved sale or completion: the channel owes us, we owe the merchant, the merchant owes the fee."""
    theirs, owed = payable(payment.merchant_id), receivable(payment.channel)
    return Entry(EntryKind.SALE, _transfer(owed, theirs, payment.amount) + _transfer(theirs, FEE_INCOME, payment.fee))


def refund_entry(refund: Payment) -> Entry:
    """The entry of an approved refund; its `fee` is the part of the original's fee that is given back."""
    theirs, owed = payable(refund.merchant_id), receivable(refund.channel)
    return Entry(EntryKind.REFUND, _transfer(theirs, owed, refund.amount) + _transfer(FEE_INCOME, theirs, refund.fee))


def void_entry(original: Payment) -> Entry:
    """The entry of an approved void: the original's entry undone."""
    return sale_entry(original).mirrored(EntryKind.VOID)


def approval_entry(payment: Payment, original: Payment | None) -> Entry | None:
    """The entry that an approved payment posts. A void needs the payment that it undoes.

    A pre-authorisation and its void post nothing: no money moves, the card's bank only holds it.
    """
    if payment.kind in TAKES_MONEY:
        return sale_entry(payment)
    if payment.kind is Kind.REFUND:
        return refund_entry(payment)
    if payment.kind is Kind.PREAUTH:
        return None
    assert original is not None, "a void is posted from its original"
    return None if original.kind is Kind.PREAUTH else void_entry(original)


def reversal_entry(payment: Payment, original: Payment | None) -> Entry | None:
    """The entry that undoes an approved payment after it was reversed."""
    entry = approval_entry(payment, original)
    return None if entry is None else entry.mirrored(EntryKind.REVERSAL)
