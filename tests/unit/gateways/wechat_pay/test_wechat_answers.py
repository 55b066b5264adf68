"""Answers that are forged, replayed, late, too long or no text: none of them is believed."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from aiohttp import web

from support.alipay_town import pkcs8, public_of
from support.channels import PATIENCE_S, Shop, run
from support.wechat_town import API_V3_KEY, APPID, KEY_ID, MCHID, OUR_SERIAL
from xiaopos.gateways.wallet_line import WalletTerms
from xiaopos.gateways.wechat_pay import WeChatAccount, WeChatWallet
from xiaopos.gateways.wechat_pay.messages import dump
from xiaopos.gateways.wechat_pay.signing import NONCE, SERIAL, SIGNATURE, SIGNATURE_TYPE, TIMESTAMP, answer_text
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm
from xiaopos.keys.signatures import RsaSigningKey
from xiaopos.payments.answers import Answer, Approved, OutcomeUnknown
from xiaopos.payments.payment import Method, Payment
from xiaopos.usecases.keep_wallet_contract import Finding

Answering = Callable[[web.Request], web.StreamResponse]


@dataclass
class Impostor:
    """Something that listens where WeChat Pay should, and a gateway that asks it."""

    shop: Shop
    wallet: WeChatWallet
    answers: list[Answering] = field(default_factory=list)

    def sale(self) -> Payment:
        """A sale of 25.00."""
        return self.shop.payment(2_500, method=Method.PAYER_CODE, channel="wechat")

    async def pays(self, sale: Payment) -> Answer:
        """Pay it."""
        return await self.wallet.pay(sale, Secret(b"134567890123456789"))

    def signed(self, body: bytes, *, key: str = "wechat", age_s: int = 0, nonce: str = "") -> dict[str, str]:
        """Headers that sign a body."""
        timestamp = str(int((self.shop.clock.now() - timedelta(seconds=age_s)).timestamp()))
        nonce = nonce or os.urandom(16).hex()
        signature = RsaSigningKey(pkcs8(key)).sign(answer_text(timestamp, nonce, body))
        signed = {TIMESTAMP: timestamp, NONCE: nonce, SIGNATURE: base64.b64encode(signature).decode()}
        return {**signed, SERIAL: KEY_ID, SIGNATURE_TYPE: "WECHATPAY2-SHA256-RSA2048"}

    def says(self, body: bytes, headers: dict[str, str] | None = None, *, status: int = 200) -> None:
        """The next answer."""
        self.answers.append(lambda _: web.Response(status=status, body=body, headers=headers))


@asynccontextmanager
async def impostor() -> AsyncIterator[Impostor]:
    """It is up, and the gateway trusts the key of WeChat Pay."""
    shop = Shop()

    async def answer(request: web.Request) -> web.StreamResponse:
        await request.read()
        return one.answers.pop(0)(request)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    account = WeChatAccount(
        MCHID,
        APPID,
        OUR_SERIAL,
        shop.vault.import_pair(private=Secret(pkcs8("application")), algorithm=KeyAlgorithm.RSA2048),
        shop.vault.import_aead(secret=API_V3_KEY),
        {KEY_ID: public_of("wechat")},
        url=f"http://127.0.0.1:{runner.addresses[0][1]}",
        terms=WalletTerms(answer_timeout_s=10 * PATIENCE_S),
    )
    wallet = WeChatWallet(account, vault=shop.vault, clock=shop.clock, make_nonce=lambda: os.urandom(16).hex())
    one = Impostor(shop, wallet)
    await wallet.start()
    try:
        yield one
    finally:
        await wallet.stop()
        await runner.cleanup()


def paid(sale: Payment, **changed: object) -> bytes:
    """An answer that says that a sale is paid."""
    said = {
        "mchid": MCHID,
        "appid": APPID,
        "out_trade_no": sale.payment_id,
        "transaction_id": "4200000000202603140000000001",
        "trade_state": "SUCCESS",
        "amount": {"total": sale.amount.minor, "currency": "CNY"},
        "payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
    }
    return dump({**said, **changed})


def test_a_signed_answer_of_now_is_believed() -> None:
    async def story() -> None:
        async with impostor() as wechat:
            sale = wechat.sale()
            wechat.says(paid(sale), wechat.signed(paid(sale)))
            answer = await wechat.pays(sale)
            assert answer == await again(wechat, sale)
            assert isinstance(answer, Approved)
            assert (answer.payer, answer.channel_ref) == ("oUpF***eS6o", "4200000000202603140000000001")

    run(story())


async def again(wechat: Impostor, sale: Payment) -> Answer:
    """The same answer, signed anew, to a question."""
    wechat.says(paid(sale), wechat.signed(paid(sale)))
    return await wechat.wallet.query(sale)


def test_an_answer_that_may_be_somebody_elses_is_not_believed() -> None:
    async def story() -> None:
        async with impostor() as wechat:
            sale = wechat.sale()
            body = paid(sale)
            good = wechat.signed(body)
            for headers in (
                {},
                {**good, SIGNATURE: ""},
                {**good, SIGNATURE: "no base64"},
                {**good, SIGNATURE: good[SIGNATURE][::-1]},
                {**good, SIGNATURE_TYPE: "WECHATPAY2-SM2-WITH-SM3"},
                {**good, SERIAL: "PUB_KEY_ID_SOMEBODY"},
                {**good, NONCE: "another"},
                {**good, TIMESTAMP: "now"},
                wechat.signed(body, key="stranger"),
                wechat.signed(body, age_s=301),
                wechat.signed(body, age_s=-301),
                wechat.signed(body + b" "),
            ):
                wechat.says(body, headers)
                assert isinstance(await wechat.pays(sale), OutcomeUnknown), headers
            assert wechat.answers == []

    run(story())


def test_an_answer_that_is_replayed_is_not_believed() -> None:
    async def story() -> None:
        async with impostor() as wechat:
            sale = wechat.sale()
            once = wechat.signed(paid(sale))
            wechat.says(paid(sale), once)
            wechat.says(paid(sale), once)
            assert isinstance(await wechat.pays(sale), Approved)
            assert isinstance(await wechat.pays(sale), OutcomeUnknown)

    run(story())


def test_a_signed_answer_about_something_else_is_not_believed() -> None:
    async def story() -> None:
        async with impostor() as wechat:
            sale = wechat.sale()
            for body in (
                paid(sale, out_trade_no=wechat.sale().payment_id),
                paid(sale, amount={"total": 2_501}),
                paid(sale, amount={"total": "2500"}),
                paid(sale, amount=None),
                paid(sale, mchid="1900000999"),
                paid(sale, trade_state="PAID"),
                paid(sale, trade_state=None),
                b"[]",
                b"{",
                b'{"out_trade_no":"\xff\xfe"}',
                "钱".encode("gbk"),
                b"",
            ):
                wechat.says(body, wechat.signed(body))
                assert isinstance(await wechat.pays(sale), OutcomeUnknown), body
                wechat.says(body, wechat.signed(body))
                assert isinstance(await wechat.wallet.query(sale), OutcomeUnknown), body

    run(story())


def test_a_refusal_that_nobody_signed_is_no_refusal() -> None:
    async def story() -> None:
        async with impostor() as wechat:
            poor = dump({"code": "NOT_ENOUGH", "message": "余额不足"})
            wechat.says(poor, status=403)
            answer = await wechat.pays(wechat.sale())
            assert isinstance(answer, OutcomeUnknown)
            assert "NOT_ENOUGH" in answer.cause
            wechat.says(b"<html>" + b"x" * 100, status=502)
            assert isinstance(await wechat.pays(wechat.sale()), OutcomeUnknown)

    run(story())


def test_an_answer_that_is_too_long_or_too_slow_is_lost() -> None:
    async def story() -> None:
        async with impostor() as wechat:
            sale = wechat.sale()
            long = paid(sale, attach="x" * 70_000)
            wechat.says(long, wechat.signed(long))
            assert isinstance(await wechat.pays(sale), OutcomeUnknown)
            wechat.says(b"[" * 20_000, wechat.signed(b"[" * 20_000))
            assert isinstance(await wechat.pays(sale), OutcomeUnknown)

            def hang_up(request: web.Request) -> web.StreamResponse:
                assert request.transport is not None
                request.transport.abort()
                return web.Response()

            wechat.answers.append(hang_up)
            assert isinstance(await wechat.pays(sale), OutcomeUnknown)

    run(story())


def test_a_clock_that_is_wrong_is_named() -> None:
    async def story() -> None:
        async with impostor() as wechat:
            body = dump({"code": "ORDER_NOT_EXIST"})
            wechat.says(body, wechat.signed(body, age_s=400), status=404)
            assert (await wechat.wallet.probe()).finding is Finding.CLOCK
            wechat.says(dump({"code": "SIGN_ERROR", "detail": {"field": "timestamp"}}), status=401)
            assert (await wechat.wallet.probe()).finding is Finding.CLOCK
            wechat.says(dump({"code": "ORDER_NOT_EXIST"}), status=404)
            found = await wechat.wallet.probe()
            assert (found.finding, found.said) == (Finding.THEIR_KEY, "ORDER_NOT_EXIST")
            await asyncio.sleep(0)

    run(story())
