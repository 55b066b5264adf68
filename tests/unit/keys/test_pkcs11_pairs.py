"""What only the PKCS#11 vault has of RSA pairs: objects that cannot be read, failures of the token, where clear keys are not."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from pkcs11 import Attribute, MechanismInvalid, PKCS11Error, Session

from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused, KeyUsage
from xiaopos.keys.pkcs11_engine import BINDING, WRAPPING
from xiaopos.keys.pkcs11_pairs import PairEngine
from xiaopos.keys.pkcs11_vault import Pkcs11Vault
from xiaopos.keys.rsa_pairs import pkcs8
from xiaopos.keys.shelf import key_binding

A = KeyAlgorithm


@pytest.fixture
def vault(token_session: Session) -> Pkcs11Vault:
    """A vault on the run's token."""
    return Pkcs11Vault(token_session)


@pytest.fixture
def engine(token_session: Session) -> PairEngine:
    """Its engine alone."""
    return PairEngine(token_session)


@pytest.fixture(scope="module")
def owner() -> rsa.RSAPrivateKey:
    """A merchant's own key."""
    return rsa.generate_private_key(65537, 2048)


def _fault(call: Callable[[], object]) -> KeyFault:
    with pytest.raises(KeyRefused) as refused:
        call()
    return refused.value.fault


class _Failing:
    """A pretend object or session whose token answers with one error."""

    def __init__(self, error: PKCS11Error) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Callable[..., object]:
        def fails(*_: object, **__: object) -> object:
            raise self._error

        return fails


def test_a_private_half_in_use_cannot_be_read(vault: Pkcs11Vault, engine: PairEngine, owner: rsa.RSAPrivateKey) -> None:
    made = vault.generate_pair(algorithm=A.RSA2048)
    brought = vault.import_pair(private=Secret(pkcs8(owner)), algorithm=None)
    for pair in (made, brought):
        opened = engine.unwrap(pair, key_binding(pair.usage, pair.algorithm, pair.kcv))
        held = opened.held
        assert held[Attribute.SENSITIVE] is True
        for secret in (Attribute.PRIVATE_EXPONENT, Attribute.PRIME_1):
            with pytest.raises(PKCS11Error):
                held[secret]
    numbers = owner.private_numbers()
    for clear in (numbers.d, numbers.p, numbers.q):
        assert clear.to_bytes((clear.bit_length() + 7) // 8, "big") not in brought.blob


def test_a_token_without_rsa_says_so_and_serves_on(
    engine: PairEngine, owner: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = engine.generate(A.RSA2048)
    binding = key_binding(KeyUsage.SIGN, A.RSA2048, "00000000")
    for error, fault in ((MechanismInvalid(), KeyFault.NOT_OFFERED), (PKCS11Error(), KeyFault.OUT_OF_REACH)):
        failing: Any = _Failing(error)
        with monkeypatch.context() as patched:
            patched.setattr(engine, "_session", failing)
            assert _fault(lambda: engine.generate(A.RSA2048)) is fault
            assert _fault(lambda: engine.load(A.RSA2048, pkcs8(owner))) is fault
        with monkeypatch.context() as patched:
            patched.setattr(engine, "_wrapping", failing)
            assert _fault(lambda: pair.wrap(binding)) is fault


def test_a_token_that_fails_while_a_pair_is_fetched_is_one_refusal(
    vault: Pkcs11Vault, token_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = vault.generate_pair(algorithm=A.RSA2048)
    failing: Any = _Failing(PKCS11Error())
    monkeypatch.setattr(vault._engine, "_wrapping", failing)
    assert _fault(lambda: vault.sign(key=pair, data=b"")) is KeyFault.OUT_OF_REACH
    assert {key[Attribute.LABEL] for key in token_session.get_objects({Attribute.TOKEN: True})} >= {WRAPPING, BINDING}


def test_objects_of_pairs_leave_the_token_too(token_session: Session) -> None:
    def objects() -> int:
        return sum(1 for _ in token_session.get_objects({Attribute.TOKEN: False}))

    gc.collect()
    before = objects()
    vault = Pkcs11Vault(token_session, keep=4)
    pairs = [vault.generate_pair(algorithm=A.RSA2048) for _ in range(4)]
    assert objects() == before
    for pair in pairs:
        vault.sign(key=pair, data=b"")
    assert objects() <= before + 4
    del vault
    gc.collect()
    assert objects() == before


def test_a_key_that_is_no_pair_has_no_public_half(engine: PairEngine) -> None:
    key = engine.generate(A.AES256).opened
    assert _fault(key.public) is KeyFault.WRONG_ALGORITHM
    assert _fault(lambda: key.sign(b"")) is KeyFault.WRONG_ALGORITHM
