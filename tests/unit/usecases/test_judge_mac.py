"""What the MAC of a pasted message is worth, judged with the key of the terminal that it names."""

from __future__ import annotations

from datetime import date

import pytest

from support.card_counter import ENVELOPE, TID, CardCounter
from support.world import at_once
from xiaopos.keys import KeyAlgorithm, KeyUsage, MacKind, WrappedKey
from xiaopos.usecases.judge_mac import MacJudgement, MacVerdict, judge_mac
from xiaopos.usecases.ports import House
from xiaopos.wire.reading import MacQuestion, read_bytes


def judged(counter: CardCounter, raw: bytes, house: House | None = None) -> MacJudgement:
    question = read_bytes(raw).messages[0].mac
    assert question is not None
    world = counter.world
    return at_once(judge_mac(question, date(2026, 3, 14), world.house if house is None else house))


@pytest.fixture
def counter() -> CardCounter:
    """A terminal that has signed in."""
    made = CardCounter()
    made.signs_in()
    return made


def test_a_terminals_own_message_is_right(counter: CardCounter) -> None:
    frame = ENVELOPE + counter.body(counter.sale())
    assert judged(counter, frame) == MacJudgement(MacVerdict.RIGHT, "unionpay-3des-2012", MacKind.UNIONPAY_ECB)


def test_a_changed_message_is_wrong(counter: CardCounter) -> None:
    body = counter.body(counter.sale())
    cheaper = body.replace(bytes.fromhex("000000001250"), bytes.fromhex("000000000050"))
    assert cheaper != body
    assert judged(counter, ENVELOPE + cheaper).verdict is MacVerdict.WRONG


def test_the_right_key_used_in_another_way_is_said_to_be(counter: CardCounter) -> None:
    tak = counter.world.books.terminals[TID].tak
    assert tak is not None
    unsigned = counter.body(counter.sale())[:-8]
    mac = counter.world.vault.mac(key=tak, data=unsigned, kind=MacKind.X9_9)
    told = judged(counter, ENVELOPE + unsigned + mac)
    assert told == MacJudgement(MacVerdict.OTHER_KIND, "unionpay-3des-2012", MacKind.X9_9)


def test_who_has_no_key_cannot_be_judged(counter: CardCounter) -> None:
    frame = ENVELOPE + counter.body(counter.sale())
    counter.changes(tak=None)
    assert judged(counter, frame) == MacJudgement(MacVerdict.NO_KEY, "unionpay-3des-2012")
    stranger = MacQuestion("87654321", "", b"", bytes(8))
    told = at_once(judge_mac(stranger, date(2026, 3, 14), counter.world.house))
    assert told == MacJudgement(MacVerdict.TERMINAL_UNKNOWN)


def test_a_vault_that_refuses_is_said_to(counter: CardCounter) -> None:
    frame = ENVELOPE + counter.body(counter.sale())
    strange = WrappedKey(KeyUsage.TAK, KeyAlgorithm.DES, "00000000", b"\x00" * 24)
    counter.changes(tak=strange)
    assert judged(counter, frame).verdict is MacVerdict.VAULT_REFUSED
