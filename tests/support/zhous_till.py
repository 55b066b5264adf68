"""Zhou's till, calling the cashier's views in process: the real books over SQLite, a pretend wallet behind.

What may live here: the till that calls. What may not: what a test expects.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.urls import reverse

from support.api_counter import Counter

APPROVAL = "246810"


@dataclass
class Till:
    """Zhou at the counter. `house` can be slow or stuck, `wallet` has moods."""

    counter: Counter
    client: Client

    def posts(self, name: str, *args: str, body: Any = None, **form: str) -> Any:
        """Send a JSON body, or a form when there is none."""
        address = reverse(name, args=args)
        if body is None:
            return self.client.post(address, form)
        return self.client.post(address, body, content_type="application/json")

    def takes(self, **parts: Any) -> Any:
        """Take a payment of 12.50 by a code that the shop shows."""
        body = {"payment_id": self.counter.new_id(), "amount_minor": 1250, "means": "shop_code"} | parts
        return self.posts("cashier_take", body=body)

    def took(self) -> str:
        """The id of a payment that Mei's code has just paid."""
        paid = self.takes(means="payer_code", code="990000000000000001").json()
        assert paid["outcome"] == "approved"
        return str(paid["payment_id"])
