"""WeChat Pay's own keys: those that were entered, and platform certificates (平台证书) that it hands out, sealed.

What may live here: opening a list of certificates, which keys are trusted now. What may not: asking for the list (`gateway`).

A list is believed when it opens with our APIv3 key and is signed by a key of which it holds the certificate, or by one that was
entered. Certificates overlap while they change: each is trusted from its first day to its last.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from xiaopos.gateways.wechat_pay.signing import Body, Distrusted, Seen, doubt, read_object
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyRefused, Vault, WrappedKey
from xiaopos.keys.public_keys import PublicCertificate, read_certificate

ALGORITHM = "AEAD_AES_256_GCM"


@dataclass(frozen=True, slots=True)
class Unopened:
    """What WeChat Pay sealed cannot be opened, and why."""

    cause: str


def unsealed(sealed: object, vault: Vault, key: WrappedKey) -> Secret | Unopened:
    """What WeChat Pay sealed with the APIv3 key: an object with `algorithm`, `nonce`, `associated_data` and `ciphertext`."""
    if not isinstance(sealed, dict) or sealed.get("algorithm") != ALGORITHM:
        return Unopened("it is not sealed as agreed")
    nonce, aad, text = (sealed.get(name) or "" for name in ("nonce", "associated_data", "ciphertext"))
    if not all(isinstance(part, str) for part in (nonce, aad, text)):
        return Unopened("its seal cannot be read")
    try:
        cipher = base64.b64decode(text, validate=True)
        return vault.open_aead(key=key, nonce=nonce.encode(), cipher=cipher, aad=aad.encode())
    except (binascii.Error, ValueError):
        return Unopened("its seal cannot be read")
    except KeyRefused as refused:
        return Unopened(f"the APIv3 key does not open it ({refused.fault.name})")


class PlatformKeys:
    """The keys by which WeChat Pay is known. `entered` are trusted always, by serial."""

    def __init__(self, entered: Mapping[str, bytes]) -> None:
        self._entered = dict(entered)
        self._fetched: dict[str, PublicCertificate] = {}
        self.seen = Seen()

    def at(self, now: datetime) -> dict[str, bytes]:
        """What is trusted at an instant, by serial."""
        lasting = {serial: one.public for serial, one in self._fetched.items() if one.starts <= now < one.ends}
        return lasting | self._entered

    def take(
        self, raw: bytes, headers: Mapping[str, str], now: datetime, *, vault: Vault, api_v3_key: WrappedKey
    ) -> Distrusted | None:
        """Trust the certificates of a list that WeChat Pay sent; None when it is to be believed."""
        body = read_object(raw)
        found: dict[str, PublicCertificate] = {}
        for one in _certificates(body or {}, vault, api_v3_key):
            if isinstance(one, Unopened):
                return Distrusted(f"the list of certificates is not to be believed: {one.cause}", about="api_v3_key")
            if one.starts <= now < one.ends:
                found[one.serial] = one
        if not found:
            return Distrusted("the list holds no certificate that is valid now")
        keys = {serial: one.public for serial, one in found.items()} | self.at(now)
        refused = doubt(headers, raw, keys, now, self.seen)
        if refused is None:
            self._fetched |= found
        return refused


def _certificates(body: Body, vault: Vault, key: WrappedKey) -> Iterator[PublicCertificate | Unopened]:
    rows = body.get("data")
    for row in rows if isinstance(rows, list) else ():
        opened = unsealed(row.get("encrypt_certificate") if isinstance(row, dict) else None, vault, key)
        if isinstance(opened, Unopened):
            yield opened
            return
        try:
            yield read_certificate(opened.value)
        except KeyRefused as refused:
            yield Unopened(f"there is no certificate in it ({refused.fault.name})")
            return
