"""What people may ask about their data: all of it in one file, another answer to a consent, deletion; and how long it is kept.

What may live here: those verbs, the rule of how long, the hold that stops a deletion. What may not: the times themselves (the
operator's rules), storage, words.

A deletion takes away everything that somebody gave, and leaves what happened: which application it was, what was decided, and a
tombstone with the digest of what is gone. It is the SHA-256 over a line `place:digest` for each sealed piece, in the order of the
places; a copy lists the same lines, so that whoever took one can compute what the tombstone must say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Protocol

from xiaopos.merchants.applications.fields import Field, is_picture
from xiaopos.merchants.applications.rulebook import NEEDED, Purpose, Record
from xiaopos.merchants.applications.states import WITH_US, ApplicationState
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.application_ports import ApplicationDesk, KeptApplication
from xiaopos.usecases.apply_for_pos import APPLICANT

_RECORDS = {
    ApplicationState.REFUSED: Record.REFUSED,
    ApplicationState.APPEALED: Record.REFUSED,
    ApplicationState.UPHELD: Record.REFUSED,
    ApplicationState.APPROVED: Record.MERCHANT,
}


class DataFault(Enum):
    """Why nothing was changed."""

    UNKNOWN = "unknown"
    NO_REASON = "no_reason"
    NOT_NOW = "not_now"
    """It is under way, or was deleted already, or somebody was first."""
    HELD = "held"
    """A court or an authority wants it kept."""
    TOO_SOON = "too_soon"
    """The rules want it kept for some time yet."""
    NEEDED = "needed"
    """Without this consent there is no application: it is withdrawn, not changed."""


@dataclass(frozen=True, slots=True)
class Proof:
    """That something was deleted: how many fields and pictures, and the SHA-256 over all that is gone, in hex."""

    fields: int
    pictures: int
    digest: str


@dataclass(frozen=True, slots=True)
class Consent:
    """What somebody answered to a purpose, in which words."""

    purpose: Purpose
    at: datetime
    given: bool
    words: str


@dataclass(frozen=True, slots=True)
class Copy:
    """Everything that the house has of a person by an application. `told` is what was done and what they were told of it,
    `pieces` the digests of what is sealed, by place."""

    application_id: str
    kind: str
    category: str
    region: str
    state: str
    values: Mapping[Field, str]
    pictures: Mapping[Field, bytes]
    consents: Sequence[Consent]
    told: Sequence[tuple[datetime, str, str]]
    appeal: str
    pieces: Mapping[str, str]


def digest_of(pieces: Mapping[str, str]) -> str:
    """The digest of a tombstone over pieces: the SHA-256 of each as it was sealed, by its place.

    >>> digest_of({"phone": "ab" * 32})[:16]
    'c4a127d88699875d'
    """
    lines = "".join(f"{place}:{digest}\n" for place, digest in sorted(pieces.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


class PersonalBook(Protocol):
    """Whoever keeps people's data. Each change writes its line in the audit trail, both or neither."""

    def is_erased(self, application_id: str) -> bool:
        """Whether what was given is gone."""
        ...

    def is_held(self, application_id: str) -> bool:
        """Whether somebody wants it kept."""
        ...

    def hold(self, application_id: str, actor: Actor, at: datetime, *, held: bool) -> None:
        """Write that it must be kept, or need not any more."""
        ...

    def ended_on(self, merchant_id: str) -> date | None:
        """The day on which business with a merchant ended; None while it goes on."""
        ...

    def copy(self, application: KeptApplication, actor: Actor, at: datetime) -> Copy:
        """Everything, opened; the audit trail says who took it."""
        ...

    def consents(self, application_id: str) -> Sequence[Consent]:
        """Every answer to every purpose, the oldest first."""
        ...

    def answer(self, application: KeptApplication, consent: Consent, edition: str) -> None:
        """Write another answer."""
        ...

    def erase(self, application: KeptApplication, actor: Actor, at: datetime, also: Callable[[], None]) -> Proof | None:
        """Delete all that was given, and what `also` deletes, and write the tombstone; None when somebody was first."""
        ...

    def at_rest(self, states: Collection[ApplicationState], before: datetime, most: int) -> Sequence[KeptApplication]:
        """Applications in these states, neither deleted nor held, in which nothing happened since then, the oldest first."""
        ...

    def ended_before(self, day: date, most: int) -> Sequence[KeptApplication]:
        """Approved applications, neither deleted nor held, of merchants with whom business ended before a day."""
        ...

    def end(self, merchant_id: str, on: date, actor: Actor, at: datetime) -> bool:
        """Write that business with a merchant ended, and that it takes no money any more; False when it had ended, or for a
        merchant that came by no application."""
        ...

    def drop_letters(self, before: datetime) -> int:
        """Delete what was kept of codes and links sent before then; how many those were."""
        ...


def record_of(state: ApplicationState) -> Record:
    """Which kind of record an application is in a state."""
    return _RECORDS.get(state, Record.UNFINISHED)


def kept_until(application: KeptApplication, desk: ApplicationDesk, book: PersonalBook) -> date | None:
    """The last day for which the rules want it kept; None while nobody can say, for business goes on."""
    record = record_of(ApplicationState(application.state))
    keep = desk.rules.retention[record].keep
    if record is not Record.MERCHANT:
        return desk.day(application.changed_at) + keep
    ended_on = book.ended_on(application.merchant_id)
    return ended_on + keep if ended_on is not None else None


def copy_data(
    application_id: str, actor: Actor, at: datetime, desk: ApplicationDesk, book: PersonalBook
) -> Copy | DataFault:
    """Everything that the house has of a person by an application."""
    application = desk.book.recall(application_id)
    if application is None or book.is_erased(application_id):
        return DataFault.UNKNOWN
    return book.copy(application, actor, at) if actor.gives_a_reason else DataFault.NO_REASON


def answer_consent(
    application_id: str, purpose: Purpose, at: datetime, desk: ApplicationDesk, book: PersonalBook, *, given: bool
) -> DataFault | None:
    """Another answer to a purpose on which nothing depends. The old one stays written."""
    application = desk.book.recall(application_id)
    if application is None or book.is_erased(application_id):
        return DataFault.UNKNOWN
    if purpose in NEEDED:
        return DataFault.NEEDED
    words = desk.rules.consents[purpose]
    said = words.en if application.language == "en" else words.zh
    book.answer(application, Consent(purpose, at, given, said), desk.rules.edition)
    return None


def agreed_to(purpose: Purpose, consents: Sequence[Consent]) -> bool:
    """Whether the last answer to a purpose was yes."""
    answers = [consent.given for consent in consents if consent.purpose is purpose]
    return bool(answers) and answers[-1]


def hold_data(
    application_id: str, actor: Actor, at: datetime, desk: ApplicationDesk, book: PersonalBook, *, held: bool
) -> DataFault | None:
    """Keep something whatever the rules say, for a reason, or let it go again."""
    if desk.book.recall(application_id) is None or book.is_erased(application_id):
        return DataFault.UNKNOWN
    if not actor.gives_a_reason:
        return DataFault.NO_REASON
    if book.is_held(application_id) is held:
        return DataFault.NOT_NOW
    book.hold(application_id, actor, at, held=held)
    return None


def erase_data(
    application_id: str, actor: Actor, at: datetime, desk: ApplicationDesk, book: PersonalBook
) -> Proof | DataFault:
    """Delete what somebody gave: at once what came to nothing, for that the person may ask at any time; anything else once the
    rules do not want it kept any more. Precedence: unknown, reason, under way, held, too soon."""
    application = desk.book.recall(application_id)
    if application is None:
        return DataFault.UNKNOWN
    if not actor.gives_a_reason:
        return DataFault.NO_REASON
    state = ApplicationState(application.state)
    if state in WITH_US or book.is_erased(application_id):
        return DataFault.NOT_NOW
    if book.is_held(application_id):
        return DataFault.HELD
    asked = actor == APPLICANT and record_of(state) is Record.UNFINISHED
    if not asked and not _is_over(application, at, desk, book):
        return DataFault.TOO_SOON
    return _erase(application, actor, at, desk, book) or DataFault.NOT_NOW


def _erase(
    application: KeptApplication, actor: Actor, at: datetime, desk: ApplicationDesk, book: PersonalBook
) -> Proof | None:
    """Delete what was given, and what others were compared with."""

    def forget() -> None:
        for view in desk.views:
            view.forget(application.application_id)

    return book.erase(application, actor, at, forget)


def _is_over(application: KeptApplication, at: datetime, desk: ApplicationDesk, book: PersonalBook) -> bool:
    until = kept_until(application, desk, book)
    return until is not None and desk.day(at) > until


def end_business(
    merchant_id: str, actor: Actor, at: datetime, desk: ApplicationDesk, book: PersonalBook
) -> DataFault | None:
    """Business with a merchant is over: it takes no money any more, and from now on the time counts until its data go."""
    if not actor.gives_a_reason:
        return DataFault.NO_REASON
    return None if book.end(merchant_id, desk.day(at), actor, at) else DataFault.NOT_NOW


def erase_what_is_over(at: datetime, desk: ApplicationDesk, book: PersonalBook, actor: Actor, *, most: int = 20) -> int:
    """Delete what the rules do not want kept any more, some at a time; how many applications that were."""
    keep = {record: desk.rules.retention[record].keep for record in Record}
    found: list[KeptApplication] = []
    for record in (Record.UNFINISHED, Record.REFUSED):
        states = [state for state in ApplicationState if _ends_as(state) is record]
        # A day more: what is kept for so many days is kept until the last of them is over.
        found += book.at_rest(states, at - keep[record] - timedelta(days=1), most)
    found += book.ended_before(desk.day(at) - keep[Record.MERCHANT], most)
    book.drop_letters(at - keep[Record.LETTER])
    return sum(_erase(application, actor, at, desk, book) is not None for application in found[:most])


def _ends_as(state: ApplicationState) -> Record | None:
    """Which kind of record an application at rest in a state is; None for one that is under way or made a merchant."""
    record = record_of(state)
    return record if state not in WITH_US and record is not Record.MERCHANT else None


def texts_of(copy: Copy) -> Mapping[str, object]:
    """A copy as texts that any program reads: all but the pictures, which stand beside it under their fields' names."""
    return {
        "application": copy.application_id,
        "kind": copy.kind,
        "category": copy.category,
        "region": copy.region,
        "state": copy.state,
        "given": {field.value: text for field, text in copy.values.items() if not is_picture(field)},
        "pictures": sorted(field.value for field in copy.pictures),
        "consents": [
            {"purpose": one.purpose.value, "at": one.at.isoformat(), "given": one.given, "words": one.words}
            for one in copy.consents
        ],
        "told": [{"at": at.isoformat(), "what": what, "words": words} for at, what, words in copy.told],
        "appeal": copy.appeal,
        "pieces": dict(sorted(copy.pieces.items())),
    }
