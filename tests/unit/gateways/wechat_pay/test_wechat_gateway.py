"""What WeChat Pay's gateway does besides what every wallet promises."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from support.alipay_town import public_of
from support.channels import asked_again, run
from support.wechat_town import (
    APPID,
    KEY_ID,
    MCHID,
    SUB_MCHID,
    WeChatTown,
    certified,
    named,
    platform_certificate,
    wechat_town,
)
from xiaopos.gateways.wechat_pay import WeChatAccount, WeChatWallet
from xiaopos.gateways.wechat_pay.bills import BillKind, NoBill, NotFetched, read_funds, read_trades
from xiaopos.gateways.wechat_pay.gateway import NEVER_ARRIVES_AFTER, REVERSE_AFTER, REVERSE_WITHIN
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason
from xiaopos.kernel.secret import Secret
from xiaopos.keys.public_keys import read_certificate
from xiaopos.payments.answers import Answer, Approved, Declined, OutcomeUnknown, PayerAsked
from xiaopos.payments.payment import Kind, Method, Payment
from xiaopos.payments.states import State
from xiaopos.simulator.moods import Mood, Stage, Trouble
from xiaopos.usecases.keep_wallet_contract import Finding

MEI = 2_000_000


def reason(answer: Answer) -> Reason:
    """Why it is declined."""
    assert isinstance(answer, Declined), answer
    return answer.reason


async def sells(town: WeChatTown, minor: int = 2_500) -> Payment:
    """An approved sale."""
    sale = town.sale(minor)
    assert isinstance(await town.wallet.pay(sale, town.code("mei")), Approved)
    return replace(sale, state=State.APPROVED)


async def shown(town: WeChatTown, *, paid: bool) -> Payment:
    """A sale whose code is shown, and paid or only scanned by Mei."""
    sale = town.sale(2_500, Method.SHOP_CODE)
    answer = await town.wallet.show_code(sale)
    assert isinstance(answer, PayerAsked)
    assert town.trades.scan("mei", answer.shown_code) is not None
    if paid:
        assert town.trades.confirm("mei", sale.payment_id) is not None
    return replace(sale, shown_code=answer.shown_code)


def failing(code: str, stage: Stage = Stage.ASK) -> Mood:
    """The next answer is this failure."""
    return Mood(Trouble.ANSWER_CODE, code=code, stage=stage)


def test_what_wechat_pay_cannot_take_is_not_sent() -> None:
    async def story() -> None:
        async with wechat_town(answer_timeout_s=5.0) as town:
            strange = replace(town.sale(100), amount=Money(100, "HKD"))
            for code in (b"284567890123456789", b"13", b"16" + b"0" * 16, "１３".encode()):
                assert reason(await town.wallet.pay(town.sale(100), Secret(code))) is Reason.PAYER_CODE_UNKNOWN
            assert reason(await town.wallet.pay(strange, town.code("mei"))) is Reason.CURRENCY_WRONG
            assert reason(await town.wallet.show_code(strange)) is Reason.CURRENCY_WRONG
            assert town.trades.records.orders() == []

    run(story())


@pytest.mark.parametrize("code", ["SYSTEM_ERROR", "BANKERROR", "FREQUENCY_LIMITED", "A_WORD_OF_TOMORROW"])
def test_only_words_that_are_known_refuse(code: str) -> None:
    async def story() -> None:
        async with wechat_town(answer_timeout_s=5.0) as town:
            await town.server.set_mood(failing(code))
            assert isinstance(await town.wallet.pay(town.sale(100), town.code("mei")), OutcomeUnknown)

    run(story())


def test_words_that_refuse_say_why() -> None:
    async def story() -> None:
        async with wechat_town(answer_timeout_s=5.0) as town:
            for code, why in (
                ("NOT_ENOUGH", Reason.BALANCE_TOO_LOW),
                ("NOTENOUGH", Reason.BALANCE_TOO_LOW),
                ("NO_AUTH", Reason.WALLET_NOT_ACCEPTED),
                ("TRADE_ERROR", Reason.CHANNEL_DECLINED),
                ("ORDER_CLOSED", Reason.REVERSED_BEFORE),
            ):
                await town.server.set_mood(failing(code))
                assert reason(await town.wallet.pay(town.sale(100), town.code("mei"))) is why

    run(story())


def test_a_payment_is_not_undone_before_its_time() -> None:
    async def story() -> None:
        async with wechat_town(answer_timeout_s=5.0) as town:
            sale = asked_again(await sells(town))
            assert isinstance(await town.wallet.reverse(sale), OutcomeUnknown)
            assert town.owns("mei") == MEI - 2_500, "nothing was asked"
            town.shop.clock.pass_seconds(REVERSE_AFTER.total_seconds())
            assert isinstance(await town.wallet.reverse(sale), Approved)
            assert town.owns("mei") == MEI

    run(story())


def test_a_customer_who_is_typing_cannot_be_interrupted() -> None:
    async def story() -> None:
        async with wechat_town(answer_timeout_s=5.0) as town:
            sale = town.sale(20_001)
            assert isinstance(await town.wallet.pay(sale, town.code("mei")), PayerAsked)
            await town.server.set_mood(failing("USERPAYING", Stage.UNDO))
            assert isinstance(await town.undoes(sale), OutcomeUnknown)
            assert isinstance(await town.wallet.reverse(sale), Approved)

    run(story())


def test_what_is_too_old_to_be_undone_is_paid_back_once() -> None:
    async def story() -> None:
        async with wechat_town(answer_timeout_s=5.0) as town:
            sale = asked_again(await sells(town))
            town.shop.clock.pass_seconds(REVERSE_WITHIN.total_seconds() + 1)
            await town.server.set_mood(failing("NOT_ENOUGH"))
            assert isinstance(await town.wallet.reverse(sale), OutcomeUnknown), "the merchant has too little"
            assert isinstance(await town.wallet.reverse(sale), Approved)
            assert isinstance(await town.wallet.reverse(sale), Approved)
            assert town.owns("mei") == MEI
            assert reason(await town.wallet.query(sale)) is Reason.REVERSED_BEFORE

    run(story())


def test_a_shown_code_is_closed_and_a_paid_one_paid_back() -> None:
    async def story() -> None:
        async with wechat_town(answer_timeout_s=5.0) as town:
            scanned, paid = await shown(town, paid=False), await shown(town, paid=True)
            assert isinstance(await town.wallet.reverse(scanned), Approved)
            assert isinstance(await town.wallet.reverse(scanned), Approved), "closed before"
            assert reason(await town.wallet.query(scanned)) is Reason.PAYER_TOO_SLOW
            assert isinstance(await town.wallet.reverse(paid), Approved)
            assert isinstance(await town.wallet.reverse(paid), Approved), "paid back before"
            assert town.owns("mei") == MEI
            stranger = town.sale(100, Method.SHOP_CODE)
            assert isinstance(await town.wallet.reverse(stranger), OutcomeUnknown), "it may still be on its way"
            town.shop.clock.pass_seconds(NEVER_ARRIVES_AFTER.total_seconds() + 1)
            assert isinstance(await town.wallet.reverse(stranger), Approved)

    run(story())


def test_closing_never_pays_back() -> None:
    async def story() -> None:
        async with wechat_town(answer_timeout_s=5.0) as town:
            scanned, paid = await shown(town, paid=False), await shown(town, paid=True)
            assert isinstance(await town.wallet.close(scanned), Approved)
            assert reason(await town.wallet.close(paid)) is Reason.TRANSACTION_UNSUPPORTED
            assert isinstance(await town.wallet.query(paid), Approved)
            await town.server.set_mood(failing("INVALID_REQUEST", Stage.UNDO))
            await town.server.set_mood(failing("SYSTEM_ERROR", Stage.UNDO))
            assert isinstance(await town.wallet.reverse(paid), OutcomeUnknown), "neither closing nor asking tells"

    run(story())


def test_what_was_paid_back_elsewhere_before_we_knew_was_a_sale() -> None:
    async def story() -> None:
        async with wechat_town() as town:
            sale = asked_again(await sells(town))
            part = {"out_trade_no": sale.payment_id, "out_refund_no": "by-hand", "amount_minor": 500}
            assert town.trades.refund(part)["code"] == "OK"
            assert isinstance(await town.wallet.query(sale), Approved)
            await town.server.set_mood(Mood(Trouble.LOSE_ANSWER, stage=Stage.UNDO))
            assert isinstance(await town.wallet.query(sale), OutcomeUnknown)

    run(story())


def test_a_refund_that_was_refused_for_want_of_money_is_asked_for_again() -> None:
    async def story() -> None:
        async with wechat_town(answer_timeout_s=5.0) as town:
            sale = await sells(town)
            refund = town.shop.undoing(Kind.REFUND, sale, 500)
            await town.server.set_mood(failing("NOT_ENOUGH"))
            assert reason(await town.wallet.refund(refund, sale)) is Reason.CHANNEL_DECLINED
            await town.server.set_mood(failing("NOT_ENOUGH"))
            assert isinstance(await town.wallet.refund(asked_again(refund), sale), OutcomeUnknown)
            assert isinstance(await town.wallet.refund(asked_again(refund), sale), Approved)
            more = town.shop.undoing(Kind.REFUND, sale, 2_001)
            assert reason(await town.wallet.refund(more, sale)) is Reason.CHANNEL_DECLINED, "more than is left"
            assert reason(await town.wallet.refund(asked_again(more), sale)) is Reason.CHANNEL_DECLINED

    run(story())


def test_a_partner_asks_for_its_sub_merchant() -> None:
    async def story() -> None:
        async with wechat_town(sub_mchids=frozenset({SUB_MCHID}), sub_mchid=SUB_MCHID, answer_timeout_s=5.0) as town:
            sale = await sells(town)
            assert isinstance(await town.wallet.query(sale), Approved)
            refund = town.shop.undoing(Kind.REFUND, sale, 500)
            assert isinstance(await town.wallet.refund(refund, sale), Approved)
            assert isinstance(await town.wallet.query(asked_again(refund)), Approved)
            assert isinstance(await town.undoes(asked_again(await sells(town))), Approved)
            assert isinstance(await town.wallet.reverse(await shown(town, paid=False)), Approved)
            assert (await town.wallet.probe()).finding is Finding.WORKS
        async with wechat_town(sub_mchid=SUB_MCHID, answer_timeout_s=5.0) as town:
            assert reason(await town.wallet.pay(town.sale(100), town.code("mei"))) is Reason.WALLET_NOT_ACCEPTED
            assert (await town.wallet.probe()).finding is Finding.PERMISSION

    run(story())


# -- WeChat Pay's keys -----------------------------------------------------------------------------------------------------

OLD, NEXT = certified("wechat", 0x7132D72A), certified("wechat-next", 0x7132D72B)


def test_certificates_are_fetched_and_followed() -> None:
    async def story() -> None:
        async with wechat_town(signers=(OLD,), wallet_keys={}, answer_timeout_s=5.0) as town:
            await sells(town)
            town.server.signers.append(NEXT)
            sale = town.sale(100)
            assert isinstance(await town.wallet.pay(sale, town.code("mei")), OutcomeUnknown), "asked a moment ago"
            town.shop.clock.pass_seconds(60)
            assert isinstance(await town.wallet.query(asked_again(sale)), Approved)
            town.server.signers.remove(OLD)
            town.shop.clock.pass_seconds(12 * 3600)
            assert isinstance(await town.wallet.query(sale), Approved)

    run(story())


def test_many_who_need_certificates_fetch_them_once() -> None:
    async def story() -> None:
        async with wechat_town(signers=(OLD,), wallet_keys={}, answer_timeout_s=15.0) as town:
            before = len(town.server._nonces)
            answers = await asyncio.gather(*(town.wallet.query(town.sale(100)) for _ in range(5)))
            assert all(isinstance(answer, OutcomeUnknown) for answer in answers)
            assert len(town.server._nonces) - before == 6
        async with wechat_town(wallet_keys={}, answer_timeout_s=15.0) as town:
            answers = await asyncio.gather(*(town.wallet.query(town.sale(100)) for _ in range(5)))
            assert all(isinstance(answer, OutcomeUnknown) for answer in answers)
            assert len(town.server._nonces) == 1, "whoever waited shares what came of it"

    run(story())


def test_without_certificates_nothing_is_asked() -> None:
    async def story() -> None:
        short = certified("wechat", 0x7132D72C, days=30)
        async with wechat_town(signers=(short,), wallet_keys={}, answer_timeout_s=5.0) as town:
            assert reason(await town.wallet.pay(town.sale(100), town.code("mei"))) is Reason.CHANNEL_UNAVAILABLE
            assert isinstance(await town.wallet.query(town.sale(100)), OutcomeUnknown)
            assert town.trades.records.orders() == []
            town.server.signers[:] = [named()]
            assert (await town.wallet.probe()).finding is Finding.THEIR_KEY

    run(story())


def test_a_wrong_api_v3_key_is_found_out() -> None:
    async def story() -> None:
        other = Secret(b"another shop's thirty-two letter")
        async with wechat_town(signers=(OLD,), wallet_keys={}, answer_timeout_s=5.0) as town:
            assert town.account is not None
            wrong = town.shop.vault.import_aead(secret=other)
            wallet = of(town, api_v3_key=wrong)
            await wallet.start()
            found = await wallet.probe()
            await wallet.stop()
            assert (found.finding, "APIv3" in found.said) == (Finding.THEIR_KEY, True)

    run(story())


def of(town: WeChatTown, **changed: Any) -> WeChatWallet:
    """Another gateway in the same town."""
    assert town.account is not None
    given = {name: getattr(town.account, name) for name in WeChatAccount.__dataclass_fields__} | changed
    numbers = iter(range(10**15, 10**16))
    return WeChatWallet(
        WeChatAccount(**given), vault=town.shop.vault, clock=town.shop.clock, make_nonce=lambda: f"{next(numbers)}"
    )


def test_an_entered_certificate_is_trusted_while_the_list_cannot_be_had() -> None:
    async def story() -> None:
        public = read_certificate(platform_certificate("wechat", 0x7132D72A).encode()).public
        nameless = certified("wechat", 0x7132D72A)
        async with wechat_town(
            signers=(nameless,), wallet_keys={nameless.serial: public}, answer_timeout_s=5.0
        ) as town:
            town.server.signers[:] = [named("wechat", nameless.serial)]
            await sells(town)

    run(story())


def test_a_public_key_that_nobody_entered_is_not_fetched() -> None:
    async def story() -> None:
        async with wechat_town(wallet_keys={"PUB_KEY_ID_OTHER": public_of("wechat")}, answer_timeout_s=5.0) as town:
            sale = town.sale(100)
            assert isinstance(await town.wallet.pay(sale, town.code("mei")), OutcomeUnknown)
            assert (await town.wallet.probe()).finding is Finding.THEIR_KEY
            both = of(town, wallet_keys={"PUB_KEY_ID_OTHER": public_of("wechat"), KEY_ID: public_of("wechat")})
            await both.start()
            assert isinstance(await both.query(sale), Approved), "while keys change, both are trusted"
            await both.stop()

    run(story())


def test_asking_without_money_finds_what_is_wrong() -> None:
    async def story() -> None:
        async with wechat_town(answer_timeout_s=5.0) as town:
            assert (await town.wallet.probe()).finding is Finding.WORKS
            for changed, finding in (
                ({"mchid": "1900000999"}, Finding.OUR_NUMBER),
                ({"serial": "00"}, Finding.OUR_CERTIFICATE),
                ({"wallet_keys": {KEY_ID: public_of("stranger")}}, Finding.THEIR_KEY),
                ({"url": "http://127.0.0.1:1"}, Finding.UNREACHABLE),
            ):
                wallet = of(town, **changed)
                await wallet.start()
                assert (await wallet.probe()).finding is finding
                await wallet.stop()
            await town.server.set_mood(failing("SYSTEM_ERROR", Stage.UNDO))
            assert (await town.wallet.probe()).finding is Finding.UNSURE
        async with wechat_town(stranger=True, answer_timeout_s=5.0) as town:
            assert (await town.wallet.probe()).finding is Finding.OUR_KEY

    run(story())


# -- bills -------------------------------------------------------------------------------------------------------------------

DAY = date(2026, 3, 14)


def test_bills_are_fetched_and_read() -> None:
    async def story() -> None:
        async with wechat_town(answer_timeout_s=5.0) as town:
            for kind in BillKind:
                assert isinstance(await town.wallet.fetch_bill(kind, DAY), NotFetched), "not ready"
                assert isinstance(await town.wallet.fetch_bill(kind, DAY - timedelta(days=1)), NotFetched | NoBill)
            sale, undone = await sells(town), asked_again(await sells(town, 300))
            refund = town.shop.undoing(Kind.REFUND, sale, 1_000)
            await town.wallet.refund(refund, sale)
            await town.undoes(undone)
            town.shop.clock.pass_seconds(24 * 3600 + 3600)
            raw = await town.wallet.fetch_bill(BillKind.TRADE, DAY)
            assert isinstance(raw, bytes)
            rows = read_trades(raw)
            assert [(row.out_trade_no, row.state, row.amount_minor, row.out_refund_no) for row in rows] == [
                (sale.payment_id, "SUCCESS", 2_500, ""),
                (undone.payment_id, "SUCCESS", 300, ""),
                (undone.payment_id, "REVOKED", -300, ""),
                (sale.payment_id, "REFUND", -1_000, refund.payment_id),
            ]
            raw = await town.wallet.fetch_bill(BillKind.FUNDS, DAY)
            assert isinstance(raw, bytes)
            funds = read_funds(raw)
            assert [row.amount_minor for row in funds] == [2_500, 300, -300, -1_000]
            assert funds[-1].balance_minor == 1_500
            assert isinstance(await town.wallet.fetch_bill(BillKind.TRADE, DAY - timedelta(days=9)), NoBill)

    run(story())


def test_a_link_that_leads_elsewhere_or_is_old_is_not_followed() -> None:
    async def story() -> None:
        async with wechat_town() as town:
            await sells(town)
            town.shop.clock.pass_seconds(48 * 3600)
            elsewhere = of(town, url=town.url.replace("127.0.0.1", "localhost"))
            assert isinstance(await elsewhere._fetch(f"{town.url}/v3/billdownload/file?token=1", "00"), NotFetched)
            assert isinstance(await town.wallet._fetch(f"{town.url}/v3/billdownload/file?token=1", "00"), NotFetched)
            await town.server.set_mood(Mood(Trouble.LOSE_ANSWER, stage=Stage.UNDO))
            assert isinstance(await town.wallet.fetch_bill(BillKind.TRADE, DAY), NotFetched)
            await town.server.set_mood(Mood(Trouble.DOWN))
            assert isinstance(await town.wallet._fetch(f"{town.url}/v3/billdownload/file?token=1", "00"), NotFetched)

    run(story())


def test_an_account_prints_no_keys() -> None:
    async def story() -> None:
        async with wechat_town(answer_timeout_s=5.0) as town:
            text = repr(town.account)
            assert MCHID in text
            assert "WrappedKey" not in text
            assert APPID not in text

    run(story())
