"""ISO 8583:1987 with a byte a character: all 128 fields in ASCII, lengths in ASCII, bitmaps and security fields binary.

What may live here: the table, from which `iso1987_binary` and `iso1987_ebcdic` derive theirs. What may not: any network's
own reading of a field; that is another table.

Lengths follow the open-source tables of the edition (jPOS, pyiso8583, moov-io), which agree but for field 55 (reserved by
the standard, chip data in use: here 255 bytes) and the private fields. Field 96 has 8 bytes and field 93 has 5 characters.
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
    "ISO 8583:1987 ASCII",
    (
        _n(2, 19, "主账号", "primary account number", _LL, _PAN),
        _n(3, 6, "交易处理码", "processing code"),
        _n(4, 12, "交易金额", "amount, transaction"),
        _n(5, 12, "清算金额", "amount, settlement"),
        _n(6, 12, "持卡人扣账金额", "amount, cardholder billing"),
        _n(7, 10, "交易传输时间", "transmission date and time"),
        _n(8, 8, "持卡人扣账手续费", "amount, cardholder billing fee"),
        _n(9, 8, "清算汇率", "conversion rate, settlement"),
        _n(10, 8, "持卡人扣账汇率", "conversion rate, cardholder billing"),
        _n(11, 6, "系统跟踪号", "system trace audit number"),
        _n(12, 6, "受卡方所在地时间", "time, local transaction"),
        _n(13, 4, "受卡方所在地日期", "date, local transaction"),
        _n(14, 4, "卡有效期", "date, expiration", shown=_HIDDEN),
        _n(15, 4, "清算日期", "date, settlement"),
        _n(16, 4, "兑换日期", "date, conversion"),
        _n(17, 4, "获取日期", "date, capture"),
        _n(18, 4, "商户类型", "merchant type"),
        _n(19, 3, "受理机构国家代码", "acquiring institution country code"),
        _n(20, 3, "主账号国家代码", "primary account number country code"),
        _n(21, 3, "转发机构国家代码", "forwarding institution country code"),
        _n(22, 3, "服务点输入方式码", "point of service entry mode"),
        _n(23, 3, "卡序列号", "card sequence number"),
        _n(24, 3, "网络国际标识", "network international identifier"),
        _n(25, 2, "服务点条件码", "point of service condition code"),
        _n(26, 2, "服务点PIN获取码", "point of service PIN capture code"),
        _n(27, 1, "授权标识应答长度", "authorisation identification response length"),
        _ans(28, 9, "交易手续费", "amount, transaction fee"),
        _ans(29, 9, "清算手续费", "amount, settlement fee"),
        _ans(30, 9, "交易处理费", "amount, transaction processing fee"),
        _ans(31, 9, "清算处理费", "amount, settlement processing fee"),
        _n(32, 11, "受理机构标识码", "acquiring institution identification code", _LL),
        _n(33, 11, "发送机构标识码", "forwarding institution identification code", _LL),
        _ans(34, 28, "扩展主账号", "primary account number, extended", _LL, _HIDDEN),
        _ans(35, 37, "二磁道数据", "track 2 data", _LL, _HIDDEN),
        _ans(36, 104, "三磁道数据", "track 3 data", _LLL, _HIDDEN),
        _ans(37, 12, "检索参考号", "retrieval reference number"),
        _ans(38, 6, "授权标识应答码", "authorisation identification response"),
        _ans(39, 2, "应答码", "response code"),
        _ans(40, 3, "服务限制码", "service restriction code"),
        _ans(41, 8, "受卡机终端标识码", "card acceptor terminal identification"),
        _ans(42, 15, "受卡方标识码", "card acceptor identification code"),
        _ans(43, 40, "受卡方名称地址", "card acceptor name and location"),
        _ans(44, 25, "附加响应数据", "additional response data", _LL),
        _ans(45, 76, "一磁道数据", "track 1 data", _LL, _HIDDEN),
        _ans(46, 999, "ISO附加数据", "additional data, ISO", _LLL, _HIDDEN),
        _ans(47, 999, "国家附加数据", "additional data, national", _LLL, _HIDDEN),
        _ans(48, 999, "私有附加数据", "additional data, private", _LLL, _HIDDEN),
        _ans(49, 3, "交易货币代码", "currency code, transaction"),
        _ans(50, 3, "清算货币代码", "currency code, settlement"),
        _ans(51, 3, "持卡人账户货币代码", "currency code, cardholder billing"),
        _b(52, 8, "个人标识码数据", "PIN data"),
        _n(53, 16, "安全控制信息", "security related control information"),
        _ans(54, 120, "附加金额", "additional amounts", _LLL, _HIDDEN),
        _b(55, 255, "IC卡数据域", "chip data", _LLL),
        _ans(56, 999, "ISO保留", "reserved, ISO", _LLL, _HIDDEN),
        _ans(57, 999, "国家保留", "reserved, national", _LLL, _HIDDEN),
        _ans(58, 999, "国家保留", "reserved, national", _LLL, _HIDDEN),
        _ans(59, 999, "国家保留", "reserved, national", _LLL, _HIDDEN),
        _ans(60, 999, "私有保留", "reserved, private", _LLL, _HIDDEN),
        _ans(61, 999, "私有保留", "reserved, private", _LLL, _HIDDEN),
        _ans(62, 999, "私有保留", "reserved, private", _LLL, _HIDDEN),
        _ans(63, 999, "私有保留", "reserved, private", _LLL, _HIDDEN),
        _b(64, 8, "报文鉴别码", "message authentication code"),
        _n(66, 1, "清算代码", "settlement code"),
        _n(67, 2, "扩展付款代码", "extended payment code"),
        _n(68, 3, "接收机构国家代码", "receiving institution country code"),
        _n(69, 3, "清算机构国家代码", "settlement institution country code"),
        _n(70, 3, "网络管理信息码", "network management information code"),
        _n(71, 4, "报文序号", "message number"),
        _n(72, 4, "末条报文序号", "message number, last"),
        _n(73, 6, "动作日期", "date, action"),
        _n(74, 10, "贷记笔数", "credits, number"),
        _n(75, 10, "贷记冲正笔数", "credits, reversal number"),
        _n(76, 10, "借记笔数", "debits, number"),
        _n(77, 10, "借记冲正笔数", "debits, reversal number"),
        _n(78, 10, "转账笔数", "transfers, number"),
        _n(79, 10, "转账冲正笔数", "transfers, reversal number"),
        _n(80, 10, "查询笔数", "inquiries, number"),
        _n(81, 10, "授权笔数", "authorisations, number"),
        _n(82, 12, "贷记处理费金额", "credits, processing fee amount"),
        _n(83, 12, "贷记交易费金额", "credits, transaction fee amount"),
        _n(84, 12, "借记处理费金额", "debits, processing fee amount"),
        _n(85, 12, "借记交易费金额", "debits, transaction fee amount"),
        _n(86, 16, "贷记金额", "credits, amount"),
        _n(87, 16, "贷记冲正金额", "credits, reversal amount"),
        _n(88, 16, "借记金额", "debits, amount"),
        _n(89, 16, "借记冲正金额", "debits, reversal amount"),
        _n(90, 42, "原始数据元", "original data elements"),
        _ans(91, 1, "文件更新代码", "file update code"),
        _ans(92, 2, "文件安全代码", "file security code"),
        _ans(93, 5, "应答标识", "response indicator"),
        _ans(94, 7, "服务标识", "service indicator"),
        _ans(95, 42, "替换金额", "replacement amounts", shown=_HIDDEN),
        _b(96, 8, "报文安全码", "message security code"),
        _ans(97, 17, "净清算金额", "amount, net settlement"),
        _ans(98, 25, "收款人", "payee", shown=_HIDDEN),
        _n(99, 11, "清算机构标识码", "settlement institution identification code", _LL),
        _n(100, 11, "接收机构标识码", "receiving institution identification code", _LL),
        _ans(101, 17, "文件名", "file name", _LL),
        _ans(102, 28, "账户标识1", "account identification 1", _LL, _HIDDEN),
        _ans(103, 28, "账户标识2", "account identification 2", _LL, _HIDDEN),
        _ans(104, 100, "交易描述", "transaction description", _LLL, _HIDDEN),
        *(_ans(number, 999, "ISO保留", "reserved, ISO", _LLL, _HIDDEN) for number in range(105, 112)),
        *(_ans(number, 999, "国家保留", "reserved, national", _LLL, _HIDDEN) for number in range(112, 120)),
        *(_ans(number, 999, "私有保留", "reserved, private", _LLL, _HIDDEN) for number in range(120, 128)),
        _b(128, 8, "报文鉴别码", "message authentication code"),
    ),
    secondary=True,
    typed=Typed.ASCII,
    version=Version.ISO1987,
)

AMOUNTS_WITH_SIGN = frozenset({28, 29, 30, 31, 97})
"""Fields of the form x+n: `C` or `D`, then digits."""
TRACKS = frozenset({35, 36})
