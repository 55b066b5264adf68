"""Looking after people: who may for whom, what is refused, and that nothing is done half."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from xiaopos.merchants.people import LOOKS_AFTER, approves, needs_second_factor
from xiaopos.merchants.roles import AT_MERCHANT, PERMISSIONS, Permission, Role
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.look_after_people import (
    Invitation,
    KnownPerson,
    NewPerson,
    Patron,
    PersonFault,
    invite_person,
    renew_sign_in,
    switch_person,
)

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
TEA, NOODLES = "898110058120001", "898110058120002"
OWNER = Patron(Actor("lin", "owner", "新人"), Role.OWNER, TEA)
GAO = Patron(Actor("gao", "administrator", "新人"), Role.ADMINISTRATOR, "")
ZHOU = NewPerson("zhou", "周", "Zhou", Role.CASHIER, TEA)


class Book:
    """People in memory."""

    def __init__(self) -> None:
        self.people = {"chen": KnownPerson("chen", Role.OWNER, NOODLES, active=True)}
        self.made: list[tuple[str, Invitation]] = []
        self.switched: list[tuple[str, bool]] = []
        self.taken = False

    def recall(self, username: str) -> KnownPerson | None:
        return self.people.get(username)

    def has_merchant(self, merchant_id: str) -> bool:
        return merchant_id in (TEA, NOODLES)

    def invite(self, person: NewPerson, invitation: Invitation, actor: Actor) -> bool:
        assert actor.reason
        self.made.append((person.username, invitation))
        return not self.taken

    def renew(self, username: str, invitation: Invitation, actor: Actor) -> None:
        assert actor.reason
        self.made.append((username, invitation))

    def switch(self, username: str, *, active: bool, actor: Actor, at: datetime) -> None:
        assert (actor.reason, at) == ("新人", NOW)
        self.switched.append((username, active))


def test_an_invitation_is_good_for_a_day_and_only_its_mark_is_kept() -> None:
    book = Book()
    made = invite_person(ZHOU, "mark", OWNER, NOW, book)
    assert made == Invitation("mark", NOW, NOW + timedelta(hours=24))
    assert book.made == [("zhou", made)]


@pytest.mark.parametrize(
    "person",
    [
        NewPerson("wu", "吴", "Wu", Role.AGENT, "", "a1"),
        NewPerson("wu", "吴", "Wu", Role.PROMOTER, "", "a1", "p1"),
    ],
)
def test_an_administrator_invites_an_agents_people_each_to_their_place(person: NewPerson) -> None:
    made = invite_person(person, "mark", GAO, NOW, Book())
    assert isinstance(made, Invitation)


@pytest.mark.parametrize(
    ("person", "patron", "fault"),
    [
        (ZHOU, replace(OWNER, actor=Actor("lin", "owner", " ")), PersonFault.NO_REASON),
        (replace(ZHOU, merchant_id=NOODLES), OWNER, PersonFault.NOT_YOURS),
        (replace(ZHOU, role=Role.OWNER), OWNER, PersonFault.NOT_YOURS),
        (ZHOU, replace(OWNER, role=Role.MANAGER), PersonFault.NOT_YOURS),
        (ZHOU, GAO, PersonFault.NOT_YOURS),
        (replace(ZHOU, username="Zhou"), OWNER, PersonFault.NAME_WRONG),
        (replace(ZHOU, username="周"), OWNER, PersonFault.NAME_WRONG),
        (replace(ZHOU, name_zh=" "), OWNER, PersonFault.CALLED_NOTHING),
        (replace(ZHOU, name_en="Z" * 41), OWNER, PersonFault.CALLED_NOTHING),
        (NewPerson("wu", "吴", "Wu", Role.OWNER, ""), GAO, PersonFault.MERCHANT_UNKNOWN),
        (NewPerson("wu", "吴", "Wu", Role.AGENT, ""), GAO, PersonFault.AGENT_UNKNOWN),
        (NewPerson("wu", "吴", "Wu", Role.AGENT, "", "a1", "p1"), GAO, PersonFault.AGENT_UNKNOWN),
        (NewPerson("wu", "吴", "Wu", Role.PROMOTER, "", "a1"), GAO, PersonFault.AGENT_UNKNOWN),
        (NewPerson("wu", "吴", "Wu", Role.OWNER, TEA, "a1"), GAO, PersonFault.AGENT_UNKNOWN),
        (replace(ZHOU, username="chen"), OWNER, PersonFault.NAME_TAKEN),
    ],
)
def test_what_is_wrong_is_named_and_nobody_is_invited(person: NewPerson, patron: Patron, fault: PersonFault) -> None:
    book = Book()
    assert invite_person(person, "mark", patron, NOW, book) is fault
    assert book.made == []


def test_a_name_that_was_taken_at_the_same_moment_is_taken() -> None:
    book = Book()
    book.taken = True
    assert invite_person(ZHOU, "mark", OWNER, NOW, book) is PersonFault.NAME_TAKEN


def test_an_administrator_invites_owners_and_the_operators_people() -> None:
    book = Book()
    for person in (
        NewPerson("wu", "吴", "Wu", Role.OWNER, NOODLES),
        NewPerson("sun", "孙", "Sun", Role.SUPPORT, ""),
        NewPerson("gao.2", "高", "Gao", Role.ADMINISTRATOR, ""),
    ):
        assert isinstance(invite_person(person, "mark", GAO, NOW, book), Invitation)


def test_a_new_link_and_switching_are_for_ones_own_people_and_never_for_oneself() -> None:
    book = Book()
    book.people["zhou"] = KnownPerson("zhou", Role.CASHIER, TEA, active=True)
    book.people["lin"] = KnownPerson("lin", Role.OWNER, TEA, active=True)
    assert isinstance(renew_sign_in("zhou", "mark", OWNER, NOW, book), Invitation)
    assert switch_person("zhou", OWNER, NOW, book, active=False) == book.people["zhou"]
    assert switch_person("zhou", OWNER, NOW, book, active=True) == book.people["zhou"]
    assert book.switched == [("zhou", False)], "who is switched on already is left alone"
    for username, patron, fault in (
        ("nobody", OWNER, PersonFault.PERSON_UNKNOWN),
        ("lin", OWNER, PersonFault.ONESELF),
        ("chen", OWNER, PersonFault.NOT_YOURS),
        ("zhou", GAO, PersonFault.NOT_YOURS),
        ("zhou", replace(OWNER, actor=Actor("lin", "owner", "")), PersonFault.NO_REASON),
    ):
        assert renew_sign_in(username, "mark", patron, NOW, book) is fault
        assert switch_person(username, patron, NOW, book, active=False) is fault
    book.people["zhou"] = replace(book.people["zhou"], active=False)
    assert renew_sign_in("zhou", "mark", OWNER, NOW, book) is PersonFault.SWITCHED_OFF


def test_somebody_looks_after_every_role_and_only_who_may() -> None:
    assert frozenset().union(*LOOKS_AFTER.values()) == frozenset(Role)
    for role in Role:
        held = PERMISSIONS[role] & {Permission.LOOK_AFTER_STAFF, Permission.LOOK_AFTER_PEOPLE}
        assert bool(held) is (role in LOOKS_AFTER)
        assert needs_second_factor(role) is (role is not Role.CASHIER)
        assert not approves(role) or role in AT_MERCHANT
