"""The people of a play: cashiers who do what the plan says, and customers who confirm on their phones.

What may live here: turning an act into a slip, choosing what it follows. What may not: exchanges (counter).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from random import Random

from xiaopos.kernel.secret import Secret
from xiaopos.simulation.counter import Counter, Drawer
from xiaopos.simulation.device_counter import KNOWN_DEEDS, DeviceCounter, DeviceDrawer, DeviceParts
from xiaopos.simulation.loop import Process
from xiaopos.simulation.plan import TERMINALS, Act
from xiaopos.simulation.slips import SHAPES, UNDOES, Deed, Slip, Told
from xiaopos.simulation.town import CARD_PORT, Town
from xiaopos.simulator.network import test_card
from xiaopos.terminal.profile import Identity

CUSTOMER = "mei"
DEVICES = (1, 3)
"""The places whose terminals run the device's own software; it knows some deeds only, and sells instead of the others."""
CONFIRM_ABOVE = 200_00
KEEP_OPEN = (0, 3)
"""Of each four places, those whose terminals keep their line between exchanges; one of them runs the device's software."""
TRIES_TO_CLOSE = 3


class People:
    """Who stands at the terminals of a town. Drawers and what was begun survive power cuts."""

    def __init__(self, town: Town) -> None:
        self.drawers = [DeviceDrawer() if place in DEVICES else Drawer() for place in range(len(TERMINALS))]
        self._town = town
        self._begun: set[int] = set()
        self._dice = Random(f"people {town.plan.seed}")

    def slips_of(self, merchant_id: str) -> list[Slip]:
        """The slips of all terminals of a merchant."""
        return [slip for drawer in self.drawers for slip in drawer.slips if slip.merchant_id == merchant_id]

    async def stand_at(self, place: int, _process: Process) -> None:
        """Do what the plan has for a terminal, from where it was left."""
        counter = self._counter(place)
        for act in self._town.plan.acts:
            if act.terminal != place or act.number in self._begun:
                continue
            await asyncio.sleep(act.after_s)
            self._begun.add(act.number)
            await self._do(act, counter)
        if self.drawers[place].slips:
            await counter.settle_debts()
        await counter.close()

    def _counter(self, place: int) -> Counter | DeviceCounter:
        town, drawer = self._town, self.drawers[place]
        terminal_id, merchant_id, _ = TERMINALS[place]
        tmk, identity, keep_open = town.tmks[terminal_id], Identity(terminal_id, merchant_id), place % 4 in KEEP_OPEN
        if isinstance(drawer, Drawer):
            return Counter(identity, tmk, town.outer, drawer, port=CARD_PORT, keep_open=keep_open)
        parts = DeviceParts(identity, tmk, town.outer, town.clocks["town"], town.entropy, CARD_PORT)
        return DeviceCounter(parts, drawer, keep_open=keep_open)

    async def _do(self, act: Act, counter: Counter | DeviceCounter) -> None:
        if isinstance(counter, DeviceCounter) and act.deed not in KNOWN_DEEDS:
            act = replace(act, deed=Deed.SALE)
        if act.deed is Deed.SETTLE:
            for _ in range(TRIES_TO_CLOSE):
                if await counter.close_batch():
                    return
                await asyncio.sleep(5)
            return
        slip = self._slip(act, counter.identity)
        if slip.deed is not Deed.CODE_SALE or isinstance(counter, DeviceCounter):
            card = test_card(slip.card) if slip.card else None
            await counter.ask(slip, card, pin=act.pin and slip.original is None)
            return
        await counter.settle_debts()
        code = self._town.trades.make_code(CUSTOMER)
        self._town.witness.secrets.append(code.encode())
        if act.amount_minor > CONFIRM_ABOVE:
            delay = self._dice.uniform(1, 30)
            asyncio.get_running_loop().call_later(delay, self._customer_decides, act.confirms)
        await counter.ask(slip, None, code=Secret(code.encode()))

    def _customer_decides(self, confirms: bool) -> None:
        for order in self._town.trades.orders_of(CUSTOMER):
            if order.state == "USERPAYING":
                decide = self._town.trades.confirm if confirms else self._town.trades.decline
                decide(CUSTOMER, order.out_trade_no)

    def _slip(self, act: Act, identity: Identity) -> Slip:
        """What the act asks for: what can follow nothing becomes a sale."""
        original = self._original(act, identity)
        deed = act.deed if original is not None or not SHAPES[act.deed].follows else Deed.SALE
        amount = act.amount_minor
        if original is not None:
            amount = original.amount_minor
            if deed not in UNDOES:
                amount = max(1, round(amount * act.share))
        card = original.card if original is not None else "" if deed is Deed.CODE_SALE else act.card
        return Slip(act.number, deed, identity.terminal_id, identity.merchant_id, 0, 0, amount, card, original=original)

    def _original(self, act: Act, identity: Identity) -> Slip | None:
        follows = SHAPES[act.deed].follows
        slips = self.slips_of(identity.merchant_id)
        choice = [
            slip
            for slip in slips
            if slip.deed in follows
            and slip.told is Told.APPROVED
            and (slip.deed is Deed.PREAUTH or slip.terminal_id == identity.terminal_id)
            and slip.undone_by(slips) is None
        ]
        return choice[int(act.pick * len(choice))] if choice else None
