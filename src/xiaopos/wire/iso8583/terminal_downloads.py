"""What a terminal downloads, as field 62 carries it: lists with their continuation, entries, and the dialect's numbers.

What may live here: those layouts, both ways, and reading the dialects' data (terminal_downloads.toml). What may not: what stands
in a list (the store's rows), which terminal is given what (fleet).

    query   0820, 372 or 382      62 = `1` + two digits: how many entries the terminal has so far
    answer                        62 = state + names, each the beginning of its entry      (ListAnswer)
    fetch   0800, 370 or 380      62 = one name
    answer                        62 = `1` + the entry, or `0`                             (entry_answer)
    cells   0800, 390             62 = three digits: the first position wanted; the answer: state, last position, cells
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import Enum
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from xiaopos.wire.emv import tlv
from xiaopos.wire.iso8583.subfields import Form, Found, Part, write_parts
from xiaopos.wire.iso8583.terminal_parts import PARAMETERS
from xiaopos.wire.malformed import Malformed

F62 = 62
PUBLIC_KEY_NAME = ("9F06", "9F22", "DF05")
"""What names a public key in a list: application provider, index, expiry (eight digits)."""
APPLICATION_NAME = ("9F06",)
"""What names an application's parameters in a list."""


class ListState(Enum):
    """The first character of a list's answer."""

    NONE = "0"
    WHOLE = "1"
    MORE = "2"
    LAST = "3"

    @classmethod
    def of(cls, given_before: int, given_now: int, total: int) -> ListState:
        """The state of an answer that gives some of `total` entries after those given before.

        >>> ListState.of(0, 5, 7), ListState.of(5, 2, 7), ListState.of(0, 7, 7)
        (<ListState.MORE: '2'>, <ListState.LAST: '3'>, <ListState.WHOLE: '1'>)
        """
        if not given_now:
            return cls.NONE
        if given_before + given_now < total:
            return cls.MORE
        return cls.LAST if given_before else cls.WHOLE

    @property
    def is_end(self) -> bool:
        """Whether nothing follows this answer."""
        return self is not ListState.MORE


def query(held: int) -> bytes:
    """Field 62 of a query by a terminal that has so many entries of the list already (at most 99). Raises Malformed."""
    if not 0 <= held <= 99:
        raise Malformed(F62, None, "at most 99 entries", str(held))
    return f"1{held:02d}".encode("ascii")


def held_in(raw: bytes) -> int:
    """How many entries a terminal that queries has already; none when it says nothing. Raises Malformed."""
    if not raw:
        return 0
    if len(raw) != 3 or raw[:1] != b"1" or not raw[1:].isdigit():
        raise Malformed(F62, 0, "`1` and two digits", f"{len(raw)} bytes")
    return int(raw[1:])


def name_in(entry: bytes, tags: Sequence[str]) -> bytes:
    """The objects of an entry that name it in a list. Raises Malformed when one is missing."""
    objects = {each.tag: each for each in tlv.parse(entry, field=F62)}
    for tag in tags:
        if tag not in objects:
            raise Malformed(F62, None, f"tag {tag}", "nothing", tag)
    return b"".join(objects[tag].encode() for tag in tags)


@dataclass(frozen=True, slots=True)
class ListAnswer:
    """Field 62 of a query's answer: the state and the names that it gives."""

    state: ListState
    names: tuple[bytes, ...] = ()

    def encode(self) -> bytes:
        """The bytes."""
        return self.state.value.encode("ascii") + b"".join(self.names)

    @classmethod
    def parse(cls, raw: bytes) -> ListAnswer:
        """State and names; a name begins wherever tag 9F06 stands. Raises Malformed."""
        state = _state(raw)
        names: list[bytes] = []
        for each in tlv.parse(raw[1:], field=F62):
            if each.tag == "9F06":
                names.append(b"")
            if not names:
                raise Malformed(F62, 1, "tag 9F06", "another")
            names[-1] += each.encode()
        return cls(state, tuple(names))


def entry_answer(entry: bytes | None) -> bytes:
    """Field 62 that answers a fetch: the entry, or that there is none."""
    return b"0" if entry is None else b"1" + entry


def entry_in(raw: bytes) -> bytes | None:
    """The entry in the answer to a fetch; None when there is none. Raises Malformed."""
    return None if _state(raw) is ListState.NONE else raw[1:]


def cells_wanted(raw: bytes) -> int:
    """The first position (from 1) that a request for cells wants; the first of all when it says nothing. Raises Malformed."""
    if not raw:
        return 1
    if len(raw) != 3 or not raw.isdigit():
        raise Malformed(F62, 0, "three digits", f"{len(raw)} bytes")
    return max(1, int(raw))


def wanting_cells(first: int) -> bytes:
    """Field 62 of a request for cells from a position on (1 to 999)."""
    return f"{first:03d}".encode("ascii")


@dataclass(frozen=True, slots=True)
class CellsAnswer:
    """Field 62 that gives cells of fixed width: the state, the position of the last one (from 1), the cells."""

    state: ListState
    last: int
    cells: tuple[str, ...] = ()

    def encode(self, width: int) -> bytes:
        """The bytes, each cell filled with spaces. Raises Malformed for a cell that is too long."""
        for cell in self.cells:
            if len(cell) > width:
                raise Malformed(F62, None, f"cells of at most {width}", str(len(cell)))
        text = "".join(cell.ljust(width) for cell in self.cells)
        return f"{self.state.value}{self.last:03d}{text}".encode("ascii")

    @classmethod
    def parse(cls, raw: bytes, width: int) -> CellsAnswer:
        """The cells without their filling. Raises Malformed."""
        state = _state(raw)
        if not raw[1:4].isdigit() or len(raw[4:]) % width:
            raise Malformed(F62, 1, f"three digits and cells of {width}", f"{len(raw)} bytes")
        text = raw[4:].decode("latin-1")
        cells = tuple(text[at : at + width].rstrip() for at in range(0, len(text), width))
        return cls(state, int(raw[1:4]), cells)


def parameter_list(values: Mapping[str, str]) -> bytes:
    """Field 62 of the answer to a parameter download: tag -> value, filled to the width that the table gives the tag.

    Texts are filled with spaces on the right, digits with zeros on the left, a bitmap is given in hex. Raises Malformed for a
    tag that the table lacks, and for a value that does not fit.
    """
    rows = {part.tag: part for part in PARAMETERS.parts}
    found = []
    for tag, value in sorted(values.items()):
        if tag not in rows:
            raise Malformed(F62, None, "a parameter of the table", f"tag {tag}", tag)
        found.append(Found(tag, _fitted(rows[tag], value)))
    return write_parts(PARAMETERS, found, field=F62)


def merchant_name(name: str) -> str:
    """A merchant's name, cut to the bytes that parameter 22 has for it; no character is cut in two."""
    row = next(part for part in PARAMETERS.parts if part.tag == "22")
    return name.encode("gbk", "ignore")[: row.size].decode("gbk", "ignore")


def _fitted(part: Part, value: str) -> bytes:
    assert part.size is not None, "every parameter has a width"
    if part.form is Form.BYTES:
        return bytes.fromhex(value)
    if part.form is Form.DIGITS:
        return value.zfill(part.size).encode("ascii")
    raw = value.encode("gbk", "ignore")
    return raw + b" " * (part.size - len(raw))


def _state(raw: bytes) -> ListState:
    try:
        return ListState(raw[:1].decode("latin-1"))
    except ValueError:
        raise Malformed(F62, 0, "the list's state", "another character" if raw else "nothing") from None


@dataclass(frozen=True, slots=True)
class DownloadDialect:
    """The numbers of one dialect: how many entries go into one answer, how wide a cell is, which digit asks for what.

    `asks` maps what the host wants of a terminal to the header's processing request (A2). `unconfirmed` names the columns
    that wait for an acquirer's word.
    """

    name: str
    zh: str
    en: str
    public_keys_at_once: int
    chip_parameters_at_once: int
    blacklist_at_once: int
    blacklist_cell: int
    asks: Mapping[str, str]
    unconfirmed: tuple[str, ...] = ()


class BadDialect(ValueError):
    """Data that describes no dialect; the text names the dialect and what is wrong."""


def read_dialects(text: str) -> dict[str, DownloadDialect]:
    """The dialects of a TOML text by name. Raises BadDialect, naming what is wrong."""
    known = {column.name for column in fields(DownloadDialect)}
    found: dict[str, DownloadDialect] = {}
    for row in tomllib.loads(text).get("dialect", ()):
        name = str(row.get("name", "a dialect"))
        if set(row) | {"unconfirmed"} != known:
            raise BadDialect(f"{name}: columns missing or too many: {sorted(set(row) ^ known - {'unconfirmed'})}")
        made = _dialect(row)
        if name in found:
            raise BadDialect(f"{name} stands there twice")
        found[name] = made
    return found


def _dialect(row: dict[str, Any]) -> DownloadDialect:
    counts = [value for value in row.values() if isinstance(value, int)]
    digits = list(row["asks"].values())
    if any(count < 1 for count in counts):
        raise BadDialect(f"{row['name']}: a number below 1")
    if len(set(digits)) != len(digits) or not all(len(digit) == 1 and digit in "123456789" for digit in digits):
        raise BadDialect(f"{row['name']}: what is asked for needs a digit of its own, from 1 to 9")
    parts = row | {"asks": MappingProxyType(dict(row["asks"])), "unconfirmed": tuple(row.get("unconfirmed", ()))}
    return DownloadDialect(**parts)


DOWNLOAD_DIALECTS: Mapping[str, DownloadDialect] = MappingProxyType(
    read_dialects(files(__package__).joinpath("terminal_downloads.toml").read_text(encoding="utf-8"))
)
"""The shipped ones by name."""
