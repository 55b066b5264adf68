"""Registering terminals in the database, with a line in the audit trail.

What may live here: the TerminalRegister on Django, the models a form offers. What may not: rules (usecases.register_terminal).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from xiaopos.kernel.ids import MerchantId, ShopId, TerminalId
from xiaopos.store.audit.trail import AuditEntry, append
from xiaopos.store.fleet.models import NO_WORKING_KEYS, Terminal, TerminalModel
from xiaopos.store.merchants.queries import has_shop
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.register_terminal import ProfileChange, Registered, TerminalEntry

FIRST_NUMBER = 10_000_001


@dataclass(frozen=True, slots=True)
class ModelLine:
    """A model of device that a terminal may be of."""

    model_id: str
    maker: str
    name: str
    year: int
    capabilities: tuple[str, ...]


def models() -> tuple[ModelLine, ...]:
    """Every model, by maker and name."""
    rows = TerminalModel.objects.order_by("maker", "name", "year")
    return tuple(ModelLine(row.model_id, row.maker, row.name, row.year, tuple(row.capabilities)) for row in rows)


class RegisterRows:
    """See TerminalRegister."""

    def has_shop(self, merchant_id: MerchantId, shop_id: ShopId) -> bool:
        """See TerminalRegister."""
        return has_shop(merchant_id, shop_id)

    def capabilities(self, model_id: str) -> Collection[str] | None:
        """See TerminalRegister."""
        found = TerminalModel.objects.filter(model_id=model_id).first()
        return None if found is None else tuple(found.capabilities)

    def holder_of(self, serial: str) -> TerminalId | None:
        """See TerminalRegister."""
        number = Terminal.objects.filter(serial=serial).values_list("terminal_id", flat=True).first()
        return None if number is None else TerminalId(number)

    def recall(self, terminal_id: TerminalId) -> Registered | None:
        """See TerminalRegister."""
        row = Terminal.objects.filter(terminal_id=terminal_id).select_related("model").first()
        return None if row is None else Registered(row.profile, tuple(row.model.capabilities))

    def next_number(self) -> TerminalId:
        """See TerminalRegister."""
        rows = Terminal.objects.filter(terminal_id__regex=r"^[0-9]{8}$").order_by("-terminal_id")
        highest = rows.values_list("terminal_id", flat=True).first()
        return TerminalId(f"{int(highest) + 1 if highest else FIRST_NUMBER:08}")

    def enter(self, entry: TerminalEntry) -> bool:
        """See TerminalRegister."""
        try:
            with transaction.atomic():
                Terminal.objects.create(
                    terminal_id=entry.terminal_id,
                    merchant_id=entry.merchant_id,
                    shop_id=entry.shop_id,
                    model_id=entry.model_id,
                    serial=entry.serial,
                    active=True,
                    profile=entry.profile,
                    batch_number=1,
                )
                facts = {
                    "shop": entry.shop_id,
                    "model": entry.model_id,
                    "serial": entry.serial,
                    "profile": entry.profile,
                }
                _append("register_terminal", entry.terminal_id, entry.merchant_id, entry.actor, entry.at, facts)
        except IntegrityError:
            return False
        return True

    def change_profile(self, change: ProfileChange, before: str) -> bool:
        """See TerminalRegister."""
        with transaction.atomic():
            standing = Terminal.objects.filter(terminal_id=change.terminal_id, profile=before)
            merchant_id = standing.values_list("merchant_id", flat=True).first()
            if merchant_id is None or not standing.update(profile=change.profile, **NO_WORKING_KEYS):
                return False
            facts = {"before": before, "profile": change.profile}
            _append("change_terminal_profile", change.terminal_id, merchant_id, change.actor, change.at, facts)
        return True


def _append(
    action: str, terminal_id: TerminalId, merchant_id: str, actor: Actor, at: datetime, facts: Mapping[str, str]
) -> None:
    entry = AuditEntry(
        actor=actor.username,
        role=actor.role,
        action=action,
        merchant_id=merchant_id,
        object_kind="terminal",
        object_id=terminal_id,
        reason=actor.reason.strip(),
        detail=dict(facts),
    )
    append(entry, at=at)
