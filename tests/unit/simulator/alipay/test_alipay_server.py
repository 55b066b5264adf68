"""The pretend Alipay's door and words: what it refuses, and what its orders become."""

from __future__ import annotations

import base64
import json
from typing import Any

import aiohttp
import pytest

from support.alipay_town import APP_ID, AlipayTown, alipay_town, pkcs8
from support.channels import run
from xiaopos.gateways.alipay.signing import signed_text
from xiaopos.keys.signatures import RsaSigningKey

NOW = "2026-03-14 09:30:00"
"""The standing clock's time in China."""


async def ask(town: AlipayTown, method: str, content: Any = None, /, **changed: str) -> dict[str, Any]:
    """Ask as a shop would, with some parameters changed; an empty one is left out. The answer without its signature."""
    parameters = {
        "app_id": APP_ID,
        "method": method,
        "charset": "utf-8",
        "sign_type": "RSA2",
        "timestamp": NOW,
        "version": "1.0",
        "biz_content": content if isinstance(content, str) else json.dumps(content or {}),
        **changed,
    }
    given = {name: value for name, value in parameters.items() if value}
    signature = RsaSigningKey(pkcs8("application")).sign(signed_text(given).encode())
    given["sign"] = changed.get("sign", base64.b64encode(signature).decode())
    async with aiohttp.ClientSession() as session, session.post(f"{town.url}/gateway.do", data=given) as answer:
        bodies: dict[str, Any] = json.loads(await answer.text())
    return next(body for name, body in bodies.items() if name.endswith("_response"))


def order(number: str = "tea-000001", **parts: Any) -> dict[str, Any]:
    """What a shop sells."""
    return {"out_trade_no": number, "total_amount": "25.00", "subject": "茶", "scene": "bar_code", **parts}


@pytest.mark.parametrize(
    ("changed", "code", "sub_code"),
    [
        ({"app_id": ""}, "40001", "isv.missing-app-id"),
        ({"app_id": "2021999999999999"}, "40002", "isv.invalid-app-id"),
        ({"method": ""}, "40001", "isv.missing-method"),
        ({"sign": ""}, "40001", "isv.missing-signature"),
        ({"sign_type": ""}, "40001", "isv.missing-signature-type"),
        ({"timestamp": ""}, "40001", "isv.missing-timestamp"),
        ({"version": ""}, "40001", "isv.missing-version"),
        ({"method": "alipay.trade.give"}, "40002", "isv.invalid-method"),
        ({"sign_type": "RSA"}, "40002", "isv.invalid-signature-type"),
        ({"timestamp": "yesterday"}, "40002", "isv.invalid-timestamp"),
        ({"timestamp": "2026-03-14 09:46:00"}, "40002", "isv.invalid-timestamp"),
        ({"sign": "AAAA"}, "40002", "isv.invalid-signature"),
        ({"biz_content": "[]"}, "40004", "ACQ.INVALID_PARAMETER"),
        ({"biz_content": "{"}, "40004", "ACQ.INVALID_PARAMETER"),
        ({}, "40004", "ACQ.TRADE_NOT_EXIST"),
    ],
)
def test_the_gateway_refuses_in_its_order(changed: dict[str, str], code: str, sub_code: str) -> None:
    async def story() -> None:
        async with alipay_town() as town:
            method = changed.pop("method", "alipay.trade.query")
            answer = await ask(town, method, order(), **changed)
            assert (answer["code"], answer["sub_code"]) == (code, sub_code)

    run(story())


@pytest.mark.parametrize(
    ("method", "content"),
    [
        ("alipay.trade.pay", order(scene="by_heart", auth_code="280000000000000000")),
        ("alipay.trade.pay", order(subject="", auth_code="280000000000000000")),
        ("alipay.trade.pay", order(total_amount="free", auth_code="280000000000000000")),
        ("alipay.trade.precreate", order(subject="")),
        ("alipay.trade.precreate", order(total_amount="-1")),
        ("alipay.trade.cancel", {}),
    ],
)
def test_what_no_order_can_be_is_refused(method: str, content: dict[str, Any]) -> None:
    async def story() -> None:
        async with alipay_town() as town:
            assert (await ask(town, method, content))["sub_code"] == "ACQ.INVALID_PARAMETER"

    run(story())


def test_an_order_is_paid_once_whatever_is_asked_again() -> None:
    async def story() -> None:
        async with alipay_town() as town:
            code = {"auth_code": town.code("mei").value.decode()}
            assert (await ask(town, "alipay.trade.pay", order(**code)))["code"] == "10000"
            again = await ask(town, "alipay.trade.pay", order(**code))
            assert again["sub_code"] == "ACQ.TRADE_HAS_SUCCESS"
            poor = order("tea-000002", auth_code=town.code("tao").value.decode(), total_amount="30.01")
            for _ in range(2):
                assert (await ask(town, "alipay.trade.pay", poor))["sub_code"] == "ACQ.BUYER_BALANCE_NOT_ENOUGH"
            await ask(town, "alipay.trade.cancel", {"out_trade_no": "tea-000001"})
            gone = await ask(town, "alipay.trade.pay", order(**code))
            assert gone["sub_code"] == "ACQ.TRADE_HAS_CLOSE"
            assert town.owns("mei") == 2_000_000

    run(story())


def test_a_code_is_shown_for_an_order_until_it_is_paid_or_closed() -> None:
    async def story() -> None:
        async with alipay_town() as town:
            shown = await ask(town, "alipay.trade.precreate", order())
            assert (await ask(town, "alipay.trade.precreate", order()))["qr_code"] == shown["qr_code"]
            assert (await ask(town, "alipay.trade.close", {"out_trade_no": "tea-000001"}))[
                "sub_code"
            ] == "ACQ.TRADE_NOT_EXIST"
            town.trades.scan("mei", shown["qr_code"])
            town.trades.confirm("mei", "tea-000001")
            assert (await ask(town, "alipay.trade.precreate", order()))["sub_code"] == "ACQ.TRADE_HAS_SUCCESS"
            await ask(town, "alipay.trade.precreate", order("tea-000002"))
            await ask(town, "alipay.trade.cancel", {"out_trade_no": "tea-000002"})
            assert (await ask(town, "alipay.trade.precreate", order("tea-000002")))["sub_code"] == "ACQ.TRADE_HAS_CLOSE"

    run(story())


def test_a_refund_number_belongs_to_one_refund_of_one_order() -> None:
    async def story() -> None:
        async with alipay_town() as town:
            for number in ("tea-000001", "tea-000002"):
                await ask(town, "alipay.trade.pay", order(number, auth_code=town.code("mei").value.decode()))
            part = {"out_trade_no": "tea-000001", "refund_amount": "5.00", "out_request_no": "back-1"}
            assert (await ask(town, "alipay.trade.refund", part))["fund_change"] == "Y"
            other = await ask(town, "alipay.trade.refund", {**part, "refund_amount": "6.00"})
            assert other["sub_code"] == "ACQ.DISCORDANT_REPEAT_REQUEST"
            elsewhere = {"out_trade_no": "tea-000002", "out_request_no": "back-1"}
            assert "refund_status" not in await ask(town, "alipay.trade.fastpay.refund.query", elsewhere)
            nowhere = {"out_trade_no": "tea-000003", "out_request_no": "back-1"}
            unknown = await ask(town, "alipay.trade.fastpay.refund.query", nowhere)
            assert unknown["sub_code"] == "ACQ.TRADE_NOT_EXIST"
            rest = await ask(town, "alipay.trade.refund", {"out_trade_no": "tea-000001", "refund_amount": "20"})
            assert (rest["refund_fee"], rest["send_back_fee"]) == ("25.00", "20.00")
            closed = await ask(town, "alipay.trade.query", {"out_trade_no": "tea-000001"})
            assert (closed["trade_status"], closed["send_pay_date"]) == ("TRADE_CLOSED", NOW)

    run(story())


def test_a_bills_link_dies_after_thirty_seconds() -> None:
    async def story() -> None:
        async with alipay_town() as town:
            await ask(town, "alipay.trade.pay", order(auth_code=town.code("mei").value.decode()))
            town.shop.clock.pass_seconds(24 * 3600 + 1800)
            asked = {"bill_type": "trade", "bill_date": "2026-03-14"}
            name, now = "alipay.data.dataservice.bill.downloadurl.query", "2026-03-15 10:00:00"
            link = (await ask(town, name, asked, timestamp=now))["bill_download_url"]
            async with aiohttp.ClientSession() as session:
                for seconds, status in ((30, 200), (1, 403)):
                    town.shop.clock.pass_seconds(seconds)
                    async with session.get(link) as answer:
                        assert answer.status == status
            for wrong in ({"bill_date": "2026-3"}, {"bill_date": ""}, {"bill_type": "all"}):
                answered = await ask(town, name, {**asked, **wrong}, timestamp=now)
                assert answered["sub_code"] == "INVAILID_ARGUMENTS"

    run(story())
