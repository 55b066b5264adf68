"""The tables of applications.

What may live here: columns, keys, constraints. What may not: behaviour.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from xiaopos.merchants.applications.fields import Field, Kind
from xiaopos.merchants.applications.rulebook import Purpose
from xiaopos.merchants.applications.states import ApplicationEvent, ApplicationState
from xiaopos.usecases.application_ports import CallOutcome
from xiaopos.usecases.keep_documents import Scan


class ApplicationRow(models.Model):
    """An application. `link_mark` is the SHA-256 of the secret in the link that leads back, `code_mark` a keyed hash of the
    newest code, empty when it was spent; `edition` names the rules by which it was handed in last;
    `appeal` is what the applicant said against a refusal, sealed."""

    application_id = models.CharField(max_length=32, primary_key=True)
    kind = models.CharField(max_length=8)
    category = models.CharField(max_length=4)
    region = models.CharField(max_length=6)
    language = models.CharField(max_length=10)
    state = models.CharField(max_length=16)
    version = models.IntegerField(default=0)
    score = models.SmallIntegerField(default=0)
    risk_reasons = models.JSONField(default=list)
    edition = models.CharField(max_length=40, blank=True, default="")
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    taken_by = models.CharField(max_length=60, blank=True, default="")
    first_by = models.CharField(max_length=60, blank=True, default="")
    refused_by = models.CharField(max_length=60, blank=True, default="")
    merchant_id = models.CharField(max_length=15, blank=True, default="")
    agent_id = models.CharField(max_length=32, blank=True, default="")
    promoter_id = models.CharField(max_length=32, blank=True, default="")
    wished_model = models.CharField(max_length=32, blank=True, default="")
    link_mark = models.CharField(max_length=64, unique=True)
    code_mark = models.CharField(max_length=64, blank=True, default="")
    code_until = models.DateTimeField(null=True)
    appeal = models.BinaryField(default=b"")

    class Meta:
        db_table = "application"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in ApplicationState]), name="application_known_state"
            ),
            models.CheckConstraint(condition=Q(kind__in=[kind.value for kind in Kind]), name="application_known_kind"),
            models.CheckConstraint(
                condition=~Q(state=ApplicationState.APPROVED.value) | ~Q(merchant_id=""), name="application_merchant"
            ),
            models.UniqueConstraint(
                fields=["merchant_id"], condition=~Q(merchant_id=""), name="application_one_merchant"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_at"], name="application_queue"),
            models.Index(fields=["agent_id", "opened_at"], name="application_agent", condition=~Q(agent_id="")),
        ]


class ApplicationValueRow(models.Model):
    """A field that was typed or chosen, sealed; `mark` is a keyed hash of a telling one, by which it is found elsewhere."""

    pk = models.CompositePrimaryKey("application_id", "field")
    application_id = models.CharField(max_length=32)
    field = models.CharField(max_length=20)
    sealed = models.BinaryField()
    mark = models.CharField(max_length=64, blank=True)
    saved_at = models.DateTimeField()

    class Meta:
        db_table = "application_value"
        constraints = [
            models.CheckConstraint(
                condition=Q(field__in=[field.value for field in Field]), name="application_value_known_field"
            )
        ]
        indexes = [models.Index(fields=["mark"], name="application_value_mark", condition=~Q(mark=""))]


class PictureRow(models.Model):
    """A picture as we drew it, sealed. One that was replaced stays until the application's records go. `likeness` is by what the
    same picture is known again (risk.rings.likeness); empty for a kind of picture that all have alike."""

    picture_id = models.CharField(max_length=32, primary_key=True)
    application_id = models.CharField(max_length=32)
    field = models.CharField(max_length=20)
    sealed = models.BinaryField()
    size = models.IntegerField()
    scan = models.CharField(max_length=10)
    likeness = models.CharField(max_length=16, blank=True, default="")
    taken_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "application_picture"
        constraints = [
            models.CheckConstraint(
                condition=Q(scan__in=[Scan.CLEAN.value, Scan.UNSCANNED.value]), name="application_picture_scan"
            ),
            models.UniqueConstraint(
                fields=["application_id", "field"], condition=Q(replaced_at=None), name="application_picture_newest"
            ),
        ]


class ReturnedPartRow(models.Model):
    """A part that was given back to the applicant: why, and when it was given anew; closed when all was handed in again."""

    application_id = models.CharField(max_length=32)
    field = models.CharField(max_length=20)
    reason = models.CharField(max_length=200)
    returned_by = models.CharField(max_length=60)
    returned_at = models.DateTimeField()
    given_anew_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "application_returned"
        constraints = [
            models.UniqueConstraint(
                fields=["application_id", "field"], condition=Q(closed_at=None), name="application_returned_once"
            )
        ]


class ApplicationStepRow(models.Model):
    """A move that was made: why the house made it, and what the applicant was told."""

    pk = models.CompositePrimaryKey("application_id", "version")
    application_id = models.CharField(max_length=32)
    version = models.IntegerField()
    at = models.DateTimeField()
    event = models.CharField(max_length=12)
    after = models.CharField(max_length=16)
    actor = models.CharField(max_length=60)
    reason = models.CharField(max_length=200, blank=True)
    told = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "application_step"
        constraints = [
            models.CheckConstraint(
                condition=Q(event__in=[event.value for event in ApplicationEvent]), name="application_step_event"
            )
        ]


class ApplicationCallRow(models.Model):
    """What a call to the applicant came to, and what was said."""

    pk = models.CompositePrimaryKey("application_id", "at")
    application_id = models.CharField(max_length=32)
    at = models.DateTimeField()
    version = models.IntegerField()
    outcome = models.CharField(max_length=12)
    note = models.CharField(max_length=200)
    called_by = models.CharField(max_length=60)

    class Meta:
        db_table = "application_call"
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=[outcome.value for outcome in CallOutcome]), name="application_call_outcome"
            )
        ]


class ConsentRow(models.Model):
    """What was agreed to: the purpose, the very words, which edition of the rules has them."""

    pk = models.CompositePrimaryKey("application_id", "purpose", "at")
    application_id = models.CharField(max_length=32)
    purpose = models.CharField(max_length=12)
    at = models.DateTimeField()
    given = models.BooleanField()
    words = models.CharField(max_length=300)
    edition = models.CharField(max_length=40)

    class Meta:
        db_table = "application_consent"
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose__in=[purpose.value for purpose in Purpose]), name="application_consent_purpose"
            )
        ]


class MerchantLimitsRow(models.Model):
    """With which limits a merchant began, besides its terms: by credit card in a day and a month, in minor units, 0 for none."""

    merchant_id = models.CharField(max_length=15, primary_key=True)
    application_id = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=8)
    region = models.CharField(max_length=6)
    credit_day_minor = models.BigIntegerField()
    credit_month_minor = models.BigIntegerField()
    edition = models.CharField(max_length=40)
    ended_on = models.DateField(null=True)

    class Meta:
        db_table = "merchant_limits"
        constraints = [
            models.CheckConstraint(
                condition=Q(credit_month_minor=0) | Q(credit_day_minor__lte=F("credit_month_minor")),
                name="merchant_limits_day_within_month",
            )
        ]


class HoldRow(models.Model):
    """That what somebody gave must be kept whatever the rules say, or need not any more: the newest row counts."""

    pk = models.CompositePrimaryKey("application_id", "at")
    application_id = models.CharField(max_length=32)
    at = models.DateTimeField()
    held = models.BooleanField()
    actor = models.CharField(max_length=60)

    class Meta:
        db_table = "application_hold"


class ErasureRow(models.Model):
    """The tombstone of what somebody gave: how much it was, and the SHA-256 over all that is gone."""

    application_id = models.CharField(max_length=32, primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    fields = models.IntegerField()
    pictures = models.IntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        db_table = "application_erasure"


class LetterRow(models.Model):
    """A code as the demo's pretend telephone received it. There are none in production."""

    application_id = models.CharField(max_length=32)
    at = models.DateTimeField()
    phone = models.CharField(max_length=20)
    code = models.CharField(max_length=6)

    class Meta:
        db_table = "application_letter"
        indexes = [models.Index(fields=["application_id", "at"], name="application_letter_at")]
