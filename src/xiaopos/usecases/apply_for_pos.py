"""Apply for a POS: begin, save a step, hand in, come back by a link and a code, withdraw, appeal.

What may live here: those verbs as the applicant does them. What may not: reviewing (review_application), pictures
(keep_documents), storage, words.

Whatever somebody typed is kept, also when it is wrong: they are told what is, and correct it when they like.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from xiaopos.merchants.applications.checks import (
    INSIDE,
    Facts,
    Finding,
    Wrong,
    check_all,
    check_field,
    check_start,
)
from xiaopos.merchants.applications.fields import FIELDS, Field, Kind, is_picture, tidied
from xiaopos.merchants.applications.requirements import Case, Due, Need, due_now, requirements
from xiaopos.merchants.applications.rulebook import NEEDED, Purpose
from xiaopos.merchants.applications.scoring import Risk, score_of, together
from xiaopos.merchants.applications.states import (
    APPLICATION_LIFE,
    WITH_APPLICANT,
    ApplicationEvent,
    ApplicationState,
)
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.application_ports import ApplicationDesk, KeptApplication, Move, Notifier, ReturnedPart, Start

CODE_LIVES = timedelta(minutes=10)
CODE_DIGITS = 6
LONGEST_APPEAL = 500
APPLICANT = Actor("applicant", "applicant", "applicant")
"""Applicants have no names of their own here: which application it is says who they are."""


class ApplyFault(Enum):
    """Why nothing was changed."""

    UNKNOWN = "unknown"
    NOT_NOW = "not_now"
    """Its state does not allow it, or it has moved meanwhile."""
    CONSENT = "consent"
    """Something that must be agreed to was not."""
    NO_WORDS = "no_words"
    TOO_LATE = "too_late"


@dataclass(frozen=True, slots=True)
class NotHandedIn:
    """What stands in the way."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """An application with everything that is known of it. `dues` is what is due, `values` what was given, `returned` the parts
    that are back with the applicant, `open` the fields that the applicant may change now."""

    application: KeptApplication
    values: Mapping[Field, str]
    dues: Mapping[Field, Due]
    findings: tuple[Finding, ...]
    returned: Mapping[Field, ReturnedPart]
    risk: Risk
    open: frozenset[Field]

    @property
    def told(self) -> tuple[Finding, ...]:
        """What the applicant is told of it."""
        return tuple(finding for finding in self.findings if finding.wrong not in INSIDE)


def begin(start: Start, at: datetime, desk: ApplicationDesk) -> str | NotHandedIn:
    """Begin an application; its number."""
    start = replace(start, phone=tidied(Field.PHONE, start.phone))
    facts = Facts(start.kind, start.category, start.region, desk.day(at), desk.rules, desk.names)
    phone = [Finding(Field.PHONE, Wrong.MISSING)] if not start.phone else check_field(Field.PHONE, start.phone, facts)
    stops = tuple(finding for finding in (*check_start(facts), *phone) if finding.stops)
    if stops:
        return NotHandedIn(stops)
    application_id = desk.make_id(at)
    desk.book.add(application_id, start, at)
    return application_id


def standing_of(
    application: KeptApplication, at: datetime, desk: ApplicationDesk, *, closely: bool = False
) -> Standing:
    """Everything about an application as of now. What is found tells how closely it is looked at, and that what is due. What only
    the house may know asks nothing more of the applicant: the questions would tell it. The views of risk are asked once it is
    with us, or `closely`."""
    values, kind = desk.book.values(application.application_id), Kind(application.kind)
    facts = Facts(kind, application.category, application.region, desk.day(at), desk.rules, desk.names)
    given = check_all(values, (), facts)
    seen = score_of(application.category, given, desk.rules)
    case = Case(kind, application.category, application.region, desk.rules.review.grade(seen.score))
    dues = requirements(desk.rules.rules, case, desk.day(at))
    inside = _known_elsewhere(application, values, desk)
    closely = closely or ApplicationState(application.state) not in WITH_APPLICANT
    views = [view.look(application, values, at) for view in desk.views] if closely else []
    risk = together([score_of(application.category, [*given, *inside], desk.rules), *views])
    missing = [Finding(field, Wrong.MISSING) for field in due_now(dues) if not values.get(field)]
    returned = desk.book.returned(application.application_id)
    again = [Finding(field, Wrong.RETURNED) for field, part in returned.items() if not part.given_anew]
    open_now = _open(application, values, dues, returned)
    return Standing(application, values, dues, (*given, *missing, *again, *inside), returned, risk, open_now)


def _known_elsewhere(
    application: KeptApplication, values: Mapping[Field, str], desk: ApplicationDesk
) -> Sequence[Finding]:
    found = [Finding(field, Wrong.USED_ELSEWHERE) for field in desk.book.used_elsewhere(application, values)]
    most = desk.rules.limits[Kind(application.kind)].merchants_most
    if most and not application.merchant_id and desk.book.merchants_of(values) >= most:
        found.append(Finding(Field.RESIDENT_ID, Wrong.TOO_MANY))
    return found


def _open(
    application: KeptApplication,
    values: Mapping[Field, str],
    dues: Mapping[Field, Due],
    returned: Mapping[Field, ReturnedPart],
) -> frozenset[Field]:
    """In a draft everything that is asked, of a returned one the returned parts, later what was left for later and is missing."""
    state = ApplicationState(application.state)
    if state is ApplicationState.DRAFT:
        return frozenset(field for field, due in dues.items() if due.need is not Need.NEVER)
    left = {field for field, due in dues.items() if due.need is Need.LATER and not values.get(field)}
    if state is ApplicationState.RETURNED:
        missing = {field for field in due_now(dues) if not values.get(field)}
        return frozenset(left | missing | set(returned))
    return frozenset(left) if state is ApplicationState.APPROVED else frozenset()


def save_step(
    application_id: str, values: Mapping[Field, str], at: datetime, desk: ApplicationDesk
) -> tuple[Finding, ...] | ApplyFault:
    """Keep what somebody typed, and say what is wrong with it. What the application does not take now is not kept."""
    application = desk.book.recall(application_id)
    if application is None:
        return ApplyFault.UNKNOWN
    taken = standing_of(application, at, desk).open
    texts = {field: tidied(field, text) for field, text in values.items() if field in taken and not is_picture(field)}
    # What is far too long is cut where it is still seen to be too long: nobody needs the rest.
    kept = {field: text[: FIELDS[field].longest + 1] for field, text in texts.items()}
    if not kept or not desk.book.save(application, kept, at):
        return ApplyFault.NOT_NOW
    after = desk.book.recall(application_id)
    assert after is not None, "an application stays"
    return tuple(finding for finding in standing_of(after, at, desk).told if finding.field in kept)


def hand_in(
    application_id: str, consents: Collection[Purpose], at: datetime, desk: ApplicationDesk
) -> ApplicationState | NotHandedIn | ApplyFault:
    """Hand an application in, or its returned parts. What is agreed to at first is kept in its very words, purpose by purpose."""
    application = desk.book.recall(application_id)
    if application is None:
        return ApplyFault.UNKNOWN
    state = ApplicationState(application.state)
    if not APPLICATION_LIFE.allows(state, ApplicationEvent.SUBMIT):
        return ApplyFault.NOT_NOW
    if state is ApplicationState.DRAFT and NEEDED - set(consents):
        return ApplyFault.CONSENT
    standing = standing_of(application, at, desk, closely=True)
    stops = tuple(finding for finding in standing.findings if finding.stops)
    if stops:
        return NotHandedIn(stops)
    for view in desk.views:
        view.keep(application, standing.values, at)
    after = APPLICATION_LIFE.move(state, ApplicationEvent.SUBMIT)
    move = Move(
        ApplicationEvent.SUBMIT,
        after,
        APPLICANT,
        at,
        due_at=at + desk.rules.review.within,
        taken_by="",
        first_by="",
        risk=standing.risk,
    )
    agreed = [purpose for purpose in Purpose if purpose in consents] if state is ApplicationState.DRAFT else []
    said = {purpose: _in(application.language, desk, purpose) for purpose in agreed}
    return after if desk.book.hand_in(application, move, said, desk.rules.edition) else ApplyFault.NOT_NOW


def _in(language: str, desk: ApplicationDesk, purpose: Purpose) -> str:
    words = desk.rules.consents[purpose]
    return words.en if language == "en" else words.zh


def withdraw(application_id: str, at: datetime, desk: ApplicationDesk) -> ApplicationState | ApplyFault:
    """The applicant takes it back."""
    return _leave(application_id, ApplicationEvent.WITHDRAW, APPLICANT, at, desk)


def _leave(
    application_id: str, event: ApplicationEvent, actor: Actor, at: datetime, desk: ApplicationDesk
) -> ApplicationState | ApplyFault:
    application = desk.book.recall(application_id)
    if application is None:
        return ApplyFault.UNKNOWN
    state = ApplicationState(application.state)
    if not APPLICATION_LIFE.allows(state, event):
        return ApplyFault.NOT_NOW
    after = APPLICATION_LIFE.move(state, event)
    return after if desk.book.move(application, Move(event, after, actor, at)) else ApplyFault.NOT_NOW


def appeal(application_id: str, words: str, at: datetime, desk: ApplicationDesk) -> ApplicationState | ApplyFault:
    """The applicant says why a refusal is wrong; somebody else than who refused looks at it."""
    application = desk.book.recall(application_id)
    if application is None:
        return ApplyFault.UNKNOWN
    if ApplicationState(application.state) is not ApplicationState.REFUSED:
        return ApplyFault.NOT_NOW
    words = " ".join(words.split())
    if not words or len(words) > LONGEST_APPEAL or not words.isprintable():
        return ApplyFault.NO_WORDS
    if at > application.changed_at + desk.rules.review.appeal_within:
        return ApplyFault.TOO_LATE
    move = Move(
        ApplicationEvent.APPEAL,
        ApplicationState.APPEALED,
        APPLICANT,
        at,
        told=words,
        due_at=at + desk.rules.review.within,
    )
    return ApplicationState.APPEALED if desk.book.move(application, move) else ApplyFault.NOT_NOW


def send_code(
    link_mark: str, code: str, code_mark: str, at: datetime, desk: ApplicationDesk, notifier: Notifier
) -> None:
    """Send a code to the telephone of the application that a link leads to. Whether there is one, nobody is told."""
    application = desk.book.by_link(link_mark)
    if application is None:
        return
    phone = desk.book.values(application.application_id).get(Field.PHONE, "")
    if phone:
        desk.book.keep_code(application, code_mark, at + CODE_LIVES)
        notifier.send_code(application, phone, code, at)


def resume(link_mark: str, code_mark: str, at: datetime, desk: ApplicationDesk) -> KeptApplication | None:
    """The application of a link, for whoever has the code that was sent; a code works once."""
    return desk.book.spend_code(link_mark, code_mark, at)


def expire_applications(at: datetime, desk: ApplicationDesk, actor: Actor) -> int:
    """End every application that its applicant has left; how many those were."""
    lives = {
        ApplicationState.DRAFT: desk.rules.review.draft_lives,
        ApplicationState.RETURNED: desk.rules.review.returned_lives,
    }
    assert set(lives) == WITH_APPLICANT, "each has its time"
    found = 0
    for state, living in lives.items():
        for application in desk.book.left_behind((state,), at - living):
            move = Move(ApplicationEvent.EXPIRE, APPLICATION_LIFE.move(state, ApplicationEvent.EXPIRE), actor, at)
            found += desk.book.move(application, move)
    return found
