"""The rules of advice (选机规则) as data: how much each point counts, which rule a device out, and the few numbers beside.

What may live here: the points, the rules that come with the house, which rules are acceptable. What may not: judging a device
(advice), who may change them (usecases.adjust_advice), storage, words (web).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

WEIGHTS = range(101)
CERTIFICATE_DAYS = range(3651)
BUSY_MINOR = range(1, 10**12)
FIRST_DAY = date(2026, 1, 1)


class Point(Enum):
    """What is looked at in a device, in the order in which reasons are told."""

    CERTIFICATE = "certificate"
    """Its certificate stands long enough."""
    CONNECTION = "connection"
    """It can use one of the ways onto the network that there are."""
    CARDS = "cards"
    """Chip cards, with a PIN."""
    CONTACTLESS = "contactless"
    STRIPE = "stripe"
    PAYER_CODES = "payer_codes"
    """Scans the customer's code."""
    SHOP_CODES = "shop_codes"
    """Shows a code that the customer scans."""
    MOBILE = "mobile"
    """Works away from the wall socket."""
    ON_THE_ROAD = "on_the_road"
    """Has a network of its own away from the shop."""
    PRINTER = "printer"
    LANGUAGE = "language"
    BUDGET = "budget"
    SECOND_LINE = "second_line"
    """A second way onto the network for when the first is down."""
    OFFLINE = "offline"
    """Goes on with small card payments while the line is down."""
    FAST_SCAN = "fast_scan"
    """An engine for scanning, for shops with a queue."""
    LARGE_SCREEN = "large_screen"
    LOUD = "loud"
    """Says aloud what was received."""
    CHEAP = "cheap"
    """How much of the budget is left."""


NEVER_RULE_OUT = frozenset({Point.CHEAP})
"""Nothing of theirs can fail: it is a matter of more or less."""
ALWAYS_RULE_OUT = frozenset({Point.CERTIFICATE, Point.CONNECTION})
"""A device without one of them cannot be put to use at all; no rules may say otherwise."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How much a point counts, 0 to 100; `must` whether a device that fails it is not advised."""

    weight: int
    must: bool = False


@dataclass(frozen=True, slots=True)
class AdviceRules:
    """The rules from a day on. A shop is busy from `busy_from_minor` fen a month; a certificate must stand `certificate_days`."""

    valid_from: date
    rules: Mapping[Point, Rule] = field(hash=False)
    busy_from_minor: int
    certificate_days: int


HOUSE_RULES = AdviceRules(
    FIRST_DAY,
    {
        Point.CERTIFICATE: Rule(5, must=True),
        Point.CONNECTION: Rule(10, must=True),
        Point.CARDS: Rule(30, must=True),
        Point.CONTACTLESS: Rule(20, must=True),
        Point.STRIPE: Rule(10),
        Point.PAYER_CODES: Rule(30, must=True),
        Point.SHOP_CODES: Rule(15, must=True),
        Point.MOBILE: Rule(20, must=True),
        Point.ON_THE_ROAD: Rule(20, must=True),
        Point.PRINTER: Rule(15),
        Point.LANGUAGE: Rule(15, must=True),
        Point.BUDGET: Rule(20, must=True),
        Point.SECOND_LINE: Rule(10),
        Point.OFFLINE: Rule(10),
        Point.FAST_SCAN: Rule(15),
        Point.LARGE_SCREEN: Rule(8),
        Point.LOUD: Rule(10),
        Point.CHEAP: Rule(25),
    },
    busy_from_minor=10_000_000,
    certificate_days=365,
)
"""The rules that come with the house; an operator's own replace them from their day on."""


class RulesFault(Enum):
    """What makes rules unacceptable, in the order of a form."""

    POINTS = "points"
    """Every point has a rule."""
    WEIGHT = "weight"
    NOTHING_COUNTS = "nothing_counts"
    MUST = "must"
    """What must be ruled out is not, or what cannot fail would be."""
    BUSY = "busy"
    CERTIFICATE_DAYS = "certificate_days"


def unfit(rules: AdviceRules) -> RulesFault | None:
    """The first thing that is wrong with rules."""
    own = rules.rules
    faults = {
        RulesFault.POINTS: set(own) != set(Point),
        RulesFault.WEIGHT: any(rule.weight not in WEIGHTS for rule in own.values()),
        RulesFault.NOTHING_COUNTS: not any(rule.weight for rule in own.values()),
        RulesFault.MUST: any(rule.must for point, rule in own.items() if point in NEVER_RULE_OUT)
        or not all(own[point].must for point in ALWAYS_RULE_OUT if point in own),
        RulesFault.BUSY: rules.busy_from_minor not in BUSY_MINOR,
        RulesFault.CERTIFICATE_DAYS: rules.certificate_days not in CERTIFICATE_DAYS,
    }
    return next((fault for fault, there in faults.items() if there), None)
