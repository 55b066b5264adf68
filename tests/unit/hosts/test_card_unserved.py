"""What the card host does not serve it refuses as such, and docs/what-terminals-ask.md says so by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from support.card_counter import CODEC, TID, CardCounter
from support.world import TEA
from xiaopos.kernel.refusal import REASONS, MoneyMoved, Reason
from xiaopos.payments.states import State
from xiaopos.wire.iso8583 import Message
from xiaopos.wire.iso8583.meaning import TRANSACTIONS, Transaction

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "what-terminals-ask.md"
UNSERVED = {
    "adjustment", "cash_card_refund", "cash_card_sale", "contactless_parameters", "contactless_parameters_end",
    "identity_check", "initialise", "instalment_other", "instalment_sale", "instalment_void", "moto_completion",
    "moto_completion_void", "moto_hold", "moto_hold_void", "moto_other", "moto_refund", "moto_sale", "moto_void",
    "no_pin_bins", "no_pin_bins_end", "no_pin_black_bins", "no_pin_black_bins_end", "points_sign_in", "same_day_sale",
    "wallet_show",
}  # fmt: skip
UNSUPPORTED = REASONS[Reason.TRANSACTION_UNSUPPORTED].response_code
NOT_THERE = REASONS[Reason.ORIGINAL_UNKNOWN].response_code


@pytest.fixture
def counter() -> CardCounter:
    counter = CardCounter()
    assert counter.signs_in().approved
    return counter


def told(counter: CardCounter, mti: str, *, seal: bool = True, **parts: str) -> tuple[str, str]:
    """The code that a message of 10.00 is answered with, and what stands in the log for the operator."""
    fields: dict[int, str | bytes] = {
        2: "6200000000000000018", 4: "000000001000", 11: "000070", 14: "3012", 22: "012", 37: "000000000001", 38: "A1B2C3",
        41: TID, 42: TEA, 49: "156",
    }  # fmt: skip
    fields |= {int(name[1:]): value for name, value in parts.items()}
    with capture_logs() as logs:
        answer = counter.asks(Message(mti, {bit: value for bit, value in fields.items() if value}), seal=seal)
    assert answer is not None
    assert int(answer.mti) == int(mti) + 10
    return answer.text(39), next((str(entry["detail"]) for entry in logs if entry["event"] == "refused"), "")


def _each() -> Iterator[tuple[Transaction, str]]:
    for row in TRANSACTIONS:
        if row.name in UNSERVED:
            yield from ((row, condition) for condition in sorted(row.conditions or {""}))


@pytest.mark.parametrize(
    ("asked", "condition"), [pytest.param(row, code, id=f"{row.name}-{row.mti}-{code}") for row, code in _each()]
)
def test_what_is_not_served_is_refused_and_named_in_the_document(
    counter: CardCounter, asked: Transaction, condition: str
) -> None:
    private = f"{asked.kind or '30'}000001{asked.network or '000'}"
    code, detail = told(counter, asked.mti, seal=asked.mac, f3=asked.processing or "000000", f25=condition, f60=private)
    assert code == UNSUPPORTED
    assert asked.name in detail
    assert not counter.world.books.payments
    assert counter.world.acquirer.takings == 0
    assert counter.world.acquirer.held == {}
    assert asked.zh.removesuffix("结束") in DOCUMENT.read_text(encoding="utf8").partition("## Not served")[2]


def test_the_desk_has_a_verb_for_everything_else(counter: CardCounter) -> None:
    served = {*counter.desk._verbs, *counter.desk._administration._verbs}
    assert served == {row.name for row in TRANSACTIONS} - UNSERVED


SHAPES = {
    "sale": ("0200", "000000", "22"), "void": ("0200", "200000", "23"), "refund": ("0220", "200000", "25"),
    "hold": ("0100", "030000", "10"), "its void": ("0100", "200000", "11"), "completion": ("0200", "000000", "20"),
    "its void too": ("0200", "200000", "21"), "completion by notice": ("0220", "000000", "24"),
    "offline sale": ("0220", "000000", "30"), "tip": ("0220", "000000", "34"), "balance": ("0200", "310000", "01"),
    "query": ("0200", "311000", "01"), "code": ("0200", "000000", "26"), "wallet": ("0200", "700000", "60"),
}  # fmt: skip
HOLDS = {"hold", "its void", "completion", "its void too", "completion by notice"}


@pytest.mark.parametrize("condition", ["00", "06", "08", "18", "64", "65", "99"])
def test_nothing_is_taken_for_another_transaction(counter: CardCounter, condition: str) -> None:
    """Every shape that is served, with a field 25 that belongs to something else."""
    for name, (mti, processing, kind) in SHAPES.items():
        if condition == ("06" if name in HOLDS else "00") or (name, condition) == ("code", "99"):
            continue
        code, detail = told(counter, mti, f3=processing, f25=condition, f60=f"{kind}000001000", f48="000000000100")
        assert code == UNSUPPORTED, name
        assert f"60.1 is {kind} (" in detail, "the operator sees what was asked"
        assert f"25 is {condition} (" in detail, "and which part of it does not fit"
        assert "6200000000000000018" not in detail
    assert not counter.world.books.payments
    assert counter.world.acquirer.takings == 0
    assert counter.world.acquirer.held == {}


def test_the_cashier_hears_that_no_money_moved_and_what_to_do() -> None:
    row = REASONS[Reason.TRANSACTION_UNSUPPORTED]
    assert row.money_moved is MoneyMoved.NO
    assert (row.title_zh, row.next_zh) == ("不支持此交易", "请换一种收款方式")


@pytest.mark.parametrize("seal", [False, True])
def test_it_is_refused_as_unsupported_whatever_it_lacks(counter: CardCounter, seal: bool) -> None:
    """A terminal that is told of a wrong format would try again, and its cashier never hear why."""
    code, _ = told(counter, "0200", seal=seal, f3="000000", f25="08", f60="22000001000", f49="", f4="", f2="")
    assert code == UNSUPPORTED


@pytest.mark.parametrize("condition", ["06", "08", "64", "65"])
def test_a_sale_whose_field_25_was_spoilt_on_its_way_is_a_wrong_mac(counter: CardCounter, condition: str) -> None:
    """Perhaps it was sent twice, and the other one was taken: the terminal must not believe that nothing was."""
    sealed = CODEC.decode(counter.body(counter.sale()))
    answer = counter.asks(Message("0200", {**sealed.fields, 25: condition}), seal=False)
    assert answer is not None
    assert answer.text(39) == REASONS[Reason.MAC_WRONG].response_code
    assert 64 not in answer.fields


@pytest.mark.parametrize("condition", ["08", "18", "64", "77"])
def test_a_reversal_of_what_is_not_served_ends_and_touches_nothing(counter: CardCounter, condition: str) -> None:
    sold = counter.sells()
    assert sold.approved
    parts: dict[str, Any] = {
        "f3": "000000",
        "f4": "000000001250",
        "f11": f"{sold.stan:06d}",
        "f39": "98",
        "f60": "22000001000",
    }
    code, detail = told(counter, "0400", f25=condition, **parts)
    assert code == NOT_THERE
    assert f"25 is {condition} (" in detail
    counter.world.the_machine_works()
    (payment,) = counter.world.books.payments.values()
    assert payment.state is State.APPROVED, "a payment of the same number is another one"
    assert told(counter, "0400", f25=condition, **(parts | {"f11": "000099"}))[0] == NOT_THERE
    assert len(counter.world.books.payments) == 1, "nothing is remembered of what can never come"
    assert told(counter, "0400", f25="00", **parts)[0] == "00"


def test_a_terminal_that_leaves_field_25_out_is_served_as_its_other_fields_say(counter: CardCounter) -> None:
    held, _ = told(counter, "0100", f3="030000", f4="000000010000", f11="000071", f37="", f38="", f60="10000001000")
    assert held == "00"
    (hold,) = counter.world.books.payments.values()
    assert hold.approval_code
    completed, _ = told(
        counter, "0200", f3="000000", f4="000000008000", f11="000072", f37="", f38=hold.approval_code, f60="20000001000"
    )
    assert completed == "00"
    assert counter.world.acquirer.takings == 80_00
    code, _ = told(
        counter, "0400", f3="000000", f4="000000008000", f11="000072", f37="", f38="", f39="98", f60="20000001000"
    )
    assert code == "00"
    counter.world.the_machine_works()
    assert counter.world.acquirer.takings == 0
