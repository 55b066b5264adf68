"""What pages list of agents and their promoters.

What may live here: reading for a screen. What may not: writing, rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from xiaopos.store.agents.models import AgentRow, FilingProofRow, PromoterRow

MOST = 500


@dataclass(frozen=True, slots=True)
class AgentLine:
    """An agent as a page shows it; it satisfies `AgentFacts`."""

    agent_id: str
    parent_id: str
    name: str
    licence: str
    filing: str
    contract: str
    regions: Sequence[str]
    products: Sequence[str]
    deeds: Sequence[str]
    valid_from: date
    valid_until: date
    recheck_on: date | None
    state: str
    entered_by: str
    entered_at: datetime
    checked_by: str
    authorised_by: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class PromoterLine:
    """A promoter as a page shows them; it satisfies `PromoterFacts`."""

    promoter_id: str
    agent_id: str
    name: str
    work_number: str
    since: date
    state: str


@dataclass(frozen=True, slots=True)
class ProofLine:
    """What was captured of an agent's filing."""

    captured_at: datetime
    captured_by: str
    seen_at: datetime
    place: str
    digest: str


def list_agents(*, text: str = "", state: str = "") -> list[AgentLine]:
    """The agents by name, those whose name or licence holds a text, in a state."""
    found = AgentRow.objects.order_by("name", "agent_id")
    if state:
        found = found.filter(state=state)
    if text:
        found = found.filter(name__icontains=text) | found.filter(licence__iexact=text)
    return [AgentLine(**values) for values in found.values(*AgentLine.__dataclass_fields__)[:MOST]]


def agent_lines(agent_ids: Sequence[str]) -> list[AgentLine]:
    """Agents by their numbers, in the order asked; those that there are."""
    rows = AgentRow.objects.filter(agent_id__in=agent_ids).values(*AgentLine.__dataclass_fields__)
    found = {values["agent_id"]: AgentLine(**values) for values in rows}
    return [found[agent_id] for agent_id in agent_ids if agent_id in found]


def agents_below(agent_id: str) -> list[AgentLine]:
    """The agents right below one."""
    rows = AgentRow.objects.filter(parent_id=agent_id).order_by("name")
    return [AgentLine(**values) for values in rows.values(*AgentLine.__dataclass_fields__)[:MOST]]


def promoters_of(agent_id: str) -> list[PromoterLine]:
    """An agent's promoters, those who left last."""
    rows = PromoterRow.objects.filter(agent_id=agent_id).order_by("state", "work_number")
    return [PromoterLine(**values) for values in rows.values(*PromoterLine.__dataclass_fields__)[:MOST]]


def promoter_line(promoter_id: str) -> PromoterLine | None:
    """One promoter."""
    values = PromoterRow.objects.filter(promoter_id=promoter_id).values(*PromoterLine.__dataclass_fields__).first()
    return None if values is None else PromoterLine(**values)


def proofs_of(agent_id: str) -> list[ProofLine]:
    """What was captured of an agent's filing, newest first."""
    rows = FilingProofRow.objects.filter(agent_id=agent_id).order_by("-captured_at")
    return [ProofLine(**values) for values in rows.values(*ProofLine.__dataclass_fields__)[:MOST]]
