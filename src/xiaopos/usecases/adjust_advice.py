"""Adjust the rules of advice on devices: one person enters them from a day to come, another approves.

What may live here: those verbs and the role they need played. What may not: which rules are acceptable (fleet.advice_rules),
storage, who has the permission (roles).

A day has one set of rules, so that every piece of advice of a day can be explained by what was approved before it began.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Protocol

from xiaopos.fleet.advice_rules import HOUSE_RULES, AdviceRules, RulesFault, unfit
from xiaopos.usecases.actors import Actor


class AdviceFault(Enum):
    """Why nothing was changed."""

    NO_REASON = "no_reason"
    POINTS = "points"
    WEIGHT = "weight"
    NOTHING_COUNTS = "nothing_counts"
    MUST = "must"
    BUSY = "busy"
    CERTIFICATE_DAYS = "certificate_days"
    TOO_SOON = "too_soon"
    """Rules begin with the next day at the earliest."""
    DAY_TAKEN = "day_taken"
    """There are rules from this day, or some that wait."""
    NOT_WAITING = "not_waiting"
    OWN_ENTRY = "own_entry"
    """Whoever entered rules does not approve them."""
    OTHERWISE = "otherwise"
    """What waits is not what was looked at."""


_UNFIT = {fault: AdviceFault(fault.value) for fault in RulesFault}


@dataclass(frozen=True, slots=True)
class RulesEntry:
    """Rules, and who enters, approves or drops them."""

    rules: AdviceRules
    actor: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class KeptRules:
    """Rules with their author, and their approver once there is one."""

    rules: AdviceRules
    author: str
    approver: str = ""


class AdviceBook(Protocol):
    """Whoever keeps the rules. Each change writes its line in the audit trail, both or neither."""

    def waiting(self, valid_from: date) -> KeptRules | None:
        """The rules from this day that wait for approval."""
        ...

    def standing(self, on: date) -> KeptRules | None:
        """The newest approved rules whose day has come."""
        ...

    def enter(self, entry: RulesEntry) -> bool:
        """Keep rules, not yet approved; False when there are some from the same day."""
        ...

    def approve(self, entry: RulesEntry) -> bool:
        """Approve the waiting rules; False when none wait any more."""
        ...

    def drop(self, entry: RulesEntry) -> bool:
        """Take the waiting rules away; False when none wait any more."""
        ...


def rules_on(on: date, book: AdviceBook) -> AdviceRules:
    """The rules that stand on a day: the operator's own, else those that come with the house."""
    found = book.standing(on)
    return found.rules if found is not None else HOUSE_RULES


def enter_rules(entry: RulesEntry, today: date, book: AdviceBook) -> AdviceFault | None:
    """Enter rules; they count from their day once another person has approved them. Precedence: reason, rules, day."""
    if not entry.actor.gives_a_reason:
        return AdviceFault.NO_REASON
    fault = unfit(entry.rules)
    if fault is not None:
        return _UNFIT[fault]
    if entry.rules.valid_from <= today:
        return AdviceFault.TOO_SOON
    return None if book.enter(entry) else AdviceFault.DAY_TAKEN


def approve_rules(entry: RulesEntry, today: date, book: AdviceBook) -> AdviceFault | None:
    """Approve rules that another person entered, as the approver saw them, before their day begins."""
    found = _waiting(entry, book)
    if isinstance(found, AdviceFault):
        return found
    if found.author == entry.actor.username:
        return AdviceFault.OWN_ENTRY
    if entry.rules.valid_from <= today:
        return AdviceFault.TOO_SOON
    if found.rules != entry.rules:
        return AdviceFault.OTHERWISE
    return None if book.approve(entry) else AdviceFault.NOT_WAITING


def drop_rules(entry: RulesEntry, book: AdviceBook) -> AdviceFault | None:
    """Take waiting rules away: whoever entered them, or whoever would have approved them."""
    found = _waiting(entry, book)
    if isinstance(found, AdviceFault):
        return found
    return None if book.drop(entry) else AdviceFault.NOT_WAITING


def _waiting(entry: RulesEntry, book: AdviceBook) -> KeptRules | AdviceFault:
    if not entry.actor.gives_a_reason:
        return AdviceFault.NO_REASON
    return book.waiting(entry.rules.valid_from) or AdviceFault.NOT_WAITING
