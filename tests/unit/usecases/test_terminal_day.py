"""A terminal's day: signing in and out, closing a batch, an answer that comes too late."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from support.world import TEA, World, at_once
from xiaopos.fleet.profiles import KeyLayout
from xiaopos.kernel.ids import TerminalId
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyUsage, MacKind, SoftwareVault
from xiaopos.payments.payment import Kind
from xiaopos.usecases.close_batch import BatchClosed, close_batch
from xiaopos.usecases.note_late_answer import note_late_answer
from xiaopos.usecases.ports import TerminalTotals
from xiaopos.usecases.sign_in_terminal import SignedIn, sign_in_terminal, sign_off_terminal

COMPONENTS = (
    Secret(bytes.fromhex("1A2B3C4D5E6F708192A3B4C5D6E7F809")),
    Secret(bytes.fromhex("98D7A6C5B4E3F2018A7B6C5D4E3F2A1B")),
)


def world_with_a_master_key(**parts: object) -> World:
    world = World()
    tmk = world.vault.combine(components=COMPONENTS, usage=KeyUsage.TMK, algorithm=KeyAlgorithm.TDES2)
    facts = world.books.terminals["10000001"]
    world.books.terminals["10000001"] = replace(facts, signed_in=False, tmk=tmk, **parts)  # type: ignore[arg-type] # parts by name
    return world


def sign_in(
    world: World, layout: KeyLayout = KeyLayout.DOUBLE, *, terminal: str = "10000001", merchant: str = TEA
) -> SignedIn | Refused:
    return at_once(sign_in_terminal(TerminalId(terminal), merchant, layout, world.clock.now(), world.house))


def reason(told: object) -> Reason | None:
    return told.reason if isinstance(told, Refused) else None


def test_signing_in_gives_fresh_keys_that_the_terminal_can_use() -> None:
    world = world_with_a_master_key(batch_number=7)
    signed_in = sign_in(world)
    assert isinstance(signed_in, SignedIn)
    assert (signed_in.batch_number, signed_in.layout, signed_in.tdk) == (7, KeyLayout.DOUBLE, None)
    device = SoftwareVault(Secret(os.urandom(32)), os.urandom)
    tmk = device.combine(components=COMPONENTS, usage=KeyUsage.TMK, algorithm=KeyAlgorithm.TDES2)
    tak = device.import_under(
        kek=tmk, cipher=signed_in.tak.cipher, check=signed_in.tak.check4, usage=KeyUsage.TAK, algorithm=KeyAlgorithm.DES
    )
    mac = device.mac(key=tak, data=b"0200 and so on", kind=MacKind.UNIONPAY_ECB)
    facts = world.books.terminals["10000001"]
    assert facts.signed_in
    assert facts.tak is not None
    assert world.vault.verify_mac(key=facts.tak, data=b"0200 and so on", kind=MacKind.UNIONPAY_ECB, mac=mac)
    assert sign_in(world) != signed_in


def test_a_terminal_with_track_encryption_gets_a_track_key() -> None:
    world = world_with_a_master_key(profile="unionpay-3des-track-2012")
    signed_in = sign_in(world, KeyLayout.DOUBLE_WITH_TRACK)
    assert isinstance(signed_in, SignedIn)
    assert signed_in.tdk is not None
    assert world.books.terminals["10000001"].tdk is not None


def test_a_terminal_that_asks_for_other_keys_than_its_profile_says_is_told_to_the_operator() -> None:
    refused = sign_in(world_with_a_master_key(), KeyLayout.SINGLE)
    assert isinstance(refused, Refused)
    assert refused.reason is Reason.KEY_FAULT
    assert "asks for key layout 001, its profile unionpay-3des-2012 has 003" in refused.detail


def test_without_a_terminal_a_merchant_or_a_master_key_nobody_signs_in() -> None:
    world = World()
    assert reason(sign_in(world, terminal="99999999")) is Reason.TERMINAL_UNKNOWN
    assert reason(sign_in(world, merchant="898110058120002")) is Reason.MERCHANT_MISMATCH
    assert reason(sign_in(world)) is Reason.KEY_FAULT


def test_a_master_key_that_is_not_ours_is_a_key_fault() -> None:
    world = world_with_a_master_key()
    other = SoftwareVault(Secret(os.urandom(32)), os.urandom)
    tmk = other.combine(components=COMPONENTS, usage=KeyUsage.TMK, algorithm=KeyAlgorithm.TDES2)
    world.books.terminals["10000001"] = replace(world.books.terminals["10000001"], tmk=tmk)
    assert reason(sign_in(world)) is Reason.KEY_FAULT


def test_a_full_queue_signs_nobody_in_or_out() -> None:
    world = world_with_a_master_key()
    world.books.busy = True
    assert reason(sign_in(world)) is Reason.BUSY
    assert reason(sign_off(world)) is Reason.BUSY


def sign_off(world: World, terminal: str = "10000001") -> Refused | None:
    return at_once(sign_off_terminal(TerminalId(terminal), world.clock.now(), world.house))


def test_signing_off_is_remembered() -> None:
    world = World()
    assert sign_off(world) is None
    assert not world.books.terminals["10000001"].signed_in
    assert reason(sign_off(world, "99999999")) is Reason.TERMINAL_UNKNOWN


def test_a_batch_whose_totals_agree_is_closed_and_the_next_is_open() -> None:
    world = World()
    sale = world.lin.sells(25_00).by_card()
    world.lin.sells(5_00).by_card()
    world.lin.refunds(sale, 3_00)
    closed = world.lin.settles(TerminalTotals(2, 30_00, 1, 3_00))
    assert isinstance(closed, BatchClosed)
    assert (closed.balanced, closed.next_batch) == (True, 2)
    assert world.books.terminals["10000001"].batch_number == 2
    assert world.found() == []


def test_totals_that_differ_close_the_batch_all_the_same_and_a_person_is_told() -> None:
    world = World()
    world.lin.sells(25_00).by_card()
    closed = world.lin.settles(TerminalTotals(1, 24_00, 0, 0))
    assert isinstance(closed, BatchClosed)
    assert (closed.balanced, closed.next_batch) == (False, 2)
    assert world.found() == ["batch_totals"]


def test_a_batch_with_a_payment_that_nobody_knows_stays_open() -> None:
    world = World()
    world.the_line_drops()
    world.lin.sells(25_00).by_card()
    assert reason(world.lin.settles()) is Reason.BATCH_HAS_UNKNOWN
    world.the_machine_works()
    assert isinstance(world.lin.settles(), BatchClosed)


def close(
    world: World, *, terminal: str = "10000001", merchant: str = "", batch: int | None = None
) -> BatchClosed | Refused:
    at = world.clock.now()
    return at_once(close_batch(TerminalId(terminal), merchant, None, at, world.house, batch_number=batch))


def test_a_settlement_that_comes_again_does_not_close_the_next_batch() -> None:
    world = World()
    first = close(world, batch=1)
    assert isinstance(first, BatchClosed)
    assert close(world, batch=1) == first
    assert reason(close(world, batch=3)) is Reason.BATCH_WRONG
    assert world.books.terminals["10000001"].batch_number == 2


def test_the_last_batch_number_is_followed_by_the_first() -> None:
    world = World()
    world.books.terminals["10000001"] = replace(world.books.terminals["10000001"], batch_number=999_999)
    closed = close(world)
    assert isinstance(closed, BatchClosed)
    assert closed.next_batch == 1


def test_a_batch_stays_open_until_a_void_that_was_taken_back_is_undone() -> None:
    """The terminal counts the sale again at once; closed now, the books would hold it as voided and the totals would differ."""
    world = World()
    sale = world.lin.sells(25_00).by_card()
    void = world.lin.voids(sale)
    assert not isinstance(world.lin.reverses(void, kind=Kind.VOID).result, Refused)
    assert reason(world.lin.settles(TerminalTotals(1, 25_00, 0, 0))) is Reason.BATCH_HAS_UNKNOWN
    world.the_machine_works()
    closed = world.lin.settles(TerminalTotals(1, 25_00, 0, 0))
    assert isinstance(closed, BatchClosed)
    assert closed.balanced


def test_a_stranger_settles_nothing() -> None:
    world = World()
    assert reason(close(world, terminal="99999999")) is Reason.TERMINAL_UNKNOWN
    assert reason(close(world, merchant="898110058120002")) is Reason.MERCHANT_MISMATCH
    world.books.busy = True
    assert reason(close(world)) is Reason.BUSY


@pytest.mark.parametrize(("approved", "found"), [(True, ["late_approval"]), (False, [])])
def test_a_late_approval_is_shown_to_a_person_and_a_late_decline_is_not(approved: bool, found: list[str]) -> None:
    world = World()
    world.the_line_drops()
    sale = world.lin.sells(25_00).by_card().payment
    at_once(note_late_answer(sale.rrn, approved=approved, house=world.house))
    assert world.found() == found


def test_a_late_answer_to_nothing_is_nothing() -> None:
    world = World()
    at_once(note_late_answer("999999999999", approved=True, house=world.house))
    assert world.found() == []
