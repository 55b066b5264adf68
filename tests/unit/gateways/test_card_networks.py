"""Several card networks behind one: where a card goes, when one is tired, and that nothing is ever asked in two places."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from msgspec import structs

from support.payments import a_sale, an_approved_sale, an_undoing
from support.pretend_channels import Mood, PretendAcquirer
from support.world import StandingClock, World, at_once
from xiaopos.gateways.card_networks import CardNetworks, Patience
from xiaopos.kernel.refusal import Reason
from xiaopos.kernel.secret import Pan
from xiaopos.payments.answers import Answer, Approved, Declined, OutcomeUnknown
from xiaopos.payments.payment import Kind, Payment
from xiaopos.payments.routing import RouteRule
from xiaopos.payments.states import State
from xiaopos.usecases.ports import BalanceAsk, CardMeans

CARD = CardMeans(Pan("6200000000000000018"), "051")
RULES = (RouteRule(("scheme",), ("4",)), RouteRule(("unionpay", "spare"), ("62",)))


@dataclass
class Line(PretendAcquirer):
    """A network with a line that can be down: then nothing leaves."""

    is_ready: bool = True
    dies: bool = False
    """It goes down between being chosen and being asked."""

    async def authorise(self, payment: Payment, card: CardMeans) -> Answer:
        if self.dies or not self.is_ready:
            return Declined(Reason.CHANNEL_UNAVAILABLE, detail="the line is down", never_left=True)
        return await super().authorise(payment, card)


@dataclass
class Lines:
    """Three networks and a clock."""

    clock: StandingClock
    drained: set[str]

    def __post_init__(self) -> None:
        self.lines = {name: Line(name=name) for name in ("unionpay", "spare", "scheme")}
        self.networks = CardNetworks(
            self.lines,
            RULES,
            clock=self.clock,
            drained=lambda: self.drained,
            patience=Patience(3, timedelta(seconds=15)),
        )


@pytest.fixture
def lines() -> Lines:
    return Lines(StandingClock(), set())


def asked(lines: Lines) -> list[str]:
    return [name for name, line in lines.lines.items() if line.asked]


def test_a_card_goes_where_its_rule_says(lines: Lines) -> None:
    assert lines.networks.name == "unionpay"
    assert list(lines.networks.route(CARD.pan)) == ["unionpay", "spare"]
    assert list(lines.networks.route(Pan("4761739001010010"))) == ["scheme"]
    assert list(lines.networks.route(Pan("3566000000000000"))) == []


def test_a_line_that_is_down_comes_last_and_a_drained_one_not_at_all(lines: Lines) -> None:
    lines.lines["unionpay"].is_ready = False
    assert list(lines.networks.route(CARD.pan)) == ["spare", "unionpay"]
    lines.drained.add("spare")
    assert list(lines.networks.route(CARD.pan)) == ["unionpay"]
    assert lines.networks.is_ready
    lines.drained.add("scheme")
    assert not lines.networks.is_ready


def test_a_payment_is_asked_only_where_its_row_says(lines: Lines) -> None:
    sale, networks = a_sale(channel="spare"), lines.networks
    assert isinstance(at_once(networks.authorise(sale, CARD)), Approved)
    original = an_approved_sale(channel="spare")
    void, refund = an_undoing(Kind.VOID, channel="unionpay"), an_undoing(Kind.REFUND, channel="unionpay")
    at_once(networks.void(void, original, CARD))
    at_once(networks.refund(refund, original, CARD))
    at_once(networks.reverse(sale, None))
    at_once(networks.advise(a_sale(channel="spare", advice=True), CARD))
    assert asked(lines) == ["spare"]


def test_a_completion_goes_where_its_preauthorisation_is(lines: Lines) -> None:
    held = a_sale(channel="spare", kind=Kind.PREAUTH)
    at_once(lines.networks.authorise(held, CARD))
    assert isinstance(at_once(lines.networks.complete(an_undoing(Kind.COMPLETION), held, CARD)), Approved)
    assert asked(lines) == ["spare"]


def test_a_network_that_is_no_longer_there_is_never_taken_for_one_that_refused(lines: Lines) -> None:
    gone, networks = an_approved_sale(channel="closed"), lines.networks
    first = at_once(networks.authorise(gone, CARD))
    assert isinstance(first, Declined)
    assert first.never_left
    for later in (
        networks.void(an_undoing(Kind.VOID), gone, CARD),
        networks.refund(an_undoing(Kind.REFUND), gone, CARD),
        networks.complete(an_undoing(Kind.COMPLETION), gone, CARD),
        networks.advise(gone, CARD),
        networks.reverse(gone, None),
    ):
        assert isinstance(at_once(later), OutcomeUnknown)
    assert asked(lines) == []


def test_who_does_not_answer_is_left_alone_for_a_while(lines: Lines) -> None:
    line, networks = lines.lines["unionpay"], lines.networks
    line.mood = Mood.LOSE_REQUEST
    for _ in range(2):
        at_once(networks.authorise(a_sale(), CARD))
    assert networks.is_well("unionpay")
    at_once(networks.authorise(a_sale(), CARD))
    assert not networks.is_well("unionpay")
    assert list(networks.route(CARD.pan)) == ["spare", "unionpay"]
    lines.clock.at += timedelta(seconds=15)
    assert list(networks.route(CARD.pan)) == ["unionpay", "spare"]
    at_once(networks.authorise(a_sale(), CARD))
    assert not networks.is_well("unionpay")
    lines.clock.at += timedelta(seconds=15)
    line.mood = Mood.APPROVE
    at_once(networks.authorise(a_sale(), CARD))
    line.mood = Mood.LOSE_REQUEST
    at_once(networks.authorise(a_sale(stan=2), CARD))
    assert networks.is_well("unionpay")


def test_a_balance_is_asked_at_the_best_network(lines: Lines) -> None:
    facts = a_sale()
    ask = BalanceAsk(facts.merchant_id, facts.terminal_id, "607300000001", facts.received_at, "CNY", CARD)
    lines.lines["unionpay"].is_ready = False
    at_once(lines.networks.balance(ask))
    assert asked(lines) == ["spare"]
    nowhere = at_once(lines.networks.balance(replace(ask, card=structs.replace(CARD, pan=Pan("3566000000000000")))))
    assert isinstance(nowhere, Declined)


def test_rules_for_networks_that_are_not_there_are_refused() -> None:
    with pytest.raises(ValueError, match="nowhere"):
        CardNetworks({"unionpay": Line()}, (RouteRule(("nowhere",)),), clock=StandingClock())
    with pytest.raises(ValueError, match="none is"):
        CardNetworks({}, (), clock=StandingClock())


# -- in the house ----------------------------------------------------------------------------------------------------


def routed(world: World, lines: Lines) -> World:
    world.house = replace(world.house, acquirer=lines.networks)
    return world


def test_a_sale_that_never_left_goes_to_the_next_network_and_its_row_says_so_first(lines: Lines) -> None:
    world, first = routed(World(), lines), lines.lines["unionpay"]
    first.dies = True
    seen: list[str] = []
    lines.lines["spare"].while_asked = lambda: seen.extend(one.channel for one in world.books.payments.values())
    told = world.lin.sells(25_00).by_card()
    assert told.reason is None
    assert (told.payment.channel, told.payment.state) == ("spare", State.APPROVED)
    assert seen == ["spare"]
    assert lines.lines["spare"].takings == 25_00
    assert first.takings == 0
    assert world.lin.voids(told).reason is None
    assert lines.lines["spare"].takings == 0
    world.the_books_balance()


def test_a_sale_that_may_have_left_goes_nowhere_else(lines: Lines) -> None:
    world = routed(World(), lines)
    lines.lines["unionpay"].mood = Mood.LOSE_ANSWER
    told = world.lin.sells(25_00).by_card()
    assert told.payment.channel == "unionpay"
    assert told.payment.state is not State.APPROVED
    assert lines.lines["spare"].asked == []


def test_a_drained_network_gets_no_new_payments_and_finishes_what_it_has(lines: Lines) -> None:
    world, first = routed(World(), lines), lines.lines["unionpay"]
    sold, sold_too = world.lin.sells(25_00).by_card(), world.lin.sells(10_00).by_card()
    first.moods.append(Mood.LOSE_ANSWER)
    lost = world.lin.sells(40_00).by_card()
    lines.drained.add("unionpay")
    before = len(first.asked)
    assert world.lin.sells(30_00).by_card().payment.channel == "spare"
    assert len(first.asked) == before
    world.the_machine_works()
    assert world.state(lost) is State.REVERSED
    assert world.lin.voids(sold).approved
    assert world.lin.refunds(sold_too, 10_00).approved
    assert (first.takings, lines.lines["spare"].takings) == (0, 30_00)
    assert {asked.split()[0] for asked in lines.lines["spare"].asked} == {"authorise"}
    assert [world.books.balance(f"receivable:{name}") for name in ("unionpay", "spare")] == [0, 30_00]
    lines.drained.clear()
    assert world.lin.sells(5_00).by_card().payment.channel == "unionpay"


def test_when_no_network_takes_the_card_nothing_is_recorded(lines: Lines) -> None:
    world = routed(World(), lines)
    lines.drained.update(lines.lines)
    told = world.lin.sells(25_00).by_card()
    assert told.reason is Reason.CHANNEL_UNAVAILABLE
    assert not world.books.payments


def test_when_every_line_is_down_the_sale_is_declined_once(lines: Lines) -> None:
    world = routed(World(), lines)
    for line in lines.lines.values():
        line.is_ready = False
    told = world.lin.sells(25_00).by_card()
    assert told.reason is Reason.CHANNEL_UNAVAILABLE
    assert [payment.state for payment in world.books.payments.values()] == [State.DECLINED]
    world.the_books_balance()
