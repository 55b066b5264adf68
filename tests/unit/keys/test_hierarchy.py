"""The tables: whole, consistent, and obeyed by the vault for every usage and every operation."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from xiaopos.kernel.secret import Pan, Secret
from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused, KeyUsage, MacKind, Operation, PinFormat, SoftwareVault
from xiaopos.keys.hierarchy import (
    ALGORITHMS,
    BLOCK_CARRIED,
    CARRIED_ALGORITHMS,
    CARRIES,
    MAC_KINDS,
    OPERATIONS,
    PIN_FORMS,
    require_carrying,
)
from xiaopos.keys.vault import WrappedKey

U, A = KeyUsage, KeyAlgorithm
PAN = Pan("6225561620345170")

# Written out by hand, apart from the tables.
MAY = {
    (U.ZMK, Operation.CARRY),
    (U.TMK, Operation.CARRY),
    (U.TPK, Operation.PIN_ENCRYPT),
    (U.TPK, Operation.PIN_FROM),
    (U.ZPK, Operation.PIN_FROM),
    (U.ZPK, Operation.PIN_TO),
    (U.ZPK, Operation.PIN_VERIFY),
    (U.TAK, Operation.MAC),
    (U.TAK, Operation.MAC_CHECK),
    (U.ZAK, Operation.MAC),
    (U.ZAK, Operation.MAC_CHECK),
    (U.TDK, Operation.TRACK_ENCRYPT),
    (U.TDK, Operation.TRACK_DECRYPT),
    (U.IMK_AC, Operation.CRYPTOGRAM),
    (U.IMK_SMI, Operation.SCRIPT),
    (U.IMK_SMC, Operation.SCRIPT),
    (U.BDK, Operation.DERIVE),
    (U.IK, Operation.DERIVE),
    (U.SIGN, Operation.SIGN),
    (U.AEAD, Operation.AEAD_SEAL),
    (U.AEAD, Operation.AEAD_OPEN),
    (U.COMPONENT, Operation.COMBINE),
    (U.SEAL, Operation.SEAL),
    (U.SEAL, Operation.OPEN),
    (U.TOKEN, Operation.TOKEN),
}


def test_the_tables_are_whole() -> None:
    assert set(OPERATIONS) == set(ALGORITHMS) == set(KeyUsage)
    assert set(MAC_KINDS) == set(PIN_FORMS) == set(KeyAlgorithm)
    assert {kind for kinds in MAC_KINDS.values() for kind in kinds} == set(MacKind)
    assert {form for forms in PIN_FORMS.values() for form in forms} == set(PinFormat) - {PinFormat.ISO2}
    assert {operation for operations in OPERATIONS.values() for operation in operations} == set(Operation)
    assert all(ALGORITHMS.values())


def test_whoever_carries_is_a_carrier_with_an_algorithm_that_can() -> None:
    carriers = {usage for usage, operations in OPERATIONS.items() if Operation.CARRY in operations}
    assert set(CARRIES) == carriers
    for usage in carriers:
        assert ALGORITHMS[usage] <= set(CARRIED_ALGORITHMS)


def test_no_key_is_carried_by_a_weaker_one_or_carries_a_carrier_in_a_circle() -> None:
    for kek, carried in (*CARRIED_ALGORITHMS.items(), *BLOCK_CARRIED.items()):
        assert kek is A.AES128 or all(algorithm.key_length <= kek.key_length for algorithm in carried)
    assert U.ZMK not in CARRIES[U.TMK] | CARRIES[U.ZMK]
    assert U.TMK not in CARRIES[U.TMK]


@pytest.mark.parametrize("usage", [U.TPK, U.ZPK])
def test_single_des_never_protects_a_pin(usage: KeyUsage) -> None:
    assert A.DES not in ALGORITHMS[usage]
    assert PIN_FORMS[A.DES] == ()


def _uses(vault: SoftwareVault) -> dict[Operation, Callable[[WrappedKey], object]]:
    tpk = vault.generate(usage=U.TPK, algorithm=A.TDES2)
    zpk = vault.generate(usage=U.ZPK, algorithm=A.TDES2)
    seal = vault.generate(usage=U.SEAL, algorithm=A.AES256)
    form, pin = PinFormat.ISO0, Secret(b"123456")
    block = vault.encrypt_pin(key=tpk, pin=pin, pan=PAN, form=form)
    track = Secret(b"6225561620345170D17061010000015500000")
    sealed = vault.seal(key=seal, plaintext=b"", aad=b"")
    translate = vault.translate_pin

    def sealed_by(key: WrappedKey) -> bytes:
        return sealed[:1] + bytes.fromhex(key.kcv) + sealed[5:]

    return {
        Operation.CARRY: lambda key: vault.export_under(kek=key, key=tpk),
        Operation.MAC: lambda key: vault.mac(key=key, data=b"", kind=MacKind.X9_9),
        Operation.MAC_CHECK: lambda key: vault.verify_mac(key=key, data=b"", kind=MacKind.X9_9, mac=b""),
        Operation.PIN_ENCRYPT: lambda key: vault.encrypt_pin(key=key, pin=pin, pan=PAN, form=form),
        Operation.PIN_FROM: lambda key: translate(
            block=block, from_key=key, from_form=form, to_key=zpk, to_form=form, pan=PAN
        ),
        Operation.PIN_TO: lambda key: translate(
            block=block, from_key=tpk, from_form=form, to_key=key, to_form=form, pan=PAN
        ),
        Operation.PIN_VERIFY: lambda key: vault.verify_pin(block=block, key=key, form=form, pan=PAN, expected=pin),
        Operation.TRACK_ENCRYPT: lambda key: vault.encrypt_track(key=key, track=track),
        Operation.TRACK_DECRYPT: lambda key: vault.decrypt_track(key=key, track=Secret(b"0" * 37)),
        Operation.SEAL: lambda key: vault.seal(key=key, plaintext=b"", aad=b""),
        Operation.OPEN: lambda key: vault.open(key=key, sealed=sealed_by(key), aad=b""),
        Operation.TOKEN: lambda key: vault.token(key=key, data=b""),
        Operation.CRYPTOGRAM: lambda key: vault.arqc(key=key, pan=PAN, psn="01", atc=b"\x00\x01", data=b""),
        Operation.COMBINE: lambda key: vault.combine_taken(components=[key, key], usage=U.ZAK, algorithm=A.TDES2),
        Operation.SCRIPT: lambda key: vault._ready(key, Operation.SCRIPT),
        Operation.DERIVE: lambda key: vault._ready(key, Operation.DERIVE),
        Operation.SIGN: lambda key: vault.sign(key=key, data=b""),
        Operation.AEAD_SEAL: lambda key: vault.seal_aead(key=key, nonce=bytes(12), plaintext=b"", aad=b""),
        Operation.AEAD_OPEN: lambda key: vault.open_aead(key=key, nonce=bytes(12), cipher=bytes(16), aad=b""),
    }


@pytest.mark.parametrize(("usage", "operation"), list(itertools.product(KeyUsage, Operation)))
def test_a_key_serves_its_usage_and_nothing_else(vault: SoftwareVault, usage: KeyUsage, operation: Operation) -> None:
    if usage is U.SIGN:
        key = vault.generate_pair()
    else:
        algorithm = min(ALGORITHMS[usage] & {A.TDES2, A.AES256, A.HMAC256}, key=list(KeyAlgorithm).index)
        key = vault.generate(usage=usage, algorithm=algorithm)
    fault: KeyFault | None = None
    try:
        _uses(vault)[operation](key)
    except KeyRefused as refused:
        fault = refused.fault
    # A permitted key may still be refused for what it was given (a ZMK carries no TPK, a random key opens no block).
    if (usage, operation) in MAY and (usage, operation) != (U.ZMK, Operation.CARRY):
        assert fault is not KeyFault.WRONG_USAGE
    else:
        assert fault is KeyFault.WRONG_USAGE


@pytest.mark.parametrize(("kek", "usage"), list(itertools.product([U.ZMK, U.TMK, U.TAK], KeyUsage)))
def test_which_usage_carries_which(kek: KeyUsage, usage: KeyUsage) -> None:
    written = {
        U.ZMK: {U.TMK, U.ZPK, U.ZAK, U.IMK_AC, U.IMK_SMI, U.IMK_SMC, U.BDK, U.IK},
        U.TMK: {U.TPK, U.TAK, U.TDK, U.IK},
        U.TAK: set(),
    }
    if usage in written[kek]:
        require_carrying(kek, A.TDES2, usage, A.TDES2)
    else:
        with pytest.raises(KeyRefused) as refused:
            require_carrying(kek, A.TDES2, usage, A.TDES2)
        assert refused.value.fault is KeyFault.WRONG_USAGE


@pytest.mark.parametrize(
    ("kek", "algorithm"), [(A.TDES2, A.TDES3), (A.TDES2, A.AES128), (A.SM4, A.TDES2), (A.TDES3, A.SM4)]
)
def test_a_key_is_not_carried_by_a_weaker_or_foreign_one(kek: KeyAlgorithm, algorithm: KeyAlgorithm) -> None:
    with pytest.raises(KeyRefused) as refused:
        require_carrying(U.TMK, kek, U.TAK, algorithm)
    assert refused.value.fault is KeyFault.WRONG_ALGORITHM


@pytest.mark.parametrize(("usage", "algorithm"), list(itertools.product(KeyUsage, KeyAlgorithm)))
def test_a_usage_takes_only_its_algorithms(vault: SoftwareVault, usage: KeyUsage, algorithm: KeyAlgorithm) -> None:
    # A pair is made by `generate_pair`.
    if algorithm in ALGORITHMS[usage] and usage is not U.SIGN:
        key = vault.generate(usage=usage, algorithm=algorithm)
        assert (key.usage, key.algorithm) == (usage, algorithm)
    else:
        with pytest.raises(KeyRefused) as refused:
            vault.generate(usage=usage, algorithm=algorithm)
        assert refused.value.fault is KeyFault.WRONG_ALGORITHM
