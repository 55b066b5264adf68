"""A message for people: every field and every part in it, with names and the meaning of codes, and nothing secret.

What may live here: turning fields and parts into rows. What may not: the tables, framing, whether a MAC is right.

Shown is what a table marks as plain. Hidden, as their length only: tracks, PIN blocks, keys, payment codes, MACs, balances,
expiry dates, unknown fields and unknown tags. Card numbers show their first six and last four digits; chip data is described
by `emv.describing`. Free text that holds 12 or more digits in a row is hidden too, for it may be a card number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from xiaopos.kernel.secret import mask_pan
from xiaopos.wire.emv import describing as chip
from xiaopos.wire.iso8583 import terminal_codes as codes
from xiaopos.wire.iso8583.meaning import Transaction, transaction_of
from xiaopos.wire.iso8583.message import Message
from xiaopos.wire.iso8583.spec import Field, Shown, Spec
from xiaopos.wire.iso8583.subfields import Found, Meanings, Parts, Place, every, plain_bytes, unlisted
from xiaopos.wire.iso8583.terminal_parts import CHIP_DATA, parts_of
from xiaopos.wire.iso8583.unionpay_terminal import TERMINAL_SPECS
from xiaopos.wire.malformed import Malformed

_LONG_NUMBER = re.compile(r"[0-9](?:[ -]?[0-9]){11}")
_NOT_CARD_NUMBERS = frozenset({4, 5, 6, 7, 32, 33, 37, 41, 42, 53, 90, 100})
"""Fields whose long numbers are known not to be card numbers: amounts, times, institutions, references."""


@dataclass(frozen=True, slots=True)
class Row:
    """One field, or one part of it, for people.

    `field` is its number (0 for the message type); `part` is empty for the field itself, else the part's name, `/` between a
    template and what it holds; `shown` what may be seen of the value; `meaning` what a code stands for, in Chinese and
    English; `start` and `end` its bytes in the message where they are known; `fault` why the parts could not be read.
    """

    field: int
    zh: str
    en: str
    shown: str
    part: str = ""
    meaning: tuple[tuple[str, str], ...] = ()
    start: int | None = None
    end: int | None = None
    fault: str = ""
    unknown: bool = False


def describe(spec: Spec, message: Message, starts: Mapping[int, int] | None = None) -> list[Row]:
    """The message as rows, its type first, each field's parts behind it.

    `starts` gives the offset of each field's value (behind its length) in the message, where it is known; then faults and parts
    have their place. Never raises Malformed: a field whose parts cannot be read is shown whole, with the fault.
    """
    named = transaction_of(message) if spec in TERMINAL_SPECS else None
    shown = message.mti if named is None else f"{message.mti} {named.zh} / {named.en}"
    rows = [Row(0, "报文类型", "message type", shown)]
    for number, value in sorted(message.fields.items()):
        field = spec.fields.get(number)
        layout = _layout(spec, field, named, message.mti)
        rows += _field_rows(number, field, value, layout, None if starts is None else starts.get(number))
    return rows


def named_by(message: Message) -> str:
    """By what a terminal's message is named (type, fields 3, 25 and 60), in English for a log, also when nothing has this name.

    >>> named_by(Message("0200", {3: "000000", 25: "06", 60: "22000001000"}))
    '0200, 3 is 000000 (purchase), 60.1 is 22 (sale), 25 is 06 (pre-authorisation)'
    """
    private = message.text(60)
    said = (
        ("3", message.text(3), codes.PROCESSING_CODES),
        ("60.1", private[:2], codes.TRANSACTION_TYPES),
        ("60.3", private[8:11].strip("0") and private[8:11], codes.NETWORK_CODES),
        ("25", message.text(25), codes.CONDITIONS),
    )
    words = (f"{name} is {value} ({table.get(value, ('', 'not known'))[1]})" for name, value, table in said if value)
    return ", ".join((message.mti, *words))


def unknown_parts(spec: Spec, message: Message) -> dict[int, list[str]]:
    """The tags in each field that no table lists; they are passed on all the same."""
    named = transaction_of(message) if spec in TERMINAL_SPECS else None
    result: dict[int, list[str]] = {}
    for number, value in sorted(message.fields.items()):
        found, _ = _read(
            number, spec.fields.get(number), value, _layout(spec, spec.fields.get(number), named, message.mti), 0
        )
        if tags := unlisted(found):
            result[number] = tags
    return result


def _layout(spec: Spec, field: Field | None, named: Transaction | None, mti: str) -> Parts | None:
    if field is None:
        return None
    if spec in TERMINAL_SPECS:
        return parts_of(field.number, named.name if named else "", answer=len(mti) == 4 and mti[2] in "13")
    return field.parts


def _read(
    number: int, field: Field | None, value: str | bytes, layout: Parts | None, start: int | None
) -> tuple[tuple[Found, ...], str]:
    """The parts, or why they could not be read."""
    if layout is None:
        return (), ""
    packed = field is not None and field.encoding.packed
    try:
        return layout.read(plain_bytes(value, number), Place(number, start, packed)), ""
    except Malformed as fault:
        return (), str(fault)


def _field_rows(
    number: int, field: Field | None, value: str | bytes, layout: Parts | None, start: int | None
) -> list[Row]:
    zh, en = (field.zh, field.en) if field else ("未知域", "unknown field")
    found, fault = _read(number, field, value, layout, start)
    meaning: tuple[tuple[str, str], ...] = ()
    if len(found) == 1 and found[0].tag == str(number) and not found[0].children:
        meaning, found = _meaning(found[0]), ()
    # A number may go on from one part of a text into the next, so that no part alone looks like one.
    guarded = field is not None and not field.encoding.packed and isinstance(value, str) and _long(number, value)
    shown = f"<{len(value)}>" if guarded else _shown(number, field, value, found)
    end = None if start is None or field is None else start + field.bytes_for(value)
    whole = Row(number, zh, en, shown, "", meaning, start, end, fault, field is None)
    if layout is CHIP_DATA and found:
        return [whole, *_chip_rows(number, plain_bytes(value), start, "")]
    rows = _part_rows(number, found, start is not None, "")
    return [whole, *([replace(row, shown=f"<{len(row.shown)}>") for row in rows] if guarded else rows)]


def _hides(found: Iterable[Found]) -> bool:
    return any(part_shown(item) != item.value for item in every(found) if not item.children)


def _part_rows(number: int, found: Iterable[Found], placed: bool, path: str) -> list[Row]:
    rows = []
    for item in found:
        part = item.part
        here = f"{path}/{item.tag}" if path else item.tag
        zh, en = ("未知", "unknown") if part is None else (part.zh, part.en)
        start, end = (item.start, item.end) if placed else (None, None)
        rows.append(Row(number, zh, en, part_shown(item), here, _meaning(item), start, end, unknown=part is None))
        if part is not None and part.layout is CHIP_DATA:
            rows += _chip_rows(number, plain_bytes(item.value), item.start if placed else None, here)
        else:
            rows += _part_rows(number, item.children, placed, here)
    return rows


def _chip_rows(number: int, data: bytes, start: int | None, path: str) -> list[Row]:
    rows = []
    for row in chip.describe(data):
        tags = row.path.replace(".", "/")
        here = f"{path}/{tags}" if path else tags
        begin = None if start is None else start + row.offset
        end = None if begin is None else begin + row.size
        zh, en = (row.zh, row.en) if row.en else ("未知", "unknown")
        rows.append(Row(number, zh, en, row.shown, here, row.meaning, begin, end, unknown=not row.en))
    return rows


def part_shown(item: Found) -> str:
    """What people may see of a part: its value, a card number's ends, or its length in `<>`."""
    size = f"<{len(item.value)}>"
    part = item.part
    if part is None or part.shown is Shown.HIDDEN or item.children:
        return size
    if part.shown is Shown.PAN:
        number = str(item.value).lstrip("0") if isinstance(item.value, str) else ""
        return mask_pan(number) if 12 <= len(number) <= 19 else size
    if isinstance(item.value, bytes):
        return item.value.hex().upper()
    free = part.size is None or part.size >= 12
    return size if free and not item.value.isdigit() and _LONG_NUMBER.search(item.value) else item.value


def _meaning(item: Found) -> tuple[tuple[str, str], ...]:
    codes: Meanings = {} if item.part is None else item.part.meanings
    return (codes[item.value],) if isinstance(item.value, str) and item.value in codes else ()


def _shown(number: int, field: Field | None, value: str | bytes, found: tuple[Found, ...]) -> str:
    size = f"<{len(value)}>"
    if field is None or not isinstance(value, str) or field.shown is Shown.HIDDEN:
        return size
    if field.shown is Shown.PAN:
        return mask_pan(value) if len(value) >= 12 else size
    if found:
        return size if _hides(found) else value
    return size if _long(number, value) else value


def _long(number: int, value: str) -> bool:
    return number not in _NOT_CARD_NUMBERS and _LONG_NUMBER.search(value) is not None
