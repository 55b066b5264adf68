"""Python source that reads messages of one shape (one set of fields), made from the spec's table.

What may live here: the reader's templates, and what reader and writer share. What may not: complaints. The generated code
only knows good messages; whatever it doubts it hands to the walk over the table, which answers or says what is wrong. So
it may be terse, and can refuse nothing by itself.

A message is cut in three steps. The lengths are read, one after the other: `x2` is the length prefix of field 2 as it
lies there, `k2` the bytes its value takes, `p` the offset of the next prefix. Then one compiled `struct` for exactly
these lengths (CUTS keeps a bounded number) cuts the message into runs, and notices a message too short or too long:
`r12` is a run of neighbours of one kind that begins with field 12. Then each run is shared out: `v12` is field 12, `z12`
the filler nibbles of the run, which must be 0. Digits and printable text are checked at the end, all together.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import Any, cast

from xiaopos.wire.iso8583.encodings import gbk_text, printable_ebcdic
from xiaopos.wire.iso8583.message import Message
from xiaopos.wire.iso8583.spec import Encoding, Field, Prefix, Size, Spec
from xiaopos.wire.iso8583.walking import prefix_of, type_of

Reader = Callable[[bytes], Message]

CUTS_KEPT = 128
"""How many combinations of lengths a generated reader keeps its cuts for (about half a kilobyte each)."""
GETTERS_AT_ONCE = 40
"""Up to this greatest length, what shares a run out is made for every length when the reader is made; else when met."""
PRINTABLE = bytes(range(0x20, 0x7F))
HEX_CAPITALS = b"0123456789ABCDEF"
_BCD = (Encoding.BCD_LEFT, Encoding.BCD_RIGHT)
_MESSAGE_TYPES = [
    f"{version}{kind}{function}{origin}"
    for version in range(3)
    for kind in range(1, 9)
    for function in range(10)
    for origin in range(6)
]


def make_reader(spec: Spec, numbers: Sequence[int], slow: Reader) -> Reader:
    """A function that reads messages with exactly these fields (ascending, none above 128).

    What it doubts it returns through `slow`.
    """
    source = _ReaderSource(spec, numbers)
    text = source.source()
    return cast(Reader, compiled(text, {**source.names, "slow": slow})["read"])


def compiled(source: str, names: dict[str, Any]) -> dict[str, Any]:
    """What the source defines, with these names given to it."""
    exec(compile(source, "<generated ISO 8583 codec>", "exec"), names)
    return names


@lru_cache(maxsize=64)
def ebcdic_tables(page: str) -> tuple[bytes, bytes, bytes]:
    """EBCDIC to Latin-1, Latin-1 to EBCDIC (tables for `bytes.translate`), and what is printable, in Latin-1."""
    every = bytes(range(256))
    printable = printable_ebcdic(page).decode(page).encode("latin-1")
    return every.decode(page).encode("latin-1"), every.decode("latin-1").encode(page), printable


@lru_cache(maxsize=16)
def _message_types(spec: Spec) -> dict[bytes, str]:
    versions = "012" if spec.version is None else spec.version.value
    return {type_of(spec, mti): mti for mti in _MESSAGE_TYPES if mti[0] in versions}


@lru_cache(maxsize=256)
def _lengths(row: Field, page: str) -> dict[int | bytes, tuple[int, int]]:
    """Length prefix as the generated code finds it -> symbols of the value, and bytes.

    A prefix of one byte is found as a number, a packed one of two bytes too, a longer one as bytes.
    """
    lengths: dict[int | bytes, tuple[int, int]] = {}
    for count in range(row.most + 1):
        raw = prefix_of(row, count, page)
        symbols = count * row.symbols_per_count
        key = int.from_bytes(raw, "big") if _numbered(row) else raw
        lengths[key] = (symbols, row.bytes_of(symbols))
    return lengths


@lru_cache(maxsize=256)
def _bytes_by_prefix(row: Field, page: str) -> dict[int | bytes, int]:
    return {prefix: size for prefix, (_, size) in _lengths(row, page).items()}


def _numbered(row: Field) -> bool:
    """Whether generated code makes a number of the length prefix."""
    return row.prefix_bytes == 1 or row.prefix in (Prefix.BCD, Prefix.BINARY)


def kind_of(row: Field) -> str:
    """What neighbours are cut together: fields of one kind, all but the first of fixed length; or "" for one alone."""
    if row.encoding in _BCD:
        return f"bcd {row.filler}"
    if row.encoding in (Encoding.ASCII, Encoding.EBCDIC):
        return f"{row.encoding.value} {'number' if row.digits else 'text'}"
    return ""


@dataclass(slots=True)
class Run:
    """Neighbours that lie together: one of variable length in front perhaps, then those of fixed length."""

    kind: str
    lead: Field | None = None
    follow: list[Field] = field(default_factory=list)

    @property
    def number(self) -> int:
        """The first field's."""
        return (self.lead or self.follow[0]).number

    @property
    def fixed_bytes(self) -> int:
        """How many bytes the fields of fixed length take."""
        return sum(row.fixed_bytes for row in self.follow)


def runs(spec: Spec, numbers: Sequence[int]) -> list[Run]:
    """The fields in order, as runs."""
    found: list[Run] = []
    for row in (spec.fields[number] for number in numbers):
        kind = kind_of(row)
        if row.size is not Size.FIXED:
            found.append(Run(kind, row))
        elif kind and found and found[-1].kind == kind:
            found[-1].follow.append(row)
        else:
            found.append(Run(kind, None, [row]))
    return found


class _Made(dict[Any, Any]):
    """Makes what is missing, and forgets all when too much was made."""

    def __init__(self, make: Callable[[Any], Any], kept: int) -> None:
        super().__init__()
        self._make, self._kept = make, kept

    def __missing__(self, key: Any) -> Any:
        if len(self) >= self._kept:
            self.clear()
        self[key] = made = self._make(key)
        return made


@dataclass(slots=True)
class _Slices:
    """Where a run's values and the filler nibbles of its fields of fixed length lie among its symbols."""

    values: list[slice] = field(default_factory=list)
    fillers: list[slice] = field(default_factory=list)

    def add_filler(self, place: int) -> None:
        """One more filler nibble; neighbours are compared together."""
        start = place
        if self.fillers and self.fillers[-1].stop == place:
            start = self.fillers.pop().start
        self.fillers.append(slice(start, place + 1))


def _slices(run: Run, symbols: int) -> _Slices:
    """The run's slices when the field in front, if there is one, has this many symbols."""
    found, place = _Slices(), 0
    if run.lead is not None:
        odd = symbols % 2 if run.lead.encoding.packed else 0
        shift = odd if run.lead.encoding is Encoding.BCD_RIGHT else 0
        found.values.append(slice(shift, shift + symbols))
        place = symbols + odd
    for row in run.follow:
        odd = row.most % 2 if row.encoding.packed else 0
        shift = odd if row.encoding is Encoding.BCD_RIGHT else 0
        found.values.append(slice(place + shift, place + shift + row.most))
        if odd:
            found.add_filler(place if shift else place + row.most)
        place += row.most + odd
    return found


def _sharer(run: Run, symbols: int) -> Callable[[str], Any]:
    """A getter of the run's values out of its symbols, then of its filler nibbles."""
    slices = _slices(run, symbols)
    return itemgetter(*slices.values, *slices.fillers)


class _ReaderSource:
    """Builds the source of one reader: `lines` in their order, `values` of the message, what is checked at the end."""

    def __init__(self, spec: Spec, numbers: Sequence[int]) -> None:
        self.spec = spec
        self.runs = runs(spec, numbers)
        start = spec.type_bytes + len(spec.bitmap(numbers))
        self.shape = [f"{spec.type_bytes}s{start - spec.type_bytes}x"]
        self.delta, self.moved, self.pending = start, False, ""
        self.cut = ["i"]
        self.keys: list[str] = []
        self.head: list[str] = []
        self.lines: list[str] = []
        self.values: list[str] = []
        self.nibbles: list[str] = []
        self.numbers: list[str] = []
        self.filled = False
        self.doubts: list[str] = []
        from_ebcdic, _, printable = ebcdic_tables(spec.ebcdic)
        self.names: dict[str, object] = {
            "Message": Message, "gbk_text": gbk_text, "unhex": bytes.fromhex,
            "MTI": _message_types(spec), "PRINTABLE": PRINTABLE, "LATIN": printable, "LATINED": from_ebcdic,
            "CAPITALS": HEX_CAPITALS, "SIGN": {0x43: "C", 0x44: "D"}, "StructError": struct.error,
        }  # fmt: skip

    def source(self) -> str:
        for run in self.runs:
            self._place(run)
            self._share(run)
        lines = [*self.head, f"{', '.join(self.cut)}, = {self._cutter()}(d)", *self.lines, *self._checks()]
        lines += [f"return Message(MTI[i], {{{', '.join(self.values)}}})"]
        body = [f"        {line}" for line in lines]
        caught = ["    except (LookupError, ValueError, StructError):", "        pass", "    return slow(d)"]
        return "\n".join(["def read(d):", "    try:", *body, *caught])

    def _cutter(self) -> str:
        pattern = ">" + "".join(self.shape)
        if not self.keys:
            self.names["CUT"] = struct.Struct(pattern).unpack
            return "CUT"
        self.names["CUTS"] = _Made(lambda sizes: struct.Struct(pattern % sizes).unpack, CUTS_KEPT)
        return f"CUTS[{', '.join(self.keys)}]"

    def _checks(self) -> list[str]:
        doubts = list(self.doubts)
        if self.nibbles:
            digits = "0" + "".join(f"{{{name}}}" for name in self.nibbles)
            doubts.append(f"not f'{digits}'.encode().isdigit()")
        if self.numbers:
            texts = " + ".join(self.numbers if self.filled else ["b'0'", *self.numbers])
            doubts.append(f"not ({texts}).isdigit()")
        return [f"if {' or '.join(doubts)}: return slow(d)"] if doubts else []

    def _place(self, run: Run) -> None:
        """Reads the run's length, when it has one, and lists the run to be cut."""
        whole = (run.lead or run.follow[0]).encoding is Encoding.BINARY
        self.cut.append(f"v{run.number}" if whole else f"r{run.number}")
        if run.lead is None:
            self.shape.append(f"{run.fixed_bytes}s")
            self.delta += run.fixed_bytes
            return
        self._length(run.lead)
        self.keys.append(f"k{run.number} + {run.fixed_bytes}" if run.follow else f"k{run.number}")
        self.shape.append(f"{run.lead.prefix_bytes}x%ds")
        self.delta += run.lead.prefix_bytes + run.fixed_bytes

    def _length(self, row: Field) -> None:
        """Finds the prefix and what it says: `x` the prefix, `n` the symbols for a track, `k` the bytes."""
        number, table = row.number, f"L{row.number}"
        if self.pending:
            self.head.append(f"p {'+=' if self.moved else '='} {self.pending} + {self.delta}")
            self.delta, self.moved = 0, True
        if row.prefix_bytes == 1:
            prefix = f"d[{self._at(0)}]"
        elif _numbered(row):
            prefix = f"d[{self._at(0)}] << 8 | d[{self._at(1)}]"
        else:
            prefix = f"d[{self._at(0)}:{self._at(row.prefix_bytes)}]"
        if row.encoding.packed:
            self.names[table] = _lengths(row, self.spec.ebcdic)
            self.head.append(f"n{number}, k{number} = {table}[{prefix}]")
        else:
            self.names[table] = _bytes_by_prefix(row, self.spec.ebcdic)
            self.head.append(f"k{number} = {table}[{prefix}]")
        self.pending = f"k{number}"

    def _at(self, plus: int) -> str:
        """The offset, so many bytes behind the last one reached."""
        if not self.moved:
            return str(self.delta + plus)
        return f"p + {plus}" if plus else "p"

    def _share(self, run: Run) -> None:
        run_name = f"r{run.number}"
        if not run.kind:
            self._alone(run.lead or run.follow[0], run_name)
        elif run.kind.startswith("bcd"):
            self.lines.append(f"h{run.number} = {run_name}.hex()")
            self._share_out(run, f"h{run.number}")
        else:
            self._text(run, run_name)

    def _text(self, run: Run, name: str) -> None:
        ebcdic = run.kind.startswith(Encoding.EBCDIC.value)
        if ebcdic:
            self.lines.append(f"{name} = {name}.translate(LATINED)")
        if run.kind.endswith("number"):
            self.numbers.append(name)
            self.filled = self.filled or bool(run.follow)
        else:
            doubt = f"{name}.lstrip({'LATIN' if ebcdic else 'PRINTABLE'})"
            self.doubts.append(f"not {name}.isalnum() and {doubt}")
        self._share_out(run, f"{name}.decode({repr('latin-1') if ebcdic else ''})")

    def _value(self, row: Field) -> str:
        self.values.append(f"{row.number}: v{row.number}")
        return f"v{row.number}"

    def _share_out(self, run: Run, symbols: str) -> None:
        """Gets the values out of the run's symbols, and doubts a wrong filler."""
        rows = ([run.lead] if run.lead else []) + run.follow
        names = [self._value(row) for row in rows]
        packed = run.kind.startswith("bcd")
        if packed:
            self.nibbles += [symbols] if run.kind == "bcd 0" else names
        if run.lead is not None and packed:
            self._lead_filler(run, symbols)
        alone = len(names) == 1
        if alone and run.lead is not None and packed:
            odd = f"{symbols}[1:]" if run.lead.encoding is Encoding.BCD_RIGHT else f"{symbols}[:-1]"
            self.lines.append(f"{names[0]} = {odd} if n{run.number} & 1 else {symbols}")
            return
        fillers = _slices(run, 0).fillers
        if alone and not fillers:
            self.lines.append(f"{names[0]} = {symbols}")
            return
        for part in fillers:
            names.append(f"z{run.number}_{part.start}")
            self.doubts.append(f"{names[-1]} != '{run.kind[-1].lower() * (part.stop - part.start)}'")
        self.lines.append(f"{', '.join(names)} = {self._getter(run)}({symbols})")

    def _lead_filler(self, run: Run, symbols: str) -> None:
        """Doubts a wrong filler of the field in front, when its length is odd."""
        count = f"n{run.number}"
        place = "0" if run.lead and run.lead.encoding is Encoding.BCD_RIGHT else count
        self.lines.append(f"if {count} & 1 and {symbols}[{place}] != '{run.kind[-1].lower()}': return slow(d)")

    def _getter(self, run: Run) -> str:
        getter = f"G{run.number}"
        if run.lead is None:
            self.names[getter] = _sharer(run, 0)
            return getter
        row = run.lead
        count = f"n{run.number}" if row.encoding.packed else f"k{run.number}"
        if row.most <= GETTERS_AT_ONCE:
            symbols = range(row.most * row.symbols_per_count + 1)
            self.names[getter] = [_sharer(run, number) for number in symbols]
        else:
            self.names[getter] = _Made(lambda number: _sharer(run, number), row.most + 1)
        return f"{getter}[{count}]"

    def _alone(self, row: Field, run: str) -> None:
        """A field that shares its run with no other."""
        name = self._value(row)
        if row.encoding is Encoding.TRACK:
            self._track(row, name, run)
        elif row.encoding is Encoding.GBK:
            self.lines.append(f"{name} = gbk_text({run})")
        elif row.encoding.hexadecimal:
            if row.encoding is Encoding.EBCDIC_HEX:
                self.lines.append(f"{run} = {run}.translate(LATINED)")
            self.doubts.append(f"{run}.lstrip(CAPITALS)")
            self.lines.append(f"{name} = unhex({run}.decode())")
        elif row.encoding is Encoding.SIGNED:
            self.lines += [f"s{row.number} = {run}[1:].hex()", f"{name} = SIGN[{run}[0]] + s{row.number}"]
            self.nibbles.append(f"s{row.number}")

    def _track(self, row: Field, name: str, run: str) -> None:
        odd = f"n{row.number} & 1" if row.size is not Size.FIXED else ("True" if row.most % 2 else "")
        self.lines.append(f"{name} = {run}.hex().upper().replace('D', '=')")
        if odd:
            self.lines.append(f"if {odd}:")
            self.lines.append(f"    if {name}[-1] != '{row.filler}': return slow(d)")
            self.lines.append(f"    {name} = {name}[:-1]")
