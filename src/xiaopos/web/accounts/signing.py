"""The two steps of signing in, with everything that is counted and noted on the way.

What may live here: the order of checks. What may not: limits (merchants.tries), codes (merchants.totp), pages.

Between the two steps nobody is signed in: a fresh session only remembers whose password was right, for five minutes.
A name that nobody has and a wrong password look alike and take equally long: Django hashes either way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login
from django.http import HttpRequest

from xiaopos.merchants.roles import Role
from xiaopos.merchants.totp import DIGITS, code_at, matching_step, step_at
from xiaopos.merchants.tries import PER_ADDRESS, PER_PERSON
from xiaopos.store.people import attempts, book, queries
from xiaopos.store.people.attempts import Subject
from xiaopos.web.accounts.sealing import Unsealable, open_second_factor, recovery_mark
from xiaopos.web.trail import address_of, note

PENDING = "pending"
PENDING_FOR = timedelta(minutes=5)
SHOWN = "second_factor_shown"
SHOWN_FOR = timedelta(minutes=5)
KEEP_ATTEMPTS_FOR = timedelta(days=1)
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Locked:
    """Too many wrong tries: nothing was checked, and nothing will be until then."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Wrong:
    """The password or the code was not right. Which of name and password, nobody is told."""


@dataclass(frozen=True, slots=True)
class CodeNeeded:
    """The password was right; the code of the second factor is asked for next."""


@dataclass(frozen=True, slots=True)
class NoSecondFactor:
    """The password was right, but this role needs a second factor and the person has none yet."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Both steps are done; the session is the person's."""

    person: Any


def subject_of(username: str) -> Subject:
    """Whose tries are counted; also for a name that nobody has."""
    return Subject(attempts.PERSON, hashlib.sha256(username.casefold().encode()).hexdigest(), PER_PERSON)


def _subjects(request: HttpRequest, username: str) -> Sequence[Subject]:
    return (subject_of(username), Subject(attempts.ADDRESS, address_of(request), PER_ADDRESS))


def _failed(
    request: HttpRequest, person: Any, subjects: Sequence[Subject], action: str, now: datetime
) -> Wrong | Locked:
    note(request, person, action, at=now)
    until = [locked for subject in subjects if (locked := attempts.locked_until(subject, now))]
    if not until:
        return Wrong()
    note(request, person, "sign_in_locked", at=now, until=max(until).isoformat())
    return Locked(max(until))


def with_password(
    request: HttpRequest, username: str, password: str, now: datetime
) -> SignedIn | CodeNeeded | NoSecondFactor | Wrong | Locked:
    """The first step."""
    name = username.strip().replace("\0", "")
    name = name if len(name) <= LONGEST_NAME else ""
    subjects = _subjects(request, name)
    if until := attempts.begin(subjects, now):
        return Locked(until)
    person: Any = authenticate(request, username=name, password=password)
    if person is None:
        return _failed(request, queries.by_name(name), subjects, "sign_in_failed", now)
    attempts.take_back(subjects)
    request.session.flush()
    if person.second_factor:
        request.session[PENDING] = {"key": person.pk, "at": now.timestamp()}
        return CodeNeeded()
    if Role(person.role) is not Role.CASHIER:
        note(request, person, "sign_in_failed", at=now, reason="no second factor")
        return NoSecondFactor()
    return _let_in(request, person, now, subjects)


def pending_person(request: HttpRequest, now: datetime) -> Any:
    """Whose password was right less than five minutes ago, or None."""
    pending = request.session.get(PENDING)
    if not pending or now.timestamp() - pending["at"] > PENDING_FOR.total_seconds():
        return None
    return queries.by_key(pending["key"])


def with_code(request: HttpRequest, person: Any, code: str, now: datetime) -> SignedIn | Wrong | Locked:
    """The second step, for whoever `pending_person` named."""
    subjects = _subjects(request, person.username)
    if until := attempts.begin(subjects, now):
        return Locked(until)
    if is_recovery_code(code):
        return _with_recovery_code(request, person, code, subjects, now)
    try:
        secret = open_second_factor(person.second_factor, person.username)
    except Unsealable:
        return _failed(request, person, subjects, "second_factor_unreadable", now)
    if not spent(person, secret, code, now):
        return _failed(request, person, subjects, "second_factor_failed", now)
    attempts.take_back(subjects)
    request.session.flush()
    let_in = _let_in(request, person, now, subjects)
    request.session[SHOWN] = now.timestamp()
    return let_in


def is_recovery_code(text: str) -> bool:
    """Whether this is written as recovery codes are, and not as an authenticator's six digits."""
    return sum(letter.isalnum() for letter in text) > DIGITS


def _with_recovery_code(
    request: HttpRequest, person: Any, code: str, subjects: Sequence[Subject], now: datetime
) -> SignedIn | Wrong | Locked:
    if not book.spend_recovery_code(person, recovery_mark(code, person.username), now):
        return _failed(request, person, subjects, "second_factor_failed", now)
    attempts.take_back(subjects)
    request.session.flush()
    note(request, person, "recovery_code_used", at=now, left=book.recovery_codes_left(person))
    return _let_in(request, person, now, subjects)


def spent(person: Any, secret: bytes, code: str, now: datetime) -> bool:
    """Whether this is the person's code now; it is right once."""
    last = person.second_factor_step
    step = matching_step(secret, "".join(code.split()), now_step=step_at(now), last_step=last)
    return step is not None and queries.spend_step(person, step)


def once_more(request: HttpRequest, code: str, now: datetime) -> Wrong | Locked | None:
    """Whoever is signed in shows the second factor again, before something that moves keys or money; None when it was right.

    A stolen session alone cannot do such things. Only the authenticator's code counts here, not a recovery code; what was shown
    less than five minutes ago, also while signing in, is not asked for again.
    """
    if has_shown(request, now):
        return None
    person: Any = request.user
    subjects = _subjects(request, person.username)
    if until := attempts.begin(subjects, now):
        return Locked(until)
    try:
        secret = open_second_factor(person.second_factor, person.username)
    except Unsealable:
        return _failed(request, person, subjects, "second_factor_unreadable", now)
    if not spent(person, secret, code, now):
        return _failed(request, person, subjects, "second_factor_failed", now)
    attempts.take_back(subjects)
    request.session[SHOWN] = now.timestamp()
    return None


def has_shown(request: HttpRequest, now: datetime) -> bool:
    """Whether whoever is signed in has shown the second factor in this session just now."""
    return bool(now.timestamp() - request.session.get(SHOWN, 0.0) <= SHOWN_FOR.total_seconds())


def demo_code(person: Any, now: datetime) -> str:
    """In the demo, and only for its own people: the code that an authenticator app would show. Else nothing."""
    if not (settings.DEPLOYMENT.is_demo and person.is_demo):
        return ""
    try:
        secret = open_second_factor(person.second_factor, person.username)
    except Unsealable:
        return ""
    step = step_at(now)
    return code_at(secret, step + 1 if person.second_factor_step >= step else step)


def _let_in(request: HttpRequest, person: Any, now: datetime, subjects: Sequence[Subject]) -> SignedIn:
    attempts.forget(subjects[0])
    attempts.drop_old(now - KEEP_ATTEMPTS_FOR)
    return begin_session(request, person, now)


def begin_session(request: HttpRequest, person: Any, now: datetime) -> SignedIn:
    """The session becomes the person's, who has shown everything that is asked for."""
    login(request, person, backend="django.contrib.auth.backends.ModelBackend")
    note(request, person, "sign_in", at=now)
    return SignedIn(person)
