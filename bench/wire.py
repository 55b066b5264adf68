"""One 18-field card message read and written beside pyiso8583, in its packed form and in plain ASCII.

What may live here: the two messages, both sides, the interleaved measuring. What may not: whether either side is right
(tests/unit/wire judges that).

Both sides read the same bytes and write the same values; each round runs one after the other, and the ratio is the
median of the rounds' ratios. `packed` is the form in which terminals send (digits packed two a byte); `ascii` is ISO
8583:1987 with a byte a digit, the form of pyiso8583's own default table.
"""

from __future__ import annotations

import platform
import statistics
from collections.abc import Callable
from importlib.metadata import version
from time import perf_counter
from typing import Any

import iso8583
from iso8583.specs import default

from xiaopos.wire.iso8583 import Codec, Message, Spec, iso1987_ascii, unionpay_terminal

REPEATS = 1500
MESSAGE = Message(
    "0200",
    {
        2: "6225561620345170", 3: "000000", 4: "000000001234", 11: "000123", 14: "2812", 22: "051", 23: "001", 25: "00",
        26: "12", 35: "6225561620345170=28121010000000000", 41: "00000001", 42: "952718182217875", 49: "156",
        52: bytes.fromhex("1122334455667788"), 53: "2600000000000000",
        55: bytes.fromhex("9F2608A1A2A3A4A5A6A7A89F3602001A9F02060000000012345F2A020156"), 60: "22000001000500",
        64: b"0A1B2C3D",
    },
)  # fmt: skip


def packed_table() -> dict[str, Any]:
    """pyiso8583's table of what MESSAGE is in packed form."""

    def digits(most: int, prefix: int, pad: str) -> dict[str, Any]:
        row = {
            "data_enc": "b",
            "len_enc": "bcd",
            "len_type": prefix,
            "max_len": most,
            "len_count": "nibbles",
            "desc": "",
        }
        return {**row, pad: "0"}

    def plain(most: int, prefix: int = 0, encoding: str = "ascii") -> dict[str, Any]:
        return {"data_enc": encoding, "len_enc": "bcd", "len_type": prefix, "max_len": most, "desc": ""}

    table = {key: plain(most, 0, "b") for key, most in (("h", 0), ("t", 2), ("p", 8), ("1", 8), ("52", 8), ("64", 8))}
    for number, most in ((3, 6), (4, 12), (11, 6), (14, 4), (23, 3), (25, 2), (26, 2), (53, 16)):
        table[str(number)] = digits(most, 0, "left_pad")
    for number, most, prefix in ((2, 19, 1), (22, 3, 0), (35, 37, 1), (60, 19, 2)):
        table[str(number)] = digits(most, prefix, "right_pad")
    table |= {str(number): plain(most) for number, most in ((41, 8), (42, 15), (49, 3))}
    table["55"] = plain(255, 2, "b")
    return table


def _theirs(message: Message, *, packed: bool) -> dict[str, str]:
    """The message as pyiso8583 holds it: hexadecimal text for bytes, and for a packed track."""
    values = {}
    for number, value in message.fields.items():
        text = value if isinstance(value, str) else value.hex().upper()
        values[str(number)] = text.replace("=", "D") if packed else text
    return {"t": message.mti, **values}


def _seconds(work: Callable[[], object]) -> float:
    started = perf_counter()
    for _ in range(REPEATS):
        work()
    return perf_counter() - started


def _row(name: str, rounds: int, ours: Callable[[], object], theirs: Callable[[], object]) -> dict[str, Any]:
    _seconds(ours), _seconds(theirs)
    times = [(_seconds(ours), _seconds(theirs)) for _ in range(rounds)]
    samples = [REPEATS / mine for mine, _ in times]
    baseline = [REPEATS / other for _, other in times]
    return {
        "bench": f"wire {name}", "subject": "xiaopos.wire", "baseline": "pyiso8583", "unit": "messages/s",
        "median": statistics.median(samples), "samples": samples, "baseline_samples": baseline,
        "ratio": statistics.median(other / mine for mine, other in times),
        "versions": {"python": platform.python_version(), "pyiso8583": version("pyiso8583")},
    }  # fmt: skip


def _pair(name: str, rounds: int, spec: Spec, table: dict[str, Any]) -> list[dict[str, Any]]:
    """Both directions of one form."""
    codec, values = Codec(spec), _theirs(MESSAGE, packed=name == "packed")
    body = codec.encode(MESSAGE)
    encoded, _ = iso8583.encode(dict(values), table)
    if bytes(encoded) != body:
        raise AssertionError(f"{name}: both sides must write the same bytes")
    return [
        _row(f"decode {name}", rounds, lambda: codec.decode(body), lambda: iso8583.decode(body, table)),
        _row(f"encode {name}", rounds, lambda: codec.encode(MESSAGE), lambda: iso8583.encode(values, table)),
    ]


def measure(rounds: int) -> list[dict[str, Any]]:
    """Both directions of both forms."""
    packed = _pair("packed", rounds, unionpay_terminal.SPEC, packed_table())
    return [*packed, *_pair("ascii", rounds, iso1987_ascii.SPEC, default)]
