"""The words of key blocks: versions, codes and their names, and the one refusal (ANSI X9.143:2021, section 6.3).

What may live here: tables. What may not: reading and writing (`key_blocks_header`), our own usages (`key_blocks_uses`).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from xiaopos.keys.vault import KeyFault, KeyRefused


class KeyBlockRefused(KeyRefused):
    """A key block cannot be read or written as it is. Names the place (characters from 0) and what was expected there.

    What was found is never told: it may be the key.
    """

    def __init__(self, position: int, expected: str) -> None:
        super().__init__(KeyFault.BAD_BLOCK, f"key block, at character {position}: expected {expected}")
        self.position = position
        self.expected = expected


class _Shape(NamedTuple):
    code: str
    block: int
    mac: int
    aes: bool


class BlockVersion(Enum):
    """How header and key are bound together, and under which kind of protection key."""

    A = _Shape("A", 8, 4, aes=False)
    """Variants of a TDES key, CBC-MAC of 4 bytes (TR-31:2005). Deprecated: read, written only when asked for by name."""
    B = _Shape("B", 8, 8, aes=False)
    """Keys derived from a TDES key by CMAC; CMAC of 8 bytes (TR-31:2010)."""
    C = _Shape("C", 8, 4, aes=False)
    """As A; in use between older devices."""
    D = _Shape("D", 16, 16, aes=True)
    """Keys derived from an AES key by CMAC; CBC, CMAC of 16 bytes (X9.143:2021, ISO 20038:2017)."""
    E = _Shape("E", 16, 16, aes=True)
    """As D with CTR: no padding to whole blocks (ISO 20038:2017)."""

    @property
    def block_size(self) -> int:
        """Bytes of a cipher block; the optional blocks fill whole ones (X9.143:2021, 6.3.6; ISO 20038:2017, A.2.1)."""
        return self.value.block

    @property
    def mac_length(self) -> int:
        """Bytes of the MAC at the end."""
        return self.value.mac

    @property
    def is_aes(self) -> bool:
        """Whether the protection key is AES."""
        return self.value.aes

    @property
    def is_variant(self) -> bool:
        """Whether the two keys are variants of the protection key: MAC over what is enciphered (A, C)."""
        return self.value.mac == 4


VERSIONS = {version.value.code: version for version in BlockVersion}

USAGES: Mapping[str, str] = {
    "B0": "base derivation key (DUKPT)",
    "B1": "initial key (DUKPT)",
    "B2": "base key variant key",
    "B3": "key derivation key (other than X9.24)",
    "C0": "card verification key",
    "D0": "data encryption, symmetric",
    "D1": "data encryption, asymmetric",
    "D2": "data encryption, decimalization table",
    "D3": "data encryption, sensitive data",
    "E0": "EMV issuer master key: application cryptograms",
    "E1": "EMV issuer master key: secure messaging, confidentiality",
    "E2": "EMV issuer master key: secure messaging, integrity",
    "E3": "EMV issuer master key: data authentication code",
    "E4": "EMV issuer master key: dynamic numbers",
    "E5": "EMV issuer master key: card personalization",
    "E6": "EMV issuer master key: other",
    "E7": "EMV asymmetric key pair for PIN encryption",
    "I0": "initialization vector",
    "K0": "key encryption or wrapping",
    "K1": "key block protection key (X9.143)",
    "K2": "asymmetric key pair of a key receiving device (TR-34)",
    "K3": "asymmetric key pair for wrapping or agreement",
    "K4": "key block protection key (ISO 20038)",
    "M0": "MAC, ISO 16609 algorithm 1 with TDES",
    "M1": "MAC, ISO 9797-1 algorithm 1",
    "M2": "MAC, ISO 9797-1 algorithm 2",
    "M3": "MAC, ISO 9797-1 algorithm 3",
    "M4": "MAC, ISO 9797-1 algorithm 4",
    "M5": "MAC, ISO 9797-1:1999 algorithm 5",
    "M6": "MAC, ISO 9797-1:2011 algorithm 5 (CMAC)",
    "M7": "HMAC",
    "M8": "MAC, ISO 9797-1 algorithm 6",
    "P0": "PIN encryption",
    "P1": "PIN generation",
    "S0": "asymmetric key pair for signatures",
    "S1": "asymmetric key pair of a certification authority",
    "S2": "asymmetric key pair, other than X9.24",
    "V0": "PIN verification, other",
    "V1": "PIN verification, IBM 3624",
    "V2": "PIN verification, Visa PVV",
    "V3": "PIN verification, X9.132 algorithm 1",
    "V4": "PIN verification, X9.132 algorithm 2",
    "V5": "PIN verification, X9.132 algorithm 3",
}
"""X9.143:2021, table 2. Codes of two digits are proprietary."""

ALGORITHMS: Mapping[str, str] = {
    "A": "AES",
    "D": "DES",
    "E": "elliptic curve",
    "H": "HMAC",
    "I": "HMAC with SHA-2 (ISO 20038)",
    "J": "HMAC with SHA-3 (ISO 20038)",
    "R": "RSA",
    "S": "DSA",
    "T": "triple DES",
}
"""X9.143:2021, table 3; ISO 20038:2017, table A.4."""

MODES: Mapping[str, str] = {
    "B": "encrypt and decrypt, or wrap and unwrap",
    "C": "generate and verify a MAC",
    "D": "decrypt or unwrap only",
    "E": "encrypt or wrap only",
    "G": "generate a MAC only",
    "N": "no restriction but the usage's",
    "S": "sign only",
    "T": "sign and decrypt",
    "V": "verify only",
    "X": "derive other keys",
    "Y": "make variants",
}
"""X9.143:2021, table 4."""

EXPORTABILITY: Mapping[str, str] = {
    "E": "exportable in a trusted key block (X9.24)",
    "N": "not exportable",
    "S": "sensitive: exportable in other forms too",
}
"""X9.143:2021, table 6."""

CONTEXTS: Mapping[str, str] = {
    "0": "as the protection key says",
    "1": "storage",
    "2": "exchange",
}
"""X9.143:2021, table 1: character 14. TR-31:2018 had it reserved, as 0."""

OPTIONAL: Mapping[str, str] = {
    "AL": "asymmetric key life",
    "BI": "base derivation key identifier",
    "CT": "public key certificate",
    "DA": "derivations allowed",
    "FL": "flags",
    "HM": "hash of an HMAC",
    "IK": "initial key identifier (AES DUKPT)",
    "KC": "check value of the wrapped key",
    "KP": "check value of the protection key",
    "KS": "initial key serial number (TDES DUKPT)",
    "KV": "key block values",
    "LB": "label",
    "PB": "padding",
    "PK": "check value of the protection key of the last export",
    "TC": "time of creation",
    "TS": "time of wrapping",
    "WP": "wrapping pedigree",
}
"""X9.143:2021, table 7. Identifiers of two digits are proprietary."""


def name_of(table: Mapping[str, str], code: str) -> str:
    """A code in words; codes that the standard does not have are proprietary or later ones.

    >>> name_of(USAGES, "P0"), name_of(USAGES, "10")
    ('PIN encryption', 'proprietary')
    """
    known = table.get(code)
    if known is not None:
        return known
    return "proprietary" if code.isdigit() else "not in X9.143:2021"
