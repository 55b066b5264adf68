"""Which key may do what, and which key may carry which: the tables a vault obeys.

What may live here: tables from usages, algorithms, operations and formats; the two questions asked of them.
What may not: keys, cryptography, a key's life (`states`).
"""

from __future__ import annotations

from enum import Enum

from xiaopos.keys.vault import RSA_SIZES, KeyAlgorithm, KeyFault, KeyRefused, KeyUsage, MacKind, PinFormat

_A = KeyAlgorithm
_U = KeyUsage


class Operation(Enum):
    """What a vault does with a key. `position` is its place in the list, for counting."""

    position: int

    def __init__(self, _word: str) -> None:
        self.position = len(type(self).__members__)

    CARRY = "carry"
    MAC = "mac"
    MAC_CHECK = "mac_check"
    PIN_ENCRYPT = "pin_encrypt"
    PIN_FROM = "pin_from"
    PIN_TO = "pin_to"
    PIN_VERIFY = "pin_verify"
    TRACK_ENCRYPT = "track_encrypt"
    TRACK_DECRYPT = "track_decrypt"
    SEAL = "seal"
    OPEN = "open"
    TOKEN = "token"
    CRYPTOGRAM = "cryptogram"
    SCRIPT = "script"
    DERIVE = "derive"
    COMBINE = "combine"
    SIGN = "sign"
    AEAD_SEAL = "aead_seal"
    AEAD_OPEN = "aead_open"


OPERATIONS: dict[KeyUsage, tuple[Operation, ...]] = {
    _U.ZMK: (Operation.CARRY,),
    _U.TMK: (Operation.CARRY,),
    # A PIN moves one way: pad -> host (TPK) -> network -> issuer (ZPK). Nobody makes a PIN block for a terminal.
    _U.TPK: (Operation.PIN_ENCRYPT, Operation.PIN_FROM),
    _U.ZPK: (Operation.PIN_TO, Operation.PIN_FROM, Operation.PIN_VERIFY),
    _U.TAK: (Operation.MAC, Operation.MAC_CHECK),
    _U.ZAK: (Operation.MAC, Operation.MAC_CHECK),
    _U.TDK: (Operation.TRACK_ENCRYPT, Operation.TRACK_DECRYPT),
    _U.IMK_AC: (Operation.CRYPTOGRAM,),
    _U.IMK_SMI: (Operation.SCRIPT,),
    _U.IMK_SMC: (Operation.SCRIPT,),
    _U.BDK: (Operation.DERIVE,),
    _U.IK: (Operation.DERIVE,),
    _U.SIGN: (Operation.SIGN,),
    _U.AEAD: (Operation.AEAD_SEAL, Operation.AEAD_OPEN),
    _U.COMPONENT: (Operation.COMBINE,),
    _U.SEAL: (Operation.SEAL, Operation.OPEN),
    _U.TOKEN: (Operation.TOKEN,),
}

CARRIES: dict[KeyUsage, frozenset[KeyUsage]] = {
    _U.ZMK: frozenset({_U.TMK, _U.ZPK, _U.ZAK, _U.IMK_AC, _U.IMK_SMI, _U.IMK_SMC, _U.BDK, _U.IK}),
    _U.TMK: frozenset({_U.TPK, _U.TAK, _U.TDK, _U.IK}),
}
"""Which usage may carry which. What protects our own database (SEAL, TOKEN), and what a channel gave us alone (SIGN, AEAD),
travels under nothing."""

_DOUBLE = frozenset({_A.TDES2, _A.TDES3, _A.SM4})
_AES = frozenset({_A.AES128, _A.AES192, _A.AES256})

PAIRS = frozenset({_A.SM2, _A.ED25519, *RSA_SIZES})
"""Keys with a public half: made and brought in as pairs, never by components."""

ALGORITHMS: dict[KeyUsage, frozenset[KeyAlgorithm]] = {
    _U.ZMK: _DOUBLE | _AES,
    _U.TMK: _DOUBLE | _AES,
    # Single DES never protects a PIN (PCI PIN), whatever an old profile asks.
    _U.TPK: _DOUBLE | _AES,
    _U.ZPK: _DOUBLE | _AES,
    _U.TAK: _DOUBLE | _AES | {_A.DES, _A.HMAC256},
    _U.ZAK: _DOUBLE | _AES | {_A.DES, _A.HMAC256},
    _U.TDK: _DOUBLE,
    _U.IMK_AC: frozenset({_A.TDES2}),
    _U.IMK_SMI: frozenset({_A.TDES2}),
    _U.IMK_SMC: frozenset({_A.TDES2}),
    _U.BDK: _AES | {_A.TDES2},
    _U.IK: _AES | {_A.TDES2},
    _U.SIGN: PAIRS,
    _U.AEAD: frozenset({_A.AES256}),
    _U.COMPONENT: _DOUBLE | _AES | {_A.DES, _A.HMAC256},
    _U.SEAL: frozenset({_A.AES256}),
    _U.TOKEN: frozenset({_A.HMAC256}),
}

CARRIED_ALGORITHMS: dict[KeyAlgorithm, frozenset[KeyAlgorithm]] = {
    # A key is never carried by a weaker one, and in plain ECB only by its own family.
    _A.TDES2: frozenset({_A.DES, _A.TDES2}),
    _A.TDES3: frozenset({_A.DES, _A.TDES2, _A.TDES3}),
    _A.SM4: frozenset({_A.SM4}),
    # Only in key blocks.
    _A.AES128: frozenset(),
    _A.AES192: frozenset(),
    _A.AES256: frozenset(),
}

_DES_KEYS = frozenset({_A.DES, _A.TDES2, _A.TDES3})

BLOCK_CARRIED: dict[KeyAlgorithm, frozenset[KeyAlgorithm]] = {
    _A.TDES2: frozenset({_A.DES, _A.TDES2}),
    _A.TDES3: _DES_KEYS,
    _A.AES128: _DES_KEYS | {_A.AES128},
    _A.AES192: _DES_KEYS | {_A.AES128, _A.AES192},
    _A.AES256: _DES_KEYS | _AES | {_A.HMAC256},
    _A.SM4: frozenset({_A.SM4}),
}
"""What a key block may carry under which key: never something stronger (ANSI X9.143, NIST SP 800-57 part 1, table 2)."""

_CHAINED = (MacKind.X9_9, MacKind.ALG1_PAD2, MacKind.ALG1_PAD3, MacKind.DES_CMAC)

MAC_KINDS: dict[KeyAlgorithm, tuple[MacKind, ...]] = {
    _A.DES: (MacKind.UNIONPAY_ECB, *_CHAINED),
    _A.TDES2: (MacKind.UNIONPAY_ECB, MacKind.X9_19, MacKind.ALG3_PAD2, MacKind.ALG3_PAD3, *_CHAINED),
    _A.TDES3: _CHAINED,
    _A.AES128: (MacKind.AES_CMAC, MacKind.AES_CMAC_8),
    _A.AES192: (MacKind.AES_CMAC, MacKind.AES_CMAC_8),
    _A.AES256: (MacKind.AES_CMAC, MacKind.AES_CMAC_8),
    _A.SM4: (MacKind.UNIONPAY_ECB, MacKind.UNIONPAY_ECB_BYTES, MacKind.SM4_CMAC, MacKind.SM4_CMAC_8),
    _A.HMAC256: (MacKind.HMAC_SHA256, MacKind.HMAC_SM3),
    _A.SM2: (),
    _A.ED25519: (),
    **dict.fromkeys(RSA_SIZES, ()),
}

_DES_FORMS = (PinFormat.ISO0, PinFormat.ISO1, PinFormat.ISO3, PinFormat.NO_PAN)

PIN_FORMS: dict[KeyAlgorithm, tuple[PinFormat, ...]] = {
    _A.DES: (),
    _A.TDES2: _DES_FORMS,
    _A.TDES3: _DES_FORMS,
    _A.AES128: (PinFormat.ISO4,),
    _A.AES192: (PinFormat.ISO4,),
    _A.AES256: (PinFormat.ISO4,),
    _A.SM4: (PinFormat.NO_PAN, PinFormat.SM4_PAN, PinFormat.SM4_PADDED),
    _A.HMAC256: (),
    _A.SM2: (),
    _A.ED25519: (),
    **dict.fromkeys(RSA_SIZES, ()),
}


def require_algorithm(usage: KeyUsage, algorithm: KeyAlgorithm) -> None:
    """Raises KeyRefused (WRONG_ALGORITHM) when keys of this usage are not of this algorithm."""
    if algorithm not in ALGORITHMS[usage]:
        raise KeyRefused(KeyFault.WRONG_ALGORITHM, f"a {usage.value} is not a {algorithm.value} key")


def require_symmetric(usage: KeyUsage, algorithm: KeyAlgorithm) -> None:
    """`require_algorithm` where a key is made of bytes that may be any: no pair is made so (WRONG_ALGORITHM)."""
    require_algorithm(usage, algorithm)
    if algorithm in PAIRS:
        raise KeyRefused(KeyFault.WRONG_ALGORITHM, f"a {algorithm.value} key is generated or imported as a pair")


def require_block_carrying(
    kek: KeyUsage, kek_algorithm: KeyAlgorithm, usage: KeyUsage, algorithm: KeyAlgorithm
) -> None:
    """`require_carrying` for key blocks, which carry what plain ECB does not: DES keys under AES, AES and HMAC keys."""
    if usage not in CARRIES.get(kek, frozenset()):
        raise KeyRefused(KeyFault.WRONG_USAGE, f"a {kek.value} does not carry a {usage.value}")
    if algorithm not in BLOCK_CARRIED.get(kek_algorithm, frozenset()):
        raise KeyRefused(
            KeyFault.WRONG_ALGORITHM,
            f"a {kek_algorithm.value} key does not carry a {algorithm.value} key, not in a key block either",
        )


def require_carrying(kek: KeyUsage, kek_algorithm: KeyAlgorithm, usage: KeyUsage, algorithm: KeyAlgorithm) -> None:
    """Raises KeyRefused when `kek` may not carry such a key: WRONG_USAGE by purpose, WRONG_ALGORITHM by strength."""
    if usage not in CARRIES.get(kek, frozenset()):
        raise KeyRefused(KeyFault.WRONG_USAGE, f"a {kek.value} does not carry a {usage.value}")
    if algorithm not in CARRIED_ALGORITHMS.get(kek_algorithm, frozenset()):
        raise KeyRefused(
            KeyFault.WRONG_ALGORITHM, f"a {kek_algorithm.value} key does not carry a {algorithm.value} key"
        )
