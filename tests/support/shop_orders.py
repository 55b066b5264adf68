"""Lin's shop with two wallets and a code on the wall: orders in memory, begun with either wallet, looked after by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from support.pretend_channels import PretendChannel, PretendWallet
from support.world import TEA, World, at_once
from xiaopos.kernel.ids import MerchantId, PaymentId, ShopId, TerminalId
from xiaopos.kernel.money import Money
from xiaopos.merchants.shop_codes import ORDER_LIVES, ShopOrder, Tried, token_of
from xiaopos.payments.payment import Payment
from xiaopos.payments.states import State
from xiaopos.usecases.pay_order import look_after_order, pay_order
from xiaopos.usecases.ports import House


class MemoryOrders:
    """See Orders."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.orders: dict[str, ShopOrder] = {}

    async def to_look_after(self, now: datetime) -> Sequence[ShopOrder]:
        """See Orders."""
        return [one for one in self.orders.values() if one.closed_at is None and self._asks(one, now)]

    def _asks(self, order: ShopOrder, now: datetime) -> bool:
        books = self._world.books.payments
        states = [books[order.merchant_id, one.payment_id].state for one in order.tries]
        return now >= order.expires_at or State.APPROVED in states

    async def keep(self, order_id: str, payment_id: str) -> str:
        """See Orders."""
        order = self.orders[order_id]
        self.orders[order_id] = replace(order, kept=order.kept or payment_id)
        return self.orders[order_id].kept

    async def close(self, order: ShopOrder, at: datetime) -> bool:
        """See Orders."""
        held = self.orders[order.order_id]
        if held.closed_at is not None or len(held.tries) != len(order.tries):
            return False
        self.orders[order.order_id] = replace(held, closed_at=at)
        return True


@dataclass
class TwoWalletWorld(World):
    """A world whose shops take a second wallet."""

    alipay: PretendWallet = field(default_factory=lambda: PretendWallet("alipay"))

    def new_house(self) -> House:
        """See World."""
        house = super().new_house()
        return replace(house, wallets={**house.wallets, self.alipay.name: self.alipay})

    def _channels(self) -> tuple[PretendChannel, ...]:
        return (*super()._channels(), self.alipay)


class CodeShop:
    """The shop: `order` makes one, `begins` begins it with a wallet, `looks` is one round of the machine."""

    def __init__(self) -> None:
        self.world = TwoWalletWorld()
        self.alipay = self.world.alipay
        self.sandbox = self.world.wallet
        self.orders = MemoryOrders(self.world)
        self.number = 0

    def order(self, minor: int = 25_00) -> str:
        """A new order's number."""
        self.number += 1
        now = self.world.clock.now()
        made = ShopOrder(
            order_id=f"{self.number:032x}",
            token=token_of(bytes(16) + bytes([self.number])),
            code="",
            merchant_id=MerchantId(TEA),
            shop_id=ShopId("shop"),
            terminal_id=TerminalId("10000001"),
            amount=Money(minor),
            made_at=now,
            expires_at=now + ORDER_LIVES,
        )
        self.orders.orders[made.order_id] = made
        return made.order_id

    def writes_try(self, order_id: str, wallet: str) -> Tried:
        """What is written before the wallet is asked."""
        order, now = self.orders.orders[order_id], self.world.clock.now()
        tried = Tried(PaymentId(self.world.new_id(now)), PaymentId(self.world.new_id(now)), wallet, now)
        self.orders.orders[order_id] = replace(order, tries=(*order.tries, tried))
        return tried

    def begins(self, order_id: str, wallet: str) -> Tried:
        """A customer begins an order with a wallet."""
        tried = self.writes_try(order_id, wallet)
        result = at_once(pay_order(self.orders.orders[order_id], tried, self.world.house))
        assert isinstance(result, Payment)
        return tried

    def pays(self, tried: Tried) -> None:
        """The customer confirms, and the machine hears of it."""
        wallet = self.alipay if tried.wallet == "alipay" else self.sandbox
        wallet.payer_confirms(tried.payment_id)
        self.the_machine_hears()

    def the_machine_hears(self) -> None:
        """Time for what is due, and for no more."""
        self.world.clock.at = max(one.due_at for one in self.world.books.waiting_jobs)
        self.world._one_round()

    def looks(self) -> bool:
        """One round over every order; whether something was closed."""
        house = self.world.house
        closed = [
            at_once(look_after_order(order, self.orders, house))
            for order in at_once(self.orders.to_look_after(house.clock.now()))
        ]
        return any(closed)

    def now(self, tried: Tried) -> Payment:
        """The payment as the books hold it."""
        return self.world.books.payments[MerchantId(TEA), tried.payment_id]

    def kept(self, order_id: str) -> str:
        """Which payment is the order's."""
        return self.orders.orders[order_id].kept
