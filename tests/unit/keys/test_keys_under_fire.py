"""Random and mutated bytes at every decoder of the room: an answer or `KeyRefused`, never another error."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

import pytest

from xiaopos.kernel.secret import Pan
from xiaopos.keys import KeyAlgorithm, KeyRefused, PinFormat
from xiaopos.keys.cryptogram_versions import Scheme, read_issuer_data
from xiaopos.keys.des import block_cipher
from xiaopos.keys.pin_blocks import decrypt_block
from xiaopos.keys.signatures import Signing, verify_signature
from xiaopos.keys.sm2 import PrivateKey, PublicKey, Signature, encrypt, encrypt_der
from xiaopos.keys.sm2_forms import cipher_from_der
from xiaopos.keys.tracks import decrypt_track

PAN = Pan("6225561620345170")


def _mutated(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(changed))
        match rng.randrange(3):
            case 0:
                changed[at] = rng.randrange(256)
            case 1:
                del changed[at:]
                changed += b"\0"
            case _:
                changed.insert(at, rng.randrange(256))
    return bytes(changed)


def _answers(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except KeyRefused:
        return False
    return True


@pytest.mark.parametrize("form", list(PinFormat))
def test_random_pin_blocks(form: PinFormat, rng: random.Random) -> None:
    for algorithm in (KeyAlgorithm.TDES2, KeyAlgorithm.SM4):
        cipher = block_cipher(algorithm, rng.randbytes(16))
        for _ in range(1500):
            block = rng.randbytes(rng.choice((cipher.block_size, rng.randrange(20))))
            _answers(partial(decrypt_block, cipher, form, block, PAN))


def test_random_tracks_and_issuer_data(rng: random.Random) -> None:
    cipher = block_cipher(KeyAlgorithm.TDES2, rng.randbytes(16))
    for _ in range(2000):
        data = rng.randbytes(rng.randrange(33))
        _answers(partial(decrypt_track, cipher, data.hex()))
        _answers(partial(read_issuer_data, rng.choice(list(Scheme)), data))


def test_mutated_sm2_forms(rng: random.Random) -> None:
    key = PrivateKey.generate(rng.randbytes)
    whole, raw = encrypt_der(key.public, b"a key", rng.randbytes), encrypt(key.public, b"a key", rng.randbytes)
    signature, spki = key.sign(b"m", rng.randbytes).der(), key.public.spki()
    for _ in range(3000):
        one, two, three = _mutated(whole, rng), _mutated(signature, rng), _mutated(spki, rng)
        _answers(partial(cipher_from_der, one))
        _answers(partial(Signature.from_der, two))
        _answers(partial(PublicKey.from_spki, three))
        _answers(partial(verify_signature, Signing.ECDSA_P256_SHA256, three, b"m", signature))
    for _ in range(60):
        altered, sealed = _mutated(raw, rng), _mutated(whole, rng)
        assert altered == raw or not _answers(partial(key.decrypt, altered, rng.randbytes))
        assert sealed == whole or not _answers(partial(key.decrypt_der, sealed, rng.randbytes))
