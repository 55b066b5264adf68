"""Keys over time: when they expire, when they were last used, and what their owner sees of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from support.api_counter import START, TODAY, Counter
from support.world import BOOKS, TEA
from xiaopos.store.api_keys.keys import USE_NOTED_EVERY, api_keys_of, find_api_key, make_api_key, revoke_api_key

DAY = timedelta(days=1)


def last_used(prefix: str) -> datetime | None:
    return next(line.last_used_at for line in api_keys_of(TEA) if line.key.prefix == prefix)


def test_a_key_opens_nothing_once_it_has_expired(counter: Counter) -> None:
    assert counter.key
    key, text = make_api_key(TEA, ["read"], at=START, expires_at=START + DAY)
    assert find_api_key(text, at=START + DAY - timedelta(seconds=1)) == key
    assert find_api_key(text, at=START + DAY) is None


def test_the_door_looks_at_the_clock(counter: Counter) -> None:
    path, now = f"/payments?business_on={TODAY}", timezone.now()
    _, alive = make_api_key(TEA, ["read"], at=now, expires_at=now + DAY)
    _, dead = make_api_key(TEA, ["read"], at=now, expires_at=now - DAY)
    assert counter.call("GET", path, key=alive).status_code == 200
    assert counter.call("GET", path, key=dead).status_code == 401


def test_a_keys_use_is_noted_once_a_minute(counter: Counter) -> None:
    assert counter.key
    key, text = make_api_key(TEA, ["read"], at=START)
    assert last_used(key.prefix) is None
    find_api_key(text, at=START)
    find_api_key(text, at=START + USE_NOTED_EVERY / 2)
    assert last_used(key.prefix) == START
    find_api_key(text, at=START + USE_NOTED_EVERY)
    assert last_used(key.prefix) == START + USE_NOTED_EVERY


def test_an_owner_sees_every_key_of_the_shop_and_no_other(counter: Counter) -> None:
    assert counter.key
    key, _ = make_api_key(
        TEA, ["take"], shop_id="shop-10000001", made_by="lin", at=START + DAY, expires_at=START + 2 * DAY
    )
    make_api_key(BOOKS, ["read"], at=START)
    first = api_keys_of(TEA)[0]
    assert (len(api_keys_of(TEA)), first.key, first.made_by, first.made_at) == (2, key, "lin", START + DAY)
    assert first.opens(START + DAY)
    assert not first.opens(START + 2 * DAY)
    revoke_api_key(TEA, key.prefix, at=START + DAY)
    assert api_keys_of(TEA)[0].revoked_at == START + DAY
    assert not api_keys_of(TEA)[0].opens(START + DAY)
