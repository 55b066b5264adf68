"""What Alipay's gateway does besides what every wallet promises."""

from __future__ import annotations

from dataclasses import replace as changed
from datetime import date

from msgspec.structs import replace

from support.alipay_town import AlipayTown, alipay_town
from support.channels import asked_again, run
from xiaopos.gateways.alipay import AlipayWallet
from xiaopos.gateways.alipay.bills import BillKind, NoBill, NotFetched, read_bill
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason
from xiaopos.kernel.secret import Secret
from xiaopos.payments.answers import Answer, Approved, Declined, OutcomeUnknown
from xiaopos.payments.payment import Kind, Method, Payment
from xiaopos.payments.states import State
from xiaopos.simulator.moods import Mood, Stage, Trouble

MEI = 2_000_000
A_DAY = 24 * 3600


def reason(answer: Answer) -> Reason:
    """Why it is declined."""
    assert isinstance(answer, Declined), answer
    return answer.reason


async def sells(town: AlipayTown, minor: int = 2_500) -> Payment:
    """An approved sale."""
    sale = town.sale(minor)
    assert isinstance(await town.wallet.pay(sale, town.code("mei")), Approved)
    return replace(sale, state=State.APPROVED)


def test_a_face_code_is_passed_through() -> None:
    async def story() -> None:
        async with alipay_town() as town:
            face = Secret(b"fp" + b"0" * 15 + town.code("mei").value)
            assert isinstance(await town.wallet.pay(town.sale(2_500), face), Approved)
            assert town.owns("mei") == MEI - 2_500

    run(story())


def test_what_alipay_cannot_take_is_not_sent() -> None:
    async def story() -> None:
        async with alipay_town() as town:
            strange = replace(town.sale(100), amount=Money(100, "HKD"))
            assert (
                reason(await town.wallet.pay(town.sale(100), Secret(b"134567890123456789")))
                is Reason.PAYER_CODE_UNKNOWN
            )
            assert reason(await town.wallet.pay(strange, town.code("mei"))) is Reason.CURRENCY_WRONG
            assert reason(await town.wallet.show_code(strange)) is Reason.CURRENCY_WRONG
            assert town.trades.records.orders() == []

    run(story())


def test_an_unavailable_service_is_no_refusal() -> None:
    async def story() -> None:
        async with alipay_town() as town:
            await town.server.set_mood(Mood(Trouble.ANSWER_CODE, code="20000"))
            assert isinstance(await town.wallet.pay(town.sale(100), town.code("mei")), OutcomeUnknown)
            await town.server.set_mood(Mood(Trouble.ANSWER_CODE, code="20000"))
            sale = await _sold_before(town)
            refund = town.shop.undoing(Kind.REFUND, sale)
            assert isinstance(await town.wallet.refund(refund, sale), OutcomeUnknown)

    run(story())


async def _sold_before(town: AlipayTown) -> Payment:
    """A sale that the waiting mood does not meet."""
    sale = town.sale(2_500)
    town.trades.pay(
        {
            "out_trade_no": sale.payment_id,
            "amount_minor": 2_500,
            "currency": "CNY",
            "shop_id": "tea",
            "auth_code": town.code("mei").value.decode(),
        }
    )
    return replace(sale, state=State.APPROVED)


def test_a_payment_too_old_to_be_cancelled_is_paid_back_once() -> None:
    async def story() -> None:
        async with alipay_town() as town:
            sale = asked_again(await sells(town))
            town.shop.clock.pass_seconds(A_DAY + 1)
            assert isinstance(await town.wallet.reverse(sale), Approved)
            assert town.owns("mei") == MEI
            assert isinstance(await town.wallet.reverse(sale), OutcomeUnknown), (
                "refunded: cancelling is refused, once is enough"
            )
            assert town.owns("mei") == MEI
            other = asked_again(await sells(town))
            town.shop.clock.pass_seconds(A_DAY + 1)
            await town.server.set_mood(Mood(Trouble.ANSWER_CODE, code="ACQ.SELLER_BALANCE_NOT_ENOUGH"))
            assert isinstance(await town.wallet.reverse(other), OutcomeUnknown)

    run(story())


def test_a_refund_that_was_refused_for_want_of_money_is_asked_for_again() -> None:
    async def story() -> None:
        async with alipay_town() as town:
            sale = await sells(town)
            refund = town.shop.undoing(Kind.REFUND, sale, 500)
            poor = Mood(Trouble.ANSWER_CODE, code="ACQ.SELLER_BALANCE_NOT_ENOUGH")
            await town.server.set_mood(poor)
            assert reason(await town.wallet.refund(refund, sale)) is Reason.CHANNEL_DECLINED
            await town.server.set_mood(poor)
            assert isinstance(await town.wallet.refund(asked_again(refund), sale), OutcomeUnknown)
            assert isinstance(await town.wallet.refund(asked_again(refund), sale), Approved)
            assert isinstance(await town.wallet.refund(refund, sale), Approved), (
                "the same number, without a change of funds"
            )
            await town.server.set_mood(poor)
            assert isinstance(await town.wallet.refund(asked_again(refund), sale), Approved), "refused, but done before"
            assert town.owns("mei") == MEI - 2_000

    run(story())


def test_an_order_that_waits_is_closed_and_a_paid_one_is_not() -> None:
    async def story() -> None:
        async with alipay_town() as town:
            waiting, paid = town.sale(20_001), await sells(town)
            await town.wallet.pay(waiting, town.code("mei"))
            assert isinstance(await town.wallet.close(waiting), Approved)
            assert town.trades.confirm("mei", waiting.payment_id) is None
            assert reason(await town.wallet.close(paid)) is Reason.ORIGINAL_NOT_APPROVED
            assert reason(await town.wallet.close(town.sale(100))) is Reason.ORIGINAL_UNKNOWN
            await town.server.set_mood(Mood(Trouble.LOSE_ANSWER, stage=Stage.UNDO))
            assert isinstance(await town.wallet.close(town.sale(100)), OutcomeUnknown)

    run(story())


def test_a_bill_is_fetched_and_read_the_next_day() -> None:
    async def story() -> None:
        async with alipay_town(answer_timeout_s=5.0) as town:
            sale, day = await sells(town), date(2026, 3, 14)
            refund = town.shop.undoing(Kind.REFUND, sale, 500)
            assert isinstance(await town.wallet.refund(refund, sale), Approved)
            assert isinstance(await town.wallet.fetch_bill(BillKind.TRADE, day), NoBill)
            town.shop.clock.pass_seconds(A_DAY + 3600)
            bill = await town.wallet.fetch_bill(BillKind.TRADE, day)
            assert isinstance(bill, bytes)
            rows = read_bill(bill)
            assert [(row.out_trade_no, row.kind, row.amount_minor, row.refund_no) for row in rows] == [
                (sale.payment_id, "交易", 2_500, ""),
                (sale.payment_id, "退款", -500, refund.payment_id),
            ]
            assert isinstance(await town.wallet.fetch_bill(BillKind.TRADE, date(2026, 3, 13)), NoBill)
            assert isinstance(await town.wallet.fetch_bill(BillKind.TRADE, day, month=True), NoBill)
            town.shop.clock.pass_seconds(25 * A_DAY)
            assert isinstance(await town.wallet.fetch_bill(BillKind.TRADE, day, month=True), bytes)

    run(story())


def test_a_bill_that_does_not_come_says_why() -> None:
    async def story() -> None:
        async with alipay_town() as town:
            day = date(2026, 3, 14)
            for mood, cause in (
                (Mood(Trouble.ANSWER_CODE, code="20000", stage=Stage.UNDO), "gave no link: 20000 isp.unknow-error"),
                (Mood(Trouble.ANSWER_CODE, code="10000", stage=Stage.UNDO), "gave no link: 10000"),
                (Mood(Trouble.LOSE_ANSWER, stage=Stage.UNDO), "no answer"),
            ):
                await town.server.set_mood(mood)
                answer = await town.wallet.fetch_bill(BillKind.TRADE, day)
                assert isinstance(answer, NotFetched)
                assert cause in answer.cause
            old = await town.wallet._fetch(f"{town.url}/downloadBillFile.resource?fileId=00")
            assert old == NotFetched("the bill's link answered HTTP 403 and no zip")
            assert isinstance(await town.wallet._fetch("http://127.0.0.1:1/bill"), NotFetched)

    run(story())


def test_an_answer_that_another_key_signed_is_not_believed() -> None:
    async def story() -> None:
        async with alipay_town() as town:
            assert town.account is not None
            trusting_nobody = changed(town.account, wallet_keys={})
            wallet = AlipayWallet(trusting_nobody, vault=town.shop.vault, clock=town.shop.clock)
            await wallet.start()
            sale = town.sale(100)
            answer = await wallet.pay(sale, town.code("mei"))
            assert isinstance(answer, OutcomeUnknown)
            assert answer.cause.startswith("HTTP 200: the wallet signs with a certificate that is not ours to trust")
            await wallet.stop()
            assert isinstance(await town.wallet.query(asked_again(sale)), Approved)

    run(story())


def test_a_wrong_clock_a_wrong_key_and_a_missing_authorisation_are_told_apart() -> None:
    async def story() -> None:
        async with alipay_town(app={"tokens": frozenset({"201708BBmerchant"})}) as town:
            answer = await town.wallet.pay(town.sale(100), town.code("mei"))
            assert answer == Declined(Reason.WALLET_NOT_ACCEPTED, detail="20001 aop.invalid-app-auth-token")
        async with alipay_town(stranger=True) as town:
            answer = await town.wallet.show_code(town.sale(100, Method.SHOP_CODE))
            assert answer == Declined(Reason.MAC_WRONG, detail="40002 isv.invalid-signature")
        async with alipay_town() as town:
            slow = changed(town.shop.clock)
            slow.pass_seconds(-16 * 60)
            assert town.account is not None
            wallet = AlipayWallet(town.account, vault=town.shop.vault, clock=slow)
            await wallet.start()
            answer = await wallet.pay(town.sale(100), town.code("mei"))
            await wallet.stop()
            assert answer == Declined(Reason.CHANNEL_DECLINED, detail="40002 isv.invalid-timestamp")

    run(story())
