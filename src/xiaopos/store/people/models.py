"""The tables of people.

What may live here: columns. What may not: permissions.
"""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from xiaopos.merchants.roles import Role


class User(AbstractBaseUser):
    """Somebody who signs in.

    `merchant_id` and `shop_id` are empty for the operator's own people, `agent_id` for all but an agent's.
    `approval_code` is the argon2 hash of what a manager types to approve a void or refund; `second_factor` is the
    TOTP secret, sealed; `second_factor_step` is the time step of the last code that was accepted, so that a code works
    once; `language` is the last chosen one.
    """

    username = models.CharField(max_length=40, unique=True)
    name_zh = models.CharField(max_length=40)
    name_en = models.CharField(max_length=40)
    role = models.CharField(max_length=16)
    merchant_id = models.CharField(max_length=15, blank=True)
    shop_id = models.CharField(max_length=32, blank=True)
    agent_id = models.CharField(max_length=32, blank=True, default="")
    promoter_id = models.CharField(max_length=32, blank=True, default="")
    approval_code = models.CharField(max_length=128, blank=True)
    second_factor = models.CharField(max_length=255, blank=True)
    second_factor_step = models.BigIntegerField(default=-1)
    language = models.CharField(max_length=10, blank=True)
    active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)

    USERNAME_FIELD = "username"
    objects = BaseUserManager["User"]()

    class Meta:
        db_table = "person"
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=[role.value for role in Role]), name="person_role")
        ]

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # Django's is a plain attribute, ours a column's reader
        """What Django asks before it signs somebody in."""
        return self.active


class InvitationRow(models.Model):
    """A link by which somebody sets a password and ties an authenticator; `mark` is the SHA-256 of its secret part."""

    mark = models.CharField(max_length=64, primary_key=True)
    person = models.ForeignKey(User, on_delete=models.CASCADE)
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "invitation"


class RecoveryCodeRow(models.Model):
    """A code that does once what the authenticator does; `mark` is a keyed hash of it."""

    person = models.ForeignKey(User, on_delete=models.CASCADE)
    mark = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "recovery_code"
        constraints = [models.UniqueConstraint(fields=["person", "mark"], name="recovery_code_mark")]


class AttemptRow(models.Model):
    """How often somebody has tried and failed of late: one row per person, per address, per merchant's approvals."""

    kind = models.CharField(max_length=10)
    subject = models.CharField(max_length=64)
    failures = models.IntegerField()
    first_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "attempt"
        constraints = [models.UniqueConstraint(fields=["kind", "subject"], name="attempt_subject")]
