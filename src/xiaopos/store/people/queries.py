"""Finding people, and spending a one-time code.

What may live here: queries on people. What may not: permissions, passwords.
"""

from __future__ import annotations

from dataclasses import dataclass

from xiaopos.merchants.roles import PERMISSIONS, Permission
from xiaopos.store.people.models import User

_APPROVERS = [role.value for role, held in PERMISSIONS.items() if Permission.APPROVE_UNDO in held]


@dataclass(frozen=True, slots=True)
class Approver:
    """Somebody who may approve at a merchant, and the hash of what they type to do so."""

    username: str
    role: str
    approval_code: str


def by_name(username: str) -> User | None:
    """The active person of this name."""
    return User.objects.filter(username=username, active=True).first()


def by_key(key: int) -> User | None:
    """The active person of this row."""
    return User.objects.filter(pk=key, active=True).first()


def approvers(merchant_id: str) -> list[Approver]:
    """The active people of a merchant who may approve and have a code to do so with."""
    people = User.objects.filter(merchant_id=merchant_id, active=True, role__in=_APPROVERS).exclude(approval_code="")
    return [Approver(user.username, user.role, user.approval_code) for user in people.order_by("username")]


def spend_step(user: User, step: int) -> bool:
    """Note the time step of an accepted code. False when it, or a later one, was spent in the meantime."""
    newer = User.objects.filter(pk=user.pk, second_factor_step__lt=step)
    return newer.update(second_factor_step=step) == 1


def choose_language(key: int, language: str) -> None:
    """Remember the language somebody chose."""
    User.objects.filter(pk=key).update(language=language)
