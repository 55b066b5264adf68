"""What field 55 carries in each message of a UnionPay terminal, and what is wrong with one.

What may live here: the profiles as rows, checking objects against them. What may not: refusing (a host passes field 55 on
whole; it is the issuer's), reading the tags' values (describing).

Must: the message is not accepted without it. Conditional: depending on card, terminal or result. Optional: may always be.
The rows of requests, reversal and script notice were seen in terminal software; the answer's is from EMV book 3, 10.9-10.10.
Refund, void and completion carry none as a rule (the card is only read for its number), so they have no profile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from xiaopos.wire.emv import values
from xiaopos.wire.emv.codes import Words
from xiaopos.wire.emv.dictionary import find
from xiaopos.wire.emv.tlv import Tlv, build, every, first
from xiaopos.wire.malformed import Malformed

FIELD_LIMIT = 255
"""Bytes that field 55 has at most."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with field 55, or strange: `tag` (empty: the field itself), and the words in both languages.

    `grave` tells what makes a message unacceptable from what may be passed on.
    """

    tag: str
    zh: str
    en: str
    grave: bool


@dataclass(frozen=True, slots=True)
class ChipProfile:
    """Which tags field 55 carries in a kind of message; `confirmed` False for rows that no source shows."""

    name: str
    zh: str
    en: str
    must: frozenset[str]
    conditional: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    confirmed: bool = True

    @property
    def listed(self) -> frozenset[str]:
        """All tags that the profile knows."""
        return self.must | self.conditional | self.optional

    def missing(self, objects: Iterable[Tlv]) -> list[str]:
        """The tags that must be there and are not, sorted."""
        return sorted(self.must - {item.tag for item in every(objects)})

    def unlisted(self, objects: Iterable[Tlv]) -> list[str]:
        """The outermost tags that the profile does not list, in their order. They are passed on, never removed."""
        return [item.tag for item in objects if item.tag not in self.listed]

    def check(self, objects: Iterable[Tlv]) -> list[Finding]:
        """Everything that is wrong or strange, in words: missing, unlisted and repeated tags, sizes, the whole too long."""
        held = tuple(objects)
        found = [
            _finding(tag, "缺少必备标签", "a tag that must be there is missing", True) for tag in self.missing(held)
        ]
        found += [
            _finding(tag, "未列入的标签", "a tag that this message does not list", False) for tag in self.unlisted(held)
        ]
        for tag, count in Counter(item.tag for item in held).items():
            if count > 1 and tag not in _REPEATABLE:
                found.append(_finding(tag, f"重复 {count} 次", f"comes {count} times", False))
        for item in every(held):
            row = find(item.tag)
            if row is not None and not row.fits(len(item.value)):
                found.append(
                    _finding(
                        item.tag,
                        f"长度 {len(item.value)},应为 {row.sizes} 字节",
                        f"{len(item.value)} bytes, the standard says {row.sizes}",
                        item.tag in self.must,
                    )
                )
        if (total := len(build(held))) > FIELD_LIMIT:
            found.append(
                _finding("", f"共 {total} 字节,最多 {FIELD_LIMIT}", f"{total} bytes, at most {FIELD_LIMIT}", True)
            )
        return found


_REPEATABLE = frozenset({"71", "72", "DF31"})


def _finding(tag: str, zh: str, en: str, grave: bool) -> Finding:
    row = find(tag)
    if row is None:
        return Finding(tag, f"{tag} {zh}".strip(), f"{tag} {en}".strip(), grave)
    return Finding(tag, f"{tag} {row.zh}: {zh}", f"{tag} {row.en}: {en}", grave)


def _tags(text: str) -> frozenset[str]:
    return frozenset(text.split())


CHIP_PROFILES: Mapping[str, ChipProfile] = MappingProxyType(
    {
        row.name: row
        for row in (
            ChipProfile(
                "request",
                "联机请求",
                "request to the issuer",
                _tags("9F26 9F27 9F10 9F37 9F36 95 9A 9C 9F02 5F2A 82 9F1A 9F03 9F33"),
                _tags("9F1E 9F63 9F74"),
                _tags("9F34 9F35 84 9F09 9F41"),
            ),
            ChipProfile("reversal", "冲正", "reversal", _tags("9F36"), _tags("95 9F1E 9F10 DF31")),
            ChipProfile(
                "script result",
                "脚本处理结果通知",
                "script result notice",
                _tags("95 9F10 9F26 9F36 82 DF31 9F1A 9A"),
                _tags("9F33 9F37 9F1E"),
            ),
            ChipProfile(
                "answer", "发卡行应答", "answer from the issuer", frozenset(), _tags("91 71 72"), _tags("8A"), False
            ),
        )
    }
)
"""The profiles by name."""

PROFILES_OF: Mapping[str, tuple[str, str | None]] = MappingProxyType(
    {
        "balance": ("request", "answer"),
        "sale": ("request", "answer"),
        "instalment_sale": ("request", "answer"),
        "pre_auth": ("request", "answer"),
        "reversal": ("reversal", None),
        "unserved_reversal": ("reversal", None),
        "script_notice": ("script result", None),
    }
)
"""Transaction (by its name in `iso8583.meaning`) -> the profiles of its request and its answer (None: no field 55)."""


def profile_of(transaction: str, *, answer: bool = False) -> ChipProfile | None:
    """The profile of field 55 in this transaction's request or answer; None where none is carried.

    >>> profile_of("sale").name, profile_of("refund")
    ('request', None)
    """
    request_name, answer_name = PROFILES_OF.get(transaction, (None, None))
    name = answer_name if answer else request_name
    return None if name is None else CHIP_PROFILES[name]


def check_against_message(objects: Iterable[Tlv], *, amount_minor: int, currency: str) -> list[Finding]:
    """Where the chip's own amount (9F02) or currency (5F2A) is not the message's: a sign of tampering or of a wrong field 4.

    `currency` is field 49's three digits. Tags that are absent are not judged here.
    """
    held = tuple(objects)
    found = []
    chip_amount, chip_currency = first(held, "9F02"), first(held, "5F2A")
    if chip_amount is not None and _amount(chip_amount) != amount_minor:
        found.append(_finding("9F02", "与报文金额不一致", "is not the message's amount", True))
    if chip_currency is not None and chip_currency.hex() != f"0{currency}":
        found.append(_finding("5F2A", "与报文币种不一致", "is not the message's currency", True))
    return found


def _amount(value: bytes) -> int | None:
    try:
        return values.read_amount(value, "9F02")
    except Malformed:
        return None


def words_of(findings: Iterable[Finding]) -> list[Words]:
    """The findings as sentences in both languages, the grave ones first."""
    return [(row.zh, row.en) for row in sorted(findings, key=lambda row: not row.grave)]
