"""Chip data and published codes that tests of chip cards and codes share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

CHIP = bytes.fromhex("9F2608A1A2A3A4A5A6A7A89F3602001A9F02060000000012345F2A020156")
"""Field 55 of a sale: cryptogram, counter, 12.34 CNY."""

WHOLE_CHIP = bytes.fromhex(
    "9F2608A1A2A3A4A5A6A7A89F2701809F101107000103A0000001083939393939393939"
    "9F3704A1B2C3D49F3602001A9505800004E8009A032611239C01009F02060000000012345F2A020156"
    "82027C009F1A0201569F03060000000000009F3303E0F9C8"
)
"""Field 55 of a sale with all that must be in it."""

_VECTORS = Path(__file__).resolve().parents[1] / "vectors"


def published(name: str) -> Any:
    """A file of known answers."""
    return json.loads((_VECTORS / name).read_text(encoding="utf8"))
