"""The message: a type and its fields, printing only what is safe to print.

What may live here: the value. What may not: how it is written (the spec), what its fields mean (meaning).
"""

from __future__ import annotations

from msgspec import Struct, field

from xiaopos.kernel.secret import mask_pan

# What a log may see in clear. A list of what is safe, so that a field nobody thought of stays hidden.
PRINTABLE = frozenset({3, 4, 7, 11, 12, 13, 15, 18, 22, 23, 25, 32, 33, 37, 38, 39, 41, 42, 43, 49, 53, 70, 90, 100})


class Message(Struct, gc=False):
    """An ISO 8583 message: `mti` is four digits; `fields` maps a number to text (n, an, ans, z) or bytes (b).

    Track fields write the separator as `=`. The repr shows no card number, track, PIN, MAC, key or payment code.
    """

    mti: str
    fields: dict[int, str | bytes] = field(default_factory=dict)

    def __repr__(self) -> str:
        shown = [f"{number}: {_shown(number, value)}" for number, value in sorted(self.fields.items())]
        return f"Message({self.mti!r}, {{{', '.join(shown)}}})"

    def text(self, number: int) -> str:
        """A field that the spec says is text; the empty string when it is absent."""
        value = self.fields.get(number, "")
        assert isinstance(value, str), f"field {number} holds bytes"
        return value

    def raw(self, number: int) -> bytes:
        """A field that the spec says is bytes; empty when it is absent."""
        value = self.fields.get(number, b"")
        assert isinstance(value, bytes), f"field {number} holds text"
        return value


def _shown(number: int, value: str | bytes) -> str:
    if number in PRINTABLE and isinstance(value, str):
        return repr(value)
    if number == 2 and isinstance(value, str) and len(value) >= 12:
        return mask_pan(value)
    return f"<{len(value)}>"
