"""What terminals tell without moving money: their status, what came of a script, the customer's signature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from support.card_counter import MEIS_CODE, TID, CardCounter
from support.world import TEA, at_once
from xiaopos.fleet.asks import TerminalAsk
from xiaopos.kernel.refusal import REASONS, Reason, Refused
from xiaopos.kernel.secret import Secret
from xiaopos.payments.payment import Payment
from xiaopos.terminal.outcome import Outcome
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.keep_signature import SignatureLook, show_signature
from xiaopos.usecases.notices import KeptSignature, ScriptNotice, ScriptPassedOn, TerminalStatus
from xiaopos.wire.iso8583 import Message

CODE = {reason: row.response_code for reason, row in REASONS.items()}
RESULT = bytes.fromhex("DF310520000000019F3602001A9505000000000082027C009F2608" + "11" * 8)
PICTURE = b"\x00\x01jbig" + bytes(range(200))


@pytest.fixture
def counter() -> CardCounter:
    made = CardCounter()
    assert made.signs_in().approved
    return made


def payment(counter: CardCounter) -> Payment:
    (found,) = counter.world.books.payments.values()
    return found


def tells(counter: CardCounter, message: Message, *, seal: bool = True) -> str:
    answer = counter.asks(message, seal=seal)
    assert answer is not None
    assert answer.mti == message.mti[:2] + "30"
    assert (64 in answer.fields) is (seal and answer.text(39) != CODE[Reason.MAC_WRONG])
    return answer.text(39)


def status(content: bytes | None) -> Message:
    fields: dict[int, str | bytes] = {41: TID, 42: TEA, 60: "00000001362"}
    return Message("0820", fields | ({} if content is None else {62: content}))


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        (None, ""),
        ("电池 80%".encode("gbk"), "电池 80%"),
        (b"\x00\x01", "0001"),
        (b"\xff\xff", "FFFF"),
        (b"last card 6200000000000000018.", "last card *******************."),
    ],
)
def test_a_status_is_kept_with_the_frames_header(counter: CardCounter, content: bytes | None, kept: str) -> None:
    counter.world.books.asks[TID, TerminalAsk.STATUS] = counter.world.clock.now()
    assert tells(counter, status(content), seal=False) == "00"
    assert counter.world.books.asks == {}
    assert counter.world.books.notices == [
        TerminalStatus(counter.world.books.terminals[TID].terminal_id, counter.world.clock.now(), "603210320001", kept)
    ]


def test_a_status_that_cannot_be_recorded_is_refused(counter: CardCounter) -> None:
    counter.world.books.busy = True
    assert tells(counter, status(b"x"), seal=False) == CODE[Reason.BUSY]


def script(sold: Outcome, chip: bytes = RESULT, **parts: str) -> Message:
    fields: dict[int, str | bytes] = {
        4: "000000001250", 11: "000009", 22: "051", 41: TID, 42: TEA, 49: "156", 55: chip, 60: "00000001951",
        61: f"{sold.batch_number:06d}{sold.stan:06d}0314",
    }  # fmt: skip
    return Message("0620", fields | {int(name[1:]): value for name, value in parts.items()})


def test_a_scripts_result_is_kept_with_its_payment_once(counter: CardCounter) -> None:
    sold = counter.sells()
    for _ in range(2):
        assert tells(counter, script(sold)) == "00"
    assert counter.world.books.notices == [
        ScriptNotice(
            payment(counter).merchant_id, payment(counter).payment_id, payment(counter).terminal_id, 1, 9,
            counter.world.clock.now(), "2000000001",
            (("95", "0000000000"), ("82", "7C00"), ("9F26", "11" * 8), ("9F36", "001A")),
        )
    ]  # fmt: skip
    counter.world.the_machine_works()
    assert isinstance(counter.world.books.notices[-1], ScriptPassedOn), "the card network hears of it"
    counter.world.the_books_balance()


def test_a_script_notice_names_its_payment_and_brings_a_result(counter: CardCounter) -> None:
    sold = counter.sells()
    wrong = CODE[Reason.FORMAT_WRONG]
    assert tells(counter, script(sold, f61="0000010000770314")) == CODE[Reason.ORIGINAL_UNKNOWN]
    assert tells(counter, script(sold, f37="999999999999")) == CODE[Reason.ORIGINAL_UNKNOWN]
    assert tells(counter, script(sold, f37=payment(counter).rrn)) == "00"
    assert tells(counter, script(sold, bytes.fromhex("9505000000000000"[:14]))) == wrong
    for missing in (55, 61):
        message = script(sold)
        del message.fields[missing]
        assert tells(counter, message) == wrong
    assert tells(counter, script(sold), seal=False) == wrong
    counter.world.books.busy = True
    assert tells(counter, script(sold)) == CODE[Reason.BUSY]


def signature(sold: Outcome, picture: bytes = PICTURE, **parts: str) -> Message:
    fields: dict[int, str | bytes] = {
        4: "000000001250", 11: f"{sold.stan:06d}", 41: TID, 42: TEA, 60: f"07{sold.batch_number:06d}301", 62: picture,
    }  # fmt: skip
    return Message("0820", fields | {int(name[1:]): value for name, value in parts.items()})


def kept(counter: CardCounter) -> list[KeptSignature]:
    return [one for one in counter.world.books.notices if isinstance(one, KeptSignature)]


def test_a_signature_is_kept_sealed_with_its_payment_once(counter: CardCounter) -> None:
    sold = counter.sells()
    for _ in range(2):
        assert tells(counter, signature(sold)) == "00"
    (one,) = kept(counter)
    assert (one.payment_id, one.terminal_id) == (payment(counter).payment_id, TID)
    assert b"jbig" not in one.sealed.encode()
    assert tells(counter, signature(sold, b"another")) == CODE[Reason.REPEAT_DIFFERS]
    assert kept(counter) == [one]


def test_a_signature_may_name_its_payment_in_other_ways(counter: CardCounter) -> None:
    sold = counter.sells()
    named = payment(counter).rrn
    assert tells(counter, signature(sold, f11="000077", f37=named)) == "00"
    assert tells(counter, signature(sold, f11="000078", f61=f"{1:06d}{sold.stan:06d}0314")) == "00"
    without_amount = signature(sold)
    del without_amount.fields[4]
    assert tells(counter, without_amount) == "00"
    assert len(kept(counter)) == 1


def test_a_signature_of_nothing_or_of_something_else_is_refused(counter: CardCounter) -> None:
    sold = counter.sells()
    unknown = CODE[Reason.ORIGINAL_UNKNOWN]
    assert tells(counter, signature(sold, f11="000077")) == unknown
    assert tells(counter, signature(sold, f4="000000001251")) == unknown
    forged = signature(sold)
    forged.fields[64] = bytes(8)
    assert tells(counter, forged, seal=False) == CODE[Reason.MAC_WRONG]
    empty = signature(sold)
    del empty.fields[62]
    assert tells(counter, empty) == CODE[Reason.FORMAT_WRONG]
    counter.world.the_issuer_declines()
    declined = counter.sells()
    assert tells(counter, signature(declined)) == CODE[Reason.ORIGINAL_NOT_APPROVED]
    code = counter.asks(counter.code_sale(MEIS_CODE, f11="000050"))
    assert code is not None
    assert tells(counter, signature(replace(sold, stan=50))) == unknown
    counter.world.books.busy = True
    assert tells(counter, signature(sold)) == CODE[Reason.BUSY]
    assert kept(counter) == []


def test_a_fault_while_something_is_told_is_told_as_a_fault(counter: CardCounter) -> None:
    sold = counter.sells()
    recall = counter.world.books.recall_voucher

    async def broken(*_: Any) -> Payment | None:
        raise AssertionError("a bug")

    counter.world.books.recall_voucher = broken  # type: ignore[method-assign, assignment]  # a bug of ours
    assert tells(counter, signature(sold)) == CODE[Reason.FAULT]
    assert tells(counter, script(sold)) == CODE[Reason.FAULT]
    counter.world.books.recall_voucher = recall  # type: ignore[method-assign]  # and it is mended
    assert tells(counter, script(sold)) == "00"


def test_a_signature_is_shown_to_who_says_why_and_it_is_written_down(counter: CardCounter) -> None:
    sold = counter.sells()
    looks: list[SignatureLook] = []

    class Trail:
        def note(self, look: SignatureLook) -> None:
            looks.append(look)

    def ask(verb: Callable[..., Any]) -> Any:
        return at_once(verb(counter.world.house))

    paid = payment(counter)
    qian = Actor("qian", "finance", "a dispute")
    look = SignatureLook(paid.merchant_id, paid.payment_id, qian, counter.world.clock.now())
    nothing = show_signature(look, Trail(), ask)
    assert isinstance(nothing, Refused)
    assert nothing.reason is Reason.ORIGINAL_UNKNOWN
    assert tells(counter, signature(sold)) == "00"
    assert show_signature(look, Trail(), ask) == Secret(PICTURE)
    assert looks == [look, look]
    mute = replace(look, actor=replace(qian, reason=" "))
    assert show_signature(mute, Trail(), ask) == Refused(Reason.NOTE_MISSING)
    assert len(looks) == 2


ISSUER_SAYS = bytes.fromhex("910A11223344556677883030" + "72079F180400000001")


def test_what_the_issuer_tells_the_chip_reaches_the_terminal_and_is_kept_nowhere(counter: CardCounter) -> None:
    counter.world.acquirer.issuer_data = ISSUER_SAYS
    approved = counter.asks(counter.sale())
    counter.world.the_issuer_declines()
    declined = counter.asks(counter.sale(f11="000002"))
    enquiry = counter.sale(
        f3="310000", f4=None, f11="000003", f22="021", f52=bytes(8), f53="2600000000000000", f60="01000001000"
    )
    asked = counter.asks(enquiry)
    for answer in (approved, declined, asked):
        assert answer is not None
        assert answer.raw(55) == ISSUER_SAYS
