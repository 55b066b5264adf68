"""A depot in Django's test database: stock, orders, parcels, bindings, and short ways to take each step.

What may live here: verbs over the real books, with a clock that goes on. What may not: what a test expects.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from support.world import TEA
from xiaopos.fleet.catalogue import CATALOGUE, model_of
from xiaopos.fleet.deliveries.links import token_of
from xiaopos.fleet.stock.lists import read_list
from xiaopos.merchants.identifiers import is_social_credit_code
from xiaopos.simulator.courier import PretendCourier
from xiaopos.store.bindings.book import BindingRows
from xiaopos.store.deliveries.book import ParcelRows
from xiaopos.store.stock.book import StockRows
from xiaopos.usecases.activate_terminal import Activated, ActivationAsk, ActivationFault, activate_terminal
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.change_binding import ChangeAsk, Changed, ChangeFault, ChangeKind, approve_change, ask_for_change
from xiaopos.usecases.fill_orders import OrderDraft, StockFault, order_device, reserve_device
from xiaopos.usecases.follow_delivery import Courier, NewParcel, ParcelFault, follow_delivery, send_order
from xiaopos.usecases.keep_papers import keep_papers
from xiaopos.usecases.pack_order import Packed, Papers, pack_order
from xiaopos.usecases.receive_stock import ReceiptFault, Received, receive_stock

NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
ACQUIRER = "48020000"
SUN = Actor("sun", "support", "as the merchant asked")
GAO = Actor("gao", "administrator", "seen the letter")
COURIER = Actor("xiaopos", "", "the courier told")
LIN = Actor("lin", "manager", "a new terminal")
PHONE = "010-0000-0001"
ACCOUNT = "6200 0000 0000 0001"
LIST = "SN,model\n" + "\n".join(f"XPM2-{number:04d},XP-M2" for number in range(1, 6))


def keyed(data: bytes) -> str:
    """The keyed hash of a house whose key is known here."""
    return hmac.new(b"a key for tests", data, hashlib.sha256).digest()[:16].hex()


def licence(number: int = 1) -> str:
    """A made-up unified social credit code whose check character is right."""
    body = f"91310000DEM0{number:05d}"
    return next(body + mark for mark in "0123456789ABCDEFGHJKLMNPQRTUWXY" if is_social_credit_code(body + mark))


@dataclass
class Depot:
    """The books, a clock, and the steps. Each moves the clock by a minute."""

    at: datetime = NOON
    stock: StockRows = field(default_factory=StockRows)
    parcels: ParcelRows = field(default_factory=ParcelRows)
    bindings: BindingRows = field(default_factory=BindingRows)
    numbers: Any = field(default_factory=lambda: count(1))

    def tick(self, **span: float) -> datetime:
        """Later: a minute, or so much."""
        self.at += timedelta(**(span or {"minutes": 1}))
        return self.at

    def new_id(self, at: datetime) -> str:
        """The next number."""
        return f"{next(self.numbers):032x}"

    def receives(self, text: str = LIST, actor: Actor = SUN) -> Received | ReceiptFault:
        """A list comes in."""
        names = {model.key for model in CATALOGUE}
        return receive_stock(read_list(text), "delivery 1", names, actor, self.tick(), self.stock)

    def approves(self, merchant_id: str = TEA) -> Papers:
        """A merchant's application was approved."""
        at = self.tick()
        kept = keep_papers(merchant_id, licence(), ACCOUNT, at, keyed, GAO, at, book=self.bindings)
        assert isinstance(kept, Papers), kept
        return kept

    def orders(self, merchant_id: str = TEA, **parts: Any) -> str | StockFault:
        """Somebody orders a device."""
        values: dict[str, Any] = {
            "merchant_id": merchant_id,
            "shop_id": f"shop-{merchant_id}",
            "model": "XP-M2",
            "profile": "unionpay-3des-2012",
            "phone": PHONE,
            "address": "柳巷 8 号",
        }
        actor = parts.pop("actor", SUN)
        draft = OrderDraft(**(values | parts))
        found = model_of(draft.model, self.at.date())
        profiles = found.profiles if found is not None else ()
        return order_device(draft, profiles, actor, self.tick(), book=self.stock, make_id=self.new_id)

    def reserves(self, order_id: str, serial: str = "") -> str | StockFault:
        """A device is set aside."""
        return reserve_device(order_id, serial, SUN, self.tick(), self.stock)

    def packs(self, order_id: str) -> Packed | StockFault:
        """It is packed."""
        entropy = next(self.numbers).to_bytes(8, "big")
        return pack_order(order_id, ACQUIRER, entropy, keyed, SUN, self.tick(), book=self.stock)

    def sends(self, order_id: str, courier: Courier | None = None) -> NewParcel | ParcelFault:
        """A courier is asked to fetch it."""
        number = next(self.numbers)
        tokens = (f"{number:032x}", token_of(number.to_bytes(16, "big")))
        return send_order(order_id, tokens, courier or PretendCourier(), SUN, self.tick(), book=self.parcels)

    def follows(self, parcel: NewParcel, courier: Courier | None = None) -> int | ParcelFault:
        """The courier is asked what it knows."""
        return follow_delivery(parcel.parcel_id, courier or PretendCourier(), COURIER, self.at, self.parcels)

    def learns(self, actor: Actor = LIN) -> None:
        """Somebody passes the lesson."""
        self.bindings.passes(actor.username, self.at)

    def activates(self, packed: Packed, merchant_id: str = TEA, **parts: Any) -> Activated | ActivationFault:
        """Somebody of the merchant's types what is on the slip."""
        values: dict[str, Any] = {"serial": packed.serial, "code": packed.code, "phone": PHONE, "actor": LIN}
        asked = ActivationAsk(merchant_id=merchant_id, at=self.tick(), **(values | parts))
        return activate_terminal(asked, keyed, book=self.bindings, lessons=self.bindings)

    def asks(self, terminal_id: str, kind: ChangeKind, actor: Actor = SUN, **parts: Any) -> ChangeFault | None:
        """One person asks for a change."""
        return ask_for_change(ChangeAsk(terminal_id, kind, actor, self.tick(), **parts), self.bindings)

    def changes(self, terminal_id: str, actor: Actor = GAO) -> Changed | ChangeFault:
        """Another approves it."""
        entropy = next(self.numbers).to_bytes(8, "big")
        return approve_change(terminal_id, actor, self.tick(), entropy, keyed, book=self.bindings, make_id=self.new_id)

    # -- several steps at once ---------------------------------------------------------------------------------------

    def packed(self, merchant_id: str = TEA) -> tuple[str, Packed]:
        """An order whose device is packed: the order, and what is on the slip."""
        if self.stock.next_in_stock("XP-M2") is None:
            self.receives()
        if self.stock.papers(merchant_id) is None:
            self.approves(merchant_id)
        order_id = self.orders(merchant_id)
        assert isinstance(order_id, str), order_id
        assert not isinstance(self.reserves(order_id), StockFault)
        packed = self.packs(order_id)
        assert isinstance(packed, Packed), packed
        return order_id, packed

    def delivered(self, merchant_id: str = TEA) -> tuple[str, Packed, NewParcel]:
        """An order that has arrived."""
        order_id, packed = self.packed(merchant_id)
        parcel = self.sends(order_id)
        assert isinstance(parcel, NewParcel), parcel
        self.tick(hours=26)
        assert self.follows(parcel) == 4
        return order_id, packed, parcel

    def active(self, merchant_id: str = TEA) -> Packed:
        """A terminal in use."""
        _, packed, _ = self.delivered(merchant_id)
        self.learns()
        activated = self.activates(packed, merchant_id)
        assert isinstance(activated, Activated), activated
        return packed
