"""Send a packed device by courier, and follow its parcel: what the courier tells, and what a person writes down.

What may live here: those verbs, the roles of a courier and of whoever keeps parcels. What may not: a courier's own words
(adapters), storage, pages.

A courier's news may come late, twice or with a stage left out. News that the parcel's state does not allow is kept as it came,
and moves nothing. What is news to the parcel may be news to the device in it, and through it to its order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from xiaopos.fleet.deliveries.states import PARCEL_LIFE, WHAT_BECOMES_OF_THE_DEVICE, ParcelEvent, ParcelState
from xiaopos.fleet.stock.states import DeviceState, OrderState
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.fill_orders import StockBook, StockFault, StockStep, device_of, is_possible
from xiaopos.usecases.take_back import replace_from_stock

LONGEST_TRACKING, LONGEST_PLACE = 40, 60
MOST_NEWS = 100
"""How much news one parcel has at most; what comes after is let be."""


class ParcelFault(Enum):
    """Why nothing was changed."""

    NO_REASON = "no_reason"
    ORDER_UNKNOWN = "order_unknown"
    NOT_PACKED = "not_packed"
    COURIER = "courier"
    """The courier did not take it, or gave no number that can be one."""
    PARCEL_UNKNOWN = "parcel_unknown"
    PLACE = "place"
    NOT_NOW = "not_now"
    """The parcel's state does not allow it, or somebody else was first."""


@dataclass(frozen=True, slots=True)
class ParcelAsk:
    """What a courier is asked to carry, and whither. `phone` is for the courier at the door. Never what is in it."""

    parcel_id: str
    address: str
    phone: str


@dataclass(frozen=True, slots=True)
class CourierNews:
    """What a courier tells of a parcel: the event, where, and when by the courier's clock."""

    event: ParcelEvent
    place: str
    told_at: datetime


class Courier(Protocol):
    """A courier's service, real or pretended."""

    @property
    def name(self) -> str:
        """What it is called in the books."""
        ...

    def take(self, ask: ParcelAsk, at: datetime) -> str:
        """Ask for a parcel to be fetched; the courier's tracking number, or nothing when it does not take it.

        Asked again for the same parcel it gives the same number.
        """
        ...

    def news_of(self, tracking: str, now: datetime) -> Sequence[CourierNews]:
        """All that is known of a parcel by now, the oldest first; nothing while the courier cannot be asked."""
        ...


class ParcelFacts(Protocol):
    """A parcel as it is kept."""

    @property
    def parcel_id(self) -> str:
        """Its number."""
        ...

    @property
    def order_id(self) -> str:
        """The order whose device is in it."""
        ...

    @property
    def serial(self) -> str:
        """The device in it."""
        ...

    @property
    def courier(self) -> str:
        """By whom it travels."""
        ...

    @property
    def tracking(self) -> str:
        """The courier's number."""
        ...

    @property
    def state(self) -> str:
        """A ParcelState by its value."""
        ...


@dataclass(frozen=True, slots=True)
class NewParcel:
    """A parcel that begins its life. `token` is in the link behind which the merchant follows it."""

    parcel_id: str
    order_id: str
    serial: str
    courier: str
    tracking: str
    token: str


@dataclass(frozen=True, slots=True)
class ParcelStep:
    """One piece of news, and where it leads. `after` is None for news that moves nothing; `stock` what it is to the device."""

    parcel: ParcelFacts
    news: CourierNews
    actor: Actor
    at: datetime
    after: ParcelState | None
    stock: StockStep | None = None


class ParcelBook(StockBook, Protocol):
    """Whoever keeps parcels. Each change writes its line in the audit trail, all or nothing."""

    def add_parcel(self, parcel: NewParcel, actor: Actor, at: datetime) -> bool:
        """Write a new parcel; False when its order has one under way."""
        ...

    def recall_parcel(self, parcel_id: str) -> ParcelFacts | None:
        """A parcel, whatever its state."""
        ...

    def told(self, parcel_id: str) -> Sequence[CourierNews]:
        """The news of a parcel that were kept."""
        ...

    def follow(self, step: ParcelStep) -> bool:
        """Keep a piece of news; move parcel, device and order where it leads; False when somebody was first."""
        ...


def send_order(
    order_id: str,
    tokens: tuple[str, str],
    courier: Courier,
    actor: Actor,
    at: datetime,
    *,
    book: ParcelBook,
) -> NewParcel | ParcelFault:
    """Have a courier fetch a packed device. `tokens` are a new parcel's number and the one in its link.

    The device counts as sent once the courier has it.
    """
    if not actor.gives_a_reason:
        return ParcelFault.NO_REASON
    found = device_of(order_id, actor, book)
    if isinstance(found, StockFault):
        return ParcelFault.ORDER_UNKNOWN if found is StockFault.ORDER_UNKNOWN else ParcelFault.NOT_PACKED
    device, order = found
    if device.state != DeviceState.PACKED.value:
        return ParcelFault.NOT_PACKED
    tracking = courier.take(ParcelAsk(tokens[0], order.address, order.phone), at).strip()
    if not 0 < len(tracking) <= LONGEST_TRACKING or not tracking.isprintable():
        return ParcelFault.COURIER
    parcel = NewParcel(tokens[0], order_id, device.serial, courier.name, tracking, tokens[1])
    return parcel if book.add_parcel(parcel, actor, at) else ParcelFault.NOT_NOW


def write_news(
    parcel_id: str, event: ParcelEvent, place: str, actor: Actor, at: datetime, book: ParcelBook
) -> ParcelFault | None:
    """A person writes down what became of a parcel."""
    parcel = book.recall_parcel(parcel_id)
    place = place.strip()
    if parcel is None:
        return ParcelFault.PARCEL_UNKNOWN
    if not actor.gives_a_reason:
        return ParcelFault.NO_REASON
    if len(place) > LONGEST_PLACE or (place and not place.isprintable()):
        return ParcelFault.PLACE
    if not PARCEL_LIFE.allows(ParcelState(parcel.state), event):
        return ParcelFault.NOT_NOW
    return None if _follow(parcel, CourierNews(event, place, at), actor, at, book) else ParcelFault.NOT_NOW


def follow_delivery(
    parcel_id: str, courier: Courier, actor: Actor, at: datetime, book: ParcelBook
) -> int | ParcelFault:
    """Ask the courier for news of a parcel, and follow what is new of them, the oldest first; how many those were."""
    parcel = book.recall_parcel(parcel_id)
    if parcel is None or parcel.courier != courier.name:
        return ParcelFault.PARCEL_UNKNOWN
    known = set(book.told(parcel_id))
    fresh = [news for news in courier.news_of(parcel.tracking, at) if news not in known]
    followed = 0
    for news in fresh[: max(0, MOST_NEWS - len(known))]:
        present = book.recall_parcel(parcel_id)
        assert present is not None, "a parcel stays in the books"
        for each in _with_what_was_left_out(present, news):
            standing = book.recall_parcel(parcel_id)
            assert standing is not None, "a parcel stays in the books"
            if not _follow(standing, each, actor, at, book):
                return followed
        followed += 1
    return followed


def _with_what_was_left_out(parcel: ParcelFacts, news: CourierNews) -> tuple[CourierNews, ...]:
    """A courier that tells first of a later stage has fetched the parcel before."""
    state, fetched = ParcelState(parcel.state), ParcelEvent.PICK_UP
    if PARCEL_LIFE.allows(state, news.event) or not PARCEL_LIFE.allows(state, fetched):
        return (news,)
    return (CourierNews(fetched, news.place, news.told_at), news)


def _follow(parcel: ParcelFacts, news: CourierNews, actor: Actor, at: datetime, book: ParcelBook) -> bool:
    """Keep a piece of news and make what it leads to; False when somebody was first."""
    before = ParcelState(parcel.state)
    allowed = PARCEL_LIFE.allows(before, news.event)
    after = PARCEL_LIFE.move(before, news.event) if allowed else None
    stock = _what_it_is_to_the_device(parcel, news.event, actor, at, book) if allowed else None
    if not book.follow(ParcelStep(parcel, news, actor, at, after, stock)):
        return False
    if stock is not None and stock.order is not None and stock.order_after is OrderState.OPEN:
        replace_from_stock(stock.order.order_id, actor, at, book)
    return True


def _what_it_is_to_the_device(
    parcel: ParcelFacts, event: ParcelEvent, actor: Actor, at: datetime, book: ParcelBook
) -> StockStep | None:
    """The device's step, where its state allows it: a person may have written more than the courier knows."""
    device_event = WHAT_BECOMES_OF_THE_DEVICE.get(event)
    device = book.recall(parcel.serial)
    if device_event is None or device is None:
        return None
    order = book.recall_order(device.order_id) if device.order_id else None
    step = StockStep(device, device_event, actor, at, order)
    return step if is_possible(step) else None
