"""Which API keys a merchant may have made."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from support import world
from xiaopos.kernel.ids import MerchantId, ShopId
from xiaopos.merchants.api_access import LABEL_MOST, OPEN_MOST, ApiKey, Scope
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.keep_api_keys import KeyDraft, KeyFault, NewKey, make_key, revoke_key

TEA = MerchantId(world.TEA)
NOW = datetime(2026, 3, 14, 4, tzinfo=UTC)
LIN = Actor("lin", "owner", "")
DRAFT = KeyDraft(TEA, "front till", ShopId("tea-1"), frozenset({Scope.TAKE}), 90)


@dataclass
class Book:
    """A pretend KeyBook."""

    made: list[NewKey] = field(default_factory=list)
    open: int = 0

    def open_keys(self, merchant_id: MerchantId, at: datetime) -> int:
        """See KeyBook."""
        return self.open

    def make(self, key: NewKey, actor: Actor) -> tuple[ApiKey, str]:
        """See KeyBook."""
        self.made.append(key)
        return ApiKey("xp_1", key.merchant_id, key.shop_id, key.scopes), "xp_1_text"

    def revoke(self, merchant_id: MerchantId, prefix: str, actor: Actor, at: datetime) -> bool:
        """See KeyBook."""
        return (merchant_id, prefix) == (TEA, "xp_1")


def test_a_key_is_made_as_it_was_asked_for() -> None:
    book = Book(open=OPEN_MOST - 1)
    made = make_key(replace(DRAFT, label="  front   till "), ["tea-1"], LIN, NOW, book)
    assert made == (ApiKey("xp_1", TEA, ShopId("tea-1"), frozenset({Scope.TAKE})), "xp_1_text")
    expected = NewKey(TEA, "front till", ShopId("tea-1"), frozenset({Scope.TAKE}), NOW, NOW + timedelta(days=90))
    assert book.made == [expected]


def test_a_key_of_every_shop_may_have_no_end() -> None:
    book = Book()
    make_key(replace(DRAFT, shop_id=ShopId(""), days=0), [], LIN, NOW, book)
    assert (book.made[0].shop_id, book.made[0].expires_at) == ("", None)


@pytest.mark.parametrize(
    ("draft", "fault"),
    [
        (replace(DRAFT, label=" "), KeyFault.LABEL_WRONG),
        (replace(DRAFT, label="x" * (LABEL_MOST + 1)), KeyFault.LABEL_WRONG),
        (replace(DRAFT, label="a\x00b"), KeyFault.LABEL_WRONG),
        (replace(DRAFT, scopes=frozenset()), KeyFault.SCOPE_MISSING),
        (replace(DRAFT, shop_id=ShopId("tea-2")), KeyFault.SHOP_UNKNOWN),
        (replace(DRAFT, days=7), KeyFault.LIFETIME_WRONG),
        (DRAFT, KeyFault.TOO_MANY),
    ],
)
def test_what_may_not_be_is_said_by_name(draft: KeyDraft, fault: KeyFault) -> None:
    book = Book(open=OPEN_MOST)
    assert make_key(draft, ["tea-1"], LIN, NOW, book) is fault
    assert book.made == []


def test_a_key_is_taken_back_once() -> None:
    assert revoke_key(TEA, "xp_1", LIN, NOW, Book()) is None
    assert revoke_key(TEA, "xp_2", LIN, NOW, Book()) is KeyFault.KEY_UNKNOWN
