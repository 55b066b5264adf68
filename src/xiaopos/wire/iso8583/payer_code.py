"""Where a payer's QR code travels in a terminal's message: the dialects that are in service.

What may live here: dialects as values, putting a code in and finding it. What may not: whose code it is (qr.payment_codes).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from xiaopos.wire.emv import tlv
from xiaopos.wire.iso8583.message import Message
from xiaopos.wire.malformed import Malformed


class CodeLayout(Enum):
    """How the code lies in its field.

    A3 is `A3`, a length of three ASCII digits, the code (other tags of that form may stand beside it); TAG_5F01 is
    BER-TLV with the code in 5F01, hhmmss in 5F03, yymmdd in 5F04 and `01` in 5C.
    """

    A3 = "a3"
    TAG_5F01 = "5f01"


@dataclass(frozen=True, slots=True)
class PayerCodeDialect:
    """One way of sending a payer's code: in which field and layout, and what fields 22, 25 and 60.1 say beside it."""

    name: str
    field: int
    layout: CodeLayout
    entry_mode: str
    condition: str
    transaction_type: str

    def value(self, code: str, *, time: str = "", date: str = "") -> bytes:
        """The field's bytes for a code; `time` (hhmmss) and `date` (yymmdd) are written where the layout has room for
        them and they are given. Raises Malformed for a code that is not 1 to 127 ASCII letters and digits.
        """
        if not (1 <= len(code) <= 127 and code.isascii() and code.isalnum()):
            raise Malformed(self.field, None, "1 to 127 letters and digits of a payment code", "something else")
        if self.layout is CodeLayout.A3:
            return f"A3{len(code):03d}{code}".encode("ascii")
        parts = [("5F01", code), ("5F03", time), ("5F04", date), ("5C", "01")]
        return tlv.build([tlv.Tlv(tag, text.encode("ascii")) for tag, text in parts if text])

    def code(self, value: bytes) -> str | None:
        """The code in the field's bytes, or None when they hold none. Raises Malformed when they hold nonsense."""
        raw = _a3(value, self.field) if self.layout is CodeLayout.A3 else tlv.first(_tlv(value, self.field), "5F01")
        if raw is None:
            return None
        text = raw.decode("latin-1")
        if not (text.isascii() and text.isalnum()):
            raise Malformed(self.field, None, "letters and digits of a payment code", "something else")
        return text


UNIONPAY = PayerCodeDialect("unionpay field 59", 59, CodeLayout.A3, "032", "00", "22")
REGIONAL = PayerCodeDialect("regional field 62", 62, CodeLayout.TAG_5F01, "030", "99", "26")
DIALECTS: tuple[PayerCodeDialect, ...] = (UNIONPAY, REGIONAL)
"""The dialects in the order in which they are tried."""


def find_payer_code(
    message: Message, dialects: tuple[PayerCodeDialect, ...] = DIALECTS
) -> tuple[PayerCodeDialect, str] | None:
    """The dialect and the code of a QR sale's message (field 22 begins 03); None when it has none.

    Raises Malformed when a field that should hold one holds nonsense.
    """
    if not message.text(22).startswith("03"):
        return None
    for dialect in dialects:
        code = dialect.code(message.raw(dialect.field))
        if code is not None:
            return dialect, code
    return None


def _tlv(value: bytes, field: int) -> tuple[tlv.Tlv, ...]:
    return tlv.parse(value, field=field)


def _a3(value: bytes, field: int) -> bytes | None:
    """The value of tag A3 in a row of `tag 2 | length 3 digits | value`."""
    at = 0
    while at < len(value):
        size = value[at + 2 : at + 5]
        if len(size) != 3 or not size.isdigit():
            raise Malformed(field, at + 2, "a length of three digits", "something else")
        end = at + 5 + int(size)
        if end > len(value):
            raise Malformed(field, at + 5, f"{int(size)} bytes", f"{len(value) - at - 5} bytes")
        if value[at : at + 2] == b"A3":
            return value[at + 5 : end]
        at = end
    return None
