"""Sub-fields of terminal messages: read, written, refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from support.wire_samples import NETWORK_REVERSAL, vector
from xiaopos.wire.iso8583 import Malformed
from xiaopos.wire.iso8583.card_network import NETWORK_CODES, AdditionalAmount, OriginalData
from xiaopos.wire.iso8583.terminal_codes import (
    BALANCE_FLAGS,
    CHIP_CONDITIONS,
    ENTRY_MODES,
    PIN_CIPHERS,
    PIN_ENTRY,
    PIN_FORMATS,
    READING_CAPABILITIES,
)
from xiaopos.wire.iso8583.terminal_fields import (
    WORKING_KEY_BYTES,
    BatchDetail,
    EntryMode,
    Field60,
    Field61,
    SecurityControl,
    SettlementTotals,
    SignInDevice,
    Totals,
    WorkingKeys,
)


def test_entry_mode() -> None:
    mode = EntryMode.parse("051")
    assert mode == EntryMode("05", "1")
    assert mode.has_pin
    assert not EntryMode.parse("072").has_pin
    assert EntryMode.parse("032").text() == "032"
    assert ENTRY_MODES["03"][1] == "QR or bar code"
    assert PIN_ENTRY["2"] == ("无密码", "no PIN")


def test_security_control() -> None:
    control = SecurityControl.parse("2610000000000000")
    assert control == SecurityControl("2", "6", track_encrypted=True)
    assert control.text() == "2610000000000000"
    assert SecurityControl("0", "6").text() == "0600000000000000"
    assert PIN_FORMATS["2"][1] == "ISO 9564 with PAN"
    assert PIN_CIPHERS["6"][1] == "triple DES"
    with pytest.raises(Malformed, match=r"53\.3"):
        SecurityControl.parse("2620000000000000")


@pytest.mark.parametrize(
    "digits", ["00000001003", "220000010005", "2200000100060", "22000001000500048", "2600000100060000000"]
)
def test_field_60_of_every_length_comes_back(digits: str) -> None:
    assert Field60.parse(digits).text() == digits


def test_field_60_parts() -> None:
    part = Field60.parse("2200002300052100048")
    assert part == Field60("22", "000023", "000", "5", "2", "1", "000", "48")
    assert part.batch_number == 23
    assert READING_CAPABILITIES[part.reading][1] == "chip and stripe"
    assert CHIP_CONDITIONS[part.chip_condition][1].startswith("fallback")
    assert Field60("00", "000001", "003").text() == "00000001003"
    with pytest.raises(Malformed):
        Field60("22", "1").text()


@pytest.mark.parametrize(
    "digits", ["000001000123", "0000010001231122", "000001000123112201", "00000100012311220112345678901"]
)
def test_field_61_of_every_length_comes_back(digits: str) -> None:
    part = Field61.parse(digits)
    assert (part.batch, part.stan, part.text()) == ("000001", "000123", digits)
    with pytest.raises(Malformed):
        Field61("000001", "123").text()


def test_settlement_totals() -> None:
    totals = SettlementTotals(Totals(123456, 7, 100, 1), Totals(0, 0, 0, 0, "1"))
    digits = totals.text()
    assert digits == "00000012345600700000000010000100000000000000000000000000000001"
    assert SettlementTotals.parse(digits) == totals
    assert SettlementTotals(Totals()).text() == "0" * 62
    assert BALANCE_FLAGS["1"] == ("对账平", "balanced")
    with pytest.raises(Malformed):
        SettlementTotals(Totals(debit_count=1000)).text()
    with pytest.raises(Malformed):
        SettlementTotals(Totals(debit_minor=-1)).text()


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (EntryMode.parse, "05"),
        (EntryMode.parse, "05x"),
        (EntryMode.parse, "05１"),
        (SecurityControl.parse, "26"),
        (Field60.parse, "2200000100"),
        (Field60.parse, "22000001000500048000"),
        (Field61.parse, "0000010001231"),
        (Field61.parse, ""),
        (SettlementTotals.parse, "0" * 61),
        (OriginalData.parse, "0" * 41),
    ],
)
def test_wrong_digits_are_malformed(parse: Callable[[str], object], text: str) -> None:
    with pytest.raises(Malformed):
        parse(text)


def test_the_known_working_keys_fall_into_their_parts() -> None:
    said = vector("unionpay_signin_field62_keys.json")
    raw = bytes.fromhex(said["field62_hex"])
    keys = WorkingKeys.parse(raw)
    assert (keys.pin_check.hex().upper(), keys.mac_check.hex().upper()) == (said["pik_check"], said["mak_check"])
    assert (len(keys.pin_key), len(keys.mac_key), keys.track_key) == (16, 8, b"")
    assert keys.encode() == raw
    assert len(raw) == WORKING_KEY_BYTES["003"]
    assert "8D0A74B8" in repr(keys)
    assert keys.pin_key.hex().upper()[:8] not in repr(keys)


def test_working_keys_of_the_other_layouts_come_back() -> None:
    check = b"\x01\x02\x03\x04"
    single = WorkingKeys(b"P" * 8, check, b"M" * 8, check)
    double = WorkingKeys(b"P" * 16, check, b"M" * 16, check)
    track = WorkingKeys(b"P" * 16, check, b"M" * 8, check, b"T" * 16, check)
    for keys, code in ((single, "001"), (double, "003"), (track, "004")):
        assert len(keys.encode()) == WORKING_KEY_BYTES[code]
        assert WorkingKeys.parse(keys.encode()) == keys
    for size in (0, 23, 41, 61):
        with pytest.raises(Malformed, match="24, 40 or 60"):
            WorkingKeys.parse(bytes(size))
    for wrong in (
        WorkingKeys(b"P" * 8, check, b"M" * 16, check),
        WorkingKeys(b"P" * 16, check, b"M" * 8, check, b"T" * 8, check),
        WorkingKeys(b"P" * 17, b"123", b"M" * 16, check),
    ):
        with pytest.raises(Malformed):
            wrong.encode()


def test_the_device_that_signs_in() -> None:
    device = SignInDevice("3125", "A0000042")
    assert device.encode() == b"Sequence No123125A0000042"
    assert SignInDevice.parse(device.encode()) == device
    for raw in (b"", b"Sequence No123125A000004", b"sequence No123125A0000042", b"Sequence No123125A000004\n"):
        with pytest.raises(Malformed):
            SignInDevice.parse(raw)
    for wrong in (SignInDevice("312", "A0000042"), SignInDevice("3125", "A000004茶")):
        with pytest.raises(Malformed):
            wrong.encode()


def test_original_data_names_the_message_that_a_network_reversal_undoes() -> None:
    original = OriginalData.parse(NETWORK_REVERSAL.text(90))
    assert original == OriginalData("0200", "000123", "1122100200", "48800001", "48800001")
    assert original.text() == NETWORK_REVERSAL.text(90)
    assert NETWORK_CODES["301"][1] == "echo test"


def test_amounts_of_field_54_have_a_sign() -> None:
    amounts = (
        AdditionalAmount("10", AdditionalAmount.AVAILABLE, "156", 12_50),
        AdditionalAmount("10", "01", "156", -3),
    )
    text = "".join(amount.text() for amount in amounts)
    assert text == "1002156C0000000012501001156D000000000003"
    assert AdditionalAmount.parse_all(text) == amounts
    assert AdditionalAmount.parse_all("") == ()


@pytest.mark.parametrize(
    "text", ["1002156C00000000125", "1002156X000000001250", "1002156C00000000125A", "10０2156C000000001250"]
)
def test_what_is_no_amount_is_refused_at_its_place(text: str) -> None:
    with pytest.raises(Malformed) as refused:
        AdditionalAmount.parse_all("1002156C000000001250" + text)
    assert (refused.value.field, refused.value.offset) == (54, 20)


def test_batch_details_go_there_and_back_and_show_no_card() -> None:
    details = (BatchDetail(True, 7, "6225561620345170", 12_50), BatchDetail(False, 8, "", 3))
    text = BatchDetail.text_of(details)
    assert len(text) == 2 + 2 * 40
    assert BatchDetail.parse_all(text) == details
    assert repr(details[0]) == "BatchDetail(000007, 1250)"


def test_batch_details_that_do_not_count_are_refused() -> None:
    with pytest.raises(Malformed):
        BatchDetail.text_of([BatchDetail(False, 1, "", 1)] * 9)
    for text in ("", "x1", "02" + "0" * 40):
        with pytest.raises(Malformed):
            BatchDetail.parse_all(text)
