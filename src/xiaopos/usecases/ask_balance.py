"""Ask what a card holds (余额查询): nothing moves and nothing is recorded but the answer's way out.

What may live here: the straight way. What may not: how it is shown; the amount is the cardholder's own affair and is kept
nowhere.
"""

from __future__ import annotations

from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.payments.answers import Balances, Declined, OutcomeUnknown
from xiaopos.usecases.ports import BalanceAsk, CardMeans, House
from xiaopos.usecases.steps import Request, recall_acceptor


async def ask_balance(request: Request, card: CardMeans, house: House) -> Balances | Declined | Refused:
    """The card's balance, the issuer's refusal, or ours. Needs the PIN: without one nobody's balance is told."""
    terminal = await recall_acceptor(request, house)
    if isinstance(terminal, Refused):
        return terminal
    if card.pin_block is None:
        return Refused(Reason.PIN_FORMAT_WRONG, "a balance enquiry needs the PIN")
    rrn = await house.books.number(house.day(request.received_at))
    ask = BalanceAsk(
        terminal.merchant_id, terminal.terminal_id, rrn, request.received_at, request.amount.currency, card
    )
    answer = await house.acquirer.balance(ask)
    if isinstance(answer, OutcomeUnknown):
        return Refused(Reason.CHANNEL_UNAVAILABLE, answer.cause)
    return answer
