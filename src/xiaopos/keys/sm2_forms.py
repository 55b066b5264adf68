"""The DER forms around SM2, read strictly: one way to write each value, nothing behind it.

What may live here: signatures, cipher texts and public keys as DER.
What may not: curve arithmetic, what the numbers mean (`sm2`).
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from xiaopos.keys.vault import KeyFault, KeyRefused

_SEQUENCE, _INTEGER, _OCTETS = 0x30, 0x02, 0x04
# SEQUENCE { SEQUENCE { ecPublicKey, 1.2.156.10197.1.301 }, BIT STRING of 66 bytes }
_SPKI = bytes.fromhex("3059301306072A8648CE3D020106082A811CCF5501822D034200")


def subject_public_key(encoded: bytes) -> bytes:
    """The SubjectPublicKeyInfo of a public key in its 65-byte form: RFC 5480 with the curve's name of GM/T 0006."""
    return _SPKI + encoded


def subject_public_key_point(data: bytes) -> bytes:
    """The 65 bytes back. Refusal: WRONG_FORM for another algorithm, curve, form or length."""
    if not data.startswith(_SPKI + b"\x04") or len(data) != len(_SPKI) + 65:
        raise KeyRefused(KeyFault.WRONG_FORM, "this is no public key of SM2 in DER")
    return data[len(_SPKI) :]


def signature_to_der(r: int, s: int) -> bytes:
    """`SEQUENCE { INTEGER r, INTEGER s }`."""
    return encode_dss_signature(r, s)


def signature_from_der(data: bytes) -> tuple[int, int]:
    """The two numbers. Refusal: WRONG_FORM for anything but exactly that."""
    try:
        return decode_dss_signature(data)
    except ValueError:
        raise KeyRefused(KeyFault.WRONG_FORM, "this is no signature in DER") from None


def cipher_to_der(x: int, y: int, check: bytes, text: bytes) -> bytes:
    """`SEQUENCE { INTEGER x, INTEGER y, OCTET STRING check, OCTET STRING text }`: GM/T 0009-2012, 7.2.

    >>> cipher_to_der(1, 128, b"c", b"text").hex()
    '301002010102020080040163040474657874'
    """
    parts = (_tlv(_INTEGER, _integer(x)), _tlv(_INTEGER, _integer(y)), _tlv(_OCTETS, check), _tlv(_OCTETS, text))
    return _tlv(_SEQUENCE, b"".join(parts))


def cipher_from_der(data: bytes) -> tuple[int, int, bytes, bytes]:
    """The four values. Refusal: WRONG_FORM for anything but exactly that DER.

    >>> cipher_from_der(cipher_to_der(1, 128, b"c", b"text"))
    (1, 128, b'c', b'text')
    """
    body, rest = _read(_SEQUENCE, data)
    x, body = _read(_INTEGER, body)
    y, body = _read(_INTEGER, body)
    check, body = _read(_OCTETS, body)
    text, body = _read(_OCTETS, body)
    numbers = int.from_bytes(x, "big", signed=True), int.from_bytes(y, "big", signed=True)
    if rest or body or min(numbers) < 0 or [_integer(number) for number in numbers] != [x, y]:
        raise _malformed()
    return *numbers, check, text


def _integer(value: int) -> bytes:
    return value.to_bytes(value.bit_length() // 8 + 1, "big")


def _tlv(tag: int, value: bytes) -> bytes:
    length = len(value)
    if length < 0x80:
        return bytes((tag, length)) + value
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + value


def _read(tag: int, data: bytes) -> tuple[bytes, bytes]:
    """The value of the first element, which must have this tag, and what stands behind it."""
    if len(data) < 2 or data[0] != tag:
        raise _malformed()
    length, at = data[1], 2
    if length & 0x80:
        at += length & 0x7F
        length = int.from_bytes(data[2:at], "big")
    value, rest = data[at : at + length], data[at + length :]
    # Written again it must be the same: so no length has a second way to be written, and none reaches beyond the data.
    if _tlv(tag, value) + rest != data or len(value) != length:
        raise _malformed()
    return value, rest


def _malformed() -> KeyRefused:
    return KeyRefused(KeyFault.WRONG_FORM, "this is no SM2 cipher text in DER")
