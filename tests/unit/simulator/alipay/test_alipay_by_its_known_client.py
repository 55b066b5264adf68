"""The pretend Alipay judged by a client that we did not write: python-alipay-sdk, as shops use it."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alipay import AliPay, DCAliPay, ISVAliPay  # type: ignore[import-untyped]  # it comes without types
from alipay.exceptions import AliPayException, AliPayValidationError  # type: ignore[import-untyped]  # as above
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_der_private_key
from cryptography.x509.oid import NameOID

from support.alipay_town import APP_ID, AlipayTown, alipay_town, pkcs8, public_of
from support.channels import Shop, StandingClock, run
from xiaopos.gateways.alipay.certificates import number_of, root_number_of
from xiaopos.payments.answers import Approved
from xiaopos.simulator.moods import Mood, Trouble

AUTHORITY = x509.Name(
    [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Pretend"),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Certification Authority"),
        x509.NameAttribute(NameOID.COMMON_NAME, "Pretend Certification Authority"),
    ]
)


def pem(der: bytes, label: str) -> str:
    """PEM as the client reads it."""
    return f"-----BEGIN {label}-----\n{base64.encodebytes(der).decode()}-----END {label}-----"


def certificate(name: str, serial: int) -> str:
    """A certificate for somebody's key from the pretend authority."""
    key, authority = load_der_private_key(pkcs8(name), None), load_der_private_key(pkcs8("authority"), None)
    return certified(key, authority, serial)


def certified(key: Any, authority: Any, serial: int) -> str:
    """A certificate for a key, signed by another."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    named = x509.CertificateBuilder().issuer_name(AUTHORITY).subject_name(AUTHORITY).serial_number(serial)
    lasting = named.not_valid_before(at).not_valid_after(at + timedelta(days=3650))
    return lasting.public_key(key.public_key()).sign(authority, SHA256()).public_bytes(Encoding.PEM).decode()


def pointed(client: Any, town: AlipayTown) -> Any:
    """The client, asking our Alipay instead of the real one."""
    client._gateway = f"{town.url}/gateway.do"
    return client


def client_of(town: AlipayTown, key: str = "application") -> Any:
    """A client in public-key mode."""
    private, public = pem(pkcs8(key), "PRIVATE KEY"), pem(public_of("alipay"), "PUBLIC KEY")
    return pointed(AliPay(APP_ID, None, private, public), town)


def shop_of_today() -> Shop:
    """A shop whose clock shows the machine's time: the client writes the machine's local time, taken for Chinese time here."""
    local = datetime.now(UTC).astimezone().replace(tzinfo=UTC)
    return Shop(clock=StandingClock(local - timedelta(hours=8)))


async def ask(question: Callable[..., Any], **parts: Any) -> Any:
    """Ask with the client, which blocks."""
    return await asyncio.to_thread(question, **parts)


def told(**parts: Any) -> dict[str, Any]:
    """What a test sells."""
    return {"subject": "茶", "total_amount": "25.00", **parts}


def test_it_takes_asks_for_and_gives_back_money() -> None:
    async def story() -> None:
        async with alipay_town(shop=shop_of_today(), answer_timeout_s=5.0) as town:
            client, code = client_of(town), town.code("mei").value.decode()
            order = {"out_trade_no": "tea-000001"}
            paid = await ask(client.api_alipay_trade_pay, **told(**order), scene="bar_code", auth_code=code)
            assert (paid["code"], paid["total_amount"], town.owns("mei")) == ("10000", "25.00", 1_997_500)
            asked = await ask(client.api_alipay_trade_query, trade_no=paid["trade_no"])
            assert (asked["trade_status"], asked["out_trade_no"]) == ("TRADE_SUCCESS", "tea-000001")
            part = await ask(client.api_alipay_trade_refund, refund_amount="5.00", out_request_no="back-1", **order)
            again = await ask(client.api_alipay_trade_refund, refund_amount="5.00", out_request_no="back-1", **order)
            assert [(one["fund_change"], one["refund_fee"]) for one in (part, again)] == [("Y", "5.00"), ("N", "5.00")]
            known = await ask(client.api_alipay_trade_fastpay_refund_query, out_request_no="back-1", **order)
            assert (known["refund_status"], known["refund_amount"]) == ("REFUND_SUCCESS", "5.00")
            nothing = await ask(client.api_alipay_trade_fastpay_refund_query, out_request_no="back-2", **order)
            assert (nothing["code"], "refund_status" in nothing) == ("10000", False)
            late = await ask(client.api_alipay_trade_cancel, **order)
            assert (late["sub_code"], late["retry_flag"]) == ("ACQ.REASON_TRADE_REFUND_FEE_ERR", "N")
            assert town.owns("mei") == 1_998_000

    run(story())


def test_it_shows_a_code_and_closes_or_cancels_what_is_not_paid() -> None:
    async def story() -> None:
        async with alipay_town(shop=shop_of_today(), answer_timeout_s=5.0) as town:
            client = client_of(town)
            shown = await ask(client.api_alipay_trade_precreate, **told(out_trade_no="tea-000002"))
            assert shown["qr_code"].startswith("https://qr.alipay.com/")
            before = await ask(client.api_alipay_trade_query, out_trade_no="tea-000002")
            assert before["sub_code"] == "ACQ.TRADE_NOT_EXIST"
            assert town.trades.scan("mei", shown["qr_code"]) is not None
            scanned = await ask(client.api_alipay_trade_query, out_trade_no="tea-000002")
            assert scanned["trade_status"] == "WAIT_BUYER_PAY"
            closed = await ask(client.api_alipay_trade_close, out_trade_no="tea-000002")
            again = await ask(client.api_alipay_trade_close, out_trade_no="tea-000002")
            assert (closed["code"], again["sub_code"]) == ("10000", "ACQ.TRADE_STATUS_ERROR")
            code = town.code("mei").value.decode()
            dear = told(out_trade_no="tea-000003", total_amount="500.00")
            waiting = await ask(client.api_alipay_trade_pay, **dear, scene="bar_code", auth_code=code)
            assert (waiting["code"], waiting["msg"]) == ("10003", "order success pay inprocess")
            undone = await ask(client.api_alipay_trade_cancel, out_trade_no="tea-000003")
            assert (undone["action"], undone["retry_flag"]) == ("close", "N")
            assert "action" not in await ask(client.api_alipay_trade_cancel, out_trade_no="tea-000004")

    run(story())


def test_it_refuses_a_wrong_key_and_is_refused_with_one() -> None:
    async def story() -> None:
        async with alipay_town(shop=shop_of_today(), answer_timeout_s=5.0) as town:
            refused = await ask(client_of(town, "stranger").api_alipay_trade_query, out_trade_no="tea-000001")
            assert (refused["code"], refused["sub_code"]) == ("40002", "isv.invalid-signature")
            await town.server.set_mood(Mood(Trouble.SPOIL_SEAL))
            with pytest.raises(AliPayValidationError):
                await ask(client_of(town).api_alipay_trade_precreate, **told(out_trade_no="tea-000005"))
            unknown = client_of(town)
            unknown._appid = "2021999999999999"
            with pytest.raises(AliPayException, match="invalid-app-id"):
                await ask(unknown.api_alipay_trade_query, out_trade_no="tea-000001")

    run(story())


def test_a_bill_that_is_not_ready_is_refused() -> None:
    async def story() -> None:
        shop = shop_of_today()
        async with alipay_town(shop=shop, answer_timeout_s=5.0) as town:
            client, today = client_of(town), f"{(shop.clock.now() + timedelta(hours=8)):%Y-%m-%d}"
            asked = {"bill_type": "trade", "bill_date": today}
            name = "alipay.data.dataservice.bill.downloadurl.query"
            assert (await ask(client.server_api, api_name=name, biz_content=asked))["sub_code"] == "BILL_NOT_EXIST"

    run(story())


def test_a_service_provider_asks_with_its_merchants_authorisation() -> None:
    async def story() -> None:
        app = {"tokens": frozenset({"201708BBmerchant"})}
        async with alipay_town(shop=shop_of_today(), answer_timeout_s=5.0, app=app) as town:
            private, public = pem(pkcs8("application"), "PRIVATE KEY"), pem(public_of("alipay"), "PUBLIC KEY")
            for token, code in (("201708BBmerchant", "40004"), ("201708BBstranger", "20001")):
                client = pointed(ISVAliPay(APP_ID, None, private, public, app_auth_token=token), town)
                assert (await ask(client.api_alipay_trade_query, out_trade_no="tea-000001"))["code"] == code

    run(story())


@pytest.mark.filterwarnings("ignore:X509:DeprecationWarning")  # the client reads certificates in an old way
def test_in_certificate_mode_both_clients_and_the_pretend_alipay_agree_on_the_numbers() -> None:
    async def story() -> None:
        ours, theirs, root = certificate("application", 20260314), certificate("alipay", 7), certificate("authority", 1)
        other = certified(ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1()), 2)
        chain = f"{root}\n{other}\n{certificate('authority', 3)}"
        numbers: dict[str, Any] = {"app_cert_sn": number_of(ours), "root_cert_sn": root_number_of(chain)}
        app = {**numbers, "alipay_cert_sn": number_of(theirs)}
        async with alipay_town(shop=shop_of_today(), answer_timeout_s=5.0, app=app, **numbers) as town:
            private = pem(pkcs8("application"), "PRIVATE KEY")
            client = pointed(DCAliPay(APP_ID, private, ours, theirs, chain), town)
            assert (client.app_cert_sn, client.alipay_root_cert_sn) == tuple(numbers.values())
            assert "_" in numbers["root_cert_sn"]
            answer = await ask(client.api_alipay_trade_query, out_trade_no="tea-000001")
            assert answer["sub_code"] == "ACQ.TRADE_NOT_EXIST"
            assert isinstance(await town.wallet.pay(town.sale(100), town.code("mei")), Approved)
            for attribute, wrong in (("_app_cert_sn", "app-cert-sn"), ("_alipay_root_cert_sn", "alipay-root-cert-sn")):
                stranger = pointed(DCAliPay(APP_ID, private, ours, theirs, chain), town)
                setattr(stranger, attribute, "0" * 32)
                refused = await ask(stranger.api_alipay_trade_query, out_trade_no="tea-000001")
                assert refused["sub_code"] == f"isv.invalid-{wrong}"

    run(story())
