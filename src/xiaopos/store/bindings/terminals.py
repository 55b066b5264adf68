"""What a binding's events are to the terminal's own row: registered, given a device, moved, freed of its device, closed.

What may live here: those writings, the binding's row and its history. What may not: rules, which event leads where.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from xiaopos.fleet.bindings import REPORT_LIFE, BindingEvent, BindingState, ReportEvent, ReportState, SixParts
from xiaopos.fleet.catalogue import model_of
from xiaopos.kernel.ids import MerchantId, ShopId, TerminalId
from xiaopos.store.bindings.models import ActivationCodeRow, BindingHistoryRow, TerminalBindingRow
from xiaopos.store.fleet.models import Terminal, TerminalModel
from xiaopos.store.fleet.register import RegisterRows
from xiaopos.store.keys.inventory import end_terminal_keys
from xiaopos.store.stock.steps import Overtaken
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.fill_orders import OrderFacts
from xiaopos.usecases.pack_order import NewCode
from xiaopos.usecases.register_terminal import TerminalEntry

CATALOGUE_MAKER = "型号库"
"""Under what the fleet's table lists models that come from the catalogue."""


def no_device(terminal_id: str) -> str:
    """What stands for a serial number at a terminal that has no device now: serial numbers are unique."""
    return f"-{terminal_id}"


def register_packed(order: OrderFacts, code: NewCode, parts: SixParts, actor: Actor, at: datetime) -> None:
    """Register an order's terminal, or give the one it has another device, and let its binding wait. Raises Overtaken."""
    _list_model(order.model, at)
    terminal_id = code.terminal_id
    binding = TerminalBindingRow.objects.filter(terminal_id=terminal_id).first()
    if binding is None:
        entry = TerminalEntry(
            TerminalId(terminal_id),
            MerchantId(order.merchant_id),
            ShopId(order.shop_id),
            order.model,
            code.serial,
            order.profile,
            actor,
            at,
        )
        if not RegisterRows().enter(entry):
            raise Overtaken
        binding = TerminalBindingRow(terminal_id=terminal_id, merchant_id=order.merchant_id)
        binding.report = ReportState.NOT_DUE.value
        event = "pack"
    else:
        if binding.state != BindingState.AWAITED.value:
            raise Overtaken
        end_terminal_keys(terminal_id, actor, at)
        Terminal.objects.filter(terminal_id=terminal_id).update(
            serial=code.serial, model_id=order.model, profile=order.profile, shop_id=order.shop_id
        )
        event = "pack_again"
    binding.shop_id, binding.phone, binding.state = order.shop_id, order.phone, BindingState.AWAITED.value
    write_parts(binding, parts, at)
    binding.save()
    add_history(binding, event, actor, at)
    keep_code(code)


def _list_model(key: str, at: datetime) -> None:
    model = model_of(key, at.date())
    assert model is not None, "what is ordered is in the catalogue"
    words = sorted(capability.value for capability in model.capabilities)
    TerminalModel.objects.get_or_create(
        model_id=key,
        defaults={"maker": CATALOGUE_MAKER, "name": key, "year": model.year, "capabilities": words},
    )


def keep_code(code: NewCode) -> None:
    """Keep a code as its terminal's only one."""
    ActivationCodeRow.objects.filter(terminal_id=code.terminal_id).delete()
    ActivationCodeRow.objects.update_or_create(
        serial=code.serial,
        defaults={
            "terminal_id": code.terminal_id,
            "merchant_id": code.merchant_id,
            "digest": code.digest,
            "made_at": code.made_at,
            "expires_at": code.expires_at,
            "tries": 0,
        },
    )


def write_parts(binding: TerminalBindingRow, parts: SixParts, at: datetime) -> None:
    """Put the six into a row; whoever calls saves it."""
    binding.serial, binding.acquirer, binding.licence = parts.serial, parts.acquirer, parts.licence
    binding.account, binding.address, binding.changed_at = parts.account, parts.address, at


def free_device(serial: str, actor: Actor, at: datetime) -> None:
    """A device left its parcel, its way or its merchant: its code ends, and the terminal it was for has neither it nor keys."""
    ActivationCodeRow.objects.filter(serial=serial).delete()
    binding = TerminalBindingRow.objects.filter(serial=serial).exclude(state=BindingState.CLOSED.value).first()
    if binding is None:
        return
    take_device_away(binding.terminal_id, actor, at)
    binding.serial, binding.changed_at = "", at
    binding.save()
    add_history(binding, "free", actor, at)


def take_device_away(terminal_id: str, actor: Actor, at: datetime) -> None:
    """A terminal has no device now, and no keys."""
    end_terminal_keys(terminal_id, actor, at)
    Terminal.objects.filter(terminal_id=terminal_id).update(serial=no_device(terminal_id))


def close_terminal(terminal_id: str, actor: Actor, at: datetime) -> None:
    """A number ends: no device, no keys, no money, no code."""
    ActivationCodeRow.objects.filter(terminal_id=terminal_id).delete()
    take_device_away(terminal_id, actor, at)
    Terminal.objects.filter(terminal_id=terminal_id).update(active=False)


def due(report: str) -> str:
    """A report's state after its binding changed."""
    return REPORT_LIFE.move(ReportState(report), ReportEvent.CHANGE).value


def add_history(
    binding: TerminalBindingRow, event: str | BindingEvent, actor: Actor, at: datetime, reference: str = ""
) -> None:
    """Write a binding as it stands now into its history."""
    parts = asdict(binding.parts)
    parts["merchant_id"] = parts.pop("merchant")
    BindingHistoryRow.objects.create(
        terminal_id=binding.terminal_id,
        event=event.value if isinstance(event, BindingEvent) else event,
        state=binding.state,
        report=binding.report,
        reference=reference,
        at=at,
        actor=actor.username,
        reason=actor.reason.strip(),
        **parts,
    )
