"""What Alipay signs and how it is found again: parameters in order, the answer's exact text, a notification's parameters.

What may live here: the texts under signatures, and judging whether an answer is Alipay's. What may not: HTTP, private keys
(a vault signs), what an answer means.

Requests: every parameter but `sign`, empty ones dropped, sorted, as ``k=v&k=v``; notifications drop `sign_type` too. Answers:
the text between the braces of ``"<method>_response":{...}`` as it came, since writing it anew would change it.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from xiaopos.keys.signatures import Signing, verify_signature

Body = Mapping[str, object]

CHARSETS: Mapping[str, str] = {"utf-8": "utf-8", "gbk": "gbk", "gb2312": "gb2312"}
"""Alipay's names of character sets and Python's."""

_SPACE = re.compile(r"[ \t\r\n]*")
_WORD = re.compile(r"[A-Za-z0-9._-]{1,64}")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Distrusted:
    """An answer that may not be believed, and why. `said` is the word of a code in it, good for nothing but a hint."""

    cause: str
    said: str = ""


def signed_text(parameters: Mapping[str, str], *, without: frozenset[str] = frozenset({"sign"})) -> str:
    """The text under a signature over parameters.

    >>> signed_text({"method": "m", "app_id": "2", "sign": "x", "notify_url": ""})
    'app_id=2&method=m'
    """
    return "&".join(f"{name}={value}" for name, value in sorted(parameters.items()) if value and name not in without)


def notified_text(parameters: Mapping[str, str]) -> bytes:
    """The bytes under an asynchronous notification's signature. Raises ValueError for a character set that is not known."""
    charset = CHARSETS.get(parameters.get("charset", "utf-8").lower())
    if charset is None:
        raise ValueError("the notification's character set is not known")
    return signed_text(parameters, without=frozenset({"sign", "sign_type"})).encode(charset)


def members(text: str) -> dict[str, str] | None:
    """The members of a JSON object, each value exactly as it is written. None for no such object, or a name used twice."""
    found: dict[str, str] = {}
    try:
        at = _past(text, _past_space(text, 0), "{")
        while True:
            name, at = _DECODER.raw_decode(text, _past_space(text, at))
            start = _past_space(text, _past(text, at, ":"))
            _, at = _DECODER.raw_decode(text, start)
            if not isinstance(name, str) or name in found:
                return None
            found[name] = text[start:at]
            at = _past_space(text, at)
            if text[at : at + 1] != ",":
                break
            at += 1
        at = _past_space(text, _past(text, at, "}"))
    except (ValueError, RecursionError):
        return None
    return found if at == len(text) else None


def _past_space(text: str, at: int) -> int:
    matched = _SPACE.match(text, at)
    return at if matched is None else matched.end()


def _past(text: str, at: int, mark: str) -> int:
    at = _past_space(text, at)
    if text[at : at + 1] != mark:
        raise ValueError(f"{mark} is missing")
    return at + 1


def fits(public: bytes, data: bytes, signature: str) -> bool:
    """Whether a signature in base64 is this key's (RSA2: RSASSA-PKCS1-v1_5 with SHA-256) over the bytes."""
    try:
        given = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return False
    return verify_signature(Signing.RSA_SHA256, public, data, given)


def open_answer(raw: bytes, method: str, keys: Mapping[str, bytes]) -> Body | Distrusted:
    """What Alipay answered to `method`, or why that may not be believed.

    `keys` are Alipay's public keys (DER SubjectPublicKeyInfo) by certificate number, by "" where it has no certificates.
    """
    try:
        parts = members(raw.decode())
    except UnicodeDecodeError:
        parts = None
    if parts is None:
        return Distrusted("the wallet's answer cannot be read")
    text = parts.get(method.replace(".", "_") + "_response") or parts.get("error_response") or ""
    body = _object(text)
    if body is None:
        return Distrusted("the wallet's answer is to another question")
    word = _word(body.get("sub_code", ""))
    said = f"; it says {_word(body.get('code'))} {word}".rstrip()
    number, signature = _plain(parts.get("alipay_cert_sn", '""')), _plain(parts.get("sign", '""'))
    public = keys.get(number)
    if public is None:
        return Distrusted(
            f"the wallet signs with a certificate that is not ours to trust ({_word(number) or 'none named'}){said}",
            word,
        )
    # A slash may have been escaped after signing: the official client tries both, and both mean the same.
    if not any(fits(public, form.encode(), signature) for form in dict.fromkeys((text, text.replace("\\/", "/")))):
        return Distrusted(f"the wallet's answer has no valid signature{said}", word)
    return body


def _object(text: str) -> Body | None:
    body = json.loads(text) if text.startswith("{") else None
    return body if isinstance(body, dict) else None


def _word(value: object) -> str:
    """What nobody has signed, as far as it may be told on: one word of a code."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else "?" if value else ""


def _plain(text: str) -> str:
    value = json.loads(text)
    return value if isinstance(value, str) else ""
