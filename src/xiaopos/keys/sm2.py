"""SM2: signatures with the signer's identity, and encryption, as pure functions; randomness is handed in.

What may live here: keys, signing, verifying, encrypting, decrypting (GB/T 32918.2 and .4-2016), SM3.
What may not: curve arithmetic (`sm2_curve`), DER (`sm2_forms`), the private key's storage (a vault).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from cryptography.hazmat.primitives.hashes import SM3, Hash

from xiaopos.keys import sm2_curve
from xiaopos.keys.sm2_curve import GX, GY, SIZE, A, B, N, Point
from xiaopos.keys.sm2_forms import (
    cipher_from_der,
    cipher_to_der,
    signature_from_der,
    signature_to_der,
    subject_public_key,
    subject_public_key_point,
)
from xiaopos.keys.vault import KeyFault, KeyRefused

Entropy = Callable[[int], bytes]

DEFAULT_ID = b"1234567812345678"
"""The signer's identity when the parties agreed on none: GM/T 0009-2012, clause 10."""
_LONGEST_ID = 8191
_DIGEST = 32
# More than a scalar has, so that the remainder's bias is below 2^-64.
_DRAW = 40
_CURVE = b"".join(value.to_bytes(SIZE, "big") for value in (A, B, GX, GY))


def sm3(data: bytes) -> bytes:
    """SM3, 32 bytes: GB/T 32905-2016.

    >>> sm3(b"abc").hex().upper()[:16]
    '66C7F0F462EEEDD9'
    """
    digest = Hash(SM3())
    digest.update(data)
    return digest.finalize()


class Order(Enum):
    """How the parts of an SM2 cipher text follow each other without DER."""

    C1C3C2 = "c1c3c2"
    """Point, check, text: GB/T 32918.4-2016."""
    C1C2C3 = "c1c2c3"
    """Point, text, check: the draft of 2010, which devices still send."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A point of the curve. Not secret."""

    point: Point

    @classmethod
    def from_bytes(cls, data: bytes) -> PublicKey:
        """64 bytes, 65 with 04, 33 compressed. Refusals: those of `sm2_curve.point`."""
        return cls(sm2_curve.point(data))

    @classmethod
    def from_spki(cls, data: bytes) -> PublicKey:
        """From what `spki` writes. Refusals: WRONG_FORM for anything else, BAD_BLOB for a point off the curve."""
        return cls(sm2_curve.point(subject_public_key_point(data)))

    def to_bytes(self) -> bytes:
        """`04 | x | y`, 65 bytes."""
        return b"\x04" + self.point.encoded()

    def spki(self) -> bytes:
        """The DER SubjectPublicKeyInfo that certificates and command-line tools take (GM/T 0015)."""
        return subject_public_key(self.to_bytes())


class PrivateKey:
    """A secret scalar, in this process as long as the object lives; it does not print.

    Refusals: WRONG_LENGTH for other than 32 bytes, WEAK_KEY for a value outside `1 .. n - 2`.
    """

    __slots__ = ("_inverse", "_scalar", "public")

    def __init__(self, secret: bytes, entropy: Entropy) -> None:
        if len(secret) != SIZE:
            raise KeyRefused(KeyFault.WRONG_LENGTH, f"a private key has {SIZE} bytes, got {len(secret)}")
        scalar = int.from_bytes(secret, "big")
        found = sm2_curve.times_generator(scalar, _drawn(entropy)) if 0 < scalar < N - 1 else None
        if found is None:
            raise KeyRefused(KeyFault.WEAK_KEY, "this private key is not in the range of the curve")
        self._scalar = scalar
        self._inverse = sm2_curve.inverse(1 + scalar, _drawn(entropy))
        self.public = PublicKey(found)

    def __repr__(self) -> str:
        return "PrivateKey(SM2)"

    def secret(self) -> bytes:
        """The scalar, 32 bytes, for wrapping it: the caller lets go of it at once."""
        return self._scalar.to_bytes(SIZE, "big")

    @classmethod
    def generate(cls, entropy: Entropy) -> PrivateKey:
        """A random key: GB/T 32918.1-2016, 6.1."""
        return cls((_drawn(entropy) % (N - 2) + 1).to_bytes(SIZE, "big"), entropy)

    def sign(self, message: bytes, entropy: Entropy, *, signer: bytes = DEFAULT_ID) -> Signature:
        """A signature over `message`: GB/T 32918.2-2016, 6.

        ::

            e = SM3(Z | message);  (x, y) = k * G;  r = e + x;  s = (k - r d) / (1 + d)        all modulo n

        Refusal: WRONG_LENGTH for an identity of more than 8191 bytes.
        """
        digest = message_digest(self.public, message, signer)
        found = None
        while found is None:
            found = self._attempt(digest, _drawn(entropy) % (N - 1) + 1, _drawn(entropy))
        return found

    def _attempt(self, digest: int, nonce: int, blind: int) -> Signature | None:
        """A signature with this nonce, or None for the few nonces that would give the key away or make no signature."""
        found = _there(sm2_curve.times_generator(nonce, blind))
        r = (digest + found.x) % N
        s = (self._inverse * (nonce - r * self._scalar)) % N
        return Signature(r, s) if r and s and (r + nonce) % N else None

    def decrypt(self, cipher: bytes, entropy: Entropy, *, order: Order = Order.C1C3C2) -> bytes:
        """What was encrypted to this key: GB/T 32918.4-2016, 7.

        The 04 in front may be missing, as some devices send it. Refusal: BAD_SEAL, in one text, for a cipher text that is
        cut short, off the curve, altered, or for another key.
        """
        first, body = _split(cipher)
        if len(body) <= _DIGEST:
            raise _broken()
        if order is Order.C1C3C2:
            check, text = body[:_DIGEST], body[_DIGEST:]
        else:
            text, check = body[:-_DIGEST], body[-_DIGEST:]
        return self._opened(first, check, text, entropy)

    def decrypt_der(self, cipher: bytes, entropy: Entropy) -> bytes:
        """The same from DER (GM/T 0009-2012, 7.2). Refusals: WRONG_FORM for what is no such DER, BAD_SEAL."""
        x, y, check, text = cipher_from_der(cipher)
        if not sm2_curve.on_curve(x, y) or len(check) != _DIGEST or not text:
            raise _broken()
        return self._opened(Point(x, y), check, text, entropy)

    def _opened(self, first: Point, check: bytes, text: bytes, entropy: Entropy) -> bytes:
        shared = _there(sm2_curve.times(first, self._scalar, _drawn(entropy)))
        plain = _masked(shared, text)
        if not hmac.compare_digest(_check(shared, plain), check):
            raise _broken()
        return plain


@dataclass(frozen=True, slots=True)
class Signature:
    """Two numbers; `raw` and `der` are its two forms on the wire."""

    r: int
    s: int

    def raw(self) -> bytes:
        """`r | s`, 64 bytes, as terminals send it."""
        return self.r.to_bytes(SIZE, "big") + self.s.to_bytes(SIZE, "big")

    def der(self) -> bytes:
        """`SEQUENCE { r, s }`: GM/T 0009-2012, 7.3."""
        return signature_to_der(self.r, self.s)

    @classmethod
    def from_raw(cls, data: bytes) -> Signature:
        """From 64 bytes. Refusal: WRONG_LENGTH."""
        if len(data) != 2 * SIZE:
            raise KeyRefused(KeyFault.WRONG_LENGTH, f"a signature has {2 * SIZE} bytes, got {len(data)}")
        return cls(int.from_bytes(data[:SIZE], "big"), int.from_bytes(data[SIZE:], "big"))

    @classmethod
    def from_der(cls, data: bytes) -> Signature:
        """From DER, strictly. Refusal: WRONG_FORM."""
        return cls(*signature_from_der(data))


def z_value(public: PublicKey, signer: bytes = DEFAULT_ID) -> bytes:
    """The hash of who signs: GB/T 32918.2-2016, 5.5.

    ::

        SM3( length of the identity in bits (2) | identity | a | b | xG | yG | x | y )

    Refusal: WRONG_LENGTH for an identity of more than 8191 bytes, whose length does not fit.
    """
    if len(signer) > _LONGEST_ID:
        raise KeyRefused(KeyFault.WRONG_LENGTH, f"an identity has at most {_LONGEST_ID} bytes, got {len(signer)}")
    return sm3((len(signer) * 8).to_bytes(2, "big") + signer + _CURVE + public.point.encoded())


def message_digest(public: PublicKey, message: bytes, signer: bytes = DEFAULT_ID) -> int:
    """The number `e` that is signed: `SM3(Z | message)`."""
    return int.from_bytes(sm3(z_value(public, signer) + message), "big")


def verify(public: PublicKey, message: bytes, signature: Signature, *, signer: bytes = DEFAULT_ID) -> bool:
    """Whether the signature is the signer's over this message: GB/T 32918.2-2016, 7. Any two numbers are answered.

    >>> public = PublicKey.from_bytes(bytes.fromhex(
    ...     "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    ...     "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"))
    >>> signature = Signature.from_raw(bytes.fromhex(
    ...     "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
    ...     "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"))
    >>> verify(public, b"message digest", signature), verify(public, b"message digits", signature)
    (True, False)
    """
    r, s = signature.r, signature.s
    factor = (r + s) % N
    if not (0 < r < N and 0 < s < N and factor):
        return False
    found = sm2_curve.combined(s, public.point, factor)
    return found is not None and (message_digest(public, message, signer) + found.x) % N == r


def encrypt(public: PublicKey, plain: bytes, entropy: Entropy, *, order: Order = Order.C1C3C2) -> bytes:
    """`plain` for the holder of the private key: GB/T 32918.4-2016, 6.

    ::

        C1 = 04 | k * G (65)      C3 = SM3(x2 | plain | y2) (32)      C2 = plain ^ KDF(x2 | y2)       (x2, y2) = k * public

    Refusal: WRONG_LENGTH for nothing.
    """
    first, check, text = _sealed(public, plain, entropy)
    parts = (check, text) if order is Order.C1C3C2 else (text, check)
    return b"\x04" + first.encoded() + b"".join(parts)


def encrypt_der(public: PublicKey, plain: bytes, entropy: Entropy) -> bytes:
    """The same as DER: `SEQUENCE { x, y, check, text }`, GM/T 0009-2012, 7.2. Refusal: WRONG_LENGTH for nothing."""
    first, check, text = _sealed(public, plain, entropy)
    return cipher_to_der(first.x, first.y, check, text)


def _sealed(public: PublicKey, plain: bytes, entropy: Entropy) -> tuple[Point, bytes, bytes]:
    if not plain:
        raise KeyRefused(KeyFault.WRONG_LENGTH, "there is nothing to encrypt")
    text = plain
    # An all-zero mask would show the text; a single byte meets one in 256 draws.
    while text == plain:
        nonce = _drawn(entropy) % (N - 1) + 1
        first = _there(sm2_curve.times_generator(nonce, _drawn(entropy)))
        shared = _there(sm2_curve.times(public.point, nonce, _drawn(entropy)))
        text = _masked(shared, plain)
    return first, _check(shared, plain), text


def _split(cipher: bytes) -> tuple[Point, bytes]:
    """The point in front, with or without its 04 (an x may begin with 04 too: the curve tells), and what follows."""
    for start in (1, 0) if cipher[:1] == b"\x04" else (0,):
        end = start + 2 * SIZE
        x, y = int.from_bytes(cipher[start : end - SIZE], "big"), int.from_bytes(cipher[end - SIZE : end], "big")
        if sm2_curve.on_curve(x, y):
            return Point(x, y), cipher[end:]
    raise _broken()


def _masked(shared: Point, text: bytes) -> bytes:
    """The text under the key stream of GB/T 32918.4-2016, 5.4.3: `SM3(x2 | y2 | counter)`, counter from 1."""
    seed = shared.encoded()
    blocks = -(-len(text) // _DIGEST)
    stream = b"".join(sm3(seed + count.to_bytes(4, "big")) for count in range(1, blocks + 1))[: len(text)]
    return (int.from_bytes(text, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(text), "big")


def _check(shared: Point, plain: bytes) -> bytes:
    encoded = shared.encoded()
    return sm3(encoded[:SIZE] + plain + encoded[SIZE:])


def _there(found: Point | None) -> Point:
    """The order is prime: a scalar between 1 and n - 1 leads from one point to another, never to infinity."""
    assert found is not None
    return found


def _drawn(entropy: Entropy) -> int:
    return int.from_bytes(entropy(_DRAW), "big")


def _broken() -> KeyRefused:
    return KeyRefused(KeyFault.BAD_SEAL, "the SM2 cipher text does not decrypt")
