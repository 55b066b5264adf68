"""What only the PKCS#11 vault has: a token that is opened and prepared, failures of it, and where clear keys are not.

What it shares with every vault is in tests/contracts/vault.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, PKCS11Error, Session

from devtools import softhsm
from xiaopos.kernel.secret import Pan, Secret
from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused, KeyUsage, MacKind, PinFormat, Vault
from xiaopos.keys import pkcs11_engine as engine_module
from xiaopos.keys.des import des_cipher, odd_parity
from xiaopos.keys.pkcs11_engine import BINDING, WRAPPING, Pkcs11Engine, TokenKey
from xiaopos.keys.pkcs11_vault import Pkcs11Vault, open_token, prepare_token
from xiaopos.keys.shelf import key_binding

U, A = KeyUsage, KeyAlgorithm
PIN = Secret(softhsm.PIN.encode())
CLEAR = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")


@pytest.fixture
def vault(token_session: Session) -> Pkcs11Vault:
    """A vault on the run's token."""
    return Pkcs11Vault(token_session)


@pytest.fixture
def engine(token_session: Session) -> Pkcs11Engine:
    """The engine below it."""
    return Pkcs11Engine(token_session)


def _fault(call: Callable[[], object]) -> KeyFault:
    with pytest.raises(KeyRefused) as refused:
        call()
    return refused.value.fault


def _brought(vault: Vault, usage: KeyUsage, algorithm: KeyAlgorithm, clear: bytes) -> Any:
    parts = [Secret(bytes(byte ^ 0x5A for byte in clear)), Secret(b"\x5a" * len(clear))]
    return vault.combine(components=parts, usage=usage, algorithm=algorithm)


def test_it_is_what_production_asks_for(vault: Pkcs11Vault) -> None:
    assert vault.is_certified
    assert not vault.is_hardware  # SoftHSM2 does not pretend to be
    assert repr(vault) == "Pkcs11Vault()"


# -- where clear keys are not ----------------------------------------------------------------------------------------


def _reachable(*roots: object) -> bytes:
    """Every byte string and text that can be reached from here, in one piece."""
    seen: set[int] = set()
    found: list[bytes] = []
    waiting = list(roots)
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, (types.ModuleType, types.FunctionType, type)):
            continue
        seen.add(id(each))
        if isinstance(each, (bytes, bytearray)):
            found.append(bytes(each))
        elif isinstance(each, str):
            found.append(each.encode())
        waiting.extend(gc.get_referents(each))
    return b"|".join(found)


def test_no_clear_key_stays_in_this_process(vault: Pkcs11Vault) -> None:
    tmk = _brought(vault, U.TMK, A.TDES2, CLEAR)
    tpk = vault.generate(usage=U.TPK, algorithm=A.TDES2)
    tak = vault.generate(usage=U.TAK, algorithm=A.TDES2)
    sent = [vault.export_under(kek=tmk, key=key).cipher for key in (tpk, tak)]
    again = vault.import_under(kek=tmk, cipher=sent[1], check=bytes.fromhex(tak.kcv), usage=U.TAK, algorithm=A.TDES2)
    vault.mac(key=again, data=b"0200", kind=MacKind.X9_19)
    vault.mac(key=tak, data=b"0200", kind=MacKind.UNIONPAY_ECB)
    vault.encrypt_pin(key=tpk, pin=Secret(b"123456"), pan=Pan("6225561620345170"), form=PinFormat.ISO0)
    clear = [CLEAR, *(des_cipher(CLEAR).decrypt(cipher) for cipher in sent)]
    seen = _reachable(vault, tmk, tpk, tak, again, *map(repr, (vault, tmk, tpk, tak)))
    assert len(seen) > 200  # the walk found blobs
    for key in clear:
        assert key not in seen
        assert key[:8] not in seen
        assert key.hex().encode() not in seen.lower()


def test_the_token_lets_nobody_read_a_key_in_use(vault: Pkcs11Vault, engine: Pkcs11Engine) -> None:
    tak = vault.generate(usage=U.TAK, algorithm=A.TDES2)
    held = engine.unwrap(tak, key_binding(tak.usage, tak.algorithm, tak.kcv)).held
    with pytest.raises(PKCS11Error):
        held[Attribute.VALUE]


@pytest.mark.parametrize("label", [WRAPPING, BINDING])
def test_the_keys_that_stay_can_neither_be_read_nor_carried_out(token_session: Session, label: str) -> None:
    (key,) = token_session.get_objects({Attribute.LABEL: label})
    with pytest.raises(PKCS11Error):
        key[Attribute.VALUE]
    assert key[Attribute.EXTRACTABLE] is False
    assert key[Attribute.ENCRYPT] is key[Attribute.DECRYPT] is False


def test_objects_leave_the_token_with_the_keys_that_hold_them(token_session: Session) -> None:
    def objects() -> int:
        return sum(1 for _ in token_session.get_objects({Attribute.TOKEN: False}))

    gc.collect()
    before = objects()
    vault = Pkcs11Vault(token_session, keep=4)
    keys = [vault.generate(usage=U.TAK, algorithm=A.TDES2) for _ in range(20)]
    for key in keys:
        vault.mac(key=key, data=b"", kind=MacKind.X9_19)
    assert objects() <= before + 2 * 4
    del vault
    gc.collect()
    assert objects() == before


# -- its algorithms --------------------------------------------------------------------------------------------------


def test_a_carried_key_has_odd_parity_and_a_carrier_of_each_length_works(vault: Pkcs11Vault) -> None:
    for algorithm, length in ((A.TDES2, 16), (A.TDES3, 24)):
        clear = odd_parity(bytes(range(1, length + 1)))
        tmk = _brought(vault, U.TMK, algorithm, clear)
        for carried in (A.DES, A.TDES2):
            key = vault.generate(usage=U.TAK, algorithm=carried)
            found = des_cipher(clear).decrypt(vault.export_under(kek=tmk, key=key).cipher)
            assert found == odd_parity(found)
            assert des_cipher(found).encrypt(bytes(8))[:4].hex().upper() == key.kcv


def test_keys_refuse_what_their_algorithm_has_not(engine: Pkcs11Engine) -> None:
    des = engine.generate(A.DES).opened
    aes = engine.generate(A.AES128).opened
    mac = engine.generate(A.HMAC256).opened
    assert (repr(des), repr(aes)) == ("TokenKey(des)", "TokenKey(aes128)")
    assert repr(engine) == "Pkcs11Engine()"
    for call in (
        lambda: des.left,
        lambda: des.cmac(b""),
        lambda: aes.hmac(b""),
        lambda: mac.whole,
        lambda: aes.seal(bytes(12), b"", b""),
        lambda: aes.unseal(bytes(12), bytes(16), b""),
    ):
        assert _fault(call) is KeyFault.WRONG_ALGORITHM
    assert _fault(lambda: des.variant(bytes(16))) is KeyFault.NOT_OFFERED
    assert _fault(lambda: mac.hmac_sm3(b"")) is KeyFault.NOT_OFFERED
    assert _fault(lambda: engine.load(A.DES, bytes(7))) is KeyFault.WRONG_LENGTH


def test_no_randomness_is_asked_for_nothing(engine: Pkcs11Engine) -> None:
    assert engine.entropy(0) == b""
    assert len(engine.entropy(12)) == 12


# -- a token that fails ----------------------------------------------------------------------------------------------


class _Broken:
    """A pretend object and session whose token has been pulled out."""

    def __getattr__(self, name: str) -> Callable[..., object]:
        def fails(*_: object, **__: object) -> object:
            raise PKCS11Error

        return fails

    def __getitem__(self, name: object) -> object:
        raise PKCS11Error


def test_a_failing_token_is_one_refusal(engine: Pkcs11Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    key = engine.generate(A.TDES2)
    aes = engine.generate(A.AES256)
    blob = key.wrap(b"x")
    whole = engine.unwrap_object(A.DES, blob[1:33])
    broken: Any = _Broken()
    for opened in (key.opened, aes.opened):
        monkeypatch.setattr(opened._held, "_key", broken)
    calls: list[Callable[[], object]] = [
        lambda: key.opened.whole.encrypt(bytes(8)),
        lambda: key.opened.whole.decrypt(bytes(8)),
        lambda: key.opened.whole.cbc_last(bytes(8)),
        lambda: key.opened.derive(bytes(16)),
        lambda: aes.opened.cmac(b""),
        lambda: aes.opened.seal(bytes(12), b"", b""),
        lambda: engine_module._only(broken, WRAPPING),
        lambda: prepare_token(broken),
    ]
    for name, more in (
        (
            "_session",
            [lambda: engine.entropy(8), lambda: engine.generate(A.AES128), lambda: engine.load(A.DES, CLEAR[:8])],
        ),
        ("_wrapping", [lambda: engine.unwrap_object(A.DES, blob[1:33]), lambda: engine.wrap_object(whole.key)]),
        ("_binding", [lambda: engine.bound(b"", b"")]),
    ):
        monkeypatch.setattr(engine, name, broken)
        calls += more
    for call in calls:
        assert _fault(call) is KeyFault.OUT_OF_REACH


def test_a_token_that_reads_no_key_out_lets_none_be_exported(
    vault: Pkcs11Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmk, tak = (vault.generate(usage=usage, algorithm=A.TDES2) for usage in (U.TMK, U.TAK))
    monkeypatch.setattr(engine_module, "_READABLE", engine_module._HELD)
    assert _fault(lambda: vault.export_under(kek=tmk, key=tak)) is KeyFault.NOT_OFFERED


def test_what_is_wrong_with_a_token_is_said(token_module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, label, pin, why in (
        ("/nowhere/module.so", softhsm.LABEL, PIN, "no PKCS#11 module at /nowhere/module.so"),
        (token_module, "other", PIN, "no token labelled 'other'"),
    ):
        with pytest.raises(KeyRefused, match=why) as refused:
            open_token(module, label, pin)
        assert refused.value.fault is KeyFault.OUT_OF_REACH
    monkeypatch.setattr("xiaopos.keys.pkcs11_vault.NEEDED", (Mechanism.AES_GCM, Mechanism.SEED_ECB))
    with pytest.raises(KeyRefused, match="has no SEED_ECB") as refused:
        open_token(token_module, softhsm.LABEL, PIN)
    assert refused.value.fault is KeyFault.NOT_OFFERED


def test_a_prepared_token_is_not_prepared_again_and_two_keys_of_one_name_are_refused(token_session: Session) -> None:
    assert prepare_token(token_session) is False
    second = token_session.generate_key(KeyType.AES, 256, label=WRAPPING, store=False)
    try:
        with pytest.raises(KeyRefused, match="2 keys named 'xiaopos wrap 1'"):
            Pkcs11Vault(token_session)
    finally:
        second.destroy()


IN_ANOTHER_PROCESS = """
import sys
from devtools import softhsm
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyRefused, KeyUsage, MacKind
from xiaopos.keys.pkcs11_vault import Pkcs11Vault, open_token, prepare_token

module = sys.argv[1]
try:
    open_token(module, softhsm.LABEL, Secret(b"99999999"))
except KeyRefused as refused:
    print(refused)
session = open_token(module, softhsm.LABEL, Secret(softhsm.PIN.encode()), writes=True)
try:
    open_token(module, softhsm.LABEL, Secret(softhsm.PIN.encode()))
except KeyRefused as refused:
    print(refused)
try:
    Pkcs11Vault(session)
except KeyRefused as refused:
    print(refused)
print(prepare_token(session), prepare_token(session))
vault = Pkcs11Vault(session)
key = vault.generate(usage=KeyUsage.TAK, algorithm=KeyAlgorithm.TDES2)
print(len(vault.mac(key=key, data=b"0200", kind=MacKind.X9_19)))
vault.close()
"""


def test_a_token_is_opened_prepared_and_left(token_module: str, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS, token_module],
        env={**os.environ, **softhsm.make_token(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.splitlines() == [
        "out_of_reach: the PIN of the token 'xiaopos test' is another one",
        "out_of_reach: the token did not do it (UserAlreadyLoggedIn)",
        "out_of_reach: the token holds 0 keys named 'xiaopos wrap 1', not one",
        "True False",
        "8",
    ]


def test_the_demo_never_loads_the_module() -> None:
    code = "import sys, xiaopos.keys, xiaopos.wiring; print('pkcs11' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


def test_the_unwrapped_left_half_is_the_one_that_was_wrapped(vault: Pkcs11Vault, engine: Pkcs11Engine) -> None:
    tak = _brought(vault, U.TAK, A.TDES2, CLEAR)
    opened: TokenKey = engine.unwrap(tak, key_binding(tak.usage, tak.algorithm, tak.kcv))
    assert opened.left.encrypt(bytes(8)) == des_cipher(CLEAR[:8]).encrypt(bytes(8))
    assert opened.left is opened.left
    assert engine.wrap_object(opened.held) == tak.blob[1:33]
    assert opened.held[Attribute.CLASS] is ObjectClass.SECRET_KEY
