"""The tags of a shop's code (EMVCo QR code, merchant-presented mode 1.1, section 4): names, forms, sizes, presence.

What may live here: the tables and looking into them. What may not: reading or building a code (merchant_presented).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Form:
    """The form of a value: a regular expression, and the same in words."""

    expression: str
    wants: str


def _ans(least: int, most: int) -> Form:
    size = f"{least}" if least == most else f"{least} to {most}"
    return Form(f"[ -~]{{{least},{most}}}", f"{size} ASCII characters")


def _digits(count: int) -> Form:
    return Form(f"[0-9]{{{count}}}", f"{count} digits")


def _any(most: int) -> Form:
    return Form(f"(?s:.{{1,{most}}})", f"1 to {most} characters")


_ANYTHING = _any(99)


@dataclass(frozen=True, slots=True)
class ShopTag:
    """One tag: its names, the form of its value, whether it must be there, whether its value is more objects."""

    zh: str
    en: str
    form: Form = _ANYTHING
    must: bool = False
    template: bool = False

    def fits(self, value: str) -> bool:
        """Whether the value has the tag's form."""
        return re.fullmatch(self.form.expression, value) is not None


_AMOUNT = Form(r"(?=.{1,13}\Z)[0-9]+(?:\.[0-9]*)?", "digits with at most one point, 1 to 13 characters")
_PERCENTAGE = Form(r"(?=.{1,5}\Z)[0-9]{1,2}(?:\.[0-9]{1,2})?", "00.01 to 99.99")

_SCHEMES = {
    **dict.fromkeys(("02", "03"), "Visa"),
    **dict.fromkeys(("04", "05"), "Mastercard"),
    **dict.fromkeys(("09", "10"), "Discover"),
    **dict.fromkeys(("11", "12"), "American Express"),
    **dict.fromkeys(("13", "14"), "JCB"),
    **dict.fromkeys(("15", "16"), "UnionPay"),
}


def _account(number: int) -> ShopTag:
    scheme = _SCHEMES.get(f"{number:02d}", "EMVCo" if number < 26 else "")
    if number < 26:
        return ShopTag(f"商户账户({scheme})", f"merchant account ({scheme})", _ans(1, 99))
    return ShopTag("商户账户", "merchant account", template=True)


TAGS: Mapping[str, ShopTag] = MappingProxyType(
    {
        "00": ShopTag("载荷格式指示", "payload format indicator", Form("01", "01"), must=True),
        "01": ShopTag("启动方式", "point of initiation", Form("[1-3][12]", "11 static, 12 dynamic")),
        **{f"{number:02d}": _account(number) for number in range(2, 52)},
        "52": ShopTag("商户类别码", "merchant category code", _digits(4), must=True),
        "53": ShopTag("交易货币", "transaction currency", _digits(3), must=True),
        "54": ShopTag("交易金额", "transaction amount", _AMOUNT),
        "55": ShopTag("小费或便利费指示", "tip or convenience indicator", Form("0[123]", "01, 02 or 03")),
        "56": ShopTag("固定便利费", "convenience fee, fixed", _AMOUNT),
        "57": ShopTag("便利费百分比", "convenience fee, percentage", _PERCENTAGE),
        "58": ShopTag("国家代码", "country code", Form("[A-Z]{2}", "two capital letters"), must=True),
        "59": ShopTag("商户名称", "merchant name", _ans(1, 25), must=True),
        "60": ShopTag("商户城市", "merchant city", _ans(1, 15), must=True),
        "61": ShopTag("邮政编码", "postal code", _ans(1, 10)),
        "62": ShopTag("附加数据", "additional data", template=True),
        "63": ShopTag("校验码", "CRC", Form("[0-9A-Fa-f]{4}", "4 hexadecimal digits"), must=True),
        "64": ShopTag("商户其他语言信息", "merchant information in another language", template=True),
        **{str(number): ShopTag("EMVCo保留", "reserved for EMVCo") for number in range(65, 80)},
        **{str(number): ShopTag("自定义模板", "unreserved template", template=True) for number in range(80, 100)},
    }
)
"""The outermost tags. 02-25 are set aside for card schemes, 26-51 are templates that anyone may use."""

ADDITIONAL_TAGS: Mapping[str, ShopTag] = MappingProxyType(
    {
        "01": ShopTag("账单号", "bill number", _any(25)),
        "02": ShopTag("手机号", "mobile number", _any(25)),
        "03": ShopTag("门店编号", "store label", _any(25)),
        "04": ShopTag("会员号", "loyalty number", _any(25)),
        "05": ShopTag("参考号", "reference label", _any(25)),
        "06": ShopTag("客户编号", "customer label", _any(25)),
        "07": ShopTag("终端编号", "terminal label", _any(25)),
        "08": ShopTag("交易用途", "purpose of transaction", _any(25)),
        "09": ShopTag(
            "要求付款人提供的数据", "additional consumer data request", Form("[AME]{1,3}", "letters of A, M, E")
        ),
        "10": ShopTag("商户税号", "merchant tax ID", _any(20)),
        "11": ShopTag("商户渠道", "merchant channel", _ans(3, 3)),
        **{str(number): ShopTag("EMVCo保留", "reserved for EMVCo") for number in range(12, 50)},
        **{str(number): ShopTag("支付系统模板", "payment system template", template=True) for number in range(50, 100)},
    }
)
"""The tags within 62; `***` asks the payer to fill in 01 to 08. 10 and 11 came with version 1.1."""

LANGUAGE_TAGS: Mapping[str, ShopTag] = MappingProxyType(
    {
        "00": ShopTag("语言", "language", Form("[A-Za-z]{2}", "two letters"), must=True),
        "01": ShopTag("商户名称", "merchant name", _any(25), must=True),
        "02": ShopTag("商户城市", "merchant city", _any(15)),
        **{f"{number:02d}": ShopTag("EMVCo保留", "reserved for EMVCo") for number in range(3, 100)},
    }
)
"""The tags within 64: how the shop is called in its own language."""

OWN_TAGS: Mapping[str, ShopTag] = MappingProxyType(
    {
        "00": ShopTag("全球唯一标识", "globally unique identifier", _ans(1, 32), must=True),
        **{f"{number:02d}": ShopTag("支付网络数据", "payment network data") for number in range(1, 100)},
    }
)
"""The tags within 26-51, 80-99 and 62's 50-99: whose they are (an AID, a UUID or a domain name turned round), the rest."""


def tags_within(path: tuple[str, ...]) -> Mapping[str, ShopTag]:
    """The table that holds inside the template at this path; the outermost one for an empty path."""
    if not path:
        return TAGS
    if path == ("62",):
        return ADDITIONAL_TAGS
    return LANGUAGE_TAGS if path == ("64",) else OWN_TAGS
