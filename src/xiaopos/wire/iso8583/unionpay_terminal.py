"""The UnionPay POS terminal interface: the fields of ISO 8583:1987 as its terminals send them.

What may live here: the table (银联 POS 终端接口, primary bitmap only). What may not: sub-fields (terminal_fields), frames
(framing), the names of transactions (meaning). The rows follow what public implementations do; the specification that an
acquirer hands over wins, as another table.
"""

from __future__ import annotations

from xiaopos.wire.iso8583.deriving import long_pins
from xiaopos.wire.iso8583.spec import Encoding, Field, Shown, Size, Spec

_LEFT, _RIGHT, _TRACK = Encoding.BCD_LEFT, Encoding.BCD_RIGHT, Encoding.TRACK
_ASCII, _GBK, _BINARY = Encoding.ASCII, Encoding.GBK, Encoding.BINARY
_FIXED, _LL, _LLL = Size.FIXED, Size.LL, Size.LLL

SPEC = Spec(
    "UnionPay POS terminal",
    (
        Field(2, "主账号", "primary account number", _LL, 19, _LEFT, Shown.PAN),
        Field(3, "交易处理码", "processing code", _FIXED, 6, _RIGHT),
        Field(4, "交易金额", "amount", _FIXED, 12, _RIGHT),
        Field(11, "受卡方系统跟踪号", "system trace audit number", _FIXED, 6, _RIGHT),
        Field(12, "受卡方所在地时间", "local time", _FIXED, 6, _RIGHT),
        Field(13, "受卡方所在地日期", "local date", _FIXED, 4, _RIGHT),
        Field(14, "卡有效期", "expiry date", _FIXED, 4, _RIGHT, Shown.HIDDEN),
        Field(15, "清算日期", "settlement date", _FIXED, 4, _RIGHT),
        Field(22, "服务点输入方式码", "entry mode", _FIXED, 3, _LEFT),
        Field(23, "卡序列号", "card sequence number", _FIXED, 3, _RIGHT),
        Field(25, "服务点条件码", "condition code", _FIXED, 2, _RIGHT),
        Field(26, "服务点PIN获取码", "PIN capture code", _FIXED, 2, _RIGHT),
        Field(32, "受理方标识码", "acquiring institution", _LL, 11, _LEFT),
        Field(35, "二磁道数据", "track 2", _LL, 37, _TRACK, Shown.HIDDEN),
        Field(36, "三磁道数据", "track 3", _LLL, 104, _TRACK, Shown.HIDDEN),
        Field(37, "检索参考号", "retrieval reference number", _FIXED, 12, _ASCII),
        Field(38, "授权标识应答码", "approval code", _FIXED, 6, _ASCII),
        Field(39, "应答码", "response code", _FIXED, 2, _ASCII),
        Field(41, "受卡机终端标识码", "terminal id", _FIXED, 8, _ASCII),
        Field(42, "受卡方标识码", "merchant id", _FIXED, 15, _ASCII),
        Field(44, "附加响应数据", "additional response data", _LL, 25, _GBK),
        Field(48, "附加数据", "batch totals and details", _LLL, 322, _LEFT, Shown.HIDDEN),
        Field(49, "交易货币代码", "currency", _FIXED, 3, _ASCII),
        Field(52, "个人标识码数据", "PIN block", _FIXED, 8, _BINARY, Shown.HIDDEN),
        Field(53, "安全控制信息", "security control", _FIXED, 16, _RIGHT),
        Field(54, "余额", "balance", _LLL, 40, _ASCII, Shown.HIDDEN),
        Field(55, "IC卡数据域", "chip data", _LLL, 255, _BINARY, Shown.HIDDEN),
        Field(57, "自定义域57", "private use 57", _LLL, 999, _BINARY, Shown.HIDDEN),
        Field(58, "PBOC电子钱包数据", "electronic cash data", _LLL, 255, _BINARY, Shown.HIDDEN),
        Field(59, "自定义域59", "private use 59: payment code, device data", _LLL, 999, _BINARY, Shown.HIDDEN),
        Field(60, "自定义域60", "type, batch, network code", _LLL, 19, _LEFT),
        Field(61, "原始信息域", "original transaction", _LLL, 29, _LEFT),
        Field(62, "自定义域62", "private use 62: keys, parameters", _LLL, 999, _BINARY, Shown.HIDDEN),
        Field(63, "自定义域63", "operator, card organisation, texts", _LLL, 163, _GBK),
        Field(64, "报文鉴别码", "message authentication code", _FIXED, 8, _BINARY, Shown.HIDDEN),
    ),
)

LONG_PIN_SPEC = long_pins(SPEC)
"""The same for terminals whose PINs travel under SM4 (unconfirmed)."""

TERMINAL_SPECS = (SPEC, LONG_PIN_SPEC)
"""Both: what a terminal's message means is the same."""
