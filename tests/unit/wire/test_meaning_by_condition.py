"""What field 25 makes of a message about money: every type, processing code and kind of the interface with every condition.

What may live here: the whole table as a person would draw it, and that the product is as it says. What may not: names of
messages about the terminal itself (test_meaning).
"""

from __future__ import annotations

import itertools

import pytest

from xiaopos.wire.iso8583 import Message
from xiaopos.wire.iso8583.meaning import TRANSACTIONS, transaction_of

NOTHING = "-"
TABLE = """
type 3      60.1 22  |none, 00           |06                |08, 18               |64                |99        |others
0200 310000 01   any |balance            |-                 |moto_other           |instalment_other  |-         |-
0200 311000 01   any |order_query        |-                 |moto_other           |instalment_other  |-         |-
0200 000000 22   any |sale               |-                 |moto_sale            |instalment_sale   |-         |-
0200 000000 22   03  |code_sale          |-                 |moto_sale            |instalment_sale   |-         |-
0200 200000 23   any |void               |-                 |moto_void            |instalment_void   |-         |-
0200 200000 23   03  |code_void          |-                 |moto_void            |instalment_void   |code_void |-
0220 200000 25   any |refund             |-                 |moto_refund          |instalment_other  |-         |-
0200 000000 26   any |code_sale          |-                 |moto_other           |instalment_other  |code_sale |-
0220 000000 30   any |offline_sale       |-                 |moto_other           |instalment_other  |-         |-
0220 000000 32   any |adjustment         |-                 |moto_other           |instalment_other  |-         |-
0220 000000 34   any |tip                |-                 |moto_other           |instalment_other  |-         |-
0200 000000 36   any |cash_card_sale     |-                 |moto_other           |instalment_other  |-         |-
0220 200000 27   any |cash_card_refund   |-                 |moto_other           |instalment_other  |-         |-
0200 280000 22   any |same_day_sale      |-                 |moto_other           |instalment_other  |-         |-
0200 330000 50   any |identity_check     |-                 |moto_other           |instalment_other  |-         |-
0200 700000 60   any |wallet_scan        |-                 |moto_other           |instalment_other  |-         |-
0200 710000 60   any |wallet_show        |-                 |moto_other           |instalment_other  |-         |-
0200 720000 60   any |wallet_void        |-                 |moto_other           |instalment_other  |-         |-
0200 730000 60   any |wallet_query       |-                 |moto_other           |instalment_other  |-         |-
0100 030000 10   any |*pre_auth          |pre_auth          |moto_hold            |instalment_other  |-         |-
0100 200000 11   any |*pre_auth_void     |pre_auth_void     |moto_hold_void       |instalment_other  |-         |-
0200 000000 20   any |*completion        |completion        |moto_completion      |instalment_other  |-         |-
0200 200000 21   any |*completion_void   |completion_void   |moto_completion_void |instalment_other  |-         |-
0220 000000 24   any |*completion_advice |completion_advice |moto_completion      |instalment_other  |-         |-
0400 any    any  any |reversal           |reversal          |unserved_reversal    |unserved_reversal |reversal  |unserved_reversal
any  any    any  any |-                  |-                 |moto_other           |instalment_other  |-         |-
"""
"""Field 25 stands above. `-` is nothing that is known. `*` is what a message without the field means, while 00 makes it nothing.

The last row is every other message of type 0100, 0200 or 0220; a row with 22 wins over the same row without.
"""

COLUMNS = (("", "00"), ("06",), ("08", "18"), ("64",), ("99",), ("01", "05", "65", "77"))
MTIS = ("0100", "0200", "0220", "0400")
PROCESSING = (
    "000000",
    "030000",
    "200000",
    "280000",
    "310000",
    "311000",
    "330000",
    *(f"7{n}0000" for n in range(4)),
    "990000",
)
KINDS = (
    "00",
    "01",
    "10",
    "11",
    "20",
    "21",
    "22",
    "23",
    "24",
    "25",
    "26",
    "27",
    "30",
    "32",
    "34",
    "36",
    "50",
    "60",
    "99",
)
ENTRIES = ("", "012", "022", "032", "051", "072")
CONDITIONS = tuple(itertools.chain(*COLUMNS))


def _drawn() -> dict[tuple[str, str, str, str], dict[str, str]]:
    """(type, 3, 60.1, 22) -> field 25 -> name."""
    found: dict[tuple[str, str, str, str], dict[str, str]] = {}
    for line in TABLE.strip().splitlines()[1:]:
        shape, *cells = (cell.strip() for cell in line.split("|"))
        mti, processing, kind, entry = shape.split()
        names = {condition: cell for column, cell in zip(COLUMNS, cells, strict=True) for condition in column}
        if cells[0].startswith("*"):
            names |= {"": cells[0][1:].strip(), "00": NOTHING}
        found[mti, processing, kind, entry] = names
    return found


DRAWN = _drawn()


def _expected(mti: str, processing: str, kind: str, entry: str, condition: str) -> str:
    rows = (
        (mti, processing, kind, entry[:2]),
        (mti, processing, kind, "any"),
        (mti, "any", "any", "any"),
        ("any", "any", "any", "any"),
    )
    return next(DRAWN[row][condition] for row in rows if row in DRAWN)


def _called(mti: str, processing: str, kind: str, entry: str, condition: str) -> str:
    fields: dict[int, str | bytes] = {3: processing, 22: entry, 25: condition, 60: f"{kind}000001000"}
    found = transaction_of(Message(mti, {number: value for number, value in fields.items() if value}))
    return NOTHING if found is None else found.name


@pytest.mark.parametrize("mti", MTIS)
@pytest.mark.parametrize("condition", CONDITIONS)
def test_every_message_about_money_is_what_the_table_says(mti: str, condition: str) -> None:
    for processing, kind, entry in itertools.product(PROCESSING, KINDS, ENTRIES):
        shape = (processing, kind, entry, condition)
        assert _called(mti, *shape) == _expected(mti, *shape), (mti, *shape)
        answer = f"{mti[:2]}{int(mti[2]) + 1}{mti[3]}"
        assert _called(answer, *shape) == _expected(mti, *shape), f"the answer {answer} is called as its request"


def test_the_table_draws_every_transaction_with_a_processing_code_and_no_other() -> None:
    names = set(itertools.chain(*(row.values() for row in DRAWN.values()))) - {NOTHING}
    assert names == {row.name for row in TRANSACTIONS if row.mti in MTIS}
    assert {row.processing for row in TRANSACTIONS} <= {"", *PROCESSING}
    assert {row.kind for row in TRANSACTIONS if row.mti in MTIS} <= {"", *KINDS}


def test_no_row_that_moves_money_takes_any_condition() -> None:
    for row in TRANSACTIONS:
        if row.conditions is None and row.processing:
            pytest.fail(f"{row.name} takes whatever field 25 says")


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_message_about_the_terminal_is_the_same_with_any_condition(condition: str) -> None:
    for row in TRANSACTIONS:
        if row.mti[1] not in "12" and row.mti != "0400":
            private = f"{row.kind}000001{row.network or '301'}"
            assert transaction_of(Message(row.mti, {25: condition, 60: private})) is row
