"""The operator's rule book for applications, as values: whom it serves, what is due, how it reviews, which limits follow.

What may live here: the values, finding in them. What may not: their text (rule_file reads it), storage, words of our own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from xiaopos.merchants.applications.fields import Grade, Kind
from xiaopos.merchants.applications.requirements import Rule, Words


@dataclass(frozen=True, slots=True)
class Category:
    """A merchant category (MCC): what people call it, whether it is served, how much it adds to the score, and why not."""

    code: str
    name: Words
    open: bool = True
    points: int = 0
    why: Words | None = None


@dataclass(frozen=True, slots=True)
class Region:
    """A region that the operator serves, by six digits of GB/T 2260, and the names by which an address may say it."""

    code: str
    name: Words
    said_as: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CardRange:
    """Cards by the beginning of their number: whose they are, and whether money can be paid out to them."""

    prefix: str
    bank: Words
    debit: bool
    digits: int = 0
    """How many digits they have; 0 for any."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a merchant of a kind begins with: its price plan, the most for one payment, and by credit card in a day and a month
    (0 for no such limit), in minor units; and how many merchants one person or licence may have here (0 for any number)."""

    plan_id: str
    payment_minor: int
    credit_day_minor: int = 0
    credit_month_minor: int = 0
    merchants_most: int = 0
    source: str = ""
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Review:
    """How applications are reviewed. Scores are 0 to 1000; a grade begins at its score."""

    within: timedelta
    """By when somebody has decided, since it was handed in."""
    middle_from: int
    high_from: int
    call_from: int
    """From this score on the applicant is called back before it is approved."""
    call_kinds: frozenset[Kind]
    """Kinds that are always called back."""
    second_from: int
    """From this score on a second person approves, too."""
    draft_lives: timedelta
    returned_lives: timedelta
    appeal_within: timedelta
    youngest_years: int
    script: tuple[Words, ...] = ()
    """What whoever calls back asks, in this order."""

    def grade(self, score: int) -> Grade:
        """How closely an application of this score is looked at."""
        return Grade.HIGH if score >= self.high_from else Grade.MIDDLE if score >= self.middle_from else Grade.LOW

    def calls(self, kind: Kind, score: int) -> bool:
        """Whether the applicant is called back before it is approved."""
        return kind in self.call_kinds or score >= self.call_from


class Record(Enum):
    """Kinds of record that are kept for different times."""

    UNFINISHED = "unfinished"
    """Of applications that were never handed in, withdrawn or left."""
    REFUSED = "refused"
    MERCHANT = "merchant"
    """Of approved applications, counted from the end of business with the merchant."""
    LETTER = "letter"
    """Codes and links that were sent."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a kind of record is kept, and why."""

    keep: timedelta
    why: Words
    source: str = ""
    confirmed: bool = False


class Purpose(Enum):
    """What somebody's data is used for, each agreed to by itself."""

    REVIEW = "review"
    """To decide about the application, and to keep what the law wants kept. Without it there is no application."""
    CONTACT = "contact"
    """To call or write about the application. Without it there is no application."""
    NEWS = "news"
    """To tell of new products. Nothing depends on it."""


NEEDED = frozenset({Purpose.REVIEW, Purpose.CONTACT})
"""What must be agreed to before an application can be handed in."""


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Everything that the operator decides about applications. `edition` names this text of the rules."""

    edition: str
    categories: tuple[Category, ...]
    regions: tuple[Region, ...]
    cards: tuple[CardRange, ...]
    rules: tuple[Rule, ...]
    limits: Mapping[Kind, Limits]
    review: Review
    retention: Mapping[Record, Retention]
    points: Mapping[str, int]
    """How much each thing that a check found adds to the score, by the finding's name."""
    licence_begins: Mapping[Kind, tuple[str, ...]]
    """How a licence's code begins for a kind of merchant."""
    consents: Mapping[Purpose, Words]
    """The very words that are agreed to."""

    def category(self, code: str) -> Category | None:
        """The category of this code."""
        return next((one for one in self.categories if one.code == code), None)

    def region(self, code: str) -> Region | None:
        """The region of this code."""
        return next((one for one in self.regions if one.code == code), None)

    def card(self, number: str) -> CardRange | None:
        """The range of a card number: that of the longest beginning."""
        return _longest([one for one in self.cards if number.startswith(one.prefix) and one.digits in (0, len(number))])

    def names_of(self, region: str) -> Sequence[str]:
        """See RegionNames."""
        found = self.region(region)
        return found.said_as if found is not None else ()


def _longest(ranges: Sequence[CardRange]) -> CardRange | None:
    return max(ranges, key=lambda one: len(one.prefix), default=None)
