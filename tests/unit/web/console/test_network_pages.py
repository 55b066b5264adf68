"""The console's card networks: who may drain one, what the page says, and the line in the audit trail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from support.desk_town import Town
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.payments.models import DrainedNetworkRow, OutcomeMinuteRow
from xiaopos.store.payments.network_board import NetworkRows
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.switch_network import NetworkSwitch

HE = Actor("he", "risk", "maintenance at the network")


@pytest.fixture(autouse=True)
def two_networks(settings) -> None:
    settings.NETWORKS = ("unionpay", "spare")
    settings.NETWORK_ROUTES = (("unionpay", "spare"),)


def shown(town: Town, who: str = "gao", language: str = "zh-hans") -> str:
    answer = town.browser(who, language).get(reverse("console_networks"))
    assert answer.status_code == 200
    return answer.content.decode()


def switched(town: Town, network: str, open_: str, *, who: str = "he", reason: str = "维护", **more: str) -> str:
    address = reverse("console_network_switch", args=(network,))
    answer = town.browser(who).post(address, {"open": open_, "reason": reason, **more}, follow=True)
    return answer.content.decode()


def drained() -> set[str]:
    return set(DrainedNetworkRow.objects.values_list("network", flat=True))


def test_a_network_is_drained_and_resumed_with_a_reason(town: Town):
    page = switched(town, "unionpay", "no")
    assert "网络已停止接新交易" in page
    assert "不接新交易" in page
    assert "维护" in page
    assert drained() == {"unionpay"}
    assert "网络已恢复收款" in switched(town, "unionpay", "yes", reason="维护完了")
    assert drained() == set()
    rows = AuditRow.objects.filter(action="switch_network").order_by("seq")
    assert [(row.actor, row.object_id, row.reason) for row in rows] == [
        ("he", "unionpay", "维护"),
        ("he", "unionpay", "维护完了"),
    ]


def test_without_a_reason_nothing_changes(town: Town):
    assert "没有写明原因" in switched(town, "unionpay", "no", reason=" ")
    assert drained() == set()


def test_the_last_network_asks_whether_it_is_meant(town: Town):
    switched(town, "spare", "no")
    assert 'name="even_last"' in shown(town)
    page = switched(town, "unionpay", "no")
    assert "停止它，有的卡就没有网络可走；没有停止" in page
    assert drained() == {"spare"}
    page = switched(town, "unionpay", "no", even_last="yes")
    assert "有的卡现在不能付款" in page
    assert "银联、spare停止了接新交易" in page
    assert drained() == {"spare", "unionpay"}


def test_a_network_of_another_house_is_not_found(town: Town):
    address = reverse("console_network_switch", args=("elsewhere",))
    assert town.browser("he").post(address, {"open": "no", "reason": "x"}).status_code == 404


def test_who_may_not_switch_sees_no_switch(town: Town):
    assert "danger" in shown(town, "he")
    for who in ("sun", "qian"):
        page = shown(town, who)
        assert "接新交易" in page
        assert "<button" not in page.partition("<main")[2]


def test_the_page_says_how_each_network_does(town: Town):
    OutcomeMinuteRow.objects.create(
        minute_at=timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=2),
        process="host", channel="spare", state="approved", reason="", took=3, payments=7,
    )  # fmt: skip
    page = shown(town, language="en")
    assert "7, 0 with an unknown outcome" in page
    assert "100.0 %" in page
    assert "No payments" in page


def test_two_people_at_once_drain_it_once(town: Town):
    wanted = NetworkSwitch("unionpay", False, HE, timezone.now())
    assert NetworkRows().switch(wanted)
    assert not NetworkRows().switch(wanted)
    assert NetworkRows().drained() == {"unionpay"}
    back = NetworkSwitch("unionpay", True, HE, timezone.now())
    assert NetworkRows().switch(back)
    assert not NetworkRows().switch(back)
    assert AuditRow.objects.filter(action="switch_network").count() == 2
