"""Terminal profiles: how one kind of terminal speaks, as versioned data chosen when a terminal is registered.

What may live here: the table. What may not: code that knows a particular profile; behaviour follows the columns.

Public implementations of the terminal interface differ in key layout, MAC key length, PIN form and in where the payer's
code travels, so none of these may be a constant of the host.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from xiaopos.keys import KeyAlgorithm, MacKind, PinFormat
from xiaopos.wire.iso8583.payer_code import REGIONAL, UNIONPAY, PayerCodeDialect


class KeyLayout(Enum):
    """Which working keys the sign-in answer carries in field 62, by the network management code that asks for it."""

    SINGLE = "001"
    DOUBLE = "003"
    DOUBLE_WITH_TRACK = "004"


@dataclass(frozen=True, slots=True)
class TerminalProfile:
    """One way of speaking. `chinese` and `english` are what the console calls it; `payer_code` is None without a scanner."""

    name: str
    chinese: str
    english: str
    key_layout: KeyLayout
    mac_kind: MacKind
    mac_key: KeyAlgorithm
    pin_form: PinFormat
    payer_code: PayerCodeDialect | None


PROFILES: dict[str, TerminalProfile] = {
    profile.name: profile
    for profile in (
        TerminalProfile(
            "unionpay-3des-2012",
            "银联终端，双倍长密钥",
            "UnionPay terminal, double-length keys",
            KeyLayout.DOUBLE,
            MacKind.UNIONPAY_ECB,
            KeyAlgorithm.DES,
            PinFormat.ISO0,
            UNIONPAY,
        ),
        TerminalProfile(
            "unionpay-3des-track-2012",
            "银联终端，双倍长密钥与磁道密钥",
            "UnionPay terminal, double-length keys and a track key",
            KeyLayout.DOUBLE_WITH_TRACK,
            MacKind.UNIONPAY_ECB,
            KeyAlgorithm.DES,
            PinFormat.ISO0,
            UNIONPAY,
        ),
        TerminalProfile(
            "regional-qr-2020",
            "区域收单扫码终端",
            "Regional acquirer's QR terminal",
            KeyLayout.DOUBLE,
            MacKind.UNIONPAY_ECB,
            KeyAlgorithm.DES,
            PinFormat.ISO0,
            REGIONAL,
        ),
    )
}
"""Every profile by its name. A profile that terminals use is never changed; a new version gets a new name."""
