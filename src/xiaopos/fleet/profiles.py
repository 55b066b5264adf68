"""Terminal profiles: how one kind of terminal speaks, as versioned data chosen when a terminal is registered.

What may live here: which of the wire room's interfaces the host serves, in the words of the keys room. What may not: the data
(`wire.iso8583.terminal_interfaces`), code that knows a particular profile; behaviour follows the columns.

Public implementations of the terminal interface differ in key layout, MAC key length, PIN form and in where the payer's
code travels, so none of these may be a constant of the host.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from xiaopos.keys import KeyAlgorithm, KeyUsage, MacKind, PinFormat
from xiaopos.keys.suites import Suite, SuiteName, suite_for
from xiaopos.wire.iso8583.payer_code import DIALECTS, PayerCodeDialect
from xiaopos.wire.iso8583.terminal_downloads import DOWNLOAD_DIALECTS, DownloadDialect
from xiaopos.wire.iso8583.terminal_interfaces import INTERFACES, KEY_LAYOUTS, TerminalInterface


class KeyLayout(Enum):
    """Which working keys the sign-in answer carries in field 62, by the network management code that asks for it."""

    SINGLE = "001"
    DOUBLE = "003"
    DOUBLE_WITH_TRACK = "004"

    @property
    def carries(self) -> frozenset[KeyUsage]:
        """What the keys are for.

        >>> KeyUsage.TDK in KeyLayout.DOUBLE.carries
        False
        """
        return frozenset(KeyUsage(name) for name, _ in KEY_LAYOUTS[self.value])


@dataclass(frozen=True, slots=True)
class TerminalProfile:
    """One way of speaking. `chinese` and `english` are what the console calls it; `payer_code` is None without a scanner.

    `suite` says which algorithms its keys, MACs and PIN blocks are of, `pin_cipher` how it names the PINs' (53.2), `downloads`
    how it is given lists and asked for something, `confirmed` whether a source was seen for all else.
    """

    name: str
    chinese: str
    english: str
    key_layout: KeyLayout
    suite: Suite
    pin_cipher: str
    payer_code: PayerCodeDialect | None
    downloads: DownloadDialect
    confirmed: bool

    @property
    def takes_pins(self) -> bool:
        """Whether a PIN may be typed on it: a single-length key protects none, its layout has room for no other."""
        return self.key_layout is not KeyLayout.SINGLE

    def working_keys(self) -> Mapping[KeyUsage, KeyAlgorithm]:
        """The keys that this terminal shares with us after sign-in: those of its suite that its layout has room for."""
        return {
            usage: algorithm
            for usage, algorithm in self.suite.working_keys().items()
            if usage in self.key_layout.carries and (self.takes_pins or usage is not KeyUsage.TPK)
        }


SUITE_WORDS: Mapping[SuiteName, tuple[str, str]] = {
    SuiteName.DES_MAC: ("密码和磁道用3DES，报文鉴别用单DES", "3DES for PINs and tracks, single DES for MACs"),
    SuiteName.TDES: ("密码、磁道和报文鉴别都用3DES", "3DES for PINs, tracks and MACs"),
    SuiteName.GM: ("国密 SM4", "Chinese national algorithms (SM4)"),
    SuiteName.AES: ("AES-128", "AES-128"),
}
"""What people call a suite, in Chinese and English."""


def _profile(row: TerminalInterface) -> TerminalProfile:
    dialects = {dialect.key: dialect for dialect in DIALECTS}
    return TerminalProfile(
        row.key,
        row.zh,
        row.en,
        KeyLayout(row.sign_in_code),
        suite_for(mac=KeyAlgorithm(row.mac_key), mac_kind=MacKind(row.mac_kind), pin_form=PinFormat(row.pin_form)),
        row.pin_cipher,
        dialects.get(row.payer_code),
        DOWNLOAD_DIALECTS[row.downloads],
        row.confirmed,
    )


_SERVED = (
    "unionpay-3des-2012",
    "unionpay-3des-track-2012",
    "unionpay-3des-mac-2012",
    "unionpay-des-2012",
    "regional-qr-2020",
    "unionpay-sm4-draft",
)

PROFILES: dict[str, TerminalProfile] = {name: _profile(INTERFACES[name]) for name in _SERVED}
"""The interfaces that the host serves, by name and version. One that terminals use is never changed; a new version is added."""
