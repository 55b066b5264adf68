"""The messenger: signs a delivery and sends it.

What may live here: the Messenger role. What may not: when something is tried again, storage.
"""

from __future__ import annotations

from xiaopos.gateways.webhooks.line import WebhookLine
from xiaopos.gateways.webhooks.messages import body_of, headers_of
from xiaopos.gateways.webhooks.signing import signature_of, signed_text
from xiaopos.kernel.clock import Clock
from xiaopos.keys import Vault, WrappedKey
from xiaopos.merchants.webhooks import Outcome, url_fault
from xiaopos.usecases.tell_merchant import Attempt, Delivery, Endpoint


class WebhookMessenger:
    """See Messenger. `pair` is the house's Ed25519 pair; None where it has none, then only the secrets sign."""

    def __init__(self, line: WebhookLine, *, vault: Vault, pair: WrappedKey | None, clock: Clock, demo: bool) -> None:
        self._line = line
        self._vault = vault
        self._pair = pair
        self._clock = clock
        self._demo = demo

    async def start(self) -> None:
        """Open the line."""
        await self._line.start()

    async def stop(self) -> None:
        """Close the line."""
        await self._line.stop()

    async def tell(self, endpoint: Endpoint, delivery: Delivery) -> Attempt:
        """See Messenger. An address that the house would not take today is not told, whoever took it."""
        now = self._clock.now()
        if url_fault(endpoint.url, demo=self._demo) is not None:
            return Attempt(now, Outcome.ADDRESS_FORBIDDEN)
        timestamp, body = int(now.timestamp()), body_of(endpoint, delivery)
        text = signed_text(delivery.event_id, timestamp, body)
        headers = headers_of(delivery, timestamp, signature_of(text, endpoint.secrets, self._pair, self._vault))
        answer = await self._line.post(endpoint.url, body, headers)
        return Attempt(now, answer.outcome, answer.status, answer.took_ms, answer.said, answer.retry_after_s)
