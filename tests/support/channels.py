"""The pretend card network and wallet with the real gateways in front of them, over loopback: what contract suites stand on.

Both sides have vaults of their own and combine the same key components. The clock stands still until told.
"""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from msgspec.structs import replace

from xiaopos.gateways.sandbox_wallet import SandboxWallet, WalletAccount
from xiaopos.gateways.unionpay import LateAnswer, LineTerms, Membership, UnionPayAcquirer
from xiaopos.gateways.wallet_line import WalletTerms
from xiaopos.kernel.ids import MerchantId, PaymentId, ShopId, TerminalId
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyUsage, PinFormat, SoftwareVault, Vault, WrappedKey
from xiaopos.keys.suites import NETWORK_SUITE, Suite
from xiaopos.payments.answers import Answer
from xiaopos.payments.payment import CardFacts, Kind, Method, Payment
from xiaopos.payments.states import State
from xiaopos.simulator.moods import Mood
from xiaopos.simulator.network import Card, CardNetwork, test_card
from xiaopos.simulator.wallet import SandboxWalletServer, Trades
from xiaopos.usecases.ports import CardMeans, Wallet

ZMK_COMPONENTS = (
    Secret(bytes.fromhex("1A2B3C4D5E6F708192A3B4C5D6E7F809")),
    Secret(bytes.fromhex("98D7A6C5B4E3F2018A7B6C5D4E3F2A1B")),
)
WALLET_COMPONENTS = (Secret(bytes(range(32))), Secret(bytes(range(100, 132))))
PATIENCE_S = 0.3


def run(story: Coroutine[Any, Any, None]) -> None:
    """Run one story to its end, or fail when it hangs."""
    asyncio.run(asyncio.wait_for(story, 20))


def new_vault() -> SoftwareVault:
    """A vault of its own, as every side has one."""
    return SoftwareVault(Secret(os.urandom(32)), os.urandom)


def zmk_in(vault: Vault, suite: Suite = NETWORK_SUITE) -> WrappedKey:
    """The key that carries the network's keys."""
    return vault.combine(components=ZMK_COMPONENTS, usage=KeyUsage.ZMK, algorithm=suite.carrier)


def wallet_key_in(vault: Vault) -> WrappedKey:
    """The key that signs what passes between us and the wallet."""
    return vault.combine(components=WALLET_COMPONENTS, usage=KeyUsage.ZAK, algorithm=KeyAlgorithm.HMAC256)


@dataclass
class StandingClock:
    """A clock that stands still until told."""

    at: datetime = datetime(2026, 3, 14, 1, 30, tzinfo=UTC)

    def now(self) -> datetime:
        """The instant at which it stands."""
        return self.at

    def pass_seconds(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)


@dataclass
class Shop:
    """The tea shop's books, as far as a gateway needs them: it makes payments and seals cards."""

    vault: Vault = field(default_factory=new_vault)
    clock: StandingClock = field(default_factory=StandingClock)
    number: int = 0

    def __post_init__(self) -> None:
        self.pan_seal = self.vault.generate(usage=KeyUsage.SEAL, algorithm=KeyAlgorithm.AES256)
        self.tpk = self.vault.generate(usage=KeyUsage.TPK, algorithm=KeyAlgorithm.TDES2)

    def payment(self, minor: int, **parts: Any) -> Payment:
        """A payment in SENT with numbers of its own."""
        self.number += 1
        nothing = Money(0)
        made = Payment(
            merchant_id=MerchantId("898110058120001"),
            payment_id=PaymentId(f"{self.number:032x}"),
            business_on=date(2026, 3, 14),
            kind=Kind.SALE,
            method=Method.CARD,
            channel="unionpay",
            amount=Money(minor),
            fee=nothing,
            refunding=nothing,
            refunded=nothing,
            content_hash="hash",
            received_at=self.clock.now(),
            shop_id=ShopId("tea"),
            terminal_id=TerminalId("10000001"),
            batch_number=1,
            rrn=f"603{self.number:09d}",
        )
        return replace(made, **parts)

    def sale(self, minor: int, card: str = "debit") -> Payment:
        """A card sale whose card number is sealed as the books seal it."""
        made = self.payment(minor)
        return replace(made, card=self.keep(test_card(card), made.payment_id))

    def keep(self, card: Card, aad: str) -> CardFacts:
        """What the books keep of a card."""
        digits = card.pan.digits.encode()
        sealed = self.vault.seal(key=self.pan_seal, plaintext=digits, aad=aad.encode())
        return CardFacts(card.pan.masked, "token", base64.b64encode(sealed).decode(), "051")

    def undoing(self, kind: Kind, original: Payment, minor: int | None = None) -> Payment:
        """A void or refund of a sale."""
        amount = original.amount.minor if minor is None else minor
        return self.payment(amount, kind=kind, original_id=original.payment_id, method=original.method)

    def means(self, card: str = "debit", *, pin: str = "", form: PinFormat = PinFormat.ISO0) -> CardMeans:
        """A card as the terminal read it, with a PIN when one was typed."""
        one = test_card(card)
        block = None
        if pin:
            pan = None if form is PinFormat.NO_PAN else one.pan
            block = Secret(self.vault.encrypt_pin(key=self.tpk, pin=Secret(pin.encode()), pan=pan, form=form))
        track = Secret(f"{one.pan.digits}D{one.expiry}2011".encode())
        return CardMeans(
            one.pan,
            "051",
            one.expiry,
            "1",
            track,
            block,
            self.tpk if pin else None,
            form.value if pin else "",
            b"\x9f\x26\x00",
        )


def asked_again(payment: Payment) -> Payment:
    """The payment as the books hold it after an answer was lost."""
    return replace(payment, state=State.UNKNOWN)


@dataclass
class CardTown:
    """A shop, its acquirer, the network behind it, and the answers that came late."""

    shop: Shop
    network: CardNetwork
    acquirer: UnionPayAcquirer
    late: list[tuple[str, LateAnswer]]


@asynccontextmanager
async def card_town(
    path: Path | str = ":memory:",
    *,
    shop: Shop | None = None,
    on_late: Callable[[str, LateAnswer], None] | None = None,
    suite: Suite = NETWORK_SUITE,
    **terms: Any,
) -> AsyncIterator[CardTown]:
    """A network that is up and an acquirer that is signed on."""
    shop = shop or Shop()
    theirs = new_vault()
    network = CardNetwork(path, vault=theirs, zmk=zmk_in(theirs, suite), clock=shop.clock, suite=suite)
    port = await network.start("127.0.0.1", 0)
    late: list[tuple[str, LateAnswer]] = []
    given: dict[str, Any] = {"answer_timeout_s": PATIENCE_S, "backoff_first_s": 0.02, "backoff_most_s": 0.05, **terms}
    acquirer = UnionPayAcquirer(
        LineTerms(
            "127.0.0.1", port, Membership("48020000", "48020001"), zmk_in(shop.vault, suite), suite=suite, **given
        ),
        vault=shop.vault,
        pan_seal=shop.pan_seal,
        clock=shop.clock,
        jitter=lambda: 0.5,
        on_late_answer=on_late or (lambda rrn, answer: late.append((rrn, answer))),
    )
    await acquirer.start()
    try:
        assert await acquirer.until_ready(5), "the line comes up"
        yield CardTown(shop, network, acquirer, late)
    finally:
        await acquirer.stop()
        await network.stop()


class WalletServer(Protocol):
    """A pretend wallet that misbehaves on command."""

    async def set_mood(self, mood: Mood) -> None:
        """Let trouble wait."""
        ...

    async def lift_moods(self) -> None:
        """Be well again."""
        ...


class OpenWallet(Wallet, Protocol):
    """A gateway that can be closed."""

    async def stop(self) -> None:
        """Close the session."""
        ...


@dataclass
class WalletTown:
    """A shop, its gateway to the wallet, and the wallet.

    `system_error` is the wallet's word for "nobody knows", `payers` what it says of a customer who paid, `tells` the reasons
    that it gives for others because it does not tell them apart, `nobody` a payment code that it never made, `too_slow_s` after
    how long it closes an order that its customer does not confirm, `undone_after_s` how old a payment is before it is undone.
    """

    shop: Shop
    server: WalletServer
    trades: Trades
    wallet: OpenWallet
    name: str = "sandbox"
    system_error: str = "SYSTEM_ERROR"
    payers: Mapping[str, str] = field(default_factory=lambda: {"mei": "梅*", "tao": "陶*"})
    tells: Mapping[Reason, Reason] = field(default_factory=dict)
    nobody: str = "990000000000000000"
    too_slow_s: int = 61
    undone_after_s: int = 0

    async def until_well(self) -> None:
        """Until a connection that was cut is there again; those that are made when they are needed always are."""

    async def undoes(self, payment: Payment) -> Answer:
        """Have a payment undone, not sooner than the wallet allows."""
        self.shop.clock.pass_seconds(self.undone_after_s)
        return await self.wallet.reverse(payment)

    def told(self, reason: Reason) -> Reason:
        """What the wallet's words say of what happened for this reason."""
        return self.tells.get(reason, reason)

    def code_of_nobody(self) -> Secret:
        """A payment code that belongs to no customer."""
        return Secret(self.nobody.encode())

    def owns(self, customer: str) -> int:
        """What a customer owns at the wallet, in 分."""
        return self.trades.records.balance(customer)

    def code(self, customer: str) -> Secret:
        """A fresh payment code on a customer's phone."""
        return Secret(self.trades.make_code(customer).encode())

    def sale(self, minor: int, method: Method = Method.PAYER_CODE) -> Payment:
        """A wallet payment in SENT."""
        return self.shop.payment(minor, method=method, channel=self.name)


@dataclass
class SandboxTown(WalletTown):
    """The town of the sandbox wallet."""

    server: SandboxWalletServer


@asynccontextmanager
async def wallet_town(
    path: Path | str = ":memory:",
    *,
    shop: Shop | None = None,
    answer_timeout_s: float = PATIENCE_S,
    stranger: bool = False,
    **account: Any,
) -> AsyncIterator[SandboxTown]:
    """A wallet that is up and a gateway with an open session; a `stranger` signs with a key that the wallet does not know."""
    shop = shop or Shop()
    theirs = new_vault()
    trades = Trades(path, clock=shop.clock, entropy=os.urandom)
    server = SandboxWalletServer(trades, vault=theirs, merchants={"xiaopos": wallet_key_in(theirs)}, clock=shop.clock)
    port = await server.start("127.0.0.1", 0)
    terms = WalletTerms(answer_timeout_s=answer_timeout_s)
    ours = wallet_key_in(shop.vault)
    if stranger:
        ours = shop.vault.generate(usage=KeyUsage.ZAK, algorithm=KeyAlgorithm.HMAC256)
    given: dict[str, Any] = {"signing_key": ours, "terms": terms, **account}
    numbers = iter(range(1_000_000))
    wallet = SandboxWallet(
        WalletAccount(f"http://127.0.0.1:{port}", "xiaopos", **given),
        vault=shop.vault,
        clock=shop.clock,
        make_nonce=lambda: f"nonce-{next(numbers)}",
    )
    await wallet.start()
    try:
        yield SandboxTown(shop, server, trades, wallet)
    finally:
        await wallet.stop()
        await server.stop()
