"""Say who brought an applicant: a promoter who may do so, of an agent who may act, in this region.

What may live here: that judgement. What may not: how a link names a promoter (web), storage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from xiaopos.merchants.agents.authority import (
    AgentFacts,
    Doubt,
    PromoterFacts,
    bounds_of,
    doubt_of_deed,
    doubt_of_promoter,
)
from xiaopos.merchants.badges.credential import Deed


@dataclass(frozen=True, slots=True)
class Introduced:
    """Who brought somebody. `name` is the promoter's whole one; strangers see it masked."""

    promoter_id: str
    agent_id: str
    name: str
    agent: str


class NamedPromoter(PromoterFacts, Protocol):
    """A promoter with their name."""

    @property
    def promoter_id(self) -> str:
        """Their number."""
        ...

    @property
    def name(self) -> str:
        """Their name."""
        ...


class IntroductionBook(Protocol):
    """Whoever keeps promoters and agents."""

    def recall_promoter(self, promoter_id: str) -> NamedPromoter | None:
        """One promoter."""
        ...

    def chain(self, agent_id: str) -> Sequence[AgentFacts]:
        """An agent and those above it, itself first."""
        ...


def introduce(promoter_id: str, region: str, on: date, *, book: IntroductionBook) -> Introduced | Doubt | None:
    """Who brought somebody from a region (empty while nobody knows it), why that does not count, or None for nobody we know.

    Whoever may only explain terminals may bring somebody as well as who may help to fill in.
    """
    promoter = book.recall_promoter(promoter_id)
    chain = book.chain(promoter.agent_id) if promoter is not None else ()
    if promoter is None or not chain:
        return None
    bounds = bounds_of(chain)
    deed = Deed.INTRODUCE if Deed.INTRODUCE in bounds.deeds else Deed.HELP_APPLY
    doubt = doubt_of_promoter(promoter, chain, on) or doubt_of_deed(bounds, deed, region)
    return doubt or Introduced(promoter.promoter_id, chain[0].agent_id, promoter.name, chain[0].name)
