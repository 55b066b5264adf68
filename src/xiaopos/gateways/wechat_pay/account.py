"""Who we are to WeChat Pay, and by which keys each side knows the other.

What may live here: the account's values. What may not: where they are kept, asking anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from xiaopos.gateways.wallet_line import USUAL_TERMS, WalletTerms
from xiaopos.keys import WrappedKey

MERCHANT_API = "https://api.mch.weixin.qq.com"
PUBLIC_KEY_PREFIX = "PUB_KEY_ID_"
"""How the number of a WeChat Pay public key (微信支付公钥) begins; any other serial is a certificate's."""


@dataclass(frozen=True, slots=True)
class WeChatAccount:
    """A merchant of WeChat Pay (直连商户), or a sub-merchant of a partner (服务商).

    `signing_key` is our RSA pair (usage SIGN) and `serial` the number of our API certificate around it, `api_v3_key` the
    APIv3 key (usage AEAD) by which WeChat Pay seals notifications and certificates. `wallet_keys` are WeChat Pay's public
    keys, DER SubjectPublicKeyInfo, by their PUB_KEY_ID or, for platform certificates, by serial in upper-case hex; without
    any, the certificates are fetched. Several may be trusted at once while they change. In partner mode `sub_mchid` is the
    sub-merchant, and `mchid` and `appid` are the partner's (sp_mchid, sp_appid). `subject` is what the customer reads on
    the bill. A code that is shown can be paid for `shop_code_lives`, at least one minute.
    """

    mchid: str
    appid: str
    serial: str
    signing_key: WrappedKey
    api_v3_key: WrappedKey
    wallet_keys: Mapping[str, bytes] = field(default_factory=dict)
    sub_mchid: str = ""
    sub_appid: str = ""
    url: str = MERCHANT_API
    notify_url: str = ""
    subject: str = "收款"
    shop_code_lives: timedelta = timedelta(minutes=2)
    terms: WalletTerms = USUAL_TERMS

    @property
    def is_partner(self) -> bool:
        """Whether we ask as a partner for a sub-merchant."""
        return bool(self.sub_mchid)

    @property
    def public_key_id(self) -> str:
        """The public key with which WeChat Pay is asked to sign; empty while it signs with certificates."""
        return next((serial for serial in self.wallet_keys if serial.startswith(PUBLIC_KEY_PREFIX)), "")

    def __repr__(self) -> str:
        return f"WeChatAccount(mchid={self.mchid!r}, sub_mchid={self.sub_mchid!r}, url={self.url!r})"
