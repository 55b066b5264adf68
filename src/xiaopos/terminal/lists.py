"""What a terminal has downloaded, as values: its lists with their versions, a fetch under way, and what parameters say.

What may live here: those values, reading a list's entries, judging a public key's checksum. What may not: the order of messages
(fetching), what a list forbids (device).

The interface gives lists no version, so the terminal computes one of what it holds: two terminals that tell the same version hold
the same list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from xiaopos.wire.emv import tlv
from xiaopos.wire.iso8583 import Malformed
from xiaopos.wire.iso8583.subfields import read_parts
from xiaopos.wire.iso8583.terminal_parts import PARAMETERS

F62 = 62
VERSION_DIGITS = 8
NO_VERSION = "-"
_SHA1_OVER_RSA = (b"\x01", b"\x01")
_PHONES = ("14", "15", "16")


class ListKind(Enum):
    """The lists that a terminal fetches; the values are also what the host's processing request is called by."""

    PARAMETERS = "parameters"
    PUBLIC_KEYS = "public_keys"
    CHIP_PARAMETERS = "chip_parameters"
    BLACKLIST = "blacklist"


@dataclass(frozen=True, slots=True)
class KeptList:
    """A list as a terminal holds it. `fetched_on` is the host's MMDDhhmmss; entries are hex for the chip's lists, tag and value
    for parameters, the beginnings of card numbers for the blacklist."""

    kind: str
    entries: tuple[str, ...]
    fetched_on: str = ""

    @property
    def version(self) -> str:
        """A fingerprint of the entries, whatever their order; `-` for an empty list."""
        if not self.entries:
            return NO_VERSION
        together = "\n".join(sorted(self.entries)).encode("utf-8")
        return hashlib.sha256(together).hexdigest()[:VERSION_DIGITS]


@dataclass(frozen=True, slots=True)
class Fetch:
    """A fetch under way: the names heard so far (hex, of the chip's lists), whether those are all, the entries.

    `whole` is set when every entry is here: then only the end is left to be told.
    """

    kind: str
    names: tuple[str, ...] = ()
    named: bool = False
    entries: tuple[str, ...] = ()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """What the downloaded parameters say, as far as this device follows them; None for what they leave open.

    `answer_wait_s` is how long to wait for an answer, `tip_percent` the share that tips may take (0: none are taken),
    `resends` how often an owed message is sent again.
    """

    answer_wait_s: int | None = None
    tip_percent: int | None = None
    resends: int | None = None
    auto_sign_off: bool = False
    merchant_name: str = ""
    phones: tuple[str, ...] = ()
    manager_phone: str = ""


def settings_of(entries: Iterable[str]) -> Settings:
    """The settings in a list of parameters.

    >>> settings_of(("1260", "181", "1915")).tip_percent
    15
    """
    values = {entry[:2]: entry[2:] for entry in entries}
    return Settings(
        answer_wait_s=_number(values.get("12")) or None,
        tip_percent=0 if values.get("18") == "0" else _number(values.get("19")),
        resends=_number(values.get("23")),
        auto_sign_off=values.get("21") == "1",
        merchant_name=values.get("22", ""),
        phones=tuple(values[tag] for tag in _PHONES if values.get(tag)),
        manager_phone=values.get("17", ""),
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None


def parameter_entries(raw: bytes) -> tuple[str, ...]:
    """The parameters in field 62, each as its tag and its value without filling. Raises Malformed."""
    return tuple(f"{each.tag}{_shown(each.value)}" for each in read_parts(PARAMETERS, raw, field=F62))


def _shown(value: str | bytes) -> str:
    return value.hex().upper() if isinstance(value, bytes) else value.strip()


def checked_entry(kind: ListKind, name: bytes, entry: bytes) -> str:
    """An entry of a chip's list as hex, if it is the one that was asked for and a public key's checksum is right.

    Raises Malformed.
    """
    found = tlv.firsts(tlv.parse(entry, field=F62))
    if any(found.get(tag) != value for tag, value in tlv.firsts(tlv.parse(name, field=F62)).items()):
        raise Malformed(F62, 1, "the entry that was asked for", "another")
    if kind is ListKind.PUBLIC_KEYS:
        _check_key(found)
    return entry.hex().upper()


def _check_key(found: dict[str, bytes]) -> None:
    """Raises Malformed for a wrong checksum (DF03, SHA-1). Keys of other algorithms are taken as they come."""
    for tag in ("9F06", "9F22", "DF02", "DF04"):
        if tag not in found:
            raise Malformed(F62, None, f"tag {tag}", "nothing", tag)
    if (found.get("DF06"), found.get("DF07")) != _SHA1_OVER_RSA:
        return
    covered = found["9F06"] + found["9F22"] + found["DF02"] + found["DF04"]
    if hashlib.sha1(covered, usedforsecurity=False).digest() != found.get("DF03"):
        raise Malformed(F62, None, "a public key with its checksum", "another checksum", "DF03")
