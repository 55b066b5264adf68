"""The device's secure chip against keys and messages that others recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.terminal_host import new_vault
from xiaopos.kernel.secret import Pan, Secret
from xiaopos.keys import KeyAlgorithm, KeyRefused, KeyUsage
from xiaopos.terminal import guard
from xiaopos.terminal.profile import PROFILES

VECTORS = Path(__file__).parents[2] / "vectors"


def vector(name: str) -> dict[str, Any]:
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def test_the_keys_of_a_recorded_sign_in_are_taken() -> None:
    recorded = vector("unionpay_signin_field62_keys.json")
    vault = new_vault()
    parts = (Secret(bytes.fromhex(recorded["tmk"])), Secret(bytes(16)))
    tmk = vault.combine(components=parts, usage=KeyUsage.TMK, algorithm=KeyAlgorithm.TDES2)
    keys = guard.working_keys(
        vault, tmk, bytes.fromhex(recorded["field62_hex"]), "003", PROFILES["unionpay-3des-2012"].suite
    )
    assert keys.tpk is not None
    assert (keys.tpk.kcv, keys.tak.kcv, keys.tdk) == (recorded["pik_check"], recorded["mak_check"], None)
    assert keys.tak.algorithm is KeyAlgorithm.DES
    with pytest.raises(KeyRefused):
        guard.working_keys(
            vault, tmk, bytes.fromhex(recorded["field62_hex"]), "004", PROFILES["unionpay-3des-track-2012"].suite
        )


def test_a_sealed_card_number_opens_for_its_terminal_only() -> None:
    vault = new_vault()
    key = vault.generate(usage=KeyUsage.SEAL, algorithm=KeyAlgorithm.AES256)
    sealed = guard.seal_pan(vault, key, Pan("6225561620345170"), "00000001")
    assert b"6225561620345170".hex() not in sealed
    assert guard.open_pan(vault, key, sealed, "00000001") == Pan("6225561620345170")
    with pytest.raises(KeyRefused):
        guard.open_pan(vault, key, sealed, "00000002")
