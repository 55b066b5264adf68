"""Pictures that applicants send: what they are by their first bytes, how large they would be drawn, what may be kept.

What may live here: the forms of JPEG, PNG and PDF as far as that needs, the limits. What may not: drawing, scanning, storage.

What a browser or a file's name says is not asked. The number of pixels is read before anything is drawn: a small file can hold a
picture that fills a machine's memory.
"""

from __future__ import annotations

from enum import Enum

LARGEST_BYTES = 12_000_000
"""What telephones make of a photograph is below this."""
MOST_PIXELS = 60_000_000
LEAST_SIDE = 200
"""Fewer pixels on a side show nothing that somebody could read."""


class PictureKind(Enum):
    """What a file is by its first bytes."""

    JPEG = "jpeg"
    PNG = "png"
    PDF = "pdf"


class PictureFault(Enum):
    """Why a file is not kept."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    NO_PICTURE = "no_picture"
    """Neither JPEG nor PNG, whatever it is called."""
    PDF = "pdf"
    """A document, not a picture: it can hold programs, and is not opened here."""
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_SMALL = "too_small"
    BROKEN = "broken"
    """It begins like a picture and cannot be drawn."""
    VIRUS = "virus"
    """The scanner knows it."""
    NOT_NOW = "not_now"
    """The application does not take this picture now."""


_BEGINS = {b"\xff\xd8\xff": PictureKind.JPEG, b"\x89PNG\r\n\x1a\n": PictureKind.PNG, b"%PDF-": PictureKind.PDF}
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""The markers of JPEG (ITU-T T.81 table B.1) that begin a frame and tell its size."""
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers without a length."""


def sniff(data: bytes) -> PictureKind | None:
    """What a file is; None for anything else."""
    return next((kind for begins, kind in _BEGINS.items() if data.startswith(begins)), None)


def size_of(kind: PictureKind, data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels as a picture's head says; None when it says nothing readable."""
    found = _png_size(data) if kind is PictureKind.PNG else _jpeg_size(data) if kind is PictureKind.JPEG else None
    return found if found is not None and all(found) else None


def _png_size(data: bytes) -> tuple[int, int] | None:
    """PNG (ISO/IEC 15948) has its size in the first chunk."""
    if len(data) < 24 or data[12:16] != b"IHDR":
        return None
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """The size of the first frame: markers are walked until one begins a frame."""
    place = 2
    while place + 9 <= len(data):
        if data[place] != 0xFF:
            return None
        marker = data[place + 1]
        if marker in _FRAMES:
            return int.from_bytes(data[place + 7 : place + 9], "big"), int.from_bytes(
                data[place + 5 : place + 7], "big"
            )
        if marker == 0xFF:
            place += 1
        elif marker in _ALONE:
            place += 2
        else:
            length = int.from_bytes(data[place + 2 : place + 4], "big")
            if length < 2:
                return None
            place += 2 + length
    return None


def picture_fault(data: bytes) -> PictureFault | None:
    """Why a file cannot be drawn here at all, before anything is."""
    kind = sniff(data)
    if not data or len(data) > LARGEST_BYTES:
        return PictureFault.TOO_LARGE if data else PictureFault.EMPTY
    if kind is None or kind is PictureKind.PDF:
        return PictureFault.PDF if kind else PictureFault.NO_PICTURE
    size = size_of(kind, data)
    if size is None:
        return PictureFault.BROKEN
    if size[0] * size[1] > MOST_PIXELS:
        return PictureFault.TOO_MANY_PIXELS
    return PictureFault.TOO_SMALL if min(size) < LEAST_SIDE else None
