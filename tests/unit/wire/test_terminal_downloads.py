"""Lists that terminals download: what the host writes is what a terminal reads, and faults name field 62."""

from __future__ import annotations

import pytest

from xiaopos.wire.emv import tlv
from xiaopos.wire.iso8583 import Malformed
from xiaopos.wire.iso8583.subfields import read_parts
from xiaopos.wire.iso8583.terminal_downloads import (
    APPLICATION_NAME,
    DOWNLOAD_DIALECTS,
    PUBLIC_KEY_NAME,
    BadDialect,
    CellsAnswer,
    ListAnswer,
    ListState,
    cells_wanted,
    entry_answer,
    entry_in,
    held_in,
    merchant_name,
    name_in,
    parameter_list,
    query,
    read_dialects,
    wanting_cells,
)
from xiaopos.wire.iso8583.terminal_parts import PARAMETERS

UNIONPAY = DOWNLOAD_DIALECTS["unionpay-2012"]
KEY = bytes.fromhex("9F0605A0000003339F22010ADF05083230333031323331DF060101DF070101DF0204C0FFEE01DF040103")
APPLICATION = bytes.fromhex("9F0608A000000333010101DF0101009F1B0400000000")


def test_a_key_is_named_by_provider_index_and_expiry_in_23_bytes() -> None:
    name = name_in(KEY, PUBLIC_KEY_NAME)
    assert name == bytes.fromhex("9F0605A0000003339F22010ADF05083230333031323331")
    assert len(name) == 23
    assert name_in(APPLICATION, APPLICATION_NAME) == bytes.fromhex("9F0608A000000333010101")
    with pytest.raises(Malformed, match="9F22"):
        name_in(APPLICATION, PUBLIC_KEY_NAME)


@pytest.mark.parametrize(
    ("before", "now", "total", "state", "is_end"),
    [
        (0, 0, 0, ListState.NONE, True),
        (0, 5, 5, ListState.WHOLE, True),
        (0, 5, 6, ListState.MORE, False),
        (5, 1, 6, ListState.LAST, True),
        (6, 0, 6, ListState.NONE, True),
    ],
)
def test_the_state_says_whether_more_follows(before: int, now: int, total: int, state: ListState, is_end: bool) -> None:
    assert ListState.of(before, now, total) is state
    assert state.is_end is is_end


def test_a_query_tells_how_many_entries_the_terminal_has() -> None:
    assert query(0) == b"100"
    assert [held_in(query(held)) for held in (0, 5, 99)] == [0, 5, 99]
    assert held_in(b"") == 0
    for wrong in (100, -1):
        with pytest.raises(Malformed):
            query(wrong)
    for raw in (b"1", b"200", b"1a0", b"1000"):
        with pytest.raises(Malformed):
            held_in(raw)


def test_a_list_is_read_as_it_was_written() -> None:
    names = (name_in(KEY, PUBLIC_KEY_NAME), bytes.fromhex("9F0605A0000003339F220108"))
    answer = ListAnswer(ListState.MORE, names)
    assert answer.encode() == b"2" + b"".join(names)
    assert ListAnswer.parse(answer.encode()) == answer
    assert ListAnswer.parse(b"0") == ListAnswer(ListState.NONE)
    for raw in (b"", b"9", b"1\xdf\x01\x00"):
        with pytest.raises(Malformed):
            ListAnswer.parse(raw)


def test_an_entry_is_read_as_it_was_written() -> None:
    assert entry_in(entry_answer(KEY)) == KEY
    assert entry_answer(None) == b"0"
    assert entry_in(b"0") is None
    assert tlv.first(tlv.parse(entry_in(entry_answer(APPLICATION)) or b"", field=62), "9F1B") == bytes(4)


def test_cells_are_read_as_they_were_written() -> None:
    assert [cells_wanted(raw) for raw in (b"", b"000", b"001", b"016")] == [1, 1, 1, 16]
    assert cells_wanted(wanting_cells(31)) == 31
    answer = CellsAnswer(ListState.LAST, 17, ("622200", "62171234"))
    raw = answer.encode(12)
    assert raw == b"3017622200      62171234    "
    assert CellsAnswer.parse(raw, 12) == answer
    with pytest.raises(Malformed):
        answer.encode(7)
    for wrong in (b"3", b"3xxx", b"3001622200", b"9001"):
        with pytest.raises(Malformed):
            CellsAnswer.parse(wrong, 12)
    for wanted in (b"1", b"abc"):
        with pytest.raises(Malformed):
            cells_wanted(wanted)


def test_parameters_are_filled_to_the_widths_of_the_table() -> None:
    raw = parameter_list({"22": "小林茶铺", "12": "60", "23": "3", "26": "FF000000", "14": "01000000001"})
    values = {each.tag: each.value for each in read_parts(PARAMETERS, raw, field=62)}
    assert values == {
        "12": "60", "14": "01000000001   ", "22": "小林茶铺" + " " * 32, "23": "3", "26": bytes.fromhex("FF000000"),
    }  # fmt: skip
    assert parameter_list({"12": "5"}) == b"1205"
    assert parameter_list({}) == b""
    for wrong in ({"99": "1"}, {"12": "123"}, {"22": "x" * 41}):
        with pytest.raises(Malformed):
            parameter_list(wrong)


def test_a_merchants_name_is_cut_between_characters() -> None:
    assert merchant_name("小林茶铺") == "小林茶铺"
    assert merchant_name("A" + "茶" * 30) == "A" + "茶" * 19
    parameter_list({"22": merchant_name("茶" * 40)})


def test_every_ask_has_a_digit_and_what_is_from_memory_says_so() -> None:
    assert UNIONPAY.asks["sign_in"] == "3"
    assert UNIONPAY.unconfirmed == ("asks", "blacklist_at_once", "blacklist_cell")
    assert (UNIONPAY.public_keys_at_once, UNIONPAY.chip_parameters_at_once) == (5, 30)


ROW = """
[[dialect]]
name = "own"
zh = "自己的"
en = "own"
public_keys_at_once = 1
chip_parameters_at_once = 1
blacklist_at_once = 1
blacklist_cell = 12
"""
ASKS = "[dialect.asks]\nsign_in = '3'\n"


def test_an_acquirers_own_dialect_is_read() -> None:
    own = read_dialects(ROW + ASKS)["own"]
    assert (own.asks, own.unconfirmed) == ({"sign_in": "3"}, ())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (ROW, "columns"),
        (ROW + "colour = 'red'\n" + ASKS, "colour"),
        (ROW.replace("at_once = 1", "at_once = 0") + ASKS, "below 1"),
        (ROW + ASKS + "status = '3'\n", "digit of its own"),
        (ROW + "[dialect.asks]\nsign_in = '0'\n", "from 1 to 9"),
        (ROW + ASKS + ROW + ASKS, "twice"),
    ],
)
def test_a_dialect_that_contradicts_itself_is_refused(text: str, why: str) -> None:
    with pytest.raises(BadDialect, match=why):
        read_dialects(text)
