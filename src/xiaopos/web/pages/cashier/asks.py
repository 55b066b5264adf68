"""What the cashier asks of the house: a page's request as the verb's request.

What may live here: reading a body, choosing the terminal, building a verb's ask. What may not: rendering, rules.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from xiaopos.kernel.ids import MerchantId, PaymentId, TerminalId, is_id
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.kernel.secret import Secret
from xiaopos.payments.payment import Method, Payment
from xiaopos.store.fleet.queries import TerminalLine, terminals_of
from xiaopos.usecases.close_batch import BatchClosed, close_batch
from xiaopos.usecases.follow_payment import FollowAsk, refund_payment, void_payment
from xiaopos.usecases.ports import BooksLost, House
from xiaopos.usecases.reverse_payment import cancel_payment, forestall_payment
from xiaopos.usecases.steps import Request, Result
from xiaopos.usecases.take_payment import SaleAsk, ShopCode, take_payment
from xiaopos.web.access import person_of
from xiaopos.web.asking import StillUnderWay, ask

CHOSEN = "cashier_terminal"
LONGEST_BODY = 2_000
WAIT_S = 6.0
LIST_WITHIN_S = 1.0
LONGEST_WALLET = 32
MOST_MINOR = 10**12


@dataclass(frozen=True, slots=True)
class Wanted:
    """A sale as the page asks for it. `code` is the customer's payment code; None asks for a code to show.

    `wallet` names the wallet whose code is shown; empty asks for the shop's first.
    """

    payment_id: PaymentId
    amount_minor: int
    code: Secret | None
    wallet: str = ""


@dataclass(frozen=True, slots=True)
class Unheard:
    """A sale that the page sent and never heard of again; the house does not know it either."""

    payment_id: PaymentId
    amount_minor: int
    method: Method


def terminals_here(request: HttpRequest) -> list[TerminalLine]:
    """The active terminals of the person's shop."""
    person = person_of(request)
    own = [row for row in terminals_of(person.merchant_id) if row.active]
    return [row for row in own if person.shop_id in ("", row.shop_id)]


def terminal_of(request: HttpRequest) -> TerminalLine | None:
    """The terminal that the person has chosen, else the shop's first; None when it has none."""
    here = terminals_here(request)
    chosen = request.session.get(CHOSEN)
    return next((row for row in here if row.terminal_id == chosen), here[0] if here else None)


def read_wanted(request: HttpRequest) -> Wanted | Refused:
    """The body of a sale. A wrong one is refused by the name of what is wrong."""
    body = _read_body(request)
    if isinstance(body, Refused):
        return body
    amount, code = body["amount_minor"], body.get("code")
    if body.get("means") == "shop_code":
        wallet = body.get("wallet", "")
        if not isinstance(wallet, str) or len(wallet) > LONGEST_WALLET:
            return Refused(Reason.FORMAT_WRONG, "wallet")
        return Wanted(PaymentId(body["payment_id"]), amount, None, wallet)
    if body.get("means") != "payer_code" or not isinstance(code, str) or not code.isascii() or not 6 <= len(code) <= 64:
        return Refused(Reason.PAYER_CODE_UNKNOWN)
    return Wanted(PaymentId(body["payment_id"]), amount, Secret(code.encode("ascii")))


def _read_body(request: HttpRequest) -> dict[str, Any] | Refused:
    """A body with the id and the amount of a sale, both sound."""
    if len(request.body) > LONGEST_BODY:
        return Refused(Reason.FORMAT_WRONG, "body too long")
    try:
        body: Any = json.loads(request.body)
    except ValueError:
        return Refused(Reason.FORMAT_WRONG, "body is not JSON")
    if not isinstance(body, dict) or not is_id(str(body.get("payment_id", ""))):
        return Refused(Reason.FORMAT_WRONG, "payment_id")
    amount = body.get("amount_minor")
    if type(amount) is not int or not 0 <= amount < MOST_MINOR:
        return Refused(Reason.FORMAT_WRONG, "amount_minor")
    return body


def read_unheard(request: HttpRequest) -> Unheard | Refused:
    """The body that names a sale of which the page heard nothing. A wrong one is refused by what is wrong."""
    body = _read_body(request)
    if isinstance(body, Refused):
        return body
    method = Method.SHOP_CODE if body.get("means") == "shop_code" else Method.PAYER_CODE
    return Unheard(PaymentId(body["payment_id"]), body["amount_minor"], method)


def wallets_here(merchant_id: str) -> Sequence[str]:
    """The wallets whose codes the shop can show, the first first; none while the house is not there to say."""

    async def verb(house: House) -> Sequence[str]:
        return house.offered(merchant_id)

    try:
        return ask(verb, wait_s=LIST_WITHIN_S)
    except (StillUnderWay, BooksLost):
        return ()


def take(wanted: Wanted, terminal: TerminalLine, cashier: str) -> Result:
    """Take a payment at a terminal. Raises StillUnderWay."""

    async def verb(house: House) -> Result:
        means = wanted.code or ShopCode(wanted.wallet or next(iter(house.offered(terminal.merchant_id)), ""))
        request = await request_of(wanted.payment_id, wanted.amount_minor, terminal, cashier, house)
        return await take_payment(SaleAsk(request, means), house)

    return ask(verb, wait_s=WAIT_S)


async def request_of(
    payment_id: PaymentId, amount_minor: int, terminal: TerminalLine, cashier: str, house: House
) -> Request:
    """A sale's request at a terminal, in the currency of its merchant's terms."""
    currency, now, terminal_id = "CNY", house.clock.now(), TerminalId(terminal.terminal_id)
    facts = await house.books.recall_terminal(terminal_id, house.day(now))
    if facts is not None:
        currency = facts.limits.currency
    return Request(payment_id, terminal_id, Money(amount_minor, currency), now, cashier=cashier, facts=facts)


def forestall(unheard: Unheard, terminal: TerminalLine, cashier: str) -> Result:
    """See to it that a sale which never arrived is not taken when it comes late. Raises StillUnderWay."""

    async def verb(house: House) -> Result:
        request = await request_of(unheard.payment_id, unheard.amount_minor, terminal, cashier, house)
        return await forestall_payment(request, unheard.method, house)

    return ask(verb, wait_s=WAIT_S)


def cancel(payment: Payment) -> Result:
    """Give up waiting for the customer. Raises StillUnderWay."""
    return ask(lambda house: cancel_payment(payment.merchant_id, payment.payment_id, house), wait_s=WAIT_S)


def undo(original: Payment, undo_id: str, amount: Money, *, void: bool, terminal: TerminalLine, cashier: str) -> Result:
    """Void or refund a payment; the same `undo_id` asks for it once. Raises StillUnderWay."""

    async def verb(house: House) -> Result:
        request = Request(
            PaymentId(undo_id), TerminalId(terminal.terminal_id), amount, house.clock.now(), cashier=cashier
        )
        wanted = FollowAsk(request, original.payment_id)
        return await (void_payment(wanted, house) if void else refund_payment(wanted, house))

    return ask(verb, wait_s=WAIT_S)


def find_voucher(merchant_id: str, terminal: TerminalLine, batch_number: int, stan: int) -> Payment | None:
    """The payment with a voucher number of this terminal."""
    return ask(
        lambda house: house.books.recall_voucher(
            MerchantId(merchant_id), TerminalId(terminal.terminal_id), batch_number, stan
        )
    )


def close(terminal: TerminalLine, batch_number: int) -> BatchClosed | Refused:
    """Close this batch of the terminal, when it is still the open one, by our own totals. Raises StillUnderWay."""
    return ask(
        lambda house: close_batch(
            TerminalId(terminal.terminal_id), terminal.merchant_id, None, house.clock.now(), house,
            batch_number=batch_number,
        )
    )  # fmt: skip
