"""The catalogue of models of device (型号库): what each can do and costs, until when its certificate stands, as versioned rows.

What may live here: the values, reading the table, which rows stand on a day. What may not: who should take which (advice), single
devices (stock), storage.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from importlib.resources import files
from typing import Any

from xiaopos.fleet.profiles import PROFILES


class Capability(Enum):
    """What a model can do, in the words that the fleet's tables hold."""

    CHIP = "chip"
    CONTACTLESS = "contactless"
    STRIPE = "stripe"
    QR = "qr"
    """Scans customers' codes, with a camera at least."""
    SCAN_ENGINE = "scan_engine"
    """Scans them with an engine made for it: at once, from any angle, off a cracked screen."""
    SHOWS_CODE = "shows_code"
    """Shows a code that the customer scans."""
    PRINTER = "printer"
    TOUCH = "touch"
    KEYPAD = "keypad"
    BATTERY = "battery"
    MOBILE_4G = "4g"
    GPRS = "gprs"
    WIFI = "wifi"
    ETHERNET = "ethernet"
    SPEAKER = "speaker"
    OFFLINE = "offline"
    """Settles small card payments with the card by itself while the line is down."""
    NATIONAL_KEYS = "sm4"


SCREENS = range(300)
"""A screen's diagonal in tenths of an inch."""
_TYPES: Mapping[str, type] = {
    "key": str, "version": int, "valid_from": date, "zh": str, "en": str, "year": int, "capabilities": list, "screen": int,
    "languages": list, "profiles": list, "certificate": str, "certificate_until": date, "price": int,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DeviceModel:
    """One version of a model. `price_minor` in fen; `screen` in tenths of an inch, 0 without one.

    `profiles` are the interfaces of the host that its software speaks, the best first; `certificate_until` the last day on which
    its certificate stands.
    """

    key: str
    version: int
    valid_from: date
    chinese: str
    english: str
    year: int
    capabilities: frozenset[Capability]
    screen: int
    languages: frozenset[str]
    profiles: tuple[str, ...]
    certificate: str
    certificate_until: date
    price_minor: int

    def has(self, capability: Capability) -> bool:
        """Whether it can do this."""
        return capability in self.capabilities

    @property
    def scans(self) -> bool:
        """Whether customers' codes can be taken on it: it has a scanner, and one of its interfaces a place for them."""
        served = any(PROFILES[name].payer_code is not None for name in self.profiles)
        return served and not self.capabilities.isdisjoint({Capability.QR, Capability.SCAN_ENGINE})

    @property
    def takes_pins(self) -> bool:
        """Whether a card that asks for a PIN can pay on it."""
        return any(PROFILES[name].takes_pins for name in self.profiles)


class CatalogueBroken(ValueError):
    """A row that is no model, by its number and what is wrong with it."""


def read_catalogue(text: str) -> tuple[DeviceModel, ...]:
    """The rows of a table in TOML. Raises CatalogueBroken."""
    try:
        rows = tomllib.loads(text).get("model", [])
    except tomllib.TOMLDecodeError as error:
        raise CatalogueBroken(f"no TOML: {error}") from None
    models = tuple(_model(number, row) for number, row in enumerate(rows, 1))
    seen: set[tuple[str, int]] = set()
    for number, model in enumerate(models, 1):
        if (model.key, model.version) in seen:
            raise CatalogueBroken(f"row {number}: {model.key} has this version already")
        seen.add((model.key, model.version))
    return models


def _model(number: int, row: Mapping[str, Any]) -> DeviceModel:
    fault = _fault_of(row)
    if fault:
        raise CatalogueBroken(f"row {number}: {fault}")
    return DeviceModel(
        key=row["key"],
        version=row["version"],
        valid_from=row["valid_from"],
        chinese=row["zh"],
        english=row["en"],
        year=row["year"],
        capabilities=frozenset(Capability(word) for word in row["capabilities"]),
        screen=row["screen"],
        languages=frozenset(row["languages"]),
        profiles=tuple(row["profiles"]),
        certificate=row["certificate"],
        certificate_until=row["certificate_until"],
        price_minor=row["price"],
    )


def _fault_of(row: Mapping[str, Any]) -> str:
    """What is wrong with a row, in one English sentence; empty when nothing is."""
    for name, wanted in _TYPES.items():
        if type(row.get(name)) is not wanted:
            return f"{name} is no {wanted.__name__}"
    faults = {
        "is named by 1 to 32 characters": not 0 < len(row["key"]) <= 32,
        "versions begin with 1": row["version"] < 1,
        "has a capability that nobody knows": not set(row["capabilities"]) <= {each.value for each in Capability},
        "speaks an interface that the host does not serve": not set(row["profiles"]) <= PROFILES.keys(),
        "speaks no interface": not row["profiles"],
        "speaks no language": not row["languages"],
        "has no such screen": row["screen"] not in SCREENS,
        "has no certificate": not row["certificate"],
        "costs nothing or less": row["price"] <= 0,
        "has a column that nobody knows": not row.keys() <= _TYPES.keys(),
    }
    return next((fault for fault, there in faults.items() if there), "")


def standing(models: Iterable[DeviceModel], on: date) -> tuple[DeviceModel, ...]:
    """The newest version of each model whose day has come, by name."""
    best: dict[str, DeviceModel] = {}
    for model in models:
        known = best.get(model.key)
        if model.valid_from <= on and (known is None or known.version < model.version):
            best[model.key] = model
    return tuple(best[key] for key in sorted(best))


CATALOGUE: tuple[DeviceModel, ...] = read_catalogue(
    files("xiaopos.fleet").joinpath("catalogue.toml").read_text(encoding="utf8")
)
"""The rows that come with the package."""


def model_of(key: str, on: date, models: Iterable[DeviceModel] = CATALOGUE) -> DeviceModel | None:
    """The model of this name as it stands on a day, or None."""
    return next((model for model in standing(models, on) if model.key == key), None)
