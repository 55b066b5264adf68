"""What a key block's codes mean for our keys, and what is left of a key's uses when it came in a block.

What may live here: the tables between X9.143's codes and our usages, algorithms, operations and MAC kinds; `Limits`.
What may not: cryptography, the blocks themselves (`key_blocks`), a vault.
"""

from __future__ import annotations

from collections.abc import Mapping

from xiaopos.keys.hierarchy import OPERATIONS, Operation
from xiaopos.keys.key_blocks_words import ALGORITHMS, EXPORTABILITY, MODES, USAGES, name_of
from xiaopos.keys.vault import KeyAlgorithm, KeyFault, KeyRefused, KeyUsage, MacKind

_A, _O, _U, _K = KeyAlgorithm, Operation, KeyUsage, MacKind

USAGES_OF: Mapping[str, tuple[KeyUsage, ...]] = {
    "B0": (_U.BDK,),
    "B1": (_U.IK,),
    "D0": (_U.TDK,),
    "E0": (_U.IMK_AC,),
    "E1": (_U.IMK_SMC,),
    "E2": (_U.IMK_SMI,),
    "K0": (_U.ZMK, _U.TMK),
    "K1": (_U.ZMK, _U.TMK),
    "K4": (_U.ZMK, _U.TMK),
    "M0": (_U.TAK, _U.ZAK),
    "M1": (_U.TAK, _U.ZAK),
    "M3": (_U.TAK, _U.ZAK),
    "M6": (_U.TAK, _U.ZAK),
    "M7": (_U.TAK, _U.ZAK),
    "P0": (_U.TPK, _U.ZPK),
}
"""What a key of each code may become here. Other codes are of keys that this system has no work for."""

_CBC_MACS = (_K.X9_9, _K.ALG1_PAD2, _K.ALG1_PAD3)
_RETAIL_MACS = (_K.X9_19, _K.ALG3_PAD2, _K.ALG3_PAD3)
_FOLDS = (_K.UNIONPAY_ECB, _K.UNIONPAY_ECB_BYTES)

KINDS_OF: Mapping[str, tuple[MacKind, ...]] = {
    # 银联's fold has no code of its own: it is let through with the DES codes (unconfirmed; no published profile says).
    "M0": (*_CBC_MACS, *_FOLDS),
    "M1": (*_CBC_MACS, *_FOLDS),
    "M3": (*_RETAIL_MACS, *_FOLDS),
    "M6": (_K.AES_CMAC, _K.AES_CMAC_8, _K.DES_CMAC),
    "M7": (_K.HMAC_SHA256,),
}
"""The MACs that a key of each code makes."""

OPERATIONS_OF: Mapping[str, tuple[Operation, ...]] = {
    "B": (
        _O.CARRY, _O.PIN_ENCRYPT, _O.PIN_FROM, _O.PIN_TO, _O.PIN_VERIFY, _O.TRACK_ENCRYPT, _O.TRACK_DECRYPT,
    ),
    "C": (_O.MAC, _O.MAC_CHECK),
    "D": (_O.PIN_FROM, _O.PIN_VERIFY, _O.TRACK_DECRYPT),
    "E": (_O.PIN_ENCRYPT, _O.PIN_TO, _O.TRACK_ENCRYPT),
    "G": (_O.MAC,),
    "N": tuple(Operation),
    "V": (_O.MAC_CHECK,),
    "X": (_O.DERIVE, _O.CRYPTOGRAM, _O.SCRIPT),
}  # fmt: skip
"""What each mode of use lets a key do here (X9.143:2021, table 4). A key that only wraps or only unwraps is not taken:
our carrying keys do both."""

_MAC_CODES = {_A.DES: "M1", _A.TDES2: "M3", _A.TDES3: "M1", _A.HMAC256: "M7"}
_CODES = {
    _U.ZMK: ("K0", "B"),
    _U.TMK: ("K0", "B"),
    _U.TPK: ("P0", "E"),
    _U.ZPK: ("P0", "B"),
    _U.TAK: ("M6", "C"),
    _U.ZAK: ("M6", "C"),
    _U.TDK: ("D0", "B"),
    _U.IMK_AC: ("E0", "X"),
    _U.IMK_SMC: ("E1", "X"),
    _U.IMK_SMI: ("E2", "X"),
    _U.BDK: ("B0", "X"),
    _U.IK: ("B1", "X"),
}

_LETTERS = {_A.DES: "D", _A.TDES2: "T", _A.TDES3: "T", _A.AES128: "A", _A.AES192: "A", _A.AES256: "A", _A.HMAC256: "H"}
_BY_LENGTH = {
    "D": {8: _A.DES, 16: _A.TDES2, 24: _A.TDES3},
    "T": {8: _A.DES, 16: _A.TDES2, 24: _A.TDES3},
    "A": {16: _A.AES128, 24: _A.AES192, 32: _A.AES256},
    "H": {32: _A.HMAC256},
    "I": {32: _A.HMAC256},
}


def codes_for(usage: KeyUsage, algorithm: KeyAlgorithm) -> tuple[str, str, str]:
    """Usage, algorithm and mode that a block of such a key has unless the caller says more.

    The mode is what the other side needs: a terminal's PIN key encrypts. Refusals: WRONG_USAGE for keys that travel under
    nothing, WRONG_ALGORITHM for algorithms without a code (SM4, SM2).

    >>> codes_for(KeyUsage.TAK, KeyAlgorithm.TDES2)
    ('M3', 'T', 'C')
    """
    code, letter = _CODES.get(usage), _LETTERS.get(algorithm)
    if code is None:
        raise KeyRefused(KeyFault.WRONG_USAGE, f"a {usage.value} does not travel in a key block")
    if letter is None:
        raise KeyRefused(KeyFault.WRONG_ALGORITHM, f"key blocks have no code for {algorithm.value} keys")
    if usage in (_U.TAK, _U.ZAK):
        return _MAC_CODES.get(algorithm, code[0]), letter, code[1]
    return code[0], letter, code[1]


def algorithm_of(letter: str, length: int) -> KeyAlgorithm:
    """Our algorithm for a block's letter and a key's length. WRONG_ALGORITHM for what this system does not have."""
    found = _BY_LENGTH.get(letter, {}).get(length)
    if found is None:
        raise KeyRefused(
            KeyFault.WRONG_ALGORITHM, f"keys of {name_of(ALGORITHMS, letter)} with {length} bytes have no use here"
        )
    return found


class Limits:
    """What the block that a key came in says of its use, kept with the key as four characters: `P0EN`.

    ::

        | usage 2 | mode of use 1 | exportability 1 |       X9.143's codes; empty text: a key that came in no block

    Raises KeyRefused (BAD_BLOB) for other text.
    """

    __slots__ = ("exportability", "mode", "usage")

    def __init__(self, text: str) -> None:
        if len(text) != 4 or text[:2] not in USAGES_OF or text[2] not in OPERATIONS_OF or text[3] not in EXPORTABILITY:
            raise KeyRefused(KeyFault.BAD_BLOB, "a key's limits are usage, mode and exportability of a key block")
        self.usage, self.mode, self.exportability = text[:2], text[2], text[3]

    @classmethod
    def for_import(cls, code: str, mode: str, exportability: str, usage: KeyUsage) -> Limits:
        """The limits of a key that comes in as `usage`.

        Refusal: WRONG_USAGE when the block's usage is of other keys, or its mode leaves nothing to do.
        """
        if usage not in USAGES_OF.get(code, ()):
            raise KeyRefused(
                KeyFault.WRONG_USAGE, f"a key block for '{name_of(USAGES, code)}' does not hold a {usage.value}"
            )
        allowed = OPERATIONS_OF.get(mode, ())
        if not any(operation in allowed for operation in OPERATIONS[usage]):
            raise KeyRefused(
                KeyFault.WRONG_USAGE, f"a {usage.value} with mode '{name_of(MODES, mode)}' would have nothing to do"
            )
        if exportability not in EXPORTABILITY:
            raise KeyRefused(KeyFault.WRONG_USAGE, "an exportability that X9.143 does not have")
        return cls(code + mode + exportability)

    @property
    def text(self) -> str:
        """As it is kept."""
        return self.usage + self.mode + self.exportability

    def allows(self, operation: Operation) -> bool:
        """Whether the mode of use has this operation."""
        return operation in OPERATIONS_OF[self.mode]

    def kinds(self, kinds: tuple[MacKind, ...]) -> tuple[MacKind, ...]:
        """Those of `kinds` that the usage has."""
        mine = KINDS_OF.get(self.usage, ())
        return tuple(kind for kind in kinds if kind in mine)

    def require_leaving(self, *, in_block: bool) -> None:
        """Raises KeyRefused (WRONG_USAGE) for a key that must not leave, or not in this form."""
        if self.exportability == "N":
            raise KeyRefused(KeyFault.WRONG_USAGE, "this key came as not exportable: it goes nowhere")
        if self.exportability == "E" and not in_block:
            raise KeyRefused(KeyFault.WRONG_USAGE, "this key leaves in key blocks only: so the block it came in says")

    def require_within(self, mode: str, exportability: str) -> None:
        """Raises KeyRefused (WRONG_USAGE) when a block would give the next holder more than we were given."""
        given = OPERATIONS_OF.get(mode)
        if given is None or not set(given) <= set(OPERATIONS_OF[self.mode]):
            raise KeyRefused(KeyFault.WRONG_USAGE, "a key does not leave with more modes of use than it came with")
        if exportability == "S" and self.exportability != "S":
            raise KeyRefused(KeyFault.WRONG_USAGE, "a key does not leave more exportable than it came")
