"""The one exception of this room: bytes that break the rules, with the place where they do.

What may live here: that exception. What may not: any value out of a message; only lengths, offsets and single symbols.
"""

from __future__ import annotations


class Malformed(Exception):
    """Bytes (or a value to be written) that the format does not allow.

    `field` is the ISO 8583 field (0 the message type, 1 the bitmap, None where there are no fields: a frame, a QR code);
    `subfield` its part (`60.1`, a tag); `offset` where it went wrong, in bytes from the start of what was parsed (in
    characters for text; None when a value is refused before it is written); `expected` and `found` are words for people
    and never hold the value itself.
    """

    def __init__(
        self, field: int | None, offset: int | None, expected: str, found: str, subfield: str | None = None
    ) -> None:
        super().__init__(field, offset, expected, found, subfield)
        self.field = field
        self.offset = offset
        self.expected = expected
        self.found = found
        self.subfield = subfield

    def __str__(self) -> str:
        place = []
        if self.field is not None:
            place.append(f"field {self.field}")
        if self.subfield is not None:
            place.append(self.subfield)
        if self.offset is not None:
            place.append(f"offset {self.offset}")
        return f"{', '.join(place) or 'input'}: expected {self.expected}, found {self.found}"
