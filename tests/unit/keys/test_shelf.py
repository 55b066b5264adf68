"""The shelf of ready keys: what was used is counted once, also for keys that fell off, and engines refuse in one form."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest

from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused, KeyUsage, MacKind, SoftwareVault, WrappedKey
from xiaopos.keys.hierarchy import Operation
from xiaopos.keys.software_engine import SoftwareEngine, SoftwareKey

U, A = KeyUsage, KeyAlgorithm


def _uses(vault: SoftwareVault) -> Counter[tuple[str, str, Operation]]:
    found: Counter[tuple[str, str, Operation]] = Counter()
    for use in vault.take_uses():
        found[use.key_id, use.kcv, use.operation] += use.uses
    return found


def _mac(vault: SoftwareVault, key: WrappedKey) -> None:
    vault.mac(key=key, data=b"0200", kind=MacKind.X9_9)


def test_every_use_is_counted_once(vault: SoftwareVault) -> None:
    assert _uses(vault) == Counter()
    tak = vault.generate(usage=U.TAK, algorithm=A.TDES2)
    seal = vault.generate(usage=U.SEAL, algorithm=A.AES256)
    for _ in range(5):
        _mac(vault, tak)
    sealed = vault.seal(key=seal, plaintext=b"", aad=b"")
    vault.open(key=seal, sealed=sealed, aad=b"")
    vault.open(key=seal, sealed=sealed, aad=b"")
    counted = {
        (tak.key_id, tak.kcv, Operation.MAC): 5,
        (seal.key_id, seal.kcv, Operation.SEAL): 1,
        (seal.key_id, seal.kcv, Operation.OPEN): 2,
    }
    assert _uses(vault) == Counter(counted)
    assert _uses(vault) == Counter()
    _mac(vault, tak)
    vault.heed({})
    _mac(vault, tak)
    assert _uses(vault) == Counter({(tak.key_id, tak.kcv, Operation.MAC): 2})


def test_a_key_that_fell_off_the_shelf_keeps_its_count(rng: random.Random) -> None:
    small = SoftwareVault(Secret(rng.randbytes(32)), rng.randbytes, keep=2)
    keys = [small.generate(usage=U.TAK, algorithm=A.DES) for _ in range(6)]
    for _ in range(3):
        for key in keys:
            _mac(small, key)
    assert _uses(small) == Counter({(key.key_id, key.kcv, Operation.MAC): 3 for key in keys})
    assert len(small._counts) <= 2


def test_what_was_refused_is_not_counted(vault: SoftwareVault) -> None:
    tak = vault.generate(usage=U.TAK, algorithm=A.TDES2)
    with pytest.raises(KeyRefused):
        vault.token(key=tak, data=b"")
    assert _uses(vault) == Counter()


def test_an_opened_key_refuses_what_its_algorithm_has_not(rng: random.Random) -> None:
    des, aes = SoftwareKey(A.DES, rng.randbytes(8)), SoftwareKey(A.AES128, rng.randbytes(16))
    mac = SoftwareKey(A.HMAC256, rng.randbytes(32))
    refused: list[tuple[Callable[[], object], KeyFault]] = [
        (lambda: SoftwareKey(A.DES, bytes(7)), KeyFault.WRONG_LENGTH),
        (lambda: des.left, KeyFault.WRONG_ALGORITHM),
        (lambda: des.cmac(b""), KeyFault.WRONG_ALGORITHM),
        (lambda: aes.hmac(b""), KeyFault.WRONG_ALGORITHM),
        (lambda: aes.hmac_sm3(b""), KeyFault.WRONG_ALGORITHM),
        (lambda: mac.whole, KeyFault.WRONG_ALGORITHM),
        (lambda: aes.seal(bytes(12), b"", b""), KeyFault.WRONG_ALGORITHM),
        (lambda: aes.unseal(bytes(12), bytes(16), b""), KeyFault.WRONG_ALGORITHM),
    ]
    for call, fault in refused:
        with pytest.raises(KeyRefused) as why:
            call()
        assert why.value.fault is fault
    assert repr(SoftwareEngine(Secret(bytes(32)), bytes)) == "SoftwareEngine()"
