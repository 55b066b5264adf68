"""What must hold of every message: written and read back it is the same, generated code and table agree, and damage of
any kind is Malformed and nothing else.
"""

from __future__ import annotations

import random
from typing import NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.wire_samples import EVERYTHING, IN_TEXT, OTHERWISE, SAMPLES, real_body
from support.wire_values import messages, specs
from xiaopos.wire.iso8583 import Codec, Malformed, Message, Spec, card_network, unionpay_terminal
from xiaopos.wire.iso8583.generating import make_reader
from xiaopos.wire.iso8583.generating_writer import make_writer
from xiaopos.wire.iso8583.spec_file import dumps, loads
from xiaopos.wire.iso8583.walking import read, write

SPECS = (unionpay_terminal.SPEC, card_network.SPEC, EVERYTHING, OTHERWISE, IN_TEXT)
BODIES = [(unionpay_terminal.SPEC, real_body()), *((spec, Codec(spec).encode(message)) for spec, message in SAMPLES)]


def never(_: object) -> NoReturn:
    raise AssertionError("the generated code doubted a good message")


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_a_message_written_and_read_is_the_same_by_table_and_by_generated_code(spec: Spec) -> None:
    @settings(max_examples=250, deadline=None)
    @given(messages(spec))
    def holds(message: Message) -> None:
        numbers = sorted(message.fields)
        data = write(spec, message)
        assert read(spec, data) == message
        assert make_writer(spec, numbers, lambda m: write(spec, m))(message) == data
        assert make_reader(spec, numbers, lambda d: read(spec, d))(data) == message

    holds()


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_generated_code_does_not_need_the_table_for_good_messages(spec: Spec) -> None:
    @settings(max_examples=60, deadline=None)
    @given(messages(spec))
    def holds(message: Message) -> None:
        message.mti = "0200"
        data = write(spec, message)
        assert make_reader(spec, sorted(message.fields), never)(data) == message
        assert make_writer(spec, sorted(message.fields), never)(message) == data

    holds()


@settings(max_examples=150, deadline=None)
@given(specs().flatmap(lambda spec: st.tuples(st.just(spec), messages(spec))))
def test_any_spec_that_may_be_made_reads_what_it_writes_and_goes_through_a_file(given: tuple[Spec, Message]) -> None:
    spec, message = given
    codec = Codec(spec)
    data = codec.encode(message)
    for _ in range(6):
        assert codec.decode(data) == message
        assert codec.encode(message) == data
    for length in range(len(data)):
        with pytest.raises(Malformed):
            codec.decode(data[:length])
    assert loads(dumps(spec)) == spec


def outcome(reading: object, data: bytes) -> Message | tuple[object, ...]:
    """What a decoder makes of bytes: the message, or the complaint. Any other exception leaves the test."""
    assert callable(reading)
    try:
        result = reading(data)
    except Malformed as error:
        fault = error
    else:
        assert isinstance(result, Message)
        return result
    assert fault.field is not None
    assert fault.offset is not None
    assert 0 <= fault.offset <= len(data)
    return (fault.field, fault.offset, fault.expected, fault.found)


@pytest.mark.parametrize(("spec", "body"), BODIES)
def test_every_truncation_is_malformed(spec: Spec, body: bytes) -> None:
    codec = Codec(spec)
    for _ in range(8):
        codec.decode(body)
    for length in range(len(body)):
        with pytest.raises(Malformed):
            codec.decode(body[:length])
        codec_answer = outcome(codec.decode, body[:length])
        assert codec_answer == outcome(lambda data: read(spec, data), body[:length])


@pytest.mark.parametrize(("spec", "body"), BODIES)
def test_damage_is_malformed_or_another_good_message(spec: Spec, body: bytes) -> None:
    codec = Codec(spec)
    for _ in range(8):
        codec.decode(body)
    chance = random.Random(8583)
    for _ in range(3000):
        damaged = bytearray(body)
        for _ in range(chance.choice((1, 1, 1, 2, 5))):
            place = chance.randrange(len(damaged))
            damage = chance.randrange(4)
            if damage == 0:
                damaged[place] = chance.randrange(256)
            elif damage == 1:
                damaged[place] ^= 1 << chance.randrange(8)
            elif damage == 2:
                damaged.insert(place, chance.randrange(256))
            else:
                del damaged[place]
        data = bytes(damaged)
        result = outcome(codec.decode, data)
        assert result == outcome(lambda raw: read(spec, raw), data)
        if isinstance(result, Message):
            assert codec.encode(result) == data


def test_random_bytes_are_malformed_and_leave_nothing_behind() -> None:
    codec = Codec(unionpay_terminal.SPEC)
    chance = random.Random(64)
    for _ in range(3000):
        outcome(codec.decode, chance.randbytes(chance.randrange(200)))
    assert not codec._readers.ready
