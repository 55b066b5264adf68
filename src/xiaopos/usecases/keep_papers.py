"""Keep what the approval of a merchant's application says of it: its licence, the account it is paid to, and when.

What may live here: that verb and the role it needs played. What may not: applications (merchants), storage.

A terminal is bound to both, and the time to the first payment counts from the approval.
"""

from __future__ import annotations

import re
from datetime import datetime
from enum import Enum
from typing import Protocol

from xiaopos.fleet.activation import Keyed
from xiaopos.merchants.identifiers import is_social_credit_code
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.pack_order import Papers

_ACCOUNT = re.compile(r"[0-9A-Z]{6,34}")
_IDENTITY = re.compile(r"[0-9]{17}[0-9X]")


class PapersFault(Enum):
    """Why nothing was kept."""

    NO_REASON = "no_reason"
    MERCHANT_UNKNOWN = "merchant_unknown"
    LICENCE = "licence"
    """Neither a unified social credit code nor the number of an identity card."""
    ACCOUNT = "account"
    IN_THE_FUTURE = "in_the_future"


class PapersBook(Protocol):
    """Whoever keeps papers."""

    def has_merchant(self, merchant_id: str) -> bool:
        """Whether there is this merchant."""
        ...

    def keep(self, papers: Papers, actor: Actor, at: datetime) -> None:
        """Write a merchant's papers and the audit trail, both or neither; what was kept before stays in the history."""
        ...


def keep_papers(
    merchant_id: str,
    licence: str,
    account: str,
    approved_at: datetime,
    keyed: Keyed,
    actor: Actor,
    at: datetime,
    *,
    book: PapersBook,
) -> Papers | PapersFault:
    """Keep a merchant's papers. An account, and the identity number of who has no licence, are kept as keyed hashes only."""
    plain, number = licence.strip().upper(), re.sub(r"[\s-]", "", account).upper()
    person = _IDENTITY.fullmatch(plain) is not None
    faults = {
        PapersFault.MERCHANT_UNKNOWN: not book.has_merchant(merchant_id),
        PapersFault.LICENCE: not person and not is_social_credit_code(plain),
        PapersFault.ACCOUNT: _ACCOUNT.fullmatch(number) is None,
        PapersFault.IN_THE_FUTURE: approved_at > at,
        PapersFault.NO_REASON: not actor.gives_a_reason,
    }
    fault = next((fault for fault, there in faults.items() if there), None)
    if fault is not None:
        return fault
    kept, hashed = bound_to(plain, number, keyed)
    papers = Papers(merchant_id, kept, hashed, approved_at)
    book.keep(papers, actor, at)
    return papers


def bound_to(licence: str, account: str, keyed: Keyed) -> tuple[str, str]:
    """What terminals are bound to of a licence (or the number of an identity card) and an account, both without blanks."""
    person = _IDENTITY.fullmatch(licence) is not None
    kept = keyed(b"\0".join((b"identity", licence.encode()))) if person else licence
    return kept, keyed(b"\0".join((b"account", account.encode())))
