"""What is inside optional blocks: built from values and read back (ANSI X9.143:2021, 6.3.6.1 to 6.3.6.15).

What may live here: one small type per block, `decoded` for any block. What may not: where blocks stand in a header.

    AL  | 01 | 00 ephemeral, 01 static |                   BI  | 00 TDES | key set id 10 |   or  | 01 AES | BDK id 8 |   hex
    CT  | 00 X.509, 01 EMV | base64 |    or a chain        | 02 | ( | format 2 | length 4 hex | base64 | ) ... |
    DA  | 01 | ( | usage 2 | algorithm 1 | mode 1 | exportability 1 | ) ... |
    HM  | hash 2 hex |     IK  | initial key id 16 hex |    KS  | KSN 20 hex |    LB  | any text |
    KC KP PK  | 00 legacy, 01 CMAC | check value hex |      TC TS  | ISO 8601, UTC |      WP  | 00 | 0 to 3 |

Refusal: KeyBlockRefused for anything else in them; its place counts from the block's first value character.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import NamedTuple, TypeVar

from xiaopos.keys.dukpt_ksn import DukptKind, Ksn
from xiaopos.keys.key_blocks_optional import OptionalBlock
from xiaopos.keys.key_blocks_words import KeyBlockRefused


class CheckKind(Enum):
    """How a check value was computed (X9.143:2021, table 15)."""

    LEGACY = "00"
    """A block of zeros encrypted: at most 3 bytes."""
    CMAC = "01"
    """The CMAC of a block of zeros: at most 5 bytes."""


class HashKind(Enum):
    """The hash of an HMAC key (X9.143:2021, table 13)."""

    SHA1 = "10"
    SHA224 = "20"
    SHA256 = "21"
    SHA384 = "22"
    SHA512 = "23"
    SHA512_224 = "24"
    SHA512_256 = "25"
    SHA3_224 = "30"
    SHA3_256 = "31"
    SHA3_384 = "32"
    SHA3_512 = "33"
    SHAKE128 = "40"
    SHAKE256 = "41"


class CertificateKind(Enum):
    """The format of a certificate (X9.143:2021, tables 10 and 11)."""

    X509 = "00"
    EMV = "01"


class KeyLife(Enum):
    """How long an asymmetric key lives (X9.143:2021, table 8)."""

    EPHEMERAL = "00"
    STATIC = "01"


class Pedigree(Enum):
    """How strong the keys were that ever carried this one (X9.143:2021, table 23)."""

    EQUAL_OR_STRONGER = "0"
    WEAKER = "1"
    ASYMMETRIC = "2"
    ASYMMETRIC_AND_WEAKER = "3"


_MOST_CHECK = {CheckKind.LEGACY: 3, CheckKind.CMAC: 5}
CHECKS = ("KC", "KP", "PK")


@dataclass(frozen=True, slots=True)
class CheckValue:
    """A check value: of the wrapped key (KC), its protection key (KP), or an earlier one (PK)."""

    kind: CheckKind
    value: bytes

    def block(self, name: str) -> OptionalBlock:
        """As the block KC, KP or PK. Raises KeyBlockRefused for another name or a value that tells too much."""
        if name not in CHECKS or not 0 < len(self.value) <= _MOST_CHECK[self.kind]:
            raise KeyBlockRefused(0, f"KC, KP or PK and a check value of 1 to {_MOST_CHECK[self.kind]} bytes")
        return OptionalBlock(name, self.kind.value + self.value.hex().upper())


class BaseKeyId(NamedTuple):
    """Which base derivation key (BI): the key set id (TDES, 5 bytes) or BDK id (AES, 4 bytes)."""

    kind: DukptKind
    id: bytes

    def block(self) -> OptionalBlock:
        """As the block BI."""
        size = 5 if self.kind is DukptKind.TDES else 4
        if len(self.id) != size:
            raise KeyBlockRefused(2, f"an identifier of {size} bytes")
        return OptionalBlock("BI", ("00" if size == 5 else "01") + self.id.hex().upper())


class Certificate(NamedTuple):
    """One certificate, its bytes in base64."""

    kind: CertificateKind
    text: str


class Derivation(NamedTuple):
    """A key that may be derived (DA), in X9.143's codes."""

    usage: str
    algorithm: str
    mode: str
    exportability: str


def certificates_block(certificates: tuple[Certificate, ...]) -> OptionalBlock:
    """The block CT: one certificate, or a chain, the key's own first."""
    if len(certificates) == 1:
        return OptionalBlock("CT", certificates[0].kind.value + certificates[0].text)
    return OptionalBlock(
        "CT", "02" + "".join(f"{each.kind.value}{len(each.text):04X}{each.text}" for each in certificates)
    )


def derivations_block(derivations: tuple[Derivation, ...]) -> OptionalBlock:
    """The block DA."""
    return OptionalBlock("DA", "01" + "".join("".join(each) for each in derivations))


def hash_block(kind: HashKind) -> OptionalBlock:
    """The block HM, which an HMAC key needs."""
    return OptionalBlock("HM", kind.value)


def initial_key_block(ksn: Ksn) -> OptionalBlock:
    """The block that names an initial key: KS for TDES DUKPT (the KSN with counter 0), IK for AES DUKPT.

    >>> initial_key_block(Ksn.from_text("FFFF9876543210E00001"))
    OptionalBlock(id='KS', value='FFFF9876543210E00000')
    """
    text = ksn.initial.text
    return OptionalBlock("KS", text) if ksn.kind is DukptKind.TDES else OptionalBlock("IK", text[:16])


def life_block(life: KeyLife) -> OptionalBlock:
    """The block AL."""
    return OptionalBlock("AL", "01" + life.value)


def pedigree_block(pedigree: Pedigree) -> OptionalBlock:
    """The block WP."""
    return OptionalBlock("WP", "00" + pedigree.value)


def time_block(name: str, moment: datetime) -> OptionalBlock:
    """The block TC (creation) or TS (wrapping); the moment knows its zone.

    >>> time_block("TS", datetime(2020, 8, 18, 22, 12, 18, tzinfo=UTC)).value
    '20200818221218Z'
    """
    if name not in ("TC", "TS") or moment.tzinfo is None:
        raise KeyBlockRefused(0, "TC or TS and a moment with its time zone")
    return OptionalBlock(name, f"{moment.astimezone(UTC):%Y%m%d%H%M%S}Z")


def decoded(block: OptionalBlock) -> object:
    """What a block says: one of the types above, bytes, a datetime; the text itself for labels and unknown blocks.

    >>> decoded(OptionalBlock("KC", "000169E3"))
    CheckValue(kind=<CheckKind.LEGACY: '00'>, value=b'\\x01i\\xe3')
    """
    reading = _READINGS.get(block.id)
    return block.value if reading is None else reading(block.value)


def _check(value: str) -> CheckValue:
    kind = _member(CheckKind, value, 0, 2)
    raw = _bytes(value, 2)
    if not 0 < len(raw) <= _MOST_CHECK[kind]:
        raise KeyBlockRefused(2, f"a check value of 1 to {_MOST_CHECK[kind]} bytes")
    return CheckValue(kind, raw)


def _base_key(value: str) -> BaseKeyId:
    kinds = {"00": DukptKind.TDES, "01": DukptKind.AES}
    if value[:2] not in kinds or len(value) != (12 if value[:2] == "00" else 10):
        raise KeyBlockRefused(0, "00 and a key set id of 10 hex digits, or 01 and a BDK id of 8")
    return BaseKeyId(kinds[value[:2]], _bytes(value, 2))


def _certificates(value: str) -> tuple[Certificate, ...]:
    if value[:2] != "02":
        return (Certificate(_member(CertificateKind, value, 0, 2), value[2:]),)
    found: list[Certificate] = []
    at = 2
    while at < len(value):
        kind = _member(CertificateKind, value, at, 2)
        if re.fullmatch(r"[0-9A-F]{4}", value[at + 2 : at + 6]) is None:
            raise KeyBlockRefused(at + 2, "a certificate's length in four hex digits")
        end = at + 6 + int(value[at + 2 : at + 6], 16)
        if end > len(value):
            raise KeyBlockRefused(at + 2, "a certificate that ends within the block")
        found.append(Certificate(kind, value[at + 6 : end]))
        at = end
    return tuple(found)


def _derivations(value: str) -> tuple[Derivation, ...]:
    if re.fullmatch(r"01(?:[0-9A-Z]{5})+", value) is None:
        raise KeyBlockRefused(0, "01 and five codes for each key that may be derived")
    return tuple(
        Derivation(value[at : at + 2], value[at + 2], value[at + 3], value[at + 4]) for at in range(2, len(value), 5)
    )


_TIMES = (
    "%Y%m%d%H%M%SZ",
    "%Y%m%d%H%M%S",
    "%Y-%m-%dT%H:%M:%S.%fZ",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%dT%H:%M:%S",
)


def _time(value: str) -> datetime:
    for form in _TIMES:
        try:
            return datetime.strptime(value, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise KeyBlockRefused(0, "a moment as 20200818221218Z or 2020-08-18T22:12:18Z")


def _serial(value: str) -> Ksn:
    raw = _bytes(value, 0)
    if len(raw) != DukptKind.TDES.value:
        raise KeyBlockRefused(0, "a key serial number of 20 hex digits")
    return Ksn.of(raw)


def _initial(value: str) -> bytes:
    raw = _bytes(value, 0)
    if len(raw) != 8:
        raise KeyBlockRefused(0, "an initial key id of 16 hex digits")
    return raw


def _life(value: str) -> KeyLife:
    if value[:2] != "01":
        raise KeyBlockRefused(0, "version 01")
    return _member(KeyLife, value, 2, 99)


def _pedigree(value: str) -> Pedigree:
    if value[:2] != "00":
        raise KeyBlockRefused(0, "version 00")
    return _member(Pedigree, value, 2, 99)


_Kind = TypeVar("_Kind", bound=Enum)


def _member(kinds: type[_Kind], value: str, at: int, size: int) -> _Kind:
    try:
        return kinds(value[at : at + size])
    except ValueError:
        codes = ", ".join(str(each.value) for each in kinds)
        raise KeyBlockRefused(at, f"one of {codes}") from None


def _bytes(value: str, at: int) -> bytes:
    if re.fullmatch(r"(?:[0-9A-F]{2})*", value[at:]) is None:
        raise KeyBlockRefused(at, "upper-case hex digits, two for each byte")
    return bytes.fromhex(value[at:])


_READINGS: Mapping[str, Callable[[str], object]] = {
    "AL": _life,
    "BI": _base_key,
    "CT": _certificates,
    "DA": _derivations,
    "HM": lambda value: _member(HashKind, value, 0, 99),
    "IK": _initial,
    "KC": _check,
    "KP": _check,
    "KS": _serial,
    "PK": _check,
    "TC": _time,
    "TS": _time,
    "WP": _pedigree,
}
