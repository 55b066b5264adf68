"""Pass on to the card network what came of an issuer's script on a card, which the terminal has told the house.

What may live here: the job. What may not: taking the notice (note_script_result), messages (gateways), when it is tried again.
"""

from __future__ import annotations

from xiaopos.payments.answers import Approved, Declined
from xiaopos.usecases.notices import ScriptNotice, ScriptPassedOn
from xiaopos.usecases.ports import Change, House, LeasedJob, Recorded
from xiaopos.usecases.reverse_payment import NotYet

PASS_ON_SCRIPT = "pass_on_script"
"""The kind of job."""


async def pass_on_script(job: LeasedJob, house: House) -> NotYet | None:
    """Tell the payment's network of every result that it does not have yet. None when it has them all.

    An answer ends it, whatever its code: the network has heard. A code that refuses is kept for people. Told again after a
    lost answer, it is the same notice.
    """
    payment = await house.books.recall_payment(job.merchant_id, job.payment_id)
    assert payment is not None, "a job's payment stays in the books"
    original = None
    if payment.original_id is not None:
        original = await house.books.recall_payment(payment.merchant_id, payment.original_id)
    for notice in await house.books.recall_scripts(job.merchant_id, job.payment_id):
        answer = await house.acquirer.tell_script(notice, payment, original)
        if isinstance(answer, Approved):
            code = "00"
        elif isinstance(answer, Declined) and answer.response_code:
            code = answer.response_code
        else:
            return NotYet(str(answer))
        recorded = await house.books.record(Change(notices=(_passed_on(notice, code, house),)))
        if not isinstance(recorded, Recorded):
            return NotYet("the books did not take it")
    return None


def _passed_on(notice: ScriptNotice, code: str, house: House) -> ScriptPassedOn:
    return ScriptPassedOn(
        notice.merchant_id, notice.payment_id, notice.batch_number, notice.stan, house.clock.now(), code
    )
