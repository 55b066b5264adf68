"""A message of every transaction that terminals send, QR sales in all three dialects, and answers of each kind.

What may live here: messages written out from the public descriptions of the interface. What may not: what tests expect of them.
"""

from __future__ import annotations

from xiaopos.wire.iso8583 import Message
from xiaopos.wire.iso8583.payer_code import DIALECTS, PayerCodeDialect

WHO: dict[int, str | bytes] = {41: "00000001", 42: "952718182217875"}
PAN = "6225561620345170"
TRACK = f"{PAN}=28121010000000000"
CHIP = bytes.fromhex(
    "9F2608A1A2A3A4A5A6A7A89F2701809F101307010103A0A000010A010000000000112233449F3704DEADBEEF9F3602001A9505000000000"
    "09A032611229C01009F02060000000012345F2A02015682027C009F1A0201569F03060000000000009F3303E0F0C8"
)
TAKEN_BACK = bytes.fromhex("95050000000000" + "9F3602001A" + "DF31052000000000")
"""Field 55 of a reversal."""
SCRIPTED = TAKEN_BACK + bytes.fromhex(
    "9F101307010103A0A000010A01000000000011223344" + "9F2608A1A2A3A4A5A6A7A8" + "82027C00" + "9F1A020156" + "9A03261122"
)
"""Field 55 of a notice that the issuer's script was run."""
ORIGINAL = "0000010001221122"
MAC = b"0A1B2C3D"
RID_LIST = bytes.fromhex("319F0605A0000003339F220102DF050420301231")
PUBLIC_KEY = bytes.fromhex("9F0605A0000003339F220102")
AID = bytes.fromhex("9F0608A000000333010101")
PARAMETERS = b"12601321400000000000000150000000000000016000000000000001700000000000000181" + b"22"
PARAMETERS += "小林茶铺".encode("gbk").ljust(40)
Parts = dict[str, str | bytes | None]


def managing(mti: str, network: str, *, kind: str = "00", **more: str | bytes) -> Message:
    """A message about the terminal itself; fields are named `f62=...`."""
    fields: dict[int, str | bytes] = {11: "000200", **WHO, 60: f"{kind}000001{network}"}
    return Message(mti, fields | {int(name[1:]): value for name, value in more.items()})


def moving(mti: str, processing: str, kind: str, **more: str | bytes | None) -> Message:
    """A message about money with a MAC; None leaves a field out."""
    fields: dict[int, str | bytes | None] = {
        3: processing, 4: "000000001234", 11: "000123", 22: "012", 25: "00", **WHO, 49: "156",
        60: f"{kind}00000100050", 63: "CUP", 64: MAC,
    }  # fmt: skip
    fields |= {int(name[1:]): value for name, value in more.items()}
    return Message(mti, {number: value for number, value in fields.items() if value is not None})


def code_sale(dialect: PayerCodeDialect, code: str = "990000000000000001") -> Message:
    """A sale by the customer's code, as a dialect sends it."""
    sent = dialect.fields(code, batch="000001", time="102030", date="261122", wallet="wechat")
    return Message("0200", moving("0200", "000000", "22", f22=None, f25=None, f63=None).fields | sent)


_KEYED: Parts = {"f2": PAN, "f14": "2812"}
_SWIPED: Parts = {
    "f22": "021",
    "f35": TRACK,
    "f26": "12",
    "f52": bytes.fromhex("1122334455667788"),
    "f53": "2600000000000000",
}
_INSERTED: Parts = {**_SWIPED, "f22": "051", "f2": PAN, "f23": "001", "f55": CHIP}
_TAPPED: Parts = {"f22": "072", "f2": PAN, "f23": "001", "f35": TRACK, "f55": CHIP}
_FOLLOWS: Parts = {**_KEYED, "f37": "123456789012", "f61": ORIGINAL}
_HELD: Parts = {**_KEYED, "f38": "A1B2C3", "f61": ORIGINAL, "f25": "06"}

REQUESTS: tuple[Message, ...] = (
    managing("0800", "001", f62=b"Sequence No123125ABCD1234", f63="01 "),
    managing("0800", "003", f62=b"Sequence No123125ABCD1234", f63="01 "),
    managing("0800", "004", f62=b"Sequence No123125ABCD1234", f63="01 "),
    *(managing("0820", network) for network in ("002", "401", "301", "362")),
    *(managing("0800", network) for network in ("101", "360", "361", "371", "381", "390", "391")),
    *(managing("0800", f"39{last}") for last in "456789"),
    managing("0820", "372", f62=b"100"),
    managing("0820", "382", f62=b"100"),
    managing("0800", "370", f62=PUBLIC_KEY),
    managing("0800", "380", f62=AID),
    managing("0820", "301", kind="07", f37="123456789012", f62=bytes(range(64)), f64=MAC),
    moving("0200", "310000", "01", f4=None, f63=None, **_SWIPED),
    moving("0200", "000000", "22", **_INSERTED),
    moving("0200", "000000", "22", **_TAPPED),
    moving("0200", "000000", "22", **_SWIPED, f36="996225561620345170=1561560000000000000"),
    moving("0200", "000000", "22", **_KEYED),
    moving("0200", "200000", "23", **_FOLLOWS),
    moving("0220", "200000", "25", **_FOLLOWS),
    moving("0100", "030000", "10", **_INSERTED | {"f25": "06"}),
    moving("0100", "200000", "11", **_HELD),
    moving("0200", "000000", "20", **_HELD),
    moving("0220", "000000", "24", **_HELD),
    moving("0200", "200000", "21", **_HELD, f37="123456789012"),
    moving("0400", "000000", "22", **_KEYED, f39="98", f55=TAKEN_BACK, f63=None),
    moving("0400", "200000", "23", **_KEYED, f39="A0", f61=ORIGINAL, f63=None),
    moving("0220", "000000", "30", **_KEYED, f38="A1B2C3"),
    moving("0220", "000000", "32", **_KEYED, f38="A1B2C3", f61=ORIGINAL),
    moving("0220", "000000", "34", **_KEYED, f38="A1B2C3", f48="000000000100", f61=ORIGINAL),
    moving("0200", "000000", "36", **_TAPPED, f58=bytes(range(40))),
    moving("0220", "200000", "27", **_FOLLOWS, f58=bytes(range(40))),
    moving("0200", "000000", "22", **_INSERTED | {"f25": "64"}, f62=b"12"),
    moving("0200", "200000", "23", **_FOLLOWS | {"f25": "64"}),
    moving("0200", "000000", "22", **_KEYED | {"f25": "08"}),
    moving("0200", "200000", "23", **_FOLLOWS | {"f25": "08"}),
    moving("0220", "200000", "25", **_FOLLOWS | {"f25": "08"}),
    moving("0220", "000000", "30", **_KEYED | {"f25": "64"}, f38="A1B2C3"),
    *(moving(mti, "310000", "01", **_KEYED | {"f25": "64"}) for mti in ("0100", "0200")),
    moving("0100", "030000", "10", **_KEYED | {"f25": "18"}),
    moving("0100", "200000", "11", **_HELD | {"f25": "18"}),
    moving("0200", "000000", "20", **_HELD | {"f25": "18"}),
    moving("0220", "000000", "24", **_HELD | {"f25": "18"}),
    moving("0200", "200000", "21", **_HELD | {"f25": "18"}, f37="123456789012"),
    moving("0220", "000000", "30", **_KEYED | {"f25": "08"}, f38="A1B2C3"),
    *(moving(mti, "310000", "01", **_KEYED | {"f25": "08"}) for mti in ("0100", "0200")),
    moving("0400", "000000", "22", **_KEYED | {"f25": "64"}, f39="98", f63=None),
    moving("0200", "280000", "22", **_SWIPED),
    moving("0200", "330000", "50", **_SWIPED),
    Message(
        "0620",
        {2: PAN, 4: "000000001234", 11: "000124", 22: "051", 23: "001", 32: "04880001", 37: "123456789012", **WHO,
         49: "156", 55: SCRIPTED, 60: "00000001951", 61: ORIGINAL, 64: MAC},
    ),
    managing("0500", "201", f48="0" * 62, f49="156", f63="01 "),
    managing("0320", "201", f48="02" + ("00000123" + PAN.zfill(20) + "000000001234") * 2),
    managing("0320", "202", f48="0002"),
    managing("0320", "207", f48="0002"),
    *(managing("0320", f"20{last}", f2=PAN, f4="000000001234", f22="051", f23="001", f55=CHIP) for last in "3456"),
    *(code_sale(dialect) for dialect in DIALECTS),
    moving("0200", "200000", "23", f22="032", f37="123456789012", f61=ORIGINAL, f63=None),
    *(moving("0200", f"7{kind}0000", "60", f22=None, f25=None, f44="002") for kind in "123"),
    moving("0200", "311000", "01", f37="123456789012"),
)  # fmt: skip
"""Every transaction of `meaning.TRANSACTIONS`, at least once."""


def answer(request: Message, **more: str | bytes) -> Message:
    """An approval that repeats what answers repeat."""
    kept = {number: request.fields[number] for number in (3, 4, 11, 25, 41, 42, 49, 60) if number in request.fields}
    fields = kept | {12: "180203", 13: "1122", 39: "00"} | {int(name[1:]): value for name, value in more.items()}
    if 64 in request.fields:
        fields[64] = MAC
    return Message(f"{request.mti[:2]}{int(request.mti[2]) + 1}{request.mti[3]}", fields)


def _first(mti: str, kind: str) -> Message:
    return next(each for each in REQUESTS if each.mti == mti and each.text(60).startswith(kind))


ANSWERS: tuple[Message, ...] = (
    answer(_first("0800", "00000001001"), f62=bytes(range(24))),
    answer(_first("0800", "00000001003"), f62=bytes(range(40))),
    answer(_first("0800", "00000001004"), f62=bytes(range(60))),
    answer(_first("0800", "00000001360"), f62=PARAMETERS),
    answer(_first("0820", "00000001372"), f62=RID_LIST),
    answer(_first("0200", "01"), f54="1002156C000000123456"),
    answer(
        _first("0200", "22"),
        f15="1123",
        f37="123456789012",
        f38="A1B2C3",
        f55=bytes.fromhex("910A11223344556677883030"),
    ),
    answer(_first("0220", "25"), f15="1123", f37="123456789012", f44="招商银行   小林茶铺   "),
    answer(_first("0100", "10"), f15="1123", f37="123456789012", f38="A1B2C3", f63="CUP" + "小林茶铺".ljust(16)),
    answer(_first("0400", "22"), f37="123456789012"),
    answer(_first("0500", "00"), f48="0" * 30 + "1" + "0" * 30 + "1"),
    answer(_first("0200", "26"), f15="1123", f37="123456789012"),
)
