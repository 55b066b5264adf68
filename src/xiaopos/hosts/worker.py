"""The worker: does by itself what was left to the machine, until it is done.

What may live here: the loop, back-off, the sweep for payments that a stopped process left. What may not: what a job means.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from prometheus_client import Counter, Gauge

from xiaopos.payments.conclusions import Next
from xiaopos.usecases.enquire_payment import enquire_payment
from xiaopos.usecases.pass_on_script import PASS_ON_SCRIPT, pass_on_script
from xiaopos.usecases.ports import House, Jobs, LeasedJob
from xiaopos.usecases.recover_payments import recover_payments
from xiaopos.usecases.reverse_payment import NotYet, carry_out_reversal

log = structlog.get_logger("worker")

DONE = Counter("xiaopos_jobs_done_total", "Jobs that were finished", ["kind"])
AGAIN = Counter("xiaopos_jobs_again_total", "Jobs that were put back to be tried again", ["kind"])
RECOVERED = Counter("xiaopos_payments_recovered_total", "Payments found without an outcome and given to the machine")
LEASED = Gauge("xiaopos_jobs_leased", "Jobs that this worker holds now")

Verb = Callable[[LeasedJob, House], Awaitable[NotYet | None]]

VERBS: Mapping[str, Verb] = {
    Next.REVERSE.value: carry_out_reversal,
    Next.ENQUIRE.value: enquire_payment,
    PASS_ON_SCRIPT: pass_on_script,
}


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """How the worker paces itself. All times in seconds.

    `orphan_after_s` must exceed every channel's deadline: a payment in SENT for longer belongs to nobody.
    """

    poll_s: float = 0.25
    at_once: int = 32
    lease_s: int = 60
    orphan_after_s: int = 60
    sweep_every_s: float = 5.0
    first_pause_s: float = 3.0
    longest_pause_s: float = 600.0
    tidy_every_s: float = 3600.0


def pause_before(attempt: int, settings: WorkerSettings, chance: float) -> float:
    """Seconds to wait after a failed attempt (1 is the first): steady at first, then doubling, with up to 20 % jitter.

    The first ten attempts come at the pace that an unknown outcome asks for; after that the other side is in trouble.
    """
    doublings = max(0, attempt - 10)
    pause = min(settings.first_pause_s * 2.0 ** min(doublings, 30), settings.longest_pause_s)
    return pause * (1 + 0.2 * chance)


class Worker:
    """Leases due jobs and does them, several at once, until stopped. `chance()`, from 0 to 1, spreads what is tried again.

    `tidy` is called now and then with the present instant, to delete what nobody looks at any more.
    """

    def __init__(
        self,
        house: House,
        jobs: Jobs,
        settings: WorkerSettings,
        *,
        chance: Callable[[], float] = random.random,
        tidy: Callable[[datetime], Awaitable[None]] | None = None,
    ) -> None:
        self._chance = chance
        self._tidy = tidy
        self._house = house
        self._jobs = jobs
        self._settings = settings
        self._stopping = asyncio.Event()
        self._hands: set[asyncio.Task[None]] = set()

    def stop(self) -> None:
        """Take no more jobs; `run` returns when the ones at hand are finished."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until stopped. A database that is away is waited for."""
        rounds = [asyncio.create_task(self._sweep()), asyncio.create_task(self._tidy_up())]
        try:
            while not self._stopping.is_set():
                reached = await self._lease()
                if len(self._hands) >= self._settings.at_once:
                    await asyncio.wait(self._hands, timeout=self._settings.poll_s, return_when=asyncio.FIRST_COMPLETED)
                else:
                    await self._rest(self._settings.poll_s if reached else self._settings.first_pause_s)
            await asyncio.gather(*self._hands)
        finally:
            for each in rounds:
                each.cancel()
            await asyncio.gather(*rounds, return_exceptions=True)

    async def _lease(self) -> bool:
        """Begin what is due, as far as hands are free: a slow job holds up no other. False when the database is away."""
        free = self._settings.at_once - len(self._hands)
        try:
            now = self._house.clock.now()
            leased = await self._jobs.lease(
                owner=self._house.process, now=now, limit=free, seconds=self._settings.lease_s
            )
        except Exception as error:  # noqa: BLE001 - the loop's edge: a lost database is waited for, not died of
            log.warning("jobs not leased", error=type(error).__name__)
            return False
        for job in leased:
            self._begin(job)
        return True

    def _begin(self, job: LeasedJob) -> None:
        task = asyncio.create_task(self._do(job))
        self._hands.add(task)
        task.add_done_callback(self._put_down)
        LEASED.set(len(self._hands))

    def _put_down(self, task: asyncio.Task[None]) -> None:
        self._hands.discard(task)
        LEASED.set(len(self._hands))

    async def _do(self, job: LeasedJob) -> None:
        try:
            left = await VERBS[job.kind](job, self._house)
            if left is None:
                await self._jobs.finish(job)
                DONE.labels(job.kind).inc()
                return
        except Exception as error:  # the loop's edge: one job's bug must not stop the others
            log.exception("job failed", kind=job.kind, payment_id=job.payment_id)
            left = NotYet(f"fault: {type(error).__name__}")
        await self._put_back(job, left)

    async def _put_back(self, job: LeasedJob, left: NotYet) -> None:
        AGAIN.labels(job.kind).inc()
        failed = left.again_in is None
        pause = left.again_in or timedelta(seconds=pause_before(job.attempts, self._settings, self._chance()))
        try:
            await self._jobs.put_back(job, due_at=self._house.clock.now() + pause, error=left.cause, failed=failed)
        except Exception as error:  # noqa: BLE001 - the lease runs out by itself and the job is free again
            log.warning("job not put back", kind=job.kind, payment_id=job.payment_id, error=type(error).__name__)

    async def _sweep(self) -> None:
        while True:
            try:
                before = self._house.clock.now() - timedelta(seconds=self._settings.orphan_after_s)
                found = await recover_payments(self._house, claimed_by=None, before=before)
                if found:
                    RECOVERED.inc(found)
                    log.warning("payments without an outcome", found=found)
            except Exception as error:  # noqa: BLE001 - the loop's edge
                log.warning("sweep failed", error=type(error).__name__)
            await asyncio.sleep(self._settings.sweep_every_s)

    async def _tidy_up(self) -> None:
        while self._tidy is not None:
            try:
                await self._tidy(self._house.clock.now())
            except Exception as error:  # noqa: BLE001 - the loop's edge: it is tried again next time
                log.warning("not tidied up", error=type(error).__name__)
            await asyncio.sleep(self._settings.tidy_every_s)

    async def _rest(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return
