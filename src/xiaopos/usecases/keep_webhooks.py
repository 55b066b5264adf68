"""Look after a merchant's endpoints: add, change, pause, start again, renew the secret, try, tell again, remove.

What may live here: those verbs, what is checked, the role of whoever keeps them. What may not: storage, HTTP, words (web).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Protocol

from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyUsage, Vault, WrappedKey
from xiaopos.merchants.webhooks import (
    ENDPOINT_LIFE,
    MOST_ENDPOINTS,
    OVERLAP,
    EndpointEvent,
    EndpointState,
    EventType,
    UrlFault,
    read_events,
    url_fault,
)
from xiaopos.usecases.actors import Actor

SECRET_BYTES = 32


class WebhookFault(Enum):
    """Why nothing was changed."""

    NO_URL = "no_url"
    NOT_HTTPS = "not_https"
    INSIDE = "inside"
    NO_EVENTS = "no_events"
    SHOP_UNKNOWN = "shop_unknown"
    TOO_MANY = "too_many"
    ENDPOINT_UNKNOWN = "endpoint_unknown"
    DELIVERY_UNKNOWN = "delivery_unknown"
    NOT_NOW = "not_now"
    """Its state does not allow it, or somebody else was first."""


_URL_FAULTS = {
    UrlFault.NO_URL: WebhookFault.NO_URL,
    UrlFault.NOT_HTTPS: WebhookFault.NOT_HTTPS,
    UrlFault.INSIDE: WebhookFault.INSIDE,
}


@dataclass(frozen=True, slots=True)
class KeptEndpoint:
    """An endpoint as its merchant keeps it. An empty `shop_id` means every shop; the secrets are wrapped keys as text."""

    endpoint_id: str
    merchant_id: str
    shop_id: str
    url: str
    events: frozenset[EventType]
    state: EndpointState
    secret: str = field(repr=False)
    made_by: str
    made_at: datetime
    old_secret: str = field(default="", repr=False)
    old_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class EndpointDraft:
    """What somebody enters. `shops` are the merchant's own."""

    merchant_id: str
    shop_id: str
    url: str
    events: Sequence[str]
    shops: Sequence[str]


@dataclass(frozen=True, slots=True)
class Workshop:
    """What secrets are made with: the vault that keeps them, random bytes, ids; whether this is a demo."""

    vault: Vault
    draw: Callable[[int], bytes]
    make_id: Callable[[datetime], str]
    demo: bool


@dataclass(frozen=True, slots=True)
class ShownOnce:
    """An endpoint and its new secret, which is shown now and never again."""

    endpoint: KeptEndpoint
    secret: Secret


class WebhookBook(Protocol):
    """Whoever keeps endpoints. Each change writes its line in the audit trail, and keys the inventory, all or nothing."""

    def recall(self, merchant_id: str, endpoint_id: str) -> KeptEndpoint | None:
        """One of a merchant's endpoints that was not removed."""
        ...

    def count(self, merchant_id: str) -> int:
        """How many endpoints a merchant has."""
        ...

    def add(self, endpoint: KeptEndpoint, key: WrappedKey, key_id: str, actor: Actor) -> None:
        """Write a new endpoint with the key that its secret is."""
        ...

    def change(self, before: KeptEndpoint, after: KeptEndpoint, action: str, actor: Actor, at: datetime) -> bool:
        """Write what has changed; False when it is no longer in the state that it was in. Starting again clears failures."""
        ...

    def renew(self, endpoint: KeptEndpoint, key: WrappedKey, key_id: str, actor: Actor, at: datetime) -> None:
        """Write an endpoint's new secret beside the old one."""
        ...

    def add_test(self, endpoint: KeptEndpoint, event_id: str, actor: Actor, at: datetime) -> None:
        """Write a test event for this endpoint alone."""
        ...

    def ask_again(self, endpoint: KeptEndpoint, number: int, actor: Actor, at: datetime) -> bool:
        """Make a delivery due now, for as long as a new one; False when there is none."""
        ...


def add_endpoint(
    draft: EndpointDraft, actor: Actor, at: datetime, *, book: WebhookBook, workshop: Workshop
) -> ShownOnce | WebhookFault:
    """Register an endpoint. Precedence: address, events, shop, how many there are. Raises KeyRefused."""
    events = _checked(draft, workshop)
    if isinstance(events, WebhookFault):
        return events
    if book.count(draft.merchant_id) >= MOST_ENDPOINTS:
        return WebhookFault.TOO_MANY
    secret, key = make_secret(workshop)
    endpoint = KeptEndpoint(
        workshop.make_id(at),
        draft.merchant_id,
        draft.shop_id,
        draft.url,
        events,
        ENDPOINT_LIFE.starts,
        key.text(),
        actor.username,
        at,
    )
    book.add(endpoint, key, workshop.make_id(at), actor)
    return ShownOnce(endpoint, secret)


def _checked(draft: EndpointDraft, workshop: Workshop) -> frozenset[EventType] | WebhookFault:
    fault = url_fault(draft.url, demo=workshop.demo)
    if fault is not None:
        return _URL_FAULTS[fault]
    events = read_events(draft.events)
    if events is None:
        return WebhookFault.NO_EVENTS
    return events if draft.shop_id in ("", *draft.shops) else WebhookFault.SHOP_UNKNOWN


def make_secret(workshop: Workshop) -> tuple[Secret, WrappedKey]:
    """A secret of 32 random bytes, and the key that it is in the vault. Raises KeyRefused."""
    one, other = workshop.draw(SECRET_BYTES), workshop.draw(SECRET_BYTES)
    key = workshop.vault.combine(
        components=[Secret(one), Secret(other)], usage=KeyUsage.ZAK, algorithm=KeyAlgorithm.HMAC256
    )
    return Secret(bytes(left ^ right for left, right in zip(one, other, strict=True))), key


def edit_endpoint(
    endpoint_id: str, draft: EndpointDraft, actor: Actor, at: datetime, *, book: WebhookBook, workshop: Workshop
) -> KeptEndpoint | WebhookFault:
    """Change where an endpoint is, of which shop and events it is told. What waits for it goes to the new address."""
    before = book.recall(draft.merchant_id, endpoint_id)
    if before is None:
        return WebhookFault.ENDPOINT_UNKNOWN
    events = _checked(draft, workshop)
    if isinstance(events, WebhookFault):
        return events
    after = replace(before, url=draft.url, shop_id=draft.shop_id, events=events)
    return after if book.change(before, after, "webhook_changed", actor, at) else WebhookFault.NOT_NOW


def move_endpoint(
    merchant_id: str, endpoint_id: str, event: EndpointEvent, actor: Actor, at: datetime, *, book: WebhookBook
) -> KeptEndpoint | WebhookFault:
    """Pause an endpoint, start it again or remove it."""
    before = book.recall(merchant_id, endpoint_id)
    if before is None:
        return WebhookFault.ENDPOINT_UNKNOWN
    if event is EndpointEvent.GIVE_UP or not ENDPOINT_LIFE.allows(before.state, event):
        return WebhookFault.NOT_NOW
    after = replace(before, state=ENDPOINT_LIFE.move(before.state, event))
    return after if book.change(before, after, f"webhook_{event.value}", actor, at) else WebhookFault.NOT_NOW


def renew_secret(
    merchant_id: str, endpoint_id: str, actor: Actor, at: datetime, *, book: WebhookBook, workshop: Workshop
) -> ShownOnce | WebhookFault:
    """Give an endpoint a new secret; the one that it had signs too for `OVERLAP`. Raises KeyRefused."""
    before = book.recall(merchant_id, endpoint_id)
    if before is None:
        return WebhookFault.ENDPOINT_UNKNOWN
    secret, key = make_secret(workshop)
    after = replace(before, secret=key.text(), old_secret=before.secret, old_until=at + OVERLAP)
    book.renew(after, key, workshop.make_id(at), actor, at)
    return ShownOnce(after, secret)


def send_test(
    merchant_id: str,
    endpoint_id: str,
    actor: Actor,
    at: datetime,
    *,
    book: WebhookBook,
    make_id: Callable[[datetime], str],
) -> WebhookFault | None:
    """Tell an endpoint something that did not happen, so that its owner sees whether it hears."""
    endpoint = book.recall(merchant_id, endpoint_id)
    if endpoint is None:
        return WebhookFault.ENDPOINT_UNKNOWN
    if endpoint.state is not EndpointState.ACTIVE:
        return WebhookFault.NOT_NOW
    book.add_test(endpoint, f"evt-test-{make_id(at)}", actor, at)
    return None


def tell_again(
    merchant_id: str, endpoint_id: str, number: int, actor: Actor, at: datetime, *, book: WebhookBook
) -> WebhookFault | None:
    """Tell an endpoint something again, under the same id and in the same words."""
    endpoint = book.recall(merchant_id, endpoint_id)
    if endpoint is None:
        return WebhookFault.ENDPOINT_UNKNOWN
    return None if book.ask_again(endpoint, number, actor, at) else WebhookFault.DELIVERY_UNKNOWN
