"""The population with planted rings: the same from the same seed, and what the search for rings finds in it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

import pytest

from xiaopos.risk.rings.findings import Finding
from xiaopos.risk.rings.likeness import NEAR, apart, parts
from xiaopos.risk.rings.traits import Applicant, Trait, TraitKind, Weights
from xiaopos.simulator.applicants import Population
from xiaopos.usecases.look_for_rings import MOST_TOGETHER, Holders, look_for_ring


class Book:
    """Traits in memory."""

    def __init__(self) -> None:
        self.known: dict[str, Applicant] = {}
        self.having: dict[Trait, list[str]] = defaultdict(list)
        self.pictured: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self.asked = 0

    def holders(
        self, traits: Collection[Trait], most: int, silent_above: Mapping[TraitKind, int]
    ) -> Mapping[Trait, Holders]:
        self.asked += 1
        found = {}
        for trait in traits:
            having = self.having[trait]
            if trait.kind is TraitKind.PICTURE:
                near = {
                    n
                    for part in parts(trait.mark)
                    for mark, n in self.pictured[part]
                    if apart(mark, trait.mark) <= NEAR
                }
                having = sorted(near)
            if having:
                silent = len(having) > silent_above.get(trait.kind, len(having))
                found[trait] = Holders(len(having), () if silent else tuple(having[: -most - 1 : -1]))
        return found

    def applicants(self, application_ids: Collection[str]) -> Sequence[Applicant]:
        return [self.known[number] for number in application_ids]

    def forget(self, application_id: str) -> None:
        raise AssertionError("nobody is forgotten here")

    def keep(self, applicant: Applicant, finding: Finding) -> None:
        assert finding.application_id == applicant.application_id
        self.known[applicant.application_id] = applicant
        for trait in applicant.traits:
            self.having[trait].append(applicant.application_id)
            if trait.kind is TraitKind.PICTURE:
                for part in parts(trait.mark):
                    self.pictured[part].append((trait.mark, applicant.application_id))


def test_a_seed_draws_the_same_population_and_another_one_another() -> None:
    assert Population(7, 300).draw() == Population(7, 300).draw()
    assert Population(7, 300).draw() != Population(8, 300).draw()
    drawn = Population(7, 2_000).draw()
    assert 2_000 <= len(drawn) < 2_020
    assert [each.applicant.at for each in drawn] == sorted(each.applicant.at for each in drawn)
    assert len({each.applicant.application_id for each in drawn}) == len(drawn)
    sizes = Counter(each.ring for each in drawn if each.ring)
    assert min(sizes.values()) >= 4
    assert max(sizes.values()) <= 12


@pytest.mark.parametrize("seed", [11, 12])
def test_rings_are_found_and_nobody_else(seed: int) -> None:
    drawn, book, flagged = Population(seed, 5_000).draw(), Book(), set()
    for each in drawn:
        found = look_for_ring(each.applicant, book=book, weights=Weights())
        if found.is_ring:
            flagged |= set(found.applications)
    truth = {each.applicant.application_id for each in drawn if each.ring}
    assert len(truth) > 50
    assert len(flagged & truth) >= 0.95 * len(flagged)
    assert len(flagged & truth) >= 0.95 * len(truth)
    assert book.asked <= 4 * len(drawn)


def test_a_device_that_hundreds_share_is_looked_at_in_part_and_it_says_so() -> None:
    drawn, book = Population(13, 100).draw(), Book()
    farm = Trait(TraitKind.DEVICE, "d" * 32)
    for each in drawn:
        traits = frozenset(trait for trait in each.applicant.traits if trait.kind is TraitKind.RESIDENT_ID) | {farm}
        shared = Applicant(each.applicant.application_id, drawn[0].applicant.at, traits)
        found = look_for_ring(shared, book=book, weights=Weights())
    assert found.is_ring
    assert len(found.applications) <= MOST_TOGETHER
