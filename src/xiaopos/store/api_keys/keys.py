"""Making, finding and revoking API keys.

What may live here: the text of a key from random bits to its hash. What may not: HTTP, what a scope allows.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from xiaopos.kernel.ids import MerchantId, ShopId
from xiaopos.merchants.api_access import ApiKey, Scope
from xiaopos.store.api_keys.models import ApiKeyRow

KEY_BYTES = 32
USE_NOTED_EVERY = timedelta(minutes=1)
"""How exactly people see when a key was last used: a note at each call would cost a commit."""


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A key as its owner sees it in a list."""

    key: ApiKey
    label: str
    made_by: str
    made_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None

    def opens(self, at: datetime) -> bool:
        """Whether the key opens anything at an instant."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)


def make_api_key(
    merchant_id: str,
    scopes: Iterable[str],
    *,
    shop_id: str = "",
    made_by: str = "",
    at: datetime,
    expires_at: datetime | None = None,
    label: str = "",
) -> tuple[ApiKey, str]:
    """A new key and its text, which is shown once and kept nowhere. Raises ValueError for an unknown or missing scope.

    `scopes` are words of Scope (take, refund, read); an empty `shop_id` means every shop of the merchant.
    From `expires_at` on it opens nothing; None: it opens until it is revoked.
    """
    allowed = sorted({Scope(word).value for word in scopes})
    if not allowed:
        raise ValueError("a key needs at least one scope")
    prefix = f"xp_{secrets.token_hex(5)}"
    text = f"{prefix}_{secrets.token_urlsafe(KEY_BYTES)}"
    row = ApiKeyRow.objects.create(
        prefix=prefix,
        digest=_digest(text),
        merchant_id=merchant_id,
        shop_id=shop_id,
        scopes=allowed,
        made_by=made_by,
        made_at=at,
        expires_at=expires_at,
        label=label,
    )
    return _key_of(row), text


def find_api_key(text: str, *, at: datetime) -> ApiKey | None:
    """The key with this text, unless there is none or it was revoked or has expired. Notes that it was used."""
    alive = ApiKeyRow.objects.filter(Q(expires_at=None) | Q(expires_at__gt=at), digest=_digest(text), revoked_at=None)
    row = alive.first()
    if row is None:
        return None
    if row.last_used_at is None or at - row.last_used_at >= USE_NOTED_EVERY:
        ApiKeyRow.objects.filter(prefix=row.prefix).update(last_used_at=at)
    return _key_of(row)


def api_keys_of(merchant_id: str) -> list[KeyLine]:
    """A merchant's keys, revoked ones included, newest first."""
    return [
        KeyLine(_key_of(row), row.label, row.made_by, row.made_at, row.expires_at, row.last_used_at, row.revoked_at)
        for row in ApiKeyRow.objects.filter(merchant_id=merchant_id).order_by("-made_at", "-prefix")
    ]


def revoke_api_key(merchant_id: str, prefix: str, *, at: datetime) -> bool:
    """Make a key worthless from now on; whether there was one to revoke."""
    found = ApiKeyRow.objects.filter(merchant_id=merchant_id, prefix=prefix, revoked_at=None)
    return found.update(revoked_at=at) > 0


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _key_of(row: ApiKeyRow) -> ApiKey:
    scopes = frozenset(Scope(word) for word in row.scopes)
    return ApiKey(row.prefix, MerchantId(row.merchant_id), ShopId(row.shop_id), scopes)
