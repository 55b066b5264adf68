"""Find out what became of a payment that is not known yet (查询): ask the channel, and reverse when asking is no use.

What may live here: the rule of unknown outcomes for wallets and refunds. What may not: when it is asked again (the worker).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from xiaopos.kernel.refusal import Reason
from xiaopos.payments.answers import Answer, Approved, Declined, PayerAsked
from xiaopos.payments.conclusions import begin_reversal
from xiaopos.payments.payment import Kind, Method, Payment
from xiaopos.payments.states import State
from xiaopos.usecases.follow_payment import ask_channel
from xiaopos.usecases.ports import House, JobDone, LeasedJob, Recorded
from xiaopos.usecases.reverse_payment import NotYet
from xiaopos.usecases.steps import change_of, conclude_and_record

PATIENCE = {Method.PAYER_CODE: timedelta(seconds=45), Method.SHOP_CODE: timedelta(seconds=120)}
"""For how long a sale is asked about before it is reversed, from the moment it was received."""

FIRST_MINUTE = timedelta(seconds=60)
PACE, PACE_LATER = timedelta(seconds=1), timedelta(seconds=3)
"""How often the channel is asked whether the customer has paid: somebody stands at the counter and waits for the answer."""

WAITING = frozenset({State.PAYING, State.UNKNOWN})
"""The states in which the channel is asked what became of a payment."""


async def enquire_payment(job: LeasedJob, house: House) -> NotYet | None:
    """Ask the channel once. None when nothing is left to do: the payment is known, or its reversal has begun."""
    payment = await house.books.recall_payment(job.merchant_id, job.payment_id)
    assert payment is not None, "a job's payment stays in the books"
    if payment.state not in WAITING:
        return None
    terminal = await house.books.recall_terminal(payment.terminal_id, house.day(house.clock.now()))
    assert terminal is not None, "a payment's terminal stays in the registry"
    original = None
    if payment.original_id is not None:
        original = await house.books.recall_payment(payment.merchant_id, payment.original_id)
    answer = await ask_outcome(payment, original, house)
    now = house.clock.now()
    if isinstance(answer, Approved | Declined):
        done = JobDone(job.kind, job.merchant_id, job.payment_id, now)
        after = await conclude_and_record(payment, answer, house, plan=terminal.plan, original=original, done=done)
        return NotYet("the books did not take the outcome") if after.state in WAITING else None
    if payment.kind is Kind.SALE and not payment.advice and _too_long(payment, now):
        return await _reverse(payment, job, house, now)
    if isinstance(answer, PayerAsked):
        young = now - payment.received_at < FIRST_MINUTE
        return NotYet("the customer has not paid yet", again_in=PACE if young else PACE_LATER)
    return NotYet(str(answer))


async def ask_outcome(payment: Payment, original: Payment | None, house: House) -> Answer:
    """A sale is queried; what follows another payment, and an advice, is told again, which the channel does only once."""
    if original is not None:
        return await ask_channel(payment, original, house)
    if payment.advice:
        return await house.acquirer.advise(payment, None)
    return await house.wallets[payment.channel].query(payment)


def _too_long(payment: Payment, now: datetime) -> bool:
    return now - payment.received_at > PATIENCE[payment.method]


async def _reverse(payment: Payment, job: LeasedJob, house: House, now: datetime) -> NotYet | None:
    slow = replace(payment, reason=Reason.PAYER_TOO_SLOW) if payment.state is State.PAYING else payment
    conclusion = begin_reversal(slow, now)
    done = JobDone(job.kind, job.merchant_id, job.payment_id, now)
    recorded = await house.books.record(change_of(conclusion, now, done=done))
    return None if isinstance(recorded, Recorded) else NotYet("the payment moved meanwhile")
