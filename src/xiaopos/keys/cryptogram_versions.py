"""Cryptogram versions as data: what each one derives, pads, covers and answers, and how tag 9F10 names it.

What may live here: the table of versions, reading the issuer application data (9F10), collecting what a cryptogram covers.
What may not: keys and computing (`card_keys`, `cryptograms`, `scripts`), TLV (`wire`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from xiaopos.keys.card_keys import MasterKeyOption, SessionKind
from xiaopos.keys.macs import Padding
from xiaopos.keys.vault import KeyFault, KeyRefused

_A, _B = MasterKeyOption.A, MasterKeyOption.B


class Scheme(Enum):
    """Whose card it is; the value is the registered application provider (RID), the first 5 bytes of an AID."""

    VISA = "A000000003"
    MASTERCARD = "A000000004"
    INTERAC = "A000000277"
    UNIONPAY = "A000000333"


class Covered(Enum):
    """What of 9F10 a cryptogram covers, behind the ten tags that all cover."""

    RESULTS = "results"
    """The card verification results (CVR)."""
    RESULTS_AND_COUNTERS = "results_and_counters"
    """The CVR and the counters at the end."""
    WHOLE = "whole"
    """All of 9F10."""


class ScriptKey(Enum):
    """How a script's key comes from the card's."""

    VISA = "visa"
    """By the ATC: `card_keys.visa_script_key`."""
    CRYPTOGRAM = "cryptogram"
    """The common derivation with the cryptogram (9F26) as diversifier: EMV 4.3 Book 2, annex A1.3.1."""


class ScriptPadding(Enum):
    """How a script's secret data becomes whole blocks, and how they are encrypted."""

    VISA = "visa"
    """`length | data | 80 | 00 ...`, each block by itself (ECB)."""
    MASTERCARD = "mastercard"
    """`data | 80 | 00 ...` only when the last block is not full, CBC."""
    EMV = "emv"
    """`data | 80 | 00 ...` always, CBC: the common core definitions."""


@dataclass(frozen=True, slots=True)
class CryptogramVersion:
    """One row: everything an issuer must know to check and answer such a card."""

    scheme: Scheme
    number: int
    """As 9F10 carries it: CVN 10 is 0x0A, the newer Visa one 0x22."""
    master_key: MasterKeyOption
    session: SessionKind
    padding: Padding
    covers: Covered
    arpc_method: int
    arpc_session: SessionKind
    script_key: ScriptKey
    script_padding: ScriptPadding
    script_covers_transaction: bool
    """Whether a script's MAC covers `ATC | cryptogram` behind the command's header."""
    confirmed_by: str
    """Where the known answers come from; empty for a row that nothing confirms."""


_PYEMV = "pyemv cf6b82d7, checked against a hardware module by its author"
_NONE, _COMMON, _MC, _UP = SessionKind.NONE, SessionKind.COMMON, SessionKind.MASTERCARD, SessionKind.UNIONPAY
_ZERO, _80 = Padding.ZERO, Padding.ONE_ZERO
_CVR, _CVR_COUNT, _ALL = Covered.RESULTS, Covered.RESULTS_AND_COUNTERS, Covered.WHOLE
_SK_VISA, _SK_AC = ScriptKey.VISA, ScriptKey.CRYPTOGRAM
_P_VISA, _P_MC, _P_EMV = ScriptPadding.VISA, ScriptPadding.MASTERCARD, ScriptPadding.EMV
_Row = CryptogramVersion
_V, _M, _I, _U = Scheme.VISA, Scheme.MASTERCARD, Scheme.INTERAC, Scheme.UNIONPAY
_PBOC = "three public worked examples for ARQC and ARPC; scripts unconfirmed"

_ROWS = (
    _Row(_V, 0x0A, _A, _NONE, _ZERO, _CVR, 1, _NONE, _SK_VISA, _P_VISA, True, _PYEMV),
    _Row(_V, 0x12, _B, _COMMON, _80, _ALL, 2, _COMMON, _SK_VISA, _P_VISA, True, _PYEMV),
    _Row(_V, 0x22, _B, _COMMON, _80, _ALL, 2, _COMMON, _SK_AC, _P_VISA, True, _PYEMV),
    _Row(_M, 0x10, _A, _MC, _80, _CVR, 1, _NONE, _SK_AC, _P_MC, True, _PYEMV),
    _Row(_M, 0x11, _A, _MC, _80, _CVR_COUNT, 1, _NONE, _SK_AC, _P_MC, True, _PYEMV),
    _Row(_M, 0x14, _A, _COMMON, _80, _CVR, 1, _COMMON, _SK_AC, _P_MC, True, _PYEMV),
    _Row(_M, 0x15, _A, _COMMON, _80, _CVR_COUNT, 1, _COMMON, _SK_AC, _P_MC, True, _PYEMV),
    _Row(_I, 0x85, _A, _MC, _80, _ALL, 1, _MC, _SK_AC, _P_MC, False, _PYEMV),
    _Row(_U, 0x01, _A, _UP, _80, _CVR, 1, _UP, _SK_VISA, _P_VISA, True, _PBOC),
)

VERSIONS: Mapping[tuple[Scheme, int], CryptogramVersion] = {(row.scheme, row.number): row for row in _ROWS}
"""The versions by scheme and the number in 9F10."""


class IssuerData(NamedTuple):
    """Tag 9F10 taken apart."""

    version: CryptogramVersion
    key_index: int
    """Which of the issuer's keys made the card's."""
    results: bytes
    """The card verification results."""
    counters: bytes
    """M/Chip's counters; empty elsewhere."""
    whole: bytes


class _Layout(NamedTuple):
    length: int
    key_index: int
    number: int
    results: slice
    counters: slice


_NO_COUNTERS = slice(0, 0)
_VISA_1 = _Layout(7, 1, 2, slice(3, 7), _NO_COUNTERS)
_VISA_2 = _Layout(8, 2, 1, slice(3, 8), _NO_COUNTERS)
_M_CHIP = _Layout(18, 0, 1, slice(2, 8), slice(10, 18))
_PBOC_1 = _Layout(8, 1, 2, slice(3, 7), _NO_COUNTERS)
_TDES = 0x01


def read_issuer_data(scheme: Scheme, data: bytes) -> IssuerData:
    """Tag 9F10 by the scheme's layout, and with it the version that says how everything else is computed.

    ::

        VISA        06 DKI CVN | 03 CVR..        formats 0, 1, 3 (VIS 1.6, appendix F)
                    1F CVN DKI | CVR (5)         format 2
        MASTERCARD  DKI CVN | CVR (6) | DAC (2) | counters (8)                     M/Chip 4
        UNIONPAY    07 DKI CVN | 03 CVR.. | 01 algorithm | ..                      PBOC 3.0 part 5

    Refusals: WRONG_LENGTH for fewer bytes than the layout has; WRONG_ALGORITHM for a version that is not in the table and
    for a UnionPay card on another algorithm than 3DES; WRONG_FORM for a scheme whose layout is not known here.

    >>> found = read_issuer_data(Scheme.UNIONPAY, bytes.fromhex("07000103A04002010A010000001000D1F61152"))
    >>> found.version.number, found.key_index, found.results.hex().upper()
    (1, 0, '03A04002')
    """
    layout = _layout(scheme, data)
    if len(data) < layout.length:
        raise KeyRefused(KeyFault.WRONG_LENGTH, f"tag 9F10 of this scheme has {layout.length} bytes or more")
    version = VERSIONS.get((scheme, data[layout.number]))
    if version is None:
        raise KeyRefused(KeyFault.WRONG_ALGORITHM, f"cryptogram version {data[layout.number]} is not known")
    if scheme is Scheme.UNIONPAY and data[7] != _TDES:
        raise KeyRefused(KeyFault.WRONG_ALGORITHM, f"this card's cryptograms are on algorithm {data[7]}, not on 3DES")
    return IssuerData(version, data[layout.key_index], data[layout.results], data[layout.counters], data)


def _layout(scheme: Scheme, data: bytes) -> _Layout:
    if scheme is Scheme.VISA:
        return _VISA_2 if data[:1] == b"\x1f" else _VISA_1
    if scheme is Scheme.MASTERCARD:
        return _M_CHIP
    if scheme is Scheme.UNIONPAY:
        return _PBOC_1
    raise KeyRefused(KeyFault.WRONG_FORM, "the layout of this scheme's tag 9F10 is not known")


COVERED_TAGS: Mapping[str, int] = {
    "9F02": 6,
    "9F03": 6,
    "9F1A": 2,
    "95": 5,
    "5F2A": 2,
    "9A": 3,
    "9C": 1,
    "9F37": 4,
    "82": 2,
    "9F36": 2,
}
"""The tags that every version covers, in this order, and their lengths: EMV 4.3 Book 2, 8.1.1."""


def covered_data(issuer_data: IssuerData, tags: Mapping[str, bytes]) -> bytes:
    """What a card's cryptogram covers: the ten tags, then what the version takes of 9F10 (EMV 4.3 Book 2, 8.1.1).

    ::

        9F02 (6) 9F03 (6) 9F1A (2) 95 (5) 5F2A (2) 9A (3) 9C (1) 9F37 (4) 82 (2) 9F36 (2) | 9F10, its CVR, or CVR and counters

    Refusal: WRONG_LENGTH for a tag that is missing or has another length.
    """
    parts = []
    for tag, length in COVERED_TAGS.items():
        value = tags.get(tag, b"")
        if len(value) != length:
            raise KeyRefused(KeyFault.WRONG_LENGTH, f"tag {tag} has {length} bytes, got {len(value)}")
        parts.append(value)
    covers = issuer_data.version.covers
    if covers is Covered.WHOLE:
        parts.append(issuer_data.whole)
    else:
        parts.append(issuer_data.results)
        if covers is Covered.RESULTS_AND_COUNTERS:
            parts.append(issuer_data.counters)
    return b"".join(parts)
