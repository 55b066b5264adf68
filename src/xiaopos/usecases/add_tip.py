"""Add a tip (小费) to a card sale of the open batch: the terminal tells of it, and of what sale and tips come to.

What may live here: the straight way of a tip. What may not: what share is agreed (the merchant's terms), rules.
"""

from __future__ import annotations

from dataclasses import dataclass

from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.payments.decisions import Following, decide_tip
from xiaopos.payments.payment import Kind, Method, Payment
from xiaopos.usecases.follow_payment import TRIES
from xiaopos.usecases.ports import CardMeans, Change, House, Known, Overtaken, Recorded, TerminalFacts
from xiaopos.usecases.steps import (
    Request,
    Result,
    Voucher,
    card_token,
    conclude_and_record,
    draft,
    find_own,
    not_claimed,
    recall_acceptor,
    refuse,
    refuse_batch,
    tips_of,
)


@dataclass(frozen=True, slots=True)
class TipAsk:
    """A tip: the request's amount is the tip alone, `total` the sale with all its tips. `card` when it was shown again."""

    request: Request
    original: Voucher | str
    total: Money
    card: CardMeans | None = None


async def add_tip(ask: TipAsk, house: House) -> Result:
    """Take a tip from the card of a sale. Returns the tip as a payment, or the refusal.

    It is an advice: never reversed, but told to the network until it is taken. Told again, the recorded tip is returned.
    """
    terminal = await recall_acceptor(ask.request, house)
    if isinstance(terminal, Refused):
        return terminal
    for _ in range(TRIES):
        sale = await find_own(ask.original, terminal, house)
        if sale is None:
            return await refuse(Refused(Reason.ORIGINAL_UNKNOWN), Kind.TIP, ask.request, terminal, house)
        claim = _draft(ask, sale, terminal, house)
        known = await _told_before(claim, house)
        if known is not None:
            return known
        decided = refuse_batch(ask.request, terminal) or await _decide(ask, claim, sale, terminal, house)
        if isinstance(decided, Refused):
            return await refuse(decided, Kind.TIP, ask.request, terminal, house)
        recorded = await house.books.record(Change(claim=decided.payment, moves=(decided.original,)))
        if isinstance(recorded, Overtaken):
            continue
        if not isinstance(recorded, Recorded) or recorded.claim is None:
            return not_claimed(recorded, claim)
        answer = await house.acquirer.advise(recorded.claim, ask.card)
        return await conclude_and_record(recorded.claim, answer, house, plan=terminal.plan, original=decided.original)
    return Refused(Reason.ORIGINAL_BUSY)


def _draft(ask: TipAsk, sale: Payment, terminal: TerminalFacts, house: House) -> Payment:
    """The tip on the sale's own card, whose number the books keep sealed."""
    return draft(
        ask.request,
        terminal,
        house,
        kind=Kind.TIP,
        method=Method.CARD,
        channel=sale.channel,
        payer=sale.card.token if sale.card else "",
        original=sale.payment_id,
        card=sale.card,
        advice=True,
    )


async def _told_before(claim: Payment, house: House) -> Result | None:
    assert claim.stan is not None, "a terminal numbers what it tells"
    known = await house.books.recall_voucher(claim.merchant_id, claim.terminal_id, claim.batch_number, claim.stan)
    return not_claimed(Known(known), claim) if known is not None and known.business_on == claim.business_on else None


async def _decide(
    ask: TipAsk, claim: Payment, sale: Payment, terminal: TerminalFacts, house: House
) -> Refused | Following:
    return decide_tip(
        claim,
        sale,
        terminal.limits,
        tips=await tips_of(sale, house),
        total=ask.total,
        open_batch=terminal.batch_number,
        at=ask.request.received_at,
        card_token=card_token(ask.card, house) if ask.card else None,
    )
