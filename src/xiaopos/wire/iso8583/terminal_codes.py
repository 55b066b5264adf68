"""What the digits in a UnionPay terminal's fields stand for, in Chinese and English.

What may live here: tables of codes. What may not: where the digits stand (terminal_parts), answer codes (response_codes).
Names that end in `?` in a comment are from memory; no public source that we saw confirms them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from xiaopos.wire.iso8583.subfields import Meanings

PROCESSING_CODES: Meanings = MappingProxyType(
    {
        "000000": ("消费类", "purchase"),
        "030000": ("预授权", "pre-authorisation"),
        "200000": ("撤销或退货类", "void or refund"),
        "280000": ("T+0消费", "purchase, paid out the same day"),
        "310000": ("余额查询", "balance enquiry"),
        "311000": ("订单查询", "order query"),
        "330000": ("身份验证", "identity check"),
        "700000": ("钱包被扫", "wallet, shop scans the code"),
        "710000": ("钱包主扫", "wallet, shop shows the code"),
        "720000": ("钱包撤销", "wallet void"),
        "730000": ("钱包查询", "wallet query"),
    }
)
"""Field 3."""

ENTRY_MODES: Meanings = MappingProxyType(
    {
        "00": ("未指明", "unknown"),
        "01": ("手工输入", "keyed in"),
        "02": ("磁条", "magnetic stripe"),
        "03": ("二维码", "QR or bar code"),
        "05": ("插卡", "chip, contact"),
        "07": ("挥卡", "chip, contactless"),
        "09": ("电子商务", "electronic commerce"),  # ?
        "91": ("非接磁条", "magnetic stripe, contactless"),  # ?
        "92": ("预约", "reservation"),
        "98": ("非接磁条", "magnetic stripe, contactless"),  # ?
    }
)
"""Field 22, first two digits."""

PIN_ENTRY: Meanings = MappingProxyType({"0": ("未指明", "unknown"), "1": ("有密码", "PIN"), "2": ("无密码", "no PIN")})
"""Field 22, third digit."""

CONDITIONS: Meanings = MappingProxyType(
    {
        "00": ("正常", "normal"),
        "06": ("预授权类", "pre-authorisation"),
        "08": ("邮购或电话订购", "mail or telephone order"),
        "18": ("订购预授权", "mail or telephone pre-authorisation"),
        "64": ("分期付款", "instalments"),
        "99": ("扫码(区域收单)", "payment code (a regional acquirer's)"),
    }
)
"""Field 25."""

CURRENCIES: Meanings = MappingProxyType(
    {
        "156": ("人民币", "CNY"),
        "344": ("港元", "HKD"),
        "446": ("澳门元", "MOP"),
        "840": ("美元", "USD"),
    }
)
"""Field 49, the numbers of ISO 4217 that terminals in service send."""

PIN_FORMATS: Meanings = MappingProxyType(
    {
        "0": ("无密码", "no PIN"),
        "1": ("不带主账号", "ISO 9564 without PAN"),
        "2": ("带主账号", "ISO 9564 with PAN"),
    }
)
"""Field 53, first digit."""

PIN_CIPHERS: Meanings = MappingProxyType(
    {
        "0": ("DES", "DES"),
        "3": ("SM4", "SM4"),  # ?
        "6": ("3DES", "triple DES"),
    }
)
"""Field 53, second digit."""

TRACK_CIPHERING: Meanings = MappingProxyType(
    {"0": ("磁道未加密", "tracks in clear"), "1": ("磁道加密", "tracks encrypted")}
)
"""Field 53, third digit."""

TRANSACTION_TYPES: Meanings = MappingProxyType(
    {
        "00": ("管理类", "management"),
        "01": ("查询", "enquiry"),
        "07": ("电子签名", "electronic signature"),
        "10": ("预授权", "pre-authorisation"),
        "11": ("预授权撤销", "pre-authorisation void"),
        "20": ("预授权完成(请求)", "completion"),
        "21": ("预授权完成撤销", "completion void"),
        "22": ("消费", "sale"),
        "23": ("消费撤销", "void"),
        "24": ("预授权完成(通知)", "completion advice"),
        "25": ("退货", "refund"),
        "26": ("扫码消费", "payment code sale"),
        "27": ("电子现金脱机退货", "electronic cash refund"),
        "30": ("离线结算", "offline sale"),
        "32": ("结算调整", "adjustment"),
        "34": ("小费", "tip"),
        "36": ("电子现金脱机消费", "electronic cash sale"),
        "50": ("身份验证", "identity check"),
        "60": ("钱包", "wallet"),
    }
)
"""Field 60.1."""

NETWORK_CODES: Meanings = MappingProxyType(
    {
        "000": ("交易", "transaction"),
        "001": ("签到,单倍长密钥", "sign in, single-length keys"),
        "002": ("签退", "sign off"),
        "003": ("签到,双倍长密钥", "sign in, double-length keys"),
        "004": ("签到,含磁道密钥", "sign in, with a track key"),
        "101": ("POS初始化", "first initialisation"),
        "201": ("批结算或批上送", "settlement, batch upload"),
        "202": ("批上送结束", "end of batch upload"),
        "203": ("IC卡明细上送", "chip detail"),
        "204": ("IC卡失败明细上送", "failed chip detail"),
        "205": ("IC卡异常明细上送", "chip anomaly"),
        "206": ("IC卡异常明细上送", "chip anomaly"),
        "207": ("批上送结束", "end of batch upload"),
        "301": ("回响测试", "echo test"),
        "360": ("参数下载", "parameter download"),
        "361": ("参数下载结束", "end of parameter download"),  # ?
        "362": ("状态上送", "status upload"),
        "370": ("IC卡公钥下载", "public key download"),
        "371": ("IC卡公钥下载结束", "end of public key download"),
        "372": ("IC卡公钥查询", "public keys query"),
        "380": ("IC卡参数下载", "chip parameter download"),
        "381": ("IC卡参数下载结束", "end of chip parameter download"),
        "382": ("IC卡参数查询", "chip parameters query"),
        "390": ("黑名单下载", "blacklist download"),
        "391": ("黑名单下载结束", "end of blacklist download"),
        "394": ("非接参数下载", "contactless parameter download"),
        "395": ("非接参数下载结束", "end of contactless parameter download"),
        "396": ("免密BIN表下载", "no-PIN BIN list download"),
        "397": ("免密BIN表下载结束", "end of no-PIN BIN list download"),
        "398": ("免密BIN黑名单下载", "no-PIN BIN blacklist download"),
        "399": ("免密BIN黑名单下载结束", "end of no-PIN BIN blacklist download"),
        "401": ("收银员积分签到", "cashier's points sign-in"),
        "951": ("脚本处理结果通知", "script result notice"),
    }
)
"""Field 60.3."""

READING_CAPABILITIES: Meanings = MappingProxyType(
    {
        "0": ("不可知", "unknown"),  # ?
        "2": ("磁条", "magnetic stripe"),  # ?
        "5": ("磁条和IC卡", "chip and stripe"),
        "6": ("非接触", "contactless"),
    }
)
"""Field 60.4."""

CHIP_CONDITIONS: Meanings = MappingProxyType(
    {
        "0": ("未使用或后续子域存在", "normal"),
        "1": ("上一笔IC卡交易成功", "the last chip transaction succeeded"),  # ?
        "2": ("降级使用", "fallback: stripe of a chip card"),
    }
)
"""Field 60.5."""

PARTIAL_APPROVAL: Meanings = MappingProxyType({"0": ("不支持部分承兑", "no"), "1": ("支持部分承兑", "yes")})
"""Field 60.6."""

ACCOUNT_TYPES: Meanings = MappingProxyType(
    {"000": ("默认", "default"), "048": ("发卡行积分", "issuer's points"), "065": ("联盟积分", "alliance's points")}
)
"""Field 60.7."""

BALANCE_FLAGS: Meanings = MappingProxyType(
    {
        "0": ("未对账", "not compared"),
        "1": ("对账平", "balanced"),  # ?
        "2": ("对账不平", "not balanced"),  # ?
        "3": ("对账错", "error"),  # ?
    }
)
"""The verdict after each half of the totals in field 48."""

CARD_KINDS: Meanings = MappingProxyType({"00": ("内卡", "domestic card"), "01": ("外卡", "foreign card")})
"""A batch upload's records in field 48."""

SIGNS: Meanings = MappingProxyType({"C": ("贷方余额", "in credit"), "D": ("借方余额", "in debit")})
"""Field 54."""

CARD_ORGANISATIONS: Meanings = MappingProxyType(
    {
        "CUP": ("中国银联", "UnionPay"),
        "VIS": ("维萨", "Visa"),  # ?
        "MCC": ("万事达", "Mastercard"),  # ?
        "MAE": ("万事顺", "Maestro"),  # ?
        "JCB": ("JCB", "JCB"),  # ?
        "DCC": ("大来", "Diners Club"),  # ?
        "AMX": ("美国运通", "American Express"),  # ?
    }
)
"""Field 63, first three characters."""

WALLET_CHANNELS: Meanings = MappingProxyType(
    {
        "001": ("京东", "JD"),
        "002": ("微信", "WeChat Pay"),
        "003": ("支付宝", "Alipay"),
        "004": ("银联", "UnionPay"),
    }
)
"""Field 44 in the private wallet dialect."""

LIST_STATES: Meanings = MappingProxyType(
    {
        "0": ("无", "none"),
        "1": ("已完整", "complete"),
        "2": ("还有后续", "more to ask for"),
        "3": ("最后一组", "the last part"),
    }
)
"""First character of field 62 in the answer to a query for public keys or chip parameters."""

SWITCHES: Meanings = MappingProxyType({"0": ("关", "off"), "1": ("开", "on")})

UNCONFIRMED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "22": frozenset({"09", "91", "98"}),
        "53": frozenset({"3"}),
        "60.3": frozenset({"361"}),
        "60.4": frozenset({"0", "2"}),
        "60.5": frozenset({"1"}),
        "48": frozenset({"1", "2", "3"}),
        "63": frozenset({"VIS", "MCC", "MAE", "JCB", "DCC", "AMX"}),
    }
)
"""Codes that no source confirms, by field: what an acquirer should be asked before relying on them."""
