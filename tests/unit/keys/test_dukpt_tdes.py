"""Triple-DES DUKPT gives the standard's own numbers: keys, PIN blocks, MACs and data, on both sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused
from xiaopos.keys.des import des_cipher
from xiaopos.keys.dukpt_device import DukptDevice
from xiaopos.keys.dukpt_ksn import Ksn
from xiaopos.keys.dukpt_tdes import TdesUse, initial_key, transaction_key, working_key
from xiaopos.keys.macs import cmac, retail_key, x9_19
from xiaopos.keys.software_engine import SoftwareKey

Known = dict[str, Any]


@pytest.fixture
def known(vector: Callable[[str], Any]) -> Known:
    return dict(vector("dukpt_tdes"))


@pytest.fixture
def initial(known: Known) -> bytes:
    return bytes.fromhex(known["ik_verify"])


def test_the_initial_key_is_the_standards(known: Known) -> None:
    base = SoftwareKey(KeyAlgorithm.TDES2, bytes.fromhex(known["bdk"]))
    assert initial_key(base, Ksn.from_text(known["iksn"])).hex().upper() == known["ik_verify"]
    assert initial_key(base, Ksn.from_text(known["ksn_verify"][20])).hex().upper() == known["ik_verify"]


@pytest.mark.parametrize("part", ["", "2"])
def test_every_number_of_both_printed_sequences(known: Known, initial: bytes, part: str) -> None:
    data = known["txn_data"].encode()
    padded = data + bytes(-len(data) % 8)
    for place, text in enumerate(known["ksn_verify" + part]):
        key = transaction_key(initial, Ksn.from_text(text))
        assert key.hex().upper() == known["txn_key_verify" + part][place]

        def work(use: TdesUse, key: bytes = key) -> bytes:
            return working_key(key, use)

        def said(name: str, place: int = place) -> str:
            return str(known[f"{name}_verify{part}"][place])

        pin = des_cipher(work(TdesUse.PIN)).encrypt(bytes.fromhex(known["pinblock"]))
        assert pin.hex().upper() == said("encrypted_pinblock")
        assert x9_19(retail_key(work(TdesUse.MAC_REQUEST)), data)[:4].hex().upper() == said("mac_request")
        assert x9_19(retail_key(work(TdesUse.MAC_RESPONSE)), data)[:4].hex().upper() == said("mac_response")
        assert cmac(des_cipher(work(TdesUse.MAC_REQUEST)), data).hex().upper() == said("cmac_request")
        assert cmac(des_cipher(work(TdesUse.MAC_RESPONSE)), data).hex().upper() == said("cmac_response")
        enciphered = b""
        for at in range(0, len(padded), 8):
            block = int.from_bytes(padded[at : at + 8], "big") ^ int.from_bytes(enciphered[-8:], "big")
            enciphered += des_cipher(work(TdesUse.DATA_REQUEST)).encrypt(block.to_bytes(8, "big"))
        assert enciphered.hex().upper() == said("txn_request")


def test_each_use_has_a_key_of_its_own(initial: bytes) -> None:
    key = transaction_key(initial, Ksn.from_text("FFFF9876543210E00001"))
    assert len({working_key(key, use) for use in TdesUse} | {key}) == 6


def test_the_device_gives_the_same_keys_in_the_same_order(known: Known, initial: bytes) -> None:
    device = DukptDevice.begin(Secret(initial), Ksn.from_text(known["iksn"]))
    for text, key in zip(known["ksn_verify"], known["txn_key_verify"], strict=True):
        taken = device.take()
        assert (taken.ksn.text, taken.key.value.hex().upper()) == (text, key)


def test_numbers_of_the_other_kind_and_counters_nobody_uses_are_refused(initial: bytes) -> None:
    base = SoftwareKey(KeyAlgorithm.TDES2, initial)
    aes = Ksn.from_text("123456789012345600000001")
    for refused in (lambda: initial_key(base, aes), lambda: transaction_key(initial, aes)):
        with pytest.raises(KeyRefused) as caught:
            refused()
        assert caught.value.fault is KeyFault.WRONG_LENGTH
    for text in ("FFFF9876543210E00000", "FFFF9876543210EFFFFF"):
        with pytest.raises(KeyRefused) as caught:
            transaction_key(initial, Ksn.from_text(text))
        assert caught.value.fault is KeyFault.BAD_BLOCK
