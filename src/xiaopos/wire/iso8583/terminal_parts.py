"""What stands inside each field of a UnionPay terminal's message, as tables; by transaction where that decides.

What may live here: layouts and choosing among them. What may not: the meanings' texts (terminal_codes), values that the host
computes with (terminal_fields). Parts marked unconfirmed are from memory; an acquirer's own document wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from xiaopos.wire.emv.dictionary import TAGS, Format, Sight, TagRow
from xiaopos.wire.iso8583 import terminal_codes as codes
from xiaopos.wire.iso8583.response_codes import MEANINGS as RESPONSES
from xiaopos.wire.iso8583.response_codes import REVERSAL_REASONS
from xiaopos.wire.iso8583.spec import Shown
from xiaopos.wire.iso8583.subfields import (
    ByLength,
    Form,
    LengthForm,
    LengthPrefix,
    Meanings,
    Part,
    Parts,
    Positional,
    Repeated,
)
from xiaopos.wire.iso8583.tagged import BerTlv, TagForm, Tagged

_TEXT, _BCD, _BYTES = Form.TEXT, Form.BCD, Form.BYTES
_HIDDEN = Shown.HIDDEN


def _code(tag: str, zh: str, en: str, size: int, meanings: Meanings, form: Form = Form.DIGITS) -> Part:
    return Part(tag, zh, en, size, form, meanings=meanings)


PROCESSING = Positional((_code("3", "交易处理码", "processing code", 6, codes.PROCESSING_CODES),))
ENTRY_MODE = Positional(
    (
        _code("22.1", "PAN输入方式", "how it was read", 2, codes.ENTRY_MODES),
        _code("22.2", "PIN输入能力", "PIN", 1, codes.PIN_ENTRY),
    )
)
CONDITION = Positional((_code("25", "服务点条件码", "condition", 2, codes.CONDITIONS),))
RESPONSE = Positional((_code("39", "应答码", "answer", 2, RESPONSES, _TEXT),))
REVERSAL_REASON = Positional((_code("39", "冲正原因码", "reason of the reversal", 2, REVERSAL_REASONS, _TEXT),))
INSTITUTIONS = Positional(
    (
        Part("44.1", "发卡机构", "issuer", 11, _TEXT),
        Part("44.2", "收单机构", "acquirer", 11, _TEXT),
        Part("44.3", "其余", "more", None, _TEXT, unconfirmed=True),
    ),
    1,
)
WALLET_CHANNEL = Positional((_code("44", "钱包渠道", "wallet", 3, codes.WALLET_CHANNELS),))
CURRENCY = Positional((_code("49", "交易货币代码", "currency", 3, codes.CURRENCIES),))
SECURITY = Positional(
    (
        _code("53.1", "PIN格式", "PIN format", 1, codes.PIN_FORMATS),
        _code("53.2", "加密算法", "cipher", 1, codes.PIN_CIPHERS),
        _code("53.3", "磁道加密标志", "tracks", 1, codes.TRACK_CIPHERING),
        Part("53.4", "保留", "reserved", 13),
    )
)
BALANCES = Repeated(
    Part(
        "54",
        "账户余额",
        "one amount",
        20,
        _TEXT,
        _HIDDEN,
        layout=Positional(
            (
                Part("54.1", "账户类型", "account type", 2),
                Part("54.2", "余额类型", "amount type", 2),
                Part("54.3", "货币代码", "currency", 3, meanings=codes.CURRENCIES),
                Part("54.4", "余额符号", "sign", 1, _TEXT, meanings=codes.SIGNS),
                Part("54.5", "余额", "amount", 12, Form.DIGITS, _HIDDEN),
            )
        ),
    ),
    most=2,
)


def _half(tag: str, zh: str, en: str) -> tuple[Part, ...]:
    return (
        Part(f"{tag}.1", f"{zh}借记总金额", f"{en}, debit amount", 12),
        Part(f"{tag}.2", f"{zh}借记总笔数", f"{en}, debit count", 3),
        Part(f"{tag}.3", f"{zh}贷记总金额", f"{en}, credit amount", 12),
        Part(f"{tag}.4", f"{zh}贷记总笔数", f"{en}, credit count", 3),
        _code(f"{tag}.5", f"{zh}对账应答代码", f"{en}, verdict", 1, codes.BALANCE_FLAGS),
    )


TOTALS = Positional((*_half("48.1", "内卡", "domestic"), *_half("48.2", "外卡", "foreign")))
DETAILS = Repeated(
    Part(
        "48",
        "交易明细",
        "one transaction",
        40,
        layout=Positional(
            (
                _code("48.1", "卡类别", "card kind", 2, codes.CARD_KINDS),
                Part("48.2", "流水号", "trace number", 6),
                Part("48.3", "卡号", "card number", 20, shown=Shown.PAN),
                Part("48.4", "金额", "amount", 12),
            )
        ),
        shown=_HIDDEN,
    ),
    LengthPrefix(LengthForm.ASCII, 2),
    8,
)
UPLOADED = Positional((Part("48", "上送总笔数", "transactions uploaded", 4),))
TIP = Positional((Part("48", "小费金额", "tip", 12, unconfirmed=True),))

PRIVATE_59 = Tagged(
    (
        Part("A1", "通讯信息", "connection", None, _BYTES, _HIDDEN, unconfirmed=True),
        Part("A2", "终端信息", "terminal's serial data", None, _BYTES, _HIDDEN, unconfirmed=True),
        Part("A3", "付款码", "payment code", None, _TEXT, _HIDDEN),
    ),
    TagForm.TEXT,
    2,
    LengthPrefix(LengthForm.ASCII, 3),
)
PRIVATE_60 = Positional(
    (
        _code("60.1", "交易类型码", "transaction type", 2, codes.TRANSACTION_TYPES),
        Part("60.2", "批次号", "batch number", 6),
        _code("60.3", "网络管理信息码", "network management code", 3, codes.NETWORK_CODES),
        _code("60.4", "终端读取能力", "reading capability", 1, codes.READING_CAPABILITIES),
        _code("60.5", "IC卡条件代码", "chip condition", 1, codes.CHIP_CONDITIONS),
        _code("60.6", "部分扣款标志", "partial approval", 1, codes.PARTIAL_APPROVAL),
        _code("60.7", "账户类型", "account type", 3, codes.ACCOUNT_TYPES),
        Part("60.8", "其余", "more, in some dialects", 2),
    ),
    3,
)
ORIGINAL = Positional(
    (
        Part("61.1", "原始批次号", "original batch", 6),
        Part("61.2", "原始流水号", "original trace number", 6),
        Part("61.3", "原始日期", "original date", 4),
        Part("61.4", "原授权方式", "authorisation mode", 2),
        Part("61.5", "原授权机构", "authorising organisation", 11),
    ),
    2,
)


def _key(tag: str, zh: str, en: str, size: int) -> tuple[Part, Part]:
    return (
        Part(tag, f"{zh}密文", f"{en}, encrypted", size, _BYTES, _HIDDEN),
        Part(f"{tag} check", f"{zh}校验值", f"{en}, check value", 4, _BYTES),
    )


_DOUBLE = (*_key("PIK", "PIN密钥", "PIN key", 16), *_key("MAK", "MAC密钥", "MAC key", 16))
WORKING_KEYS = ByLength(
    (
        (24, Positional((*_key("PIK", "PIN密钥", "PIN key", 8), *_key("MAK", "MAC密钥", "MAC key", 8)))),
        (40, Positional(_DOUBLE)),
        (60, Positional((*_DOUBLE, *_key("TDK", "磁道密钥", "track key", 16)))),
    )
)
DEVICE = Positional(
    (
        Part("62.1", "序列号标识", "the words `Sequence No`", 11, _TEXT),
        Part("62.2", "长度", "length", 2),
        Part("62.3", "入网认证编号", "network licence", 4, _TEXT),
        Part("62.4", "设备序列号", "device's serial number", 8, _TEXT),
    )
)


def _parameter(tag: str, zh: str, en: str, size: int, form: Form = Form.DIGITS) -> Part:
    switch = codes.SWITCHES if size == 1 and form is Form.DIGITS else {}
    return Part(tag, zh, en, size, form, meanings=switch, unconfirmed=True)


PARAMETERS = Tagged(
    (
        _parameter("11", "终端应用类型", "application class", 2),
        _parameter("12", "通讯等待时间(秒)", "time to wait for an answer, seconds", 2),
        Part("13", "拨号重试次数", "dial retries", 1, unconfirmed=True),
        _parameter("14", "交易电话号码一", "telephone 1", 14, _TEXT),
        _parameter("15", "交易电话号码二", "telephone 2", 14, _TEXT),
        _parameter("16", "交易电话号码三", "telephone 3", 14, _TEXT),
        _parameter("17", "管理电话号码", "manager's telephone", 14, _TEXT),
        _parameter("18", "是否支持小费", "tips", 1),
        _parameter("19", "小费百分比", "tip, per cent", 2),
        _parameter("20", "是否支持手工输入卡号", "keying in of card numbers", 1),
        _parameter("21", "是否自动签退", "automatic sign-off", 1),
        _parameter("22", "商户名称", "merchant's name", 40, _TEXT),
        Part("23", "交易重发次数", "times a message is sent again", 1, unconfirmed=True),
        _parameter("24", "离线上送方式", "when offline transactions are sent", 1),
        Part("25", "主密钥索引", "master key's index", 1, unconfirmed=True),
        Part("26", "终端支持的交易类型", "allowed transactions, a bitmap", 4, _BYTES, unconfirmed=True),
    ),
    TagForm.TEXT,
    2,
)
"""Tags are sourced; of the widths only 22's and 26's are, so the whole table waits for the acquirer's own."""


def _sight(row: TagRow) -> Shown:
    return Shown.PLAIN if row.sight is Sight.OPEN and row.format not in (Format.VAR,) else _HIDDEN


CHIP_DATA = BerTlv(tuple(Part(row.tag, row.zh, row.en, None, _BYTES, _sight(row)) for row in TAGS.values()))
LIST_QUERY = Positional((Part("62.1", "标志", "mark", 1, _TEXT), Part("62.2", "已有条数", "entries so far", 2)))
LIST_ANSWER = Positional(
    (
        _code("62.1", "列表状态", "state of the list", 1, codes.LIST_STATES, _TEXT),
        Part("62.2", "列表", "entries", None, _BYTES, layout=CHIP_DATA),
    )
)
REGIONAL_CODE = BerTlv(
    (
        Part("5F01", "付款码", "payment code", None, _TEXT, _HIDDEN),
        Part("5F03", "时间", "time hhmmss", 6),
        Part("5F04", "日期", "date yymmdd", 6),
        Part("5C", "标志", "mark", None, _TEXT),
    )
)
PRIVATE_CODE = Positional((Part("62", "付款码", "payment code", None, _TEXT, _HIDDEN),))
WHOLE = Positional((Part("62", "内容", "contents", None, _BYTES, _HIDDEN),))

OPERATOR = Positional((Part("63.1", "操作员代码", "operator", 3, _TEXT),))
ORGANISATION = Positional(
    (
        _code("63.1", "国际信用卡公司代码", "card organisation", 3, codes.CARD_ORGANISATIONS, _TEXT),
        Part("63.2.1", "发卡方信息", "issuer's text", 20, _TEXT),
        Part("63.2.2", "中心信息", "centre's text", 20, _TEXT),
        Part("63.2.3", "收单方信息", "acquirer's text", 20, _TEXT),
        Part("63.2.4", "其余", "more", None, _TEXT, unconfirmed=True),
    ),
    1,
)

ALWAYS: Mapping[int, Parts] = MappingProxyType(
    {
        3: PROCESSING,
        22: ENTRY_MODE,
        25: CONDITION,
        39: RESPONSE,
        44: INSTITUTIONS,
        49: CURRENCY,
        53: SECURITY,
        54: BALANCES,
        55: CHIP_DATA,
        59: PRIVATE_59,
        60: PRIVATE_60,
        61: ORIGINAL,
        63: ORGANISATION,
    }
)
"""Fields whose layout does not depend on the transaction, or for the most part does not."""

_SIGN_INS = ("sign_in_des", "sign_in", "sign_in_track")
_LISTS = ("public_keys", "chip_parameters")
_WALLETS = ("wallet_show", "wallet_scan", "wallet_query", "wallet_void")

BY_TRANSACTION: Mapping[tuple[int, str, bool], Parts] = MappingProxyType(
    {
        **{(62, name, False): DEVICE for name in _SIGN_INS},
        **{(62, name, True): WORKING_KEYS for name in _SIGN_INS},
        **{(63, name, False): OPERATOR for name in (*_SIGN_INS, "sign_off", "points_sign_in", "settlement")},
        **{(62, f"{name}_query", False): LIST_QUERY for name in _LISTS},
        **{(62, f"{name}_query", True): LIST_ANSWER for name in _LISTS},
        **{(62, name, False): CHIP_DATA for name in _LISTS},
        **{(62, name, True): LIST_ANSWER for name in _LISTS},
        **{(44, name, answer): WALLET_CHANNEL for name in _WALLETS for answer in (False, True)},
        **{(62, name, False): PRIVATE_CODE for name in _WALLETS},
        (62, "parameters", True): PARAMETERS,
        (62, "code_sale", False): REGIONAL_CODE,
        (48, "settlement", False): TOTALS,
        (48, "settlement", True): TOTALS,
        (48, "batch_upload", False): DETAILS,
        (48, "batch_upload", True): DETAILS,
        (48, "batch_upload_end", False): UPLOADED,
        (48, "batch_upload_end", True): UPLOADED,
        (48, "tip", False): TIP,
        (39, "reversal", False): REVERSAL_REASON,
        (39, "unserved_reversal", False): REVERSAL_REASON,
    }
)
"""(field, transaction as `meaning` calls it, whether it is the answer) -> layout; it wins over ALWAYS."""


def parts_of(number: int, transaction: str, *, answer: bool = False) -> Parts | None:
    """The layout of a field in a transaction's request or answer; None where the field is one value or is not known."""
    return BY_TRANSACTION.get((number, transaction, answer)) or ALWAYS.get(number)
