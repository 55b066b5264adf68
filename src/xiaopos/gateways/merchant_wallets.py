"""Wallets for which each merchant has a contract of its own: every question goes out under the right one.

What may live here: finding the contract of a payment, building its wallet once and keeping it open, asking without money.
What may not: a wallet's protocol (its folder), where contracts are kept, who may change them.

A change of contracts counts only `STANDS_AFTER` it was made. Whoever has read them less long ago than that knows which one
a payment belongs to; who has not asks nothing, rather than perhaps under the wrong one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from xiaopos.kernel.clock import Clock
from xiaopos.kernel.refusal import Reason
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyRefused
from xiaopos.merchants.wallet_contracts import STANDS_AFTER, TRIAL_MARK, ContractState, active_at, serving
from xiaopos.payments.answers import Answer, Declined, OutcomeUnknown
from xiaopos.payments.payment import Payment
from xiaopos.payments.states import State
from xiaopos.usecases.keep_wallet_contract import Finding, Incoming, Noticed, Probe, Unbelieved, WalletContract
from xiaopos.usecases.ports import BooksLost, Wallet


@dataclass(frozen=True, slots=True)
class Contracts:
    """Every contract by merchant and wallet, as they were read at an instant."""

    read_at: datetime
    by_merchant: Mapping[tuple[str, str], Sequence[WalletContract]]

    def one(self, contract_id: str) -> WalletContract | None:
        """A contract by its id."""
        return next(
            (each for some in self.by_merchant.values() for each in some if each.contract_id == contract_id), None
        )


class ContractWallet(Wallet, Protocol):
    """A wallet under one contract."""

    async def start(self) -> None:
        """Before the first question."""
        ...

    async def stop(self) -> None:
        """After the last."""
        ...

    async def probe(self) -> Probe:
        """Ask a question that moves no money."""
        ...

    def read_notice(self, incoming: Incoming) -> Noticed | Unbelieved:
        """A notification, when it is this wallet's."""
        ...


class WalletKind(Protocol):
    """How a wallet's folder makes a wallet of a contract."""

    def unusable(self, settings: Mapping[str, str]) -> str:
        """The first field that cannot be worked with; empty when all can."""
        ...

    def open(self, contract: WalletContract, notice_address: str) -> ContractWallet:
        """The wallet under this contract."""
        ...


class MerchantWallets:
    """See ContractDesk. `kinds` are the wallets by name; `known` gives the contracts as last read, `look` reads them anew.

    `others` are wallets that serve everybody without a contract. `address` is where the pages are reached from outside.
    """

    def __init__(
        self,
        kinds: Mapping[str, WalletKind],
        known: Callable[[], Contracts],
        look: Callable[[], Awaitable[None]],
        *,
        clock: Clock,
        address: str,
    ) -> None:
        self._kinds = dict(kinds)
        self._known = known
        self._look = look
        self._clock = clock
        self._address = address.rstrip("/")
        self._open: dict[str, ContractWallet] = {}
        self._stopped = False

    def wallets(self) -> dict[str, Wallet]:
        """Each wallet twice by its name: for what customers pay, and for test payments of contracts on trial."""
        found: dict[str, Wallet] = {}
        for name in self._kinds:
            found[name] = MerchantWallet(self, name, trial=False)
            found[name + TRIAL_MARK] = MerchantWallet(self, name, trial=True)
        return found

    async def stop(self) -> None:
        """Close what is open; nothing is asked any more."""
        self._stopped = True
        opened, self._open = self._open, {}
        for wallet in opened.values():
            await wallet.stop()

    # -- the ContractDesk role ---------------------------------------------------------------------------------------

    def takes(self, wallet: str, merchant_id: str) -> bool:
        """See ContractDesk."""
        name = wallet.removesuffix(TRIAL_MARK)
        if name not in self._kinds:
            return True
        found = self._known().by_merchant.get((merchant_id, name), ())
        if wallet != name:
            return any(contract.state is not ContractState.ENDED for contract in found)
        return active_at(found, self._clock.now()) is not None

    def unusable(self, wallet: str, settings: Mapping[str, str]) -> str:
        """See ContractDesk."""
        return self._kinds[wallet].unusable(settings)

    def notice_address(self, contract: WalletContract) -> str:
        """See ContractDesk."""
        return f"{self._address}/notices/{contract.wallet}/{contract.contract_id}/" if self._address else ""

    async def probe(self, contract_id: str) -> Probe:
        """See ContractDesk."""
        try:
            await self._look()
        except BooksLost:
            return Probe(Finding.UNSURE)
        contract = self._known().one(contract_id)
        if contract is None:
            return Probe(Finding.UNSURE)
        try:
            return await (await self._opened(contract)).probe()
        except KeyRefused as refused:
            return Probe(Finding.OUR_KEY, str(refused))

    async def read_notice(self, contract_id: str, incoming: Incoming) -> tuple[str, Noticed] | Unbelieved:
        """See ContractDesk."""
        contract = self._known().one(contract_id)
        if contract is None:
            return Unbelieved("no such contract")
        try:
            read = (await self._opened(contract)).read_notice(incoming)
        except KeyRefused as refused:
            return Unbelieved(str(refused))
        return read if isinstance(read, Unbelieved) else (contract.merchant_id, read)

    # -- the wallet of a payment -------------------------------------------------------------------------------------

    async def of(self, payment: Payment, name: str, *, trial: bool) -> ContractWallet | None:
        """The wallet under which a payment was or is to be taken. None when nobody can tell."""
        known = self._known()
        if self._stopped or payment.received_at > known.read_at + STANDS_AFTER:
            return None
        found = known.by_merchant.get((payment.merchant_id, name), ())
        contract = serving(found, payment.received_at, trial=trial)
        return None if contract is None else await self._opened(contract)

    async def _opened(self, contract: WalletContract) -> ContractWallet:
        wallet = self._open.get(contract.contract_id)
        if wallet is None:
            wallet = self._kinds[contract.wallet].open(contract, self.notice_address(contract))
            self._open[contract.contract_id] = wallet
            await wallet.start()
        return wallet


_NOBODY = "no contract with this wallet can be found for the payment"


class MerchantWallet:
    """The Wallet role for every merchant's own contract with one wallet."""

    def __init__(self, desk: MerchantWallets, wallet: str, *, trial: bool) -> None:
        self.name = wallet + TRIAL_MARK if trial else wallet
        self._wallet = wallet
        self._desk = desk
        self._trial = trial

    async def pay(self, payment: Payment, payer_code: Secret) -> Answer:
        """See Wallet."""
        return await self._new(payment, lambda wallet: wallet.pay(payment, payer_code))

    async def show_code(self, payment: Payment) -> Answer:
        """See Wallet."""
        return await self._new(payment, lambda wallet: wallet.show_code(payment))

    async def query(self, payment: Payment) -> Answer:
        """See Wallet. Only sales are asked about: a refund is told again, with its original."""
        return await self._old(payment, lambda wallet: wallet.query(payment))

    async def reverse(self, payment: Payment) -> Answer:
        """See Wallet."""
        return await self._old(payment, lambda wallet: wallet.reverse(payment))

    async def refund(self, refund: Payment, original: Payment) -> Answer:
        """See Wallet. It goes out under the contract of the payment that it pays back."""
        if refund.state is State.SENT:
            return await self._new(original, lambda wallet: wallet.refund(refund, original))
        return await self._old(original, lambda wallet: wallet.refund(refund, original))

    async def _new(self, taken: Payment, ask: Callable[[ContractWallet], Awaitable[Answer]]) -> Answer:
        wallet = await self._desk.of(taken, self._wallet, trial=self._trial)
        if wallet is None:
            return Declined(Reason.CHANNEL_UNAVAILABLE, detail=_NOBODY, never_left=True)
        try:
            return await ask(wallet)
        except KeyRefused as refused:
            return Declined(Reason.KEY_FAULT, detail=str(refused), never_left=True)

    async def _old(self, taken: Payment, ask: Callable[[ContractWallet], Awaitable[Answer]]) -> Answer:
        wallet = await self._desk.of(taken, self._wallet, trial=self._trial)
        if wallet is None:
            return OutcomeUnknown(_NOBODY)
        try:
            return await ask(wallet)
        except KeyRefused as refused:
            return OutcomeUnknown(str(refused))
