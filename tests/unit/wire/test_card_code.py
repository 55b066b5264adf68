"""The code a payer's card app shows: published samples, and every way to be wrong."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from support.chip_samples import published
from xiaopos.wire.emv import describe
from xiaopos.wire.emv.tlv import Tlv, build, template
from xiaopos.wire.malformed import Malformed
from xiaopos.wire.qr.consumer_presented import Application, CardCode, build_code, is_card_code, parse_code

SAMPLES: list[dict[str, Any]] = published("emvco_cpm.json")["codes"]
CARD = Application((Tlv("4F", bytes.fromhex("A000000333010101")),), (Tlv("9F36", b"\x00\x01"),))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["applications"][0])
def test_published_codes_are_read_and_written_letter_for_letter(sample: dict[str, Any]) -> None:
    code = parse_code(sample["text"])
    assert build(code.objects).hex().upper() == sample["hex"]
    assert code.text() == sample["text"]
    assert is_card_code(sample["text"])
    assert [card.identifier for card in code.applications] == sample["applications"]


def test_one_application_is_read_with_what_goes_to_the_issuer() -> None:
    code = parse_code(SAMPLES[2]["text"])
    (card,) = code.applications
    assert card.scheme == "unionpay"
    assert [item.tag for item in card.data] == ["4F", "57", "5F34"]
    assert [item.tag for item in code.chip_data()] == ["9F26", "9F27", "9F10", "9F36", "82", "9F37"]
    assert code.value("9F36") == b"\x00\x01"
    assert code.value("50") is None
    assert repr(code) == "CardCode(A000000333010101)"
    assert repr(card) == "Application(A000000333010101)"


def test_what_applications_share_is_found_for_each() -> None:
    code = parse_code(SAMPLES[1]["text"])
    assert code.applications[1].scheme is None
    assert [item.tag for item in code.common] == ["5A", "5F20", "5F2D", "9F10", "9F26", "9F36", "9F37"]
    assert [item.tag for item in code.chip_data(1)] == ["9F10", "9F26", "9F36", "9F37"]
    assert (code.value("50", 0), code.value("50", 1)) == (b"Product1", b"Product2")
    assert code.value("5F2D", 1) == b"ruesdeen"
    with pytest.raises(IndexError):
        code.chip_data(2)


def test_a_code_for_people_shows_no_card_data() -> None:
    for sample in SAMPLES:
        rows = describe(parse_code(sample["text"]).objects)
        assert not {"1234567890123458", "6292610358444335641", "CARDHOLDER/EMV"} & {row.shown for row in rows}
        assert "1234567890123458" not in repr(rows)
        assert "6292610358444335641" not in repr(rows)
        assert b"CARDHOLDER".hex().upper() not in repr(rows)


def test_a_code_is_built_from_its_parts() -> None:
    plain = Application((Tlv("4F", bytes.fromhex("A000000333010102")), Tlv("50", b"POOL")))
    code = build_code([CARD, plain], common=[Tlv("5F2D", b"zh")], common_transparent=[Tlv("9F37", b"\x01\x02\x03\x04")])
    assert parse_code(code.text()) == code
    assert code.applications == (CARD, plain)
    assert [item.tag for item in code.common] == ["5F2D", "9F37"]
    assert build_code([plain]).common == ()
    assert build_code([plain], common=[Tlv("5F2D", b"zh")]).chip_data() == ()


def test_a_code_that_cannot_be_meant_is_not_built() -> None:
    with pytest.raises(Malformed) as caught:
        build_code([])
    assert caught.value.subfield == "61"
    with pytest.raises(Malformed) as caught:
        build_code([Application((Tlv("50", b"POOL"),))])
    assert caught.value.subfield == "61.4F"
    with pytest.raises(Malformed, match="512"):
        build_code([CARD], common=[Tlv("9F7C", bytes(400))])


def spelled(*objects: Tlv) -> str:
    return b64encode(build(objects)).decode()


FORMAT = Tlv("85", b"CPV01")


@pytest.mark.parametrize(
    ("text", "offset", "path"),
    [
        ("", 0, None),
        ("hQVDUFYwMW", 0, None),
        ("hQVDUFYwMWFX\n", 0, None),
        ("码", 0, None),
        (SAMPLES[0]["text"].rstrip("="), 0, None),
        (SAMPLES[1]["text"][:-3] + "x==", 0, None),
        ("A" * 513, 512, None),
        (spelled(Tlv("61", b"")), 0, "85"),
        (spelled(Tlv("85", b"CPV02")), 0, "85"),
        ("AAAA", 0, "85"),
        (spelled(FORMAT), None, "61"),
        (spelled(FORMAT, Tlv("61", b"")), None, "61.4F"),
        (spelled(FORMAT, Tlv("61", b"\x4f\x05")), 11, "61.4F"),
        (spelled(FORMAT, template("61", CARD.data), Tlv("62", b""), Tlv("62", b"")), None, "62"),
    ],
)
def test_faults_are_named_with_their_place(text: str, offset: int | None, path: str | None) -> None:
    with pytest.raises(Malformed) as caught:
        parse_code(text)
    assert (caught.value.offset, caught.value.subfield) == (offset, path)


def test_the_text_is_bounded_when_written_too() -> None:
    with pytest.raises(Malformed, match="512"):
        CardCode((FORMAT, Tlv("9F7C", bytes(400)))).text()
