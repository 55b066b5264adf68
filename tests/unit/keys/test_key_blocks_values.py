"""What is in optional blocks is read back as it was written; anything else is refused by its place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from xiaopos.keys.dukpt_ksn import DukptKind, Ksn
from xiaopos.keys.key_blocks_header import read
from xiaopos.keys.key_blocks_optional import OptionalBlock
from xiaopos.keys.key_blocks_values import (
    BaseKeyId,
    Certificate,
    CertificateKind,
    CheckKind,
    CheckValue,
    Derivation,
    HashKind,
    KeyLife,
    Pedigree,
    certificates_block,
    decoded,
    derivations_block,
    hash_block,
    initial_key_block,
    life_block,
    pedigree_block,
    time_block,
)
from xiaopos.keys.key_blocks_words import KeyBlockRefused

KSN = Ksn.from_text("FFFF9876543210E00000")
MOMENT = datetime(2026, 8, 1, 9, 30, 5, tzinfo=UTC)
ONE = (Certificate(CertificateKind.X509, "MIIDszCC"),)
CHAIN = (Certificate(CertificateKind.X509, "MIIDszCC"), Certificate(CertificateKind.EMV, ""))
ALLOWED = (Derivation("P0", "T", "E", "N"), Derivation("M3", "T", "C", "N"))


@pytest.mark.parametrize(
    ("block", "value"),
    [
        (CheckValue(CheckKind.LEGACY, b"\x01\x69\xe3").block("KC"), CheckValue(CheckKind.LEGACY, b"\x01\x69\xe3")),
        (CheckValue(CheckKind.CMAC, bytes(5)).block("KP"), CheckValue(CheckKind.CMAC, bytes(5))),
        (BaseKeyId(DukptKind.TDES, bytes(5)).block(), BaseKeyId(DukptKind.TDES, bytes(5))),
        (BaseKeyId(DukptKind.AES, bytes(4)).block(), BaseKeyId(DukptKind.AES, bytes(4))),
        (certificates_block(ONE), ONE),
        (certificates_block(CHAIN), CHAIN),
        (derivations_block(ALLOWED), ALLOWED),
        (initial_key_block(KSN), KSN),
        (initial_key_block(Ksn.from_text("123456789012345600000007")), bytes.fromhex("1234567890123456")),
        (time_block("TS", MOMENT), MOMENT),
        (time_block("TC", MOMENT.astimezone(timezone(timedelta(hours=8)))), MOMENT),
        (OptionalBlock("TS", "2018-06-18T20:42:39.22"), datetime(2018, 6, 18, 20, 42, 39, 220000, tzinfo=UTC)),
        (OptionalBlock("TS", "2018-06-18T20:42:39Z"), datetime(2018, 6, 18, 20, 42, 39, tzinfo=UTC)),
        (OptionalBlock("LB", "ours, 2026"), "ours, 2026"),
        (OptionalBlock("10", "IBMC"), "IBMC"),
        *((hash_block(each), each) for each in HashKind),
        *((life_block(each), each) for each in KeyLife),
        *((pedigree_block(each), each) for each in Pedigree),
    ],
)  # fmt: skip
def test_what_was_written_is_read(block: OptionalBlock, value: object) -> None:
    assert decoded(block) == value


def test_the_standards_own_blocks_are_read(vector: Callable[[str], Any]) -> None:
    rows = {row["source"]: row["block"] for row in vector("key_blocks")["blocks"]}
    header = read(rows["ANSI X9.143:2021, 8.6"]).header
    values = {each.id: decoded(each) for each in header.blocks}
    assert values["KP"] == CheckValue(CheckKind.CMAC, bytes.fromhex("2331550BC9"))
    assert values["TS"] == datetime(2020, 8, 18, 0, 41, tzinfo=UTC)
    chain = values["CT"]
    assert isinstance(chain, tuple)
    assert [len(each.text) for each in chain] == [0x2F0, 0x2C4]
    # Sample 8.2 has a serial number that is not hex: the block opens, this one value does not.
    broken = read(rows["ANSI X9.143:2021, 8.2"]).header.block("KS")
    assert broken is not None
    with pytest.raises(KeyBlockRefused):
        decoded(broken)


@pytest.mark.parametrize(
    ("name", "value", "position"),
    [
        ("AL", "0200", 0),
        ("AL", "0102", 2),
        ("BI", "02" + "0" * 10, 0),
        ("BI", "00" + "0" * 8, 0),
        ("BI", "01" + "G" * 8, 2),
        ("CT", "09xx", 0),
        ("CT", "0209", 2),
        ("CT", "0200XYZT", 4),
        ("CT", "02000009AB", 4),
        ("DA", "01", 0),
        ("DA", "02P0TEN", 0),
        ("DA", "01P0TE", 0),
        ("HM", "11", 0),
        ("IK", "00", 0),
        ("KC", "0200", 0),
        ("KC", "00", 2),
        ("KC", "0000000000", 2),
        ("KP", "01000000000000", 2),
        ("KP", "0100f", 2),
        ("KS", "FFFF9876543210E000", 0),
        ("KS", "FFFF9876543210E0000g", 0),
        ("TS", "yesterday", 0),
        ("TC", "20261301000000Z", 0),
        ("WP", "010", 0),
        ("WP", "004", 2),
    ],
)
def test_anything_else_in_them_is_refused_by_its_place(name: str, value: str, position: int) -> None:
    with pytest.raises(KeyBlockRefused) as caught:
        decoded(OptionalBlock(name, value))
    assert caught.value.position == position


def test_what_is_not_built() -> None:
    refused: list[Callable[[], object]] = [
        lambda: CheckValue(CheckKind.LEGACY, bytes(4)).block("KC"),
        lambda: CheckValue(CheckKind.LEGACY, b"").block("KC"),
        lambda: CheckValue(CheckKind.LEGACY, bytes(3)).block("KS"),
        lambda: BaseKeyId(DukptKind.AES, bytes(5)).block(),
        lambda: time_block("LB", MOMENT),
        lambda: time_block("TS", MOMENT.replace(tzinfo=None)),
    ]
    for build in refused:
        with pytest.raises(KeyBlockRefused):
            build()
