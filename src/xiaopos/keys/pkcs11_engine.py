"""Keys in a hardware module, reached through PKCS#11: the engine of the production vault.

What may live here: the PKCS#11 form of `OpenKey` and `Engine`. What may not: permissions, usages, pairs (`pkcs11_pairs`),
opening a module (`pkcs11_vault`).

Two objects stay in the token: one that wraps (AES-256, it does nothing else) and one that binds (AES-256, CMAC only).
Every other key is outside as a blob, and inside, while it is used, as a session object that says it is sensitive:

    01 | AES key wrap (RFC 3394) of the key | of its left half (TDES2 only) | CMAC 16 over binding and all before

DES keys of every length are DES3 objects (K K K; K1 K2 K1; K1 K2 K3), which modules without single DES take.
"""

from __future__ import annotations

import ctypes
import hmac
from contextlib import suppress
from typing import Any, NamedTuple, Self

from pkcs11 import Attribute, GCMParams, KeyType, Mechanism, ObjectClass, PKCS11Error, Session
from pkcs11.constants import DEFAULT

from xiaopos.keys.des import odd_parity
from xiaopos.keys.software_engine import DES_FAMILY, require_strong
from xiaopos.keys.vault import KeyAlgorithm, KeyFault, KeyRefused, WrappedKey

WRAPPING, BINDING = "xiaopos wrap 1", "xiaopos bind 1"
TokenObject = Any
"""A key object of python-pkcs11: what it can do are classes mixed in at run time, which types do not follow."""

_VERSION = b"\x01"
_MAC = 16
_WRAP_ADDS = 8
_A = KeyAlgorithm
_AES = (_A.AES128, _A.AES192, _A.AES256)

_HELD: dict[Attribute, Any] = {
    Attribute.TOKEN: False,
    Attribute.PRIVATE: True,
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: True,
    Attribute.ENCRYPT: True,
    Attribute.DECRYPT: True,
    Attribute.SIGN: True,
    Attribute.VERIFY: False,
    Attribute.WRAP: False,
    Attribute.UNWRAP: False,
    Attribute.DERIVE: True,
}
# A DES3 object's length is given: tokens refuse to be told it.
_DERIVED = {**_HELD, Attribute.VALUE_LEN: DEFAULT}
_READABLE = {**_HELD, Attribute.SENSITIVE: False}


class _Kind(NamedTuple):
    """How an algorithm's keys look to a token."""

    key_type: KeyType
    length: int
    ecb: Mechanism | None
    cbc: Mechanism | None
    block_size: int


_DES3 = _Kind(KeyType.DES3, 24, Mechanism.DES3_ECB, Mechanism.DES3_CBC, 8)


def _aes(length: int) -> _Kind:
    return _Kind(KeyType.AES, length, Mechanism.AES_ECB, Mechanism.AES_CBC, 16)


_KINDS = {
    _A.DES: _DES3,
    _A.TDES2: _DES3,
    _A.TDES3: _DES3,
    _A.AES128: _aes(16),
    _A.AES192: _aes(24),
    _A.AES256: _aes(32),
    _A.HMAC256: _Kind(KeyType.GENERIC_SECRET, 32, None, None, 0),
    # Modules sign with Edwards keys and do not let them be wrapped: the seed is kept, and signs in this process.
    _A.ED25519: _Kind(KeyType.GENERIC_SECRET, 32, None, None, 0),
}


def _kind(algorithm: KeyAlgorithm) -> _Kind:
    kind = _KINDS.get(algorithm)
    if kind is None:
        raise KeyRefused(KeyFault.NOT_OFFERED, f"the token has no {algorithm.value} keys")
    return kind


def expanded(algorithm: KeyAlgorithm, clear: bytes) -> bytes:
    """A key as its object holds it: DES keys as the 24 bytes of a DES3 object.

    >>> expanded(KeyAlgorithm.DES, b"12345678")
    b'123456781234567812345678'
    """
    if algorithm is _A.DES:
        return clear * 3
    return clear + clear[:8] if algorithm is _A.TDES2 else clear


def unreachable(error: PKCS11Error) -> KeyRefused:
    """What a vault says when its token fails: the kind of failure and nothing else."""
    return KeyRefused(KeyFault.OUT_OF_REACH, f"the token did not do it ({type(error).__name__})")


class _DerivationData(ctypes.Structure):
    """CK_KEY_DERIVATION_STRING_DATA (PKCS #11 v2.40, 2.15): where the data are, and how long."""

    _fields_ = (("data", ctypes.c_char_p), ("length", ctypes.c_ulong))


class Held:
    """A session object, destroyed in the token when nobody holds it any more."""

    __slots__ = ("_key",)

    def __init__(self, key: TokenObject) -> None:
        self._key = key

    def __del__(self) -> None:
        with suppress(PKCS11Error):  # the session, and with it the object, is gone already
            self._key.destroy()

    @property
    def key(self) -> TokenObject:
        """The object."""
        return self._key


class TokenCipher:
    """A `BlockCipher` whose key is in the token."""

    __slots__ = ("_cbc", "_ecb", "_held", "block_size")

    def __init__(self, held: Held, ecb: Mechanism, cbc: Mechanism, block_size: int) -> None:
        self._held = held
        self._ecb = ecb
        self._cbc = cbc
        self.block_size = block_size

    def encrypt(self, data: bytes, /) -> bytes:
        """See `BlockCipher`."""
        try:
            return bytes(self._held.key.encrypt(data, mechanism=self._ecb))
        except PKCS11Error as error:
            raise unreachable(error) from None

    def decrypt(self, data: bytes, /) -> bytes:
        """See `BlockCipher`."""
        try:
            return bytes(self._held.key.decrypt(data, mechanism=self._ecb))
        except PKCS11Error as error:
            raise unreachable(error) from None

    def cbc_last(self, data: bytes, /) -> bytes:
        """See `BlockCipher`."""
        iv = bytes(self.block_size)
        try:
            return bytes(self._held.key.encrypt(data, mechanism=self._cbc, mechanism_param=iv))[-self.block_size :]
        except PKCS11Error as error:
            raise unreachable(error) from None


class TokenKey:
    """An `OpenKey` in the token; this object holds handles."""

    __slots__ = ("_engine", "_held", "_left", "_whole", "algorithm")

    def __init__(self, engine: Pkcs11Engine, algorithm: KeyAlgorithm, held: Held, left: LeftHalf) -> None:
        kind = _KINDS.get(algorithm)
        self.algorithm = algorithm
        self._engine = engine
        self._held = held
        self._left = left
        self._whole = None
        if kind is not None and kind.ecb is not None and kind.cbc is not None:
            self._whole = TokenCipher(held, kind.ecb, kind.cbc, kind.block_size)

    def __repr__(self) -> str:
        return f"TokenKey({self.algorithm.value.lower()})"

    @property
    def held(self) -> TokenObject:
        """The object in the token."""
        return self._held.key

    @property
    def whole(self) -> TokenCipher:
        """See `OpenKey`."""
        if self._whole is None:
            raise self._cannot("encrypt blocks")
        return self._whole

    @property
    def left(self) -> TokenCipher:
        """See `OpenKey`. Unwrapped when asked: a key that only begets needs none."""
        if isinstance(self._left, TokenKey):
            return self._left.whole
        if self._left is None:
            raise self._cannot("make a retail MAC")
        self._left = TokenKey(self._engine, _A.DES, self._engine.unwrap_object(_A.DES, self._left), None)
        return self._left.whole

    def cmac(self, data: bytes, /) -> bytes:
        """See `OpenKey`."""
        if self.algorithm not in _AES:
            raise self._cannot("make an AES-CMAC")
        return self._signed(data, Mechanism.AES_CMAC)

    def hmac(self, data: bytes, /) -> bytes:
        """See `OpenKey`."""
        if self.algorithm is not _A.HMAC256:
            raise self._cannot("make an HMAC")
        return self._signed(data, Mechanism.SHA256_HMAC)

    def hmac_sm3(self, data: bytes, /) -> bytes:  # noqa: ARG002 - it is refused whatever it is
        """See `OpenKey`. PKCS #11 2.40 names no such mechanism."""
        raise KeyRefused(KeyFault.NOT_OFFERED, "the token makes no HMAC with SM3")

    def _signed(self, data: bytes, mechanism: Mechanism) -> bytes:
        try:
            return bytes(self._held.key.sign(data, mechanism=mechanism))
        except PKCS11Error as error:
            raise unreachable(error) from None

    def seal(self, nonce: bytes, plaintext: bytes, aad: bytes, /) -> bytes:
        """See `OpenKey`."""
        self._require_sealing()
        terms = GCMParams(nonce, aad=aad, tag_bits=128)
        try:
            return bytes(self._held.key.encrypt(plaintext, mechanism=Mechanism.AES_GCM, mechanism_param=terms))
        except PKCS11Error as error:
            raise unreachable(error) from None

    def unseal(self, nonce: bytes, sealed: bytes, aad: bytes, /) -> bytes:
        """See `OpenKey`. Tokens do not agree on what they call a wrong tag: every failure here is BAD_SEAL."""
        self._require_sealing()
        terms = GCMParams(nonce, aad=aad, tag_bits=128)
        try:
            return bytes(self._held.key.decrypt(sealed, mechanism=Mechanism.AES_GCM, mechanism_param=terms))
        except PKCS11Error:
            raise KeyRefused(KeyFault.BAD_SEAL, "the sealed bytes or what they belong to were altered") from None

    def sign(self, data: bytes, /) -> bytes:  # noqa: ARG002 - it is refused whatever it is
        """See `OpenKey`."""
        raise self._cannot("sign")

    def public(self) -> bytes:
        """See `OpenKey`."""
        raise self._cannot("have a public half")

    def derive(self, data: bytes, /) -> Self:
        """See `OpenKey`. Inside the token: CKM_DES3_ECB_ENCRYPT_DATA, once for the whole and once for the left half."""
        left, right = data[:8], data[8:]
        whole = self._engine.derive_object(self.held, left + right + left)
        half = TokenKey(self._engine, _A.DES, self._engine.derive_object(self.held, left * 3), None)
        return type(self)(self._engine, _A.TDES2, whole, half)

    def variant(self, mask: bytes, /) -> Self:  # noqa: ARG002  # the role names it
        """See `OpenKey`. No token is asked for it: the mechanism exists for secrets of no type only."""
        raise KeyRefused(KeyFault.NOT_OFFERED, "the token does not make variants of a key")

    def _require_sealing(self) -> None:
        if self.algorithm is not _A.AES256:
            raise self._cannot("seal")

    def _cannot(self, what: str) -> KeyRefused:
        return KeyRefused(KeyFault.WRONG_ALGORITHM, f"a {self.algorithm.value} key does not {what}")


LeftHalf = TokenKey | bytes | None
"""The left half of a double-length key: ready, or wrapped until it is needed; other keys have none."""


class FreshTokenKey:
    """A `FreshKey` in the token."""

    __slots__ = ("_engine", "_left", "opened")

    def __init__(self, engine: Pkcs11Engine, opened: TokenKey, left: TokenKey | None) -> None:
        self._engine = engine
        self._left = left
        self.opened = opened

    def wrap(self, binding: bytes, /) -> bytes:
        """See `FreshKey`."""
        parts = self._engine.wrap_object(self.opened.held)
        if self._left is not None:
            parts += self._engine.wrap_object(self._left.held)
        return self._engine.bound(_VERSION + parts, binding)


class Pkcs11Engine:
    """An `Engine` on a session of a token that has been prepared. Raises KeyRefused (OUT_OF_REACH) when it has not."""

    is_certified = True

    def __init__(self, session: Session) -> None:
        self._session = session
        self._wrapping: TokenObject = _only(session, WRAPPING)
        self._binding = _only(session, BINDING)

    def __repr__(self) -> str:
        return "Pkcs11Engine()"

    def entropy(self, count: int, /) -> bytes:
        """See `Engine`: the token's own generator."""
        try:
            return bytes(self._session.generate_random(count * 8)) if count else b""
        except PKCS11Error as error:
            raise unreachable(error) from None

    def generate(self, algorithm: KeyAlgorithm, /) -> FreshTokenKey:
        """See `Engine`. No byte of the key leaves the token.

        DES keys are derived from a random key that exists for this call only, so that both halves of a double-length key
        and its left half alone come to be without their values being known: `E(ephemeral, r1 r2 r1)`, `E(ephemeral, r1 x 3)`.
        """
        kind = _kind(algorithm)
        if algorithm not in DES_FAMILY:
            held = self._made(kind.key_type, kind.length * 8)
            return FreshTokenKey(self, TokenKey(self, algorithm, held, None), None)
        parent = self._made(KeyType.DES3, None)
        drawn = self.entropy(algorithm.key_length)
        whole = self.derive_object(parent.key, expanded(algorithm, drawn))
        left = None
        if algorithm is _A.TDES2:
            left = TokenKey(self, _A.DES, self.derive_object(parent.key, drawn[:8] * 3), None)
        return FreshTokenKey(self, TokenKey(self, algorithm, whole, left), left)

    def load(self, algorithm: KeyAlgorithm, clear: bytes, /) -> FreshTokenKey:
        """See `Engine`. The clear key is handed to the token and becomes a sensitive object there."""
        kind = _kind(algorithm)
        if len(clear) != algorithm.key_length:
            raise KeyRefused(
                KeyFault.WRONG_LENGTH, f"a {algorithm.value} key has {algorithm.key_length} bytes, got {len(clear)}"
            )
        require_strong(algorithm, clear)
        value = expanded(algorithm, clear)
        if algorithm in DES_FAMILY:  # tokens may insist on parity, or set it themselves
            value = odd_parity(value)
        left = None
        if algorithm is _A.TDES2:
            left = TokenKey(self, _A.DES, self._created(KeyType.DES3, value[:8] * 3), None)
        held = self._created(kind.key_type, value)
        return FreshTokenKey(self, TokenKey(self, algorithm, held, left), left)

    def unwrap(self, wrapped: WrappedKey, binding: bytes, /) -> TokenKey:
        """See `Engine`."""
        whole, left = self._parts(wrapped, binding)
        held = self.unwrap_object(wrapped.algorithm, whole)
        return TokenKey(self, wrapped.algorithm, held, left or None)

    def reveal(self, wrapped: WrappedKey, binding: bytes, /) -> bytes:
        """See `Engine`. An object that may be read exists for this call only; DES keys come back with odd parity."""
        whole, _ = self._parts(wrapped, binding)
        held = self.unwrap_object(wrapped.algorithm, whole, _READABLE)
        try:
            return bytes(held.key[Attribute.VALUE])[: wrapped.algorithm.key_length]
        except PKCS11Error:
            raise KeyRefused(KeyFault.NOT_OFFERED, "the token lets no key be carried out in this way") from None

    # -- objects, for the keys of this module ------------------------------------------------------------------------

    def bound(self, body: bytes, binding: bytes) -> bytes:
        """A blob's body with the code that binds it."""
        return body + self._code(binding + body)

    def checked(self, wrapped: WrappedKey, binding: bytes) -> bytes:
        """A blob's body, when this engine bound it so. BAD_BLOB."""
        body = wrapped.blob[:-_MAC]
        if not hmac.compare_digest(self._code(binding + body), wrapped.blob[-_MAC:]):
            raise KeyRefused(KeyFault.BAD_BLOB, f"{wrapped!r} was not wrapped by this vault, or was altered")
        return body

    def wrap_object(self, key: TokenObject) -> bytes:
        """An object under the wrapping key."""
        try:
            return bytes(self._wrapping.wrap_key(key, mechanism=Mechanism.AES_KEY_WRAP))
        except PKCS11Error as error:
            raise unreachable(error) from None

    def unwrap_object(self, algorithm: KeyAlgorithm, part: bytes, template: dict[Attribute, Any] | None = None) -> Held:
        """The object of a wrapped part, as a session object."""
        try:
            return Held(
                self._wrapping.unwrap_key(
                    ObjectClass.SECRET_KEY,
                    _kind(algorithm).key_type,
                    part,
                    mechanism=Mechanism.AES_KEY_WRAP,
                    store=False,
                    template=template or _HELD,
                )
            )
        except PKCS11Error as error:
            raise unreachable(error) from None

    def derive_object(self, parent: TokenObject, data: bytes) -> Held:
        """The DES3 key `E(parent, data)`; 24 bytes in."""
        pointed = _DerivationData(data, len(data))  # it points into `data`, which this call keeps
        try:
            return Held(
                parent.derive_key(
                    KeyType.DES3,
                    192,
                    store=False,
                    mechanism=Mechanism.DES3_ECB_ENCRYPT_DATA,
                    mechanism_param=bytes(pointed),
                    template=_DERIVED,
                )
            )
        except PKCS11Error as error:
            raise unreachable(error) from None

    def _made(self, key_type: KeyType, bits: int | None) -> Held:
        try:
            return Held(self._session.generate_key(key_type, bits, store=False, template=_HELD))
        except PKCS11Error as error:
            raise unreachable(error) from None

    def _created(self, key_type: KeyType, value: bytes) -> Held:
        template = {
            **_HELD,
            Attribute.CLASS: ObjectClass.SECRET_KEY,
            Attribute.KEY_TYPE: key_type,
            Attribute.VALUE: value,
        }
        try:
            return Held(self._session.create_object(template))
        except PKCS11Error as error:
            raise unreachable(error) from None

    def _parts(self, wrapped: WrappedKey, binding: bytes) -> tuple[bytes, bytes]:
        blob, kind = wrapped.blob, _KINDS.get(wrapped.algorithm)
        length = 0 if kind is None else kind.length + _WRAP_ADDS
        left = length if wrapped.algorithm is _A.TDES2 else 0
        if not length or len(blob) != 1 + length + left + _MAC:
            raise KeyRefused(KeyFault.BAD_BLOB, f"{wrapped!r} has the wrong length")
        body = self.checked(wrapped, binding)
        return body[1 : 1 + length], body[1 + length :]

    def _code(self, data: bytes) -> bytes:
        try:
            return bytes(self._binding.sign(data, mechanism=Mechanism.AES_CMAC))
        except PKCS11Error as error:
            raise unreachable(error) from None


def _only(session: Session, label: str) -> TokenObject:
    """The one object with this label."""
    try:
        found = list(session.get_objects({Attribute.LABEL: label, Attribute.CLASS: ObjectClass.SECRET_KEY}))
    except PKCS11Error as error:
        raise unreachable(error) from None
    if len(found) != 1:
        raise KeyRefused(KeyFault.OUT_OF_REACH, f"the token holds {len(found)} keys named {label!r}, not one")
    return found[0]
