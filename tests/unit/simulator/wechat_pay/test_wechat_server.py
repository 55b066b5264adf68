"""The pretend WeChat Pay's door: what it refuses before any business, and its own rules."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import aiohttp

from support.alipay_town import pkcs8
from support.channels import run
from support.wechat_town import APPID, MCHID, OUR_SERIAL, SUB_MCHID, WeChatTown, wechat_town
from xiaopos.gateways.wechat_pay.messages import dump
from xiaopos.gateways.wechat_pay.signing import authorization, request_text
from xiaopos.keys.signatures import RsaSigningKey
from xiaopos.payments.answers import Approved, PayerAsked
from xiaopos.payments.payment import Method


class Raw:
    """Somebody who asks by hand."""

    def __init__(self, town: WeChatTown, session: aiohttp.ClientSession) -> None:
        self.town, self.session = town, session

    def header(self, method: str, path: str, body: bytes = b"", **changed: str) -> str:
        """The header that signs, with something wrong about it."""
        timestamp = changed.get("timestamp") or str(int(self.town.shop.clock.now().timestamp()))
        nonce = changed.get("nonce") or os.urandom(16).hex()
        key = RsaSigningKey(pkcs8(changed.get("key", "application")))
        signature = key.sign(request_text(method, path, timestamp, nonce, body))
        mchid, serial = changed.get("mchid", MCHID), changed.get("serial", OUR_SERIAL)
        return authorization(mchid=mchid, serial=serial, nonce=nonce, timestamp=timestamp, signature=signature)

    async def ask(self, method: str, path: str, body: bytes = b"", header: str = "") -> tuple[int, Any]:
        """A question and its answer."""
        given = {"Authorization": header or self.header(method, path, body)}
        async with self.session.request(method, self.town.url + path, data=body or None, headers=given) as answer:
            return answer.status, await answer.json() if answer.status != 204 else None

    async def post(self, path: str, **content: Any) -> tuple[int, str]:
        """A question with a body: its answer's status and code."""
        status, said = await self.ask("POST", path, dump(content))
        return status, (said or {}).get("code", "")


QUERY = f"/v3/pay/transactions/out-trade-no/tea-000001?mchid={MCHID}"
NEW, PARTNER = "/v3/pay/transactions", "/v3/pay/partner/transactions"
WHO = {"mchid": MCHID, "appid": APPID}


def told(number: str, minor: object = 2_500, **parts: object) -> dict[str, object]:
    """What a test sells."""
    return {**WHO, "description": "茶", "out_trade_no": number, "amount": {"total": minor, "currency": "CNY"}, **parts}


def test_whoever_is_not_known_is_refused_by_the_field_that_is_wrong() -> None:
    async def story() -> None:
        async with wechat_town(answer_timeout_s=5.0) as town, aiohttp.ClientSession() as session:
            raw = Raw(town, session)
            stale = str(int((town.shop.clock.now() - timedelta(seconds=301)).timestamp()))
            unreadable = raw.header("GET", QUERY).replace('signature="', 'signature="!')
            for header, field in (
                ("Basic abc", "authorization"),
                ('WECHATPAY2-SHA256-RSA2048 mchid="1"', "authorization"),
                (raw.header("GET", QUERY, mchid="1900000999"), "mchid"),
                (raw.header("GET", QUERY, serial="00"), "serial_no"),
                (raw.header("GET", QUERY, timestamp=stale), "timestamp"),
                (raw.header("GET", QUERY, timestamp="now"), "timestamp"),
                (raw.header("GET", QUERY, key="stranger"), "signature"),
                (raw.header("GET", QUERY + "&more=1"), "signature"),
                (unreadable, "signature"),
            ):
                status, said = await raw.ask("GET", QUERY, header=header)
                assert (status, said["code"], said["detail"]["field"]) == (401, "SIGN_ERROR", field)
            once = raw.header("GET", QUERY)
            assert (await raw.ask("GET", QUERY, header=once))[0] == 404
            assert (await raw.ask("GET", QUERY, header=once))[1]["detail"]["field"] == "nonce_str"

    run(story())


def test_what_is_asked_wrongly_is_refused() -> None:
    async def story() -> None:
        async with (
            wechat_town(sub_mchids=frozenset({SUB_MCHID}), answer_timeout_s=5.0) as town,
            aiohttp.ClientSession() as session,
        ):
            raw = Raw(town, session)
            assert (await raw.ask("POST", f"{NEW}/native", b"{"))[1]["code"] == "PARAM_ERROR"
            assert (await raw.ask("POST", f"{NEW}/native", b"[]"))[1]["code"] == "PARAM_ERROR"
            assert await raw.post(f"{NEW}/native", **told("tea-000001")) == (400, "PARAM_ERROR"), "no address to notify"
            url = {"notify_url": "https://shop.invalid/"}
            assert await raw.post(f"{NEW}/native", **told("tea", **url)) == (400, "PARAM_ERROR")
            assert await raw.post(f"{NEW}/native", **told("tea-000001", "25.00", **url)) == (400, "PARAM_ERROR")
            assert await raw.post(f"{NEW}/native", **told("tea-000001", mchid="1", **url)) == (400, "PARAM_ERROR")
            stranger = told("tea-000001", appid="wx1", **url)
            assert await raw.post(f"{NEW}/native", **stranger) == (400, "APPID_MCHID_NOT_MATCH")
            sub = {"sp_mchid": MCHID, "sp_appid": APPID, "sub_mchid": "1900000999"}
            assert await raw.post(f"{PARTNER}/native", **told("tea-000001", **sub)) == (403, "NO_AUTH")
            no_sub = {"sp_mchid": MCHID, "sp_appid": APPID}
            assert await raw.post(f"{PARTNER}/native", **told("tea-000001", **no_sub)) == (400, "PARAM_ERROR")
            assert await raw.post(f"{NEW}/codepay", **told("tea-000001")) == (400, "PARAM_ERROR")
            refunds = "/v3/refund/domestic/refunds"
            assert await raw.post(refunds, out_trade_no="tea-000001") == (400, "PARAM_ERROR")
            lost = {
                "transaction_id": "42",
                "out_refund_no": "back-1",
                "amount": {"total": 1, "refund": 1, "currency": "CNY"},
            }
            assert await raw.post(refunds, **lost) == (404, "RESOURCE_NOT_EXISTS")
            assert (await raw.ask("GET", "/v3/bill/tradebill?bill_date=yesterday"))[1]["code"] == "PARAM_ERROR"
            assert (await raw.ask("GET", "/v3/bill/tradebill?bill_date=2026-02-30"))[1]["code"] == "PARAM_ERROR"
            assert (await raw.ask("GET", "/v3/billdownload/file?token=1", header="Basic abc"))[0] == 401
            assert (await raw.ask("GET", "/v3/certificates"))[1]["code"] == "RESOURCE_NOT_EXISTS"

    run(story())


def test_orders_keep_to_their_kind() -> None:
    async def story() -> None:
        async with wechat_town(answer_timeout_s=5.0) as town, aiohttp.ClientSession() as session:
            raw = Raw(town, session)
            shown = town.sale(2_500, Method.SHOP_CODE)
            answer = await town.wallet.show_code(shown)
            assert isinstance(answer, PayerAsked)
            paid = town.sale(2_500)
            assert isinstance(await town.wallet.pay(paid, town.code("mei")), Approved)
            end = f"{NEW}/out-trade-no"
            assert await raw.post(f"{end}/{shown.payment_id}/reverse", **WHO) == (400, "INVALID_REQUEST")
            assert await raw.post(f"{end}/{paid.payment_id}/close", mchid=MCHID) == (400, "INVALID_REQUEST")
            assert await raw.post(f"{end}/tea-000009/close", mchid=MCHID) == (404, "ORDER_NOT_EXIST")
            again = told(shown.payment_id, scene_info={"store_info": {"id": "tea"}}, notify_url="https://shop.invalid/")
            assert (await raw.post(f"{NEW}/native", **again)) == (200, ""), "the same code again"
            town.trades.scan("mei", answer.shown_code)
            town.trades.confirm("mei", shown.payment_id)
            assert await raw.post(f"{NEW}/native", **again) == (400, "ORDERPAID")
            back = {"out_refund_no": "back-1", "out_trade_no": paid.payment_id}
            refunds = "/v3/refund/domestic/refunds"
            other = {"total": 2_501, "refund": 1, "currency": "CNY"}
            assert await raw.post(refunds, **back, amount=other) == (400, "INVALID_REQUEST")
            whole = {"total": 2_500, "refund": 2_500, "currency": "CNY"}
            assert await raw.post(refunds, **back, amount=whole) == (200, "")
            assert await raw.post(refunds, **back, amount={**whole, "refund": 1}) == (400, "INVALID_REQUEST")
            assert await raw.post(f"{end}/{paid.payment_id}/reverse", **WHO) == (400, "INVALID_REQUEST"), "paid back"
            town.shop.clock.pass_seconds(8 * 24 * 3600)
            assert await raw.post(f"{end}/{paid.payment_id}/reverse", **WHO) == (400, "REVERSE_EXPIRE")

    run(story())


def test_a_link_to_a_bill_lives_for_thirty_seconds() -> None:
    async def story() -> None:
        async with wechat_town(answer_timeout_s=5.0) as town, aiohttp.ClientSession() as session:
            raw = Raw(town, session)
            assert isinstance(await town.wallet.pay(town.sale(2_500), town.code("mei")), Approved)
            town.shop.clock.pass_seconds(48 * 3600)
            _, link = await raw.ask("GET", "/v3/bill/fundflowbill?bill_date=2026-03-14")
            path = link["download_url"].removeprefix(town.url)
            town.shop.clock.pass_seconds(31)
            assert (await raw.ask("GET", path))[0] == 404

    run(story())
