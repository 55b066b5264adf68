"""Tell a terminal what became of a payment of its own (订单查询、扫码查询), before it takes back what it never heard of.

What may live here: finding the payment. What may not: asking a channel (the machine does, every second while a customer may still
pay), changing anything.
"""

from __future__ import annotations

from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.usecases.ports import House, TerminalFacts
from xiaopos.usecases.steps import Result, Voucher, find_own


async def tell_payment(terminal: TerminalFacts, original: Voucher | str, house: House) -> Result:
    """The payment as the books hold it now, by its voucher or RRN; a refusal when none ever came. Raises BooksLost."""
    return await find_own(original, terminal, house) or Refused(Reason.ORIGINAL_UNKNOWN, "it never came")
