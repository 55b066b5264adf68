"""What people see of a message: every field and part by name, and nothing secret."""

from __future__ import annotations

import pytest

from support.wire_samples import CARD_SALE, NETWORK_REVERSAL, SALE_ANSWER, SETTLEMENT, real_body, vector
from xiaopos.wire.iso8583 import Codec, Message, Spec, card_network
from xiaopos.wire.iso8583.describing import Row, describe, named_by, unknown_parts
from xiaopos.wire.iso8583.unionpay_terminal import SPEC


def _by_part(rows: list[Row]) -> dict[tuple[int, str], Row]:
    return {(row.field, row.part): row for row in rows}


def test_a_description_names_every_field_and_shows_nothing_secret() -> None:
    rows = describe(SPEC, CARD_SALE)
    assert rows[0].shown == "0200 消费 / sale"
    assert [row.field for row in rows if not row.part] == [0, *sorted(CARD_SALE.fields)]
    shown = {row.field: row.shown for row in rows if not row.part}
    assert (shown[2], shown[4], shown[35], shown[52]) == ("622556******5170", "000000001234", "<34>", "<8>")
    real = describe(SPEC, Codec(SPEC).decode(real_body()))
    text = repr([rows, real, describe(SPEC, SALE_ANSWER), describe(card_network.SPEC, NETWORK_REVERSAL)])
    for secret in ("6225561620345170", "6225561620345170001", "28121010", "284412345678901234", "B3A092AE", "123456C"):
        assert secret not in text
    assert "小林茶铺" in text
    assert real[0].shown == "0200 扫码消费 / payment code sale"
    assert all(row.zh and row.en for row in [*rows, *real])


def test_parts_and_codes_are_told_in_words() -> None:
    rows = _by_part(describe(SPEC, CARD_SALE))
    assert rows[22, "22.1"].meaning == (("插卡", "chip, contact"),)
    assert rows[22, "22.2"].meaning == (("有密码", "PIN"),)
    assert rows[25, ""].meaning == (("正常", "normal"),)
    assert rows[53, "53.2"].meaning == (("3DES", "triple DES"),)
    assert (rows[60, "60.2"].shown, rows[60, "60.4"].meaning) == ("000001", (("磁条和IC卡", "chip and stripe"),))
    assert rows[55, "9F02"].meaning[0][0].startswith("12.34")
    assert _by_part(describe(SPEC, SALE_ANSWER))[39, ""].meaning == (("交易成功", "approved"),)
    reversal = Message("0400", {3: "000000", 39: "98", 60: "22000001000"})
    assert _by_part(describe(SPEC, reversal))[39, ""].meaning == (("未收到应答冲正", "reversal: no answer came"),)


def test_parts_have_their_bytes_where_the_places_are_known() -> None:
    body = real_body()
    codec = Codec(SPEC)
    starts = {}
    for piece in codec.pieces(body)[2:]:
        field = SPEC.fields[piece.number]
        starts[piece.number] = piece.start + field.prefix_bytes
    rows = _by_part(describe(SPEC, codec.decode(body), starts))
    assert body[rows[60, "60.1"].start : rows[60, "60.1"].end] == b"\x26"
    code = rows[62, "5F01"]
    assert code.shown == "<18>"
    assert body[code.start : code.end][:3] == bytes.fromhex("5F0112")
    assert rows[62, "5F03"].shown == "160036"
    assert body[rows[62, ""].start : rows[62, ""].end] == codec.decode(body).raw(62)
    assert describe(SPEC, codec.decode(body))[1].start is None


def test_chip_data_lies_at_its_own_place() -> None:
    chip = CARD_SALE.raw(55)
    rows = _by_part(describe(SPEC, CARD_SALE, {55: 100}))
    row = rows[55, "9F36"]
    assert row.start is not None
    assert row.end is not None
    assert chip[row.start - 100 : row.end - 100] == bytes.fromhex("9F3602001A")
    listed = Message("0830", {60: "00000001372", 62: b"1" + bytes.fromhex("9F0605A0000003339F220102")})
    assert _by_part(describe(SPEC, listed, {62: 50}))[62, "62.2/9F22"].start == 59


def test_working_keys_show_their_check_values_only() -> None:
    keys = bytes.fromhex(vector("unionpay_signin_field62_keys.json")["field62_hex"])
    rows = _by_part(describe(SPEC, Message("0810", {60: "00000001003", 62: keys})))
    assert (rows[62, "PIK"].shown, rows[62, "PIK check"].shown, rows[62, ""].shown) == ("<16>", "8D0A74B8", "<40>")


def test_a_field_that_cannot_be_read_is_shown_whole_with_the_fault() -> None:
    rows = _by_part(describe(SPEC, Message("0200", {3: "000000", 55: b"\x9f", 60: "2200000100050"}), {55: 40}))
    assert "offset 40" in rows[55, ""].fault
    assert rows[55, ""].shown == "<1>"
    assert not rows[60, ""].fault


def test_what_nobody_knows_is_told_as_unknown_and_hidden() -> None:
    message = Message(
        "0200", {22: "032", 59: b"ZZ005abcdeA3002ab", 55: bytes.fromhex("DF7F03616263"), 60: "22000001000"}
    )
    rows = _by_part(describe(SPEC, message))
    assert (rows[59, "ZZ"].shown, rows[59, "ZZ"].unknown) == ("<5>", True)
    assert rows[55, "DF7F"].unknown
    assert unknown_parts(SPEC, message) == {55: ["DF7F"], 59: ["ZZ"]}
    assert unknown_parts(card_network.SPEC, NETWORK_REVERSAL) == {}


def test_a_description_bears_fields_that_the_table_lacks_and_odd_values() -> None:
    rows = describe(SPEC, Message("0999", {2: "12", 4: b"x", 99: "secret"}))
    assert [row.shown for row in rows] == ["0999", "<2>", "<1>", "<6>"]
    assert rows[3].zh == "未知域"
    assert unknown_parts(SPEC, Message("0999", {99: "secret"})) == {}
    assert describe(SPEC, SETTLEMENT)[0].shown == "0500 批结算 / batch settlement"


@pytest.mark.parametrize("spec", [SPEC, card_network.SPEC], ids=lambda spec: spec.name)
def test_free_text_with_a_long_number_is_hidden(spec: Spec) -> None:
    rows = _by_part(describe(spec, Message("0210", {44: "6225561620345170"})))
    assert rows[44, ""].shown == "<16>"
    rows = _by_part(describe(SPEC, Message("0210", {63: "CUP6225 5616 2034 5170x"})))
    assert "6225" not in repr(rows)
    assert (
        _by_part(describe(SPEC, Message("0210", {63: "CUP" + "招商银行".ljust(16)})))[63, "63.2.1"].shown[:2] == "招商"
    )


def test_card_numbers_in_a_batch_upload_show_their_ends() -> None:
    detail = "00" + "000123" + "00006225561620345170" + "000000001234"
    message = Message("0320", {48: "01" + detail, 60: "00000001201"})
    rows = _by_part(describe(SPEC, message))
    assert rows[48, "48/48.3"].shown == "622556******5170"
    assert rows[48, "48/48.1"].meaning == (("内卡", "domestic card"),)
    empty = Message("0320", {48: "01" + "0" * 40, 60: "00000001201"})
    assert _by_part(describe(SPEC, empty))[48, "48/48.3"].shown == "<20>"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {2: "6225561620345170", 3: "000000", 25: "06", 60: "22000001000"},
            "0200, 3 is 000000 (purchase), 60.1 is 22 (sale), 25 is 06 (pre-authorisation)",
        ),
        (
            {3: "990000", 60: "00000001777"},
            "0200, 3 is 990000 (not known), 60.1 is 00 (management), 60.3 is 777 (not known)",
        ),
        ({}, "0200"),
    ],
    ids=["contradictory", "unknown", "empty"],
)
def test_what_a_message_is_named_by_is_said_also_where_nothing_has_this_name(
    fields: dict[int, str | bytes], said: str
) -> None:
    assert named_by(Message("0200", fields)) == said
