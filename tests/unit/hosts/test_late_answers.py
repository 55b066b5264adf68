"""Late answers are put down in the books, or else in the log."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from support.world import World
from xiaopos.gateways.unionpay import LateAnswer
from xiaopos.hosts.late_answers import noting_late_answers
from xiaopos.payments.states import Event


def test_a_late_approval_that_cannot_be_noted_stands_in_the_log() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_card().payment
    undone = sale.moved(Event.REVERSE, world.clock.now()).moved(Event.REVERSAL_DONE, world.clock.now())
    world.books.payments[sale.merchant_id, sale.payment_id] = undone

    async def story() -> list[Any]:
        note = noting_late_answers(world.house)
        note(sale.rrn, LateAnswer("00", "A1", 25_00))
        await asyncio.sleep(0.01)
        assert world.found() == ["late_approval"]
        world.books.lost = True
        with structlog.testing.capture_logs() as lines:
            note(sale.rrn, LateAnswer("00", "A1", 25_00))
            await asyncio.sleep(0.01)
        return lines

    (line,) = asyncio.run(story())
    assert (line["event"], line["rrn"], line["approved"]) == ("late answer not noted", sale.rrn, True)
