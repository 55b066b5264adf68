"""Proving at the server's own command line who one is: the password, the second factor, and the same count of wrong tries.

What may live here: the order of checks without a page. What may not: limits, codes, what the person then does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth import authenticate

from xiaopos.merchants.roles import PERMISSIONS, Permission, Role
from xiaopos.store.audit.trail import AuditEntry, append
from xiaopos.store.people import attempts, queries
from xiaopos.web.accounts.sealing import Unsealable, open_second_factor
from xiaopos.web.accounts.signing import spent, subject_of

HERE = "the server itself"
"""What the audit trail has in place of an address."""


def prove(
    username: str, wanted: Permission, about: tuple[str, str], *, ask: Callable[[str], str], now: datetime
) -> Any | None:
    """The person of this name who has just shown to be that and may do what is wanted; None, noted, for anybody else.

    `ask` reads a line that is not shown: the password, then the code for those who have a second factor. `about` is the
    kind and the number of the thing it is about. Wrong tries count together with those of the sign-in page; a name that is
    locked, one that nobody has and a wrong password look alike.
    """
    subject = subject_of(username)
    locked = attempts.begin([subject], now)
    password = ask("your password: ")
    person: Any = None if locked else authenticate(None, username=username, password=password)
    why = "locked" if locked else "" if person is not None and _second_step(person, ask, now) else "wrong"
    if not why:
        attempts.take_back([subject])
        if wanted in PERMISSIONS[Role(person.role)]:
            return person
        why = "not permitted"
    known = queries.by_name(username)
    kind, number = about
    entry = AuditEntry(
        actor=getattr(known, "username", ""),
        role=getattr(known, "role", ""),
        action="sign_in_failed",
        object_kind=kind,
        object_id=number,
        reason=why,
        detail={"address": HERE},
    )
    append(entry, at=now)
    return None


def _second_step(person: Any, ask: Callable[[str], str], now: datetime) -> bool:
    if not person.second_factor:
        return True
    code = ask("the code of your second factor: ")
    try:
        return spent(person, open_second_factor(person.second_factor, person.username), code, now)
    except Unsealable:
        return False
