"""A simulated terminal: asks the host for everything that a terminal can, and puts right what it does not know.

What may live here: exchanges over the line, judging answers, reversals and repeats until they are taken. What may not: what is
asked when (plan), the messages' contents (requests).

It keeps the rules of the interface (domain A9): written down before it is sent; no answer, an answer that cannot be
trusted and "not known" mean unknown; unknown is reversed, a refund asked for again; nothing new before that is settled.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyRefused, SoftwareVault, WrappedKey
from xiaopos.simulation import requests
from xiaopos.simulation.slips import SHAPES, Closed, Deed, Slip, Told, totals
from xiaopos.simulator.network import Card
from xiaopos.simulator.terminals.line import Line
from xiaopos.terminal import guard, texts
from xiaopos.terminal.profile import PROFILES, Identity
from xiaopos.wire.iso8583 import Malformed, Message
from xiaopos.wire.iso8583.framing import TerminalFrame

PATIENCE_S = 20.0
PAUSE_S = 5.0
LONGEST_PAUSE_S = 60.0
LAST_STAN = 999_999
PENDING = frozenset({"94", "98"})


@dataclass(slots=True)
class Drawer:
    """What a terminal still knows after a power cut: its slips, its numbers, its keys. The keys are wrapped."""

    batch_number: int = 1
    stan: int = 0
    tpk: WrappedKey | None = None
    tak: WrappedKey | None = None
    slips: list[Slip] = field(default_factory=list)
    closed: list[Closed] = field(default_factory=list)


class Counter:
    """One terminal on its line. `drawer` survives power cuts, the rest does not."""

    def __init__(
        self, identity: Identity, tmk: WrappedKey, vault: SoftwareVault, drawer: Drawer, *, port: int, keep_open: bool
    ) -> None:
        self.identity = identity
        self.drawer = drawer
        self.profile = PROFILES["unionpay-3des-2012"]
        self._tmk = tmk
        self._vault = vault
        self._line = Line("192.0.2.1", port, timeout_s=PATIENCE_S, keep_open=keep_open)

    # -- what the cashier does ---------------------------------------------------------------------------------------

    async def ask(self, slip: Slip, card: Card | None, *, code: Secret | None = None, pin: bool = False) -> None:
        """Ask for what a new slip says; it is numbered and written down first. Ends when the outcome is known."""
        await self.settle_debts()
        drawer = self.drawer
        slip.batch_number, slip.stan = drawer.batch_number, self._next_stan()
        message = requests.request(slip, self.identity, self.profile, card=card, code=code)
        if pin and card is not None and drawer.tpk is not None:
            message.fields[22] = message.text(22)[:2] + "1"
            guard.add_pin(self._vault, drawer.tpk, self.profile, message, pin=card.pin, pan=card.pan)
        drawer.slips.append(slip)
        self._judge(slip, await self._exchange(message))
        await self.settle_debts()

    async def close_batch(self) -> bool:
        """Close the batch (批结算); whether the host did."""
        await self.settle_debts()
        drawer = self.drawer
        counted = totals(drawer.slips, drawer.batch_number)
        message = requests.settlement(self.identity, self.profile, drawer.batch_number, self._next_stan(), counted)
        answer = await self._exchange(message, sealed=False)
        flag = answer.text(48)[30:31] if answer is not None and answer.text(39) in texts.SUCCESS else ""
        if flag not in ("1", "2"):
            return False
        drawer.closed.append(Closed(self.identity.terminal_id, drawer.batch_number, counted, flag == "1"))
        drawer.batch_number += 1
        return True

    async def settle_debts(self) -> None:
        """Sign in if that is needed, and send what is owed until nothing is."""
        pause = PAUSE_S
        while True:
            if self.drawer.tak is None:
                await self._sign_in()
            owed = next((slip for slip in self.drawer.slips if slip.is_owed), None)
            if owed is None and self.drawer.tak is not None:
                return
            if owed is not None and self.drawer.tak is not None and await self._pay_up(owed):
                continue
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)

    async def close(self) -> None:
        """Hang up."""
        await self._line.close()

    # -- exchanges ---------------------------------------------------------------------------------------------------

    def _next_stan(self) -> int:
        self.drawer.stan = self.drawer.stan % LAST_STAN + 1
        return self.drawer.stan

    async def _exchange(self, message: Message, *, sealed: bool = True, again: bool = False) -> Message | None:
        """One exchange. What cannot be believed may belong to another question: the line is given up then."""
        answer = await self._heard(message, sealed=sealed, again=again)
        if answer is None:
            await self._line.close()
        return answer

    async def _heard(self, message: Message, *, sealed: bool, again: bool) -> Message | None:
        """Send and hear; None for silence and for what cannot be believed. Keys that the host refuses are forgotten.

        Asked `again`, no refusal is believed without a MAC: it may be about the repeat alone.
        """
        drawer, tak = self.drawer, self.drawer.tak
        if sealed:
            assert tak is not None, "the terminal signs in before it asks for money"
            body = guard.with_mac(self._vault, tak, message, self.profile.suite.mac_kind)
        else:
            body = guard.encoded(message)
        raw = await self._line.exchange(TerminalFrame(self.profile.tpdu, self.profile.header, body).encode())
        if raw is None:
            return None
        try:
            frame = TerminalFrame.parse(raw)
            answer = guard.CODEC.decode(frame.body)
            fits = 64 in answer.fields and tak is not None
            right = fits and guard.mac_fits(self._vault, tak, frame.body, self.profile.suite.mac_kind)  # type: ignore[arg-type]  # fits says so
        except Malformed:
            return None
        if not requests.answers(message, answer):
            return None
        code = answer.text(39)
        if sealed and code in texts.SIGN_IN_AGAIN:
            drawer.tak = None
            return None
        if sealed and not right and (again or 64 in answer.fields or code in texts.SUCCESS):
            return None
        return answer

    async def _sign_in(self) -> None:
        stan = self._next_stan()
        message = requests.sign_in(self.identity, self.profile, self.drawer.batch_number, stan)
        answer = await self._exchange(message, sealed=False)
        if answer is None or answer.text(39) != "00":
            return
        try:
            keys = guard.working_keys(
                self._vault, self._tmk, answer.raw(62), self.profile.sign_in_code, self.profile.suite
            )
        except KeyRefused:
            return
        self.drawer.tpk, self.drawer.tak = keys.tpk, keys.tak

    def _judge(self, slip: Slip, answer: Message | None) -> None:
        """What the first answer to a request means."""
        code = answer.text(39) if answer is not None else "98"
        unsure = PENDING if slip.deed is Deed.CODE_SALE else texts.NOT_KNOWN_YET
        if SHAPES[slip.deed].asks_again:
            unsure = PENDING
        if answer is None or code in unsure:
            slip.told = Told.UNKNOWN
        elif code in texts.SUCCESS:
            slip.told = Told.APPROVED
            slip.amount_minor = int(answer.text(4) or slip.asked_minor)
            slip.rrn, slip.approval_code = answer.text(37).strip(), answer.text(38).strip()
        else:
            slip.told = Told.DECLINED
        slip.response_code = code

    async def _pay_up(self, slip: Slip) -> bool:
        """Send the message that is owed about a slip; whether it was taken."""
        slip.told = Told.UNKNOWN
        if SHAPES[slip.deed].asks_again:
            repeat = requests.request(slip, self.identity, self.profile)
            self._judge(slip, await self._exchange(repeat, again=True))
            return not slip.is_owed
        answer = await self._exchange(requests.reversal(slip, self.identity, self.profile))
        if answer is None or answer.text(39) not in texts.REVERSAL_ENDS:
            slip.response_code = f"reversal {answer.text(39) if answer is not None else 'unheard'}"
            return False
        slip.told = Told.TAKEN_BACK
        return True
