"""Recorded frames: reading them from a file, and saying what an answer holds without what must not be seen.

What may live here: the file's forms, decoding for people, checking with a key that somebody hands over. What may not:
sending (the command does).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyUsage, SoftwareVault, WrappedKey
from xiaopos.terminal import guard
from xiaopos.terminal.profile import PROFILES
from xiaopos.wire.iso8583 import Message
from xiaopos.wire.iso8583.describing import describe
from xiaopos.wire.iso8583.framing import TerminalFrame
from xiaopos.wire.iso8583.unionpay_terminal import SPEC

_SUITE = PROFILES["unionpay-3des-2012"].suite
"""The recordings are of such terminals."""
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")


class BadRecording(Exception):
    """A file that holds no recorded frame; the text says what was expected."""


@dataclass(frozen=True, slots=True)
class KeyParcel:
    """Field 62 of a recorded sign-in answer, with the master key that opens it (published test values)."""

    tmk: Secret
    field_62: bytes


@dataclass(frozen=True, slots=True)
class Recording:
    """What a file holds: frames to send, each with its length, or the keys of a sign-in answer."""

    frames: tuple[bytes, ...] = ()
    parcel: KeyParcel | None = None


def read_recording(path: Path) -> Recording:
    """Frames as hex lines (`#` begins a remark), or a JSON object with `frame_hex`, or with `tmk` and `field62_hex`.

    Raises BadRecording, OSError.
    """
    text = path.read_text(encoding="utf-8")
    if text.lstrip().startswith("{"):
        return _from_json(text)
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    frames = tuple(_frame(line) for line in lines if line)
    if not frames:
        raise BadRecording("the file holds no frame")
    return Recording(frames)


def _from_json(text: str) -> Recording:
    try:
        held = json.loads(text)
        if "frame_hex" in held:
            return Recording((_frame(held["frame_hex"]),))
        parcel = KeyParcel(Secret(bytes.fromhex(held["tmk"])), bytes.fromhex(held["field62_hex"]))
    except (ValueError, KeyError, TypeError):
        raise BadRecording("a JSON recording has frame_hex, or tmk and field62_hex") from None
    return Recording(parcel=parcel)


def _frame(digits: str) -> bytes:
    """A frame in hex; one without its 2 bytes of length gets them."""
    if not isinstance(digits, str) or _HEX.fullmatch(digits) is None:
        raise BadRecording("a frame is written as pairs of hex digits")
    raw = bytes.fromhex(digits)
    if int.from_bytes(raw[:2], "big") == len(raw) - 2:
        return raw
    return len(raw).to_bytes(2, "big") + raw


def opened_keys(vault: SoftwareVault, parcel: KeyParcel) -> guard.WorkingKeys:
    """The working keys of a recorded sign-in, their check values compared. Raises KeyRefused when one does not fit."""
    tmk = vault.combine(
        components=(parcel.tmk, Secret(bytes(len(parcel.tmk.value)))), usage=KeyUsage.TMK, algorithm=KeyAlgorithm.TDES2
    )
    return guard.working_keys(vault, tmk, parcel.field_62, "003" if len(parcel.field_62) == 40 else "004", _SUITE)


def mac_key(vault: SoftwareVault, digits: str) -> WrappedKey:
    """A MAC key that somebody typed in hex: 8 bytes, the same 8 twice (which is single length), or 16.

    Raises KeyRefused, ValueError.
    """
    clear = bytes.fromhex(digits)
    if clear[:8] == clear[8:]:
        clear = clear[:8]
    algorithm = KeyAlgorithm.DES if len(clear) == 8 else KeyAlgorithm.TDES2
    return vault.combine(components=(Secret(clear), Secret(bytes(len(clear)))), usage=KeyUsage.TAK, algorithm=algorithm)


@dataclass(frozen=True, slots=True)
class Seen:
    """A frame as people may see it, its type as field 0. `mac` is `right`, `wrong`, `none`, or `unchecked` without a key."""

    mti: str
    fields: tuple[tuple[int, str, str, str], ...]
    mac: str
    response_code: str

    def as_json(self) -> dict[str, object]:
        """The same as plain values."""
        fields = {str(number): value for number, _, _, value in self.fields if number}
        return {"mti": self.mti, "fields": fields, "mac": self.mac, "response_code": self.response_code}


def seen(raw: bytes, vault: SoftwareVault, key: WrappedKey | None) -> Seen:
    """What a frame (without its length) holds, masked, and whether its MAC fits the key. Raises Malformed."""
    frame = TerminalFrame.parse(raw)
    message = guard.CODEC.decode(frame.body)
    rows = tuple((row.field, row.zh, row.en, row.shown) for row in describe(SPEC, message) if not row.part)
    return Seen(message.mti, rows, _mac_verdict(message, frame.body, vault, key), message.text(39))


def _mac_verdict(message: Message, body: bytes, vault: SoftwareVault, key: WrappedKey | None) -> str:
    if 64 not in message.fields:
        return "none"
    if key is None:
        return "unchecked"
    return "right" if guard.mac_fits(vault, key, body, _SUITE.mac_kind) else "wrong"
