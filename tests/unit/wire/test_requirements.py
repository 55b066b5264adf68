"""Which fields a terminal's message must have: every transaction has its rows, and what is wrong is said in words."""

from __future__ import annotations

import random

import pytest

from support import wire_samples
from support.wire_random import random_message
from support.wire_samples import SALE_ANSWER, SETTLEMENT, real_body
from support.wire_terminal_samples import CHIP, REQUESTS, TAKEN_BACK, answer
from xiaopos.wire.emv import tlv
from xiaopos.wire.iso8583 import Codec, Malformed, Message
from xiaopos.wire.iso8583.meaning import TRANSACTIONS, Transaction, transaction_of
from xiaopos.wire.iso8583.requirements import REQUIREMENTS, chip_disagrees, demand, requirements_of
from xiaopos.wire.iso8583.terminal_requirements import CONDITIONS, ROWS
from xiaopos.wire.iso8583.unionpay_terminal import SPEC

CARD_SALE = Message("0200", wire_samples.CARD_SALE.fields | {55: CHIP})
CODE_SALE = Message(
    "0200",
    {3: "000000", 4: "000000001234", 11: "000123", 22: "032", 25: "00", 41: "00000001", 42: "952718182217875",
     49: "156", 59: b"A3018990000000000000001", 60: "22000001000", 64: b"0A1B2C3D"},
)  # fmt: skip
REVERSAL = Message(
    "0400", {n: v for n, v in CARD_SALE.fields.items() if n not in (26, 35, 52)} | {39: "98", 55: TAKEN_BACK}
)
VOID = Message(
    "0200",
    {n: v for n, v in CODE_SALE.fields.items() if n not in (22, 59)}
    | {3: "200000", 22: "012", 37: "123456789012", 60: "23000001000", 61: "0000010001221122"},
)


def without(message: Message, *numbers: int, **more: str | bytes) -> Message:
    kept = {number: value for number, value in message.fields.items() if number not in numbers}
    return Message(message.mti, kept | {int(name[1:]): value for name, value in more.items()})


def named(message: Message) -> Transaction:
    found = transaction_of(message)
    assert found is not None
    return found


@pytest.mark.parametrize("transaction", TRANSACTIONS, ids=lambda each: f"{each.name} {each.mti} {each.network}")
def test_every_transaction_has_its_fields(transaction: Transaction) -> None:
    request, answer = (REQUIREMENTS[transaction.name, side] for side in (False, True))
    assert {*request.fields, *answer.fields} <= SPEC.fields.keys()
    assert {41, 42, 60} <= set(request.indispensable)
    assert (64 in request.indispensable) == transaction.mac
    assert answer.fields[39].mark == "M"
    assert not answer.indispensable
    assert all(number in request.fields for group in request.one_of for number in group)


def test_no_row_is_about_a_transaction_that_does_not_exist_and_none_has_two() -> None:
    names = [name for row in ROWS for name in row.names]
    assert sorted(names) == sorted({each.name for each in TRANSACTIONS})


@pytest.mark.parametrize(
    "message",
    [Codec(SPEC).decode(real_body()), CARD_SALE, SALE_ANSWER, SETTLEMENT, CODE_SALE, REVERSAL, VOID],
    ids=["published frame", "card sale", "its answer", "settlement", "code sale", "reversal", "void"],
)
def test_a_message_as_it_should_be_has_nothing_to_be_said_of(message: Message) -> None:
    assert requirements_of(message) == []
    if message.mti[2] in "024":
        demand(message, named(message))


SAID = [
    (without(CARD_SALE, 4), "缺少域4交易金额：消费请求必须有", "field 4 (amount) is missing: the request of a sale has it"),
    (
        without(CARD_SALE, 52),
        "缺少域52个人标识码数据：消费请求必须有，输入了密码时",
        "field 52 (PIN block) is missing: the request of a sale has it when a PIN was entered",
    ),
    (
        without(CARD_SALE, 55, f22="052"),
        "缺少域55IC卡数据域：消费请求必须有，读芯片卡时",
        "field 55 (chip data) is missing: the request of a sale has it when the chip was read",
    ),
    (
        without(CARD_SALE, 35, f22="022"),
        "缺少域35二磁道数据：消费请求必须有，刷磁条卡时",
        "field 35 (track 2) is missing: the request of a sale has it when the stripe was read",
    ),
    (
        without(CARD_SALE, 2, f22="012"),
        "缺少域2主账号：消费请求必须有，卡号为手工输入时",
        "field 2 (primary account number) is missing: the request of a sale has it when the card number was keyed in",
    ),
    (
        without(CODE_SALE, 59),
        "缺少域59自定义域59：扫码消费请求必须有，付款码放在域59时",
        "field 59 (private use 59: payment code, device data) is missing: the request of a payment code sale has it when"
        " the payment code travels in field 59",
    ),
    (
        without(CODE_SALE, 59, f60="26000001000", f22="030"),
        "缺少域62自定义域62：扫码消费请求必须有，付款码放在域62时",
        "field 62 (private use 62: keys, parameters) is missing: the request of a payment code sale has it when the payment"
        " code travels in field 62",
    ),
    (
        without(REVERSAL, 39, f35="6225561620345170=28121010000000000"),
        "缺少域39应答码：冲正请求必须有",
        "field 39 (response code) is missing: the request of a reversal has it",
    ),
    (
        without(VOID, 37, 61),
        "缺少原交易信息：消费撤销请求要有域37或61之一",
        "nothing names the original: the request of a void has one of fields 37, 61",
    ),
    (
        without(SALE_ANSWER, 37),
        "缺少域37检索参考号：消费应答必须有，交易成功时",
        "field 37 (retrieval reference number) is missing: the answer of a sale has it when the transaction was approved",
    ),
    (
        Message("0410", without(SALE_ANSWER, 3, 15, 38).fields),
        "缺少域3交易处理码：冲正应答必须有（未确认）",
        "field 3 (processing code) is missing: the answer of a reversal has it (unconfirmed)",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("message", "zh", "en"), SAID, ids=[en[:24] for _, _, en in SAID])
def test_what_is_missing_is_said_in_words(message: Message, zh: str, en: str) -> None:
    assert (zh, en) in [(each.zh, each.en) for each in requirements_of(message)]


def test_of_a_message_that_nobody_knows_nothing_is_said() -> None:
    assert requirements_of(without(CARD_SALE, 3)) == []
    assert requirements_of(without(CARD_SALE, f3="990000", f25="06")) == []


@pytest.mark.parametrize(
    ("message", "zh", "en"),
    [
        (
            without(CARD_SALE, f25="06"),
            "域25是06（预授权类），其余各域是消费：消费的域25是00，或不送；主机按不支持的交易拒绝",
            "field 25 is 06 (pre-authorisation) and the rest says sale, which has 00 there or nothing: the host refuses it as not"
            " supported",
        ),
        (
            without(CODE_SALE, f25="65", f60="26000001000", f22="030"),
            "域25是65（没有收录），其余各域是扫码消费：扫码消费的域25是00或99，或不送；主机按不支持的交易拒绝",
            "field 25 is 65 (not known) and the rest says payment code sale, which has 00 or 99 there or nothing: the host"
            " refuses it as not supported",
        ),
    ],
    ids=["a sale of a hold", "a code sale of nothing known"],
)
def test_of_a_message_whose_field_25_alone_does_not_fit_that_is_said(message: Message, zh: str, en: str) -> None:
    (finding,) = requirements_of(message)
    assert (finding.zh, finding.en, finding.numbers, finding.grave) == (zh, en, (25,), True)


def test_whatever_a_message_holds_it_is_judged_in_words() -> None:
    chance = random.Random(7)
    for _ in range(2000):
        request = chance.choice(REQUESTS)
        message = random_message(SPEC, chance)
        message.fields |= {number: request.fields[number] for number in (3, 25, 60) if number in request.fields}
        message.mti = chance.choice((request.mti, answer(request).mti))
        assert all(each.zh and each.en and each.numbers for each in requirements_of(message))


def test_what_is_superfluous_is_said_and_never_refused() -> None:
    message = without(REVERSAL, f35="6225561620345170=28121010000000000", f99="x", f52=bytes(8))
    found = requirements_of(message)
    assert [(each.numbers, each.superfluous, each.grave) for each in found] == [
        ((number,), True, False) for number in (35, 52, 99)
    ]
    assert (found[0].zh, found[2].en) == (
        "多出域35二磁道数据：冲正请求不列此域",
        "field 99 is superfluous: the request of a reversal does not list it",
    )
    assert all("6225" not in each.zh + each.en for each in found)
    demand(message, named(message))


def test_what_no_list_shows_is_said_with_its_doubt() -> None:
    offline = Message("0220", without(CARD_SALE, 55, f22="051", f60="30000001000").fields)
    (found,) = requirements_of(offline)
    assert (found.confirmed, found.en.endswith("(unconfirmed)"), found.zh.endswith("（未确认）")) == (False, True, True)


def test_the_grave_comes_first() -> None:
    found = requirements_of(without(CARD_SALE, 64, 52))
    assert [(each.numbers, each.grave) for each in found] == [((64,), True), ((52,), False)]


@pytest.mark.parametrize(
    ("whole", "message", "field", "expected"),
    [
        (CARD_SALE, without(CARD_SALE, 4), 4, "the field"),
        (CARD_SALE, without(CARD_SALE, f60=""), 60, "the field"),
        (VOID, without(VOID, 37, 61), 37, "field 37 or 61"),
        (SETTLEMENT, without(SETTLEMENT, 48), 48, "the field"),
    ],
)
def test_a_host_refuses_for_want_of_what_it_cannot_do_without(
    whole: Message, message: Message, field: int, expected: str
) -> None:
    with pytest.raises(Malformed) as caught:
        demand(message, named(whole))
    assert (caught.value.field, caught.value.offset, caught.value.expected) == (field, None, expected)


def test_nobody_can_be_answered_without_an_address() -> None:
    demand(Message("0999", {41: "00000001", 42: "952718182217875"}))
    with pytest.raises(Malformed, match="field 42"):
        demand(Message("0999", {41: "00000001"}))


def chip(*changes: tuple[str, str]) -> bytes:
    """The sale's field 55 with some of its bytes changed, which are named in hexadecimal."""
    text = CHIP.hex().upper()
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return bytes.fromhex(text)


@pytest.mark.parametrize(
    ("field_55", "said", "superfluous"),
    [
        (chip(("9F3602001A", "")), "field 55: 9F36 application transaction counter: a tag that must be there is missing", False),
        (CHIP + bytes.fromhex("DF7F0101"), "field 55: DF7F a tag that this message does not list", True),
        (CHIP + b"\x9f", "", False),
        (chip(("00001234", "00001235")), "field 55: 9F02 amount, authorised (numeric): is not the message's amount", False),
        (chip(("5F2A020156", "5F2A020344")), "field 55: 5F2A transaction currency code: is not the message's currency", False),
    ],
)  # fmt: skip
def test_what_the_chip_says_is_judged_too(field_55: bytes, said: str, superfluous: bool) -> None:
    found = requirements_of(without(CARD_SALE, f55=field_55))
    assert [(each.numbers, each.en, each.superfluous, each.grave) for each in found] == (
        [((55,), said, superfluous, False)] if said else []
    )


def test_a_chip_that_disagrees_is_a_fault_in_field_55() -> None:
    objects = tlv.parse(CHIP)
    assert chip_disagrees(CARD_SALE, objects) is None
    assert chip_disagrees(without(CARD_SALE, 4), objects) is None
    assert chip_disagrees(CODE_SALE, ()) is None
    fault = chip_disagrees(without(CARD_SALE, f4="000000001235"), objects)
    assert fault is not None
    assert (fault.field, fault.subfield) == (55, "9F02")
    assert "1235" not in str(fault)


def test_every_condition_has_its_words() -> None:
    assert all(each.zh and each.en for each in CONDITIONS.values())
