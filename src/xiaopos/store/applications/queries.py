"""What pages read of applications: the queue, the moves of one, its pictures, its calls, what was agreed to.

What may live here: queries, each returning frozen values. What may not: what people gave (the book opens it), writing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from xiaopos.keys import Vault, WrappedKey
from xiaopos.merchants.applications.sealing import MARK_NAME, SEAL_NAME, PersonalSeal
from xiaopos.merchants.applications.states import WITH_US, ApplicationState
from xiaopos.store.applications.models import (
    ApplicationCallRow,
    ApplicationRow,
    ApplicationStepRow,
    ConsentRow,
    MerchantLimitsRow,
    PictureRow,
)
from xiaopos.store.keys.models import HouseKey


def personal_seal(vault: Vault) -> PersonalSeal | None:
    """The keys for people's data, with the vault that uses them; None before they were made."""
    found = dict(HouseKey.objects.filter(name__in=[SEAL_NAME, MARK_NAME]).values_list("name", "wrapped"))
    if len(found) < len((SEAL_NAME, MARK_NAME)):
        return None
    seal, mark = (WrappedKey.from_text(found[name]) for name in (SEAL_NAME, MARK_NAME))
    return PersonalSeal(vault, seal, mark)


@dataclass(frozen=True, slots=True)
class QueueLine:
    """An application in the queue."""

    application_id: str
    kind: str
    category: str
    region: str
    state: str
    score: int
    submitted_at: datetime | None
    due_at: datetime | None
    changed_at: datetime
    taken_by: str


def queue(states: Collection[ApplicationState] = WITH_US, *, most: int = 200) -> tuple[QueueLine, ...]:
    """The applications in these states, that which is due first before the others. One query."""
    rows = ApplicationRow.objects.filter(state__in=[state.value for state in states])
    columns = (*QueueLine.__dataclass_fields__,)
    found = rows.order_by("due_at", "changed_at", "application_id").values_list(*columns)[:most]
    return tuple(QueueLine(*values) for values in found)


@dataclass(frozen=True, slots=True)
class BroughtLine:
    """An application that an agent's promoter brought, as far as the agent may know: nothing that the applicant gave."""

    application_id: str
    kind: str
    category: str
    region: str
    state: str
    opened_at: datetime
    changed_at: datetime
    promoter_id: str
    merchant_id: str


def brought_by(agent_id: str, *, most: int = 200) -> tuple[BroughtLine, ...]:
    """The applications that an agent's promoters brought, the newest first; none for no agent."""
    rows = ApplicationRow.objects.filter(agent_id=agent_id).exclude(agent_id="").order_by("-opened_at")
    return tuple(BroughtLine(*values) for values in rows.values_list(*BroughtLine.__dataclass_fields__)[:most])


@dataclass(frozen=True, slots=True)
class StepLine:
    """A move that was made."""

    at: datetime
    event: str
    after: str
    actor: str
    reason: str
    told: str


def steps_of(application_id: str) -> tuple[StepLine, ...]:
    """The moves of an application, the oldest first."""
    rows = ApplicationStepRow.objects.filter(application_id=application_id).order_by("version")
    return tuple(StepLine(*values) for values in rows.values_list(*StepLine.__dataclass_fields__))


@dataclass(frozen=True, slots=True)
class PictureLine:
    """A picture that is there."""

    picture_id: str
    field: str
    scan: str
    size: int
    taken_at: datetime


def pictures_of(application_id: str) -> tuple[PictureLine, ...]:
    """The newest picture of each field, by field."""
    rows = PictureRow.objects.filter(application_id=application_id, replaced_at=None).order_by("field")
    return tuple(PictureLine(*values) for values in rows.values_list(*PictureLine.__dataclass_fields__))


@dataclass(frozen=True, slots=True)
class CallLine:
    """A call to an applicant."""

    at: datetime
    outcome: str
    note: str
    called_by: str


def calls_of(application_id: str) -> tuple[CallLine, ...]:
    """The calls to an applicant, the oldest first."""
    rows = ApplicationCallRow.objects.filter(application_id=application_id).order_by("at")
    return tuple(CallLine(*values) for values in rows.values_list(*CallLine.__dataclass_fields__))


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """What was agreed to."""

    purpose: str
    at: datetime
    given: bool
    words: str


def consents_of(application_id: str) -> tuple[ConsentLine, ...]:
    """What was agreed to, the oldest first."""
    rows = ConsentRow.objects.filter(application_id=application_id).order_by("at", "purpose")
    return tuple(ConsentLine(*values) for values in rows.values_list(*ConsentLine.__dataclass_fields__))


def risk_reasons_of(application_id: str) -> tuple[str, ...]:
    """Why an application has its score, by the names of the reasons."""
    found = ApplicationRow.objects.filter(application_id=application_id).values_list("risk_reasons", flat=True).first()
    return tuple(found or ())


def application_of_merchant(merchant_id: str) -> tuple[str, date | None] | None:
    """The application that a merchant came of, and when business with it ended; None for one that came otherwise."""
    rows = MerchantLimitsRow.objects.filter(merchant_id=merchant_id)
    return rows.values_list("application_id", "ended_on").first()


@dataclass(frozen=True, slots=True)
class StartingLimits:
    """With which limits a merchant began, besides its terms; in minor units, 0 for none."""

    kind: str
    region: str
    credit_day_minor: int
    credit_month_minor: int


def starting_limits(merchant_id: str) -> StartingLimits | None:
    """Those of a merchant that was made of an application."""
    rows = MerchantLimitsRow.objects.filter(merchant_id=merchant_id)
    found = rows.values_list(*StartingLimits.__dataclass_fields__).first()
    return StartingLimits(*found) if found else None
