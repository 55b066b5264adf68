"""A payment that goes to another network before it was sent: its row says so, on every store."""

from __future__ import annotations

from support.claims import claimed, numbered
from support.payments import NOON
from support.stores import Opened, Store, tell
from xiaopos.kernel.money import Money
from xiaopos.ledger import EntryKind
from xiaopos.payments.payment import Payment
from xiaopos.payments.postings import sale_entry
from xiaopos.payments.states import Event, State
from xiaopos.usecases.ports import Change, Overtaken, Posting, Recorded


def test_the_row_names_the_network_that_has_it(store: Store) -> None:
    async def story(opened: Opened) -> None:
        claim = await claimed(opened, numbered(1))
        elsewhere = claim.touched(NOON, channel="spare")
        assert isinstance(await opened.books.record(Change(moves=(elsewhere,))), Recorded)
        held = await opened.books.recall_payment(claim.merchant_id, claim.payment_id)
        assert isinstance(held, Payment)
        assert (held.channel, held.state, held.version) == ("spare", State.SENT, 2)
        assert isinstance(await opened.books.record(Change(moves=(claim.touched(NOON, channel="third"),))), Overtaken)
        after = held.moved(Event.ANSWERED_YES, NOON, fee=Money(15))
        change = Change(moves=(after,), postings=(Posting(after, sale_entry(after)),))
        assert isinstance(await opened.books.record(change), Recorded)
        assert {leg[1] for leg in await opened.legs()} == {EntryKind.SALE.value}
        assert await opened.books.recall_payment(claim.merchant_id, claim.payment_id) == after

    tell(store, story)
