"""What applying and reviewing need of others: the book of applications, views of risk, whoever sends codes or reads pictures.

What may live here: those roles and the values that pass. What may not: rules, words, storage.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import Enum
from typing import Protocol

from xiaopos.fleet.activation import Keyed
from xiaopos.kernel.clock import business_day
from xiaopos.merchants.applications.checks import RegionNames
from xiaopos.merchants.applications.fields import Field, Kind
from xiaopos.merchants.applications.rulebook import Purpose, RuleBook
from xiaopos.merchants.applications.scoring import Risk
from xiaopos.merchants.applications.states import ApplicationEvent, ApplicationState
from xiaopos.usecases.actors import Actor


class KeptApplication(Protocol):
    """An application as the book keeps it. People are named by their user names; empty for nobody."""

    @property
    def application_id(self) -> str:
        """Its number."""
        ...

    @property
    def kind(self) -> str:
        """A Kind by its value."""
        ...

    @property
    def category(self) -> str:
        """The merchant category code."""
        ...

    @property
    def region(self) -> str:
        """The region's six digits."""
        ...

    @property
    def state(self) -> str:
        """An ApplicationState by its value."""
        ...

    @property
    def version(self) -> int:
        """Counts its moves."""
        ...

    @property
    def score(self) -> int:
        """The risk that was seen when it was last handed in."""
        ...

    @property
    def language(self) -> str:
        """The language in which the applicant is written to."""
        ...

    @property
    def changed_at(self) -> datetime:
        """Its last move, or the last thing that the applicant saved."""
        ...

    @property
    def taken_by(self) -> str:
        """Who looks at it."""
        ...

    @property
    def first_by(self) -> str:
        """Who would approve it, and passed it on to a second person."""
        ...

    @property
    def refused_by(self) -> str:
        """Who refused it."""
        ...

    @property
    def merchant_id(self) -> str:
        """The merchant that was made of it."""
        ...

    @property
    def agent_id(self) -> str:
        """The agent whose promoter brought it."""
        ...

    @property
    def promoter_id(self) -> str:
        """The promoter who brought it."""
        ...


@dataclass(frozen=True, slots=True)
class Start:
    """What an applicant says first. `link_mark` is what is kept of the secret in the link that leads back; agent and promoter are
    empty for whoever came alone; `wished_model` is of the catalogue, empty for none."""

    kind: Kind
    category: str
    region: str
    phone: str
    language: str
    link_mark: str
    agent_id: str = ""
    promoter_id: str = ""
    wished_model: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """A move of an application: what happens, to where, by whom, when. `told` is for the applicant; None changes nothing."""

    event: ApplicationEvent
    after: ApplicationState
    actor: Actor
    at: datetime
    told: str = ""
    due_at: datetime | None = None
    taken_by: str | None = None
    first_by: str | None = None
    refused_by: str | None = None
    risk: Risk | None = None


class CallOutcome(Enum):
    """What a call to the applicant came to."""

    CONFIRMED = "confirmed"
    """They applied, and what they said fits."""
    DENIED = "denied"
    """They never applied, or somebody else wants them to."""
    DIFFERENT = "different"
    """They applied, and something they said does not fit."""
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True)
class NewMerchant:
    """The merchant that an approved application makes. `begins` are the first eleven digits of its number; limits are in minor
    units, 0 for none. `licence` and `account` are what its terminals are bound to, as in fleet.bindings.SixParts."""

    begins: str
    name: str
    address: str
    phone: str
    category: str
    zone: str
    valid_from: date
    plan_id: str
    payment_minor: int
    credit_day_minor: int
    credit_month_minor: int
    licence: str
    account: str


@dataclass(frozen=True, slots=True)
class ReturnedPart:
    """A part that is back with the applicant: why, and whether it was given anew."""

    reason: str
    given_anew: bool


class ApplicationBook(Protocol):
    """Whoever keeps applications. Each move writes its line in the audit trail, both or neither, and only if nobody was first."""

    def add(self, application_id: str, start: Start, at: datetime) -> None:
        """Write a new one, with the telephone number as its first field."""
        ...

    def recall(self, application_id: str) -> KeptApplication | None:
        """One, whatever its state."""
        ...

    def by_link(self, link_mark: str) -> KeptApplication | None:
        """The one that a link leads to."""
        ...

    def values(self, application_id: str) -> Mapping[Field, str]:
        """What was given, opened. A picture's is its number."""
        ...

    def save(self, application: KeptApplication, values: Mapping[Field, str], at: datetime) -> bool:
        """Write what was typed, an empty text to take it away, and that returned parts among it were given anew; False when it
        has moved meanwhile."""
        ...

    def used_elsewhere(self, application: KeptApplication, values: Mapping[Field, str]) -> Sequence[Field]:
        """Which of the telling fields another application gives, too, that is under way or approved."""
        ...

    def merchants_of(self, values: Mapping[Field, str]) -> int:
        """How many merchants were made of applications by the same person, or on the same licence."""
        ...

    def returned(self, application_id: str) -> Mapping[Field, ReturnedPart]:
        """The parts that are back with the applicant; none when none are."""
        ...

    def move(self, application: KeptApplication, move: Move) -> bool:
        """Write a move; False when somebody was first."""
        ...

    def hand_in(self, application: KeptApplication, move: Move, consents: Mapping[Purpose, str], edition: str) -> bool:
        """Write that it was handed in, by which edition of the rules, and each consent with its very words."""
        ...

    def give_back(self, application: KeptApplication, move: Move, parts: Mapping[Field, str]) -> bool:
        """Write that parts are with the applicant, each with its reason."""
        ...

    def note_call(
        self, application: KeptApplication, outcome: CallOutcome, note: str, actor: Actor, at: datetime
    ) -> None:
        """Write what a call came to, with its line in the audit trail."""
        ...

    def calls(self, application_id: str) -> Sequence[CallOutcome]:
        """What the calls since it was last handed in came to, the oldest first."""
        ...

    def approve(self, application: KeptApplication, move: Move, merchant: NewMerchant) -> str | None:
        """Write the merchant, its shop, its terms and limits and the move, all or nothing; the merchant's number, or None when
        somebody was first."""
        ...

    def has_plan(self, plan_id: str) -> bool:
        """Whether there is this price plan."""
        ...

    def keep_code(self, application: KeptApplication, code_mark: str, until: datetime) -> None:
        """Keep what is kept of the newest code."""
        ...

    def spend_code(self, link_mark: str, code_mark: str, now: datetime) -> KeptApplication | None:
        """The application of this link, if this is its code and the code's time runs; the code works once."""
        ...

    def left_behind(self, states: Sequence[ApplicationState], before: datetime) -> Sequence[KeptApplication]:
        """Applications in these states in which nothing happened since then."""
        ...


class RiskView(Protocol):
    """Somebody who sees how risky an application is: what it says itself, rings of people, lists of names."""

    def look(self, application: KeptApplication, values: Mapping[Field, str], at: datetime) -> Risk:
        """The score and the reasons, by their names. Nothing is written."""
        ...

    def keep(self, application: KeptApplication, values: Mapping[Field, str], at: datetime) -> None:
        """Keep what later applications are compared with, and what was found now. Once or twice makes no difference."""
        ...

    def forget(self, application_id: str) -> None:
        """Delete what was kept of an application."""
        ...


class Notifier(Protocol):
    """Whoever sends a code to a telephone."""

    def send_code(self, application: KeptApplication, phone: str, code: str, at: datetime) -> None:
        """Send it, in the applicant's language. That it arrived nobody knows."""
        ...


class Reader(Protocol):
    """Whoever reads what a picture says (OCR): it fills in before anybody has typed, and never decides."""

    def read(self, field: Field, picture: bytes) -> Mapping[Field, str]:
        """What a picture of this field seems to say; nothing where it cannot be read."""
        ...


@dataclass(frozen=True, slots=True)
class ApplicationDesk:
    """Everything that applying and reviewing ask. `acquirer` is our institution's number, `zone` the operator's, `keyed` the
    house's keyed hash."""

    book: ApplicationBook
    rules: RuleBook
    names: RegionNames
    views: Sequence[RiskView]
    make_id: Callable[[datetime], str]
    zone: tzinfo
    acquirer: str
    keyed: Keyed

    def day(self, at: datetime) -> date:
        """The operator's day of an instant."""
        return business_day(at, self.zone)
