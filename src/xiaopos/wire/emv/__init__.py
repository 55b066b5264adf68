"""Chip card data as it travels: BER-TLV, what each tag is, its value in words, which tags a message carries.

What may live here: reading, writing and naming. What may not: cryptograms (keys), terminal decisions.

    tlv          objects out of bytes and back      dictionary   every tag: names, format, size, source, who may see it
    describing   rows for people, masked            field55      which tags a message must, may and should not carry
    bits         TVR, TSI, AIP, AUC, TTQ, CTQ, 9F33, 9F40       cvm     8E and 9F34
    lists        DOL and AFL                        values       dates, amounts, track 2 equivalent
    issuer_data  9F27, 9F10, 91                     codes        countries, currencies and other numbers

>>> from xiaopos.wire.emv import describe
>>> [(row.tag, row.en, row.meaning) for row in describe(bytes.fromhex("9C0100"))]
[('9C', 'transaction type', (('消费', 'goods and services'),))]
"""

from xiaopos.wire.emv.describing import ChipRow, describe, unknown_tags
from xiaopos.wire.emv.field55 import CHIP_PROFILES, ChipProfile, Finding, profile_of
from xiaopos.wire.emv.tlv import Tlv, build, every, every_value, first, parse, salvage, template

__all__ = [
    "CHIP_PROFILES",
    "ChipProfile",
    "ChipRow",
    "Finding",
    "Tlv",
    "build",
    "describe",
    "every",
    "every_value",
    "first",
    "parse",
    "profile_of",
    "salvage",
    "template",
    "unknown_tags",
]
