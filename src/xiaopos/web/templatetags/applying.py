"""The filters of the pages about applications, loaded with `{% load applying %}`.

What may live here: thin filters over words. What may not: rules.
"""

from __future__ import annotations

from typing import Any

from django import template

from xiaopos.kernel.money import Money
from xiaopos.merchants.applications.checks import Finding
from xiaopos.merchants.applications.fields import FIELDS, MONTHLY_CHOICES, Field, Kind, Step, masked
from xiaopos.merchants.applications.states import ApplicationEvent, ApplicationState
from xiaopos.risk.rings.traits import TraitKind
from xiaopos.risk.screening.matching import HitReason, Outcome
from xiaopos.usecases.application_ports import CallOutcome
from xiaopos.web import application_words as words
from xiaopos.web import risk_words
from xiaopos.web.words import money_text

register = template.Library()
register.filter("rule_words", words.said)
register.filter("reason_words", risk_words.reason_words)


@register.filter
def kind_of_merchant(kind: Kind | str) -> Any:
    """What a kind of merchant is called."""
    return words.KINDS[Kind(kind)][0]


@register.filter
def kind_hint(kind: Kind | str) -> Any:
    """Who is of a kind."""
    return words.KINDS[Kind(kind)][1]


@register.filter
def step_words(step: Step) -> Any:
    """What a step is called."""
    return words.STEPS[step]


@register.filter
def field_words(field: Field | str) -> Any:
    """What a field is called."""
    return words.FIELD_WORDS[Field(field)]


@register.filter
def wrong_words(finding: Finding) -> Any:
    """What is wrong with something."""
    return words.WRONG[finding.wrong]


@register.filter
def state_of_application(state: str) -> Any:
    """Where an application is."""
    return words.STATES[ApplicationState(state)][0]


@register.filter
def state_next(state: str) -> Any:
    """What comes next."""
    return words.STATES[ApplicationState(state)][1]


@register.filter
def state_colour(state: str) -> str:
    """The tone in which a state is shown."""
    return words.STATES[ApplicationState(state)][2]


@register.filter
def event_words(event: str) -> Any:
    """What happened to an application."""
    return words.EVENTS[ApplicationEvent(event)]


@register.filter
def outcome_words(outcome: CallOutcome | str) -> Any:
    """What a call came to."""
    return words.OUTCOMES[CallOutcome(outcome)]


@register.filter
def fen(minor: int) -> str:
    """An amount in fen as money."""
    return money_text(Money(minor, "CNY"))


@register.filter
def trait_words(kind: TraitKind) -> Any:
    """What two applications share."""
    return risk_words.TRAITS[kind]


@register.filter
def list_words(outcome: Outcome) -> Any:
    """What lists say of somebody."""
    return risk_words.OUTCOMES[outcome]


@register.filter
def hit_words(reason: HitReason) -> Any:
    """Why somebody on a list was found."""
    return risk_words.HITS[reason]


@register.filter
def scan_words(scan: str) -> Any:
    """Whether a picture was scanned."""
    return words.SCANS[scan]


@register.filter
def shown(text: str, field: Field) -> Any:
    """As much of a field as is shown."""
    return chosen(masked(field, text))


@register.filter
def chosen(text: str) -> Any:
    """A choice, or that there is no end, in words; any other text as it is."""
    if text in MONTHLY_CHOICES:
        return words.MONTHLY[text]
    return words.LONG_TERM if text == "long_term" else text


@register.filter
def step_of(field: Field) -> str:
    """The step on which a field stands."""
    return FIELDS[field].step.value
