"""The console's live view: what it adds up, what it draws, and that it says so when nothing happens."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from support.desk_town import Town
from xiaopos.store.payments.live_queries import live, time_within
from xiaopos.store.payments.models import OutcomeMinuteRow
from xiaopos.store.writer.outcomes import TOOK_MS
from xiaopos.web.pages.operator.live_views import RISE, drawing

NOW = datetime(2026, 3, 14, 4, 30, 20, tzinfo=UTC)
MINUTE = NOW.replace(second=0)


def ended(minutes_ago: int, payments: int, state: str = "approved", *, now: datetime = NOW, **parts) -> None:
    minute = now.replace(second=0, microsecond=0) - timedelta(minutes=minutes_ago)
    values = {"minute_at": minute, "process": "host-1", "channel": "unionpay", "reason": "", "took": 4}
    OutcomeMinuteRow.objects.create(state=state, payments=payments, **(values | parts))


def test_the_hour_is_told_minute_by_minute_over_all_processes(db: None):
    ended(0, 2)
    ended(1, 5)
    ended(1, 7, process="host-2")
    ended(1, 3, "declined", reason="channel_declined")
    ended(59, 1)
    ended(60, 100)
    seen = live(NOW)
    assert len(seen.minutes) == 60
    assert seen.minutes[-1].at == MINUTE
    assert (seen.minutes[-1].approved, seen.minutes[0].approved) == (2, 1)
    assert (seen.minutes[-2].approved, seen.minutes[-2].declined, seen.per_minute) == (12, 3, 15)
    assert seen.per_hour == 18


def test_a_channel_is_told_by_rate_time_and_reason_of_the_last_quarter_of_an_hour(db: None):
    ended(1, 96, took=3)
    ended(2, 2, "declined", reason="channel_declined", took=5)
    ended(2, 2, "unknown", reason="outcome_unknown", took=len(TOOK_MS))
    ended(3, 2, "reversed", reason="outcome_unknown")
    ended(1, 4, channel="sandbox", took=7)
    ended(16, 50, "declined", reason="channel_declined")
    seen = live(NOW)
    sandbox, unionpay = seen.channels
    assert (unionpay.total, unionpay.approval_permille, unionpay.unknown) == (100, 960, 2)
    assert (unionpay.p50_ms, unionpay.p99_ms) == (50, None)
    assert (sandbox.channel, sandbox.approval_permille, sandbox.p99_ms) == ("sandbox", 1000, 1000)
    assert [(each.reason, each.payments) for each in seen.reasons] == [("channel_declined", 2), ("outcome_unknown", 2)]
    assert seen.just_now == 104


def test_a_time_is_the_bound_that_so_many_kept():
    assert time_within({}, 500) is None
    assert time_within({0: 1}, 990) == 5
    assert time_within({0: 99, 2: 1}, 990) == 5
    assert time_within({0: 98, 2: 2}, 990) == 20


def test_the_rate_of_the_last_minute_is_told_by_the_second(db: None):
    ended(1, 90)
    assert (live(NOW).per_minute, live(NOW).per_second) == (90, "1.5")


def test_columns_stand_on_the_floor_and_the_highest_reaches_the_top(db: None):
    ended(1, 90)
    ended(1, 10, "declined")
    ended(2, 1, "unknown")
    drawn = drawing(live(NOW).minutes)
    highest, small = drawn.bars[-2], drawn.bars[-3]
    assert drawn.highest == 100
    assert highest.parts == (("approved", 15, 135), ("declined", 0, 15))
    assert small.parts == (("unknown", RISE - 2, 2),)
    assert [bar.minute.at.minute for bar in drawn.bars if bar.labelled] == [40, 50, 0, 10, 20, 30]


def page(
    town: Town, query: str = "", *, who: str = "gao", name: str = "console_live", language: str = "zh-hans"
) -> str:
    answer = town.browser(who, language).get(reverse(name) + query)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_an_empty_house_says_so(town: Town):
    shown = page(town)
    assert "最近十五分钟没有交易" in shown
    assert "最近十五分钟没有被拒绝的交易" in shown
    assert "最久没有结果的交易" not in shown
    assert "没有数字：最近一小时没有交易" in page(town, "?numbers=1")


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "%d 毫秒内"), ("en", "up to %d ms")])
def test_the_page_names_channels_reasons_and_times(town: Town, language: str, words: str):
    now = timezone.now()
    ended(1, 3, now=now, took=3)
    ended(1, 1, "declined", now=now, reason="channel_declined", took=8)
    shown = page(town, "?numbers=1", language=language)
    assert words % 50 in shown
    assert "75.0 %" in shown
    assert ("2 秒内" if language == "zh-hans" else "up to 2 s") in shown
    assert 'class="declined"' in shown
    assert 'hx-get="/console/live/now/?numbers=1"' in shown
    assert "<html" not in page(town, name="console_live_now")


def test_what_waits_longest_is_shown_with_its_age_to_who_may_see_it(town: Town):
    town.unknown(12_00, at=timezone.now() - timedelta(hours=1, minutes=2, seconds=5))
    town.unknown(13_00, at=timezone.now() - timedelta(minutes=2, seconds=5))
    shown = page(town)
    assert "超过一分钟还没有结果 · 最久 1 小时 2 分" in shown
    assert '<span class="money large minus">2</span>' in page(town, who="qian"), "how many there are is no secret"
    assert re.search(r"2 分 \d+ 秒", shown)
    assert "¥12.00" in shown
