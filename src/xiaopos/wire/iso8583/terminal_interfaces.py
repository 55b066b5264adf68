"""How kinds of terminals speak, as versioned data: keys at sign-in, MAC, PIN form, header, payer's code, field 60, charset.

What may live here: the words of that data, reading and checking it. What may not: the data itself (terminal_interfaces.toml),
code that knows one interface by name; keys themselves (ciphers are named as the keys room names them).

    interface("unionpay-3des", "2012").sign_in_code == "003"
    read_interfaces(text) reads an acquirer's own file of the same form
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from xiaopos.wire.iso8583.terminal_downloads import DOWNLOAD_DIALECTS

KEY_LAYOUTS: Mapping[str, tuple[tuple[str, int], ...]] = MappingProxyType(
    {
        "001": (("TPK", 8), ("TAK", 8)),
        "003": (("TPK", 16), ("TAK", 16)),
        "004": (("TPK", 16), ("TAK", 16), ("TDK", 16)),
    }
)
"""60.3 of a sign-in -> field 62 of its answer: the keys in their order with the bytes each takes, 4 of check value behind."""

_PIN_FORMS = {"DES": ("iso0", "no_pan"), "TDES2": ("iso0", "no_pan"), "SM4": ("sm4_pan", "sm4_padded", "no_pan")}
_MAC_KEYS = {"unionpay_ecb": ("DES", "TDES2", "SM4"), "x9_9": ("DES", "TDES2"), "x9_19": ("TDES2",)}
_KEY_BYTES = {"DES": 8, "TDES2": 16, "SM4": 16}
_PIN_CIPHERS = {"DES": "0", "TDES2": "6", "SM4": "3"}
_PAYER_CODES = ("", "unionpay", "regional", "private")
_FIELD_60 = (11, 12, 13, 14, 17, 19)
_CHARSETS = ("gbk", "ascii")


class BadInterface(ValueError):
    """Data that describes no interface; the text names the interface and the column."""


@dataclass(frozen=True, slots=True)
class TerminalInterface:
    """One version of an interface.

    `header` is the frame's 12 digits (A2) as the terminal sends them; `sign_in_code` is 60.3 of its sign-in and so the layout
    of its working keys (KEY_LAYOUTS); `mac_kind`, `mac_key`, `pin_key` and `pin_form` are named as the keys room names them;
    `pin_cipher` is 53.2; `payer_code` the name of a dialect in payer_code, empty without a scanner; `field_60_digits` the
    length of field 60 in a transaction; `downloads` the name of a dialect in terminal_downloads; `unconfirmed` the columns that
    wait for an acquirer's word.
    """

    name: str
    version: str
    zh: str
    en: str
    header: str
    sign_in_code: str
    mac_kind: str
    mac_key: str
    pin_key: str
    pin_form: str
    pin_cipher: str
    tracks_encrypted: bool
    payer_code: str
    field_60_digits: int
    charset: str
    licence: str
    downloads: str = "unionpay-2012"
    unconfirmed: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Name and version as one word: `unionpay-3des-2012`."""
        return f"{self.name}-{self.version}"

    @property
    def confirmed(self) -> bool:
        """Whether every column was seen in a source."""
        return not self.unconfirmed

    def __post_init__(self) -> None:
        slots = dict(KEY_LAYOUTS.get(self.sign_in_code, ()))
        wrong = {
            "name": not self.name or not self.version,
            "zh": not self.zh or not self.en,
            "header": len(self.header) != 12 or not self.header.isdigit(),
            "sign_in_code": not slots,
            "mac_kind": self.mac_kind not in _MAC_KEYS,
            "mac_key": self.mac_key not in _MAC_KEYS.get(self.mac_kind, ())
            or _KEY_BYTES[self.mac_key] > slots.get("TAK", 0),
            "pin_key": _KEY_BYTES.get(self.pin_key) != slots.get("TPK"),
            "pin_form": self.pin_form not in _PIN_FORMS.get(self.pin_key, ()),
            "pin_cipher": self.pin_cipher != _PIN_CIPHERS.get(self.pin_key),
            "tracks_encrypted": self.tracks_encrypted and "TDK" not in slots,
            "payer_code": self.payer_code not in _PAYER_CODES,
            "field_60_digits": self.field_60_digits not in _FIELD_60,
            "charset": self.charset not in _CHARSETS,
            "downloads": self.downloads not in DOWNLOAD_DIALECTS,
            "licence": len(self.licence) != 4 or not self.licence.isascii(),
            "unconfirmed": not set(self.unconfirmed) <= {row.name for row in fields(self)},
        }
        for column, bad in wrong.items():
            if bad:
                raise BadInterface(
                    f"{self.name or 'an interface'} {self.version}: {column} is none that goes with the rest"
                )


_TYPES: dict[str, type] = {"tracks_encrypted": bool, "field_60_digits": int, "unconfirmed": list}


def read_interfaces(text: str) -> dict[str, TerminalInterface]:
    """The interfaces of a TOML text by name and version. Raises BadInterface, naming what is wrong."""
    try:
        rows = tomllib.loads(text).get("interface")
    except tomllib.TOMLDecodeError as error:
        raise BadInterface(f"no TOML: {error}") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadInterface("the text holds no [[interface]]")
    found: dict[str, TerminalInterface] = {}
    for row in rows:
        made = _row(row)
        if made.key in found:
            raise BadInterface(f"{made.name} {made.version} stands there twice")
        found[made.key] = made
    return found


def _row(row: dict[str, Any]) -> TerminalInterface:
    place = f"{row.get('name', 'an interface')} {row.get('version', '')}"
    known = {column.name for column in fields(TerminalInterface)}
    strange, missing = sorted(set(row) - known), sorted(known - set(row) - {"unconfirmed", "downloads"})
    if strange or missing:
        raise BadInterface(f"{place}: unknown columns {strange}, missing columns {missing}")
    for column, value in row.items():
        if type(value) is not _TYPES.get(column, str):
            raise BadInterface(f"{place}: {column} is of another type")
    row["unconfirmed"] = tuple(str(column) for column in row.get("unconfirmed", ()))
    return TerminalInterface(**row)


INTERFACES: Mapping[str, TerminalInterface] = MappingProxyType(
    read_interfaces(files(__package__).joinpath("terminal_interfaces.toml").read_text(encoding="utf-8"))
)
"""The shipped ones by name and version: `INTERFACES["unionpay-3des-2012"]`."""


def interface(name: str, version: str) -> TerminalInterface:
    """The shipped interface of this name and version. Raises BadInterface when there is none."""
    found = INTERFACES.get(f"{name}-{version}")
    if found is None:
        raise BadInterface(f"no interface {name} {version}")
    return found
