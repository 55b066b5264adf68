"""A paste as an annotated table: every byte with its place, its field, its meaning, and nothing secret.

What may live here: choosing the likeliest way of reading, the reasons for it, rows. What may not: trying the ways
(candidates), words of faults (faults), keys: what a MAC is worth is asked of whoever holds them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xiaopos.kernel.secret import luhn_ok
from xiaopos.wire.iso8583 import Malformed, Message, Spec
from xiaopos.wire.iso8583.describing import Row, describe
from xiaopos.wire.iso8583.framing import MAC_BYTES
from xiaopos.wire.iso8583.meaning import transaction_of
from xiaopos.wire.iso8583.requirements import Finding, requirements_of
from xiaopos.wire.iso8583.unionpay_terminal import TERMINAL_SPECS
from xiaopos.wire.iso8583.walking import Piece
from xiaopos.wire.reading.candidates import SPECS, Candidate, Cut, Framing, candidates, message_of, read_pieces
from xiaopos.wire.reading.cards import FEWEST, FIRST_FIELD_BYTES, MOST, card_places, possible_places
from xiaopos.wire.reading.faults import hint, sentences
from xiaopos.wire.reading.pasting import MOST_BYTES, NotBytes, Pasted, ways_of

MOST_MESSAGES = 50
"""How many frames of one paste are shown."""
RUNNERS_UP = 3
_SHOWN_BYTES = 16
_CARD = re.compile(rf"([0-9]{{{FEWEST},{MOST}}})([=D].*)?")

Words = tuple[str, str]
"""The same in Chinese and in English."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row: bytes `offset` to `end` of the paste, as `raw` hexadecimal (`**` where they are hidden).

    `label` is the field's number and part (`60/60.1`), MTI, BITMAP or empty for the frame; `depth` how deep a part lies;
    `meaning` what a code stands for; `fault` why the parts could not be read; `unknown` that no table knows it.
    """

    offset: int
    end: int
    raw: str
    label: str
    zh: str
    en: str
    shown: str
    meaning: tuple[Words, ...] = ()
    depth: int = 0
    fault: str = ""
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """Where reading stopped: the place in the paste, the sentence, and what usually causes it."""

    offset: int | None
    words: Words
    hint: Words


@dataclass(frozen=True, slots=True)
class MacQuestion:
    """What must be asked of whoever holds the keys: does `mac` authenticate `covered`, for this terminal and merchant?"""

    terminal_id: str
    merchant_id: str
    covered: bytes
    mac: bytes

    def __repr__(self) -> str:
        return f"MacQuestion({self.terminal_id!r}, {len(self.covered)} bytes)"


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """One message of the paste. `mac` is None when it carries none; `transaction` names it where that is known.

    `findings` are fields that its transaction needs and it lacks, or that it has and nobody expects: only of a message that was
    read to its end.
    """

    lines: tuple[Line, ...]
    fault: Fault | None
    mac: MacQuestion | None
    transaction: Words | None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a paste most likely is: how it was written, its framing and spec, why, and what else it might have been."""

    written: Words
    framing: Framing
    spec: str
    reasons: tuple[Words, ...]
    others: tuple[Words, ...]
    messages: tuple[ReadMessage, ...]
    size: int
    left_out: int = 0


def read_paste(text: str, specs: Mapping[str, Spec] = SPECS) -> Reading:
    """Read what somebody pasted as text, by the likeliest of `specs`: one alone is taken as it is. Raises NotBytes."""
    return _read(ways_of(text), specs)


def read_bytes(data: bytes, specs: Mapping[str, Spec] = SPECS) -> Reading:
    """Read a file: the message's own bytes, or text as it could be pasted. Raises NotBytes."""
    if not data:
        raise NotBytes("文件是空的", "the file is empty")
    if len(data) > 6 * MOST_BYTES:
        raise NotBytes(f"文件太长：最多 {MOST_BYTES} 字节", f"too long: at most {MOST_BYTES} bytes")
    ways = [Pasted(data, "二进制文件", "a binary file")]
    if data.isascii():
        ways = [*ways_of(data.decode("ascii")), *ways] if data.strip() else ways
    return _read(ways, specs)


def _read(ways: Sequence[Pasted], specs: Mapping[str, Spec]) -> Reading:
    tried = candidates([way for way in ways if len(way.data) <= MOST_BYTES], specs)
    if not tried:
        raise NotBytes(f"内容太长：最多 {MOST_BYTES} 字节", f"too long: at most {MOST_BYTES} bytes")
    best = tried[0]
    others = [one for one in tried[1:] if one.spec_name != best.spec_name or one.framing is not best.framing]
    messages = tuple(_message(best, cut) for cut in best.cuts[:MOST_MESSAGES])
    return Reading(
        (best.pasted.zh, best.pasted.en),
        best.framing,
        best.spec_name,
        tuple(_reasons(best, messages[0], chosen=len(specs) == 1)),
        tuple(_why_not(one) for one in others[:RUNNERS_UP]),
        messages,
        len(best.pasted.data),
        max(0, len(best.cuts) - MOST_MESSAGES),
    )


def _reasons(best: Candidate, first: ReadMessage, *, chosen: bool) -> list[Words]:
    cut, size = best.cuts[0], len(best.pasted.data)
    reasons: list[Words] = [(f"写法：{best.pasted.zh}，共 {size} 字节", f"written as {best.pasted.en}, {size} bytes")]
    for start, end, zh, en in cut.heads:
        raw = best.pasted.data[start:end]
        if en == "length":
            reasons.append(_length_reason(raw, cut.end - end))
        elif en == "TPDU":
            reasons.append((f"偏移 {start} 是 TPDU，以 60 开头", f"a TPDU begins with 60 at offset {start}"))
        else:
            reasons.append((f"偏移 {start} 是{zh}（{len(raw)} 字节）", f"a {en} of {len(raw)} bytes at offset {start}"))
    if first.lines and any(line.label == "MTI" for line in first.lines):
        reasons.append((f"报文类型在偏移 {cut.start}", f"the message type stands at offset {cut.start}"))
    name = best.spec_name
    if best.score <= 0:
        reasons.append(("没有一种读法像报文，以下最接近", "nothing here looks like a message; this comes closest"))
    if best.fault is None:
        reasons.append((f"按 {name} 正好解到最后一个字节", f"{name} reads it to its last byte"))
    else:
        reasons.append((f"按 {name} 解到最远：{best.reached} 字节", f"{name} comes farthest: {best.reached} bytes"))
    if first.transaction is not None:
        reasons.append(
            (f"域 3、25、60 合起来是“{first.transaction[0]}”", f"fields 3, 25 and 60 make a {first.transaction[1]}")
        )
    if chosen:
        reasons.append(("规范是指定的", "the spec was chosen by hand"))
    return reasons


def _length_reason(raw: bytes, follow: int) -> Words:
    said = int(raw) if len(raw) == 4 else int.from_bytes(raw, "big")
    if said == follow:
        return f"长度前缀说 {said}，其后正好有 {said} 字节", f"the length says {said}, and {said} bytes follow"
    return (
        f"长度前缀说 {said}，其后却有 {follow} 字节：长度写错了，或报文没有抄全",
        f"the length says {said}, but {follow} bytes follow: it is wrong, or the message was not copied whole",
    )


def _why_not(one: Candidate) -> Words:
    zh, en = f"{one.spec_name}（{one.framing.zh}）", f"{one.spec_name} ({one.framing.en})"
    if one.fault is None:
        return f"{zh}：也能解完，但线索更少", f"{en}: reads it too, with less to say for it"
    words = sentences(one.fault, one.spec, None)
    return f"{zh}：{words[0]}", f"{en}: {words[1]}"


def _message(best: Candidate, cut: Cut) -> ReadMessage:
    data, spec = best.pasted.data, best.spec
    body = data[cut.start : cut.end]
    pieces, fault = read_pieces(spec, body)
    message = message_of(pieces)
    lines = [Line(start, end, _hex(data, start, end), "", zh, en, "", depth=0) for start, end, zh, en in cut.heads]
    places: Sequence[tuple[int, int]] = card_places(body)
    if fault is not None:
        places = [*(places or possible_places(body)), *_doubtful(pieces)]
    lines += _lines(spec, message, pieces, body, cut.start, _within(places, pieces))
    named = transaction_of(message) if spec in TERMINAL_SPECS else None
    return ReadMessage(
        tuple(lines),
        None if fault is None else _fault(fault, spec, cut.start),
        _mac_question(message, body) if fault is None else None,
        None if named is None else (named.zh, named.en),
        tuple(requirements_of(message)) if spec in TERMINAL_SPECS and fault is None else (),
    )


def _fault(fault: Malformed, spec: Spec, start: int) -> Fault:
    offset = None if fault.offset is None else start + fault.offset
    return Fault(offset, sentences(fault, spec, offset), hint(fault))


def _mac_question(message: Message, body: bytes) -> MacQuestion | None:
    for number in (64, 128):
        mac = message.fields.get(number)
        if isinstance(mac, bytes) and len(mac) == MAC_BYTES and body.endswith(mac):
            terminal, merchant = message.fields.get(41, ""), message.fields.get(42, "")
            return MacQuestion(str(terminal).strip(), str(merchant).strip(), body[:-MAC_BYTES], mac)
    return None


def _doubtful(pieces: Sequence[Piece]) -> list[tuple[int, int]]:
    """Where a message that cannot be read to its end may hold its card number without any mark: behind the bitmap, if the
    bitmap says that there is one and what was read there is none.
    """
    bitmap = next((piece for piece in pieces if piece.number == 1), None)
    if bitmap is None or not isinstance(bitmap.value, bytes) or not bitmap.value[0] & 0x40:
        return []
    if any(piece.number == 2 and _holds_a_card(piece) for piece in pieces):
        return []
    return [(bitmap.end, bitmap.end + FIRST_FIELD_BYTES)]


def _holds_a_card(piece: Piece) -> bool:
    """Whether this field is one for a card number or track 2, and its value is one to its end."""
    if piece.number not in (2, 35) or not isinstance(piece.value, str):
        return False
    found = _CARD.fullmatch(piece.value)
    return found is not None and luhn_ok(found[1]) and (found[2] is None) is (piece.number == 2)


def _within(places: Sequence[tuple[int, int]], pieces: Sequence[Piece]) -> list[tuple[int, int]]:
    """The places, where one begins in a field that holds a card number or a track, no longer than this field."""
    ends = [(piece.start, piece.end) for piece in pieces if _holds_a_card(piece)]
    return [
        (first, next((min(last, end) for start, end in ends if start <= first < end), last)) for first, last in places
    ]


def _lines(
    spec: Spec, message: Message, pieces: Sequence[Piece], body: bytes, start: int, places: Sequence[tuple[int, int]]
) -> list[Line]:
    by_number = {piece.number: piece for piece in pieces}
    fields = spec.fields
    starts = {
        each.number: each.end - fields[each.number].bytes_for(each.value) for each in pieces if each.number in fields
    }
    lines: list[Line] = []
    for row in describe(spec, message, starts) if message.mti else []:
        whole = by_number.get(row.field) if not row.part else None
        first, last = (whole.start, whole.end) if whole is not None else (row.start, row.end)
        assert first is not None, "what was read has its place"
        assert last is not None, "and its end"
        lines.append(_line(row, first, last, body, start, places))
        if row.field == 0 and 1 in by_number:
            lines.append(_bitmap(message, by_number[1], body, start, places))
    return lines


def _line(row: Row, first: int, last: int, body: bytes, start: int, places: Sequence[tuple[int, int]]) -> Line:
    """`places` are bytes of the message that may hold a card number where the spec expects none."""
    label = "MTI" if row.field == 0 else f"{row.field}/{row.part}" if row.part else str(row.field)
    shown, meaning = row.shown, row.meaning
    hidden = row.unknown or "*" in shown or (shown.startswith("<") and shown.endswith(">"))
    if not hidden and _overlaps(places, first, last):
        hidden, shown, meaning = True, f"<{last - first}>", ()
    raw = "**" if hidden else _hex(body, first, last)
    depth = row.part.count("/") + 1 if row.part else 0
    return Line(start + first, start + last, raw, label, row.zh, row.en, shown, meaning, depth, row.fault, row.unknown)


def _bitmap(message: Message, piece: Piece, body: bytes, start: int, places: Sequence[tuple[int, int]]) -> Line:
    present = " ".join(str(number) for number in sorted(message.fields))
    raw = "**" if _overlaps(places, piece.start, piece.end) else _hex(body, piece.start, piece.end)
    return Line(start + piece.start, start + piece.end, raw, "BITMAP", "位图", "bitmap", present)


def _overlaps(places: Sequence[tuple[int, int]], first: int, last: int) -> bool:
    return any(first < upto and last > begin for begin, upto in places)


def _hex(data: bytes, start: int, end: int) -> str:
    shown = data[start : min(end, start + _SHOWN_BYTES)].hex(" ").upper()
    return f"{shown} …" if end - start > _SHOWN_BYTES else shown
