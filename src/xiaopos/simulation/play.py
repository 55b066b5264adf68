"""Playing a plan from beginning to end, and saying what came of it.

What may live here: the order of a play. What may not: its parts.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from xiaopos.simulation.judgement import Books, judge, unsettled
from xiaopos.simulation.loop import Stuck
from xiaopos.simulation.people import People
from xiaopos.simulation.plan import TERMINALS, Plan
from xiaopos.simulation.town import Alter, Town

LOOK_EVERY_S = 5.0
SETTLED_WITHIN_S = 2 * 3600.0
ACTED_WITHIN_S = 3 * 3600.0
MEMORY = Path("/dev/shm")


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a play. `broken` is empty when all is well; `digest` is the same for the same play."""

    plan: Plan
    broken: tuple[str, ...]
    payments: int
    states: dict[str, int]
    met: int
    restarts: int
    virtual_s: float
    digest: str
    log: tuple[str, ...] = ()


def play(plan: Plan, tables: Path, alter: Alter = lambda house: house) -> Report:
    """Play a plan on the empty books in `tables`."""
    where = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="xiaopos-simulation-", dir=where) as folder, _listening() as printed:
        town = Town(plan, tables, Path(folder), alter)
        people = People(town)
        try:
            stuck = _run(town, people)
            broken = (*stuck, *judge(town, people, printed))
            return _report(plan, town, broken, printed)
        finally:
            town.close()


def _run(town: Town, people: People) -> list[str]:
    try:
        return town.loop.run_until_complete(_everything(town, people))
    except Stuck:
        return ["nothing happens any more, and the play is not over"]


async def _everything(town: Town, people: People) -> list[str]:
    await town.open_channels()
    services = [
        asyncio.ensure_future(town.keep_up("card-host", "card-host", town.serve_cards)),
        asyncio.ensure_future(town.keep_up("worker", "worker", town.serve_jobs)),
    ]
    cashiers = [
        asyncio.ensure_future(
            town.keep_up(terminal_id, "counter", lambda process, place=place: people.stand_at(place, process))  # type: ignore[misc]  # mypy cannot infer a default's type
        )
        for place, (terminal_id, _, _) in enumerate(TERMINALS)
    ]
    acting = asyncio.gather(*cashiers)
    broken: list[str] = []
    _, late = await asyncio.wait((acting,), timeout=ACTED_WITHIN_S)
    town.calm()
    if late:
        _, late = await asyncio.wait((acting,), timeout=SETTLED_WITHIN_S)
        broken += ["a terminal never came to the end of its day"] if late else []
    until = town.loop.time() + SETTLED_WITHIN_S
    while unsettled(town.books_file) and town.loop.time() < until:
        await asyncio.sleep(LOOK_EVERY_S)
    for task in (*services, *cashiers):
        task.cancel()
    return broken


def _report(plan: Plan, town: Town, broken: tuple[str, ...], printed: list[str]) -> Report:
    books = Books(town.books_file)
    states = Counter(row.state for row in books.rows)
    told = "\n".join(map(str, (*books.rows, town.loop.time(), town.network.transactions())))
    books.close()
    return Report(
        plan=plan,
        broken=broken,
        payments=len(books.rows),
        states=dict(sorted(states.items())),
        met=len(town.troubles.met),
        restarts=len(town.processes) - len(TERMINALS) - 2,
        virtual_s=town.loop.time(),
        digest=hashlib.sha256(told.encode()).hexdigest()[:16],
        log=tuple(printed),
    )


@contextmanager
def _listening() -> Iterator[list[str]]:
    """Everything that is logged meanwhile, and nothing of it on the screen."""
    printed: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            printed.append(record.getMessage())

    def keep(_logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        printed.append(" ".join(f"{key}={value}" for key, value in event.items()))
        raise structlog.DropEvent

    configured = structlog.get_config()
    structlog.configure(processors=[structlog.processors.format_exc_info, keep], cache_logger_on_first_use=False)
    keeper = Keeper()
    loggers = [logging.getLogger(name) for name in ("xiaopos", "aiohttp", "asyncio")]
    before = [(logger, logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.addHandler(keeper)
        logger.setLevel(logging.INFO)
        logger.propagate = False
    try:
        yield printed
    finally:
        for logger, level, spreads in before:
            logger.removeHandler(keeper)
            logger.setLevel(level)
            logger.propagate = spreads
        structlog.configure(**configured)
