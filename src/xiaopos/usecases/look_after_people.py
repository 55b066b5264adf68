"""Invite people, renew how they sign in, switch them off and on: who, why, and a line in the audit trail in the same commit.

What may live here: the rules and the role they need played. What may not: storage, passwords, the link itself (its maker keeps
only a mark of it).

Nobody ever sets another's password: an invitation is a link, good once and for a day, by which the person sets their own and
ties their own authenticator. The same link is how somebody who lost either gets in again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from xiaopos.merchants.people import INVITED_FOR, LOOKS_AFTER, is_username
from xiaopos.merchants.roles import AT_AGENT, AT_MERCHANT, Role
from xiaopos.usecases.actors import Actor

LONGEST_NAME = 40


class PersonFault(Enum):
    """Why nothing was changed."""

    NO_REASON = "no_reason"
    NOT_YOURS = "not_yours"
    """This role does not look after such people, or they are somebody else's."""
    NAME_WRONG = "name_wrong"
    NAME_TAKEN = "name_taken"
    CALLED_NOTHING = "called_nothing"
    """A name in Chinese and one in English, of at most 40 characters each."""
    MERCHANT_UNKNOWN = "merchant_unknown"
    AGENT_UNKNOWN = "agent_unknown"
    """Somebody at an agent is invited from the agent's page; a promoter is in its register first."""
    PERSON_UNKNOWN = "person_unknown"
    ONESELF = "oneself"
    SWITCHED_OFF = "switched_off"


@dataclass(frozen=True, slots=True)
class Patron:
    """Who looks after somebody: the actor, in which role, and of which merchant (empty for the operator's people)."""

    actor: Actor
    role: Role
    merchant_id: str

    def may_look_after(self, role: Role, merchant_id: str) -> bool:
        """Whether such a person is theirs: an owner's own shop, an administrator's owners and operator's people."""
        if role not in LOOKS_AFTER.get(self.role, frozenset()):
            return False
        return not self.merchant_id or self.merchant_id == merchant_id


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody to be invited. `merchant_id` is empty for the operator's own people, `agent_id` for all but an agent's."""

    username: str
    name_zh: str
    name_en: str
    role: Role
    merchant_id: str
    agent_id: str = ""
    promoter_id: str = ""

    @property
    def is_placed(self) -> bool:
        """Whether somebody at an agent has the agent named, and a promoter their own row; and nobody else has either."""
        wanted = (self.role in AT_AGENT, self.role is Role.PROMOTER)
        return (bool(self.agent_id), bool(self.promoter_id)) == wanted


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Somebody who has been invited before."""

    username: str
    role: Role
    merchant_id: str
    active: bool


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that was made: only its mark is kept, so that whoever reads the database cannot use it."""

    mark: str
    made_at: datetime
    expires_at: datetime


class PeopleBook(Protocol):
    """Whoever keeps people."""

    def recall(self, username: str) -> KnownPerson | None:
        """Somebody, active or not."""
        ...

    def has_merchant(self, merchant_id: str) -> bool:
        """Whether there is such a merchant."""
        ...

    def invite(self, person: NewPerson, invitation: Invitation, actor: Actor) -> bool:
        """Write the person, the invitation and the audit trail, all or nothing; False when the name was taken meanwhile."""
        ...

    def renew(self, username: str, invitation: Invitation, actor: Actor) -> None:
        """Write the invitation in place of those that are open, and the audit trail."""
        ...

    def switch(self, username: str, *, active: bool, actor: Actor, at: datetime) -> None:
        """Write whether somebody may sign in, end open invitations when not, and the audit trail."""
        ...


def _invitation(mark: str, at: datetime) -> Invitation:
    return Invitation(mark, at, at + INVITED_FOR)


def invite_person(
    person: NewPerson, mark: str, patron: Patron, at: datetime, book: PeopleBook
) -> Invitation | PersonFault:
    """Invite somebody new. `mark` is what is kept of the link."""
    faults = {
        PersonFault.NO_REASON: not patron.actor.gives_a_reason,
        PersonFault.NOT_YOURS: not patron.may_look_after(person.role, person.merchant_id),
        PersonFault.NAME_WRONG: not is_username(person.username),
        PersonFault.CALLED_NOTHING: not all(
            0 < len(name.strip()) <= LONGEST_NAME for name in (person.name_zh, person.name_en)
        ),
        PersonFault.MERCHANT_UNKNOWN: person.role in AT_MERCHANT and not book.has_merchant(person.merchant_id),
        PersonFault.AGENT_UNKNOWN: not person.is_placed,
        PersonFault.NAME_TAKEN: book.recall(person.username) is not None,
    }
    fault = next((fault for fault, there in faults.items() if there), None)
    if fault is not None:
        return fault
    made = _invitation(mark, at)
    return made if book.invite(person, made, patron.actor) else PersonFault.NAME_TAKEN


def _theirs(username: str, patron: Patron, book: PeopleBook) -> KnownPerson | PersonFault:
    if not patron.actor.gives_a_reason:
        return PersonFault.NO_REASON
    known = book.recall(username)
    if known is None:
        return PersonFault.PERSON_UNKNOWN
    if known.username == patron.actor.username:
        return PersonFault.ONESELF
    return known if patron.may_look_after(known.role, known.merchant_id) else PersonFault.NOT_YOURS


def renew_sign_in(username: str, mark: str, patron: Patron, at: datetime, book: PeopleBook) -> Invitation | PersonFault:
    """Give somebody a new link: the password or the authenticator is lost. What they have goes on until the link is used."""
    known = _theirs(username, patron, book)
    if isinstance(known, PersonFault):
        return known
    if not known.active:
        return PersonFault.SWITCHED_OFF
    made = _invitation(mark, at)
    book.renew(username, made, patron.actor)
    return made


def switch_person(
    username: str, patron: Patron, at: datetime, book: PeopleBook, *, active: bool
) -> KnownPerson | PersonFault:
    """Let somebody sign in, or not any more: sessions that are open end with the next click. Returns who it was before."""
    known = _theirs(username, patron, book)
    if isinstance(known, PersonFault):
        return known
    if known.active is not active:
        book.switch(username, active=active, actor=patron.actor, at=at)
    return known
