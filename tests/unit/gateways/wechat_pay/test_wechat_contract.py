"""A merchant's contract with WeChat Pay, read for the gateway, and used."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import pytest

from support.alipay_town import pkcs8, public_of
from support.channels import Shop, run
from support.contracts import MemoryContracts
from support.wechat_contract_town import wechat_draft
from support.wechat_town import APPID, KEY_ID, MCHID, SUB_MCHID, platform_certificate
from xiaopos.gateways.wallet_line import USUAL_TERMS
from xiaopos.gateways.wechat_pay.account import MERCHANT_API
from xiaopos.gateways.wechat_pay.contract import WeChatKind, account_of
from xiaopos.usecases.keep_wallet_contract import ContractFault, NotKept, WalletContract, enter_contract


def kind_of(shop: Shop) -> WeChatKind:
    """WeChat Pay as merchants' contracts reach it."""
    return WeChatKind(shop.vault, shop.clock, lambda: os.urandom(16).hex())


def entered(shop: Shop, mode: str, **texts: str) -> WalletContract | NotKept:
    """What Lin enters."""
    draft = wechat_draft(mode, **texts)
    return enter_contract(
        draft, book=MemoryContracts(), vault=shop.vault, unusable=lambda _, text: kind_of(shop).unusable(text)
    )


def read(shop: Shop, mode: str, **texts: str) -> Any:
    """As the gateway reads it."""
    contract = entered(shop, mode, **texts)
    assert isinstance(contract, WalletContract), contract
    return account_of(contract, url=MERCHANT_API, notify_url="https://shop.invalid/", terms=USUAL_TERMS)


def test_every_way_of_working_is_read() -> None:
    shop = Shop()
    plain = read(shop, "public_key")
    assert (plain.mchid, plain.appid, plain.serial) == (MCHID, APPID, "5157F09EFDC096DE")
    assert (plain.wallet_keys, plain.public_key_id, plain.is_partner) == ({KEY_ID: public_of("wechat")}, KEY_ID, False)
    assert shop.vault.public_key(key=plain.signing_key) == public_of("application")
    partner = read(shop, "public_key_partner", sub_mchid=SUB_MCHID)
    assert (partner.is_partner, partner.sub_mchid) == (True, SUB_MCHID)
    fetched = read(shop, "certificate")
    assert (fetched.wallet_keys, fetched.public_key_id) == ({}, "")
    two: Sequence[str] = (platform_certificate("wechat", 0xA1), platform_certificate("wechat-next", 0xA2))
    both = read(shop, "certificate_partner", sub_mchid=SUB_MCHID, wallet_certificate="\n".join(two))
    assert both.wallet_keys == {"A1": public_of("wechat"), "A2": public_of("wechat-next")}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("wallet_certificate", "no certificate"),
        ("wallet_certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"),
    ],
)
def test_what_the_gateway_cannot_read_is_named(name: str, text: str) -> None:
    assert entered(Shop(), "certificate", **{name: text}) == NotKept(ContractFault.UNUSABLE, name)


def test_a_wallet_is_made_of_a_contract() -> None:
    async def story() -> None:
        shop = Shop()
        contract = entered(shop, "public_key")
        assert isinstance(contract, WalletContract)
        wallet = kind_of(shop).open(contract, "https://shop.invalid/notices/wechat/1/")
        await wallet.start()
        await wallet.stop()
        assert wallet.name == "wechat"
        assert pkcs8("application").hex() not in repr(contract)

    run(story())
