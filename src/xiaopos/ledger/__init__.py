"""The ledger: accounts, entries that balance, balances. Append-only; a mistake is mended by another entry.

What may live here: double entry and its rules. What may not: merchants, cards, wallets (payments and settlement name
their accounts), storage.
"""

from xiaopos.ledger.accounts import Account, AccountKind
from xiaopos.ledger.balances import AccountSum, TrialBalance, trial_balance
from xiaopos.ledger.entries import Entry, EntryKind, Leg, Side, Unbalanced

__all__ = [
    "Account",
    "AccountKind",
    "AccountSum",
    "Entry",
    "EntryKind",
    "Leg",
    "Side",
    "TrialBalance",
    "Unbalanced",
    "trial_balance",
]
