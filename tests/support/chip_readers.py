"""Every reader of chip data and payers' codes with something sound to read: what property tests and the fuzzer throw damage at.

What may live here: the readers by name. What may not: what is thrown, and what must hold then.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable

from support.chip_samples import WHOLE_CHIP, published
from xiaopos.wire.emv import bits, cvm, issuer_data, lists, tlv
from xiaopos.wire.emv import values as single
from xiaopos.wire.emv.describing import describe
from xiaopos.wire.qr import consumer_presented

READERS: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "chip": (describe, WHOLE_CHIP),
    "chip with FF": (lambda data: tlv.parse(data, ff_is_filler=True), WHOLE_CHIP),
    "DOL": (lists.parse_dol, bytes.fromhex("9F02069F03069F1A0295055F2A029A039C019F37049F4E14")),
    "AFL": (lists.parse_afl, bytes.fromhex("0801020110010300")),
    "CVM list": (cvm.CvmList.parse, bytes.fromhex("000003E8000000005E0342031F03")),
    "CVM results": (cvm.CvmResults.parse, bytes.fromhex("420300")),
    "9F10": (
        lambda data: issuer_data.parse_issuer_data(data).words(),
        bytes.fromhex("07000103A0000001083939393939393939"),
    ),
    "9F27": (lambda data: issuer_data.CryptogramInformation.parse(data).words(), b"\x80"),
    "91": (issuer_data.IssuerAuthentication.parse, bytes.fromhex("11223344556677883030")),
    "57": (single.Track2.parse, bytes.fromhex("6225561620345170D28122010000000000")),
    "9A": (lambda data: single.read_date(data, "9A"), bytes.fromhex("261123")),
    "9F21": (lambda data: single.read_time(data, "9F21"), bytes.fromhex("235959")),
    "9F02": (lambda data: single.read_amount(data, "9F02"), bytes.fromhex("000000001250")),
    "TVR": (bits.TVR.read, bytes(5)),
    "card code": (
        lambda data: consumer_presented.parse_code(b64encode(data).decode()),
        bytes.fromhex(published("emvco_cpm.json")["codes"][2]["hex"]),
    ),
    "card code's text": (
        lambda data: consumer_presented.parse_code(data.decode("latin-1")),
        published("emvco_cpm.json")["codes"][1]["text"].encode(),
    ),
}
