"""Merchants' own contracts with a wallet: who takes what, asking without money, and never asking under the wrong one."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from msgspec.structs import replace

from support.alipay_town import APP_ID, SELLER_ID, pkcs8
from support.channels import asked_again, run
from support.contract_town import PAGES, ContractTown, contract_of, contract_town
from support.contracts import TEA, alipay_draft, certificate_pem, public_pem
from xiaopos.gateways.alipay.contract import AlipayKind
from xiaopos.gateways.alipay.signing import notified_text
from xiaopos.gateways.merchant_wallets import Contracts
from xiaopos.kernel.refusal import Reason
from xiaopos.keys import KeyState, WrappedKey
from xiaopos.keys.signatures import RsaSigningKey
from xiaopos.merchants.wallet_contracts import STANDS_AFTER
from xiaopos.payments.answers import Approved, Declined, OutcomeUnknown
from xiaopos.payments.payment import Kind
from xiaopos.payments.states import State
from xiaopos.simulator.moods import Mood, Stage, Trouble
from xiaopos.usecases.keep_wallet_contract import Finding, Incoming, Noticed, Probe, Unbelieved

CONTRACT = f"{1:032x}"


async def probed(town: ContractTown) -> Probe:
    assert town.desk is not None
    return await town.desk.probe(CONTRACT)


def test_a_contract_that_both_sides_know_works() -> None:
    async def story() -> None:
        async with contract_town() as town:
            assert await probed(town) == Probe(Finding.WORKS, "ACQ.TRADE_NOT_EXIST")
            assert town.trades.records.orders_of("mei", 10) == []

    run(story())


@pytest.mark.parametrize(
    ("town", "finding", "said"),
    [
        ({"stranger": True}, Finding.OUR_KEY, "isv.invalid-signature"),
        ({"app_id": "2021000000000009"}, Finding.OUR_NUMBER, "isv.invalid-app-id"),
        ({"wallet_public_key": public_pem("somebody")}, Finding.THEIR_KEY, "ACQ.TRADE_NOT_EXIST"),
        ({"app": {"app_cert_sn": "0" * 32}}, Finding.OUR_CERTIFICATE, "isv.invalid-app-cert-sn"),
        ({"app": {"tokens": frozenset({"t" * 40})}}, Finding.PERMISSION, "aop.invalid-app-auth-token"),
    ],
)
def test_what_is_wrong_with_a_contract_is_found_by_asking(town: dict[str, Any], finding: Finding, said: str) -> None:
    async def story() -> None:
        async with contract_town(**town) as made:
            assert await probed(made) == Probe(finding, said)

    run(story())


def test_a_clock_that_is_wrong_a_wallet_with_trouble_and_one_that_is_away_are_told_apart() -> None:
    async def story() -> None:
        async with contract_town() as town:
            await town.server.set_mood(Mood(Trouble.ANSWER_CODE, code="ACQ.SYSTEM_ERROR", stage=Stage.ANY))
            assert (await probed(town)).finding is Finding.UNSURE
            await town.server.set_mood(Mood(Trouble.ANSWER_CODE, code="ACQ.SOMETHING_NEW", stage=Stage.ANY))
            assert await probed(town) == Probe(Finding.REFUSED, "ACQ.SOMETHING_NEW")
            await town.server.set_mood(Mood(Trouble.ANSWER_CODE, code="isv.invalid-timestamp", stage=Stage.ANY))
            assert (await probed(town)).finding is Finding.CLOCK
            await town.server.set_mood(Mood(Trouble.DOWN))
            assert (await probed(town)).finding is Finding.UNREACHABLE

    run(story())


def test_a_database_or_a_contract_that_cannot_be_found_leaves_it_unsure() -> None:
    async def story() -> None:
        async with contract_town() as town:
            assert town.desk is not None
            assert town.contracts is not None
            assert await town.desk.probe("f" * 32) == Probe(Finding.UNSURE)
            town.contracts.away = True
            assert await town.desk.probe(CONTRACT) == Probe(Finding.UNSURE)

    run(story())


def test_only_merchants_with_a_contract_that_counts_are_taken_for() -> None:
    async def story() -> None:
        async with contract_town(active=False) as town:
            assert town.desk is not None
            assert town.contracts is not None
            assert not town.desk.takes("alipay", TEA)
            assert town.desk.takes("alipay-trial", TEA)
            assert not town.desk.takes("alipay-trial", "898110058120002")
            assert town.desk.takes("sandbox", TEA), "wallets without contracts are not its business"
            town.contracts.rows.append(contract_of(town.shop, alipay_draft(number=2)))
            await town.contracts.look()
            assert town.desk.takes("alipay", TEA)
            assert sorted(town.desk.wallets()) == ["alipay", "alipay-trial"]

    run(story())


def test_a_test_payment_and_its_refund_go_out_under_the_contract_on_trial() -> None:
    async def story() -> None:
        async with contract_town(active=False) as town:
            assert town.name == "alipay-trial"
            sale = town.sale(1)
            assert isinstance(await town.wallet.pay(sale, town.code("mei")), Approved)
            refund = town.shop.undoing(Kind.REFUND, sale)
            assert isinstance(await town.wallet.refund(refund, replace(sale, state=State.APPROVED)), Approved)
            assert town.owns("mei") == 2_000_000

    run(story())


def test_whoever_has_not_read_contracts_for_too_long_asks_nothing() -> None:
    async def story() -> None:
        async with contract_town() as town:
            assert town.contracts is not None
            before = town.sale(100)
            town.contracts.away = True
            town.shop.clock.pass_seconds(STANDS_AFTER.total_seconds() + 1)
            sale = town.sale(2_500)
            answer = await town.wallet.pay(sale, town.code("mei"))
            assert isinstance(answer, Declined)
            assert (answer.reason, answer.never_left) == (Reason.CHANNEL_UNAVAILABLE, True)
            nobody, known = [await town.wallet.query(asked_again(one)) for one in (sale, before)]
            assert isinstance(nobody, OutcomeUnknown)
            assert isinstance(known, OutcomeUnknown)
            assert "no contract" in nobody.cause
            assert "no contract" not in known.cause, "that one's contract is known, and its wallet was asked"

    run(story())


def test_payments_of_a_merchant_without_a_contract_are_refused_before_anything_leaves() -> None:
    async def story() -> None:
        async with contract_town() as town:
            sale = replace(town.sale(2_500), merchant_id="898110058120002")
            answer = await town.wallet.pay(sale, town.code("mei"))
            assert isinstance(answer, Declined)
            assert answer.never_left
            assert isinstance(await town.wallet.reverse(sale), OutcomeUnknown)

    run(story())


def test_a_key_that_may_not_serve_refuses_what_is_new_and_leaves_what_is_old_unknown() -> None:
    async def story() -> None:
        async with contract_town() as town:
            assert town.contracts is not None
            assert town.desk is not None
            sale = town.sale(2_500)
            assert isinstance(await town.wallet.pay(sale, town.code("mei")), Approved)
            key = WrappedKey.from_text(town.contracts.rows[0].keys["private_key"])
            town.shop.vault.heed({key.key_id: KeyState.COMPROMISED})
            answer = await town.wallet.pay(town.sale(100), town.code("mei"))
            assert isinstance(answer, Declined)
            assert (answer.reason, answer.never_left) == (Reason.KEY_FAULT, True)
            assert isinstance(await town.wallet.query(sale), OutcomeUnknown)
            assert (await probed(town)).finding is Finding.OUR_KEY

    run(story())


def form(out_trade_no: str, *, charset: str = "utf-8", key: str = "alipay") -> bytes:
    """A notification as it comes over the line."""
    given = {
        "notify_id": "2026031400222093000000000000000001",
        "app_id": APP_ID,
        "charset": charset,
        "sign_type": "RSA2",
        "out_trade_no": out_trade_no,
        "seller_id": SELLER_ID,
        "trade_status": "TRADE_SUCCESS",
        "total_amount": "25.00",
        "subject": "茶",
    }
    signature = base64.b64encode(RsaSigningKey(pkcs8(key)).sign(notified_text(given))).decode()
    return urlencode({**given, "sign": signature}, encoding=charset).encode()


@pytest.mark.parametrize("charset", ["utf-8", "gbk"])
def test_a_notification_names_its_merchant_and_its_payment(charset: str) -> None:
    async def story() -> None:
        async with contract_town() as town:
            assert town.desk is not None
            read = await town.desk.read_notice(CONTRACT, Incoming({}, form("1" * 32, charset=charset)))
            assert read == (TEA, Noticed("1" * 32, b"success", "text/plain"))

    run(story())


@pytest.mark.parametrize(
    ("contract", "body", "why"),
    [
        (CONTRACT, form("1" * 32, key="stranger"), "no valid signature"),
        (CONTRACT, b"\xff\xfe", "no form"),
        (CONTRACT, b"&".join(b"a%d=1" % one for one in range(200)), "no form"),
        (CONTRACT, b"charset=gbk&a=%ff", "no form"),
        (CONTRACT, b"charset=ebcdic&sign_type=RSA2", "character set"),
        ("f" * 32, form("1" * 32), "no such contract"),
    ],
)
def test_what_is_not_the_wallets_is_not_believed(contract: str, body: bytes, why: str) -> None:
    async def story() -> None:
        async with contract_town() as town:
            assert town.desk is not None
            read = await town.desk.read_notice(contract, Incoming({}, body))
            assert isinstance(read, Unbelieved)
            assert why in read.cause

    run(story())


def test_a_wallet_is_told_where_we_hear_it_only_if_it_can_reach_us() -> None:
    async def story() -> None:
        async with contract_town() as town:
            assert town.desk is not None
            assert town.contracts is not None
            (contract,) = town.contracts.rows
            assert town.desk.notice_address(contract) == f"{PAGES}/notices/alipay/{CONTRACT}/"
            town.desk._address = ""
            assert town.desk.notice_address(contract) == ""

    run(story())


def test_certificates_are_named_by_the_field_that_cannot_be_worked_with() -> None:
    async def story() -> None:
        async with contract_town() as town:
            kind = AlipayKind(town.shop.vault, town.shop.clock)
            good = certificate_pem("application")
            given = {"app_certificate": good, "wallet_certificate": good, "root_certificate": good}
            assert kind.unusable(given) == ""
            assert kind.unusable(given | {"root_certificate": "-----BEGIN"}) == "root_certificate"
            assert kind.unusable(given | {"wallet_certificate": "none"}) == "wallet_certificate"
            contract = contract_of(town.shop, alipay_draft(mode="certificate"))
            assert kind.open(contract, "").name == "alipay"

    run(story())


def test_a_stopped_desk_asks_nobody() -> None:
    async def story() -> None:
        async with contract_town() as town:
            assert town.desk is not None
            await town.desk.stop()
            assert isinstance(await town.wallet.show_code(town.sale(100)), Declined)
            assert Contracts(town.shop.clock.now() + timedelta(0), {}).one(CONTRACT) is None

    run(story())
