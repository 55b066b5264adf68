"""The pages of stock, orders and parcels: line by line, step by step, and behind a link as little as is needed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from support.depot import ACCOUNT, PHONE
from support.depot_pages import activates, does, learned, orders, packed, papers, receives, says, sent
from support.desk_town import Town
from support.world import TEA
from unit.web.depot.conftest import SECOND
from xiaopos.fleet.bindings import BindingState, Part, ReportEvent, ReportState
from xiaopos.fleet.deliveries.states import ParcelEvent, ParcelState
from xiaopos.fleet.stock.lists import LineFault
from xiaopos.fleet.stock.states import DeviceEvent, DeviceState, OrderState
from xiaopos.keys import KeyFault, KeyRefused
from xiaopos.simulator.courier import Fate, PretendCourier
from xiaopos.store.bindings.models import (
    ActivationCodeRow,
    MerchantPapersRow,
    TerminalBindingRow,
)
from xiaopos.store.deliveries.models import ParcelNewsRow, ParcelRow
from xiaopos.store.fleet.models import Terminal
from xiaopos.store.keys.models import HouseKey
from xiaopos.store.stock.models import DeviceRow
from xiaopos.usecases.activate_terminal import ActivationFault
from xiaopos.usecases.change_binding import ChangeFault, ChangeKind
from xiaopos.usecases.fill_orders import StockFault
from xiaopos.usecases.follow_delivery import ParcelFault
from xiaopos.usecases.keep_papers import PapersFault
from xiaopos.usecases.receive_stock import ReceiptFault
from xiaopos.usecases.report_binding import ReportFault
from xiaopos.web import depot_room, depot_words, key_room

# -- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        (depot_words.DEVICES, DeviceState),
        (depot_words.DEVICE_EVENTS, DeviceEvent),
        (depot_words.ORDERS, OrderState),
        (depot_words.PARCELS, ParcelState),
        (depot_words.PARCEL_NEXT, ParcelState),
        (depot_words.PARCEL_EVENTS, ParcelEvent),
        (depot_words.BINDINGS, BindingState),
        (depot_words.PARTS, Part),
        (depot_words.REPORTS, ReportState),
        (depot_words.CHANGES, ChangeKind),
        (depot_words.STOCK_FAULTS, StockFault),
        (depot_words.RECEIPT_FAULTS, ReceiptFault),
        (depot_words.LINE_FAULTS, LineFault),
        (depot_words.PARCEL_FAULTS, ParcelFault),
        (depot_words.PAPERS_FAULTS, PapersFault),
        (depot_words.CHANGE_FAULTS, ChangeFault),
        (depot_words.REPORT_FAULTS, ReportFault),
        (depot_words.ACTIVATION_FAULTS, ActivationFault),
    ],
)
def test_every_word_is_there(words: dict[Any, Any], kinds: Any) -> None:
    assert set(words) == set(kinds)


def test_what_a_report_comes_to_has_words() -> None:
    assert set(depot_words.REPORT_EVENTS) == set(ReportEvent) - {ReportEvent.CHANGE}


# -- stock -----------------------------------------------------------------------------------------------------------


def test_devices_are_received_line_by_line(depot: Town) -> None:
    page = receives(depot, "SN,model\nXP-1,XP-M2\nXP-2,no-such\nXP-1,XP-M2\nfoo\n")
    assert "已入库 1 台" in page
    assert "这些行没有入库" in page
    for told in ("第 3 行", "型号库里没有这个型号", "第 4 行", "同一份清单里写了两次", "第 5 行"):
        assert told in page, told
    assert "这个序列号已经在系统里" in receives(depot, "XP-1,XP-M2")
    assert [row.serial for row in DeviceRow.objects.all()] == ["XP-1"]
    assert "清单里一台也没有" in receives(depot, "")
    assert "请写送货单号" in does(depot, "sun", "console_stock_receive", note=" ", list="XP-9,XP-M2")


def test_devices_are_found_by_what_is_known_of_them(depot: Town) -> None:
    receives(depot)
    browser = depot.browser("sun")
    page = browser.get(reverse("console_stock"), {"text": "0003", "state": "in_stock"}).content.decode()
    assert "XPM2-0003" in page
    assert "XPM2-0001" not in page
    assert "没有这样的设备" in browser.get(reverse("console_stock"), {"state": "lost"}).content.decode()
    assert "XPM2-0001" in browser.get(reverse("console_stock"), {"state": "no such state"}).content.decode()


def test_a_device_is_lost_found_inspected_and_scrapped(depot: Town) -> None:
    receives(depot)
    assert "请写明原因" in does(depot, "sun", "console_device_move", "XPM2-0001", event="lose", reason="")
    for event, told in (("lose", "丢失"), ("come_back", "已退回，待检查"), ("inspect", "在库"), ("scrap", "已报废")):
        assert told in does(depot, "sun", "console_device_move", "XPM2-0001", event=event)
    page = says(depot, "sun", "console_device", "XPM2-0001")
    assert page.count("<li><p") == 5
    assert "记下发生了什么" not in page
    assert (
        depot.browser("sun").post(reverse("console_device_move", args=["XPM2-0001"]), {"event": "pack"}).status_code
        == 404
    )
    says(depot, "sun", "console_device", "NOBODY", status=404)
    assert "没有这个序列号" in does(depot, "sun", "console_device_move", "NOBODY", event="lose")


# -- orders ----------------------------------------------------------------------------------------------------------


def test_an_order_is_entered_for_a_merchant_and_what_is_wrong_is_named(depot: Town) -> None:
    assert "没有订单" in says(depot, "sun", "console_orders")
    browser = depot.browser("sun")
    assert "没有这个商户" in browser.get(reverse("console_orders"), {"merchant": "0"}).content.decode()
    assert 'name="shop"' in browser.get(reverse("console_orders"), {"merchant": TEA}).content.decode()
    order_id = orders(depot)
    assert order_id[-8:] in says(depot, "sun", "console_orders")
    form = {"merchant": TEA, "shop": "elsewhere", "model": "XP-M2", "phone": PHONE, "address": "柳巷", "reason": "x"}
    answer = browser.post(reverse("console_order_enter"), form)
    assert (answer.status_code, "没有这家门店" in answer.content.decode()) == (422, True)
    assert "手机号不对" in does(
        depot, "sun", "console_order_enter", **(form | {"shop": f"shop-{TEA}", "phone": "ask Lin"})
    )
    assert "没有这个型号" in does(
        depot, "sun", "console_order_enter", **(form | {"shop": f"shop-{TEA}", "model": "none"})
    )


def test_an_order_goes_forward_and_back_again(depot: Town) -> None:
    receives(depot)
    order_id = orders(depot)
    assert "没有这个序列号" in does(depot, "sun", "console_order_move", order_id, move="reserve", serial="XP-NONE")
    does(depot, "sun", "console_order_move", order_id, move="reserve", serial="XPM2-0002")
    assert "还没有这个商户的执照和账户" in does(depot, "sun", "console_order_pack", order_id)
    assert "已记下" in does(depot, "sun", "console_order_move", order_id, move="release")
    assert "已记下" in does(depot, "sun", "console_order_move", order_id, move="cancel")
    assert "没有要做的了" in says(depot, "sun", "console_order", order_id)
    assert "状态变了" in does(depot, "sun", "console_order_move", order_id, move="cancel")
    assert depot.browser("sun").post(reverse("console_order_move", args=[order_id]), {"move": "x"}).status_code == 404
    for name in ("console_order_move", "console_order_pack", "console_order_send"):
        assert "没有改动" in does(depot, "sun", name, "0" * 32, move="reserve", courier="pretend")
    says(depot, "sun", "console_order", "0" * 32, status=404)
    assert order_id[-8:] in depot.browser("sun").get(reverse("console_orders") + "?show=all").content.decode()


def test_packing_makes_a_terminal_that_takes_no_money_yet(depot: Town) -> None:
    order_id, serial, _code = packed(depot)
    binding = TerminalBindingRow.objects.get()
    assert (binding.serial, binding.state) == (serial, "awaited")
    assert Terminal.objects.get(terminal_id=binding.terminal_id).serial == serial
    page = says(depot, "sun", "console_binding", binding.terminal_id)
    assert "等激活，不能收款" in page
    assert ACCOUNT.replace(" ", "") not in page
    assert "已记下" in does(depot, "sun", "console_order_move", order_id, move="unpack")
    assert not ActivationCodeRow.objects.exists()


def test_without_keys_nothing_is_packed_or_kept(depot: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    receives(depot)
    order_id = orders(depot)
    does(depot, "sun", "console_order_move", order_id, move="reserve", serial="")
    HouseKey.objects.all().delete()
    for told in (papers(depot), does(depot, "sun", "console_order_pack", order_id)):
        assert "密钥现在用不了" in told

    def gone() -> Any:
        raise KeyRefused(KeyFault.OUT_OF_REACH, "gone")

    monkeypatch.setattr(key_room, "_openers", [gone])
    assert "密钥现在用不了" in papers(depot)
    assert not MerchantPapersRow.objects.exists()


def test_papers_of_an_earlier_time_are_entered_and_kept_as_digests(depot: Town) -> None:
    assert "账号要 6 到 34 位" in papers(depot, account="12")
    assert "不能在将来" in papers(depot, on=f"{timezone.localdate() + timedelta(days=2)}")
    assert "已补录" in papers(depot, on="not a day")
    assert "已补录" in papers(depot, on="2026-01-05")
    assert MerchantPapersRow.objects.filter(account__contains="6200").count() == 0


# -- parcels ---------------------------------------------------------------------------------------------------------


def test_a_parcel_is_followed_by_the_courier_and_by_its_link(depot: Town) -> None:
    order_id, serial, _code = sent(depot)
    link = ParcelRow.objects.get().token
    page = depot.browser().get(reverse("track", args=[link])).content.decode()
    for told in ("已送到", "签收 · 柳巷", "启用终端", "不要把激活码告诉任何人"):
        assert told in page, told
    for private in (serial, PHONE, TEA, "柳巷 8 号"):
        assert private not in page, private
    assert "已送到，等激活" in says(depot, "sun", "console_order", order_id)
    assert "已送到，等激活" in says(depot, "sun", "console_orders")


def test_a_courier_of_our_own_is_written_down_by_hand(depot: Town) -> None:
    order_id, _, _ = packed(depot)
    refused = does(depot, "sun", "console_order_send", order_id, courier="by_hand", tracking="")
    assert "运单号不对" in refused
    does(depot, "sun", "console_order_send", order_id, courier="by_hand", tracking="SF-1")
    (parcel,) = ParcelRow.objects.all()
    news = ("console_parcel_news", parcel.parcel_id)
    assert "请写明原因" in does(depot, "sun", *news, event="pick_up", reason="")
    assert "取件 · 总仓" in does(depot, "sun", *news, event="pick_up", place="总仓")
    assert "状态变了" in does(depot, "sun", *news, event="pick_up")
    page = depot.browser().get(reverse("track", args=[parcel.token])).content.decode()
    assert "快递已取件" in page
    assert "自己叫的快递" in page
    for bad in ({"event": "fly"}, {}):
        assert depot.browser("sun").post(reverse(*_at("console_parcel_news", parcel.parcel_id)), bad).status_code == 404
    assert (
        depot.browser("sun").post(reverse(*_at("console_parcel_news", "0" * 32)), {"event": "lose"}).status_code == 404
    )


def _at(name: str, *args: str) -> tuple[str, None, tuple[str, ...]]:
    return name, None, args


def test_one_that_is_lost_on_the_way_is_replaced_and_its_code_ends(
    depot: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(depot_room, "_couriers", [PretendCourier(Fate.LOST, hour=SECOND)])
    order_id, serial, code = sent(depot)
    page = says(depot, "sun", "console_order", order_id)
    assert "快递说丢失了" in page
    assert "已预留，待装箱" in page, "another device is set aside at once"
    assert DeviceRow.objects.get(serial=serial).state == "lost"
    told = depot.browser().get(reverse("track", args=[ParcelRow.objects.get().token])).content.decode()
    assert "这台机器已经作废，我们会另寄一台" in told
    learned(depot)
    assert "对不上" in activates(depot, serial, code)


@pytest.mark.parametrize("token", ["a" * 26, "0" * 26, "x", "<script>"])
def test_a_link_that_leads_nowhere_says_nothing(depot: Town, token: str) -> None:
    answer = depot.browser().get(reverse("track", args=[token]))
    assert answer.status_code == 404
    assert "没有这个包裹，或链接已经过期" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


def test_a_link_ends_and_nobody_tries_many(depot: Town) -> None:
    sent(depot)
    link = reverse("track", args=[ParcelRow.objects.get().token])
    ParcelRow.objects.update(changed_at=timezone.now() - timedelta(days=61), state="delivered")
    assert depot.browser().get(link).status_code == 404
    browser = depot.browser()
    answers = [browser.get(link).status_code for _ in range(61)]
    assert answers[-1] == 429
    assert "查得太多了" in browser.get(link).content.decode()


def test_news_that_move_nothing_are_kept_and_not_shown_to_strangers(depot: Town) -> None:
    order_id, _, _ = sent(depot, "by_hand", "SF-2")
    parcel = ParcelRow.objects.get()
    now = timezone.now()
    ParcelNewsRow.objects.create(
        parcel_id=parcel.parcel_id,
        event="deliver",
        place="x",
        told_at=now,
        written_at=now,
        written_by="courier",
        moved=False,
    )
    assert "只记下，没有改变状态" in says(depot, "sun", "console_order", order_id)
    assert "签收" not in depot.browser().get(reverse("track", args=[parcel.token])).content.decode()
