"""The tables of terminals: what they are, what they download and are asked, what they tell.

What may live here: columns and constraints. What may not: behaviour, clear keys.
"""

from __future__ import annotations

from django.db import models


class TerminalModel(models.Model):
    """A model of device, with what it can do as a list of words."""

    model_id = models.CharField(max_length=32, primary_key=True)
    maker = models.CharField(max_length=40)
    name = models.CharField(max_length=40)
    year = models.SmallIntegerField()
    capabilities = models.JSONField()

    class Meta:
        db_table = "terminal_model"


class Terminal(models.Model):
    """A terminal, by the eight characters of its number (终端号). Keys are wrapped under the vault's master key."""

    terminal_id = models.CharField(max_length=8, primary_key=True)
    merchant_id = models.CharField(max_length=15)
    shop_id = models.CharField(max_length=32)
    model = models.ForeignKey(TerminalModel, on_delete=models.PROTECT)
    serial = models.CharField(max_length=40, unique=True)
    active = models.BooleanField()
    profile = models.CharField(max_length=32)
    batch_number = models.IntegerField()
    tmk = models.TextField(blank=True)
    tpk = models.TextField(blank=True)
    tak = models.TextField(blank=True)
    tdk = models.TextField(blank=True)
    signed_in_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "terminal"
        indexes = [models.Index(fields=["merchant_id"], name="terminal_merchant")]


NO_WORKING_KEYS = {"tpk": "", "tak": "", "tdk": "", "signed_in_at": None}
"""The columns of a terminal that has not signed in."""


class TerminalDownload(models.Model):
    """An entry of a list that terminals download, valid from a day until a newer row of the same key; empty: withdrawn.

    Terminals are given it once it has an approver.
    """

    pk = models.CompositePrimaryKey("kind", "profile", "row_key", "valid_from")
    kind = models.CharField(max_length=20)
    profile = models.CharField(max_length=32, blank=True)
    row_key = models.CharField(max_length=48)
    valid_from = models.DateField()
    content = models.TextField(blank=True)
    author = models.CharField(max_length=60)
    approver = models.CharField(max_length=60)

    class Meta:
        db_table = "terminal_download"


class TerminalAskRow(models.Model):
    """Something that was asked of a terminal, by whom and why, and when and how it ended; `ended` is empty while it is open."""

    pk = models.CompositePrimaryKey("terminal_id", "ask", "asked_at")
    terminal_id = models.CharField(max_length=8)
    ask = models.CharField(max_length=20)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=60)
    reason = models.TextField()
    urgency = models.SmallIntegerField()
    done_at = models.DateTimeField(null=True)
    ended = models.CharField(max_length=10, blank=True)

    class Meta:
        db_table = "terminal_ask"
        constraints = [
            models.UniqueConstraint(
                fields=["terminal_id", "ask"], condition=models.Q(done_at__isnull=True), name="terminal_ask_open"
            )
        ]


class TerminalStatusRow(models.Model):
    """What a terminal told of itself: the 12 digits of its frames' header, and the rest as text or hex."""

    pk = models.CompositePrimaryKey("terminal_id", "told_at")
    terminal_id = models.CharField(max_length=8)
    told_at = models.DateTimeField()
    header = models.CharField(max_length=12)
    content = models.TextField(blank=True)

    class Meta:
        db_table = "terminal_status"


class ScriptNoticeRow(models.Model):
    """What came of an issuer's script on a card: `result` is tag DF31 in hex, `chip` other objects, tag -> hex."""

    pk = models.CompositePrimaryKey("merchant_id", "payment_id", "batch_number", "stan")
    merchant_id = models.CharField(max_length=15)
    payment_id = models.CharField(max_length=32)
    terminal_id = models.CharField(max_length=8)
    batch_number = models.IntegerField()
    stan = models.IntegerField()
    told_at = models.DateTimeField()
    result = models.TextField()
    chip = models.TextField()

    class Meta:
        db_table = "script_notice"


class ScriptPassedOnRow(models.Model):
    """That a payment's card network has a script's result, by the notice's numbers, and the code of its answer."""

    pk = models.CompositePrimaryKey("merchant_id", "payment_id", "batch_number", "stan")
    merchant_id = models.CharField(max_length=15)
    payment_id = models.CharField(max_length=32)
    batch_number = models.IntegerField()
    stan = models.IntegerField()
    passed_on_at = models.DateTimeField()
    response_code = models.CharField(max_length=2, blank=True)

    class Meta:
        db_table = "script_passed_on"


class SignatureRow(models.Model):
    """A customer's signature, sealed under the house's key and bound to its payment."""

    pk = models.CompositePrimaryKey("merchant_id", "payment_id")
    merchant_id = models.CharField(max_length=15)
    payment_id = models.CharField(max_length=32)
    terminal_id = models.CharField(max_length=8)
    told_at = models.DateTimeField()
    sealed = models.TextField()

    class Meta:
        db_table = "signature"
