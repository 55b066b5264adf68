"""A merchant's contract with WeChat Pay as an account: what was entered in the portal, read for the gateway.

What may live here: that reading. What may not: choosing between contracts (`merchant_wallets`), storage, asking anybody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from xiaopos.gateways.wallet_line import USUAL_TERMS, WalletTerms
from xiaopos.gateways.wechat_pay.account import MERCHANT_API, WeChatAccount
from xiaopos.gateways.wechat_pay.gateway import WeChatWallet
from xiaopos.kernel.clock import Clock
from xiaopos.keys import KeyRefused, Vault, WrappedKey
from xiaopos.keys.public_keys import read_certificate, read_rsa_public
from xiaopos.usecases.keep_wallet_contract import WalletContract

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class WeChatKind:
    """See WalletKind. `url` is the merchants' API, or in a demo the one that plays it; `make_nonce` as for `WeChatWallet`."""

    vault: Vault
    clock: Clock
    make_nonce: Callable[[], str]
    url: str = MERCHANT_API
    terms: WalletTerms = USUAL_TERMS

    def unusable(self, settings: Mapping[str, str]) -> str:
        """See WalletKind."""
        readers: Mapping[str, Callable[[str], object]] = {
            "certificate": _serial,
            "wallet_public_key": lambda text: read_rsa_public(text.encode()),
            "wallet_certificate": _certificates,
        }
        for name, read in readers.items():
            try:
                if name in settings:
                    read(settings[name])
            except (ValueError, KeyRefused):
                return name
        return ""

    def open(self, contract: WalletContract, notice_address: str) -> WeChatWallet:
        """See WalletKind."""
        return WeChatWallet(
            account_of(contract, url=self.url, notify_url=notice_address, terms=self.terms),
            vault=self.vault,
            clock=self.clock,
            make_nonce=self.make_nonce,
            name=contract.wallet,
        )


def account_of(contract: WalletContract, *, url: str, notify_url: str, terms: WalletTerms) -> WeChatAccount:
    """The account that a contract describes. Raises ValueError or KeyRefused for what `unusable` would have named."""
    given = contract.settings
    return WeChatAccount(
        given["mchid"],
        given["appid"],
        _serial(given["certificate"]),
        WrappedKey.from_text(contract.keys["private_key"]),
        WrappedKey.from_text(contract.keys["api_v3_key"]),
        _wallet_keys(given),
        sub_mchid=given.get("sub_mchid", ""),
        url=url,
        notify_url=notify_url,
        terms=terms,
    )


def _serial(pem: str) -> str:
    return read_certificate(pem.encode()).serial


def _wallet_keys(settings: Mapping[str, str]) -> dict[str, bytes]:
    """WeChat Pay's keys by their number; none where its certificates are to be fetched. Raises ValueError, KeyRefused."""
    if "wallet_public_key" in settings:
        return {settings["wallet_key_id"]: read_rsa_public(settings["wallet_public_key"].encode())}
    return _certificates(settings["wallet_certificate"]) if "wallet_certificate" in settings else {}


def _certificates(text: str) -> dict[str, bytes]:
    read = [read_certificate(pem.encode()) for pem in _CERTIFICATE.findall(text)]
    if not read:
        raise ValueError("there is no certificate in PEM")
    return {one.serial: one.public for one in read}
