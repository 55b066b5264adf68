"""moov-io/iso8583's JSON tables as specs of ours.

What may live here: what their types, encodings and prefixes mean. What may not: opening files.

    { "name": "...", "fields": { "2": { "type": "String", "length": 19, "description": "...", "enc": "ASCII",
      "prefix": "ASCII.LL", "padding": { "type": "Left", "pad": "0" } } } }
"""

from __future__ import annotations

import json
from typing import Any

from xiaopos.wire.iso8583.importing import Findings, Imported, ImportFault, shown
from xiaopos.wire.iso8583.spec import Bitmap, Encoding, Field, Pad, Prefix, Size, Spec, Third, Typed
from xiaopos.wire.iso8583.subfields import Form, LengthForm, LengthPrefix, Part, Parts, Positional
from xiaopos.wire.iso8583.tagged import BerTlv, TagForm, Tagged

_TYPED = {"ASCII": Typed.ASCII, "BCD": Typed.BCD, "EBCDIC": Typed.EBCDIC}
_BITMAPS = {"Binary": Bitmap.BINARY, "HexToASCII": Bitmap.HEX}
_PREFIX = {"ASCII": Prefix.ASCII, "BCD": Prefix.BCD, "EBCDIC": Prefix.EBCDIC}
_TEXT_TYPES = ("String", "Numeric", "Track1", "Track2", "Track3")
_PADS = {
    ("Left", "0"): Pad.ZERO_LEFT,
    ("Right", "0"): Pad.ZERO_RIGHT,
    ("Left", " "): Pad.SPACE_LEFT,
    ("Right", " "): Pad.SPACE_RIGHT,
}
_FIELD_KEYS = {
    "type",
    "length",
    "description",
    "enc",
    "prefix",
    "padding",
    "tag",
    "subfields",
    "bitmap",
    "disableAutoExpand",
}


def import_moov(text: str | bytes, *, name: str = "") -> Imported:
    """The spec in a JSON table of moov-io/iso8583, and what of it could not be taken. `name` replaces the table's own.

    Raises ImportFault for what is not JSON, or has no object of fields.
    """
    try:
        table = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ImportFault(f"expected JSON, found: {error}") from None
    rows = table.get("fields") if isinstance(table, dict) else None
    if not isinstance(rows, dict):
        raise ImportFault("expected an object with `fields`, found none")
    said = table.get("name")
    return _Import(rows).spec(name or (said if isinstance(said, str) else "imported from moov-io/iso8583"))


class _Import:
    """One table on its way."""

    def __init__(self, rows: dict[str, Any]) -> None:
        self.given = rows
        self.findings = Findings()
        self.rows: dict[int, Field] = {}
        self.typed, self.bitmaps = Typed.ASCII, Bitmap.BINARY

    def spec(self, name: str) -> Imported:
        for key, said in self.given.items():
            if not (key.isascii() and key.isdigit() and len(key) <= 3 and isinstance(said, dict)):
                self.findings.add(key[:40], "not a field number with an object", "left out")
            elif int(key) == 0:
                self._message_type(said)
            elif int(key) == 1:
                self._bitmap(said)
            else:
                self._field(int(key), said)
        for number in (0, 1):
            if str(number) not in self.given:
                self.findings.add(number, "missing", "read as ASCII" if number == 0 else "read as binary")
        third = Third.BEHIND if max(self.rows, default=0) > 128 else Third.NONE
        rows = tuple(self.rows[number] for number in sorted(self.rows))
        return Imported(Spec(name, rows, True, third, self.typed, self.bitmaps, "cp500"), tuple(self.findings.found))

    def _message_type(self, said: dict[str, Any]) -> None:
        typed = _TYPED.get(_text(said, "enc"))
        if typed is None or said.get("length") != 4 or not _text(said, "prefix").endswith(".Fixed"):
            self.findings.add(0, f"{_text(said, 'enc')} as message type", "read as ASCII")
        self.typed = typed or Typed.ASCII

    def _bitmap(self, said: dict[str, Any]) -> None:
        bitmaps = _BITMAPS.get(_text(said, "enc"))
        if bitmaps is None:
            self.findings.add(1, f"{_text(said, 'enc')} as bitmap", "read as binary")
        if said.get("disableAutoExpand"):
            self.findings.add(1, "a bitmap that never goes on", "read as one that bit 1 continues")
        self.bitmaps = bitmaps or Bitmap.BINARY

    def _field(self, number: int, said: dict[str, Any]) -> None:
        parts, composite = None, bool(said.get("subfields"))
        if composite:
            parts = self._parts(number, said)
            said = {**said, "type": "Binary", "enc": "Binary"}
        row = self.findings.row(number, lambda: _row(number, said, parts))
        if row is None:
            return
        for key in sorted(set(said) - _FIELD_KEYS):
            self.findings.add(number, f"{key[:40]!r}", "not taken")
        if row.encoding is Encoding.EBCDIC:
            self.findings.add(number, "their EBCDIC table", "read as code page 500: letters and digits are the same")
        if row.encoding is Encoding.HEX and row.size is not Size.FIXED:
            self.findings.add(number, "a length before hexadecimal text", "read as bytes of the value")
        if said.get("padding") and row.pad is None:
            self.findings.add(number, "padding", "not taken")
        self.rows[number] = row

    def _parts(self, number: int, said: dict[str, Any]) -> Parts | None:
        """The sub-fields of a composite, or None, with a finding, when they cannot be said."""
        try:
            return _layout(number, said)
        except ValueError as error:
            self.findings.add(number, f"sub-fields: {error}", "the field is kept whole")
            return None


def _text(said: dict[str, Any], key: str) -> str:
    value = said.get(key)
    return value if isinstance(value, str) else ""


def _row(number: int, said: dict[str, Any], parts: Parts | None) -> Field:
    """The row of a field. Raises ValueError for what no row of ours says."""
    kind, enc, length = _text(said, "type"), _text(said, "enc"), said.get("length")
    if type(length) is not int:
        raise ValueError(f"field: length {type(length).__name__}")
    size, prefix = _prefix(_text(said, "prefix"))
    encoding = _encoding(kind, enc)
    digits = kind == "Numeric" and encoding in (Encoding.ASCII, Encoding.EBCDIC)
    padding = said.get("padding")
    pad = None
    if size is Size.FIXED and isinstance(padding, dict):
        pad = _PADS.get((_text(padding, "type"), _text(padding, "pad")))
    name = _text(said, "description")
    return Field(
        number, name, name, size, length, encoding, shown(number), prefix=prefix, pad=pad, digits=digits, parts=parts
    )


def _encoding(kind: str, enc: str) -> Encoding:
    track = kind.startswith("Track")
    if kind in _TEXT_TYPES:
        texts = {"ASCII": Encoding.ASCII, "EBCDIC": Encoding.EBCDIC, "Binary": Encoding.ASCII}
        packed = {"LBCD": Encoding.TRACK if track else Encoding.BCD_LEFT}
        if not track:
            packed["BCD"] = Encoding.BCD_RIGHT
        found = (texts | packed).get(enc)
    else:
        found = {"Binary": Encoding.BINARY, "HexToASCII": Encoding.HEX}.get(enc) if kind in ("Binary", "Hex") else None
    if found is None:
        raise ValueError(f"field: type {kind or 'missing'} with encoding {enc or 'missing'}")
    return found


def _prefix(said: str) -> tuple[Size, Prefix]:
    kind, _, length = said.partition(".")
    if length == "Fixed" and kind in (*_PREFIX, "Binary", "Hex", "None"):
        return Size.FIXED, _PREFIX.get(kind, Prefix.ASCII)
    if kind == "Binary" and length in ("L", "LL"):
        return Size.LL if length == "L" else Size.LLLL, Prefix.BINARY
    if kind in _PREFIX and length in ("L", "LL", "LLL", "LLLL"):
        return Size[length], _PREFIX[kind]
    raise ValueError(f"field: prefix {said or 'missing'}")


def _layout(number: int, said: dict[str, Any]) -> Parts:
    """The sub-fields of a composite. Raises ValueError for what we cannot say."""
    if said.get("bitmap"):
        raise ValueError("a bitmap of their own")
    inner = said["subfields"]
    if not isinstance(inner, dict) or not all(isinstance(part, dict) for part in inner.values()):
        raise ValueError("not objects by name")
    tag = said.get("tag")
    if not isinstance(tag, dict) or not tag.get("enc"):
        order = sorted(inner, key=lambda key: (len(key), key))
        return Positional(tuple(_part(number, key, inner[key]) for key in order), 0)
    if tag["enc"] == "BerTLVTag":
        parts = [Part(key, _text(part, "description"), _text(part, "description"), form=Form.BYTES, shown=shown(number))
                 for key, part in inner.items()]  # fmt: skip
        return BerTlv(tuple(parts))
    rows = [_part(number, key, part, tagged=True) for key, part in inner.items()]
    prefixes = {_text(part, "prefix") for part in inner.values()}
    if tag["enc"] != "ASCII" or type(tag.get("length")) is not int or tag.get("padding") or len(prefixes) != 1:
        raise ValueError("tags other than text of one width, or lengths of several kinds")
    return Tagged(tuple(rows), TagForm.TEXT, tag["length"], _length_prefix(prefixes.pop()))


def _length_prefix(said: str) -> LengthPrefix | None:
    size, prefix = _prefix(said)
    forms = {Prefix.ASCII: LengthForm.ASCII, Prefix.BCD: LengthForm.BCD, Prefix.BINARY: LengthForm.BINARY}
    if size is Size.FIXED:
        return None
    if prefix not in forms:
        raise ValueError(f"a length {said}")
    width = size.value if prefix is Prefix.ASCII else size.prefix_bytes
    return LengthPrefix(forms[prefix], width)


def _part(number: int, key: str, said: dict[str, Any], *, tagged: bool = False) -> Part:
    if said.get("subfields"):
        raise ValueError(f"{key} has sub-fields of its own")
    row = _row(number, said, None)
    forms = {Encoding.ASCII: Form.TEXT, Encoding.BINARY: Form.BYTES}
    form = forms.get(row.encoding)
    if form is None:
        raise ValueError(f"{key} is {row.encoding.value}")
    prefix = None if tagged else _length_prefix(_text(said, "prefix"))
    name = key if tagged else f"{number}.{key}"
    return Part(name, row.zh, row.en, row.most, Form.DIGITS if row.digits else form, row.shown, prefix=prefix)
