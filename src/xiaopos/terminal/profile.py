"""What differs between terminals and dialects, as data: header, sign-in form, retries.

What may live here: the profiles this device speaks and the identity of one device. What may not: code that branches on a name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo

from xiaopos.keys import KeyAlgorithm, MacKind, PinFormat
from xiaopos.keys.suites import Suite, suite_for
from xiaopos.wire.iso8583.terminal_downloads import DOWNLOAD_DIALECTS, DownloadDialect
from xiaopos.wire.iso8583.terminal_interfaces import INTERFACES, KEY_LAYOUTS

_SPOKEN = (
    "unionpay-3des-2012",
    "unionpay-3des-track-2012",
    "unionpay-3des-mac-2012",
    "unionpay-des-2012",
    "unionpay-sm4-draft",
)
_USUAL = suite_for(mac=KeyAlgorithm.DES, mac_kind=MacKind.UNIONPAY_ECB, pin_form=PinFormat.ISO0)
_TERMINAL = re.compile(r"[0-9A-Z]{8}")
_MERCHANT = re.compile(r"[0-9A-Z]{15}")


@dataclass(frozen=True, slots=True)
class Profile:
    """One dialect of the terminal interface.

    `tpdu` and `header` are the first 11 bytes of a frame as sent. `sign_in_code` is field 60.3 of the sign-in: 001 single
    length keys, 003 double length, 004 double length with a track key. `suite` says which algorithms its keys, MACs and PIN
    blocks are of, `pin_cipher` how field 53 names the PIN's (53.2). `reversal_tries` is how often an owed message is
    sent before it is put aside as unresolved. `downloads` says how lists travel and what the header's processing request means.
    `zone` is the terminal's local time.
    """

    name: str
    tpdu: bytes = bytes.fromhex("6000030000")
    header: bytes = bytes.fromhex("603210320001")
    sign_in_code: str = "003"
    licence: str = "3125"
    suite: Suite = _USUAL
    pin_cipher: str = "6"
    pin_length: int = 12
    reversal_tries: int = 3
    currency: str = "156"
    downloads: DownloadDialect = DOWNLOAD_DIALECTS["unionpay-2012"]
    zone: tzinfo = timezone(timedelta(hours=8), "Asia/Shanghai")

    def __post_init__(self) -> None:
        if self.sign_in_code not in KEY_LAYOUTS:
            raise ValueError(f"sign-in code must be one of {', '.join(KEY_LAYOUTS)}, got {self.sign_in_code}")
        if len(self.tpdu) != 5 or len(self.header) != 6:
            raise ValueError("a TPDU has 5 bytes and a header 6")


PROFILES: dict[str, Profile] = {
    key: Profile(
        key,
        header=bytes.fromhex(row.header),
        sign_in_code=row.sign_in_code,
        licence=row.licence,
        suite=suite_for(
            mac=KeyAlgorithm(row.mac_key), mac_kind=MacKind(row.mac_kind), pin_form=PinFormat(row.pin_form)
        ),
        pin_cipher=row.pin_cipher,
        downloads=DOWNLOAD_DIALECTS[row.downloads],
    )
    for key, row in ((key, INTERFACES[key]) for key in _SPOKEN)
}
"""The interfaces that this device speaks, by name and version."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Which terminal this is: its 8-character id, its merchant's 15, and the serial number of the device.

    Raises ValueError for ids of another form.
    """

    terminal_id: str
    merchant_id: str
    serial: str = "00000001"

    def __post_init__(self) -> None:
        if _TERMINAL.fullmatch(self.terminal_id) is None:
            raise ValueError("a terminal id is 8 digits or capital letters")
        if _MERCHANT.fullmatch(self.merchant_id) is None:
            raise ValueError("a merchant id is 15 digits or capital letters")
        if not (len(self.serial) == 8 and self.serial.isascii() and self.serial.isalnum()):
            raise ValueError("a serial number here is 8 letters and digits")
