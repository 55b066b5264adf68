"""Tries: counted before they are checked, paused at the limit, forgotten after the window."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from xiaopos.merchants.tries import Limit, counted, taken_back

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
LIMIT = Limit(3, timedelta(minutes=15))


def after(times, *, now=NOW, tries=None):
    for _ in range(times):
        tries = counted(tries, LIMIT, now)
    return tries


def test_the_last_allowed_try_sets_the_pause():
    assert not after(2).is_locked(NOW)
    locked = after(3)
    assert locked.is_locked(NOW)
    assert locked.locked_until == NOW + LIMIT.window


def test_asking_again_while_locked_changes_nothing():
    locked = after(3)
    assert counted(locked, LIMIT, NOW + timedelta(minutes=5)) == locked


def test_after_the_pause_counting_starts_anew():
    later = NOW + LIMIT.window
    assert counted(after(3), LIMIT, later).count == 1


def test_old_tries_do_not_count():
    assert counted(after(2), LIMIT, NOW + LIMIT.window).count == 1
    assert counted(after(2), LIMIT, NOW + LIMIT.window - timedelta(seconds=1)).count == 3


def test_a_right_answer_takes_its_try_back_and_lifts_the_pause():
    lifted = taken_back(after(3))
    assert (lifted.count, lifted.locked_until) == (2, None)
    assert taken_back(taken_back(after(1))).count == 0
