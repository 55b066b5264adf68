"""Tables of jPOS and of moov-io/iso8583 become specs; what they say and ours cannot is named field by field."""

from __future__ import annotations

import json
from typing import Any

import pytest

from xiaopos.wire.iso8583 import Bitmap, Codec, Encoding, Message, Pad, Prefix, Shown, Size, Third, Typed
from xiaopos.wire.iso8583.importing import Imported, ImportFault
from xiaopos.wire.iso8583.imports_jpos import LONGEST, import_jpos
from xiaopos.wire.iso8583.imports_moov import import_moov
from xiaopos.wire.iso8583.subfields import read_parts

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE isopackager SYSTEM "genericpackager.dtd">\n'


def row(number: object, length: object, said: str, more: str = "") -> str:
    return f'<isofield id="{number}" length="{length}" name="field {number}" class="org.jpos.iso.{said}" {more}/>'


def jpos(*rows: str, attributes: str = "") -> Imported:
    return import_jpos(f"{HEAD}<isopackager {attributes}>{''.join(rows)}</isopackager>")


TYPE, BITS = row(0, 4, "IFB_NUMERIC", 'pad="true"'), row(1, 16, "IFB_BITMAP")


def findings(imported: Imported) -> list[str]:
    return [str(finding) for finding in imported.findings]


def test_a_packed_jpos_table_writes_what_jpos_writes() -> None:
    imported = jpos(
        TYPE,
        BITS,
        row(2, 19, "IFB_LLNUM", 'pad="false"'),
        row(4, 12, "IFB_NUMERIC", 'pad="true"'),
        row(28, 9, "IFB_AMOUNT"),
        row(39, 2, "IF_CHAR"),
        row(48, 999, "IFB_LLLCHAR"),
        row(52, 8, "IFB_BINARY "),
        row(102, 28, "IFB_LLHCHAR"),
    )
    assert imported.findings == ()
    assert (imported.spec.typed, imported.spec.bitmaps, imported.spec.secondary) == (Typed.BCD, Bitmap.BINARY, True)
    message = Message("0200", {2: "123", 4: "1", 28: "C00000012", 39: "0", 48: "ab", 52: bytes(8), 102: "x"})
    written = Codec(imported.spec).encode(message)
    assert written[18:].hex() == "031230" + "000000000001" + "4300000012" + "3020" + "00026162" + "00" * 8 + "0178"
    assert imported.spec.fields[2].shown is Shown.PAN
    assert imported.spec.fields[48].shown is Shown.HIDDEN


@pytest.mark.parametrize(
    ("said", "more", "size", "encoding", "prefix", "extra"),
    [
        ("IFA_NUMERIC", "", Size.FIXED, Encoding.ASCII, Prefix.ASCII, {"digits": True, "pad": Pad.ZERO_LEFT}),
        ("IFA_LLNUM", "", Size.LL, Encoding.ASCII, Prefix.ASCII, {"digits": False}),
        ("IFA_LCHAR", "", Size.L, Encoding.ASCII, Prefix.ASCII, {}),
        ("IFA_LLLLCHAR", "", Size.LLLL, Encoding.ASCII, Prefix.ASCII, {}),
        ("IFA_AMOUNT", "", Size.FIXED, Encoding.ASCII, Prefix.ASCII, {"pad": None}),
        ("IFA_BINARY", "", Size.FIXED, Encoding.HEX, Prefix.ASCII, {}),
        ("IFA_LLABINARY", "", Size.LL, Encoding.HEX, Prefix.ASCII, {}),
        ("IFA_LLLBINARY", "", Size.LLL, Encoding.BINARY, Prefix.ASCII, {}),
        ("IFA_LLBNUM", 'pad="true"', Size.LL, Encoding.BCD_RIGHT, Prefix.ASCII, {}),
        ("IFB_NUMERIC", 'pad="false"', Size.FIXED, Encoding.BCD_LEFT, Prefix.BCD, {"filler": "0"}),
        ("IFB_FNUMERIC", "", Size.FIXED, Encoding.BCD_LEFT, Prefix.BCD, {"filler": "F"}),
        ("IFB_FLLNUM", 'pad="true"', Size.LL, Encoding.BCD_RIGHT, Prefix.BCD, {"filler": "0"}),
        ("IFB_LLHNUM", "", Size.LL, Encoding.BCD_LEFT, Prefix.BINARY, {}),
        ("IFB_LLLHBINARY", "", Size.LLL, Encoding.BINARY, Prefix.BINARY, {}),
        ("IFB_LLHECHAR", "", Size.LL, Encoding.EBCDIC, Prefix.BINARY, {}),
        ("IFE_CHAR", "", Size.FIXED, Encoding.EBCDIC, Prefix.EBCDIC, {"pad": Pad.SPACE_RIGHT}),
        ("IFE_BINARY", "", Size.FIXED, Encoding.EBCDIC_HEX, Prefix.EBCDIC, {}),
        ("IFE_LLLBINARY", "", Size.LLL, Encoding.BINARY, Prefix.EBCDIC, {}),
        ("IFEA_LLCHAR", "", Size.LL, Encoding.ASCII, Prefix.EBCDIC, {}),
        ("IFAE_LLCHAR", "", Size.LL, Encoding.EBCDIC, Prefix.ASCII, {}),
        ("IF_ECHAR", "", Size.FIXED, Encoding.EBCDIC, Prefix.ASCII, {}),
    ],
)
def test_each_jpos_class_says_what_its_name_says(
    said: str, more: str, size: Size, encoding: Encoding, prefix: Prefix, extra: dict[str, object]
) -> None:
    imported = jpos(TYPE, BITS, row(60, 9, said, more))
    taken = imported.spec.fields[60]
    assert (taken.size, taken.encoding, taken.prefix) == (size, encoding, prefix)
    assert {name: getattr(taken, name) for name in extra} == extra
    ebcdic = ["field 60: EBCDIC code page 1047: read as 037: letters and digits are the same"]
    assert findings(imported) == (ebcdic if encoding is Encoding.EBCDIC else [])


@pytest.mark.parametrize(
    "said",
    [
        "IFB_LLHEX", "IFA_TTLCHAR", "IFA_LLLLLCHAR", "IFEB_LLNUM", "IF_UNUSED", "IFE_LLLEBINARY", "IFA_FLLCHAR",
        "IFB_HBINARY", "IFA_LLAMOUNT", "",
    ],
)  # fmt: skip
def test_a_jpos_class_without_a_meaning_here_is_named_and_left_out(said: str) -> None:
    imported = jpos(TYPE, BITS, row(60, 9, said))
    assert imported.spec.fields == {}
    assert findings(imported) == [f"field 60: packager class {said or 'missing'}: left out"]


def test_whatever_else_a_jpos_table_says_is_reported() -> None:
    imported = jpos(
        row(0, 4, "IFA_LLCHAR"),
        row(1, 32, "IFC_BITMAP"),
        row("x", 1, "IF_CHAR"),
        row(35, 37, "IFB_LLNUM"),
        row(43, "many", "IF_CHAR"),
        row(44, 99, "IFA_LLCHAR", 'trim="true"'),
        row(44, 25, "IFA_LLCHAR"),
        row(48, 100, "IFA_LLCHAR"),
        row(65, 8, "IFB_BINARY"),
        row(130, 8, "IF_CHAR"),
        attributes='headerLength="5" maxValidField="130"',
    )
    assert findings(imported) == [
        "headerLength='5': not taken",
        "field 0: IFA_LLCHAR as message type: read as ASCII",
        "field 1: IFC_BITMAP of length 32 as bitmap: read as 16 binary bytes",
        "field x: <isofield> without a field number: left out",
        "field 35: packed digits of a track: read as track symbols, `=` as D",
        "field 43: length 'many': left out",
        "field 44: trim='true': not taken",
        "field 44: a second row of this number: the last one taken",
        "field 48: length 100 does not fit LL: left out",
        "field 65: a row for the bit of a third bitmap: left out",
        "fields above 128 without a third bitmap: left out",
    ]
    assert sorted(imported.spec.fields) == [35, 44]
    assert imported.spec.fields[44].most == 25


def test_a_third_bitmap_is_where_the_jpos_table_says() -> None:
    field = row(130, 8, "IF_CHAR")
    third = row(65, 8, "IFB_BITMAP")
    assert jpos(TYPE, BITS, third, field, attributes='thirdBitmapField="65"').spec.third is Third.FIELD_65
    assert jpos(TYPE, row(1, 24, "IFB_BITMAP"), field).spec.third is Third.BEHIND
    assert not jpos(TYPE, row(1, 8, "IFA_BITMAP"), row(3, 6, "IFA_NUMERIC")).spec.secondary


def nested(*rows: str, more: str = "", packager: str = "org.jpos.iso.packager.GenericSubFieldPackager") -> Imported:
    outer = (
        f'<isofieldpackager id="48" length="99" name="parts" class="org.jpos.iso.IFB_LLLBINARY" packager="{packager}"'
    )
    return jpos(TYPE, BITS, f"{outer} {more}>{''.join(rows)}</isofieldpackager>")


def test_sub_fields_of_a_jpos_table_can_be_read() -> None:
    simple = (row(1, 2, "IFA_NUMERIC"), row(2, 9, "IFA_LLCHAR"), row(3, 4, "IFB_NUMERIC"), row(4, 9, "IFB_LLBINARY"))
    layout = nested(*simple).spec.fields[48].parts
    assert layout is not None
    read = read_parts(layout, b"12" + b"03abc" + b"\x12\x34" + b"\x01\xff", field=48)
    assert [part.value for part in read] == ["12", "abc", "1234", b"\xff"]
    by_bit = nested(row(0, 8, "IFB_BITMAP"), *simple, more='emitBitmap="true"').spec.fields[48].parts
    assert by_bit is not None
    assert [part.tag for part in read_parts(by_bit, b"\x50" + bytes(7) + b"00\x01\xff")] == ["48.2", "48.4"]


@pytest.mark.parametrize(
    ("imported", "words"),
    [
        (nested(packager="org.jpos.iso.packager.EuroSubFieldPackager"), "packager EuroSubFieldPackager"),
        (nested(packager=""), "packager missing"),
        (nested(row(0, 16, "IFB_BITMAP"), more='emitBitmap="true"'), "a bitmap other than 8 binary bytes"),
        (nested(row(0, 8, "IFB_BITMAP"), row(70, 1, "IF_CHAR"), more='emitBitmap="true"'), "no bit 70 in 8 bytes"),
        (nested(row(1, 3, "IFB_NUMERIC")), "1 packs an odd number of digits"),
        (nested(row(1, 3, "IFE_LLCHAR")), "1 is IFE_LLCHAR"),
        (nested(row(1, 4, "IFB_LLNUM")), "1 is IFB_LLNUM"),
        (nested(row(1, 4, "IF_CHAR"), row(1, 4, "IF_CHAR")), "numbers that are missing or stand twice"),
        (nested('<isofieldpackager id="1"/>'), "1 has sub-fields of its own"),
    ],
)
def test_sub_fields_that_cannot_be_said_leave_the_field_whole(imported: Imported, words: str) -> None:
    assert findings(imported) == [f"field 48: sub-fields: {words}: the field is kept whole"]
    assert imported.spec.fields[48].parts is None


BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><isopackager>&b;</isopackager>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><isopackager>&a;</isopackager>'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BOMB, "defines nothing, found definitions"),
        (OUTSIDE, "defines nothing, found definitions"),
        ("<isopackager>&b;</isopackager>", "well-formed"),
        ("<isopackager>", "well-formed"),
        (b'<?xml version="1.0" encoding="klingon"?><isopackager/>', "well-formed"),
        ("", "well-formed"),
        ("\x00", "well-formed"),
        ("\ud800", "well-formed"),
        (b"\xff\xff", "well-formed"),
        ("<other/>", "expected <isopackager>, found <other>"),
        ("<a>" * 20, "at most 8 elements"),
        ("<isopackager>" + " " * LONGEST, "at most"),
    ],
)
def test_what_is_no_jpos_table_is_refused_and_nothing_is_fetched(text: str | bytes, words: str) -> None:
    with pytest.raises(ImportFault, match=words):
        import_jpos(text)


def said(kind: str, length: object, enc: str, prefix: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "length": length, "description": "域", "enc": enc, "prefix": prefix, **more}


MTI, BITMAP = said("String", 4, "ASCII", "ASCII.Fixed"), said("Bitmap", 8, "Binary", "Binary.Fixed")


def moov(fields: dict[str, Any], **more: Any) -> Imported:
    return import_moov(json.dumps({"name": "theirs", "fields": {"0": MTI, "1": BITMAP, **fields}, **more}))


def test_a_moov_table_writes_what_moov_writes() -> None:
    zero_left = {"type": "Left", "pad": "0"}
    imported = moov(
        {
            "2": said("String", 19, "ASCII", "ASCII.LL"),
            "4": said("Numeric", 12, "ASCII", "ASCII.Fixed", padding=zero_left),
            "22": said("String", 3, "BCD", "BCD.Fixed"),
            "48": said("Binary", 300, "Binary", "Binary.LL"),
            "52": said("Hex", 8, "HexToASCII", "Hex.Fixed"),
            "130": said("String", 5, "LBCD", "Binary.L"),
        }
    )
    assert imported.findings == ()
    assert (imported.spec.name, imported.spec.third) == ("theirs", Third.BEHIND)
    message = Message("0200", {2: "123", 4: "7", 22: "051", 48: b"\xff", 52: bytes(8), 130: "123"})
    written = Codec(imported.spec).encode(message)
    assert written[28:] == b"03123" + b"000000000007" + b"\x00\x51" + b"\x00\x01\xff" + b"00" * 8 + b"\x03\x12\x30"
    assert import_moov('{"fields": {}}', name="ours").spec.name == "ours"
    assert import_moov('{"fields": {}}').spec.name == "imported from moov-io/iso8583"


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (said("String", 8, "HexToASCII", "Hex.Fixed"), "type String with encoding HexToASCII: left out"),
        (said("Track2", 37, "BCD", "BCD.LL"), "type Track2 with encoding BCD: left out"),
        (said("Odd", 8, "ASCII", "ASCII.LL"), "type Odd with encoding ASCII: left out"),
        ({"length": 1, "prefix": "ASCII.Fixed"}, "type missing with encoding missing: left out"),
        (said("String", "8", "ASCII", "ASCII.LL"), "length str: left out"),
        (said("String", 8, "ASCII", "Hex.LL"), "prefix Hex.LL: left out"),
        (said("String", 8, "ASCII", "Binary.LLL"), "prefix Binary.LLL: left out"),
        (said("String", 8, "ASCII", ""), "prefix missing: left out"),
        (said("String", 800, "ASCII", "ASCII.LL"), "length 800 does not fit LL: left out"),
        (said("String", 8, "ASCII", "ASCII.LL", colour="red"), "'colour': not taken"),
        (said("String", 8, "EBCDIC", "EBCDIC.LL"), "their EBCDIC table: read as code page 500: letters and digits are the same"),
        (said("Hex", 8, "HexToASCII", "ASCII.LL"), "a length before hexadecimal text: read as bytes of the value"),
        (said("String", 8, "ASCII", "ASCII.Fixed", padding={"type": "Left", "pad": "x"}), "padding: not taken"),
        (said("String", 8, "ASCII", "ASCII.LL", padding={"type": "Left", "pad": "0"}), "padding: not taken"),
    ],
)  # fmt: skip
def test_what_a_moov_field_says_and_ours_cannot_is_named(field: dict[str, Any], words: str) -> None:
    imported = moov({"60": field})
    assert findings(imported) == [f"field 60: {words}"]
    assert (60 in imported.spec.fields) is not words.endswith("left out")


def test_a_moov_track_packed_to_the_left_is_a_track() -> None:
    assert moov({"35": said("Track2", 37, "LBCD", "BCD.LL")}).spec.fields[35].encoding is Encoding.TRACK


def test_a_moov_table_with_an_odd_head_is_read_as_far_as_it_goes() -> None:
    assert findings(import_moov('{"fields": {"Field002": 1, "3": 4}}')) == [
        "field Field002: not a field number with an object: left out",
        "field 3: not a field number with an object: left out",
        "field 0: missing: read as ASCII",
        "field 1: missing: read as binary",
    ]
    odd = moov(
        {"0": said("String", 4, "Klingon", "ASCII.Fixed"), "1": {**BITMAP, "enc": "X", "disableAutoExpand": True}}
    )
    assert findings(odd) == [
        "field 0: Klingon as message type: read as ASCII",
        "field 1: X as bitmap: read as binary",
        "field 1: a bitmap that never goes on: read as one that bit 1 continues",
    ]


def composite(subfields: object, **more: Any) -> Imported:
    return moov({"48": {"type": "Composite", "length": 99, "prefix": "ASCII.LL", "subfields": subfields, **more}})


def test_composites_of_a_moov_table_can_be_read() -> None:
    number, text = said("Numeric", 2, "ASCII", "ASCII.Fixed"), said("String", 9, "ASCII", "ASCII.LL")
    plain = composite({"1": number, "2": text, "10": said("Binary", 1, "Binary", "None.Fixed")}).spec.fields[48].parts
    assert plain is not None
    assert [part.value for part in read_parts(plain, b"1203abc\xff")] == ["12", "abc", b"\xff"]
    tag = {"length": 2, "enc": "ASCII"}
    tagged = composite({"01": text, "02": text}, tag=tag).spec.fields[48].parts
    assert tagged is not None
    assert [(part.tag, part.value) for part in read_parts(tagged, b"0202xy0100")] == [("02", "xy"), ("01", "")]
    by_width = composite({"01": number}, tag=tag).spec.fields[48].parts
    assert by_width is not None
    assert [part.value for part in read_parts(by_width, b"0199")] == ["99"]
    ber = composite({"9F26": said("Hex", 8, "Binary", "BerTLV")}, tag={"enc": "BerTLVTag"}).spec.fields[48].parts
    assert ber is not None
    assert [part.value for part in read_parts(ber, bytes.fromhex("9F2602abcd"))] == [b"\xab\xcd"]


@pytest.mark.parametrize(
    ("imported", "words"),
    [
        (composite({"1": MTI}, bitmap=BITMAP), "a bitmap of their own"),
        (composite([MTI]), "not objects by name"),
        (composite({"1": 1}), "not objects by name"),
        (composite({"1": {**MTI, "subfields": {"1": MTI}}}), "1 has sub-fields of its own"),
        (composite({"1": said("String", 4, "EBCDIC", "EBCDIC.LL")}), "1 is ebcdic"),
        (composite({"1": said("String", 4, "ASCII", "EBCDIC.LL")}), "a length EBCDIC.LL"),
        (composite({"1": MTI}, tag={"enc": "BCD", "length": 2}), "tags other than text of one width"),
        (composite({"1": MTI, "2": said("String", 4, "ASCII", "ASCII.LL")}, tag={"enc": "ASCII", "length": 1}), "tags other"),
    ],
)  # fmt: skip
def test_composites_that_cannot_be_said_leave_the_field_whole(imported: Imported, words: str) -> None:
    assert [finding.field for finding in imported.findings] == ["48"]
    assert words in imported.findings[0].said
    assert imported.spec.fields[48].parts is None


@pytest.mark.parametrize("text", ["", "[]", '{"fields": []}', b"\xff", "[" * 100000])
def test_what_is_no_moov_table_is_refused(text: str | bytes) -> None:
    with pytest.raises(ImportFault, match="expected"):
        import_moov(text)
