"""Bindings on the database: who activates what, what an attacker learns, how a terminal moves, changes its device and ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from support.depot import ACCOUNT, GAO, LIN, SUN, Depot, keyed, licence
from support.desk_town import Town
from support.world import NOODLES, TEA
from xiaopos.fleet.activation import TRIES
from xiaopos.fleet.bindings import ReportEvent, ReportState
from xiaopos.keys import KeyAlgorithm, KeyState, KeyUsage, WrappedKey
from xiaopos.payments.states import State
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.bindings.book import BindingRows
from xiaopos.store.bindings.models import (
    ActivationCodeRow,
    BindingChangeRow,
    BindingHistoryRow,
    MerchantPapersRow,
    TerminalBindingRow,
)
from xiaopos.store.fleet.models import Terminal
from xiaopos.store.keys.inventory import record_key
from xiaopos.store.keys.models import KeyRecord
from xiaopos.store.merchants.models import Shop
from xiaopos.store.payments.models import PaymentRow
from xiaopos.store.stock.models import DeviceOrderRow, DeviceRow
from xiaopos.usecases.activate_terminal import Activated, ActivationFault, note_proof
from xiaopos.usecases.change_binding import (
    Changed,
    ChangeFault,
    ChangeKind,
    drop_change,
    possible_changes,
    suspend_terminal,
)
from xiaopos.usecases.fill_orders import cancel_order
from xiaopos.usecases.keep_papers import PapersFault, keep_papers
from xiaopos.usecases.key_ceremony import Origin
from xiaopos.usecases.pack_order import Packed, Papers
from xiaopos.usecases.report_binding import ReportFault, note_report
from xiaopos.usecases.take_back import report_lost

pytestmark = pytest.mark.django_db

F, C = ActivationFault, ChangeFault
ELSEWHERE = "shop-2"


@pytest.fixture
def town() -> Town:
    built = Town()
    built.build()
    Shop.objects.create(
        shop_id=ELSEWHERE, merchant_id=TEA, name="二店", name_en="Second", address="梧桐路 3 号", phone="010"
    )
    return built


@pytest.fixture
def depot(town: Town) -> Depot:
    return Depot()


def binding(packed: Packed) -> TerminalBindingRow:
    return TerminalBindingRow.objects.get(terminal_id=packed.terminal_id)


def terminal(packed: Packed) -> Terminal:
    return Terminal.objects.get(terminal_id=packed.terminal_id)


def given_key(packed: Packed, depot: Depot) -> None:
    """The terminal's master key came, as by ceremony."""
    key = WrappedKey(KeyUsage.TMK, KeyAlgorithm.TDES2, "A1B2C3D4", b"wrapped" * 8)
    record_key(depot.new_id(depot.at), packed.terminal_id, key, Origin.COMPONENTS, depot.at, by="a ceremony")
    Terminal.objects.filter(terminal_id=packed.terminal_id).update(tmk=key.text(), tak="a working key")


def has_no_key(packed: Packed) -> bool:
    row = terminal(packed)
    served = KeyRecord.objects.filter(name=packed.terminal_id, state=KeyState.ACTIVE.value)
    return not (row.tmk or row.tak or row.signed_in_at or served.exists())


# -- activation ------------------------------------------------------------------------------------------------------


def test_serial_code_phone_and_lesson_activate_a_terminal_once(depot: Depot) -> None:
    order_id, packed, _ = depot.delivered()
    assert depot.activates(packed) is F.LESSON_MISSING
    depot.learns()
    assert depot.activates(packed) == Activated(packed.terminal_id, has_master_key=False)
    row = binding(packed)
    assert (row.state, row.report, row.bound_at) == ("bound", "due", depot.at)
    assert DeviceRow.objects.get(serial=packed.serial).state == "active"
    assert DeviceOrderRow.objects.get(order_id=order_id).state == "done"
    assert not ActivationCodeRow.objects.exists()
    assert depot.activates(packed) is F.NOT_MATCHED
    history = BindingHistoryRow.objects.filter(terminal_id=packed.terminal_id).order_by("step_id")
    assert list(history.values_list("event", "state")) == [("pack", "awaited"), ("activate", "bound")]


def test_a_terminal_whose_key_came_first_is_said_to_have_it(depot: Depot) -> None:
    _, packed, _ = depot.delivered()
    given_key(packed, depot)
    depot.learns()
    assert depot.activates(packed) == Activated(packed.terminal_id, has_master_key=True)


@pytest.mark.parametrize(
    "typed",
    [
        {"code": "00000000"},
        {"code": ""},
        {"phone": "010-0000-0002"},
        {"phone": ""},
        {"serial": "XPM2-0002"},
        {"serial": "XPM2-9999"},
        {"serial": ""},
        {"merchant_id": NOODLES},
    ],
)
def test_whatever_does_not_match_gets_the_same_answer_and_leaves_a_trace(depot: Depot, typed: dict[str, Any]) -> None:
    _, packed, _ = depot.delivered()
    depot.learns()
    assert depot.activates(packed, **typed) is F.NOT_MATCHED
    row = AuditRow.objects.get(action="activation_refused")
    assert row.object_id == typed.get("serial", packed.serial)
    assert packed.code not in str(row.detail)
    own_code_was_tried = typed.keys() & {"code", "phone"}
    assert ActivationCodeRow.objects.get(serial=packed.serial).tries == (1 if own_code_was_tried else 0)
    assert depot.activates(packed) == Activated(packed.terminal_id, has_master_key=False)


def test_too_many_wrong_tries_end_a_code_and_nobody_is_told(depot: Depot) -> None:
    _, packed, _ = depot.delivered()
    depot.learns()
    for _ in range(TRIES):
        assert depot.activates(packed, code="99999999") is F.NOT_MATCHED
    assert depot.activates(packed) is F.NOT_MATCHED
    assert binding(packed).state == "awaited"


def test_a_code_ends_with_its_time(depot: Depot) -> None:
    _, packed, _ = depot.delivered()
    depot.learns()
    depot.tick(days=31)
    assert depot.activates(packed) is F.NOT_MATCHED


def test_whoever_has_a_parcel_that_was_reported_lost_activates_nothing(depot: Depot) -> None:
    _, packed, _ = depot.delivered()
    depot.learns()
    report_lost(packed.serial, SUN, depot.tick(), depot.stock)
    assert depot.activates(packed) is F.NOT_MATCHED
    assert terminal(packed).serial == f"-{packed.terminal_id}"


def test_a_parcel_that_came_before_its_news_is_delivered_by_being_activated(depot: Depot) -> None:
    order_id, packed = depot.packed()
    parcel = depot.sends(order_id)
    depot.tick(hours=3)
    assert depot.follows(parcel) == 1  # type: ignore[arg-type]  # it was sent
    depot.learns()
    assert isinstance(depot.activates(packed), Activated)
    assert DeviceRow.objects.get(serial=packed.serial).state == "active"
    depot.tick(hours=30)
    assert depot.follows(parcel) == 3  # type: ignore[arg-type]  # it was sent
    assert DeviceRow.objects.get(serial=packed.serial).state == "active"


def test_a_parcel_that_nobody_has_fetched_is_not_there(depot: Depot) -> None:
    _, packed = depot.packed()
    depot.learns()
    assert depot.activates(packed) is F.NOT_MATCHED


def test_of_two_who_activate_at_once_one_is_first(depot: Depot) -> None:
    _, packed, _ = depot.delivered()
    depot.learns()

    class Late(BindingRows):
        def follow_binding(self, step: Any) -> bool:
            assert depot.bindings.follow_binding(step)
            return super().follow_binding(step)

    late = Depot(at=depot.at, bindings=Late())
    assert late.activates(packed) is F.NOT_NOW
    assert BindingHistoryRow.objects.filter(event="activate").count() == 1


@pytest.mark.parametrize(("change", "fault"), [({"licence": ""}, F.PAPERS_MISSING), ({"state": "closed"}, F.NOT_NOW)])
def test_a_binding_that_cannot_stand_is_not_made(depot: Depot, change: dict[str, str], fault: ActivationFault) -> None:
    _, packed, _ = depot.delivered()
    depot.learns()
    TerminalBindingRow.objects.filter(terminal_id=packed.terminal_id).update(**change)
    assert depot.activates(packed) is fault


def test_one_serial_is_bound_once_and_never_without_all_six(depot: Depot) -> None:
    packed = depot.active()
    _, other = depot.packed(NOODLES)
    with pytest.raises(IntegrityError), transaction.atomic():
        TerminalBindingRow.objects.filter(terminal_id=other.terminal_id).update(serial=packed.serial)
    for part in ("serial", "account", "address", "licence", "acquirer"):
        with pytest.raises(IntegrityError), transaction.atomic():
            TerminalBindingRow.objects.filter(terminal_id=packed.terminal_id).update(**{part: ""})
    with pytest.raises(DatabaseError), transaction.atomic():
        BindingHistoryRow.objects.update(address="elsewhere")
    with pytest.raises(DatabaseError), transaction.atomic():
        MerchantPapersRow.objects.all().delete()


# -- the proof -------------------------------------------------------------------------------------------------------


def test_a_cent_that_came_and_went_proves_a_terminal(depot: Depot, town: Town) -> None:
    packed = depot.active()
    number, at = packed.terminal_id, depot.tick()
    assert not note_proof(number, TEA, LIN, at, depot.bindings)
    before = town.approved(1, terminal_id=number, at=depot.at - timedelta(days=1))
    cent = town.approved(1, terminal_id=number, at=at)
    dear = town.approved(25_00, terminal_id=number, at=at)
    assert not note_proof(number, TEA, LIN, at, depot.bindings)
    PaymentRow.objects.filter(payment_id=dear.payment_id).update(refunded_minor=25_00)
    PaymentRow.objects.filter(payment_id=before.payment_id).update(refunded_minor=1)
    assert not note_proof(number, TEA, LIN, at, depot.bindings)
    PaymentRow.objects.filter(payment_id=cent.payment_id).update(refunded_minor=1)
    assert not note_proof(number, NOODLES, LIN, at, depot.bindings)
    assert note_proof(number, TEA, LIN, at, depot.bindings)
    assert (binding(packed).state, binding(packed).proved_at) == ("proved", at)
    assert note_proof(number, TEA, LIN, at + timedelta(days=1), depot.bindings)
    assert binding(packed).proved_at == at


def test_a_cent_that_was_voided_proves_too_and_an_unknown_or_waiting_terminal_is_not_proved(
    depot: Depot, town: Town
) -> None:
    assert not note_proof("99999999", TEA, LIN, depot.at, depot.bindings)
    assert not depot.bindings.was_proved("99999999")
    _, waiting = depot.packed(NOODLES)
    assert not note_proof(waiting.terminal_id, NOODLES, LIN, depot.at, depot.bindings)
    assert not depot.bindings.was_proved(waiting.terminal_id)
    packed = depot.active()
    cent = town.approved(1, terminal_id=packed.terminal_id, at=depot.tick())
    PaymentRow.objects.filter(payment_id=cent.payment_id).update(state=State.VOIDED.value)
    assert note_proof(packed.terminal_id, TEA, LIN, depot.at, depot.bindings)


# -- moving, replacing, closing, suspending --------------------------------------------------------------------------


def test_a_move_takes_two_people_takes_the_keys_and_is_activated_anew(depot: Depot) -> None:
    packed = depot.active()
    given_key(packed, depot)
    number = packed.terminal_id
    assert depot.asks(number, ChangeKind.MOVE, shop_id=f"shop-{NOODLES}", address="x") is C.SHOP_UNKNOWN
    assert depot.asks(number, ChangeKind.MOVE, shop_id=ELSEWHERE, address=" ") is C.ADDRESS
    assert depot.asks(number, ChangeKind.MOVE, shop_id=f"shop-{TEA}", address="柳巷 8 号") is C.UNCHANGED
    assert depot.asks(number, ChangeKind.MOVE, replace(SUN, reason=""), shop_id=ELSEWHERE, address="x") is C.NO_REASON
    assert depot.asks("99999999", ChangeKind.MOVE) is C.TERMINAL_UNKNOWN
    assert depot.changes(number) is C.NOT_WAITING
    assert depot.asks(number, ChangeKind.MOVE, shop_id=ELSEWHERE, address="梧桐路 3 号") is None
    assert depot.asks(number, ChangeKind.CLOSE) is C.WAITING
    assert depot.changes(number, SUN) is C.SAME_PERSON
    assert binding(packed).state == "bound"
    changed = depot.changes(number)
    assert isinstance(changed, Changed)
    row = binding(packed)
    assert (row.state, row.address, row.shop_id, row.report) == ("awaited", "梧桐路 3 号", ELSEWHERE, "due")
    assert terminal(packed).shop_id == ELSEWHERE
    assert has_no_key(packed)
    assert depot.activates(packed) is F.NOT_MATCHED
    again = replace(packed, code=changed.code)
    assert depot.activates(again) == Activated(number, has_master_key=False)
    assert binding(packed).first_bound_at != binding(packed).bound_at
    assert depot.changes(number) is C.NOT_WAITING


def test_a_replacement_sends_another_device_under_the_same_number(depot: Depot) -> None:
    packed = depot.active()
    given_key(packed, depot)
    assert depot.asks(packed.terminal_id, ChangeKind.REPLACE, lost=False) is None
    changed = depot.changes(packed.terminal_id)
    assert isinstance(changed, Changed)
    assert has_no_key(packed)
    assert DeviceRow.objects.get(serial=packed.serial).state == "returning"
    assert (binding(packed).state, binding(packed).serial) == ("awaited", "")
    assert depot.reserves(changed.order_id) == "XPM2-0002"
    again = depot.packs(changed.order_id)
    assert isinstance(again, Packed)
    assert (again.terminal_id, again.serial) == (packed.terminal_id, "XPM2-0002")
    assert not DeviceOrderRow.objects.filter(state="open").exists()
    parcel = depot.sends(changed.order_id)
    depot.tick(hours=26)
    depot.follows(parcel)  # type: ignore[arg-type]  # it was sent
    assert isinstance(depot.activates(again), Activated)
    assert binding(packed).serial == "XPM2-0002"


def test_a_replacement_that_is_called_off_closes_the_number(depot: Depot) -> None:
    packed = depot.active()
    depot.asks(packed.terminal_id, ChangeKind.REPLACE)
    changed = depot.changes(packed.terminal_id)
    assert isinstance(changed, Changed)
    assert cancel_order(changed.order_id, SUN, depot.tick(), depot.stock) is None
    assert binding(packed).state == "closed"
    other = depot.orders()
    assert isinstance(other, str)


@pytest.mark.parametrize(("lost", "state"), [(True, "lost"), (False, "returning")])
def test_a_closed_terminal_has_no_key_no_money_and_its_device_goes_back(depot: Depot, lost: bool, state: str) -> None:
    packed = depot.active()
    given_key(packed, depot)
    assert suspend_terminal(packed.terminal_id, replace(SUN, reason=""), depot.at, depot.bindings) is C.NO_REASON
    assert suspend_terminal("99999999", SUN, depot.at, depot.bindings) is C.TERMINAL_UNKNOWN
    assert suspend_terminal(packed.terminal_id, SUN, depot.at, depot.bindings) is None
    assert suspend_terminal(packed.terminal_id, SUN, depot.at, depot.bindings) is C.NOT_NOW
    assert depot.asks(packed.terminal_id, ChangeKind.CLOSE, lost=lost) is None
    assert isinstance(depot.changes(packed.terminal_id), Changed)
    assert has_no_key(packed)
    assert (terminal(packed).active, binding(packed).state) == (False, "closed")
    assert DeviceRow.objects.get(serial=packed.serial).state == state
    assert depot.asks(packed.terminal_id, ChangeKind.CLOSE) is C.NOT_NOW


def test_a_suspended_terminal_goes_on_once_two_people_say_so(depot: Depot) -> None:
    packed = depot.active()
    given_key(packed, depot)
    assert depot.asks(packed.terminal_id, ChangeKind.RESUME) is C.NOT_NOW
    suspend_terminal(packed.terminal_id, SUN, depot.tick(), depot.bindings)
    assert depot.asks(packed.terminal_id, ChangeKind.RESUME) is None
    assert depot.changes(packed.terminal_id, SUN) is C.SAME_PERSON
    assert depot.changes(packed.terminal_id, replace(GAO, reason="")) == Changed(ChangeKind.RESUME)
    assert (binding(packed).state, terminal(packed).tak) == ("bound", "a working key")
    assert AuditRow.objects.get(action="binding_resume").reason == SUN.reason


def test_a_waiting_change_is_dropped_or_comes_too_late(depot: Depot) -> None:
    packed = depot.active()
    number = packed.terminal_id
    assert drop_change(number, GAO, depot.at, depot.bindings) is C.NOT_WAITING
    depot.asks(number, ChangeKind.CLOSE)
    waiting = depot.bindings.waiting_change(number)
    assert waiting is not None
    assert drop_change(number, GAO, depot.at, depot.bindings) is None
    assert not depot.bindings.drop_change(waiting, GAO, depot.at)
    depot.asks(number, ChangeKind.CLOSE)
    TerminalBindingRow.objects.filter(terminal_id=number).update(state="closed")
    assert depot.changes(number) is C.NOT_NOW


def test_of_two_who_approve_at_once_one_is_first(depot: Depot) -> None:
    packed = depot.active()
    depot.asks(packed.terminal_id, ChangeKind.CLOSE)

    class Late(BindingRows):
        def carry_out(self, *values: Any) -> bool:
            BindingChangeRow.objects.all().delete()
            return super().carry_out(*values)

        def drop_change(self, *values: Any) -> bool:
            BindingChangeRow.objects.all().delete()
            return super().drop_change(*values)

    late = Late()
    assert Depot(at=depot.at, bindings=late).changes(packed.terminal_id) is C.NOT_NOW
    assert terminal(packed).active
    depot.asks(packed.terminal_id, ChangeKind.CLOSE)
    assert drop_change(packed.terminal_id, GAO, depot.at, late) is C.NOT_WAITING


def test_a_terminal_on_its_way_is_changed_by_its_order_alone(depot: Depot) -> None:
    _, packed, _ = depot.delivered()
    row = binding(packed)
    assert possible_changes(row, depot.bindings, SUN, depot.at) == ()
    assert depot.asks(packed.terminal_id, ChangeKind.CLOSE) is C.NOT_NOW
    depot.learns()
    depot.activates(packed)
    kinds = possible_changes(binding(packed), depot.bindings, SUN, depot.at)
    assert kinds == (ChangeKind.MOVE, ChangeKind.REPLACE, ChangeKind.CLOSE)


# -- reports and papers ----------------------------------------------------------------------------------------------


def test_a_report_is_sent_rejected_sent_again_and_accepted(depot: Depot) -> None:
    packed = depot.active()
    number, book = packed.terminal_id, depot.bindings
    assert note_report("99999999", ReportEvent.SEND, "R-1", SUN, depot.at, book) is ReportFault.TERMINAL_UNKNOWN
    assert (
        note_report(number, ReportEvent.SEND, "R-1", replace(SUN, reason=""), depot.at, book) is ReportFault.NO_REASON
    )
    for reference in (" ", "x" * 61, "a\x07"):
        assert note_report(number, ReportEvent.SEND, reference, SUN, depot.at, book) is ReportFault.REFERENCE
    assert note_report(number, ReportEvent.ACCEPT, "R-1", SUN, depot.at, book) is ReportFault.NOT_NOW
    told = [
        note_report(number, event, "R-1", SUN, depot.tick(), book)
        for event in (ReportEvent.SEND, ReportEvent.REJECT, ReportEvent.SEND, ReportEvent.ACCEPT)
    ]
    assert told == [ReportState.SENT, ReportState.REJECTED, ReportState.SENT, ReportState.ACCEPTED]
    assert not book.report(number, ReportState.DUE, ReportState.SENT, "R-1", SUN, depot.at)
    depot.asks(number, ChangeKind.CLOSE)
    depot.changes(number)
    assert binding(packed).report == "due"
    reports = BindingHistoryRow.objects.filter(event="report").values_list("report", "reference")
    assert list(reports)[-1] == ("accepted", "R-1")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"merchant_id": "0"}, PapersFault.MERCHANT_UNKNOWN),
        ({"licence": "91310000DEM0000011"}, PapersFault.LICENCE),
        ({"account": "12"}, PapersFault.ACCOUNT),
        ({"actor": replace(GAO, reason=" ")}, PapersFault.NO_REASON),
        ({"late": -1}, PapersFault.IN_THE_FUTURE),
    ],
)
def test_which_papers_are_not_kept(depot: Depot, change: dict[str, Any], fault: PapersFault) -> None:
    values: dict[str, Any] = {
        "merchant_id": TEA,
        "licence": licence(),
        "account": ACCOUNT,
        "actor": GAO,
        "late": 0,
    } | change
    told = keep_papers(
        values["merchant_id"], values["licence"], values["account"], depot.at - timedelta(days=values["late"]),
        keyed, values["actor"], depot.at, book=depot.bindings,
    )  # fmt: skip
    assert told is fault
    assert not MerchantPapersRow.objects.exists()


def test_neither_an_account_nor_an_identity_number_is_kept(depot: Depot) -> None:
    person = "11010519491231002X"
    told = keep_papers(TEA, person, ACCOUNT, depot.at, keyed, GAO, depot.at, book=depot.bindings)
    assert isinstance(told, Papers)
    row = MerchantPapersRow.objects.get()
    assert person not in (row.licence, row.account)
    assert len(row.licence) == len(row.account) == 32
