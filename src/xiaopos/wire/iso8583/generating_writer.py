"""Python source that writes messages of one shape (one set of fields), made from the spec's table.

What may live here: the writer's templates. What may not: complaints: what the generated code doubts it hands to the walk
over the table (see `generating`).

In a writer `m` is the message, `f` its fields, `v12` field 12, `l12` its length prefix, `n12` its number of symbols,
`r12` the bytes of a run of neighbours that begins with field 12, `s12` the digits of such a run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import cast

from xiaopos.wire.iso8583.encodings import gbk_text
from xiaopos.wire.iso8583.generating import PRINTABLE, Run, compiled, ebcdic_tables, runs
from xiaopos.wire.iso8583.message import Message
from xiaopos.wire.iso8583.spec import Encoding, Field, Pad, Size, Spec, Typed
from xiaopos.wire.iso8583.walking import prefix_of

Writer = Callable[[Message], bytes]

TRACK_SYMBOLS = b"0123456789=ABCEF"


def make_writer(spec: Spec, numbers: Sequence[int], slow: Writer) -> Writer:
    """A function that writes messages with exactly these fields (ascending, none above 128).

    What it doubts it returns through `slow`.
    """
    source = _WriterSource(spec, numbers)
    text = source.source()
    return cast(Writer, compiled(text, {**source.names, "slow": slow})["write"])


@lru_cache(maxsize=256)
def _prefixes(row: Field, page: str) -> tuple[bytes, ...]:
    """The length prefix of each length, in counts of the row's unit."""
    return tuple(prefix_of(row, count, page) for count in range(row.most + 1))


class _WriterSource:
    """Builds the source of one writer: parts of bytes joined at the end; runs of neighbours written together."""

    def __init__(self, spec: Spec, numbers: Sequence[int]) -> None:
        self.spec = spec
        self.runs = runs(spec, numbers)
        self.bitmap = spec.bitmap(numbers)
        self.lines: list[str] = []
        self.parts: list[str] = []
        _, to_ebcdic, printable = ebcdic_tables(spec.ebcdic)
        self.names: dict[str, object] = {
            "gbk_text": gbk_text, "unhex": bytes.fromhex, "PRINTABLE": PRINTABLE, "LATIN": printable,
            "EBCDIC": to_ebcdic, "TRACK": TRACK_SYMBOLS,
        }  # fmt: skip

    def source(self) -> str:
        for run in self.runs:
            self._run(run)
        head = ["i = m.mti", "f = m.fields", "if len(i) != 4 or not (i.isascii() and i.isdigit()): return slow(m)"]
        if self.spec.version is not None:
            head.append(f"if i[0] != '{self.spec.version.value}': return slow(m)")
        types = {Typed.BCD: "unhex(i)", Typed.ASCII: "i.encode()", Typed.EBCDIC: "i.encode().translate(EBCDIC)"}
        parts = [types[self.spec.typed], repr(self.bitmap), *self.parts]
        body = [f"        {line}" for line in [*head, *self.lines, f"return b''.join(({', '.join(parts)}))"]]
        caught = [
            "    except (LookupError, ValueError, TypeError, AttributeError):",
            "        pass",
            "    return slow(m)",
        ]
        return "\n".join(["def write(m):", "    try:", *body, *caught])

    def _doubt(self, what: str) -> None:
        self.lines.append(f"if {what}: return slow(m)")

    def _run(self, run: Run) -> None:
        if not run.kind:
            self._alone(run.lead or run.follow[0])
            return
        names = [self._lead(run.lead)] if run.lead is not None else []
        names += [self._taken(row) for row in run.follow]
        if run.kind.startswith("bcd"):
            self._digits(run, names)
        else:
            self._text(run, names)

    def _taken(self, row: Field) -> str:
        """Takes a field of fixed length, and leaves to `slow` one that has not its length."""
        name = f"v{row.number}"
        self.lines.append(f"{name} = f[{row.number}]")
        length = row.most // 2 if row.symbols_per_count == 1 and row.encoding.hexadecimal else row.most
        if row.pad is not None and not row.encoding.holds_bytes:
            side = "rjust" if row.pad in (Pad.ZERO_LEFT, Pad.SPACE_LEFT) else "ljust"
            symbol = "0" if row.pad in (Pad.ZERO_LEFT, Pad.ZERO_RIGHT) else " "
            self.lines.append(f"if len({name}) < {length}: {name} = {name}.{side}({length}, '{symbol}')")
        self._doubt(f"len({name}) != {length}")
        return name

    def _lead(self, row: Field) -> str:
        """Takes a field of variable length whose symbols are counted before it is written, and writes its prefix."""
        name, count = f"v{row.number}", f"n{row.number}"
        self.lines += [f"{name} = f[{row.number}]", f"{count} = len({name})"]
        if row.symbols_per_count == 2:
            self._doubt(f"{count} & 1")
            count = f"{count} >> 1"
        self._prefix(row, count)
        return name

    def _prefix(self, row: Field, count: str) -> None:
        self.names[f"L{row.number}"] = _prefixes(row, self.spec.ebcdic)
        self.parts.append(f"L{row.number}[{count}]")

    def _digits(self, run: Run, names: list[str]) -> None:
        """Packed digits: checked without their fillers, then written at once."""
        rows = ([run.lead] if run.lead is not None else []) + run.follow
        symbols, filler = "", run.kind[-1]
        for row, name in zip(rows, names, strict=True):
            before = row.encoding is Encoding.BCD_RIGHT
            odd = filler if row.most % 2 else ""
            if row is run.lead:
                odd = f"{{'{filler}' if n{row.number} & 1 else ''}}"
            symbols += f"{odd}{{{name}}}" if before else f"{{{name}}}{odd}"
        checked = "".join(f"{{{name}}}" for name in names) if filler == "F" else symbols
        self.lines.append(f's{run.number} = f"{symbols}"')
        digits = f"s{run.number}" if checked == symbols else f'f"{checked}"'
        empty = f"s{run.number} and " if not run.follow else ""
        self._doubt(f"{empty}not {digits}.encode().isdigit()")
        if empty:
            self._doubt(f"type({names[0]}) is not str")
        self.parts.append(f"unhex(s{run.number})")

    def _text(self, run: Run, names: list[str]) -> None:
        ebcdic = run.kind.startswith(Encoding.EBCDIC.value)
        name = f"r{run.number}"
        page = "'latin-1'" if ebcdic else ""
        self.lines.append(f"{name} = ({' + '.join(names)}).encode({page})")
        if run.kind.endswith("number"):
            self._doubt(f"not {name}.isdigit()" if run.follow else f"{name} and not {name}.isdigit()")
        else:
            self._doubt(f"{name}.lstrip({'LATIN' if ebcdic else 'PRINTABLE'})")
        self.parts.append(f"{name}.translate(EBCDIC)" if ebcdic else name)

    def _alone(self, row: Field) -> None:
        """A field that is written by itself."""
        if row.encoding is Encoding.TRACK:
            self._track(row)
        elif row.encoding is Encoding.GBK:
            self._gbk(row)
        elif row.encoding is Encoding.SIGNED:
            name = self._taken(row)
            self._doubt(f"{name}[0] not in 'CD' or not {name}[1:].encode().isdigit()")
            self.parts.append(f"{name}[0].encode() + unhex({name}[1:])")
        else:
            self._bytes(row)

    def _track(self, row: Field) -> None:
        name = self._taken(row) if row.size is Size.FIXED else self._lead(row)
        odd = f"n{row.number} & 1" if row.size is not Size.FIXED else str(row.most % 2)
        self._doubt(f"{name}.encode().lstrip(TRACK)")
        self.lines.append(f"{name} = {name}.replace('=', 'D')")
        self.parts.append(f"unhex({name} + '{row.filler}' if {odd} else {name})")

    def _gbk(self, row: Field) -> None:
        name = f"v{row.number}"
        self.lines += [f"{name} = f[{row.number}].encode('gbk')", f"gbk_text({name})"]
        if row.size is Size.FIXED:
            self._doubt(f"len({name}) != {row.most}")
        else:
            self._prefix(row, f"len({name})")
        self.parts.append(name)

    def _bytes(self, row: Field) -> None:
        if row.size is Size.FIXED:
            name = self._taken(row)
        else:
            name = f"v{row.number}"
            self.lines.append(f"{name} = f[{row.number}]")
            counts_digits = row.encoding.hexadecimal and row.symbols_per_count == 1
            self._prefix(row, f"2 * len({name})" if counts_digits else f"len({name})")
        self._doubt(f"type({name}) is not bytes")
        if row.encoding.hexadecimal:
            page = ".translate(EBCDIC)" if row.encoding is Encoding.EBCDIC_HEX else ""
            self.parts.append(f"{name}.hex().upper().encode(){page}")
        else:
            self.parts.append(name)
