"""Who we are to Alipay, and by which keys each side knows the other.

What may live here: the account's values. What may not: where they are kept, asking anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xiaopos.gateways.wallet_line import USUAL_TERMS, WalletTerms
from xiaopos.keys import WrappedKey

OPEN_PLATFORM = "https://openapi.alipay.com"
OFFICIAL_SANDBOX = "https://openapi-sandbox.dl.alipaydev.com"
"""Alipay's own sandbox: its keys, its buyers, no money."""


@dataclass(frozen=True, slots=True)
class AlipayAccount:
    """An application of a merchant, or of a service provider for a merchant.

    `signing_key` is the application's RSA pair (usage SIGN). `wallet_keys` are Alipay's public keys, DER
    SubjectPublicKeyInfo, by certificate number, as `keys.public_keys.read_rsa_public` reads them; with the one key of
    public-key mode, its name is "". In certificate mode `app_cert_sn` and `root_cert_sn` are sent along
    (`certificates.number_of`, `root_number_of`), and several of Alipay's certificates may be trusted at once while they
    change. In service-provider mode `app_auth_token` is the merchant's authorisation of the provider (ISV). `seller_id`
    is the merchant's own number at Alipay (2088...), checked in notifications when it is given. `subject` is what the
    customer reads on the bill. The two `..._lives` say for how long Alipay lets an order be paid, as it writes spans.
    """

    app_id: str
    signing_key: WrappedKey
    wallet_keys: Mapping[str, bytes]
    url: str = OPEN_PLATFORM
    app_cert_sn: str = ""
    root_cert_sn: str = ""
    app_auth_token: str = ""
    seller_id: str = ""
    notify_url: str = ""
    subject: str = "收款"
    payer_code_lives: str = "2m"
    shop_code_lives: str = "2m"
    terms: WalletTerms = USUAL_TERMS

    def __repr__(self) -> str:
        return f"AlipayAccount(app_id={self.app_id!r}, url={self.url!r})"
