"""Every vault: the known answers of every operation, and which key may do what in which state."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from xiaopos.kernel.secret import Pan, Secret
from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused, KeyState, KeyUsage, MacKind, PinFormat, Vault, WrappedKey
from xiaopos.keys.hierarchy import ALGORITHMS, MAC_KINDS, OPERATIONS, Operation
from xiaopos.keys.macs import hmac_sm3
from xiaopos.keys.states import serves

U, A = KeyUsage, KeyAlgorithm
Load = Callable[..., WrappedKey]
PAN = Pan("6225561620345170")
PIN = Secret(b"123456")
DOUBLE = "0123456789ABCDEFFEDCBA9876543210"
PIK = "807A23AD32B36D457AE91FDF927570EA"
TRACK = Secret(b"6225561620345170D17061010000015500000")


def _fault(call: Callable[[], object]) -> KeyFault | None:
    try:
        call()
    except KeyRefused as refused:
        return refused.fault
    return None


# -- known answers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("algorithm", "key", "kind", "data", "mac"),
    [
        (A.DES, "C24A8FB57AA20123", MacKind.UNIONPAY_ECB, bytes.fromhex("4D08F434464FE7BF"), b"8A9E91B8"),
        (A.TDES2, "AA" * 8 + "BB" * 8, MacKind.X9_9, b"hello world", bytes.fromhex("68D9038F23360DF3")),
        (A.TDES2, DOUBLE, MacKind.X9_19, b"hello world", bytes.fromhex("F016D5B2651AE40A")),
        # NIST SP 800-38B, example 2
        (
            A.AES128,
            "2B7E151628AED2A6ABF7158809CF4F3C",
            MacKind.AES_CMAC,
            bytes.fromhex("6BC1BEE22E409F96E93D7E117393172A"),
            bytes.fromhex("070A16B46B4D4144F79BDD9DD04A287C"),
        ),
        (
            A.AES128,
            "2B7E151628AED2A6ABF7158809CF4F3C",
            MacKind.AES_CMAC_8,
            bytes.fromhex("6BC1BEE22E409F96E93D7E117393172A"),
            bytes.fromhex("070A16B46B4D4144"),
        ),
    ],
)
def test_a_known_mac(
    vault: Vault, load: Load, algorithm: KeyAlgorithm, key: str, kind: MacKind, data: bytes, mac: bytes
) -> None:
    tak = load(U.TAK, algorithm, key)
    assert vault.mac(key=tak, data=data, kind=kind) == mac
    assert vault.verify_mac(key=tak, data=data, kind=kind, mac=mac)
    assert not vault.verify_mac(key=tak, data=data + b"\x01", kind=kind, mac=mac)
    assert not vault.verify_mac(key=tak, data=data, kind=kind, mac=mac[:-1])


def test_a_known_hmac(vault: Vault, load: Load) -> None:
    # RFC 4231 case 2, its short key padded with zeros.
    key = load(U.ZAK, A.HMAC256, b"Jefe".ljust(32, b"\0"))
    mac = vault.mac(key=key, data=b"what do ya want for nothing?", kind=MacKind.HMAC_SHA256)
    assert mac.hex() == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"


def test_an_hmac_with_sm3_where_it_is_offered(vault: Vault, load: Load, offers_sm3: bool) -> None:
    key = load(U.ZAK, A.HMAC256, bytes(range(32)))
    if not offers_sm3:
        assert _fault(lambda: vault.mac(key=key, data=b"0200", kind=MacKind.HMAC_SM3)) is KeyFault.NOT_OFFERED
        return
    mac = vault.mac(key=key, data=b"0200", kind=MacKind.HMAC_SM3)
    assert mac == hmac_sm3(bytes(range(32)))(b"0200")
    assert vault.verify_mac(key=key, data=b"0200", kind=MacKind.HMAC_SM3, mac=mac)
    assert not vault.verify_mac(key=key, data=b"0201", kind=MacKind.HMAC_SM3, mac=mac)


@pytest.mark.parametrize("algorithm", sorted(MAC_KINDS, key=str))
def test_a_key_makes_the_macs_of_its_algorithm_and_no_others(
    vault: Vault, offers_sm3: bool, offers_sm4: bool, algorithm: KeyAlgorithm
) -> None:
    if algorithm not in ALGORITHMS[U.TAK]:
        return
    if algorithm is A.SM4 and not offers_sm4:
        assert _fault(lambda: vault.generate(usage=U.TAK, algorithm=algorithm)) is KeyFault.NOT_OFFERED
        return
    key = vault.generate(usage=U.TAK, algorithm=algorithm)
    for kind in MacKind:
        fault = _fault(lambda kind=kind: vault.mac(key=key, data=b"0200", kind=kind))  # type: ignore[misc]  # bound in the loop
        if kind not in MAC_KINDS[algorithm]:
            assert fault is KeyFault.WRONG_ALGORITHM, kind
        elif kind is MacKind.HMAC_SM3 and not offers_sm3:
            assert fault is KeyFault.NOT_OFFERED
        else:
            assert fault is None, kind


def test_known_pin_blocks_and_their_translation(vault: Vault, load: Load) -> None:
    tpk, zpk = load(U.TPK, A.TDES2, PIK), load(U.ZPK, A.TDES2, PIK)
    other = vault.generate(usage=U.ZPK, algorithm=A.TDES2)
    block = vault.encrypt_pin(key=tpk, pin=PIN, pan=PAN, form=PinFormat.ISO0)
    assert block.hex().upper() == "A09B01CB96390D8F"
    loose = vault.encrypt_pin(key=tpk, pin=PIN, pan=None, form=PinFormat.NO_PAN)
    assert loose.hex().upper() == "75EC7A5EFA8DBA63"

    def move(block: bytes, source: PinFormat, key: WrappedKey, target: PinFormat) -> bytes:
        return vault.translate_pin(block=block, from_key=tpk, from_form=source, to_key=key, to_form=target, pan=PAN)

    assert move(loose, PinFormat.NO_PAN, zpk, PinFormat.ISO0) == block
    moved = move(block, PinFormat.ISO0, other, PinFormat.ISO3)
    assert vault.verify_pin(block=moved, key=other, form=PinFormat.ISO3, pan=PAN, expected=PIN)
    assert not vault.verify_pin(block=moved, key=other, form=PinFormat.ISO3, pan=PAN, expected=Secret(b"654321"))
    assert _fault(lambda: move(block[:-1], PinFormat.ISO0, other, PinFormat.ISO0)) is KeyFault.BAD_BLOCK
    assert _fault(lambda: move(bytes(8), PinFormat.ISO0, other, PinFormat.ISO0)) is KeyFault.BAD_BLOCK
    assert _fault(lambda: move(block, PinFormat.ISO0, other, PinFormat.NO_PAN)) is KeyFault.WRONG_FORM
    assert _fault(lambda: move(block, PinFormat.ISO4, other, PinFormat.ISO0)) is KeyFault.WRONG_ALGORITHM


def test_a_pin_under_aes(vault: Vault) -> None:
    tpk, zpk = (vault.generate(usage=usage, algorithm=A.AES128) for usage in (U.TPK, U.ZPK))
    block = vault.encrypt_pin(key=tpk, pin=PIN, pan=PAN, form=PinFormat.ISO4)
    moved = vault.translate_pin(
        block=block, from_key=tpk, from_form=PinFormat.ISO4, to_key=zpk, to_form=PinFormat.ISO4, pan=PAN
    )
    assert vault.verify_pin(block=moved, key=zpk, form=PinFormat.ISO4, pan=PAN, expected=PIN)


def test_a_known_track(vault: Vault, load: Load) -> None:
    tdk = load(U.TDK, A.TDES2, DOUBLE)
    sent = vault.encrypt_track(key=tdk, track=TRACK)
    assert sent.value == b"6225561620345170D1706D2593E59AB530580"
    assert vault.decrypt_track(key=tdk, track=sent) == TRACK
    other = vault.generate(usage=U.TDK, algorithm=A.TDES3)
    assert _fault(lambda: vault.decrypt_track(key=other, track=Secret(b"6" * 16))) is KeyFault.BAD_BLOCK


def test_a_known_cryptogram_and_its_answer(vault: Vault, load: Load) -> None:
    imk = load(U.IMK_AC, A.TDES2, DOUBLE)
    pan, atc, data = Pan("9901234567890123"), bytes.fromhex("001C"), bytes(range(33))
    made = vault.arqc(key=imk, pan=pan, psn="45", atc=atc, data=data)
    # The session key of this card and counter is published: A8671AF8581315C17032D99876B68592.
    session = load(U.TAK, A.TDES2, "A8671AF8581315C17032D99876B68592")
    padded = data + b"\x80" + bytes(6)
    assert made == vault.mac(key=session, data=padded, kind=MacKind.X9_19)
    assert vault.verify_arqc(key=imk, pan=pan, psn="45", atc=atc, data=data, arqc=made)
    assert not vault.verify_arqc(key=imk, pan=pan, psn="46", atc=atc, data=data, arqc=made)
    answer = vault.arpc(key=imk, pan=pan, psn="45", atc=atc, arqc=made, arc=b"00")
    mixed = bytes(a ^ b for a, b in zip(made, b"00".ljust(8, b"\0"), strict=True))
    assert answer == vault.mac(key=session, data=mixed, kind=MacKind.X9_9)


# -- who may do what, and when ---------------------------------------------------------------------------------------


def _uses(vault: Vault) -> dict[Operation, Callable[[WrappedKey], object]]:
    tpk, zpk = (vault.generate(usage=usage, algorithm=A.TDES2) for usage in (U.TPK, U.ZPK))
    form = PinFormat.ISO0
    block = vault.encrypt_pin(key=tpk, pin=PIN, pan=PAN, form=form)
    move = vault.translate_pin
    return {
        Operation.CARRY: lambda key: vault.export_under(kek=key, key=tpk),
        Operation.MAC: lambda key: vault.mac(key=key, data=b"", kind=MacKind.X9_9),
        Operation.MAC_CHECK: lambda key: vault.verify_mac(key=key, data=b"", kind=MacKind.X9_9, mac=b""),
        Operation.PIN_ENCRYPT: lambda key: vault.encrypt_pin(key=key, pin=PIN, pan=PAN, form=form),
        Operation.PIN_FROM: lambda key: move(
            block=block, from_key=key, from_form=form, to_key=zpk, to_form=form, pan=PAN
        ),
        Operation.PIN_TO: lambda key: move(
            block=block, from_key=tpk, from_form=form, to_key=key, to_form=form, pan=PAN
        ),
        Operation.PIN_VERIFY: lambda key: vault.verify_pin(block=block, key=key, form=form, pan=PAN, expected=PIN),
        Operation.TRACK_ENCRYPT: lambda key: vault.encrypt_track(key=key, track=TRACK),
        Operation.TRACK_DECRYPT: lambda key: vault.decrypt_track(key=key, track=Secret(b"0" * 37)),
        Operation.SEAL: lambda key: vault.seal(key=key, plaintext=b"", aad=b""),
        Operation.OPEN: lambda key: vault.open(key=key, sealed=b"\x01" + bytes.fromhex(key.kcv) + bytes(28), aad=b""),
        Operation.TOKEN: lambda key: vault.token(key=key, data=b""),
        Operation.CRYPTOGRAM: lambda key: vault.arqc(key=key, pan=PAN, psn="01", atc=b"\x00\x01", data=b""),
        Operation.AEAD_SEAL: lambda key: vault.seal_aead(key=key, nonce=bytes(12), plaintext=b"", aad=b""),
        Operation.AEAD_OPEN: lambda key: vault.open_aead(key=key, nonce=bytes(12), cipher=bytes(16), aad=b""),
    }


def _key(vault: Vault, usage: KeyUsage) -> WrappedKey:
    algorithm = next(each for each in (A.TDES2, A.AES256, A.HMAC256, *A) if each in ALGORITHMS[usage])
    return vault.generate(usage=usage, algorithm=algorithm)


_TRIED = {U.ZMK, U.TMK, U.TPK, U.TAK, U.TDK, U.ZPK, U.ZAK, U.IMK_AC, U.SEAL, U.TOKEN, U.BDK, U.AEAD}


@pytest.mark.parametrize("usage", sorted(_TRIED, key=str))
def test_a_key_serves_its_usage_and_nothing_else(vault: Vault, usage: KeyUsage) -> None:
    key = _key(vault, usage)
    for operation, use in _uses(vault).items():
        fault = _fault(lambda use=use: use(key))  # type: ignore[misc]  # bound in the loop
        # A permitted key may still be refused for what it was given (a random key opens no block).
        permitted = operation in OPERATIONS[usage] and (usage, operation) != (U.ZMK, Operation.CARRY)
        assert (fault is not KeyFault.WRONG_USAGE) is permitted, operation


@pytest.mark.parametrize(("usage", "state"), list(itertools.product(sorted(_TRIED, key=str), KeyState)))
def test_a_key_serves_as_its_state_allows(vault: Vault, usage: KeyUsage, state: KeyState) -> None:
    key, uses = _key(vault, usage), _uses(vault)
    for operation in OPERATIONS[usage]:
        if operation in uses:
            assert _fault(lambda use=uses[operation]: use(key)) is not KeyFault.WRONG_STATE  # type: ignore[misc]  # bound in the loop
    vault.heed({key.key_id: state})
    for operation in OPERATIONS[usage]:
        if operation in uses:
            fault = _fault(lambda use=uses[operation]: use(key))  # type: ignore[misc]  # bound in the loop
            assert (fault is KeyFault.WRONG_STATE) is not serves(state, operation), operation
    vault.heed({})
    for operation in OPERATIONS[usage]:
        if operation in uses:
            assert _fault(lambda use=uses[operation]: use(key)) is not KeyFault.WRONG_STATE  # type: ignore[misc]  # bound in the loop


@pytest.mark.parametrize("state", list(KeyState))
def test_a_key_is_carried_only_while_it_may_serve_elsewhere(vault: Vault, state: KeyState) -> None:
    tmk, tak = vault.generate(usage=U.TMK, algorithm=A.TDES2), vault.generate(usage=U.TAK, algorithm=A.TDES2)
    vault.heed({tak.key_id: state})
    fault = _fault(lambda: vault.export_under(kek=tmk, key=tak))
    leaves = state in (KeyState.GENERATED, KeyState.IMPORTED, KeyState.ACTIVE)
    assert fault is (None if leaves else KeyFault.WRONG_STATE)


def test_components_may_come_with_the_check_value_of_the_whole(vault: Vault) -> None:
    # The worked example of a Chinese acquirer's component entry: two parts, check values FA16CB and 906256, whole 9BAE3E.
    whole = bytes.fromhex("0C5F27F0536077FA1BA9D76AA3711100")
    first = bytes(range(16))
    parts = [Secret(first), Secret(bytes(a ^ b for a, b in zip(first, whole, strict=True)))]
    made = vault.combine(components=parts, usage=U.TMK, algorithm=A.TDES2, check=bytes.fromhex("9BAE3E"))
    assert made.kcv.startswith("9BAE3E")

    def wrong() -> object:
        return vault.combine(components=parts, usage=U.TMK, algorithm=A.TDES2, check=bytes.fromhex("9BAE3F"))

    assert _fault(wrong) is KeyFault.CHECK_VALUE


def test_components_come_one_by_one_and_make_the_key_together(vault: Vault) -> None:
    whole = bytes.fromhex("0C5F27F0536077FA1BA9D76AA3711100")
    first, second = bytes(range(16)), bytes(range(100, 116))
    third = bytes(a ^ b ^ c for a, b, c in zip(first, second, whole, strict=True))
    taken = [vault.take_component(component=Secret(each), algorithm=A.TDES2) for each in (first, second, third)]
    assert len({each.kcv for each in taken}) == 3
    made = vault.combine_taken(components=taken, usage=U.TMK, algorithm=A.TDES2, check=bytes.fromhex("9BAE3E"))
    assert made.kcv.startswith("9BAE3E")
    for call, fault in (
        (lambda: vault.take_component(component=Secret(bytes(16)), algorithm=A.TDES2), KeyFault.WEAK_KEY),
        (lambda: vault.take_component(component=Secret(bytes(15)), algorithm=A.TDES2), KeyFault.WRONG_LENGTH),
        (lambda: vault.combine_taken(components=taken[:1], usage=U.TMK, algorithm=A.TDES2), KeyFault.WRONG_LENGTH),
        (lambda: vault.combine_taken(components=[made, made], usage=U.TMK, algorithm=A.TDES2), KeyFault.WRONG_USAGE),
        (lambda: vault.combine_taken(components=taken, usage=U.TMK, algorithm=A.DES), KeyFault.WRONG_ALGORITHM),
        (lambda: vault.export_under(kek=made, key=taken[0]), KeyFault.WRONG_USAGE),
        (lambda: vault.mac(key=taken[0], data=b"", kind=MacKind.X9_9), KeyFault.WRONG_USAGE),
    ):
        assert _fault(call) is fault
