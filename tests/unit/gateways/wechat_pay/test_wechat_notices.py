"""WeChat Pay's notifications: which are believed, and which are not."""

from __future__ import annotations

import asyncio
import base64
import json
import os
from typing import Any

from support.alipay_town import pkcs8, public_of
from support.channels import Shop, run
from support.wechat_town import API_V3_KEY, APPID, KEY_ID, MCHID, OUR_SERIAL, certified, wechat_town
from xiaopos.gateways.wechat_pay import WeChatAccount
from xiaopos.gateways.wechat_pay.notices import ACCEPTED, Notice, read_notice
from xiaopos.gateways.wechat_pay.platform_keys import PlatformKeys
from xiaopos.gateways.wechat_pay.signing import NONCE, SERIAL, SIGNATURE, TIMESTAMP, Distrusted, answer_text
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm
from xiaopos.keys.signatures import RsaSigningKey
from xiaopos.usecases.keep_wallet_contract import Incoming, Noticed, Unbelieved

PAID = {
    "mchid": MCHID,
    "appid": APPID,
    "out_trade_no": "0" * 31 + "1",
    "trade_state": "SUCCESS",
    "amount": {"total": 2_500},
}


class Desk:
    """Who reads notifications, and who writes them."""

    def __init__(self) -> None:
        self.shop = Shop()
        self.account = WeChatAccount(
            MCHID,
            APPID,
            OUR_SERIAL,
            self.shop.vault.import_pair(private=Secret(pkcs8("application")), algorithm=KeyAlgorithm.RSA2048),
            self.shop.vault.import_aead(secret=API_V3_KEY),
            {KEY_ID: public_of("wechat")},
        )
        self.keys = PlatformKeys(self.account.wallet_keys)

    def sealed(self, plain: bytes, **changed: object) -> dict[str, object]:
        """Sealed as WeChat Pay seals."""
        cipher = self.shop.vault.seal_aead(
            key=self.account.api_v3_key, nonce=b"twelve bytes", plaintext=plain, aad=b"transaction"
        )
        parts = {"algorithm": "AEAD_AES_256_GCM", "nonce": "twelve bytes", "associated_data": "transaction"}
        return {**parts, "ciphertext": base64.b64encode(cipher).decode(), **changed}

    def told(self, resource: object, **changed: object) -> bytes:
        """A notification."""
        parts = {"id": "EV-1", "event_type": "TRANSACTION.SUCCESS", "resource": resource}
        return json.dumps({**parts, **changed}).encode()

    def signed(
        self, body: bytes, changed: dict[str, str] | None = None, *, key: str = "wechat", age_s: int = 0
    ) -> Incoming:
        """It comes."""
        timestamp, nonce = str(int(self.shop.clock.now().timestamp()) - age_s), os.urandom(8).hex()
        signature = RsaSigningKey(pkcs8(key)).sign(answer_text(timestamp, nonce, body))
        parts = {TIMESTAMP: timestamp, NONCE: nonce, SIGNATURE: base64.b64encode(signature).decode(), SERIAL: KEY_ID}
        return Incoming({name.lower(): value for name, value in {**parts, **(changed or {})}.items()}, body)

    def read(self, incoming: Incoming) -> Notice | Distrusted:
        """What is read."""
        now = self.shop.clock.now()
        return read_notice(incoming, self.account, self.keys, vault=self.shop.vault, now=now)

    def notice(self, **changed: Any) -> bytes:
        """A notification of a paid order."""
        return self.told(self.sealed(json.dumps({**PAID, **changed}).encode()))


def test_a_notification_that_is_signed_sealed_and_ours_is_believed_once() -> None:
    desk = Desk()
    incoming = desk.signed(desk.notice())
    read = desk.read(incoming)
    assert isinstance(read, Notice)
    assert (read.notice_id, read.payment_id) == ("EV-1", PAID["out_trade_no"])
    assert "2500" not in repr(read)
    assert desk.read(incoming) == Distrusted("it came before: somebody replays it")
    assert isinstance(desk.read(desk.signed(desk.notice())), Notice), "WeChat Pay itself signs anew"


def test_a_notification_that_may_be_somebody_elses_is_not_believed() -> None:
    desk = Desk()
    body = desk.notice()
    good = desk.signed(body)
    for incoming in (
        Incoming({}, body),
        Incoming(good.headers, body + b" "),
        desk.signed(body, key="stranger"),
        desk.signed(body, age_s=301),
        desk.signed(body, age_s=-301),
        desk.signed(body, {SIGNATURE: "WECHATPAY/SIGNTEST/" + good.headers["wechatpay-signature"]}),
        desk.signed(body, {SERIAL: "7132D72A"}),
    ):
        assert isinstance(desk.read(incoming), Distrusted)


def test_what_is_signed_and_still_not_ours_to_act_on() -> None:
    desk = Desk()
    paid = json.dumps(PAID).encode()
    for body in (
        b"\xff\xfe",
        b"[]",
        desk.told(desk.sealed(paid), event_type="REFUND.SUCCESS"),
        desk.told(None),
        desk.told(desk.sealed(paid, algorithm="AEAD_SM4_GCM")),
        desk.told(desk.sealed(paid, nonce=12)),
        desk.told(desk.sealed(paid, nonce="short")),
        desk.told(desk.sealed(paid, associated_data="refund")),
        desk.told(desk.sealed(paid, ciphertext="no base64")),
        desk.told(desk.sealed(paid, ciphertext="")),
        desk.told(desk.sealed(b"\xff\xfe")),
        desk.told(desk.sealed(b"[]")),
        desk.notice(mchid="1900000999"),
        desk.notice(out_trade_no=7),
    ):
        assert isinstance(desk.read(desk.signed(body)), Distrusted), body


def test_the_wallet_hands_on_the_number_and_what_wechat_pay_wants_to_read() -> None:
    async def story() -> None:
        desk = Desk()
        async with wechat_town(shop=desk.shop, api_v3_key=desk.account.api_v3_key, answer_timeout_s=5.0) as town:
            incoming = desk.signed(desk.notice())
            assert town.wallet.read_notice(incoming) == Noticed(str(PAID["out_trade_no"]), ACCEPTED, "application/json")
            assert isinstance(town.wallet.read_notice(incoming), Unbelieved)

    run(story())


def test_a_new_certificate_is_fetched_for_the_next_time() -> None:
    async def story() -> None:
        desk = Desk()
        signer = certified("wechat", 0x7132D72A)
        more: dict[str, Any] = {"wallet_keys": {}, "api_v3_key": desk.account.api_v3_key, "answer_timeout_s": 5.0}
        async with wechat_town(shop=desk.shop, signers=(signer,), **more) as town:
            named = {SERIAL: signer.serial}
            assert isinstance(town.wallet.read_notice(desk.signed(desk.notice(), named)), Unbelieved)
            assert isinstance(town.wallet.read_notice(desk.signed(desk.notice(), named)), Unbelieved)
            while not isinstance(town.wallet.read_notice(desk.signed(desk.notice(), named)), Noticed):
                await asyncio.sleep(0.01)

    run(story())
