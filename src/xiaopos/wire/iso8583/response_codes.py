"""Field 39: what an answer code says, whether money moved, and what the terminal may do next.

What may live here: the table of UnionPay's answer codes (应答码). What may not: our own reasons and their words
(`kernel.refusal`), what a terminal's screen says (`terminal`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from xiaopos.wire.iso8583.subfields import Meanings


class Class(Enum):
    """The class of an answer, after the annex of answer codes: what kind of thing happened and whether to try again."""

    SUCCESS = "A"
    RETRY = "B"
    FINAL = "C"
    OPERATOR = "D"
    FAULT = "E"


@dataclass(frozen=True, slots=True)
class ResponseCode:
    """One code. Only SUCCESS moved money; RETRY may be tried again, OPERATOR asks staff to act, FAULT is a system's."""

    code: str
    zh: str
    en: str
    kind: Class

    @property
    def success(self) -> bool:
        """Whether the transaction was carried out."""
        return self.kind is Class.SUCCESS


_ROWS = """
00 A 交易成功 | approved
01 C 请持卡人与发卡行联系 | refer to the issuer
03 C 无效商户 | unknown merchant
04 D 没收卡 | retain the card
05 C 持卡人认证失败 | not honoured
06 E 发卡行故障 | issuer's fault
10 A 成功,部分承兑 | approved in part: look at the amount
11 A 成功,VIP客户 | approved, VIP customer
12 C 无效交易 | invalid transaction
13 B 无效金额 | invalid amount
14 C 无效卡号 | invalid card number
15 C 此卡无对应发卡方 | no such issuer
21 C 卡未初始化 | card not initialised
22 C 操作有误,或超出交易允许天数 | wrong operation, or too many days later
25 C 没有原始交易 | no original transaction
30 B 报文格式错,请重试 | format error
34 D 作弊卡,吞卡 | fraudulent card, retain it
38 C 密码错误次数超限 | PIN tries exceeded
40 C 发卡方不支持的交易类型 | not supported by the issuer
41 D 挂失卡,没收 | lost card, retain it
43 D 被窃卡,没收 | stolen card, retain it
45 B 请插卡交易 | use the chip
51 C 可用余额不足 | not enough money
54 C 卡已过期 | card expired
55 B 密码错 | wrong PIN
57 C 不允许此卡交易 | not permitted to this card
58 C 发卡方不允许该卡在本终端进行此交易 | not permitted at this terminal
59 C 卡片校验错 | card verification failed
61 C 交易金额超限 | amount over the limit
62 C 受限制的卡 | restricted card
64 C 交易金额与原交易不匹配 | amount differs from the original's
65 C 超出消费次数限制 | too many transactions
68 E 交易超时,请重试 | answer too late
75 C 密码错误次数超限 | PIN tries exceeded
90 E 系统日切,请稍后重试 | day being closed, try again shortly
91 E 发卡方状态不正常 | issuer not available
92 E 发卡方线路异常 | no line to the issuer
94 C 重复交易 | sent twice
96 E 交换中心异常 | switch malfunction
97 C 终端未登记 | terminal not registered
98 E 发卡方超时 | issuer did not answer
99 B PIN格式错,请重新签到 | PIN format wrong, sign in again
A0 B MAC校验错,请重新签到 | MAC wrong, sign in again
A1 C 转账货币不一致 | currencies of a transfer differ
A2 A 交易成功,请向发卡行确认 | approved, confirm with the issuer
A3 C 账户不正确 | wrong account
A4 A 交易成功,请向发卡行确认 | approved, confirm with the issuer
A5 A 交易成功,请向发卡行确认 | approved, confirm with the issuer
A6 A 交易成功,请向发卡行确认 | approved, confirm with the issuer
A7 E 安全处理失败 | security processing failed
"""


def _read(line: str) -> ResponseCode:
    code, kind, words = line.split(" ", 2)
    zh, _, en = words.partition(" | ")
    return ResponseCode(code, zh, en, Class(kind))


RESPONSE_CODES: Mapping[str, ResponseCode] = MappingProxyType(
    {row.code: row for row in map(_read, _ROWS.strip().splitlines())}
)
"""Code -> its row. A code that is not here is the acquirer's or the issuer's own, and no success."""

REVERSAL_REASONS: Meanings = MappingProxyType(
    {
        "06": ("其他原因冲正", "reversal for another reason"),
        "96": ("系统故障冲正", "reversal after a malfunction"),
        "98": ("未收到应答冲正", "reversal: no answer came"),
        "A0": ("应答MAC错冲正", "reversal: the answer's MAC was wrong"),
    }
)
"""Field 39 of a 0400: why. 96 is not confirmed by a source."""

MEANINGS: Meanings = MappingProxyType({code: (row.zh, row.en) for code, row in RESPONSE_CODES.items()})


def succeeded(code: str) -> bool:
    """Whether field 39 says that the transaction was carried out.

    >>> succeeded("00"), succeeded("A2"), succeeded("51"), succeeded("ZZ")
    (True, True, False, False)
    """
    row = RESPONSE_CODES.get(code)
    return row is not None and row.success


SUCCESS_CODES: frozenset[str] = frozenset(row.code for row in RESPONSE_CODES.values() if row.success)
"""All codes that say so."""
