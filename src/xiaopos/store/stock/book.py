"""The stock in the database, each change with its line in the audit trail.

What may live here: the ReceiptBook, StockBook and PackBook on Django. What may not: rules, parcels, lists for pages (queries).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from xiaopos.fleet.bindings import BindingState, SixParts
from xiaopos.fleet.stock.lists import ListLine
from xiaopos.fleet.stock.states import DeviceEvent, DeviceState, OrderState
from xiaopos.store.bindings.models import MerchantPapersRow, TerminalBindingRow
from xiaopos.store.bindings.terminals import add_history, close_terminal, free_device, register_packed
from xiaopos.store.fleet.models import Terminal
from xiaopos.store.fleet.register import RegisterRows
from xiaopos.store.merchants.queries import has_shop
from xiaopos.store.stock.models import DeviceOrderRow, DeviceRow
from xiaopos.store.stock.steps import Overtaken, note, note_step, write_step
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.fill_orders import OrderDraft, OrderFacts, StockStep
from xiaopos.usecases.pack_order import NewCode, Papers

_LEAVES = frozenset({DeviceEvent.UNPACK, DeviceEvent.LOSE, DeviceEvent.TURN_BACK})
"""After these nobody can activate the device any more for the terminal that it was packed for."""


@transaction.atomic
def make_step(step: StockStep) -> None:
    """Write a step, and end what the device was packed for where it leaves. Raises Overtaken."""
    write_step(step)
    if step.event in _LEAVES:
        free_device(step.device.serial, step.actor, step.at)


class StockRows:
    """See ReceiptBook, StockBook and PackBook."""

    def has_shop(self, merchant_id: str, shop_id: str) -> bool:
        """See StockBook."""
        return has_shop(merchant_id, shop_id)

    def recall(self, serial: str) -> DeviceRow | None:
        """See StockBook."""
        return DeviceRow.objects.filter(serial=serial).first()

    def recall_order(self, order_id: str) -> DeviceOrderRow | None:
        """See StockBook."""
        return DeviceOrderRow.objects.filter(order_id=order_id).first()

    def next_in_stock(self, model: str) -> DeviceRow | None:
        """See StockBook."""
        rows = DeviceRow.objects.filter(model=model, state=DeviceState.IN_STOCK.value)
        return rows.order_by("received_at", "serial").first()

    # -- receiving ---------------------------------------------------------------------------------------------------

    def known(self, serials: Collection[str]) -> Collection[str]:
        """See ReceiptBook."""
        here = DeviceRow.objects.filter(serial__in=serials).values_list("serial", flat=True)
        registered = Terminal.objects.filter(serial__in=serials).values_list("serial", flat=True)
        return {*here, *registered}

    def receive(self, lines: Sequence[ListLine], note_text: str, actor: Actor, at: datetime) -> bool:
        """See ReceiptBook."""
        try:
            with transaction.atomic():
                DeviceRow.objects.bulk_create(
                    DeviceRow(
                        serial=line.serial,
                        model=line.model,
                        state=DeviceState.IN_STOCK.value,
                        note=note_text,
                        received_at=at,
                        changed_at=at,
                    )
                    for line in lines
                )
                for line in lines:
                    note_step(line.serial, None, DeviceState.IN_STOCK, "", actor, at)
                note("stock_received", "stock", note_text, actor, at, devices=len(lines))
        except IntegrityError:
            return False
        return True

    def note_known(self, serials: Sequence[str], note_text: str, actor: Actor, at: datetime) -> None:
        """See ReceiptBook."""
        note("stock_serials_again", "stock", note_text, actor, at, serials=list(serials))

    # -- orders ------------------------------------------------------------------------------------------------------

    def add_order(self, order_id: str, draft: OrderDraft, actor: Actor, at: datetime) -> None:
        """See StockBook."""
        with transaction.atomic():
            new_order(order_id, draft, actor, at)

    def move(self, step: StockStep) -> bool:
        """See StockBook."""
        try:
            make_step(step)
        except Overtaken:
            return False
        return True

    def cancel(self, order: OrderFacts, actor: Actor, at: datetime) -> bool:
        """See StockBook."""
        with transaction.atomic():
            rows = DeviceOrderRow.objects.filter(order_id=order.order_id, state=order.state)
            if not rows.update(state=OrderState.CANCELLED.value, changed_at=at):
                return False
            binding = TerminalBindingRow.objects.filter(terminal_id=order.terminal_id or "-").first()
            if binding is not None:
                close_terminal(binding.terminal_id, actor, at)
                binding.state, binding.changed_at = BindingState.CLOSED.value, at
                binding.save()
                add_history(binding, "close", actor, at)
            note("device_order_cancelled", "device_order", order.order_id, actor, at, order.merchant_id)
        return True

    # -- packing -----------------------------------------------------------------------------------------------------

    def papers(self, merchant_id: str) -> Papers | None:
        """See PackBook."""
        row = MerchantPapersRow.objects.filter(merchant_id=merchant_id).order_by("-kept_at").first()
        return Papers(row.merchant_id, row.licence, row.account, row.approved_at) if row is not None else None

    def terminal_number(self, order: OrderFacts) -> str:
        """See PackBook."""
        if not order.terminal_id:
            return RegisterRows().next_number()
        binding = TerminalBindingRow.objects.filter(terminal_id=order.terminal_id).first()
        waits = binding is not None and binding.state == BindingState.AWAITED.value
        return order.terminal_id if waits else ""

    def pack(self, step: StockStep, parts: SixParts, code: NewCode) -> bool:
        """See PackBook."""
        order = step.order
        assert order is not None, "a device is packed for an order"
        try:
            with transaction.atomic():
                write_step(step)
                DeviceOrderRow.objects.filter(order_id=order.order_id).update(terminal_id=code.terminal_id)
                register_packed(order, code, parts, step.actor, step.at)
        except (Overtaken, IntegrityError):
            return False
        return True


def new_order(order_id: str, draft: OrderDraft, actor: Actor, at: datetime, terminal_id: str = "") -> None:
    """Write a new order and the audit trail, in whoever calls' own transaction; with a number, for a terminal that waits."""
    DeviceOrderRow.objects.create(
        order_id=order_id,
        merchant_id=draft.merchant_id,
        shop_id=draft.shop_id,
        model=draft.model,
        profile=draft.profile,
        phone=draft.phone,
        address=draft.address.strip(),
        state=OrderState.OPEN.value,
        terminal_id=terminal_id,
        ordered_at=at,
        ordered_by=actor.username,
        changed_at=at,
    )
    note("device_ordered", "device_order", order_id, actor, at, draft.merchant_id, model=draft.model)
