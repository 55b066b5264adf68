"""Pre-authorisations, offline sales and balances as a terminal's messages: what the desk answers and the books hold."""

from __future__ import annotations

import pytest

from support.card_counter import TID, CardCounter
from support.pretend_channels import Mood
from support.world import TEA
from xiaopos.kernel.refusal import REASONS, Reason
from xiaopos.payments.payment import Kind, Payment
from xiaopos.payments.states import State
from xiaopos.wire.iso8583 import Message

CODE = {reason: row.response_code for reason, row in REASONS.items()}


@pytest.fixture
def counter() -> CardCounter:
    made = CardCounter()
    assert made.signs_in().approved
    return made


def payment(counter: CardCounter, kind: Kind) -> Payment:
    [found] = [one for one in counter.world.books.payments.values() if one.kind is kind]
    return found


def asks(counter: CardCounter, mti: str, stan: int, **parts: str | bytes | None) -> Message:
    message = counter.sale(f11=f"{stan:06d}", **parts)
    message.mti = mti
    answer = counter.asks(message)
    assert answer is not None
    return answer


def holds(counter: CardCounter, minor: int = 100_00, stan: int = 1) -> Message:
    amount = f"{minor:012d}"
    return asks(counter, "0100", stan, f3="030000", f4=amount, f25="06", f60="10000001000")


def completes(counter: CardCounter, code: str, minor: int, stan: int = 2, **parts: str | bytes | None) -> Message:
    fields: dict[str, str | bytes | None] = {"f4": f"{minor:012d}", "f25": "06", "f38": code, "f60": "20000001000"}
    return asks(counter, "0200", stan, **(fields | parts))


def test_a_terminal_holds_and_completes_by_the_approval_code(counter: CardCounter) -> None:
    held = holds(counter)
    assert (held.mti, held.text(39), held.text(38)) == ("0110", "00", payment(counter, Kind.PREAUTH).approval_code)
    completed = completes(counter, held.text(38), 80_00)
    assert (completed.mti, completed.text(39), completed.text(4)) == ("0210", "00", "000000008000")
    assert payment(counter, Kind.PREAUTH).state is State.COMPLETED
    assert counter.world.acquirer.takings == 80_00
    assert completes(counter, held.text(38), 80_00, stan=3).text(39) == CODE[Reason.PREAUTH_COMPLETED]


def test_a_completion_over_the_share_is_refused_by_its_code(counter: CardCounter) -> None:
    held = holds(counter)
    assert completes(counter, held.text(38), 115_01).text(39) == CODE[Reason.COMPLETION_TOO_MUCH]
    assert completes(counter, "NOSUCH", 10_00, stan=3).text(39) == CODE[Reason.ORIGINAL_UNKNOWN]


def test_a_hold_is_voided_by_its_code(counter: CardCounter) -> None:
    held = holds(counter)
    voided = asks(counter, "0100", 2, f3="200000", f4="000000010000", f25="06", f38=held.text(38), f60="11000001000")
    assert (voided.mti, voided.text(39)) == ("0110", "00")
    assert payment(counter, Kind.PREAUTH).state is State.VOIDED


def test_a_completion_is_voided_by_its_own_number(counter: CardCounter) -> None:
    held = holds(counter)
    completed = completes(counter, held.text(38), 80_00)
    voided = asks(
        counter, "0200", 3, f3="200000", f4="000000008000", f25="06", f37=completed.text(37), f38=completed.text(38),
        f60="21000001000",
    )  # fmt: skip
    assert voided.text(39) == "00"
    assert (payment(counter, Kind.COMPLETION).state, payment(counter, Kind.PREAUTH).state) == (
        State.VOIDED,
        State.APPROVED,
    )
    assert counter.world.acquirer.takings == 0


def test_a_completion_by_notice_is_taken_even_while_the_network_is_silent(counter: CardCounter) -> None:
    held = holds(counter)
    counter.world.acquirer.moods.append(Mood.LOSE_ANSWER)
    told = asks(counter, "0220", 2, f4="000000008000", f25="06", f38=held.text(38), f60="24000001000")
    assert (told.mti, told.text(39)) == ("0230", "00")
    assert payment(counter, Kind.COMPLETION).state is State.UNKNOWN
    again = asks(counter, "0220", 2, f4="000000008000", f25="06", f38=held.text(38), f60="24000001000")
    assert again.text(39) == "00"
    counter.world.the_machine_works()
    assert payment(counter, Kind.COMPLETION).state is State.APPROVED
    assert counter.world.acquirer.takings == 80_00


def test_a_sale_settled_offline_is_taken_once(counter: CardCounter) -> None:
    counter.world.acquirer.moods.append(Mood.LOSE_REQUEST)
    for _ in range(2):
        assert asks(counter, "0220", 1, f60="30000001000").text(39) == "00"
    counter.world.the_machine_works()
    assert payment(counter, Kind.SALE).state is State.APPROVED
    assert counter.world.acquirer.takings == 12_50
    counter.world.the_books_balance()


@pytest.mark.parametrize(
    ("processing", "kind", "expected"), [("030000", "10", Kind.PREAUTH), ("000000", "20", Kind.COMPLETION)]
)
def test_a_reversal_of_what_never_came_is_remembered_as_what_it_was_meant_to_be(
    counter: CardCounter, processing: str, kind: str, expected: Kind
) -> None:
    reversal = asks(counter, "0400", 7, f3=processing, f25="06", f39="98", f60=f"{kind}000001000")
    assert (reversal.mti, reversal.text(39)) == ("0410", "00")
    assert payment(counter, expected).state is State.REVERSED
    late = holds(counter, stan=7) if expected is Kind.PREAUTH else None
    assert late is None or late.text(39) == CODE[Reason.REVERSED_BEFORE]


def test_a_lost_hold_is_taken_back(counter: CardCounter) -> None:
    counter.world.acquirer.moods.append(Mood.LOSE_ANSWER)
    assert holds(counter).text(39) == CODE[Reason.OUTCOME_UNKNOWN]
    reversal = asks(counter, "0400", 1, f3="030000", f4="000000010000", f25="06", f39="98", f60="10000001000")
    assert reversal.text(39) == "00"
    counter.world.the_machine_works()
    assert payment(counter, Kind.PREAUTH).state is State.REVERSED
    assert counter.world.acquirer.held == {}


BALANCE = {"f3": "310000", "f4": "000000000000", "f22": "021", "f53": "2600000000000000", "f60": "01000001000"}


def test_a_balance_is_told_to_whoever_knows_the_pin(counter: CardCounter) -> None:
    told = asks(counter, "0200", 1, **BALANCE, f52=bytes(8))
    assert (told.mti, told.text(39), told.text(54)) == ("0210", "00", "1002156C000000010000")
    assert asks(counter, "0200", 2, **(BALANCE | {"f4": None}), f52=bytes(8)).text(39) == "00", "it names no amount"
    assert asks(counter, "0200", 3, **BALANCE).text(39) == CODE[Reason.PIN_FORMAT_WRONG]
    assert counter.world.books.payments == {}


@pytest.mark.parametrize(
    ("mood", "reason"), [(Mood.DECLINE, Reason.PIN_WRONG), (Mood.LOSE_ANSWER, Reason.CHANNEL_UNAVAILABLE)]
)
def test_a_balance_that_is_not_told_has_its_reason(counter: CardCounter, mood: Mood, reason: Reason) -> None:
    counter.world.acquirer.moods.append(mood)
    assert asks(counter, "0200", 1, **BALANCE, f52=bytes(8)).text(39) == CODE[reason]


def test_a_balance_without_a_card_or_a_terminal_that_may_ask_is_refused(counter: CardCounter) -> None:
    assert asks(counter, "0200", 1, **BALANCE, f2=None, f14=None, f52=bytes(8)).text(39) == CODE[Reason.PAN_WRONG]
    counter.changes(terminal_active=False)
    answer = asks(counter, "0200", 2, **BALANCE, f52=bytes(8))
    assert answer.text(39) == CODE[Reason.TERMINAL_NOT_ACTIVE]
    assert (answer.text(41), answer.text(42)) == (TID, TEA)
