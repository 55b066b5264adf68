"""Whatever is pasted, reading it ends in a table or in NotBytes; a card number in it is never shown, wherever a fault put it."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from support.wire_samples import CARD_SALE
from xiaopos.wire.iso8583 import Codec, Malformed, Message
from xiaopos.wire.reading import SPECS, NotBytes, ReadMessage, read_bytes, read_paste
from xiaopos.wire.reading.faults import in_chinese

PAN = "6225561620345170"
CANARY = PAN[4:14]
PER_SPEC = 400


def sale_for(name: str) -> bytes:
    """A card sale in each spec, with as many of its fields as the spec has alike."""
    spec = SPECS[name]
    message = Message(f"{spec.version.value if spec.version else 0}200", {})
    for number, value in CARD_SALE.fields.items():
        tried = replace(message, fields={**message.fields, number: value})
        try:
            Codec(spec).encode(tried)
        except Malformed:
            continue
        message = tried
    assert {2, 4, 35} <= set(message.fields)
    return Codec(spec).encode(message)


def broken(body: bytes, dice: random.Random) -> bytes:
    """The message with one byte changed, cut off, put in or taken out."""
    made, place = bytearray(body), dice.randrange(len(body))
    way = dice.randrange(4)
    if way == 0:
        made[place] = dice.randrange(256)
    elif way == 1:
        del made[place + 1 :]
    elif way == 2:
        made.insert(place, dice.randrange(256))
    else:
        del made[place]
    return bytes(made)


def seen(message: ReadMessage) -> list[str]:
    """What a reader sees of the bytes, put together in every way that a card number could be read from it."""
    lines = [line for line in message.lines if line.label != "BITMAP"]
    raw = re.sub("[^0-9A-F]", "", "".join(line.raw for line in message.lines))
    data = bytes.fromhex(raw[: len(raw) // 2 * 2])
    shown = "".join("|" if line.shown.startswith("<") else line.shown for line in lines)
    parts = "".join(line.shown for line in lines if line.depth)
    return [shown, parts, raw, data.decode("latin-1"), data.decode("cp500")]


@pytest.mark.parametrize("name", SPECS)
def test_a_card_number_is_never_shown_wherever_a_fault_put_it(name: str) -> None:
    body, dice = sale_for(name), random.Random(f"cards in {name}")
    for _ in range(PER_SPEC):
        wrong = broken(body, dice)
        for message in read_bytes(wrong).messages:
            for text in seen(message):
                assert CANARY not in re.sub(r"[^0-9*|]", "", text), wrong.hex()


@given(st.one_of(st.text(max_size=400), st.binary(max_size=400).map(bytes.hex)))
@example("0" * 401)
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        reading = read_paste(text)
    except NotBytes:
        return
    assert reading.messages
    assert reading.reasons


@given(st.binary(max_size=600))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        reading = read_bytes(data)
    except NotBytes:
        return
    assert reading.size


@pytest.mark.parametrize("name", SPECS)
def test_every_fault_is_said_in_chinese(name: str) -> None:
    body, dice, codec = sale_for(name), random.Random(f"faults of {name}"), Codec(SPECS[name])
    said = set()
    for _ in range(PER_SPEC):
        try:
            codec.decode(broken(body, dice))
        except Malformed as fault:
            said |= {fault.expected, fault.found}
    assert said
    english = [words for words in said if re.search(r"[a-z]{2}", re.sub("“.*”", "", in_chinese(words)))]
    assert english == []
