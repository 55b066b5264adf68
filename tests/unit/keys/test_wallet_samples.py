"""What wallets publish as samples of their signatures, as far as this room makes them."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from xiaopos.keys.macs import hmac_sha256

KNOWN = json.loads((Path(__file__).parents[2] / "vectors" / "wechat_alipay_sign.json").read_text(encoding="utf-8"))


def test_a_keyed_hash_over_sorted_parameters() -> None:
    known = KNOWN["v2"]
    signed = "&".join(f"{name}={known['params'][name]}" for name in sorted(known["params"])) + f"&key={known['key']}"
    assert hmac_sha256(known["key"].encode())(signed.encode()).hex().upper() == known["hmac_sha256"]


def test_a_notification_opens_with_the_cipher_that_the_vault_seals_with() -> None:
    known = KNOWN["v3_aead"]
    sealed = base64.b64decode(known["ciphertext_b64"])
    opened = AESGCM(known["key"][:16].encode()).decrypt(known["nonce"].encode(), sealed, known["aad"].encode())
    assert opened.decode() == known["plaintext"]
