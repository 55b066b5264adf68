"""ISO 8583:1993 with a byte a character: all 128 fields in ASCII, lengths in ASCII, bitmaps and security fields binary.

What may live here: the table, from which `iso1993_binary` derives its own. What may not: any network's own reading.

Lengths follow jPOS' open-source table of the edition. Bit 65 is reserved there and has no row here.
"""

from __future__ import annotations

from xiaopos.wire.iso8583.spec import Encoding, Field, Prefix, Shown, Size, Spec, Typed, Version

_FIXED, _LL, _LLL = Size.FIXED, Size.LL, Size.LLL
_PAN, _HIDDEN = Shown.PAN, Shown.HIDDEN


def _n(number: int, most: int, zh: str, en: str, size: Size = _FIXED, shown: Shown = Shown.PLAIN) -> Field:
    return Field(number, zh, en, size, most, Encoding.ASCII, shown, prefix=Prefix.ASCII, digits=True)


def _ans(number: int, most: int, zh: str, en: str, size: Size = _FIXED, shown: Shown = Shown.PLAIN) -> Field:
    return Field(number, zh, en, size, most, Encoding.ASCII, shown, prefix=Prefix.ASCII)


def _b(number: int, most: int, zh: str, en: str, size: Size = _FIXED) -> Field:
    return Field(number, zh, en, size, most, Encoding.BINARY, _HIDDEN, prefix=Prefix.ASCII)


SPEC = Spec(
    "ISO 8583:1993 ASCII",
    (
        _n(2, 19, "主账号", "primary account number", _LL, _PAN),
        _n(3, 6, "交易处理码", "processing code"),
        _n(4, 12, "交易金额", "amount, transaction"),
        _n(5, 12, "对账金额", "amount, reconciliation"),
        _n(6, 12, "持卡人扣账金额", "amount, cardholder billing"),
        _n(7, 10, "交易传输时间", "date and time, transmission"),
        _n(8, 8, "持卡人扣账手续费", "amount, cardholder billing fee"),
        _n(9, 8, "对账汇率", "conversion rate, reconciliation"),
        _n(10, 8, "持卡人扣账汇率", "conversion rate, cardholder billing"),
        _n(11, 6, "系统跟踪号", "systems trace audit number"),
        _n(12, 12, "受卡方所在地日期时间", "date and time, local transaction"),
        _n(13, 4, "生效日期", "date, effective"),
        _n(14, 4, "卡有效期", "date, expiration", shown=_HIDDEN),
        _n(15, 6, "清算日期", "date, settlement"),
        _n(16, 4, "兑换日期", "date, conversion"),
        _n(17, 4, "获取日期", "date, capture"),
        _n(18, 4, "商户类型", "merchant type"),
        _n(19, 3, "受理机构国家代码", "country code, acquiring institution"),
        _n(20, 3, "主账号国家代码", "country code, primary account number"),
        _n(21, 3, "转发机构国家代码", "country code, forwarding institution"),
        _ans(22, 12, "服务点数据码", "point of service data code"),
        _n(23, 3, "卡序列号", "card sequence number"),
        _n(24, 3, "功能码", "function code"),
        _n(25, 4, "报文原因码", "message reason code"),
        _n(26, 4, "受卡方业务码", "card acceptor business code"),
        _n(27, 1, "授权码长度", "approval code length"),
        _n(28, 6, "对账日期", "date, reconciliation"),
        _n(29, 3, "对账标识", "reconciliation indicator"),
        _n(30, 24, "原始金额", "amounts, original"),
        _ans(31, 99, "受理方参考数据", "acquirer reference data", _LL, _HIDDEN),
        _n(32, 11, "受理机构标识码", "acquiring institution identification code", _LL),
        _n(33, 11, "发送机构标识码", "forwarding institution identification code", _LL),
        _ans(34, 28, "扩展主账号", "primary account number, extended", _LL, _HIDDEN),
        _ans(35, 37, "二磁道数据", "track 2 data", _LL, _HIDDEN),
        _ans(36, 104, "三磁道数据", "track 3 data", _LLL, _HIDDEN),
        _ans(37, 12, "检索参考号", "retrieval reference number"),
        _ans(38, 6, "授权码", "approval code"),
        _n(39, 3, "动作码", "action code"),
        _n(40, 3, "服务码", "service code"),
        _ans(41, 8, "受卡机终端标识码", "card acceptor terminal identification"),
        _ans(42, 15, "受卡方标识码", "card acceptor identification code"),
        _ans(43, 99, "受卡方名称地址", "card acceptor name and location", _LL),
        _ans(44, 99, "附加响应数据", "additional response data", _LL, _HIDDEN),
        _ans(45, 76, "一磁道数据", "track 1 data", _LL, _HIDDEN),
        _ans(46, 204, "费用金额", "amounts, fees", _LLL, _HIDDEN),
        _ans(47, 999, "国家附加数据", "additional data, national", _LLL, _HIDDEN),
        _ans(48, 999, "私有附加数据", "additional data, private", _LLL, _HIDDEN),
        _ans(49, 3, "交易货币代码", "currency code, transaction"),
        _ans(50, 3, "对账货币代码", "currency code, reconciliation"),
        _ans(51, 3, "持卡人账户货币代码", "currency code, cardholder billing"),
        _b(52, 8, "个人标识码数据", "PIN data"),
        _b(53, 48, "安全控制信息", "security related control information", _LL),
        _ans(54, 120, "附加金额", "amounts, additional", _LLL, _HIDDEN),
        _b(55, 255, "IC卡数据域", "chip data", _LLL),
        _n(56, 35, "原始数据元", "original data elements", _LL),
        _n(57, 3, "授权周期码", "authorisation life cycle code"),
        _n(58, 11, "授权代理机构标识码", "authorising agent institution identification code", _LL),
        _ans(59, 999, "传输数据", "transport data", _LLL, _HIDDEN),
        _ans(60, 999, "国家保留", "reserved, national", _LLL, _HIDDEN),
        _ans(61, 999, "国家保留", "reserved, national", _LLL, _HIDDEN),
        _ans(62, 999, "私有保留", "reserved, private", _LLL, _HIDDEN),
        _ans(63, 999, "私有保留", "reserved, private", _LLL, _HIDDEN),
        _b(64, 8, "报文鉴别码", "message authentication code"),
        _ans(66, 204, "原始费用金额", "amounts, original fees", _LLL, _HIDDEN),
        _n(67, 2, "扩展付款数据", "extended payment data"),
        _n(68, 3, "接收机构国家代码", "country code, receiving institution"),
        _n(69, 3, "清算机构国家代码", "country code, settlement institution"),
        _n(70, 3, "授权代理机构国家代码", "country code, authorising agent institution"),
        _n(71, 8, "报文序号", "message number"),
        _ans(72, 999, "数据记录", "data record", _LLL, _HIDDEN),
        _n(73, 6, "动作日期", "date, action"),
        _n(74, 10, "贷记笔数", "credits, number"),
        _n(75, 10, "贷记冲正笔数", "credits, reversal number"),
        _n(76, 10, "借记笔数", "debits, number"),
        _n(77, 10, "借记冲正笔数", "debits, reversal number"),
        _n(78, 10, "转账笔数", "transfers, number"),
        _n(79, 10, "转账冲正笔数", "transfers, reversal number"),
        _n(80, 10, "查询笔数", "inquiries, number"),
        _n(81, 10, "授权笔数", "authorisations, number"),
        _n(82, 10, "查询冲正笔数", "inquiries, reversal number"),
        _n(83, 10, "付款笔数", "payments, number"),
        _n(84, 10, "付款冲正笔数", "payments, reversal number"),
        _n(85, 10, "费用收取笔数", "fee collections, number"),
        _n(86, 16, "贷记金额", "credits, amount"),
        _n(87, 16, "贷记冲正金额", "credits, reversal amount"),
        _n(88, 16, "借记金额", "debits, amount"),
        _n(89, 16, "借记冲正金额", "debits, reversal amount"),
        _n(90, 10, "授权冲正笔数", "authorisations, reversal number"),
        _n(91, 3, "交易目的机构国家代码", "country code, transaction destination institution"),
        _n(92, 3, "交易发起机构国家代码", "country code, transaction originator institution"),
        _n(93, 11, "交易目的机构标识码", "transaction destination institution identification code", _LL),
        _n(94, 11, "交易发起机构标识码", "transaction originator institution identification code", _LL),
        _ans(95, 99, "发卡方参考数据", "card issuer reference data", _LL, _HIDDEN),
        _b(96, 999, "密钥管理数据", "key management data", _LLL),
        _ans(97, 17, "净对账金额", "amount, net reconciliation"),
        _ans(98, 25, "收款人", "payee", shown=_HIDDEN),
        _ans(99, 11, "清算机构标识码", "settlement institution identification code", _LL),
        _n(100, 11, "接收机构标识码", "receiving institution identification code", _LL),
        _ans(101, 17, "文件名", "file name", _LL),
        _ans(102, 28, "账户标识1", "account identification 1", _LL, _HIDDEN),
        _ans(103, 28, "账户标识2", "account identification 2", _LL, _HIDDEN),
        _ans(104, 100, "交易描述", "transaction description", _LLL, _HIDDEN),
        _n(105, 16, "贷记退单金额", "credits, chargeback amount"),
        _n(106, 16, "借记退单金额", "debits, chargeback amount"),
        _n(107, 10, "贷记退单笔数", "credits, chargeback number"),
        _n(108, 10, "借记退单笔数", "debits, chargeback number"),
        _ans(109, 84, "贷记费用金额", "credits, fee amounts", _LL, _HIDDEN),
        _ans(110, 84, "借记费用金额", "debits, fee amounts", _LL, _HIDDEN),
        *(_ans(number, 999, "ISO保留", "reserved, ISO", _LLL, _HIDDEN) for number in range(111, 116)),
        *(_ans(number, 999, "国家保留", "reserved, national", _LLL, _HIDDEN) for number in range(116, 123)),
        *(_ans(number, 999, "私有保留", "reserved, private", _LLL, _HIDDEN) for number in range(123, 128)),
        _b(128, 8, "报文鉴别码", "message authentication code"),
    ),
    secondary=True,
    typed=Typed.ASCII,
    version=Version.ISO1993,
)

AMOUNTS_WITH_SIGN = frozenset({97})
"""Fields of the form x+n: `C` or `D`, then digits."""
TRACKS = frozenset({35, 36})
