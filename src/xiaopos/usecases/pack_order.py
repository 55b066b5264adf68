"""Pack a device for its order: with a terminal number of the merchant's, and a code that activates it once; unpack it again.

What may live here: those verbs and the roles they need played. What may not: storage, keys (the terminal's master key comes by
usecases.key_ceremony), words (web).

From here on the terminal is registered, and takes no money before it is activated: its binding is awaited. Whoever packs sees the
code once; only its keyed hash is kept. When an order is packed again - its first device was lost - the terminal keeps its number
and is given the new device, another code, and no key that the first one had.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from xiaopos.fleet.activation import LIVES, Keyed, code_of, digest_of
from xiaopos.fleet.bindings import SixParts
from xiaopos.fleet.stock.states import DeviceEvent
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.fill_orders import (
    DeviceFacts,
    OrderFacts,
    StockBook,
    StockFault,
    StockStep,
    device_of,
    is_possible,
    move_device,
)


@dataclass(frozen=True, slots=True)
class Papers:
    """What the approval of a merchant's application says of it. `account` is a keyed hash, as in SixParts."""

    merchant_id: str
    licence: str
    account: str
    approved_at: datetime


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code to be kept: whose it is, the keyed hash, until when."""

    terminal_id: str
    serial: str
    merchant_id: str
    digest: str
    made_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Packed:
    """A device in its parcel: the terminal's number, and the code, which is shown now and never again."""

    serial: str
    terminal_id: str
    code: str


class PackBook(StockBook, Protocol):
    """Whoever keeps the stock, as far as packing needs it."""

    def papers(self, merchant_id: str) -> Papers | None:
        """What is known of a merchant since its application was approved."""
        ...

    def terminal_number(self, order: OrderFacts) -> str:
        """The order's terminal number, or the next free one; empty when the one it has belongs to a closed binding."""
        ...

    def pack(self, step: StockStep, parts: SixParts, code: NewCode) -> bool:
        """Write the device packed, its terminal registered or given this device, the binding awaited, the code; all or nothing.

        The terminal's keys are taken away. False when somebody was first.
        """
        ...


def pack_order(
    order_id: str,
    acquirer: str,
    entropy: bytes,
    keyed: Keyed,
    actor: Actor,
    at: datetime,
    *,
    book: PackBook,
) -> Packed | StockFault:
    """Pack the device that is set aside for an order. `entropy` is 8 random bytes for the code."""
    found = device_of(order_id, actor, book)
    if isinstance(found, StockFault):
        return found
    device, order = found
    step = StockStep(device, DeviceEvent.PACK, actor, at, order)
    if not is_possible(step):
        return StockFault.NOT_NOW
    papers = book.papers(order.merchant_id)
    if papers is None:
        return StockFault.PAPERS_MISSING
    parts = SixParts(device.serial, acquirer, order.merchant_id, papers.licence, papers.account, order.address)
    if parts.missing:
        return StockFault.PAPERS_MISSING
    terminal_id = book.terminal_number(order)
    if not terminal_id:
        return StockFault.NUMBER
    code = code_of(entropy)
    kept = _kept(terminal_id, device, order, code, keyed, at)
    return Packed(device.serial, terminal_id, code) if book.pack(step, parts, kept) else StockFault.NOT_NOW


def _kept(terminal_id: str, device: DeviceFacts, order: OrderFacts, code: str, keyed: Keyed, at: datetime) -> NewCode:
    digest = digest_of(device.serial, code, order.phone, keyed)
    return NewCode(terminal_id, device.serial, order.merchant_id, digest, at, at + LIVES)


def unpack_order(order_id: str, actor: Actor, at: datetime, book: StockBook) -> StockFault | None:
    """Take a device out of its parcel again, before it is sent. Its code ends."""
    found = device_of(order_id, actor, book)
    if isinstance(found, StockFault):
        return found
    device, order = found
    step = StockStep(device, DeviceEvent.UNPACK, actor, at, order)
    return move_device(step, book)
