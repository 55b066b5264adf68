"""A manager's approval, typed at the cashier's screen.

What may live here: checking the code, with everything that is counted and noted. What may not: what is approved.
"""

from __future__ import annotations

from django.contrib.auth.hashers import check_password
from django.http import HttpRequest
from django.utils import timezone

from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.merchants.tries import PER_APPROVER
from xiaopos.store.people import attempts, queries
from xiaopos.store.people.attempts import Subject
from xiaopos.web.access import person_of
from xiaopos.web.trail import note


def approve(request: HttpRequest, code: str, *, object_kind: str = "", object_id: str = "") -> str | Refused:
    """Who approves, by the code that was typed: any active manager or owner of the person's own merchant.

    Refuses with MANAGER_NEEDED (no code), MANAGER_WRONG, or TRIES_LOCKED after five wrong codes within five minutes.
    What is approved may be named, for the audit trail. Only for views behind `requires`.
    """
    person, now = person_of(request), timezone.now()
    if not code.strip():
        return Refused(Reason.MANAGER_NEEDED)
    subject = Subject(attempts.APPROVAL, person.merchant_id, PER_APPROVER)
    if attempts.begin([subject], now):
        return Refused(Reason.TRIES_LOCKED)
    for approver in queries.approvers(person.merchant_id):
        if check_password(code.strip(), approver.approval_code):
            attempts.take_back([subject])
            note(
                request,
                person,
                "approval_given",
                at=now,
                object_kind=object_kind,
                object_id=object_id,
                approver=approver.username,
            )
            return approver.username
    note(request, person, "approval_refused", at=now, object_kind=object_kind, object_id=object_id)
    until = attempts.locked_until(subject, now)
    if until is None:
        return Refused(Reason.MANAGER_WRONG)
    note(request, person, "approval_locked", at=now, until=until.isoformat())
    return Refused(Reason.TRIES_LOCKED)
