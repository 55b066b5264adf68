"""Review an application: take it from the queue, call back, return parts, approve by one or two people, refuse, answer an appeal.

What may live here: those verbs, who may do which after whom. What may not: who has the permission (merchants.roles), storage,
words (web). Agents and promoters have no part in it: nothing here is decided by them.

Whoever decides has taken the application from the queue. Above a score a second person approves; an appeal is answered by
somebody else than who refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from xiaopos.merchants.applications.checks import Wrong
from xiaopos.merchants.applications.fields import Field, Kind
from xiaopos.merchants.applications.states import APPLICATION_LIFE, ApplicationEvent, ApplicationState
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.application_ports import (
    ApplicationDesk,
    CallOutcome,
    KeptApplication,
    Move,
    NewMerchant,
)
from xiaopos.usecases.apply_for_pos import Standing, standing_of
from xiaopos.usecases.keep_papers import bound_to

LONGEST_WORDS = 200
MOST_CALLS = 3
"""After so many calls that reached nobody it is decided without one: refused, or returned for another number."""


class ReviewFault(Enum):
    """Why nothing was changed."""

    UNKNOWN = "unknown"
    NO_REASON = "no_reason"
    NOT_NOW = "not_now"
    """Its state does not allow it, or somebody else was first."""
    NOT_YOURS = "not_yours"
    """Somebody else has taken it from the queue."""
    NO_PARTS = "no_parts"
    """Nothing is returned, or a part without a reason."""
    CALL_MISSING = "call_missing"
    """The applicant must be called back and confirm before it is approved."""
    STILL_WRONG = "still_wrong"
    """The checks find something that stops it."""
    SAME_PERSON = "same_person"
    """Whoever passed it on does not approve it; whoever refused it does not answer the appeal."""
    PLAN_UNKNOWN = "plan_unknown"
    """The rules name a price plan that does not exist."""


def take(application_id: str, actor: Actor, at: datetime, desk: ApplicationDesk) -> ReviewFault | None:
    """Take an application from the queue."""
    return _moved(application_id, ApplicationEvent.TAKE, actor, at, desk, needs_reason=False, taken_by=actor.username)


def put_back(application_id: str, actor: Actor, at: datetime, desk: ApplicationDesk) -> ReviewFault | None:
    """Give an application back to the queue: whoever took it, or for a reason anybody, for people fall ill."""
    return _moved(application_id, ApplicationEvent.PUT_BACK, actor, at, desk, taken_by="")


def plan_call(application_id: str, actor: Actor, at: datetime, desk: ApplicationDesk) -> ReviewFault | None:
    """Say that the applicant must be called."""
    own = _own(application_id, actor, desk)
    if isinstance(own, ReviewFault):
        return own
    return _moved(application_id, ApplicationEvent.PLAN_CALL, actor, at, desk, needs_reason=False)


def record_call(
    application_id: str, outcome: CallOutcome, actor: Actor, at: datetime, desk: ApplicationDesk
) -> ReviewFault | None:
    """Write what a call came to; the actor's reason is what was said. After one that reached nobody the call stays due, until
    there were too many."""
    application = desk.book.recall(application_id)
    if application is None:
        return ReviewFault.UNKNOWN
    if not actor.gives_a_reason:
        return ReviewFault.NO_REASON
    if ApplicationState(application.state) is not ApplicationState.CALL_DUE:
        return ReviewFault.NOT_NOW
    desk.book.note_call(application, outcome, actor.reason.strip()[:LONGEST_WORDS], actor, at)
    missed = sum(one is CallOutcome.NOT_REACHED for one in desk.book.calls(application_id))
    if outcome is CallOutcome.NOT_REACHED and missed < MOST_CALLS:
        return None
    return _moved(application_id, ApplicationEvent.CALL, actor, at, desk, taken_by=actor.username)


def return_parts(
    application_id: str, parts: Mapping[Field, str], actor: Actor, at: datetime, desk: ApplicationDesk
) -> ReviewFault | None:
    """Give parts back to the applicant, or ask for more than was due, each with its reason in words that they read."""
    application = _own(application_id, actor, desk)
    if isinstance(application, ReviewFault):
        return application
    state = ApplicationState(application.state)
    if not APPLICATION_LIFE.allows(state, ApplicationEvent.RETURN):
        return ReviewFault.NOT_NOW
    reasons = {field: " ".join(reason.split())[:LONGEST_WORDS] for field, reason in parts.items()}
    if not reasons or not all(reasons.values()):
        return ReviewFault.NO_PARTS
    event = ApplicationEvent.RETURN
    move = Move(event, APPLICATION_LIFE.move(state, event), actor, at, taken_by="")
    return None if desk.book.give_back(application, move, reasons) else ReviewFault.NOT_NOW


def approve(application_id: str, actor: Actor, at: datetime, desk: ApplicationDesk) -> ApplicationState | ReviewFault:
    """Approve an application. The first person's approval of a risky one passes it on to a second; the last one makes the
    merchant. Risk is looked at anew, and what was seen at handing in does not shrink."""
    application = desk.book.recall(application_id)
    if application is None:
        return ReviewFault.UNKNOWN
    state = ApplicationState(application.state)
    if not APPLICATION_LIFE.allows(state, ApplicationEvent.APPROVE):
        return ReviewFault.NOT_NOW
    standing = standing_of(application, at, desk)
    fault = _why_not(standing, actor, state, desk)
    if fault is not None:
        return fault
    if state is ApplicationState.IN_REVIEW and _score(standing) >= desk.rules.review.second_from:
        event, after = ApplicationEvent.PASS_ON, ApplicationState.SECOND_REVIEW
        passed = Move(event, after, actor, at, first_by=actor.username, taken_by="", risk=standing.risk)
        return after if desk.book.move(application, passed) else ReviewFault.NOT_NOW
    merchant = _merchant(standing, at, desk)
    if not desk.book.has_plan(merchant.plan_id):
        return ReviewFault.PLAN_UNKNOWN
    move = Move(ApplicationEvent.APPROVE, ApplicationState.APPROVED, actor, at, risk=standing.risk)
    made = desk.book.approve(application, move, merchant)
    return ApplicationState.APPROVED if made is not None else ReviewFault.NOT_NOW


def _score(standing: Standing) -> int:
    return max(standing.risk.score, standing.application.score)


def _why_not(standing: Standing, actor: Actor, state: ApplicationState, desk: ApplicationDesk) -> ReviewFault | None:
    application = standing.application
    outcomes = desk.book.calls(application.application_id)
    confirmed = bool(outcomes) and outcomes[-1] is CallOutcome.CONFIRMED
    second = state is ApplicationState.SECOND_REVIEW
    faults = {
        ReviewFault.NO_REASON: not actor.gives_a_reason,
        ReviewFault.NOT_YOURS: not second and application.taken_by != actor.username,
        ReviewFault.SAME_PERSON: second and application.first_by == actor.username,
        ReviewFault.STILL_WRONG: any(finding.stops or finding.wrong is Wrong.TOO_MANY for finding in standing.findings),
        ReviewFault.CALL_MISSING: not confirmed
        and (bool(outcomes) or desk.rules.review.calls(Kind(application.kind), _score(standing))),
    }
    return next((fault for fault, there in faults.items() if there), None)


def _merchant(standing: Standing, at: datetime, desk: ApplicationDesk) -> NewMerchant:
    application, values = standing.application, standing.values
    limits = desk.rules.limits[Kind(application.kind)]
    number = values.get(Field.LICENCE_CODE) or values[Field.RESIDENT_ID]
    licence, account = bound_to(number, values.get(Field.ACCOUNT_NUMBER) or values[Field.CARD_NUMBER], desk.keyed)
    return NewMerchant(
        begins=number_begins(desk.acquirer, application.region, application.category),
        name=values[Field.SHOP_NAME],
        address=values[Field.SHOP_ADDRESS],
        phone=values[Field.PHONE],
        category=application.category,
        zone=str(desk.zone),
        valid_from=desk.day(at),
        plan_id=limits.plan_id,
        payment_minor=limits.payment_minor,
        credit_day_minor=limits.credit_day_minor,
        credit_month_minor=limits.credit_month_minor,
        licence=licence,
        account=account,
    )


def number_begins(acquirer: str, region: str, category: str) -> str:
    """The first eleven digits of a merchant number (商户号): our institution 3, region 4, category 4; four that count follow.

    >>> number_begins("48020000", "310115", "5812")
    '48031015812'
    """
    return f"{acquirer[:3]}{region[:4]}{category}"


def refuse(application_id: str, told: str, actor: Actor, at: datetime, desk: ApplicationDesk) -> ReviewFault | None:
    """Refuse an application. `told` is what the applicant reads, the actor's reason what the house keeps."""
    application = desk.book.recall(application_id)
    if application is None:
        return ReviewFault.UNKNOWN
    second = ApplicationState(application.state) is ApplicationState.SECOND_REVIEW
    if not second and application.taken_by != actor.username:
        return ReviewFault.NOT_YOURS
    told = " ".join(told.split())[:LONGEST_WORDS]
    if not told:
        return ReviewFault.NO_REASON
    return _moved(application_id, ApplicationEvent.REFUSE, actor, at, desk, told=told, refused_by=actor.username)


def send_back(application_id: str, actor: Actor, at: datetime, desk: ApplicationDesk) -> ReviewFault | None:
    """The second person wants the application looked at again."""
    return _moved(application_id, ApplicationEvent.SEND_BACK, actor, at, desk, first_by="")


def answer_appeal(
    application_id: str, told: str, actor: Actor, at: datetime, desk: ApplicationDesk, *, right: bool
) -> ReviewFault | None:
    """Answer an appeal: the refusal was wrong and the review begins anew, or it stands. `told` is what the applicant reads."""
    application = desk.book.recall(application_id)
    if application is None:
        return ReviewFault.UNKNOWN
    if application.refused_by == actor.username:
        return ReviewFault.SAME_PERSON
    told = " ".join(told.split())[:LONGEST_WORDS]
    if not told:
        return ReviewFault.NO_REASON
    event = ApplicationEvent.REOPEN if right else ApplicationEvent.UPHOLD
    due_at = at + desk.rules.review.within if right else None
    return _moved(application_id, event, actor, at, desk, told=told, due_at=due_at, first_by="", taken_by="")


def _own(application_id: str, actor: Actor, desk: ApplicationDesk) -> KeptApplication | ReviewFault:
    application = desk.book.recall(application_id)
    if application is None:
        return ReviewFault.UNKNOWN
    return application if application.taken_by == actor.username else ReviewFault.NOT_YOURS


def _moved(
    application_id: str,
    event: ApplicationEvent,
    actor: Actor,
    at: datetime,
    desk: ApplicationDesk,
    *,
    needs_reason: bool = True,
    **changes: Any,
) -> ReviewFault | None:
    application = desk.book.recall(application_id)
    if application is None:
        return ReviewFault.UNKNOWN
    if needs_reason and not actor.gives_a_reason:
        return ReviewFault.NO_REASON
    state = ApplicationState(application.state)
    if not APPLICATION_LIFE.allows(state, event):
        return ReviewFault.NOT_NOW
    move = Move(event, APPLICATION_LIFE.move(state, event), actor, at, **changes)
    return None if desk.book.move(application, move) else ReviewFault.NOT_NOW
