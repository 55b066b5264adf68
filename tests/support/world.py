"""The pretend world of the scenarios: a cast with verbs, twins of every port, a clock that stands still until told.

Nothing here waits for anything outside, so a verb runs its use case to the end at once (`at_once`). Whatever happens is
also told as a sentence, from which `./dev story NAME` prints the scenario.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from msgspec import structs

from support.books import MemoryBooks
from support.pretend_channels import Mood, PretendAcquirer, PretendChannel, PretendWallet
from xiaopos.hosts.worker import VERBS
from xiaopos.kernel.ids import MerchantId, PaymentId, ShopId, TerminalId, make_id
from xiaopos.kernel.money import Money, Rate
from xiaopos.kernel.refusal import REASONS, Reason, Refused
from xiaopos.kernel.secret import Pan, Secret
from xiaopos.keys import KeyAlgorithm, KeyUsage, SoftwareVault, Vault
from xiaopos.payments.decisions import Limits
from xiaopos.payments.payment import Kind, Payment
from xiaopos.payments.states import KNOWN, State
from xiaopos.payments.telling import reason_now
from xiaopos.settlement.prices import Price, PricePlan
from xiaopos.usecases.add_tip import TipAsk, add_tip
from xiaopos.usecases.close_batch import BatchClosed, close_batch
from xiaopos.usecases.follow_payment import (
    FollowAsk,
    HeldUnder,
    complete_preauth,
    refund_payment,
    void_payment,
)
from xiaopos.usecases.ports import CardMeans, House, HouseKeys, LeasedJob, TerminalFacts, TerminalTotals
from xiaopos.usecases.recover_payments import recover_payments
from xiaopos.usecases.reverse_payment import ReversalAsk, accept_reversal, cancel_payment
from xiaopos.usecases.steps import Request, Result, Voucher
from xiaopos.usecases.take_payment import Means, SaleAsk, ShopCode, take_payment

T = TypeVar("T")

CARDS = {"Mei": "6200000000000000018", "Tao": "6200010000000012"}
CODES = {"Mei": "990000000000000001", "Tao": "990000000000000002"}
ZONE = "Asia/Shanghai"
LIMIT = 50_000_00
PLAN = PricePlan(
    "standard",
    {"unknown": Price(Rate(6_000)), "debit": Price(Rate(5_000), 20_00), "wallet": Price(Rate(3_800))},
    refund_returns_fee=True,
)
TEA, NOODLES, BOOKS = "898110058120001", "898110058120002", "898110058120003"


def at_once(story: Awaitable[T]) -> T:
    """Run a coroutine that never really waits."""
    try:
        next(story.__await__())
    except StopIteration as stop:
        value: T = stop.value
        return value
    raise AssertionError("a pretend twin waited for something")


def terminal_facts(terminal_id: str, merchant_id: str, name: str, **parts: Any) -> TerminalFacts:
    """A terminal that is signed in, at a merchant with the standard terms."""
    values: dict[str, Any] = {
        "terminal_id": TerminalId(terminal_id),
        "merchant_id": MerchantId(merchant_id),
        "shop_id": ShopId(f"shop-{merchant_id[-1]}"),
        "terminal_active": True,
        "merchant_active": True,
        "profile": "unionpay-3des-2012",
        "batch_number": 1,
        "signed_in": True,
        "tmk": None,
        "tpk": None,
        "tak": None,
        "tdk": None,
        "limits": Limits("CNY", LIMIT),
        "plan": PLAN,
        "zone": ZONE,
        "cut_over_hour": 24,
        "merchant_name": name,
    }
    return TerminalFacts(**(values | parts))


@dataclass
class StandingClock:
    """A clock that stands still until told."""

    at: datetime = datetime(2026, 3, 14, 1, 30, tzinfo=UTC)

    def now(self) -> datetime:
        """The instant at which it stands."""
        return self.at


@dataclass(frozen=True)
class Told:
    """What a person was told, and the request that led to it, so that it can be repeated or undone."""

    result: Result
    request: Request
    means: Means | None = None

    @property
    def payment(self) -> Payment:
        """The payment as it was when the person was told of it."""
        assert isinstance(self.result, Payment), f"refused: {self.result}"
        return self.result

    @property
    def reason(self) -> Reason | None:
        """Why it did not simply succeed; None when it did."""
        return self.result.reason if isinstance(self.result, Refused) else reason_now(self.result)

    @property
    def approved(self) -> bool:
        """Whether the person was told that it succeeded."""
        return self.reason is None


@dataclass
class Person:
    """Somebody at a terminal. Every request gets the terminal's next voucher number."""

    name: str
    terminal_id: str
    world: World
    stan: int = 0

    def _request(self, minor: int, *, currency: str = "CNY", by_id: bool = False) -> Request:
        self.stan += 1
        world = self.world
        batch = world.books.terminals[self.terminal_id].batch_number
        return Request(
            PaymentId(world.new_id(world.clock.now())),
            TerminalId(self.terminal_id),
            Money(minor, currency),
            world.clock.now(),
            voucher=None if by_id else Voucher(batch, self.stan),
            cashier=self.name,
        )

    def sells(self, minor: int, *, currency: str = "CNY", by_id: bool = False) -> Selling:
        """Begin a sale; how the customer pays follows."""
        return Selling(self, self._request(minor, currency=currency, by_id=by_id))

    def repeats(self, told: Told, *, minor: int | None = None) -> Told:
        """Send a sale once more under the same number, with another amount if one is given."""
        request = told.request
        if minor is not None:
            request = changed(request, amount=Money(minor))
        assert told.means is not None
        return self._sell(request, told.means, "sends it again")

    def _sell(self, request: Request, means: Means, how: str) -> Told:
        result = at_once(take_payment(SaleAsk(request, means), self.world.house))
        told = Told(result, request, means)
        self.world.tell(f"{self.name} sells for {request.amount} and {how}", told)
        return told

    def holds(self, minor: int, customer: str = "Mei") -> Told:
        """Hold money on a customer's card."""
        request = self._request(minor)
        ask = SaleAsk(request, card_of(customer), kind=Kind.PREAUTH)
        told = Told(at_once(take_payment(ask, self.world.house)), request, ask.means)
        self.world.tell(f"{self.name} holds {request.amount} on {customer}'s card", told)
        return told

    def completes(self, told: Told, minor: int, *, card: str | None = None, advice: bool = False) -> Told:
        """Take what was held, or part of it; as an advice the terminal only tells of it."""
        return self._complete(told.payment.payment_id, minor, card=card, advice=advice)

    def completes_by_code(self, approval_code: str, minor: int, card: str | None = "Mei") -> Told:
        """Take what another terminal held, named by its approval code."""
        return self._complete(HeldUnder(approval_code), minor, card=card)

    def _complete(self, original: PaymentId | HeldUnder, minor: int, *, card: str | None, advice: bool = False) -> Told:
        ask = FollowAsk(self._request(minor), original, card_of(card) if card else None, advice)
        return self._undo(Kind.COMPLETION, ask, f"{self.name} completes with {ask.request.amount}")

    def sold_offline(self, minor: int, customer: str = "Mei") -> Told:
        """Tell of a sale that the terminal and the card settled between them."""
        request = self._request(minor)
        ask = SaleAsk(request, card_of(customer), offline=True)
        told = Told(at_once(take_payment(ask, self.world.house)), request, ask.means)
        self.world.tell(f"{self.name}'s terminal tells of {request.amount} taken offline from {customer}", told)
        return told

    def voids(self, told: Told, *, minor: int | None = None, card: str | None = None) -> Told:
        """Void a sale."""
        original = told.payment
        request = self._request(original.amount.minor if minor is None else minor)
        ask = FollowAsk(request, original.payment_id, card_of(card) if card else None)
        return self._undo(Kind.VOID, ask, f"{self.name} voids the {original.kind.value} of {original.amount}")

    def refunds(self, told: Told, minor: int, *, card: str | None = None, currency: str = "CNY") -> Told:
        """Pay back part of a sale or all of it."""
        request = self._request(minor, currency=currency)
        ask = FollowAsk(request, told.payment.payment_id, card_of(card) if card else None)
        return self._undo(Kind.REFUND, ask, f"{self.name} refunds {request.amount} of {told.payment.amount}")

    def tips(self, told: Told, minor: int, *, total: int) -> Told:
        """Tell of a tip on a sale, and of what both come to."""
        assert told.request.voucher is not None
        ask = TipAsk(self._request(minor), told.request.voucher, Money(total))
        after = Told(at_once(add_tip(ask, self.world.house)), ask.request)
        self.world.tell(f"{self.name} adds a tip of {ask.request.amount} to the sale of {told.request.amount}", after)
        return after

    def undoes(self, kind: Kind, original: PaymentId | Voucher | str, minor: int) -> Told:
        """Void or refund whatever is named: an id, a voucher, a reference number."""
        ask = FollowAsk(self._request(minor), original)
        return self._undo(kind, ask, f"{self.name} asks for a {kind.value} by number")

    def repeats_undoing(self, kind: Kind, told: Told, original: Told) -> Told:
        """Send a void or refund once more under the same number."""
        ask = FollowAsk(told.request, original.payment.payment_id)
        return self._undo(kind, ask, f"{self.name} sends the {kind.value} again")

    def _undo(self, kind: Kind, ask: FollowAsk, sentence: str) -> Told:
        verb = {Kind.VOID: void_payment, Kind.REFUND: refund_payment, Kind.COMPLETION: complete_preauth}[kind]
        told = Told(at_once(verb(ask, self.world.house)), ask.request)
        self.world.tell(sentence, told)
        return told

    def reverses(self, told: Told, *, minor: int | None = None, kind: Kind = Kind.SALE) -> Told:
        """The terminal heard no answer and takes the request back."""
        assert told.request.voucher is not None
        amount = told.request.amount.minor if minor is None else minor
        return self.reverses_voucher(told.request.voucher, amount, kind=kind)

    def reverses_voucher(self, voucher: Voucher, minor: int, *, kind: Kind = Kind.SALE) -> Told:
        """The terminal takes back a request, named by its number alone."""
        request = changed(self._request(minor), voucher=None)
        told = Told(at_once(accept_reversal(ReversalAsk(request, voucher, kind), self.world.house)), request)
        self.world.tell(f"{self.name}'s terminal reverses its request number {voucher.stan}", told)
        return told

    def next_voucher(self) -> Voucher:
        """The number that the terminal's next request will bear."""
        return Voucher(self.world.books.terminals[self.terminal_id].batch_number, self.stan + 1)

    def gives_up(self, told: Told) -> Told:
        """Stop waiting for a customer who does not pay."""
        payment = told.payment
        result = at_once(cancel_payment(payment.merchant_id, payment.payment_id, self.world.house))
        after = Told(result, told.request)
        self.world.tell(f"{self.name} gives up the payment of {payment.amount}", after)
        return after

    def settles(self, theirs: TerminalTotals | None = None) -> BatchClosed | Refused:
        """Close the terminal's batch."""
        world = self.world
        closed = at_once(close_batch(TerminalId(self.terminal_id), "", theirs, world.clock.now(), world.house))
        if isinstance(closed, Refused):
            world.told.append(f"{self.name} cannot settle: {REASONS[closed.reason].title_en}.")
        else:
            sales = Money(closed.ours.sales_minor)
            match = "agree" if closed.balanced else "differ"
            world.told.append(f"{self.name} settles {closed.ours.sales_count} sales of {sales}; the totals {match}.")
        return closed


@dataclass(frozen=True)
class Selling:
    """A sale of which the amount is known and the means is not."""

    person: Person
    request: Request

    def by_card(self, customer: str = "Mei") -> Told:
        """The customer shows a card."""
        return self.person._sell(self.request, card_of(customer), f"{customer} shows a card")

    def by_code(self, customer: str = "Mei") -> Told:
        """The customer shows a payment code."""
        return self.by_raw_code(CODES[customer], f"{customer} shows a payment code")

    def by_raw_code(self, code: str, how: str = "scans a code") -> Told:
        """Any code at all."""
        return self.person._sell(self.request, Secret(code.encode()), how)

    def by_shown_code(self, wallet: str = "sandbox") -> Told:
        """The shop shows a code for the customer to scan."""
        return self.person._sell(self.request, ShopCode(wallet), "shows a code")


def card_of(customer: str) -> CardMeans:
    """A customer's card as the terminal read it."""
    return CardMeans(Pan(CARDS[customer]), "051", "3012", "1")


def changed(request: Request, **parts: Any) -> Request:
    """A request with some parts changed."""
    return structs.replace(request, **parts)


def route(code: str) -> str | None:
    """Which wallet a payment code belongs to: 99 the sandbox, 98 one that the house knows and does not take."""
    return {"99": "sandbox", "98": "elsewhere"}.get(code[:2])


def _ids() -> Iterator[bytes]:
    number = 0
    while True:
        number += 1
        yield number.to_bytes(10, "big")


@dataclass
class World:
    """Everybody and everything. `told` is the story so far, a sentence each."""

    clock: StandingClock = field(default_factory=StandingClock)
    books: MemoryBooks = field(default_factory=MemoryBooks)
    acquirer: PretendAcquirer = field(default_factory=PretendAcquirer)
    wallet: PretendWallet = field(default_factory=PretendWallet)
    vault: Vault = field(default_factory=lambda: SoftwareVault(Secret(bytes(range(32))), os.urandom))
    told: list[str] = field(default_factory=list)
    process: str = "card-host"

    def __post_init__(self) -> None:
        self._entropy = _ids()
        self.books.add(
            [
                terminal_facts("10000001", TEA, "小林茶铺"),
                terminal_facts("10000002", TEA, "小林茶铺"),
                terminal_facts("20000001", NOODLES, "陈记面馆"),
                terminal_facts("30000001", BOOKS, "梧桐书店"),
            ]
        )
        self.keys = HouseKeys(
            self.vault.generate(usage=KeyUsage.SEAL, algorithm=KeyAlgorithm.AES256),
            self.vault.generate(usage=KeyUsage.TOKEN, algorithm=KeyAlgorithm.HMAC256),
        )
        self.house = self.new_house()
        self.lin = Person("Lin", "10000001", self)
        self.zhou = Person("Zhou", "10000002", self)
        self.chen = Person("Chen", "20000001", self)
        self.wu = Person("Wu", "30000001", self)

    def new_house(self) -> House:
        """The house over this world's twins, as a process builds it when it starts."""
        return House(
            self.process,
            self.books,
            self.acquirer,
            {self.wallet.name: self.wallet},
            self.vault,
            self.keys,
            self.clock,
            self.new_id,
            route,
            ZoneInfo(ZONE),
        )

    def new_id(self, at: datetime) -> str:
        """A new id; the world counts instead of throwing dice."""
        return make_id(int(at.timestamp() * 1000), next(self._entropy))

    def tell(self, sentence: str, told: Told) -> None:
        """Add what happened, and what the person reads, to the story."""
        reason = told.reason
        outcome = "Done." if reason is None else f"They read: {REASONS[reason].title_en}. {REASONS[reason].next_en}."
        self.told.append(f"{sentence}. {outcome}")

    def _channels(self) -> tuple[PretendChannel, ...]:
        return (self.acquirer, self.wallet)

    def _next(self, mood: Mood, sentence: str) -> None:
        for channel in self._channels():
            channel.moods.append(mood)
        self.told.append(sentence)

    def the_line_drops(self) -> None:
        """The next request to a channel never arrives."""
        self._next(Mood.LOSE_REQUEST, "The line drops before the request arrives.")

    def the_answer_gets_lost(self) -> None:
        """The next request is done by the channel, but its answer never comes back."""
        self._next(Mood.LOSE_ANSWER, "The line drops on the way back.")

    def the_issuer_declines(self) -> None:
        """The next request is declined."""
        self._next(Mood.DECLINE, "The issuer is about to decline.")

    def the_issuer_approves_half(self) -> None:
        """The next request is approved for half its amount."""
        self._next(Mood.APPROVE_HALF, "The issuer is about to approve half.")

    def the_customer_must_confirm(self) -> None:
        """The wallet will ask the customer to confirm the next payment."""
        self._next(Mood.ASK_PAYER, "The wallet will ask the customer to confirm.")

    def the_line_stays_down(self) -> None:
        """Nothing reaches a channel until `the_line_is_back`."""
        for channel in self._channels():
            channel.mood = Mood.LOSE_REQUEST
        self.told.append("The line goes down.")

    def the_line_is_back(self) -> None:
        """Channels answer again; unused moods are forgotten."""
        for channel in self._channels():
            channel.mood = Mood.APPROVE
            channel.moods.clear()
        self.told.append("The line is back.")

    def the_customer_confirms(self, told: Told, name: str = "Mei") -> None:
        """The customer says yes on the phone."""
        self.wallet.payer_confirms(told.payment.payment_id)
        self.told.append(f"{name} confirms on the phone.")

    def the_customer_refuses(self, told: Told, name: str = "Mei") -> None:
        """The customer says no on the phone."""
        self.wallet.payer_refuses(told.payment.payment_id)
        self.told.append(f"{name} cancels on the phone.")

    def seconds_pass(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.at += timedelta(seconds=seconds)
        self.told.append(f"{seconds:g} seconds pass.")

    def the_machine_works(self, rounds: int = 100) -> None:
        """The worker does what is due, and waits for what is not yet, until nothing is left or the rounds are over."""
        for _ in range(rounds):
            if not self.books.waiting_jobs:
                break
            if not self._one_round():
                self.clock.at += timedelta(seconds=3)
        left = len(self.books.waiting_jobs)
        self.told.append(f"The machine works; {left or 'nothing'} is left to put right.")

    def _one_round(self) -> int:
        now = self.clock.now()
        jobs = at_once(self.books.lease(owner="worker", now=now, limit=32, seconds=60))
        for job in jobs:
            self.does(job)
        return len(jobs)

    def does(self, job: LeasedJob) -> None:
        """One job, as the worker does it."""
        left = at_once(VERBS[job.kind](job, self.house))
        if left is None:
            at_once(self.books.finish(job))
        else:
            due_at = self.clock.now() + (left.again_in or timedelta(seconds=3))
            at_once(self.books.put_back(job, due_at=due_at, error=left.cause, failed=left.again_in is None))

    def the_process_starts_again(self) -> int:
        """A process that died starts again and recovers what it left; how many payments that were."""
        self.clock.at += timedelta(seconds=1)
        self.house = self.new_house()
        found = at_once(recover_payments(self.house, claimed_by=self.process, before=self.clock.now()))
        self.told.append(f"The process starts again and finds {found} payments without an outcome.")
        return found

    def now(self, told: Told) -> Payment:
        """The payment as the books hold it now."""
        asked = told.payment
        return self.books.payments[asked.merchant_id, asked.payment_id]

    def state(self, told: Told) -> State:
        """Where the payment stands now."""
        return self.now(told).state

    def found(self) -> list[str]:
        """The kinds of what a person must look at."""
        return [item.kind for item in self.books.discrepancies]

    def agrees_on_tips(self, percent: int) -> None:
        """The merchants' terms let tips take so much of a sale."""
        terminals = self.books.terminals.values()
        self.books.add([replace(one, limits=replace(one.limits, tip_percent=percent)) for one in terminals])
        self.told.append(f"Tips may take {percent} per cent of a sale.")

    def the_books_balance(self) -> None:
        """Everything is known, debits equal credits, and what channels hold is what our books say that they owe."""
        books = self.books
        assert books.trial_balance().balances
        for payment in books.payments.values():
            assert payment.state in KNOWN, f"{payment.payment_id} is {payment.state}"
            assert payment.refunding.minor == 0
        assert not books.waiting_jobs
        for channel in self._channels():
            assert books.balance(f"receivable:{channel.name}") == channel.takings, channel.name
        owed = sum(books.balance(f"payable:{merchant}") for merchant in (TEA, NOODLES, BOOKS))
        assert owed + books.balance("income:fees") == sum(channel.takings for channel in self._channels())
        self.told.append("The books balance.")
