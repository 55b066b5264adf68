"""The signatures of the Standard Webhooks specification, and how its keys are written for people.

What may live here: the text under a signature, the header, the texts of keys. What may not: private keys (a vault signs), HTTP.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

from xiaopos.keys import MacKind, Vault, WrappedKey

SECRET_MARK, PUBLIC_MARK = "whsec_", "whpk_"


def signed_text(event_id: str, timestamp: int, body: bytes) -> bytes:
    """The bytes under every signature: none of the first two parts can hold a full stop."""
    return f"{event_id}.{timestamp}.".encode() + body


def signature_of(text: bytes, secrets: Sequence[WrappedKey], pair: WrappedKey | None, vault: Vault) -> str:
    """The header's value: `v1` (HMAC-SHA-256) for each secret, then `v1a` (Ed25519) where the house has a pair.

    Raises KeyRefused.
    """
    made = [f"v1,{_base64(vault.mac(key=secret, data=text, kind=MacKind.HMAC_SHA256))}" for secret in secrets]
    if pair is not None:
        made.append(f"v1a,{_base64(vault.sign(key=pair, data=text))}")
    return " ".join(made)


def secret_text(secret: bytes) -> str:
    """A secret as its owner is shown it.

    >>> secret_text(bytes(24))
    'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
    """
    return SECRET_MARK + _base64(secret)


def public_text(public: bytes) -> str:
    """The house's public key as it is published."""
    return PUBLIC_MARK + _base64(public)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
