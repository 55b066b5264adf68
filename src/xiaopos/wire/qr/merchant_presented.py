"""The code a shop shows (EMVCo QR code, merchant-presented mode 1.1): built, and read.

What may live here: its data objects, their template structure, the CRC, what is wrong with a code. What may not:
pictures, an address to open, the tables of tags (shop_tags).

    object    tag 2 digits | length 2 digits, counting characters | value
    payload   00 = 01 first ... 63 = CRC last; 26-51, 62, 64, 80-99 and 50-99 within 62 are templates of more objects
    CRC       CRC-16/CCITT-FALSE over the UTF-8 bytes of all before it, `6304` included (section 4.7.3)

Reading and writing are inverse, character for character. Lengths count characters: 北京 is 2. Some issuers count the
UTF-8 bytes (北京 is 6); such codes are read and written with `Lengths.BYTES`.
"""

from __future__ import annotations

from binascii import crc_hqx
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from xiaopos.wire.emv.codes import currency as find_currency
from xiaopos.wire.malformed import Malformed
from xiaopos.wire.qr.shop_tags import ADDITIONAL_TAGS, TAGS, ShopTag, tags_within

__all__ = [
    "ADDITIONAL_TAGS",
    "TAGS",
    "DataObject",
    "Finding",
    "Lengths",
    "ShopCode",
    "build",
    "crc",
    "parse",
    "template",
]

PAYLOAD_LIMIT = 512
_RESERVED = ShopTag("保留", "reserved")


class Lengths(Enum):
    """What the two digits of a length count."""

    CHARACTERS = "characters"
    BYTES = "bytes"

    def of(self, value: str) -> int:
        """The length of a value, so counted."""
        return len(value) if self is Lengths.CHARACTERS else len(_utf8(value))


@dataclass(frozen=True, slots=True)
class DataObject:
    """One object: a two-digit tag, its text, and for a template what the text holds."""

    tag: str
    value: str
    children: tuple[DataObject, ...] = ()

    def text(self, lengths: Lengths = Lengths.CHARACTERS) -> str:
        """Tag, length, value. Raises Malformed for another tag than two digits, no value, and one over 99."""
        if not (len(self.tag) == 2 and self.tag.isascii() and self.tag.isdigit()):
            raise Malformed(None, None, "a tag of two digits", "something else")
        size = lengths.of(self.value)
        if not 1 <= size <= 99:
            raise Malformed(None, None, f"1 to 99 {lengths.value}", str(size), self.tag)
        return f"{self.tag}{size:02d}{self.value}"


@dataclass(frozen=True, slots=True)
class Finding:
    """What of a code the standard does not allow: the path of tags, where in the text, what it wants and what is there."""

    path: str
    offset: int
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class ShopRow:
    """One object for people: the path of tags, where it begins in the text, its names, and its value (a template's is
    what its own rows show)."""

    path: str
    offset: int
    zh: str
    en: str
    shown: str


def template(tag: str, children: Iterable[DataObject], lengths: Lengths = Lengths.CHARACTERS) -> DataObject:
    """An object that holds others. Raises Malformed as `DataObject.text` does."""
    inner = tuple(children)
    return DataObject(tag, "".join([child.text(lengths) for child in inner]), inner)


@dataclass(frozen=True, slots=True)
class ShopCode:
    """A payload's objects in their order, from 00 to the last before the CRC.

    `crc_text` is the CRC as it was read (some write it in small letters), so that it is written the same again.
    """

    objects: tuple[DataObject, ...]
    lengths: Lengths = Lengths.CHARACTERS
    crc_text: str = field(default="", compare=False)

    def value(self, tag: str, *inner: str) -> str | None:
        """The text of a tag, or of a tag within a template (`value("62", "07")`); None when it is absent."""
        for item in self.objects:
            if item.tag == tag:
                return ShopCode(item.children).value(*inner) if inner else item.value
        return None

    @property
    def dynamic(self) -> bool:
        """Whether the code is for one payment only (initiation 12); a static one (11) may hang on the wall."""
        return (self.value("01") or "")[1:] == "2"

    @property
    def accounts(self) -> tuple[DataObject, ...]:
        """The merchant's accounts, tags 02 to 51."""
        return tuple(item for item in self.objects if "02" <= item.tag <= "51")

    @property
    def amount_minor(self) -> int | None:
        """The amount (54) in minor units of the currency (53); None when there is none, or no known currency.

        Raises Malformed for an amount that is none or has more decimals than its currency.
        """
        amount, known = self.value("54"), find_currency(self.value("53") or "")
        if amount is None or known is None:
            return None
        whole, _, rest = amount.partition(".")
        if not TAGS["54"].fits(amount) or len(rest) > known.minor_digits:
            raise Malformed(None, None, f"an amount with at most {known.minor_digits} decimals", "something else", "54")
        return int(whole + rest.ljust(known.minor_digits, "0"))

    def text(self) -> str:
        """The payload with its CRC. Raises Malformed for a tag or length that cannot be written, or over 512 characters."""
        payload = "".join([item.text(self.lengths) for item in self.objects]) + "6304"
        if len(payload) + 4 > PAYLOAD_LIMIT:
            raise Malformed(None, None, f"at most {PAYLOAD_LIMIT} characters", str(len(payload) + 4))
        right = crc(payload)
        return payload + (self.crc_text if self.crc_text.upper() == right else right)

    def walk(self) -> Iterator[tuple[tuple[str, ...], int, DataObject]]:
        """Every object with its path of tags and the offset of its first character, templates before what they hold."""
        return _walk(self.objects, (), 0)

    def check(self) -> list[Finding]:
        """What the standard does not allow of these objects, in their order; a code without findings may be shown.

        Mandatory tags missing (00 first, an account, 52 53 58 59 60; 00 in each owner's template; 00 and 01 in 64), values
        of another form or size, an amount of zero or with more decimals than its currency, tips and fees that contradict
        (56 with 55 = 02 and only then, 57 with 03).
        """
        found = [
            Finding(".".join(path), offset, row.form.wants, f"{self.lengths.of(item.value)} {self.lengths.value}")
            for path, offset, item in self.walk()
            if not (row := _row(path)).template and not row.fits(item.value)
        ]
        found += [Finding(path, offset, "this tag", "none") for path, offset in self._missing()]
        return found + self._contradictions()

    def _missing(self) -> Iterator[tuple[str, int]]:
        if not self.objects or self.objects[0].tag != "00":
            yield "00", 0
        held = {item.tag for item in self.objects}
        end = sum(len(item.text(self.lengths)) for item in self.objects)
        for tag in ("52", "53", "58", "59", "60"):
            if tag not in held:
                yield tag, end
        if not self.accounts:
            yield "02-51", end
        for path, offset, item in self.walk():
            if _row(path).template:
                inner = {child.tag for child in item.children}
                for tag, row in tags_within(path).items():
                    if row.must and tag not in inner:
                        yield ".".join((*path, tag)), offset

    def _contradictions(self) -> list[Finding]:
        places = {item.tag: offset for path, offset, item in self.walk() if len(path) == 1}
        found = []
        known, amount = find_currency(self.value("53") or ""), self.value("54")
        if amount is not None and TAGS["54"].fits(amount):
            if not amount.strip("0."):
                found.append(Finding("54", places["54"], "an amount over zero", "zero"))
            decimals = len(amount.partition(".")[2])
            if known is not None and decimals > known.minor_digits:
                wants = f"at most {known.minor_digits} decimals in {known.letters}"
                found.append(Finding("54", places["54"], wants, str(decimals)))
        for tag, when in (("56", "02"), ("57", "03")):
            if (self.value("55") == when) != (tag in places):
                wants = f"{tag} where 55 is {when}, and only there"
                found.append(Finding(tag, places.get(tag, places.get("55", 0)), wants, "another pair"))
        percentage = self.value("57")
        if percentage is not None and not percentage.strip("0."):
            found.append(Finding("57", places["57"], "00.01 to 99.99", "zero"))
        return found


def crc(payload: str) -> str:
    """CRC-16/CCITT-FALSE (0x1021, from FFFF) over the UTF-8 bytes, as four upper-case hex digits.

    >>> crc("123456789")
    '29B1'
    """
    return f"{crc_hqx(_utf8(payload), 0xFFFF):04X}"


def build(
    *,
    accounts: Iterable[DataObject],
    category: str,
    name: str,
    city: str,
    amount: str | None = None,
    currency: str = "156",
    country: str = "CN",
    dynamic: bool = False,
    tip: DataObject | None = None,
    postal_code: str | None = None,
    additional: Iterable[tuple[str, str]] = (),
    local: tuple[str, str] | tuple[str, str, str] | None = None,
    own: Iterable[DataObject] = (),
) -> ShopCode:
    """A shop's code from its parts, as the standard wants it.

    `amount` is in major units with a point (`12.50`), None for the payer to key in; `category` the four-digit MCC;
    `name` and `city` are ASCII (25 and 15 characters), the Chinese ones go into `local`: language, name and, if wanted,
    city (`("ZH", "小林茶铺", "杭州")`). `tip`: DataObject("55", "01") asks the payer, ("56", "2.00") is a fixed fee,
    ("57", "5.00") a percentage. `additional` are tags and texts within 62; `own` templates 80-99.

    Raises Malformed, with the path of the tag, for what `ShopCode.check` would find.
    """
    objects = [DataObject("00", "01"), DataObject("01", "12" if dynamic else "11"), *accounts]
    objects += [DataObject("52", category), DataObject("53", currency)]
    if amount is not None:
        objects.append(DataObject("54", amount))
    if tip is not None:
        indicator = {"56": "02", "57": "03"}.get(tip.tag)
        objects += [tip] if indicator is None else [DataObject("55", indicator), tip]
    objects += [DataObject("58", country), DataObject("59", name), DataObject("60", city)]
    if postal_code is not None:
        objects.append(DataObject("61", postal_code))
    extra = [DataObject(tag, text) for tag, text in additional]
    if extra:
        objects.append(template("62", extra))
    if local is not None:
        objects.append(template("64", [DataObject(f"{number:02d}", text) for number, text in enumerate(local)]))
    code = parse(ShopCode((*objects, *own)).text())
    for finding in code.check():
        raise Malformed(None, None, finding.expected, finding.found, finding.path)
    return code


def parse(payload: str, *, lengths: Lengths = Lengths.CHARACTERS, strict: bool = False) -> ShopCode:
    """The objects of a scanned payload, unknown and reserved ones included.

    Raises Malformed, with the path of tags and an offset in characters, for a wrong CRC, a wrong structure, objects that
    come twice, a payload that does not begin with format indicator 01, and one over 512 characters. With `strict` also
    for what `ShopCode.check` finds; without, a code that only breaks the rules for values is read.
    """
    if len(payload) > PAYLOAD_LIMIT:
        raise Malformed(None, PAYLOAD_LIMIT, f"at most {PAYLOAD_LIMIT} characters", str(len(payload)))
    end = len(payload) - 8
    if end < 0 or payload[end : end + 4] != "6304":
        raise Malformed(None, max(end, 0), "tag 63 of 4 characters at the end", "none", "63")
    if payload[end + 4 :].upper() != crc(payload[: end + 4]):
        raise Malformed(None, end + 4, "the CRC of the payload", "another", "63")
    objects = _objects(payload[:end], 0, (), lengths)
    if not objects or (objects[0].tag, objects[0].value) != ("00", "01"):
        raise Malformed(None, 0, "format indicator 01 first", "another object", "00")
    code = ShopCode(objects, lengths, payload[end + 4 :])
    for finding in code.check() if strict else ():
        raise Malformed(None, finding.offset, finding.expected, finding.found, finding.path)
    return code


def describe(code: ShopCode) -> list[ShopRow]:
    """One row per object, templates before what they hold. A shop's code holds nothing that people may not see."""
    return [
        ShopRow(".".join(path), offset, _row(path).zh, _row(path).en, "" if item.children else item.value)
        for path, offset, item in code.walk()
    ]


def _utf8(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")


def _row(path: tuple[str, ...]) -> ShopTag:
    return tags_within(path[:-1]).get(path[-1], _RESERVED)


def _walk(
    objects: Iterable[DataObject], path: tuple[str, ...], offset: int
) -> Iterator[tuple[tuple[str, ...], int, DataObject]]:
    for item in objects:
        here = (*path, item.tag)
        yield here, offset, item
        yield from _walk(item.children, here, offset + 4)
        offset += 4 + len(item.value)


def _objects(text: str, offset: int, path: tuple[str, ...], lengths: Lengths) -> tuple[DataObject, ...]:
    objects: list[DataObject] = []
    seen: set[str] = set()
    at = 0
    while at < len(text):
        head = text[at : at + 4]
        if len(head) != 4 or not (head.isascii() and head.isdigit()) or head[2:] == "00":
            wants = "a tag and a length of two digits each"
            raise Malformed(None, offset + at, wants, "something else", ".".join(path) or None)
        tag, size, here = head[:2], int(head[2:]), (*path, head[:2])
        value = _cut(text[at + 4 : at + 4 + size], size, lengths)
        if lengths.of(value) != size:
            raise Malformed(None, offset + at + 4, f"{size} {lengths.value}", f"{lengths.of(value)}", ".".join(here))
        if tag in seen:
            raise Malformed(None, offset + at, "each tag once", "a second one", ".".join(here))
        seen.add(tag)
        children = _objects(value, offset + at + 4, here, lengths) if _row(here).template else ()
        objects.append(DataObject(tag, value, children))
        at += 4 + len(value)
    return tuple(objects)


def _cut(text: str, size: int, lengths: Lengths) -> str:
    """As many whole characters as `size` has room for."""
    if lengths is Lengths.CHARACTERS:
        return text[:size]
    while text and len(_utf8(text)) > size:
        text = text[:-1]
    return text
