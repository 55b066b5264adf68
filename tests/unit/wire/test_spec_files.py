"""Specs as files: what is shipped goes out and comes back the same, and every fault names file, field and expectation."""

from __future__ import annotations

import json

import pytest

from support.wire_samples import EVERYTHING, IN_TEXT, OTHERWISE, SHIPPED
from xiaopos.wire.iso8583 import Codec, Encoding, Field, Message, Shown, Size, Spec, Version, terminal_parts
from xiaopos.wire.iso8583.spec_file import SpecFault, dumps, loads
from xiaopos.wire.iso8583.spec_file_parts import parts_of, table_of
from xiaopos.wire.iso8583.subfields import Part, Parts, Positional
from xiaopos.wire.iso8583.tagged import Bitmapped

SMALL = """
name = "小店网络"
version = "1987"

[field.3]
zh = "处理码"
en = "processing code"
size = "FIXED"
most = 6
encoding = "bcd right"
shown = "plain"
"""


@pytest.mark.parametrize("form", ["toml", "json"])
@pytest.mark.parametrize("spec", [*SHIPPED, EVERYTHING, OTHERWISE, IN_TEXT], ids=lambda spec: spec.name)
def test_a_spec_written_to_a_file_and_read_again_is_the_same(spec: Spec, form: str) -> None:
    assert loads(dumps(spec, form=form)) == spec


def test_a_file_written_by_hand_makes_a_codec() -> None:
    spec = loads(SMALL.encode())
    assert (spec.name, spec.version, spec.fields[3].shown) == ("小店网络", Version.ISO1987, Shown.PLAIN)
    assert Codec(spec).encode(Message("0200", {3: "310000"})).hex() == "02002000000000000000310000"
    padded = loads(SMALL + 'pad = "0 left"')
    assert loads(dumps(padded)) == padded != spec


def test_a_field_whose_showing_is_not_said_is_hidden() -> None:
    assert loads(SMALL.replace('shown = "plain"', "")).fields[3].shown is Shown.HIDDEN


def test_a_table_without_fields_and_without_a_form_we_know() -> None:
    none = Spec("nothing", ())
    assert loads(dumps(none)) == none
    with pytest.raises(ValueError, match="toml or json, not 'yaml'"):
        dumps(none, form="yaml")


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ('name = "小店网络"', "name = ", None, "TOML or JSON in UTF-8"),
        ('name = "小店网络"', "", None, "name, text, found nothing"),
        ('name = "小店网络"', "name = 3", None, "name, text, found a int"),
        ('"1987"', '"1986"', None, "a version of 1987, 1993, 2003, found '1986'"),
        ('version = "1987"', "secondary = 1", None, "secondary, true or false"),
        ('version = "1987"', 'ebcdic = "cp1"', None, "the code page is one of"),
        ('version = "1987"', 'typed = "roman"', None, "typed, one of bcd, ascii, ebcdic, found 'roman'"),
        ('version = "1987"', "typed = 1", None, "found a int"),
        ('version = "1987"', "colour = 1", None, "only bitmaps"),
        ("[field.3]", "[field.x]", "x", "a field number"),
        ("[field.3]", "[field.3.deeper]", "3", "found 'deeper'"),
        ("[field.3]", "[field]\n3 = 1\n[other]", "3", "a table, found a int"),
        ("[field.3]", "[field.1]", "1", "no data field has this number"),
        ("[field.3]", "[field.70]", None, "secondary bitmap"),
        ('size = "FIXED"', "", "3", "size, one of FIXED, L, LL, LLL, LLLL, found nothing"),
        ("most = 6", 'most = "6"', "3", "most, a whole number"),
        ("most = 6", "most = 0", "3", "length 0"),
        ('"bcd right"', '"bcd middle"', "3", "encoding, one of bcd left"),
        ("most = 6", 'most = 6\nunit = "bits"', "3", "unit, one of digits, bytes"),
        ("most = 6", 'most = 6\npad = "x"', "3", "pad, one of 0 left"),
        ("most = 6", "most = 6\nsizes = 6", "3", "found 'sizes'"),
        ("most = 6", "most = 6\nparts = 6", "3", "parts, a table whose kind is one of positional"),
    ],
)
def test_each_fault_names_file_field_and_what_was_expected(old: str, new: str, field: str | None, words: str) -> None:
    assert old in SMALL
    with pytest.raises(SpecFault) as caught:
        loads(SMALL.replace(old, new), source="shop.toml")
    fault = caught.value
    if new == "[field]\n3 = 1\n[other]":
        assert "only" in str(fault)
        return
    assert (fault.source, fault.field) == ("shop.toml", field)
    assert words in str(fault)
    assert str(fault).startswith("shop.toml")


@pytest.mark.parametrize(
    "text", [b"\xff", "{", '{"name": 1, "name": 2}', "[" * 5000, '{"a":' * 100000, "a = " + "1" * 5000]
)
def test_what_is_no_file_at_all_is_a_fault_too(text: str | bytes) -> None:
    with pytest.raises(SpecFault, match="TOML or JSON in UTF-8"):
        loads(text)


def test_a_row_that_is_no_table() -> None:
    with pytest.raises(SpecFault, match="spec, field 3: expected a table, found a int"):
        loads(json.dumps({"name": "x", "field": {"3": 4}}))


LAYOUTS = {name: layout for name, layout in vars(terminal_parts).items() if isinstance(layout, Parts)}


@pytest.mark.parametrize("name", sorted(LAYOUTS))
def test_sub_fields_go_through_a_file_too(name: str) -> None:
    layout = LAYOUTS[name]
    assert parts_of(json.loads(json.dumps(table_of(layout)))) == layout
    row = Field(61, "域", "field", Size.LLL, 29, Encoding.BCD_LEFT, parts=layout)
    spec = Spec("with parts", (row,))
    assert loads(dumps(spec)) == loads(dumps(spec, form="json")) == spec


def test_a_nested_bitmap_is_kept_by_its_bits() -> None:
    layout = Bitmapped({3: Part("43.3", "街道", "street", 20), 9: Part("43.9", "电话", "telephone", 16)}, 2)
    assert parts_of(table_of(layout)) == layout


class Homemade(Parts):
    def read(self, data, place):  # type: ignore[no-untyped-def]  # never called: only its kind matters
        raise NotImplementedError

    write = read


def test_sub_fields_of_a_kind_of_ones_own_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="Homemade cannot be written"):
        table_of(Homemade())


PART = {"tag": "1", "zh": "域", "en": "part"}


@pytest.mark.parametrize(
    ("parts", "expected", "found"),
    [
        ({"kind": "positional"}, "parts, parts", "nothing"),
        ({"kind": "positional", "parts": 1}, "parts.parts, a list", "a int"),
        ({"kind": "positional", "parts": [1]}, "parts.parts[0], a table", "a int"),
        ({"kind": "positional", "parts": [{**PART, "colour": 1}]}, "only tag", "'colour'"),
        ({"kind": "positional", "parts": [{**PART, "size": "1"}]}, "parts.parts[0].size, of the kind int", "a str"),
        ({"kind": "positional", "parts": [{**PART, "form": "x"}]}, "form, one of digits", "'x'"),
        ({"kind": "positional", "parts": [{**PART, "meanings": 1}]}, "meanings, a table", "a int"),
        ({"kind": "positional", "parts": [{**PART, "meanings": {"0": ["一"]}}]}, "a list of 2", "one of 1"),
        ({"kind": "positional", "parts": [PART, PART]}, "a layout that can be meant", "only the last part"),
        ({"kind": "bitmapped", "parts": {"x": PART}}, "a table by number", "another name"),
        ({"kind": "repeated", "item": 1}, "parts.item, a table", "a int"),
    ],
)
def test_a_fault_in_sub_fields_says_where(parts: object, expected: str, found: str) -> None:
    table = {"zh": "域", "en": "field", "size": "LLL", "most": 9, "encoding": "binary", "parts": parts}
    with pytest.raises(SpecFault) as caught:
        loads(json.dumps({"name": "x", "field": {"48": table}}))
    assert caught.value.field == "48"
    assert expected in caught.value.expected
    assert found in caught.value.found


def test_sub_fields_cannot_be_nested_without_end() -> None:
    layout = Positional((Part("1", "域", "part", 1),))
    for _ in range(20):
        layout = Positional((Part("1", "域", "part", 1, layout=layout),))
    with pytest.raises(ValueError, match="a table whose kind"):
        parts_of(table_of(layout))
