"""The code a shop shows (EMVCo QR code, merchant-presented mode 1.1): built, and read.

What may live here: its data objects, their template structure, the CRC. What may not: pictures, an address to open.

    object    tag 2 digits | length 2 digits, counting characters | value
    payload   00 = 01 first ... 63 = CRC last; 26-51, 62, 64 and 80-99 are templates of more objects
"""

from __future__ import annotations

from binascii import crc_hqx
from collections.abc import Iterable
from dataclasses import dataclass

from xiaopos.wire.malformed import Malformed

PAYLOAD_LIMIT = 512
_TEMPLATES = frozenset({*range(26, 52), 62, 64, *range(80, 100)})

TAGS: dict[str, tuple[str, str]] = {
    "00": ("载荷格式指示", "payload format indicator"),
    "01": ("启动方式", "point of initiation"),
    "52": ("商户类别码", "merchant category code"),
    "53": ("交易货币", "transaction currency"),
    "54": ("交易金额", "transaction amount"),
    "55": ("小费或便利费指示", "tip or convenience indicator"),
    "56": ("固定便利费", "convenience fee, fixed"),
    "57": ("便利费百分比", "convenience fee, percentage"),
    "58": ("国家代码", "country code"),
    "59": ("商户名称", "merchant name"),
    "60": ("商户城市", "merchant city"),
    "61": ("邮政编码", "postal code"),
    "62": ("附加数据", "additional data"),
    "63": ("校验码", "CRC"),
    "64": ("商户其他语言信息", "merchant information in another language"),
}
"""Names of the outermost tags; 02-51 are merchant accounts (15-16 UnionPay)."""

ADDITIONAL_TAGS: dict[str, tuple[str, str]] = {
    "01": ("账单号", "bill number"),
    "02": ("手机号", "mobile number"),
    "03": ("门店编号", "store label"),
    "04": ("会员号", "loyalty number"),
    "05": ("参考号", "reference label"),
    "06": ("客户编号", "customer label"),
    "07": ("终端编号", "terminal label"),
    "08": ("交易用途", "purpose of transaction"),
}
"""Names of the tags within 62."""


@dataclass(frozen=True, slots=True)
class DataObject:
    """One object: a two-digit tag, its text, and for a template what the text holds."""

    tag: str
    value: str
    children: tuple[DataObject, ...] = ()

    def text(self) -> str:
        """Tag, length, value. Raises ValueError for another tag than two digits, or over 99 characters."""
        if not (len(self.tag) == 2 and self.tag.isascii() and self.tag.isdigit()):
            raise ValueError("a tag is two digits")
        if not 1 <= len(self.value) <= 99:
            raise ValueError(f"tag {self.tag} holds 1 to 99 characters, got {len(self.value)}")
        return f"{self.tag}{len(self.value):02d}{self.value}"


def template(tag: str, children: Iterable[DataObject]) -> DataObject:
    """An object that holds others. Raises ValueError as `DataObject.text` does."""
    inner = tuple(children)
    return DataObject(tag, "".join([child.text() for child in inner]), inner)


@dataclass(frozen=True, slots=True)
class ShopCode:
    """A payload's objects in their order, from 00 to the last before the CRC."""

    objects: tuple[DataObject, ...]

    def value(self, tag: str, inner: str | None = None) -> str | None:
        """The text of a tag, or of a tag within a template; None when it is absent."""
        for item in self.objects:
            if item.tag == tag:
                return item.value if inner is None else ShopCode(item.children).value(inner)
        return None

    @property
    def dynamic(self) -> bool:
        """Whether the code is for one payment only (initiation 12); a static one (11) may hang on the wall."""
        return self.value("01") == "12"

    @property
    def accounts(self) -> tuple[DataObject, ...]:
        """The merchant's accounts, tags 02 to 51."""
        return tuple(item for item in self.objects if "02" <= item.tag <= "51")

    def text(self) -> str:
        """The payload with its CRC. Raises ValueError for a tag or length that cannot be written, or over 512 characters."""
        payload = "".join([item.text() for item in self.objects]) + "6304"
        if len(payload) + 4 > PAYLOAD_LIMIT:
            raise ValueError(f"a payload has at most {PAYLOAD_LIMIT} characters, got {len(payload) + 4}")
        return payload + crc(payload)


def crc(payload: str) -> str:
    """CRC-16/CCITT-FALSE (0x1021, from FFFF) over the UTF-8 bytes, as four upper-case hex digits.

    >>> crc("123456789")
    '29B1'
    """
    return f"{crc_hqx(payload.encode('utf-8', 'surrogatepass'), 0xFFFF):04X}"


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
    additional: Iterable[tuple[str, str]] = (),
) -> ShopCode:
    """A shop's code from its parts: `amount` in major units with a point (`12.50`), None for the payer to key in;
    `category` the four-digit MCC; `additional` tags and texts within 62.

    Raises ValueError for no account, or a name over 25 or a city over 15 characters.
    """
    held = tuple(accounts)
    if not held or any(not "02" <= item.tag <= "51" for item in held):
        raise ValueError("a shop's code holds at least one merchant account, tags 02 to 51")
    if len(name) > 25 or len(city) > 15:
        raise ValueError(f"the name has at most 25 characters, the city 15; got {len(name)} and {len(city)}")
    objects = [DataObject("00", "01"), DataObject("01", "12" if dynamic else "11"), *held]
    objects += [DataObject("52", category), DataObject("53", currency)]
    if amount is not None:
        objects.append(DataObject("54", amount))
    objects += [DataObject("58", country), DataObject("59", name), DataObject("60", city)]
    extra = [DataObject(tag, text) for tag, text in additional]
    if extra:
        objects.append(template("62", extra))
    return ShopCode(tuple(objects))


def parse(payload: str) -> ShopCode:
    """The objects of a scanned payload, unknown ones included.

    Raises Malformed, with an offset in characters, for a wrong CRC, a wrong structure, objects that come twice, a payload
    that does not begin with format indicator 01, and one over 512 characters.
    """
    if len(payload) > PAYLOAD_LIMIT:
        raise Malformed(None, PAYLOAD_LIMIT, f"at most {PAYLOAD_LIMIT} characters", str(len(payload)))
    end = len(payload) - 8
    if end < 0 or payload[end : end + 4] != "6304":
        raise Malformed(None, max(end, 0), "tag 63 of 4 characters at the end", "none", "63")
    if payload[end + 4 :].upper() != crc(payload[: end + 4]):
        raise Malformed(None, end + 4, "the CRC of the payload", "another", "63")
    objects = _objects(payload[:end], 0, outermost=True)
    if not objects or (objects[0].tag, objects[0].value) != ("00", "01"):
        raise Malformed(None, 0, "format indicator 01 first", "another object", "00")
    return ShopCode(objects)


def _objects(text: str, offset: int, *, outermost: bool) -> tuple[DataObject, ...]:
    objects: list[DataObject] = []
    seen: set[str] = set()
    at = 0
    while at < len(text):
        head = text[at : at + 4]
        if len(head) != 4 or not (head.isascii() and head.isdigit()) or head[2:] == "00":
            raise Malformed(None, offset + at, "a tag and a length of two digits each", "something else")
        tag, size = head[:2], int(head[2:])
        value = text[at + 4 : at + 4 + size]
        if len(value) != size:
            raise Malformed(None, offset + at + 4, f"{size} characters", str(len(value)), tag)
        if tag in seen:
            raise Malformed(None, offset + at, "each tag once", "a second one", tag)
        seen.add(tag)
        nested = outermost and int(tag) in _TEMPLATES
        children = _objects(value, offset + at + 4, outermost=False) if nested else ()
        objects.append(DataObject(tag, value, children))
        at += 4 + size
    return tuple(objects)
