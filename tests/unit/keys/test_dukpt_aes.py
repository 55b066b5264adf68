"""AES DUKPT gives the supplement's own numbers, for 128- and 256-bit base keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused
from xiaopos.keys.des import block_cipher
from xiaopos.keys.dukpt_aes import AesDerived, AesUse, initial_key, transaction_key, update_key, working_key
from xiaopos.keys.dukpt_device import DukptDevice
from xiaopos.keys.dukpt_ksn import Ksn

Known = dict[str, Any]
BASES = {"aes128": KeyAlgorithm.AES128, "aes256": KeyAlgorithm.AES256}
WORKING = {
    "pin_key": AesUse.PIN,
    "cmac": AesUse.MAC_GENERATE,
    "data": AesUse.DATA_ENCRYPT,
}


@pytest.fixture(params=sorted(BASES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def known(vector: Callable[[str], Any], name: str) -> Known:
    return dict(vector("dukpt_aes")[name])


@pytest.fixture
def initial(known: Known) -> bytes:
    return bytes.fromhex(known["ik_verify"])


def test_the_initial_key_is_the_supplements(known: Known, name: str) -> None:
    base = block_cipher(BASES[name], bytes.fromhex(known["bdk"]))
    made = initial_key(base, BASES[name], Ksn.from_text(known["ikid"] + "00000000"))
    assert made.hex().upper() == known["ik_verify"]


def test_every_printed_transaction_key(known: Known, initial: bytes) -> None:
    for part in ("", "2", "3"):
        for text, key in zip(known["ksn_verify" + part], known["txn_key_verify" + part], strict=True):
            assert transaction_key(initial, Ksn.from_text(text)).hex().upper() == key


def test_every_printed_working_key(known: Known, initial: bytes) -> None:
    checked = 0
    for prefix, use in WORKING.items():
        for length in ("aes128", "aes256"):
            field = f"{prefix}_{length}_verify" if prefix == "pin_key" else f"{prefix}_{length}_key_verify"
            for text, key in zip(known["ksn_verify"], known.get(field, []), strict=False):
                ksn = Ksn.from_text(text)
                made = working_key(transaction_key(initial, ksn), ksn, use, AesDerived[length.upper()])
                assert made.hex().upper() == key
                checked += 1
    assert checked in (24, 48)


def test_every_printed_update_key(known: Known, initial: bytes) -> None:
    names = [each for each in known if each.startswith("update_key")]
    assert names
    for each in names:
        derived = AesDerived[each.split("_")[2].upper()]
        assert update_key(initial, Ksn.from_text(known["ksn_verify"][0]), derived).hex().upper() == known[each]


def test_a_pin_block_of_format_4_under_the_first_keys(known: Known, initial: bytes) -> None:
    for text, block in zip(known["ksn_verify"], known.get("encrypted_pinblock_verify", []), strict=False):
        ksn = Ksn.from_text(text)
        key = working_key(transaction_key(initial, ksn), ksn, AesUse.PIN, AesDerived.AES128)
        cipher = block_cipher(KeyAlgorithm.AES128, key)
        first = int.from_bytes(cipher.encrypt(bytes.fromhex(known["pinfield"])), "big")
        second = first ^ int.from_bytes(bytes.fromhex(known["panfield"]), "big")
        assert cipher.encrypt(second.to_bytes(16, "big")).hex().upper() == block


def test_the_device_gives_the_same_keys_in_the_same_order(known: Known, initial: bytes) -> None:
    device = DukptDevice.begin(Secret(initial), Ksn.from_text(known["ikid"] + "00000000"))
    for text, key in zip(known["ksn_verify"], known["txn_key_verify"], strict=True):
        taken = device.take()
        assert (taken.ksn.text, taken.key.value.hex().upper()) == (text, key)


KSN = Ksn.from_text("123456789012345600000001")


def test_a_192_bit_base_key_and_every_kind_of_working_key() -> None:
    base = block_cipher(KeyAlgorithm.AES192, bytes(range(24)))
    initial = initial_key(base, KeyAlgorithm.AES192, KSN)
    assert len(initial) == 24
    transaction = transaction_key(initial, KSN)
    assert len(transaction) == 24
    kinds = [each for each in AesDerived if each not in (AesDerived.AES256, AesDerived.HMAC256)]
    keys = [working_key(transaction, KSN, AesUse.MAC_BOTH, each) for each in kinds]
    assert [len(key) * 8 for key in keys] == [each.value.bits for each in kinds]
    assert len({key[:16] for key in keys}) == len(kinds)
    assert [each for each in AesDerived if each.is_hmac] == [AesDerived.HMAC128, AesDerived.HMAC192, AesDerived.HMAC256]


def _refusals() -> dict[str, tuple[Callable[[], object], KeyFault]]:
    tdes = Ksn.from_text("FFFF9876543210E00001")
    base = block_cipher(KeyAlgorithm.SM4, bytes(16))
    key = bytes(16)
    return {
        "tdes number, initial": (lambda: initial_key(base, KeyAlgorithm.AES128, tdes), KeyFault.WRONG_LENGTH),
        "tdes number, transaction": (lambda: transaction_key(key, tdes), KeyFault.WRONG_LENGTH),
        "tdes number, working": (
            lambda: working_key(key, tdes, AesUse.PIN, AesDerived.AES128),
            KeyFault.WRONG_LENGTH,
        ),
        "base key not AES": (lambda: initial_key(base, KeyAlgorithm.SM4, KSN), KeyFault.WRONG_ALGORITHM),
        "initial key too short": (lambda: transaction_key(key[:8], KSN), KeyFault.WRONG_LENGTH),
        "counter of nobody": (lambda: transaction_key(key, Ksn(KSN.kind, 1, 0x1FFFF)), KeyFault.BAD_BLOCK),
        "counter zero": (lambda: transaction_key(key, KSN.initial), KeyFault.BAD_BLOCK),
        "stronger than above": (
            lambda: working_key(key, KSN, AesUse.PIN, AesDerived.AES192),
            KeyFault.WRONG_ALGORITHM,
        ),
        "stronger HMAC": (
            lambda: working_key(key, KSN, AesUse.MAC_BOTH, AesDerived.HMAC256),
            KeyFault.WRONG_ALGORITHM,
        ),
        "a key that begets": (
            lambda: working_key(key, KSN, AesUse.DERIVATION, AesDerived.AES128),
            KeyFault.WRONG_USAGE,
        ),
    }


@pytest.mark.parametrize("what", sorted(_refusals()))
def test_what_the_standard_forbids_is_refused(what: str) -> None:
    asked, fault = _refusals()[what]
    with pytest.raises(KeyRefused) as caught:
        asked()
    assert caught.value.fault is fault
