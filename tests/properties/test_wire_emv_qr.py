"""What must hold of chip data and shop codes: written and read back they are the same; damage is Malformed only."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.chip_samples import CHIP, published
from support.wire_values import chip_objects
from xiaopos.wire.emv import tlv
from xiaopos.wire.iso8583.framing import FrameReader, encode_frame
from xiaopos.wire.malformed import Malformed
from xiaopos.wire.qr import merchant_presented
from xiaopos.wire.qr.merchant_presented import DataObject


@given(chip_objects())
def test_chip_data_written_and_read_is_the_same(objects: list[tlv.Tlv]) -> None:
    assert list(tlv.parse(tlv.build(objects))) == objects


@given(st.binary(max_size=120))
def test_chip_data_that_can_be_read_is_written_as_it_came(data: bytes) -> None:
    try:
        objects = tlv.parse(data)
    except Malformed:
        return
    assert tlv.build(objects) == data or not objects
    assert objects or not data.strip(b"\x00\xff")


@given(st.text(max_size=60))
def test_any_text_is_a_shop_code_or_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        merchant_presented.parse(text)
    body = text + "6304"
    try:
        code = merchant_presented.parse(body + merchant_presented.crc(body))
    except Malformed:
        return
    assert code.text() == body + merchant_presented.crc(body)


@given(
    name=st.text("XIAOLIN ", min_size=1, max_size=25),
    local=st.none() | st.tuples(st.just("ZH"), st.text("小林茶铺ABC ", min_size=1, max_size=25)),
    amount=st.none() | st.integers(1, 10**8).map(lambda minor: f"{minor // 100}.{minor % 100:02d}"),
    account=st.text("0123456789", min_size=1, max_size=30),
    extra=st.dictionaries(st.sampled_from(["01", "05", "07"]), st.text("A1门店", min_size=1, max_size=25)),
)
def test_a_shop_code_built_and_read_is_the_same(
    name: str, local: tuple[str, str] | None, amount: str | None, account: str, extra: dict[str, str]
) -> None:
    code = merchant_presented.build(
        accounts=[merchant_presented.template("26", [DataObject("00", "D15600000000"), DataObject("01", account)])],
        category="5499",
        name=name,
        city="Hangzhou",
        amount=amount,
        dynamic=amount is not None,
        additional=extra.items(),
        local=local,
    )
    again = merchant_presented.parse(code.text())
    assert again == code
    assert again.dynamic == (amount is not None)
    assert again.value("64", "01") == (None if local is None else local[1])
    assert (again.value("54"), again.value("59"), again.value("26", "01")) == (amount, name, account)


@given(st.lists(st.binary(max_size=40), max_size=8), st.integers(1, 50))
def test_frames_arrive_whole_however_the_stream_is_cut(contents: list[bytes], step: int) -> None:
    stream = b"".join([encode_frame(content) for content in contents])
    reader, frames = FrameReader(1024), []
    for start in range(0, len(stream), step):
        frames += reader.feed(stream[start : start + step])
    assert frames == contents
    assert reader.pending == 0


def _mutants(text: str, alphabet: str) -> list[str]:
    chance = random.Random(63)
    mutants = []
    for _ in range(2000):
        place = chance.randrange(len(text))
        mutants.append(
            text[:place] + chance.choice(alphabet) * chance.randrange(2) + text[place + chance.randrange(2) :]
        )
    return mutants + [text[:end] for end in range(len(text))]


def _only_malformed(reading: Callable[[str], object], mutants: list[str]) -> None:
    for mutant in mutants:
        offset: int | None = 0
        try:
            reading(mutant)
        except Malformed as fault:
            offset = fault.offset
        assert offset is not None
        assert 0 <= offset <= len(mutant)


def test_damaged_shop_codes_and_chip_data_are_malformed_only() -> None:
    payload = published("emvco_qr.json")["payload"]
    _only_malformed(merchant_presented.parse, _mutants(payload, "0123456789A京"))
    body = payload[:-4]
    _only_malformed(
        lambda text: merchant_presented.parse(text + merchant_presented.crc(text)),
        [mutant[:-4] + "6304" for mutant in _mutants(body, "0123456789A京")],
    )
    chip = CHIP.decode("latin-1")
    _only_malformed(lambda text: tlv.parse(text.encode("latin-1")), _mutants(chip, "\x00\x1f\x7f\x81\x84\xff"))
