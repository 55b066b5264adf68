"""A payment's time line at the console: to the millisecond, and by name which network it was sent to when it had to move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils.translation import override

from support.payments import a_sale
from xiaopos.payments.states import State
from xiaopos.store.payments.portal_queries import MoveLine
from xiaopos.web.stories import time_line
from xiaopos.web.templatetags.xiaopos import local_exact

AT = datetime(2026, 3, 14, 4, 0, 0, 7_900, UTC)


def line(version: int, before: State | None, state: State, channel: str = "", channel_before: str = "") -> MoveLine:
    at = AT + timedelta(milliseconds=version)
    return MoveLine(version, at, before, state, "", "", "card-host@h:1", channel, channel_before)


def told(*lines: MoveLine, language: str = "en") -> list[tuple[str, str]]:
    with override(language):
        return [(step.title, step.detail) for step in time_line(a_sale(), lines)]


def test_a_payment_that_had_to_move_says_from_where_to_where() -> None:
    first = line(1, None, State.SENT, "unionpay")
    moved = line(2, State.SENT, State.SENT, "spare", "unionpay")
    ended = line(3, State.SENT, State.APPROVED, "spare", "spare")
    steps = told(first, moved, ended)
    assert steps[1][0] == "It could not leave for UnionPay and was sent to spare"
    assert "UnionPay" in steps[0][1]
    assert steps[2][1].startswith("spare")
    assert told(first, moved, language="zh-hans")[1][0] == "没能发往银联，改发spare"


def test_moves_from_before_the_channel_was_kept_are_told_without_it() -> None:
    steps = told(line(1, None, State.SENT), line(2, State.SENT, State.APPROVED))
    assert all("unionpay" not in detail.lower() for _title, detail in steps)


def test_an_instant_is_told_to_the_millisecond() -> None:
    assert local_exact(AT, "Asia/Shanghai") == "2026-03-14 12:00:00.007"
