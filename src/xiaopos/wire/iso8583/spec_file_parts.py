"""Sub-fields in a spec file: the layouts of `subfields` and `tagged` as nested tables, and back.

What may live here: that translation. What may not: what the layouts do.

A layout is a table with its `kind`: positional, repeated, by length, tagged, ber tlv, bitmapped; the other names are those
of the layout's attributes. A part is a table too: `tag`, `zh`, `en`, and where needed `size`, `form`, `shown`, `meanings`
(code = [Chinese, English]), `layout`, `prefix` ({ form, width }), `unconfirmed`.

    parts = { kind = "positional", parts = [{ tag = "60.1", zh = "交易类型码", en = "type", size = 2 }] }
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

from xiaopos.wire.iso8583 import subfields, tagged
from xiaopos.wire.iso8583.subfields import Parts

KINDS: dict[str, type[Parts]] = {
    "positional": subfields.Positional,
    "repeated": subfields.Repeated,
    "by length": subfields.ByLength,
    "tagged": tagged.Tagged,
    "ber tlv": tagged.BerTlv,
    "bitmapped": tagged.Bitmapped,
}
_NAMES = {kind: name for name, kind in KINDS.items()}
DEEPEST = 12
"""How many tables may lie within each other."""


class PartsFault(ValueError):
    """A table that is no layout: what was expected, and what was found."""

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(expected, found)
        self.expected = expected
        self.found = found


def table_of(layout: Parts) -> dict[str, Any]:
    """The layout as nested tables. Raises ValueError for a kind that the format does not know."""
    if type(layout) not in _NAMES:
        raise ValueError(f"sub-fields of the kind {type(layout).__name__} cannot be written to a file")
    return {"kind": _NAMES[type(layout)], **_attributes(layout)}


def _attributes(item: Any) -> dict[str, Any]:
    table = {}
    for row in fields(item):
        value = getattr(item, row.name)
        if row.init and value != _default(row):
            table[row.name] = _plain(value)
    return table


def _default(row: Field[Any]) -> object:
    return row.default_factory() if row.default_factory is not MISSING else row.default


def _plain(value: Any) -> Any:
    if isinstance(value, Parts):
        return table_of(value)
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        return _attributes(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def parts_of(table: object) -> Parts:
    """The layout that the tables say. Raises PartsFault."""
    return _layout(table, "parts", 0)


def _layout(table: object, where: str, depth: int) -> Parts:
    if not isinstance(table, dict) or table.get("kind") not in KINDS or depth > DEEPEST:
        raise PartsFault(f"{where}, a table whose kind is one of {', '.join(KINDS)}", "something else")
    rest = {key: value for key, value in table.items() if key != "kind"}
    made = _made(KINDS[table["kind"]], rest, where, depth)
    assert isinstance(made, Parts)
    return made


@lru_cache(maxsize=32)
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _made(kind: type, table: object, where: str, depth: int) -> object:
    """An object of a dataclass, its attributes read as their types say."""
    if not isinstance(table, dict):
        raise PartsFault(f"{where}, a table", f"a {type(table).__name__}")
    rows = {row.name: row for row in fields(kind) if row.init}
    unknown = sorted(set(table) - set(rows))
    if unknown:
        raise PartsFault(f"{where}, only {', '.join(rows)}", repr(unknown[0]))
    for name, row in rows.items():
        if name not in table and row.default is MISSING and row.default_factory is MISSING:
            raise PartsFault(f"{where}, {name}", "nothing")
    hints = _hints(kind)
    given = {name: _read(hints[name], value, f"{where}.{name}", depth + 1) for name, value in table.items()}
    try:
        return kind(**given)
    except ValueError as error:
        raise PartsFault(f"{where}, a layout that can be meant", str(error)) from None


def _read(hint: Any, value: object, where: str, depth: int) -> object:
    """A value as a type hint says it: text, numbers, enumerations, tables, lists, or one of ours."""
    choices = [choice for choice in typing.get_args(hint) if choice is not types.NoneType]
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return _read(choices[0], value, where, depth)
    if origin is tuple:
        return _list(choices, value, where, depth)
    if origin is not None:
        return _mapping(choices, value, where, depth)
    if isinstance(hint, type) and issubclass(hint, Parts):
        return _layout(value, where, depth)
    if isinstance(hint, type) and issubclass(hint, Enum):
        words = {str(item.value): item for item in hint}
        if not isinstance(value, str) or value not in words:
            raise PartsFault(f"{where}, one of {', '.join(words)}", repr(value))
        return words[value]
    if isinstance(hint, type) and is_dataclass(hint):
        return _made(hint, value, where, depth)
    if type(value) is not hint:
        raise PartsFault(f"{where}, of the kind {hint.__name__}", f"a {type(value).__name__}")
    return value


def _list(choices: list[Any], value: object, where: str, depth: int) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise PartsFault(f"{where}, a list", f"a {type(value).__name__}")
    if choices[-1] is Ellipsis:
        return tuple(_read(choices[0], item, f"{where}[{place}]", depth) for place, item in enumerate(value))
    if len(value) != len(choices):
        raise PartsFault(f"{where}, a list of {len(choices)}", f"one of {len(value)}")
    return tuple(_read(choice, item, where, depth) for choice, item in zip(choices, value, strict=True))


def _mapping(choices: list[Any], value: object, where: str, depth: int) -> dict[Any, object]:
    if not isinstance(value, dict):
        raise PartsFault(f"{where}, a table", f"a {type(value).__name__}")
    if choices[0] is int and not all(key.isascii() and key.isdigit() and len(key) <= 4 for key in value):
        raise PartsFault(f"{where}, a table by number", "another name")
    return {choices[0](key): _read(choices[1], item, f"{where}.{key}", depth) for key, item in value.items()}
