"""Making, finding and revoking API keys.

What may live here: the text of a key from random bits to its hash. What may not: HTTP, what a scope allows.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime

from xiaopos.kernel.ids import MerchantId, ShopId
from xiaopos.merchants.api_access import ApiKey, Scope
from xiaopos.store.api_keys.models import ApiKeyRow

KEY_BYTES = 32


def make_api_key(
    merchant_id: str, scopes: Iterable[str], *, shop_id: str = "", made_by: str = "", at: datetime
) -> tuple[ApiKey, str]:
    """A new key and its text, which is shown once and kept nowhere. Raises ValueError for an unknown or missing scope.

    `scopes` are words of Scope (take, refund, read); an empty `shop_id` means every shop of the merchant.
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
    )
    return _key_of(row), text


def find_api_key(text: str) -> ApiKey | None:
    """The key with this text, unless there is none or it was revoked."""
    row = ApiKeyRow.objects.filter(digest=_digest(text), revoked_at=None).first()
    return _key_of(row) if row else None


def revoke_api_key(merchant_id: str, prefix: str, *, at: datetime) -> bool:
    """Make a key worthless from now on; whether there was one to revoke."""
    found = ApiKeyRow.objects.filter(merchant_id=merchant_id, prefix=prefix, revoked_at=None)
    return found.update(revoked_at=at) > 0


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _key_of(row: ApiKeyRow) -> ApiKey:
    scopes = frozenset(Scope(word) for word in row.scopes)
    return ApiKey(row.prefix, MerchantId(row.merchant_id), ShopId(row.shop_id), scopes)
