"""Entries: two or more legs whose debits equal their credits.

What may live here: the entry, its legs and its mirror image. What may not: when an entry is posted.
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from xiaopos.kernel.money import Money
from xiaopos.ledger.accounts import Account


class Unbalanced(Exception):
    """An entry whose debits and credits differ: a bug of ours, nothing is posted."""


class Side(Enum):
    """The two sides of an account."""

    DEBIT = "D"
    CREDIT = "C"

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.CREDIT if self is Side.DEBIT else Side.DEBIT


class EntryKind(Enum):
    """Why an entry was posted. A payment has at most one entry of each kind."""

    SALE = "sale"
    VOID = "void"
    REFUND = "refund"
    REVERSAL = "reversal"
    ADJUSTMENT = "adjustment"


class Leg(Struct, frozen=True, gc=False):
    """One line of an entry: an account, a side and a positive amount. Raises ValueError for an amount of zero or less."""

    account: Account
    side: Side
    amount: Money

    def __post_init__(self) -> None:
        if self.amount.minor <= 0:
            raise ValueError(f"a leg's amount must be positive, got {self.amount}")


class Entry(Struct, frozen=True, gc=False):
    """A balanced set of legs of one currency. Raises Unbalanced when debits and credits differ."""

    kind: EntryKind
    legs: tuple[Leg, ...]

    def __post_init__(self) -> None:
        total, currencies = 0, set()
        for leg in self.legs:
            amount = leg.amount
            currencies.add(amount.currency)
            total += amount.minor if leg.side is Side.DEBIT else -amount.minor
        if len(currencies) != 1:
            raise Unbalanced(f"{self.kind.value}: an entry has legs of exactly one currency")
        if total:
            raise Unbalanced(f"{self.kind.value}: debits exceed credits by {total} minor units")

    def mirrored(self, kind: EntryKind) -> Entry:
        """The entry that undoes this one: the same legs with their sides exchanged."""
        return Entry(kind, tuple(Leg(leg.account, leg.side.other, leg.amount) for leg in self.legs))
