"""Activating a terminal and changing what it is bound to: a lesson, three things that fit, a cent, two people."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from django.urls import reverse

from support.depot import PHONE
from support.depot_pages import activates, active, does, learned, papers, says, sent
from support.desk_town import Town
from support.world import CODES, TEA, World, terminal_facts
from xiaopos.kernel.ids import TerminalId
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.bindings.models import (
    BindingChangeRow,
    BindingHistoryRow,
    TerminalBindingRow,
)
from xiaopos.store.deliveries.models import ParcelRow
from xiaopos.store.fleet.models import Terminal
from xiaopos.store.keys.models import HouseKey
from xiaopos.store.stock.models import DeviceOrderRow, DeviceRow
from xiaopos.web import asking
from xiaopos.web.asking import StillUnderWay
from xiaopos.web.lesson import CARDS, wrong_answers

CHINESE = re.compile(r"[\u3400-\u9fff]+")


# -- activation ------------------------------------------------------------------------------------------------------


def test_the_lesson_comes_first_and_every_answer_counts(depot: Town) -> None:
    _, serial, code = sent(depot)
    page = says(depot, "lin", "portal_activate")
    assert page.count("<fieldset") == len(CARDS)
    assert "请先完成入门课" in activates(depot, serial, code)
    wrong = does(depot, "lin", "portal_learn", **{card.name: "0" for card in CARDS})
    assert "道题不对" in wrong
    assert wrong.count("不对，请再看一遍") == len(wrong_answers({card.name: "0" for card in CARDS}))
    assert wrong_answers({}) == tuple(card.name for card in CARDS)
    assert "入门课通过了" in learned(depot)
    assert "激活一台" in says(depot, "lin", "portal_activate")


def test_what_does_not_fit_is_one_answer_and_tries_end(depot: Town) -> None:
    _, serial, code = sent(depot)
    learned(depot)
    wrong = "9" * 8 if code != "9" * 8 else "8" * 8
    told = set()
    for tried in ((serial, wrong, PHONE), ("XPM2-9999", code, PHONE), (serial, code, "13900000000")):
        page = activates(depot, *tried)
        told.add(re.search(r'<div class="notice bad".*?</div>', page, re.S)[0])  # type: ignore[index]  # it is there
        assert "没有动钱" in page
        assert wrong not in page
    assert len(told) == 1, "nobody learns which of the three was wrong"
    for _ in range(3):
        activates(depot, serial, wrong)
    assert "对不上" in activates(depot, serial, code), "after so many wrong tries the code has ended"
    for _ in range(4):
        last = activates(depot, serial, wrong)
    assert "试得太多了" in last


def test_somebody_elses_terminal_is_not_activated(depot: Town) -> None:
    _, serial, code = sent(depot)
    learned(depot, "chen")
    assert "对不上" in activates(depot, serial, code, who="chen")
    assert TerminalBindingRow.objects.get().state == "awaited"


def test_an_activated_terminal_is_proved_by_a_cent(depot: Town, world: World) -> None:
    number = active(depot)
    page = says(depot, "lin", "portal_activate")
    assert "六项齐全，可以收款" in page
    assert "这台还没有装入刷卡密钥" in page
    assert "付款码不对，没有动钱" in does(depot, "lin", "portal_prove", number, code="12")
    unknown = does(depot, "lin", "portal_prove", number, code=CODES["Mei"])
    assert "一分钱没有收到" in unknown, "the house of this test knows no such terminal yet"
    world.books.add([terminal_facts(number, TEA, "tea")])
    assert "这台机器可以收款" in does(depot, "lin", "portal_prove", number, code=CODES["Mei"])
    taken = depot.approved(1, terminal_id=TerminalId(number))
    depot.refunded(taken, 1)
    ids = [taken.payment_id, taken.payment_id]
    browser = depot.browser("lin")
    session = browser.session
    session["proving"] = {number: ids}
    session.save()
    page = browser.get(reverse("portal_activate")).content.decode()
    assert "试收一分已通过" in page
    assert "看这一笔" in page
    assert depot.browser("chen").post(reverse("portal_prove", args=[number]), {"code": "1" * 18}).status_code == 404


def test_a_cent_that_came_and_did_not_go_back_is_said(depot: Town, world: World) -> None:
    number = active(depot)
    world.books.add([terminal_facts(number, TEA, "tea")])
    house = asking._players[0]

    class Half:
        """Takes the cent, and then has no more to say of it."""

        def ask(self, verb: Any, *, wait_s: float) -> Any:
            proof = house.ask(verb, wait_s=wait_s)
            return replace(proof, back=proof.back and Refused(Reason.OUTCOME_UNKNOWN))

        def missing(self) -> str:
            return ""

    asking.install(Half())
    assert "退回还没有完成" in does(depot, "lin", "portal_prove", number, code=CODES["Mei"])


def test_a_cent_that_takes_long_is_not_asked_for_twice(depot: Town, world: World) -> None:
    number = active(depot)

    class Slow:
        """Never done in time."""

        def ask(self, verb: Any, *, wait_s: float) -> Any:
            raise StillUnderWay

        def missing(self) -> str:
            return ""

    asking.install(Slow())
    assert "不要再付一次" in does(depot, "lin", "portal_prove", number, code=CODES["Mei"])


def test_without_the_key_service_nothing_is_activated(depot: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    _, serial, code = sent(depot)
    learned(depot)
    HouseKey.objects.all().delete()
    assert "什么都没有改动" in activates(depot, serial, code)


# -- bindings --------------------------------------------------------------------------------------------------------


def test_a_move_needs_two_people_and_gives_a_new_code_once(depot: Town) -> None:
    number = active(depot)
    form = {"kind": "move", "shop": f"shop-{TEA}", "address": "新街 1 号"}
    assert "地址要 1 到 120" in does(depot, "sun", "console_binding_ask", number, **(form | {"address": ""}))
    assert "等另一个人复核" in does(depot, "sun", "console_binding_ask", number, **form)
    assert number in says(depot, "he", "console_bindings")
    assert "已有一项改动" in does(depot, "gao", "console_binding_ask", number, **form)
    page = does(depot, "he", "console_binding_answer", number, answer="approve")
    code = re.search(r'class="code">([0-9]{8})<', page)
    assert code is not None
    assert code[1] not in says(depot, "he", "console_binding", number)
    assert "新街 1 号" in page
    assert "已激活" in activates(depot, "XPM2-0001", code[1])
    assert "没有等复核的改动" in does(depot, "he", "console_binding_answer", number, answer="approve")
    assert "没有等复核的改动" in does(depot, "he", "console_binding_answer", number, answer="drop")


def test_nobody_approves_their_own(depot: Town) -> None:
    number = active(depot)
    does(depot, "gao", "console_binding_ask", number, kind="close")
    assert "要由另一个人来做" in does(depot, "gao", "console_binding_answer", number, answer="approve")
    does(depot, "he", "console_binding_answer", number, answer="drop")
    assert not BindingChangeRow.objects.exists()
    assert TerminalBindingRow.objects.get().state == "bound"


def test_another_device_comes_by_an_order_and_a_closed_number_ends(depot: Town) -> None:
    number = active(depot)
    does(depot, "sun", "console_binding_ask", number, kind="replace", lost="yes")
    page = does(depot, "he", "console_binding_answer", number, answer="approve")
    assert "已通过并执行" in page
    order = DeviceOrderRow.objects.order_by("-ordered_at")[0]
    assert (order.terminal_id, order.state) == (number, "open")
    assert DeviceRow.objects.get(serial="XPM2-0001").state == "lost"
    assert "缺" in says(depot, "sun", "console_binding", number)


def test_money_stops_at_once_and_goes_on_by_two(depot: Town) -> None:
    number = active(depot)
    assert "请写明原因" in does(depot, "he", "console_binding_suspend", number, reason="")
    assert "绑定中断，不能收款" in does(depot, "he", "console_binding_suspend", number)
    assert "状态变了" in does(depot, "he", "console_binding_suspend", number)
    does(depot, "sun", "console_binding_ask", number, kind="resume")
    assert "六项齐全" in does(depot, "he", "console_binding_answer", number, answer="approve")


def test_reports_go_out_and_come_back(depot: Town) -> None:
    number = active(depot)
    assert "待报备" in says(depot, "he", "console_bindings")
    assert "请写报备编号" in does(depot, "he", "console_binding_report", number, event="send", reference="")
    for event, told in (
        ("send", "已报送，等回复"),
        ("reject", "报备被退回"),
        ("send", "已报送"),
        ("accept", "报备通过"),
    ):
        assert told in does(depot, "he", "console_binding_report", number, event=event, reference="R-1")
    assert "要向清算机构报备的" in says(depot, "he", "console_bindings")
    assert BindingHistoryRow.objects.filter(event="report").count() == 4


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("console_binding_ask", {"kind": "fly"}),
        ("console_binding_ask", {"kind": "close"}),
        ("console_binding_answer", {"answer": "approve"}),
        ("console_binding_suspend", {}),
        ("console_binding_report", {"event": "send"}),
        ("console_binding_report", {"event": "change"}),
    ],
)
def test_what_nobody_offers_is_not_found(depot: Town, name: str, form: dict[str, str]) -> None:
    assert depot.browser("gao").post(reverse(name, args=["99999999"]), form).status_code == 404
    says(depot, "gao", "console_binding", "99999999", status=404)


def test_without_keys_no_change_is_carried_out(depot: Town) -> None:
    number = active(depot)
    does(depot, "sun", "console_binding_ask", number, kind="close")
    HouseKey.objects.all().delete()
    assert "密钥现在用不了" in does(depot, "he", "console_binding_answer", number, answer="approve")
    assert TerminalBindingRow.objects.get().state == "bound"


def test_the_time_to_the_first_payment_is_drawn(depot: Town) -> None:
    assert "还没有通过审核的商户" in says(depot, "he", "console_bindings")
    papers(depot, on="2026-01-05")
    waiting = says(depot, "he", "console_bindings")
    assert "还没有商户收到第一笔" in waiting
    depot.approved()
    page = says(depot, "he", "console_bindings")
    assert "一半的商户不到" in page
    assert '<rect width="100"' in page


def test_every_page_speaks_english(depot: Town) -> None:
    number = active(depot)
    order_id = DeviceOrderRow.objects.get().order_id
    does(depot, "sun", "console_binding_ask", number, kind="close")
    own = {"中文", "柳巷", "号", "小林茶馆", "小林茶铺", "演示市总仓", "演示市转运中心", "柳巷营业点"}
    pages = [
        says(depot, "gao", name, *args, language="en")
        for name, args in (
            ("console_stock", ()),
            ("console_device", ("XPM2-0001",)),
            ("console_orders", ()),
            ("console_order", (order_id,)),
            ("console_bindings", ()),
            ("console_binding", (number,)),
        )
    ]
    pages.append(says(depot, "lin", "portal_activate", language="en"))
    link = reverse("track", args=[ParcelRow.objects.get().token])
    pages.append(depot.browser("", "en").get(link).content.decode())
    pages.append(depot.browser("", "en").get(reverse("track", args=["x"])).content.decode())
    names = {word for name in Terminal.objects.values_list("merchant_id", flat=True) for word in CHINESE.findall(name)}
    found = {text for page in pages for text in CHINESE.findall(page)} - own - names
    assert not found
    assert AuditRow.objects.filter(action="binding_change_asked").exists()
