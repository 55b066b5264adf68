"""Undo an approved sale: void it before settlement (撤销) or refund all or part of it (退货).

What may live here: the straight way of both. What may not: who may approve it (the callers ask the roles), rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from xiaopos.kernel.ids import PaymentId
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.payments.answers import Answer
from xiaopos.payments.decisions import Undoing, decide_refund, decide_void
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
)

TRIES = 3
"""How often a void or refund is decided anew when its original moved between reading and recording."""


@dataclass(frozen=True, slots=True)
class UndoAsk:
    """A void or refund. The original is named by its id, by its voucher on this terminal, or by its RRN.

    `card` is the card that was shown again, when one was.
    """

    request: Request
    original: PaymentId | Voucher | str
    card: CardMeans | None = None


async def void_payment(ask: UndoAsk, house: House) -> Result:
    """Void a whole sale of the open batch on its own terminal. Returns the void as a payment, or the refusal."""
    return await _undo(ask, Kind.VOID, house)


async def refund_payment(ask: UndoAsk, house: House) -> Result:
    """Pay back all or part of an approved sale. Returns the refund as a payment, or the refusal."""
    return await _undo(ask, Kind.REFUND, house)


async def _undo(ask: UndoAsk, kind: Kind, house: House) -> Result:
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
        undoing = refuse_batch(ask.request, terminal) or _decide(ask, claim, original, terminal, house)
        if isinstance(undoing, Refused):
            return await refuse(undoing, kind, ask.request, terminal, house)
        recorded = await house.books.record(Change(claim=undoing.payment, moves=(undoing.original,)))
        if isinstance(recorded, Overtaken):
            continue
        if not isinstance(recorded, Recorded) or recorded.claim is None:
            return not_claimed(recorded, claim)
        answer = await ask_channel(recorded.claim, undoing.original, house, card=ask.card)
        return await conclude_and_record(recorded.claim, answer, house, plan=terminal.plan, original=undoing.original)
    return Refused(Reason.ORIGINAL_BUSY)


async def _find(ask: UndoAsk, terminal: TerminalFacts, house: House) -> Payment | None:
    if isinstance(ask.original, Voucher):
        voucher = ask.original
        return await house.books.recall_voucher(
            terminal.merchant_id, terminal.terminal_id, voucher.batch_number, voucher.stan
        )
    by_id = await house.books.recall_payment(terminal.merchant_id, PaymentId(ask.original))
    return by_id or await house.books.recall_rrn(terminal.merchant_id, ask.original)


def _draft(ask: UndoAsk, kind: Kind, original: Payment, terminal: TerminalFacts, house: House) -> Payment:
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
    )


async def _answered_before(claim: Payment, house: House) -> Result | None:
    """The recorded answer, when this very request was recorded before: a repeat is not judged anew."""
    known = await house.books.recall_payment(claim.merchant_id, claim.payment_id)
    if known is None and claim.stan is not None:
        known = await house.books.recall_voucher(claim.merchant_id, claim.terminal_id, claim.batch_number, claim.stan)
        if known is not None and known.business_on != claim.business_on:
            known = None
    return None if known is None else not_claimed(Known(known), claim)


def _decide(
    ask: UndoAsk, claim: Payment, original: Payment, terminal: TerminalFacts, house: House
) -> Refused | Undoing:
    at: datetime = ask.request.received_at
    token = card_token(ask.card, house) if ask.card else None
    if claim.kind is Kind.VOID:
        return decide_void(claim, original, open_batch=terminal.batch_number, at=at, card_token=token)
    return decide_refund(claim, original, at=at, card_token=token)


async def ask_channel(undoing: Payment, original: Payment, house: House, *, card: CardMeans | None = None) -> Answer:
    """Ask the channel to undo. A wallet knows no void: the whole amount is paid back under the void's own id."""
    if original.method is not Method.CARD:
        return await house.wallets[original.channel].refund(undoing, original)
    if undoing.kind is Kind.VOID:
        return await house.acquirer.void(undoing, original, card)
    return await house.acquirer.refund(undoing, original, card)
