"""Bindings in the database, each change with its history and its line in the audit trail.

What may live here: the books of activation, changes, reports, papers and lessons on Django. What may not: rules, lists for pages.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from xiaopos.fleet.bindings import BindingEvent, ReportState
from xiaopos.payments.payment import Kind
from xiaopos.payments.states import State
from xiaopos.store.bindings.models import (
    ActivationCodeRow,
    BindingChangeRow,
    LessonPassedRow,
    MerchantPapersRow,
    TerminalBindingRow,
)
from xiaopos.store.bindings.terminals import (
    add_history,
    close_terminal,
    due,
    keep_code,
    take_device_away,
    write_parts,
)
from xiaopos.store.fleet.models import Terminal
from xiaopos.store.keys.inventory import end_terminal_keys
from xiaopos.store.merchants.models import Merchant
from xiaopos.store.payments.models import PaymentRow
from xiaopos.store.stock.book import StockRows, make_step, new_order
from xiaopos.store.stock.models import DeviceOrderRow
from xiaopos.store.stock.steps import Overtaken, note
from xiaopos.usecases.activate_terminal import CENT, ActivationAsk, BindingStep
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.change_binding import ChangeAsk, ChangeKind
from xiaopos.usecases.fill_orders import OrderDraft
from xiaopos.usecases.pack_order import NewCode, Papers

LESSON_VERSION = 1
_REPORTED = frozenset({BindingEvent.ACTIVATE, BindingEvent.REBIND, BindingEvent.CLOSE})
"""The events of which the clearing organisation is told."""


class BindingRows(StockRows):
    """See ActivationBook, ProofBook, ChangeBook, ReportBook, PapersBook and Lessons."""

    def recall_binding(self, terminal_id: str) -> TerminalBindingRow | None:
        """See ActivationBook."""
        return TerminalBindingRow.objects.filter(terminal_id=terminal_id).first()

    # -- activation --------------------------------------------------------------------------------------------------

    def code_of(self, serial: str) -> ActivationCodeRow | None:
        """See ActivationBook."""
        return ActivationCodeRow.objects.filter(serial=serial).first()

    def count_wrong(self, serial: str, asked: ActivationAsk) -> None:
        """See ActivationBook. The audit trail holds no more of an unknown serial than its first characters."""
        with transaction.atomic():
            rows = ActivationCodeRow.objects.filter(serial=serial, merchant_id=asked.merchant_id)
            rows.update(tries=F("tries") + 1)
            note("activation_refused", "device", serial[:40], asked.actor, asked.at, asked.merchant_id)

    def has_master_key(self, terminal_id: str) -> bool:
        """See ActivationBook."""
        return bool(Terminal.objects.filter(terminal_id=terminal_id).exclude(tmk="").exists())

    def follow_binding(self, step: BindingStep) -> bool:
        """See ActivationBook."""
        try:
            with transaction.atomic():
                self._write(step)
        except (Overtaken, IntegrityError):
            return False
        return True

    def _write(self, step: BindingStep) -> TerminalBindingRow:
        """Write a binding's step, its history, its device. Raises Overtaken."""
        binding, event, at = step.binding, step.event, step.at
        row = TerminalBindingRow.objects.select_for_update().get(terminal_id=binding.terminal_id)
        if row.state != binding.state:
            raise Overtaken
        row.state = step.after.value
        write_parts(row, step.parts, at)
        if event in _REPORTED:
            row.report = due(row.report)
        if event is BindingEvent.ACTIVATE:
            row.bound_at, row.first_bound_at = at, row.first_bound_at or at
            ActivationCodeRow.objects.filter(serial=row.serial).delete()
        if event is BindingEvent.PROVE:
            row.proved_at = at
        row.save()
        if step.stock is not None:
            make_step(step.stock)
        add_history(row, event, step.actor, at)
        note(f"binding_{event.value}", "terminal", row.terminal_id, step.actor, at, row.merchant_id)
        return row

    def was_proved(self, terminal_id: str) -> bool:
        """See ProofBook."""
        binding = self.recall_binding(terminal_id)
        if binding is None or binding.bound_at is None:
            return False
        cents = PaymentRow.objects.filter(
            merchant_id=binding.merchant_id,
            terminal_id=terminal_id,
            received_at__gte=binding.bound_at,
            amount_minor=CENT,
            kind=Kind.SALE.value,
        )
        given_back = cents.filter(state=State.APPROVED.value, refunded_minor=CENT).exists()
        return given_back or bool(cents.filter(state=State.VOIDED.value).exists())

    # -- changes -----------------------------------------------------------------------------------------------------

    def waiting_change(self, terminal_id: str) -> ChangeAsk | None:
        """See ChangeBook."""
        row = BindingChangeRow.objects.filter(terminal_id=terminal_id).first()
        if row is None:
            return None
        actor = Actor(row.asked_by, row.asked_role, row.reason)
        return ChangeAsk(
            terminal_id, ChangeKind(row.kind), actor, row.asked_at, row.shop_id, row.address, lost=row.lost
        )

    def ask(self, asked: ChangeAsk) -> bool:
        """See ChangeBook."""
        try:
            with transaction.atomic():
                BindingChangeRow.objects.create(
                    terminal_id=asked.terminal_id,
                    kind=asked.kind.value,
                    shop_id=asked.shop_id,
                    address=asked.address.strip(),
                    lost=asked.lost,
                    asked_by=asked.actor.username,
                    asked_role=asked.actor.role,
                    reason=asked.actor.reason.strip(),
                    asked_at=asked.at,
                )
                note(
                    "binding_change_asked",
                    "terminal",
                    asked.terminal_id,
                    asked.actor,
                    asked.at,
                    change=asked.kind.value,
                )
        except IntegrityError:
            return False
        return True

    def drop_change(self, asked: ChangeAsk, actor: Actor, at: datetime) -> bool:
        """See ChangeBook."""
        with transaction.atomic():
            rows = BindingChangeRow.objects.filter(terminal_id=asked.terminal_id, asked_at=asked.at)
            dropped, _ = rows.delete()
            if not dropped:
                return False
            note("binding_change_dropped", "terminal", asked.terminal_id, actor, at, change=asked.kind.value)
        return True

    def carry_out(self, asked: ChangeAsk, step: BindingStep, code: NewCode | None, order_id: str) -> bool:
        """See ChangeBook."""
        try:
            with transaction.atomic():
                rows = BindingChangeRow.objects.filter(terminal_id=asked.terminal_id, asked_at=asked.at)
                if not rows.delete()[0]:
                    raise Overtaken
                row = self._write(step)
                self._after(asked, step, row, code, order_id)
        except (Overtaken, IntegrityError):
            return False
        return True

    def _after(
        self, asked: ChangeAsk, step: BindingStep, row: TerminalBindingRow, code: NewCode | None, order_id: str
    ) -> None:
        """What an approved change is to the terminal's own row, its keys and its orders."""
        terminal_id, actor, at = row.terminal_id, step.actor, step.at
        if asked.kind is ChangeKind.MOVE:
            assert code is not None, "whoever moves activates anew"
            end_terminal_keys(terminal_id, actor, at)
            Terminal.objects.filter(terminal_id=terminal_id).update(shop_id=asked.shop_id)
            TerminalBindingRow.objects.filter(terminal_id=terminal_id).update(shop_id=asked.shop_id)
            keep_code(code)
        if asked.kind is ChangeKind.CLOSE:
            close_terminal(terminal_id, actor, at)
        if asked.kind is ChangeKind.REPLACE:
            take_device_away(terminal_id, actor, at)
            before = DeviceOrderRow.objects.filter(terminal_id=terminal_id).order_by("-ordered_at").first()
            assert before is not None, "a terminal that was packed was ordered"
            draft = OrderDraft(
                row.merchant_id, row.shop_id, before.model, before.profile, row.phone, step.parts.address
            )
            new_order(order_id, draft, actor, at, terminal_id)

    # -- reports, papers, lessons ------------------------------------------------------------------------------------

    def report_of(self, terminal_id: str) -> str | None:
        """See ReportBook."""
        return TerminalBindingRow.objects.filter(terminal_id=terminal_id).values_list("report", flat=True).first()

    def report(
        self, terminal_id: str, before: ReportState, after: ReportState, reference: str, actor: Actor, at: datetime
    ) -> bool:
        """See ReportBook."""
        with transaction.atomic():
            rows = TerminalBindingRow.objects.filter(terminal_id=terminal_id, report=before.value)
            if not rows.update(report=after.value):
                return False
            add_history(rows.model.objects.get(terminal_id=terminal_id), "report", actor, at, reference)
            note("binding_report", "terminal", terminal_id, actor, at, state=after.value, reference=reference)
        return True

    def has_merchant(self, merchant_id: str) -> bool:
        """See PapersBook."""
        return bool(Merchant.objects.filter(merchant_id=merchant_id).exists())

    def keep(self, papers: Papers, actor: Actor, at: datetime) -> None:
        """See PapersBook."""
        with transaction.atomic():
            MerchantPapersRow.objects.create(
                merchant_id=papers.merchant_id,
                kept_at=at,
                kept_by=actor.username,
                licence=papers.licence,
                account=papers.account,
                approved_at=papers.approved_at,
            )
            note("merchant_papers_kept", "merchant", papers.merchant_id, actor, at, papers.merchant_id)

    def has_passed(self, username: str) -> bool:
        """See Lessons."""
        return bool(LessonPassedRow.objects.filter(username=username, version=LESSON_VERSION).exists())

    def passes(self, username: str, at: datetime) -> None:
        """Write that somebody has passed the lesson."""
        LessonPassedRow.objects.update_or_create(
            username=username, defaults={"version": LESSON_VERSION, "passed_at": at}
        )
