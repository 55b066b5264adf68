"""Ties and rings: what two people share, what explains it, what a cluster is worth."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from xiaopos.risk.rings.findings import Finding, find_ring, subjects_of, tie_all
from xiaopos.risk.rings.traits import Applicant, Trait, TraitKind, Weights

AT = datetime(2026, 6, 1, tzinfo=UTC)
WEIGHTS = Weights()
K = TraitKind


def applicant(number: int, *, later: timedelta = timedelta(), **traits: str) -> Applicant:
    """An application of a person of its own, with the traits that are named."""
    own = {"resident_id": f"id{number}", **traits}
    marks = frozenset(Trait(TraitKind(kind), mark) for kind, mark in own.items())
    return Applicant(str(number), AT + later, marks)


def sharing(number: int, traits: dict[str, str]) -> Applicant:
    own = applicant(number)
    return replace(own, traits=own.traits | {Trait(TraitKind(kind), mark) for kind, mark in traits.items()})


def strength(one: Applicant, other: Applicant, holders: dict[Trait, int] | None = None) -> int:
    ties = tie_all([one, other], holders or {}, WEIGHTS)
    return ties[0].strength if ties else 0


def around(*applicants: Applicant, number: str = "1") -> Finding:
    return find_ring(number, applicants, {}, WEIGHTS)


@pytest.mark.parametrize(
    ("shared", "says"),
    [
        ({"phone": "p"}, 600),
        ({"account": "a"}, 800),
        ({"person": "n"}, 700),
        ({"picture": "0f" * 8}, 850),
        ({"address": "s"}, 250),
        ({"device": "d"}, 650),
        ({"promoter": "x"}, 0),
        ({"head_office": "h"}, 0),
        ({"phone": "p", "account": "a"}, 920),
    ],
)
def test_what_two_people_share_says_so_much(shared: dict[str, str], says: int) -> None:
    assert strength(sharing(1, shared), sharing(2, shared)) == says


@pytest.mark.parametrize(
    ("shared", "says"),
    [
        ({"phone": "p", "address": "s"}, 363),  # a family
        ({"phone": "p", "address": "s", "account": "a"}, 554),  # and its business
        ({"account": "a", "head_office": "h"}, 0),
        ({"picture": "0f" * 8, "head_office": "h"}, 100),
        ({"device": "d", "promoter": "x"}, 50),
    ],
)
def test_what_is_explained_says_less(shared: dict[str, str], says: int) -> None:
    assert strength(sharing(1, shared), sharing(2, shared)) == says


def test_many_at_one_phone_are_no_family_and_many_at_one_address_a_market() -> None:
    shared = {"phone": "p", "address": "s"}
    phone, address = Trait(K.PHONE, "p"), Trait(K.ADDRESS, "s")
    assert strength(sharing(1, shared), sharing(2, shared), {phone: 5, address: 2}) == 700
    assert strength(applicant(1, address="s"), applicant(2, address="s"), {address: 4}) == 100
    assert strength(applicant(1, address="s"), applicant(2, address="s"), {address: 11}) == 0


def test_a_device_says_more_within_days() -> None:
    assert strength(applicant(1, device="d"), applicant(2, device="d", later=timedelta(days=2))) == 650
    assert strength(applicant(1, device="d"), applicant(2, device="d", later=timedelta(days=4))) == 400


def test_a_picture_encoded_anew_is_the_same_picture() -> None:
    picture, near, far = "0f0f0f0f0f0f0f0f", "0f0f0f0f0f0f0f00", "0f0f0f0f0f0f0000"
    assert strength(applicant(1, picture=picture), applicant(2, picture=near)) == 850
    assert strength(applicant(1, picture=picture), applicant(2, picture=far)) == 0
    assert strength(applicant(1, picture=picture), applicant(2)) == 0


def test_whoever_applies_again_is_one_subject_however_far_around() -> None:
    first = applicant(1, phone="p")
    by_licence = applicant(2, resident_id="id1", licence="l", phone="p")
    again = applicant(3, resident_id="id9", licence="l", phone="p")
    other = applicant(4, phone="p")
    groups = [[each.application_id for each in group] for group in subjects_of([first, again, by_licence, other])]
    assert sorted(map(sorted, groups)) == [["1", "2", "3"], ["4"]]
    assert around(first, again, by_licence).subjects == 1
    assert around(first, again, by_licence, other, number="3").subjects == 2
    assert around(first, again, by_licence, other, number="3").applications == ("1", "3", "2", "4")


def test_one_alone_and_two_together_are_no_ring_and_more_are() -> None:
    alone = around(applicant(1, account="a"), applicant(2))
    assert (alone.score, alone.is_ring, alone.applications, alone.ties) == (0, False, ("1",), ())
    people = [applicant(number, account="a") for number in range(1, 7)]
    scores = [around(*people[:count]).score for count in range(1, 7)]
    assert scores == [0, 400, 640, 800, 800, 800]
    assert [around(*people[:count]).is_ring for count in range(1, 7)] == [False, False, True, True, True, True]


def test_a_chain_is_followed_to_its_end_and_reasons_are_told_by_weight() -> None:
    people = [
        applicant(1, phone="p"),
        applicant(2, phone="p", account="a"),
        applicant(3, account="a", person="n"),
        applicant(4, person="n"),
        applicant(5, address="elsewhere"),
    ]
    found = around(*people)
    assert (found.subjects, found.applications, found.is_ring) == (4, ("1", "2", "3", "4"), True)
    assert found.reasons == (K.ACCOUNT, K.PERSON, K.PHONE)
    assert {(tie.one, tie.other) for tie in found.ties} == {("1", "2"), ("2", "3"), ("3", "4")}


def test_what_is_explained_away_is_shown_but_no_reason() -> None:
    people = [applicant(number, account="a", phone="p", head_office="h") for number in range(1, 6)]
    found = around(*people)
    assert found.is_ring
    assert found.reasons == (K.PHONE,)
    assert any(shared.explained for tie in found.ties for shared in tie.shared)


def test_an_operator_may_weigh_otherwise() -> None:
    people = [applicant(number, phone="p") for number in range(1, 4)]
    assert not find_ring("1", people, {}, WEIGHTS).is_ring
    assert find_ring("1", people, {}, replace(WEIGHTS, by_size=(0, 0, 1000))).is_ring
    assert find_ring("1", people, {}, WEIGHTS, cut=True).cut
