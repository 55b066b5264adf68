"""The tables of payments.

What may live here: columns, keys, constraints drawn from the table of states. What may not: behaviour; these models are
read by pages and checked by tests, while `store.writer` writes.
"""

from __future__ import annotations

from django.db import models

from xiaopos.payments.payment import CardKind, Kind, Method
from xiaopos.payments.states import State

OPEN_STATES = tuple(
    state.value
    for state in (
        State.SENT, State.PAYING, State.UNKNOWN, State.REVERSING, State.UNRESOLVED, State.VOIDING, State.COMPLETING,
    )
)  # fmt: skip


def _one_of(field: str, values: type[State | Kind | Method | CardKind], name: str) -> models.CheckConstraint:
    allowed = [member.value for member in values]
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": allowed}), name=name)


class PaymentRow(models.Model):
    """One payment. Amounts in minor units; the columns mean what the fields of `payments.Payment` mean."""

    pk = models.CompositePrimaryKey("merchant_id", "payment_id")
    merchant_id = models.CharField(max_length=15)
    payment_id = models.CharField(max_length=32)
    business_on = models.DateField()
    kind = models.CharField(max_length=12)
    method = models.CharField(max_length=12)
    channel = models.CharField(max_length=24)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    refunding_minor = models.BigIntegerField()
    refunded_minor = models.BigIntegerField()
    content_hash = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    shop_id = models.CharField(max_length=32)
    terminal_id = models.CharField(max_length=8)
    batch_number = models.IntegerField()
    stan = models.IntegerField(null=True)
    cashier = models.CharField(max_length=40)
    state = models.CharField(max_length=12)
    version = models.IntegerField()
    terminal_time = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    original_id = models.CharField(max_length=32, null=True)
    rrn = models.CharField(max_length=12)
    approval_code = models.CharField(max_length=6)
    response_code = models.CharField(max_length=2)
    reason = models.CharField(max_length=32)
    card_kind = models.CharField(max_length=8)
    card_masked = models.CharField(max_length=19)
    card_token = models.CharField(max_length=64)
    card_sealed = models.CharField(max_length=255)
    card_entry_mode = models.CharField(max_length=3)
    card_sequence = models.CharField(max_length=3)
    card_chip = models.TextField()
    issuer = models.CharField(max_length=60)
    payer = models.CharField(max_length=60)
    channel_ref = models.CharField(max_length=64)
    shown_code = models.CharField(max_length=255)
    claimed_by = models.CharField(max_length=60)
    advice = models.BooleanField(default=False)

    class Meta:
        db_table = "payment"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant_id", "business_on", "terminal_id", "batch_number", "stan"], name="payment_voucher"
            ),
            _one_of("state", State, "payment_state"),
            _one_of("kind", Kind, "payment_kind"),
            _one_of("method", Method, "payment_method"),
            _one_of("card_kind", CardKind, "payment_card_kind"),
            models.CheckConstraint(
                condition=models.Q(
                    refunded_minor__gte=0,
                    refunding_minor__gte=0,
                    amount_minor__gte=models.F("refunded_minor") + models.F("refunding_minor"),
                ),
                name="payment_refunds_fit",
            ),
        ]
        indexes = [
            models.Index(fields=["business_on", "rrn"], name="payment_rrn"),
            models.Index(
                fields=["state", "received_at"], name="payment_open", condition=models.Q(state__in=OPEN_STATES)
            ),
            models.Index(
                fields=["merchant_id", "approval_code"],
                name="payment_preauth",
                condition=models.Q(kind=Kind.PREAUTH.value),
            ),
        ]


class PaymentMoveRow(models.Model):
    """One line of a payment's time line: what it became, when, and why."""

    pk = models.CompositePrimaryKey("merchant_id", "payment_id", "version")
    merchant_id = models.CharField(max_length=15)
    payment_id = models.CharField(max_length=32)
    version = models.IntegerField()
    at = models.DateTimeField()
    state = models.CharField(max_length=12)
    reason = models.CharField(max_length=32)
    response_code = models.CharField(max_length=2)
    by = models.CharField(max_length=60)
    channel = models.CharField(max_length=24, null=True)
    """On which channel the payment was by then; null for moves older than this column."""

    class Meta:
        db_table = "payment_move"


class DiscrepancyRow(models.Model):
    """Something for a person to look at: our books and another's may differ."""

    pk = models.CompositePrimaryKey("merchant_id", "payment_id", "kind")
    merchant_id = models.CharField(max_length=15)
    payment_id = models.CharField(max_length=32)
    kind = models.CharField(max_length=32)
    detail = models.CharField(max_length=255)
    found_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=60)

    class Meta:
        db_table = "discrepancy"


class RefusalRow(models.Model):
    """A request that was understood and refused before it became a payment."""

    pk = models.CompositePrimaryKey("merchant_id", "refusal_id")
    merchant_id = models.CharField(max_length=15)
    refusal_id = models.CharField(max_length=32)
    at = models.DateTimeField()
    business_on = models.DateField()
    kind = models.CharField(max_length=12)
    shop_id = models.CharField(max_length=32)
    terminal_id = models.CharField(max_length=8)
    cashier = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    reason = models.CharField(max_length=32)
    detail = models.CharField(max_length=255)

    class Meta:
        db_table = "refusal"
        indexes = [models.Index(fields=["merchant_id", "business_on"], name="refusal_day")]


class BatchClosingRow(models.Model):
    """One closing of a terminal's batch: its totals and ours. `theirs_...` are null when the device counts nothing."""

    pk = models.CompositePrimaryKey("merchant_id", "terminal_id", "batch_number", "closed_at")
    merchant_id = models.CharField(max_length=15)
    terminal_id = models.CharField(max_length=8)
    batch_number = models.IntegerField()
    closed_at = models.DateTimeField()
    balanced = models.BooleanField()
    next_batch = models.IntegerField()
    debit_count = models.IntegerField()
    debit_minor = models.BigIntegerField()
    credit_count = models.IntegerField()
    credit_minor = models.BigIntegerField()
    theirs_debit_count = models.IntegerField(null=True)
    theirs_debit_minor = models.BigIntegerField(null=True)
    theirs_credit_count = models.IntegerField(null=True)
    theirs_credit_minor = models.BigIntegerField(null=True)

    class Meta:
        db_table = "batch_closing"


class BatchItemRow(models.Model):
    """One detail of a closed batch as its terminal uploaded it."""

    pk = models.CompositePrimaryKey("merchant_id", "terminal_id", "batch_number", "stan", "told_at")
    merchant_id = models.CharField(max_length=15)
    terminal_id = models.CharField(max_length=8)
    batch_number = models.IntegerField()
    stan = models.IntegerField()
    told_at = models.DateTimeField()
    amount_minor = models.BigIntegerField()
    card_masked = models.CharField(max_length=20)

    class Meta:
        db_table = "batch_item"


class OutcomeMinuteRow(models.Model):
    """How many payments of a process and channel ended in a minute, by how they ended and how long they took.

    `took` is the place of their time among `store.writer.outcomes.TOOK_MS`.
    """

    pk = models.CompositePrimaryKey("minute_at", "process", "channel", "state", "reason", "took")
    minute_at = models.DateTimeField()
    process = models.CharField(max_length=60)
    channel = models.CharField(max_length=24)
    state = models.CharField(max_length=12)
    reason = models.CharField(max_length=32)
    took = models.SmallIntegerField()
    payments = models.IntegerField()

    class Meta:
        db_table = "outcome_minute"


class DrainedNetworkRow(models.Model):
    """A card network that takes no new payments for now; it takes them again when its row is gone."""

    network = models.CharField(max_length=24, primary_key=True)
    since = models.DateTimeField()
    by = models.CharField(max_length=60)
    reason = models.CharField(max_length=200)

    class Meta:
        db_table = "drained_network"


class KeptFrameRow(models.Model):
    """A frame about a payment, decoded and masked; the payment is known by its RRN. Kept for some days."""

    frame_id = models.CharField(max_length=32, primary_key=True)
    at = models.DateTimeField()
    rrn = models.CharField(max_length=12)
    process = models.CharField(max_length=60)
    peer = models.CharField(max_length=24)
    """A network's name; empty for a terminal."""
    ours = models.BooleanField()
    title = models.CharField(max_length=120)
    lines = models.TextField()

    class Meta:
        db_table = "kept_frame"
        indexes = [models.Index(fields=["rrn", "at"], name="kept_frame_rrn")]


class NumberBlockRow(models.Model):
    """The next free number of a series (the RRNs of a business day), handed out to processes in blocks."""

    series = models.CharField(max_length=24, primary_key=True)
    next_number = models.BigIntegerField()

    class Meta:
        db_table = "number_block"
