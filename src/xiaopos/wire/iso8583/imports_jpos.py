"""jPOS' generic packager tables (`<isopackager>` in XML) as specs of ours.

What may live here: what each packager class means. What may not: opening files, fetching what a document names.

A class's name says it all: `IFA_` lengths and text in ASCII, `IFB_` packed, `IFE_` EBCDIC; L to LLLL the length prefix,
with H a binary one; NUM digits, CHAR text, BINARY bytes; `pad` on which side an odd number of packed digits is filled
("true": in front). A table may name its document type, as jPOS' own do; one that defines anything in it is refused, and
nothing is ever fetched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from xiaopos.wire.iso8583.importing import Findings, Imported, ImportFault, shown
from xiaopos.wire.iso8583.spec import Bitmap, Encoding, Field, Pad, Prefix, Size, Spec, Third, Typed
from xiaopos.wire.iso8583.subfields import Form, LengthForm, LengthPrefix, Part, Parts, Positional
from xiaopos.wire.iso8583.tagged import Bitmapped

LONGEST = 2_000_000
DEEPEST = 8
TRACKS = (35, 36)

_CLASS = re.compile(
    r"(?P<family>IFA|IFB|IFE|IFEA|IFAE|IF)_(?P<nibble>F?)(?P<size>L{0,4})(?P<binary>H?)(?P<ebcdic>E?)(?P<kind>[A-Z]+)"
)
_FAMILY = {"IFA": Prefix.ASCII, "IFB": Prefix.BCD, "IFE": Prefix.EBCDIC, "IFEA": Prefix.EBCDIC, "IFAE": Prefix.ASCII}
_TYPED = {
    "IFA_NUMERIC": Typed.ASCII,
    "IF_CHAR": Typed.ASCII,
    "IFB_NUMERIC": Typed.BCD,
    "IFE_NUMERIC": Typed.EBCDIC,
    "IFE_CHAR": Typed.EBCDIC,
}
_BITMAPS = {"IFA_BITMAP": Bitmap.HEX, "IFB_BITMAP": Bitmap.BINARY, "IFE_BITMAP": Bitmap.EBCDIC_HEX}
_SAID = frozenset({"id", "length", "name", "class", "pad", "packager", "emitBitmap", "firstField", "bitmapField"})


@dataclass(slots=True)
class _Element:
    name: str
    attributes: dict[str, str]
    children: list[_Element] = field(default_factory=list)

    @property
    def packager_class(self) -> str:
        """The class without its package."""
        return self.attributes.get("class", "").strip().rpartition(".")[2]


def import_jpos(text: str | bytes, *, name: str = "imported from jPOS") -> Imported:
    """The spec in a generic packager's XML, and what of it could not be taken.

    Raises ImportFault for what is not well-formed, defines entities or elements, is nested too deep, too long, or no
    `<isopackager>`.
    """
    root = _tree(text)
    if root.name != "isopackager":
        raise ImportFault(f"expected <isopackager>, found <{root.name}>")
    return _Import(root).spec(name)


def _tree(text: str | bytes) -> _Element:
    if len(text) > LONGEST:
        raise ImportFault(f"expected at most {LONGEST} characters, found {len(text)}")
    top = _Element("", {})
    open_elements = [top]

    def begin(name: str, attributes: dict[str, str]) -> None:
        element = _Element(name, attributes)
        open_elements[-1].children.append(element)
        open_elements.append(element)
        if len(open_elements) > DEEPEST:
            raise ImportFault(f"expected at most {DEEPEST} elements within each other, found more")

    def end(_name: str) -> None:
        open_elements.pop()

    def document_type(_name: str, _system: str | None, _public: str | None, defines: bool) -> None:
        if defines:
            raise ImportFault("expected a document type that defines nothing, found definitions")

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = document_type
    try:
        parser.Parse(text, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        if isinstance(error, ImportFault):
            raise
        raise ImportFault(f"expected well-formed XML, found: {error}") from None
    return top.children[0]


class _Import:
    """One table on its way."""

    def __init__(self, root: _Element) -> None:
        self.root = root
        self.findings = Findings()
        self.rows: list[Field] = []
        self.typed = Typed.ASCII
        self.bitmaps = Bitmap.BINARY
        self.bitmap_bytes = 16

    def spec(self, name: str) -> Imported:
        third = Third.FIELD_65 if self.root.attributes.get("thirdBitmapField") == "65" else Third.NONE
        for attribute in sorted(set(self.root.attributes) - {"maxValidField", "thirdBitmapField", "bitmapField"}):
            self.findings.add("", f"{attribute}={self.root.attributes[attribute]!r}", "not taken")
        for element in self.root.children:
            self._element(element, third)
        last = max((row.number for row in self.rows), default=0)
        if self.bitmap_bytes >= 24 and third is Third.NONE:
            third = Third.BEHIND
        if last > 128 and third is Third.NONE:
            self.findings.add("", "fields above 128 without a third bitmap", "left out")
            self.rows = [row for row in self.rows if row.number <= 128]
        secondary = self.bitmap_bytes > 8 or last > 64 or third is not Third.NONE
        rows = tuple({row.number: row for row in self.rows}.values())
        made = Spec(name, rows, secondary, third, self.typed, self.bitmaps, "cp037")
        return Imported(made, tuple(self.findings.found))

    def _element(self, element: _Element, third: Third) -> None:
        said = element.attributes.get("id", "")
        if not (said.isascii() and said.isdigit() and len(said) <= 3):
            self.findings.add(said, f"<{element.name}> without a field number", "left out")
            return
        number = int(said)
        if number == 0:
            self._message_type(element)
        elif number == 1:
            self._bitmap(element)
        elif number == 65:
            if third is Third.NONE:
                self.findings.add(65, "a row for the bit of a third bitmap", "left out")
        else:
            self._field(number, element)

    def _message_type(self, element: _Element) -> None:
        typed = _TYPED.get(element.packager_class)
        if typed is None or element.attributes.get("length") != "4":
            self.findings.add(0, f"{element.packager_class} as message type", "read as ASCII")
        self.typed = typed or Typed.ASCII

    def _bitmap(self, element: _Element) -> None:
        bitmaps, length = _BITMAPS.get(element.packager_class), element.attributes.get("length", "")
        if bitmaps is None or length not in ("8", "16", "24"):
            self.findings.add(1, f"{element.packager_class} of length {length} as bitmap", "read as 16 binary bytes")
        self.bitmaps = bitmaps or Bitmap.BINARY
        self.bitmap_bytes = int(length) if length in ("8", "16", "24") else 16

    def _field(self, number: int, element: _Element) -> None:
        row = self.findings.row(number, lambda: _row(number, element, self._parts(number, element)))
        if row is None:
            return
        if any(kept.number == number for kept in self.rows):
            self.findings.add(number, "a second row of this number", "the last one taken")
        if row.encoding is Encoding.TRACK:
            self.findings.add(number, "packed digits of a track", "read as track symbols, `=` as D")
        if row.encoding is Encoding.EBCDIC:
            self.findings.add(number, "EBCDIC code page 1047", "read as 037: letters and digits are the same")
        for attribute in sorted(set(element.attributes) - _SAID):
            self.findings.add(number, f"{attribute}={element.attributes[attribute]!r}", "not taken")
        self.rows.append(row)

    def _parts(self, number: int, element: _Element) -> Parts | None:
        """The sub-fields of an <isofieldpackager>, or None, with a finding, when they cannot be said."""
        if element.name != "isofieldpackager":
            return None
        try:
            return _layout(number, element)
        except ValueError as error:
            self.findings.add(number, f"sub-fields: {error}", "the field is kept whole")
            return None


def _row(number: int, element: _Element, parts: Parts | None) -> Field:
    """The row of an element. Raises ValueError for what no row of ours says."""
    length, name = element.attributes.get("length", ""), element.attributes.get("name", "")
    if not (length.isascii() and length.isdigit() and len(length) <= 6):
        raise ValueError(f"field: length {length!r}")
    size, encoding, prefix, more = _class(element.packager_class, element.attributes.get("pad") == "true", number)
    return Field(number, name, name, size, int(length), encoding, shown(number), prefix=prefix, parts=parts, **more)


@dataclass(frozen=True, slots=True)
class _Class:
    """A packager class, taken apart."""

    said: str
    family: str
    filler: str
    size: Size
    prefix: Prefix
    text: Encoding
    kind: str

    @property
    def packed(self) -> bool:
        return self.family == "IFB" or self.kind == "BNUM"

    def unknown(self) -> ValueError:
        return ValueError(f"field: packager class {self.said or 'missing'}")


def _taken_apart(said: str, pad: bool) -> _Class:
    match = _CLASS.fullmatch(said)
    if match is None:
        raise ValueError(f"field: packager class {said or 'missing'}")
    size = Size[match["size"]] if match["size"] else Size.FIXED
    prefix = Prefix.BINARY if match["binary"] else _FAMILY.get(match["family"], Prefix.ASCII)
    ebcdic = match["family"] in ("IFE", "IFAE") or match["ebcdic"]
    text = Encoding.EBCDIC if ebcdic else Encoding.ASCII
    filler = "F" if match["nibble"] and not pad else "0"
    taken = _Class(said, match["family"], filler, size, prefix, text, match["kind"])
    odd_nibble = match["nibble"] and (match["family"] != "IFB" or not taken.kind.startswith("NUM"))
    odd_text = match["ebcdic"] and taken.kind != "CHAR"
    if odd_nibble or odd_text or (match["binary"] and size is Size.FIXED):
        raise taken.unknown()
    return taken


def _class(said: str, pad: bool, number: int) -> tuple[Size, Encoding, Prefix, dict[str, Any]]:
    """Size, encoding, prefix and the rest of a row for a packager class. Raises ValueError for one we do not know."""
    taken = _taken_apart(said, pad)
    size, prefix, text, fixed = taken.size, taken.prefix, taken.text, taken.size is Size.FIXED
    if taken.kind in (("NUMERIC",) if fixed else ("NUM", "BNUM")):
        more: dict[str, Any] = {"pad": Pad.ZERO_LEFT} if fixed else {}
        if not taken.packed:
            return size, text, prefix, {**more, "digits": fixed}
        encoding = Encoding.BCD_RIGHT if pad else Encoding.BCD_LEFT
        if number in TRACKS and encoding is Encoding.BCD_LEFT:
            encoding = Encoding.TRACK
        return size, encoding, prefix, {**more, "filler": taken.filler}
    if taken.kind == "CHAR":
        return size, text, prefix, {"pad": Pad.SPACE_RIGHT} if fixed else {}
    if taken.kind == "BINARY":
        as_text = Encoding.EBCDIC_HEX if text is Encoding.EBCDIC else Encoding.HEX
        return size, as_text if fixed and not taken.packed else Encoding.BINARY, prefix, {}
    if taken.kind == "ABINARY" and taken.family == "IFA" and not fixed:
        return size, Encoding.HEX, prefix, {}
    if taken.kind == "AMOUNT" and fixed:
        return size, Encoding.SIGNED if taken.packed else text, prefix, {}
    raise taken.unknown()


def _layout(number: int, element: _Element) -> Parts:
    """The sub-fields of an element, one after the other or by a bitmap. Raises ValueError for what we cannot say."""
    packager = element.attributes.get("packager", "").rpartition(".")[2]
    if packager not in ("GenericSubFieldPackager", "GenericPackager"):
        raise ValueError(f"packager {packager or 'missing'}")
    by_bit = element.attributes.get("emitBitmap") == "true"
    children = list(element.children)
    bitmap = children.pop(0) if by_bit and children else None
    if bitmap is not None and (bitmap.packager_class, bitmap.attributes.get("length")) != ("IFB_BITMAP", "8"):
        raise ValueError("a bitmap other than 8 binary bytes")
    parts = {child.attributes.get("id", ""): _part(number, child) for child in children}
    if len(parts) != len(children) or not all(bit.isascii() and bit.isdigit() for bit in parts):
        raise ValueError("numbers that are missing or stand twice")
    if bitmap is not None:
        return Bitmapped({int(bit): part for bit, part in parts.items()}, 8)
    return Positional(tuple(parts.values()), 0)


_PART_PREFIX = {Prefix.ASCII: LengthForm.ASCII, Prefix.BCD: LengthForm.BCD, Prefix.BINARY: LengthForm.BINARY}


def _part(number: int, element: _Element) -> Part:
    """One sub-field. Raises ValueError for what no part of ours says."""
    said = element.attributes.get("id", "")
    if element.name != "isofield":
        raise ValueError(f"{said} has sub-fields of its own")
    row = _row(number, element, None)
    length = row.most
    forms = {
        Encoding.ASCII: Form.TEXT,
        Encoding.BINARY: Form.BYTES,
        Encoding.BCD_RIGHT: Form.BCD,
        Encoding.BCD_LEFT: Form.BCD,
    }
    form = forms.get(row.encoding)
    if form is None or (row.size is not Size.FIXED and (form is Form.BCD or row.prefix not in _PART_PREFIX)):
        raise ValueError(f"{said} is {element.packager_class}")
    if form is Form.BCD:
        if length % 2:
            raise ValueError(f"{said} packs an odd number of digits")
        length //= 2
    prefix = None
    if row.size is not Size.FIXED:
        width = row.prefix_bytes
        prefix = LengthPrefix(_PART_PREFIX[row.prefix], width)
    form = Form.DIGITS if row.digits else form
    return Part(f"{number}.{said}", row.zh, row.en, length, form, row.shown, prefix=prefix)
