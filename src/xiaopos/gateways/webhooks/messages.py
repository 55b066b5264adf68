"""What is sent to an endpoint: the body, the same bytes at every attempt, and the headers around it.

What may live here: their form. What may not: signatures, HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec import Raw, Struct

from xiaopos.usecases.tell_merchant import Delivery, Endpoint

AGENT = "xiaopos-webhooks/1"


class Message(Struct, frozen=True):
    """The body. `sequence` counts an endpoint's messages without a gap; `endpoint` says for whom it was signed."""

    type: str
    timestamp: datetime
    id: str
    endpoint: str
    sequence: int
    data: Raw


def body_of(endpoint: Endpoint, delivery: Delivery) -> bytes:
    """The body of a delivery."""
    data = Raw(delivery.data.encode())
    message = Message(delivery.type, delivery.at, delivery.event_id, endpoint.endpoint_id, delivery.number, data)
    return msgspec.json.encode(message)


def headers_of(delivery: Delivery, timestamp: int, signature: str) -> Mapping[str, str]:
    """The headers of one attempt."""
    return {
        "content-type": "application/json",
        "user-agent": AGENT,
        "webhook-id": delivery.event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature,
    }
