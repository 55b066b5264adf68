"""Stock, orders and parcels on the database: what comes in, what is set aside, packed, sent, lost, and what comes back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from support.depot import PHONE, SUN, Depot
from support.desk_town import Town
from support.world import NOODLES, TEA
from xiaopos.fleet.bindings import BindingState
from xiaopos.fleet.deliveries.states import ParcelEvent
from xiaopos.fleet.stock.lists import MOST_LINES, LineFault, read_list
from xiaopos.fleet.stock.states import DeviceEvent
from xiaopos.gateways.courier_by_hand import CourierByHand
from xiaopos.simulator.courier import Fate, PretendCourier
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.bindings.models import ActivationCodeRow, TerminalBindingRow
from xiaopos.store.deliveries.models import ParcelNewsRow, ParcelRow
from xiaopos.store.fleet.models import Terminal, TerminalModel
from xiaopos.store.stock.models import DeviceOrderRow, DeviceRow, DeviceStepRow
from xiaopos.usecases.fill_orders import StockFault, StockStep, cancel_order, release_device
from xiaopos.usecases.follow_delivery import NewParcel, ParcelFault, write_news
from xiaopos.usecases.pack_order import Packed, unpack_order
from xiaopos.usecases.receive_stock import ReceiptFault, Received, receive_stock
from xiaopos.usecases.take_back import report_lost, take_back

pytestmark = pytest.mark.django_db


@pytest.fixture
def depot() -> Depot:
    Town().build()
    return Depot()


def device(serial: str) -> DeviceRow:
    return DeviceRow.objects.get(serial=serial)


def order_of(order_id: str) -> DeviceOrderRow:
    return DeviceOrderRow.objects.get(order_id=order_id)


def parcel_of(sent: NewParcel | ParcelFault) -> ParcelRow:
    assert isinstance(sent, NewParcel), sent
    return ParcelRow.objects.get(parcel_id=sent.parcel_id)


# -- receiving -------------------------------------------------------------------------------------------------------


def test_a_list_comes_in_line_by_line_and_what_is_wrong_keeps_nothing_else_out(depot: Depot) -> None:
    came = depot.receives("XP-1,XP-M2\nXP-2,XP-ZZ\nXP-1,XP-M2\n??,XP-M2\nXP-3,XP-A3")
    assert isinstance(came, Received)
    assert [line.serial for line in came.taken] == ["XP-1", "XP-3"]
    assert [(line.number, line.fault) for line in came.refused] == [
        (2, LineFault.MODEL_UNKNOWN), (3, LineFault.TWICE), (4, LineFault.SERIAL_WRONG),
    ]  # fmt: skip
    assert set(DeviceRow.objects.values_list("serial", "state")) == {("XP-1", "in_stock"), ("XP-3", "in_stock")}
    assert list(DeviceStepRow.objects.values_list("serial", "event")) == [("XP-1", "receive"), ("XP-3", "receive")]


def test_a_serial_that_is_known_is_refused_and_told_to_the_audit_trail(depot: Depot) -> None:
    depot.receives("XP-1,XP-M2")
    Terminal.objects.filter(merchant_id=TEA).update(serial="XP-2")
    came = depot.receives("XP-1,XP-M2\nXP-2,XP-M2")
    assert isinstance(came, Received)
    assert [line.fault for line in came.refused] == [LineFault.KNOWN, LineFault.KNOWN]
    row = AuditRow.objects.get(action="stock_serials_again")
    assert (row.actor, row.detail) == ("sun", {"serials": ["XP-1", "XP-2"]})


@pytest.mark.parametrize(
    ("text", "note", "actor", "fault"),
    [
        ("XP-1,XP-M2", "d", replace(SUN, reason=""), ReceiptFault.NO_REASON),
        ("XP-1,XP-M2", " ", SUN, ReceiptFault.NOTE),
        ("XP-1,XP-M2", "d" * 61, SUN, ReceiptFault.NOTE),
        ("XP-1,XP-M2", "a\x07", SUN, ReceiptFault.NOTE),
        ("SN,model", "d", SUN, ReceiptFault.EMPTY),
        ("XP-1,XP-M2\n" * (MOST_LINES + 1), "d", SUN, ReceiptFault.TOO_LONG),
    ],
)
def test_what_is_not_received_at_all(depot: Depot, text: str, note: str, actor: Any, fault: ReceiptFault) -> None:
    assert receive_stock(read_list(text), note, {"XP-M2"}, actor, depot.at, depot.stock) is fault
    assert not DeviceRow.objects.exists()


def test_of_two_who_receive_the_same_at_once_one_is_first(depot: Depot) -> None:
    class Late(type(depot.stock)):  # type: ignore[misc]  # the books themselves, that looked a moment too early
        def known(self, serials: Any) -> set[str]:
            return set()

    depot.receives("XP-1,XP-M2")
    came = receive_stock(read_list("XP-1,XP-M2"), "d", {"XP-M2"}, SUN, depot.at, Late())
    assert came is ReceiptFault.OVERTAKEN
    assert DeviceRow.objects.count() == 1


# -- orders ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        ({"shop_id": f"shop-{NOODLES}"}, StockFault.SHOP_UNKNOWN),
        ({"model": "XP-ZZ"}, StockFault.MODEL_UNKNOWN),
        ({"profile": "unionpay-sm4-draft"}, StockFault.PROFILE_UNKNOWN),
        ({"phone": "ask Lin"}, StockFault.PHONE),
        ({"address": " "}, StockFault.ADDRESS),
        ({"address": "x" * 121}, StockFault.ADDRESS),
        ({"address": "a\x07"}, StockFault.ADDRESS),
        ({"actor": replace(SUN, reason=" ")}, StockFault.NO_REASON),
    ],
)
def test_what_is_not_ordered(depot: Depot, parts: dict[str, Any], fault: StockFault) -> None:
    assert depot.orders(**parts) is fault
    assert not DeviceOrderRow.objects.exists()


def test_an_order_is_given_the_device_of_its_model_that_came_first(depot: Depot) -> None:
    order_id = depot.orders()
    assert isinstance(order_id, str)
    assert depot.reserves("f" * 32) is StockFault.ORDER_UNKNOWN
    assert depot.reserves(order_id) is StockFault.NONE_IN_STOCK
    depot.receives("XP-A,XP-A3")
    depot.receives("XP-2,XP-M2")
    depot.receives("XP-1,XP-M2")
    assert depot.reserves(order_id, "XP-9") is StockFault.DEVICE_UNKNOWN
    assert depot.reserves(order_id, "XP-A") is StockFault.OTHER_MODEL
    assert depot.reserves(order_id) == "XP-2"
    assert depot.reserves(order_id) is StockFault.NOT_NOW
    assert (device("XP-2").order_id, order_of(order_id).serial) == (order_id, "XP-2")
    assert release_device(order_id, replace(SUN, reason=""), depot.tick(), depot.stock) is StockFault.NO_REASON
    assert release_device("f" * 32, SUN, depot.tick(), depot.stock) is StockFault.ORDER_UNKNOWN
    assert release_device(order_id, SUN, depot.tick(), depot.stock) is None
    assert release_device(order_id, SUN, depot.tick(), depot.stock) is StockFault.NOT_NOW
    assert (device("XP-2").order_id, order_of(order_id).serial, order_of(order_id).state) == ("", "", "open")
    assert depot.reserves(order_id, " xp-1 ") == "XP-1"


def test_a_device_fills_one_order_at_a_time(depot: Depot) -> None:
    depot.receives("XP-1,XP-M2")
    first, second = depot.orders(), depot.orders(NOODLES)
    assert isinstance(first, str)
    assert isinstance(second, str)
    early = depot.stock.recall("XP-1")
    assert early is not None
    assert depot.reserves(first, "XP-1") == "XP-1"
    assert depot.reserves(second, "XP-1") is StockFault.NOT_NOW
    step = StockStep(early, DeviceEvent.RESERVE, SUN, depot.at, depot.stock.recall_order(second))
    assert not depot.stock.move(step)
    assert order_of(second).state == "open"


def test_an_order_is_called_off_while_it_is_open_only(depot: Depot) -> None:
    depot.receives()
    order_id = depot.orders()
    assert isinstance(order_id, str)
    depot.reserves(order_id)
    stock = depot.stock
    assert cancel_order("f" * 32, SUN, depot.at, stock) is StockFault.ORDER_UNKNOWN
    assert cancel_order(order_id, replace(SUN, reason=""), depot.at, stock) is StockFault.NO_REASON
    assert cancel_order(order_id, SUN, depot.at, stock) is StockFault.NOT_NOW
    early = stock.recall_order(order_id)
    release_device(order_id, SUN, depot.tick(), stock)
    assert early is not None
    assert not stock.cancel(early, SUN, depot.at)
    assert cancel_order(order_id, SUN, depot.tick(), stock) is None
    assert order_of(order_id).state == "cancelled"


# -- packing ---------------------------------------------------------------------------------------------------------


def test_packing_registers_a_terminal_that_takes_no_money_yet(depot: Depot) -> None:
    order_id, packed = depot.packed()
    terminal = Terminal.objects.get(terminal_id=packed.terminal_id)
    assert (terminal.serial, terminal.merchant_id, terminal.tmk, terminal.model_id) == (packed.serial, TEA, "", "XP-M2")
    assert "contactless" in TerminalModel.objects.get(model_id="XP-M2").capabilities
    binding = TerminalBindingRow.objects.get(terminal_id=packed.terminal_id)
    assert (binding.state, binding.report, binding.parts.missing) == (BindingState.AWAITED.value, "not_due", ())
    code = ActivationCodeRow.objects.get(serial=packed.serial)
    assert packed.code not in code.digest
    assert len(packed.code) == 8
    assert order_of(order_id).terminal_id == packed.terminal_id
    assert PHONE not in repr(packed)


def test_what_is_not_packed(depot: Depot) -> None:
    depot.receives()
    order_id = depot.orders()
    assert isinstance(order_id, str)
    assert depot.packs("f" * 32) is StockFault.ORDER_UNKNOWN
    assert depot.packs(order_id) is StockFault.NOT_NOW
    depot.reserves(order_id)
    assert depot.packs(order_id) is StockFault.PAPERS_MISSING
    depot.approves()
    assert isinstance(depot.packs(order_id), Packed)
    assert depot.packs(order_id) is StockFault.NOT_NOW
    assert Terminal.objects.filter(model_id="XP-M2").count() == 1


def test_unpacking_ends_the_code_and_packing_again_makes_another_for_the_same_number(depot: Depot) -> None:
    order_id, packed = depot.packed()
    assert unpack_order(order_id, replace(SUN, reason=""), depot.at, depot.stock) is StockFault.NO_REASON
    assert unpack_order(order_id, SUN, depot.tick(), depot.stock) is None
    assert not ActivationCodeRow.objects.exists()
    assert Terminal.objects.get(terminal_id=packed.terminal_id).serial == f"-{packed.terminal_id}"
    Terminal.objects.filter(terminal_id=packed.terminal_id).update(tmk="of another device")
    again = depot.packs(order_id)
    assert isinstance(again, Packed)
    assert (again.terminal_id, again.serial) == (packed.terminal_id, packed.serial)
    assert again.code != packed.code
    terminal = Terminal.objects.get(terminal_id=packed.terminal_id)
    assert (terminal.tmk, terminal.serial) == ("", packed.serial)


def test_an_order_that_is_called_off_after_packing_closes_its_number(depot: Depot) -> None:
    order_id, packed = depot.packed()
    unpack_order(order_id, SUN, depot.tick(), depot.stock)
    release_device(order_id, SUN, depot.tick(), depot.stock)
    assert cancel_order(order_id, SUN, depot.tick(), depot.stock) is None
    assert TerminalBindingRow.objects.get(terminal_id=packed.terminal_id).state == "closed"
    assert not Terminal.objects.get(terminal_id=packed.terminal_id).active


# -- parcels ---------------------------------------------------------------------------------------------------------


def test_a_parcel_arrives_stage_by_stage_and_the_device_with_it(depot: Depot) -> None:
    order_id, packed = depot.packed()
    sent = depot.sends(order_id)
    assert isinstance(sent, NewParcel)
    assert (device(packed.serial).state, parcel_of(sent).state) == ("packed", "ordered")
    stages = []
    for hours in (3, 6, 14, 4):
        depot.tick(hours=hours)
        assert depot.follows(sent) == 1
        assert depot.follows(sent) == 0
        stages.append((parcel_of(sent).state, device(packed.serial).state, order_of(order_id).state))
    assert stages == [
        ("picked_up", "sent", "sent"), ("in_transit", "sent", "sent"), ("out_for_delivery", "sent", "sent"),
        ("delivered", "delivered", "delivered"),
    ]  # fmt: skip


def test_what_is_not_sent(depot: Depot) -> None:
    depot.receives()
    order_id = depot.orders()
    assert isinstance(order_id, str)
    assert depot.sends("f" * 32) is ParcelFault.ORDER_UNKNOWN
    assert depot.sends(order_id) is ParcelFault.NOT_PACKED
    depot.reserves(order_id)
    assert depot.sends(order_id) is ParcelFault.NOT_PACKED
    depot.approves()
    depot.packs(order_id)
    assert depot.sends(order_id, CourierByHand(" ")) is ParcelFault.COURIER
    assert depot.sends(order_id, CourierByHand("x" * 41)) is ParcelFault.COURIER
    assert isinstance(depot.sends(order_id), NewParcel)
    assert depot.sends(order_id) is ParcelFault.NOT_NOW
    assert depot.follows(NewParcel("f" * 32, "", "", "pretend", "", "")) is ParcelFault.PARCEL_UNKNOWN


def test_a_courier_that_leaves_a_stage_out_is_understood(depot: Depot) -> None:
    order_id, packed = depot.packed()
    sent = depot.sends(order_id)
    assert isinstance(sent, NewParcel)

    class Terse(PretendCourier):
        def news_of(self, tracking: str, now: Any) -> Any:
            told = list(super().news_of(tracking, now))
            return told[1:3:2] + told[3:]

    depot.tick(hours=26)
    assert depot.follows(sent, Terse()) == 2
    assert device(packed.serial).state == "delivered"
    assert list(ParcelNewsRow.objects.order_by("news_id").values_list("event", flat=True)) == [
        "pick_up", "move_on", "deliver",
    ]  # fmt: skip


def test_news_that_do_not_fit_are_kept_and_move_nothing(depot: Depot) -> None:
    _, packed, sent = depot.delivered()
    assert write_news(sent.parcel_id, ParcelEvent.LOSE, "", SUN, depot.at, depot.parcels) is ParcelFault.NOT_NOW

    class Muddled(PretendCourier):
        def news_of(self, tracking: str, now: Any) -> Any:
            return [replace(news, event=ParcelEvent.LOSE) for news in super().news_of(tracking, now)]

    assert depot.follows(sent, Muddled()) == 4
    assert (parcel_of(sent).state, device(packed.serial).state) == ("delivered", "delivered")
    assert ParcelNewsRow.objects.filter(moved=False).count() == 4
    with pytest.raises(DatabaseError), transaction.atomic():
        ParcelNewsRow.objects.update(moved=True)


def test_a_device_that_is_lost_on_the_way_is_replaced_from_stock(depot: Depot) -> None:
    order_id, packed = depot.packed()
    lossy = PretendCourier(Fate.LOST)
    sent = depot.sends(order_id, lossy)
    assert isinstance(sent, NewParcel)
    depot.tick(hours=61)
    assert depot.follows(sent, lossy) == 3
    assert device(packed.serial).state == "lost"
    order = order_of(order_id)
    assert (order.state, order.serial) == ("reserved", "XPM2-0002")
    assert not ActivationCodeRow.objects.exists()
    again = depot.packs(order_id)
    assert isinstance(again, Packed)
    assert (again.terminal_id, again.serial) == (packed.terminal_id, "XPM2-0002")
    assert isinstance(depot.sends(order_id), NewParcel)


@pytest.mark.parametrize("fate", [Fate.REFUSED, Fate.TURNED_BACK])
def test_a_parcel_that_turns_back_brings_its_device_home_to_be_looked_over(depot: Depot, fate: Fate) -> None:
    order_id, packed = depot.packed()
    courier = PretendCourier(fate)
    sent = depot.sends(order_id, courier)
    assert isinstance(sent, NewParcel)
    depot.tick(hours=80)
    depot.follows(sent, courier)
    assert (parcel_of(sent).state, device(packed.serial).state) == ("returned", "returned")
    assert order_of(order_id).state == "reserved"
    back = depot.stock
    assert (
        take_back(packed.serial, DeviceEvent.INSPECT, replace(SUN, reason=""), depot.at, back) is StockFault.NO_REASON
    )
    assert take_back("XP-9", DeviceEvent.INSPECT, SUN, depot.at, back) is StockFault.DEVICE_UNKNOWN
    assert take_back(packed.serial, DeviceEvent.INSPECT, SUN, depot.at, back) is None
    assert take_back(packed.serial, DeviceEvent.INSPECT, SUN, depot.at, back) is StockFault.NOT_NOW
    assert device(packed.serial).state == "in_stock"


def test_a_person_writes_down_what_the_courier_does_not_tell(depot: Depot) -> None:
    order_id, packed = depot.packed()
    sent = depot.sends(order_id, CourierByHand("SLIP-1"))
    assert isinstance(sent, NewParcel)
    books, number = depot.parcels, sent.parcel_id
    assert write_news("f" * 32, ParcelEvent.PICK_UP, "", SUN, depot.at, books) is ParcelFault.PARCEL_UNKNOWN
    assert (
        write_news(number, ParcelEvent.PICK_UP, "", replace(SUN, reason=""), depot.at, books) is ParcelFault.NO_REASON
    )
    assert write_news(number, ParcelEvent.PICK_UP, "x" * 61, SUN, depot.at, books) is ParcelFault.PLACE
    assert write_news(number, ParcelEvent.PICK_UP, "a\x07", SUN, depot.at, books) is ParcelFault.PLACE
    assert write_news(number, ParcelEvent.PICK_UP, "总仓", SUN, depot.at, books) is None
    assert write_news(number, ParcelEvent.DELIVER, "", SUN, depot.tick(), books) is None
    assert device(packed.serial).state == "delivered"
    assert depot.follows(sent, CourierByHand("SLIP-1")) == 0
    assert depot.follows(sent) is ParcelFault.PARCEL_UNKNOWN


def test_a_cancelled_parcel_gives_the_device_back_to_its_order(depot: Depot) -> None:
    order_id, packed = depot.packed()
    sent = depot.sends(order_id)
    assert isinstance(sent, NewParcel)
    assert write_news(sent.parcel_id, ParcelEvent.CANCEL, "", SUN, depot.tick(), depot.parcels) is None
    assert (device(packed.serial).state, order_of(order_id).state) == ("reserved", "reserved")
    assert isinstance(depot.packs(order_id), Packed)
    assert isinstance(depot.sends(order_id, CourierByHand("SLIP-2")), NewParcel)


def test_of_two_who_follow_a_parcel_at_once_one_is_first(depot: Depot) -> None:
    order_id, _ = depot.packed()
    sent = depot.sends(order_id)
    assert isinstance(sent, NewParcel)
    early = depot.parcels.recall_parcel(sent.parcel_id)
    depot.tick(hours=3)
    depot.follows(sent)

    class Late(type(depot.parcels)):  # type: ignore[misc]  # the books themselves, that looked a moment too early
        def recall_parcel(self, parcel_id: str) -> Any:
            return early

        def told(self, parcel_id: str) -> Any:
            return ()

    late = Depot(at=depot.at, parcels=Late())
    assert late.follows(sent) == 0
    assert write_news(sent.parcel_id, ParcelEvent.PICK_UP, "", SUN, depot.at, Late()) is ParcelFault.NOT_NOW
    assert ParcelNewsRow.objects.count() == 1


# -- lost, returned --------------------------------------------------------------------------------------------------


def test_a_device_that_never_arrived_is_reported_lost_and_another_one_set_aside(depot: Depot) -> None:
    order_id, packed, _ = depot.delivered()
    assert report_lost("XP-9", SUN, depot.at, depot.stock) is StockFault.DEVICE_UNKNOWN
    assert report_lost(packed.serial, replace(SUN, reason=""), depot.at, depot.stock) is StockFault.NO_REASON
    assert report_lost(packed.serial.lower(), SUN, depot.tick(), depot.stock) == "XPM2-0002"
    assert report_lost(packed.serial, SUN, depot.tick(), depot.stock) is StockFault.NOT_NOW
    assert take_back(packed.serial, DeviceEvent.COME_BACK, SUN, depot.tick(), depot.stock) is None
    assert take_back(packed.serial, DeviceEvent.SCRAP, SUN, depot.tick(), depot.stock) is None
    assert device(packed.serial).state == "scrapped"
    assert order_of(order_id).serial == "XPM2-0002"


def test_the_last_device_that_is_lost_leaves_its_order_open_and_one_of_no_order_leaves_none(depot: Depot) -> None:
    depot.receives("XP-1,XP-M2\nXP-2,XP-A3")
    order_id = depot.orders()
    assert isinstance(order_id, str)
    depot.reserves(order_id)
    assert report_lost("XP-1", SUN, depot.tick(), depot.stock) == ""
    assert order_of(order_id).state == "open"
    assert report_lost("XP-2", SUN, depot.tick(), depot.stock) == ""


def test_a_device_in_use_leaves_by_its_terminal_alone(depot: Depot) -> None:
    packed = depot.active()
    assert report_lost(packed.serial, SUN, depot.at, depot.stock) is StockFault.NOT_NOW
    assert take_back(packed.serial, DeviceEvent.TURN_BACK, SUN, depot.at, depot.stock) is StockFault.NOT_NOW


# -- what the database itself holds ----------------------------------------------------------------------------------


def test_the_database_knows_the_states_and_keeps_serials_and_orders_apart(depot: Depot) -> None:
    depot.packed()
    for change in ({"state": "sold"}, {"order_id": DeviceOrderRow.objects.values_list("order_id", flat=True)[0]}):
        with pytest.raises(IntegrityError), transaction.atomic():
            DeviceRow.objects.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        DeviceOrderRow.objects.update(state="forgotten")
    with pytest.raises(DatabaseError), transaction.atomic():
        DeviceStepRow.objects.update(reason="another")
