"""The issuer's side of EMV: known answers, and pyemv as judge on random cards."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from pyemv import ac, kd

from xiaopos.kernel.secret import Pan
from xiaopos.keys import CardPadding, KeyAlgorithm, KeyFault, KeyRefused, KeyUsage, SoftwareVault, WrappedKey
from xiaopos.keys.cryptograms import arpc_1, arqc, card_master_key, session_key
from xiaopos.keys.des import des_cipher

Vector = Callable[[str], Any]
Load = Callable[..., WrappedKey]


def test_known_answers(vector: Vector) -> None:
    emv, visa, by_session, by_atc = vector("emv_arqc_arpc")["vectors"]
    imk = des_cipher(bytes.fromhex(emv["iss_mk"]))
    assert imk.encrypt(bytes(8)).hex().upper().startswith(emv["mk_kcv"])
    icc = card_master_key(imk, Pan(emv["pan"]), emv["psn"])
    assert icc.hex().upper() == emv["icc_mk"]
    sk = session_key(icc, bytes.fromhex(emv["r"]))
    assert sk.hex().upper() == emv["sk"]
    assert arqc(sk, bytes.fromhex(emv["data"]), CardPadding.EMV).hex().upper() == emv["arqc"]
    assert arqc(sk, bytes.fromhex(visa["data"]), CardPadding.ZERO).hex().upper() == visa["arqc"]
    for row, key in ((emv, icc), (visa, icc), (by_session, sk)):
        assert arpc_1(key, bytes.fromhex(row["arqc"]), bytes.fromhex(row["arc"])).hex().upper() == row["arpc1"]
    assert session_key(icc, bytes.fromhex(by_atc["r"])).hex().upper() == by_atc["sk"]


# The judge still takes short 3DES keys from the old place; ours does not.
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_pyemv_agrees_on_random_cards(vault: SoftwareVault, load: Load, rng: random.Random) -> None:
    for round_number in range(150):
        imk = rng.randbytes(16)
        key = load(KeyUsage.IMK_AC, KeyAlgorithm.TDES2, imk)
        pan = "".join(rng.choices("0123456789", k=rng.randint(12, 16)))
        psn = f"{rng.randint(0, 99):02d}"
        atc, data, arc = rng.randbytes(2), rng.randbytes(rng.randint(1, 80)), rng.randbytes(2)
        padding, theirs = rng.choice([(CardPadding.EMV, ac.PaddingType.EMV), (CardPadding.ZERO, ac.PaddingType.VISA)])
        sk = kd.derive_common_sk(kd.derive_icc_mk_a(imk, pan, psn), atc + bytes(6))
        expected = ac.generate_ac(sk, data, theirs)
        ours = vault.arqc(key=key, pan=Pan(pan), psn=psn, atc=atc, data=data, padding=padding)
        assert ours == expected, round_number
        assert vault.verify_arqc(key=key, pan=Pan(pan), psn=psn, atc=atc, data=data, arqc=expected, padding=padding)
        assert not vault.verify_arqc(
            key=key, pan=Pan(pan), psn=psn, atc=atc, data=data + b"\x01", arqc=expected, padding=padding
        )
        answer = vault.arpc(key=key, pan=Pan(pan), psn=psn, atc=atc, arqc=ours, arc=arc)
        assert answer == ac.generate_arpc_1(sk, ours, arc)


@pytest.mark.parametrize("psn", ["", "1", "001", "1a", "１２"])
def test_a_sequence_number_is_two_digits(psn: str) -> None:
    with pytest.raises(KeyRefused) as refused:
        card_master_key(des_cipher(bytes(range(16))), Pan("9901234567890123"), psn)
    assert refused.value.fault is KeyFault.BAD_BLOCK


def test_lengths_are_checked(vault: SoftwareVault) -> None:
    key = vault.generate(usage=KeyUsage.IMK_AC, algorithm=KeyAlgorithm.TDES2)
    pan = Pan("9901234567890123")
    with pytest.raises(KeyRefused, match="an ATC has 2 bytes"):
        vault.arqc(key=key, pan=pan, psn="01", atc=b"\x01", data=b"")
    with pytest.raises(KeyRefused, match="a cryptogram has 8 bytes"):
        vault.arpc(key=key, pan=pan, psn="01", atc=b"\x00\x01", arqc=bytes(7), arc=b"00")
    with pytest.raises(KeyRefused, match="an answer code has 2 bytes"):
        vault.arpc(key=key, pan=pan, psn="01", atc=b"\x00\x01", arqc=bytes(8), arc=b"000")
    with pytest.raises(KeyRefused, match="a diversifier has 8 bytes"):
        session_key(bytes(range(16)), bytes(7))
