"""What card and issuer say to each other through the terminal: 9F27, 9F10, 91 and script commands, taken apart.

What may live here: their layouts, per card standard, each with what it stands on. What may not: computing or checking a
cryptogram (the keys room).

    9F27   b8-b7 kind of cryptogram | b6-b5 scheme | b4 advice | b3-b1 reason       EMV book 3, 6.5.5.4
    9F10   PBOC    07 | key index | version | CVR 4 (03 ...) | algorithm | length | issuer's own
           VSDC    06 | key index | version | CVR 4 (03 ...) | length | issuer's own          (formats 0, 1, 3)
           VSDC    1F | version | key index | CVR 5 | issuer's own to 32 bytes               (formats 2, 4)
           M/Chip  key index | version | CVR 6 | DAC or dynamic number 2 | counters 8 ...     (18, 20, 26 or 28 bytes)
           CCD     0F | A5 or A6 | key index | CVR 5 | counters 8 | 0F | issuer's own 15      (32 bytes)
    91     ARPC 8 | response code 2 (method 1)      ARPC 4 | status update 4 | 0-8 (method 2)   EMV book 2, 8.2
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from xiaopos.wire.emv.card_results import CCD, LONG, MCHIP, SHORT, ResultTable
from xiaopos.wire.emv.codes import Words
from xiaopos.wire.malformed import Malformed

CRYPTOGRAMS: Mapping[int, Words] = MappingProxyType(
    {
        0: ("拒绝 AAC", "AAC: declined"),
        1: ("脱机批准 TC", "TC: approved"),
        2: ("请求联机 ARQC", "ARQC: asks the issuer"),
    }
)
REASONS: Mapping[int, Words] = MappingProxyType(
    {
        0: ("无信息", "no information given"),
        1: ("服务不允许", "service not allowed"),
        2: ("PIN重试次数超限", "PIN try limit exceeded"),
        3: ("发卡行认证失败", "issuer authentication failed"),
    }
)
_RFU: Words = ("保留", "RFU")


@dataclass(frozen=True, slots=True)
class CryptogramInformation:
    """Tag 9F27: which cryptogram 9F26 is, and why."""

    byte: int

    @classmethod
    def parse(cls, value: bytes) -> CryptogramInformation:
        """Reads tag 9F27. Raises Malformed for another size than 1 byte."""
        if len(value) != 1:
            raise Malformed(None, min(len(value), 1), "1 byte", str(len(value)), "9F27")
        return cls(value[0])

    @property
    def kind(self) -> str:
        """`AAC`, `TC`, `ARQC` or `RFU`."""
        return ("AAC", "TC", "ARQC", "RFU")[self.byte >> 6]

    @property
    def advice(self) -> bool:
        """Whether the card asks for an advice."""
        return bool(self.byte & 0x08)

    def words(self) -> list[Words]:
        """The kind, then advice and reason where they are given.

        >>> CryptogramInformation.parse(b"\\x80").words()
        [('请求联机 ARQC', 'ARQC: asks the issuer')]
        """
        words = [CRYPTOGRAMS.get(self.byte >> 6, _RFU)]
        if self.advice:
            words.append(("要求通知", "advice required"))
        if self.byte & 0x07:
            words.append(REASONS.get(self.byte & 0x07, _RFU))
        return words


class IssuerFormat(Enum):
    """Whose layout 9F10 has."""

    PBOC = "PBOC"
    VSDC = "VSDC"
    VSDC_LONG = "VSDC 2/4"
    MCHIP = "M/Chip"
    CCD = "CCD"


ALGORITHMS: Mapping[int, Words] = MappingProxyType({0x01: ("3DES", "TDES"), 0x04: ("SM4(未证实)", "SM4 (unconfirmed)")})
"""The algorithm of PBOC's 9F10: 01 as in a published UnionPay code; 04 from memory."""

RESULTS: Mapping[IssuerFormat, ResultTable] = MappingProxyType(
    {
        IssuerFormat.PBOC: SHORT,
        IssuerFormat.VSDC: SHORT,
        IssuerFormat.VSDC_LONG: LONG,
        IssuerFormat.MCHIP: MCHIP,
        IssuerFormat.CCD: CCD,
    }
)
"""The card verification results of each layout."""

OWN_DATA: Mapping[int, Words] = MappingProxyType(
    {
        1: ("电子现金余额", "electronic cash balance"),
        2: ("累计交易总额", "cumulative total transaction amount"),
        3: ("电子现金余额和累计交易总额", "electronic cash balance and cumulative total"),
        4: ("累计交易总额及其限额", "cumulative total transaction amount and its limit"),
        5: ("可用脱机消费金额", "available offline spending amount"),
    }
)
"""The first byte of the issuer's own data of PBOC cards."""

SOURCES: Mapping[IssuerFormat, str] = MappingProxyType(
    {
        IssuerFormat.PBOC: "layout met in a published UnionPay code; SM4's algorithm number unconfirmed",
        IssuerFormat.VSDC: "open tag lists (Visa card specification 1.4, contactless 2.1)",
        IssuerFormat.VSDC_LONG: "open tag lists (formats 2 and 4)",
        IssuerFormat.MCHIP: "open tag lists (M/Chip 4)",
        IssuerFormat.CCD: "EMV book 3 annex C9",
    }
)
"""What each layout stands on."""


@dataclass(frozen=True, slots=True)
class IssuerData:
    """Tag 9F10 taken apart: `version` is the cryptogram version number, `results` the card verification results (CVR)
    without their length byte, `rest` what is behind them (counters, the issuer's own)."""

    format: IssuerFormat
    key_index: int
    version: int
    results: bytes
    algorithm: int | None
    rest: bytes

    def words(self) -> list[Words]:
        """Layout, version and key, algorithm, what the card verification results say, and what the issuer's own data is."""
        words = [
            (
                f"{self.format.value} 格式, 密文版本 {self.version:02X}, 密钥索引 {self.key_index:02X}",
                f"{self.format.value} layout, cryptogram version {self.version:02X}, key index {self.key_index:02X}",
            )
        ]
        if self.algorithm is not None:
            zh, en = ALGORITHMS.get(self.algorithm, (f"未知 {self.algorithm:02X}", f"unknown {self.algorithm:02X}"))
            words.append((f"算法 {zh}", f"algorithm {en}"))
        words += RESULTS[self.format].words(self.results)
        if self.format is IssuerFormat.PBOC and self.rest[:1] and self.rest[0] in OWN_DATA:
            zh, en = OWN_DATA[self.rest[0]]
            words.append((f"发卡行自定义数据: {zh}", f"issuer's own data: {en}"))
        return words


def parse_issuer_data(value: bytes) -> IssuerData:
    """Tag 9F10 by the layout that its first byte and size tell.

    Raises Malformed over 32 bytes, for a layout that none of the known ones is, and for card verification results or the
    issuer's own data that do not end where their length says.

    >>> parse_issuer_data(bytes.fromhex("07000103A00000010839393939" + "39393939")).version
    1
    """
    if len(value) > 32:
        raise Malformed(None, 32, "at most 32 bytes", str(len(value)), "9F10")
    if len(value) == 32 and value[0] == 0x0F == value[16] and value[1] >> 4 == 0x0A:
        return IssuerData(IssuerFormat.CCD, value[2], value[1], value[3:8], None, value[8:16] + value[17:])
    if len(value) == 32 and value[0] == 0x1F:
        return IssuerData(IssuerFormat.VSDC_LONG, value[2], value[1], value[3:8], None, value[8:])
    if len(value) >= 7 and value[0] in (6, 7) and value[3] == 3 and len(value) > value[0]:
        return _with_length(value)
    if len(value) in (18, 20, 26, 28) and value[1] >> 4 == 1:
        return IssuerData(IssuerFormat.MCHIP, value[0], value[1], value[2:8], None, value[8:])
    raise Malformed(None, 0, "the layout of PBOC, VSDC, M/Chip or CCD", f"another of {len(value)} bytes", "9F10")


def _with_length(value: bytes) -> IssuerData:
    size = value[0]
    own = value[size + 1 :]
    if own and own[0] != len(own) - 1:
        raise Malformed(None, size + 1, f"the issuer's own data of {own[0]} bytes", f"{len(own) - 1}", "9F10")
    algorithm = value[7] if size == 7 else None
    kind = IssuerFormat.VSDC if size == 6 else IssuerFormat.PBOC
    return IssuerData(kind, value[1], value[2], value[4:7], algorithm, own[1:])


@dataclass(frozen=True, slots=True, repr=False)
class IssuerAuthentication:
    """Tag 91: the issuer's cryptogram `arpc` and what it covers: a response code (method 1) or a status update and the
    issuer's own data (method 2). The repr shows no value."""

    method: int
    arpc: bytes
    response_code: str = ""
    status_update: bytes = b""
    own: bytes = b""

    def __repr__(self) -> str:
        return f"IssuerAuthentication(method {self.method})"

    @classmethod
    def parse(cls, value: bytes) -> IssuerAuthentication:
        """Reads tag 91; 10 bytes that end in two letters or digits are method 1, all others method 2.

        Raises Malformed under 8 bytes and over 16.
        """
        if not 8 <= len(value) <= 16:
            raise Malformed(None, len(value), "8 to 16 bytes", str(len(value)), "91")
        code = value[8:].decode("latin-1")
        if len(value) == 10 and code.isascii() and code.isalnum():
            return cls(1, value[:8], response_code=code)
        return cls(2, value[:4], status_update=value[4:8], own=value[8:])
