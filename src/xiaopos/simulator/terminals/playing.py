"""A pretend terminal at work: the device driven over its line, and put right by itself after a fault.

What may live here: the order of contacts, the loop that puts right, errands for the host, what the last result was. What may
not: sockets (line), pages, what an answer means (terminal).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import cast

from xiaopos.kernel.clock import Clock
from xiaopos.kernel.refusal import REASONS, Refused
from xiaopos.kernel.secret import Secret
from xiaopos.simulator.terminals.faults import CUTS, Faults
from xiaopos.simulator.terminals.line import Line
from xiaopos.terminal.cards import CardRead, How
from xiaopos.terminal.device import Device
from xiaopos.terminal.exchange import Frame
from xiaopos.terminal.lists import ListKind
from xiaopos.terminal.messages import Original
from xiaopos.terminal.noting import STATUS
from xiaopos.terminal.outcome import Kind, Outcome

Result = Outcome | Refused
FETCH_TRIES = 3
"""How often one part of a list is asked for before the fetch is broken off."""

ERRANDS_KEPT = 20
DELAYS_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""How long the terminal waits before it tries once more to put something right; the last one repeats."""


class PowerCut(Exception):
    """The pretend power is off in the middle of an exchange: nothing more happens until the next start."""


class PretendTerminal:
    """A device on its line. One exchange at a time; it signs in by itself, and what is owed goes before anything new.

    What the host wants of the terminal (its answers' headers say so) and what it is still to be told of finished payments are
    errands: they are run after a contact, and tried again after the next one. `errands` are their results, oldest first.

    With `cuts_power`, a cut of the line is a power cut: PowerCut is raised and the device learns nothing.
    """

    def __init__(
        self,
        device: Device,
        line: Line,
        clock: Clock,
        *,
        delays_s: tuple[float, ...] = DELAYS_S,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        cuts_power: bool = False,
    ) -> None:
        self.device = device
        self.faults = Faults()
        self.step = "idle"
        self.last: Result | None = None
        self.put_right_last: Outcome | None = None
        self.errands: list[Outcome] = []
        self._line = line
        self._clock = clock
        self._delays_s = delays_s
        self._pause = pause
        self._cuts_power = cuts_power
        self._one_at_a_time = asyncio.Lock()
        self._one_list_at_a_time = asyncio.Lock()
        self._putting_right: asyncio.Task[None] | None = None
        self._running_errands: asyncio.Task[None] | None = None
        self._wait_s = line.timeout_s
        self._heard = True

    # -- what people do ----------------------------------------------------------------------------------------------

    async def sign_in(self) -> Result:
        """Sign in (签到), then send what is owed."""
        async with self._contact("signing_in"):
            self.last = await self._asked(self.device.sign_in(), faulty=True)
            await self._pay_up()
            return self.last

    async def echo(self) -> Result:
        """Test the line (回响测试)."""
        async with self._contact("sending"):
            return await self._asked(self.device.echo(), faulty=True)

    async def sign_off(self) -> Result:
        """Sign off (签退)."""
        return await self._do(self.device.sign_off)

    async def sale(self, amount_minor: int, card: CardRead, how: How, pin: Secret | None = None) -> Result:
        """Sell (消费)."""
        return await self._do(lambda: self.device.sale(amount_minor, card, how, now=self._clock.now(), pin=pin))

    async def preauth(self, amount_minor: int, card: CardRead, how: How, pin: Secret | None = None) -> Result:
        """Hold an amount (预授权)."""
        return await self._do(lambda: self.device.preauth(amount_minor, card, how, now=self._clock.now(), pin=pin))

    async def complete(
        self,
        amount_minor: int,
        approval_code: str,
        card: CardRead | None = None,
        how: How = How.SWIPE,
        *,
        advice: bool = False,
    ) -> Result:
        """Take what was held (预授权完成), by request or by notice."""
        return await self._do(lambda: self.device.complete(amount_minor, approval_code, card, how, advice=advice))

    async def void_preauth(
        self, approval_code: str, amount_minor: int = 0, card: CardRead | None = None, how: How = How.SWIPE
    ) -> Result:
        """Lift a hold (预授权撤销)."""
        return await self._do(lambda: self.device.void_preauth(approval_code, amount_minor, card, how))

    async def void_completion(self, stan: int, batch_number: int | None = None) -> Result:
        """Void (预授权完成撤销) a completion of the current batch."""
        return await self._do(lambda: self.device.void_completion(stan, batch_number))

    async def offline_sale(self, amount_minor: int, card: CardRead, how: How) -> Result:
        """Tell of a sale that the card itself has approved (离线结算)."""
        return await self._do(lambda: self.device.offline_sale(amount_minor, card, how, now=self._clock.now()))

    async def balance(self, card: CardRead, how: How, pin: Secret | None = None) -> Result:
        """Ask what the card can spend (余额查询)."""
        return await self._do(lambda: self.device.balance(card, how, now=self._clock.now(), pin=pin))

    async def void(self, stan: int, batch_number: int | None = None) -> Result:
        """Void (撤销) a sale of the current batch."""
        return await self._do(lambda: self.device.void(stan, batch_number))

    async def refund(
        self, amount_minor: int, original: Original, card: CardRead | None = None, how: How = How.SWIPE
    ) -> Result:
        """Refund (退货) an earlier sale, in part or whole."""
        return await self._do(lambda: self.device.refund(amount_minor, original, card, how))

    async def settle(self) -> Result:
        """Settle the batch (批结算). What was put aside as unresolved is tried once more before.

        When the host's totals differ, the details of the batch follow (批上送); what could not be sent goes before the
        next settlement.
        """
        await self._upload()
        settled = await self._do(self.device.settle, reopen=True)
        await self._upload()
        if isinstance(settled, Outcome) and settled.approved and self.device.settings.auto_sign_off:
            await self._do(self.device.sign_off)
            self.last = settled
        return settled

    async def tip(self, amount_minor: int, stan: int, batch_number: int | None = None) -> Result:
        """Add a tip (小费) to a sale of the current batch."""
        return await self._do(lambda: self.device.tip(amount_minor, stan, batch_number))

    async def query(
        self, rrn: str = "", *, stan: int = 0, batch_number: int | None = None, code: bool = False
    ) -> Result:
        """Ask what became of a payment of this terminal (订单查询, 扫码查询)."""
        return await self._do(lambda: self.device.query(rrn, stan=stan, batch_number=batch_number, code=code))

    async def sign(self, stan: int, picture: Secret, batch_number: int | None = None) -> Result:
        """Send the customer's signature (电子签名上送) for a payment of the current batch."""
        return await self._do(lambda: self.device.sign(stan, picture, batch_number))

    async def tell_script_result(self, stan: int, results: bytes, batch_number: int | None = None) -> Result:
        """Tell what came of an issuer's script (脚本处理结果通知)."""
        return await self._do(lambda: self.device.tell_script_result(stan, results, batch_number))

    async def tell_status(self) -> Result:
        """Tell the host how this terminal is (状态上送); no sign-in is needed."""
        async with self._contact("sending"):
            self.last = await self._asked(self.device.tell_status(), faulty=True)
            return self.last

    async def fetch(self, kind: ListKind) -> Result:
        """Fetch a list (下载), part by part to its end; no sign-in is needed. Sales may come between its parts."""
        self.last = await self._fetch(kind, faulty=True)
        return self.last

    async def _fetch(self, kind: ListKind, *, faulty: bool = False) -> Result:
        async with self._one_list_at_a_time:
            return await self._fetch_parts(kind, faulty=faulty)

    async def _fetch_parts(self, kind: ListKind, *, faulty: bool) -> Result:
        tries = FETCH_TRIES
        while True:
            async with self._contact("fetching", errands=False):
                result = await self._asked(self.device.fetch(kind), faulty=faulty)
            under_way = self.device.remembered.fetch
            if under_way is None:
                return result  # the list is here, or was refused
            tries = FETCH_TRIES if isinstance(result, Outcome) and result.approved else tries - 1
            if isinstance(result, Refused) or not tries:
                self.device.break_off_fetch()
                return result

    async def _upload(self) -> None:
        """Tell the details of a batch whose totals differed, until all are taken or one is not."""
        while self.device.remembered.upload_batch and not self.device.owes and not self.device.needs_sign_in:
            async with self._contact("sending"):
                told = await self._asked(self.device.upload())
            if isinstance(told, Refused) or not told.approved:
                return

    async def pay_up(self) -> None:
        """Send what is owed, once. A script's way: a terminal that stays on does so by itself."""
        async with self._one_at_a_time:
            await self._pay_up()

    # -- exchanges ---------------------------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def _contact(self, step: str, *, errands: bool = True) -> AsyncIterator[None]:
        async with self._one_at_a_time:
            self.step = step
            try:
                yield
            finally:
                self.step = "idle"
        if self.unsettled_with_host:
            self._start_putting_right()
        if errands and self.has_errands:
            self._start_errands()

    @property
    def unsettled_with_host(self) -> bool:
        """Whether something is owed or was put aside as unresolved."""
        return self.device.owes or bool(self.device.remembered.unresolved)

    async def _do(self, ask: Callable[[], Frame], *, reopen: bool = False) -> Result:
        async with self._contact("sending"):
            if reopen:
                self.device.reopen()
            if self.device.owes:
                await self._pay_up()
            if self.device.needs_sign_in:
                signed_in = await self._asked(self.device.sign_in())
                if isinstance(signed_in, Refused) or not signed_in.approved:
                    self.last = signed_in
                    return signed_in
                await self._pay_up()
            await self._tell_notices()
            self.last = await self._asked(ask(), faulty=True)
            return self.last

    async def _tell_notices(self) -> None:
        """Tell what the host has not heard of finished payments, each once, until one is not answered."""
        for _ in self.device.remembered.notices:
            told = await self._asked(self.device.tell_notice())
            if isinstance(told, Refused) or told.kind is Kind.UNKNOWN:
                return
            self.note_errand(told)

    async def _asked(self, frame: Frame, *, faulty: bool = False) -> Result:
        if isinstance(frame, Refused):
            return frame
        fault = self.faults.take() if faulty else None
        # The host may say how long to wait; whoever set up the line does not wait longer than they wanted.
        self._line.timeout_s = min(self._wait_s, self.device.settings.answer_wait_s or self._wait_s)
        answer = await self._line.exchange(frame, fault)
        if self._cuts_power and fault in CUTS:
            raise PowerCut(fault.value if fault else "")
        self._heard = answer is not None
        if answer is None:
            return self.device.no_answer()
        outcome = self.device.take(answer, now=self._clock.now())
        if outcome.kind is Kind.UNKNOWN:
            # What cannot be believed may belong to another question: on a kept line each answer would then be the one before.
            await self._line.close()
        return outcome

    async def _pay_up(self) -> None:
        """Send what is owed, once, after a sign-in if that is needed. It may stay owed."""
        if not self.device.owes:
            return
        step, self.step = self.step, "putting_right"
        if self.device.needs_sign_in:
            await self._asked(self.device.sign_in())
        if not self.device.needs_sign_in:
            result = await self._asked(self.device.pay_up(), faulty=True)
            self.put_right_last = cast(Outcome, result)  # pay_up is not refused: something is owed and nothing is asked
        self.step = step

    # -- putting right by itself -------------------------------------------------------------------------------------

    def _start_putting_right(self) -> None:
        if self._putting_right is None or self._putting_right.done():
            self._putting_right = asyncio.create_task(self._put_right())

    async def _put_right(self) -> None:
        tries = 0
        while self.unsettled_with_host:
            await self._pause(self._delays_s[min(tries, len(self._delays_s) - 1)])
            tries += 1
            async with self._one_at_a_time:
                self.device.reopen()
                await self._pay_up()

    async def put_right(self) -> None:
        """Wait until nothing is owed any more."""
        if self.unsettled_with_host:
            self._start_putting_right()
        if self._putting_right is not None:
            await self._putting_right

    # -- errands for the host ----------------------------------------------------------------------------------------

    @property
    def has_errands(self) -> bool:
        """Whether the host wants something of the terminal, or has not heard all that it should, and answered last time."""
        return self._heard and bool(self.device.remembered.wanted or self.device.remembered.notices)

    def note_errand(self, done: Outcome) -> None:
        """Keep the result of an errand; the oldest is forgotten when there are many."""
        self.errands = [*self.errands[-ERRANDS_KEPT + 1 :], done]

    def _start_errands(self) -> None:
        if self._running_errands is None or self._running_errands.done():
            self._running_errands = asyncio.create_task(self._run_errands())

    async def _run_errands(self) -> None:
        """Notices first, then what the host wants, each once: what fails is tried again after the next contact."""
        if not self.device.needs_sign_in and not self.device.owes:
            async with self._one_at_a_time:
                await self._tell_notices()
        for wanted in self.device.remembered.wanted:
            if wanted == STATUS:
                async with self._one_at_a_time:
                    done = await self._asked(self.device.tell_status())
            else:
                done = await self._fetch(ListKind(wanted))
            if isinstance(done, Refused) or done.kind is Kind.UNKNOWN:
                return
            self.note_errand(done)

    async def run_errands(self) -> None:
        """Wait until the errands are run, or one of them failed."""
        if self.has_errands:
            self._start_errands()
        if self._running_errands is not None:
            await self._running_errands

    async def close(self) -> None:
        """Stop: what is owed, and what is still to be done for the host, stays in the memory."""
        for task in (self._putting_right, self._running_errands):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        await self._line.close()


def result_json(result: Result, lang: str = "zh") -> dict[str, object]:
    """A result as plain values: an outcome, or a refusal with what happened and what to do."""
    if isinstance(result, Outcome):
        return result.as_json(lang)
    row = REASONS[result.reason]
    return {
        "outcome": "refused",
        "reason": result.reason.value,
        "response_code": row.response_code,
        "message": row.title_en if lang == "en" else row.title_zh,
        "next": row.next_en if lang == "en" else row.next_zh,
        "money_moved": row.money_moved.value,
    }
