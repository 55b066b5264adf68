"""The webhooks of one process: who listens, which every process must know, and the courier, which the worker runs.

What may live here: building them. What may not: the protocol (gateways), rules.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from contextlib import AsyncExitStack

from xiaopos.deployment import Deployment
from xiaopos.gateways.webhooks import LineTerms, WebhookMessenger
from xiaopos.gateways.webhooks.line import WebhookLine
from xiaopos.hosts.webhook_courier import Courier, ListeningWatch
from xiaopos.kernel.clock import Clock
from xiaopos.keys import Vault, WrappedKey
from xiaopos.store.writer.books import BatchedBooks
from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.webhooks import DeliveryQueue, read_listening, spread_events

WEBHOOK_PAIR = "webhook_sign"
"""The house's key that signs what merchants are told: an Ed25519 pair. Without one only their own secrets sign."""


def books_that_tell(engine: Engine) -> tuple[BatchedBooks, ListeningWatch]:
    """The books, and the watch from which they know who listens: nobody, until it is started."""
    watch = ListeningWatch(functools.partial(read_listening, engine))
    return BatchedBooks(engine, listening=watch.listening), watch


async def open_courier(
    deployment: Deployment,
    closing: AsyncExitStack,
    *,
    vault: Vault,
    clock: Clock,
    engine: Engine,
    keys: Mapping[str, WrappedKey],
    process: str,
) -> Courier:
    """The courier, with its line open until the stack closes."""
    line = WebhookLine(LineTerms(demo=deployment.is_demo))
    messenger = WebhookMessenger(line, vault=vault, pair=keys.get(WEBHOOK_PAIR), clock=clock, demo=deployment.is_demo)
    closing.push_async_callback(messenger.stop)
    await messenger.start()
    return Courier(
        DeliveryQueue(engine), messenger, functools.partial(spread_events, engine), process=process, clock=clock
    )
