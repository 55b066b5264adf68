"""The two keys under a protection key, and how a key is enciphered and bound to its header (X9.143:2021, section 7).

What may live here: the cryptography of the five versions. What may not: header fields, a key's meaning.

    A, C   KBEK = KBPK ^ 45 45 ...   KBAK = KBPK ^ 4D 4D ...                      X9.143:2021, 7.2.3
           cipher text = CBC(KBEK, IV = first 8 characters of the header);  MAC = CBC-MAC(KBAK, header | cipher text), 4 bytes
    B D E  KBEK, KBAK = CMAC(KBPK, | counter 1 | use 2 | 00 | algorithm 2 | bits 2 |) ...      7.2.1, 7.2.2, ISO 20038 6.3
           MAC = CMAC(KBAK, header | clear text), whole;  cipher text = CBC (E: CTR)(KBEK, IV = MAC)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple, Protocol

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from xiaopos.keys.chaining import cbc_decrypt, cbc_encrypt, ctr
from xiaopos.keys.des import BlockCipher, block_cipher
from xiaopos.keys.key_blocks_words import BlockVersion
from xiaopos.keys.macs import cmac
from xiaopos.keys.vault import KeyAlgorithm, KeyFault, KeyRefused

_A = KeyAlgorithm

_CBC, _MAC, _CTR = 0, 1, 2
_ENCRYPTING, _AUTHENTICATING = 0x45, 0x4D
_INDICATOR = {_A.TDES2: 0, _A.TDES3: 1, _A.AES128: 2, _A.AES192: 3, _A.AES256: 4}


class WholeKey(Protocol):
    """A key that enciphers whole blocks."""

    @property
    def whole(self) -> BlockCipher:
        """The block cipher under the key."""
        ...


class ProtectionKey(WholeKey, Protocol):
    """What a key block protection key (KBPK) must be able to do; it may lie in a hardware module (`engines.OpenKey`)."""

    @property
    def algorithm(self) -> KeyAlgorithm:
        """TDES2 or TDES3 for versions A to C, AES for D and E."""
        ...

    def cmac(self, data: bytes, /) -> bytes:
        """AES-CMAC, 16 bytes; asked of AES keys only."""
        ...

    def variant(self, mask: bytes, /) -> WholeKey:
        """The key XOR a mask of its length."""
        ...


class BindingKeys(NamedTuple):
    """The two keys of one protection key: one enciphers, the other makes MACs in the version's length."""

    encrypting: BlockCipher
    mac: Callable[[bytes], bytes]


def binding_keys(kbpk: ProtectionKey, version: BlockVersion) -> BindingKeys:
    """Key block encryption key and key block authentication key: ANSI X9.143:2021; E: ISO 20038:2017.

    ::

        A, C       KBPK ^ 45 45 ..                    KBPK ^ 4D 4D ..
        B, D, E    CMAC(KBPK, counter | use | ..)     the same with the MAC's use (`derived`)

    Refusal: WRONG_ALGORITHM when the version needs another KBPK.
    """
    algorithm = kbpk.algorithm
    if algorithm not in _INDICATOR or version.is_aes != algorithm.value.startswith("AES"):
        wanted = "an AES" if version.is_aes else "a double- or triple-length DES"
        raise KeyRefused(KeyFault.WRONG_ALGORITHM, f"version {version.value.code} needs {wanted} protection key")
    if version.is_variant:
        length = algorithm.key_length
        encrypting = kbpk.variant(bytes((_ENCRYPTING,)) * length).whole
        chained = kbpk.variant(bytes((_AUTHENTICATING,)) * length).whole.cbc_last
        return BindingKeys(encrypting, lambda data: chained(data)[: version.mac_length])
    clear = derived(kbpk, _CTR if version is BlockVersion.E else _CBC)
    return BindingKeys(block_cipher(algorithm, clear), _mac(algorithm, derived(kbpk, _MAC)))


def _mac(algorithm: KeyAlgorithm, key: bytes) -> Callable[[bytes], bytes]:
    """CMAC under a derived key, which is in this process's memory anyway."""
    if algorithm.value.startswith("AES"):
        kept = CMAC(AES(key))
    else:
        kept = CMAC(TripleDES(key + key[:8] if algorithm is _A.TDES2 else key))

    def mac(data: bytes) -> bytes:
        made = kept.copy()
        made.update(data)
        return made.finalize()

    return mac


def derived(kbpk: ProtectionKey, use: int) -> bytes:
    """A key as long as the protection key: 0 for CBC, 1 for the MAC, 2 for CTR (X9.143:2021, tables 24 and 25)."""
    length = kbpk.algorithm.key_length
    rest = (
        use.to_bytes(2, "big") + b"\0" + _INDICATOR[kbpk.algorithm].to_bytes(2, "big") + (length * 8).to_bytes(2, "big")
    )
    is_aes = kbpk.algorithm.value.startswith("AES")
    mac = kbpk.cmac if is_aes else partial(cmac, kbpk.whole)
    rounds = -(-length // (16 if is_aes else 8))
    return b"".join(mac(bytes((counter,)) + rest) for counter in range(1, rounds + 1))[:length]


def seal(keys: BindingKeys, version: BlockVersion, header: bytes, clear: bytes) -> tuple[bytes, bytes]:
    """Cipher text and MAC of a clear key field that fills whole blocks (any length for E). Refuses nothing.

    ::

        A, C    CBC, IV = the header's first 8 bytes; MAC over header | cipher text     (ANSI X9.143:2021)
        B, D    MAC over header | clear field; CBC, IV = the MAC
        E       MAC over header | clear field; CTR from the MAC on                       (ISO 20038:2017)
    """
    if version.is_variant:
        cipher = cbc_encrypt(keys.encrypting, header[:8], clear)
        return cipher, keys.mac(header + cipher)
    mac = keys.mac(header + clear)
    if version is BlockVersion.E:
        return ctr(keys.encrypting, mac, clear), mac
    return cbc_encrypt(keys.encrypting, mac, clear), mac


def unseal(keys: BindingKeys, version: BlockVersion, header: bytes, cipher: bytes, mac: bytes) -> tuple[bytes, bytes]:
    """The clear key field and the MAC that it should have: the caller compares before it looks at the field."""
    if version.is_variant:
        return cbc_decrypt(keys.encrypting, header[:8], cipher), keys.mac(header + cipher)
    opening = ctr if version is BlockVersion.E else cbc_decrypt
    clear = opening(keys.encrypting, mac, cipher)
    return clear, keys.mac(header + clear)
