"""Chip data for people: one row per object, with what it means, and nothing that people may not see.

What may live here: turning objects into rows. What may not: reading bytes (tlv), tables of meaning (dictionary, bits, ...).

Masked, whatever the length and wherever the object lies: card numbers (first six, last four), tracks (their card number
so), names, PINs and identity numbers (size only), card commands (header only); and of unknown tags, free text and all others
with room for it every value that holds 12 or more digits in a row (leading zeros aside), for it may be a card number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from xiaopos.kernel.secret import mask_pan
from xiaopos.wire.emv import codes, values
from xiaopos.wire.emv.bits import TABLES
from xiaopos.wire.emv.codes import Words
from xiaopos.wire.emv.cvm import CvmList, CvmResults
from xiaopos.wire.emv.dictionary import Format, Sight, TagRow, find
from xiaopos.wire.emv.issuer_data import CryptogramInformation, IssuerAuthentication, parse_issuer_data
from xiaopos.wire.emv.lists import parse_afl, parse_dol
from xiaopos.wire.emv.tlv import Tlv, first, parse
from xiaopos.wire.malformed import Malformed

_LONG_NUMBER = re.compile("[1-9][0-9]{11}")
_OPAQUE = """
    4F 84 8C 8D 8E 90 91 92 93 94 97 98 9F06 9F10 9F16 9F24 9F26 9F2D 9F2F 9F38 9F46 9F48 9F49 9F4A 9F4B 9F4F 9F63
    DF02 DF03 DF14 DF31 DF4F
"""
_NEVER_A_NUMBER = frozenset(_OPAQUE.split())
"""Tags with room for a card number whose content is something else: keys, cryptograms, lists, names of applications."""


@dataclass(frozen=True, slots=True)
class ChipRow:
    """One object for people.

    `depth` is 0 for the outermost, `path` the tags down to it; `offset` and `size` say where tag, length and value lie in
    the data and how many bytes they are; `shown` is the value in hex, masked, or only its size in `<>`; `meaning` says
    what it means, in Chinese and English, one pair per line (a bit, a rule, a date).
    """

    depth: int
    path: str
    offset: int
    size: int
    tag: str
    zh: str
    en: str
    shown: str
    meaning: tuple[Words, ...] = ()


def describe(chip: bytes | Iterable[Tlv], *, field: int | None = None) -> list[ChipRow]:
    """One row per object, templates before what they hold; of bytes or of objects that were read.

    A tag that is not in the dictionary has empty names. A value that its own format does not allow is described as
    malformed, not refused. Raises Malformed, as `tlv.parse`, for bytes that are no objects (`tlv.salvage` gives what can
    be read of them).
    """
    objects = parse(chip, field=field) if isinstance(chip, bytes) else tuple(chip)
    found = first(objects, "5F2A")
    rows: list[ChipRow] = []
    _rows(rows, objects, 0, "", 0, None if found is None else codes.currency(found.hex()))
    return rows


def unknown_tags(objects: Iterable[Tlv]) -> list[str]:
    """The paths of objects whose tag is not in the dictionary, in their order. They are kept and passed on all the same."""
    return [row.path for row in describe(objects) if not row.en]


def shown(item: Tlv) -> str:
    """The value as people may see it: hex, a masked number, or the size in `<>`."""
    row = find(item.tag)
    sight = Sight.OPEN if row is None else row.sight
    size = f"<{len(item.value)}>"
    if sight is Sight.PAN:
        return _masked(item.value.hex().rstrip("f")) or size
    if sight is Sight.TRACK:
        number, separator, _ = item.value.hex().partition("d")
        return (separator and _masked(number)) or size
    if sight is Sight.COMMAND and len(item.value) > 4:
        return f"{item.value[:4].hex().upper()} <{len(item.value) - 4}>"
    if sight is not Sight.OPEN or item.constructed or (_guarded(row) and _long_number(item.value)):
        return size
    return item.value.hex().upper()


def _masked(number: str) -> str:
    return mask_pan(number) if 12 <= len(number) <= 19 and number.isdigit() else ""


def _guarded(row: TagRow | None) -> bool:
    return row is None or (row.most > 6 and row.tag not in _NEVER_A_NUMBER)


def _long_number(value: bytes) -> bool:
    text = value.decode("latin-1")
    if text.isascii() and text.isdigit():
        return len(text.lstrip("0")) >= 12
    return any(_LONG_NUMBER.search(form) for form in (value.hex(), re.sub("[\x00 -]", "", text)))


def _rows(
    rows: list[ChipRow],
    objects: Iterable[Tlv],
    offset: int,
    path: str,
    depth: int,
    currency: codes.CurrencyCode | None,
) -> None:
    for item in objects:
        offset += len(item.before)
        row = find(item.tag)
        here = f"{path}.{item.tag}" if path else item.tag
        zh, en = ("", "") if row is None else (row.zh, row.en)
        size = item.head_size + len(item.value)
        rows.append(ChipRow(depth, here, offset, size, item.tag, zh, en, shown(item), _meaning(item, row, currency)))
        _rows(rows, item.children, offset + item.head_size, here, depth + 1, currency)
        offset += size + len(item.after)


def _meaning(item: Tlv, row: TagRow | None, currency: codes.CurrencyCode | None) -> tuple[Words, ...]:
    if row is None or (row.sight is not Sight.OPEN and row.sight is not Sight.COMMAND):
        return ()
    words: list[Words] = []
    if not row.fits(len(item.value)):
        words.append((f"长度不符: 应为 {row.sizes} 字节", f"unexpected size: the standard says {row.sizes} bytes"))
    try:
        words += _read(item, row, currency)
    except Malformed as fault:
        words.append((f"格式错误: {fault}", f"malformed: {fault}"))
    return tuple(words)


def _read(item: Tlv, row: TagRow, currency: codes.CurrencyCode | None) -> list[Words]:
    if item.tag in TABLES:
        return [(mark.zh, mark.en) for mark in TABLES[item.tag].read(item.value)]
    if item.tag in _AMOUNTS:
        return [_amount(values.read_amount(item.value, item.tag), currency if item.tag in ("9F02", "9F03") else None)]
    if item.tag in _READERS:
        return _READERS[item.tag](item.value)
    if item.tag in _CODES:
        spelled, table = _CODES[item.tag]
        code = values.text(item.value) if spelled else item.value.hex()
        return [table[code]] if code in table else []
    if row.format in (Format.ANS, Format.AN, Format.A) and not (_guarded(row) and _long_number(item.value)):
        return [(values.text(item.value),) * 2]
    return []


def _amount(minor: int, currency: codes.CurrencyCode | None) -> Words:
    if currency is None:
        return f"{minor} 最小货币单位", f"{minor} minor units"
    spelled = f"{minor:0{currency.minor_digits + 1}d}"
    if currency.minor_digits:
        spelled = f"{spelled[: -currency.minor_digits]}.{spelled[-currency.minor_digits :]}"
    return f"{spelled} {currency.zh}", f"{spelled} {currency.letters}"


def _same(word: str) -> list[Words]:
    return [(word, word)]


def _date(tag: str) -> Callable[[bytes], list[Words]]:
    return lambda value: _same(values.read_date(value, tag).isoformat())


def _dol(value: bytes) -> list[Words]:
    rows = []
    for entry in parse_dol(value):
        row = find(entry.tag)
        zh, en = ("未知", "unknown") if row is None else (row.zh, row.en)
        rows.append((f"{entry.tag} {entry.length}字节 {zh}", f"{entry.tag} {entry.length} bytes: {en}"))
    return rows


def _afl(value: bytes) -> list[Words]:
    return [
        (
            f"文件 {entry.sfi} 记录 {entry.first}-{entry.last},参与脱机认证 {entry.signed} 条",
            f"file {entry.sfi} records {entry.first}-{entry.last}, {entry.signed} of them signed",
        )
        for entry in parse_afl(value)
    ]


def _cvm_list(value: bytes) -> list[Words]:
    read = CvmList.parse(value)
    amounts = f"X {read.amount_x_minor}, Y {read.amount_y_minor}"
    return [(amounts, amounts), *[rule.words() for rule in read.rules]]


def _authentication(value: bytes) -> list[Words]:
    read = IssuerAuthentication.parse(value)
    if read.method == 1:
        return [(f"方法1,响应码 {read.response_code}", f"method 1, response code {read.response_code}")]
    return [(f"方法2,卡片状态更新 {read.status_update.hex()}", f"method 2, status update {read.status_update.hex()}")]


def _country(value: bytes) -> list[Words]:
    found = codes.country(value.hex())
    return [] if found is None else [found]


def _currency(value: bytes) -> list[Words]:
    found = codes.currency(value.hex())
    return [] if found is None else [(f"{found.zh} {found.letters}", f"{found.en} {found.letters}")]


def _counter(value: bytes) -> list[Words]:
    return _same(str(int.from_bytes(value, "big")))


def _application(value: bytes) -> list[Words]:
    found = codes.application(value.hex().upper())
    return [] if found is None else [found]


_AMOUNTS = frozenset({"9F02", "9F03", "9F6D", "9F77", "9F78", "9F79", "9F7B", "DF19", "DF20", "DF21", "DF62", "DF63"})
"""Amounts of 12 digits; only the first two are in the transaction's currency."""

_READERS: Mapping[str, Callable[[bytes], list[Words]]] = {
    "8E": _cvm_list,
    "91": _authentication,
    "94": _afl,
    "9A": _date("9A"),
    "5F24": _date("5F24"),
    "5F25": _date("5F25"),
    "9F10": lambda value: parse_issuer_data(value).words(),
    "9F21": lambda value: _same(values.read_time(value, "9F21").isoformat()),
    "9F27": lambda value: CryptogramInformation.parse(value).words(),
    "9F34": lambda value: [CvmResults.parse(value).words()],
    **dict.fromkeys(("8C", "8D", "97", "9F38", "9F49", "9F4F"), _dol),
    **dict.fromkeys(("5F28", "9F1A", "9F57"), _country),
    **dict.fromkeys(("5F2A", "9F42", "9F51", "9F3C", "9F76"), _currency),
    **dict.fromkeys(("9F36", "9F13", "9F17", "81", "9F04", "9F1B", "DF15"), _counter),
    **dict.fromkeys(("4F", "84", "9F06"), _application),
}

_CODES: Mapping[str, tuple[bool, Mapping[str, Words]]] = {
    "8A": (True, codes.RESPONSE_CODES),
    "9C": (False, codes.TRANSACTION_TYPES),
    "9F35": (False, codes.TERMINAL_TYPES),
    "9F39": (False, codes.ENTRY_MODES),
    "5F57": (False, codes.ACCOUNT_TYPES),
}
"""Tags that hold one code: whether it is written in letters, and its table."""
