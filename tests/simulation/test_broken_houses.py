"""The simulation can fail: houses that are broken on purpose are found out, each for what it does wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec import structs

from xiaopos.payments.answers import Answer, Approved, OutcomeUnknown
from xiaopos.payments.conclusions import Next
from xiaopos.payments.payment import Payment
from xiaopos.simulation.faults import Kind
from xiaopos.simulation.plan import make_plan
from xiaopos.simulation.play import play
from xiaopos.simulation.shrink import shorten
from xiaopos.usecases.ports import BatchTotals, Change, House, Record, Recorded, TerminalFacts


class _Part:
    """A part of the house that does one thing wrong and all others as the right one does."""

    def __init__(self, right: Any) -> None:
        self.right = right

    def __getattr__(self, name: str) -> Any:
        return getattr(self.right, name)


class HastyBooks(_Part):
    """Says that a conclusion is recorded before its commit."""

    async def record(self, change: Change) -> Record:
        if not change.moves or change.claim:
            return await self.right.record(change)  # type: ignore[no-any-return]  # the right part is any part
        asyncio.get_running_loop().create_task(self.right.record(change))
        return Recorded()


class ForgetfulBooks(_Part):
    """Loses the machine's next step: nobody reverses what is not known."""

    async def record(self, change: Change) -> Record:
        kept = tuple(job for job in change.jobs if job.kind != Next.REVERSE.value)
        return await self.right.record(structs.replace(change, jobs=kept))  # type: ignore[no-any-return]  # as above


class GenerousBooks(_Part):
    """Posts one leg of an entry too little."""

    async def record(self, change: Change) -> Record:
        postings = tuple(
            structs.replace(posting, entry=cast(Any, _Short(posting.entry))) if posting.entry.legs[2:] else posting
            for posting in change.postings
        )
        return await self.right.record(structs.replace(change, postings=postings))  # type: ignore[no-any-return]  # as above


class _Short:
    def __init__(self, entry: Any) -> None:
        self.kind, self.legs = entry.kind, entry.legs[:-1]


class StubbornAcquirer(_Part):
    """Asks once more, under a new number, when no answer came: a customer may pay twice."""

    async def authorise(self, payment: Payment, card: Any) -> Answer:
        answer = await self.right.authorise(payment, card)
        if isinstance(answer, OutcomeUnknown):
            other = payment.changed(rrn=f"9{payment.rrn[1:]}")
            return await self.right.authorise(other, card)  # type: ignore[no-any-return]  # as above
        return answer  # type: ignore[no-any-return]  # as above


class OptimisticAcquirer(_Part):
    """Believes that a reversal was done when it was only sent."""

    async def reverse(self, payment: Payment, original: Payment | None) -> Answer:
        answer = await self.right.reverse(payment, original)
        return Approved() if isinstance(answer, OutcomeUnknown) else answer


class ForgetfulBatches(_Part):
    """Counts one payment of a batch too few."""

    async def recall_batch(self, terminal: TerminalFacts) -> BatchTotals:
        totals = await self.right.recall_batch(terminal)
        return replace(totals, sales_count=max(0, totals.sales_count - 1))  # type: ignore[no-any-return]  # as above


HOUSES: dict[str, tuple[Callable[[House], House], Iterable[Kind], str]] = {
    "answers before its commit": (lambda house: replace(house, books=HastyBooks(house.books)), (), "was told approved"),
    "forgets reversals": (
        lambda house: replace(house, books=ForgetfulBooks(house.books)),
        (Kind.DROP, Kind.DELAY),
        "ends as",
    ),
    "loses a leg": (lambda house: replace(house, books=GenerousBooks(house.books)), (), "does not balance"),
    "asks twice": (
        lambda house: replace(house, acquirer=StubbornAcquirer(house.acquirer)),
        (Kind.DROP,),
        "our books do not know it",
    ),
    "believes that it reversed": (
        lambda house: replace(house, acquirer=OptimisticAcquirer(house.acquirer)),
        (Kind.DROP, Kind.KILL, Kind.CUT, Kind.HALF_OPEN),
        "at the card's bank",
    ),
    "counts a payment too few": (
        lambda house: replace(house, books=ForgetfulBatches(house.books)),
        (),
        "which our books do not hold",
    ),
}


@pytest.mark.parametrize("name", HOUSES)
def test_a_broken_house_is_found_out(tables: Path, name: str) -> None:
    alter, kinds, sentence = HOUSES[name]
    for seed in range(40):
        report = play(make_plan(seed, 40, kinds, rate=0.5), tables, alter)
        if any(sentence in line for line in report.broken):
            assert play(report.plan, tables).broken == (), "the right house does it right"
            return
    raise AssertionError(f"nobody noticed a house that {name}")


def test_a_failing_play_is_told_as_short_as_it_can_be(tables: Path) -> None:
    alter, kinds, sentence = HOUSES["asks twice"]
    plan = next(
        plan
        for plan in (make_plan(seed, 40, kinds, rate=0.5) for seed in range(40))
        if any(sentence in line for line in play(plan, tables, alter).broken)
    )
    short = shorten(plan, lambda one: play(one, tables, alter).broken)
    assert len(short.acts) <= 2
    assert len(short.faults) == 1
    assert play(short, tables, alter).broken
    assert play(short, tables).broken == ()
