"""The tables of bindings.

What may live here: columns, keys, constraints. What may not: behaviour.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from xiaopos.fleet.bindings import BindingState, ReportState, SixParts


class TerminalBindingRow(models.Model):
    """A terminal's binding as it stands. A terminal without a row was registered by hand, and is not held to one.

    `serial` is empty while another device is on its way; `bound_at` the last activation, `first_bound_at` the first.
    """

    terminal_id = models.CharField(max_length=8, primary_key=True)
    merchant_id = models.CharField(max_length=15)
    shop_id = models.CharField(max_length=32)
    serial = models.CharField(max_length=40, blank=True)
    acquirer = models.CharField(max_length=11)
    licence = models.CharField(max_length=32)
    account = models.CharField(max_length=32)
    address = models.CharField(max_length=120)
    phone = models.CharField(max_length=16)
    state = models.CharField(max_length=12)
    report = models.CharField(max_length=12)
    changed_at = models.DateTimeField()
    first_bound_at = models.DateTimeField(null=True)
    bound_at = models.DateTimeField(null=True)
    proved_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "terminal_binding"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in BindingState]), name="terminal_binding_known_state"
            ),
            models.CheckConstraint(
                condition=Q(report__in=[state.value for state in ReportState]), name="terminal_binding_known_report"
            ),
            models.UniqueConstraint(
                fields=["serial"], condition=~Q(serial="") & ~Q(state="closed"), name="terminal_binding_one_a_serial"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["bound", "proved"])
                | ~(Q(serial="") | Q(acquirer="") | Q(licence="") | Q(account="") | Q(address="")),
                name="terminal_binding_whole",
            ),
        ]
        indexes = [models.Index(fields=["merchant_id"], name="terminal_binding_merchant")]

    @property
    def parts(self) -> SixParts:
        """The six."""
        return SixParts(self.serial, self.acquirer, self.merchant_id, self.licence, self.account, self.address)


class BindingHistoryRow(models.Model):
    """A binding as it stood after one event, or after news of its report. Never changed."""

    step_id = models.BigAutoField(primary_key=True)
    terminal_id = models.CharField(max_length=8)
    event = models.CharField(max_length=16)
    state = models.CharField(max_length=12)
    report = models.CharField(max_length=12)
    reference = models.CharField(max_length=60, blank=True)
    merchant_id = models.CharField(max_length=15)
    serial = models.CharField(max_length=40, blank=True)
    acquirer = models.CharField(max_length=11)
    licence = models.CharField(max_length=32)
    account = models.CharField(max_length=32)
    address = models.CharField(max_length=120)
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    reason = models.TextField()

    class Meta:
        db_table = "terminal_binding_history"
        indexes = [models.Index(fields=["terminal_id", "at"], name="binding_history_terminal")]


class ActivationCodeRow(models.Model):
    """A code that waits for its device to be activated, as a keyed hash over serial, code and phone; one a serial."""

    serial = models.CharField(max_length=40, primary_key=True)
    terminal_id = models.CharField(max_length=8)
    merchant_id = models.CharField(max_length=15)
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "activation_code"
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="activation_code_ends_after_it_begins"
            )
        ]
        indexes = [models.Index(fields=["terminal_id"], name="activation_code_terminal")]


class BindingChangeRow(models.Model):
    """A change that waits for a second person; one a terminal."""

    terminal_id = models.CharField(max_length=8, primary_key=True)
    kind = models.CharField(max_length=12)
    shop_id = models.CharField(max_length=32, blank=True)
    address = models.CharField(max_length=120, blank=True)
    lost = models.BooleanField(default=False)
    asked_by = models.CharField(max_length=60)
    asked_role = models.CharField(max_length=20)
    reason = models.TextField()
    asked_at = models.DateTimeField()

    class Meta:
        db_table = "binding_change"


class MerchantPapersRow(models.Model):
    """What the approval of a merchant's application says of it; the newest counts. Never changed."""

    pk = models.CompositePrimaryKey("merchant_id", "kept_at")
    merchant_id = models.CharField(max_length=15)
    kept_at = models.DateTimeField()
    kept_by = models.CharField(max_length=60)
    licence = models.CharField(max_length=32)
    account = models.CharField(max_length=32)
    approved_at = models.DateTimeField()

    class Meta:
        db_table = "merchant_papers"


class LessonPassedRow(models.Model):
    """That somebody has passed the short lesson of whoever is given a terminal."""

    username = models.CharField(max_length=60, primary_key=True)
    version = models.PositiveSmallIntegerField()
    passed_at = models.DateTimeField()

    class Meta:
        db_table = "lesson_passed"
