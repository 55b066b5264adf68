"""A terminal that works: signing in, selling each way, voiding, refunding, settling."""

from __future__ import annotations

import json

import pytest

from support.terminal_counter import CARD, NOW, Counter, new_counter
from support.terminal_host import TerminalHost
from xiaopos.kernel.refusal import MoneyMoved, Reason, Refused
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyUsage
from xiaopos.terminal.cards import CardRead, How
from xiaopos.terminal.memory import totals
from xiaopos.terminal.messages import Original
from xiaopos.terminal.outcome import Action, Kind
from xiaopos.terminal.states import State


def last(host: TerminalHost) -> dict[int, str | bytes]:
    """The fields of what the host heard last."""
    return host.heard[-1].fields


def test_signing_in_takes_the_keys_and_the_batch_number(counter: Counter) -> None:
    outcome = counter.signs_in()
    assert (outcome.kind, outcome.batch_number) == (Kind.APPROVED, 7)
    assert counter.device.state is State.READY
    assert outcome.host_time == "0601080000"
    heard = last(counter.host)
    assert heard[60] == "00000001003"
    assert heard[62] == b"Sequence No12312500000001"
    assert heard[63] == "01 "
    assert 64 not in heard


@pytest.mark.parametrize("batch", [0, 999_999])
def test_a_batch_number_outside_the_allowed_range_is_not_adopted(counter: Counter, batch: int) -> None:
    counter.host.mood.batch = batch
    counter.signs_in()
    assert counter.device.remembered.batch_number == 1


@pytest.mark.parametrize(
    ("how", "pin", "entry", "capability"),
    [
        (How.TAP, None, "072", "6"),
        (How.TAP, "123456", "071", "6"),
        (How.INSERT, "123456", "051", "5"),
        (How.SWIPE, None, "022", "5"),
        (How.SWIPE, "123456", "021", "5"),
    ],
)
def test_a_sale_each_way(open_counter: Counter, how: How, pin: str | None, entry: str, capability: str) -> None:
    outcome = open_counter.sells(1250, how, pin)
    assert outcome.approved
    assert outcome.money_moved is MoneyMoved.YES
    assert outcome.amount is not None
    assert outcome.amount.minor == 1250
    assert outcome.masked_pan == "622556******5170"
    heard = last(open_counter.host)
    assert heard[22] == entry
    assert heard[60] == f"22000007000{capability}0"
    assert (55 in heard, 23 in heard) == (how.has_chip_data, how.has_chip_data)
    assert open_counter.host.pins_right == ([True] if pin else [])
    assert heard.get(53) == ("2600000000000000" if pin else None)
    assert open_counter.device.state is State.READY


def test_chip_data_carry_the_amount_and_a_cryptogram(open_counter: Counter) -> None:
    open_counter.sells(1250, How.INSERT, "123456")
    chip = open_counter.host.heard[-1].raw(55)
    assert bytes.fromhex("9F0206000000001250") in chip
    assert bytes.fromhex("5F2A020156") in chip
    assert bytes.fromhex("9F2608") in chip
    assert bytes.fromhex("9A03260601") in chip


def test_a_track_key_encrypts_the_track() -> None:
    counter = new_counter("unionpay-3des-track-2012")
    assert counter.signs_in().approved
    assert counter.sells(1250, How.SWIPE).approved
    heard = last(counter.host)
    assert heard[53] == "0610000000000000"
    assert heard[35] != CARD.track2().value.decode()
    assert counter.host.tdk is not None
    track = counter.host.vault.decrypt_track(key=counter.host.tdk, track=Secret(str(heard[35]).encode()))
    assert track.value.decode().replace("D", "=") == CARD.track2().value.decode()
    assert counter.sells(1250, How.SWIPE, "123456").approved
    assert last(counter.host)[53] == "2610000000000000"


def test_single_length_keys_take_cards_without_a_pin_only() -> None:
    counter = new_counter("unionpay-des-2012")
    assert counter.signs_in().approved
    assert counter.sells().approved
    refused = counter.device.sale(1250, CARD, How.SWIPE, now=NOW, pin=Secret(b"123456"))
    assert refused == Refused(Reason.PIN_FORMAT_WRONG, "this sign-in gave no PIN key")


def test_a_pin_that_is_none_is_refused_before_anything_is_sent(open_counter: Counter) -> None:
    refused = open_counter.device.sale(1250, CARD, How.SWIPE, now=NOW, pin=Secret(b"12"))
    assert isinstance(refused, Refused)
    assert refused.reason is Reason.PIN_FORMAT_WRONG
    assert open_counter.device.state is State.READY


def test_a_card_without_a_chip_reader_is_read_without_chip_data(open_counter: Counter) -> None:
    open_counter.device._chip = None
    assert open_counter.sells(1250, How.TAP).approved
    assert 55 not in last(open_counter.host)


def test_a_decline_says_what_to_do_and_frees_the_terminal(open_counter: Counter) -> None:
    open_counter.host.mood.code = "51"
    outcome = open_counter.sells()
    assert (outcome.kind, outcome.money_moved) == (Kind.DECLINED, MoneyMoved.NO)
    assert outcome.words.title("zh") == "余额不足"
    assert outcome.words.next("en") == "Use another card or another way to pay"
    assert open_counter.device.state is State.READY
    assert open_counter.device.remembered.vouchers == ()


def test_a_code_that_nobody_knows_is_shown_as_it_is(open_counter: Counter) -> None:
    open_counter.host.mood.code = "ZZ"
    assert "ZZ" in open_counter.sells().words.title("en")


def test_a_partial_approval_keeps_the_approved_amount(open_counter: Counter) -> None:
    open_counter.host.mood.code = "10"
    open_counter.host.mood.changed_amount = 1000
    outcome = open_counter.sells(1250)
    assert outcome.approved
    assert outcome.amount is not None
    assert outcome.amount.minor == 1000
    assert totals(open_counter.device.remembered).sales_minor == 1000


@pytest.mark.parametrize(
    ("amount_minor", "reason"), [(0, Reason.AMOUNT_ZERO), (-1, Reason.AMOUNT_ZERO), (10**12, Reason.AMOUNT_OVER_LIMIT)]
)
def test_impossible_amounts_are_refused(open_counter: Counter, amount_minor: int, reason: Reason) -> None:
    for frame in (
        open_counter.device.sale(amount_minor, CARD, How.TAP, now=NOW),
        open_counter.device.refund(amount_minor, Original("000000000001"), CARD),
    ):
        assert isinstance(frame, Refused)
        assert frame.reason is reason


def test_a_void_names_its_original_and_needs_no_card(open_counter: Counter) -> None:
    sale = open_counter.sells()
    outcome = open_counter.passes(open_counter.device.void(sale.stan))
    assert outcome.approved
    heard = last(open_counter.host)
    assert (heard[3], heard[22], heard[2]) == ("200000", "012", CARD.pan.digits)
    assert heard[37] == sale.rrn
    assert heard[38] == "ABC123"
    assert heard[61] == f"000007{sale.stan:06d}0601"
    assert totals(open_counter.device.remembered).sales_count == 0


def test_a_void_is_refused_when_there_is_nothing_to_void(open_counter: Counter) -> None:
    device = open_counter.device
    sale = open_counter.sells()
    assert device.void(4711) == Refused(Reason.ORIGINAL_UNKNOWN)
    assert device.void(sale.stan, 6) == Refused(Reason.ORIGINAL_SETTLED)
    assert open_counter.passes(device.void(sale.stan, 7)).approved
    assert device.void(sale.stan) == Refused(Reason.ORIGINAL_VOIDED)
    assert device.void(sale.stan + 1) == Refused(Reason.ORIGINAL_UNKNOWN), "a void is no sale"


def test_a_refund_by_the_kept_voucher(open_counter: Counter) -> None:
    sale = open_counter.sells(1250)
    outcome = open_counter.passes(open_counter.device.refund(250, Original(sale.rrn)))
    assert outcome.approved
    assert outcome.action is Action.REFUND
    assert open_counter.host.heard[-1].mti == "0220"
    assert last(open_counter.host)[61] == f"000007{sale.stan:06d}0601"
    held = totals(open_counter.device.remembered)
    assert (held.sales_minor, held.refunds_minor, held.refunds_count) == (1250, 250, 1)


def test_a_refund_of_another_day_needs_the_card(open_counter: Counter) -> None:
    device = open_counter.device
    original = Original("000000000099", 6, 12, "0531")
    refused = device.refund(250, original)
    assert isinstance(refused, Refused)
    assert refused.reason is Reason.PAN_WRONG
    assert open_counter.passes(device.refund(250, original, CARD, How.INSERT)).approved
    heard = last(open_counter.host)
    assert (heard[22], heard[61]) == ("052", "0000060000120531")
    assert 38 not in heard


def test_settling_sends_the_totals_and_opens_the_next_batch(open_counter: Counter) -> None:
    sale = open_counter.sells(1250)
    open_counter.sells(300)
    open_counter.passes(open_counter.device.refund(250, Original(sale.rrn)))
    outcome = open_counter.passes(open_counter.device.settle())
    assert (outcome.approved, outcome.balanced, outcome.batch_number) == (True, True, 7)
    assert last(open_counter.host)[48] == "000000001550002000000000250001" + "0" * 32
    assert open_counter.device.remembered.batch_number == 8
    assert open_counter.device.remembered.vouchers == ()


@pytest.mark.parametrize(
    ("flag", "code", "balanced", "batch"), [("2", "00", False, 8), ("3", "00", None, 7), ("1", "96", None, 7)]
)
def test_a_settlement_that_does_not_balance_or_fails(
    open_counter: Counter, flag: str, code: str, balanced: bool | None, batch: int
) -> None:
    open_counter.sells()
    open_counter.host.mood.balance_flag = flag
    open_counter.host.mood.code = code
    outcome = open_counter.passes(open_counter.device.settle())
    assert outcome.balanced is balanced
    assert outcome.approved is (balanced is not None)
    assert open_counter.device.remembered.batch_number == batch


def test_a_batch_after_the_last_is_the_first(open_counter: Counter) -> None:
    open_counter.paper.saved[-1] = open_counter.paper.saved[-1].replace('"batch_number": 7', '"batch_number": 999999')
    device = open_counter.restarts()
    open_counter.passes(device.settle())
    assert device.remembered.batch_number == 1


def test_an_echo_changes_nothing(counter: Counter) -> None:
    assert counter.passes(counter.device.echo()).approved
    assert last(counter.host)[60] == "00000001301"
    counter.host.mood.code = "96"
    assert not counter.passes(counter.device.echo()).approved
    counter.host.mood.silent = True
    outcome = counter.passes(counter.device.echo())
    assert (outcome.kind, outcome.money_moved) == (Kind.UNKNOWN, MoneyMoved.NO)
    assert counter.device.state is State.SIGNED_OUT


@pytest.mark.parametrize("silent", [False, True])
def test_signing_off_forgets_the_keys_whatever_the_answer(open_counter: Counter, silent: bool) -> None:
    open_counter.host.mood.silent = silent
    open_counter.passes(open_counter.device.sign_off())
    assert open_counter.device.needs_sign_in
    assert open_counter.device.sale(1, CARD, How.TAP, now=NOW) == Refused(Reason.TERMINAL_NOT_SIGNED_IN)


def test_a_terminal_that_is_told_to_sign_in_does_so_after_the_transaction(open_counter: Counter) -> None:
    open_counter.host.mood.request_digit = "3"
    assert open_counter.sells().approved
    assert open_counter.device.needs_sign_in
    assert open_counter.signs_in().approved
    assert open_counter.device.state is State.READY


def test_signing_in_refused_by_the_host(counter: Counter) -> None:
    counter.host.mood.code = "97"
    outcome = counter.signs_in()
    assert (outcome.kind, outcome.response_code) == (Kind.DECLINED, "97")
    assert outcome.words.title("zh") == "终端未登记"
    assert counter.device.needs_sign_in


def test_keys_with_a_wrong_check_value_are_refused(counter: Counter) -> None:
    counter.host.mood.wrong_check = True
    outcome = counter.signs_in()
    assert (outcome.kind, outcome.response_code) == (Kind.DECLINED, "A7")
    assert "解包密钥验证不符" in outcome.words.title("zh")
    assert counter.device.needs_sign_in
    assert counter.device.remembered.tak == ""


def test_keys_of_another_length_are_refused() -> None:
    counter = new_counter()
    counter.host.sign_in_code = "001"
    assert counter.signs_in().response_code == "A7"


def test_the_memory_holds_no_card_number_pin_or_track(open_counter: Counter) -> None:
    open_counter.sells(1250, How.INSERT, "123456")
    written = "".join(open_counter.paper.saved)
    for secret in (CARD.pan.digits, "123456", CARD.track2().value.decode()):
        assert secret not in written
    assert KeyUsage.TAK.value in json.loads(open_counter.paper.saved[-1])["tak"]


def test_an_outcome_as_plain_values(open_counter: Counter) -> None:
    sale = open_counter.sells(1250).as_json("en")
    assert sale["outcome"] == "approved"
    assert sale["stan"] == "000002"
    assert sale["batch_number"] == "000007"
    assert sale["amount_minor"] == 1250
    assert open_counter.passes(open_counter.device.echo()).as_json()["amount_minor"] is None


@pytest.mark.parametrize("expiry", ["3013", "30", "ABCD"])
def test_an_expiry_that_is_no_month_is_refused(expiry: str) -> None:
    with pytest.raises(ValueError, match="YYMM"):
        CardRead(CARD.pan, expiry)
