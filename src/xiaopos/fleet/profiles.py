"""Terminal profiles: how one kind of terminal speaks, as versioned data chosen when a terminal is registered.

What may live here: which of the wire room's interfaces the host serves, in the words of the keys room. What may not: the data
(`wire.iso8583.terminal_interfaces`), code that knows a particular profile; behaviour follows the columns.

Public implementations of the terminal interface differ in key layout, MAC key length, PIN form and in where the payer's
code travels, so none of these may be a constant of the host.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from xiaopos.keys import KeyAlgorithm, MacKind, PinFormat
from xiaopos.wire.iso8583.payer_code import DIALECTS, PayerCodeDialect
from xiaopos.wire.iso8583.terminal_interfaces import INTERFACES, TerminalInterface


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


def _profile(row: TerminalInterface) -> TerminalProfile:
    dialects = {dialect.key: dialect for dialect in DIALECTS}
    return TerminalProfile(
        row.key,
        row.zh,
        row.en,
        KeyLayout(row.sign_in_code),
        MacKind(row.mac_kind),
        KeyAlgorithm(row.mac_key),
        PinFormat(row.pin_form),
        dialects.get(row.payer_code),
    )


_SERVED = ("unionpay-3des-2012", "unionpay-3des-track-2012", "regional-qr-2020")

PROFILES: dict[str, TerminalProfile] = {name: _profile(INTERFACES[name]) for name in _SERVED}
"""The interfaces that the host serves, by name and version. One that terminals use is never changed; a new version is added."""
