"""A shop's own codes: make one, lock its amount, give it a new address, retire it; make an order that is paid by a code.

What may live here: the rules and the role that keeps codes. What may not: storage, drawing, who has the permission (roles).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Protocol

from xiaopos.kernel.ids import MerchantId, ShopId, TerminalId
from xiaopos.kernel.money import Money
from xiaopos.merchants.shop_codes import LABEL_MOST, StandingCode, read_amount
from xiaopos.usecases.actors import Actor


class CodeFault(Enum):
    """Why a code was not made or changed."""

    TERMINAL_UNKNOWN = "terminal_unknown"
    LABEL_WRONG = "label_wrong"
    AMOUNT_WRONG = "amount_wrong"
    CODE_UNKNOWN = "code_unknown"


class CodeBook(Protocol):
    """Keeps codes, each change with its line in the audit trail."""

    def of(self, merchant_id: str, token: str) -> StandingCode | None:
        """A merchant's code that takes payments."""
        ...

    def make(self, code: StandingCode, actor: Actor) -> None:
        """Write a new code."""
        ...

    def lock(self, code: StandingCode, amount: Money | None, actor: Actor, at: datetime) -> bool:
        """Let it take one amount only, or any; whether it still takes payments."""
        ...

    def rotate(self, code: StandingCode, new: StandingCode, actor: Actor) -> bool:
        """Retire it and write another in one commit; whether it still took payments."""
        ...

    def retire(self, code: StandingCode, actor: Actor, at: datetime) -> bool:
        """Let it take nothing more; whether it still took payments."""
        ...


@dataclass(frozen=True, slots=True)
class Counter:
    """A terminal of the merchant under whose number a code's payments are taken."""

    terminal_id: str
    shop_id: str


@dataclass(frozen=True, slots=True)
class CodeDraft:
    """A code as its owner asks for it. `amount` is empty for any amount."""

    merchant_id: str
    terminal_id: str
    label: str
    currency: str
    amount: str = ""


def drafted(
    draft: CodeDraft, counters: Collection[Counter], token: str, actor: Actor, now: datetime
) -> StandingCode | CodeFault:
    """The code that a draft asks for, not yet written; or what is wrong with the draft."""
    counter = next((one for one in counters if one.terminal_id == draft.terminal_id), None)
    if counter is None:
        return CodeFault.TERMINAL_UNKNOWN
    label = " ".join(draft.label.split())
    if len(label) > LABEL_MOST or not label.isprintable():
        return CodeFault.LABEL_WRONG
    locked = read_amount(draft.amount, draft.currency) if draft.amount.strip() else None
    if draft.amount.strip() and locked is None:
        return CodeFault.AMOUNT_WRONG
    return StandingCode(
        token=token,
        merchant_id=MerchantId(draft.merchant_id),
        shop_id=ShopId(counter.shop_id),
        terminal_id=TerminalId(counter.terminal_id),
        label=label,
        currency=draft.currency,
        locked=locked,
        made_by=actor.username,
        made_at=now,
    )


def make_code(
    draft: CodeDraft, counters: Collection[Counter], token: str, actor: Actor, now: datetime, book: CodeBook
) -> StandingCode | CodeFault:
    """Make a code that hangs on the wall. `token` is fresh and random."""
    code = drafted(draft, counters, token, actor, now)
    if isinstance(code, StandingCode):
        book.make(code, actor)
    return code


def lock_code(
    merchant_id: str, token: str, amount: str, actor: Actor, now: datetime, book: CodeBook
) -> StandingCode | CodeFault:
    """Lock a code to one amount; an empty one lets it take any again."""
    code = book.of(merchant_id, token)
    if code is None:
        return CodeFault.CODE_UNKNOWN
    locked = read_amount(amount, code.currency) if amount.strip() else None
    if amount.strip() and locked is None:
        return CodeFault.AMOUNT_WRONG
    return replace(code, locked=locked) if book.lock(code, locked, actor, now) else CodeFault.CODE_UNKNOWN


def rotate_code(
    merchant_id: str, token: str, new_token: str, actor: Actor, now: datetime, book: CodeBook
) -> StandingCode | CodeFault:
    """Give a code a new address: what was printed or copied of the old one takes nothing more."""
    code = book.of(merchant_id, token)
    if code is None:
        return CodeFault.CODE_UNKNOWN
    new = replace(code, token=new_token, made_by=actor.username, made_at=now)
    return new if book.rotate(code, new, actor) else CodeFault.CODE_UNKNOWN


def retire_code(merchant_id: str, token: str, actor: Actor, now: datetime, book: CodeBook) -> CodeFault | None:
    """Let a code take nothing more. None when it is done."""
    code = book.of(merchant_id, token)
    if code is None or not book.retire(code, actor, now):
        return CodeFault.CODE_UNKNOWN
    return None
