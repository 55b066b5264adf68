"""Take a payment (收款): a card sale, a customer's payment code, a code that the shop shows.

What may live here: the straight way of a sale. What may not: rules, field numbers, a channel's codes.
"""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from xiaopos.kernel.clock import business_day
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.kernel.secret import Secret
from xiaopos.payments.answers import Answer, Declined
from xiaopos.payments.decisions import decide_sale
from xiaopos.payments.payment import Kind, Method, Payment
from xiaopos.usecases.ports import CardMeans, Change, House, Known, Recorded, TerminalFacts
from xiaopos.usecases.steps import (
    Request,
    Result,
    conclude_and_record,
    draft,
    keep_card,
    not_claimed,
    recall_acceptor,
    refuse,
)

RETRY_WINDOW = timedelta(minutes=15)
"""For how long after it was first sent a request with the same voucher number can still be a repeat."""


class ShopCode(Struct, frozen=True, gc=False):
    """The customer pays by scanning a code that the shop shows; `wallet` names the wallet that issues it."""

    wallet: str


Means = CardMeans | Secret | ShopCode


class SaleAsk(Struct, frozen=True, gc=False):
    """A sale: who asks for how much, and how the customer pays. A Secret is the customer's payment code.

    `chip` is what a receipt prints of a chip transaction. `kind` is SALE, or PREAUTH for a card. `offline` marks a card
    sale that the terminal has settled with the card by itself and only tells of. `wallet` asks that wallet instead of the one
    to which the customer's code belongs: a test payment of a contract on trial.
    """

    request: Request
    means: Means
    chip: tuple[tuple[str, str], ...] = ()
    kind: Kind = Kind.SALE
    offline: bool = False
    wallet: str = ""


async def take_payment(ask: SaleAsk, house: House) -> Result:
    """Take a payment, or hold it. Returns the payment as the books hold it, or the refusal before anything was recorded.

    The same request again gets the recorded payment again and asks no channel.
    """
    terminal = await recall_acceptor(ask.request, house)
    if isinstance(terminal, Refused):
        return terminal
    drafted = _draft(ask, terminal, house)
    decided = drafted if isinstance(drafted, Refused) else decide_sale(drafted, terminal.limits)
    if isinstance(decided, Refused):
        return await refuse(decided, ask.kind, ask.request, terminal, house)
    repeat = await _repeat_of_another_day(decided, terminal, house)
    if repeat is not None:
        return repeat
    recorded = await house.books.record(Change(claim=decided))
    if not isinstance(recorded, Recorded) or recorded.claim is None:
        return not_claimed(recorded, decided)
    payment, answer = await _ask_networks(recorded.claim, ask.means, house)
    return await conclude_and_record(payment, answer, house, plan=terminal.plan)


def _draft(ask: SaleAsk, terminal: TerminalFacts, house: House) -> Payment | Refused:
    request, means = ask.request, ask.means
    if isinstance(means, CardMeans):
        networks = house.acquirer.route(means.pan)
        if not networks:
            return Refused(Reason.CHANNEL_UNAVAILABLE, "no card network takes this card now")
        card = keep_card(means, request.payment_id, house, ask.chip)
        return draft(
            request,
            terminal,
            house,
            kind=ask.kind,
            method=Method.CARD,
            channel=networks[0],
            payer=card.token,
            card=card,
            advice=ask.offline,
        )
    if ask.kind is not Kind.SALE or ask.offline:
        return Refused(Reason.TRANSACTION_UNSUPPORTED, "only a card is held, or taken offline")
    if isinstance(means, ShopCode):
        if not house.takes(means.wallet, terminal.merchant_id):
            return Refused(Reason.WALLET_NOT_ACCEPTED, means.wallet)
        return draft(request, terminal, house, kind=Kind.SALE, method=Method.SHOP_CODE, channel=means.wallet)
    wallet = ask.wallet or house.route_payer_code(means.value.decode("ascii", "replace"))
    if wallet is None:
        return Refused(Reason.PAYER_CODE_UNKNOWN)
    if not house.takes(wallet, terminal.merchant_id):
        return Refused(Reason.WALLET_NOT_ACCEPTED, wallet)
    payer = house.vault.token(key=house.keys.pan_token, data=means.value)
    return draft(request, terminal, house, kind=Kind.SALE, method=Method.PAYER_CODE, channel=wallet, payer=payer)


async def _repeat_of_another_day(claim: Payment, terminal: TerminalFacts, house: House) -> Result | None:
    """A repeat that today's key does not meet: just after the business day changed, or after its batch was closed.

    A request of a closed batch that is no repeat is refused.
    """
    if claim.stan is None:
        return None
    closed = claim.batch_number != terminal.batch_number
    before = business_day(claim.received_at - RETRY_WINDOW, ZoneInfo(terminal.zone), terminal.cut_over_hour)
    if not closed and before == claim.business_on:
        return None
    earlier = await house.books.recall_voucher(claim.merchant_id, claim.terminal_id, claim.batch_number, claim.stan)
    if earlier is not None and earlier.business_on in (before, claim.business_on):
        return not_claimed(Known(earlier), claim)
    return Refused(Reason.BATCH_WRONG, f"batch {claim.batch_number} is not open") if closed else None


async def _ask_networks(payment: Payment, means: Means, house: House) -> tuple[Payment, Answer]:
    """The answer, and the payment as the books hold it by then.

    A card payment that certainly never left for its network goes to the next that may take it: its row says so before it is sent
    there, so that whoever must undo it after a crash knows where it was asked, and no payment is ever sent to two networks.
    """
    answer = await _ask_channel(payment, means, house)
    tried = {payment.channel}
    while isinstance(answer, Declined) and answer.never_left and isinstance(means, CardMeans) and not payment.advice:
        others = [name for name in house.acquirer.route(means.pan) if name not in tried]
        if not others:
            break
        elsewhere = payment.touched(house.clock.now(), channel=others[0])
        recorded = await house.books.record(Change(moves=(elsewhere,)))
        if not isinstance(recorded, Recorded):
            break  # somebody else moved it meanwhile, or the books took nothing: it was never sent
        payment = elsewhere
        tried.add(payment.channel)
        answer = await _ask_channel(payment, means, house)
    return payment, answer


async def _ask_channel(payment: Payment, means: Means, house: House) -> Answer:
    if isinstance(means, CardMeans):
        ask = house.acquirer.advise if payment.advice else house.acquirer.authorise
        return await ask(payment, means)
    wallet = house.wallets[payment.channel]
    if isinstance(means, ShopCode):
        return await wallet.show_code(payment)
    return await wallet.pay(payment, means)
