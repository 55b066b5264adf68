"""A merchant's contract with Alipay as an account: what was entered in the portal, read for the gateway.

What may live here: that reading. What may not: choosing between contracts (`merchant_wallets`), storage, asking anybody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from xiaopos.gateways.alipay.account import OPEN_PLATFORM, AlipayAccount
from xiaopos.gateways.alipay.certificates import number_of, root_number_of
from xiaopos.gateways.alipay.gateway import AlipayWallet
from xiaopos.gateways.wallet_line import USUAL_TERMS, WalletTerms
from xiaopos.kernel.clock import Clock
from xiaopos.keys import KeyRefused, Vault, WrappedKey
from xiaopos.keys.public_keys import read_rsa_public
from xiaopos.usecases.keep_wallet_contract import WalletContract

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class AlipayKind:
    """See WalletKind. `url` is the open platform, or in a demo the one that plays it."""

    vault: Vault
    clock: Clock
    url: str = OPEN_PLATFORM
    terms: WalletTerms = USUAL_TERMS

    def unusable(self, settings: Mapping[str, str]) -> str:
        """See WalletKind."""
        readers = {
            "wallet_public_key": lambda text: _wallet_keys({"wallet_public_key": text}),
            "app_certificate": number_of,
            "wallet_certificate": lambda text: _wallet_keys({"wallet_certificate": text}),
            "root_certificate": root_number_of,
        }
        for name, read in readers.items():
            try:
                if name in settings:
                    read(settings[name])
            except (ValueError, KeyRefused):
                return name
        return ""

    def open(self, contract: WalletContract, notice_address: str) -> AlipayWallet:
        """See WalletKind."""
        return AlipayWallet(
            account_of(contract, url=self.url, notify_url=notice_address, terms=self.terms),
            vault=self.vault,
            clock=self.clock,
            name=contract.wallet,
        )


def account_of(contract: WalletContract, *, url: str, notify_url: str, terms: WalletTerms) -> AlipayAccount:
    """The account that a contract describes. Raises ValueError or KeyRefused for what `unusable` would have named."""
    given = contract.settings
    return AlipayAccount(
        given["app_id"],
        WrappedKey.from_text(contract.keys["private_key"]),
        _wallet_keys(given),
        url=url,
        app_cert_sn=number_of(given["app_certificate"]) if "app_certificate" in given else "",
        root_cert_sn=root_number_of(given["root_certificate"]) if "root_certificate" in given else "",
        app_auth_token=given.get("app_auth_token", ""),
        seller_id=given.get("seller_id", ""),
        notify_url=notify_url,
        terms=terms,
    )


def _wallet_keys(settings: Mapping[str, str]) -> dict[str, bytes]:
    """Alipay's public keys by certificate number; the one of public-key mode by "". Raises ValueError, KeyRefused."""
    if "wallet_public_key" in settings:
        return {"": read_rsa_public(settings["wallet_public_key"].encode())}
    found = {
        number_of(pem): read_rsa_public(pem.encode()) for pem in _CERTIFICATE.findall(settings["wallet_certificate"])
    }
    if not found:
        raise ValueError("there is no certificate in PEM")
    return found
