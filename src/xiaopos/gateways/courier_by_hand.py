"""A courier whose number and news people write down: for whoever has no courier's service, or another one for once.

What may live here: that adapter of usecases.follow_delivery.Courier. What may not: a service's own protocol, rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from xiaopos.usecases.follow_delivery import CourierNews, ParcelAsk

BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class CourierByHand:
    """A courier that somebody called: `tracking` is the number on its slip."""

    tracking: str
    name: str = BY_HAND

    def take(self, ask: ParcelAsk, at: datetime) -> str:  # noqa: ARG002 - all couriers are asked alike
        """See Courier: the number that was written down."""
        return self.tracking

    def news_of(self, tracking: str, now: datetime) -> Sequence[CourierNews]:  # noqa: ARG002 - all couriers are asked alike
        """See Courier: nobody but people tells any."""
        return ()
