"""What every Books and Jobs promises: the twin in memory and the real store on SQLite and on PostgreSQL keep the same words."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from support.claims import TEA_TERMINAL, TODAY, claimed, numbered
from support.make_books import TERMINALS
from support.payments import NOON, an_undoing
from support.stores import Opened, Store, tell
from support.world import LIMIT, terminal_facts
from xiaopos.kernel.ids import PaymentId, TerminalId
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyUsage, SoftwareVault
from xiaopos.ledger import EntryKind
from xiaopos.payments.payment import CardFacts, CardKind, Kind, Method, Payment
from xiaopos.payments.postings import sale_entry
from xiaopos.payments.states import Event, State
from xiaopos.usecases.ports import (
    Change,
    Discrepancy,
    JobAsk,
    JobDone,
    Known,
    Overtaken,
    Posting,
    Recorded,
    RefusalNote,
    TerminalChange,
)


async def approved(opened: Opened, payment: Payment) -> Payment:
    after = (await claimed(opened, payment)).moved(Event.ANSWERED_YES, NOON, fee=Money(15))
    change = Change(moves=(after,), postings=(Posting(after, sale_entry(after)),))
    assert isinstance(await opened.books.record(change), Recorded)
    return after


def job_for(payment: Payment, kind: str = "reverse_payment", due_at: datetime = NOON) -> JobAsk:
    return JobAsk(kind, payment.merchant_id, payment.payment_id, due_at)


def test_a_claim_is_numbered_and_recalled_exactly_as_it_was_recorded(store: Store) -> None:
    full = numbered(
        1,
        cashier="Zhou 周",
        terminal_time=NOON - timedelta(seconds=3),
        original_id=PaymentId("f" * 32),
        card=CardFacts("620000*********0018", "t" * 64, "c2VhbGVk", "051", "1", (("9F26", "AB12"), ("50", "银联"))),
        card_kind=CardKind.DEBIT,
        claimed_by="card-host",
    )

    async def story(opened: Opened) -> None:
        claim = await claimed(opened, full)
        assert claim == full.changed(rrn=claim.rrn)
        assert len(claim.rrn) == 12
        assert claim.rrn.startswith("6073")
        books, merchant = opened.books, claim.merchant_id
        assert await books.recall_payment(merchant, claim.payment_id) == claim
        assert await books.recall_voucher(merchant, TEA_TERMINAL, 1, 1) == claim
        assert await books.recall_rrn(merchant, claim.rrn) == claim
        assert await books.recall_rrn(None, claim.rrn) == claim

    tell(store, story)


def test_what_was_never_recorded_is_not_found(store: Store) -> None:
    async def story(opened: Opened) -> None:
        books, sale = opened.books, await claimed(opened, numbered(1))
        other = terminal_facts("20000001", "898110058120002", "").merchant_id
        assert await books.recall_payment(other, sale.payment_id) is None
        assert await books.recall_payment(sale.merchant_id, PaymentId("e" * 32)) is None
        assert await books.recall_voucher(sale.merchant_id, TEA_TERMINAL, 2, 1) is None
        assert await books.recall_rrn(other, sale.rrn) is None
        assert await books.recall_rrn(sale.merchant_id, "999999999999") is None
        assert await books.recall_terminal(TerminalId("99999999"), TODAY) is None

    tell(store, story)


def test_no_two_claims_get_the_same_number(store: Store) -> None:
    async def story(opened: Opened) -> None:
        claims = await asyncio.gather(*(claimed(opened, numbered(number)) for number in range(1, 31)))
        assert len({claim.rrn for claim in claims}) == 30

    tell(store, story)


@pytest.mark.parametrize("other", [{"stan": 77}, {"payment_id": PaymentId("a" * 32)}])
def test_the_same_id_or_voucher_again_is_known_and_nothing_is_recorded(store: Store, other: dict[str, Any]) -> None:
    async def story(opened: Opened) -> None:
        first = await claimed(opened, numbered(1))
        again = numbered(1, amount=Money(99_99), **other)
        change = Change(claim=again, jobs=(job_for(again),), refusal=a_refusal())
        assert await opened.books.record(change) == Known(first)
        assert await opened.books.recall_payment(first.merchant_id, first.payment_id) == first
        assert await opened.jobs.lease(owner="w", now=NOON, limit=9, seconds=60) == []
        assert await opened.noted() == (0, 0)

    tell(store, story)


def test_the_same_claim_twice_at_once_is_recorded_once(store: Store) -> None:
    async def story(opened: Opened) -> None:
        claim = Change(claim=numbered(1))
        results = await asyncio.gather(*(opened.books.record(claim) for _ in range(5)))
        recorded = [result for result in results if isinstance(result, Recorded)]
        assert len(recorded) == 1
        assert [result for result in results if isinstance(result, Known)] == [Known(recorded[0].claim)] * 4  # type: ignore[arg-type] # a claim was recorded

    tell(store, story)


def test_a_voucher_number_comes_again_on_another_day_and_the_newest_is_recalled(store: Store) -> None:
    async def story(opened: Opened) -> None:
        await claimed(opened, numbered(1))
        later = numbered(2, stan=1, business_on=date(2026, 3, 15), received_at=NOON + timedelta(days=1))
        newest = await claimed(opened, later)
        assert await opened.books.recall_voucher(newest.merchant_id, TEA_TERMINAL, 1, 1) == newest

    tell(store, story)


def test_payments_without_a_voucher_number_do_not_stand_in_each_others_way(store: Store) -> None:
    async def story(opened: Opened) -> None:
        await claimed(opened, numbered(1, stan=None))
        await claimed(opened, numbered(2, stan=None))

    tell(store, story)


def test_a_move_replaces_its_previous_version_and_every_moving_part(store: Store) -> None:
    async def story(opened: Opened) -> None:
        sale = await claimed(opened, numbered(1, method=Method.SHOP_CODE, card=None))
        moved = sale.moved(
            Event.PAYER_ASKED,
            NOON + timedelta(milliseconds=1_234),
            amount=Money(12_50),
            fee=Money(7),
            refunding=Money(1),
            refunded=Money(2),
            approval_code="A12345",
            response_code="10",
            reason=Reason.PAYER_TOO_SLOW,
            card_kind=CardKind.WALLET,
            issuer="银行",
            payer="m***i",
            channel_ref="ref",
            shown_code="pay/1",
        )
        assert await opened.books.record(Change(moves=(moved,))) == Recorded()
        assert await opened.books.recall_payment(sale.merchant_id, sale.payment_id) == moved

    tell(store, story)


def test_a_move_from_a_version_that_is_gone_records_nothing_of_its_change(store: Store) -> None:
    async def story(opened: Opened) -> None:
        sale = await claimed(opened, numbered(1))
        lost = sale.moved(Event.ANSWER_LOST, NOON)
        await opened.books.record(Change(moves=(lost,)))
        late = sale.moved(Event.ANSWERED_YES, NOON)
        change = Change(
            claim=numbered(2),
            moves=(late,),
            postings=(Posting(late, sale_entry(late)),),
            jobs=(job_for(sale),),
            refusal=a_refusal(),
            discrepancies=(a_discrepancy(sale),),
        )
        assert await opened.books.record(change) == Overtaken()
        assert await opened.books.recall_payment(sale.merchant_id, sale.payment_id) == lost
        assert await opened.books.recall_payment(sale.merchant_id, numbered(2).payment_id) is None
        assert await opened.legs() == []
        assert await opened.noted() == (0, 0)
        assert await opened.jobs.lease(owner="w", now=NOON, limit=9, seconds=60) == []

    tell(store, story)


def test_one_overtaken_change_does_not_spoil_the_others_beside_it(store: Store) -> None:
    async def story(opened: Opened) -> None:
        sale = await claimed(opened, numbered(1))
        changes = [Change(claim=numbered(number)) for number in range(2, 12)]
        changes[5:5] = [
            Change(moves=(sale.moved(Event.ANSWERED_NO, NOON),)),
            Change(moves=(sale.moved(Event.ANSWERED_YES, NOON),)),
        ]
        results = await asyncio.gather(*(opened.books.record(change) for change in changes))
        assert [isinstance(result, Recorded) for result in results].count(True) == 11
        assert results.count(Overtaken()) == 1

    tell(store, story)


def test_an_entry_is_posted_with_its_payment_and_stands_until_it_is_reversed(store: Store) -> None:
    async def story(opened: Opened) -> None:
        sale = await claimed(opened, numbered(1))
        assert not await opened.books.is_posted(sale)
        after = sale.moved(Event.ANSWERED_YES, NOON, fee=Money(15))
        entry = sale_entry(after)
        await opened.books.record(Change(moves=(after,), postings=(Posting(after, entry),)))
        assert await opened.books.is_posted(after)
        owed = f"payable:{sale.merchant_id}"
        assert [row[1:] for row in await opened.legs()] == [
            ("sale", "receivable:unionpay", "D", 25_00),
            ("sale", owed, "C", 25_00),
            ("sale", owed, "D", 15),
            ("sale", "income:fees", "C", 15),
        ]
        undone = after.moved(Event.REVERSE, NOON)
        await opened.books.record(
            Change(moves=(undone,), postings=(Posting(undone, entry.mirrored(EntryKind.REVERSAL)),))
        )
        assert not await opened.books.is_posted(undone)
        legs = await opened.legs()
        assert sum(row[4] if row[3] == "D" else -row[4] for row in legs) == 0

    tell(store, story)


def test_an_entry_is_never_posted_twice(store: Store) -> None:
    async def story(opened: Opened) -> None:
        sale = await approved(opened, numbered(1))
        again = sale.touched(NOON)
        with pytest.raises(Exception, match=r"(?i)at most one entry|unique"):
            await opened.books.record(Change(moves=(again,), postings=(Posting(again, sale_entry(again)),)))
        assert await opened.books.recall_payment(sale.merchant_id, sale.payment_id) == sale
        assert len(await opened.legs()) == 4

    tell(store, story)


def test_refunds_that_do_not_fit_are_refused_by_the_books_themselves(store: Store) -> None:
    async def story(opened: Opened) -> None:
        sale = await approved(opened, numbered(1))
        with pytest.raises(Exception, match=r"(?i)refunds.fit"):
            await opened.books.record(Change(moves=(sale.touched(NOON, refunding=Money(20_00), refunded=Money(5_01)),)))
        assert await opened.books.recall_payment(sale.merchant_id, sale.payment_id) == sale

    tell(store, story)


def test_open_payments_are_found_by_who_claimed_them_and_when_oldest_first(store: Store) -> None:
    async def story(opened: Opened) -> None:
        seconds = timedelta(seconds=1)
        mine = [numbered(number, claimed_by="a", received_at=NOON + number * seconds) for number in (3, 1, 2)]
        for payment in (*mine, numbered(4, claimed_by="b")):
            await claimed(opened, payment)
        await approved(opened, numbered(5, claimed_by="a"))

        async def found(claimed_by: str | None, after: int, limit: int = 9) -> list[int | None]:
            left = await opened.books.recall_open(claimed_by=claimed_by, before=NOON + after * seconds, limit=limit)
            return [payment.stan for payment in left]

        assert await found("a", 9) == [1, 2, 3]
        assert await found("a", 3) == [1, 2]
        assert await found("a", 9, limit=1) == [1]
        assert await found(None, 9) == [4, 1, 2, 3]
        assert await found("c", 9) == []

    tell(store, story)


def test_a_batch_counts_what_stands_what_was_refunded_and_what_nobody_knows(store: Store) -> None:
    async def story(opened: Opened) -> None:
        await approved(opened, numbered(1))
        await approved(opened, numbered(2, amount=Money(5_00)))
        await approved(opened, numbered(3, batch_number=2))
        await approved(opened, numbered(4, terminal_id=TerminalId("10000002")))
        refund = await claimed(opened, an_undoing(Kind.REFUND, 3_00, payment_id=PaymentId("5" * 32), stan=5))
        await opened.books.record(Change(moves=(refund.moved(Event.ANSWERED_YES, NOON),)))
        declined = await claimed(opened, numbered(6))
        await opened.books.record(Change(moves=(declined.moved(Event.ANSWERED_NO, NOON),)))
        await claimed(opened, numbered(7))
        unknown = await claimed(opened, numbered(8))
        await opened.books.record(Change(moves=(unknown.moved(Event.ANSWER_LOST, NOON),)))
        terminal = await opened.books.recall_terminal(TEA_TERMINAL, TODAY)
        assert terminal is not None
        totals = await opened.books.recall_batch(terminal)
        assert (totals.sales_count, totals.sales_minor) == (2, 30_00)
        assert (totals.refunds_count, totals.refunds_minor) == (1, 3_00)
        assert totals.unknown_count == 2
        void = await claimed(opened, an_undoing(Kind.VOID, 25_00, payment_id=PaymentId("9" * 32), stan=9))
        void = void.moved(Event.ANSWERED_YES, NOON)
        await opened.books.record(Change(moves=(void,)))
        await opened.books.record(Change(moves=(void.moved(Event.REVERSE, NOON),)))
        assert (await opened.books.recall_batch(terminal)).unknown_count == 3, "what it voided will count again"

    tell(store, story)


def test_a_terminal_is_recalled_with_its_merchants_terms(store: Store) -> None:
    async def story(opened: Opened) -> None:
        assert await opened.books.recall_terminal(TEA_TERMINAL, TODAY) == terminal_facts(
            "10000001", "898110058120001", "小林茶铺"
        )

    tell(store, story)


def test_a_terminal_that_was_packed_here_is_bound_only_while_all_of_its_binding_stands(store: Store) -> None:
    async def story(opened: Opened) -> None:
        found = [await opened.books.recall_terminal(TerminalId(number), TODAY) for number in sorted(TERMINALS)]
        bound = {facts.terminal_id: facts.bound for facts in found if facts is not None}
        assert bound == {"10000001": True, "10000002": True, "20000001": False, "30000001": False}

    tell(store, story)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_terms_are_those_of_the_day(kind: str, request: pytest.FixtureRequest) -> None:
    async def story(opened: Opened) -> None:
        limits = {}
        for day in (date(2025, 12, 31), date(2026, 12, 31), date(2027, 1, 1), date(2028, 1, 1)):
            terminal = await opened.books.recall_terminal(TEA_TERMINAL, day)
            limits[day.year] = terminal.limits.payment_minor if terminal else None
        assert limits == {2025: None, 2026: LIMIT, 2027: 2 * LIMIT, 2028: 2 * LIMIT}, (
            "what waits for approval counts for nothing"
        )

    tell(request.getfixturevalue(f"{kind}_store"), story)


def test_many_terminals_are_recalled_at_once(store: Store) -> None:
    async def story(opened: Opened) -> None:
        ids = ["10000001", "99999999", "20000001", "10000001", "30000001"]
        found = await asyncio.gather(*(opened.books.recall_terminal(TerminalId(one), TODAY) for one in ids))
        assert [one.terminal_id if one else None for one in found] == [
            None if one == "99999999" else one for one in ids
        ]

    tell(store, story)


def test_a_terminal_changes_only_where_it_is_told_to(store: Store) -> None:
    vault = SoftwareVault(Secret(bytes(range(32))), lambda length: bytes(range(length)))
    tak = vault.generate(usage=KeyUsage.TAK, algorithm=KeyAlgorithm.DES)
    tpk = vault.generate(usage=KeyUsage.TPK, algorithm=KeyAlgorithm.TDES2)

    async def story(opened: Opened) -> None:
        before = await opened.books.recall_terminal(TEA_TERMINAL, TODAY)
        assert before is not None
        for change, expected in (
            (TerminalChange(TEA_TERMINAL, NOON, tpk=tpk, tak=tak, tdk=tpk), {"tpk": tpk, "tak": tak, "tdk": tpk}),
            (TerminalChange(TEA_TERMINAL, NOON, batch_number=2), {"batch_number": 2}),
            (TerminalChange(TEA_TERMINAL, NOON, signed_in=False), {"signed_in": False}),
            (TerminalChange(TEA_TERMINAL, NOON), {}),
            (TerminalChange(TEA_TERMINAL, NOON, signed_in=True), {"signed_in": True}),
        ):
            await opened.books.record(Change(terminal=change))
            before = replace(before, **expected)
            assert await opened.books.recall_terminal(TEA_TERMINAL, TODAY) == before
        other = await opened.books.recall_terminal(TerminalId("10000002"), TODAY)
        assert other == terminal_facts("10000002", "898110058120001", "小林茶铺")

    tell(store, story)


def a_refusal() -> RefusalNote:
    sale = numbered(1)
    refused = Refused(Reason.AMOUNT_ZERO, "x" * 300)
    return RefusalNote(
        "e" * 32, sale.merchant_id, sale.shop_id, TEA_TERMINAL, TODAY, NOON, "sale", Money(0), "Zhou", refused
    )


def a_discrepancy(payment: Payment) -> Discrepancy:
    return Discrepancy(payment.merchant_id, payment.payment_id, "late_approval", "y" * 300, NOON)


def test_refusals_are_noted_and_a_discrepancy_is_raised_once(store: Store) -> None:
    async def story(opened: Opened) -> None:
        sale = await claimed(opened, numbered(1))
        for change in (
            Change(refusal=a_refusal(), discrepancies=(a_discrepancy(sale),)),
            Change(discrepancies=(a_discrepancy(sale), replace(a_discrepancy(sale), kind="batch_totals"))),
        ):
            assert await opened.books.record(change) == Recorded()
        assert await opened.noted() == (1, 2)

    tell(store, story)


def test_a_job_is_leased_when_it_is_due_and_to_one_worker_only(store: Store) -> None:
    async def story(opened: Opened) -> None:
        first, second = await claimed(opened, numbered(1)), await claimed(opened, numbered(2))
        asks = (job_for(second, due_at=NOON + timedelta(seconds=2)), job_for(first, due_at=NOON + timedelta(seconds=1)))
        await opened.books.record(Change(jobs=asks))
        jobs = opened.jobs
        assert await jobs.lease(owner="w", now=NOON, limit=9, seconds=60) == []
        later = NOON + timedelta(seconds=5)
        one = await jobs.lease(owner="w", now=later, limit=1, seconds=60)
        assert [(job.payment_id, job.attempts, job.lease_until) for job in one] == [
            (first.payment_id, 1, later + timedelta(seconds=60))
        ]
        rest = await jobs.lease(owner="v", now=later, limit=9, seconds=60)
        assert [job.payment_id for job in rest] == [second.payment_id]
        assert await jobs.lease(owner="u", now=later, limit=9, seconds=60) == []

    tell(store, story)


def test_a_lease_that_ran_out_is_free_again_and_its_old_holder_changes_nothing(store: Store) -> None:
    async def story(opened: Opened) -> None:
        sale = await claimed(opened, numbered(1))
        await opened.books.record(Change(jobs=(job_for(sale),)))
        (dead,) = await opened.jobs.lease(owner="dead", now=NOON, limit=9, seconds=60)
        later = NOON + timedelta(seconds=61)
        (taken,) = await opened.jobs.lease(owner="w", now=later, limit=9, seconds=60)
        assert taken.attempts == 2
        await opened.jobs.finish(dead)
        await opened.jobs.put_back(dead, due_at=NOON, error="too late")
        assert await opened.jobs.lease(owner="v", now=later, limit=9, seconds=60) == []
        await opened.jobs.finish(taken)
        assert await opened.jobs.lease(owner="v", now=later + timedelta(days=1), limit=9, seconds=60) == []

    tell(store, story)


def test_a_job_that_was_put_back_comes_again_when_it_is_due(store: Store) -> None:
    async def story(opened: Opened) -> None:
        sale = await claimed(opened, numbered(1))
        await opened.books.record(Change(jobs=(job_for(sale),)))
        (job,) = await opened.jobs.lease(owner="w", now=NOON, limit=9, seconds=60)
        due = NOON + timedelta(seconds=3)
        await opened.jobs.put_back(job, due_at=due, error="no answer " * 40)
        assert await opened.jobs.lease(owner="w", now=NOON + timedelta(seconds=2), limit=9, seconds=60) == []
        (again,) = await opened.jobs.lease(owner="w", now=due, limit=9, seconds=60)
        assert again.attempts == 2

    tell(store, story)


def test_a_job_that_was_only_too_early_is_put_back_without_counting(store: Store) -> None:
    async def story(opened: Opened) -> None:
        sale = await claimed(opened, numbered(1))
        await opened.books.record(Change(jobs=(job_for(sale),)))
        for second in range(3):
            at = NOON + timedelta(seconds=second)
            (job,) = await opened.jobs.lease(owner="w", now=at, limit=9, seconds=60)
            assert job.attempts == 1
            await opened.jobs.put_back(job, due_at=at + timedelta(seconds=1), error="too early", failed=False)
            assert await opened.jobs.lease(owner="v", now=at, limit=9, seconds=60) == []

    tell(store, story)


def test_a_job_asked_for_again_starts_anew_and_a_change_can_finish_one(store: Store) -> None:
    async def story(opened: Opened) -> None:
        sale = await claimed(opened, numbered(1))
        ask = job_for(sale)
        await opened.books.record(Change(jobs=(ask, job_for(sale, "enquire_payment"))))
        leased = await opened.jobs.lease(owner="w", now=NOON, limit=9, seconds=60)
        assert {job.kind for job in leased} == {"reverse_payment", "enquire_payment"}
        await opened.books.record(
            Change(jobs=(ask,), done=(JobDone("enquire_payment", sale.merchant_id, sale.payment_id, NOON),))
        )
        (again,) = await opened.jobs.lease(owner="w", now=NOON, limit=9, seconds=60)
        assert (again.kind, again.attempts) == ("reverse_payment", 1)
        later = NOON + timedelta(days=1)
        assert [job.kind for job in await opened.jobs.lease(owner="w", now=later, limit=9, seconds=60)] == [again.kind]

    tell(store, story)


def test_nothing_is_recorded_of_an_empty_change(store: Store) -> None:
    async def story(opened: Opened) -> None:
        assert await opened.books.record(Change()) == Recorded()
        assert await opened.legs() == []

    tell(store, story)


def test_a_state_of_every_name_fits_into_the_books(store: Store) -> None:
    async def story(opened: Opened) -> None:
        for number, state in enumerate(State, start=1):
            payment = await claimed(opened, numbered(number, state=state, content_hash="h" * 64))
            assert await opened.books.recall_payment(payment.merchant_id, payment.payment_id) == payment

    tell(store, story)
