"""From applications and what they share to subjects, ties between them, and what a reviewer sees.

What may live here: gathering, tying, clustering, scoring. What may not: reading from anywhere, deciding an application.

Applications of one person or company are one subject: whoever applies twice is no ring. Two subjects are tied when what they
share, with what explains it honestly taken away, says enough. A finding is the cluster around one application.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import prod

from xiaopos.risk.rings.likeness import NEAR, apart
from xiaopos.risk.rings.traits import SUBJECT, Applicant, Trait, TraitKind, Weights

WHOLE = 1000


@dataclass(frozen=True, slots=True)
class Shared:
    """One thing that two subjects share: what it says by itself and after what explains it."""

    trait: Trait
    says: int
    explained: bool = False


@dataclass(frozen=True, slots=True)
class Tie:
    """Two subjects by the numbers of an application of each, what they share and how strong that is, of 1000."""

    one: str
    other: str
    shared: tuple[Shared, ...]
    strength: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known around an application: its cluster with all ties, and the score, of 1000.

    `applications` are those of the cluster, the one asked about included; `subjects` how many people or companies they are.
    `cut` says that there was more than is looked at together.
    """

    application_id: str
    score: int
    is_ring: bool
    applications: tuple[str, ...]
    subjects: int
    ties: tuple[Tie, ...]
    cut: bool = False

    @property
    def reasons(self) -> tuple[TraitKind, ...]:
        """What ties the cluster together, the most telling first."""
        told: dict[TraitKind, int] = defaultdict(int)
        for tie in self.ties:
            for shared in tie.shared:
                told[shared.trait.kind] += shared.says
        return tuple(sorted((kind for kind, says in told.items() if says), key=lambda kind: (-told[kind], kind.value)))


@dataclass(frozen=True, slots=True)
class _Subject:
    """Applications of one person or company, known by the first of them."""

    name: str
    applicants: tuple[Applicant, ...]

    def marks(self, kind: TraitKind) -> frozenset[str]:
        return frozenset().union(*(applicant.marks(kind) for applicant in self.applicants))


def subjects_of(applicants: Iterable[Applicant]) -> list[tuple[Applicant, ...]]:
    """The applications by subject: those that share a resident id or a licence, however far around, are one's."""
    found: list[tuple[set[Trait], list[Applicant]]] = []
    for applicant in applicants:
        own = {trait for trait in applicant.traits if trait.kind in SUBJECT}
        mine, others = [applicant], []
        for group in found:
            if group[0] & own:
                own |= group[0]
                mine = group[1] + mine
            else:
                others.append(group)
        found = [*others, (own, mine)]
    return [tuple(applicants) for _, applicants in found]


def tie_all(applicants: Iterable[Applicant], holders: Mapping[Trait, int], weights: Weights) -> list[Tie]:
    """Every tie among these applications' subjects that says anything. `holders` counts applications that have a trait."""
    subjects = [_Subject(group[0].application_id, group) for group in subjects_of(applicants)]
    sharing: dict[Trait, list[_Subject]] = defaultdict(list)
    for subject in subjects:
        for trait in {trait for applicant in subject.applicants for trait in applicant.traits}:
            sharing[trait].append(subject)
    pairs: dict[tuple[str, str], tuple[_Subject, _Subject, set[Trait]]] = {}
    for trait, found in sharing.items():
        if trait.kind in weights.says:
            for one, other in combinations(found, 2):
                pairs.setdefault((one.name, other.name), (one, other, set()))[2].add(trait)
    for one, other, trait in _near_pictures(subjects):
        pairs.setdefault((one.name, other.name), (one, other, set()))[2].add(trait)
    ties = []
    for one, other, traits in pairs.values():
        counts = {trait: max(holders.get(trait, 0), len(sharing[trait])) for trait in traits}
        tie = _tie(one, other, counts, weights)
        if tie.strength:
            ties.append(tie)
    return sorted(ties, key=lambda tie: (tie.one, tie.other))


def _near_pictures(subjects: Sequence[_Subject]) -> Iterable[tuple[_Subject, _Subject, Trait]]:
    """Pictures of two subjects that are one picture encoded anew."""
    pictured = [(subject, subject.marks(TraitKind.PICTURE)) for subject in subjects]
    for (one, ones), (other, others) in combinations([each for each in pictured if each[1]], 2):
        near = next((mark for mark in ones for theirs in others if mark != theirs and apart(mark, theirs) <= NEAR), "")
        if near and not ones & others:
            yield one, other, Trait(TraitKind.PICTURE, near)


def _tie(one: _Subject, other: _Subject, counts: Mapping[Trait, int], weights: Weights) -> Tie:
    ordered = sorted(counts, key=lambda trait: (trait.kind.value, trait.mark))
    shared = tuple(_shared(one, other, trait, counts[trait], weights) for trait in ordered)
    best: dict[TraitKind, int] = {}
    for each in shared:
        best[each.trait.kind] = max(best.get(each.trait.kind, 0), each.says)
    doubt = prod(WHOLE - says for says in best.values()) // WHOLE ** (len(best) - 1)
    return Tie(one.name, other.name, shared, WHOLE - doubt)


def _shared(one: _Subject, other: _Subject, trait: Trait, count: int, weights: Weights) -> Shared:
    """What one shared trait says. `count` is how many have it."""

    def both_have(kind: TraitKind) -> bool:
        return bool(one.marks(kind) & other.marks(kind))

    kind, says = trait.kind, weights.says[trait.kind]
    if kind is TraitKind.ADDRESS:
        says = says if count <= weights.neighbours else weights.in_building if count <= weights.building else 0
        return Shared(trait, says, explained=says < weights.says[kind])
    if kind is TraitKind.ACCOUNT and not both_have(TraitKind.HEAD_OFFICE):
        of_family = count <= weights.family and both_have(TraitKind.PHONE) and both_have(TraitKind.ADDRESS)
        return Shared(trait, weights.in_family if of_family else says, explained=of_family)
    if kind is TraitKind.DEVICE and _in_burst(one, other, weights):
        says = weights.in_burst
    explained = {
        TraitKind.PHONE: count <= weights.family and both_have(TraitKind.ADDRESS),
        TraitKind.ACCOUNT: both_have(TraitKind.HEAD_OFFICE),
        TraitKind.PICTURE: both_have(TraitKind.HEAD_OFFICE),
        TraitKind.DEVICE: both_have(TraitKind.PROMOTER),
    }.get(kind, False)
    return Shared(trait, weights.explained[kind] if explained else says, explained)


def _in_burst(one: _Subject, other: _Subject, weights: Weights) -> bool:
    return any(abs(mine.at - theirs.at) <= weights.burst for mine in one.applicants for theirs in other.applicants)


def find_ring(
    application_id: str,
    applicants: Sequence[Applicant],
    holders: Mapping[Trait, int],
    weights: Weights,
    *,
    cut: bool = False,
) -> Finding:
    """What is known around an application, which is one of the applicants."""
    ties = [tie for tie in tie_all(applicants, holders, weights) if tie.strength >= weights.tie]
    named = {
        applicant.application_id: group[0].application_id for group in subjects_of(applicants) for applicant in group
    }
    cluster = cluster_around(named[application_id], ties)
    inside = [tie for tie in ties if tie.one in cluster]
    best = {name: max((tie.strength for tie in inside if name in (tie.one, tie.other)), default=0) for name in cluster}
    score = sum(best.values()) // len(best) * weights.part_of(len(cluster)) // WHOLE
    within = tuple(applicant.application_id for applicant in applicants if named[applicant.application_id] in cluster)
    return Finding(application_id, score, score >= weights.ring, within, len(cluster), tuple(inside), cut)


def cluster_around(name: str, ties: Iterable[Tie]) -> frozenset[str]:
    """Everything that a subject is tied to, however far around; itself included."""
    beside: dict[str, set[str]] = defaultdict(set)
    for tie in ties:
        beside[tie.one].add(tie.other)
        beside[tie.other].add(tie.one)
    found, waiting = {name}, [name]
    while waiting:
        new = beside[waiting.pop()] - found
        found |= new
        waiting.extend(new)
    return frozenset(found)
