"""Key blocks: a key that travels bound to what it may do (ANSI X9.143:2021, TR-31:2018, ISO 20038:2017).

What may live here: wrapping and unwrapping. What may not: who may (`work_blocks`), our own usages (`key_blocks_uses`).

    clear key field   | length of the key in bits 2 | key | random padding |
                        the padding hides the key's length: up to 24 bytes for DES, 32 for AES (X9.143:2021, 6.1)
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass

from xiaopos.kernel.secret import Secret
from xiaopos.keys.key_blocks_binding import ProtectionKey, binding_keys, seal, unseal
from xiaopos.keys.key_blocks_header import Header, read
from xiaopos.keys.key_blocks_optional import ExtendedLength
from xiaopos.keys.key_blocks_words import BlockVersion, KeyBlockRefused
from xiaopos.keys.vault import KeyFault, KeyRefused

_HIDDEN_IN = {"T": 24, "D": 24, "A": 32}
_LENGTHS = {"T": (8, 16, 24), "D": (8, 16, 24), "A": (16, 24, 32)}
_LONGEST_KEY = 0xFFFF // 8


@dataclass(frozen=True, slots=True)
class OpenedBlock:
    """A key block whose MAC was right."""

    header: Header
    key: Secret
    extended: ExtendedLength | None
    """How extended lengths of optional blocks were read; None when there is none."""


def wrap(
    kbpk: ProtectionKey,
    header: Header,
    key: Secret,
    entropy: Callable[[int], bytes],
    *,
    hide_length: bool = True,
    even_deprecated: bool = False,
    extended: ExtendedLength = ExtendedLength.DIGITS,
) -> str:
    """A key block. `hide_length` pads a DES or AES key to the longest of its kind, as X9.143:2021 has it.

    Refusals: WRONG_ALGORITHM for a protection key of the wrong kind and for version A unless `even_deprecated`;
    WRONG_LENGTH for a key that its algorithm does not have; KeyBlockRefused for more than a block can hold.
    """
    version = header.version
    if version is BlockVersion.A and not even_deprecated:
        raise KeyRefused(KeyFault.WRONG_ALGORITHM, "version A is deprecated: it is written only when asked for by name")
    clear = _key_field(header, key.value, entropy, hide_length=hide_length)
    keys = binding_keys(kbpk, version)
    text = header.text(header.length(extended) + (len(clear) + version.mac_length) * 2, extended)
    cipher, mac = seal(keys, version, text.encode("ascii"), clear)
    return text + (cipher + mac).hex().upper()


def unwrap(kbpk: ProtectionKey, text: str, *, extended: ExtendedLength | None = None) -> OpenedBlock:
    """The key of a key block, once its MAC was right over header and key.

    `extended` fixes how extended lengths are read; None finds out. Refusals: KeyBlockRefused for anything malformed or
    altered, or made with another protection key; WRONG_ALGORITHM for a protection key of the wrong kind.
    """
    sealed = read(text, extended)
    version = sealed.header.version
    keys = binding_keys(kbpk, version)
    clear, expected = unseal(keys, version, sealed.header_text, sealed.payload, sealed.mac)
    at_mac = len(text) - version.mac_length * 2
    if not hmac.compare_digest(expected, sealed.mac):
        raise KeyBlockRefused(at_mac, "a MAC of this key block under this protection key")
    length = _length(sealed.header, clear, len(sealed.header_text))
    return OpenedBlock(sealed.header, Secret(clear[2 : 2 + length]), sealed.extended)


def _key_field(header: Header, key: bytes, entropy: Callable[[int], bytes], *, hide_length: bool) -> bytes:
    lengths = _LENGTHS.get(header.algorithm)
    if not 0 < len(key) <= _LONGEST_KEY or (lengths is not None and len(key) not in lengths):
        raise KeyRefused(KeyFault.WRONG_LENGTH, f"a key of algorithm {header.algorithm} does not have {len(key)} bytes")
    size = 2 + max(len(key), _HIDDEN_IN.get(header.algorithm, 0) if hide_length else 0)
    if header.version is not BlockVersion.E:
        size += -size % header.version.block_size
    return (len(key) * 8).to_bytes(2, "big") + key + entropy(size - 2 - len(key))


def _length(header: Header, clear: bytes, at: int) -> int:
    bits = int.from_bytes(clear[:2], "big")
    length = bits // 8
    lengths = _LENGTHS.get(header.algorithm)
    if bits % 8 or not 0 < length <= len(clear) - 2 or (lengths is not None and length not in lengths):
        raise KeyBlockRefused(at, f"a key of a length that algorithm {header.algorithm} has")
    return length
