"""Frames: where a message begins and ends on a stream, and what a terminal puts around it.

What may live here: cutting a stream into frames, the terminal's TPDU and header, what a MAC covers.
What may not: sockets, time limits (hosts), computing a MAC (keys), the message's fields (codec).

On the wire (all of it after the length is what the length counts):

    length 2, big-endian | TPDU 5 | header 6 | message type 2 | bitmap 8 | fields
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

from msgspec import Struct

from xiaopos.wire.malformed import Malformed

TPDU_ID = 0x60
DIAL_HEADER_BYTES = 33
MAC_BYTES = 8
SMALLEST_BODY = 10


class FrameTooLong(Exception):
    """A peer announced a frame over the limit; the stream can no longer be read.

    `frames` are the whole frames that were read before it.
    """

    def __init__(self, length: int, limit: int, frames: list[bytes]) -> None:
        super().__init__(f"a frame of {length} bytes was announced, the limit is {limit}")
        self.length = length
        self.limit = limit
        self.frames = frames


class FrameReader:
    """Cuts a stream into frames by their 2-byte big-endian length. Holds at most one unfinished frame."""

    __slots__ = ("_limit", "_rest")

    def __init__(self, max_length: int) -> None:
        self._limit = max_length
        self._rest = b""

    def feed(self, chunk: bytes) -> list[bytes]:
        """The frames that are whole after this chunk, without their length bytes. Raises FrameTooLong."""
        data = self._rest + chunk if self._rest else chunk
        frames: list[bytes] = []
        start, size = 0, len(data)
        while size - start >= 2:
            length = data[start] << 8 | data[start + 1]
            if length > self._limit:
                raise FrameTooLong(length, self._limit, frames)
            end = start + 2 + length
            if end > size:
                break
            frames.append(data[start + 2 : end])
            start = end
        self._rest = data[start:]
        return frames

    @property
    def pending(self) -> int:
        """How many bytes of an unfinished frame are waiting; 0 when the peer may rightly hang up."""
        return len(self._rest)


def encode_frame(content: bytes) -> bytes:
    """The content behind its length. Raises ValueError when it is longer than the length can say (65535)."""
    if len(content) > 0xFFFF:
        raise ValueError(f"a frame holds at most 65535 bytes, got {len(content)}")
    return len(content).to_bytes(2, "big") + content


@dataclass(frozen=True, slots=True)
class Header:
    """The 12 digits before the message (报文头): application class 2, software version 2, status 1, request 1, sub-version 6.

    `status` is 1 for a terminal under test. `request` (处理要求) is what the host asks of the terminal in an answer: see
    PROCESSING_REQUESTS.
    """

    application: str
    version: str
    status: str
    request: str
    sub_version: str

    @classmethod
    def parse(cls, raw: bytes) -> Header:
        """The header in 6 bytes of BCD. Raises Malformed (offset within the header)."""
        digits = raw.hex()
        if len(digits) != 12 or not digits.isdigit():
            raise Malformed(None, 0, "12 digits", f"{len(raw)} bytes", "header")
        return cls(digits[:2], digits[2:4], digits[4], digits[5], digits[6:])

    def encode(self) -> bytes:
        """The 6 bytes. Raises ValueError when the parts are not 12 digits."""
        digits = self.application + self.version + self.status + self.request + self.sub_version
        if len(digits) != 12 or not (digits.isascii() and digits.isdigit()):
            raise ValueError("a header has 12 digits")
        return bytes.fromhex(digits)

    def asking(self, request: str) -> Header:
        """The same header with a processing request: what the host wants the terminal to do next."""
        return replace(self, request=request)


PROCESSING_REQUESTS: dict[str, tuple[str, str]] = {
    "0": ("无", "nothing"),
    "1": ("下传终端磁条卡参数", "download parameters"),
    "2": ("上传终端磁条卡状态信息", "upload status"),
    "3": ("重新签到", "sign in again"),
    "4": ("更新公钥信息", "update chip public keys"),
    "5": ("下载IC卡参数", "update chip parameters"),
    "6": ("TMS参数下载", "terminal management update"),
    "7": ("卡BIN黑名单下载", "download the card blacklist"),
    "8": ("币种汇率下载", "download currency rates"),
}
"""Digit 6 of the header in an answer, with names. The terminal obeys after the transaction at hand."""


class TerminalFrame(Struct, frozen=True, gc=False):
    """What a terminal sends between two lengths: TPDU (5 bytes), header (6 bytes), message.

    The TPDU is `60`, the destination's address and the origin's (2 bytes each). `dial_header` holds the 33 bytes (LRI)
    that a dial-up concentrator puts behind the TPDU, when there are any.
    """

    tpdu: bytes
    header: bytes
    body: bytes
    dial_header: bytes = b""

    @classmethod
    def parse(cls, raw: bytes, *, dial_header: bool = False) -> TerminalFrame:
        """The parts of a frame that came without its length. `dial_header` says that a concentrator adds its 33 bytes.

        Raises Malformed when it is too short for a message, or the TPDU is not one of a transaction.
        """
        start = 5 + (DIAL_HEADER_BYTES if dial_header else 0)
        if len(raw) < start + 6 + SMALLEST_BODY:
            raise Malformed(None, len(raw), f"at least {start + 6 + SMALLEST_BODY} bytes", f"{len(raw)} bytes", "frame")
        if raw[0] != TPDU_ID:
            raise Malformed(None, 0, f"byte {TPDU_ID:02X}", f"byte {raw[0]:02X}", "TPDU")
        return cls(raw[:5], raw[start : start + 6], raw[start + 6 :], raw[5:start])

    def encode(self) -> bytes:
        """The bytes to send, the 2 bytes of length first. Raises ValueError when they are too many for it."""
        return encode_frame(self.tpdu + self.dial_header + self.header + self.body)

    def answering(self, body: bytes = b"", *, request: str = "0") -> TerminalFrame:
        """The frame of an answer with this body: TPDU addresses swapped, the header with the host's processing request.

        A header that is not 12 digits goes back as it came. A dial header does not go back.
        """
        tpdu = self.tpdu[:1] + self.tpdu[3:5] + self.tpdu[1:3]
        return TerminalFrame(tpdu, _header_asking(self.header, request), body)


@functools.lru_cache(maxsize=1024)
def _header_asking(header: bytes, request: str) -> bytes:
    """A header with a processing request; one that is not 12 digits as it came. Few headers are in service: kept."""
    try:
        return Header.parse(header).asking(request).encode()
    except Malformed:
        return header


def mac_input(body: bytes, *, field: int = 64) -> bytes:
    """What the MAC of a message covers: from the message type to the byte before the MAC, which is its last 8 bytes.

    `field` is 64, or 128 where there is a secondary bitmap. The bitmap already says that the MAC is there. Raises Malformed
    when it does not, or the message is too short to hold it. That nothing follows the MAC is for the codec to say.
    """
    last = 2 + field // 8
    if len(body) < last + MAC_BYTES:
        raise Malformed(field, len(body), f"{MAC_BYTES} bytes of MAC", "the end of the message")
    if not body[last - 1] & 1 or (field == 128 and not body[2] & 0x80):
        raise Malformed(field, last - 1, "a MAC", f"bit {field} not set")
    return body[:-MAC_BYTES]
