"""The pretend network's QR customers: requests that they refuse, and a network that has none."""

from __future__ import annotations

import os

import pytest

from support.channels import StandingClock, card_town, run
from support.unionpay_qr_town import MEMBER, unionpay_qr_town
from xiaopos.gateways.unionpay import ShopFace, qr_messages
from xiaopos.kernel.refusal import Reason
from xiaopos.kernel.secret import Secret
from xiaopos.payments.answers import Declined
from xiaopos.payments.payment import Method, Payment
from xiaopos.simulator.network import UNIONPAY_TERMS, UnionPayTrades
from xiaopos.simulator.network.qr import QrSwitch
from xiaopos.wire.iso8583 import Message
from xiaopos.wire.iso8583.network_qr import SHIPPED


def refuse(asked: Message, code: str) -> Message:
    """A bare answer."""
    return Message(asked.mti[:2] + "10", {**asked.fields, 39: code})


@pytest.mark.parametrize(
    ("change", "mti", "code"),
    [
        ({3: "990000"}, "0200", "40"),
        ({3: "000000"}, "0220", "40"),
        ({49: "840"}, "0200", "A1"),
        ({4: "000000000000"}, "0200", "13"),
    ],
)
def test_what_cannot_be_meant_is_refused(change: dict[int, str], mti: str, code: str) -> None:
    trades = UnionPayTrades(":memory:", clock=StandingClock(), entropy=os.urandom, terms=UNIONPAY_TERMS)
    switch = QrSwitch(trades, refuse)

    async def story() -> None:
        async with unionpay_qr_town() as town:
            asked = qr_messages.pay(town.sale(100), Secret(b"6200000000000000000"), MEMBER, SHIPPED)
            asked.fields.update(change)
            asked.mti = mti
            data = switch.data_of(asked)
            assert data is not None
            assert switch.answer(asked, data).text(39) == code
        trades.close()

    run(story())


def test_a_network_without_such_customers_refuses_them() -> None:
    async def face_of(_: Payment) -> ShopFace:
        return ShopFace("Tea", "HANGZHOU")

    async def story() -> None:
        async with card_town() as town:
            wallet = town.acquirer.qr_wallet(face_of)
            await wallet.start()
            sale = town.shop.payment(100, method=Method.PAYER_CODE)
            answer = await wallet.pay(sale, Secret(b"6200000000000000000"))
            assert isinstance(answer, Declined)
            assert answer.reason is Reason.PAN_WRONG or answer.reason is Reason.PAYER_CODE_UNKNOWN
            shown = await wallet.show_code(town.shop.payment(100, method=Method.SHOP_CODE))
            assert isinstance(shown, Declined)
            assert shown.reason is Reason.TRANSACTION_UNSUPPORTED

    run(story())
