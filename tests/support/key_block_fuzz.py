"""What a fuzzer throws at key blocks, and what must hold: for `./dev fuzz` and for a short seeded run among the unit tests."""

from __future__ import annotations

import json
from pathlib import Path

from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyRefused
from xiaopos.keys.key_blocks import unwrap, wrap
from xiaopos.keys.key_blocks_header import SealedBlock, read
from xiaopos.keys.key_blocks_optional import ExtendedLength
from xiaopos.keys.key_blocks_values import decoded
from xiaopos.keys.key_blocks_words import KeyBlockRefused
from xiaopos.keys.software_engine import SoftwareKey

VECTORS = Path(__file__).parents[1] / "vectors" / "key_blocks.json"
_AES = SoftwareKey(KeyAlgorithm.AES256, bytes(range(32)))
_DES = SoftwareKey(KeyAlgorithm.TDES2, bytes(range(16)))


def seeds() -> list[bytes]:
    """The standards' samples and other makers' blocks, up to 400 characters."""
    known = json.loads(VECTORS.read_text(encoding="utf-8"))
    texts = [row["block"] for row in known["blocks"]] + [row["kb"] for row in known["third_party"]]
    return [text.encode("ascii") for text in texts if len(text) <= 400]


def key_block(data: bytes) -> None:
    """Reading gives a block or `KeyBlockRefused`; what was read can be wrapped anew and opens to the same header."""
    text = data.decode("latin-1")
    for whole in (text, f"{text[:1]}{len(text):04}{text[5:]}"):
        for extended in (None, *ExtendedLength):
            try:
                sealed = read(whole, extended)
            except KeyBlockRefused:
                continue
            _opens(whole, sealed)


def _opens(text: str, sealed: SealedBlock) -> None:
    kbpk = _AES if sealed.header.version.is_aes else _DES
    try:
        unwrap(kbpk, text)
    except KeyRefused:
        pass
    else:
        raise AssertionError("a block that nobody made opens")
    for block in sealed.header.blocks:
        try:
            decoded(block)
        except KeyBlockRefused:
            continue
    try:
        again = wrap(kbpk, sealed.header, Secret(bytes(range(16))), lambda count: bytes(count), even_deprecated=True)
    except KeyRefused:
        return
    if unwrap(kbpk, again, extended=ExtendedLength.DIGITS).header != sealed.header:
        raise AssertionError("wrapped anew, the header is another")
