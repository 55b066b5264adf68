"""What every Books promises of closed batches, their uploads, pre-authorisations and numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from support.claims import TEA_TERMINAL, TODAY, claimed, numbered
from support.payments import NOON
from support.stores import Opened, Store, tell
from xiaopos.kernel.ids import TerminalId
from xiaopos.kernel.money import Money
from xiaopos.payments.payment import Kind
from xiaopos.payments.postings import sale_entry
from xiaopos.payments.states import Event
from xiaopos.usecases.ports import BatchClosing, BatchItem, BatchTotals, Change, Posting, TerminalTotals


@pytest.mark.parametrize("theirs", [None, TerminalTotals(1, 25_00, 2, 7_00)])
def test_the_newest_closing_of_a_batch_is_recalled_whole(store: Store, theirs: TerminalTotals | None) -> None:
    merchant = numbered(1).merchant_id
    ours = BatchTotals(1, 25_00, 2, 7_00, 0)
    closing = BatchClosing(merchant, TEA_TERMINAL, 1, NOON, theirs, ours, theirs is not None, 2)
    later = replace(closing, closed_at=NOON + timedelta(days=1), balanced=False, ours=replace(ours, sales_count=9))

    async def story(opened: Opened) -> None:
        assert await opened.books.recall_closing(merchant, TEA_TERMINAL, 1) is None
        await opened.books.record(Change(closing=later))
        await opened.books.record(Change(closing=closing))
        assert await opened.books.recall_closing(merchant, TEA_TERMINAL, 1) == later
        assert await opened.books.recall_closing(merchant, TEA_TERMINAL, 2) is None
        assert await opened.books.recall_closing(merchant, TerminalId("10000002"), 1) is None

    tell(store, story)


def test_uploaded_items_are_kept_once_each_and_recalled_by_batch(store: Store) -> None:
    merchant = numbered(1).merchant_id
    item = BatchItem(merchant, TEA_TERMINAL, 1, 7, 12_50, "620000*********0018", NOON)
    other = replace(item, batch_number=2)

    async def story(opened: Opened) -> None:
        await opened.books.record(Change(items=(item, other)))
        await opened.books.record(Change(items=(item, replace(item, stan=8))))
        assert list(await opened.books.recall_items(merchant, TEA_TERMINAL, 1)) == [item, replace(item, stan=8)]
        assert list(await opened.books.recall_items(merchant, TEA_TERMINAL, 2)) == [other]

    tell(store, story)


def test_the_payments_of_a_batch_are_recalled_since_it_was_opened(store: Store) -> None:
    early, late = numbered(1), numbered(2, received_at=NOON + timedelta(hours=1))
    elsewhere = numbered(3, batch_number=2)

    async def story(opened: Opened) -> None:
        for payment in (early, late, elsewhere):
            await claimed(opened, payment)
        recall = opened.books.recall_batch_payments
        found = await recall(early.merchant_id, TEA_TERMINAL, 1, NOON)
        assert [one.payment_id for one in found] == [early.payment_id, late.payment_id]
        since = await recall(early.merchant_id, TEA_TERMINAL, 1, NOON + timedelta(minutes=1))
        assert [one.payment_id for one in since] == [late.payment_id]

    tell(store, story)


def test_a_pre_authorisation_is_recalled_by_its_code_and_card(store: Store) -> None:
    hold = numbered(1, kind=Kind.PREAUTH)
    newer = numbered(2, kind=Kind.PREAUTH, received_at=NOON + timedelta(hours=1))
    sale = numbered(3, received_at=NOON + timedelta(hours=2))

    async def story(opened: Opened) -> None:
        for payment in (hold, newer, sale):
            after = (await claimed(opened, payment)).moved(Event.ANSWERED_YES, NOON, approval_code="A00001")
            await opened.books.record(Change(moves=(after,)))
        assert hold.card is not None
        recall = opened.books.recall_preauth
        found = await recall(hold.merchant_id, "A00001", hold.card.token)
        assert found is not None
        assert found.payment_id == newer.payment_id
        assert not await opened.books.is_posted(found)
        assert await recall(hold.merchant_id, "A00001", "another card") is None
        assert await recall(hold.merchant_id, "A00002", hold.card.token) is None

    tell(store, story)


def test_numbers_for_questions_come_from_the_same_series(store: Store) -> None:
    async def story(opened: Opened) -> None:
        first = await opened.books.number(TODAY)
        claim = await claimed(opened, numbered(1))
        assert len({first, claim.rrn, await opened.books.number(TODAY)}) == 3

    tell(store, story)


def test_a_tip_adds_to_the_amount_of_a_batch_and_not_to_its_count(store: Store) -> None:
    sale = numbered(1)
    tip = numbered(2, kind=Kind.TIP, amount=Money(2_00), original_id=sale.payment_id, advice=True)

    async def story(opened: Opened) -> None:
        for payment in (sale, tip):
            after = (await claimed(opened, payment)).moved(Event.ANSWERED_YES, NOON)
            entry = sale_entry(after)
            await opened.books.record(Change(moves=(after,), postings=(Posting(after, entry),)))
            assert await opened.books.is_posted(after)
        terminal = await opened.books.recall_terminal(TEA_TERMINAL, TODAY)
        assert terminal is not None
        assert await opened.books.recall_batch(terminal) == BatchTotals(1, 27_00, 0, 0, 0)

    tell(store, story)
