"""Card verification results (CVR): what the card tells its issuer about this and the last payment, in words.

What may live here: the layouts as tables, and looking into them. What may not: finding them in tag 9F10 (issuer_data).

    PBOC, VSDC 0 1 3   3 bytes   b8-b5 of byte 1: kinds of cryptogram; b8-b5 of byte 3: script commands
    VSDC 2 4           5 bytes   byte 1: how the phone's owner was verified; byte 2 and 4 as 1 and 3 above
    M/Chip             6 bytes   byte 1 likewise; byte 3: script counter and PIN try counter
    CCD                5 bytes   byte 1 likewise; b8-b5 of byte 2 PIN try counter, of byte 4 script commands

Sources: EMV book 3 annex C9.3 (CCD); open tag lists for the schemes' own; PBOC's has VSDC's form, as terminal software reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from xiaopos.wire.emv.codes import Words

_RFU: Words = ("保留", "RFU")
SECOND: tuple[Words | None, ...] = (
    ("第二次应答AAC", "AAC in second GENERATE AC"),
    ("第二次应答TC", "TC in second GENERATE AC"),
    None,
    _RFU,
)
"""b8-b7: the second answer; 2 that none was asked for."""
FIRST: tuple[Words, ...] = (
    ("第一次应答AAC", "AAC in first GENERATE AC or GPO"),
    ("第一次应答TC", "TC in first GENERATE AC or GPO"),
    ("第一次应答ARQC", "ARQC in first GENERATE AC or GPO"),
    _RFU,
)
"""b6-b5: the first answer."""


def _nibbles(text: str) -> Mapping[int, Words]:
    rows = [[cell.strip() for cell in row.split("|")] for row in text.strip().splitlines()]
    return MappingProxyType({int(code, 16): (zh, en) for code, zh, en in rows})


VERIFIERS = _nibbles(
    """
    1 | 移动支付应用 | mobile payment application
    2 | MG | MG
    3 | 同安全单元应用 | co-residing SE app
    4 | 可信环境应用 | TEE app
    5 | 移动应用 | mobile application
    6 | 终端 | terminal
    7 | 云端 | cloud
    8 | 设备系统 | mobile device OS
    """
)
VERIFIED_BY = _nibbles(
    """
    1 | 口令 | passcode
    2 | 指纹 | finger biometric
    3 | 手势 | mobile device pattern
    4 | 人脸 | facial biometric
    5 | 虹膜 | iris biometric
    6 | 声纹 | voice biometric
    7 | 掌纹 | palm biometric
    D | 签名 | signature
    E | 联机PIN | online PIN
    """
)


@dataclass(frozen=True, slots=True)
class ResultTable:
    """One layout: `size` bytes; `answers` the byte that tells the cryptograms; counters are (byte, shift) of a nibble."""

    size: int
    answers: int
    bits: Mapping[tuple[int, int], Words]
    scripts: tuple[int, int]
    pin_tries: tuple[int, int] | None = None
    phone: bool = False

    def words(self, results: bytes) -> list[Words]:
        """What the results say, one sentence each; bits without a meaning are left out. `results` has `size` bytes."""
        words = self._verified(results[0]) if self.phone else []
        second = SECOND[results[self.answers - 1] >> 6]
        if second is not None:
            words.append(second)
        words.append(FIRST[results[self.answers - 1] >> 4 & 3])
        for (byte, bit), meaning in self.bits.items():
            if results[byte - 1] >> (bit - 1) & 1:
                words.append(meaning)
        if count := _nibble(results, self.scripts):
            words.append((f"上次交易处理脚本命令 {count} 条", f"{count} issuer script commands on last transaction"))
        if self.pin_tries is not None:
            left = _nibble(results, self.pin_tries)
            words.append((f"PIN剩余次数 {left}", f"{left} PIN tries left"))
        return words

    def _verified(self, byte: int) -> list[Words]:
        if not byte:
            return []
        who, how = VERIFIERS.get(byte >> 4, _RFU), VERIFIED_BY.get(byte & 0x0F, _RFU)
        return [(f"验证: {who[0]},{how[0]}", f"verified by {who[1]}: {how[1]}")]


def _nibble(results: bytes, place: tuple[int, int]) -> int:
    byte, shift = place
    return results[byte - 1] >> shift & 0x0F


def _bits(text: str) -> Mapping[tuple[int, int], Words]:
    """Rows are `byte.bit | Chinese | English`, one a line."""
    bits = {}
    for row in text.strip().splitlines():
        place, zh, en = (cell.strip() for cell in row.split("|"))
        byte, bit = place.split(".")
        bits[int(byte), int(bit)] = (zh, en)
    return MappingProxyType(bits)


SHORT = ResultTable(
    3,
    1,
    _bits(
        """
    1.4 | 发卡行认证已执行但失败 | issuer authentication performed and failed
    1.3 | 脱机PIN验证已执行 | offline PIN verification performed
    1.2 | 脱机PIN验证失败 | offline PIN verification failed
    1.1 | 无法联机 | unable to go online
    2.8 | 上次联机交易未完成 | last online transaction not completed
    2.7 | PIN重试次数超限 | PIN try limit exceeded
    2.6 | 频度检查计数器超限 | exceeded velocity checking counters
    2.5 | 新卡 | new card
    2.4 | 上次联机交易发卡行认证失败 | issuer authentication failed on last online transaction
    2.3 | 联机授权后未执行发卡行认证 | issuer authentication not performed after online authorisation
    2.2 | 因PIN重试超限应用被锁 | application blocked because PIN try limit exceeded
    2.1 | 上次交易静态数据认证失败且脱机拒绝 | offline SDA failed on last transaction, declined offline
    3.4 | 上次交易脚本处理失败 | issuer script processing failed on last transaction
    3.3 | 上次交易动态数据认证失败且脱机拒绝 | offline DDA failed on last transaction, declined offline
    3.2 | 已执行脱机动态数据认证 | offline DDA performed
    """
    ),
    (3, 4),
)
"""PBOC, and VSDC formats 0, 1 and 3."""

LONG = ResultTable(
    5,
    2,
    _bits(
        """
    2.4 | 发卡行认证已执行但失败 | issuer authentication performed and failed
    2.3 | 消费者设备验证成功 | consumer device CVM successfully performed
    2.1 | 无法联机 | unable to go online
    3.8 | 上次联机交易未完成 | last online transaction not completed
    3.7 | PIN重试次数超限 | PIN try limit exceeded
    3.6 | 频度检查计数器超限 | exceeded velocity checking counters
    3.5 | 新卡 | new card
    3.4 | 上次联机交易发卡行认证失败 | issuer authentication failed on last online transaction
    3.3 | 联机授权后未执行发卡行认证 | issuer authentication not performed after online authorisation
    3.2 | 因PIN重试超限应用被锁 | application blocked because PIN try limit exceeded
    4.4 | 上次交易脚本处理失败 | issuer script processing failed on last transaction
    4.2 | 已执行脱机动态数据认证 | offline DDA performed
    5.8 | 设备非调试模式 | consumer device is not in debug mode
    5.7 | 设备未越狱 | consumer device is not a rooted device
    5.6 | 移动应用未被挂钩 | mobile application is not hooked
    5.5 | 移动应用完整 | mobile application integrity is intact
    5.4 | 设备有数据连接 | consumer device has data connectivity
    5.3 | 设备为正品 | consumer device is genuine
    5.2 | 消费者设备验证成功 | consumer device CVM successfully performed
    5.1 | 安全报文用EMV过程密钥 | secure messaging uses the EMV session key
    """
    ),
    (4, 4),
    phone=True,
)
"""VSDC formats 2 and 4."""

MCHIP = ResultTable(
    6,
    1,
    _bits(
        """
    1.4 | 日期检查失败 | date check failed
    1.3 | 脱机PIN验证已执行 | offline PIN verification performed
    1.2 | 脱机密文PIN验证已执行 | offline encrypted PIN verification performed
    1.1 | 脱机PIN验证成功 | offline PIN verification successful
    2.8 | 已返回DDA | DDA returned
    2.7 | 第一次应答返回CDA | CDA returned in first GENERATE AC
    2.6 | 第二次应答返回CDA | CDA returned in second GENERATE AC
    2.5 | 已执行发卡行认证 | issuer authentication performed
    2.4 | CAT3上跳过缺省CIAC | CIAC default skipped on CAT3
    2.3 | 脱机修改PIN成功 | offline change of PIN successful
    4.8 | 上次联机交易未完成 | last online transaction not completed
    4.7 | 无法联机 | unable to go online
    4.6 | 未执行脱机PIN验证 | offline PIN verification not performed
    4.5 | 脱机PIN验证失败 | offline PIN verification failed
    4.4 | PIN重试次数超限 | PIN try limit exceeded
    4.3 | 国际交易 | international transaction
    4.2 | 国内交易 | domestic transaction
    4.1 | 终端误认为脱机PIN通过 | terminal erroneously considers offline PIN OK
    5.8 | 超过连续脱机下限 | lower consecutive offline limit exceeded
    5.7 | 超过连续脱机上限 | upper consecutive offline limit exceeded
    5.6 | 超过累计脱机下限 | lower cumulative offline limit exceeded
    5.5 | 超过累计脱机上限 | upper cumulative offline limit exceeded
    5.4 | 下次交易须联机 | go online on next transaction was set
    5.3 | 发卡行认证失败 | issuer authentication failed
    5.2 | 收到脚本 | script received
    5.1 | 脚本失败 | script failed
    6.2 | 附加检查表有匹配 | match found in additional check table
    6.1 | 附加检查表无匹配 | no match found in additional check table
    """
    ),
    (3, 4),
    (3, 0),
)
"""M/Chip 4; later cards give byte 6 more bits."""

CCD = ResultTable(
    5,
    1,
    _bits(
        """
    1.4 | 已执行CDA | CDA performed
    1.3 | 已执行脱机动态数据认证 | offline DDA performed
    1.2 | 未执行发卡行认证 | issuer authentication not performed
    1.1 | 发卡行认证失败 | issuer authentication failed
    2.4 | 脱机PIN验证已执行 | offline PIN verification performed
    2.3 | 脱机PIN验证未成功 | offline PIN verification performed and not successful
    2.2 | PIN重试次数超限 | PIN try limit exceeded
    2.1 | 上次联机交易未完成 | last online transaction not completed
    3.8 | 超过脱机笔数下限 | lower offline transaction count limit exceeded
    3.7 | 超过脱机笔数上限 | upper offline transaction count limit exceeded
    3.6 | 超过脱机累计金额下限 | lower cumulative offline amount limit exceeded
    3.5 | 超过脱机累计金额上限 | upper cumulative offline amount limit exceeded
    4.4 | 脚本处理失败 | issuer script processing failed
    4.3 | 上次交易脱机数据认证失败 | offline data authentication failed on previous transaction
    4.2 | 下次交易须联机 | go online on next transaction was set
    4.1 | 无法联机 | unable to go online
    """
    ),
    (4, 4),
    (2, 4),
)
"""EMV's own common core definitions."""
