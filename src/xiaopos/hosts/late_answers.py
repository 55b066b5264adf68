"""Late answers of the card network, put down beside the event loop's other work.

What may live here: the tasks, and what becomes of a note that fails. What may not: what a late answer means (usecases).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from xiaopos.gateways.unionpay import LateAnswer
from xiaopos.usecases.note_late_answer import note_late_answer
from xiaopos.usecases.ports import House

log = structlog.get_logger("late answers")


def noting_late_answers(house: House) -> Callable[[str, LateAnswer], None]:
    """What a line to the network tells of late answers: the payment's retrieval reference number, and the answer."""
    tasks: set[asyncio.Task[None]] = set()

    async def noted(rrn: str, answer: LateAnswer) -> None:
        try:
            await note_late_answer(rrn, approved=answer.approved, house=house)
        except Exception:  # the loop's edge: what could not be noted in the books must at least stand in the log
            log.exception("late answer not noted", rrn=rrn, approved=answer.approved)

    def note(rrn: str, answer: LateAnswer) -> None:
        task = asyncio.get_running_loop().create_task(noted(rrn, answer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    return note
