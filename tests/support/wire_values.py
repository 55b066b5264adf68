"""Hypothesis strategies for what the wire reads: messages of a spec, chip data, shop codes."""

from __future__ import annotations

from typing import Any, cast

from hypothesis import strategies as st

from xiaopos.wire.emv.tlv import Tlv, template
from xiaopos.wire.iso8583 import Bitmap, Encoding, Field, Message, Prefix, Size, Spec, Third, Typed, Unit
from xiaopos.wire.iso8583.spec import EBCDIC_PAGES

GBK_LETTERS = "小林茶铺陈记面馆A1 -"


def gbk(least: int, most: int) -> st.SearchStrategy[str]:
    """GBK text of so many bytes."""

    def fit(text: str) -> str:
        while len(text.encode("gbk")) > most:
            text = text[:-1]
        return text + " " * (least - len(text.encode("gbk")))

    return st.text(GBK_LETTERS, max_size=most).map(fit)


def value(field: Field) -> st.SearchStrategy[str | bytes]:
    """A value that the field can hold, of any length that it allows."""
    per = field.symbols_per_count
    least, most = (field.most, field.most) if field.size is Size.FIXED else (0, field.most)
    if field.encoding is Encoding.GBK:
        return gbk(least, most)
    if field.encoding.hexadecimal:
        per = 2 // per
        return st.integers(-(-least // per), most // per).flatmap(lambda size: st.binary(min_size=size, max_size=size))
    if field.encoding is Encoding.BINARY:
        return st.binary(min_size=least, max_size=most)
    if field.encoding is Encoding.SIGNED:
        return st.builds(
            str.__add__, st.sampled_from("CD"), st.text("0123456789", min_size=most - 1, max_size=most - 1)
        )
    if field.digits:
        return st.text("0123456789", min_size=least, max_size=most)
    latin = "".join(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x100)]))
    letters = {Encoding.EBCDIC: latin, Encoding.ASCII: latin[:95], Encoding.TRACK: "0123456789=ABCEF"}
    alphabet = letters.get(field.encoding, "0123456789")
    return st.integers(least, most).flatmap(lambda count: st.text(alphabet, min_size=count * per, max_size=count * per))


def messages(spec: Spec) -> st.SearchStrategy[Message]:
    """Any message of the spec."""
    kinds = st.sampled_from(["0100", "0200", "0210", "0400", "0820", "9999", "1200"])
    numbers = st.sets(st.sampled_from(sorted(spec.fields)), max_size=24)
    fields = numbers.flatmap(lambda chosen: st.fixed_dictionaries({n: value(spec.fields[n]) for n in chosen}))
    return st.builds(Message, kinds, fields)


def _field(number: int) -> st.SearchStrategy[Field]:
    """Any row that a table may hold under this number."""

    def made(given: tuple[Any, ...]) -> Field | None:
        size, most, encoding, unit, prefix, filler, digits = given
        try:
            return Field(
                number, "域", "field", size, most, encoding, unit=unit, prefix=prefix, filler=filler, digits=digits
            )
        except ValueError:
            return None

    given = st.tuples(
        st.sampled_from(Size),
        st.integers(1, 40),
        st.sampled_from(Encoding),
        st.sampled_from([None, *Unit]),
        st.sampled_from(Prefix),
        st.sampled_from("0F"),
        st.booleans(),
    )
    return given.map(made).filter(lambda row: row is not None).map(lambda row: cast("Field", row))


def specs() -> st.SearchStrategy[Spec]:
    """Any spec of a few fields, with second and third bitmaps of each kind."""
    numbers = st.sets(st.integers(2, 192).filter(lambda number: number != 65), min_size=1, max_size=8)
    rows = numbers.flatmap(lambda chosen: st.tuples(*map(_field, sorted(chosen))))
    return st.builds(
        Spec, st.just("any"), rows, st.just(True), st.sampled_from([Third.BEHIND, Third.FIELD_65]),
        st.sampled_from(Typed), st.sampled_from(Bitmap), st.sampled_from(EBCDIC_PAGES),
    )  # fmt: skip


def _primitive(tag: str) -> st.SearchStrategy[Tlv]:
    return st.binary(max_size=300).map(lambda raw: Tlv(tag, raw))


def chip_objects() -> st.SearchStrategy[list[Tlv]]:
    """Rows of chip data objects, templates among them, known and unknown tags."""
    leaves = st.sampled_from(["82", "9F26", "5F2A", "DF8101", "C0"]).flatmap(_primitive)
    trees = st.recursive(
        leaves,
        lambda inner: st.builds(template, st.sampled_from(["70", "BF0C"]), st.lists(inner, max_size=3)),
        max_leaves=6,
    )
    return st.lists(trees, max_size=5)
