"""Making a failing plan shorter, as long as it still fails: fewer faults, fewer acts.

What may live here: the search. What may not: what failing means (handed in).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from xiaopos.simulation.faults import Fault
from xiaopos.simulation.plan import Plan

MOST_PLAYS = 400


class _Search:
    """Counts the plays, so that the search ends."""

    def __init__(self, fails: Callable[[Plan], object], plays: int) -> None:
        self._fails = fails
        self._left = plays

    def still_fails(self, plan: Plan) -> bool:
        """Whether it fails too; a search that has played enough takes no for an answer."""
        if not self._left:
            return False
        self._left -= 1
        return bool(self._fails(plan))


def shorten(plan: Plan, fails: Callable[[Plan], object], *, plays: int = MOST_PLAYS) -> Plan:
    """A plan with as few faults and acts as could be found in so many plays, that still fails."""
    search = _Search(fails, plays)
    while True:
        before = plan
        plan = _fewer(plan, len(plan.faults), _without_faults, search)
        plan = _fewer(plan, len(plan.acts), _without_acts, search)
        plan = _earlier(plan, search)
        if plan == before:
            return plan


def _without_faults(plan: Plan, start: int, stop: int) -> Iterator[Plan]:
    yield replace(plan, faults=plan.faults[:start] + plan.faults[stop:])


def _without_acts(plan: Plan, start: int, stop: int) -> Iterator[Plan]:
    """The faults where they are, and as much earlier as there is less before them."""
    acts = plan.acts[:start] + plan.acts[stop:]
    yield replace(plan, acts=acts)
    share = len(acts) / len(plan.acts)
    yield replace(plan, acts=acts, faults=tuple(_at(fault, round(fault.nth * share)) for fault in plan.faults))


def _fewer(plan: Plan, count: int, without: Callable[[Plan, int, int], Iterable[Plan]], search: _Search) -> Plan:
    """Leave out as many of `count` parts as can be: halves first, then ever smaller ones."""
    size = count
    while size:
        start = 0
        while start < count:
            stop = min(start + size, count)
            shorter = next((one for one in without(plan, start, stop) if search.still_fails(one)), None)
            if shorter is None:
                start = stop
            else:
                plan, count = shorter, count - (stop - start)
        size //= 2
    return plan


def _earlier(plan: Plan, search: _Search) -> Plan:
    """Let faults come earlier, so that less is needed before them."""
    for place, fault in enumerate(plan.faults):
        for nth in dict.fromkeys((1, 2, 3, fault.nth // 4, fault.nth // 2, *range(fault.nth - 4, fault.nth))):
            faults = (*plan.faults[:place], _at(fault, nth), *plan.faults[place + 1 :])
            if nth < fault.nth and search.still_fails(replace(plan, faults=faults)):
                plan = replace(plan, faults=faults)
                break
    return plan


def _at(fault: Fault, nth: int) -> Fault:
    return replace(fault, nth=max(1, nth))
