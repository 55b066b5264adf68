"""Reverse a payment (冲正): because the terminal asks, because the cashier gives up waiting, or because nobody knows its outcome.

What may live here: accepting a reversal durably, and carrying it out. What may not: when it is tried again (the worker).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from msgspec.structs import replace

from xiaopos.kernel.ids import MerchantId, PaymentId
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.payments.answers import Approved
from xiaopos.payments.conclusions import begin_reversal, can_be_reversed, conclude_reversal, give_up
from xiaopos.payments.payment import Kind, Method, Payment
from xiaopos.payments.states import PAYMENT, Event, State
from xiaopos.payments.telling import was_asked_for
from xiaopos.usecases.ports import Change, House, JobDone, Known, LeasedJob, Overtaken, Recorded, TerminalFacts
from xiaopos.usecases.steps import (
    Request,
    Result,
    Voucher,
    change_of,
    draft,
    note,
    recall_acceptor,
    what_is_behind,
)

ATTEMPTS_BEFORE_A_PERSON_LOOKS = 8
_BUSY = (State.VOIDING, State.COMPLETING)
TRIES = 3


@dataclass(frozen=True, slots=True)
class ReversalAsk:
    """A terminal's reversal of its own request, named by the original's voucher number.

    `kind` is what the original was meant to be, for the case that it never arrived.
    """

    request: Request
    original: Voucher
    kind: Kind = Kind.SALE


@dataclass(frozen=True, slots=True)
class NotYet:
    """The job could not be finished; it is tried again. `cause` is for the operator.

    `again_in` says that nothing failed, it is only too early, and when to look again; None leaves that to the worker.
    """

    cause: str
    again_in: timedelta | None = None


async def accept_reversal(ask: ReversalAsk, house: House) -> Result:
    """Take a terminal's reversal: durable before it is answered, done by the worker right after.

    An original that never arrived is remembered as reversed, so that it is refused when it comes late.
    """
    terminal = await recall_acceptor(ask.request, house)
    if isinstance(terminal, Refused):
        return terminal
    for _ in range(TRIES):
        original = await house.books.recall_voucher(
            terminal.merchant_id, terminal.terminal_id, ask.original.batch_number, ask.original.stan
        )
        result = (
            await _remember(ask, terminal, house)
            if original is None
            else await _accept(original, ask.request.amount, house)
        )
        if result is not None:
            return result
    return Refused(Reason.ORIGINAL_BUSY)


async def cancel_payment(merchant_id: MerchantId, payment_id: PaymentId, house: House) -> Result:
    """The cashier gives up a payment that the customer has not finished: close it, or pay it back if it was paid."""
    payment = await house.books.recall_payment(merchant_id, payment_id)
    if payment is None:
        return Refused(Reason.ORIGINAL_UNKNOWN)
    if payment.state is not State.PAYING:
        return payment
    begun = replace(payment, reason=Reason.PAYER_TOO_SLOW)
    return await _begin(begun, house) or await house.books.recall_payment(merchant_id, payment_id) or payment


async def forestall_payment(request: Request, method: Method, house: House) -> Result:
    """The cashier's device never heard of its sale: one that did not arrive is remembered as reversed.

    It is refused when it comes late. One that did arrive is returned as the books hold it, whatever its outcome.
    """
    terminal = await recall_acceptor(request, house)
    if isinstance(terminal, Refused):
        return terminal
    drafted = draft(request, terminal, house, kind=Kind.SALE, method=method, channel="")
    recorded = await house.books.record(Change(claim=_reversed_unheard(drafted, house)))
    if isinstance(recorded, Recorded) and recorded.claim is not None:
        return recorded.claim
    if isinstance(recorded, Known):
        return recorded.payment
    assert isinstance(recorded, Refused), "a claim alone cannot be overtaken"
    return recorded


def _reversed_unheard(drafted: Payment, house: House) -> Payment:
    """Without a fingerprint no request is its repeat: whatever comes under this name is refused."""
    at = house.clock.now()
    return replace(drafted, state=State.REVERSED, content_hash="", decided_at=at, reason=Reason.REVERSED_BEFORE)


async def _accept(original: Payment, amount: Money, house: House) -> Result | None:
    if not can_be_reversed(original):
        return Refused(Reason.TRANSACTION_UNSUPPORTED, "a refund and an advice are not reversed")
    if original.amount != amount and not was_asked_for(original, amount):
        return Refused(Reason.VOID_AMOUNT_DIFFERS)
    if original.refunded.minor or original.refunding.minor or original.state in _BUSY:
        return Refused(Reason.ORIGINAL_BUSY)
    if original.state is State.COMPLETED:
        return Refused(Reason.PREAUTH_COMPLETED)
    if not PAYMENT.allows(original.state, Event.REVERSE):
        return original
    return await _begin(original, house)


async def _begin(payment: Payment, house: House, *, queued: bool = True) -> Result | None:
    """Record that the payment is being reversed; None when it moved meanwhile and must be looked at again.

    `queued` is false for whoever holds the job already: asking for it anew would free it for another worker.
    """
    now = house.clock.now()
    conclusion = begin_reversal(payment, now)
    change = change_of(conclusion, now) if queued else Change(moves=(conclusion.payment,))
    recorded = await house.books.record(change)
    if isinstance(recorded, Overtaken):
        return None
    if isinstance(recorded, Refused):
        return recorded
    return conclusion.payment


async def _remember(ask: ReversalAsk, terminal: TerminalFacts, house: House) -> Result | None:
    drafted = draft(
        replace(ask.request, voucher=ask.original),
        terminal,
        house,
        kind=ask.kind,
        method=Method.CARD,
        channel=house.acquirer.name,
    )
    recorded = await house.books.record(Change(claim=_reversed_unheard(drafted, house)))
    if isinstance(recorded, Recorded):
        return recorded.claim
    return recorded if isinstance(recorded, Refused) else None


async def carry_out_reversal(job: LeasedJob, house: House) -> NotYet | None:
    """Ask the channel to undo the payment and record that it is undone. None when nothing is left to do."""
    payment = await house.books.recall_payment(job.merchant_id, job.payment_id)
    assert payment is not None, "a job's payment stays in the books"
    if payment.state is State.UNKNOWN:
        begun = await _begin(payment, house, queued=False)
        if not isinstance(begun, Payment):
            return NotYet("the payment moved meanwhile")
        payment = begun
    if payment.state not in (State.REVERSING, State.UNRESOLVED):
        return None
    original = await _original_of(payment, house)
    if payment.method is Method.CARD:
        answer = await house.acquirer.reverse(payment, original)
    else:
        answer = await house.wallets[payment.channel].reverse(payment)
    if not isinstance(answer, Approved):
        return await _not_undone(payment, job, str(answer), house)
    now = house.clock.now()
    posted = await house.books.is_posted(payment)
    behind = await what_is_behind(payment, original, house)
    was_voided = original is not None and original.state is State.VOIDED
    conclusion = conclude_reversal(payment, posted=posted, at=now, original=original, behind=behind)
    done = JobDone(job.kind, job.merchant_id, job.payment_id, now)
    recorded = await house.books.record(change_of(conclusion, now, done=done))
    if not isinstance(recorded, Recorded):
        return NotYet("the payment moved meanwhile")
    if behind is not None and was_voided and conclusion.behind is None:
        await note(behind, "preauth_used_twice", f"{behind.state.value} while its completion stands again", house, now)
    return None


async def _original_of(payment: Payment, house: House) -> Payment | None:
    if payment.original_id is None:
        return None
    return await house.books.recall_payment(payment.merchant_id, payment.original_id)


async def _not_undone(payment: Payment, job: LeasedJob, cause: str, house: House) -> NotYet:
    if payment.state is State.REVERSING and job.attempts >= ATTEMPTS_BEFORE_A_PERSON_LOOKS:
        stuck = give_up(payment, house.clock.now())
        await house.books.record(Change(moves=(stuck.payment,)))
    return NotYet(cause)
