"""Messages that the wire suites read, write and break: one of each kind that matters, in both dialects; known answers."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from support.wire_terminal_samples import ANSWERS, CHIP, REQUESTS
from xiaopos.wire.iso8583 import (
    Bitmap,
    Encoding,
    Field,
    Message,
    Prefix,
    Shown,
    Size,
    Spec,
    Typed,
    Unit,
    card_network,
    iso1987_ascii,
    iso1987_binary,
    iso1987_ebcdic,
    iso1993_ascii,
    iso1993_binary,
    unionpay_terminal,
)

VECTORS = Path(__file__).parent.parent / "vectors"


def vector(name: str) -> dict[str, Any]:
    """A file of known answers; its provenance is its first line."""
    loaded: dict[str, Any] = json.loads((VECTORS / name).read_text(encoding="utf-8"))
    return loaded


def real_body() -> bytes:
    """The message of the real QR sale frame, without length, TPDU and header."""
    return bytes.fromhex(vector("unionpay_real_qr_sale_mac.json")["frame_hex"])[13:]


CARD_SALE = Message(
    "0200",
    {
        2: "6225561620345170",
        3: "000000",
        4: "000000001234",
        11: "000123",
        14: "2812",
        22: "051",
        23: "001",
        25: "00",
        26: "12",
        35: "6225561620345170=28121010000000000",
        41: "00000001",
        42: "952718182217875",
        49: "156",
        52: bytes.fromhex("1122334455667788"),
        53: "2600000000000000",
        55: bytes.fromhex("9F2608A1A2A3A4A5A6A7A89F3602001A9F02060000000012345F2A020156"),
        60: "22000001000500",
        64: b"0A1B2C3D",
    },
)
SALE_ANSWER = Message(
    "0210",
    {
        2: "6225561620345170001",
        3: "000000",
        4: "000000001234",
        11: "000123",
        12: "180203",
        13: "1122",
        15: "1123",
        23: "001",
        25: "00",
        32: "04880001",
        37: "123456789012",
        38: "A1B2C3",
        39: "00",
        41: "00000001",
        42: "952718182217875",
        44: "招商银行",
        49: "156",
        54: "0210156C000000123456",
        60: "22000001",
        63: "CUP小林茶铺",
        64: b"0A1B2C3D",
    },
)
SALE_ANSWER.fields[60] = "22000001000"
SETTLEMENT = Message(
    "0500",
    {11: "000200", 41: "00000001", 42: "952718182217875", 48: "0" * 62, 49: "156", 60: "00000001201", 63: "01 "},
)
NETWORK_REVERSAL = Message(
    "0420",
    {
        2: "6225561620345170",
        3: "000000",
        4: "000000001234",
        7: "1122100203",
        11: "000124",
        18: "5499",
        22: "051",
        32: "48800001",
        33: "48800001",
        37: "123456789012",
        41: "00000001",
        42: "952718182217875",
        43: "小林茶铺".ljust(36),
        49: "156",
        60: "51",
        90: card_network.OriginalData("0200", "000123", "1122100200", "48800001", "48800001").text(),
        100: "1020000",
        128: b"\x01\x02\x03\x04\x05\x06\x07\x08",
    },
)
NETWORK_ECHO = Message("0820", {7: "1122100203", 11: "000001", 70: "301"})
NETWORK_SALE = Message(
    "0200",
    {number: value for number, value in NETWORK_REVERSAL.fields.items() if number not in (60, 90)}
    | {14: "2812", 23: "001", 25: "00", 26: "12", 35: "6225561620345170=28121010000000000", 53: "2600000000000000"}
    | {52: bytes.fromhex("1122334455667788"), 55: CHIP},
)
NETWORK_ANSWER = Message(
    "0210",
    {
        number: value
        for number, value in NETWORK_SALE.fields.items()
        if number in (2, 3, 4, 7, 11, 32, 37, 41, 42, 49, 128)
    }
    | {15: "1123", 38: "A1B2C3", 39: "00", 44: "招商银行", 54: "1002156C000000123456", 60: "C"},
)
SAMPLES: tuple[tuple[Spec, Message], ...] = (
    *((unionpay_terminal.SPEC, each) for each in (CARD_SALE, SALE_ANSWER, SETTLEMENT, *REQUESTS, *ANSWERS)),
    *((card_network.SPEC, each) for each in (NETWORK_SALE, NETWORK_ANSWER, NETWORK_REVERSAL, NETWORK_ECHO)),
)


def _every_row() -> tuple[Field, ...]:
    """A field of each encoding, length kind, unit and odd or even length, in an order that mixes neighbours."""
    rows: list[Field] = []

    def add(size: Size, most: int, encoding: Encoding, unit: Unit | None = None, **more: Any) -> None:
        number = 2 + len(rows) if len(rows) < 63 else 3 + len(rows)
        rows.append(
            Field(number, "域", f"{encoding.name} {size.name}", size, most, encoding, Shown.PLAIN, unit, **more)
        )

    prefixes = itertools.cycle(Prefix)
    for size, most in ((Size.FIXED, 7), (Size.LL, 9), (Size.FIXED, 4), (Size.LLL, 120), (Size.L, 9), (Size.LLLL, 300)):
        for encoding in Encoding:
            if encoding is Encoding.SIGNED:
                if size is Size.FIXED:
                    add(size, 2 * most + 1, encoding)
                continue
            counted = encoding.packed and size is not Size.FIXED
            for unit in (None, Unit.BYTES) if counted else (None,):
                add(size, most, encoding, unit, prefix=next(prefixes))
        add(size, most, Encoding.HEX, None if most % 2 and size is Size.FIXED else Unit.DIGITS, prefix=next(prefixes))
    for encoding in list(Encoding)[::-1]:
        add(Size.FIXED, 5, encoding)
    for encoding in (Encoding.BCD_LEFT, Encoding.BCD_RIGHT, Encoding.TRACK):
        add(Size.FIXED, 3, encoding, filler="F")
        add(Size.LL, 5, encoding, filler="F")
    for encoding in (Encoding.ASCII, Encoding.EBCDIC):
        add(Size.LL, 12, encoding, digits=True, prefix=next(prefixes))
        add(Size.FIXED, 6, encoding, digits=True)
        add(Size.FIXED, 3, encoding, digits=True)
        add(Size.LL, 12, encoding, prefix=next(prefixes))
        add(Size.FIXED, 6, encoding)
    return tuple(rows)


EVERYTHING = Spec("everything", _every_row(), secondary=True)
OTHERWISE = replace(
    EVERYTHING, name="everything, in EBCDIC around", typed=Typed.EBCDIC, bitmaps=Bitmap.EBCDIC_HEX, ebcdic="cp037"
)
IN_TEXT = replace(EVERYTHING, name="everything, in ASCII around", typed=Typed.ASCII, bitmaps=Bitmap.HEX)
SHIPPED: tuple[Spec, ...] = tuple(
    module.SPEC
    for module in (
        unionpay_terminal, card_network, iso1987_ascii, iso1987_binary, iso1987_ebcdic, iso1993_ascii, iso1993_binary
    )
)  # fmt: skip
