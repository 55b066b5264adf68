"""Verification values and PIN offsets: the judges' known answers, the judges on random cards, refusals."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import psec
import psec.cvv
import psec.pin
import pytest
from pyemv import cvv as dynamic

from unit.keys.steps import play
from xiaopos.kernel.secret import Pan
from xiaopos.keys import KeyFault, KeyRefused
from xiaopos.keys.card_keys import MasterKeyOption, SoftwareCardKey, card_key
from xiaopos.keys.card_values import Ibm3624, cvc3, cvv, pvv
from xiaopos.keys.des import des_cipher
from xiaopos.keys.macs import retail_key

Vector = Callable[[str], Any]

# The judges still take short 3DES keys from the old place; ours does not.
JUDGED = pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")


def _ibm(key: bytes, table: str, digits: str, pan: str, start: int, length: int, pad: str) -> tuple[Any, ...]:
    return Ibm3624(table, start, length, pad), des_cipher(key), Pan(pan), digits


def _meanings() -> dict[str, Callable[..., Any]]:
    def pin(*words: Any) -> str:
        rule, cipher, pan, digits = _ibm(*words)
        return str(rule.pin(cipher, pan, digits))

    def offset(*words: Any) -> str:
        rule, cipher, pan, digits = _ibm(*words)
        return str(rule.offset(cipher, pan, digits))

    return {
        "bytes.fromhex": bytes.fromhex,
        "psec.pin.generate_ibm3624_pin": pin,
        "psec.pin.generate_ibm3624_offset": offset,
        "psec.pin.generate_visa_pvv": lambda key, index, clear, pan: pvv(des_cipher(key), Pan(pan), index, clear),
        "cvv.generate_cvv": lambda key, pan, expiry, code: cvv(retail_key(key), Pan(pan), expiry, code),
        "kd.derive_icc_mk_a": lambda key, pan, psn: card_key(SoftwareCardKey(key), Pan(pan), psn, MasterKeyOption.A),
        "tools.key_check_digits": lambda key: key.whole.encrypt(bytes(8)).hex().upper()[:4],
    }


def test_psecs_own_known_answers(vector: Vector) -> None:
    files = vector("psec_mac_pin")["files"]
    cases = files["tests/test_pin.py"] + files["tests/test_cvv.py"]
    assert sum(play(case, _meanings()) for case in cases) == 25


def test_pyemvs_own_known_answers(vector: Vector) -> None:
    for case in vector("emv_arqc_arpc_script_pyemv")["files"]["tests/test_cvv_hsm.py"]:
        known = {step["set"]: step["to"] for step in case["steps"] if "set" in step}
        issuer = SoftwareCardKey(bytes.fromhex(known["iss_cvc3"][4:]))
        card = card_key(issuer, Pan(known["pan"]), known["psn"], MasterKeyOption.A)
        track = known["track2"] if "track2" in known else known["track1"]
        data = track["ascii"].encode() if isinstance(track, dict) else bytes.fromhex(track[4:])
        made = cvc3(card, data, bytes.fromhex(known["atc"][4:]), bytes.fromhex(known["un"][4:]))
        assert made[-3:] == case["steps"][-1]["expect"][1]


@JUDGED
def test_the_judges_agree_on_random_cards(rng: random.Random) -> None:
    for _ in range(150):
        key, pan = rng.randbytes(16), "".join(rng.choices("0123456789", k=rng.randint(16, 19)))
        pin = "".join(rng.choices("0123456789", k=4))
        assert pvv(des_cipher(key), Pan(pan), "3", pin) == psec.pin.generate_visa_pvv(key, "3", pin, pan)
        judged = psec.cvv.generate_cvv(key, pan, "2912", "201")
        assert cvv(retail_key(key), Pan(pan), "2912", "201")[: len(judged)] == judged
        track, atc, number = rng.randbytes(19), rng.randbytes(2), rng.randbytes(4)
        assert int(cvc3(SoftwareCardKey(key), track, atc, number)) == int(
            dynamic.generate_cvc3(key, track, atc, number)
        )
        rule = Ibm3624(start=rng.randint(0, 4), length=12, pad="A")
        offset = psec.pin.generate_ibm3624_offset(key, rule.table, pin, pan, rule.start, 12, "A")
        assert rule.offset(des_cipher(key), Pan(pan), pin) == offset
        assert rule.pin(des_cipher(key), Pan(pan), offset) == pin


CIPHER, PAIR, PAN = des_cipher(bytes(range(16))), retail_key(bytes(range(16))), Pan("6225561620345170")


@pytest.mark.parametrize(
    "ask",
    [
        lambda: cvv(PAIR, PAN, "29", "201"),
        lambda: cvv(PAIR, PAN, "2912", "20x"),
        lambda: pvv(CIPHER, PAN, "12", "1234"),
        lambda: pvv(CIPHER, PAN, "1", "123"),
        lambda: pvv(CIPHER, PAN, "1", "１２３４"),
        lambda: Ibm3624(table="0123456789ABCDEF"),
        lambda: Ibm3624(pad="G"),
        lambda: Ibm3624(pad=""),
        lambda: Ibm3624(start=-1),
        lambda: Ibm3624(length=0),
        lambda: Ibm3624(length=17),
        lambda: Ibm3624(start=4, length=14).natural_pin(CIPHER, PAN),
        lambda: Ibm3624().pin(CIPHER, PAN, "123"),
        lambda: Ibm3624().offset(CIPHER, PAN, "1234567890123"),
    ],
)
def test_what_does_not_fit_is_refused(ask: Callable[[], object]) -> None:
    with pytest.raises(KeyRefused) as refused:
        ask()
    assert refused.value.fault is KeyFault.BAD_BLOCK


def test_a_dynamic_value_needs_its_counters() -> None:
    for atc, number in [(b"1", b"1234"), (b"12", b"123")]:
        with pytest.raises(KeyRefused) as refused:
            cvc3(PAIR, b"track", atc, number)
        assert refused.value.fault is KeyFault.WRONG_LENGTH
