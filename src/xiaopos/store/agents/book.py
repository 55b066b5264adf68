"""The register of agents in the database, each change with its line in the audit trail; and promoters as badges need them.

What may live here: the AgentBook and the Register on Django. What may not: rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, tzinfo

from django.db import IntegrityError, transaction
from django.db.models import Q

from xiaopos.kernel.clock import business_day
from xiaopos.merchants.agents.authority import MOST_TIERS, bounds_of, doubt_of_promoter
from xiaopos.merchants.agents.states import AgentEvent, AgentState, PromoterEvent, PromoterState
from xiaopos.store.agents.models import AgentRow, FilingProofRow, PromoterRow
from xiaopos.store.audit.trail import AuditEntry, append
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.keep_agents import AgentDraft, FilingProof, KeptAgent, KeptPromoter, PromoterDraft
from xiaopos.usecases.keep_badges import Bearer

_MAY_ACT = (AgentState.AUTHORISED.value, AgentState.SUSPENDED.value)


class AgentRows:
    """See AgentBook."""

    def recall(self, agent_id: str) -> AgentRow | None:
        """See AgentBook."""
        return AgentRow.objects.filter(agent_id=agent_id).first()

    def chain(self, agent_id: str) -> Sequence[AgentRow]:
        """See AgentBook. It stops one above the most that there may be: whoever judges it sees that it is too long."""
        found: list[AgentRow] = []
        while agent_id and len(found) <= MOST_TIERS:
            row = self.recall(agent_id)
            if row is None:
                break
            found.append(row)
            agent_id = row.parent_id
        return found

    def add(self, agent_id: str, draft: AgentDraft, actor: Actor, at: datetime) -> bool:
        """See AgentBook."""
        try:
            with transaction.atomic():
                AgentRow.objects.create(
                    agent_id=agent_id,
                    parent_id=draft.parent_id,
                    name=draft.name.strip(),
                    licence=draft.licence,
                    filing=draft.filing,
                    contract=draft.contract.strip()[:40],
                    regions=list(draft.regions),
                    products=list(draft.products),
                    deeds=list(draft.deeds),
                    valid_from=draft.valid_from,
                    valid_until=draft.valid_until,
                    state=AgentState.APPLIED.value,
                    entered_by=actor.username,
                    entered_at=at,
                    changed_at=at,
                )
                _append("agent_entered", "agent", agent_id, actor, at, licence=draft.licence)
        except IntegrityError:
            return False
        return True

    def capture(self, agent_id: str, proof: FilingProof, actor: Actor, at: datetime) -> None:
        """See AgentBook."""
        with transaction.atomic():
            FilingProofRow.objects.create(
                agent_id=agent_id,
                captured_at=at,
                captured_by=actor.username,
                seen_at=proof.seen_at,
                place=proof.place.strip(),
                digest=proof.digest,
            )
            _append("agent_filing_captured", "agent", agent_id, actor, at, digest=proof.digest)

    def proof_since(self, agent_id: str, since: datetime) -> bool:
        """See AgentBook."""
        return bool(FilingProofRow.objects.filter(agent_id=agent_id, seen_at__gte=since).exists())

    def change(
        self,
        agent: KeptAgent,
        after: AgentState,
        event: AgentEvent,
        actor: Actor,
        at: datetime,
        recheck_on: date | None,
    ) -> bool:
        """See AgentBook."""
        written = {"state": after.value, "changed_at": at, "recheck_on": recheck_on}
        if event is AgentEvent.CHECK:
            written |= {"checked_by": actor.username, "authorised_by": ""}
        if event is AgentEvent.AUTHORISE:
            written |= {"authorised_by": actor.username}
        with transaction.atomic():
            if not AgentRow.objects.filter(agent_id=agent.agent_id, state=agent.state).update(**written):
                return False
            _append(f"agent_{event.value}", "agent", agent.agent_id, actor, at)
        return True

    def add_promoter(self, promoter_id: str, draft: PromoterDraft, actor: Actor, at: datetime) -> bool:
        """See AgentBook."""
        try:
            with transaction.atomic():
                PromoterRow.objects.create(
                    promoter_id=promoter_id,
                    agent_id=draft.agent_id,
                    name=draft.name.strip(),
                    work_number=draft.work_number,
                    since=draft.since,
                    state=PromoterState.ACTIVE.value,
                    entered_by=actor.username,
                    entered_at=at,
                    changed_at=at,
                )
                _append("promoter_entered", "promoter", promoter_id, actor, at, agent=draft.agent_id)
        except IntegrityError:
            return False
        return True

    def recall_promoter(self, promoter_id: str) -> PromoterRow | None:
        """See AgentBook."""
        return PromoterRow.objects.filter(promoter_id=promoter_id).first()

    def change_promoter(
        self, promoter: KeptPromoter, after: PromoterState, event: PromoterEvent, actor: Actor, at: datetime
    ) -> bool:
        """See AgentBook."""
        with transaction.atomic():
            rows = PromoterRow.objects.filter(promoter_id=promoter.promoter_id, state=promoter.state)
            if not rows.update(state=after.value, changed_at=at):
                return False
            _append(f"promoter_{event.value}", "promoter", promoter.promoter_id, actor, at)
        return True

    def run_out(self, on: date) -> Sequence[AgentRow]:
        """See AgentBook."""
        rows = AgentRow.objects.filter(state__in=_MAY_ACT).filter(Q(valid_until__lt=on) | Q(recheck_on__lt=on))
        return list(rows.order_by("agent_id"))


class PromoterRegister:
    """See Register: how promoters stand, for their badges. `zone` is the operator's."""

    def __init__(self, zone: tzinfo) -> None:
        self._rows = AgentRows()
        self._zone = zone

    def bearer(self, promoter_id: str, at: datetime) -> Bearer | None:
        """See Register."""
        promoter = self._rows.recall_promoter(promoter_id)
        chain = self._rows.chain(promoter.agent_id) if promoter is not None else ()
        if promoter is None or not chain:
            return None
        bounds = bounds_of(chain)
        may_act = doubt_of_promoter(promoter, chain, business_day(at, self._zone)) is None and bool(bounds.deeds)
        return Bearer(
            promoter.promoter_id,
            chain[0].agent_id,
            masked_name(promoter.name),
            chain[0].name,
            may_act=may_act,
            regions=bounds.regions,
            deeds=bounds.deeds,
            since=promoter.since,
            ends_on=bounds.ends_on,
        )


def masked_name(name: str) -> str:
    """A person's name as strangers see it: the first character, the rest as one star.

    >>> masked_name("林晓"), masked_name("Lin")
    ('林*', 'L*')
    """
    return f"{name[:1]}*"


def _append(action: str, kind: str, object_id: str, actor: Actor, at: datetime, **detail: str) -> None:
    entry = AuditEntry(
        actor=actor.username,
        role=actor.role,
        action=action,
        object_kind=kind,
        object_id=object_id,
        reason=actor.reason.strip(),
        detail=detail,
    )
    append(entry, at=at)
