"""An order as the page asks for it and shows it: made, begun with a wallet, told.

What may live here: what stands between the page and the house. What may not: rendering, rules (usecases.pay_order).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from xiaopos.kernel.ids import MerchantId, PaymentId, ShopId, TerminalId, make_id
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.merchants.shop_codes import ORDER_LIVES, TOKEN_ENTROPY, ShopOrder, StandingCode, Tried, token_of
from xiaopos.payments.payment import Payment
from xiaopos.payments.states import KNOWN, State
from xiaopos.store.payments.portal_queries import one_payment
from xiaopos.store.shop_codes.book import begin_try, find_order, keep_order, refuse_try
from xiaopos.usecases.pay_order import pay_order
from xiaopos.usecases.ports import BooksLost, House
from xiaopos.web.asking import StillUnderWay, ask

WAIT_S = 10.0
UNDER_WAY = timedelta(seconds=60)
"""For how long a payment that was written down may not be in the books yet: its wallet is being asked, or nobody did."""


def new_token() -> str:
    """A token that nobody can guess."""
    return token_of(secrets.token_bytes(TOKEN_ENTROPY))


def _new_id(now: datetime) -> str:
    return make_id(int(now.timestamp() * 1000), secrets.token_bytes(10))


@dataclass(frozen=True, slots=True)
class Place:
    """Where an order belongs: a terminal under whose number it is taken; `code` is the one on the wall that led here."""

    merchant_id: str
    shop_id: str
    terminal_id: str
    code: str = ""


def place_of(code: StandingCode) -> Place:
    """The place of a code on the wall."""
    return Place(code.merchant_id, code.shop_id, code.terminal_id, code.token)


def make_order(place: Place, amount: Money, now: datetime, *, made_by: str = "") -> ShopOrder:
    """A new order."""
    order = ShopOrder(
        order_id=_new_id(now),
        token=new_token(),
        code=place.code,
        merchant_id=MerchantId(place.merchant_id),
        shop_id=ShopId(place.shop_id),
        terminal_id=TerminalId(place.terminal_id),
        amount=amount,
        made_at=now,
        expires_at=now + ORDER_LIVES,
    )
    keep_order(order, made_by)
    return order


def offered(merchant_id: str) -> list[str]:
    """The wallets that a merchant's customers can pay with, none while the house cannot tell."""

    async def verb(house: House) -> list[str]:
        return list(house.offered(merchant_id))

    try:
        return ask(verb, wait_s=WAIT_S)
    except (StillUnderWay, BooksLost):
        return []


def begin(order: ShopOrder, wallet: str, now: datetime) -> Refused | None:
    """Begin an order with a wallet, unless it is begun with it already. None when there is something to look at."""
    tried = order.newest(wallet)
    payment = one_payment(order.merchant_id, tried.payment_id) if tried else None
    if payment is not None and payment.state not in KNOWN:
        return None
    waits = tried is not None and payment is None and not tried.refused and now - tried.made_at < UNDER_WAY
    if tried is None or not waits:
        if not order.takes_more(now):
            return None
        tried = Tried(PaymentId(_new_id(now)), PaymentId(_new_id(now)), wallet, now)
        if not begin_try(order, tried):
            return None  # another page was first: what it began is shown
        written = find_order(order.token)
        assert written is not None, "an order stays"
        order = written
    chosen = tried
    try:
        result = ask(lambda house: pay_order(order, chosen, house), wait_s=WAIT_S)
    except StillUnderWay:
        return None
    except BooksLost:
        return Refused(Reason.BUSY)
    if isinstance(result, Refused):
        refuse_try(chosen.payment_id, result.reason.value)
        return result
    return None


@dataclass(frozen=True, slots=True)
class Line:
    """One payment of an order as the page tells of it: which wallet, how it stands, for the order or besides."""

    wallet: str
    standing: str
    payment_id: str


@dataclass(frozen=True, slots=True)
class Seen:
    """An order as it stands for whoever looks at it with one app.

    `standing` is paid, waiting (with `shown_code`), checking, over, or open. `lines` are the payments that moved money, or may
    have before they were closed.
    """

    standing: str
    lines: tuple[Line, ...]
    shown_code: str = ""
    failed: Reason | None = None

    @property
    def stamp(self) -> str:
        """Another text whenever the page must show something else."""
        return "/".join(
            [self.standing, *(f"{line.wallet}-{line.standing}" for line in self.lines), self.shown_code[-8:]]
        )

    def as_json(self) -> dict[str, Any]:
        """What the page's script is told."""
        return {"standing": self.standing, "stamp": self.stamp}


def seen(order: ShopOrder, wallet: str, now: datetime) -> Seen:
    """The order as somebody with this wallet's app sees it."""
    found = {tried.payment_id: one_payment(order.merchant_id, tried.payment_id) for tried in order.tries}
    approved = [one.payment_id for one in found.values() if one is not None and one.state is State.APPROVED]
    kept = order.kept or (approved[0] if len(approved) == 1 else "")
    lines = tuple(
        Line(tried.wallet, standing, tried.payment_id)
        for tried in order.tries
        if (standing := _line(found[tried.payment_id], kept, many=len(approved) > 1))
    )
    newest = order.newest(wallet)
    own = found[newest.payment_id] if newest else None
    if approved or order.kept:
        return Seen("paid", lines)
    if newest is not None and own is None and not newest.refused and now - newest.made_at < UNDER_WAY:
        return Seen("checking", lines)
    if own is not None and own.state not in KNOWN:
        return Seen("waiting", lines, own.shown_code) if own.state is State.PAYING else Seen("checking", lines)
    if not order.takes_more(now):
        return Seen("over", lines)
    return Seen("open", lines, failed=own.reason if own is not None else None)


_BESIDES = {
    State.REVERSED: "closed",
    State.REVERSING: "closing",
    State.UNRESOLVED: "closing",
    State.UNKNOWN: "closing",
    State.PAYING: "closing",
}
"""How what was begun besides stands once the order is paid. Whoever pays it at the last moment gets the money back."""


def _line(payment: Payment | None, kept: str, *, many: bool) -> str:
    if payment is None:
        return ""
    if payment.state is not State.APPROVED:
        return _BESIDES.get(payment.state, "") if kept else ""
    if payment.payment_id == kept:
        return "paid"
    if not many and not kept:
        return "checking"
    return "returned" if payment.refunded == payment.amount else "returning"
