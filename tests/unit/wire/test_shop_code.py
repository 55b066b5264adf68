"""The code a shop shows: published samples, and every way to be wrong."""

from __future__ import annotations

from typing import Any

import pytest

from support.chip_samples import published
from xiaopos.wire.malformed import Malformed
from xiaopos.wire.qr.merchant_presented import (
    ADDITIONAL_TAGS,
    TAGS,
    DataObject,
    Lengths,
    ShopCode,
    build,
    crc,
    describe,
    parse,
    template,
)
from xiaopos.wire.qr.unionpay_account import UnionPayAccount

ACCOUNT = template("26", [DataObject("00", "D15600000000"), DataObject("01", "A93FO3230Q")])
SHOP: dict[str, Any] = {"accounts": [ACCOUNT], "category": "5499", "name": "XIAOLIN TEA", "city": "HANGZHOU"}

VIETNAM = (
    "00020101021238570010A00000072701270006970403011300110123456780208QRIBFTTA5303704"
    "54061800005802VN62340107NPS68690819thanh toan don hang63042E2E"
)
CARD_ON_FILE = (
    "000201010211057704736a2f41a3-c54c-fce8-32d2-0324e1c32e22*3440e5bf-81ca-4c5f-a1b2-cf989f09a039"
    "52045024530384054031005802US5913Test Merchant6008New York62080304123463046F6D"
)
"""Published in the manuals of a national scheme and of a card network."""


def bitwise_crc(payload: str) -> str:
    """The CRC again, one bit after the other, from the polynomial's definition."""
    register = 0xFFFF
    for byte in payload.encode():
        register ^= byte << 8
        for _ in range(8):
            register = (register << 1 ^ (0x1021 if register & 0x8000 else 0)) & 0xFFFF
    return f"{register:04X}"


def sample() -> str:
    payload: str = published("emvco_qr.json")["payload"]
    return payload


def test_the_standards_sample_is_read_and_written_letter_for_letter() -> None:
    payload = sample()
    code = parse(payload)
    assert code.text() == payload
    assert payload[-4:] == "A13A" == bitwise_crc(payload[:-4])
    assert code.dynamic
    assert (code.value("59"), code.value("58"), code.value("53"), code.value("54")) == (
        "BEST TRANSPORT",
        "CN",
        "156",
        "23.72",
    )
    assert code.amount_minor == 2372
    assert (code.value("29", "00"), code.value("31", "03")) == ("D15600000000", "12345678")
    assert (code.value("64", "01"), code.value("62", "07")) == ("最佳运输", "A6008667")
    assert [item.tag for item in code.accounts] == ["29", "31"]
    assert (code.value("61"), code.value("62", "09"), code.value("91", "00")) == (None, "ME", "A011223344998877")
    assert code.check() == []
    assert ADDITIONAL_TAGS["07"].en == "terminal label"


@pytest.mark.parametrize("payload", [VIETNAM, CARD_ON_FILE])
def test_other_published_codes_are_read_and_written_letter_for_letter(payload: str) -> None:
    code = parse(payload)
    assert code.text() == payload
    assert crc(payload[:-4]) == bitwise_crc(payload[:-4]) == payload[-4:]


def test_a_national_scheme_leaves_out_what_the_standard_wants() -> None:
    assert parse(VIETNAM).amount_minor == 180000
    assert [(row.path, row.expected) for row in parse(VIETNAM).check()] == [
        ("52", "this tag"),
        ("59", "this tag"),
        ("60", "this tag"),
    ]
    with pytest.raises(Malformed) as caught:
        parse(VIETNAM, strict=True)
    assert (caught.value.subfield, caught.value.offset) == ("52", len(VIETNAM) - 8)
    assert parse(sample(), strict=True) == parse(sample())


def test_rows_for_people_say_path_place_and_names() -> None:
    rows = {row.path: row for row in describe(parse(sample()))}
    assert (rows["29"].shown, rows["29.00"].shown, rows["29.00"].offset) == ("", "D15600000000", 16)
    assert (rows["64.01"].zh, rows["64.01"].shown) == ("商户名称", "最佳运输")
    assert sample()[rows["64.01"].offset + 4 :].startswith("最佳运输")
    assert rows["91.07"].en == "payment network data"
    assert rows["62.09"].en == "additional consumer data request"


def test_a_static_code_leaves_the_amount_to_the_payer() -> None:
    code = build(**SHOP)
    assert parse(code.text()) == code
    assert not code.dynamic
    assert (code.value("54"), code.amount_minor) == (None, None)
    assert code.text().startswith("00020101021126300012D156000000000110A93FO3230Q5204549953031565802CN")


def test_a_dynamic_code_carries_all_that_the_standard_knows() -> None:
    code = build(
        **SHOP,
        amount="12.50",
        dynamic=True,
        tip=DataObject("55", "01"),
        postal_code="310000",
        additional=[("05", "订单0001"), ("07", "A6008667")],
        local=("ZH", "小林茶铺", "杭州"),
        own=[template("80", [DataObject("00", "cn.example.tea"), DataObject("01", "茶")])],
    )
    assert (code.dynamic, code.amount_minor, code.value("64", "02"), code.value("80", "01")) == (
        True,
        1250,
        "杭州",
        "茶",
    )
    assert "64200002ZH0104小林茶铺0202杭州" in code.text()
    assert parse(code.text(), strict=True) == code
    fixed, share = (build(**SHOP, tip=tip) for tip in (DataObject("56", "2.00"), DataObject("57", "5.00")))
    assert (fixed.value("55"), share.value("55")) == ("02", "03")


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"accounts": []}, "02-51"),
        ({"accounts": [DataObject("52", "1")]}, "52"),
        ({"accounts": [template("26", [DataObject("01", "x")])]}, "26.00"),
        ({"name": "x" * 26}, "59"),
        ({"name": "小林茶铺"}, "59"),
        ({"city": "x" * 16}, "60"),
        ({"category": "54"}, "52"),
        ({"currency": "CNY"}, "53"),
        ({"country": "cn"}, "58"),
        ({"amount": "0.00"}, "54"),
        ({"amount": "1.234"}, "54"),
        ({"amount": "1,5"}, "54"),
        ({"amount": "12345678901.00"}, "54"),
        ({"amount": "5.5", "currency": "392"}, "54"),
        ({"tip": DataObject("55", "02")}, "56"),
        ({"tip": DataObject("55", "03")}, "57"),
        ({"tip": DataObject("57", "0.00")}, "57"),
        ({"tip": DataObject("57", "100.0")}, "57"),
        ({"postal_code": "x" * 11}, "61"),
        ({"additional": [("01", "x" * 26)]}, "62.01"),
        ({"additional": [("09", "XYZ")]}, "62.09"),
        ({"additional": [("50", "0101x")]}, "62.50.00"),
        ({"local": ("ZHO", "小林茶铺")}, "64.00"),
        ({"own": [template("80", [DataObject("01", "x")])]}, "80.00"),
        ({"own": [DataObject("80", "x")]}, "80"),
        ({"own": [DataObject("59", "x")]}, "59"),
        ({"own": [DataObject("81", "")]}, "81"),
    ],
)
def test_a_code_that_the_standard_does_not_allow_is_not_built(change: dict[str, Any], path: str) -> None:
    with pytest.raises(Malformed) as caught:
        build(**(SHOP | change))
    assert caught.value.subfield == path


def test_a_fee_without_its_indicator_is_found() -> None:
    code = ShopCode((*build(**SHOP).objects, DataObject("56", "1.00")))
    assert [(row.path, row.expected) for row in code.check()] == [("56", "56 where 55 is 02, and only there")]
    empty = ShopCode(())
    assert [row.path for row in empty.check()] == ["00", "52", "53", "58", "59", "60", "02-51"]


def test_an_amount_without_a_known_currency_is_not_counted() -> None:
    objects = (DataObject("53", "999"), DataObject("54", "1.5"))
    assert ShopCode(objects).amount_minor is None
    assert "54" not in {row.path for row in ShopCode(objects).check()}
    for amount in ("1.234", "1.2.3"):
        with pytest.raises(Malformed):
            _ = ShopCode((DataObject("53", "156"), DataObject("54", amount))).amount_minor
    assert ShopCode((DataObject("53", "156"), DataObject("54", "7."))).amount_minor == 700


def test_lengths_in_bytes_are_read_and_written_as_such() -> None:
    objects = parse(sample()).objects
    local = template("64", [DataObject("00", "ZH"), DataObject("01", "小林茶铺")], Lengths.BYTES)
    code = ShopCode((*objects[:2], *[item for item in objects[2:] if item.tag != "64"], local), Lengths.BYTES)
    text = code.text()
    assert "64220002ZH0112小林茶铺" in text
    assert parse(text, lengths=Lengths.BYTES) == code
    assert parse(text, lengths=Lengths.BYTES).text() == text
    with pytest.raises(Malformed):
        parse(text)
    with pytest.raises(Malformed) as caught:
        parse(signed("0002016403x茶"), lengths=Lengths.BYTES)
    assert (caught.value.offset, caught.value.subfield, caught.value.expected) == (10, "64", "3 bytes")


@pytest.mark.parametrize(
    "item", [DataObject("1", "x"), DataObject("ab", "x"), DataObject("26", ""), DataObject("26", "x" * 100)]
)
def test_an_object_that_cannot_be_written_is_refused(item: DataObject) -> None:
    with pytest.raises(Malformed):
        item.text()
    with pytest.raises(Malformed):
        template("26", [item])


def test_a_payload_has_at_most_512_characters() -> None:
    long = [DataObject(f"{tag:02d}", "x" * 99) for tag in range(2, 8)]
    with pytest.raises(Malformed, match="512"):
        ShopCode((DataObject("00", "01"), *long)).text()
    with pytest.raises(Malformed, match="at most 512"):
        parse("0" * 513)


def signed(payload: str) -> str:
    return payload + "6304" + crc(payload + "6304")


@pytest.mark.parametrize(
    ("payload", "offset", "path"),
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
        (signed("0002012606000399"), 14, "26.00"),
        (signed("000201260399x"), 10, "26"),
        (signed("000201621150070105abc"), 18, "62.50.01"),
        (signed("0002016214500101xx"), 10, "62"),
        (signed("00020162065002xx"), 14, "62.50"),
    ],
)
def test_faults_are_named_with_their_place(payload: str, offset: int, path: str | None) -> None:
    with pytest.raises(Malformed) as caught:
        parse(payload)
    assert (caught.value.field, caught.value.offset, caught.value.subfield) == (None, offset, path)


def test_a_lower_case_crc_is_accepted_and_kept() -> None:
    payload = sample()
    small = payload[:-4] + "a13a"
    assert parse(small) == parse(payload)
    assert parse(small).text() == small
    changed = ShopCode(parse(small).objects[:-1], crc_text="a13a")
    assert changed.text()[-4:] == bitwise_crc(changed.text()[:-4])


def test_every_tag_has_names_and_a_form() -> None:
    assert sorted(TAGS) == [f"{number:02d}" for number in range(100)]
    assert all(row.zh and row.en and row.form.wants for row in TAGS.values())


def test_unionpays_account_is_read_and_written() -> None:
    value = "3289052432890524000047797701524"
    account = UnionPayAccount.parse(value)
    assert account == UnionPayAccount("32890524", "32890524", "000047797701524")
    code = build(**(SHOP | {"accounts": [account.data_object(), account.data_object("16")]}))
    assert [item.value for item in parse(code.text()).accounts] == [value, value]
    for wrong in ("", value[:-1], value + "0", "x" + value[1:]):
        with pytest.raises(Malformed):
            UnionPayAccount.parse(wrong)
    for tag, parts in (
        ("17", ("1" * 8, "2" * 8, "3" * 15)),
        ("15", ("1" * 7, "2" * 9, "3" * 15)),
        ("15", ("", "", "")),
    ):
        with pytest.raises(Malformed):
            UnionPayAccount(*parts).data_object(tag)
