"""Hear a wallet's notification (异步通知): believe that it is the wallet's, and ask the wallet what became of the payment.

What may live here: that rule. What may not: signatures (gateways), HTTP (web).

A notification moves nothing by itself: whatever it says, the answer to a question of ours decides. So one that is forged,
replayed or about another amount can at most make us ask once more. A payment that the books gave up, and that the wallet says
is paid, is paid back and shown to a person.
"""

from __future__ import annotations

from xiaopos.kernel.ids import MerchantId, PaymentId
from xiaopos.merchants.wallet_contracts import TRIAL_MARK
from xiaopos.payments.answers import Approved, Declined
from xiaopos.payments.payment import Kind, Payment
from xiaopos.payments.states import State
from xiaopos.usecases.enquire_payment import WAITING, ask_outcome
from xiaopos.usecases.keep_wallet_contract import Incoming, Noticed, Unbelieved
from xiaopos.usecases.ports import House
from xiaopos.usecases.steps import conclude_and_record, note

_GIVEN_UP = frozenset({State.DECLINED, State.REVERSED})


async def hear_wallet(wallet: str, contract_id: str, incoming: Incoming, house: House) -> Noticed | Unbelieved:
    """See to the payment of a notification. What is Unbelieved is to be sent again, if it was the wallet after all.

    May raise BooksLost: then nothing was seen to.
    """
    if house.contracts is None:
        return Unbelieved("no wallet knows contracts here")
    read = await house.contracts.read_notice(contract_id, incoming)
    if isinstance(read, Unbelieved):
        return read
    merchant_id, notice = read
    payment = await house.books.recall_payment(MerchantId(merchant_id), PaymentId(notice.payment_id))
    if payment is None or payment.channel.removesuffix(TRIAL_MARK) != wallet:
        return Unbelieved("it is about no payment of this merchant with this wallet")
    await _see_to(payment, house)
    return notice


async def _see_to(payment: Payment, house: House) -> None:
    if payment.state not in WAITING | _GIVEN_UP:
        return  # known and as it should be, or somebody is at it this very moment
    original = None
    if payment.original_id is not None:
        original = await house.books.recall_payment(payment.merchant_id, payment.original_id)
    if payment.state in WAITING:
        answer = await ask_outcome(payment, original, house)
        if isinstance(answer, Approved | Declined):
            terminal = await house.books.recall_terminal(payment.terminal_id, house.day(house.clock.now()))
            assert terminal is not None, "a payment's terminal stays in the registry"
            await conclude_and_record(payment, answer, house, plan=terminal.plan, original=original)
    elif payment.kind is Kind.SALE and isinstance(await ask_outcome(payment, original, house), Approved):
        undone = await house.wallets[payment.channel].reverse(payment)
        what = "paid back" if isinstance(undone, Approved) else f"not paid back yet ({type(undone).__name__})"
        await note(payment, "late_approval", f"paid after {payment.state.value}; {what}", house, house.clock.now())
