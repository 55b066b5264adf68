"""A payment's time line at the console: to the millisecond, and by name which network it was sent to when it had to move."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from django.urls import reverse
from django.utils.translation import override

from support.desk_town import Town
from support.payments import a_sale
from xiaopos.payments.states import State
from xiaopos.store.payments.models import KeptFrameRow
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


def keep(frame_id: int, rrn: str, at: datetime, *, peer: str = "", ours: bool = False) -> None:
    lines = [["39", "应答码", "response code", "00", [["承兑或交易成功", "approved"]], 0, ""]]
    KeptFrameRow.objects.create(
        frame_id=f"{frame_id:032x}",
        at=at,
        rrn=rrn,
        process="card-host",
        peer=peer,
        ours=ours,
        title="0210",
        lines=json.dumps(lines),
    )


def test_the_frames_of_a_payment_are_shown_to_who_may_read_messages(town: Town) -> None:
    sale = town.approved()
    keep(1, sale.rrn, sale.received_at, peer="spare")
    keep(2, sale.rrn, sale.received_at, ours=True)
    keep(3, sale.rrn, sale.received_at - timedelta(days=3000))
    keep(4, "999999999999", sale.received_at)
    address = reverse("console_payment", args=[sale.merchant_id, sale.payment_id])
    page = town.browser("gao", "en").get(address).content.decode()
    assert page.count('<details class="frame">') == 2
    assert "spare → xiaopos · 0210" in page
    assert "xiaopos → Terminal · 0210" in page
    assert "response code" in page
    assert "approved" in page
    assert "Messages" not in town.browser("qian", "en").get(address).content.decode().partition("<main")[2]


def test_a_payment_without_kept_frames_has_no_card_for_them(town: Town) -> None:
    sale = town.approved()
    address = reverse("console_payment", args=[sale.merchant_id, sale.payment_id])
    assert '<details class="frame">' not in town.browser("gao").get(address).content.decode()
