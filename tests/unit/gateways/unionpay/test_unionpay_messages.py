"""What is said to the network and how its answers are read, without a network."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from msgspec.structs import replace

from support.channels import Shop
from xiaopos.gateways.unionpay import messages
from xiaopos.gateways.unionpay.messages import Membership
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason
from xiaopos.kernel.secret import Pan
from xiaopos.payments.answers import Approved, Declined, OutcomeUnknown
from xiaopos.payments.payment import CardKind, Kind
from xiaopos.usecases.ports import CardMeans
from xiaopos.wire.iso8583 import Codec, Message
from xiaopos.wire.iso8583.card_network import SPEC, OriginalData

MEMBER = Membership("48020000", "48020001")
PAN = Pan("6200000000000000018")


def test_everything_by_which_a_request_is_known_derives_from_the_payments_row() -> None:
    shop = Shop()
    shanghai = timezone(timedelta(hours=8))
    sale = replace(shop.sale(2_500), rrn="603123456789", received_at=datetime(2026, 1, 1, 0, 30, 15, tzinfo=shanghai))
    asked = messages.authorisation(sale, shop.means(), MEMBER, b"")
    undone = messages.reversal(sale, PAN, MEMBER, repeat=False)
    for number in (2, 3, 4, 7, 11, 32, 33, 37, 41, 42, 49):
        assert asked.fields[number] == undone.fields[number]
    assert (asked.text(7), asked.text(11), asked.text(37)) == ("1231163015", "456789", "603123456789")
    named = OriginalData.parse(undone.text(90))
    assert named == OriginalData("0200", "456789", "1231163015", "48020000", "48020001")


def test_every_request_can_be_written_and_read_again() -> None:
    shop = Shop()
    sale = replace(shop.sale(2_500), approval_code="123456")
    void, refund = shop.undoing(Kind.VOID, sale), shop.undoing(Kind.REFUND, sale, 1)
    codec = Codec(SPEC)
    for message, mti in (
        (messages.authorisation(sale, shop.means(), MEMBER, bytes(8)), "0200"),
        (messages.void(void, sale, PAN, MEMBER), "0200"),
        (messages.refund(refund, sale, PAN, MEMBER, repeat=False), "0220"),
        (messages.refund(refund, sale, PAN, MEMBER, repeat=True), "0221"),
        (messages.reversal(sale, PAN, MEMBER, repeat=False), "0420"),
        (messages.reversal(void, PAN, MEMBER, repeat=True), "0421"),
        (messages.management(messages.ECHO, stan=7, at="0314013000", member=MEMBER), "0800"),
    ):
        assert message.mti == mti
        assert codec.decode(codec.encode(message)) == message


def test_a_card_that_was_keyed_in_carries_only_its_number() -> None:
    message = messages.authorisation(Shop().sale(100), CardMeans(PAN, ""), MEMBER, b"")
    assert not set(message.fields) & {14, 22, 23, 35, 52, 53, 55}


def test_a_refund_of_a_refund_names_an_advice_as_its_original() -> None:
    shop = Shop()
    refund = shop.undoing(Kind.REFUND, shop.sale(100))
    assert messages.refund(refund, refund, PAN, MEMBER, repeat=False).text(90).startswith("0220")


def test_nothing_that_prints_a_request_shows_the_card() -> None:
    shop = Shop()
    message = messages.authorisation(shop.sale(100), shop.means(), MEMBER, bytes(8))
    assert PAN.digits not in repr(message)
    assert "2011" not in repr(message)


def answer(code: str, **fields: str | bytes) -> Message:
    told: dict[int, str | bytes] = {4: "000000002500", 37: "603000000001", 39: code, 49: "156"}
    told.update({int(number.removeprefix("f")): value for number, value in fields.items()})
    return Message("0210", told)


def test_an_approval_says_who_approved_and_with_which_code() -> None:
    told = answer("00", f38="123456", f44="测试银行", f60="C", f55=b"\x91")
    read = messages.read_answer(told, Shop().sale(2_500))
    assert read == Approved("123456", "603000000001", "00", None, "测试银行", "", CardKind.CREDIT, b"\x91")


@pytest.mark.parametrize("code", ["11", "A2", "A4", "A5", "A6"])
def test_the_other_successes_are_approvals(code: str) -> None:
    assert isinstance(messages.read_answer(answer(code), Shop().sale(2_500)), Approved)


def test_a_partial_approval_carries_its_amount() -> None:
    read = messages.read_answer(answer("10", f4="000000001000"), Shop().sale(2_500))
    assert isinstance(read, Approved)
    assert read.amount == Money(1_000)


@pytest.mark.parametrize(
    "told",
    [
        answer("00", f4="000000002501"),
        answer("10", f4="000000002501"),
        answer("10", f4="000000000000"),
        answer("00", f49="840"),
        Message("0210", {39: "00"}),
        Message("0210", {}),
        answer("68"),
        answer("98"),
    ],
)
def test_an_answer_that_cannot_be_about_this_sale_leaves_it_unknown(told: Message) -> None:
    assert isinstance(messages.read_answer(told, Shop().sale(2_500)), OutcomeUnknown)


def test_a_refusal_keeps_its_code() -> None:
    read = messages.read_answer(answer("51"), Shop().sale(2_500))
    assert read == Declined(Reason.BALANCE_TOO_LOW, "51")


@pytest.mark.parametrize("code", ["12", "96", "A0", ""])
def test_a_reversal_that_is_refused_settles_nothing(code: str) -> None:
    assert isinstance(messages.read_reversal(Message("0430", {39: code})), OutcomeUnknown)


def test_a_late_answer_without_an_amount_counts_as_nothing() -> None:
    late = messages.read_late(Message("0210", {39: "51"}))
    assert (late.approved, late.amount_minor) == (False, 0)
