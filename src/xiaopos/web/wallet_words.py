"""What contracts with wallets are called, what was wrong with one and how to mend it, in words for a shop's owner.

What may live here: words. What may not: rules (merchants, usecases).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from xiaopos.merchants.wallet_contracts import ContractState
from xiaopos.usecases.keep_wallet_contract import ContractFault, Finding

WALLET_WORDS = {"alipay": _("支付宝"), "wechat": _("微信支付")}
WHAT_IT_NEEDS = {
    "alipay": _("在支付宝开放平台签约“当面付”，建一个应用，拿到应用的 APPID"),
    "wechat": _("在微信支付商户平台开通“付款码支付”或“Native 支付”，拿到商户号、API 证书和 APIv3 密钥"),
}
MODE_WORDS = {
    "public_key": _("公钥模式"),
    "certificate": _("证书模式"),
    "public_key_partner": _("公钥模式 · 服务商代收"),
    "certificate_partner": _("证书模式 · 服务商代收"),
}
STATE_WORDS = {
    ContractState.TRIAL: _("试用中，还不收款"),
    ContractState.ACTIVE: _("正在收款"),
    ContractState.ENDED: _("已停用"),
}
FIELD_WORDS: dict[tuple[str, str], tuple[Any, Any]] = {
    ("alipay", "app_id"): (_("应用 APPID"), _("16 位数字，在开放平台的应用页上")),
    ("alipay", "seller_id"): (_("收款账号 PID（可不填）"), _("2088 开头的 16 位数字；填了就只认付给这个账号的通知")),
    ("alipay", "app_auth_token"): (_("应用授权令牌（可不填）"), _("由服务商代收时填 app_auth_token，自己的应用留空")),
    ("alipay", "private_key"): (_("应用私钥"), _("密钥工具生成的应用私钥；由系统生成过密钥的，这里留空")),
    ("alipay", "wallet_public_key"): (_("支付宝公钥"), _("是开放平台给的“支付宝公钥”，不是您上传的“应用公钥”")),
    ("alipay", "app_certificate"): (_("应用公钥证书"), _("文件 appCertPublicKey_….crt 的内容")),
    ("alipay", "wallet_certificate"): (_("支付宝公钥证书"), _("文件 alipayCertPublicKey_RSA2.crt 的内容")),
    ("alipay", "root_certificate"): (_("支付宝根证书"), _("文件 alipayRootCert.crt 的内容")),
    ("wechat", "mchid"): (_("商户号"), _("8 到 10 位数字；服务商代收时填服务商的商户号")),
    ("wechat", "appid"): (_("APPID"), _("wx 开头的 18 位，要与商户号绑定过")),
    ("wechat", "sub_mchid"): (_("子商户号"), _("服务商给这家店的商户号")),
    ("wechat", "certificate"): (_("商户 API 证书"), _("文件 apiclient_cert.pem 的内容")),
    ("wechat", "private_key"): (_("商户 API 私钥"), _("文件 apiclient_key.pem 的内容")),
    ("wechat", "api_v3_key"): (_("APIv3 密钥"), _("在商户平台设置的 32 个字符")),
    ("wechat", "wallet_key_id"): (_("微信支付公钥 ID"), _("PUB_KEY_ID_ 开头")),
    ("wechat", "wallet_public_key"): (_("微信支付公钥"), _("文件 pub_key.pem 的内容")),
    ("wechat", "wallet_certificate"): (_("微信支付平台证书（可不填）"), _("不填就由系统自动下载")),
}
"""The name of each field and where it is found."""

FAULT_WORDS = {
    ContractFault.WALLET_UNKNOWN: _("没有这个钱包"),
    ContractFault.MODE_UNKNOWN: _("没有这种接入方式，请重新选择"),
    ContractFault.MISSING: _("这一项还没有填"),
    ContractFault.WRONG_FORM: _("格式不对，请对照说明核对"),
    ContractFault.NOT_A_KEY: _("读不出密钥或证书，请复制整个文件的内容再试"),
    ContractFault.PRIVATE_HERE: _("这是私钥，不能放在这里；如果它已经给别人看过，请换一对密钥"),
    ContractFault.PUBLIC_HERE: _("这是公钥或证书，这里要填私钥"),
    ContractFault.LOCKED: _("私钥带密码，请导出不带密码的再试"),
    ContractFault.WEAK: _("密钥太短，钱包要求 2048 位以上"),
    ContractFault.OWN_KEY: _("这是您自己的公钥，这里要填钱包给的公钥"),
    ContractFault.NOT_A_PAIR: _("私钥和证书不是一对，请确认是同一次申请的"),
    ContractFault.NOT_VALID_NOW: _("证书已过期或还没生效，请到钱包的商户平台换新证书"),
    ContractFault.UNUSABLE: _("用不了：里面没有认得出的证书"),
    ContractFault.CONTRACT_UNKNOWN: _("没有这份签约"),
    ContractFault.NOT_NOW: _("现在不能这样做，请刷新后再看"),
    ContractFault.NOT_PROVEN: _("还没有测试通过，先点“测试连接”"),
}


@dataclass(frozen=True, slots=True)
class FindingWords:
    """What asking found, and what to do about it."""

    tone: str
    title: Any
    mend: Any


FINDING_WORDS = {
    Finding.WORKS: FindingWords("good", _("连接正常：双方的密钥都对"), _("收一分钱、再退回来，就可以开始收款")),
    Finding.UNREACHABLE: FindingWords("bad", _("连不上钱包"), _("检查这台服务器能不能访问外网、域名和防火墙")),
    Finding.CLOCK: FindingWords("bad", _("时间不对"), _("把这台服务器的时钟校准（差几分钟钱包就会拒绝）")),
    Finding.OUR_NUMBER: FindingWords("bad", _("钱包不认识这个应用或商户号"), _("核对号码，并确认应用已上线")),
    Finding.OUR_KEY: FindingWords(
        "bad", _("钱包验不过我们的签名"), _("钱包那边登记的公钥和这里的私钥不是一对：把这里的公钥重新登记到钱包")
    ),
    Finding.OUR_CERTIFICATE: FindingWords(
        "bad", _("钱包不认识我们的证书编号"), _("证书换过了或填错了：下载最新的证书，重新填一次")
    ),
    Finding.THEIR_KEY: FindingWords(
        "bad", _("验不过钱包的签名"), _("填的不是钱包的公钥或证书，或者钱包换过了：重新下载，再填一次")
    ),
    Finding.PERMISSION: FindingWords("bad", _("签约里没有这个权限"), _("到钱包的商户平台看产品是否开通、授权是否过期")),
    Finding.UNSURE: FindingWords("warn", _("钱包自己有状况，没有结论"), _("过一分钟再测一次")),
    Finding.REFUSED: FindingWords("bad", _("钱包拒绝了"), _("把下面钱包的原话告诉钱包的客服，或查它的错误码说明")),
}


def field_words(wallet: str, name: str) -> tuple[Any, Any]:
    """What a field is called, and where it is found."""
    return FIELD_WORDS[wallet, name]
