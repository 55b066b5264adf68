"""How a message may be framed and which spec it may follow: every pair is tried, and each says how far it came.

What may live here: the framings, the specs, trying and ranking. What may not: rows for people (table).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from xiaopos.wire.iso8583 import (
    Malformed,
    Message,
    Spec,
    iso1987_ascii,
    iso1987_binary,
    iso1987_ebcdic,
    iso1993_ascii,
    iso1993_binary,
)
from xiaopos.wire.iso8583.card_network import SPEC as CARD_NETWORK
from xiaopos.wire.iso8583.framing import DIAL_HEADER_BYTES, SMALLEST_BODY, TPDU_ID
from xiaopos.wire.iso8583.meaning import transaction_of
from xiaopos.wire.iso8583.unionpay_terminal import LONG_PIN_SPEC, TERMINAL_SPECS
from xiaopos.wire.iso8583.unionpay_terminal import SPEC as UNIONPAY_TERMINAL
from xiaopos.wire.iso8583.walking import Piece, walk
from xiaopos.wire.reading.pasting import Pasted

SPECS: dict[str, Spec] = {
    "unionpay-terminal": UNIONPAY_TERMINAL,
    "unionpay-terminal-sm4": LONG_PIN_SPEC,
    "card-network": CARD_NETWORK,
    "iso1987-binary": iso1987_binary.SPEC,
    "iso1993-binary": iso1993_binary.SPEC,
    "iso1987-ascii": iso1987_ascii.SPEC,
    "iso1993-ascii": iso1993_ascii.SPEC,
    "iso1987-ebcdic": iso1987_ebcdic.SPEC,
}
"""The shipped specs by the names that people type; of two that fit equally well the earlier is taken."""


OTHER_WRITING = 25
"""How much less likely the second way of turning a paste into bytes is: who pastes hexadecimal digits means bytes."""


@dataclass(frozen=True, slots=True)
class Cut:
    """One frame: bytes `start` to `end` of the paste are the message, what stands before it are the frame's own `heads`.

    Each head is `(start, end, zh, en)`.
    """

    start: int
    end: int
    heads: tuple[tuple[int, int, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Framing:
    """A way of framing. `cut` gives the frames of a paste, or None when the bytes are not framed like this."""

    zh: str
    en: str
    weight: int
    cut: Callable[[bytes], list[Cut] | None]


_LENGTH = ("长度", "length")
_TPDU = ("TPDU", "TPDU")
_DIAL = ("拨号报文头", "dial-up header")
_HEADER = ("报文头", "header")


def _behind(data: bytes, at: int, end: int, before: tuple[tuple[int, int, str, str], ...], dial: int = 0) -> Cut | None:
    """A terminal's frame that begins with its TPDU at `at`."""
    start = at + 5 + dial + 6
    if end - start < SMALLEST_BODY or data[at] != TPDU_ID or not data[start - 6 : start].hex().isdigit():
        return None
    heads = (*before, (at, at + 5, *_TPDU))
    if dial:
        heads += ((at + 5, at + 5 + dial, *_DIAL),)
    return Cut(start, end, (*heads, (start - 6, start, *_HEADER)))


def _frames(data: bytes, length_of: Callable[[bytes, int], int | None], width: int) -> list[tuple[int, int]] | None:
    """Where the contents of frames begin and end when each is announced by a length; None when lengths and bytes differ."""
    found, at = [], 0
    while at < len(data):
        length = length_of(data, at)
        if length is None or length < SMALLEST_BODY or at + width + length > len(data):
            return None
        found.append((at + width, at + width + length))
        at += width + length
    return found or None


def _binary_length(data: bytes, at: int) -> int | None:
    return int.from_bytes(data[at : at + 2], "big") if at + 2 <= len(data) else None


def _ascii_length(data: bytes, at: int) -> int | None:
    digits = data[at : at + 4]
    return int(digits) if len(digits) == 4 and digits.isdigit() else None


def _terminal_frames(dial: int) -> Callable[[bytes], list[Cut] | None]:
    def cut(data: bytes) -> list[Cut] | None:
        frames = _frames(data, _binary_length, 2)
        cuts = [_behind(data, start, end, ((start - 2, start, *_LENGTH),), dial) for start, end in frames or ()]
        return [one for one in cuts if one is not None] if cuts and all(cuts) else None

    return cut


def _ill_announced(data: bytes) -> list[Cut] | None:
    """Frames whose length is wrong, or that end too early: each begins where a TPDU and a header stand behind a length."""
    cuts, at = [], 0
    while at < len(data):
        length = _binary_length(data, at)
        end = len(data) if length is None else at + 2 + length
        if end > len(data) or (end < len(data) and _behind(data, end + 2, len(data), ()) is None):
            end = len(data)
        cut = _behind(data, at + 2, end, ((at, at + 2, *_LENGTH),))
        if cut is None:
            return None
        cuts.append(cut)
        at = end
    return cuts or None


def _without_length(data: bytes) -> list[Cut] | None:
    one = _behind(data, 0, len(data), ()) if data else None
    return None if one is None else [one]


def _announced(length_of: Callable[[bytes, int], int | None], width: int) -> Callable[[bytes], list[Cut] | None]:
    def cut(data: bytes) -> list[Cut] | None:
        frames = _frames(data, length_of, width)
        if frames is None:
            return None
        return [Cut(start, end, ((start - width, start, *_LENGTH),)) for start, end in frames]

    return cut


def _header_only(data: bytes) -> list[Cut] | None:
    if len(data) < 6 + SMALLEST_BODY or not data[:6].hex().isdigit() or data[0] >> 4 != 6:
        return None
    return [Cut(6, len(data), ((0, 6, *_HEADER),))]


FRAMINGS: tuple[Framing, ...] = (
    Framing("长度 + TPDU + 报文头", "length, TPDU and header", 30, _terminal_frames(0)),
    Framing(
        "长度 + TPDU + 拨号报文头 + 报文头",
        "length, TPDU, dial-up header and header",
        30,
        _terminal_frames(DIAL_HEADER_BYTES),
    ),
    Framing("长度（有误）+ TPDU + 报文头", "a wrong length, TPDU and header", 22, _ill_announced),
    Framing("两字节长度", "a length of two bytes", 20, _announced(_binary_length, 2)),
    Framing("四位 ASCII 长度", "a length of four ASCII digits", 20, _announced(_ascii_length, 4)),
    Framing("TPDU + 报文头，没有长度", "TPDU and header without a length", 15, _without_length),
    Framing("报文头，没有 TPDU", "a header without a TPDU", 3, _header_only),
    Framing("没有外壳，只有报文", "a bare message", 5, lambda data: [Cut(0, len(data))] if data else None),
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way of reading a paste, and how far it came with the first message."""

    pasted: Pasted
    framing: Framing
    cuts: tuple[Cut, ...]
    spec_name: str
    spec: Spec
    score: float
    reached: int
    fault: Malformed | None


def read_pieces(spec: Spec, body: bytes) -> tuple[list[Piece], Malformed | None]:
    """The parts of a message up to its first fault, and the fault."""
    pieces: list[Piece] = []
    try:
        for piece in walk(spec, body):
            pieces.append(piece)  # noqa: PERF402 - a fault ends the walk, and what came before it stays
    except Malformed as fault:
        return pieces, fault
    return pieces, None


def message_of(pieces: Iterable[Piece]) -> Message:
    """What was read, as a message."""
    message = Message("")
    for piece in pieces:
        if piece.number == 0:
            message.mti = str(piece.value)
        elif piece.number not in (1, 65):
            message.fields[piece.number] = piece.value
    return message


def candidates(ways: Iterable[Pasted], specs: Mapping[str, Spec]) -> list[Candidate]:
    """Every way of reading by these specs, the likeliest first."""
    found = []
    for place, pasted in enumerate(ways):
        for framing in FRAMINGS:
            cuts = framing.cut(pasted.data)
            if not cuts:
                continue
            for order, name in enumerate(specs):
                found.append(
                    _tried(pasted, framing, tuple(cuts), name, specs[name], order / 10 + place * OTHER_WRITING)
                )
    return sorted(found, key=lambda one: -one.score)


def _tried(pasted: Pasted, framing: Framing, cuts: tuple[Cut, ...], name: str, spec: Spec, less: float) -> Candidate:
    """`less` is taken off, so that of two that fit equally well the earlier is taken."""
    body = pasted.data[cuts[0].start : cuts[0].end]
    pieces, fault = read_pieces(spec, body)
    reached = pieces[-1].end if pieces else 0
    score = 100.0 if fault is None else 60.0 * reached / max(len(body), 1)
    message = message_of(pieces)
    if not _plausible(message.mti):
        score -= 80
    elif spec.version is None and message.mti[0] != "0":
        score -= 15  # the network's and the terminal's dialects are editions of 1987
    elif spec in TERMINAL_SPECS and transaction_of(message) is not None:
        score += 12
    return Candidate(pasted, framing, cuts, name, spec, score + framing.weight * (score > 0) - less, reached, fault)


def _plausible(mti: str) -> bool:
    """Whether a message type names an edition, a class, a function and an origin that exist."""
    return len(mti) == 4 and mti[0] in "0129" and mti[1] in "12345678" and mti[2] in "012345678" and mti[3] in "012345"
