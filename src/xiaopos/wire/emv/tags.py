"""Names of chip data tags, which of them people may not see, and what field 55 carries in each message.

What may live here: tables and looking into them. What may not: decoding bits of TVR, TSI and the like.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xiaopos.wire.emv.tlv import Tlv, every

TAGS: dict[str, tuple[str, str]] = {
    "4F": ("应用标识符", "application identifier (card)"),
    "50": ("应用标签", "application label"),
    "56": ("磁道1数据", "track 1 data"),
    "57": ("磁道2等效数据", "track 2 equivalent data"),
    "5A": ("应用主账号", "application PAN"),
    "5F20": ("持卡人姓名", "cardholder name"),
    "5F24": ("应用失效日期", "application expiry date"),
    "5F25": ("应用生效日期", "application effective date"),
    "5F28": ("发卡行国家代码", "issuer country code"),
    "5F2A": ("交易货币代码", "transaction currency code"),
    "5F2D": ("首选语言", "language preference"),
    "5F34": ("应用主账号序列号", "application PAN sequence number"),
    "61": ("应用模板", "application template"),
    "6F": ("文件控制信息模板", "FCI template"),
    "70": ("应用基本数据模板", "record template"),
    "71": ("发卡行脚本模板1", "issuer script template 1"),
    "72": ("发卡行脚本模板2", "issuer script template 2"),
    "77": ("响应报文模板格式2", "response template format 2"),
    "80": ("响应报文模板格式1", "response template format 1"),
    "82": ("应用交互特征", "application interchange profile"),
    "84": ("专用文件名称", "dedicated file name"),
    "86": ("发卡行脚本命令", "issuer script command"),
    "87": ("应用优先指示器", "application priority"),
    "88": ("短文件标识符", "short file identifier"),
    "89": ("授权码", "authorisation code"),
    "8A": ("授权响应代码", "authorisation response code"),
    "8C": ("卡片风险管理数据对象列表1", "CDOL1"),
    "8D": ("卡片风险管理数据对象列表2", "CDOL2"),
    "8E": ("持卡人验证方法列表", "CVM list"),
    "8F": ("认证中心公钥索引", "CA public key index"),
    "90": ("发卡行公钥证书", "issuer public key certificate"),
    "91": ("发卡行认证数据", "issuer authentication data"),
    "92": ("发卡行公钥余数", "issuer public key remainder"),
    "93": ("签名的静态应用数据", "signed static application data"),
    "94": ("应用文件定位器", "application file locator"),
    "95": ("终端验证结果", "terminal verification results"),
    "97": ("交易证书数据对象列表", "TDOL"),
    "9A": ("交易日期", "transaction date"),
    "9B": ("交易状态信息", "transaction status information"),
    "9C": ("交易类型", "transaction type"),
    "9F01": ("收单行标识", "acquirer identifier"),
    "9F02": ("授权金额", "amount authorised"),
    "9F03": ("其他金额", "amount other"),
    "9F06": ("应用标识符", "application identifier (terminal)"),
    "9F07": ("应用用途控制", "application usage control"),
    "9F08": ("应用版本号", "application version (card)"),
    "9F09": ("应用版本号", "application version (terminal)"),
    "9F0D": ("发卡行行为代码-缺省", "IAC default"),
    "9F0E": ("发卡行行为代码-拒绝", "IAC denial"),
    "9F0F": ("发卡行行为代码-联机", "IAC online"),
    "9F10": ("发卡行应用数据", "issuer application data"),
    "9F12": ("应用首选名称", "application preferred name"),
    "9F15": ("商户类别码", "merchant category code"),
    "9F16": ("商户标识", "merchant identifier"),
    "9F18": ("发卡行脚本标识", "issuer script identifier"),
    "9F1A": ("终端国家代码", "terminal country code"),
    "9F1B": ("终端最低限额", "terminal floor limit"),
    "9F1C": ("终端标识", "terminal identification"),
    "9F1E": ("接口设备序列号", "interface device serial number"),
    "9F1F": ("磁道1自定义数据", "track 1 discretionary data"),
    "9F20": ("磁道2自定义数据", "track 2 discretionary data"),
    "9F21": ("交易时间", "transaction time"),
    "9F22": ("认证中心公钥索引", "CA public key index (terminal)"),
    "9F26": ("应用密文", "application cryptogram"),
    "9F27": ("密文信息数据", "cryptogram information data"),
    "9F32": ("发卡行公钥指数", "issuer public key exponent"),
    "9F33": ("终端性能", "terminal capabilities"),
    "9F34": ("持卡人验证结果", "CVM results"),
    "9F35": ("终端类型", "terminal type"),
    "9F36": ("应用交易计数器", "application transaction counter"),
    "9F37": ("不可预知数", "unpredictable number"),
    "9F38": ("处理选项数据对象列表", "PDOL"),
    "9F40": ("终端附加性能", "additional terminal capabilities"),
    "9F41": ("交易序列计数器", "transaction sequence counter"),
    "9F42": ("应用货币代码", "application currency code"),
    "9F45": ("数据认证码", "data authentication code"),
    "9F46": ("IC卡公钥证书", "ICC public key certificate"),
    "9F47": ("IC卡公钥指数", "ICC public key exponent"),
    "9F48": ("IC卡公钥余数", "ICC public key remainder"),
    "9F49": ("动态数据认证数据对象列表", "DDOL"),
    "9F4B": ("签名的动态应用数据", "signed dynamic application data"),
    "9F4C": ("IC卡动态数", "ICC dynamic number"),
    "9F4E": ("商户名称", "merchant name and location"),
    "9F53": ("连续脱机交易限制数", "consecutive transaction limit"),
    "9F5D": ("可用脱机消费金额", "available offline spending amount"),
    "9F63": ("卡产品标识信息", "card product identification"),
    "9F66": ("终端交易属性", "terminal transaction qualifiers"),
    "9F69": ("卡片认证相关数据", "card authentication related data"),
    "9F6C": ("卡片交易属性", "card transaction qualifiers"),
    "9F74": ("电子现金发卡行授权码", "electronic cash authorisation code"),
    "9F79": ("电子现金余额", "electronic cash balance"),
    "9F7B": ("电子现金终端交易限额", "electronic cash transaction limit"),
    "A5": ("FCI数据专用模板", "FCI proprietary template"),
    "BF0C": ("FCI发卡行自定义数据", "FCI issuer discretionary data"),
    "DF31": ("脚本结果", "issuer script result"),
}
"""Tag -> name in Chinese and English. A tag that is not here is kept and shown by its number."""

SENSITIVE = frozenset({"56", "57", "5A", "5F20", "9F1F", "9F20", "9F6B"})
"""Tags whose values are card data: never shown, logged or kept in clear."""


@dataclass(frozen=True, slots=True)
class TagRow:
    """One object for people: `depth` 0 for the outermost; `shown` is its value in hex, or only its length."""

    depth: int
    tag: str
    zh: str
    en: str
    shown: str


def describe(objects: Iterable[Tlv], depth: int = 0) -> list[TagRow]:
    """One row per object, templates before what they hold; sensitive values as their length."""
    rows = []
    for item in objects:
        zh, en = TAGS.get(item.tag, ("", ""))
        hidden = item.tag in SENSITIVE or item.children
        shown = f"<{len(item.value)}>" if hidden else item.value.hex().upper()
        rows.append(TagRow(depth, item.tag, zh, en, shown))
        rows += describe(item.children, depth + 1)
    return rows


@dataclass(frozen=True, slots=True)
class ChipProfile:
    """Which tags field 55 carries in a kind of message: must, may depending on card and terminal, may always."""

    name: str
    must: frozenset[str]
    conditional: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()

    def missing(self, objects: Iterable[Tlv]) -> list[str]:
        """The tags that must be there and are not, sorted."""
        return sorted(self.must - {item.tag for item in every(objects)})

    def unlisted(self, objects: Iterable[Tlv]) -> list[str]:
        """The outermost tags that the profile does not list, in their order. They are passed on, never removed."""
        return [item.tag for item in objects if item.tag not in self.must | self.conditional | self.optional]


def _tags(text: str) -> frozenset[str]:
    return frozenset(text.split())


CHIP_PROFILES: dict[str, ChipProfile] = {
    row.name: row
    for row in (
        ChipProfile(
            "request",
            _tags("9F26 9F27 9F10 9F37 9F36 95 9A 9C 9F02 5F2A 82 9F1A 9F03 9F33"),
            _tags("9F1E 9F63 9F74"),
            _tags("9F34 9F35 84 9F09 9F41"),
        ),
        ChipProfile("reversal", _tags("9F36"), _tags("95 9F1E 9F10 DF31")),
        ChipProfile("script result", _tags("95 9F10 9F26 9F36 82 DF31 9F1A 9A"), _tags("9F33 9F37 9F1E")),
        ChipProfile("answer", frozenset(), _tags("91 71 72"), _tags("8A")),
    )
}
"""Field 55 of UnionPay terminals: balance, sale and pre-authorisation requests; reversal; script result; issuer's answer."""
