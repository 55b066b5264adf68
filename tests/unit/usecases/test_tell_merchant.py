"""What each attempt means for the next: tried for three days, left alone when it fails, stopped when it fails for long."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from support.channels import Shop
from support.webhooks import a_delivery, an_endpoint
from xiaopos.merchants.webhooks import TOLD_FOR, DeliveryState, Outcome
from xiaopos.usecases.tell_merchant import FAILING_FOR, Attempt, Delivery, Endpoint, Verdict, judge, tell_merchant

SHOP = Shop()
NOW = SHOP.clock.now()
EXPIRES = NOW + TOLD_FOR


def verdict(outcome: Outcome, *, tries: int = 0, expires_at: datetime = EXPIRES, failures: int = 0,
            since: datetime | None = None, retry_after_s: int = 0) -> Verdict:  # fmt: skip
    endpoint = an_endpoint(SHOP.vault, "https://x.example.com", SHOP.clock, failures=failures, failing_since=since)
    delivery = a_delivery(SHOP.clock, tries=tries, expires_at=expires_at)
    return judge(endpoint, delivery, Attempt(NOW, outcome, retry_after_s=retry_after_s), 0)


def test_what_was_taken_is_done_and_ends_every_trouble() -> None:
    assert verdict(Outcome.DELIVERED, failures=9, since=NOW) == Verdict(DeliveryState.DELIVERED, NOW, 0, None, None)


def test_what_failed_is_tried_again_later_and_later() -> None:
    first, third = verdict(Outcome.REFUSED), verdict(Outcome.TOO_SLOW, tries=2, failures=2, since=NOW)
    assert (first.state, first.due_at, first.failures, first.failing_since) == (
        DeliveryState.WAITING, NOW + timedelta(seconds=5), 1, NOW,
    )  # fmt: skip
    assert first.rests_until is None
    assert third.due_at == NOW + timedelta(seconds=120)
    assert third.rests_until == NOW + timedelta(seconds=5)


def test_an_endpoint_that_names_a_time_is_asked_then() -> None:
    asked = verdict(Outcome.REFUSED, retry_after_s=90)
    assert asked.due_at == asked.rests_until == NOW + timedelta(seconds=90)
    assert verdict(Outcome.REFUSED, retry_after_s=10**8).due_at == NOW + timedelta(hours=1)


def test_the_last_try_is_at_the_end_of_three_days_and_then_it_is_given_up() -> None:
    assert verdict(Outcome.REFUSED, tries=20, expires_at=NOW + timedelta(minutes=1)).due_at == NOW + timedelta(
        minutes=1
    )
    assert verdict(Outcome.REFUSED, tries=20, expires_at=NOW).state is DeliveryState.GIVEN_UP


def test_an_endpoint_is_disabled_when_it_failed_for_three_days_or_wants_no_more() -> None:
    long_ago = NOW - FAILING_FOR
    assert verdict(Outcome.REFUSED, failures=9, since=long_ago, expires_at=NOW).disabled_why == "failing"
    assert verdict(Outcome.REFUSED, failures=3, since=long_ago, expires_at=NOW).disabled_why == ""
    assert verdict(Outcome.REFUSED, failures=99, since=NOW - timedelta(days=1), expires_at=NOW).disabled_why == ""
    assert verdict(Outcome.REFUSED, failures=99, since=long_ago).disabled_why == "", "what waits is tried to its end"
    gone = verdict(Outcome.GONE)
    assert (gone.disabled_why, gone.state) == ("gone", DeliveryState.GIVEN_UP)


class PretendQueue:
    """Deliveries in memory; `lost` is a lease that has passed to another."""

    def __init__(self, *deliveries: Delivery) -> None:
        self.deliveries = deliveries
        self.noted: list[tuple[int, Outcome]] = []
        self.released = 0
        self.lost = False

    async def due(self, endpoint: Endpoint, now: datetime, most: int) -> Sequence[Delivery]:
        assert endpoint.endpoint_id
        assert now
        return self.deliveries[:most]

    async def note(self, endpoint: Endpoint, delivery: Delivery, attempt: Attempt, verdict: Verdict) -> bool:
        assert endpoint.failures == len([one for _, one in self.noted if one is not Outcome.DELIVERED])
        assert verdict.due_at
        self.noted.append((delivery.number, attempt.outcome))
        return not self.lost

    async def release(self, endpoint: Endpoint) -> None:
        assert endpoint.leased_by
        self.released += 1


class PretendMessenger:
    """Answers with the outcomes that it was given; an exception is raised."""

    def __init__(self, *outcomes: Outcome | Exception) -> None:
        self.outcomes = list(outcomes)

    async def tell(self, endpoint: Endpoint, delivery: Delivery) -> Attempt:
        assert endpoint.url
        assert delivery.data
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return Attempt(NOW, outcome)


def telling(queue: PretendQueue, *outcomes: Outcome | Exception, lease: timedelta = timedelta(minutes=1)) -> int:
    endpoint = an_endpoint(SHOP.vault, "https://x.example.com", SHOP.clock, lease_until=NOW + lease)
    return len(asyncio.run(tell_merchant(endpoint, queue, PretendMessenger(*outcomes), SHOP.clock, lambda: 0)))


def deliveries(count: int) -> list[Delivery]:
    return [a_delivery(SHOP.clock, number=number, expires_at=EXPIRES) for number in range(1, count + 1)]


def test_an_endpoint_is_told_in_order() -> None:
    queue = PretendQueue(*deliveries(3))
    assert telling(queue, *[Outcome.DELIVERED] * 3) == 3
    assert [number for number, _ in queue.noted] == [1, 2, 3]
    assert queue.released == 1


def test_after_three_failures_in_a_row_the_rest_is_left_for_later() -> None:
    queue = PretendQueue(*deliveries(5))
    assert telling(queue, *[Outcome.REFUSED] * 5) == 3


def test_nothing_is_begun_at_the_end_of_a_lease() -> None:
    queue = PretendQueue(*deliveries(2))
    assert telling(queue, lease=timedelta(seconds=20)) == 0
    assert queue.released == 1


def test_who_lost_the_lease_stops() -> None:
    queue = PretendQueue(*deliveries(2))
    queue.lost = True
    assert telling(queue, Outcome.DELIVERED, Outcome.DELIVERED) == 0
    assert len(queue.noted) == 1


def test_what_cannot_be_signed_leaves_the_endpoint_free() -> None:
    queue = PretendQueue(*deliveries(1))
    with pytest.raises(RuntimeError):
        telling(queue, RuntimeError("no vault"))
    assert (queue.noted, queue.released) == ([], 1)
