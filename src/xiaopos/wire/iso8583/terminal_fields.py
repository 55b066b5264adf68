"""Sub-fields of UnionPay terminal messages: what stands inside fields 22, 48, 53, 60, 61 and 62.

What may live here: small values that the host and the terminal read from a field, compute with and write to it, with as
little work as that takes. What may not: tables of all parts and their meanings (terminal_parts, terminal_codes), payment
codes (payer_code), decrypting anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xiaopos.wire.malformed import Malformed


def _digits(text: str, lengths: tuple[int, ...], field: int) -> str:
    if not text.isascii() or (text and not text.isdigit()):
        raise Malformed(field, None, "digits", "another character")
    if len(text) not in lengths:
        raise Malformed(field, len(text), f"{' or '.join(str(n) for n in lengths)} digits", str(len(text)))
    return text


@dataclass(frozen=True, slots=True)
class EntryMode:
    """Field 22: how the card or code was read (2 digits, terminal_codes.ENTRY_MODES), and whether a PIN was entered (1 digit)."""

    how: str
    pin: str

    @classmethod
    def parse(cls, text: str) -> EntryMode:
        """From 3 digits. Raises Malformed."""
        _digits(text, (3,), 22)
        return cls(text[:2], text[2])

    def text(self) -> str:
        """The 3 digits."""
        return self.how + self.pin

    @property
    def has_pin(self) -> bool:
        """Whether the message carries a PIN."""
        return self.pin == "1"


@dataclass(frozen=True, slots=True)
class SecurityControl:
    """Field 53: PIN block format, its cipher, whether the tracks are encrypted, 13 more digits."""

    pin_format: str
    cipher: str
    track_encrypted: bool = False
    rest: str = "0000000000000"

    @classmethod
    def parse(cls, text: str) -> SecurityControl:
        """From 16 digits. Raises Malformed, also for a third digit that is neither 0 nor 1."""
        _digits(text, (16,), 53)
        if text[2] not in "01":
            raise Malformed(53, 2, "0 or 1", text[2], "53.3")
        return cls(text[0], text[1], text[2] == "1", text[3:])

    def text(self) -> str:
        """The 16 digits."""
        return f"{self.pin_format}{self.cipher}{int(self.track_encrypted)}{self.rest}"


@dataclass(frozen=True, slots=True)
class Field60:
    """Field 60: what kind of transaction, in which batch, on which terminal.

    60.1 type 2, 60.2 batch 6, 60.3 network code 3, 60.4 reading capability 1, 60.5 chip condition 1, 60.6 partial
    approval 1, 60.7 account type 3, then what a dialect adds. Management messages end after 60.3; what is absent is empty.
    """

    transaction_type: str
    batch: str
    network_code: str = "000"
    reading: str = ""
    chip_condition: str = ""
    partial_approval: str = ""
    account_type: str = ""
    rest: str = ""

    @classmethod
    def parse(cls, text: str) -> Field60:
        """From 11 to 19 digits. Raises Malformed."""
        _digits(text, tuple(range(11, 20)), 60)
        return cls(text[:2], text[2:8], text[8:11], text[11:12], text[12:13], text[13:14], text[14:17], text[17:])

    def text(self) -> str:
        """The digits. Raises Malformed when they are not 11 to 19."""
        tail = self.reading + self.chip_condition + self.partial_approval + self.account_type + self.rest
        return _digits(self.transaction_type + self.batch + self.network_code + tail, tuple(range(11, 20)), 60)

    @property
    def batch_number(self) -> int:
        """The batch as a number."""
        return int(self.batch)


@dataclass(frozen=True, slots=True)
class Field61:
    """Field 61, the original transaction: batch 6, STAN 6, date MMDD 4, authorisation mode 2, authorising organisation 11.

    The last three may be absent, from the end on; then they are empty.
    """

    batch: str
    stan: str
    date: str = ""
    authorisation_mode: str = ""
    organisation: str = ""

    @classmethod
    def parse(cls, text: str) -> Field61:
        """From 12, 16, 18 or 29 digits. Raises Malformed."""
        _digits(text, (12, 16, 18, 29), 61)
        return cls(text[:6], text[6:12], text[12:16], text[16:18], text[18:])

    def text(self) -> str:
        """The digits. Raises Malformed when they are not 12, 16, 18 or 29."""
        digits = self.batch + self.stan + self.date + self.authorisation_mode + self.organisation
        return _digits(digits, (12, 16, 18, 29), 61)


@dataclass(frozen=True, slots=True)
class Totals:
    """One half of the totals. `flag` is the host's verdict in an answer (terminal_codes.BALANCE_FLAGS), 0 in a request."""

    debit_minor: int = 0
    debit_count: int = 0
    credit_minor: int = 0
    credit_count: int = 0
    flag: str = "0"


@dataclass(frozen=True, slots=True)
class SettlementTotals:
    """Field 48 of 0500 and 0510, 62 digits: for domestic cards and then foreign cards

    `debit amount 12 | debit count 3 | credit amount 12 | credit count 3 | flag 1`. Amounts are minor units.
    """

    domestic: Totals
    foreign: Totals = Totals()

    @classmethod
    def parse(cls, text: str) -> SettlementTotals:
        """From 62 digits. Raises Malformed."""
        _digits(text, (62,), 48)
        halves = [
            Totals(int(half[:12]), int(half[12:15]), int(half[15:27]), int(half[27:30]), half[30])
            for half in (text[:31], text[31:])
        ]
        return cls(*halves)

    def text(self) -> str:
        """The 62 digits. Raises Malformed when an amount or a count does not fit."""
        halves = [
            f"{half.debit_minor:012d}{half.debit_count:03d}{half.credit_minor:012d}{half.credit_count:03d}{half.flag}"
            for half in (self.domestic, self.foreign)
        ]
        return _digits("".join(halves), (62,), 48)


@dataclass(frozen=True, slots=True, repr=False)
class BatchDetail:
    """One detail of a batch upload (0320, 60.3 = 201): `card kind 2 | STAN 6 | PAN 20 | amount 12` digits.

    `foreign` says that the card is of a foreign scheme (01). The repr shows no card number.
    """

    foreign: bool
    stan: int
    pan: str
    amount_minor: int

    def __repr__(self) -> str:
        return f"BatchDetail({self.stan:06d}, {self.amount_minor})"

    @classmethod
    def parse_all(cls, text: str) -> tuple[BatchDetail, ...]:
        """Field 48: `count 2` and as many details. Raises Malformed when the count and the length differ."""
        count = int(text[:2]) if text[:2].isascii() and text[:2].isdigit() else -1
        _digits(text, (2 + 40 * count,), 48)
        return tuple(
            cls(part[:2] == "01", int(part[2:8]), part[8:28].lstrip("0"), int(part[28:]))
            for part in (text[2 + 40 * place : 42 + 40 * place] for place in range(count))
        )

    @classmethod
    def text_of(cls, details: Sequence[BatchDetail]) -> str:
        """Field 48 for up to 8 details. Raises Malformed for more, and for what does not fit."""
        rows = [f"{int(one.foreign):02d}{one.stan:06d}{one.pan.zfill(20)}{one.amount_minor:012d}" for one in details]
        if len(details) > 8:
            raise Malformed(48, None, "at most 8 details", str(len(details)))
        return _digits(f"{len(details):02d}{''.join(rows)}", (2 + 40 * len(details),), 48)


@dataclass(frozen=True, slots=True, repr=False)
class WorkingKeys:
    """Field 62 of a sign-in answer: working keys encrypted under the terminal's master key, each with its check value.

    By length: 24 bytes `PIK 8 | check 4 | MAK 8 | check 4`; 40 bytes with 16-byte slots; 60 bytes with a track key in a
    third slot. A MAK of 8 bytes in a 16-byte slot is followed by eight 00. Track key and check are empty when absent.
    The repr shows check values only.
    """

    pin_key: bytes
    pin_check: bytes
    mac_key: bytes
    mac_check: bytes
    track_key: bytes = b""
    track_check: bytes = b""

    def __repr__(self) -> str:
        checks = (self.pin_check, self.mac_check, self.track_check)
        return f"WorkingKeys(checks {' '.join(check.hex().upper() for check in checks)})"

    @classmethod
    def parse(cls, data: bytes) -> WorkingKeys:
        """From 24, 40 or 60 bytes. Raises Malformed for any other length."""
        if len(data) == 24:
            return cls(data[:8], data[8:12], data[12:20], data[20:])
        if len(data) not in (40, 60):
            raise Malformed(62, len(data), "24, 40 or 60 bytes of keys", f"{len(data)} bytes")
        mac_key = data[20:28] if data[28:36] == bytes(8) else data[20:36]
        return cls(data[:16], data[16:20], mac_key, data[36:40], data[40:56], data[56:])

    def encode(self) -> bytes:
        """The 24, 40 or 60 bytes. Raises Malformed when the parts have not a layout's lengths."""
        single = len(self.pin_key) == 8
        mac_key = self.mac_key if single else self.mac_key.ljust(16, b"\0")
        data = self.pin_key + self.pin_check + mac_key + self.mac_check + self.track_key + self.track_check
        if (len(self.pin_check), len(self.mac_check)) != (4, 4) or len(data) not in ((24,) if single else (40, 60)):
            raise Malformed(62, None, "24, 40 or 60 bytes of keys", f"{len(data)} bytes")
        return data


WORKING_KEY_BYTES: dict[str, int] = {"001": 24, "003": 40, "004": 60}
"""Network code (60.3) of a sign-in -> length of field 62 in its answer."""


@dataclass(frozen=True, slots=True)
class SignInDevice:
    """Field 62 of a sign-in request, 25 bytes: `Sequence No`, `12`, network licence 4, serial number 8."""

    licence: str
    serial: str

    @classmethod
    def parse(cls, data: bytes) -> SignInDevice:
        """From the 25 bytes. Raises Malformed."""
        text = data.decode("latin-1")
        if len(text) != 25 or not text.startswith(_SEQUENCE) or not (text.isascii() and text.isprintable()):
            raise Malformed(62, 0, "25 bytes that begin `Sequence No12`", f"{len(data)} bytes")
        return cls(text[13:17], text[17:])

    def encode(self) -> bytes:
        """The 25 bytes. Raises Malformed when the licence is not 4 characters of ASCII, or the serial number not 8."""
        text = f"{_SEQUENCE}{self.licence}{self.serial}"
        if (len(self.licence), len(self.serial)) != (4, 8) or not (text.isascii() and text.isprintable()):
            raise Malformed(62, None, "a licence of 4 and a serial number of 8 characters", "others")
        return text.encode("ascii")


_SEQUENCE = "Sequence No12"
