"""A terminal of a play that runs the device's own software: the same day as a simulated one, as far as the device knows it.

What may live here: driving the device over its line, and writing down on slips what its memory says. What may not: what the
device decides (terminal), what is asked when (people).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from xiaopos.kernel.clock import Clock
from xiaopos.kernel.refusal import Refused
from xiaopos.keys import SoftwareVault, WrappedKey
from xiaopos.simulation.counter import PATIENCE_S, PAUSE_S
from xiaopos.simulation.network import ADDRESS
from xiaopos.simulation.slips import Closed, Deed, Slip, Told, totals
from xiaopos.simulator.network import Card
from xiaopos.simulator.terminals import Line, PretendTerminal
from xiaopos.simulator.terminals.playing import Result
from xiaopos.terminal.cards import CardRead, How
from xiaopos.terminal.device import Device
from xiaopos.terminal.messages import Original
from xiaopos.terminal.outcome import Action
from xiaopos.terminal.profile import PROFILES, Identity

KNOWN_DEEDS = (Deed.SALE, Deed.VOID, Deed.REFUND, Deed.SETTLE)
_ACTIONS = {Deed.SALE: Action.SALE, Deed.VOID: Action.VOID, Deed.REFUND: Action.REFUND}


@dataclass(slots=True)
class DeviceDrawer:
    """What is left of a device after a power cut: its memory, and the slips that its cashier kept."""

    saved: str = ""
    slips: list[Slip] = field(default_factory=list)
    closed: list[Closed] = field(default_factory=list)

    def load(self) -> Mapping[str, Any] | None:
        """See the device's Memory."""
        kept: Mapping[str, Any] | None = json.loads(self.saved) if self.saved else None
        return kept

    def save(self, state: Mapping[str, Any]) -> None:
        """See the device's Memory."""
        self.saved = json.dumps(state)


@dataclass(frozen=True, slots=True)
class DeviceParts:
    """What a device is built from; none of it changes during a play."""

    identity: Identity
    tmk: WrappedKey
    vault: SoftwareVault
    clock: Clock
    entropy: Callable[[int], bytes]
    port: int


class DeviceCounter:
    """A device on its line; built anew after each power cut."""

    def __init__(self, parts: DeviceParts, drawer: DeviceDrawer, *, keep_open: bool) -> None:
        self.identity = parts.identity
        self._drawer = drawer
        self._clock = parts.clock
        self._device = Device(
            parts.identity, vault=parts.vault, tmk=parts.tmk, memory=drawer, entropy=parts.entropy,
            profile=PROFILES["unionpay-3des-2012"],
        )  # fmt: skip
        line = Line(ADDRESS, parts.port, timeout_s=PATIENCE_S, keep_open=keep_open)
        self._playing = PretendTerminal(self._device, line, parts.clock)

    async def ask(self, slip: Slip, card: Card | None, *, pin: bool = False) -> None:
        """Ask for what a slip says, one of the device's own deeds. Ends when its outcome is known."""
        await self.settle_debts()
        remembered = self._device.remembered
        slip.batch_number, slip.stan = remembered.batch_number, remembered.next_stan
        self._drawer.slips.append(slip)
        result = await self._asked(slip, card, pin=pin)
        if isinstance(result, Refused) or result.action is not _ACTIONS[slip.deed]:
            self._drawer.slips.remove(slip)  # the device asked for nothing
        else:
            slip.response_code = result.response_code
        await self.settle_debts()

    async def _asked(self, slip: Slip, card: Card | None, *, pin: bool) -> Result:
        original = slip.original
        if original is None:
            assert card is not None, "a sale at a device is by card"
            read = CardRead(card.pan, card.expiry)
            return await self._playing.sale(slip.asked_minor, read, How.SWIPE, card.pin if pin else None)
        if slip.deed is Deed.VOID:
            return await self._playing.void(original.stan, original.batch_number)
        named = Original(original.rrn, original.batch_number, original.stan, "0000", original.approval_code)
        read_again = CardRead(card.pan, card.expiry) if card is not None else None
        return await self._playing.refund(slip.asked_minor, named, read_again)

    async def close_batch(self) -> bool:
        """Close the batch; whether the host did."""
        await self.settle_debts()
        before = self._device.remembered.batch_number
        result = await self._playing.settle()
        if not isinstance(result, Refused) and result.balanced is not None:
            counted = totals(self._drawer.slips, before)
            self._drawer.closed.append(Closed(self.identity.terminal_id, before, counted, result.balanced))
        return self._device.remembered.batch_number != before

    async def settle_debts(self) -> None:
        """Wait until the device is signed in and owes nothing, then write down what it knows."""
        while self._device.needs_sign_in or self._playing.unsettled_with_host:
            if self._device.needs_sign_in:
                await self._playing.sign_in()
            await self._playing.put_right()
            if self._device.needs_sign_in:
                await asyncio.sleep(PAUSE_S)
        for slip in self._drawer.slips:
            if slip.is_owed:
                self._learn(slip)

    def _learn(self, slip: Slip) -> None:
        """What the device's memory says of a request: a voucher of what was approved, nothing of what was not."""
        voucher = self._device.remembered.voucher(slip.stan, slip.batch_number)
        if voucher is None:
            slip.told = Told.DECLINED
            return
        slip.told, slip.amount_minor = Told.APPROVED, voucher.amount_minor
        slip.rrn, slip.approval_code = voucher.rrn, voucher.approval_code

    async def close(self) -> None:
        """Hang up."""
        await self._playing.close()
