"""What was pasted, as bytes: hexadecimal in every habit of writing it, a hex dump with offsets, base64, plain text.

What may live here: turning text into bytes, and in how many ways it can be done. What may not: what the bytes mean.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
from dataclasses import dataclass

MOST_BYTES = 65_536
"""More than any message: a longer paste is refused before it is looked at."""

_DUMP_LINE = re.compile(
    r"^\s*(?:0x)?([0-9A-Fa-f]{4,8})(?::\s?|\s{2,}|\t)((?:[0-9A-Fa-f]{2}){1,4}(?:[ -]{1,2}(?:[0-9A-Fa-f]{2}){1,4})*)"
)
_BETWEEN = re.compile(r"\\x|0[xX]|[\s:;,.|<>\[\](){}'\"_-]")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")


class NotBytes(Exception):
    """The paste is no bytes in any way that is known here. The text says what was tried, and repeats nothing of it."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


@dataclass(frozen=True, slots=True)
class Pasted:
    """Bytes, and how they were written."""

    data: bytes
    zh: str
    en: str


def ways_of(text: str) -> list[Pasted]:
    """Every way in which the text can be bytes, the likeliest first. Raises NotBytes when there is none.

    >>> [way.data.hex() for way in ways_of("0x08:0x20")]
    ['0820', '307830383a30783230']
    """
    if not text.strip():
        raise NotBytes("没有粘贴任何内容", "nothing was pasted")
    if len(text) > 6 * MOST_BYTES:
        raise NotBytes(f"内容太长：最多 {MOST_BYTES} 字节", f"too long: at most {MOST_BYTES} bytes")
    found = []
    dump = _dump(text)
    if dump:
        found.append(Pasted(dump, "带偏移的十六进制转储", "a hex dump with offsets"))
    digits = _BETWEEN.sub("", text)
    if digits and len(digits) % 2 == 0 and all(mark in "0123456789abcdefABCDEF" for mark in digits):
        found.append(Pasted(bytes.fromhex(digits), "十六进制", "hexadecimal"))
    packed = "".join(text.split())
    if len(packed) >= 16 and len(packed) % 4 == 0 and _BASE64.fullmatch(packed):
        with contextlib.suppress(binascii.Error):
            found.append(Pasted(base64.b64decode(packed, validate=True), "Base64", "base64"))
    stripped = text.strip("\r\n")
    if stripped.isascii():
        found.append(Pasted(stripped.encode("ascii"), "报文原文（ASCII）", "the message itself, as ASCII text"))
    if not found:
        raise NotBytes(
            "这不是十六进制、十六进制转储、Base64 或 ASCII 报文",
            "neither hexadecimal, a hex dump, base64 nor an ASCII message",
        )
    return found


def _dump(text: str) -> bytes:
    """The bytes of a hex dump whose offsets agree with how many bytes its lines hold; nothing when it is none."""
    data = b""
    lines = [line for line in text.splitlines() if line.strip()]
    for line in lines:
        matched = _DUMP_LINE.match(line)
        if matched is None or int(matched[1], 16) != len(data):
            return b""
        # What stands beside the bytes shows them as characters, and may look like more of them: 16 a line at most.
        data += bytes.fromhex(re.sub(r"[^0-9A-Fa-f]", "", matched[2]))[:32]
    return data
