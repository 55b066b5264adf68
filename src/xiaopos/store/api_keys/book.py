"""API keys as their owner keeps them: made, taken back and counted, each change with its line in the audit trail.

What may live here: that. What may not: rules (usecases), HTTP.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from xiaopos.kernel.ids import MerchantId
from xiaopos.merchants.api_access import ApiKey
from xiaopos.store.api_keys.keys import api_keys_of, make_api_key, revoke_api_key
from xiaopos.store.audit.trail import AuditEntry, append
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.keep_api_keys import NewKey


class KeyRows:
    """See KeyBook."""

    def open_keys(self, merchant_id: MerchantId, at: datetime) -> int:
        """See KeyBook."""
        return sum(line.opens(at) for line in api_keys_of(merchant_id))

    def make(self, key: NewKey, actor: Actor) -> tuple[ApiKey, str]:
        """See KeyBook."""
        words = sorted(scope.value for scope in key.scopes)
        with transaction.atomic():
            made, text = make_api_key(
                key.merchant_id,
                words,
                shop_id=key.shop_id,
                made_by=actor.username,
                at=key.made_at,
                expires_at=key.expires_at,
                label=key.label,
            )
            until = key.expires_at.isoformat() if key.expires_at else ""
            detail = {"label": key.label, "shop": key.shop_id, "scopes": " ".join(words), "until": until}
            _append("make_api_key", key.merchant_id, made.prefix, actor, key.made_at, **detail)
        return made, text

    def revoke(self, merchant_id: MerchantId, prefix: str, actor: Actor, at: datetime) -> bool:
        """See KeyBook."""
        with transaction.atomic():
            if not revoke_api_key(merchant_id, prefix, at=at):
                return False
            _append("revoke_api_key", merchant_id, prefix, actor, at)
        return True


def _append(action: str, merchant_id: str, prefix: str, actor: Actor, at: datetime, **detail: str) -> None:
    entry = AuditEntry(
        actor.username,
        actor.role,
        action,
        merchant_id=merchant_id,
        object_kind="api_key",
        object_id=prefix,
        detail=dict(detail),
    )
    append(entry, at=at)
