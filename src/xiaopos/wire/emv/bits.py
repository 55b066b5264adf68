"""Bit strings of chip cards: which bits are set, in words.

What may live here: tables of bits (byte 1 first, bit 8 the highest, as the standards print them) and looking into them.
What may not: drawing conclusions from them (payments, risk).

    95   TVR  5 bytes  EMV book 3 annex C5        82   AIP  2 bytes  annex C1
    9B   TSI  2 bytes  EMV book 3 annex C6        9F07 AUC  2 bytes  annex C2
    9F33      3 bytes  EMV book 4 annex A2        9F66 TTQ  4 bytes  EMV contactless book A, 5.7
    9F40      5 bytes  EMV book 4 annex A3        9F6C CTQ  2 bytes  EMV contactless book C-3
    9F0D/0E/0F, DF11/12/13 have the bits of 95
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from xiaopos.wire.malformed import Malformed


@dataclass(frozen=True, slots=True)
class Mark:
    """One bit that is set: byte (1 the first) and bit (8 the highest), and its meaning."""

    byte: int
    bit: int
    zh: str
    en: str

    @property
    def reserved(self) -> bool:
        """Whether the standard gives the bit no meaning."""
        return self.en.startswith("RFU")


@dataclass(frozen=True, slots=True)
class BitTable:
    """The bits of one data object: its size in bytes, and bit number `byte * 10 + bit` -> meaning in two languages."""

    name: str
    size: int
    bits: Mapping[int, tuple[str, str]]

    def read(self, value: bytes) -> list[Mark]:
        """The bits that are set, the highest of the first byte first; reserved ones (RFU) by their place.

        Raises Malformed for another size. Here the offset says where the value is too short or too long.
        """
        if len(value) != self.size:
            raise Malformed(None, min(len(value), self.size), f"{self.size} bytes", str(len(value)), self.name)
        marks = []
        for number, byte in enumerate(value, 1):
            for bit in range(8, 0, -1):
                if byte >> (bit - 1) & 1:
                    rfu = (f"保留位 第{number}字节第{bit}位", f"RFU byte {number} bit {bit}")
                    marks.append(Mark(number, bit, *self.bits.get(number * 10 + bit, rfu)))
        return marks

    def has(self, value: bytes, byte: int, bit: int) -> bool:
        """Whether one bit is set. Raises Malformed for another size, AssertionError for a bit that is not there."""
        assert 1 <= byte <= self.size, f"{self.name} has {self.size} bytes"
        assert 1 <= bit <= 8, "a byte has 8 bits"
        return any((mark.byte, mark.bit) == (byte, bit) for mark in self.read(value))


def _table(name: str, size: int, rows: str) -> BitTable:
    """Rows are `byte.bit | Chinese | English`, one a line."""
    bits = {}
    for row in rows.strip().splitlines():
        place, zh, en = (part.strip() for part in row.split("|"))
        byte, bit = place.split(".")
        bits[int(byte) * 10 + int(bit)] = (zh, en)
    return BitTable(name, size, MappingProxyType(bits))


TVR = _table(
    "95",
    5,
    """
    1.8 | 未进行脱机数据认证 | offline data authentication was not performed
    1.7 | 静态数据认证(SDA)失败 | SDA failed
    1.6 | IC卡数据缺失 | ICC data missing
    1.5 | 卡片在终端异常文件中 | card appears on terminal exception file
    1.4 | 动态数据认证(DDA)失败 | DDA failed
    1.3 | 复合动态数据认证(CDA)失败 | CDA failed
    1.2 | 选择了静态数据认证(SDA) | SDA selected
    1.1 | 选择了扩展数据认证(XDA) | XDA selected
    2.8 | 卡片与终端应用版本不一致 | ICC and terminal have different application versions
    2.7 | 应用已失效 | expired application
    2.6 | 应用尚未生效 | application not yet effective
    2.5 | 卡片不允许所请求的服务 | requested service not allowed for card product
    2.4 | 新卡 | new card
    2.2 | 生物识别已进行并成功 | biometric performed and successful
    2.1 | 不支持生物模板格式 | biometric template format not supported
    3.8 | 持卡人验证失败 | cardholder verification was not successful
    3.7 | 未知的持卡人验证方法 | unrecognised CVM
    3.6 | PIN重试次数超限 | PIN try limit exceeded
    3.5 | 要求输入PIN但密码键盘不存在或故障 | PIN entry required and PIN pad not present or not working
    3.4 | 要求输入PIN,有密码键盘,但未输入 | PIN entry required, PIN pad present, but PIN was not entered
    3.3 | 已采集联机持卡人验证(联机PIN) | online CVM captured (online PIN entered)
    3.2 | 要求生物识别但采集设备故障 | biometric required but capture device not working
    3.1 | 要求生物识别但被跳过 | biometric required but subtype entry was bypassed
    4.8 | 交易超过最低限额 | transaction exceeds floor limit
    4.7 | 超过连续脱机交易下限 | lower consecutive offline limit exceeded
    4.6 | 超过连续脱机交易上限 | upper consecutive offline limit exceeded
    4.5 | 随机选中联机处理 | transaction selected randomly for online processing
    4.4 | 商户强制联机 | merchant forced transaction online
    4.3 | 生物识别重试次数超限 | biometric try limit exceeded
    4.2 | 不支持所选生物识别类型 | a selected biometric type not supported
    4.1 | XDA签名验证失败 | XDA signature verification failed
    5.8 | 使用缺省TDOL | default TDOL used
    5.7 | 发卡行认证失败 | issuer authentication failed
    5.6 | 最后一次生成应用密文前脚本处理失败 | script processing failed before final GENERATE AC
    5.5 | 最后一次生成应用密文后脚本处理失败 | script processing failed after final GENERATE AC
    5.3 | 缺少认证中心ECC公钥 | CA ECC key missing
    5.2 | ECC公钥恢复失败 | ECC key recovery failed
    """,
)

TSI = _table(
    "9B",
    2,
    """
    1.8 | 已进行脱机数据认证 | offline data authentication was performed
    1.7 | 已进行持卡人验证 | cardholder verification was performed
    1.6 | 已进行卡片风险管理 | card risk management was performed
    1.5 | 已进行发卡行认证 | issuer authentication was performed
    1.4 | 已进行终端风险管理 | terminal risk management was performed
    1.3 | 已进行脚本处理 | script processing was performed
    """,
)

AIP = _table(
    "82",
    2,
    """
    1.8 | 支持扩展数据认证(XDA) | XDA supported
    1.7 | 支持静态数据认证(SDA) | SDA supported
    1.6 | 支持动态数据认证(DDA) | DDA supported
    1.5 | 支持持卡人验证 | cardholder verification is supported
    1.4 | 须进行终端风险管理 | terminal risk management is to be performed
    1.3 | 支持发卡行认证(外部认证命令) | issuer authentication is supported
    1.2 | 支持设备端持卡人验证 | on device cardholder verification is supported
    1.1 | 支持复合动态数据认证(CDA) | CDA supported
    2.8 | 支持非接触EMV模式 | contactless EMV mode is supported
    2.7 | 移动设备 | mobile phone
    2.6 | 非接触交易 | contactless transaction
    2.1 | 支持中继防护协议(RRP) | relay resistance protocol is supported
    """,
)

AUC = _table(
    "9F07",
    2,
    """
    1.8 | 国内现金交易有效 | valid for domestic cash transactions
    1.7 | 国际现金交易有效 | valid for international cash transactions
    1.6 | 国内商品有效 | valid for domestic goods
    1.5 | 国际商品有效 | valid for international goods
    1.4 | 国内服务有效 | valid for domestic services
    1.3 | 国际服务有效 | valid for international services
    1.2 | ATM有效 | valid at ATMs
    1.1 | 除ATM外的终端有效 | valid at terminals other than ATMs
    2.8 | 允许国内返现 | domestic cashback allowed
    2.7 | 允许国际返现 | international cashback allowed
    """,
)

TERMINAL_CAPABILITIES = _table(
    "9F33",
    3,
    """
    1.8 | 手工键盘输入 | manual key entry
    1.7 | 磁条 | magnetic stripe
    1.6 | 接触式IC卡 | IC with contacts
    2.8 | IC卡明文PIN验证 | plaintext PIN for ICC verification
    2.7 | 加密PIN联机验证 | enciphered PIN for online verification
    2.6 | 签名(纸) | signature (paper)
    2.5 | 加密PIN脱机验证(RSA) | enciphered PIN for offline verification (RSA)
    2.4 | 无需持卡人验证 | no CVM required
    2.3 | 联机生物识别 | online biometric
    2.2 | 脱机生物识别 | offline biometric
    2.1 | 加密PIN脱机验证(ECC);PBOC: 持卡人证件出示 | enciphered PIN for offline verification (ECC); PBOC: identity document
    3.8 | 静态数据认证(SDA) | SDA
    3.7 | 动态数据认证(DDA) | DDA
    3.6 | 吞卡 | card capture
    3.4 | 复合动态数据认证(CDA) | CDA
    3.3 | 扩展数据认证(XDA) | XDA
    """,
)

ADDITIONAL_CAPABILITIES = _table(
    "9F40",
    5,
    """
    1.8 | 现金 | cash
    1.7 | 商品 | goods
    1.6 | 服务 | services
    1.5 | 返现 | cashback
    1.4 | 查询 | inquiry
    1.3 | 转账 | transfer
    1.2 | 付款 | payment
    1.1 | 管理 | administrative
    2.8 | 存款 | cash deposit
    3.8 | 数字键 | numeric keys
    3.7 | 字母和特殊字符键 | alphabetic and special characters keys
    3.6 | 命令键 | command keys
    3.5 | 功能键 | function keys
    4.8 | 打印,服务员 | print, attendant
    4.7 | 打印,持卡人 | print, cardholder
    4.6 | 显示,服务员 | display, attendant
    4.5 | 显示,持卡人 | display, cardholder
    4.2 | 代码表10 | code table 10
    4.1 | 代码表9 | code table 9
    5.8 | 代码表8 | code table 8
    5.7 | 代码表7 | code table 7
    5.6 | 代码表6 | code table 6
    5.5 | 代码表5 | code table 5
    5.4 | 代码表4 | code table 4
    5.3 | 代码表3 | code table 3
    5.2 | 代码表2 | code table 2
    5.1 | 代码表1 | code table 1
    """,
)

TTQ = _table(
    "9F66",
    4,
    """
    1.8 | 支持磁条模式 | mag-stripe mode supported
    1.6 | 支持EMV模式(qPBOC/qVSDC) | EMV mode supported (qPBOC, qVSDC)
    1.5 | 支持接触式EMV | EMV contact chip supported
    1.4 | 仅脱机读卡器 | offline-only reader
    1.3 | 支持联机PIN | online PIN supported
    1.2 | 支持签名 | signature supported
    1.1 | 支持联机交易的脱机数据认证 | offline data authentication for online authorisations supported
    2.8 | 要求联机密文 | online cryptogram required
    2.7 | 要求持卡人验证 | CVM required
    2.6 | 支持(接触式)脱机PIN | (contact chip) offline PIN supported
    3.8 | 支持发卡行更新处理 | issuer update processing supported
    3.7 | 支持消费者设备验证(CDCVM) | consumer device CVM supported
    4.8 | 支持fDDA 1.0 | fDDA v1.0 supported
    """,
)
"""Bits that only one scheme uses (transit, fast mode, CDCVM required) are left reserved."""

CTQ = _table(
    "9F6C",
    2,
    """
    1.8 | 要求联机PIN | online PIN required
    1.7 | 要求签名 | signature required
    1.6 | 脱机数据认证失败且可联机时转联机 | go online if offline data authentication fails and reader is online capable
    1.5 | 脱机数据认证失败时换接触界面 | switch interface if offline data authentication fails and reader supports it
    1.4 | 应用失效时转联机 | go online if application expired
    1.3 | 现金交易换接触界面 | switch interface for cash transactions
    1.2 | 返现交易换接触界面 | switch interface for cashback transactions
    1.1 | 非接触ATM交易无效 | not valid for contactless ATM transactions
    2.8 | 已进行消费者设备验证(CDCVM) | consumer device CVM performed
    2.7 | 卡片支持发卡行更新处理 | card supports issuer update processing at the POS
    """,
)

TABLES: Mapping[str, BitTable] = MappingProxyType(
    {table.name: table for table in (TVR, TSI, AIP, AUC, TERMINAL_CAPABILITIES, ADDITIONAL_CAPABILITIES, TTQ, CTQ)}
    | {tag: BitTable(tag, TVR.size, TVR.bits) for tag in ("9F0D", "9F0E", "9F0F", "DF11", "DF12", "DF13")}
)
"""The table of each tag that is a bit string."""
