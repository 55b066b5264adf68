"""Messages that the wire suites read, write and break: one of each kind that matters, in both dialects; known answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from xiaopos.wire.iso8583 import Encoding, Field, Message, Shown, Size, Spec, Unit, card_network, unionpay_terminal

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
SAMPLES: tuple[tuple[Spec, Message], ...] = (
    (unionpay_terminal.SPEC, CARD_SALE),
    (unionpay_terminal.SPEC, SALE_ANSWER),
    (unionpay_terminal.SPEC, SETTLEMENT),
    (card_network.SPEC, NETWORK_REVERSAL),
    (card_network.SPEC, NETWORK_ECHO),
)


def _every_row() -> tuple[Field, ...]:
    """A field of each encoding, length kind, unit and odd or even length, in an order that mixes neighbours."""
    rows, number = [], 2
    for size, most in ((Size.FIXED, 7), (Size.LL, 9), (Size.FIXED, 4), (Size.LLL, 120)):
        for encoding in Encoding:
            for unit in (None, Unit.BYTES) if encoding.packed and size is not Size.FIXED else (None,):
                rows.append(
                    Field(number, "域", f"{encoding.name} {size.name}", size, most, encoding, Shown.PLAIN, unit)
                )
                number += 1
    for encoding in reversed(Encoding):
        rows.append(Field(number + 60, "域", encoding.name, Size.FIXED, 5, encoding))
        number += 1
    return tuple(rows)


EVERYTHING = Spec("everything", _every_row(), secondary=True)
