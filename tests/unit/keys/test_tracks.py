"""Track encryption: the known answer, every length, and refusals."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused, KeyUsage, SoftwareVault, WrappedKey
from xiaopos.keys.des import block_cipher, des_cipher
from xiaopos.keys.tracks import decrypt_track, encrypt_track


def test_the_known_track(vault: SoftwareVault, load: Callable[..., WrappedKey], vector: Callable[[str], Any]) -> None:
    known = vector("track2_tdk")
    tdk = load(KeyUsage.TDK, KeyAlgorithm.TDES2, known["tdk"])
    hidden = vault.encrypt_track(key=tdk, track=Secret(known["track2"].encode()))
    assert hidden.value.decode() == known["result"]
    assert vault.decrypt_track(key=tdk, track=hidden).value.decode() == known["track2"]
    with_sign = known["track2"].replace("D", "=").encode()
    assert vault.encrypt_track(key=tdk, track=Secret(with_sign)) == hidden


@pytest.mark.parametrize(("algorithm", "shortest"), [(KeyAlgorithm.TDES2, 17), (KeyAlgorithm.SM4, 33)])
def test_every_length_comes_back(algorithm: KeyAlgorithm, shortest: int, rng: random.Random) -> None:
    cipher = block_cipher(algorithm, rng.randbytes(16))
    for length in range(1, 105):
        track = "".join(rng.choices("0123456789D", k=length))
        hidden = encrypt_track(cipher, track)
        assert len(hidden) == max(length, shortest)
        assert hidden != track
        assert decrypt_track(cipher, hidden) == track
        if length >= shortest:
            kept = 2 if length % 2 == 0 else 1
            front = length - shortest + 1 - kept
            assert hidden[:front] == track[:front]
            assert hidden[-kept:] == track[-kept:]


@pytest.mark.parametrize("track", ["", "1" * 105, "12F4", "6225 5616", "6225\n", "６２２５"])
def test_what_is_no_track_is_refused(track: str, rng: random.Random) -> None:
    with pytest.raises(KeyRefused) as refused:
        encrypt_track(des_cipher(rng.randbytes(16)), track)
    assert refused.value.fault is KeyFault.BAD_BLOCK
    assert not track or track not in str(refused.value)


@pytest.mark.parametrize("track", ["", "1" * 16, "1" * 105, "G" * 20])
def test_what_is_no_encrypted_track_is_refused(track: str, rng: random.Random) -> None:
    with pytest.raises(KeyRefused, match="17 to 104") as refused:
        decrypt_track(des_cipher(rng.randbytes(16)), track)
    assert refused.value.fault is KeyFault.BAD_BLOCK


def test_another_key_gives_no_track(vault: SoftwareVault) -> None:
    one = vault.generate(usage=KeyUsage.TDK, algorithm=KeyAlgorithm.TDES2)
    two = vault.generate(usage=KeyUsage.TDK, algorithm=KeyAlgorithm.TDES3)
    hidden = vault.encrypt_track(key=one, track=Secret(b"6225561620345170D17061010000015500000"))
    assert "6225" not in repr(hidden)
    with pytest.raises(KeyRefused, match="does not decrypt"):
        vault.decrypt_track(key=two, track=hidden)
    with pytest.raises(KeyRefused):
        vault.encrypt_track(key=one, track=Secret(b"\xff\x00"))
