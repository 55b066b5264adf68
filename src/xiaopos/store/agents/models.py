"""The tables of agents.

What may live here: columns, keys, constraints. What may not: behaviour.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from xiaopos.merchants.agents.states import AgentState, PromoterState


class AgentRow(models.Model):
    """An agent. `regions`, `products` and `deeds` are lists of texts; no regions or products means all."""

    agent_id = models.CharField(max_length=32, primary_key=True)
    parent_id = models.CharField(max_length=32, blank=True)
    name = models.CharField(max_length=40)
    licence = models.CharField(max_length=18, unique=True)
    filing = models.CharField(max_length=40)
    contract = models.CharField(max_length=40, blank=True)
    regions = models.JSONField(default=list)
    products = models.JSONField(default=list)
    deeds = models.JSONField(default=list)
    valid_from = models.DateField()
    valid_until = models.DateField()
    recheck_on = models.DateField(null=True)
    state = models.CharField(max_length=12)
    entered_by = models.CharField(max_length=60)
    entered_at = models.DateTimeField()
    checked_by = models.CharField(max_length=60, blank=True)
    authorised_by = models.CharField(max_length=60, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "agent"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in AgentState]), name="agent_known_state"
            ),
            models.CheckConstraint(condition=Q(valid_until__gte=F("valid_from")), name="agent_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(authorised_by="") | ~Q(authorised_by=F("checked_by")), name="agent_two_people"
            ),
        ]
        indexes = [models.Index(fields=["parent_id"], name="agent_parent")]


class FilingProofRow(models.Model):
    """That an agent's filing was seen in a public list; `digest` is of what was captured."""

    pk = models.CompositePrimaryKey("agent_id", "captured_at")
    agent_id = models.CharField(max_length=32)
    captured_at = models.DateTimeField()
    captured_by = models.CharField(max_length=60)
    seen_at = models.DateTimeField()
    place = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)

    class Meta:
        db_table = "agent_filing_proof"


class PromoterRow(models.Model):
    """Somebody who works for an agent."""

    promoter_id = models.CharField(max_length=32, primary_key=True)
    agent_id = models.CharField(max_length=32)
    name = models.CharField(max_length=40)
    work_number = models.CharField(max_length=20)
    since = models.DateField()
    state = models.CharField(max_length=12)
    entered_by = models.CharField(max_length=60)
    entered_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "promoter"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in PromoterState]), name="promoter_known_state"
            ),
            models.UniqueConstraint(fields=["agent_id", "work_number"], name="promoter_work_number"),
        ]
