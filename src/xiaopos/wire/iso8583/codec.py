"""The codec of a spec: messages to bytes and back, with code generated for the shapes that are really met.

What may live here: choosing between the generated code and the walk, and the bounds on what is kept.
What may not: how a field is read (encodings, walking) or the source itself (generating).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from xiaopos.wire.iso8583.generating import Reader, make_reader
from xiaopos.wire.iso8583.generating_writer import Writer, make_writer
from xiaopos.wire.iso8583.message import Message
from xiaopos.wire.iso8583.spec import Bitmap, Spec
from xiaopos.wire.iso8583.walking import BITMAP, THIRD, Piece, read, walk, write
from xiaopos.wire.malformed import Malformed

K = TypeVar("K", bound=Hashable)
F = TypeVar("F")

SHAPES_KEPT = 256
"""How many shapes of message a codec keeps generated code for, in each direction (about 10 kB each)."""
EARNED_AFTER = 4
"""How many good messages of a shape must have been met before code is generated for it (about 1 ms)."""
FAST_FIELDS = 128
"""The last field that generated code knows: messages with a third bitmap are rare, and always walked."""


class _Shapes(Generic[K, F]):
    """Generated functions by shape. A peer who sends ever new shapes costs a bounded amount of memory and little time."""

    def __init__(self, make: Callable[[K], F]) -> None:
        self._make = make
        self._met: dict[K, int] = {}
        self.ready: dict[K, F] = {}

    def met(self, shape: K) -> None:
        """A good message of a shape without generated code was met; makes the code when it has earned it."""
        times = self._met.pop(shape, 0) + 1
        if times < EARNED_AFTER:
            if len(self._met) >= SHAPES_KEPT:
                self._met.clear()
            self._met[shape] = times
            return
        if len(self.ready) >= SHAPES_KEPT:
            self.ready.pop(next(iter(self.ready)))
        self.ready[shape] = self._make(shape)


class Codec:
    """Reads and writes the messages of one spec. `decode(encode(message)) == message`, and the bytes likewise.

    Not for use from several threads at once.
    """

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self._readers = _Shapes(self._reader)
        self._writers = _Shapes(self._writer)
        self._ready_reader = self._readers.ready.get
        self._ready_writer = self._writers.ready.get
        self._from = spec.type_bytes
        self._short = spec.type_bytes + spec.bitmap_bytes
        self._long = spec.type_bytes + spec.bitmap_bytes * (2 if spec.secondary else 1)
        self._announces = _announcing(spec)

    def decode(self, data: bytes) -> Message:
        """The message in `data`, which begins at the message type and ends with the last field.

        Raises Malformed, and nothing else, for a field the spec lacks, a wrong nibble or character, a length over the
        maximum, too few bytes, and bytes left over.
        """
        start = self._from
        shape = data[start : self._long if data[start : start + 1] in self._announces else self._short]
        reader = self._ready_reader(shape)
        if reader is not None:
            return reader(data)
        message = read(self.spec, data)
        if max(message.fields, default=0) <= FAST_FIELDS:
            self._readers.met(shape)
        return message

    def encode(self, message: Message) -> bytes:
        """The bytes of the message, from its type on.

        Nothing is cut off, nor filled up unless the row says how (`pad`): a fixed field must have its length. Raises
        Malformed, with no offset, for a field the spec lacks or a value it cannot hold.
        """
        shape = tuple(message.fields)
        writer = self._ready_writer(shape)
        if writer is not None:
            return writer(message)
        data = write(self.spec, message)
        if max(shape, default=0) <= FAST_FIELDS:
            self._writers.met(shape)
        return data

    def salvage(self, data: bytes) -> Message:
        """What can be read of a message before its first fault: enough, perhaps, to answer it with a format error.

        Raises Malformed when not even the message type can be read.
        """
        message = Message("")
        try:
            for piece in walk(self.spec, data):
                if piece.number == 0:
                    assert isinstance(piece.value, str)
                    message.mti = piece.value
                elif piece.number not in (BITMAP, THIRD):
                    message.fields[piece.number] = piece.value
        except Malformed:
            if not message.mti:
                raise
        return message

    def pieces(self, data: bytes) -> list[Piece]:
        """The message's parts with their places, message type and bitmap first. Raises Malformed."""
        return list(walk(self.spec, data))

    def _reader(self, shape: bytes) -> Reader:
        spec = self.spec
        if spec.bitmaps is not Bitmap.BINARY:
            shape = bytes.fromhex(shape.decode("ascii" if spec.bitmaps is Bitmap.HEX else spec.ebcdic))
        bits = int.from_bytes(shape, "big")
        total = len(shape) * 8
        numbers = [number for number in sorted(spec.fields) if number <= total and bits >> (total - number) & 1]
        return make_reader(spec, numbers, lambda data: read(spec, data))

    def _writer(self, shape: tuple[int, ...]) -> Writer:
        return make_writer(self.spec, sorted(shape), lambda message: write(self.spec, message))


def _announcing(spec: Spec) -> frozenset[bytes]:
    """The first bytes of a bitmap that announce a second one."""
    if not spec.secondary:
        return frozenset()
    return frozenset(spec.bitmap_text(bytes([first]))[:1] for first in range(0x80, 0x100))
