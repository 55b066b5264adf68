"""What follows an approved payment: void it (撤销), refund all or part of it (退货), complete a pre-authorisation (预授权完成).

What may live here: the straight way of the three. What may not: who may approve it (the callers ask the roles), rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from xiaopos.kernel.ids import PaymentId
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.payments.answers import Answer
from xiaopos.payments.decisions import Following, decide_completion, decide_refund, decide_void
from xiaopos.payments.payment import Kind, Method, Payment
from xiaopos.usecases.ports import CardMeans, Change, House, Known, Overtaken, Recorded, TerminalFacts
from xiaopos.usecases.steps import (
    Request,
    Result,
    Voucher,
    card_token,
    conclude_and_record,
    draft,
    keep_card,
    not_claimed,
    recall_acceptor,
    refuse,
    refuse_batch,
    tips_of,
)

TRIES = 3
"""How often it is decided anew when the original moved between reading and recording."""


@dataclass(frozen=True, slots=True)
class HeldUnder:
    """A pre-authorisation as another terminal or day names it: by the code that approved it, with its card shown again."""

    approval_code: str


@dataclass(frozen=True, slots=True)
class FollowAsk:
    """A void, refund or completion. The original is named by its id, its voucher on this terminal, its RRN, or its code.

    `card` is the card that was shown again, when one was. `advice` marks a completion that the terminal only tells of.
    """

    request: Request
    original: PaymentId | Voucher | HeldUnder | str
    card: CardMeans | None = None
    advice: bool = False


async def void_payment(ask: FollowAsk, house: House) -> Result:
    """Void a sale or completion of the open batch on its own terminal, or a pre-authorisation. Returns the void."""
    return await _follow(ask, Kind.VOID, house)


async def refund_payment(ask: FollowAsk, house: House) -> Result:
    """Pay back all or part of an approved sale or completion. Returns the refund as a payment, or the refusal."""
    return await _follow(ask, Kind.REFUND, house)


async def complete_preauth(ask: FollowAsk, house: House) -> Result:
    """Take what a pre-authorisation holds. Returns the completion as a payment, or the refusal."""
    return await _follow(ask, Kind.COMPLETION, house)


async def _follow(ask: FollowAsk, kind: Kind, house: House) -> Result:
    terminal = await recall_acceptor(ask.request, house)
    if isinstance(terminal, Refused):
        return terminal
    for _ in range(TRIES):
        original = await _find(ask, terminal, house)
        if original is None:
            return await refuse(Refused(Reason.ORIGINAL_UNKNOWN), kind, ask.request, terminal, house)
        claim = _draft(ask, kind, original, terminal, house)
        known = await _answered_before(claim, house)
        if known is not None:
            return known
        decided = refuse_batch(ask.request, terminal) or await _decide(ask, claim, original, terminal, house)
        if isinstance(decided, Refused):
            return await refuse(decided, kind, ask.request, terminal, house)
        recorded = await house.books.record(Change(claim=decided.payment, moves=(decided.original,)))
        if isinstance(recorded, Overtaken):
            continue
        if not isinstance(recorded, Recorded) or recorded.claim is None:
            return not_claimed(recorded, claim)
        answer = await ask_channel(recorded.claim, decided.original, house, card=ask.card)
        return await conclude_and_record(recorded.claim, answer, house, plan=terminal.plan, original=decided.original)
    return Refused(Reason.ORIGINAL_BUSY)


async def _find(ask: FollowAsk, terminal: TerminalFacts, house: House) -> Payment | None:
    if isinstance(ask.original, HeldUnder):
        if ask.card is None:
            return None
        token = card_token(ask.card, house)
        return await house.books.recall_preauth(terminal.merchant_id, ask.original.approval_code, token)
    if isinstance(ask.original, Voucher):
        voucher = ask.original
        return await house.books.recall_voucher(
            terminal.merchant_id, terminal.terminal_id, voucher.batch_number, voucher.stan
        )
    by_id = await house.books.recall_payment(terminal.merchant_id, PaymentId(ask.original))
    return by_id or await house.books.recall_rrn(terminal.merchant_id, ask.original)


def _draft(ask: FollowAsk, kind: Kind, original: Payment, terminal: TerminalFacts, house: House) -> Payment:
    card = original.card
    if ask.card is not None and original.method is Method.CARD:
        card = keep_card(ask.card, ask.request.payment_id, house)
    return draft(
        ask.request,
        terminal,
        house,
        kind=kind,
        method=original.method,
        channel=original.channel,
        payer=original.card.token if original.card else "",
        original=original.payment_id,
        card=card,
        advice=ask.advice,
    )


async def _answered_before(claim: Payment, house: House) -> Result | None:
    """The recorded answer, when this very request was recorded before: a repeat is not judged anew."""
    known = await house.books.recall_payment(claim.merchant_id, claim.payment_id)
    if known is None and claim.stan is not None:
        known = await house.books.recall_voucher(claim.merchant_id, claim.terminal_id, claim.batch_number, claim.stan)
        if known is not None and known.business_on != claim.business_on:
            known = None
    return None if known is None else not_claimed(Known(known), claim)


async def _decide(
    ask: FollowAsk, claim: Payment, original: Payment, terminal: TerminalFacts, house: House
) -> Refused | Following:
    at: datetime = ask.request.received_at
    token = card_token(ask.card, house) if ask.card else None
    if claim.kind is Kind.COMPLETION:
        return decide_completion(claim, original, terminal.limits, at=at, card_token=token)
    tips = await tips_of(original, house)
    if claim.kind is Kind.VOID:
        return decide_void(claim, original, open_batch=terminal.batch_number, at=at, card_token=token, tips=tips)
    return decide_refund(claim, original, at=at, card_token=token, tips=tips)


async def ask_channel(asked: Payment, original: Payment, house: House, *, card: CardMeans | None = None) -> Answer:
    """Ask the channel. A wallet knows no void: the whole amount is paid back under the void's own id. A tip is told."""
    if asked.kind is Kind.TIP:
        return await house.acquirer.advise(asked, card)
    if original.method is not Method.CARD:
        return await house.wallets[original.channel].refund(asked, original)
    if asked.kind is Kind.VOID:
        return await house.acquirer.void(asked, original, card)
    if asked.kind is Kind.COMPLETION:
        return await house.acquirer.complete(asked, original, card)
    return await house.acquirer.refund(asked, original, card)
