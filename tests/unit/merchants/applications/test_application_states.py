"""Every move of an application, and every one that does not exist."""

from __future__ import annotations

import pytest

from xiaopos.kernel.machine import IllegalMove
from xiaopos.merchants.applications.states import (
    APPLICATION_LIFE,
    WITH_APPLICANT,
    WITH_US,
    ApplicationEvent,
    ApplicationState,
)

MOVES = """
draft submit submitted
draft withdraw withdrawn
draft expire expired
submitted take in_review
submitted withdraw withdrawn
in_review put_back submitted
in_review plan_call call_due
in_review return returned
in_review pass_on second_review
in_review approve approved
in_review refuse refused
in_review withdraw withdrawn
call_due call in_review
call_due withdraw withdrawn
returned submit submitted
returned withdraw withdrawn
returned expire expired
second_review send_back submitted
second_review approve approved
second_review refuse refused
second_review withdraw withdrawn
refused appeal appealed
appealed reopen submitted
appealed uphold upheld
appealed withdraw withdrawn
"""
AFTER = {tuple(line.split()[:2]): line.split()[2] for line in MOVES.strip().splitlines()}


@pytest.mark.parametrize("state", ApplicationState)
@pytest.mark.parametrize("event", ApplicationEvent)
def test_every_move(state: ApplicationState, event: ApplicationEvent) -> None:
    after = AFTER.get((state.value, event.value))
    if after is None:
        with pytest.raises(IllegalMove):
            APPLICATION_LIFE.move(state, event)
    else:
        assert APPLICATION_LIFE.move(state, event) is ApplicationState(after)


def test_where_applications_end() -> None:
    ends = {"approved", "upheld", "withdrawn", "expired"}
    assert {state.value for state in APPLICATION_LIFE.ends()} == ends
    assert APPLICATION_LIFE.reachable() == set(ApplicationState)


def test_somebody_waits_for_somebody_unless_it_is_over() -> None:
    over = APPLICATION_LIFE.ends() | {ApplicationState.REFUSED}
    assert WITH_US | WITH_APPLICANT | over == set(ApplicationState)
    assert not WITH_US & WITH_APPLICANT
    assert all(APPLICATION_LIFE.allows(state, ApplicationEvent.SUBMIT) for state in WITH_APPLICANT)
