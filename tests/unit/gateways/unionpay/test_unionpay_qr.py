"""UnionPay QR: the code that the shop shows, and answers that are not to be believed."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from support.channels import Shop, asked_again, run
from support.unionpay_qr_town import MEMBER, face_of, unionpay_qr_town
from support.world import World, at_once
from xiaopos.gateways.unionpay import ShopFace, faces_by_books, qr_messages
from xiaopos.gateways.unionpay.repeats import ASKED_KEPT, AskedBefore
from xiaopos.kernel.ids import PaymentId, TerminalId
from xiaopos.kernel.refusal import Reason
from xiaopos.kernel.secret import Secret
from xiaopos.payments.answers import Answer, Approved, Declined, OutcomeUnknown, PayerAsked
from xiaopos.payments.payment import Kind, Method, Payment
from xiaopos.simulator.moods import Mood, Stage, Trouble
from xiaopos.wire.iso8583 import Message
from xiaopos.wire.iso8583.network_qr import SHIPPED, QrData
from xiaopos.wire.qr.merchant_presented import build, parse
from xiaopos.wire.qr.order_label import order_of
from xiaopos.wire.qr.unionpay_account import UnionPayAccount

STORED_AT_MOST = 255


def payment(**parts: Any) -> Payment:
    return Shop().payment(2_500, method=Method.SHOP_CODE, **parts)


def reason_of(answer: Answer) -> Reason:
    assert isinstance(answer, Declined), answer
    return answer.reason


def test_the_code_that_the_shop_shows_names_the_shop_the_amount_and_the_order() -> None:
    one = payment()
    text = qr_messages.shop_code(one, MEMBER, ShopFace("小林茶铺", "HANGZHOU"))
    code = parse(text, strict=True)
    assert len(text) <= STORED_AT_MOST
    assert (code.dynamic, code.amount_minor, code.value("52")) == (True, 2_500, "5812")
    assert UnionPayAccount.parse(code.value("15") or "").merchant_id == one.merchant_id
    assert order_of(code.value("62", "05") or "") == one.payment_id
    assert (code.value("59"), code.value("64", "01")) == (one.merchant_id, "小林茶铺")
    plain = parse(qr_messages.shop_code(one, MEMBER, ShopFace("Little Lin's Tea and Everything Else", "HANGZHOU")))
    assert (plain.value("59"), plain.value("64")) == ("Little Lin's Tea and Ever", None)


def test_a_code_that_cannot_be_written_and_a_payment_code_that_cannot_be_sent_never_leave() -> None:
    async def story() -> None:
        async with unionpay_qr_town() as town:
            strange = replace(town.sale(100, Method.SHOP_CODE), payment_id=PaymentId("not-hexadecimal"))
            assert reason_of(await town.wallet.show_code(strange)) is Reason.FORMAT_WRONG
            endless = Secret(b"6" * 129)
            assert reason_of(await town.wallet.pay(town.sale(100), endless)) is Reason.PAYER_CODE_UNKNOWN
            assert not town.trades.records.orders()

    run(story())


def test_a_code_of_another_amount_or_another_kind_cannot_be_paid() -> None:
    async def story() -> None:
        async with unionpay_qr_town() as town:
            sale = town.sale(2_500, Method.SHOP_CODE)
            shown = await town.wallet.show_code(sale)
            assert isinstance(shown, PayerAsked)
            objects = {one.tag: one for one in parse(shown.shown_code).objects}
            account, label = objects["15"], objects["62"].children[0].value
            for cheap in ("1.00", None):
                forged = build(
                    accounts=[account], category="5812", name="A", city="B", amount=cheap, additional=[("05", label)]
                )
                assert town.trades.scan("mei", forged.text()) is None
            other = build(accounts=[account], category="5812", name="A", city="B", amount="25.00")
            assert town.trades.scan("mei", other.text()) is None
            assert town.trades.scan("mei", "https://example.com/") is None
            assert town.trades.scan("mei", shown.shown_code) is not None

    run(story())


def test_a_code_whose_order_the_network_refuses_is_not_shown() -> None:
    async def story() -> None:
        async with unionpay_qr_town() as town:
            await town.server.set_mood(Mood(Trouble.ANSWER_CODE, code="03"))
            answer = await town.wallet.show_code(town.sale(2_500, Method.SHOP_CODE))
            assert reason_of(answer) is Reason.MERCHANT_UNKNOWN
            await town.server.set_mood(Mood(Trouble.ANSWER_CODE, code="00"))
            assert isinstance(await town.wallet.pay(town.sale(100), town.code("mei")), Approved)

    run(story())


def test_a_question_about_a_refund_that_failed_leaves_it_unknown() -> None:
    async def story() -> None:
        async with unionpay_qr_town() as town:
            sale = town.sale(2_500)
            await town.wallet.pay(sale, town.code("mei"))
            refund = town.shop.undoing(Kind.REFUND, sale)
            await town.server.set_mood(Mood(Trouble.ANSWER_CODE, code="98"))
            assert isinstance(await town.wallet.refund(refund, sale), OutcomeUnknown)
            await town.server.set_mood(Mood(Trouble.LOSE_ANSWER, stage=Stage.UNDO))
            assert isinstance(await town.wallet.query(asked_again(refund)), OutcomeUnknown)
            await town.server.set_mood(Mood(Trouble.ANSWER_CODE, code="96"))
            assert isinstance(await town.wallet.refund(asked_again(refund), sale), OutcomeUnknown)

    run(story())


def test_a_drained_network_takes_nothing_new_and_finishes_what_it_has() -> None:
    async def story() -> None:
        async with unionpay_qr_town() as town:
            open_to = [True]
            wallet = town.server.acquirer.qr_wallet(face_of, takes_new=lambda: open_to[0])
            await wallet.start()
            sale = town.sale(2_500)
            assert isinstance(await wallet.pay(sale, town.code("mei")), Approved)
            open_to[0] = False
            assert reason_of(await wallet.pay(town.sale(100), town.code("mei"))) is Reason.CHANNEL_UNAVAILABLE
            assert reason_of(await wallet.show_code(town.sale(100, Method.SHOP_CODE))) is Reason.CHANNEL_UNAVAILABLE
            assert isinstance(await wallet.query(sale), Approved)
            assert isinstance(await wallet.refund(town.shop.undoing(Kind.REFUND, sale, 500), sale), Approved)
            assert isinstance(await wallet.reverse(sale), Approved)

    run(story())


def answer(data: QrData | None, **fields: str) -> Message:
    held: dict[int, str | bytes] = {4: "000000002500", 39: "00", 49: "156"}
    held |= {int(name[1:]): value for name, value in fields.items()}
    if data is not None:
        held[59] = data.field()
    return Message("0210", held)


def test_an_answer_about_something_else_is_not_believed() -> None:
    one = payment()
    mine = QrData(one.payment_id, voucher="42", original_code="00")
    assert isinstance(qr_messages.read_order(answer(mine), one, SHIPPED), Approved)
    for wrong in (answer(None), answer(QrData("other")), answer(mine, f4="000000002501"), answer(mine, f49="840")):
        assert isinstance(qr_messages.read_order(wrong, one, SHIPPED), OutcomeUnknown)
    assert isinstance(qr_messages.read_order(answer(mine, f39=""), one, SHIPPED), OutcomeUnknown)
    assert isinstance(qr_messages.read_query(answer(None), one, SHIPPED), OutcomeUnknown)
    assert isinstance(qr_messages.read_reversal(answer(QrData("other")), one), OutcomeUnknown)
    refund = replace(one, kind=Kind.REFUND, original_id=PaymentId("0" * 32))
    unknown = QrData("0" * 32, refund=refund.payment_id)
    assert isinstance(qr_messages.read_query(answer(unknown), refund, SHIPPED), OutcomeUnknown)
    for wrong in (answer(QrData("0" * 32, refund="other")), answer(unknown, f4="000000000001"), answer(None)):
        assert isinstance(qr_messages.read_refund(wrong, refund, SHIPPED), OutcomeUnknown)


@pytest.mark.parametrize(("code", "reason"), [("51", Reason.BALANCE_TOO_LOW), ("96", Reason.CHANNEL_UNAVAILABLE)])
def test_a_refusal_that_means_the_same_as_a_cards_is_told_so(code: str, reason: Reason) -> None:
    one = payment()
    assert reason_of(qr_messages.read_order(answer(None, f39=code), one, SHIPPED)) is reason


def test_only_the_newest_reversals_are_remembered() -> None:
    asked = AskedBefore()
    assert not asked("first")
    assert asked("first")
    for number in range(ASKED_KEPT):
        asked(str(number))
    assert not asked("first")


def test_the_shops_name_is_the_registrys_and_else_its_number() -> None:
    world = World()
    named = faces_by_books(world.books, "HANGZHOU")
    known = payment()
    assert at_once(named(known)) == ShopFace("小林茶铺", "HANGZHOU")
    unheard_of = ShopFace(known.merchant_id, "HANGZHOU")
    assert at_once(named(replace(known, terminal_id=TerminalId("99999999")))) == unheard_of
    world.books.lost = True
    assert at_once(named(known)) == unheard_of
