"""SM2 against the standard's examples, gmalg and the openssl command line; every way to be refused."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gmalg
import pytest

from xiaopos.keys import KeyFault, KeyRefused, sm2_curve
from xiaopos.keys.sm2 import (
    DEFAULT_ID,
    Order,
    PrivateKey,
    PublicKey,
    Signature,
    encrypt,
    encrypt_der,
    message_digest,
    sm3,
    verify,
    z_value,
)
from xiaopos.keys.sm2_curve import GX, GY, N, P, Point
from xiaopos.keys.sm2_forms import cipher_from_der, cipher_to_der

Entropy = Callable[[int], bytes]


@pytest.fixture
def entropy(rng: random.Random) -> Entropy:
    return rng.randbytes


def _always(nonce: int) -> Entropy:
    """Randomness that makes this nonce (and is its own blinding factor)."""
    return lambda count: (nonce - 1).to_bytes(count, "big")


def _key(known: dict[str, str], entropy: Entropy) -> PrivateKey:
    key = PrivateKey(bytes.fromhex(known["private"]), entropy)
    assert key.public == PublicKey.from_bytes(bytes.fromhex(known["public_xy"]))
    return key


def test_the_standards_signature(vector: Callable[[str], Any], entropy: Entropy) -> None:
    known = vector("sm2_gbt32918_5")["sign"]
    key, message = _key(known, entropy), known["message_ascii"].encode()
    assert message_digest(key.public, message, known["id"].encode()) == int(known["e"], 16)
    made = key.sign(message, _always(int(known["k"], 16)))
    assert made.raw().hex().upper() == known["r"] + known["s"]
    assert verify(key.public, message, made)


def test_the_standards_encryption(vector: Callable[[str], Any], entropy: Entropy) -> None:
    known = vector("sm2_gbt32918_5")["encrypt"]
    key, plain = _key(known, entropy), known["message_ascii"].encode()
    cipher = encrypt(key.public, plain, _always(int(known["k"], 16)))
    assert cipher.hex().upper() == "04" + known["C1"] + known["C3"] + known["C2"]
    assert key.decrypt(cipher, entropy) == plain
    older = bytes.fromhex("04" + known["C1"] + known["C2"] + known["C3"])
    assert encrypt(key.public, plain, _always(int(known["k"], 16)), order=Order.C1C2C3) == older
    assert key.decrypt(older, entropy, order=Order.C1C2C3) == plain
    assert key.decrypt(cipher[1:], entropy) == plain, "without the 04 in front, where x begins with 04 as well"


def test_sm3_known_answer(vector: Callable[[str], Any]) -> None:
    assert sm3(b"abc").hex().upper() == vector("gm_sm3_sm4")["sm3_abc"]


def test_gmalg_agrees_on_random_keys(rng: random.Random, entropy: Entropy) -> None:
    for _ in range(6):
        key, message, signer = PrivateKey.generate(entropy), rng.randbytes(40), rng.randbytes(rng.randint(0, 40))
        judge = gmalg.SM2(key._scalar.to_bytes(32, "big"), signer, key.public.to_bytes())
        assert judge.generate_pk(key._scalar.to_bytes(32, "big")) == key.public.to_bytes()
        made = key.sign(message, entropy, signer=signer).raw()
        assert judge.verify(message, made[:32], made[32:])
        # gmalg leaves the leading zero bytes of each half out
        theirs = Signature.from_raw(b"".join(half.rjust(32, b"\0") for half in judge.sign(message)))
        assert verify(key.public, message, theirs, signer=signer)
        assert not verify(key.public, message, theirs, signer=signer + b"x")
        assert judge.decrypt(encrypt(key.public, message, entropy)) == message
        assert key.decrypt(judge.encrypt(message), entropy) == message


def _openssl(*words: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["openssl", *words], input=data, capture_output=True, check=False)


def test_openssl_reads_ours_and_we_read_its(tmp_path: Path, entropy: Entropy) -> None:
    secret, public = tmp_path / "secret.pem", tmp_path / "public.der"
    secret.write_bytes(_openssl("genpkey", "-algorithm", "SM2").stdout)
    public.write_bytes(_openssl("pkey", "-in", str(secret), "-pubout", "-outform", "DER").stdout)
    scalar = _openssl("pkey", "-in", str(secret), "-text", "-noout").stdout.decode()
    hexes = scalar.split("priv:")[1].split("pub:")[0]
    key = PrivateKey(bytes.fromhex("".join(hexes.replace(":", "").split())), entropy)
    assert key.public.spki() == public.read_bytes()
    message, signature = tmp_path / "message", tmp_path / "signature"
    message.write_bytes(b"a day's settlement")
    options = ["-rawin", "-digest", "sm3", "-pkeyopt", f"distid:{DEFAULT_ID.decode()}", "-in", str(message)]
    theirs = _openssl("pkeyutl", "-sign", "-inkey", str(secret), *options).stdout
    assert verify(key.public, message.read_bytes(), Signature.from_der(theirs))
    signature.write_bytes(key.sign(message.read_bytes(), entropy).der())
    judged = _openssl("pkeyutl", "-verify", "-inkey", str(secret), "-sigfile", str(signature), *options)
    assert judged.returncode == 0, judged
    opened = _openssl("pkeyutl", "-decrypt", "-inkey", str(secret), data=encrypt_der(key.public, b"a key", entropy))
    assert opened.stdout == b"a key"
    sealed = _openssl("pkeyutl", "-encrypt", "-inkey", str(secret), data=b"a longer key " * 20).stdout
    assert key.decrypt_der(sealed, entropy) == b"a longer key " * 20


def test_a_single_byte_is_never_sent_as_it_is(entropy: Entropy) -> None:
    key = PrivateKey.generate(entropy)
    for _ in range(300):
        cipher = encrypt(key.public, b"\x07", entropy)
        assert cipher[-1] != 7
    assert key.decrypt(cipher, entropy) == b"\x07"


@pytest.mark.parametrize("secret", [0, N - 1, N, 2**256 - 1])
def test_a_private_key_lies_in_its_range(secret: int, entropy: Entropy) -> None:
    with pytest.raises(KeyRefused) as refused:
        PrivateKey(secret.to_bytes(32, "big"), entropy)
    assert refused.value.fault is KeyFault.WEAK_KEY


def test_a_private_key_has_32_bytes_and_does_not_print(entropy: Entropy) -> None:
    with pytest.raises(KeyRefused, match="has 32 bytes") as refused:
        PrivateKey(bytes(31), entropy)
    assert refused.value.fault is KeyFault.WRONG_LENGTH
    assert repr(PrivateKey.generate(entropy)) == "PrivateKey(SM2)"


def test_a_nonce_that_would_give_the_key_away_is_not_used(entropy: Entropy) -> None:
    key = PrivateKey.generate(entropy)
    nonce = 12345
    found = sm2_curve.times_generator(nonce, 1)
    assert found is not None
    assert key._attempt(-found.x % N, nonce, 1) is None, "r is zero"
    assert key._attempt((-found.x - nonce) % N, nonce, 1) is None, "r + k is zero"
    r = nonce * pow(key._scalar, -1, N) % N
    assert key._attempt((r - found.x) % N, nonce, 1) is None, "s is zero"
    assert key._attempt(1, nonce, 1) is not None


def test_a_signature_outside_its_range_is_false(entropy: Entropy) -> None:
    key = PrivateKey.generate(entropy)
    good = key.sign(b"m", entropy)
    assert verify(key.public, b"m", good)
    for r, s in [(0, good.s), (good.r, 0), (N, good.s), (good.r, N), (good.r, N - good.r), (good.r + N, good.s)]:
        assert not verify(key.public, b"m", Signature(r, s))
    r = 99
    to_infinity = -r * key._scalar * pow(1 + key._scalar, -1, N) % N
    assert not verify(key.public, b"m", Signature(r, to_infinity))


def test_an_identitys_length_fits_two_bytes(entropy: Entropy) -> None:
    public = PrivateKey.generate(entropy).public
    assert len(z_value(public, bytes(8191))) == 32
    with pytest.raises(KeyRefused, match="at most 8191") as refused:
        z_value(public, bytes(8192))
    assert refused.value.fault is KeyFault.WRONG_LENGTH


def test_nothing_is_not_encrypted(entropy: Entropy) -> None:
    with pytest.raises(KeyRefused, match="nothing to encrypt") as refused:
        encrypt(PrivateKey.generate(entropy).public, b"", entropy)
    assert refused.value.fault is KeyFault.WRONG_LENGTH


@pytest.mark.parametrize("order", list(Order))
def test_an_altered_cipher_text_is_refused_with_one_text(order: Order, rng: random.Random, entropy: Entropy) -> None:
    key = PrivateKey.generate(entropy)
    cipher = encrypt(key.public, b"a terminal's key", entropy, order=order)
    spoilt = [cipher[:at] + bytes((cipher[at] ^ 1,)) + cipher[at + 1 :] for at in range(0, len(cipher), 7)]
    spoilt += [b"", cipher[:96], cipher[:97], cipher[:-1], cipher + b"\0"]
    for wrong in spoilt:
        with pytest.raises(KeyRefused, match=r"^bad_seal: the SM2 cipher text does not decrypt$"):
            key.decrypt(wrong, entropy, order=order)
    with pytest.raises(KeyRefused):
        PrivateKey.generate(entropy).decrypt(cipher, entropy, order=order)


def test_der_is_read_strictly(entropy: Entropy) -> None:
    key = PrivateKey.generate(entropy)
    whole = encrypt_der(key.public, b"a key" * 40, entropy)
    assert key.decrypt_der(whole, entropy) == b"a key" * 40
    x, y, check, text = cipher_from_der(whole)
    assert cipher_to_der(x, y, check, text) == whole
    for data in (
        b"",
        whole[:-1],
        whole + b"\0",
        b"\x31" + whole[1:],
        bytes.fromhex("3011020101020200800401630404746578740000"),
        bytes.fromhex("30110201010202008004016304047465787400"),
        bytes.fromhex("308110020101020200800401630404746578" + "74"),
        bytes.fromhex("30110202000102020080040163040474657874"),
        bytes.fromhex("300f0201ff02020080040163040474657874"),
        bytes.fromhex("300f02000202008004016304047465787474"),
        bytes.fromhex("3080"),
    ):
        with pytest.raises(KeyRefused) as refused:
            cipher_from_der(data)
        assert refused.value.fault is KeyFault.WRONG_FORM
    for values in [(P, y, check, text), (1 << 256, y, check, text), (x, y, check[1:], text), (x, y, check, b"")]:
        with pytest.raises(KeyRefused) as refused:
            key.decrypt_der(cipher_to_der(*values), entropy)
        assert refused.value.fault is KeyFault.BAD_SEAL
    with pytest.raises(KeyRefused) as refused:
        Signature.from_der(b"\x30\x00")
    assert refused.value.fault is KeyFault.WRONG_FORM
    with pytest.raises(KeyRefused) as refused:
        Signature.from_raw(bytes(63))
    assert refused.value.fault is KeyFault.WRONG_LENGTH


def test_a_point_has_three_forms(entropy: Entropy) -> None:
    for _ in range(8):
        public = PrivateKey.generate(entropy).public
        x, y = public.point
        short = bytes((2 + y % 2,)) + x.to_bytes(32, "big")
        assert PublicKey.from_bytes(public.to_bytes()) == PublicKey.from_bytes(public.to_bytes()[1:]) == public
        assert PublicKey.from_bytes(short) == public
        other = PublicKey.from_bytes(bytes((3 - y % 2,)) + short[1:])
        assert other.point == Point(x, P - y)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", KeyFault.WRONG_LENGTH),
        (b"\x04" + bytes(65), KeyFault.WRONG_LENGTH),
        (b"\x04" + bytes(32), KeyFault.WRONG_FORM),
        (b"\x02" + bytes(64), KeyFault.WRONG_FORM),
        (b"\x00" + bytes(64), KeyFault.WRONG_FORM),
        (b"\x02" + (5).to_bytes(32, "big"), KeyFault.BAD_BLOB),
        (b"\x04" + bytes(64), KeyFault.BAD_BLOB),
        (b"\x04" + P.to_bytes(32, "big") + bytes(32), KeyFault.BAD_BLOB),
    ],
)
def test_what_is_no_point_is_refused(data: bytes, fault: KeyFault) -> None:
    with pytest.raises(KeyRefused) as refused:
        sm2_curve.point(data)
    assert refused.value.fault is fault


def test_multiples_fit_each_other(rng: random.Random) -> None:
    generator = Point(GX, GY)
    assert sm2_curve.times_generator(1, 5) == sm2_curve.times(generator, 1, 0) == generator
    assert sm2_curve.times_generator(0, 5) is None
    assert sm2_curve.times(generator, N, 7) is None
    assert sm2_curve.combined(5, generator, 0) == sm2_curve.times_generator(5, 0)
    assert sm2_curve.combined(0, generator, 5) == sm2_curve.times_generator(5, 0)
    assert sm2_curve.combined(N - 5, generator, 5) is None
    for _ in range(10):
        first, second = rng.randrange(N), rng.randrange(N)
        base = sm2_curve.times_generator(first, rng.getrandbits(256))
        assert base is not None
        product = sm2_curve.times_generator(first * second % N, rng.getrandbits(256))
        assert sm2_curve.times(base, second, rng.getrandbits(256)) == product
        assert sm2_curve.on_curve(*base)
        assert sm2_curve.inverse(first, second) * first % N == 1


def test_no_scalar_has_a_shorter_way(rng: random.Random) -> None:
    for scalar in (0, 1, 2, 15, 16, 2**128, N - 1, rng.randrange(N)):
        digits = sm2_curve._digits(scalar)
        assert len(digits) == 64
        assert sum((digit + 1) * 16**place for place, digit in enumerate(digits)) % N == scalar
