"""Payment codes in the dialects that terminals speak: sold, asked about before anything is taken back, and voided."""

from __future__ import annotations

import pytest

from support.card_counter import MEIS_CODE, TID, CardCounter
from support.pretend_channels import Mood
from support.world import TEA
from xiaopos.kernel.refusal import REASONS, Reason
from xiaopos.payments.payment import Kind, Payment
from xiaopos.payments.states import State
from xiaopos.wire.iso8583 import Message
from xiaopos.wire.iso8583.payer_code import PRIVATE, REGIONAL, UNIONPAY, PayerCodeDialect

CODE = {reason: row.response_code for reason, row in REASONS.items()}
DIALECTS = pytest.mark.parametrize("dialect", [UNIONPAY, REGIONAL, PRIVATE], ids=lambda dialect: dialect.key)


@pytest.fixture
def counter() -> CardCounter:
    made = CardCounter()
    assert made.signs_in().approved
    return made


def the_sale(counter: CardCounter) -> Payment:
    (found,) = [one for one in counter.world.books.payments.values() if one.kind is Kind.SALE]
    return found


def sells(counter: CardCounter, dialect: PayerCodeDialect, stan: int = 1) -> Message:
    fields: dict[int, str | bytes] = {4: "000000001250", 11: f"{stan:06d}", 41: TID, 42: TEA, 49: "156"}
    fields |= dialect.fields(MEIS_CODE, batch="000001", wallet="alipay")
    return told(counter, Message("0200", fields))


def told(counter: CardCounter, message: Message) -> Message:
    answer = counter.asks(message)
    assert answer is not None
    assert answer.mti == "0210"
    return answer


def queries(counter: CardCounter, stan: int = 1, *, wallet: bool = False, **parts: str) -> Message:
    fields: dict[int, str | bytes] = {
        3: "730000" if wallet else "311000", 11: "000090", 41: TID, 42: TEA, 49: "156",
        60: f"{'60' if wallet else '01'}000001000", 61: f"000001{stan:06d}0314",
    }  # fmt: skip
    return told(counter, Message("0200", fields | {int(name[1:]): value for name, value in parts.items()}))


def voids(counter: CardCounter, dialect: PayerCodeDialect) -> Message:
    fields: dict[int, str | bytes] = {
        3: "720000" if dialect is PRIVATE else "200000", 4: "000000001250", 11: "000091", 25: "00", 37: the_sale(counter).rrn,
        41: TID, 42: TEA, 49: "156", 60: "60000001000" if dialect is PRIVATE else "23000001000",
    }  # fmt: skip
    return told(counter, Message("0200", fields | ({} if dialect is PRIVATE else {22: "032"})))


@DIALECTS
def test_a_code_is_sold_queried_and_voided(counter: CardCounter, dialect: PayerCodeDialect) -> None:
    assert sells(counter, dialect).text(39) == "00"
    for wallet in (False, True):
        answer = queries(counter, wallet=wallet)
        assert (answer.text(39), answer.text(37), answer.text(4)) == ("00", the_sale(counter).rrn, "000000001250")
    assert voids(counter, dialect).text(39) == "00"
    assert the_sale(counter).state is State.VOIDED
    assert queries(counter).text(39) == CODE[Reason.ORIGINAL_VOIDED]
    assert counter.world.wallet.takings == 0
    counter.world.the_books_balance()


def test_a_query_follows_a_customer_who_must_still_confirm(counter: CardCounter) -> None:
    counter.world.the_customer_must_confirm()
    assert sells(counter, UNIONPAY).text(39) == CODE[Reason.IN_PROGRESS]
    assert queries(counter).text(39) == CODE[Reason.IN_PROGRESS]
    (order,) = counter.world.wallet.orders
    minor = counter.world.wallet.orders.pop(order)
    counter.world.wallet.moved[order] = minor
    counter.world.the_machine_works()
    assert queries(counter).text(39) == "00"


def test_a_query_says_that_a_sale_never_came_or_was_refused(counter: CardCounter) -> None:
    assert queries(counter).text(39) == CODE[Reason.ORIGINAL_UNKNOWN]
    assert queries(counter, f61="0000010000000000").text(39) == CODE[Reason.FORMAT_WRONG]
    counter.world.wallet.moods.append(Mood.DECLINE)
    refused = sells(counter, UNIONPAY).text(39)
    assert queries(counter).text(39) == refused != "00"
