"""Note what came of an issuer's script on a card (脚本处理结果通知), which the terminal tells after the payment.

What may live here: finding the payment, recording the notice. What may not: reading the chip's objects (hosts).
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.usecases.notices import ScriptNotice
from xiaopos.usecases.pass_on_script import PASS_ON_SCRIPT
from xiaopos.usecases.ports import Change, House, JobAsk, TerminalFacts
from xiaopos.usecases.steps import Voucher, find_own


class ScriptResult(Struct, frozen=True, gc=False):
    """A notice as the terminal tells it: its own voucher, the payment that it names, the result and the chip's objects."""

    terminal: TerminalFacts
    voucher: Voucher
    original: Voucher | str
    result: str
    chip: tuple[tuple[str, str], ...]
    received_at: datetime


async def note_script_result(told: ScriptResult, house: House) -> Refused | None:
    """Record a script's result with its payment, and leave it to the worker to pass it on. Told again it is recorded once.

    Raises BooksLost.

    A notice about a payment that the books do not know is refused: the terminal may forget it, there is nothing to keep it with.
    """
    payment = await find_own(told.original, told.terminal, house)
    if payment is None:
        return Refused(Reason.ORIGINAL_UNKNOWN, "the payment that the script's result is about")
    notice = ScriptNotice(
        payment.merchant_id,
        payment.payment_id,
        told.terminal.terminal_id,
        told.voucher.batch_number,
        told.voucher.stan,
        told.received_at,
        told.result,
        told.chip,
    )
    job = JobAsk(PASS_ON_SCRIPT, payment.merchant_id, payment.payment_id, told.received_at)
    recorded = await house.books.record(Change(notices=(notice,), jobs=(job,)))
    return recorded if isinstance(recorded, Refused) else None
