"""What pages read of webhooks: endpoints with how they stand, deliveries, attempts; the house's public pair.

What may live here: queries, each returning frozen values. What may not: writing, words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from xiaopos.merchants.webhooks import DeliveryState, EndpointState, Outcome
from xiaopos.store.webhooks.book import endpoint_of
from xiaopos.store.webhooks.models import WebhookAttemptRow, WebhookDeliveryRow, WebhookEndpointRow, WebhookEventRow
from xiaopos.usecases.keep_webhooks import KeptEndpoint

PAGE = 30


@dataclass(frozen=True, slots=True)
class EndpointLine:
    """An endpoint, and how it stands: what waits for it, what was given up, since when it fails."""

    endpoint: KeptEndpoint
    waiting: int
    given_up: int
    failures: int
    failing_since: datetime | None
    rests_until: datetime | None
    disabled_at: datetime | None
    disabled_why: str


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """One event for one endpoint, and how far its telling is. `outcome` is the last attempt's; None before the first."""

    number: int
    event_id: str
    type: str
    at: datetime
    subject: str
    state: DeliveryState
    attempts: int
    tried_at: datetime | None
    due_at: datetime
    outcome: Outcome | None
    status: int
    data: str


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """One attempt."""

    attempt: int
    at: datetime
    outcome: Outcome
    status: int
    took_ms: int
    said: str


def endpoints_of(merchant_id: str) -> list[EndpointLine]:
    """A merchant's endpoints, the oldest first."""
    rows = WebhookEndpointRow.objects.filter(merchant_id=merchant_id).exclude(state=EndpointState.REMOVED.value)
    return _lines(list(rows.order_by("made_at", "endpoint_id")))


def endpoint_line(merchant_id: str, endpoint_id: str) -> EndpointLine | None:
    """One of them."""
    return next((line for line in endpoints_of(merchant_id) if line.endpoint.endpoint_id == endpoint_id), None)


def _lines(rows: Sequence[WebhookEndpointRow]) -> list[EndpointLine]:
    counted = (
        WebhookDeliveryRow.objects.filter(endpoint_id__in=[row.endpoint_id for row in rows])
        .values_list("endpoint_id")
        .annotate(
            waiting=Count("number", filter=Q(state=DeliveryState.WAITING.value)),
            given_up=Count("number", filter=Q(state=DeliveryState.GIVEN_UP.value)),
        )
        .order_by()
    )
    counts = {endpoint_id: (waiting, given_up) for endpoint_id, waiting, given_up in counted}
    return [
        EndpointLine(
            endpoint_of(row),
            *counts.get(row.endpoint_id, (0, 0)),
            row.failures,
            row.failing_since,
            row.rests_until,
            row.disabled_at,
            row.disabled_why,
        )
        for row in rows
    ]


def disabled_endpoints(merchant_id: str) -> int:
    """How many of a merchant's endpoints the house has stopped telling."""
    return WebhookEndpointRow.objects.filter(merchant_id=merchant_id, state=EndpointState.DISABLED.value).count()


def deliveries_of(endpoint_id: str, *, page: int) -> tuple[list[DeliveryLine], bool]:
    """A page of an endpoint's deliveries, the newest first, and whether there are older ones."""
    start = (page - 1) * PAGE
    rows = list(
        WebhookDeliveryRow.objects.filter(endpoint_id=endpoint_id).order_by("-number")[start : start + PAGE + 1]
    )
    return _deliveries(rows[:PAGE]), len(rows) > PAGE


def delivery(endpoint_id: str, number: int) -> tuple[DeliveryLine, list[AttemptLine]] | None:
    """One delivery with its attempts, the newest first."""
    lines = _deliveries(list(WebhookDeliveryRow.objects.filter(endpoint_id=endpoint_id, number=number)))
    if not lines:
        return None
    tried = WebhookAttemptRow.objects.filter(endpoint_id=endpoint_id, number=number).order_by("-attempt")[:100]
    return lines[0], [
        AttemptLine(row.attempt, row.at, Outcome(row.outcome), row.status, row.took_ms, row.said) for row in tried
    ]


def _deliveries(rows: Sequence[WebhookDeliveryRow]) -> list[DeliveryLine]:
    events = WebhookEventRow.objects.in_bulk([row.event_seq for row in rows])
    return [
        DeliveryLine(
            row.number,
            event.event_id,
            event.type,
            event.at,
            event.subject,
            DeliveryState(row.state),
            row.attempts,
            row.tried_at,
            row.due_at,
            Outcome(row.outcome) if row.outcome else None,
            row.status,
            event.data,
        )
        for row in rows
        if (event := events.get(row.event_seq)) is not None
    ]
