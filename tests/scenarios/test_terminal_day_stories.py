"""Stories of a terminal's day without money: signing in and off, lists, status, closing the batch.

What may live here: a story a message, told with Lin's terminal and the real desk; docs/what-terminals-ask.md names each.
What may not: odd messages and refusals one by one (tests/unit/hosts).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from structlog.testing import capture_logs

from support.card_counter import MEIS_CARD, TID, CardCounter
from support.world import TEA
from xiaopos.fleet.downloads import DownloadKind, DownloadRow
from xiaopos.kernel.refusal import REASONS, MoneyMoved, Reason, Refused
from xiaopos.kernel.secret import Secret
from xiaopos.payments.payment import Kind
from xiaopos.payments.states import State as PaymentState
from xiaopos.simulator import chip_lists
from xiaopos.terminal.cards import How
from xiaopos.terminal.lists import ListKind
from xiaopos.terminal.outcome import Action
from xiaopos.terminal.states import State
from xiaopos.usecases.notices import TerminalStatus
from xiaopos.wire.iso8583 import Message

NEW_YEAR = date(2026, 1, 1)
CODE = {reason: row.response_code for reason, row in REASONS.items()}


@pytest.fixture
def counter() -> CardCounter:
    made = CardCounter()
    assert made.signs_in().approved
    return made


def enters(counter: CardCounter, kind: DownloadKind, entries: dict[str, str]) -> None:
    """The operator's people enter a list."""
    counter.world.books.downloads += [DownloadRow(kind, key, "", NEW_YEAR, text) for key, text in entries.items()]


def fetches(counter: CardCounter, kind: ListKind) -> set[str]:
    """The terminal fetches a list to its end; what it holds then."""
    assert counter.passes(counter.device.fetch(kind)).approved
    while counter.device.remembered.fetch is not None:
        assert counter.passes(counter.device.fetch(kind)).approved
    return set(counter.device.remembered.kept_list(kind).entries)


# -- morning and evening ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("profile", "has_pin_key", "has_track_key"),
    [
        ("unionpay-des-2012", False, False),  # 001
        ("unionpay-3des-2012", True, False),  # 003
        ("unionpay-3des-mac-2012", True, False),  # 003 with a MAC key of full length
        ("unionpay-3des-track-2012", True, True),  # 004
        ("unionpay-sm4-draft", True, False),
    ],
)
def test_lin_signs_in_and_the_terminal_gets_keys_of_its_own_kind(
    profile: str, has_pin_key: bool, has_track_key: bool
) -> None:
    counter = CardCounter(profile)
    assert isinstance(counter.device.sale(1_00, MEIS_CARD, How.TAP, now=counter.world.clock.now()), Refused)
    counter.changes(batch_number=7)
    told = counter.signs_in()
    assert (told.action, told.approved, told.money_moved) == (Action.SIGN_IN, True, MoneyMoved.NO)
    assert told.host_time == "0314093000", "the terminal sets its clock"
    assert counter.device.remembered.batch_number == 7, "and takes the host's batch"
    facts = counter.world.books.terminals[TID]
    assert (facts.tpk is not None, facts.tak is not None, facts.tdk is not None) == (has_pin_key, True, has_track_key)
    assert counter.sells().approved


def test_an_old_terminal_with_single_length_keys_sells_and_takes_no_pin() -> None:
    """A short key protects no PIN (001): cards without one and codes go through, a PIN that comes all the same is refused."""
    counter = CardCounter("unionpay-des-2012")
    assert counter.signs_in().approved
    sold = counter.sells()
    assert sold.approved
    typed = counter.device.sale(1_00, MEIS_CARD, How.SWIPE, now=counter.world.clock.now(), pin=Secret(b"123456"))
    assert isinstance(typed, Refused), "the device itself sends none"
    before = len(counter.world.books.payments)
    answer = counter.asks(counter.sale(f11="000777", f22="021", f26="12", f52=b"\x5a" * 8, f53="2000000000000000"))
    assert answer is not None
    assert answer.text(39) == CODE[Reason.PIN_NOT_TAKEN] == "58"
    assert len(counter.world.books.payments) == before, "nothing was begun"
    assert counter.passes(counter.device.void(sold.stan)).approved
    assert counter.passes(counter.device.settle()).balanced


def test_a_terminal_that_asks_for_another_key_layout_is_told_so_in_words() -> None:
    """The operator reads which layout was asked for and which is registered (001, 003)."""
    counter = CardCounter()
    asked = Message("0800", {11: "000001", 41: TID, 42: TEA, 60: "00000001001", 62: b"Sequence No12312500000001"})
    with capture_logs() as logs:
        answer = counter.asks(asked, seal=False)
    assert answer is not None
    assert answer.text(39) == CODE[Reason.KEY_FAULT] == "A7"
    assert any("key layout 001" in str(row.get("detail")) and "003" in str(row.get("detail")) for row in logs)
    assert counter.world.books.terminals[TID].tak is None


def test_zhou_looks_whether_the_line_is_up(counter: CardCounter) -> None:
    heard = counter.passes(counter.device.echo())
    assert (heard.action, heard.approved, heard.money_moved) == (Action.ECHO, True, MoneyMoved.NO)
    counter.device.echo()
    assert not counter.device.no_answer().approved
    assert not counter.device.owes, "nothing is owed for a question without an answer"


def test_lin_signs_off_and_nothing_is_sold_until_she_signs_in(counter: CardCounter) -> None:
    assert counter.sells().approved
    assert counter.passes(counter.device.sign_off()).approved
    assert counter.device.state is State.SIGNED_OUT
    assert not counter.world.books.terminals[TID].signed_in
    refused = counter.device.sale(1_00, MEIS_CARD, How.TAP, now=counter.world.clock.now())
    assert isinstance(refused, Refused)
    assert refused.reason is Reason.TERMINAL_NOT_SIGNED_IN
    assert counter.signs_in().approved
    assert counter.sells().approved


# -- lists -----------------------------------------------------------------------------------------------------------


def test_lin_has_another_telephone_number_and_the_terminal_learns_it(counter: CardCounter) -> None:
    enters(counter, DownloadKind.PARAMETERS, {"12": "45", "17": "02155551234"})
    assert "22小林茶铺" in fetches(counter, ListKind.PARAMETERS)
    settings = counter.device.settings
    assert (settings.manager_phone, settings.answer_wait_s, settings.merchant_name) == ("02155551234", 45, "小林茶铺")


def test_a_new_kind_of_card_is_known_after_the_chip_parameters_were_fetched(counter: CardCounter) -> None:
    enters(counter, DownloadKind.CHIP_PARAMETERS, chip_lists.CHIP_PARAMETERS)
    assert fetches(counter, ListKind.CHIP_PARAMETERS) == set(chip_lists.CHIP_PARAMETERS.values())


def test_a_stolen_card_is_refused_at_the_counter_before_the_host_hears_of_it(counter: CardCounter) -> None:
    enters(counter, DownloadKind.BLACKLIST, {"62000000": "62000000"})
    assert fetches(counter, ListKind.BLACKLIST) == {"62000000"}
    refused = counter.device.sale(12_50, MEIS_CARD, How.SWIPE, now=counter.world.clock.now())
    assert isinstance(refused, Refused)
    assert refused.reason is Reason.CARD_RESTRICTED
    assert counter.world.acquirer.asked == []


def test_sun_reads_how_the_terminal_is(counter: CardCounter) -> None:
    counter.sells()
    assert counter.passes(counter.device.tell_status()).approved
    [status] = [one for one in counter.world.books.notices if isinstance(one, TerminalStatus)]
    assert "batch=000001 vouchers=1 owed=0" in status.content
    assert MEIS_CARD.pan.digits not in status.content


# -- closing the batch -----------------------------------------------------------------------------------------------


def test_lin_closes_the_day_and_both_sides_counted_the_same(counter: CardCounter) -> None:
    first, second = counter.sells(12_50), counter.sells(20_00)
    assert counter.passes(counter.device.void(first.stan)).approved
    closed = counter.passes(counter.device.settle())
    assert (closed.action, closed.approved, closed.balanced) == (Action.SETTLE, True, True)
    assert counter.device.remembered.batch_number == second.batch_number + 1
    assert counter.world.found() == []
    assert counter.sells().approved, "a new batch has begun"
    counter.world.the_books_balance()


def test_the_terminal_lost_a_slip_and_its_batch_is_compared_line_by_line(counter: CardCounter) -> None:
    """It does not balance: the terminal uploads what it has, the host finds what is missing, and no payment changes."""
    sold = [counter.sells(1_00) for _ in range(11)]
    now = counter.device.remembered
    counter.device._keep(replace(now, vouchers=now.vouchers[:-1]))
    closed = counter.passes(counter.device.settle())
    assert (closed.approved, closed.balanced) == (True, False)
    for _ in range(3):
        assert counter.passes(counter.device.upload()).approved
    assert isinstance(counter.device.upload(), Refused), "all of it was told"
    assert "batch_totals" in counter.world.found()
    assert len(counter.world.found()) == 2, "and which line it is"
    states = {one.state for one in counter.world.books.payments.values() if one.kind is Kind.SALE}
    assert states == {PaymentState.APPROVED}
    assert counter.world.acquirer.takings == 1_00 * len(sold)
    counter.world.the_books_balance()
