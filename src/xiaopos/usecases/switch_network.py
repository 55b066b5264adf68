"""Drain a card network, or let it take payments again: who, why, and a line in the audit trail in the same commit.

What may live here: the rule and the role it needs played. What may not: storage, who has the permission (roles), routing.

A drained network is asked for no new payment. What it already has is finished there: voids, refunds, completions, reversals.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.usecases.actors import Actor


@dataclass(frozen=True, slots=True)
class NetworkSwitch:
    """What is wanted: the network taking new payments (`open`), or not. `even_last`: although no other would be left."""

    network: str
    open: bool
    actor: Actor
    at: datetime
    even_last: bool = False


class NetworkBoard(Protocol):
    """Which networks are drained, as far as switching needs it."""

    def drained(self) -> Collection[str]:
        """The names of the drained ones."""
        ...

    def switch(self, wanted: NetworkSwitch) -> bool:
        """Switch it and write the audit trail, both or neither; False when somebody else switched it first."""
        ...


@dataclass(frozen=True, slots=True)
class NetworkSwitched:
    """The network stands as wanted. `changed` is False when it did before."""

    open: bool
    changed: bool


def is_last(network: str, routes: Iterable[Sequence[str]], drained: Collection[str]) -> bool:
    """Whether some cards could pay nowhere without this network: it is the only open one of their route.

    >>> is_last("abroad", [("abroad",), ("unionpay", "spare")], ())
    True
    >>> is_last("spare", [("abroad",), ("unionpay", "spare")], ())
    False
    """
    return any(network in route and all(name in drained for name in route if name != network) for route in routes)


def switch_network(
    wanted: NetworkSwitch, networks: Collection[str], routes: Iterable[Sequence[str]], board: NetworkBoard
) -> NetworkSwitched | Refused:
    """Drain or resume one of the installation's networks; `routes` are the networks of each rule.

    Refused without a reason, for a network that the installation does not have, and for the last one that is open to some
    cards unless that is really meant: those cards could not pay.
    """
    if not wanted.actor.gives_a_reason:
        return Refused(Reason.NOTE_MISSING)
    if wanted.network not in networks:
        return Refused(Reason.NETWORK_UNKNOWN, wanted.network)
    drained = board.drained()
    if (wanted.network not in drained) is wanted.open:
        return NetworkSwitched(wanted.open, changed=False)
    if not wanted.open and not wanted.even_last and is_last(wanted.network, routes, drained):
        return Refused(Reason.LAST_NETWORK, wanted.network)
    return NetworkSwitched(wanted.open, changed=board.switch(wanted))
