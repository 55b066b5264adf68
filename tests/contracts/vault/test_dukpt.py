"""Every vault: DUKPT devices' PINs, MACs and data, from the base key and from the device's own initial key."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from xiaopos.kernel.secret import Pan, Secret
from xiaopos.keys import (
    KeyAlgorithm,
    KeyFault,
    KeyRefused,
    KeyState,
    KeyUsage,
    MacKind,
    PinFormat,
    SoftwareVault,
    WrappedKey,
)
from xiaopos.keys.dukpt_ksn import Ksn
from xiaopos.keys.key_blocks import unwrap
from xiaopos.keys.key_blocks_values import initial_key_block
from xiaopos.keys.software_engine import SoftwareKey
from xiaopos.keys.wider_vault import BlockTerms, DukptKey, DukptWay, WiderVault

U, A, W = KeyUsage, KeyAlgorithm, DukptWay
Load = Callable[..., WrappedKey]
PIN, PAN = Secret(b"1234"), Pan("4012345678909")
TDES_BDK, AES_BDK = "0123456789ABCDEFFEDCBA9876543210", "FEDCBA9876543210F1F1F1F1F1F1F1F1"
FIRST, AES_FIRST = Ksn.from_text("FFFF9876543210E00001"), Ksn.from_text("123456789012345600000001")


def fault_of(call: Callable[[], object]) -> KeyFault | None:
    try:
        call()
    except KeyRefused as refused:
        return refused.fault
    return None


@pytest.fixture
def tdes(load: Load) -> WrappedKey:
    return load(U.BDK, A.TDES2, TDES_BDK)


@pytest.fixture
def aes(load: Load) -> WrappedKey:
    return load(U.BDK, A.AES128, AES_BDK)


def test_the_standards_terminal_is_served(vault: WiderVault, tdes: WrappedKey, vector: Callable[[str], Any]) -> None:
    known = vector("dukpt_tdes")
    data = known["txn_data"].encode()
    for place, text in enumerate(known["ksn_verify"][:6]):
        at = DukptKey(tdes, Ksn.from_text(text))
        pin = vault.dukpt_encrypt_pin(at=at, pin=PIN, pan=PAN, form=PinFormat.ISO0)
        assert pin.hex().upper() == known["encrypted_pinblock_verify"][place]
        request = vault.dukpt_mac(at=at, data=data, kind=MacKind.X9_19, way=W.REQUEST)
        assert request[:4].hex().upper() == known["mac_request_verify"][place]
        response = vault.dukpt_mac(at=at, data=data, kind=MacKind.X9_19, way=W.RESPONSE)
        assert response[:4].hex().upper() == known["mac_response_verify"][place]
        assert vault.dukpt_verify_mac(at=at, data=data, kind=MacKind.X9_19, way=W.REQUEST, mac=request)
        assert not vault.dukpt_verify_mac(at=at, data=data, kind=MacKind.X9_19, way=W.REQUEST, mac=response)
        enciphered = vault.dukpt_encrypt(at=at, data=Secret(data + bytes(7)), way=W.REQUEST)
        assert enciphered.hex().upper() == known["txn_request_verify"][place]


def test_a_pin_goes_from_the_device_to_the_zone(vault: WiderVault, tdes: WrappedKey, aes: WrappedKey) -> None:
    zpk = vault.generate(usage=U.ZPK, algorithm=A.TDES2)
    for base, ksn, form in ((tdes, FIRST, PinFormat.ISO0), (aes, AES_FIRST, PinFormat.ISO4)):
        at = DukptKey(base, ksn)
        block = vault.dukpt_encrypt_pin(at=at, pin=PIN, pan=PAN, form=form)
        moved = vault.dukpt_translate_pin(
            block=block, at=at, from_form=form, to_key=zpk, to_form=PinFormat.ISO0, pan=PAN
        )
        assert vault.verify_pin(block=moved, key=zpk, form=PinFormat.ISO0, pan=PAN, expected=PIN)
        tpk = vault.generate(usage=U.TPK, algorithm=A.TDES2)
        move = partial(vault.dukpt_translate_pin, block=block, at=at, from_form=form, to_form=PinFormat.NO_PAN, pan=PAN)
        assert fault_of(partial(move, to_key=tpk)) is KeyFault.WRONG_USAGE
        assert fault_of(partial(move, to_key=zpk)) is KeyFault.WRONG_FORM


@pytest.mark.parametrize("way", list(DukptWay))
def test_data_and_macs_go_both_ways_under_both_standards(
    vault: WiderVault, tdes: WrappedKey, aes: WrappedKey, way: DukptWay
) -> None:
    aes256 = vault.generate(usage=U.BDK, algorithm=A.AES256)
    cases = [
        (DukptKey(tdes, FIRST), MacKind.DES_CMAC, 8),
        (DukptKey(aes, AES_FIRST), MacKind.AES_CMAC, 16),
        (DukptKey(aes, AES_FIRST, A.TDES2), MacKind.X9_19, 8),
        (DukptKey(aes256, AES_FIRST, A.AES256), MacKind.AES_CMAC_8, 16),
    ]
    for at, kind, size in cases:
        clear = Secret(bytes(range(48)))
        iv = bytes(range(size))
        enciphered = vault.dukpt_encrypt(at=at, data=clear, way=way, iv=iv)
        assert vault.dukpt_decrypt(at=at, data=enciphered, way=way, iv=iv) == clear
        assert vault.dukpt_decrypt(at=at, data=enciphered, way=way) != clear
        mac = vault.dukpt_mac(at=at, data=b"message", kind=kind, way=way)
        assert vault.dukpt_verify_mac(at=at, data=b"message", kind=kind, way=way, mac=mac)
    hmac = vault.dukpt_mac(at=DukptKey(aes256, AES_FIRST, A.HMAC256), data=b"", kind=MacKind.HMAC_SHA256, way=way)
    assert len(hmac) == 32


def test_a_device_with_its_initial_key_makes_the_same(vault: WiderVault, tdes: WrappedKey, aes: WrappedKey) -> None:
    def begotten(base: WrappedKey, ksn: Ksn) -> WrappedKey:
        return vault.dukpt_initial(base=base, ksn=ksn)

    for base, ksn, kind in ((tdes, FIRST, MacKind.X9_19), (aes, AES_FIRST, MacKind.AES_CMAC)):
        if base is tdes and not isinstance(vault, SoftwareVault):
            assert fault_of(partial(begotten, base, ksn)) is KeyFault.NOT_OFFERED
            continue
        initial = begotten(base, ksn)
        assert (initial.usage, initial.algorithm) == (U.IK, base.algorithm)
        host, device = (
            vault.dukpt_mac(at=DukptKey(each, ksn), data=b"x", kind=kind, way=W.REQUEST) for each in (base, initial)
        )
        assert host == device
        assert fault_of(partial(begotten, initial, ksn)) is KeyFault.WRONG_USAGE


def test_an_initial_key_that_came_in_some_other_way_is_not_used_altered(vault: WiderVault, load: Load) -> None:
    initial = load(U.IK, A.TDES2, "6AC292FAA1315B4D858AB3A3D7D5933A")

    def mac() -> bytes:
        return vault.dukpt_mac(
            at=DukptKey(initial, FIRST), data=b"4012345678909D987", kind=MacKind.X9_19, way=W.REQUEST
        )

    if isinstance(vault, SoftwareVault):
        assert mac()[:4].hex().upper() == "9CCC7817"
    else:
        assert fault_of(mac) is KeyFault.NOT_OFFERED


def test_an_initial_key_leaves_for_its_device_and_is_kept_nowhere(
    vault: WiderVault, load: Load, tdes: WrappedKey, aes: WrappedKey
) -> None:
    clear = "88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6"
    tmk = load(U.TMK, A.AES256, clear)
    for base, ksn, initial in (
        (tdes, FIRST, "6AC292FAA1315B4D858AB3A3D7D5933A"),
        (aes, AES_FIRST, "1273671EA26AC29AFA4D1084127652A1"),
    ):
        block = vault.dukpt_export_initial(base=base, ksn=ksn, kek=tmk, terms=BlockTerms(checks=True))
        opened = unwrap(SoftwareKey(A.AES256, bytes.fromhex(clear)), block)
        assert opened.key.value.hex().upper() == initial
        assert opened.header.block("KS" if base is tdes else "IK") == initial_key_block(ksn)
    tpk = vault.generate(usage=U.TPK, algorithm=A.TDES2)
    assert fault_of(lambda: vault.dukpt_export_initial(base=tpk, ksn=FIRST, kek=tmk)) is KeyFault.WRONG_USAGE


@pytest.mark.parametrize("algorithm", [A.AES128, A.AES192, A.AES256])
def test_a_device_that_works_is_sent_its_next_initial_key(vault: WiderVault, algorithm: KeyAlgorithm) -> None:
    base = vault.generate(usage=U.BDK, algorithm=algorithm)
    host = DukptKey(base, AES_FIRST, algorithm)
    device = DukptKey(vault.dukpt_initial(base=base, ksn=AES_FIRST), AES_FIRST, algorithm)
    following = Ksn.from_text("1234567890ABCDEF00000001")
    block = vault.dukpt_export_next(at=host, base=base, ksn=following, terms=BlockTerms(checks=True))
    came = vault.dukpt_import_next(at=device, block=block)
    number = came.header.block("IK")
    assert number is not None
    assert number.value == "1234567890ABCDEF"

    def mac(key: WrappedKey) -> bytes:
        return vault.dukpt_mac(at=DukptKey(key, following), data=b"0200", kind=MacKind.AES_CMAC, way=W.REQUEST)

    assert mac(came.key) == mac(base)
    other = DukptKey(vault.dukpt_initial(base=base, ksn=following), following, algorithm)
    assert fault_of(lambda: vault.dukpt_import_next(at=other, block=block)) is KeyFault.BAD_BLOCK


def test_a_next_initial_key_comes_under_the_standards_update_key(
    vault: WiderVault, aes: WrappedKey, vector: Callable[[str], Any]
) -> None:
    known = SoftwareKey(A.AES128, bytes.fromhex(vector("dukpt_aes")["aes128"]["update_key_aes128_verify"]))
    following = Ksn.from_text("1234567890ABCDEF00000001")
    block = vault.dukpt_export_next(at=DukptKey(aes, AES_FIRST), base=aes, ksn=following)
    assert unwrap(known, block).header.usage == "B1"


def test_a_next_initial_key_that_is_not_next_or_too_strong_is_refused(
    vault: WiderVault, tdes: WrappedKey, aes: WrappedKey
) -> None:
    following, strong = Ksn.from_text("1234567890ABCDEF00000001"), vault.generate(usage=U.BDK, algorithm=A.AES256)
    master = vault.generate(usage=U.TMK, algorithm=A.AES128)

    def sent(at: DukptKey, base: WrappedKey = aes, ksn: Ksn = following) -> KeyFault | None:
        return fault_of(lambda: vault.dukpt_export_next(at=at, base=base, ksn=ksn))

    at = DukptKey(aes, AES_FIRST)
    assert sent(at, ksn=AES_FIRST) is KeyFault.WRONG_USAGE
    assert sent(at, base=master) is KeyFault.WRONG_USAGE
    assert sent(at, base=strong) is KeyFault.WRONG_ALGORITHM
    assert sent(DukptKey(strong, AES_FIRST), base=strong) is KeyFault.WRONG_ALGORITHM
    assert sent(DukptKey(aes, AES_FIRST, A.AES256)) is KeyFault.WRONG_ALGORITHM
    assert sent(DukptKey(aes, AES_FIRST, A.HMAC256)) is KeyFault.WRONG_ALGORITHM
    assert sent(DukptKey(tdes, FIRST), base=tdes, ksn=FIRST.initial) is KeyFault.WRONG_USAGE
    assert sent(DukptKey(tdes, FIRST)) is KeyFault.WRONG_ALGORITHM


def test_a_retired_base_key_begets_nothing(vault: WiderVault, tdes: WrappedKey) -> None:
    vault.heed({tdes.key_id: KeyState.RETIRED})
    assert fault_of(lambda: vault.dukpt_initial(base=tdes, ksn=FIRST)) is KeyFault.WRONG_STATE


def test_what_is_refused(vault: WiderVault, tdes: WrappedKey, aes: WrappedKey) -> None:
    zpk = vault.generate(usage=U.ZPK, algorithm=A.TDES2)
    at = DukptKey(tdes, FIRST)

    def mac(at: DukptKey, kind: MacKind = MacKind.X9_19) -> KeyFault | None:
        return fault_of(lambda: vault.dukpt_mac(at=at, data=b"", kind=kind, way=W.REQUEST))

    assert mac(DukptKey(zpk, FIRST)) is KeyFault.WRONG_USAGE
    assert mac(DukptKey(aes, FIRST)) is KeyFault.WRONG_ALGORITHM
    assert mac(DukptKey(tdes, AES_FIRST)) is KeyFault.WRONG_ALGORITHM
    assert mac(DukptKey(aes, AES_FIRST, A.SM4)) is KeyFault.WRONG_ALGORITHM
    assert mac(DukptKey(aes, AES_FIRST, A.AES256), MacKind.AES_CMAC) is KeyFault.WRONG_ALGORITHM
    assert mac(at, MacKind.AES_CMAC) is KeyFault.WRONG_ALGORITHM
    assert mac(DukptKey(tdes, FIRST.initial)) is KeyFault.BAD_BLOCK
    assert mac(DukptKey(tdes, Ksn.from_text("FFFF9876543210FFFFFF"))) is KeyFault.BAD_BLOCK
    form = fault_of(lambda: vault.dukpt_encrypt_pin(at=at, pin=PIN, pan=PAN, form=PinFormat.ISO4))
    assert form is KeyFault.WRONG_ALGORITHM
    for data, iv in ((b"", None), (bytes(7), None), (bytes(8), bytes(7))):
        opened = partial(vault.dukpt_decrypt, at=at, data=data, way=W.REQUEST, iv=iv)
        closed = partial(vault.dukpt_encrypt, at=at, data=Secret(data), way=W.REQUEST, iv=iv)
        assert fault_of(opened) is KeyFault.WRONG_LENGTH
        assert fault_of(closed) is KeyFault.WRONG_LENGTH
