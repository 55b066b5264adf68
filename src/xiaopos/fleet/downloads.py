"""What terminals are given to download: dated rows, and which of them stand for a terminal on a day.

What may live here: the rows, choosing among them, what makes a row acceptable. What may not: how a list travels (wire), storage.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from xiaopos.wire.emv import tlv
from xiaopos.wire.iso8583.terminal_downloads import APPLICATION_NAME, PUBLIC_KEY_NAME, name_in, parameter_list
from xiaopos.wire.malformed import Malformed

SHA1_OVER_RSA = (b"\x01", b"\x01")
"""The hash and the algorithm (DF06, DF07) whose checksum we can check; keys of others are taken as they come."""


class DownloadKind(Enum):
    """The lists that a terminal downloads."""

    PARAMETERS = "parameters"
    PUBLIC_KEYS = "public_keys"
    """The card networks' public keys for chips (IC卡公钥, CAPK)."""
    CHIP_PARAMETERS = "chip_parameters"
    """Applications on chips and how to treat them (IC卡参数, AID)."""
    BLACKLIST = "blacklist"
    """Beginnings of card numbers that are not taken (卡BIN黑名单)."""


@dataclass(frozen=True, slots=True)
class DownloadRow:
    """One entry of a list, valid from a day until a newer row with the same key.

    `profile` is the terminals' that it is for, empty for all. `content` is hex for the chip's lists, the value itself for a
    parameter, and the card number's beginning for the blacklist; empty once the entry is withdrawn.
    """

    kind: DownloadKind
    key: str
    profile: str
    valid_from: date
    content: str

    @property
    def data(self) -> bytes:
        """The content of a chip's list as bytes."""
        return bytes.fromhex(self.content)


def standing(rows: Iterable[DownloadRow], profile: str, on: date) -> tuple[DownloadRow, ...]:
    """The rows that stand for terminals of a profile on a day, by key: its own rows before those for all, the newest first."""
    best: dict[str, DownloadRow] = {}
    for row in rows:
        if row.valid_from > on or row.profile not in ("", profile):
            continue
        known = best.get(row.key)
        if known is None or (bool(row.profile), row.valid_from) > (bool(known.profile), known.valid_from):
            best[row.key] = row
    return tuple(best[key] for key in sorted(best) if best[key].content)


def key_of_entry(entry: bytes, kind: DownloadKind) -> str:
    """The key of a chip list's entry, or of a name that a terminal fetches it by: provider and index, or the application.

    Raises Malformed.
    """
    tags = PUBLIC_KEY_NAME[:2] if kind is DownloadKind.PUBLIC_KEYS else APPLICATION_NAME
    objects = tlv.parse(name_in(entry, tags), field=62)
    return "".join(each.value.hex().upper() for each in objects)


def fault_of(row: DownloadRow) -> str:
    """What makes a row unfit to be given to terminals, in one English sentence; empty when nothing does."""
    if not row.content:
        return ""
    if row.kind is DownloadKind.BLACKLIST:
        fits = row.key == row.content and row.content.isdigit() and 6 <= len(row.content) <= 12
        return "" if fits else "the beginning of a card number has 6 to 12 digits and is its own key"
    try:
        if row.kind is DownloadKind.PARAMETERS:
            parameter_list({row.key: row.content})
            return ""
        entry = row.data
        if key_of_entry(entry, row.kind) != row.key:
            return "the key is not the entry's own"
    except (Malformed, ValueError) as error:
        return str(error)
    return _checksum_fault(entry) if row.kind is DownloadKind.PUBLIC_KEYS else ""


def _checksum_fault(entry: bytes) -> str:
    found = tlv.firsts(tlv.parse(entry, field=62))
    for tag in ("DF05", "DF02", "DF04"):
        if tag not in found:
            return f"the public key lacks tag {tag}"
    if (found.get("DF06"), found.get("DF07")) != SHA1_OVER_RSA:
        return ""
    covered = found["9F06"] + found["9F22"] + found["DF02"] + found["DF04"]
    right = hashlib.sha1(covered, usedforsecurity=False).digest()
    return "" if found.get("DF03") == right else "the public key's checksum (DF03) is wrong"
