"""What pages read of bindings: those of a merchant, one with its history, what waits, how long it took to the first payment.

What may live here: queries, each returning frozen values. What may not: writing, rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min

from xiaopos.fleet.bindings import ReportState
from xiaopos.payments.payment import Kind
from xiaopos.payments.states import State
from xiaopos.store.bindings.models import BindingChangeRow, BindingHistoryRow, MerchantPapersRow, TerminalBindingRow
from xiaopos.store.payments.models import PaymentRow

MOST = 300
_WORKED = (State.APPROVED.value, State.VOIDED.value)


@dataclass(frozen=True, slots=True)
class BindingLine:
    """A terminal's binding as it stands."""

    terminal_id: str
    merchant_id: str
    shop_id: str
    serial: str
    address: str
    state: str
    report: str
    changed_at: datetime
    bound_at: datetime | None
    proved_at: datetime | None


@dataclass(frozen=True, slots=True)
class BindingStepLine:
    """A binding as it stood after an event."""

    event: str
    state: str
    report: str
    reference: str
    serial: str
    address: str
    at: datetime
    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class FirstPayment:
    """How far a merchant has come since its application was approved. None for what has not happened."""

    merchant_id: str
    approved_at: datetime
    bound_at: datetime | None
    paid_at: datetime | None

    @property
    def took_s(self) -> int | None:
        """The seconds from the approval to the first payment."""
        return round((self.paid_at - self.approved_at).total_seconds()) if self.paid_at is not None else None


def bindings_of(merchant_id: str) -> tuple[BindingLine, ...]:
    """A merchant's bindings, by terminal."""
    rows = TerminalBindingRow.objects.filter(merchant_id=merchant_id).order_by("terminal_id")
    return tuple(BindingLine(**values) for values in rows.values(*BindingLine.__dataclass_fields__)[:MOST])


def binding_line(terminal_id: str) -> BindingLine | None:
    """One terminal's binding; None for one that was registered by hand."""
    rows = TerminalBindingRow.objects.filter(terminal_id=terminal_id)
    values = rows.values(*BindingLine.__dataclass_fields__).first()
    return BindingLine(**values) if values is not None else None


def bindings_to_report() -> tuple[BindingLine, ...]:
    """Bindings of which the clearing organisation does not know as they stand, the longest waiting first."""
    asked = [ReportState.DUE.value, ReportState.SENT.value, ReportState.REJECTED.value]
    rows = TerminalBindingRow.objects.filter(report__in=asked).order_by("changed_at")
    return tuple(BindingLine(**values) for values in rows.values(*BindingLine.__dataclass_fields__)[:MOST])


def changes_waiting() -> tuple[str, ...]:
    """The terminals whose change waits for a second person, the longest waiting first."""
    return tuple(BindingChangeRow.objects.order_by("asked_at").values_list("terminal_id", flat=True)[:MOST])


def binding_steps(terminal_id: str) -> tuple[BindingStepLine, ...]:
    """A binding's history, the oldest first."""
    rows = BindingHistoryRow.objects.filter(terminal_id=terminal_id).order_by("step_id")
    return tuple(BindingStepLine(**values) for values in rows.values(*BindingStepLine.__dataclass_fields__)[:MOST])


def first_payments(*, most: int = 30) -> tuple[FirstPayment, ...]:
    """How far the merchants that were approved last have come, the newest first. Three queries."""
    approved = MerchantPapersRow.objects.values("merchant_id").annotate(at=Min("approved_at")).order_by("-at")[:most]
    found = {row["merchant_id"]: row["at"] for row in approved}
    bound = TerminalBindingRow.objects.filter(merchant_id__in=found).values_list("merchant_id")
    bound_at = dict(bound.annotate(at=Min("first_bound_at")))
    sales = PaymentRow.objects.filter(merchant_id__in=found, kind=Kind.SALE.value, state__in=_WORKED)
    paid_at = dict(sales.values_list("merchant_id").annotate(at=Min("received_at")))
    return tuple(
        FirstPayment(merchant_id, at, bound_at.get(merchant_id), paid_at.get(merchant_id))
        for merchant_id, at in found.items()
    )
