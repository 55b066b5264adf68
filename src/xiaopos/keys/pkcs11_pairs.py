"""RSA pairs in a hardware module: their private objects, and how they are wrapped with their public halves beside them.

What may live here: the PKCS#11 form of pairs. What may not: permissions, usages, keys without a public half
(`pkcs11_engine`).

A pair's blob, without the code that binds it; the public half is kept so that no module need be asked for it:

    02 | length of the public half 2 | public half, DER SubjectPublicKeyInfo | AES key wrap with padding (RFC 5649) of PKCS#8
"""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from pkcs11 import Attribute, KeyType, Mechanism, MechanismInvalid, ObjectClass, PKCS11Error
from pkcs11.constants import DEFAULT

from xiaopos.keys.pkcs11_engine import FreshTokenKey, Held, Pkcs11Engine, TokenKey, unreachable
from xiaopos.keys.rsa_pairs import own, spki
from xiaopos.keys.vault import RSA_SIZES, KeyAlgorithm, KeyFault, KeyRefused, WrappedKey

PairObject = Any
"""A private-key object of python-pkcs11: what it can do are classes mixed in at run time."""

_VERSION = b"\x02"
_LENGTH = 2
_WRAPS = Mechanism.AES_KEY_WRAP_PAD

_HELD: dict[Attribute, Any] = {
    Attribute.TOKEN: False,
    Attribute.PRIVATE: True,
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: True,
    Attribute.SIGN: True,
    Attribute.DECRYPT: False,
    Attribute.UNWRAP: False,
    Attribute.DERIVE: False,
}
# Not of a private key: what the library would add of itself is taken away.
_UNWRAPPED = {**_HELD, Attribute.ENCRYPT: DEFAULT, Attribute.WRAP: DEFAULT, Attribute.VERIFY: DEFAULT}
_PUBLIC: dict[Attribute, Any] = {
    Attribute.TOKEN: False,
    Attribute.PRIVATE: False,
    Attribute.PUBLIC_EXPONENT: b"\x01\x00\x01",
    Attribute.VERIFY: True,
    Attribute.ENCRYPT: False,
    Attribute.WRAP: False,
}


class TokenPair(TokenKey):
    """An `OpenKey` whose private half is in the token."""

    __slots__ = ("_public",)

    def __init__(self, engine: PairEngine, algorithm: KeyAlgorithm, held: Held, public: bytes) -> None:
        super().__init__(engine, algorithm, held, None)
        self._public = public

    def sign(self, data: bytes, /) -> bytes:
        """See `OpenKey`. The token hashes too (CKM_SHA256_RSA_PKCS; PKCS #11 v2.40, 2.1.12)."""
        return self._signed(data, Mechanism.SHA256_RSA_PKCS)

    def public(self) -> bytes:
        """See `OpenKey`."""
        return self._public


class FreshTokenPair(FreshTokenKey):
    """A `FreshKey` in the token, with a public half."""

    __slots__ = ("_pair", "_pairs")

    def __init__(self, engine: PairEngine, pair: TokenPair) -> None:
        super().__init__(engine, pair, None)
        self._pairs = engine
        self._pair = pair

    def wrap(self, binding: bytes, /) -> bytes:
        """See `FreshKey`."""
        public = self._pair.public()
        length = len(public).to_bytes(_LENGTH, "big")
        return self._pairs.bound(_VERSION + length + public + self._pairs.wrap_private(self._pair.held), binding)


class PairEngine(Pkcs11Engine):
    """The engine of keys and of pairs."""

    def generate(self, algorithm: KeyAlgorithm, /) -> FreshTokenKey:
        """See `Engine`. No byte of a private key leaves the token."""
        if algorithm not in RSA_SIZES:
            return super().generate(algorithm)
        terms = {"public_template": _PUBLIC, "private_template": _HELD}
        try:
            public, private = self._session.generate_keypair(KeyType.RSA, RSA_SIZES[algorithm], store=False, **terms)
            held, numbers = Held(private), _numbers(Held(public))
        except PKCS11Error as error:
            raise _not_done(error) from None
        return FreshTokenPair(self, TokenPair(self, algorithm, held, spki(numbers.public_key())))

    def load(self, algorithm: KeyAlgorithm, clear: bytes, /) -> FreshTokenKey:
        """See `Engine`. The clear private key is handed to the token and becomes a sensitive object there."""
        if algorithm not in RSA_SIZES:
            return super().load(algorithm, clear)
        key = own(clear)
        try:
            held = Held(self._session.create_object(_private_object(key)))
        except PKCS11Error as error:
            raise _not_done(error) from None
        return FreshTokenPair(self, TokenPair(self, algorithm, held, spki(key.public_key())))

    def unwrap(self, wrapped: WrappedKey, binding: bytes, /) -> TokenKey:
        """See `Engine`."""
        if wrapped.algorithm not in RSA_SIZES:
            return super().unwrap(wrapped, binding)
        body = self.checked(wrapped, binding)[len(_VERSION) :]
        end = _LENGTH + int.from_bytes(body[:_LENGTH], "big")
        try:
            private = self._wrapping.unwrap_key(
                ObjectClass.PRIVATE_KEY, KeyType.RSA, body[end:], mechanism=_WRAPS, store=False, template=_UNWRAPPED
            )
        except PKCS11Error as error:
            raise unreachable(error) from None
        return TokenPair(self, wrapped.algorithm, Held(private), body[_LENGTH:end])

    def wrap_private(self, key: PairObject) -> bytes:
        """A private object under the wrapping key."""
        try:
            return bytes(self._wrapping.wrap_key(key, mechanism=_WRAPS))
        except PKCS11Error as error:
            raise _not_done(error) from None


def _numbers(public: Held) -> rsa.RSAPublicNumbers:
    exponent, modulus = (public.key[each] for each in (Attribute.PUBLIC_EXPONENT, Attribute.MODULUS))
    return rsa.RSAPublicNumbers(int.from_bytes(exponent, "big"), int.from_bytes(modulus, "big"))


def _private_object(key: rsa.RSAPrivateKey) -> dict[Attribute, Any]:
    """What a token is told of a private key (PKCS #11 v2.40, 2.1.3)."""
    secret = key.private_numbers()
    values = {
        Attribute.MODULUS: secret.public_numbers.n,
        Attribute.PUBLIC_EXPONENT: secret.public_numbers.e,
        Attribute.PRIVATE_EXPONENT: secret.d,
        Attribute.PRIME_1: secret.p,
        Attribute.PRIME_2: secret.q,
        Attribute.EXPONENT_1: secret.dmp1,
        Attribute.EXPONENT_2: secret.dmq1,
        Attribute.COEFFICIENT: secret.iqmp,
    }
    numbers = {name: value.to_bytes((value.bit_length() + 7) // 8, "big") for name, value in values.items()}
    return {**_HELD, Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.KEY_TYPE: KeyType.RSA, **numbers}


def _not_done(error: PKCS11Error) -> KeyRefused:
    if isinstance(error, MechanismInvalid):
        return KeyRefused(KeyFault.NOT_OFFERED, "the token keeps no RSA pairs")
    return unreachable(error)
