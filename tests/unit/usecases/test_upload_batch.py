"""A batch whose totals differ is compared item by item, and every difference is shown to a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from support.world import TEA, Told, World, at_once
from xiaopos.kernel.ids import TerminalId
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.usecases import upload_batch
from xiaopos.usecases.close_batch import BatchClosed, close_batch
from xiaopos.usecases.ports import TerminalTotals
from xiaopos.usecases.upload_batch import end_batch_upload, take_batch_items

LINS = TerminalId("10000001")
WRONG = TerminalTotals(9, 9, 9, 9)


def uploads(world: World, *items: tuple[int, int, str], batch: int = 1, terminal: str = LINS) -> int | Refused:
    at = world.clock.now()
    return at_once(take_batch_items(TerminalId(terminal), TEA, batch, items, at, world.house))


def ends(world: World, told: int, batch: int = 1, terminal: str = LINS) -> int | Refused:
    return at_once(end_batch_upload(TerminalId(terminal), TEA, batch, told, world.clock.now(), world.house))


def of(sale: Told, minor: int | None = None) -> tuple[int, int, str]:
    payment = sale.payment
    assert payment.stan is not None
    return (payment.stan, payment.amount.minor if minor is None else minor, "620000*********0018")


def reason(told: object) -> Reason | None:
    return told.reason if isinstance(told, Refused) else None


def test_what_agrees_item_by_item_shows_nothing_more() -> None:
    world = World()
    sale, refunded = world.lin.sells(25_00).by_card(), world.lin.sells(30_00).by_card()
    refund = world.lin.refunds(refunded, 5_00)
    world.lin.settles(WRONG)
    assert uploads(world, of(sale), of(refunded)) == 2
    assert uploads(world, of(refund), of(refunded)) == 3
    assert ends(world, 3) == 0
    assert world.found() == ["batch_totals"]


def test_every_kind_of_difference_is_shown_by_itself() -> None:
    world = World()
    agreed, other, missing = (world.lin.sells(minor).by_card() for minor in (25_00, 30_00, 40_00))
    voided = world.lin.sells(10_00).by_card()
    world.lin.voids(voided)
    world.lin.settles(WRONG)
    uploads(world, of(agreed), of(other, 31_00), of(voided), (999, 7_00, "620001******0012"))
    assert ends(world, 4) == 4
    found = {item.kind: item for item in world.books.discrepancies}
    assert set(found) == {
        "batch_totals", "batch_item_unknown", "batch_item_stands", "batch_item_amount", "batch_item_missing",
    }  # fmt: skip
    assert found["batch_item_missing"].payment_id == missing.payment.payment_id
    assert found["batch_item_amount"].detail == "terminal 3100, host 3000"
    assert ends(world, 4) == 4
    assert len(world.books.discrepancies) == 5


def test_an_upload_that_lost_items_says_so() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_card()
    world.lin.settles(WRONG)
    uploads(world, of(sale))
    assert ends(world, 2) == 1
    assert world.found() == ["batch_totals", "batch_upload_short"]


def test_a_batch_that_agreed_is_not_compared() -> None:
    world = World()
    world.lin.sells(25_00).by_card()
    world.lin.settles(TerminalTotals(1, 25_00, 0, 0))
    assert ends(world, 0) == 0
    assert world.found() == []


def test_batch_numbers_come_round_again_and_only_the_newest_is_meant() -> None:
    world = World()
    old = world.lin.sells(25_00).by_card()
    world.lin.settles(WRONG)
    uploads(world, of(old))
    world.clock.at += timedelta(days=400)
    facts = world.books.terminals[LINS]
    world.books.terminals[LINS] = replace(facts, batch_number=999_999)
    world.lin.settles()
    assert world.books.terminals[LINS].batch_number == 1
    world.clock.at += timedelta(hours=1)
    new = world.lin.sells(30_00).by_card()
    world.clock.at += timedelta(hours=1)
    world.lin.settles(WRONG)
    assert uploads(world, of(new)) == 1
    assert ends(world, 1) == 0


@pytest.mark.parametrize("asks", [uploads, ends])
def test_only_a_batch_that_this_terminal_closed_is_uploaded(asks: object) -> None:
    world = World()
    items = () if asks is uploads else (0,)
    verb = asks
    assert callable(verb)
    assert reason(verb(world, *items)) is Reason.BATCH_WRONG
    assert reason(verb(world, *items, terminal="99999999")) is Reason.TERMINAL_UNKNOWN
    assert reason(verb(world, *items, terminal="20000001")) is Reason.MERCHANT_MISMATCH


def test_an_upload_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.lin.settles(WRONG)
    monkeypatch.setattr(upload_batch, "MOST_ITEMS", 2)
    assert uploads(world, (1, 1, ""), (2, 1, "")) == 2
    assert reason(uploads(world, (3, 1, ""))) is Reason.BUSY


def test_a_full_writer_refuses_items_and_ends() -> None:
    world = World()
    world.lin.settles(WRONG)
    world.books.busy = True
    assert reason(uploads(world, (1, 1, ""))) is Reason.BUSY
    assert reason(ends(world, 1)) is Reason.BUSY


def test_a_terminal_that_never_heard_of_the_closing_hears_it_again() -> None:
    world = World()
    world.lin.sells(25_00).by_card()
    totals = TerminalTotals(1, 25_00, 0, 0)

    def close(theirs: TerminalTotals, batch: int) -> BatchClosed | Refused:
        return at_once(close_batch(LINS, TEA, theirs, world.clock.now(), world.house, batch_number=batch))

    first = close(totals, 1)
    assert isinstance(first, BatchClosed)
    assert close(totals, 1) == first
    assert reason(close(WRONG, 1)) is Reason.BATCH_WRONG
    assert close(TerminalTotals(0, 0, 0, 0), 2) != first
    assert reason(close(totals, 1)) is Reason.BATCH_WRONG
    assert len(world.books.closings) == 2
