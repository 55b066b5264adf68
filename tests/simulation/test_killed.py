"""Kill the process between any two steps: after the restart every payment ends known and the books are the channels'.

Each deed is run once to count the points at which it can die, then once for every point. The random days mix deeds,
faults and kills from a seed; a failing seed replays exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from support.fuse import Fuse, Killed, house_with
from support.world import Told, World
from xiaopos.kernel.refusal import Reason
from xiaopos.payments.payment import Kind
from xiaopos.payments.states import KNOWN, State

Deed = Callable[[World], object]


def a_sale_by_card(world: World) -> None:
    world.lin.sells(25_00).by_card()


def a_sale_whose_answer_is_lost(world: World) -> None:
    world.the_answer_gets_lost()
    world.lin.sells(25_00).by_card()


def a_sale_by_code(world: World) -> None:
    world.lin.sells(25_00).by_code()


def a_sale_that_the_payer_must_confirm(world: World) -> None:
    world.the_customer_must_confirm()
    world.lin.sells(300_00).by_code()


def a_sale_by_shown_code(world: World) -> None:
    world.lin.sells(25_00).by_shown_code()


def undoing(kind: Kind, *, lost: bool = False, by_code: bool = False) -> Deed:
    """A void, or a refund of 10.00, of a sale that was made before the fuse was lit."""

    def deed(world: World) -> None:
        first = next(iter(world.books.payments.values()))
        if lost:
            world.the_answer_gets_lost()
        world.lin.undoes(kind, first.payment_id, 25_00 if kind is Kind.VOID else 10_00)

    deed.__name__ = f"{kind.value}{'_lost' * lost}{'_by_code' * by_code}"
    return deed


def a_reversal(world: World) -> None:
    first = next(iter(world.books.payments.values()))
    voucher = world.lin.next_voucher()
    world.lin.reverses_voucher(type(voucher)(1, first.stan or 0), 25_00)


def a_reversal_of_nothing(world: World) -> None:
    world.lin.reverses_voucher(world.lin.next_voucher(), 25_00)


FIRST = [
    a_sale_by_card,
    a_sale_whose_answer_is_lost,
    a_sale_by_code,
    a_sale_that_the_payer_must_confirm,
    a_sale_by_shown_code,
    a_reversal_of_nothing,
]
AFTER_A_SALE = [
    a_reversal,
    *(undoing(kind, lost=lost) for kind in (Kind.VOID, Kind.REFUND) for lost in (False, True)),
    undoing(Kind.VOID, lost=True, by_code=True),
    undoing(Kind.REFUND, by_code=True),
]
DEEDS: list[tuple[str, Deed]] = [(deed.__name__, deed) for deed in (*FIRST, *AFTER_A_SALE)]


def new_world(name: str) -> World:
    world = World()
    if name not in {deed.__name__ for deed in FIRST}:
        sale = world.lin.sells(25_00)
        assert (sale.by_code() if name.endswith("by_code") else sale.by_card()).approved
    return world


def light(world: World, blows_at: int | None) -> Fuse:
    fuse = Fuse(blows_at)
    world.house = house_with(fuse, world.house)
    return fuse


def points_of(name: str, deed: Deed) -> int:
    world = new_world(name)
    fuse = light(world, None)
    deed(world)
    return fuse.passed


CASES = [(name, deed, point) for name, deed in DEEDS for point in range(1, points_of(name, deed) + 1)]


def settle_down(world: World) -> None:
    """Start again, and let the machine work until all is quiet. Orders that nobody pays run out."""
    world.the_process_starts_again()
    world.the_line_is_back()
    world.seconds_pass(130)
    world.the_machine_works(rounds=300)


@pytest.mark.parametrize(("name", "deed", "point"), CASES, ids=[f"{name}-{point}" for name, _, point in CASES])
def test_killed_at_any_point_every_payment_ends_known_and_the_books_balance(name: str, deed: Deed, point: int) -> None:
    world = new_world(name)
    light(world, point)
    with pytest.raises(Killed):
        deed(world)
    settle_down(world)
    world.the_books_balance()
    assert world.found() == []


@pytest.mark.parametrize(("name", "deed"), DEEDS, ids=[name for name, _ in DEEDS])
def test_killed_again_while_the_machine_puts_it_right(name: str, deed: Deed) -> None:
    for point in range(1, 60):
        world = new_world(name)
        fuse = light(world, points_of(name, deed) - 1)
        with pytest.raises(Killed):
            deed(world)
        world.the_process_starts_again()
        world.seconds_pass(130)
        fuse = light(world, point)
        try:
            world.the_machine_works(rounds=300)
        except Killed:
            world.seconds_pass(61)
            settle_down(world)
        world.the_books_balance()
        if fuse.passed < point:
            return
    raise AssertionError("the machine's work has more points than were tried")


@pytest.mark.parametrize("point", range(1, points_of("a_sale_by_card", a_sale_by_card) + 1))
def test_a_client_that_asks_again_after_a_kill_is_never_charged_twice(point: int) -> None:
    world = World()
    light(world, point)
    selling = world.lin.sells(25_00)
    with pytest.raises(Killed):
        selling.by_card()
    world.the_process_starts_again()
    again = selling.by_card()
    assert again.reason in (None, Reason.OUTCOME_UNKNOWN)
    settle_down(world)
    world.the_books_balance()
    assert sum(asked.startswith("authorise") for asked in world.acquirer.asked) <= 1
    assert world.acquirer.takings == (25_00 if world.state(again) is State.APPROVED else 0)


class Day:
    """A random day at the counter: deeds, faults and kills drawn from a seed."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.world = World()
        self.sales: list[Told] = []

    def _trouble(self) -> None:
        world = self.world
        faults: list[Callable[[], None]] = [
            world.the_line_drops,
            world.the_answer_gets_lost,
            world.the_issuer_declines,
            world.the_customer_must_confirm,
        ]
        if self.dice.random() < 0.4:
            self.dice.choice(faults)()

    def _deed(self) -> None:
        person = self.dice.choice([self.world.lin, self.world.zhou])
        minor = self.dice.randrange(1, 500_00)
        deed = self.dice.randrange(8)
        old = self.dice.choice(self.sales) if self.sales else None
        if old is None or deed < 4:
            selling = person.sells(minor)
            how = self.dice.randrange(3)
            told = selling.by_card() if how == 0 else selling.by_code() if how == 1 else selling.by_shown_code()
            self.sales.append(told)
        elif deed == 4:
            person.voids(old)
        elif deed == 5:
            person.refunds(old, self.dice.randrange(1, old.payment.amount.minor + 2))
        elif deed == 6:
            person.reverses(old)
        else:
            person.repeats(old)

    def passes(self, deeds: int) -> None:
        """Do so many deeds; some of them die half way, and the machine works now and then."""
        for _ in range(deeds):
            self._trouble()
            if self.dice.random() < 0.3:
                light(self.world, self.dice.randrange(1, 16))
            try:
                self._deed()
                if self.dice.random() < 0.5:
                    self.world.the_machine_works(rounds=self.dice.randrange(1, 6))
            except Killed:
                self.world.seconds_pass(61)
                self.world.the_process_starts_again()
            self._customers_decide()
        self.world.house = self.world.new_house()

    def _customers_decide(self) -> None:
        for order in list(self.world.wallet.orders):
            if self.dice.random() < 0.3:
                self.world.wallet.payer_confirms(order)
            elif self.dice.random() < 0.2:
                self.world.wallet.payer_refuses(order)


@pytest.mark.parametrize("seed", range(120))
def test_a_random_day_ends_with_every_payment_known_and_nothing_lost(seed: int) -> None:
    day = Day(seed)
    day.passes(25)
    settle_down(day.world)
    world = day.world
    assert all(payment.state in KNOWN for payment in world.books.payments.values())
    world.the_books_balance()
