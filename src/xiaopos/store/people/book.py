"""People in the database: inviting, renewing, switching, joining, each with its line in the audit trail.

What may live here: the PeopleBook on Django, open invitations, recovery codes. What may not: rules (usecases), passwords in
clear, secrets of links.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from xiaopos.merchants.roles import Role
from xiaopos.store.audit.trail import AuditEntry, append
from xiaopos.store.merchants.models import Merchant
from xiaopos.store.people.models import InvitationRow, RecoveryCodeRow, User
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.look_after_people import Invitation, KnownPerson, NewPerson

UNUSABLE = "!"
"""The password of somebody who has not joined: no text has this hash."""


def _append(action: str, person: User, actor: Actor, at: datetime) -> None:
    entry = AuditEntry(
        actor=actor.username,
        role=actor.role,
        action=action,
        merchant_id=person.merchant_id,
        object_kind="person",
        object_id=person.username,
        reason=actor.reason.strip(),
        detail={"role": person.role},
    )
    append(entry, at=at)


class PeopleRows:
    """See PeopleBook."""

    def recall(self, username: str) -> KnownPerson | None:
        """See PeopleBook."""
        row = User.objects.filter(username=username).first()
        return None if row is None else KnownPerson(row.username, Role(row.role), row.merchant_id, row.active)

    def has_merchant(self, merchant_id: str) -> bool:
        """See PeopleBook."""
        return Merchant.objects.filter(merchant_id=merchant_id).exists()

    def invite(self, person: NewPerson, invitation: Invitation, actor: Actor) -> bool:
        """See PeopleBook."""
        try:
            with transaction.atomic():
                row = User.objects.create(
                    username=person.username,
                    password=UNUSABLE,
                    name_zh=person.name_zh.strip(),
                    name_en=person.name_en.strip(),
                    role=person.role.value,
                    merchant_id=person.merchant_id,
                    agent_id=person.agent_id,
                    promoter_id=person.promoter_id,
                )
                self._open(row, invitation, actor)
                _append("invite_person", row, actor, invitation.made_at)
        except IntegrityError:
            return False
        return True

    def renew(self, username: str, invitation: Invitation, actor: Actor) -> None:
        """See PeopleBook."""
        with transaction.atomic():
            row = User.objects.get(username=username)
            self._end(row, invitation.made_at)
            self._open(row, invitation, actor)
            _append("renew_sign_in", row, actor, invitation.made_at)

    def switch(self, username: str, *, active: bool, actor: Actor, at: datetime) -> None:
        """See PeopleBook."""
        with transaction.atomic():
            row = User.objects.get(username=username)
            User.objects.filter(pk=row.pk).update(active=active)
            if not active:
                self._end(row, at)
            _append("switch_person_on" if active else "switch_person_off", row, actor, at)

    def _open(self, row: User, invitation: Invitation, actor: Actor) -> None:
        InvitationRow.objects.create(
            mark=invitation.mark,
            person=row,
            made_by=actor.username,
            made_at=invitation.made_at,
            expires_at=invitation.expires_at,
        )

    def _end(self, row: User, at: datetime) -> None:
        InvitationRow.objects.filter(person=row, ended_at=None).update(ended_at=at)


def invited(mark: str, now: datetime) -> User | None:
    """Whose open invitation this is; None when it was used, ended or is over, or the person is switched off."""
    found = InvitationRow.objects.filter(mark=mark, ended_at=None, expires_at__gt=now, person__active=True)
    row = found.select_related("person").first()
    return None if row is None else row.person


@dataclass(frozen=True, slots=True)
class Joining:
    """What somebody sets by an invitation, each as it is kept: hashes, the sealed secret of the authenticator or nothing."""

    password: str
    approval_code: str
    second_factor: str
    second_factor_step: int
    recovery_marks: Collection[str]


def join(mark: str, joining: Joining, now: datetime) -> User | None:
    """Use an invitation up: everything is set, or nothing. None when it is no longer open."""
    with transaction.atomic():
        person = invited(mark, now)
        ended = InvitationRow.objects.filter(mark=mark, ended_at=None).update(ended_at=now)
        if person is None or not ended:
            return None
        person.password = joining.password
        person.approval_code = joining.approval_code
        person.second_factor = joining.second_factor
        person.second_factor_step = joining.second_factor_step
        person.save()
        RecoveryCodeRow.objects.filter(person=person).delete()
        RecoveryCodeRow.objects.bulk_create(
            RecoveryCodeRow(person=person, mark=code) for code in joining.recovery_marks
        )
        _append("join", person, Actor(person.username, person.role, ""), now)
    return person


def spend_recovery_code(person: User, mark: str, now: datetime) -> bool:
    """Use a recovery code up. False for one that there is not, or not any more."""
    return RecoveryCodeRow.objects.filter(person=person, mark=mark, used_at=None).update(used_at=now) == 1


def recovery_codes_left(person: User) -> int:
    """How many recovery codes somebody still has."""
    return RecoveryCodeRow.objects.filter(person=person, used_at=None).count()
