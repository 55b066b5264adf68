"""Numbers that chip data holds, in words: countries, currencies, kinds of transaction and terminal, response codes.

What may live here: tables of what shops here meet, and looking into them. What may not: which of them we accept.

A number that is not here is shown as it is: the tables help people, nothing is refused by them. Sources: ISO 3166-1 and
ISO 4217 numeric codes; EMV book 3 annex A (9C, 5F57), book 4 annex A1 (9F35), A6 (8A); 9F39 ISO 8583:1993.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

Words = tuple[str, str]
"""The same in Chinese and in English."""


@dataclass(frozen=True, slots=True)
class CurrencyCode:
    """An ISO 4217 currency: number, letters, names, and how many digits its minor unit has."""

    number: str
    letters: str
    zh: str
    en: str
    minor_digits: int


def _rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in row.split("|")] for row in text.strip().splitlines()]


CURRENCIES: Mapping[str, CurrencyCode] = MappingProxyType(
    {
        number: CurrencyCode(number, letters, zh, en, int(digits))
        for number, letters, zh, en, digits in _rows(
            """
    036 | AUD | 澳大利亚元 | Australian dollar | 2
    048 | BHD | 巴林第纳尔 | Bahraini dinar | 3
    116 | KHR | 柬埔寨瑞尔 | Cambodian riel | 2
    124 | CAD | 加拿大元 | Canadian dollar | 2
    156 | CNY | 人民币 | Chinese yuan | 2
    208 | DKK | 丹麦克朗 | Danish krone | 2
    344 | HKD | 港元 | Hong Kong dollar | 2
    356 | INR | 印度卢比 | Indian rupee | 2
    360 | IDR | 印度尼西亚盾 | Indonesian rupiah | 2
    376 | ILS | 以色列新谢克尔 | Israeli new shekel | 2
    392 | JPY | 日元 | Japanese yen | 0
    398 | KZT | 哈萨克斯坦坚戈 | Kazakhstani tenge | 2
    410 | KRW | 韩元 | South Korean won | 0
    414 | KWD | 科威特第纳尔 | Kuwaiti dinar | 3
    418 | LAK | 老挝基普 | Lao kip | 2
    446 | MOP | 澳门元 | Macanese pataca | 2
    458 | MYR | 马来西亚林吉特 | Malaysian ringgit | 2
    484 | MXN | 墨西哥比索 | Mexican peso | 2
    496 | MNT | 蒙古图格里克 | Mongolian tugrik | 2
    524 | NPR | 尼泊尔卢比 | Nepalese rupee | 2
    554 | NZD | 新西兰元 | New Zealand dollar | 2
    578 | NOK | 挪威克朗 | Norwegian krone | 2
    586 | PKR | 巴基斯坦卢比 | Pakistan rupee | 2
    608 | PHP | 菲律宾比索 | Philippine peso | 2
    634 | QAR | 卡塔尔里亚尔 | Qatari riyal | 2
    643 | RUB | 俄罗斯卢布 | Russian rouble | 2
    682 | SAR | 沙特里亚尔 | Saudi riyal | 2
    702 | SGD | 新加坡元 | Singapore dollar | 2
    704 | VND | 越南盾 | Vietnamese dong | 0
    710 | ZAR | 南非兰特 | South African rand | 2
    752 | SEK | 瑞典克朗 | Swedish krona | 2
    756 | CHF | 瑞士法郎 | Swiss franc | 2
    764 | THB | 泰铢 | Thai baht | 2
    784 | AED | 阿联酋迪拉姆 | UAE dirham | 2
    826 | GBP | 英镑 | pound sterling | 2
    840 | USD | 美元 | US dollar | 2
    901 | TWD | 新台币 | new Taiwan dollar | 2
    949 | TRY | 土耳其里拉 | Turkish lira | 2
    978 | EUR | 欧元 | euro | 2
    986 | BRL | 巴西雷亚尔 | Brazilian real | 2
    """
        )
    }
)

COUNTRIES: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        number: (letters, zh, en)
        for number, letters, zh, en in _rows(
            """
    036 | AU | 澳大利亚 | Australia
    040 | AT | 奥地利 | Austria
    056 | BE | 比利时 | Belgium
    076 | BR | 巴西 | Brazil
    104 | MM | 缅甸 | Myanmar
    116 | KH | 柬埔寨 | Cambodia
    124 | CA | 加拿大 | Canada
    156 | CN | 中国 | China
    158 | TW | 中国台湾 | Taiwan, China
    208 | DK | 丹麦 | Denmark
    246 | FI | 芬兰 | Finland
    250 | FR | 法国 | France
    276 | DE | 德国 | Germany
    344 | HK | 中国香港 | Hong Kong, China
    356 | IN | 印度 | India
    360 | ID | 印度尼西亚 | Indonesia
    372 | IE | 爱尔兰 | Ireland
    376 | IL | 以色列 | Israel
    380 | IT | 意大利 | Italy
    392 | JP | 日本 | Japan
    398 | KZ | 哈萨克斯坦 | Kazakhstan
    410 | KR | 韩国 | Korea, Republic of
    418 | LA | 老挝 | Laos
    446 | MO | 中国澳门 | Macao, China
    458 | MY | 马来西亚 | Malaysia
    484 | MX | 墨西哥 | Mexico
    496 | MN | 蒙古 | Mongolia
    524 | NP | 尼泊尔 | Nepal
    528 | NL | 荷兰 | Netherlands
    554 | NZ | 新西兰 | New Zealand
    578 | NO | 挪威 | Norway
    586 | PK | 巴基斯坦 | Pakistan
    608 | PH | 菲律宾 | Philippines
    620 | PT | 葡萄牙 | Portugal
    643 | RU | 俄罗斯 | Russian Federation
    682 | SA | 沙特阿拉伯 | Saudi Arabia
    702 | SG | 新加坡 | Singapore
    704 | VN | 越南 | Viet Nam
    710 | ZA | 南非 | South Africa
    724 | ES | 西班牙 | Spain
    752 | SE | 瑞典 | Sweden
    756 | CH | 瑞士 | Switzerland
    764 | TH | 泰国 | Thailand
    784 | AE | 阿拉伯联合酋长国 | United Arab Emirates
    792 | TR | 土耳其 | Türkiye
    826 | GB | 英国 | United Kingdom
    840 | US | 美国 | United States of America
    """
        )
    }
)
"""ISO 3166-1 number -> two letters, Chinese and English name."""


def _words(text: str) -> Mapping[str, Words]:
    return MappingProxyType({code: (zh, en) for code, zh, en in _rows(text)})


TRANSACTION_TYPES = _words(
    """
    00 | 消费 | goods and services
    01 | 现金 | cash
    03 | 预授权 | pre-authorisation
    09 | 消费返现 | purchase with cashback
    17 | 取现 | cash disbursement
    20 | 退货 | refund
    30 | 余额查询 | balance inquiry
    31 | 余额查询 | balance inquiry
    """
)
"""Tag 9C: the first two digits of the processing code."""

TERMINAL_TYPES = _words(
    """
    11 | 金融机构 有人值守 仅联机 | financial institution, attended, online only
    12 | 金融机构 有人值守 脱机可联机 | financial institution, attended, offline with online capability
    13 | 金融机构 有人值守 仅脱机 | financial institution, attended, offline only
    14 | 金融机构 无人值守 仅联机 | financial institution, unattended, online only
    15 | 金融机构 无人值守 脱机可联机 | financial institution, unattended, offline with online capability
    16 | 金融机构 无人值守 仅脱机 | financial institution, unattended, offline only
    21 | 商户 有人值守 仅联机 | merchant, attended, online only
    22 | 商户 有人值守 脱机可联机 | merchant, attended, offline with online capability
    23 | 商户 有人值守 仅脱机 | merchant, attended, offline only
    24 | 商户 无人值守 仅联机 | merchant, unattended, online only
    25 | 商户 无人值守 脱机可联机 | merchant, unattended, offline with online capability
    26 | 商户 无人值守 仅脱机 | merchant, unattended, offline only
    34 | 持卡人 无人值守 仅联机 | cardholder, unattended, online only
    35 | 持卡人 无人值守 脱机可联机 | cardholder, unattended, offline with online capability
    36 | 持卡人 无人值守 仅脱机 | cardholder, unattended, offline only
    """
)
"""Tag 9F35."""

ENTRY_MODES = _words(
    """
    00 | 未知 | unknown
    01 | 手工输入 | manual
    02 | 磁条 | magnetic stripe
    03 | 光学码(二维码) | optical code
    04 | 光学字符 | OCR
    05 | 接触式IC卡 | integrated circuit card
    07 | 非接触EMV | contactless EMV
    10 | 商户存有卡信息 | credentials on file
    80 | IC卡降级磁条 | fallback from chip to magnetic stripe
    90 | 磁条(可验CVV) | magnetic stripe, CVV can be checked
    91 | 非接触磁条 | contactless magnetic stripe
    95 | IC卡(CVV不可验) | integrated circuit card, CVV may not be checked
    """
)
"""Tag 9F39."""

RESPONSE_CODES = _words(
    """
    00 | 联机批准 | approved online
    01 | 联系发卡行 | referral
    05 | 联机拒绝 | declined online
    10 | 部分批准 | partial approval
    Y1 | 脱机批准 | offline approved
    Y2 | 批准(参考后) | approval (after card-initiated referral)
    Y3 | 无法联机,脱机批准 | unable to go online, offline approved
    Z1 | 脱机拒绝 | offline declined
    Z2 | 拒绝(参考后) | decline (after card-initiated referral)
    Z3 | 无法联机,脱机拒绝 | unable to go online, offline declined
    """
)
"""Tag 8A, as two characters."""

ACCOUNT_TYPES = _words(
    """
    00 | 默认账户 | default
    10 | 储蓄账户 | savings
    20 | 支票或借记账户 | cheque or debit
    30 | 信用账户 | credit
    """
)
"""Tag 5F57."""

IDENTITY_TYPES = _words(
    """
    00 | 身份证 | ID card
    01 | 军官证 | military officer certificate
    02 | 护照 | passport
    03 | 入境证 | entry permit
    04 | 临时身份证 | interim ID card
    05 | 其它 | other
    """
)
"""Tag 9F62 of PBOC cards."""


SCHEMES: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        rid: (name, zh, en)
        for rid, name, zh, en in _rows(
            """
    A000000003 | visa | 维萨 | Visa
    A000000004 | mastercard | 万事达 | Mastercard
    A000000025 | american express | 美国运通 | American Express
    A000000065 | jcb | JCB | JCB
    A000000152 | discover | 发现卡 | Discover
    A000000333 | unionpay | 银联 | UnionPay
    """
        )
    }
)
"""The registered provider (first five bytes of an application identifier) -> our name for it, Chinese and English."""

APPLICATIONS = _words(
    """
    A000000333010101 | 银联借记 | UnionPay debit
    A000000333010102 | 银联贷记 | UnionPay credit
    A000000333010103 | 银联准贷记 | UnionPay quasi-credit
    A000000333010106 | 银联电子现金(未证实) | UnionPay electronic cash (unconfirmed)
    """
)
"""Application identifiers of UnionPay; the first three as terminal software names them."""


def application(identifier: str) -> Words | None:
    """An application identifier in hex: the application, else whose it is; None when nobody's we know.

    >>> application("A000000333010101"), application("A0000000031010")
    (('银联借记', 'UnionPay debit'), ('维萨', 'Visa'))
    """
    scheme = SCHEMES.get(identifier[:10])
    return APPLICATIONS.get(identifier[:16]) or (None if scheme is None else scheme[1:])


def country(number: str) -> Words | None:
    """A country by its three digits, or four as chips hold them (0156); None when it is not in the table.

    >>> country("0156")
    ('中国', 'China')
    """
    row = COUNTRIES.get(number[-3:])
    return None if row is None else row[1:]


def currency(number: str) -> CurrencyCode | None:
    """A currency by its three digits, or four as chips hold them (0156); None when it is not in the table.

    >>> currency("0156").letters
    'CNY'
    """
    return CURRENCIES.get(number[-3:])
