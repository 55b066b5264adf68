"""Traits in the database: who shares them, in a bounded number of bounded queries; what was found.

What may live here: the TraitBook on Django. What may not: what a tie is (risk.rings).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from xiaopos.risk.rings.findings import Finding, Shared, Tie
from xiaopos.risk.rings.likeness import NEAR, apart, is_flat, parts
from xiaopos.risk.rings.traits import SUBJECT, TELLING, Applicant, Trait, TraitKind
from xiaopos.store.rings.models import FindingRow, MarkRow, PicturePartRow, TraitRow
from xiaopos.usecases.look_for_rings import Holders

MOST_NEAR = 2_000
"""How many pictures that share a part are compared."""
_COUNTED = (TELLING | SUBJECT) - {TraitKind.PICTURE}


class TraitRows:
    """See TraitBook."""

    def holders(
        self, traits: Collection[Trait], most: int, silent_above: Mapping[TraitKind, int]
    ) -> Mapping[Trait, Holders]:
        """See TraitBook. One query counts, one reads the rare marks, one each the frequent ones and the pictures."""
        found: dict[Trait, Holders] = {}
        exact = [trait for trait in traits if trait.kind in _COUNTED]
        counts = _counts(exact)
        telling = {trait for trait, count in counts.items() if count <= silent_above.get(trait.kind, count)}
        rare = [trait for trait in telling if counts[trait] <= most]
        named: dict[Trait, list[str]] = defaultdict(list)
        if rare:
            rows = TraitRow.objects.filter(_any_of(rare)).order_by("-at")
            for kind, mark, number in rows.values_list("kind", "mark", "application_id"):
                named[Trait(TraitKind(kind), mark)].append(number)
        for trait in telling - set(rare):
            rows = TraitRow.objects.filter(kind=trait.kind.value, mark=trait.mark).order_by("-at")
            named[trait] = list(rows.values_list("application_id", flat=True)[:most])
        found |= {trait: Holders(count, tuple(named[trait])) for trait, count in counts.items()}
        return found | _near([trait for trait in traits if trait.kind is TraitKind.PICTURE], most)

    def applicants(self, application_ids: Collection[str]) -> Sequence[Applicant]:
        """See TraitBook."""
        if not application_ids:
            return []
        traits: dict[str, set[Trait]] = defaultdict(set)
        at: dict[str, datetime] = {}
        rows = TraitRow.objects.filter(application_id__in=application_ids)
        for number, kind, mark, then in rows.values_list("application_id", "kind", "mark", "at"):
            traits[number].add(Trait(TraitKind(kind), mark))
            at[number] = then
        return [Applicant(number, at[number], frozenset(traits[number])) for number in application_ids if number in at]

    def keep(self, applicant: Applicant, finding: Finding) -> None:
        """See TraitBook. An application that was kept before has only its newest traits."""
        with transaction.atomic():
            self._take_out(applicant.application_id)
            self._add(applicant)
            FindingRow.objects.update_or_create(
                application_id=applicant.application_id,
                defaults={
                    "at": applicant.at,
                    "score": finding.score,
                    "is_ring": finding.is_ring,
                    "content": _written(finding),
                },
            )

    def forget(self, application_id: str) -> None:
        """See TraitBook."""
        with transaction.atomic():
            self._take_out(application_id)
            FindingRow.objects.filter(application_id=application_id).delete()

    def lay_in(self, applicants: Sequence[Applicant]) -> None:
        """Write many applications that nobody has looked at: another system's, when this one begins."""
        with transaction.atomic():
            TraitRow.objects.bulk_create(_traits(applicants))
            PicturePartRow.objects.bulk_create(_parts(applicants))
            counts: dict[Trait, int] = defaultdict(int)
            for applicant in applicants:
                for trait in applicant.traits:
                    if trait.kind in _COUNTED:
                        counts[trait] += 1
            known = _counts(list(counts))
            new = (MarkRow(kind=t.kind.value, mark=t.mark, holders=n) for t, n in counts.items() if t not in known)
            MarkRow.objects.bulk_create(new)
            for trait in known:
                _marks([trait]).update(holders=F("holders") + counts[trait])

    def finding(self, application_id: str) -> Finding | None:
        """What was found around an application when it was looked at."""
        row = FindingRow.objects.filter(application_id=application_id).first()
        return None if row is None else _read(row)

    def _add(self, applicant: Applicant) -> None:
        TraitRow.objects.bulk_create(_traits([applicant]))
        PicturePartRow.objects.bulk_create(_parts([applicant]))
        counted = [trait for trait in applicant.traits if trait.kind in _COUNTED]
        if counted:
            new = [MarkRow(kind=trait.kind.value, mark=trait.mark) for trait in counted]
            MarkRow.objects.bulk_create(new, ignore_conflicts=True)
            _marks(counted).update(holders=F("holders") + 1)

    def _take_out(self, application_id: str) -> None:
        rows = TraitRow.objects.filter(application_id=application_id)
        held = [Trait(TraitKind(kind), mark) for kind, mark in rows.values_list("kind", "mark")]
        counted = [trait for trait in held if trait.kind in _COUNTED]
        if counted:
            _marks(counted).update(holders=F("holders") - 1)
        rows.delete()
        PicturePartRow.objects.filter(application_id=application_id).delete()


def _any_of(traits: Iterable[Trait]) -> Q:
    by_kind: dict[str, list[str]] = defaultdict(list)
    for trait in traits:
        by_kind[trait.kind.value].append(trait.mark)
    asked = Q()
    for kind, marks in by_kind.items():
        asked |= Q(kind=kind, mark__in=marks)
    return asked


def _marks(traits: Iterable[Trait]) -> Any:
    return MarkRow.objects.filter(_any_of(traits))


def _counts(traits: Sequence[Trait]) -> dict[Trait, int]:
    """How many have each, those that nobody has left out."""
    found: dict[Trait, int] = {}
    for begin in range(0, len(traits), 400):
        rows = _marks(traits[begin : begin + 400]).filter(holders__gt=0).values_list("kind", "mark", "holders")
        found |= {Trait(TraitKind(kind), mark): holders for kind, mark, holders in rows}
    return found


def _near(pictures: Sequence[Trait], most: int) -> dict[Trait, Holders]:
    """Who has a picture that is the same to the eye. Flat ones (an empty sheet) say nothing."""
    telling = [trait for trait in pictures if not is_flat(trait.mark)]
    if not telling:
        return {}
    asked = {part for trait in telling for part in parts(trait.mark)}
    rows = PicturePartRow.objects.filter(part__in=asked).values_list("mark", "application_id")[:MOST_NEAR]
    found: dict[Trait, Holders] = {}
    candidates = set(rows)
    for trait in telling:
        numbers = sorted({number for mark, number in candidates if apart(mark, trait.mark) <= NEAR})
        if numbers:
            found[trait] = Holders(len(numbers), tuple(numbers[-most:]))
    return found


def _traits(applicants: Iterable[Applicant]) -> list[TraitRow]:
    return [
        TraitRow(application_id=each.application_id, kind=trait.kind.value, mark=trait.mark, at=each.at)
        for each in applicants
        for trait in each.traits
    ]


def _parts(applicants: Iterable[Applicant]) -> list[PicturePartRow]:
    return [
        PicturePartRow(part=part, application_id=each.application_id, mark=mark)
        for each in applicants
        for mark in each.marks(TraitKind.PICTURE)
        if not is_flat(mark)
        for part in parts(mark)
    ]


def _written(finding: Finding) -> dict[str, Any]:
    return {
        "applications": list(finding.applications),
        "subjects": finding.subjects,
        "cut": finding.cut,
        "ties": [
            {
                "one": tie.one,
                "other": tie.other,
                "strength": tie.strength,
                "shared": [[s.trait.kind.value, s.trait.mark, s.says, s.explained] for s in tie.shared],
            }
            for tie in finding.ties
        ],
    }


def _read(row: FindingRow) -> Finding:
    told = row.content
    ties = tuple(
        Tie(
            tie["one"],
            tie["other"],
            tuple(Shared(Trait(TraitKind(k), mark), says, explained) for k, mark, says, explained in tie["shared"]),
            tie["strength"],
        )
        for tie in told["ties"]
    )
    applications = tuple(told["applications"])
    return Finding(row.application_id, row.score, row.is_ring, applications, told["subjects"], ties, told["cut"])
