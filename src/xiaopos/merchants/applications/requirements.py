"""What is due of whom, when, and why: the operator's rules, evaluated.

What may live here: rules as values, the evaluation. What may not: the rules themselves (the operator's file, see rule_file), the
checks of what was given.

For each field the most particular rule counts: the one that names most of kind, category, region and grade. Of equally particular
ones that which began last, and of those the one that asks soonest. A field without a rule is never asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import NamedTuple

from xiaopos.merchants.applications.fields import Field, Grade, Kind


class Need(Enum):
    """When something is due."""

    NOW = "now"
    LATER = "later"
    """After the application, within a number of days."""
    NEVER = "never"


class Words(NamedTuple):
    """A text of the operator's rules in Chinese and English: shown as it is."""

    zh: str
    en: str


NOT_ASKED = Words("这类商户不需要", "Not needed for this kind of merchant")


@dataclass(frozen=True, slots=True)
class Rule:
    """From a day to another (both inclusive; None for no end): what is due of whom. What is left empty holds for all.

    `categories` and `regions` are beginnings of category codes and region codes. `source` says where the rule is from and
    `confirmed` whether somebody has seen that source; what is not confirmed is shown so to the operator.
    """

    field: Field
    need: Need
    why: Words
    valid_from: date
    valid_until: date | None = None
    kinds: frozenset[Kind] = frozenset()
    categories: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    grades: frozenset[Grade] = frozenset()
    within: timedelta = timedelta()
    source: str = ""
    confirmed: bool = False

    @property
    def particular(self) -> int:
        """How many of kind, category, region and grade it names."""
        return sum(map(bool, (self.kinds, self.categories, self.regions, self.grades)))


@dataclass(frozen=True, slots=True)
class Case:
    """Whom it is about: the kind, the merchant category code, the region's six digits, how closely it is looked at."""

    kind: Kind
    category: str
    region: str
    grade: Grade = Grade.LOW


@dataclass(frozen=True, slots=True)
class Due:
    """What one field is: when it is due, within how long if later, why, and by which rule (None without one)."""

    field: Field
    need: Need
    why: Words
    within: timedelta = timedelta()
    rule: Rule | None = None


def applies(rule: Rule, case: Case, on: date) -> bool:
    """Whether a rule holds for a case on a day."""
    in_time = rule.valid_from <= on and (rule.valid_until is None or on <= rule.valid_until)
    return (
        in_time
        and (not rule.kinds or case.kind in rule.kinds)
        and (not rule.categories or case.category.startswith(rule.categories))
        and (not rule.regions or case.region.startswith(rule.regions))
        and (not rule.grades or case.grade in rule.grades)
    )


_SOONEST = {Need.NOW: 2, Need.LATER: 1, Need.NEVER: 0}


def _weight(rule: Rule) -> tuple[int, date, int, timedelta]:
    return rule.particular, rule.valid_from, _SOONEST[rule.need], -rule.within


def requirements(rules: Iterable[Rule], case: Case, on: date) -> Mapping[Field, Due]:
    """What every field is for a case on a day."""
    chosen: dict[Field, Rule] = {}
    for rule in rules:
        if applies(rule, case, on) and (rule.field not in chosen or _weight(rule) > _weight(chosen[rule.field])):
            chosen[rule.field] = rule
    return {field: _due(field, chosen.get(field)) for field in Field}


def _due(field: Field, rule: Rule | None) -> Due:
    if rule is None:
        return Due(field, Need.NEVER, NOT_ASKED)
    return Due(field, rule.need, rule.why, rule.within, rule)


def due_now(dues: Mapping[Field, Due]) -> tuple[Field, ...]:
    """The fields without which nothing can be handed in."""
    return tuple(field for field, due in dues.items() if due.need is Need.NOW)


def asked(dues: Mapping[Field, Due]) -> tuple[Field, ...]:
    """The fields that are due at some time."""
    return tuple(field for field, due in dues.items() if due.need is not Need.NEVER)
