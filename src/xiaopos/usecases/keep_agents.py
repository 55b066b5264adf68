"""Look after the register of agents: enter one, capture its filing, check, authorise, suspend, revoke; its promoters.

What may live here: those verbs, what is checked, the role of whoever keeps the register. What may not: storage, words (web),
how far an authority goes (merchants.agents.authority).

One person checks an agent and another authorises it. What is captured and decided is never changed: it is followed by more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Protocol

from xiaopos.merchants.agents.authority import (
    MOST_TIERS,
    PROOF_FRESH,
    RECHECK_EVERY,
    AgentFacts,
    is_within,
)
from xiaopos.merchants.agents.states import (
    AGENT_LIFE,
    PROMOTER_LIFE,
    AgentEvent,
    AgentState,
    PromoterEvent,
    PromoterState,
)
from xiaopos.merchants.badges.credential import MOST_REGIONS, Deed
from xiaopos.merchants.identifiers import is_social_credit_code
from xiaopos.usecases.actors import Actor

LONGEST_NAME, LONGEST_WORK_NUMBER, LONGEST_PLACE = 40, 20, 200
_REGION = re.compile(r"[0-9]{2}(?:[0-9]{2}){0,2}")
_FILING = re.compile(r"[0-9A-Za-z()（）-]{4,40}")
_WORK_NUMBER = re.compile(r"[0-9A-Za-z-]{1,20}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class AgentFault(Enum):
    """Why nothing was changed."""

    NO_REASON = "no_reason"
    AGENT_UNKNOWN = "agent_unknown"
    PARENT_UNKNOWN = "parent_unknown"
    TOO_DEEP = "too_deep"
    """There are as many agents above it as there may be."""
    NAME = "name"
    LICENCE = "licence"
    """Its unified social credit code cannot be one."""
    LICENCE_TAKEN = "licence_taken"
    FILING = "filing"
    REGIONS = "regions"
    BEYOND_PARENT = "beyond_parent"
    """It would go further than the agent above it."""
    DEEDS = "deeds"
    DATES = "dates"
    PROOF = "proof"
    """What was captured of its filing is no such thing."""
    PROOF_MISSING = "proof_missing"
    """Nobody has captured, of late, that the filing stands in the public list."""
    OWN_CHECK = "own_check"
    """Whoever checked does not authorise."""
    NOT_NOW = "not_now"
    """Its state does not allow it, or somebody else was first."""
    PROMOTER_UNKNOWN = "promoter_unknown"
    WORK_NUMBER = "work_number"
    WORK_NUMBER_TAKEN = "work_number_taken"


@dataclass(frozen=True, slots=True)
class AgentDraft:
    """What somebody enters. No regions or products means all; `deeds` are Deeds by their values."""

    name: str
    licence: str
    filing: str
    parent_id: str
    regions: tuple[str, ...]
    products: tuple[str, ...]
    deeds: tuple[str, ...]
    contract: str
    valid_from: date
    valid_until: date


@dataclass(frozen=True, slots=True)
class FilingProof:
    """That a filing was seen in a public list: where, when, and what was captured, by its SHA-256 in hex."""

    seen_at: datetime
    place: str
    digest: str


@dataclass(frozen=True, slots=True)
class PromoterDraft:
    """Somebody who works for an agent. `name` is whole; strangers see it masked."""

    agent_id: str
    name: str
    work_number: str
    since: date


class KeptAgent(AgentFacts, Protocol):
    """An agent as the register keeps it, as far as verbs need it."""

    @property
    def checked_by(self) -> str:
        """Who checked it last."""
        ...


class KeptPromoter(Protocol):
    """A promoter as the register keeps them."""

    @property
    def promoter_id(self) -> str:
        """Their number."""
        ...

    @property
    def state(self) -> str:
        """A PromoterState by its value."""
        ...


class AgentBook(Protocol):
    """Whoever keeps the register. Each change writes its line in the audit trail, both or neither."""

    def recall(self, agent_id: str) -> KeptAgent | None:
        """An agent, whatever its state."""
        ...

    def chain(self, agent_id: str) -> Sequence[KeptAgent]:
        """An agent and those above it, as far as they are known; none when it is not."""
        ...

    def add(self, agent_id: str, draft: AgentDraft, actor: Actor, at: datetime) -> bool:
        """Write a new agent; False when its licence is in the register already."""
        ...

    def capture(self, agent_id: str, proof: FilingProof, actor: Actor, at: datetime) -> None:
        """Write what was captured of an agent's filing."""
        ...

    def proof_since(self, agent_id: str, since: datetime) -> bool:
        """Whether something was captured of its filing since then."""
        ...

    def change(
        self,
        agent: KeptAgent,
        after: AgentState,
        event: AgentEvent,
        actor: Actor,
        at: datetime,
        recheck_on: date | None,
    ) -> bool:
        """Write a new state, who checked, and when the next check is due; False when somebody was first."""
        ...

    def add_promoter(self, promoter_id: str, draft: PromoterDraft, actor: Actor, at: datetime) -> bool:
        """Write a new promoter; False when the agent has one of this work number."""
        ...

    def recall_promoter(self, promoter_id: str) -> KeptPromoter | None:
        """A promoter, whatever their state."""
        ...

    def change_promoter(
        self, promoter: KeptPromoter, after: PromoterState, event: PromoterEvent, actor: Actor, at: datetime
    ) -> bool:
        """Write a new state; False when somebody was first."""
        ...

    def run_out(self, on: date) -> Sequence[KeptAgent]:
        """The agents that may still act by their state, and whose authority or check ran out before a day."""
        ...


def enter_agent(
    draft: AgentDraft, actor: Actor, at: datetime, *, book: AgentBook, make_id: Callable[[datetime], str]
) -> str | AgentFault:
    """Enter an agent that has applied; its number. Faults in the order in which a form asks."""
    fault = _fault_in(draft, actor, book)
    if fault is not None:
        return fault
    agent_id = make_id(at)
    return agent_id if book.add(agent_id, draft, actor, at) else AgentFault.LICENCE_TAKEN


def _fault_in(draft: AgentDraft, actor: Actor, book: AgentBook) -> AgentFault | None:
    above = book.chain(draft.parent_id) if draft.parent_id else ()
    faults = {
        AgentFault.NAME: not _is_name(draft.name),
        AgentFault.LICENCE: not is_social_credit_code(draft.licence),
        AgentFault.FILING: _FILING.fullmatch(draft.filing) is None,
        AgentFault.PARENT_UNKNOWN: bool(draft.parent_id) and not above,
        AgentFault.TOO_DEEP: len(above) >= MOST_TIERS,
        AgentFault.REGIONS: not _are_regions(draft.regions),
        AgentFault.DEEDS: not draft.deeds or not set(draft.deeds) <= {deed.value for deed in Deed},
        AgentFault.BEYOND_PARENT: bool(above) and not _within(draft, above[0]),
        AgentFault.DATES: draft.valid_until < draft.valid_from,
        AgentFault.NO_REASON: not actor.gives_a_reason,
    }
    return next((fault for fault, there in faults.items() if there), None)


def _is_name(text: str) -> bool:
    return 0 < len(text.strip()) <= LONGEST_NAME and text.isprintable()


def _are_regions(regions: Sequence[str]) -> bool:
    return len(regions) <= MOST_REGIONS and all(_REGION.fullmatch(region) for region in regions)


def _within(draft: AgentDraft, parent: AgentFacts) -> bool:
    products = not parent.products or (bool(draft.products) and set(draft.products) <= set(parent.products))
    days = parent.valid_from <= draft.valid_from and draft.valid_until <= parent.valid_until
    return is_within(draft.regions, parent.regions) and products and set(draft.deeds) <= set(parent.deeds) and days


def capture_filing(
    agent_id: str, proof: FilingProof, actor: Actor, at: datetime, *, book: AgentBook
) -> AgentFault | None:
    """Keep what was seen of an agent's filing in a public list. What was seen in the future was not seen."""
    if book.recall(agent_id) is None:
        return AgentFault.AGENT_UNKNOWN
    place = proof.place.strip()
    well_placed = 0 < len(place) <= LONGEST_PLACE and place.isprintable()
    if not well_placed or _DIGEST.fullmatch(proof.digest) is None or proof.seen_at > at:
        return AgentFault.PROOF
    book.capture(agent_id, proof, actor, at)
    return None


def change_agent(
    agent_id: str, event: AgentEvent, actor: Actor, at: datetime, on: date, *, book: AgentBook
) -> AgentState | AgentFault:
    """Move an agent in its life, for a reason. `on` is the day at the operator's.

    A check needs a fresh proof of the filing; authorising needs another person than the one who checked, and begins the
    time to the next check.
    """
    agent = book.recall(agent_id)
    if agent is None:
        return AgentFault.AGENT_UNKNOWN
    if not actor.gives_a_reason:
        return AgentFault.NO_REASON
    before = AgentState(agent.state)
    if event is AgentEvent.EXPIRE or not AGENT_LIFE.allows(before, event):
        return AgentFault.NOT_NOW
    if event is AgentEvent.CHECK and not book.proof_since(agent_id, at - PROOF_FRESH):
        return AgentFault.PROOF_MISSING
    if event is AgentEvent.AUTHORISE and agent.checked_by == actor.username:
        return AgentFault.OWN_CHECK
    recheck_on = on + RECHECK_EVERY if event is AgentEvent.AUTHORISE else agent.recheck_on
    after = AGENT_LIFE.move(before, event)
    return after if book.change(agent, after, event, actor, at, recheck_on) else AgentFault.NOT_NOW


def expire_agents(at: datetime, on: date, *, book: AgentBook, actor: Actor) -> int:
    """Write down every agent whose time ran out before a day; how many those were. By then nobody believed them any more."""
    found = 0
    for agent in book.run_out(on):
        after = AGENT_LIFE.move(AgentState(agent.state), AgentEvent.EXPIRE)
        found += book.change(agent, after, AgentEvent.EXPIRE, actor, at, agent.recheck_on)
    return found


def enter_promoter(
    draft: PromoterDraft, actor: Actor, at: datetime, *, book: AgentBook, make_id: Callable[[datetime], str]
) -> str | AgentFault:
    """Enter somebody who works for an agent; their number."""
    faults = {
        AgentFault.AGENT_UNKNOWN: book.recall(draft.agent_id) is None,
        AgentFault.NAME: not _is_name(draft.name),
        AgentFault.WORK_NUMBER: _WORK_NUMBER.fullmatch(draft.work_number) is None,
        AgentFault.NO_REASON: not actor.gives_a_reason,
    }
    fault = next((fault for fault, there in faults.items() if there), None)
    if fault is not None:
        return fault
    promoter_id = make_id(at)
    return promoter_id if book.add_promoter(promoter_id, draft, actor, at) else AgentFault.WORK_NUMBER_TAKEN


def change_promoter(
    promoter_id: str, event: PromoterEvent, actor: Actor, at: datetime, *, book: AgentBook
) -> PromoterState | AgentFault:
    """Suspend a promoter, let them go on, or write that they left, for a reason."""
    promoter = book.recall_promoter(promoter_id)
    if promoter is None:
        return AgentFault.PROMOTER_UNKNOWN
    if not actor.gives_a_reason:
        return AgentFault.NO_REASON
    before = PromoterState(promoter.state)
    if not PROMOTER_LIFE.allows(before, event):
        return AgentFault.NOT_NOW
    after = PROMOTER_LIFE.move(before, event)
    return after if book.change_promoter(promoter, after, event, actor, at) else AgentFault.NOT_NOW
