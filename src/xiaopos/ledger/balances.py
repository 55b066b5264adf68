"""Balances and the trial balance, from sums per account.

What may live here: arithmetic over posted sums. What may not: the queries that make the sums (store).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xiaopos.ledger.accounts import Account


@dataclass(frozen=True, slots=True)
class AccountSum:
    """What was posted to one account in one currency: total debits and total credits, in minor units."""

    account: Account
    currency: str
    debits_minor: int
    credits_minor: int

    @property
    def balance_minor(self) -> int:
        """The balance on the account's own side: positive when the account holds what its kind should hold."""
        difference = self.debits_minor - self.credits_minor
        return difference if self.account.kind.grows_by_debit else -difference


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """All accounts with their sums, and what is left over per currency: nothing, when the books are right."""

    sums: tuple[AccountSum, ...]
    difference_minor: dict[str, int]

    @property
    def balances(self) -> bool:
        """Whether debits equal credits in every currency."""
        return not any(self.difference_minor.values())


def trial_balance(sums: Iterable[AccountSum]) -> TrialBalance:
    """Order the sums by account code and add them up by currency."""
    rows = tuple(sorted(sums, key=lambda row: (row.account.code, row.currency)))
    difference: dict[str, int] = {}
    for row in rows:
        difference[row.currency] = difference.get(row.currency, 0) + row.debits_minor - row.credits_minor
    return TrialBalance(rows, difference)
