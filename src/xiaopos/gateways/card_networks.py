"""Several card networks behind one Acquirer: a card goes to the first that may take it and is well.

What may live here: choosing, and remembering how each network has answered lately. What may not: the rules (payments.routing),
a network's own protocol. A payment is only asked where its row says that it is; whoever moves it elsewhere records that first.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from prometheus_client import Counter, Gauge

from xiaopos.kernel.clock import Clock
from xiaopos.kernel.refusal import Reason
from xiaopos.kernel.secret import Pan
from xiaopos.payments.answers import Answer, Balances, Declined, OutcomeUnknown
from xiaopos.payments.payment import Payment
from xiaopos.payments.routing import BinRow, RouteRule, card_kind_of, networks_for
from xiaopos.usecases.notices import ScriptNotice
from xiaopos.usecases.ports import Acquirer, BalanceAsk, CardMeans

UP = Gauge("xiaopos_network_up", "1 while a card network could take a payment", ["network"])
ANSWERS = Counter("xiaopos_network_answers_total", "What card networks answered", ["network", "outcome"])


class Network(Acquirer, Protocol):
    """An acquirer whose line can be up or down."""

    @property
    def is_ready(self) -> bool:
        """Whether a request could be sent now."""
        ...


_OUTCOMES: dict[type, str] = {Declined: "declined", OutcomeUnknown: "lost"}
_counted = functools.cache(ANSWERS.labels)


@dataclass(frozen=True, slots=True)
class Patience:
    """After so many requests without an answer, one after the other, a network is left alone for a while."""

    lost_in_a_row: int = 5
    rest: timedelta = timedelta(seconds=15)


class Health:
    """Whether a network answers. While it rests, one request after each rest finds out whether it is back."""

    def __init__(self, clock: Clock, patience: Patience) -> None:
        self._clock = clock
        self._patience = patience
        self._lost = 0
        self._rests_until: datetime | None = None

    @property
    def is_well(self) -> bool:
        """Whether it is not resting."""
        return self._rests_until is None or self._clock.now() >= self._rests_until

    def heard(self, answer: object) -> None:
        """Take note of an answer, or of one that did not come."""
        if not isinstance(answer, OutcomeUnknown):
            self._lost, self._rests_until = 0, None
            return
        self._lost += 1
        if self._lost >= self._patience.lost_in_a_row:
            self._rests_until = self._clock.now() + self._patience.rest


class CardNetworks:
    """See Acquirer. `drained` names the networks that take no new payments now; what they have is finished all the same."""

    def __init__(
        self,
        networks: Mapping[str, Network],
        rules: Sequence[RouteRule],
        *,
        clock: Clock,
        bins: Sequence[BinRow] = (),
        drained: Callable[[], Collection[str]] = tuple,
        patience: Patience = Patience(),
    ) -> None:
        unknown = {name for rule in rules for name in rule.networks} - set(networks)
        if unknown or not networks:
            raise ValueError(f"rules name networks that are not there: {', '.join(sorted(unknown)) or 'none is'}")
        self.name = next(iter(networks))
        self._networks = networks
        self._rules = rules
        self._bins = bins
        self._drained = drained
        self._health = {name: Health(clock, patience) for name in networks}
        for name in networks:
            UP.labels(name).set_function(functools.partial(self.is_well, name))

    @property
    def is_ready(self) -> bool:
        """Whether any network could take a payment now."""
        return any(self._is_open(name) for name in self._networks)

    def is_well(self, name: str) -> bool:
        """Whether this network's line is up and it answers."""
        return self._networks[name].is_ready and self._health[name].is_well

    def _is_open(self, name: str) -> bool:
        return name not in self._drained() and self.is_well(name)

    def route(self, card: Pan) -> Sequence[str]:
        """See Acquirer: first those that are well, each group in the order of the rules."""
        named = networks_for(card.digits, card_kind_of(card.digits, self._bins), self._rules)
        drained = self._drained()
        return sorted((name for name in named if name not in drained), key=lambda name: not self.is_well(name))

    async def authorise(self, payment: Payment, card: CardMeans) -> Answer:
        """See Acquirer."""
        return await self._ask(payment.channel, lambda network: network.authorise(payment, card), first=True)

    async def complete(self, completion: Payment, preauth: Payment, card: CardMeans | None) -> Answer:
        """See Acquirer."""
        return await self._ask(preauth.channel, lambda network: network.complete(completion, preauth, card))

    async def advise(self, payment: Payment, card: CardMeans | None) -> Answer:
        """See Acquirer."""
        return await self._ask(payment.channel, lambda network: network.advise(payment, card))

    async def balance(self, ask: BalanceAsk) -> Balances | Declined | OutcomeUnknown:
        """See Acquirer."""
        names = self.route(ask.card.pan)
        if not names:
            return Declined(Reason.CHANNEL_UNAVAILABLE, detail="no card network takes this card now")
        answer = await self._networks[names[0]].balance(ask)
        self._heard(names[0], answer)
        return answer

    async def void(self, void: Payment, original: Payment, card: CardMeans | None) -> Answer:
        """See Acquirer."""
        return await self._ask(original.channel, lambda network: network.void(void, original, card))

    async def refund(self, refund: Payment, original: Payment, card: CardMeans | None) -> Answer:
        """See Acquirer."""
        return await self._ask(original.channel, lambda network: network.refund(refund, original, card))

    async def reverse(self, payment: Payment, original: Payment | None) -> Answer:
        """See Acquirer."""
        return await self._ask(payment.channel, lambda network: network.reverse(payment, original))

    async def tell_script(self, notice: ScriptNotice, payment: Payment, original: Payment | None) -> Answer:
        """See Acquirer."""
        return await self._ask(payment.channel, lambda network: network.tell_script(notice, payment, original))

    async def _ask(self, name: str, ask: Callable[[Network], Awaitable[Answer]], *, first: bool = False) -> Answer:
        """Ask the network of this name. One that is no longer there knows what we do not: only a first ask certainly fails."""
        network = self._networks.get(name)
        if network is None:
            detail = f"the card network {name!r} is not configured"
            return (
                Declined(Reason.CHANNEL_UNAVAILABLE, detail=detail, never_left=True)
                if first
                else OutcomeUnknown(detail)
            )
        answer = await ask(network)
        self._heard(name, answer)
        return answer

    def _heard(self, name: str, answer: object) -> None:
        self._health[name].heard(answer)
        _counted(name, _OUTCOMES.get(type(answer), "approved")).inc()
