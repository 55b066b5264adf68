"""What an operation asks of the house: a request of the API as the verb's request.

What may live here: scoping to the key's merchant and shop, building a verb's ask. What may not: HTTP, rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import UnsetType

from xiaopos.kernel.ids import PaymentId, TerminalId
from xiaopos.kernel.money import CURRENCIES, Money
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.kernel.secret import Secret
from xiaopos.merchants.api_access import ApiKey
from xiaopos.payments.payment import Kind, Payment
from xiaopos.payments.states import KNOWN
from xiaopos.store.payments.api_queries import Position, payment_by_id, payments_of_day
from xiaopos.usecases.follow_payment import FollowAsk, complete_preauth, refund_payment, void_payment
from xiaopos.usecases.ports import House
from xiaopos.usecases.reverse_payment import cancel_payment
from xiaopos.usecases.steps import Request, Result
from xiaopos.usecases.take_payment import SaleAsk, ShopCode, take_payment
from xiaopos.web.api import shapes
from xiaopos.web.api.waiting import until
from xiaopos.web.asking import ask

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an operation: whose key, the payment that the address names, the parsed body and query."""

    key: ApiKey
    payment_id: str = ""
    body: Any = None
    query: Any = None


def take(call: Call) -> Result:
    """Take a payment at a terminal that the key reaches. Raises StillUnderWay."""
    return ask(lambda house: _take(call.key, call.body, house))


async def _take(key: ApiKey, body: shapes.NewPayment, house: House) -> Result:
    if body.currency not in CURRENCIES:
        return Refused(Reason.CURRENCY_WRONG, body.currency)
    now = house.clock.now()
    facts = await house.books.recall_terminal(TerminalId(body.terminal_id), house.day(now))
    if facts is None or not key.reaches(facts.merchant_id, facts.shop_id):
        return Refused(Reason.TERMINAL_UNKNOWN, body.terminal_id)
    request = Request(
        PaymentId(body.payment_id),
        facts.terminal_id,
        Money(body.amount_minor, body.currency),
        now,
        cashier=cashier_of(key),
        facts=facts,
    )
    if isinstance(body, shapes.NewPayerCodePayment):
        return await take_payment(SaleAsk(request, Secret(body.payer_code.encode())), house)
    return await take_payment(SaleAsk(request, ShopCode(next(iter(house.offered(facts.merchant_id)), ""))), house)


def refund(call: Call) -> Result:
    """Pay back all or part of a payment that the key reaches. Raises StillUnderWay."""
    original = read_one(call)
    if isinstance(original, Refused):
        return original
    body: shapes.NewRefund = call.body
    amount = Money(body.amount_minor, original.amount.currency)
    return ask(
        lambda house: refund_payment(_following(call.key, body.refund_id, original, amount, house), house),
    )


def capture(call: Call) -> Result:
    """Take what a pre-authorisation that the key reaches holds, or part of it. Raises StillUnderWay."""
    original = read_one(call)
    if isinstance(original, Refused):
        return original
    if original.kind is not Kind.PREAUTH:
        return Refused(Reason.TRANSACTION_UNSUPPORTED, f"a {original.kind.value} holds nothing to capture")
    body: shapes.NewCapture = call.body
    amount = Money(body.amount_minor, original.amount.currency)
    return ask(
        lambda house: complete_preauth(_following(call.key, body.capture_id, original, amount, house), house),
    )


def void(call: Call) -> Result:
    """Void a whole payment that the key reaches. Raises StillUnderWay."""
    original = read_one(call)
    if isinstance(original, Refused):
        return original
    body: shapes.NewVoid = call.body
    return ask(
        lambda house: void_payment(_following(call.key, body.void_id, original, original.amount, house), house),
    )


def _following(key: ApiKey, own_id: str, original: Payment, amount: Money, house: House) -> FollowAsk:
    request = Request(
        PaymentId(own_id), original.terminal_id, amount, house.clock.now(), key.merchant_id, cashier=cashier_of(key)
    )
    return FollowAsk(request, original.payment_id)


def cancel(call: Call) -> Result:
    """Give up a payment that the customer has not finished. Raises StillUnderWay."""
    known = read_one(call)
    if isinstance(known, Refused):
        return known
    return ask(lambda house: cancel_payment(known.merchant_id, known.payment_id, house))


def read_one(call: Call) -> Result:
    """The payment that the address names, if the key reaches it."""
    found = payment_by_id(call.key.merchant_id, call.payment_id)
    if found is None or not call.key.reaches(found.merchant_id, found.shop_id):
        return Refused(Reason.ORIGINAL_UNKNOWN)
    return found


def read_and_wait(call: Call) -> Result:
    """The payment that the address names, as soon as there is news of it or the time is over."""
    query: shapes.WaitQuery = call.query
    return until(lambda found: _is_news(found, query.after_version), lambda: read_one(call), wait_s=query.wait_s)


def _is_news(found: Result, after_version: int | UnsetType) -> bool:
    if isinstance(found, Refused):
        return True
    return found.state in KNOWN if isinstance(after_version, UnsetType) else found.version > after_version


def read_day(call: Call) -> shapes.PaymentPage:
    """A page of a business day, of what the key reaches."""
    query: shapes.DayQuery = call.query
    found, following = payments_of_day(
        call.key.merchant_id,
        query.business_on,
        shop_id=call.key.shop_id,
        after=None if isinstance(query.cursor, UnsetType) else position_of(query.cursor),
        limit=query.limit,
    )
    return shapes.PaymentPage(
        payments=[shapes.payment_shape(one) for one in found], next_cursor=cursor_of(following) if following else None
    )


def cashier_of(key: ApiKey) -> str:
    """Who took a payment, when it was a merchant's own system."""
    return f"api {key.prefix}"


def cursor_of(position: Position) -> str:
    """A position as text: the instant in microseconds, 16 hex digits, and the id.

    >>> cursor_of(Position(datetime(2026, 3, 14, tzinfo=UTC), "0" * 32))
    '00064cf0aab3400000000000000000000000000000000000'
    """
    return f"{(position.received_at - _EPOCH) // _MICROSECOND:016x}{position.payment_id}"


def position_of(cursor: str) -> Position:
    """The position that a cursor of the right form names."""
    return Position(_EPOCH + int(cursor[:16], 16) * _MICROSECOND, cursor[16:])
