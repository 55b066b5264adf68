"""Look whether an application belongs to a ring: from its traits to those who share them, and on, as far as ties lead.

What may live here: that verb, how far it looks, the role of whoever keeps traits. What may not: storage, what ties
(risk.rings).

It looks through strong ties alone, at a bounded number of applications, in a bounded number of questions: a market's
address, or a promoter with thousands of merchants, costs no more than any other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from xiaopos.risk.rings.findings import Finding, cluster_around, find_ring, subjects_of, tie_all
from xiaopos.risk.rings.traits import SUBJECT, TELLING, Applicant, Trait, TraitKind, Weights

STEPS = 4
"""How many ties from the application it looks."""
MOST_TOGETHER = 60
"""How many applications are looked at together."""
MOST_OF_ONE = 40
"""How many of those that share one trait are looked at."""
_ASKED = TELLING | SUBJECT


@dataclass(frozen=True, slots=True)
class Holders:
    """Who has a trait: how many, and some of them, the newest first."""

    count: int
    application_ids: tuple[str, ...]


class TraitBook(Protocol):
    """Whoever keeps traits."""

    def holders(
        self, traits: Collection[Trait], most: int, silent_above: Mapping[TraitKind, int]
    ) -> Mapping[Trait, Holders]:
        """Who has each of these, or for a picture one near it; at most so many of each are named.

        Of a kind in `silent_above` a trait that more than so many have is counted, and nobody named: it says nothing.
        """
        ...

    def applicants(self, application_ids: Collection[str]) -> Sequence[Applicant]:
        """These applications with their traits."""
        ...

    def keep(self, applicant: Applicant, finding: Finding) -> None:
        """Write an application's traits and what was found around it."""
        ...

    def forget(self, application_id: str) -> None:
        """Delete an application's traits and what was found around it."""
        ...


def look_for_ring(applicant: Applicant, *, book: TraitBook, weights: Weights) -> Finding:
    """What is known around a new application; it is kept for reviewers, and its traits for the next ones."""
    finding = find_around(applicant, book=book, weights=weights)
    book.keep(applicant, finding)
    return finding


def find_around(applicant: Applicant, *, book: TraitBook, weights: Weights) -> Finding:
    """What is known around an application, new or kept; nothing is written."""
    known = {applicant.application_id: applicant}
    counts: dict[Trait, int] = {}
    frontier, cut = [applicant], False
    for _ in range(STEPS):
        asked = {trait for each in frontier for trait in _telling(each)} - counts.keys()
        held = book.holders(asked, MOST_OF_ONE, {TraitKind.ADDRESS: weights.building})
        counts |= {trait: held[trait].count if trait in held else 0 for trait in asked}
        new = {number for trait in held for number in held[trait].application_ids} - known.keys()
        room = MOST_TOGETHER - len(known)
        cut = cut or len(new) > room
        met = {each.application_id: each for each in book.applicants(sorted(new, reverse=True)[:room])}
        belonging = _belonging(applicant.application_id, [*known.values(), *met.values()], counts, weights)
        frontier = [each for each in met.values() if each.application_id in belonging]
        if not frontier:
            break
        known |= {each.application_id: each for each in frontier}
    return find_ring(applicant.application_id, list(known.values()), counts, weights, cut=cut)


def _telling(applicant: Applicant) -> frozenset[Trait]:
    """The traits by which others are looked for. The device of somebody who was helped is the promoter's."""
    helped = bool(applicant.marks(TraitKind.PROMOTER))
    asked = _ASKED - {TraitKind.DEVICE} if helped else _ASKED
    return frozenset(trait for trait in applicant.traits if trait.kind in asked)


def _belonging(
    application_id: str, applicants: Sequence[Applicant], counts: Mapping[Trait, int], weights: Weights
) -> frozenset[str]:
    """Those of the applicants that ties lead to from the one that is asked about."""
    ties = [tie for tie in tie_all(applicants, counts, weights) if tie.strength >= weights.tie]
    groups = [[each.application_id for each in group] for group in subjects_of(applicants)]
    own = next(group[0] for group in groups if application_id in group)
    cluster = cluster_around(own, ties)
    return frozenset(number for group in groups if group[0] in cluster for number in group)
