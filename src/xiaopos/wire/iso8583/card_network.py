"""Our own host-to-network dialect: ISO 8583:1987, 128 fields, packed numbers and binary bitmaps.

What may live here: its table, its sub-fields, its network management codes. Codes that terminals send too mean the same here
(terminal_parts); parts marked unconfirmed are carried on, and no rule of ours reads them. What may not: UnionPay's certified
host interface (CUPS), which replaces this table as data when an acquirer hands it over. A frame is a 2-byte big-endian
length and the message (`framing.encode_frame`); reversals are 0420; field 128 is the MAC.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xiaopos.wire.iso8583 import terminal_parts as terminal
from xiaopos.wire.iso8583.deriving import long_pins
from xiaopos.wire.iso8583.network_qr import QR_DATA
from xiaopos.wire.iso8583.spec import Encoding, Field, Shown, Size, Spec
from xiaopos.wire.iso8583.subfields import Form, Meanings, Part, Positional
from xiaopos.wire.malformed import Malformed

_LEFT, _RIGHT, _TRACK = Encoding.BCD_LEFT, Encoding.BCD_RIGHT, Encoding.TRACK
_ASCII, _GBK, _BINARY = Encoding.ASCII, Encoding.GBK, Encoding.BINARY
_FIXED, _LL, _LLL = Size.FIXED, Size.LL, Size.LLL

NETWORK_CODES: Meanings = {
    "001": ("签到", "sign on"),
    "002": ("签退", "sign off"),
    "301": ("回响测试", "echo test"),
}
"""Field 70 of 0800/0810 and 0820/0830, with names."""

CARD_FACTS = Positional(
    (
        Part("60.1", "卡种", "card kind", 1, Form.TEXT, meanings={"D": ("借记卡", "debit"), "C": ("贷记卡", "credit")}),
        Part("60.2", "其余", "terminal facts", None, Form.TEXT, unconfirmed=True),
    ),
    1,
)
NETWORK_CODE = Positional((Part("70", "网络管理信息码", "network management code", 3, meanings=NETWORK_CODES),))
ORIGINAL = Positional(
    (
        Part("90.1", "原报文类型", "original message type", 4),
        Part("90.2", "原系统跟踪号", "original trace number", 6),
        Part("90.3", "原传输时间", "original transmission time MMDDhhmmss", 10),
        Part("90.4", "原受理机构", "original acquiring institution", 11),
        Part("90.5", "原发送机构", "original forwarding institution", 11),
    )
)

SPEC = Spec(
    "xiaopos card network",
    (
        Field(2, "主账号", "primary account number", _LL, 19, _LEFT, Shown.PAN),
        Field(3, "交易处理码", "processing code", _FIXED, 6, _RIGHT),
        Field(4, "交易金额", "amount", _FIXED, 12, _RIGHT),
        Field(7, "交易传输时间", "transmission date and time (MMDDhhmmss)", _FIXED, 10, _RIGHT),
        Field(11, "系统跟踪号", "system trace audit number", _FIXED, 6, _RIGHT),
        Field(12, "受卡方所在地时间", "local time", _FIXED, 6, _RIGHT),
        Field(13, "受卡方所在地日期", "local date", _FIXED, 4, _RIGHT),
        Field(14, "卡有效期", "expiry date", _FIXED, 4, _RIGHT, Shown.HIDDEN),
        Field(15, "清算日期", "settlement date", _FIXED, 4, _RIGHT),
        Field(18, "商户类型", "merchant category code", _FIXED, 4, _RIGHT),
        Field(22, "服务点输入方式码", "entry mode", _FIXED, 3, _LEFT, parts=terminal.ENTRY_MODE),
        Field(23, "卡序列号", "card sequence number", _FIXED, 3, _RIGHT),
        Field(25, "服务点条件码", "condition code", _FIXED, 2, _RIGHT, parts=terminal.CONDITION),
        Field(26, "服务点PIN获取码", "PIN capture code", _FIXED, 2, _RIGHT),
        Field(32, "受理机构标识码", "acquiring institution", _LL, 11, _LEFT),
        Field(33, "发送机构标识码", "forwarding institution", _LL, 11, _LEFT),
        Field(35, "二磁道数据", "track 2", _LL, 37, _TRACK, Shown.HIDDEN),
        Field(36, "三磁道数据", "track 3", _LLL, 104, _TRACK, Shown.HIDDEN),
        Field(37, "检索参考号", "retrieval reference number", _FIXED, 12, _ASCII),
        Field(38, "授权标识应答码", "approval code", _FIXED, 6, _ASCII),
        Field(39, "应答码", "response code", _FIXED, 2, _ASCII, parts=terminal.RESPONSE),
        Field(41, "受卡机终端标识码", "terminal id", _FIXED, 8, _ASCII),
        Field(42, "受卡方标识码", "merchant id", _FIXED, 15, _ASCII),
        Field(43, "受卡方名称地址", "merchant name and place", _FIXED, 40, _GBK),
        Field(44, "附加响应数据", "additional response data: issuer's name", _LL, 25, _GBK),
        Field(48, "附加数据", "additional data", _LLL, 512, _BINARY, Shown.HIDDEN),
        Field(49, "交易货币代码", "currency", _FIXED, 3, _ASCII, parts=terminal.CURRENCY),
        Field(52, "个人标识码数据", "PIN block", _FIXED, 8, _BINARY, Shown.HIDDEN),
        Field(53, "安全控制信息", "security control", _FIXED, 16, _RIGHT, parts=terminal.SECURITY),
        Field(54, "附加金额", "additional amounts", _LLL, 40, _ASCII, Shown.HIDDEN, parts=terminal.BALANCES),
        Field(55, "IC卡数据域", "chip data", _LLL, 255, _BINARY, Shown.HIDDEN, parts=terminal.CHIP_DATA),
        Field(59, "自定义域", "private use 59: QR payment", _LLL, 512, _BINARY, Shown.HIDDEN, parts=QR_DATA),
        Field(60, "自定义域", "private use 60: card kind and terminal facts", _LLL, 100, _ASCII, parts=CARD_FACTS),
        Field(61, "持卡人身份认证信息", "cardholder verification data", _LLL, 200, _BINARY, Shown.HIDDEN),
        Field(70, "网络管理信息码", "network management code", _FIXED, 3, _RIGHT, parts=NETWORK_CODE),
        Field(90, "原始数据元", "original data elements", _FIXED, 42, _RIGHT, parts=ORIGINAL),
        Field(100, "接收机构标识码", "receiving institution", _LL, 11, _LEFT),
        Field(102, "账户标识1", "account 1", _LL, 28, _ASCII, Shown.HIDDEN),
        Field(128, "报文鉴别码", "message authentication code", _FIXED, 8, _BINARY, Shown.HIDDEN),
    ),
    secondary=True,
)

LONG_PIN_SPEC = long_pins(SPEC)


def spec_for(pin_block_bytes: int) -> Spec:
    """The table for a channel whose PIN blocks are 8 bytes or 16."""
    return LONG_PIN_SPEC if pin_block_bytes == 16 else SPEC


@dataclass(frozen=True, slots=True)
class OriginalData:
    """Field 90: which message a reversal undoes, as `mti 4 | stan 6 | transmitted_at 10 | acquirer 11 | forwarder 11`.

    `transmitted_at` is the original's field 7 (MMDDhhmmss); institutions are written without leading zeros.
    """

    mti: str
    stan: str
    transmitted_at: str
    acquirer: str
    forwarder: str

    def text(self) -> str:
        """The 42 digits."""
        institutions = self.acquirer.zfill(11) + self.forwarder.zfill(11)
        return f"{self.mti}{self.stan}{self.transmitted_at}{institutions}"

    @classmethod
    def parse(cls, text: str) -> OriginalData:
        """The parts of the 42 digits. Raises Malformed for any other number of them."""
        if len(text) != 42:
            raise Malformed(90, len(text), "42 digits", str(len(text)))
        return cls(text[:4], text[4:10], text[10:20], text[20:31].lstrip("0"), text[31:].lstrip("0"))


@dataclass(frozen=True, slots=True)
class AdditionalAmount:
    """One amount of field 54, 20 characters: `account 2 | kind 2 | currency 3 | C or D 1 | amount 12`.

    `kind` 01 is the booked and 02 the available balance (ISO 8583:1987); `minor` is negative for D.
    """

    BOOKED: ClassVar[str] = "01"
    AVAILABLE: ClassVar[str] = "02"

    account: str
    kind: str
    currency: str
    minor: int

    def text(self) -> str:
        """The 20 characters."""
        return f"{self.account}{self.kind}{self.currency}{'D' if self.minor < 0 else 'C'}{abs(self.minor):012d}"

    @classmethod
    def parse_all(cls, text: str) -> tuple[AdditionalAmount, ...]:
        """Every amount of the field. Raises Malformed for a rest that is no amount."""
        amounts = []
        for start in range(0, len(text), 20):
            part = text[start : start + 20]
            if len(part) != 20 or part[7] not in "CD" or not (part[:7] + part[8:]).isdecimal() or not part.isascii():
                raise Malformed(54, start, "an amount of 20 characters, signed C or D", f"{len(part)} others")
            sign = -1 if part[7] == "D" else 1
            amounts.append(cls(part[:2], part[2:4], part[4:7], sign * int(part[8:])))
        return tuple(amounts)
