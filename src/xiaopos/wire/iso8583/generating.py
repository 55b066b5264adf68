"""Python source that reads or writes messages of one shape (one set of fields), made from the spec's table.

What may live here: the source's templates. What may not: complaints. The generated code only knows good messages; whatever
it doubts it hands to the walk over the table, which answers or says what is wrong. So it may be terse, and can refuse
nothing by itself.

In a reader `d` is the message, `p` the offset reached, `n` the length of the field at hand in symbols and `k` in bytes,
`r12` the bytes of a run of fields that begins with field 12, `h` the hexadecimal digits of such a run, `v12` field 12.
What is cut too short by the end of the message is noticed once, at the end; digits and printable text are checked there
too, all together: deleting every good byte (`bytes.translate`) must leave nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, cast

from xiaopos.wire.iso8583.encodings import gbk_text, track_nibbles
from xiaopos.wire.iso8583.message import Message
from xiaopos.wire.iso8583.spec import Encoding, Field, Size, Spec

Reader = Callable[[bytes], Message]
Writer = Callable[[Message], bytes]

_BCD = (Encoding.BCD_LEFT, Encoding.BCD_RIGHT)
_MESSAGE_TYPES = [
    f"{version}{kind}{function}{origin}"
    for version in range(3)
    for kind in range(1, 9)
    for function in range(10)
    for origin in range(6)
]
_NAMES: dict[str, object] = {
    "Message": Message,
    "gbk_text": gbk_text,
    "track_nibbles": track_nibbles,
    "unhex": bytes.fromhex,
    "MTI": {bytes.fromhex(mti): mti for mti in _MESSAGE_TYPES},
    "DIGITS": bytes(int(f"{n:02d}", 16) for n in range(100)),
    "PRINTABLE": bytes(range(0x20, 0x7F)),
    "LL": tuple(bytes.fromhex(f"{n:02d}") for n in range(100)),
    "LLL": tuple(bytes.fromhex(f"{n:04d}") for n in range(1000)),
}


def make_reader(spec: Spec, numbers: Sequence[int], slow: Reader) -> Reader:
    """A function that reads messages with exactly these fields (ascending); what it doubts it returns through `slow`."""
    source = _ReaderSource(spec, numbers)
    text = source.source()
    return cast(Reader, _compile(text, {**source.names, "slow": slow})["read"])


def make_writer(spec: Spec, numbers: Sequence[int], slow: Writer) -> Writer:
    """A function that writes messages with exactly these fields (ascending); what it doubts it returns through `slow`."""
    return cast(Writer, _compile(_WriterSource(spec, numbers).source(), {"slow": slow})["write"])


def _compile(source: str, given: dict[str, object]) -> dict[str, Any]:
    names: dict[str, Any] = {**_NAMES, **given}
    exec(compile(source, "<generated ISO 8583 codec>", "exec"), names)
    return names


@lru_cache(maxsize=128)
def _lengths(most: int, packed: bool, per_count: int) -> dict[int, Any]:
    """Length prefix, as a number -> length in symbols; for packed fields with the length in bytes."""
    counts = {int(str(count), 16): count for count in range(most + 1)}
    if not packed:
        return dict(counts)
    return {prefix: (count * per_count, (count * per_count + 1) // 2) for prefix, count in counts.items()}


def _runs(spec: Spec, numbers: Sequence[int]) -> list[tuple[str, list[Field]]]:
    """The fields in order, neighbours that are cut together in one group: digits, text, or one field alone."""

    def kind(field: Field) -> str:
        if field.size is Size.FIXED and field.encoding in _BCD:
            return "digits"
        if field.size is Size.FIXED and field.encoding is Encoding.ASCII:
            return "text"
        return str(field.number)

    return [(name, list(fields)) for name, fields in groupby((spec.fields[number] for number in numbers), kind)]


class _ReaderSource:
    """Builds the source of one reader, keeping the offset reached so far as `delta` bytes, behind `p` once that moved."""

    def __init__(self, spec: Spec, numbers: Sequence[int]) -> None:
        self.runs = _runs(spec, numbers)
        self.delta = 2 + len(spec.bitmap(numbers))
        self.moved = False
        self.names: dict[str, object] = {}
        self.lines: list[str] = []
        self.values: list[str] = []
        self.digits: list[str] = []
        self.texts: list[str] = []

    def source(self) -> str:
        while self.runs:
            kind, fields = self.runs.pop(0)
            field = fields[0]
            if kind == "digits":
                self._digits(fields)
            elif kind == "text":
                self._text(fields)
            elif field.size is Size.FIXED:
                self._fixed(field)
            elif field.encoding in _BCD:
                self._variable_digits(field)
            else:
                self._variable(field)
        doubts = [f"len(d) != {self._at()}"]
        doubts += [f"({' + '.join(self.digits)}).translate(None, DIGITS)"] if self.digits else []
        doubts += [f"({' + '.join(self.texts)}).translate(None, PRINTABLE)"] if self.texts else []
        lines = ["m = MTI[d[:2]]", *self.lines, f"if {' or '.join(doubts)}: return slow(d)"]
        lines.append(f"return Message(m, {{{', '.join(self.values)}}})")
        body = [f"        {line}" for line in lines]
        caught = ["    except (LookupError, ValueError):", "        pass", "    return slow(d)"]
        return "\n".join(["def read(d):", "    try:", *body, *caught])

    def _at(self, plus: int = 0) -> str:
        offset = self.delta + plus
        if not self.moved:
            return str(offset)
        return f"p + {offset}" if offset else "p"

    def _cut(self, size: int) -> str:
        start, self.delta = self._at(), self.delta + size
        return f"d[{start}:{self._at()}]"

    def _value(self, field: Field) -> str:
        name = f"v{field.number}"
        self.values.append(f"{field.number}: {name}")
        return name

    def _digits(self, fields: list[Field]) -> None:
        """A run of fixed BCD fields alone."""
        run = f"r{fields[0].number}"
        self.lines.append(f"{run} = {self._cut(_run_bytes(fields))}")
        self.digits.append(run)
        self._share_out(fields, f"{run}.hex()", f"g{fields[0].number}", whole=True)

    def _text(self, fields: list[Field]) -> None:
        """A run of fixed ASCII fields."""
        run = f"r{fields[0].number}"
        self.lines.append(f"{run} = {self._cut(sum(field.most for field in fields))}")
        self.texts.append(run)
        self._share_out(fields, f"{run}.decode()", f"g{fields[0].number}", whole=True)

    def _share_out(self, fields: list[Field], symbols: str, getter: str, *, whole: bool) -> None:
        """Shares the symbols at the end of `symbols` out to fields of fixed length; filler nibbles are checked to be 0.

        Counted from the end, so that a run may follow a field of any length. `whole` says that none precedes it.
        """
        parts, names, fillers = [], [], []
        place = -sum(field.most + field.most % 2 if field.encoding.packed else field.most for field in fields)
        for field in fields:
            odd = field.encoding.packed and field.most % 2 == 1
            if odd and field.encoding is Encoding.BCD_RIGHT:
                fillers.append(place)
                place += 1
            parts.append(slice(place, place + field.most or None))
            names.append(self._value(field))
            place += field.most
            if odd and field.encoding is Encoding.BCD_LEFT:
                fillers.append(place)
                place += 1
        zeros = "0" * len(fillers)
        for filler in fillers:
            parts.append(slice(filler, filler + 1 or None))
            names.append(f"z{-filler}")
        if len(parts) == 1 and whole:
            self.lines.append(f"{names[0]} = {symbols}")
            return
        self.names[getter] = itemgetter(*parts)
        self.lines.append(f"{', '.join(names)} = {getter}({symbols})")
        if zeros:
            self.lines.append(f"if {' + '.join(names[-len(zeros) :])} != '{zeros}': return slow(d)")

    def _fixed(self, field: Field) -> None:
        if field.encoding is Encoding.BINARY:
            self.lines.append(f"{self._value(field)} = {self._cut(field.most)}")
        elif field.encoding is Encoding.GBK:
            self.lines.append(f"{self._value(field)} = gbk_text({self._cut(field.most)})")
        else:
            self.lines.append(f"n = {field.most}")
            self._track(self._value(field), self._cut((field.most + 1) // 2))

    def _track(self, name: str, cut: str) -> None:
        self.lines.append(f"{name} = {cut}.hex().upper().replace('D', '=')")
        self.lines.append("if n & 1:")
        self.lines.append(f"    if {name}[n] != '0': return slow(d)")
        self.lines.append(f"    {name} = {name}[:n]")

    def _length(self, field: Field) -> None:
        """Reads the length prefix and moves `p` behind the field; `a` is where its value begins."""
        table = f"L{field.number}"
        self.names[table] = _lengths(field.most, field.encoding.packed, field.symbols_per_count)
        prefix = f"d[{self._at()}]" if field.size is Size.LL else f"d[{self._at()}] << 8 | d[{self._at(1)}]"
        self.lines.append(f"{'n, k' if field.encoding.packed else 'k'} = {table}[{prefix}]")
        self.lines.append(f"a = {self._at(field.size.prefix_bytes)}")
        self.lines.append("p = a + k")
        self.delta, self.moved = 0, True

    def _variable(self, field: Field) -> None:
        self._length(field)
        name = self._value(field)
        if field.encoding is Encoding.TRACK:
            self._track(name, "d[a:p]")
        elif field.encoding is Encoding.GBK:
            self.lines.append(f"{name} = gbk_text(d[a:p])")
        elif field.encoding is Encoding.BINARY:
            self.lines.append(f"{name} = d[a:p]")
        else:
            run = f"r{field.number}"
            self.lines += [f"{run} = d[a:p]", f"{name} = {run}.decode()"]
            self.texts.append(run)

    def _variable_digits(self, field: Field) -> None:
        """A BCD field with a length prefix, and the run of fixed BCD fields that may follow it, cut as one."""
        self._length(field)
        follow = self.runs.pop(0)[1] if self.runs and self.runs[0][0] == "digits" else []
        run, name = f"r{field.number}", self._value(field)
        self.delta = _run_bytes(follow)
        self.lines += [f"{run} = d[a:{self._at()}]", f"h = {run}.hex()"]
        self.digits.append(run)
        right = field.encoding is Encoding.BCD_RIGHT
        self.lines.append(f"{name} = h[n & 1:k + k]" if right else f"{name} = h[:n]")
        self.lines.append(f"if n & 1 and h[{'0' if right else 'n'}] != '0': return slow(d)")
        if follow:
            self._share_out(follow, "h", f"g{field.number}", whole=False)


def _run_bytes(fields: list[Field]) -> int:
    return sum((field.most + 1) // 2 for field in fields)


class _WriterSource:
    """Builds the source of one writer: parts of bytes joined at the end; runs of BCD fields packed together."""

    def __init__(self, spec: Spec, numbers: Sequence[int]) -> None:
        self.runs = _runs(spec, numbers)
        self.bitmap = spec.bitmap(numbers)
        self.lines: list[str] = []
        self.parts: list[str] = []

    def source(self) -> str:
        for kind, fields in self.runs:
            if kind == "digits":
                self._digits(fields)
            elif kind == "text":
                self._text(fields)
            else:
                self._single(fields[0])
        head = ["i = m.mti", "f = m.fields", "if len(i) != 4 or not (i.isascii() and i.isdigit()): return slow(m)"]
        tail = [f"return b''.join((unhex(i), {self.bitmap!r}, {', '.join(self.parts)}))"]
        body = [f"        {line}" for line in head + self.lines + tail]
        caught = [
            "    except (LookupError, ValueError, TypeError, AttributeError):",
            "        pass",
            "    return slow(m)",
        ]
        return "\n".join(["def write(m):", "    try:", *body, *caught])

    def _take(self, field: Field) -> str:
        """Takes the field's value into a variable, and leaves to `slow` one that has not the fixed length."""
        name = f"v{field.number}"
        self.lines.append(f"{name} = f[{field.number}]")
        if field.size is Size.FIXED and field.encoding is not Encoding.GBK:
            self.lines.append(f"if len({name}) != {field.most}: return slow(m)")
        return name

    def _digits(self, fields: list[Field]) -> None:
        run, symbols = f"r{fields[0].number}", ""
        size = _run_bytes(fields)
        for field in fields:
            name = f"{{{self._take(field)}}}"
            if field.most % 2:
                name = f"0{name}" if field.encoding is Encoding.BCD_RIGHT else f"{name}0"
            symbols += name
        self.lines.append(f"{run} = unhex(f'{symbols}')")
        self.lines.append(f"if len({run}) != {size} or {run}.translate(None, DIGITS): return slow(m)")
        self.parts.append(run)

    def _text(self, fields: list[Field]) -> None:
        run = f"r{fields[0].number}"
        self.lines.append(f"{run} = ({' + '.join([self._take(field) for field in fields])}).encode()")
        self._printable(run)
        self.parts.append(run)

    def _printable(self, raw: str) -> None:
        self.lines.append(f"if {raw}.translate(None, PRINTABLE): return slow(m)")

    def _single(self, field: Field) -> None:
        name = self._take(field)
        if field.encoding.packed:
            self._packed(field, name)
            return
        if field.encoding is Encoding.BINARY:
            self.lines.append(f"if type({name}) is not bytes: return slow(m)")
        elif field.encoding is Encoding.ASCII:
            self.lines.append(f"{name} = {name}.encode()")
            self._printable(name)
        else:
            self.lines += [f"{name} = {name}.encode('gbk')", f"gbk_text({name})"]
        if field.size is not Size.FIXED:
            self._prefix(field, f"len({name})")
        elif field.encoding is Encoding.GBK:
            self.lines.append(f"if len({name}) != {field.most}: return slow(m)")
        self.parts.append(name)

    def _packed(self, field: Field, name: str) -> None:
        if field.encoding is Encoding.TRACK:
            self.lines.append(f"{name} = track_nibbles({name})")
        self.lines.append(f"n = len({name})")
        if field.symbols_per_count == 2:
            self.lines.append("if n & 1: return slow(m)")
        if field.size is not Size.FIXED:
            self._prefix(field, "n >> 1" if field.symbols_per_count == 2 else "n")
        padded = f"'0' + {name}" if field.encoding is Encoding.BCD_RIGHT else f"{name} + '0'"
        self.lines.append(f"{name} = unhex({padded} if n & 1 else {name})")
        if field.encoding is not Encoding.TRACK:
            self.lines.append(f"if len({name}) != n + 1 >> 1 or {name}.translate(None, DIGITS): return slow(m)")
        self.parts.append(name)

    def _prefix(self, field: Field, length: str) -> None:
        prefix = f"l{field.number}"
        self.lines.append(f"if {length} > {field.most}: return slow(m)")
        self.lines.append(f"{prefix} = {field.size.name}[{length}]")
        self.parts.append(prefix)
