"""A plan as a story that can be kept, sent and played again: JSON, and sentences.

What may live here: writing and reading stories. What may not: files, playing.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import Any

from xiaopos.simulation.faults import PLACES, Fault, Kind
from xiaopos.simulation.plan import TERMINALS, Act, Plan
from xiaopos.simulation.slips import SHAPES, Deed

FORM = 1


class NotAStory(ValueError):
    """The text is no story of this form; it says why."""


def dumps(plan: Plan) -> str:
    """The plan as JSON."""
    acts = [asdict(act) | {"deed": act.deed.value} for act in plan.acts]
    faults = [asdict(fault) | {"kind": fault.kind.value} for fault in plan.faults]
    return json.dumps({"form": FORM, "seed": plan.seed, "acts": acts, "faults": faults}, indent=1)


def loads(text: str) -> Plan:
    """What `dumps` wrote. Raises NotAStory."""
    try:
        story = json.loads(text)
        if story["form"] != FORM:
            raise NotAStory(f"a story of form {story['form']}, known is {FORM}")
        acts = tuple(Act(**{**act, "deed": Deed(act["deed"])}) for act in story["acts"])
        faults = tuple(Fault(**{**fault, "kind": Kind(fault["kind"])}) for fault in story["faults"])
        plan = Plan(int(story["seed"]), acts, faults)
    except (KeyError, TypeError, AttributeError) as error:
        raise NotAStory(f"not a story: {type(error).__name__}: {error}") from None
    except ValueError as error:
        raise NotAStory(str(error)) from None
    _check(plan)
    return plan


def _check(plan: Plan) -> None:
    for act in plan.acts:
        _check_types(act)
        if not 0 <= act.terminal < len(TERMINALS):
            raise NotAStory(f"act {act.number}: there are {len(TERMINALS)} terminals")
    for fault in plan.faults:
        _check_types(fault)
        if fault.place not in PLACES[fault.kind]:
            raise NotAStory(f"{fault.kind.value} is not known at {fault.place!r}")


_TYPES: dict[str, tuple[type, ...]] = {"int": (int,), "float": (int, float), "bool": (bool,), "str": (str,)}


def _check_types(part: Any) -> None:
    for field in fields(part):
        wanted = _TYPES.get(str(field.type))
        value = getattr(part, field.name)
        if wanted is not None and not isinstance(value, wanted):
            raise NotAStory(f"{field.name} is {value!r}")


def in_words(plan: Plan) -> list[str]:
    """The plan as sentences, a line each: what goes wrong, then what people do."""
    lines = [f"{fault}." for fault in plan.faults]
    for act in plan.acts:
        terminal_id, _, name = TERMINALS[act.terminal]
        what = act.deed.value
        if act.deed is not Deed.SETTLE:
            what += " of what was asked for before" if SHAPES[act.deed].follows else f" of {act.amount_minor / 100:.2f}"
        lines.append(f"{name}, terminal {terminal_id}, after {act.after_s:.1f} s: {what}.")
    return lines
