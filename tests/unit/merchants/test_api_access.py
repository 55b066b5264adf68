"""Whom a key lets see what."""

from __future__ import annotations

import pytest

from xiaopos.kernel.ids import MerchantId, ShopId
from xiaopos.merchants.api_access import ApiKey, Scope


@pytest.mark.parametrize(
    ("key_shop", "merchant", "shop", "reached"),
    [("", "tea", "a", True), ("a", "tea", "a", True), ("a", "tea", "b", False), ("", "noodles", "a", False)],
)
def test_a_key_reaches_its_own_merchant_and_shop(key_shop: str, merchant: str, shop: str, reached: bool) -> None:
    key = ApiKey("xp_1", MerchantId("tea"), ShopId(key_shop), frozenset({Scope.READ}))
    assert key.reaches(merchant, shop) is reached
