"""A terminal downloads its lists, and is asked to in the header of the host's answers until it has."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from support.card_counter import TID, CardCounter
from support.world import TEA
from xiaopos.fleet.asks import TerminalAsk
from xiaopos.fleet.downloads import DownloadKind, DownloadRow
from xiaopos.kernel.refusal import REASONS, Reason
from xiaopos.simulator import chip_lists
from xiaopos.wire.iso8583 import Message
from xiaopos.wire.iso8583.subfields import read_parts
from xiaopos.wire.iso8583.terminal_downloads import (
    CellsAnswer,
    ListAnswer,
    ListState,
    entry_in,
    query,
    wanting_cells,
)
from xiaopos.wire.iso8583.terminal_parts import PARAMETERS

CODE = {reason: row.response_code for reason, row in REASONS.items()}
NEW_YEAR = date(2026, 1, 1)


@pytest.fixture
def counter() -> CardCounter:
    made = CardCounter()
    for kind, entries in (
        (DownloadKind.PUBLIC_KEYS, chip_lists.PUBLIC_KEYS),
        (DownloadKind.CHIP_PARAMETERS, chip_lists.CHIP_PARAMETERS),
        (DownloadKind.PARAMETERS, chip_lists.PARAMETERS),
        (DownloadKind.BLACKLIST, {begins: begins for begins in chip_lists.BLACKLIST}),
    ):
        made.world.books.downloads += [DownloadRow(kind, key, "", NEW_YEAR, text) for key, text in entries.items()]
    assert made.signs_in().approved
    return made


def asks(counter: CardCounter, mti: str, network: str, body: bytes | None = None, code: str = "00") -> Message:
    fields: dict[int, str | bytes] = {41: TID, 42: TEA, 60: f"00000001{network}"}
    answer = counter.asks(Message(mti, fields | ({} if body is None else {62: body})), seal=False)
    assert answer is not None
    assert (answer.mti, answer.text(39)) == (f"{mti[:2]}{int(mti[2]) + 1}0", code)
    return answer


def wants(counter: CardCounter, *what: TerminalAsk) -> None:
    """An operator asks the terminal for something."""
    counter.world.books.asks.update({(TID, ask): counter.world.clock.now() for ask in what})
    counter.world.clock.at += timedelta(seconds=1)


def fetch_all(counter: CardCounter, network: str) -> list[bytes]:
    """The entries of a chip's list, fetched as a terminal does: query by query, then one by one, then the end."""
    names: list[bytes] = []
    while True:
        given = ListAnswer.parse(asks(counter, "0820", f"{network}2", query(len(names))).raw(62))
        names += given.names
        if given.state.is_end:
            break
    entries = [entry_in(asks(counter, "0800", f"{network}0", name).raw(62)) for name in names]
    asks(counter, "0800", f"{network}1")
    return [entry for entry in entries if entry is not None]


def test_public_keys_come_in_parts_and_are_the_ones_that_were_entered(counter: CardCounter) -> None:
    copies = [
        DownloadRow(
            DownloadKind.PUBLIC_KEYS, f"B00000000{n}01", "", NEW_YEAR, f"9F0605B00000000{n}9F220101DF0508" + "32" * 8
        )
        for n in range(8)
    ]
    counter.world.books.downloads += copies
    first = ListAnswer.parse(asks(counter, "0820", "372", query(0)).raw(62))
    assert (first.state, len(first.names)) == (ListState.MORE, 5)
    last = ListAnswer.parse(asks(counter, "0820", "372", query(10)).raw(62))
    assert (last.state, len(last.names)) == (ListState.LAST, 2)
    fetched = {entry.hex().upper() for entry in fetch_all(counter, "37")}
    assert fetched == set(chip_lists.PUBLIC_KEYS.values()) | {row.content for row in copies}


def test_applications_come_whole(counter: CardCounter) -> None:
    assert ListAnswer.parse(asks(counter, "0820", "382").raw(62)).state is ListState.WHOLE
    assert [entry.hex().upper() for entry in fetch_all(counter, "38")] == sorted(chip_lists.CHIP_PARAMETERS.values())


def test_what_there_is_not_is_told_and_what_cannot_be_read_is_refused(counter: CardCounter) -> None:
    unknown = bytes.fromhex("9F0608A000000333010109")
    assert entry_in(asks(counter, "0800", "380", unknown).raw(62)) is None
    asks(counter, "0800", "380", code=CODE[Reason.FORMAT_WRONG])
    asks(counter, "0820", "372", b"x", code=CODE[Reason.FORMAT_WRONG])


def test_parameters_come_with_the_merchants_name(counter: CardCounter) -> None:
    raw = asks(counter, "0800", "360").raw(62)
    values = {each.tag: str(each.value).strip() for each in read_parts(PARAMETERS, raw, field=62)}
    assert values == chip_lists.PARAMETERS | {"18": "0", "19": "00", "22": "小林茶铺"}
    counter.world.books.downloads += [DownloadRow(DownloadKind.PARAMETERS, "22", "", NEW_YEAR, "另一个名字")]
    raw = asks(counter, "0800", "360").raw(62)
    assert "另一个名字" in {str(each.value).strip() for each in read_parts(PARAMETERS, raw, field=62)}
    asks(counter, "0800", "361")


def test_the_blacklist_comes_in_cells(counter: CardCounter) -> None:
    counter.world.books.downloads += [
        DownloadRow(DownloadKind.BLACKLIST, f"6210{n:02d}", "", NEW_YEAR, f"6210{n:02d}") for n in range(16)
    ]
    first = CellsAnswer.parse(asks(counter, "0800", "390").raw(62), 12)
    assert (first.state, first.last, len(first.cells)) == (ListState.MORE, 15, 15)
    rest = CellsAnswer.parse(asks(counter, "0800", "390", wanting_cells(16)).raw(62), 12)
    assert (rest.state, rest.last, rest.cells) == (ListState.LAST, 17, ("621014", "621015"))
    asks(counter, "0800", "391")


def test_a_terminal_is_asked_to_sign_in_again_until_it_has(counter: CardCounter) -> None:
    assert counter.wanted == "0"
    wants(counter, TerminalAsk.SIGN_IN)
    assert counter.sells().approved
    assert counter.wanted == "3"
    assert counter.passes(counter.device.echo()).approved
    assert counter.wanted == "3"
    old = counter.world.books.terminals[TID].tak
    assert counter.signs_in().approved
    assert counter.wanted == "0"
    assert counter.world.books.terminals[TID].tak != old
    assert counter.sells().approved
    assert counter.wanted == "0"


def test_several_things_are_asked_one_after_the_other(counter: CardCounter) -> None:
    wants(counter, *(ask for ask in TerminalAsk if ask is not TerminalAsk.STATUS))
    heard: list[str] = []

    def hears() -> None:
        assert counter.passes(counter.device.echo()).approved
        heard.append(counter.wanted)

    hears()
    assert counter.signs_in().approved
    hears()
    fetch_all(counter, "37")
    hears()
    fetch_all(counter, "38")
    hears()
    asks(counter, "0800", "360")
    hears()
    asks(counter, "0800", "390")
    asks(counter, "0800", "391")
    hears()
    assert heard == ["3", "4", "5", "1", "7", "0"]


def test_while_it_is_complying_a_terminal_is_not_asked_again(counter: CardCounter) -> None:
    wants(counter, TerminalAsk.PUBLIC_KEYS)
    asks(counter, "0820", "372", query(0))
    assert counter.wanted == "0"
    assert counter.sells().approved
    assert counter.wanted == "4"


@pytest.mark.parametrize(
    ("mti", "network", "ask"),
    [
        ("0820", "372", TerminalAsk.PUBLIC_KEYS),
        ("0820", "382", TerminalAsk.CHIP_PARAMETERS),
        ("0800", "390", TerminalAsk.BLACKLIST),
    ],
)
def test_where_there_is_nothing_the_query_alone_complies(
    counter: CardCounter, mti: str, network: str, ask: TerminalAsk
) -> None:
    counter.world.books.downloads.clear()
    wants(counter, ask)
    assert asks(counter, mti, network).raw(62)[:1] == b"0"
    assert counter.world.books.asks == {}


def test_what_was_asked_after_the_message_came_stays_open(counter: CardCounter) -> None:
    later = counter.world.clock.now() + timedelta(seconds=5)
    counter.world.books.asks[TID, TerminalAsk.SIGN_IN] = later
    assert counter.signs_in().approved
    assert counter.sells().approved
    assert counter.wanted == "3"


def test_a_message_that_is_refused_tells_the_terminal_too(counter: CardCounter) -> None:
    wants(counter, TerminalAsk.SIGN_IN)
    answer = counter.asks(counter.sale(f3="990000"))
    assert answer is not None
    assert (answer.text(39), counter.wanted) == (CODE[Reason.TRANSACTION_UNSUPPORTED], "3")
    counter.world.books.busy = True
    asks(counter, "0800", "371", code=CODE[Reason.BUSY])
