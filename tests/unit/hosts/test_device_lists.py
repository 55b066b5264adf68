"""The device's own software against the real desk: it fetches its lists, follows them, and does what the header asks of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from support.card_counter import TID, CardCounter, new_device
from support.terminal_counter import Paper
from xiaopos.fleet.asks import TerminalAsk
from xiaopos.fleet.downloads import DownloadKind, DownloadRow
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.kernel.secret import Pan
from xiaopos.simulator import chip_lists
from xiaopos.terminal.cards import CardRead, How
from xiaopos.terminal.device import Device
from xiaopos.terminal.lists import ListKind
from xiaopos.terminal.outcome import Action, Kind, Outcome

NEW_YEAR = date(2026, 1, 1)
LISTED = CardRead(Pan("6200009900000000017"), "3012")


def rows(kind: DownloadKind, entries: dict[str, str]) -> list[DownloadRow]:
    return [DownloadRow(kind, key, "", NEW_YEAR, text) for key, text in entries.items()]


@pytest.fixture
def counter() -> CardCounter:
    made = CardCounter()
    made.world.books.downloads += [
        *rows(DownloadKind.PUBLIC_KEYS, chip_lists.PUBLIC_KEYS),
        *rows(DownloadKind.CHIP_PARAMETERS, chip_lists.CHIP_PARAMETERS),
        *rows(DownloadKind.PARAMETERS, chip_lists.PARAMETERS | {"14": "95516", "17": "02155551234"}),
        *rows(DownloadKind.BLACKLIST, {begins: begins for begins in chip_lists.BLACKLIST}),
    ]
    assert made.signs_in().approved
    return made


def fetches(counter: CardCounter, kind: ListKind) -> Outcome:
    """All parts of a list; the last one's outcome."""
    outcome = counter.passes(counter.device.fetch(kind))
    while counter.device.remembered.fetch is not None:
        outcome = counter.passes(counter.device.fetch(kind))
    return outcome


def entries(counter: CardCounter, kind: ListKind) -> set[str]:
    return set(counter.device.remembered.kept_list(kind).entries)


def asks(counter: CardCounter, *what: TerminalAsk) -> None:
    counter.world.books.asks.update({(TID, ask): counter.world.clock.now() for ask in what})
    counter.world.clock.at += timedelta(seconds=1)


def restarts(counter: CardCounter, paper: Paper) -> Device:
    """Power off and on: the same chip, and what the paper says."""
    device = counter.device
    return Device(
        device.identity, vault=device._vault, tmk=device._tmk, memory=paper, entropy=device._entropy,
        profile=device.profile, chip=device._chip,
    )  # fmt: skip


def test_every_list_is_fetched_whole_and_kept_with_its_version(counter: CardCounter) -> None:
    for kind in ListKind:
        done = fetches(counter, kind)
        assert (done.action, done.kind, done.listed) == (Action.FETCH, Kind.APPROVED, kind.value)
    assert entries(counter, ListKind.PUBLIC_KEYS) == set(chip_lists.PUBLIC_KEYS.values())
    assert entries(counter, ListKind.CHIP_PARAMETERS) == set(chip_lists.CHIP_PARAMETERS.values())
    assert entries(counter, ListKind.BLACKLIST) == set(chip_lists.BLACKLIST)
    assert "22小林茶铺" in entries(counter, ListKind.PARAMETERS)
    kept = counter.device.remembered.kept_list(ListKind.PUBLIC_KEYS)
    assert len(kept.version) == 8
    assert kept.fetched_on == "0314093000"
    assert replace(kept, entries=tuple(reversed(kept.entries))).version == kept.version
    assert replace(kept, entries=kept.entries[1:]).version != kept.version


def test_long_lists_come_in_parts(counter: CardCounter) -> None:
    keys = {f"B00000000{n}01": f"9F0605B00000000{n}9F220101DF0508{'32' * 8}DF0201{n:02X}DF040103" for n in range(8)}
    cells = {f"6210{n:02d}": f"6210{n:02d}" for n in range(40)}
    counter.world.books.downloads += [*rows(DownloadKind.PUBLIC_KEYS, keys), *rows(DownloadKind.BLACKLIST, cells)]
    fetches(counter, ListKind.PUBLIC_KEYS)
    fetches(counter, ListKind.BLACKLIST)
    assert entries(counter, ListKind.PUBLIC_KEYS) == set(chip_lists.PUBLIC_KEYS.values()) | set(keys.values())
    assert entries(counter, ListKind.BLACKLIST) == set(chip_lists.BLACKLIST) | set(cells)


def test_an_empty_list_takes_the_place_of_a_full_one(counter: CardCounter) -> None:
    for kind in ListKind:
        fetches(counter, kind)
    counter.world.books.downloads.clear()
    for kind in ListKind:
        assert fetches(counter, kind).approved
    assert not entries(counter, ListKind.PUBLIC_KEYS) | entries(counter, ListKind.BLACKLIST)
    assert counter.device.remembered.kept_list(ListKind.CHIP_PARAMETERS).version == "-"


def test_an_entry_that_is_withdrawn_while_it_is_fetched_is_left_out(counter: CardCounter) -> None:
    counter.passes(counter.device.fetch(ListKind.CHIP_PARAMETERS))
    gone = min(chip_lists.CHIP_PARAMETERS)
    counter.world.books.downloads[:] = [row for row in counter.world.books.downloads if row.key != gone]
    assert fetches(counter, ListKind.CHIP_PARAMETERS).approved
    assert entries(counter, ListKind.CHIP_PARAMETERS) == {
        entry for name, entry in chip_lists.CHIP_PARAMETERS.items() if name != gone
    }


def test_a_listed_card_is_refused_before_anything_is_asked(counter: CardCounter) -> None:
    fetches(counter, ListKind.BLACKLIST)
    now, before = counter.world.clock.now(), counter.device.remembered
    for verb in (counter.device.sale, counter.device.preauth, counter.device.offline_sale):
        refused = verb(12_50, LISTED, How.SWIPE, now=now)
        assert isinstance(refused, Refused)
        assert refused.reason is Reason.CARD_RESTRICTED
        assert "6200" not in refused.detail
    assert isinstance(counter.device.balance(LISTED, How.SWIPE, now=now), Refused)
    assert counter.device.remembered == before
    assert counter.sells().approved


def test_parameters_say_how_tips_are_taken_and_whom_to_call(counter: CardCounter) -> None:
    assert counter.device.settings.tip_percent is None
    fetches(counter, ListKind.PARAMETERS)
    settings = counter.device.settings
    assert (settings.merchant_name, settings.phones, settings.manager_phone) == (
        "小林茶铺", ("95516",), "02155551234",
    )  # fmt: skip
    assert (settings.answer_wait_s, settings.resends, settings.auto_sign_off) == (60, 2, False)
    sold = counter.sells(100_00)
    refused = counter.device.tip(1, sold.stan)
    assert isinstance(refused, Refused)
    assert refused.reason is Reason.TRANSACTION_UNSUPPORTED
    counter.changes(limits=replace(counter.world.books.terminals[TID].limits, tip_percent=15))
    fetches(counter, ListKind.PARAMETERS)
    assert counter.device.settings.tip_percent == 15
    too_much = counter.device.tip(15_01, sold.stan)
    assert isinstance(too_much, Refused)
    assert too_much.reason is Reason.TIP_WRONG
    assert counter.passes(counter.device.tip(15_00, sold.stan)).approved


def obeys(counter: CardCounter) -> None:
    """What the terminal does by itself after a transaction: everything that the host wants."""
    if counter.device.needs_sign_in:
        assert counter.signs_in().approved
    while counter.device.remembered.wanted:
        name = counter.device.remembered.wanted[0]
        if name == "status":
            assert counter.passes(counter.device.tell_status()).approved
        else:
            assert fetches(counter, ListKind(name)).approved


def test_everything_that_the_host_asks_for_in_its_header_is_done_and_cleared(counter: CardCounter) -> None:
    asks(counter, *TerminalAsk)
    old = counter.world.books.terminals[TID].tak
    for _ in TerminalAsk:
        assert counter.sells(1_00).approved
        obeys(counter)
    assert counter.world.books.asks == {}
    assert counter.world.books.terminals[TID].tak != old
    assert [row.kind for row in counter.device.remembered.lists] == [
        "public_keys", "chip_parameters", "parameters", "blacklist",
    ]  # fmt: skip
    assert counter.sells(1_00).approved
    assert counter.wanted == "0"
    (told,) = counter.world.books.notices
    assert "blacklist=1/" in told.content  # type: ignore[union-attr]  # it is a status


def test_a_status_tells_no_card_and_goes_through_signed_out(counter: CardCounter) -> None:
    counter.sells()
    assert counter.passes(counter.device.sign_off()).approved
    assert counter.passes(counter.device.tell_status()).approved
    (told,) = counter.world.books.notices
    assert told.content == (  # type: ignore[union-attr]  # it is a status
        "serial=00000001 state=signed_out batch=000001 vouchers=1 owed=0 unresolved=0 notices=0 "
        "parameters=0/- public_keys=0/- chip_parameters=0/- blacklist=0/-"
    )


def test_a_host_that_is_busy_is_obeyed_later(counter: CardCounter) -> None:
    asks(counter, TerminalAsk.STATUS)
    assert counter.sells().approved
    counter.world.books.busy = True
    assert counter.passes(counter.device.tell_status()).kind is Kind.DECLINED
    assert "status" not in counter.device.remembered.wanted, "the host says again what it wants"
    counter.world.books.busy = False
    assert counter.sells().approved
    assert "status" in counter.device.remembered.wanted


def test_a_power_cut_at_any_step_leaves_the_old_list_or_the_new_one_and_the_wish(counter: CardCounter) -> None:
    paper = Paper()
    counter.device = new_device(paper, counter.profile)
    assert counter.signs_in().approved
    assert fetches(counter, ListKind.BLACKLIST).approved
    old = entries(counter, ListKind.BLACKLIST)
    new = {f"6210{n:02d}": f"6210{n:02d}" for n in range(40)}
    counter.world.books.downloads += rows(DownloadKind.BLACKLIST, new)
    asks(counter, TerminalAsk.BLACKLIST)
    assert counter.sells().approved
    begun = len(paper.saved)
    assert fetches(counter, ListKind.BLACKLIST).approved
    for at in range(begun, len(paper.saved) + 1):
        again = restarts(counter, Paper(paper.saved[:at]))
        now = again.remembered
        held = set(now.kept_list(ListKind.BLACKLIST).entries)
        assert held in (old, old | set(new))
        assert now.fetch is None
        assert now.wanted == (() if at == len(paper.saved) else ("blacklist",))


def test_a_fetch_that_is_broken_off_begins_anew(counter: CardCounter) -> None:
    counter.passes(counter.device.fetch(ListKind.PUBLIC_KEYS))
    counter.device.break_off_fetch()
    counter.device.break_off_fetch()
    assert (counter.device.remembered.fetch, counter.device.remembered.wanted) == (None, ("public_keys",))
    assert fetches(counter, ListKind.PUBLIC_KEYS).approved
    assert counter.device.remembered.wanted == ()
