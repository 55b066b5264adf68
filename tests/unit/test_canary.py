"""Card numbers, tracks, PINs, keys and payment codes leak nowhere: not into logs, metrics, texts of objects or of exceptions."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog
from prometheus_client import generate_latest

from support.card_counter import CODEC, MEIS_CARD, MEIS_CODE, CardCounter
from support.pretend_channels import Mood
from support.world import at_once
from xiaopos import logs, secrets_file
from xiaopos.deployment import read_deployment
from xiaopos.hosts import card_messages
from xiaopos.kernel.ids import PaymentId
from xiaopos.kernel.secret import Secret
from xiaopos.payments.payment import Payment
from xiaopos.terminal.cards import How
from xiaopos.usecases.take_payment import SaleAsk

PAN = MEIS_CARD.pan.digits
TRACK = f"{PAN}=30122010918273645"
PIN = "740195"
CANARIES = (PAN, TRACK, TRACK.replace("=", "D"), "30122010918273645", PIN, MEIS_CODE)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the process would have written to its log, in the shape of the service."""
    root = logging.getLogger()
    before, level, shape = root.handlers[:], root.level, structlog.get_config()
    paper, real = io.StringIO(), sys.stderr
    sys.stderr = paper
    try:
        logs.configure_logging("debug")
    finally:
        sys.stderr = real
    try:
        yield paper
    finally:
        root.handlers[:] = before
        root.setLevel(level)
        structlog.configure(**shape)


def no_canary_in(text: str) -> None:
    found = [canary for canary in CANARIES if canary in text]
    assert not found, f"{len(found)} canaries in {text[:200]!r}"


def a_day_with_canaries(counter: CardCounter) -> None:
    """Every way to pay, every way to fail."""
    assert counter.signs_in().approved
    for how in (How.TAP, How.INSERT, How.SWIPE):
        counter.sells(how=how, pin=None if how is How.TAP else PIN)
    world = counter.world
    for mood in (Mood.DECLINE, Mood.LOSE_ANSWER, Mood.LOSE_REQUEST):
        world.acquirer.moods.append(mood)
        counter.sells(how=How.INSERT, pin=PIN)
        if counter.device.owes:
            counter.passes(counter.device.pay_up())
    counter.asks(counter.sale(f2=None, f11="000901", f35=TRACK))
    counter.asks(counter.code_sale(f11="000902"))
    counter.asks(counter.code_sale("770000000000000001", f11="000903"))
    counter.asks(counter.sale(f4="000000000000", f11="000904", f35=TRACK))
    counter.asks(counter.sale(f11="000905", f53="2670000000000000", f52=b"\x01" * 8, f35=TRACK))
    body = counter.body(counter.sale(f11="000906", f35=TRACK))
    for place in range(13, len(body)):
        counter.asks_bytes(body[:place])
        counter.asks_bytes(body[:place] + bytes((body[place] ^ 0x55,)) + body[place + 1 :])


def test_logs_and_metrics_of_a_day_hold_no_canary(written: io.StringIO) -> None:
    counter = CardCounter("unionpay-3des-track-2012")
    a_day_with_canaries(counter)
    no_canary_in(written.getvalue())
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert {"refused", "message malformed"} <= {line["event"] for line in lines}
    no_canary_in(generate_latest().decode())


def test_a_bug_that_carries_a_card_number_in_its_text_is_logged_without_it(written: io.StringIO) -> None:
    counter = CardCounter()
    counter.signs_in()

    def bug() -> None:
        raise KeyError(f"no such card: {TRACK} {PAN} {MEIS_CODE}")

    counter.world.acquirer.while_asked = bug
    counter.sells(how=How.INSERT, pin=PIN)
    text = written.getvalue()
    assert "KeyError" in text
    no_canary_in(text)


def test_libraries_log_in_the_same_shape_and_guarded(written: io.StringIO) -> None:
    logging.getLogger("somebodys.library").warning("took %s at %s", TRACK, "898110058120001")
    structlog.get_logger("ours").info("seen", number=int(PAN), track=[TRACK], half=1.5, none=None, small=7)
    first, second = (json.loads(line) for line in written.getvalue().splitlines())
    assert (first["event"], first["logger"]) == ("took [19 digits] at 898110058120001", "somebodys.library")
    assert (second["number"], second["track"]) == ("[19 digits]", "['[19 digits]']")
    assert (second["half"], second["none"], second["small"], second["level"]) == (1.5, None, 7, "info")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("378282246310005", "[15 digits]"),
        ("898110058120001", "898110058120001"),
        ("607300000001", "607300000001"),
        ("0198f0000000000000000000000000aa", "0198f0000000000000000000000000aa"),
        ("(6200010000000012)", "([16 digits])"),
        ("990000000000000001", "[18 digits]"),
    ],
)
def test_what_is_masked_and_what_is_not(text: str, shown: str) -> None:
    assert logs.masked(text) == shown


def test_the_texts_of_objects_hold_no_canary() -> None:
    counter = CardCounter()
    counter.signs_in()
    frame = counter.sale(f35=TRACK, f52=b"\x01" * 8, f53="2600000000000000")
    facts = counter.world.books.terminals["10000001"]
    now = counter.world.clock.now()
    request = card_messages.request_of(frame, PaymentId(counter.world.new_id(now)), facts, now)
    card = card_messages.card_of(frame, facts, counter.world.vault)
    assert card is not None
    code = card_messages.payer_code_of(counter.code_sale())
    assert code is not None
    counter.sells(how=How.INSERT, pin=PIN)
    payments: list[Payment] = list(counter.world.books.payments.values())
    for thing in (frame, request, card, SaleAsk(request, card), SaleAsk(request, code), code, payments, counter.device,
                  counter.world.books.moves, Secret(PIN.encode()), MEIS_CARD, CODEC.decode(counter.body(frame))):  # fmt: skip
        no_canary_in(repr(thing))
        no_canary_in(str(thing))
    assert payments


def test_settings_and_secrets_hold_no_key_in_their_text() -> None:
    key = "cd" * 32
    deployment = read_deployment({"XIAOPOS_SECRET_KEY": "lin" * 20, "XIAOPOS_MASTER_KEY": key})
    assert key not in repr(deployment)
    assert "lin" * 20 not in repr(deployment)
    made = secrets_file.make_secrets(["10000001"], ["lin"])
    assert made.master_key not in repr(made)
    assert made.terminals["10000001"][0] not in repr(made)


def test_a_wrong_message_is_named_without_its_values(written: io.StringIO) -> None:
    counter = CardCounter()
    counter.signs_in()
    body = counter.body(counter.sale(f35=TRACK))
    at_once(counter.desk.answer(body))
    counter.asks(counter.sale(f2="12345", f35=TRACK))
    assert "12345," not in written.getvalue()
    no_canary_in(written.getvalue())
