"""What a merchant needs, as a form sends it: in the address, so that an answer can be shared and looked at again.

What may live here: reading it, naming what is wrong, the form's choices. What may not: judging (fleet.advice), words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from django.http import QueryDict

from xiaopos.fleet.advice import Line, Mobility, Needs, NeedsFault, Place, Printing, Tongue, Way, fault_of

E = TypeVar("E", bound=Enum)
TURNOVERS = (500_000, 3_000_000, 10_000_000, 50_000_000)
"""What is offered as a month's turnover, in fen."""
BUDGETS = (30_000, 60_000, 120_000, 300_000)
"""What is offered as a budget, in fen."""
_DEFAULTS: Mapping[str, Any] = {
    "turnover": TURNOVERS[1],
    "ways": (Way.PAYER_CODES, Way.SHOP_CODES),
    "place": Place.COUNTER,
    "mobility": Mobility.FIXED,
    "lines": (Line.WIFI, Line.MOBILE),
    "printing": Printing.NONE,
    "tongue": Tongue.ZH,
    "budget": BUDGETS[1],
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A form as it was sent: the needs, or what is wrong; `sent` are its values for showing it again."""

    needs: Needs | None
    wrong: NeedsFault | None
    sent: Mapping[str, Any]


def is_sent(query: QueryDict) -> bool:
    """Whether somebody has sent the form."""
    return "budget" in query


def read_needs(query: QueryDict) -> Asked:
    """The needs that a form sends. A choice that is none is taken as the usual one; money and lists must say something."""
    if not is_sent(query):
        return Asked(None, None, {name: _plain(value) for name, value in _DEFAULTS.items()} | {"unsteady": False})
    chosen = {name: _one(kind, query.get(name, ""), _DEFAULTS[name]) for name, kind in _CHOICES.items()}
    needs = Needs(
        turnover_minor=_minor(query.get("turnover", "")),
        ways=_some(Way, query.getlist("ways")),
        place=chosen["place"],
        mobility=chosen["mobility"],
        lines=_some(Line, query.getlist("lines")),
        printing=chosen["printing"],
        tongue=chosen["tongue"],
        budget_minor=_minor(query.get("budget", "")),
        unsteady=query.get("unsteady") == "yes",
    )
    sent = {
        "turnover": needs.turnover_minor,
        "ways": _plain(needs.ways),
        "lines": _plain(needs.lines),
        "budget": needs.budget_minor,
        "unsteady": needs.unsteady,
        **{name: value.value for name, value in chosen.items()},
    }
    wrong = fault_of(needs)
    return Asked(None if wrong else needs, wrong, sent)


_CHOICES: Mapping[str, Any] = {"place": Place, "mobility": Mobility, "printing": Printing, "tongue": Tongue}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return [each.value for each in value] if isinstance(value, (tuple, frozenset)) else value


def _one(kind: type[E], text: str, usual: E) -> E:
    return next((each for each in kind if each.value == text), usual)


def _some(kind: type[E], texts: list[str]) -> frozenset[E]:
    return frozenset(each for each in kind if each.value in texts)


def _minor(text: str) -> int:
    """An amount in fen; -1 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else -1
