"""The code a shop shows: the standard's sample, and every way to be wrong."""

from __future__ import annotations

import pytest

from support.wire_samples import vector
from xiaopos.wire.malformed import Malformed
from xiaopos.wire.qr.merchant_presented import (
    ADDITIONAL_TAGS,
    TAGS,
    DataObject,
    ShopCode,
    build,
    crc,
    parse,
    template,
)

ACCOUNT = DataObject("26", "0012D15600000000")


def test_the_standards_sample_is_read_and_written_letter_for_letter() -> None:
    payload = vector("emvco_qr.json")["payload"]
    code = parse(payload)
    assert code.text() == payload
    assert payload[-4:] == "A13A"
    assert code.dynamic
    assert (code.value("59"), code.value("58"), code.value("53"), code.value("54")) == (
        "BEST TRANSPORT",
        "CN",
        "156",
        "23.72",
    )
    assert (code.value("29", "00"), code.value("31", "03")) == ("D15600000000", "12345678")
    assert (code.value("64", "01"), code.value("62", "07")) == ("最佳运输", "A6008667")
    assert [item.tag for item in code.accounts] == ["29", "31"]
    assert (code.value("61"), code.value("62", "09")) == (None, "ME")
    assert {"62", "63"} <= TAGS.keys()
    assert ADDITIONAL_TAGS["07"][1] == "terminal label"


def test_a_static_code_leaves_the_amount_to_the_payer() -> None:
    code = build(
        accounts=[template("26", [DataObject("00", "D15600000000")])], category="5499", name="小林茶铺", city="杭州"
    )
    assert parse(code.text()) == code
    assert not code.dynamic
    assert code.value("54") is None
    assert code.text().startswith("00020101021126160012D156000000005204549953031565802CN")


@pytest.mark.parametrize(
    ("accounts", "name", "city"),
    [([], "a", "b"), ([DataObject("52", "1")], "a", "b"), ([ACCOUNT], "a" * 26, "b"), ([ACCOUNT], "a", "b" * 16)],
)
def test_a_code_that_cannot_be_meant_is_refused(accounts: list[DataObject], name: str, city: str) -> None:
    with pytest.raises(ValueError):
        build(accounts=accounts, category="5499", name=name, city=city)


@pytest.mark.parametrize(
    "item", [DataObject("1", "x"), DataObject("ab", "x"), DataObject("26", ""), DataObject("26", "x" * 100)]
)
def test_an_object_that_cannot_be_written_is_refused(item: DataObject) -> None:
    with pytest.raises(ValueError):
        item.text()


def test_a_payload_has_at_most_512_characters() -> None:
    long = [DataObject(f"{tag:02d}", "x" * 99) for tag in range(2, 8)]
    with pytest.raises(ValueError, match="512"):
        ShopCode((DataObject("00", "01"), *long)).text()
    with pytest.raises(Malformed, match="at most 512"):
        parse("0" * 513)


def signed(payload: str) -> str:
    return payload + "6304" + crc(payload + "6304")


@pytest.mark.parametrize(
    ("payload", "offset", "tag"),
    [
        ("", 0, "63"),
        ("0002016304", 2, "63"),
        ("000201630512345", 7, "63"),
        ("00020163040000", 10, "63"),
        (signed(""), 0, "00"),
        (signed("010211"), 0, "00"),
        (signed("000202"), 0, "00"),
        (signed("00020152"), 6, None),
        (signed("0002015x04"), 6, None),
        (signed("000201520４5499"), 6, None),
        (signed("0002015200"), 6, None),
        (signed("00020152055499"), 10, "52"),
        (signed("0002015204549952045499"), 14, "52"),
        (signed("0002012606000399"), 14, "00"),
    ],
)
def test_faults_are_named_with_their_place(payload: str, offset: int, tag: str | None) -> None:
    with pytest.raises(Malformed) as caught:
        parse(payload)
    assert (caught.value.field, caught.value.offset, caught.value.subfield) == (None, offset, tag)


def test_a_lower_case_crc_is_accepted() -> None:
    payload = vector("emvco_qr.json")["payload"]
    assert parse(payload[:-4] + "a13a") == parse(payload)
