"""A play's plan, made from a seed: who does what, and what goes wrong. The same plan is always played the same way.

What may live here: drawing acts and faults. What may not: playing it, telling it (story).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from xiaopos.simulation.faults import COMMITS, LINES, PLACES, STATEMENTS, Fault, Kind
from xiaopos.simulation.slips import Deed
from xiaopos.simulator.town import MERCHANTS

TERMINALS = tuple(
    (row.terminal_id, merchant.merchant_id, merchant.name_en)
    for merchant in MERCHANTS
    for row in merchant.terminals
    if row.pretend
)
DEEDS: dict[Deed, int] = {
    Deed.SALE: 34, Deed.CODE_SALE: 14, Deed.VOID: 10, Deed.REFUND: 13, Deed.PREAUTH: 11, Deed.PREAUTH_VOID: 3,
    Deed.COMPLETION: 8, Deed.COMPLETION_VOID: 4, Deed.SETTLE: 3,
}  # fmt: skip
CARDS = {"debit": 45, "credit": 45, "poor": 5, "lost": 2, "expired": 3}
HAPPENINGS: dict[str, float] = {
    **dict.fromkeys(LINES, 1.2), "wallet.ask": 0.25, "wallet.answer": 0.25, "card-host": 18.0, "worker": 6.0, "counter": 4.5,
    STATEMENTS: 12.0, COMMITS: 3.0, "card-host.clock": 18.0, "worker.clock": 6.0,
}  # fmt: skip
"""About how many things happen at a place for one payment: so far into a play a fault can lie."""
USUAL_RATE = 0.25
MOST_DELAY_S, MOST_WRONG_S, MOST_FULL = 40.0, 900.0, 12


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a cashier does. `pick` chooses among what it can follow; `share` is how much of it, from 0 to 1.

    `after_s` is how long the terminal rests before it. A payment code is confirmed by its customer when `confirms`.
    """

    number: int
    terminal: int
    deed: Deed
    amount_minor: int
    card: str
    pin: bool
    pick: float
    share: float
    after_s: float
    confirms: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """All of a play. `seed` also decides everything that is not written here: delays, keys, ids."""

    seed: int
    acts: tuple[Act, ...]
    faults: tuple[Fault, ...]


def make_plan(seed: int, payments: int, kinds: Iterable[Kind] = tuple(Kind), rate: float = USUAL_RATE) -> Plan:
    """Draw a plan with so many acts, and about `rate` faults of the given kinds for each."""
    dice = Random(f"plan {seed}")
    acts = tuple(_act(dice, number) for number in range(1, payments + 1))
    kinds = sorted(set(kinds), key=lambda kind: kind.value)
    count = round(payments * rate * dice.uniform(0.3, 1.7)) if kinds else 0
    return Plan(seed, acts, tuple(_fault(dice, dice.choice(kinds), payments) for _ in range(count)))


def _act(dice: Random, number: int) -> Act:
    deed = dice.choices(list(DEEDS), list(DEEDS.values()))[0]
    return Act(
        number=number,
        terminal=dice.randrange(len(TERMINALS)),
        deed=deed,
        amount_minor=dice.choice((dice.randrange(1, 200_00), dice.randrange(1, 1_500_00))),
        card=dice.choices(list(CARDS), list(CARDS.values()))[0],
        pin=dice.random() < 0.3,
        pick=dice.random(),
        share=dice.choice((1.0, dice.random())),
        after_s=dice.choice((0.0, dice.uniform(0, 3), dice.uniform(0, 20))),
        confirms=dice.random() < 0.7,
    )


def _fault(dice: Random, kind: Kind, payments: int) -> Fault:
    place = dice.choice(PLACES[kind])
    nth = dice.randrange(1, max(2, round(payments * HAPPENINGS[place])))
    value = 0.0
    if kind is Kind.DELAY:
        value = dice.choice((dice.uniform(0.1, 5), dice.uniform(5, MOST_DELAY_S)))
    elif kind is Kind.CORRUPT:
        value = dice.random()
    elif kind is Kind.CLOCK:
        value = dice.choice((-1, 1)) * dice.uniform(1, MOST_WRONG_S)
    elif kind is Kind.DISK_FULL:
        value = float(dice.randrange(1, MOST_FULL))
    return Fault(kind, place, nth, value)
