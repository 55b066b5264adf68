"""A key block's header and outer form (ANSI X9.143:2021, section 6; TR-31:2018).

What may live here: reading and writing characters. What may not: cryptography (`key_blocks_binding`, `key_blocks`).

    0       1      5      7      8      9          11       12       14       15        16
    version length usage  algo-  mode   key        export-  optional context  reserved  optional   enciphered  MAC
    A..E    4 dec  2      rithm  of use version 2  ability  blocks 2 0 1 2    0         blocks     key, hex    hex
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from xiaopos.keys.key_blocks_optional import ExtendedLength, Found, OptionalBlock, find, written
from xiaopos.keys.key_blocks_words import VERSIONS, BlockVersion, KeyBlockRefused

FIXED = 16
LONGEST = 9999
_HEX = re.compile(r"[0-9A-F]*")
_PRINTABLE = re.compile(r"[ -~]*")
_LENGTH_FIELD = 2

_FIELDS: tuple[tuple[str, int, int, str, str], ...] = (
    ("usage", 5, 2, r"[0-9A-Z]{2}", "a key usage of two digits or capital letters"),
    ("algorithm", 7, 1, r"[0-9A-Z]", "an algorithm: a digit or a capital letter"),
    ("mode", 8, 1, r"[0-9A-Z]", "a mode of use: a digit or a capital letter"),
    ("key_version", 9, 2, r"[0-9A-Za-z]{2}", "a key version of two letters or digits, or 00"),
    ("exportability", 11, 1, r"[0-9A-Z]", "an exportability: E, N, S or a proprietary code"),
    ("context", 14, 1, r"[0-9A-Z]", "a key context: 0, 1, 2 or a proprietary code"),
)


@dataclass(frozen=True, slots=True)
class Header:
    """What a key block says of its key, in the standard's own codes (`key_blocks_words` names them).

    `blocks` are the optional blocks without padding. Raises KeyBlockRefused for codes of the wrong form.

    >>> Header(BlockVersion.B, "P0", "T", "E", exportability="N").text(80)
    'B0080P0TE00N0000'
    """

    version: BlockVersion
    usage: str
    algorithm: str
    mode: str
    key_version: str = "00"
    exportability: str = "N"
    context: str = "0"
    blocks: tuple[OptionalBlock, ...] = ()

    def __post_init__(self) -> None:
        for name, at, _, pattern, expected in _FIELDS:
            if re.fullmatch(pattern, getattr(self, name)) is None:
                raise KeyBlockRefused(at, expected)

    def block(self, name: str) -> OptionalBlock | None:
        """The optional block with that id, if there is one."""
        return next((each for each in self.blocks if each.id == name), None)

    def with_block(self, block: OptionalBlock) -> Header:
        """This header with that block in place of one of its id."""
        return replace(self, blocks=(*(each for each in self.blocks if each.id != block.id), block))

    @property
    def component(self) -> str | None:
        """The component's number when the block holds a part of a key and not a key: key version `c1`, `c2`, ..."""
        return self.key_version[1] if self.key_version[0] == "c" else None

    def text(self, length: int, extended: ExtendedLength = ExtendedLength.DIGITS) -> str:
        """The header of a key block of that many characters. KeyBlockRefused for more than a block can have."""
        count, optional = written(self.blocks, self.version, extended)
        if length > LONGEST:
            raise KeyBlockRefused(1, f"at most {LONGEST} characters in a key block")
        return (
            f"{self.version.value.code}{length:04}{self.usage}{self.algorithm}{self.mode}{self.key_version}"
            f"{self.exportability}{count:02}{self.context}0{optional}"
        )

    def length(self, extended: ExtendedLength = ExtendedLength.DIGITS) -> int:
        """Characters of the header."""
        return len(self.text(0, extended))


@dataclass(frozen=True, slots=True, repr=False)
class SealedBlock:
    """A key block taken apart. Nothing in it is to be believed before `key_blocks.unwrap` has checked the MAC."""

    header: Header
    header_text: bytes
    payload: bytes
    mac: bytes
    extended: ExtendedLength | None
    """How extended lengths were read; None when there is none."""

    def __repr__(self) -> str:
        return f"SealedBlock({self.header_text[:FIXED].decode('ascii')})"


def read(text: str, extended: ExtendedLength | None = None) -> SealedBlock:
    """Take a key block apart. `extended` fixes the reading of extended lengths; None finds it out.

    Refusal: KeyBlockRefused, for everything that is not a key block: characters, lengths, codes of the wrong form,
    optional blocks that overlap the key, a key or MAC that is not hex or not whole blocks; and for a block that can be
    read both ways with two meanings.
    """
    version, count = _fixed(text)
    found = _found(text, count, version, extended)
    header = Header(version, blocks=found.blocks, **{name: text[at : at + size] for name, at, size, _, _ in _FIELDS})
    payload, mac = _ending(text, found.end, version)
    return SealedBlock(header, text[: found.end].encode("ascii"), payload, mac, found.extended)


def _fixed(text: str) -> tuple[BlockVersion, int]:
    printable = _PRINTABLE.match(text)
    if printable is None or printable.end() < len(text):
        raise KeyBlockRefused(printable.end() if printable else 0, "printable ASCII characters")
    version = VERSIONS.get(text[:1])
    if version is None:
        raise KeyBlockRefused(0, "a version: A, B, C, D or E")
    if re.fullmatch(r"[0-9]{4}", text[1:5]) is None or int(text[1:5]) != len(text):
        raise KeyBlockRefused(1, f"the length of this key block in four digits, {len(text)}")
    if len(text) < FIXED:
        raise KeyBlockRefused(len(text), f"a header of {FIXED} characters")
    for _, at, size, pattern, expected in _FIELDS:
        if re.fullmatch(pattern, text[at : at + size]) is None:
            raise KeyBlockRefused(at, expected)
    if re.fullmatch(r"[0-9]{2}", text[12:14]) is None:
        raise KeyBlockRefused(12, "the number of optional blocks in two digits")
    if text[15] != "0":
        raise KeyBlockRefused(15, "0 (reserved)")
    return version, int(text[12:14])


def _found(text: str, count: int, version: BlockVersion, extended: ExtendedLength | None) -> Found:
    if extended is not None:
        return find(text, count, version, extended)
    reached: list[Found] = []
    failed: list[KeyBlockRefused] = []
    for reading in ExtendedLength:
        try:
            found = find(text, count, version, reading)
            _ending(text, found.end, version)
        except KeyBlockRefused as refused:
            failed.append(refused)
        else:
            if found.extended is None:
                return found
            reached.append(found)
    if not reached:
        raise max(failed, key=lambda refused: refused.position)
    if len(reached) > 1:
        raise KeyBlockRefused(FIXED, "an extended length that reads one way; say which of the two is meant")
    return reached[0]


def _ending(text: str, start: int, version: BlockVersion) -> tuple[bytes, bytes]:
    """The enciphered key and the MAC."""
    hexed = _HEX.fullmatch(text, start)
    if hexed is None:
        prefix = _HEX.match(text, start)
        raise KeyBlockRefused(prefix.end() if prefix else start, "upper-case hex digits (enciphered key and MAC)")
    size = len(text) - start - version.mac_length * 2
    smallest = _LENGTH_FIELD + 1 if version is BlockVersion.E else version.block_size
    unit = 1 if version is BlockVersion.E else version.block_size
    if size < smallest * 2 or size % (unit * 2):
        raise KeyBlockRefused(start, f"an enciphered key of whole blocks and a MAC of {version.mac_length} bytes")
    raw = bytes.fromhex(text[start:])
    return raw[: size // 2], raw[size // 2 :]
