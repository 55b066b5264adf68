"""The pretend WeChat Pay judged by a client that we did not write: wechatpayv3, as shops use it."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from wechatpayv3 import WeChatPay, WeChatPayType  # type: ignore[import-untyped]  # it comes without types
from wechatpayv3.core import Core  # type: ignore[import-untyped]  # as above

from support.alipay_town import pkcs8, public_of
from support.channels import Shop, StandingClock, run
from support.wechat_receiver import receiver
from support.wechat_town import (
    API_V3_KEY,
    APPID,
    KEY_ID,
    MCHID,
    OUR_SERIAL,
    SUB_MCHID,
    WeChatTown,
    certified,
    named,
    wechat_town,
)
from xiaopos.simulator.moods import Mood, Trouble

SCENE = {"store_info": {"id": "tea"}}


def shop_of_now() -> Shop:
    """A shop whose clock shows the machine's time, as the client's does."""
    return Shop(clock=StandingClock(datetime.now(UTC)))


def pointed(monkeypatch: pytest.MonkeyPatch, town: WeChatTown) -> None:
    """Let every client ask our WeChat Pay instead of the real one, from its first question on."""

    class Here(Core):  # type: ignore[misc]  # the class behind it comes without types
        """The client's core, elsewhere."""

        @property
        def _gate_way(self) -> str:
            return town.url

        @_gate_way.setter
        def _gate_way(self, value: str) -> None:
            assert value == "https://api.mch.weixin.qq.com"

    monkeypatch.setattr("wechatpayv3.core.Core", Here)


def client_of(*, key: str = "application", by_public_key: bool = True, partner: bool = False, **more: Any) -> Any:
    """A client in public-key mode, or one that fetches certificates first."""
    private = base64.b64encode(pkcs8(key)).decode()
    theirs = {"public_key": base64.b64encode(public_of("wechat")).decode(), "public_key_id": KEY_ID}
    return WeChatPay(
        wechatpay_type=WeChatPayType.NATIVE,
        mchid=MCHID,
        private_key=private,
        cert_serial_no=OUR_SERIAL,
        appid=APPID,
        apiv3_key=API_V3_KEY.value.decode(),
        notify_url="https://shop.invalid/notify",
        partner_mode=partner,
        timeout=(10, 30),
        **({**theirs, **more} if by_public_key else more),
    )


async def ask(question: Callable[..., Any], **parts: Any) -> tuple[int, Any]:
    """Ask with the client, which blocks."""
    status, text = await asyncio.to_thread(question, **parts)
    return status, json.loads(text) if text else None


def amount(minor: int) -> dict[str, object]:
    """An amount as the client is told it."""
    return {"total": minor, "currency": "CNY"}


def told(number: str, minor: int = 2_500, **parts: Any) -> dict[str, Any]:
    """What a test sells."""
    return {"description": "茶", "out_trade_no": number, "amount": amount(minor), **parts}


def by_code(town: WeChatTown, customer: str = "mei") -> dict[str, Any]:
    """Paid with a customer's code."""
    code = town.code(customer).value.decode()
    return {"pay_type": WeChatPayType.CODEPAY, "payer": {"auth_code": code}, "scene_info": SCENE}


def test_it_takes_asks_for_and_gives_back_money(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with wechat_town(shop=shop_of_now(), answer_timeout_s=5.0) as town:
            pointed(monkeypatch, town)
            client = client_of()
            status, paid = await ask(client.pay, **told("tea-000001"), **by_code(town))
            assert (status, paid["trade_state"], paid["amount"]["total"]) == (200, "SUCCESS", 2_500)
            status, asked = await ask(client.query, transaction_id=paid["transaction_id"])
            assert (status, asked["out_trade_no"], asked["payer"]) == (200, "tea-000001", paid["payer"])
            back = {"out_refund_no": "back-1", "out_trade_no": "tea-000001"}
            sums = {"refund": 500, "total": 2_500, "currency": "CNY"}
            assert (await ask(client.refund, amount=sums, **back))[1]["status"] == "SUCCESS"
            assert (await ask(client.refund, amount=sums, **back))[1]["status"] == "SUCCESS"
            assert (await ask(client.query_refund, out_refund_no="back-1"))[1]["amount"]["refund"] == 500
            assert (await ask(client.query_refund, out_refund_no="back-2"))[0] == 404
            assert (await ask(client.query, out_trade_no="tea-000001"))[1]["trade_state"] == "REFUND"
            assert town.owns("mei") == 1_998_000
            status, poor = await ask(client.pay, **told("tea-000002", 3_001), **by_code(town, "tao"))
            assert (status, poor["code"]) == (403, "NOT_ENOUGH")

    run(story())


def test_it_shows_closes_and_reverses(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with wechat_town(shop=shop_of_now(), answer_timeout_s=5.0) as town:
            pointed(monkeypatch, town)
            client = client_of()
            status, shown = await ask(client.pay, **told("tea-000003"))
            assert (status, shown["code_url"].partition("?")[0]) == (200, "weixin://wxpay/bizpayurl")
            assert (await ask(client.query, out_trade_no="tea-000003"))[1]["trade_state"] == "NOTPAY"
            assert await ask(client.close, out_trade_no="tea-000003") == (204, None)
            assert town.trades.scan("mei", shown["code_url"]) is None
            assert (await ask(client.close, out_trade_no="tea-000003"))[1]["code"] == "ORDER_CLOSED"
            status, waiting = await ask(client.pay, **told("tea-000004", 50_000), **by_code(town))
            assert waiting["code"] == "USERPAYING"
            assert (await ask(client.codepay_reverse, out_trade_no="tea-000004"))[1]["code"] == "USERPAYING"
            town.shop.clock.pass_seconds(15)
            assert (await ask(client.codepay_reverse, out_trade_no="tea-000004"))[0] == 200
            assert (await ask(client.query, out_trade_no="tea-000004"))[1]["trade_state"] == "REVOKED"

    run(story())


def test_it_refuses_a_wrong_key_and_is_refused_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with wechat_town(shop=shop_of_now(), answer_timeout_s=5.0) as town:
            pointed(monkeypatch, town)
            status, refused = await ask(client_of(key="stranger").query, out_trade_no="tea-000001")
            assert (status, refused["code"], refused["detail"]["field"]) == (401, "SIGN_ERROR", "signature")
            await town.server.set_mood(Mood(Trouble.SPOIL_SEAL))
            with pytest.raises(Exception, match="verify the signature"):
                await ask(client_of().pay, **told("tea-000005"))

    run(story())


def test_it_downloads_certificates_and_follows_them(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        first, second = certified("wechat", 0x7132D72A), certified("wechat-next", 0x7132D72B)
        async with wechat_town(shop=shop_of_now(), signers=(first,), answer_timeout_s=5.0) as town:
            pointed(monkeypatch, town)
            client = await asyncio.to_thread(client_of, by_public_key=False)
            assert [f"{one.serial_number:X}" for one in client._core._certificates] == [first.serial]
            assert (await ask(client.pay, **told("tea-000006")))[0] == 200
            town.server.signers.append(second)
            assert (await ask(client.query, out_trade_no="tea-000006"))[0] == 200
            assert len(client._core._certificates) == 2

    run(story())


def test_it_opens_a_notification(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with wechat_town(shop=shop_of_now(), answer_timeout_s=5.0) as town, receiver() as shop:
            pointed(monkeypatch, town)
            client = client_of()
            _, shown = await ask(client.pay, **told("tea-000007", notify_url=shop.url))
            assert town.trades.scan("mei", shown["code_url"]) is not None
            assert town.trades.confirm("mei", "tea-000007") is not None
            await shop.until(1)
            headers, body = shop.came[0]
            notice = client.callback(headers, body)
            assert (notice["event_type"], notice["resource"]["out_trade_no"]) == ("TRANSACTION.SUCCESS", "tea-000007")
            assert client.callback(headers, body.replace(b"SUCCESS", b"SUCCES5")) is None

    run(story())


def test_a_partner_asks_for_its_sub_merchants(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with wechat_town(shop=shop_of_now(), sub_mchids=frozenset({SUB_MCHID}), answer_timeout_s=5.0) as town:
            pointed(monkeypatch, town)
            client = client_of(partner=True)
            status, paid = await ask(client.pay, **told("tea-000008"), **by_code(town), sub_mchid=SUB_MCHID)
            assert (status, paid["sub_mchid"], "sp_openid" in paid["payer"]) == (200, SUB_MCHID, True)
            assert (await ask(client.query, out_trade_no="tea-000008", sub_mchid="1900000999"))[0] == 403
            assert (await ask(client.codepay_reverse, out_trade_no="tea-000008", sub_mchid=SUB_MCHID))[0] == 200
            assert town.owns("mei") == 2_000_000

    run(story())


def test_it_fetches_the_bill_of_yesterday(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        shop = shop_of_now()
        shop.clock.pass_seconds(-2 * 24 * 3600)
        async with wechat_town(shop=shop, signers=(named(),)) as town:
            pointed(monkeypatch, town)
            day = (shop.clock.now() + timedelta(hours=8)).date().isoformat()
            sale = town.sale(2_500)
            await town.wallet.pay(sale, town.code("mei"))
            shop.clock.at = datetime.now(UTC)
            client = client_of()
            _, link = await ask(client.trade_bill, bill_date=day)
            status, packed = await asyncio.to_thread(client.download_bill, link["download_url"])
            assert (status, f"`{sale.payment_id},".encode() in gzip.decompress(packed)) == (200, True)
            today = (shop.clock.now() + timedelta(hours=8)).date().isoformat()
            assert (await ask(client.fundflow_bill, bill_date=today))[1]["code"] == "STATEMENT_CREATING"

    run(story())
