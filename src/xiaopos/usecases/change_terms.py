"""Change a merchant's terms: one person enters them from a day to come, another approves; the past stays as it was.

What may live here: the rules and the role they need played. What may not: what can be agreed (merchants.terms), storage, who
has the permission (roles).

A business day has one set of terms: they change with the next day at the earliest, so that every payment of a day, and what
follows it, is judged and priced alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Protocol

from xiaopos.merchants.terms import Terms, Unfit, unfit
from xiaopos.usecases.actors import Actor


class TermsFault(Enum):
    """Why nothing was changed."""

    NO_REASON = "no_reason"
    MERCHANT_UNKNOWN = "merchant_unknown"
    PLAN_UNKNOWN = "plan_unknown"
    LIMIT = "limit"
    COMPLETION = "completion"
    PREAUTH_DAYS = "preauth_days"
    TIP = "tip"
    TOO_SOON = "too_soon"
    """Terms begin with the next business day at the earliest."""
    DAY_TAKEN = "day_taken"
    """There are terms from this day, or some that wait."""
    NOT_WAITING = "not_waiting"
    OWN_ENTRY = "own_entry"
    """Whoever entered terms does not approve them."""
    OTHERWISE = "otherwise"
    """What waits is not what was looked at."""


_UNFIT = {part: TermsFault(part.value) for part in Unfit}


@dataclass(frozen=True, slots=True)
class TermsEntry:
    """Terms, and who enters, approves or drops them."""

    terms: Terms
    actor: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class WaitingTerms:
    """Terms that wait for a second person, and who entered them."""

    terms: Terms
    author: str


class TermsBook(Protocol):
    """Merchants' terms. Each change writes its line in the audit trail, both or neither."""

    def has_merchant(self, merchant_id: str) -> bool:
        """Whether there is this merchant."""
        ...

    def has_plan(self, plan_id: str) -> bool:
        """Whether there is this price plan."""
        ...

    def waiting(self, merchant_id: str, valid_from: date) -> WaitingTerms | None:
        """The terms from this day that wait for approval."""
        ...

    def enter(self, entry: TermsEntry) -> bool:
        """Keep terms, not yet approved, in the merchant's currency; False when there are some from the same day."""
        ...

    def approve(self, entry: TermsEntry) -> bool:
        """Approve the waiting terms as they stand in the entry; False when they do not wait so any more."""
        ...

    def drop(self, entry: TermsEntry) -> bool:
        """Take the waiting terms away; False when none wait any more."""
        ...


def enter_terms(entry: TermsEntry, today: date, book: TermsBook) -> TermsFault | None:
    """Enter terms; they count from their day once another person has approved them. `today` is the running business day.

    Precedence: reason, merchant, plan, what cannot be agreed, day.
    """
    terms = entry.terms
    if not entry.actor.gives_a_reason:
        return TermsFault.NO_REASON
    if not book.has_merchant(terms.merchant_id):
        return TermsFault.MERCHANT_UNKNOWN
    if not book.has_plan(terms.plan_id):
        return TermsFault.PLAN_UNKNOWN
    part = unfit(terms)
    if part is not None:
        return _UNFIT[part]
    if terms.valid_from <= today:
        return TermsFault.TOO_SOON
    return None if book.enter(entry) else TermsFault.DAY_TAKEN


def approve_terms(entry: TermsEntry, today: date, book: TermsBook) -> TermsFault | None:
    """Approve terms that another person entered, as the approver saw them, before their day begins."""
    found = _waiting(entry, book)
    if isinstance(found, TermsFault):
        return found
    if found.author == entry.actor.username:
        return TermsFault.OWN_ENTRY
    if entry.terms.valid_from <= today:
        return TermsFault.TOO_SOON
    approved = found.terms == entry.terms and book.approve(entry)
    return None if approved else TermsFault.OTHERWISE


def drop_terms(entry: TermsEntry, book: TermsBook) -> TermsFault | None:
    """Take waiting terms away: whoever entered them, or whoever would have approved them."""
    found = _waiting(entry, book)
    if isinstance(found, TermsFault):
        return found
    return None if book.drop(entry) else TermsFault.NOT_WAITING


def _waiting(entry: TermsEntry, book: TermsBook) -> WaitingTerms | TermsFault:
    if not entry.actor.gives_a_reason:
        return TermsFault.NO_REASON
    return book.waiting(entry.terms.merchant_id, entry.terms.valid_from) or TermsFault.NOT_WAITING
