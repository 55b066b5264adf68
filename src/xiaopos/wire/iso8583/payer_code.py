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
    BER-TLV with the code in 5F01, hhmmss in 5F03, yymmdd in 5F04 and `01` in 5C; BARE is the code and nothing else.
    """

    A3 = "a3"
    TAG_5F01 = "5f01"
    BARE = "bare"


@dataclass(frozen=True, slots=True)
class PayerCodeDialect:
    """One way of sending a payer's code: in which field and layout, and what fields 3, 22, 25, 60.1 say beside it.

    `key` is what terminal interfaces call it. `entry_mode` and `condition` are empty where the message has no such field;
    `channels` is what field 44 may say of the wallet (code -> wallet), empty where the code's prefix alone says it.
    """

    key: str
    name: str
    field: int
    layout: CodeLayout
    entry_mode: str
    condition: str
    transaction_type: str
    processing: str = "000000"
    channels: tuple[tuple[str, str], ...] = ()

    def fields(
        self, code: str, *, batch: str, time: str = "", date: str = "", wallet: str = ""
    ) -> dict[int, str | bytes]:
        """The fields in which a QR sale of this dialect differs from a card's: 3, 22, 25, 44, 60 and that of the code.

        `batch` is 60.2; `wallet` is needed where the dialect names it in field 44. Raises Malformed for what cannot be sent.
        """
        fields: dict[int, str | bytes] = {3: self.processing, self.field: self.value(code, time=time, date=date)}
        if self.entry_mode:
            fields[22] = self.entry_mode
        if self.condition:
            fields[25] = self.condition
        if self.channels:
            channel = next((number for number, name in self.channels if name == wallet), None)
            if channel is None:
                raise Malformed(44, None, f"a wallet of {', '.join(name for _, name in self.channels)}", "another")
            fields[44] = channel
        fields[60] = f"{self.transaction_type}{batch}000"
        return fields

    def claims(self, message: Message) -> bool:
        """Whether a message's fields 3, 22 and 60.1 are those of this dialect's QR sale."""
        if self.entry_mode:
            return message.text(22).startswith("03")
        return message.text(3) == self.processing and message.text(60)[:2] == self.transaction_type

    def wallet(self, message: Message) -> str | None:
        """The wallet that field 44 names, or None where the dialect leaves that to the code's prefix, or nothing is named.

        Raises Malformed for a channel that the dialect does not have.
        """
        channel = message.text(44).strip()
        if not self.channels or not channel:
            return None
        found = next((name for number, name in self.channels if number == channel), None)
        if found is None:
            raise Malformed(44, None, f"a channel of {', '.join(number for number, _ in self.channels)}", "another")
        return found

    def value(self, code: str, *, time: str = "", date: str = "") -> bytes:
        """The field's bytes for a code; `time` (hhmmss) and `date` (yymmdd) are written where the layout has room for
        them and they are given. Raises Malformed for a code that is not 1 to 127 ASCII letters and digits.
        """
        if not (1 <= len(code) <= 127 and code.isascii() and code.isalnum()):
            raise Malformed(self.field, None, "1 to 127 letters and digits of a payment code", "something else")
        if self.layout is CodeLayout.A3:
            return f"A3{len(code):03d}{code}".encode("ascii")
        if self.layout is CodeLayout.BARE:
            return code.encode("ascii")
        parts = [("5F01", code), ("5F03", time), ("5F04", date), ("5C", "01")]
        return tlv.build([tlv.Tlv(tag, text.encode("ascii")) for tag, text in parts if text])

    def code(self, value: bytes) -> str | None:
        """The code in the field's bytes, or None when they hold none. Raises Malformed when they hold nonsense."""
        raw = self._raw(value)
        if raw is None:
            return None
        text = raw.decode("latin-1")
        if not (text.isascii() and text.isalnum()):
            raise Malformed(self.field, None, "letters and digits of a payment code", "something else")
        return text

    def _raw(self, value: bytes) -> bytes | None:
        if self.layout is CodeLayout.A3:
            return _a3(value, self.field)
        if self.layout is CodeLayout.BARE:
            return value or None
        return tlv.first(tlv.parse(value, field=self.field), "5F01")


UNIONPAY = PayerCodeDialect("unionpay", "unionpay field 59", 59, CodeLayout.A3, "032", "00", "22")
REGIONAL = PayerCodeDialect("regional", "regional field 62", 62, CodeLayout.TAG_5F01, "030", "99", "26")
PRIVATE = PayerCodeDialect(
    "private",
    "private field 62",
    62,
    CodeLayout.BARE,
    "",
    "",
    "60",
    "700000",
    (("001", "jd"), ("002", "wechat"), ("003", "alipay"), ("004", "unionpay")),
)
DIALECTS: tuple[PayerCodeDialect, ...] = (UNIONPAY, REGIONAL, PRIVATE)
"""The dialects in the order in which they are tried."""


def find_payer_code(
    message: Message, dialects: tuple[PayerCodeDialect, ...] = DIALECTS
) -> tuple[PayerCodeDialect, str] | None:
    """The dialect and the code of a QR sale's message; None when it has none.

    Raises Malformed when a field that should hold one holds nonsense.
    """
    for dialect in dialects:
        if not dialect.claims(message):
            continue
        code = dialect.code(message.raw(dialect.field))
        if code is not None:
            return dialect, code
    return None


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
