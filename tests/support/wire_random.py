"""Seeded random messages of any spec, damage to bytes, and the sample messages that all wire suites share."""

from __future__ import annotations

import random
from dataclasses import replace

from support.wire_samples import EVERYTHING, IN_TEXT, OTHERWISE, SAMPLES, SHIPPED, real_body
from xiaopos.wire.iso8583 import Codec, Encoding, Field, Message, Prefix, Size, Spec, Third, iso1987_ascii
from xiaopos.wire.iso8583.spec import LAST_FIELD
from xiaopos.wire.iso8583.unionpay_terminal import SPEC as TERMINAL

_HIGH = tuple(
    Field(number, "高位域", "high field", Size.LL, 20, Encoding.ASCII, prefix=Prefix.ASCII)
    for number in range(129, LAST_FIELD + 1)
)
THREE = replace(iso1987_ascii.SPEC, name="third behind", third=Third.BEHIND, rows=(*iso1987_ascii.SPEC.rows, *_HIGH))
THIRD_AS_FIELD = replace(OTHERWISE, name="third as field 65", third=Third.FIELD_65, rows=(*OTHERWISE.rows, *_HIGH))
SPECS = (*SHIPPED, EVERYTHING, OTHERWISE, IN_TEXT, THREE, THIRD_AS_FIELD)

_LETTERS = {
    Encoding.ASCII: "".join(map(chr, range(0x20, 0x7F))),
    Encoding.EBCDIC: "".join(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x100)])),
    Encoding.TRACK: "0123456789=ABCEF",
    Encoding.GBK: "小林茶铺A1 -",
}


def random_value(field: Field, chance: random.Random) -> str | bytes:
    """A value that the field can hold; lengths near the ends come more often."""
    most = min(field.most, 60)
    fixed = field.size is Size.FIXED
    count = field.most if fixed else chance.choice((0, 1, most, chance.randrange(most + 1)))
    symbols = count * field.symbols_per_count
    if field.encoding is Encoding.BINARY:
        return chance.randbytes(symbols)
    if field.encoding.hexadecimal:
        return chance.randbytes(symbols // 2)
    if field.encoding is Encoding.SIGNED:
        return chance.choice("CD") + "".join(chance.choices("0123456789", k=symbols - 1))
    if field.encoding is Encoding.GBK:
        text = ""
        while fixed and (missing := symbols - len(text.encode("gbk"))):
            text += chance.choice("小A" if missing > 1 else "A")
        return text if fixed else "".join(chance.choices(_LETTERS[Encoding.GBK], k=symbols // 2))
    letters = "0123456789" if field.digits else _LETTERS.get(field.encoding, "0123456789")
    return "".join(chance.choices(letters, k=symbols))


def random_message(spec: Spec, chance: random.Random, most: int = 20) -> Message:
    """A message with some of the spec's fields."""
    numbers = chance.sample(sorted(spec.fields), chance.randint(0, min(most, len(spec.fields))))
    version = spec.version.value if spec.version else "0"
    return Message(version + chance.choice(("100", "200", "210", "420", "800")), {
        number: random_value(spec.fields[number], chance) for number in sorted(numbers)
    })  # fmt: skip


def sample_bodies(seed: int = 8583) -> list[tuple[Spec, bytes]]:
    """Sample messages of every spec as bytes: the written-out ones, and five random ones of each spec."""
    bodies = [(TERMINAL, real_body()), *((spec, Codec(spec).encode(message)) for spec, message in SAMPLES)]
    chance = random.Random(seed)
    for spec in SPECS:
        bodies += [(spec, Codec(spec).encode(random_message(spec, chance))) for _ in range(5)]
    return bodies


def damaged(body: bytes, chance: random.Random) -> bytes:
    """The bytes with one to five of them changed, lost or added."""
    data = bytearray(body)
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        place = chance.randrange(len(data)) if data else 0
        damage = chance.randrange(4)
        if damage == 0 or not data:
            data.insert(place, chance.randrange(256))
        elif damage == 1:
            data[place] ^= 1 << chance.randrange(8)
        elif damage == 2:
            data[place] = chance.randrange(256)
        else:
            del data[place]
    return bytes(data)
