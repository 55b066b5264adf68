"""Python source that reads or writes messages of one shape (one set of fields), made from the spec's table.

What may live here: the source's templates. What may not: complaints. The generated code only knows good messages; whatever
it doubts it hands to the walk over the table, which answers or says what is wrong. So it may be terse, and can refuse
nothing by itself.

A reader works on three views of the message: `d` its bytes, `h` its hexadecimal digits (two a byte; digits are cut from
it), `t` its bytes as Latin-1 text. `p` is an offset in bytes, `q` the same in hexadecimal digits. Neighbours are checked
together: deleting every good byte of a stretch (`bytes.translate`) must leave nothing, which costs a fifth of `isdigit`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, cast

from xiaopos.wire.iso8583.encodings import gbk_text, track_nibbles
from xiaopos.wire.iso8583.message import Message
from xiaopos.wire.iso8583.spec import Encoding, Field, Size, Spec

Reader = Callable[[bytes], Message]
Writer = Callable[[Message], bytes]

_BCD = (Encoding.BCD_LEFT, Encoding.BCD_RIGHT)
_LENGTH_OF_BYTE = {int(f"{n:02d}", 16): n for n in range(100)}
_PREFIX = {
    Size.LL: tuple(bytes.fromhex(f"{n:02d}") for n in range(100)),
    Size.LLL: tuple(bytes.fromhex(f"{n:04d}") for n in range(1000)),
}
_NAMES: dict[str, object] = {
    "Message": Message,
    "gbk_text": gbk_text,
    "track_nibbles": track_nibbles,
    "LENGTH": _LENGTH_OF_BYTE,
    "LL": _PREFIX[Size.LL],
    "LLL": _PREFIX[Size.LLL],
    "unhex": bytes.fromhex,
    "DIGITS": bytes(_LENGTH_OF_BYTE),
    "PRINTABLE": bytes(range(0x20, 0x7F)),
}


def make_reader(spec: Spec, numbers: Sequence[int], slow: Reader) -> Reader:
    """A function that reads messages with exactly these fields (ascending); what it doubts it returns through `slow`."""
    return cast(Reader, _compile(_ReaderSource(spec, numbers).source(), slow)["read"])


def make_writer(spec: Spec, numbers: Sequence[int], slow: Writer) -> Writer:
    """A function that writes messages with exactly these fields (ascending); what it doubts it returns through `slow`."""
    return cast(Writer, _compile(_WriterSource(spec, numbers).source(), slow)["write"])


def _compile(source: str, slow: object) -> dict[str, Any]:
    names: dict[str, Any] = {**_NAMES, "slow": slow}
    exec(compile(source, "<generated ISO 8583 codec>", "exec"), names)
    return names


def _runs(spec: Spec, numbers: Sequence[int]) -> list[tuple[str, list[Field]]]:
    """The fields in order, neighbours that are checked together in one group: digits, text, or one field alone."""

    def kind(field: Field) -> str:
        if field.size is Size.FIXED and field.encoding in _BCD:
            return "digits"
        if field.size is Size.FIXED and field.encoding is Encoding.ASCII:
            return "text"
        return str(field.number)

    return [(name, list(fields)) for name, fields in groupby((spec.fields[number] for number in numbers), kind)]


class _ReaderSource:
    """Builds the source of one reader, keeping the offset reached so far as `base + delta` bytes."""

    def __init__(self, spec: Spec, numbers: Sequence[int]) -> None:
        self.runs = _runs(spec, numbers)
        self.delta = 2 + len(spec.bitmap(numbers))
        self.moved = False
        self.stretch = ""
        self.lines: list[str] = []
        self.values: list[str] = []

    def source(self) -> str:
        for kind, fields in self.runs:
            self._stretch(fields[0])
            if kind == "digits":
                self._digits(fields)
            elif kind == "text":
                self._text(fields)
            elif fields[0].size is Size.FIXED:
                self._fixed(fields[0])
            else:
                self._variable(fields[0])
        self._stretch(None)
        head = ["h = d.hex()", "t = d.decode('latin-1')", "m = h[:4]", "if not m.isdigit(): return slow(d)"]
        tail = [
            f"if len(d) != {self._at()}: return slow(d)",
            f"return Message(m, {{{', '.join(self.values)}}})",
        ]
        body = [f"        {line}" for line in head + self.lines + tail]
        return "\n".join(
            ["def read(d):", "    try:", *body, "    except (LookupError, ValueError):", "        return slow(d)"]
        )

    def _stretch(self, field: Field | None) -> None:
        """Begins a stretch of BCD bytes where one begins, and checks it where it ends (None: the message ends)."""
        packed = field is not None and field.encoding in _BCD
        if packed and not self.stretch:
            self.stretch = "s" if self.moved else self._at()
            if self.moved:
                self.lines.append(f"s = {self._at()}")
        elif self.stretch and not packed:
            self.lines.append(f"if d[{self.stretch}:{self._at()}].translate(None, DIGITS): return slow(d)")
            self.stretch = ""

    def _at(self, plus: int = 0) -> str:
        return f"p + {self.delta + plus}" if self.moved else str(self.delta + plus)

    def _at_hex(self, plus: int = 0) -> str:
        return f"q + {2 * self.delta + plus}" if self.moved else str(2 * self.delta + plus)

    def _cut(self, size: int) -> str:
        start, self.delta = self._at(), self.delta + size
        return f"{start}:{self._at()}"

    def _digits(self, fields: list[Field]) -> None:
        """A run of fixed BCD fields: one cut of the hexadecimal digits, then each value and its filler nibble."""
        run, place, fillers = f"r{fields[0].number}", 0, []
        start = self._at_hex()
        for field in fields:
            first, nibbles = place, field.most + field.most % 2
            if field.most % 2 and field.encoding is Encoding.BCD_RIGHT:
                fillers.append(place)
                first += 1
            elif field.most % 2:
                fillers.append(place + field.most)
            self.values.append(f"{field.number}: {run}[{first}:{first + field.most}]")
            place += nibbles
        self.delta += place // 2
        self.lines.append(f"{run} = h[{start}:{self._at_hex()}]")
        self.lines += [f"if {run}[{filler}] != '0': return slow(d)" for filler in fillers]

    def _text(self, fields: list[Field]) -> None:
        run, place = f"r{fields[0].number}", 0
        for field in fields:
            self.values.append(f"{field.number}: {run}[{place}:{place + field.most}]")
            place += field.most
        cut = self._cut(place)
        self.lines.append(f"{run} = t[{cut}]")
        self.lines.append(f"if d[{cut}].translate(None, PRINTABLE): return slow(d)")

    def _fixed(self, field: Field) -> None:
        name = f"v{field.number}"
        self.values.append(f"{field.number}: {name}")
        if field.encoding is Encoding.BINARY:
            self.lines.append(f"{name} = d[{self._cut(field.most)}]")
        elif field.encoding is Encoding.GBK:
            self.lines.append(f"{name} = gbk_text(d[{self._cut(field.most)}])")
        else:
            if field.most % 2:
                self.lines.append(f"if h[{self._at_hex(field.most)}] != '0': return slow(d)")
            self.lines.append(f"{name} = h[{self._at_hex()}:{self._at_hex(field.most)}].upper().replace('D', '=')")
            self.delta += (field.most + 1) // 2

    def _variable(self, field: Field) -> None:
        """A field with a length prefix: `n` its length, `a` where it begins (bytes, or hexadecimal digits if packed)."""
        name, prefix = f"v{field.number}", field.size.prefix_bytes
        if field.size is Size.LL:
            self.lines.append(f"n = LENGTH[d[{self._at()}]]")
        else:
            self.lines.append(f"n = int(h[{self._at_hex()}:{self._at_hex(4)}])")
        self.lines.append(f"if n > {field.most}: return slow(d)")
        if field.encoding.packed:
            self._packed(field, name, prefix)
        else:
            self.lines.append(f"a = {self._at(prefix)}")
            self.lines.append("p = a + n")
            self.lines += {
                Encoding.BINARY: [f"{name} = d[a:p]"],
                Encoding.GBK: [f"{name} = gbk_text(d[a:p])"],
                Encoding.ASCII: [
                    f"{name} = t[a:p]",
                    "if d[a:p].translate(None, PRINTABLE): return slow(d)",
                ],
            }[field.encoding]
        self.lines.append("q = p + p")
        self.values.append(f"{field.number}: {name}")
        self.delta, self.moved = 0, True

    def _packed(self, field: Field, name: str, prefix: int) -> None:
        if field.symbols_per_count == 2:
            self.lines.append("n += n")
        self.lines.append(f"a = {self._at_hex(2 * prefix)}")
        if field.encoding is Encoding.BCD_RIGHT:
            self.lines.append("if n & 1:")
            self.lines.append("    if h[a] != '0': return slow(d)")
            self.lines.append("    a += 1")
        else:
            self.lines.append("if n & 1 and h[a + n] != '0': return slow(d)")
        self.lines.append(f"{name} = h[a:a + n]")
        if field.encoding is Encoding.TRACK:
            self.lines.append(f"{name} = {name}.upper().replace('D', '=')")
        self.lines.append("p = (a + n + 1) >> 1")


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
        caught = "    except (LookupError, ValueError, TypeError, AttributeError):"
        return "\n".join(["def write(m):", "    try:", *body, caught, "        return slow(m)"])

    def _take(self, field: Field) -> str:
        """Takes the field's value into a variable, and leaves to `slow` one that has not the fixed length."""
        name = f"v{field.number}"
        self.lines.append(f"{name} = f[{field.number}]")
        if field.size is Size.FIXED and field.encoding is not Encoding.GBK:
            self.lines.append(f"if len({name}) != {field.most}: return slow(m)")
        return name

    def _digits(self, fields: list[Field]) -> None:
        run, symbols = f"r{fields[0].number}", ""
        size = sum((field.most + 1) // 2 for field in fields)
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
