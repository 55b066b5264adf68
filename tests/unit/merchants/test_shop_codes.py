"""Shops' codes: their tokens, amounts as they are keyed in, and when an order may be begun once more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from xiaopos.kernel.ids import MerchantId, PaymentId, ShopId, TerminalId
from xiaopos.kernel.money import Money
from xiaopos.merchants.shop_codes import (
    ORDER_LIVES,
    TRIES_MOST,
    ShopOrder,
    Tried,
    is_token,
    read_amount,
    token_of,
)

NOON = datetime(2026, 3, 14, 4, 0, tzinfo=UTC)


def test_a_token_holds_its_random_bits_in_letters_that_are_not_confused() -> None:
    tokens = {token_of(bytes(16) + bytes([number])) for number in range(256)}
    assert len(tokens) == 256
    assert all(is_token(token) for token in tokens)
    assert not set("".join(tokens)) & set("ilou")
    with pytest.raises(ValueError):
        token_of(bytes(16))


@pytest.mark.parametrize("text", ["", "0" * 25, "0" * 27, "I" * 26, "0" * 25 + "/", "0" * 26 + "\n"])
def test_what_is_no_token_is_known_at_once(text: str) -> None:
    assert not is_token(text)


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("12", 1200),
        ("12.5", 1250),
        (" 12.50 ", 1250),
        ("0.01", 1),
        ("1,234.50", 123450),
        ("", None),
        ("0", None),
        ("0.00", None),
        ("-1", None),
        ("1e3", None),
        ("12.345", None),
        ("１２", None),
        ("9999999999", None),
    ],
)
def test_an_amount_is_read_as_people_key_it_in(text: str, minor: int | None) -> None:
    assert read_amount(text, "CNY") == (None if minor is None else Money(minor))


def test_a_currency_without_decimals_takes_none() -> None:
    assert read_amount("7", "JPY") == Money(7, "JPY")
    assert read_amount("7.5", "JPY") is None


def test_an_order_may_be_begun_while_it_is_open_unpaid_and_not_too_often() -> None:
    order = ShopOrder(
        order_id="1" * 32,
        token="0" * 26,
        code="",
        merchant_id=MerchantId("898110058120001"),
        shop_id=ShopId("tea"),
        terminal_id=TerminalId("10000001"),
        amount=Money(100),
        made_at=NOON,
        expires_at=NOON + ORDER_LIVES,
    )
    tried = Tried(PaymentId("2" * 32), PaymentId("3" * 32), "alipay", NOON)
    assert order.takes_more(NOON)
    assert not order.takes_more(NOON + ORDER_LIVES)
    assert not replace(order, kept="2" * 32).takes_more(NOON)
    assert not replace(order, closed_at=NOON).takes_more(NOON)
    assert not replace(order, tries=(tried,) * TRIES_MOST).takes_more(NOON)
    newer = replace(tried, made_at=NOON + timedelta(seconds=1))
    both = replace(order, tries=(tried, newer, replace(tried, wallet="wechat")))
    assert both.newest("alipay") == newer
    assert both.newest("sandbox") is None
