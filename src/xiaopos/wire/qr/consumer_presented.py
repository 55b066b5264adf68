"""The code a payer's card app shows (EMVCo QR code, consumer-presented mode 1.1): built, and read.

What may live here: its templates, the text around them. What may not: which wallet a row of digits belongs to
(payment_codes), checking the cryptogram (keys).

    text   base64 of BER-TLV objects, at most 512 characters
    85     `CPV01`, first                                          payload format indicator
    61     application template, one or more                       4F application identifier, 50 label, 57, 5A, 5F34 ...
      63     application specific transparent template             9F26 9F27 9F10 9F36 9F37 82 ...: to the issuer as it is
    62     common data template, at most one                       what all applications share: 5A, 5F20, 5F2D ...
      64     common data transparent template

Such a code holds a card number and a cryptogram: it is kept no longer than the payment takes, and never shown.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass

from xiaopos.wire.emv.codes import SCHEMES
from xiaopos.wire.emv.tlv import Tlv, build, first, parse, template
from xiaopos.wire.malformed import Malformed

FORMAT = b"CPV01"
TEXT_LIMIT = 512
PREFIX = "hQVDUFYwM"
"""How the text of every such code begins: 85, length 5, `CPV0`."""


@dataclass(frozen=True, slots=True, repr=False)
class Application:
    """One card that the code offers: `data` are the objects of its template but 63, `transparent` those within 63."""

    data: tuple[Tlv, ...]
    transparent: tuple[Tlv, ...] = ()

    def __repr__(self) -> str:
        return f"Application({self.identifier})"

    @property
    def identifier(self) -> str:
        """The application identifier (4F) in hex, '' when it is absent."""
        return (first(self.data, "4F") or b"").hex().upper()

    @property
    def scheme(self) -> str | None:
        """Whose card it is (`unionpay`, `visa`, ...), or None when the identifier is of nobody we know."""
        found = SCHEMES.get(self.identifier[:10])
        return None if found is None else found[0]


@dataclass(frozen=True, slots=True, repr=False)
class CardCode:
    """A payer's code as its objects in their order. The repr shows only which applications it offers."""

    objects: tuple[Tlv, ...]

    def __repr__(self) -> str:
        return f"CardCode({', '.join(card.identifier for card in self.applications)})"

    @property
    def applications(self) -> tuple[Application, ...]:
        """The cards offered, the first being the one that the payer prefers."""
        return tuple(_application(item) for item in self.objects if item.tag == "61")

    @property
    def common(self) -> tuple[Tlv, ...]:
        """What all applications share: the objects of 62 (but 64), then those within 64."""
        held = [child for item in self.objects if item.tag == "62" for child in item.children]
        inner = [child for item in held if item.tag == "64" for child in item.children]
        return (*[child for child in held if child.tag != "64"], *inner)

    def chip_data(self, chosen: int = 0) -> tuple[Tlv, ...]:
        """What goes to the issuer untouched for one application: the objects within its 63, then those within 64.

        Raises IndexError when there is no such application.
        """
        shared = [child for item in self.objects if item.tag == "62" for child in item.children if child.tag == "64"]
        return (*self.applications[chosen].transparent, *[child for item in shared for child in item.children])

    def value(self, tag: str, chosen: int = 0) -> bytes | None:
        """A value for one application: its own, else the common one; None when neither is there."""
        card = self.applications[chosen]
        return first((*card.data, *card.transparent, *self.common), tag)

    def text(self) -> str:
        """The text to show as a QR code. Raises Malformed over 512 characters."""
        text = b64encode(build(self.objects)).decode("ascii")
        if len(text) > TEXT_LIMIT:
            raise Malformed(None, None, f"at most {TEXT_LIMIT} characters", str(len(text)))
        return text


def is_card_code(text: str) -> bool:
    """Whether a scanned text looks like such a code, so that it is worth parsing."""
    return text.startswith(PREFIX)


def build_code(
    applications: Iterable[Application], *, common: Iterable[Tlv] = (), common_transparent: Iterable[Tlv] = ()
) -> CardCode:
    """A payer's code from its parts; the text is `.text()`.

    Raises Malformed for no application, one without an identifier (4F), and more than 512 characters.
    """
    objects = [Tlv("85", FORMAT)]
    for card in applications:
        inner = [template("63", card.transparent)] if card.transparent else []
        objects.append(template("61", [*card.data, *inner]))
    shared, hidden = tuple(common), tuple(common_transparent)
    if shared or hidden:
        objects.append(template("62", [*shared, *([template("64", hidden)] if hidden else [])]))
    code = CardCode(tuple(objects))
    _check(code)
    code.text()
    return code


def parse_code(text: str) -> CardCode:
    """The objects of a scanned code, unknown ones included; `text()` gives the same text again.

    Raises Malformed, with the path of tags, for: over 512 characters, what is no base64 in its only right spelling (offset
    in characters), what `tlv.parse` refuses (offset in decoded bytes), another beginning than 85 `CPV01`, no application
    template, an application without identifier, two common templates.
    """
    if len(text) > TEXT_LIMIT:
        raise Malformed(None, TEXT_LIMIT, f"at most {TEXT_LIMIT} characters", str(len(text)))
    try:
        raw = b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not raw or b64encode(raw).decode("ascii") != text:
        raise Malformed(None, 0, "base64 text", "something else")
    code = CardCode(parse(raw))
    _check(code)
    return code


def _application(item: Tlv) -> Application:
    inner = tuple(child for part in item.children if part.tag == "63" for child in part.children)
    return Application(tuple(part for part in item.children if part.tag != "63"), inner)


def _check(code: CardCode) -> None:
    tags = [item.tag for item in code.objects]
    if tags[:1] != ["85"] or code.objects[0].value != FORMAT:
        raise Malformed(None, 0, "format indicator CPV01 first", "another object", "85")
    if "61" not in tags:
        raise Malformed(None, None, "an application template", "none", "61")
    if not all(card.identifier for card in code.applications):
        raise Malformed(None, None, "an application identifier", "none", "61.4F")
    if tags.count("62") > 1:
        raise Malformed(None, None, "one common data template", str(tags.count("62")), "62")
