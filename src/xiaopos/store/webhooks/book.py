"""Endpoints in the database: adding and changing, each with its line in the audit trail.

What may live here: the WebhookBook on Django. What may not: rules (usecases.keep_webhooks), clear keys.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db import transaction

from xiaopos.keys import WrappedKey
from xiaopos.merchants.webhooks import TOLD_FOR, DeliveryState, EndpointState, EventType
from xiaopos.store.audit.trail import AuditEntry, append
from xiaopos.store.keys.inventory import record_key
from xiaopos.store.webhooks.models import WebhookDeliveryRow, WebhookEndpointRow, WebhookEventRow
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.keep_webhooks import KeptEndpoint
from xiaopos.usecases.key_ceremony import Origin

TEST_DATA = '{{"merchant_id":"{merchant_id}","message":"This is a test. Nothing was paid."}}'


def endpoint_of(row: WebhookEndpointRow) -> KeptEndpoint:
    """An endpoint as its merchant keeps it."""
    return KeptEndpoint(
        endpoint_id=row.endpoint_id,
        merchant_id=row.merchant_id,
        shop_id=row.shop_id,
        url=row.url,
        events=frozenset(EventType(word) for word in json.loads(row.events)),
        state=EndpointState(row.state),
        secret=row.secret,
        made_by=row.made_by,
        made_at=row.made_at,
        old_secret=row.old_secret,
        old_until=row.old_until,
    )


def _events(endpoint: KeptEndpoint) -> str:
    return json.dumps(sorted(event.value for event in endpoint.events))


def _append(action: str, endpoint: KeptEndpoint, actor: Actor, at: datetime, **detail: str | int) -> None:
    """The address stands in the trail without what follows its host: owners put secrets there."""
    entry = AuditEntry(
        actor=actor.username,
        role=actor.role,
        action=action,
        merchant_id=endpoint.merchant_id,
        object_kind="webhook_endpoint",
        object_id=endpoint.endpoint_id,
        reason=actor.reason.strip(),
        detail={"host": endpoint.url.partition("://")[2].partition("/")[0], **detail},
    )
    append(entry, at=at)


class WebhookRows:
    """See WebhookBook."""

    def recall(self, merchant_id: str, endpoint_id: str) -> KeptEndpoint | None:
        """See WebhookBook."""
        row = _standing(merchant_id).filter(endpoint_id=endpoint_id).first()
        return None if row is None else endpoint_of(row)

    def count(self, merchant_id: str) -> int:
        """See WebhookBook."""
        return int(_standing(merchant_id).count())

    def add(self, endpoint: KeptEndpoint, key: WrappedKey, key_id: str, actor: Actor) -> None:
        """See WebhookBook."""
        with transaction.atomic():
            WebhookEndpointRow.objects.create(
                endpoint_id=endpoint.endpoint_id,
                merchant_id=endpoint.merchant_id,
                shop_id=endpoint.shop_id,
                url=endpoint.url,
                events=_events(endpoint),
                state=endpoint.state.value,
                secret=endpoint.secret,
                made_by=endpoint.made_by,
                made_at=endpoint.made_at,
            )
            _record(endpoint, key, key_id, actor, endpoint.made_at)
            _append("webhook_added", endpoint, actor, endpoint.made_at)

    def change(self, before: KeptEndpoint, after: KeptEndpoint, action: str, actor: Actor, at: datetime) -> bool:
        """See WebhookBook."""
        columns: dict[str, object] = {
            "url": after.url,
            "shop_id": after.shop_id,
            "events": _events(after),
            "state": after.state.value,
        }
        if after.state is EndpointState.ACTIVE:
            columns |= {
                "failures": 0,
                "failing_since": None,
                "rests_until": None,
                "disabled_at": None,
                "disabled_why": "",
            }
        with transaction.atomic():
            rows = _standing(before.merchant_id).filter(endpoint_id=before.endpoint_id, state=before.state.value)
            if not rows.update(**columns):
                return False
            _append(action, after, actor, at)
        return True

    def renew(self, endpoint: KeptEndpoint, key: WrappedKey, key_id: str, actor: Actor, at: datetime) -> None:
        """See WebhookBook."""
        with transaction.atomic():
            _standing(endpoint.merchant_id).filter(endpoint_id=endpoint.endpoint_id).update(
                secret=endpoint.secret, old_secret=endpoint.old_secret, old_until=endpoint.old_until
            )
            _record(endpoint, key, key_id, actor, at)
            _append("webhook_secret_renewed", endpoint, actor, at, check_value=key.kcv)

    def add_test(self, endpoint: KeptEndpoint, event_id: str, actor: Actor, at: datetime) -> None:
        """See WebhookBook."""
        with transaction.atomic():
            WebhookEventRow.objects.create(
                event_id=event_id,
                merchant_id=endpoint.merchant_id,
                shop_id="",
                endpoint_id=endpoint.endpoint_id,
                type=EventType.TEST.value,
                at=at,
                subject="",
                version=0,
                data=TEST_DATA.format(merchant_id=endpoint.merchant_id),
            )
            _append("webhook_tested", endpoint, actor, at)

    def ask_again(self, endpoint: KeptEndpoint, number: int, actor: Actor, at: datetime) -> bool:
        """See WebhookBook."""
        with transaction.atomic():
            rows = WebhookDeliveryRow.objects.filter(endpoint_id=endpoint.endpoint_id, number=number)
            due = {"state": DeliveryState.WAITING.value, "tries": 0, "due_at": at, "expires_at": at + TOLD_FOR}
            if not rows.update(**due):
                return False
            WebhookEndpointRow.objects.filter(endpoint_id=endpoint.endpoint_id).update(rests_until=None)
            _append("webhook_told_again", endpoint, actor, at, number=number)
        return True


def _standing(merchant_id: str) -> Any:
    """The rows of a merchant's endpoints that were not removed."""
    return WebhookEndpointRow.objects.filter(merchant_id=merchant_id).exclude(state=EndpointState.REMOVED.value)


def _record(endpoint: KeptEndpoint, key: WrappedKey, key_id: str, actor: Actor, at: datetime) -> None:
    """The inventory knows a secret by its endpoint's last characters and its check value: at most 32 of them."""
    name = f"wh-{endpoint.endpoint_id[-18:]}-{key.kcv}"
    record_key(key_id, name, key, Origin.GENERATED, at, by=actor.username)
