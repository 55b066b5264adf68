"""What the card desk answers: to a real device, and to every kind of message that no device should send."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.card_counter import CODEC, ENVELOPE, MEIS_CARD, TID, CardCounter
from support.pretend_channels import Mood
from support.world import LIMIT, TEA, at_once, terminal_facts
from xiaopos.kernel.refusal import REASONS, Reason
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyUsage
from xiaopos.payments.payment import Kind as PaymentKind
from xiaopos.payments.payment import Payment
from xiaopos.payments.states import State
from xiaopos.terminal.cards import How
from xiaopos.terminal.messages import Original
from xiaopos.terminal.outcome import Kind
from xiaopos.wire.iso8583 import Message
from xiaopos.wire.iso8583.terminal_fields import BatchDetail

VECTORS = Path(__file__).resolve().parents[2] / "vectors"
CODE = {reason: row.response_code for reason, row in REASONS.items()}


@pytest.fixture
def counter() -> CardCounter:
    made = CardCounter()
    assert made.signs_in().approved
    return made


def payments(counter: CardCounter) -> list[Payment]:
    return list(counter.world.books.payments.values())


def nothing_happened(counter: CardCounter) -> None:
    """No payment, and no channel was asked."""
    assert payments(counter) == []
    assert counter.world.acquirer.asked == counter.world.wallet.asked == []


@pytest.mark.parametrize(("how", "pin"), [(How.TAP, None), (How.INSERT, "123456"), (How.SWIPE, "123456")])
@pytest.mark.parametrize("profile", ["unionpay-3des-2012", "unionpay-3des-track-2012"])
def test_a_device_signs_in_and_sells(profile: str, how: How, pin: str | None) -> None:
    counter = CardCounter(profile)
    assert counter.signs_in().approved
    sold = counter.sells(how=how, pin=pin)
    assert (sold.kind, sold.amount and sold.amount.minor) == (Kind.APPROVED, 12_50)
    (payment,) = payments(counter)
    assert (payment.rrn, payment.approval_code, payment.state) == (sold.rrn, sold.approval_code, State.APPROVED)
    assert payment.card is not None
    assert bool(payment.card.chip) == (how is not How.SWIPE)


def test_a_device_voids_refunds_settles_and_signs_off(counter: CardCounter) -> None:
    first, second = counter.sells(), counter.sells(20_00)
    assert counter.passes(counter.device.void(first.stan)).approved
    refund = counter.device.refund(5_00, Original(second.rrn, second.batch_number, second.stan))
    assert counter.passes(refund).approved
    assert [payment.kind for payment in payments(counter)] == [
        PaymentKind.SALE, PaymentKind.SALE, PaymentKind.VOID, PaymentKind.REFUND,
    ]  # fmt: skip
    assert counter.passes(counter.device.echo()).approved
    settled = counter.passes(counter.device.settle())
    assert (settled.approved, settled.balanced) == (True, True)
    assert counter.passes(counter.device.sign_off()).approved
    counter.world.the_books_balance()


def test_a_batch_whose_totals_differ_says_so_to_the_terminal(counter: CardCounter) -> None:
    counter.sells()
    totals = "0" * 62
    asked = Message("0500", {11: "000009", 41: TID, 42: TEA, 48: totals, 49: "156", 60: "00000001201"})
    answer = counter.asks(asked, seal=False)
    assert answer is not None
    assert (answer.text(39), answer.text(48)[30]) == ("00", "2")
    again = counter.asks(asked, seal=False)
    assert again is not None
    assert (again.text(39), again.text(48)[30]) == ("00", "2")
    other = counter.asks(Message("0500", asked.fields | {48: "1" * 62}), seal=False)
    assert other is not None
    assert other.text(39) == CODE[Reason.BATCH_WRONG]


def test_a_batch_is_uploaded_and_compared(counter: CardCounter) -> None:
    first, second = counter.sells(), counter.sells(20_00)
    totals = Message("0500", {11: "000009", 41: TID, 42: TEA, 48: "0" * 62, 49: "156", 60: "00000001201"})
    assert counter.asks(totals, seal=False) is not None

    def uploads(network: str, **more: str) -> str:
        fields: dict[int, str | bytes] = {11: "000010", 41: TID, 42: TEA, 60: f"00000001{network}"}
        fields |= {int(name[1:]): value for name, value in more.items()}
        answer = counter.asks(Message("0320", fields), seal=False)
        assert answer is not None
        assert answer.mti == "0330"
        return answer.text(39)

    pan = MEIS_CARD.pan.digits
    stripe = BatchDetail.text_of([BatchDetail(False, first.stan, pan, 12_50)])
    assert uploads("201", f48=stripe) == "00"
    assert uploads("203", f2=pan, f4="000000002100", f11=f"{second.stan:06d}") == "00"
    assert uploads("204", f2=pan, f4="000000009900", f11="000077") == "00"
    assert uploads("205") == "00"
    assert uploads("201", f48="03" + stripe[2:]) == CODE[Reason.FORMAT_WRONG]
    assert uploads("202") == CODE[Reason.FORMAT_WRONG]
    assert uploads("202", f48="0002") == "00"
    assert sorted(counter.world.found()) == ["batch_item_amount", "batch_totals"]
    elsewhere = Message("0320", {11: "000011", 41: TID, 42: TEA, 48: "0000", 60: "00000009202"})
    answer = counter.asks(elsewhere, seal=False)
    assert answer is not None
    assert answer.text(39) == CODE[Reason.BATCH_WRONG]


def test_a_decline_and_half_an_approval_are_told_as_they_are(counter: CardCounter) -> None:
    counter.world.the_issuer_declines()
    declined = counter.sells()
    assert (declined.kind, declined.response_code) == (Kind.DECLINED, "51")
    counter.world.acquirer.moods.append(Mood.APPROVE_HALF)
    half = counter.sells(10_00)
    assert (half.kind, half.response_code, half.amount and half.amount.minor) == (Kind.APPROVED, "10", 5_00)


def test_an_unknown_outcome_is_taken_back_by_the_terminal(counter: CardCounter) -> None:
    counter.world.acquirer.moods.append(Mood.LOSE_ANSWER)
    assert counter.sells().kind is Kind.UNKNOWN
    assert counter.passes(counter.device.pay_up()).approved
    counter.world.the_machine_works()
    assert [payment.state for payment in payments(counter)] == [State.REVERSED]


def test_a_payment_code_is_taken_in_both_dialects(counter: CardCounter) -> None:
    answer = counter.asks(counter.code_sale())
    assert answer is not None
    assert answer.text(39) == "00"
    assert payments(counter)[0].payer == "m***i"


def test_the_recorded_frame_is_accepted_and_answered_with_a_mac(counter: CardCounter) -> None:
    vector = json.loads((VECTORS / "unionpay_real_qr_sale_mac.json").read_text(encoding="utf8"))
    world = counter.world
    published = (Secret(bytes.fromhex(vector["tak_hex"][:16])), Secret(bytes(8)))
    tak = world.vault.combine(components=published, usage=KeyUsage.TAK, algorithm=KeyAlgorithm.DES)
    world.books.add(
        [terminal_facts("00000001", "952718182217875", "样例", profile="regional-qr-2020", tak=tak, batch_number=1)]
    )
    answer = at_once(counter.desk.answer(bytes.fromhex(vector["frame_hex"])[2:]))
    assert answer is not None
    read = CODEC.decode(answer[2 + 11 :])
    assert read.mti == "0210"
    # The recorded code begins with 28, Alipay's range, and this house has no such wallet.
    assert read.text(39) == CODE[Reason.WALLET_NOT_ACCEPTED]
    assert 64 in read.fields
    spoilt = bytes.fromhex(vector["frame_hex"])[2:-1] + b"0"
    answer = at_once(counter.desk.answer(spoilt))
    assert answer is not None
    assert CODEC.decode(answer[13:]).text(39) == CODE[Reason.MAC_WRONG]


REFUSED = [
    ({"f4": "000000000000"}, Reason.AMOUNT_ZERO),
    ({"f4": f"{LIMIT + 1:012d}"}, Reason.AMOUNT_OVER_LIMIT),
    ({"f49": "999"}, Reason.FORMAT_WRONG),
    ({"f49": None}, Reason.FORMAT_WRONG),
    ({"f4": None}, Reason.FORMAT_WRONG),
    ({"f11": None}, Reason.FORMAT_WRONG),
    ({"f2": None}, Reason.PAN_WRONG),
    ({"f2": "12345"}, Reason.FORMAT_WRONG),
    ({"f60": "22000002000"}, Reason.BATCH_WRONG),
    ({"f60": "22"}, Reason.FORMAT_WRONG),
    ({"f42": "898110058120009"}, Reason.MERCHANT_MISMATCH),
    ({"f3": "990000"}, Reason.TRANSACTION_UNSUPPORTED),
    ({"f3": "330000", "f60": "01000001000"}, Reason.TRANSACTION_UNSUPPORTED),
    ({"f52": b"\x01" * 8}, Reason.FORMAT_WRONG),
    ({"f53": "2670000000000000", "f52": b"\x01" * 8}, Reason.FORMAT_WRONG),
    ({"f55": b"\x9f\x26\x08"}, Reason.FORMAT_WRONG),
    ({"f55": bytes.fromhex("9F0206000000001249")}, Reason.FORMAT_WRONG),
    ({"f55": bytes.fromhex("5F2A020344")}, Reason.FORMAT_WRONG),
    ({"f2": None, "f35": "6200000000000000018=3012", "f53": "0010000000000000"}, Reason.KEY_FAULT),
]


@pytest.mark.parametrize(("parts", "reason"), REFUSED, ids=[f"{reason.value}-{parts}" for parts, reason in REFUSED])
def test_a_wrong_sale_is_refused_by_its_name_and_nothing_happens(
    counter: CardCounter, parts: dict[str, str | bytes | None], reason: Reason
) -> None:
    answer = counter.asks(counter.sale(**parts))
    assert answer is not None
    assert answer.text(39) == CODE[reason]
    nothing_happened(counter)
    assert counter.sells().approved, "the next one is not harmed"


def test_a_payment_code_that_no_wallet_owns_and_one_that_is_not_taken_here(counter: CardCounter) -> None:
    unowned = counter.asks(counter.code_sale("770000000000000001"))
    assert unowned is not None
    assert unowned.text(39) == CODE[Reason.PAYER_CODE_UNKNOWN] == "14"
    elsewhere = counter.asks(counter.code_sale("130000000000000001"))
    assert elsewhere is not None
    assert elsewhere.text(39) == CODE[Reason.WALLET_NOT_ACCEPTED] == "40"
    nothing_happened(counter)


def test_a_wrong_mac_is_a0_without_a_mac_of_ours_and_nothing_happens(counter: CardCounter) -> None:
    body = counter.body(counter.sale())
    answer = counter.asks_bytes(body[:-8] + b"00000000")
    assert answer is not None
    read = CODEC.decode(answer)
    assert (read.text(39), 64 in read.fields) == ("A0", False)
    nothing_happened(counter)


def test_a_changed_amount_is_a_wrong_mac(counter: CardCounter) -> None:
    body = counter.body(counter.sale())
    dearer = body.replace(bytes.fromhex("000000001250"), bytes.fromhex("000000101250"))
    assert dearer != body
    answer = counter.asks_bytes(dearer)
    assert answer is not None
    assert CODEC.decode(answer).text(39) == "A0"
    nothing_happened(counter)


def test_money_without_a_mac_is_a_format_error(counter: CardCounter) -> None:
    answer = counter.asks(counter.sale(), seal=False)
    assert answer is not None
    assert (answer.text(39), 64 in answer.fields) == ("30", False)
    nothing_happened(counter)


@pytest.mark.parametrize("parts", [{"f42": "898110058120009"}, {"f3": "990000"}, {"f41": "99999999"}])
def test_a_stranger_gets_no_mac_over_what_it_sends(counter: CardCounter, parts: dict[str, str | bytes | None]) -> None:
    body = counter.body(counter.sale(**parts))
    answer = counter.asks_bytes(body[:-8] + b"00000000")
    assert answer is not None
    assert 64 not in CODEC.decode(answer).fields


def test_a_terminal_that_is_unknown_switched_off_or_not_signed_in(counter: CardCounter) -> None:
    unknown = counter.asks(counter.sale(f41="99999999"))
    assert unknown is not None
    assert unknown.text(39) == "97"
    counter.changes(terminal_active=False)
    off = counter.asks(counter.sale())
    assert off is not None
    assert off.text(39) == CODE[Reason.TERMINAL_NOT_ACTIVE]
    counter.changes(terminal_active=True, merchant_active=False)
    closed = counter.asks(counter.sale())
    assert closed is not None
    assert closed.text(39) == CODE[Reason.MERCHANT_NOT_ACTIVE]
    counter.changes(merchant_active=True, signed_in=False)
    out = counter.asks(counter.sale())
    assert out is not None
    assert (out.text(39), 64 in out.fields) == ("99", False)
    nothing_happened(counter)


@pytest.mark.parametrize(("layout", "expected"), [("001", Reason.KEY_FAULT), ("004", Reason.KEY_FAULT)])
def test_a_sign_in_for_other_keys_than_the_profiles_is_a_key_fault(
    counter: CardCounter, layout: str, expected: Reason
) -> None:
    asked = Message("0800", {11: "000001", 41: TID, 42: TEA, 60: f"00000001{layout}", 62: b"SEQUENCE NO10000001"})
    answer = counter.asks(asked, seal=False)
    assert answer is not None
    assert answer.text(39) == CODE[expected]


def test_what_is_not_offered_is_unsupported(counter: CardCounter) -> None:
    for message in (
        Message("0820", {11: "000001", 41: TID, 42: TEA, 60: "00000001401"}),
        Message("0800", {11: "000001", 41: TID, 42: TEA, 60: "00000001777"}),
    ):
        answer = counter.asks(message, seal=False)
        assert answer is not None
        assert answer.text(39) == CODE[Reason.TRANSACTION_UNSUPPORTED]


@pytest.mark.parametrize("mti", ["0210", "0810", "0290", "0430"])
def test_nobody_answers_an_answer(counter: CardCounter, mti: str) -> None:
    before = counter.world.books.terminals[TID]
    fields: dict[int, str | bytes] = {11: "000001", 41: TID, 42: TEA, 60: "00000001003"}
    assert counter.asks(Message(mti, fields), seal=False) is None
    assert counter.world.books.terminals[TID] == before


@pytest.mark.parametrize(
    "raw",
    [b"", b"\x00", b"GET / HTTP/1.1\r\n\r\n", bytes(40), b"\xff" * 40, ENVELOPE, ENVELOPE + b"\x02\x00"],
    ids=lambda raw: raw[:4].hex() or "empty",
)
def test_garbage_is_dropped(counter: CardCounter, raw: bytes) -> None:
    assert at_once(counter.desk.answer(raw)) is None
    nothing_happened(counter)


def test_wrong_lengths_are_a_format_error_when_somebody_can_be_answered(counter: CardCounter) -> None:
    body = CODEC.encode(Message("0200", {3: "000000", 11: "000001", 41: TID, 42: TEA, 60: "22000001000"}))
    answer = counter.asks_bytes(body + b"too much")
    assert answer is not None
    assert CODEC.decode(answer).text(39) == "30"
    assert counter.asks_bytes(body[:20]) is None
    no_one = CODEC.encode(Message("0200", {3: "000000", 11: "000001"}))
    assert counter.asks_bytes(no_one) is None
    answered = CODEC.encode(Message("0210", {3: "000000", 11: "000001", 41: TID, 42: TEA}))
    assert counter.asks_bytes(answered + b"too much") is None
    nothing_happened(counter)


def test_every_cut_of_a_good_message_is_refused_or_dropped(counter: CardCounter) -> None:
    body = counter.body(counter.sale())
    for length in range(len(body)):
        answer = counter.asks_bytes(body[:length])
        assert answer is None or CODEC.decode(answer).text(39) == "30"
    nothing_happened(counter)


def test_every_flipped_byte_of_a_good_message_moves_nothing(counter: CardCounter) -> None:
    body = counter.body(counter.sale())
    for place in range(len(body)):
        spoilt = body[:place] + bytes((body[place] ^ 0x15,)) + body[place + 1 :]
        answer = counter.asks_bytes(spoilt)
        assert answer is None or CODEC.decode(answer).text(39) != "00"
    nothing_happened(counter)


def test_a_lost_database_is_told_as_unknown_to_who_moves_money_and_as_a_fault_to_others(counter: CardCounter) -> None:
    sale, echo = counter.body(counter.sale()), Message("0820", {11: "000001", 41: TID, 42: TEA, 60: "00000001301"})
    counter.world.books.lost = True
    answer = counter.asks_bytes(sale)
    assert answer is not None
    assert CODEC.decode(answer).text(39) == CODE[Reason.OUTCOME_UNKNOWN] == "98"
    other = counter.asks(echo, seal=False)
    assert other is not None
    assert other.text(39) == CODE[Reason.FAULT]


def test_a_bug_after_the_claim_is_never_told_as_declined(counter: CardCounter) -> None:
    def bug() -> None:
        raise RuntimeError("a pretend bug")

    counter.world.acquirer.while_asked = bug
    assert counter.sells().kind is Kind.UNKNOWN
    counter.world.acquirer.while_asked = None
    assert counter.passes(counter.device.pay_up()).approved
    counter.world.the_machine_works()
    counter.world.the_books_balance()


def test_a_crowded_writer_is_told_as_busy(counter: CardCounter) -> None:
    counter.world.books.busy = True
    answer = counter.asks(counter.sale())
    assert answer is not None
    assert answer.text(39) == CODE[Reason.BUSY]


def test_a_reversal_that_cannot_be_taken_is_refused(counter: CardCounter) -> None:
    sold = counter.sells()
    fields: dict[int, str | bytes] = {
        3: "000000", 4: "000000009999", 11: f"{sold.stan:06d}", 22: "012", 25: "00", 39: "98", 41: TID, 42: TEA,
        49: "156", 60: "22000001000",
    }  # fmt: skip
    answer = counter.asks(Message("0400", fields))
    assert answer is not None
    assert answer.text(39) == CODE[Reason.VOID_AMOUNT_DIFFERS]


def test_a_void_names_its_original_by_number_or_voucher_and_not_at_all_is_a_format_error(counter: CardCounter) -> None:
    sold = counter.sells()
    void = {"f3": "200000", "f11": "000077", "f2": None, "f14": None, "f60": "23000001000"}
    nameless = counter.asks(counter.sale(**void))
    assert nameless is not None
    assert nameless.text(39) == "30"
    zeros = counter.asks(counter.sale(**void, f61="0000010000000314"))
    assert zeros is not None
    assert zeros.text(39) == "30"
    by_voucher = counter.asks(counter.sale(**void, f61=f"000001{sold.stan:06d}0314"))
    assert by_voucher is not None
    assert by_voucher.text(39) == "00"


def test_the_terminals_clock_is_taken_when_it_makes_sense(counter: CardCounter) -> None:
    counter.asks(counter.sale(f12="093000", f13="0314"))
    counter.asks(counter.sale(f11="000002", f12="993000", f13="1399"))
    first, second = payments(counter)
    assert first.terminal_time is not None
    assert (first.terminal_time.year, second.terminal_time) == (2026, None)


def test_a_card_is_found_in_track_or_chip_when_no_number_was_sent(counter: CardCounter) -> None:
    counter.asks(counter.sale(f2=None, f14=None, f35="6200000000000000018=30122010000000000"))
    chip = bytes.fromhex("57136200000000000000018D30122010000000000F")
    counter.asks(counter.sale(f2=None, f11="000002", f55=chip))
    counter.asks(counter.sale(f2=None, f11="000003", f55=bytes.fromhex("5A0A6200000000000000018F")))
    masked = {payment.card.masked for payment in payments(counter) if payment.card}
    assert (len(payments(counter)), masked) == (3, {"620000*********0018"})


def test_the_same_request_again_gets_the_same_answer_and_is_charged_once(counter: CardCounter) -> None:
    first, again = counter.asks(counter.sale()), counter.asks(counter.sale())
    assert first is not None
    assert again is not None
    assert (first.text(39), first.text(37)) == (again.text(39), again.text(37)) == ("00", first.text(37))
    other = counter.asks(counter.sale(f4="000000009900"))
    assert other is not None
    assert other.text(39) == CODE[Reason.REPEAT_DIFFERS]
    assert len(counter.world.acquirer.asked) == 1


def test_a_refused_sign_off_is_told(counter: CardCounter) -> None:
    counter.world.books.busy = True
    refused = counter.passes(counter.device.sign_off())
    assert refused.response_code == CODE[Reason.BUSY]
