"""A merchant's API keys: make one for a cash register, take it back.

What may live here: the rules and the role that keeps keys. What may not: the key's text (store), who has the permission (roles).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

from xiaopos.kernel.ids import MerchantId, ShopId
from xiaopos.merchants.api_access import LABEL_MOST, LIFETIMES_DAYS, OPEN_MOST, ApiKey, Scope
from xiaopos.usecases.actors import Actor


class KeyFault(Enum):
    """Why a key was not made or taken back."""

    LABEL_WRONG = "label_wrong"
    SCOPE_MISSING = "scope_missing"
    SHOP_UNKNOWN = "shop_unknown"
    LIFETIME_WRONG = "lifetime_wrong"
    TOO_MANY = "too_many"
    KEY_UNKNOWN = "key_unknown"


@dataclass(frozen=True, slots=True)
class KeyDraft:
    """A key as its owner asks for it. An empty `shop_id` means every shop; `days` is one of LIFETIMES_DAYS, 0 for no end."""

    merchant_id: MerchantId
    label: str
    shop_id: ShopId
    scopes: frozenset[Scope]
    days: int


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to be written."""

    merchant_id: MerchantId
    label: str
    shop_id: ShopId
    scopes: frozenset[Scope]
    made_at: datetime
    expires_at: datetime | None


class KeyBook(Protocol):
    """Keeps keys, each change with its line in the audit trail."""

    def open_keys(self, merchant_id: MerchantId, at: datetime) -> int:
        """How many keys of a merchant open anything."""
        ...

    def make(self, key: NewKey, actor: Actor) -> tuple[ApiKey, str]:
        """Write a new key; the key and its text, which nobody can read again."""
        ...

    def revoke(self, merchant_id: MerchantId, prefix: str, actor: Actor, at: datetime) -> bool:
        """Let a key open nothing more; whether there was one that did."""
        ...


def make_key(
    draft: KeyDraft, shops: Collection[str], actor: Actor, at: datetime, book: KeyBook
) -> tuple[ApiKey, str] | KeyFault:
    """Make a key for one of the merchant's `shops`, or for all. Precedence of faults: label, scopes, shop, lifetime, number."""
    label = " ".join(draft.label.split())
    if not 0 < len(label) <= LABEL_MOST or not label.isprintable():
        return KeyFault.LABEL_WRONG
    if not draft.scopes:
        return KeyFault.SCOPE_MISSING
    if draft.shop_id and draft.shop_id not in shops:
        return KeyFault.SHOP_UNKNOWN
    if draft.days not in LIFETIMES_DAYS:
        return KeyFault.LIFETIME_WRONG
    if book.open_keys(draft.merchant_id, at) >= OPEN_MOST:
        return KeyFault.TOO_MANY
    expires_at = at + timedelta(days=draft.days) if draft.days else None
    return book.make(NewKey(draft.merchant_id, label, draft.shop_id, draft.scopes, at, expires_at), actor)


def revoke_key(merchant_id: MerchantId, prefix: str, actor: Actor, at: datetime, book: KeyBook) -> KeyFault | None:
    """Take a key back, for good. None when it opens nothing more."""
    return None if book.revoke(merchant_id, prefix, actor, at) else KeyFault.KEY_UNKNOWN
