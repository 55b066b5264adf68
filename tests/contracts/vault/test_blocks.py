"""Every vault: keys come and go in key blocks, with the uses and the exportability that the block says."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from xiaopos.kernel.secret import Pan, Secret
from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused, KeyUsage, MacKind, PinFormat, SoftwareVault, WrappedKey
from xiaopos.keys.dukpt_ksn import Ksn
from xiaopos.keys.hierarchy import ALGORITHMS, BLOCK_CARRIED, CARRIES
from xiaopos.keys.key_blocks import wrap
from xiaopos.keys.key_blocks_header import Header
from xiaopos.keys.key_blocks_optional import ExtendedLength, OptionalBlock
from xiaopos.keys.key_blocks_values import initial_key_block
from xiaopos.keys.key_blocks_words import BlockVersion
from xiaopos.keys.software_engine import SoftwareKey
from xiaopos.keys.wider_vault import BlockTerms, WiderVault

U, A, V = KeyUsage, KeyAlgorithm, BlockVersion
Load = Callable[..., WrappedKey]
PAN = Pan("6225561620345170")
KBPK = "88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6"
TDES_KBPK = "DD7515F2BFC17F85CE48F3CA25CB21F6"


def fault_of(call: Callable[[], object]) -> KeyFault | None:
    try:
        call()
    except KeyRefused as refused:
        return refused.fault
    return None


def came(header: str | Header, key: bytes, kbpk: str = KBPK) -> str:
    """A block that somebody else made."""
    if isinstance(header, str):
        header = Header(V.D, header[:2], header[2], header[3], exportability=header[4])
    return wrap(SoftwareKey(A.AES256, bytes.fromhex(kbpk)), header, Secret(key), lambda count: bytes(count))


@pytest.fixture
def tmk(load: Load) -> WrappedKey:
    return load(U.TMK, A.AES256, KBPK)


@pytest.fixture
def zmk(load: Load) -> WrappedKey:
    return load(U.ZMK, A.AES256, KBPK)


def test_the_standards_own_block_comes_in_and_works(
    vault: WiderVault, load: Load, vector: Callable[[str], Any]
) -> None:
    row = next(each for each in vector("key_blocks")["blocks"] if each["source"] == "ANSI X9.143:2021, 8.1")
    imported = vault.import_block(kek=load(U.ZMK, A.AES256, row["kbpk"]), block=row["block"], usage=U.ZPK)
    assert (imported.key.algorithm, imported.key.limits, imported.extended) == (A.AES128, "P0EE", None)
    assert imported.key.kcv[:6] == row["kcv"][:6]
    assert WrappedKey.from_text(imported.key.text()) == imported.key


def test_every_key_that_may_travel_arrives_whole(vault: WiderVault) -> None:
    travelled = 0
    for kek_usage, kek_algorithm in ((U.ZMK, A.AES256), (U.TMK, A.AES256), (U.ZMK, A.TDES3), (U.TMK, A.TDES2)):
        kek = vault.generate(usage=kek_usage, algorithm=kek_algorithm)
        for usage in sorted(CARRIES[kek_usage], key=lambda each: each.value):
            for algorithm in sorted(ALGORITHMS[usage] & BLOCK_CARRIED[kek_algorithm], key=lambda each: each.value):
                key = vault.generate(usage=usage, algorithm=algorithm)
                block = vault.export_block(kek=kek, key=key, terms=BlockTerms(checks=True, exportability="E"))
                arrived = vault.import_block(kek=kek, block=block, usage=usage)
                assert (arrived.key.kcv, arrived.key.algorithm, arrived.key.usage) == (key.kcv, algorithm, usage)
                assert {"KC", "KP"} <= {each.id for each in arrived.header.blocks}
                travelled += 1
    assert travelled > 60


def test_a_key_has_only_the_uses_of_its_block(vault: WiderVault, tmk: WrappedKey, zmk: WrappedKey) -> None:
    key = bytes(range(16, 32))
    kind = MacKind.X9_19

    def taken(codes: str, usage: KeyUsage, under: WrappedKey = tmk) -> WrappedKey:
        return vault.import_block(kek=under, block=came(codes, key), usage=usage).key

    def encrypted(key: WrappedKey) -> bytes:
        return vault.encrypt_pin(key=key, pin=Secret(b"123456"), pan=PAN, form=PinFormat.ISO0)

    pad, host = taken("P0TEN", U.TPK), taken("P0TDN", U.TPK)
    zpk = vault.generate(usage=U.ZPK, algorithm=A.TDES2)
    block = encrypted(pad)

    def translated(from_key: WrappedKey) -> bytes:
        return vault.translate_pin(
            block=block, from_key=from_key, from_form=PinFormat.ISO0, to_key=zpk, to_form=PinFormat.ISO0, pan=PAN
        )

    assert len(translated(host)) == 8
    assert fault_of(lambda: translated(pad)) is KeyFault.WRONG_USAGE
    assert fault_of(lambda: encrypted(host)) is KeyFault.WRONG_USAGE

    makes, checks = taken("M3TGN", U.TAK), taken("M3TVN", U.TAK)
    mac = vault.mac(key=makes, data=b"x", kind=kind)
    assert vault.verify_mac(key=checks, data=b"x", kind=kind, mac=mac)
    assert fault_of(lambda: vault.mac(key=checks, data=b"x", kind=kind)) is KeyFault.WRONG_USAGE
    assert fault_of(lambda: vault.verify_mac(key=makes, data=b"x", kind=kind, mac=mac)) is KeyFault.WRONG_USAGE
    # Algorithm 3 is not algorithm 1, though the key could make both.
    assert fault_of(lambda: vault.mac(key=makes, data=b"x", kind=MacKind.X9_9)) is KeyFault.WRONG_ALGORITHM
    assert len(vault.mac(key=taken("M1TCN", U.ZAK, zmk), data=b"x", kind=MacKind.X9_9)) == 8


def test_limits_cannot_be_taken_off_a_wrapped_key(vault: WiderVault, tmk: WrappedKey) -> None:
    key = vault.import_block(kek=tmk, block=came("P0TDN", bytes(range(16))), usage=U.TPK).key
    form = PinFormat.ISO0
    for limits in ("", "P0BN", "P0DE"):
        freed = WrappedKey(key.usage, key.algorithm, key.kcv, key.blob, limits)
        fault = fault_of(partial(vault.verify_pin, block=bytes(8), key=freed, form=form, pan=PAN, expected=Secret(b"")))
        assert fault is KeyFault.BAD_BLOB


def test_exportability_is_honoured(vault: WiderVault, zmk: WrappedKey, load: Load) -> None:
    onward = load(U.ZMK, A.TDES2, TDES_KBPK)

    def leaves(exportability: str, *, in_block: bool, terms: BlockTerms | None = None) -> KeyFault | None:
        key = vault.import_block(kek=zmk, block=came("P0TB" + exportability, bytes(range(16))), usage=U.ZPK).key
        if in_block:
            return fault_of(lambda: vault.export_block(kek=onward, key=key, terms=terms or BlockTerms()))
        return fault_of(lambda: vault.export_under(kek=onward, key=key))

    assert leaves("N", in_block=True) is KeyFault.WRONG_USAGE
    assert leaves("N", in_block=False) is KeyFault.WRONG_USAGE
    assert leaves("E", in_block=True) is None
    assert leaves("E", in_block=False) is KeyFault.WRONG_USAGE
    assert leaves("S", in_block=True) is None
    assert leaves("S", in_block=False) is None
    assert leaves("S", in_block=True, terms=BlockTerms(exportability="S")) is None
    assert leaves("E", in_block=True, terms=BlockTerms(exportability="S")) is KeyFault.WRONG_USAGE
    assert leaves("E", in_block=True, terms=BlockTerms(mode="D", exportability="E")) is None
    assert leaves("E", in_block=True, terms=BlockTerms(mode="N")) is KeyFault.WRONG_USAGE
    assert leaves("E", in_block=True, terms=BlockTerms(mode="Q")) is KeyFault.WRONG_USAGE


@pytest.mark.parametrize(
    ("codes", "length", "usage", "fault"),
    [
        ("P0TEN", 16, U.TAK, KeyFault.WRONG_USAGE),
        ("V1TVN", 16, U.TPK, KeyFault.WRONG_USAGE),
        ("P0TXN", 16, U.TPK, KeyFault.WRONG_USAGE),
        ("P0TQN", 16, U.TPK, KeyFault.WRONG_USAGE),
        ("P0TEQ", 16, U.TPK, KeyFault.WRONG_USAGE),
        ("K0TBN", 16, U.TMK, KeyFault.WRONG_USAGE),
        ("P0DEN", 8, U.TPK, KeyFault.WRONG_ALGORITHM),
        ("D0REN", 100, U.TDK, KeyFault.WRONG_ALGORITHM),
        ("D0HEN", 20, U.TDK, KeyFault.WRONG_ALGORITHM),
        ("M7HCN", 32, U.TAK, KeyFault.WRONG_ALGORITHM),
    ],
)
def test_a_block_of_other_keys_is_not_taken(
    vault: WiderVault, tmk: WrappedKey, codes: str, length: int, usage: KeyUsage, fault: KeyFault
) -> None:
    assert fault_of(lambda: vault.import_block(kek=tmk, block=came(codes, bytes(range(length))), usage=usage)) is fault


def test_components_weak_keys_and_wrong_check_values_are_not_taken(vault: WiderVault, tmk: WrappedKey) -> None:
    def taken(key: bytes = bytes(range(16)), usage: KeyUsage = U.TPK, **more: Any) -> KeyFault | None:
        header = Header(V.D, **{"usage": "P0", "algorithm": "T", "mode": "B"} | more)
        return fault_of(lambda: vault.import_block(kek=tmk, block=came(header, key), usage=usage))

    def holding(name: str, value: str) -> dict[str, Any]:
        return {"blocks": (OptionalBlock(name, value),)}

    assert taken() is None
    assert taken(key_version="c1") is KeyFault.WRONG_USAGE
    assert taken(b"\x01" * 16) is KeyFault.WEAK_KEY
    assert taken(**holding("KC", "00000000")) is KeyFault.CHECK_VALUE
    assert taken(**holding("KP", "0100000000")) is KeyFault.CHECK_VALUE
    assert taken(**holding("KP", "012331550BC9")) is None  # as printed in X9.143:2021, 8.6
    assert taken(**holding("KC", "0")) is KeyFault.BAD_BLOCK
    for blocks, fault in (
        ((OptionalBlock("HM", "21"),), None),
        ((OptionalBlock("HM", "10"),), KeyFault.WRONG_ALGORITHM),
        ((OptionalBlock("HM", "99"),), KeyFault.BAD_BLOCK),
    ):
        block = came(Header(V.D, "M7", "H", "C", blocks=blocks), bytes(range(32)))
        assert fault_of(partial(vault.import_block, kek=tmk, block=block, usage=U.TAK)) is fault


def test_an_altered_block_and_another_carrier_are_refused(vault: WiderVault, tmk: WrappedKey) -> None:
    block = came("P0TEN", bytes(range(16)))
    assert fault_of(lambda: vault.import_block(kek=tmk, block=block[:-1] + "0", usage=U.TPK)) is KeyFault.BAD_BLOCK
    other = vault.generate(usage=U.TMK, algorithm=A.AES256)
    assert fault_of(lambda: vault.import_block(kek=other, block=block, usage=U.TPK)) is KeyFault.BAD_BLOCK
    no_carrier = vault.generate(usage=U.TPK, algorithm=A.AES256)
    assert fault_of(lambda: vault.import_block(kek=no_carrier, block=block, usage=U.TPK)) is KeyFault.WRONG_USAGE
    des = vault.generate(usage=U.TMK, algorithm=A.TDES2)
    assert fault_of(lambda: vault.import_block(kek=des, block=block, usage=U.TPK)) is KeyFault.WRONG_ALGORITHM


def test_what_does_not_travel(vault: WiderVault, tmk: WrappedKey, zmk: WrappedKey) -> None:
    def leaves(usage: KeyUsage, algorithm: KeyAlgorithm, under: WrappedKey = tmk, **terms: Any) -> KeyFault | None:
        key = vault.generate(usage=usage, algorithm=algorithm)
        return fault_of(lambda: vault.export_block(kek=under, key=key, terms=BlockTerms(**terms)))

    des = vault.generate(usage=U.TMK, algorithm=A.TDES2)
    assert leaves(U.SEAL, A.AES256) is KeyFault.WRONG_USAGE
    assert leaves(U.ZPK, A.AES256) is KeyFault.WRONG_USAGE
    assert leaves(U.TPK, A.AES128, des) is KeyFault.WRONG_ALGORITHM
    assert leaves(U.TPK, A.TDES2, des) is None
    assert leaves(U.TPK, A.TDES2, des, version=V.A) is KeyFault.WRONG_ALGORITHM
    assert leaves(U.TPK, A.TDES2, des, version=V.D) is KeyFault.WRONG_ALGORITHM
    assert leaves(U.TPK, A.TDES2, tmk, version=V.E) is None
    assert leaves(U.TPK, A.TDES2, tmk, mode="C") is KeyFault.WRONG_USAGE
    assert leaves(U.ZPK, A.TDES2, zmk, exportability="E", mode="B", key_version="12") is None


def test_versions_a_and_c_need_variants_that_a_token_does_not_make(vault: WiderVault, load: Load) -> None:
    kek = load(U.TMK, A.TDES2, TDES_KBPK)
    key = vault.generate(usage=U.TPK, algorithm=A.TDES2)
    for version in (V.A, V.C):
        terms = BlockTerms(version=version, even_deprecated=True)
        if isinstance(vault, SoftwareVault):
            block = vault.export_block(kek=kek, key=key, terms=terms)
            assert vault.import_block(kek=kek, block=block, usage=U.TPK).key.kcv == key.kcv
        else:
            assert fault_of(partial(vault.export_block, kek=kek, key=key, terms=terms)) is KeyFault.NOT_OFFERED


def test_an_initial_key_travels_with_its_serial_number_and_long_blocks_in_either_reading(
    vault: WiderVault, tmk: WrappedKey
) -> None:
    ksn = Ksn.from_text("123456789012345600000000")
    key = vault.dukpt_initial(base=vault.generate(usage=U.BDK, algorithm=A.AES128), ksn=ksn)
    for extended in ExtendedLength:
        optional = (initial_key_block(ksn), OptionalBlock("LB", "label" * 60))
        block = vault.export_block(kek=tmk, key=key, terms=BlockTerms(optional=optional, extended=extended))
        arrived = vault.import_block(kek=tmk, block=block, usage=U.IK)
        assert arrived.extended is extended
        assert arrived.header.blocks == optional
        assert arrived.key.kcv == key.kcv
