"""What the pages of contracts ask of the house: which wallets there are, a question without money, a cent and its way back.

What may live here: a page's request as the verb's request. What may not: rendering, rules.
"""

from __future__ import annotations

from collections.abc import Mapping

from xiaopos.kernel.ids import PaymentId, TerminalId
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.kernel.secret import Secret
from xiaopos.merchants.wallet_contracts import FORMS, TRIAL_MARK
from xiaopos.payments.payment import Payment
from xiaopos.store.fleet.queries import terminals_of
from xiaopos.usecases.follow_payment import FollowAsk, refund_payment
from xiaopos.usecases.keep_wallet_contract import ContractDesk, Probe, WalletContract
from xiaopos.usecases.ports import BooksLost, House
from xiaopos.usecases.steps import Request, Result
from xiaopos.usecases.take_payment import SaleAsk, ShopCode, take_payment
from xiaopos.web.asking import StillUnderWay, ask

CENT = 1
WAIT_S = 20.0


def _desk(house: House) -> ContractDesk:
    assert house.contracts is not None, "a house with wallets of contracts has a desk for them"
    return house.contracts


def wallets() -> list[str]:
    """The wallets with which this house knows contracts."""

    async def verb(house: House) -> list[str]:
        return [name for name in FORMS if name in house.wallets]

    return ask(verb)


def unusable(wallet: str, settings: Mapping[str, str]) -> str:
    """The first field that the wallet's gateway cannot work with, or nothing."""

    async def verb(house: House) -> str:
        return _desk(house).unusable(wallet, settings)

    return ask(verb)


def probe(contract: WalletContract) -> Probe:
    """Ask the wallet a question that moves no money. Raises StillUnderWay."""
    return ask(lambda house: _desk(house).probe(contract.contract_id), wait_s=WAIT_S)


def notice_address(contract: WalletContract) -> str:
    """Where this wallet tells us of payments; nothing while the house is not there to say."""

    async def verb(house: House) -> str:
        return _desk(house).notice_address(contract)

    try:
        return ask(verb)
    except (StillUnderWay, BooksLost):
        return ""


def pay_a_cent(contract: WalletContract, payment_id: PaymentId, code: str, cashier: str) -> Result:
    """A test payment under a contract on trial: with the owner's own payment code, or by a code to scan. Raises StillUnderWay."""
    terminal = _terminal(contract.merchant_id)
    if terminal is None:
        return Refused(Reason.TERMINAL_UNKNOWN)
    wallet = contract.wallet + TRIAL_MARK
    means = Secret(code.encode("ascii", "replace")) if code else ShopCode(wallet)

    async def verb(house: House) -> Result:
        now = house.clock.now()
        facts = await house.books.recall_terminal(terminal, house.day(now))
        currency = facts.limits.currency if facts is not None else "CNY"
        request = Request(payment_id, terminal, Money(CENT, currency), now, cashier=cashier, facts=facts)
        return await take_payment(SaleAsk(request, means, wallet=wallet if code else ""), house)

    return ask(verb, wait_s=WAIT_S)


def pay_it_back(payment: Payment, refund_id: PaymentId, cashier: str) -> Result:
    """Refund a test payment; the same `refund_id` asks for it once. Raises StillUnderWay."""

    async def verb(house: House) -> Result:
        request = Request(refund_id, payment.terminal_id, payment.amount, house.clock.now(), cashier=cashier)
        return await refund_payment(FollowAsk(request, payment.payment_id), house)

    return ask(verb, wait_s=WAIT_S)


def _terminal(merchant_id: str) -> TerminalId | None:
    return next((TerminalId(row.terminal_id) for row in terminals_of(merchant_id) if row.active), None)
