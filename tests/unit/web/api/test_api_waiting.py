"""A till that waits for news of a payment: it hears it when it is there, and never holds more places than there are."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from support.api_counter import Counter
from support.pretend_channels import Mood
from xiaopos.web.api import waiting
from xiaopos.web.api.waiting import Waiting

LONG_S = 60


def test_news_is_told_when_it_is_there(counter: Counter) -> None:
    numbers = iter(range(10))
    patient = Waiting(longest_s=LONG_S)
    assert patient.until(lambda number: number >= 2, lambda: next(numbers), wait_s=LONG_S) == 2
    assert counter.key


def test_whoever_will_not_wait_is_answered_at_once() -> None:
    assert Waiting().until(lambda _: False, lambda: "old", wait_s=0) == "old"


def test_the_time_has_an_end() -> None:
    assert Waiting(longest_s=0.01).until(lambda _: False, lambda: "old", wait_s=LONG_S) == "old"


def test_whoever_finds_no_place_is_answered_at_once() -> None:
    inside, leave = threading.Event(), threading.Event()
    room = Waiting(places=1, longest_s=LONG_S)

    def look() -> bool:
        inside.set()
        return leave.is_set()

    first = threading.Thread(target=lambda: room.until(bool, look, wait_s=LONG_S))
    first.start()
    assert inside.wait(LONG_S)
    looked: list[int] = []
    while len(looked) != 1:  # the first may still be on its way to its place
        looked.clear()
        room.until(lambda _: len(looked) > 1, lambda: looked.append(1), wait_s=LONG_S)
    leave.set()
    first.join(LONG_S)
    assert room.until(bool, look, wait_s=LONG_S) is True


def news_after(looks: int, tell: Callable[[], object]) -> Waiting:
    """Waiting in which something happens in the house before the nth look."""

    class Told(Waiting):
        def until(self, enough, look, *, wait_s):
            count = iter(range(looks))

            def looking():
                if next(count, None) == looks - 1:
                    tell()
                return look()

            return super().until(enough, looking, wait_s=wait_s)

    return Told(longest_s=LONG_S)


@pytest.mark.parametrize("query", ["?wait_s=20", "?wait_s=20&after_version={version}"])
def test_a_till_waits_for_what_becomes_of_a_shown_code(counter: Counter, query: str) -> None:
    body = counter.shown()
    shown = counter.takes(body).json()
    path = f"/payments/{shown['payment_id']}"
    before = waiting.install(news_after(2, lambda: counter.call("POST", f"{path}/cancel")))
    try:
        news = counter.call("GET", path + query.format(version=shown["version"])).json()
    finally:
        waiting.install(before)
    assert news["version"] > shown["version"]
    assert news["state"] in ("reversing", "reversed")


def test_what_is_known_is_not_waited_for(counter: Counter) -> None:
    taken = counter.takes().json()
    before = waiting.install(Waiting(longest_s=LONG_S))
    try:
        for query in ("?wait_s=25", f"?wait_s=25&after_version={taken['version'] - 1}"):
            assert counter.call("GET", f"/payments/{taken['payment_id']}{query}").json() == taken
        assert counter.call("GET", f"/payments/{'f' * 32}?wait_s=25").status_code == 404
    finally:
        waiting.install(before)


def test_an_unknown_outcome_is_waited_for_and_told_as_it_is_when_the_time_is_over(counter: Counter) -> None:
    counter.wallet.moods.append(Mood.LOSE_ANSWER)
    taken = counter.takes().json()
    response = counter.call("GET", f"/payments/{taken['payment_id']}?wait_s=20")
    assert (response.status_code, response.json()["state"]) == (200, "unknown")


@pytest.mark.parametrize(
    "query", ["wait_s=26", "wait_s=-1", "wait_s=soon", "after_version=-1", "after_version=null", "until=paid"]
)
def test_a_wrong_wait_is_named(counter: Counter, query: str) -> None:
    response = counter.call("GET", f"/payments/{counter.took()}?{query}")
    assert (response.status_code, response.json()["reason"]) == (400, "request_wrong")
    assert response.json()["fields"][0]["field"] == query.split("=")[0]
