"""How often a key may call, and what it is told of its limit."""

from __future__ import annotations

from dataclasses import dataclass

from support.api_counter import START, TODAY, Counter
from support.world import TEA
from xiaopos.store.api_keys.keys import make_api_key
from xiaopos.web.api import limits
from xiaopos.web.api.limits import MOST_NAMES, Limits


@dataclass
class Tick:
    """A clock that stands until it is moved."""

    s: float = 1000.0

    def __call__(self) -> float:
        return self.s


def test_so_many_at_once_and_so_many_a_second() -> None:
    tick = Tick()
    bucket = Limits(at_once=3, per_s=2, tick=tick)
    assert [bucket.take("a").left for _ in range(3)] == [2, 1, 0]
    refused = bucket.take("a")
    assert (refused.allowed, refused.left, refused.wait_s, refused.full_in_s) == (False, 0, 1, 2)
    assert bucket.take("b").allowed
    tick.s += 0.5
    assert bucket.take("a").allowed
    assert not bucket.take("a").allowed
    tick.s += 1.5
    assert [bucket.take("a").allowed for _ in range(4)] == [True, True, True, False]


def test_slow_limits_say_how_long_to_wait() -> None:
    bucket = Limits(at_once=1, per_s=0.1, tick=Tick())
    assert bucket.take("a").window_s == 10
    assert bucket.take("a").wait_s == 10


def test_names_that_rest_are_forgotten() -> None:
    tick = Tick()
    bucket = Limits(at_once=1, per_s=1, tick=tick)
    for number in range(MOST_NAMES):
        bucket.take(str(number))
    tick.s += 60
    bucket.take("last")
    assert len(bucket._full_at) == 1


def test_a_key_that_calls_too_often_is_told_to_wait(counter: Counter) -> None:
    before = limits.install(Limits(at_once=2, per_s=0.01, tick=Tick()))
    try:
        path = f"/payments?business_on={TODAY}"
        first = counter.call("GET", path)
        assert (first.status_code, first["RateLimit"]) == (200, '"key";r=1;t=100')
        assert first["RateLimit-Policy"] == '"key";q=2;w=200'
        assert counter.call("GET", f"{path}&limit=0")["RateLimit"] == '"key";r=0;t=200'
        response = counter.takes()
        problem = response.json()
        assert (response.status_code, problem["reason"], problem["money_moved"]) == (429, "api_too_fast", "no")
        assert response["Retry-After"] == "100"
        assert counter.wallet.takings == 0
        _, other = make_api_key(TEA, ["read"], at=START)
        assert counter.call("GET", path, key=other).status_code == 200
        assert counter.call("GET", path, key="xp_wrong").status_code == 401
    finally:
        limits.install(before)
