"""Accounts: a code, a kind, and the side on which the kind grows.

What may live here: what an account is. What may not: which accounts a payment uses (the payments room says that).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

_CODE = re.compile(r"[a-z_]+(:[A-Za-z0-9_.-]+)*")


class AccountKind(Enum):
    """The five kinds of account. Assets and expenses grow by debits, the others by credits."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"

    @property
    def grows_by_debit(self) -> bool:
        """Whether a debit makes an account of this kind larger."""
        return self in (AccountKind.ASSET, AccountKind.EXPENSE)


@dataclass(frozen=True, slots=True)
class Account:
    """One account. The code is words joined by colons, from the general to the particular: `payable:898110...`.

    Raises ValueError for a code of any other form.
    """

    code: str
    kind: AccountKind

    def __post_init__(self) -> None:
        if _CODE.fullmatch(self.code) is None:
            raise ValueError(f"not an account code: {self.code!r}")
