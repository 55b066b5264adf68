"""A message spec as a file of ours, in TOML or JSON: read with every fault named, and written again.

What may live here: the format. What may not: opening files (callers hand in the text and its name), other people's formats
(imports_jpos, imports_moov).

    name = "our network"
    version = "1987"              # 1987, 1993 or 2003; left out: any message type
    typed = "bcd"                 # message type: bcd, ascii, ebcdic
    bitmaps = "binary"            # binary, hex, ebcdic hex
    secondary = true              # fields 65 to 128
    third = "none"                # fields 129 to 192: none, behind the second, field 65
    ebcdic = "cp500"              # or cp037

    [field.2]
    zh = "主账号"
    en = "primary account number"
    size = "LL"                   # FIXED, L, LL, LLL, LLLL
    most = 19                     # the length (FIXED) or the greatest length
    encoding = "bcd left"         # bcd right, track, signed bcd, ascii, ebcdic, gbk, binary, hex, ebcdic hex
    prefix = "bcd"                # bcd, ascii, ebcdic, binary
    shown = "pan"                 # plain, pan, hidden
    # and, where needed: unit = "digits" or "bytes", pad = "0 left", "0 right", "space left" or "space right",
    # filler = "F", digits = true, parts = { ... } (see spec_file_parts)

In JSON the same names make objects. What is left out has its default; `shown` alone defaults to hidden in a file, so that
a field nobody thought about is not printed.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

from xiaopos.wire.iso8583.spec import (
    EBCDIC_PAGES,
    Bitmap,
    Encoding,
    Field,
    Pad,
    Prefix,
    Shown,
    Size,
    Spec,
    Third,
    Typed,
    Unit,
    Version,
)
from xiaopos.wire.iso8583.spec_file_parts import PartsFault, parts_of, table_of

E = TypeVar("E", bound=Enum)

_SPEC_KEYS = frozenset({"name", "version", "typed", "bitmaps", "secondary", "third", "ebcdic", "field"})
_FIELD_KEYS = frozenset(
    {"zh", "en", "size", "most", "encoding", "prefix", "shown", "unit", "pad", "filler", "digits", "parts"}
)
_KINDS: dict[type, str] = {str: "text", int: "a whole number", bool: "true or false", dict: "a table"}


class SpecFault(ValueError):
    """A spec file that cannot be used: `source` is its name, `field` the row (None for what is said of all of them)."""

    def __init__(self, source: str, field: str | None, expected: str, found: str) -> None:
        super().__init__(source, field, expected, found)
        self.source = source
        self.field = field
        self.expected = expected
        self.found = found

    def __str__(self) -> str:
        where = self.source if self.field is None else f"{self.source}, field {self.field}"
        return f"{where}: expected {self.expected}, found {self.found}"


def loads(text: str | bytes, *, source: str = "spec") -> Spec:
    """The spec in a file's text, TOML, or JSON when it begins with `{`. `source` is the name that faults carry.

    Raises SpecFault, and nothing else, for whatever is not a spec.
    """
    return _Reading(source).spec(_parsed(text, source))


def _parsed(text: str | bytes, source: str) -> dict[str, Any]:
    try:
        said = text.decode("utf-8") if isinstance(text, bytes) else text
        loaded = json.loads(said, object_pairs_hook=_once) if said.lstrip().startswith("{") else tomllib.loads(said)
    except (ValueError, RecursionError) as error:
        raise SpecFault(source, None, "TOML or JSON in UTF-8", str(error) or type(error).__name__) from None
    assert isinstance(loaded, dict)
    return loaded


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object, in which no name may stand twice."""
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return table


class _Reading:
    """Reads one file; knows its name."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.field: str | None = None

    def fault(self, expected: str, found: str) -> SpecFault:
        return SpecFault(self.source, self.field, expected, found)

    def spec(self, table: dict[str, Any]) -> Spec:
        self.known(table, _SPEC_KEYS)
        rows = self.value(table, "field", dict)
        version = self.value(table, "version", str, "")
        versions = {edition.name.removeprefix("ISO"): edition for edition in Version}
        if version and version not in versions:
            raise self.fault(f"a version of {', '.join(versions)}", repr(version))
        given = {
            "name": self.value(table, "name", str),
            "secondary": self.value(table, "secondary", bool, False),
            "third": self.choice(table, "third", Third, Third.NONE),
            "typed": self.choice(table, "typed", Typed, Typed.BCD),
            "bitmaps": self.choice(table, "bitmaps", Bitmap, Bitmap.BINARY),
            "ebcdic": self.value(table, "ebcdic", str, EBCDIC_PAGES[1]),
            "version": versions.get(version),
        }
        made = tuple(self.row(number, rows[number]) for number in sorted(rows, key=self._number))
        self.field = None
        try:
            return Spec(rows=made, **given)
        except ValueError as error:
            raise self.fault("a table that holds together", str(error)) from None

    def _number(self, number: str) -> int:
        if not (number.isascii() and number.isdigit() and len(number) <= 3):
            raise SpecFault(self.source, number, "a field number", repr(number))
        return int(number)

    def row(self, number: str, table: object) -> Field:
        self.field = number
        if not isinstance(table, dict):
            raise self.fault("a table", _kind(table))
        self.known(table, _FIELD_KEYS)
        given = {
            "number": int(number),
            "zh": self.value(table, "zh", str),
            "en": self.value(table, "en", str),
            "size": self.choice(table, "size", Size, None),
            "most": self.value(table, "most", int),
            "encoding": self.choice(table, "encoding", Encoding, None),
            "shown": self.choice(table, "shown", Shown, Shown.HIDDEN),
            "unit": self.choice(table, "unit", Unit, None) if "unit" in table else None,
            "prefix": self.choice(table, "prefix", Prefix, Prefix.BCD),
            "pad": self.choice(table, "pad", Pad, None) if "pad" in table else None,
            "filler": self.value(table, "filler", str, "0"),
            "digits": self.value(table, "digits", bool, False),
        }
        try:
            parts = parts_of(table["parts"]) if "parts" in table else None
            return Field(**given, parts=parts)
        except PartsFault as fault:
            raise self.fault(fault.expected, fault.found) from None
        except ValueError as error:
            raise self.fault("a row that can be meant", str(error).removeprefix(f"field {number}: ")) from None

    def known(self, table: Mapping[str, object], keys: frozenset[str]) -> None:
        unknown = sorted(set(table) - keys)
        if unknown:
            raise self.fault(f"only {', '.join(sorted(keys))}", repr(unknown[0]))

    def value(self, table: Mapping[str, object], key: str, kind: type, default: Any = None) -> Any:
        """What stands under the key; the default when nothing does; a fault when nothing does and there is none."""
        if key not in table and default is not None:
            return default
        found = table.get(key)
        if type(found) is not kind:
            raise self.fault(f"{key}, {_KINDS[kind]}", _kind(found))
        return found

    def choice(self, table: Mapping[str, object], key: str, kind: type[E], default: E | None) -> E:
        """One of the words of an enumeration: its values, or for sizes its names."""
        words = {(item.name if kind is Size else str(item.value)): item for item in kind}
        if key not in table and default is not None:
            return default
        found = table.get(key)
        if not isinstance(found, str) or found not in words:
            raise self.fault(
                f"{key}, one of {', '.join(words)}", repr(found) if isinstance(found, str) else _kind(found)
            )
        return words[found]


def _kind(value: object) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"


def dumps(spec: Spec, *, form: str = "toml") -> str:
    """The spec as a file's text, in `toml` or `json`; `loads` makes the same spec of it.

    Raises ValueError for another form, or for sub-fields of a kind that the format does not know.
    """
    table = as_table(spec)
    if form == "json":
        return json.dumps(table, ensure_ascii=False, indent=1) + "\n"
    if form != "toml":
        raise ValueError(f"the form is toml or json, not {form!r}")
    lines = [f"{key} = {_toml(value)}" for key, value in table.items() if key != "field"]
    for number, row in table["field"].items():
        lines += ["", f"[field.{number}]", *(f"{key} = {_toml(value)}" for key, value in row.items())]
    return "\n".join([*lines, ""] if table["field"] else [*lines, "", "[field]", ""])


def as_table(spec: Spec) -> dict[str, Any]:
    """The spec as the nested tables that a file holds."""
    table: dict[str, Any] = {"name": spec.name}
    if spec.version is not None:
        table["version"] = spec.version.name.removeprefix("ISO")
    table |= {
        "typed": spec.typed.value,
        "bitmaps": spec.bitmaps.value,
        "secondary": spec.secondary,
        "third": spec.third.value,
        "ebcdic": spec.ebcdic,
        "field": {str(row.number): _row_table(row) for row in sorted(spec.rows, key=lambda row: row.number)},
    }
    return table


def _row_table(row: Field) -> dict[str, Any]:
    table: dict[str, Any] = {
        "zh": row.zh,
        "en": row.en,
        "size": row.size.name,
        "most": row.most,
        "encoding": row.encoding.value,
        "prefix": row.prefix.value,
        "shown": row.shown.value,
    }
    if row.unit is not None:
        table["unit"] = row.unit.value
    if row.pad is not None:
        table["pad"] = row.pad.value
    if row.filler != "0":
        table["filler"] = row.filler
    if row.digits:
        table["digits"] = True
    if row.parts is not None:
        table["parts"] = table_of(row.parts)
    return table


def _toml(value: object) -> str:
    """A value as TOML writes it; tables and lists in one line. A JSON string is a TOML string, once DEL is escaped."""
    if isinstance(value, dict):
        inside = ", ".join(f"{_toml(str(key))} = {_toml(item)}" for key, item in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
