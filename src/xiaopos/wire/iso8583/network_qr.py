"""UnionPay QR payments on the line to the card network: the values of its profile, and what field 59 holds.

What may live here: reading the profile (network_qr.toml), field 59 built and read. What may not: what an answer means (gateways),
other fields (card_network).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from xiaopos.wire.iso8583.spec import Shown
from xiaopos.wire.iso8583.subfields import Form, Found, LengthForm, LengthPrefix, Part, read_parts, write_parts
from xiaopos.wire.iso8583.tagged import TagForm, Tagged
from xiaopos.wire.malformed import Malformed

FIELD = 59
QR_DATA = Tagged(
    (
        Part("A3", "付款码", "payment code", 128, Form.TEXT, Shown.HIDDEN),
        Part("B1", "商户订单号", "order number", 32, Form.TEXT, unconfirmed=True),
        Part("B2", "退款单号", "refund number", 32, Form.TEXT, unconfirmed=True),
        Part("B3", "付款凭证号", "the network's number of the order", 35, Form.TEXT, unconfirmed=True),
        Part("B4", "付款人", "payer, masked", 40, Form.TEXT, Shown.HIDDEN, unconfirmed=True),
        Part("B5", "原应答码", "answer code of what was asked about", 2, Form.TEXT, unconfirmed=True),
    ),
    TagForm.TEXT,
    2,
    LengthPrefix(LengthForm.ASCII, 3),
)
"""Field 59. A3 is what terminals send too; the rest is ours until an acquirer's specification says otherwise."""

_TAGS = {"payer_code": "A3", "order": "B1", "refund": "B2", "voucher": "B3", "payer": "B4", "original_code": "B5"}


@dataclass(frozen=True, slots=True, repr=False)
class QrData:
    """What field 59 says. `order` is our number of the order, `voucher` the network's; nothing of it is printed."""

    order: str
    payer_code: str = ""
    refund: str = ""
    voucher: str = ""
    payer: str = ""
    original_code: str = ""

    def __repr__(self) -> str:
        return f"QrData({self.order!r})"

    def field(self) -> bytes:
        """The field's bytes. Raises Malformed for a value that is too long."""
        held = [(tag, getattr(self, name)) for name, tag in _TAGS.items()]
        return write_parts(QR_DATA, [Found(tag, value) for tag, value in held if value], field=FIELD)

    @classmethod
    def read(cls, raw: bytes) -> QrData:
        """From the field's bytes; tags that we do not know are passed over. Raises Malformed, also without an order number."""
        found = {one.tag: one.value for one in read_parts(QR_DATA, raw, field=FIELD) if one.part is not None}
        if not found.get("B1"):
            raise Malformed(FIELD, None, "an order number (B1)", "none")
        return cls(**{name: str(found.get(tag, "")) for name, tag in _TAGS.items()})


@dataclass(frozen=True, slots=True)
class QrProfile:
    """The values of the profile by name: processing codes (F3), the entry mode (F22) of a payment code, answer codes (F39)."""

    pay_processing: str
    pay_entry: str
    show_processing: str
    query_processing: str
    waits: str
    payer_refused: str
    expired: str
    code_unknown: str
    not_so: str
    too_much: str


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """One row: where its value was read, and whether a source confirms it for a host's line."""

    name: str
    value: str
    source: str
    confirmed: bool


def read_profile(text: str) -> tuple[QrProfile, Mapping[str, ProfileRow]]:
    """The profile of a table in TOML, and its rows. Raises ValueError for rows that are missing, strange or of another type."""
    try:
        rows = {row["name"]: ProfileRow(**row) for row in tomllib.loads(text).get("row", [])}
        profile = QrProfile(**{name: row.value for name, row in rows.items()})
    except (KeyError, TypeError) as error:
        raise ValueError(
            f"a QR profile has the rows of {QrProfile.__name__}, each with source and confirmed: {error}"
        ) from None
    for name, row in rows.items():
        wanted = 6 if name.endswith("_processing") else 3 if name.endswith("_entry") else 2
        if not isinstance(row.value, str) or len(row.value) != wanted or not row.source:
            raise ValueError(f"the QR profile's {name} is a text of {wanted} characters, with a source")
    return profile, rows


SHIPPED, SHIPPED_ROWS = read_profile(
    files("xiaopos.wire.iso8583").joinpath("network_qr.toml").read_text(encoding="utf8")
)
"""The profile that comes with the package."""
