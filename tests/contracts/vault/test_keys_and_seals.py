"""Every vault: what it wraps, carries and seals, what comes in and goes out, and what is refused on the way."""

from __future__ import annotations

import dataclasses
import random
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from xiaopos.kernel.secret import Pan, Secret
from xiaopos.keys import (
    KeyAlgorithm,
    KeyFault,
    KeyRefused,
    KeyUsage,
    MacKind,
    PinFormat,
    SoftwareVault,
    Vault,
    WrappedKey,
    sealed_with,
)
from xiaopos.keys.des import des_cipher
from xiaopos.keys.software_vault import check_value

U, A = KeyUsage, KeyAlgorithm
Load = Callable[..., WrappedKey]
Vector = Callable[[str], Any]


def _fault(call: Callable[[], object]) -> KeyFault:
    with pytest.raises(KeyRefused) as refused:
        call()
    return refused.value.fault


# -- keys in and out -------------------------------------------------------------------------------------------------


def test_sign_in_keys_arrive_as_others_sent_them(vault: Vault, load: Load, vector: Vector) -> None:
    known = vector("unionpay_signin_field62_keys")
    field = bytes.fromhex(known["field62_hex"])
    assert len(field) == known["field62_len"] == 40
    tmk = load(U.TMK, A.TDES2, known["tmk"])
    pik = vault.import_under(kek=tmk, cipher=field[:16], check=field[16:20], usage=U.TPK, algorithm=A.TDES2)
    mak = vault.import_under(kek=tmk, cipher=field[20:28], check=field[36:40], usage=U.TAK, algorithm=A.DES)
    assert (pik.kcv, mak.kcv) == (known["pik_check"], known["mak_check"])
    # The clear keys inside are the known ones: another way to bring them gives the same results.
    same = load(U.TAK, A.DES, known["mak"])
    mac = vault.mac(key=mak, data=b"0200", kind=MacKind.UNIONPAY_ECB)
    assert mac == vault.mac(key=same, data=b"0200", kind=MacKind.UNIONPAY_ECB)
    block = vault.encrypt_pin(key=pik, pin=Secret(b"123456"), pan=Pan("6225561620345170"), form=PinFormat.ISO0)
    assert block.hex().upper() == "A09B01CB96390D8F"
    # And they leave as they came.
    out = vault.export_under(kek=tmk, key=pik)
    assert out.cipher + out.check4 == field[:20]
    assert vault.export_under(kek=tmk, key=mak).cipher == field[20:28]


def test_host_and_terminal_share_keys_through_two_vaults(vault: Vault, rng: random.Random) -> None:
    host = vault
    terminal = SoftwareVault(Secret(rng.randbytes(32)), rng.randbytes)
    components = [Secret(rng.randbytes(16)) for _ in range(3)]
    at_host = host.combine(components=components, usage=U.TMK, algorithm=A.TDES2)
    at_terminal = terminal.combine(components=components[::-1], usage=U.TMK, algorithm=A.TDES2)
    assert at_host.kcv == at_terminal.kcv
    assert at_host.blob != at_terminal.blob
    tak = host.generate(usage=U.TAK, algorithm=A.TDES2)
    sent = host.export_under(kek=at_host, key=tak)
    received = terminal.import_under(
        kek=at_terminal, cipher=sent.cipher, check=sent.check4[:3], usage=U.TAK, algorithm=A.TDES2
    )
    mac = terminal.mac(key=received, data=b"0200 sale", kind=MacKind.UNIONPAY_ECB)
    assert host.verify_mac(key=tak, data=b"0200 sale", kind=MacKind.UNIONPAY_ECB, mac=mac)
    assert _fault(lambda: host.mac(key=received, data=b"", kind=MacKind.UNIONPAY_ECB)) is KeyFault.BAD_BLOB


def test_sm4_keys_travel_under_an_sm4_master(vault: Vault, offers_sm4: bool) -> None:
    if not offers_sm4:
        assert _fault(lambda: vault.generate(usage=U.TMK, algorithm=A.SM4)) is KeyFault.NOT_OFFERED
        parts = [Secret(bytes(range(16))), Secret(bytes(16))]
        assert _fault(lambda: vault.combine(components=parts, usage=U.TMK, algorithm=A.SM4)) is KeyFault.NOT_OFFERED
        return
    tmk = vault.generate(usage=U.TMK, algorithm=A.SM4)
    tak = vault.generate(usage=U.TAK, algorithm=A.SM4)
    sent = vault.export_under(kek=tmk, key=tak)
    back = vault.import_under(kek=tmk, cipher=sent.cipher, check=sent.check4, usage=U.TAK, algorithm=A.SM4)
    assert back.kcv == tak.kcv


def test_generated_des_keys_have_odd_parity(vault: Vault, load: Load) -> None:
    carrier = bytes.fromhex("CA5D92598DCA48CE8A4C76361A9269E9")
    tmk = load(U.TMK, A.TDES2, carrier)
    for algorithm in (A.DES, A.TDES2):
        key = vault.generate(usage=U.TAK, algorithm=algorithm)
        clear = des_cipher(carrier).decrypt(vault.export_under(kek=tmk, key=key).cipher)
        assert len(clear) == algorithm.key_length
        assert all(byte.bit_count() % 2 for byte in clear)
        assert check_value(algorithm, clear).hex().upper() == key.kcv


@pytest.mark.parametrize("algorithm", [A.AES128, A.AES256, A.HMAC256])
def test_other_algorithms_have_check_values_of_their_own(vault: Vault, algorithm: KeyAlgorithm) -> None:
    kcvs = {vault.generate(usage=U.ZAK, algorithm=algorithm).kcv for _ in range(20)}
    assert len(kcvs) == 20


def test_components_are_two_or_three_of_the_right_length_that_make_no_weak_key(vault: Vault) -> None:
    part = Secret(bytes(range(16)))

    def combine(*components: Secret) -> Callable[[], object]:
        return lambda: vault.combine(components=components, usage=U.TMK, algorithm=A.TDES2)

    assert _fault(combine()) is KeyFault.WRONG_LENGTH
    assert _fault(combine(part)) is KeyFault.WRONG_LENGTH
    assert _fault(combine(part, part, part, part)) is KeyFault.WRONG_LENGTH
    assert _fault(combine(part, Secret(bytes(8)))) is KeyFault.WRONG_LENGTH
    assert _fault(combine(part, part)) is KeyFault.WEAK_KEY
    assert (
        _fault(lambda: vault.combine(components=[part, part], usage=U.TMK, algorithm=A.DES)) is KeyFault.WRONG_ALGORITHM
    )


def test_what_does_not_fit_is_not_imported(vault: Vault, load: Load) -> None:
    clear = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    tmk = load(U.TMK, A.TDES2, clear)
    cipher = des_cipher(clear)
    good = bytes.fromhex("807A23AD32B36D457AE91FDF927570EA")
    check = bytes.fromhex("8D0A74B8")

    def bring(key: bytes, check: bytes, usage: KeyUsage = U.TPK, algorithm: KeyAlgorithm = A.TDES2) -> KeyFault:
        sent = cipher.encrypt(key)
        return _fault(lambda: vault.import_under(kek=tmk, cipher=sent, check=check, usage=usage, algorithm=algorithm))

    assert bring(good, bytes.fromhex("8D0A74B9")) is KeyFault.CHECK_VALUE
    assert bring(good, bytes.fromhex("8D0A")) is KeyFault.WRONG_LENGTH
    assert bring(good, check + b"\x00") is KeyFault.WRONG_LENGTH
    assert bring(good[:8], check) is KeyFault.WRONG_LENGTH
    assert bring(good, check, usage=U.ZPK) is KeyFault.WRONG_USAGE
    assert bring(good, check, algorithm=A.DES) is KeyFault.WRONG_ALGORITHM
    assert bring(good + good[:8], check, algorithm=A.TDES3) is KeyFault.WRONG_ALGORITHM
    doubled = good[:8] * 2
    assert bring(doubled, des_cipher(doubled).encrypt(bytes(8))[:4]) is KeyFault.WEAK_KEY


def test_what_may_not_be_carried_is_not_exported(vault: Vault) -> None:
    tmk = vault.generate(usage=U.TMK, algorithm=A.TDES2)
    for usage, algorithm, fault in [
        (U.SEAL, A.AES256, KeyFault.WRONG_USAGE),
        (U.TOKEN, A.HMAC256, KeyFault.WRONG_USAGE),
        (U.ZPK, A.TDES2, KeyFault.WRONG_USAGE),
        (U.TMK, A.TDES2, KeyFault.WRONG_USAGE),
        (U.TPK, A.TDES3, KeyFault.WRONG_ALGORITHM),
        (U.TAK, A.AES128, KeyFault.WRONG_ALGORITHM),
    ]:
        key = vault.generate(usage=usage, algorithm=algorithm)
        assert _fault(lambda key=key: vault.export_under(kek=tmk, key=key)) is fault  # type: ignore[misc]  # bound in the loop


# -- the wrapped form ------------------------------------------------------------------------------------------------


def test_a_wrapped_key_cannot_be_renamed_or_altered_even_while_it_is_kept_ready(vault: Vault) -> None:
    tak = vault.generate(usage=U.TAK, algorithm=A.TDES2)

    def use(key: WrappedKey) -> Callable[[], object]:
        return lambda: vault.mac(key=key, data=b"", kind=MacKind.UNIONPAY_ECB)

    use(tak)()
    flipped = tak.blob[:-1] + bytes((tak.blob[-1] ^ 1,))
    for forged in (
        dataclasses.replace(tak, usage=U.ZAK),
        dataclasses.replace(tak, algorithm=A.SM4),
        dataclasses.replace(tak, algorithm=A.DES),
        dataclasses.replace(tak, kcv="00000000"),
        dataclasses.replace(tak, blob=flipped),
        dataclasses.replace(tak, blob=tak.blob[:-1]),
        dataclasses.replace(tak, blob=b""),
    ):
        assert _fault(use(forged)) is KeyFault.BAD_BLOB
    use(WrappedKey.from_text(tak.text()))()


def test_threads_share_a_vault(vault: Vault) -> None:
    key = vault.generate(usage=U.TAK, algorithm=A.TDES2)
    messages = [bytes((number,)) * 100 for number in range(4)]
    expected = [
        (vault.mac(key=key, data=data, kind=MacKind.UNIONPAY_ECB), vault.mac(key=key, data=data, kind=MacKind.X9_19))
        for data in messages
    ]
    wrong: list[str] = []

    def work(number: int) -> None:
        for _ in range(300):
            try:
                made = (
                    vault.mac(key=key, data=messages[number], kind=MacKind.UNIONPAY_ECB),
                    vault.mac(key=key, data=messages[number], kind=MacKind.X9_19),
                )
            except RuntimeError as error:
                wrong.append(repr(error))
            else:
                if made != expected[number]:
                    wrong.append("another thread's answer")

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert wrong == []


# -- our own database ------------------------------------------------------------------------------------------------


def test_what_is_sealed_opens_with_its_key_and_its_place_only(vault: Vault) -> None:
    key = vault.generate(usage=U.SEAL, algorithm=A.AES256)
    other = vault.generate(usage=U.SEAL, algorithm=A.AES256)
    sealed = vault.seal(key=key, plaintext=b"6225561620345170", aad=b"payment 7")
    assert b"6225" not in sealed
    assert sealed_with(sealed) == key.kcv
    assert vault.open(key=key, sealed=sealed, aad=b"payment 7") == b"6225561620345170"
    assert vault.seal(key=key, plaintext=b"6225561620345170", aad=b"payment 7") != sealed
    assert vault.open(key=key, sealed=vault.seal(key=key, plaintext=b"", aad=b""), aad=b"") == b""
    renamed = sealed[:1] + bytes.fromhex(other.kcv) + sealed[5:]
    for attempt in (
        lambda: vault.open(key=key, sealed=sealed, aad=b"payment 8"),
        lambda: vault.open(key=other, sealed=sealed, aad=b"payment 7"),
        lambda: vault.open(key=other, sealed=renamed, aad=b"payment 7"),
        lambda: vault.open(key=key, sealed=sealed[:-1], aad=b"payment 7"),
        lambda: vault.open(key=key, sealed=sealed[:20], aad=b"payment 7"),
        lambda: vault.open(key=key, sealed=b"", aad=b"payment 7"),
    ):
        assert _fault(attempt) is KeyFault.BAD_SEAL


def test_every_altered_byte_of_a_seal_is_noticed(vault: Vault) -> None:
    key = vault.generate(usage=U.SEAL, algorithm=A.AES256)
    sealed = vault.seal(key=key, plaintext=b"secret", aad=b"row")
    for at in range(len(sealed)):
        altered = sealed[:at] + bytes((sealed[at] ^ 1,)) + sealed[at + 1 :]
        assert _fault(lambda altered=altered: vault.open(key=key, sealed=altered, aad=b"row")) is KeyFault.BAD_SEAL  # type: ignore[misc]  # bound in the loop


def test_a_token_is_the_same_each_time_and_another_under_another_key(vault: Vault, load: Load) -> None:
    # RFC 4231 case 2, its short key padded with zeros.
    key = load(U.TOKEN, A.HMAC256, b"Jefe".ljust(32, b"\0"))
    token = vault.token(key=key, data=b"what do ya want for nothing?")
    assert token == "5bdcc146bf60754e6a042426089575c7"
    assert vault.token(key=key, data=b"what do ya want for nothing?") == token
    other = vault.generate(usage=U.TOKEN, algorithm=A.HMAC256)
    assert vault.token(key=other, data=b"what do ya want for nothing?") != token
