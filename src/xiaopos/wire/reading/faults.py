"""What is wrong with a message, in words for people: where, what was expected, what stood there, and what usually causes it.

What may live here: phrases and hints. What may not: finding the fault.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from xiaopos.wire.iso8583 import Malformed, Spec

_PHRASES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), chinese)
    for pattern, chinese in (
        (r"^the end of the message$", "报文到此结束"),
        (r"^(\d+) more bytes$", r"后面还有 \1 字节"),
        (r"^(\d+) bytes of message type$", r"\1 字节报文类型"),
        (r"^(\d+) bytes of bitmap$", r"\1 字节位图"),
        (r"^(\d+) bytes of length$", r"\1 字节长度"),
        (r"^at least (\d+) bytes$", r"至少 \1 字节"),
        (r"^at most (\d+)$", r"最多 \1"),
        (r"^(\d+) bytes?$", r"\1 字节"),
        (r"^(\d+) digits$", r"\1 位数字"),
        (r"^a digit$", "数字"),
        (r"^digits$", "数字"),
        (r"^a length of (\d+)$", r"长度 \1"),
        (r"^a length of at most (\d+)$", r"长度不超过 \1"),
        (r"^a length in BCD$", "BCD 写的长度"),
        (r"^a length in (ASCII|EBCDIC) digits$", r"\1 数字写的长度"),
        (r"^fields of (.+)$", r"“\1”有的域"),
        (r"^a field above (\d+), as bit (\d+) announces$", r"\1 以上的域（第 \2 位说有）"),
        (r"^bits? ([\d, ]+)$", r"第 \1 位"),
        (r"^printable (ASCII|EBCDIC)$", r"可见 \1 字符"),
        (r"^GBK text$", "GBK 文字"),
        (r"^a filler nibble ([0-9A-F])$", r"补位半字节 \1"),
        (r"^a hexadecimal capital$", "大写十六进制数字"),
        (r"^C or D$", "C 或 D"),
        (r"^a message type that begins with (\d)$", r"以 \1 开头的报文类型"),
        (r"^(?:nibble|a nibble) ([0-9A-F])$", r"半字节 \1"),
        (r"^byte ([0-9A-F]{2})$", r"字节 \1"),
        (r"^an even number of hexadecimal digits$", "偶数个十六进制数字"),
        (r"^none$", "没有"),
        (r"^nothing$", "什么也没有"),
        (r"^another$", "别的"),
    )
)


@dataclass(frozen=True, slots=True)
class _Hint:
    """What usually causes a fault: in these fields (None: any), when its words match."""

    fields: tuple[int, ...] | None
    words: str
    zh: str
    en: str


_HINTS = (
    _Hint(
        None,
        "more bytes",
        "位图少置了一位，或某个变长域的长度写小了",
        "a bit of the bitmap is missing, or a variable field's length is too small",
    ),
    _Hint(
        None,
        "^fields of |a field above",
        "位图置了本规范没有的域：多半选错了规范或版本",
        "the bitmap has a field that this spec lacks: most likely the wrong spec or version",
    ),
    _Hint(
        (35, 36),
        "",
        "磁道长度按字节而不是按数字个数填写，或奇数位没有补齐",
        "the track's length counts bytes instead of digits, or an odd track is not filled up",
    ),
    _Hint(
        (2,),
        "",
        "主账号长度按字节而不是按数字个数填写，或奇数位没有补齐",
        "the card number's length counts bytes instead of digits, or an odd one is not filled up",
    ),
    _Hint(
        (55,),
        "",
        "55 域某个标签的长度不对，或域长度按十六进制而不是 BCD 填写",
        "a tag of field 55 has the wrong length, or the field's length is hexadecimal instead of BCD",
    ),
    _Hint(
        (60,),
        "",
        "60 域长度与内容不符：管理类发 11 位，带条件代码的发 13 到 19 位",
        "field 60's length does not fit: management messages send 11 digits, others 13 to 19",
    ),
    _Hint(
        (64, 128),
        "",
        "缺少 MAC，或 MAC 不是 8 字节：终端可能没有签到",
        "the MAC is missing or not 8 bytes: the terminal may not have signed in",
    ),
    _Hint(
        (0,),
        "",
        "报文不从这里开始：先看长度、TPDU 和报文头是否完整",
        "the message does not begin here: check length, TPDU and header first",
    ),
    _Hint(
        None,
        "nibble|digit",
        "应为 BCD 数字：终端可能按 ASCII 填写，或左右补位相反",
        "BCD digits are expected: the terminal may write ASCII, or fill up on the other side",
    ),
    _Hint(
        None,
        "bytes",
        "报文在这里断了：检查长度前缀、通讯丢字节或变长域的长度",
        "the message ends too early: check the length prefix, lost bytes, or a variable field's length",
    ),
)


def in_chinese(words: str) -> str:
    """A fault's expected or found in Chinese; as it is when there is no phrase for it.

    >>> in_chinese("3 bytes"), in_chinese("something rare")
    ('3 字节', 'something rare')
    """
    for pattern, chinese in _PHRASES:
        if pattern.search(words):
            return pattern.sub(chinese, words)
    return words


def sentences(fault: Malformed, spec: Spec, offset: int | None) -> tuple[str, str]:
    """The fault in Chinese and English. `offset` is its place in the paste."""
    row = spec.fields.get(fault.field) if fault.field is not None else None
    zh_place, en_place = _places(fault, row.zh if row else "", row.en if row else "")
    at_zh = "" if offset is None else f"，偏移 {offset}"
    at_en = "" if offset is None else f", offset {offset}"
    zh = f"{zh_place}{at_zh}：应为{in_chinese(fault.expected)}，实为{in_chinese(fault.found)}"
    return zh, f"{en_place}{at_en}: expected {fault.expected}, found {fault.found}"


def _places(fault: Malformed, zh: str, en: str) -> tuple[str, str]:
    part = f" {fault.subfield}" if fault.subfield else ""
    if fault.field is None:
        return f"报文外壳{part}", f"the frame{part}"
    if fault.field < 2:
        names = (("报文类型", "message type"), ("位图", "bitmap"))[fault.field]
        return f"{names[0]}{part}", f"{names[1]}{part}"
    return f"{fault.field} 域 {zh}{part}".replace("  ", " "), f"field {fault.field} {en}{part}".replace("  ", " ")


def hint(fault: Malformed) -> tuple[str, str]:
    """What usually causes such a fault, in Chinese and English; empty when nothing usual is known."""
    words = f"{fault.expected} {fault.found}"
    for row in _HINTS:
        if (row.fields is None or fault.field in row.fields) and re.search(row.words, words):
            return row.zh, row.en
    return "", ""
