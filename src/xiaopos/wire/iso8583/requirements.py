"""Whether a terminal's message has the fields and the chip's tags that its transaction demands, and no others, in words.

What may live here: judging what is there. What may not: the rows (terminal_requirements, emv.field55), what a field holds
(codec, terminal_fields), carrying anything out.

A host refuses for want of a field without which it cannot act, and for nothing else: conditional fields are the issuer's to
miss, and what a terminal sends beyond its list is told to whoever asks why, never a reason to turn a customer away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from xiaopos.wire.emv import field55, tlv
from xiaopos.wire.iso8583.meaning import Transaction, but_for_condition, transaction_of
from xiaopos.wire.iso8583.message import Message
from xiaopos.wire.iso8583.terminal_codes import CONDITIONS as CONDITION_CODES
from xiaopos.wire.iso8583.terminal_requirements import CONDITIONS, ROWS, Condition, Row
from xiaopos.wire.iso8583.unionpay_terminal import SPEC
from xiaopos.wire.malformed import Malformed

ADDRESS = (41, 42)
"""Terminal and merchant: without them nobody can be answered, whatever was asked."""

CHIP = 55
CONDITION = 25

_MARK = re.compile(r"([0-9]+)(?:([!MO])|C:([a-z0-9]+))(\?)?")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One field of a transaction's message: `mark` is M, C or O; `grave` that no host can act without it."""

    number: int
    mark: str
    grave: bool = False
    when: Condition | None = None
    confirmed: bool = True

    def lacking(self, message: Message) -> bool:
        """Whether the message should have the field and has not; an empty one is as good as none."""
        if self.mark == "O" or message.fields.get(self.number):
            return False
        return self.when is None or self.when.holds(message)


@dataclass(frozen=True, slots=True)
class Requirements:
    """The fields of a transaction's request or answer by number; `one_of` groups of which one field must be there."""

    fields: Mapping[int, Requirement]
    one_of: tuple[tuple[int, ...], ...] = ()
    confirmed: bool = True

    @property
    def indispensable(self) -> tuple[int, ...]:
        """The fields that a host refuses to do without, in their order."""
        return tuple(sorted(number for number, each in self.fields.items() if each.grave))


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with the fields of a message, or strange: which, and the sentence in both languages.

    `grave` tells what a host refuses; `superfluous` fields that no list has from missing ones; `confirmed` is False where the
    rule is from memory.
    """

    numbers: tuple[int, ...]
    zh: str
    en: str
    grave: bool
    superfluous: bool
    confirmed: bool


def _requirement(text: str) -> Requirement:
    found = _MARK.fullmatch(text)
    assert found is not None, f"{text} is no field with its mark"
    number, mark, when, doubt = found.groups()
    condition = CONDITIONS[when] if when else None
    return Requirement(int(number), {"!": "M", None: "C"}.get(mark, mark), mark == "!", condition, not doubt)


def _read(text: str, row: Row, *, answer: bool) -> Requirements:
    fields = {each.number: each for each in map(_requirement, text.split())}
    assert len(fields) == len(text.split()), f"{row.names}: a field is listed twice"
    ordered = MappingProxyType(dict(sorted(fields.items())))
    return Requirements(ordered, () if answer else row.one_of, row.confirmed)


REQUIREMENTS: Mapping[tuple[str, bool], Requirements] = MappingProxyType(
    {
        (name, answer): _read(row.answer if answer else row.request, row, answer=answer)
        for row in ROWS
        for name in row.names
        for answer in (False, True)
    }
)
"""(transaction as `meaning` calls it, whether it is the answer) -> its fields."""

_INDISPENSABLE = {name: each.indispensable for (name, answer), each in REQUIREMENTS.items() if not answer}


def demand(message: Message, transaction: Transaction | None = None) -> None:
    """Refuse a request that lacks a field without which no host can act: its transaction's, or only ADDRESS for None.

    Raises Malformed that names the field, and nothing else.
    """
    for number in ADDRESS if transaction is None else _INDISPENSABLE[transaction.name]:
        if not message.fields.get(number):
            raise Malformed(number, None, "the field", "nothing")
    if transaction is None:
        return
    for group in REQUIREMENTS[transaction.name, False].one_of:
        if not any(message.fields.get(number) for number in group):
            raise Malformed(group[0], None, f"field {_any(group, ' or ')}", "nothing")


def requirements_of(message: Message) -> list[Finding]:
    """What a terminal's message lacks and has too much, the grave first.

    Of a transaction that no table knows nothing is said, but that field 25 alone keeps it from being one.

    Findings about the tags in field 55 stand last; of a field 55 that breaks off, what is whole is judged.

    Never raises: a message whose fields cannot be judged was refused by the codec before.
    """
    transaction = transaction_of(message)
    if transaction is None:
        nearest = but_for_condition(message)
        return [] if nearest is None else [_misfit(message.text(25), nearest)]
    answer = message.mti[2] in "13"
    rules = REQUIREMENTS[transaction.name, answer]
    side = ("应答", "answer") if answer else ("请求", "request")
    whose = (f"{transaction.zh}{side[0]}", f"the {side[1]} of a {transaction.en}")
    found = [_missing(each, whose, rules) for each in rules.fields.values() if each.lacking(message)]
    found += [
        _none_of(group, whose, rules)
        for group in rules.one_of
        if not any(message.fields.get(number) for number in group)
    ]
    found += [_superfluous(number, whose, rules) for number in sorted(message.fields) if number not in rules.fields]
    return [*sorted(found, key=lambda each: not each.grave), *_chip_findings(message, transaction, answer=answer)]


def chip_disagrees(message: Message, objects: tuple[tlv.Tlv, ...]) -> Malformed | None:
    """The first way in which the amount or currency of field 55's objects is not the message's, as a fault; None for none.

    The cryptogram is made over the chip's.
    """
    found = _disagreements(message, objects)
    return Malformed(CHIP, None, "what the message itself says", "another", found[0].tag) if found else None


def _disagreements(message: Message, objects: tuple[tlv.Tlv, ...]) -> list[field55.Finding]:
    if not message.text(4) or not message.text(49):
        return []
    return field55.check_against_message(objects, amount_minor=int(message.text(4)), currency=message.text(49))


def _chip_findings(message: Message, transaction: Transaction, *, answer: bool) -> list[Finding]:
    profile, data = field55.profile_of(transaction.name, answer=answer), message.raw(CHIP)
    if profile is None or not data:
        return []
    objects, _ = tlv.salvage(data)
    strange = profile.unlisted(objects)
    return [
        _finding(
            (CHIP,), f"域55：{each.zh}", f"field 55: {each.en}",
            grave=False, superfluous=each.tag in strange, confirmed=profile.confirmed,
        )
        for each in (*profile.check(objects), *_disagreements(message, objects))
    ]  # fmt: skip


def _misfit(condition: str, nearest: Transaction) -> Finding:
    zh, en = CONDITION_CODES.get(condition, ("没有收录", "not known"))
    due = sorted((nearest.conditions or frozenset()) - {""})
    return _finding(
        (CONDITION,),
        f"域25是{condition}（{zh}），其余各域是{nearest.zh}：{nearest.zh}的域25是{_any(due, '或')}，或不送；"
        "主机按不支持的交易拒绝",
        f"field 25 is {condition} ({en}) and the rest says {nearest.en}, which has {_any(due, ' or ')} there or nothing: the host"
        " refuses it as not supported",
        grave=True, superfluous=False, confirmed=True,
    )  # fmt: skip


def _missing(each: Requirement, whose: tuple[str, str], rules: Requirements) -> Finding:
    zh, en = _name(each.number)
    sure = each.grave or (each.confirmed and rules.confirmed)
    when = ("", "") if each.when is None else (f"，{each.when.zh}", f" when {each.when.en}")
    return _finding(
        (each.number,), f"缺少{zh}：{whose[0]}必须有{when[0]}", f"{en} is missing: {whose[1]} has it{when[1]}",
        grave=each.grave, superfluous=False, confirmed=sure,
    )  # fmt: skip


def _none_of(group: tuple[int, ...], whose: tuple[str, str], rules: Requirements) -> Finding:
    return _finding(
        group,
        f"缺少原交易信息：{whose[0]}要有域{_any(group, '或')}之一",
        f"nothing names the original: {whose[1]} has one of fields {_any(group, ', ')}",
        grave=True, superfluous=False, confirmed=rules.confirmed,
    )  # fmt: skip


def _superfluous(number: int, whose: tuple[str, str], rules: Requirements) -> Finding:
    zh, en = _name(number)
    return _finding(
        (number,), f"多出{zh}：{whose[0]}不列此域", f"{en} is superfluous: {whose[1]} does not list it",
        grave=False, superfluous=True, confirmed=rules.confirmed,
    )  # fmt: skip


def _finding(numbers: tuple[int, ...], zh: str, en: str, *, grave: bool, superfluous: bool, confirmed: bool) -> Finding:
    doubt = ("", "") if confirmed else ("（未确认）", " (unconfirmed)")
    return Finding(numbers, zh + doubt[0], en + doubt[1], grave, superfluous, confirmed)


def _name(number: int) -> tuple[str, str]:
    field = SPEC.fields.get(number)
    if field is None:
        return f"域{number}", f"field {number}"
    return f"域{number}{field.zh}", f"field {number} ({field.en})"


def _any(numbers: Iterable[int | str], between: str) -> str:
    return between.join(str(number) for number in numbers)
