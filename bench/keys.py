"""A vault's operations per second beside the `cryptography` primitives underneath, for both vaults.

What may live here: what is asked of a vault, the same work with bare primitives, the interleaved measuring. What may not:
whether the answers are right (tests/unit/keys and tests/contracts/vault judge that).

The bare side (`bench.bare_keys`) has the clear keys and ready contexts, checks nothing, and does what the standard's
formula needs and no more; both sides run one after the other in every round. The PKCS#11 vault runs on SoftHSM2 where it
is installed.
"""

from __future__ import annotations

import os
import platform
import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from bench import bare_keys as bare
from devtools import softhsm
from xiaopos.kernel.secret import Pan, Secret
from xiaopos.keys import KeyAlgorithm, KeyUsage, MacKind, PinFormat, SoftwareVault, WrappedKey, sm2
from xiaopos.keys.dukpt_ksn import Ksn
from xiaopos.keys.pkcs11_vault import Pkcs11Vault, open_token, prepare_token
from xiaopos.keys.wider_vault import DukptKey, DukptWay, WiderVault

U, A, K = KeyUsage, KeyAlgorithm, MacKind
SECONDS = 0.05
"""How long one side runs in one round, at least."""
PAN, PIN = Pan("6225561620345170"), Secret(b"123456")
MESSAGE = random.Random(20260801).randbytes(300)
TDES_KSN, AES_KSN = Ksn.from_text("FFFF9876543210E0AAAA"), Ksn.from_text("1234567890123456000AAAAA")
Work = Callable[[], object]


class Case(NamedTuple):
    """One operation: of the vault, and with bare primitives."""

    name: str
    subject: Work
    baseline: Work


def _clear(length: int) -> bytes:
    return random.Random(length).randbytes(length)


def _load(vault: WiderVault, usage: KeyUsage, algorithm: KeyAlgorithm) -> WrappedKey:
    """A key whose clear value the bare side has too."""
    clear = _clear(algorithm.key_length)
    parts = [Secret(bytes(len(clear) - 1) + b"\1"), Secret(clear[:-1] + bytes((clear[-1] ^ 1,)))]
    return vault.combine(components=parts, usage=usage, algorithm=algorithm)


_MACS = (
    (A.DES, K.UNIONPAY_ECB), (A.TDES2, K.UNIONPAY_ECB), (A.SM4, K.UNIONPAY_ECB), (A.TDES2, K.X9_9), (A.TDES2, K.X9_19),
    (A.TDES2, K.ALG3_PAD2), (A.TDES2, K.DES_CMAC), (A.AES128, K.AES_CMAC), (A.SM4, K.SM4_CMAC), (A.HMAC256, K.HMAC_SHA256),
)  # fmt: skip


def _mac_cases(vault: WiderVault) -> Iterator[Case]:
    for algorithm, kind in _MACS:
        if algorithm is A.SM4 and not isinstance(vault, SoftwareVault):
            continue
        key = _load(vault, U.TAK, algorithm)
        yield Case(
            f"mac {kind.value} {algorithm.value}",
            lambda key=key, kind=kind: vault.mac(key=key, data=MESSAGE, kind=kind),  # type: ignore[misc]  # defaults bind the loop's values
            bare.mac(kind, algorithm, _clear(algorithm.key_length), MESSAGE),
        )


def _pin_cases(vault: WiderVault) -> Iterator[Case]:
    for algorithm, form in ((A.TDES2, PinFormat.ISO0), (A.AES128, PinFormat.ISO4)):
        tpk, zpk = _load(vault, U.TPK, algorithm), _load(vault, U.ZPK, algorithm)
        block = vault.encrypt_pin(key=tpk, pin=PIN, pan=PAN, form=form)
        yield Case(
            f"translate pin {form.value}",
            lambda tpk=tpk, zpk=zpk, block=block, form=form: vault.translate_pin(  # type: ignore[misc]  # defaults bind the loop's values
                block=block, from_key=tpk, from_form=form, to_key=zpk, to_form=form, pan=PAN
            ),
            bare.pin_translation(algorithm, _clear(algorithm.key_length), block),
        )


def _card_and_data_cases(vault: WiderVault) -> Iterator[Case]:
    imk, seal = _load(vault, U.IMK_AC, A.TDES2), _load(vault, U.SEAL, A.AES256)
    atc, data = b"\x00\x1a", MESSAGE[:32]
    arqc = vault.arqc(key=imk, pan=PAN, psn="01", atc=atc, data=data)
    sealed = vault.seal(key=seal, plaintext=MESSAGE[:64], aad=b"card")
    opens = vault.open
    yield Case(
        "verify arqc",
        lambda: vault.verify_arqc(key=imk, pan=PAN, psn="01", atc=atc, data=data, arqc=arqc),
        bare.cryptogram(_clear(16), data),
    )
    yield Case(
        "seal",
        lambda: vault.seal(key=seal, plaintext=MESSAGE[:64], aad=b"card"),
        bare.sealing(_clear(32), MESSAGE[:64]),
    )
    yield Case("open", lambda: opens(key=seal, sealed=sealed, aad=b"card"), bare.opening(_clear(32), MESSAGE[:64]))


def _block_cases(vault: WiderVault) -> Iterator[Case]:
    for algorithm in (A.TDES2, A.AES256):
        kek, key = _load(vault, U.TMK, algorithm), vault.generate(usage=U.TPK, algorithm=A.TDES2)
        block = vault.export_block(kek=kek, key=key)
        same = bare.key_block(algorithm, _clear(algorithm.key_length), len(block))
        name = f"version {block[0]}"
        yield Case(f"wrap key block {name}", lambda kek=kek, key=key: vault.export_block(kek=kek, key=key), same)  # type: ignore[misc]  # defaults bind the loop's values
        yield Case(
            f"unwrap key block {name}",
            lambda kek=kek, block=block: vault.import_block(kek=kek, block=block, usage=U.TPK),  # type: ignore[misc]  # defaults bind the loop's values
            same,
        )


def _dukpt_cases(vault: WiderVault) -> Iterator[Case]:
    for algorithm, ksn, kind in ((A.TDES2, TDES_KSN, K.X9_19), (A.AES128, AES_KSN, K.AES_CMAC)):
        at = DukptKey(_load(vault, U.BDK, algorithm), ksn)
        yield Case(
            f"dukpt {ksn.kind.name.lower()}, {ksn.counter.bit_count()} steps, and a mac",
            lambda at=at, kind=kind: vault.dukpt_mac(at=at, data=MESSAGE, kind=kind, way=DukptWay.REQUEST),  # type: ignore[misc]  # defaults bind the loop's values
            bare.dukpt(algorithm, _clear(algorithm.key_length), ksn.counter.bit_count(), MESSAGE),
        )


def _national_cases() -> Iterator[Case]:
    """SM2 and SM3 have no vault underneath: SM2 beside ECDSA on P-256, SM3 beside the primitive."""
    rng = random.Random(2)
    private = sm2.PrivateKey.generate(rng.randbytes)
    signature = private.sign(MESSAGE, rng.randbytes)
    sign, verify = bare.ecdsa(MESSAGE)
    yield Case("sm3", lambda: sm2.sm3(MESSAGE), bare.sm3(MESSAGE))
    yield Case("sm2 sign (beside ECDSA P-256)", lambda: private.sign(MESSAGE, rng.randbytes), sign)
    yield Case("sm2 verify (beside ECDSA P-256)", lambda: sm2.verify(private.public, MESSAGE, signature), verify)


def _rate(work: Work) -> float:
    """Operations per second, over at least SECONDS."""
    count, spent = 0, 0.0
    batch = 1
    while spent < SECONDS:
        started = perf_counter()
        for _ in range(batch):
            work()
        spent += perf_counter() - started
        count += batch
        batch *= 2
    return count / spent


def _row(subject: str, case: Case, rounds: int) -> dict[str, Any]:
    _rate(case.subject), _rate(case.baseline)
    rates = [(_rate(case.subject), _rate(case.baseline)) for _ in range(rounds)]
    samples, baseline = [mine for mine, _ in rates], [other for _, other in rates]
    return {
        "bench": f"keys {case.name}", "subject": subject, "baseline": "cryptography", "unit": "operations/s",
        "median": statistics.median(samples), "samples": samples, "baseline_samples": baseline,
        "ratio": statistics.median(mine / other for mine, other in rates),
        "ratio_per_round": [mine / other for mine, other in rates],
        "versions": {"python": platform.python_version(), "cryptography": version("cryptography")},
    }  # fmt: skip


def _cases(vault: WiderVault) -> Iterator[Case]:
    yield from _mac_cases(vault)
    yield from _pin_cases(vault)
    yield from _card_and_data_cases(vault)
    yield from _block_cases(vault)
    yield from _dukpt_cases(vault)


@contextmanager
def _token_vault() -> Iterator[WiderVault | None]:
    """The PKCS#11 vault on a token of its own; None, with a word about it, where SoftHSM2 is not installed."""
    library = softhsm.find()
    if library is None:
        print(softhsm.missing(), file=sys.stderr)
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= softhsm.make_token(Path(folder))
        session = open_token(library, softhsm.LABEL, Secret(softhsm.PIN.encode()), writes=True)
        prepare_token(session)
        vault = Pkcs11Vault(session)
        yield vault
        vault.close()


def measure(rounds: int) -> list[dict[str, Any]]:
    """Every operation on the software vault, then on the token, then what needs no vault."""
    software = SoftwareVault(Secret(_clear(32)), os.urandom)
    rows = [_row("software vault", case, rounds) for case in _cases(software)]
    with _token_vault() as token:
        if token is not None:
            rows += [_row("PKCS#11 vault (SoftHSM2)", case, rounds) for case in _cases(token)]
    return rows + [_row("xiaopos.keys", case, rounds) for case in _national_cases()]
