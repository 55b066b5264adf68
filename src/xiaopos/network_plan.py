"""Which card networks an installation speaks to and which cards go where: one by the environment, several by a TOML file.

What may live here: reading that file, and refusing nonsense in one sentence that names the place. What may not: lines, choosing.

    [[network]]
    name = "unionpay"            # what payments and the console call it
    address = "10.0.0.7:8600"
    suite = "tdes"               # or gm; left out: tdes
    key = "network_zmk"          # the key in the inventory that carries this network's keys
    acquirer = "48020000"        # our institution number there; left out: XIAOPOS_ACQUIRER_ID

    [[bin]]                      # what is known of cards by the beginning of their numbers
    prefix = "622202"
    kind = "debit"               # debit or credit
    digits = 19                  # left out: any length

    [[route]]                    # the first that fits a card says which networks may take it, the best first
    networks = ["unionpay", "spare"]
    prefixes = ["62"]            # left out: every card
    kinds = ["debit"]            # left out: every kind
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from xiaopos.deployment import Deployment, WrongSetting, address_of
from xiaopos.keys.suites import NETWORK_SUITES, Suite
from xiaopos.payments.payment import CardKind
from xiaopos.payments.routing import BinRow, RouteRule

T = TypeVar("T")
DEFAULT_NAME, DEFAULT_KEY = "unionpay", "network_zmk"
_KINDS = {"debit": CardKind.DEBIT, "credit": CardKind.CREDIT}


@dataclass(frozen=True, slots=True)
class NetworkPlace:
    """One card network: where it is, who we are there, which of the house's keys carries its keys."""

    name: str
    host: str
    port: int
    suite: Suite
    key: str
    acquirer: str


@dataclass(frozen=True, slots=True)
class NetworkPlan:
    """All networks, the first of which is the house's own, and the rules."""

    networks: tuple[NetworkPlace, ...]
    rules: tuple[RouteRule, ...]
    bins: tuple[BinRow, ...] = ()


def plan_of(deployment: Deployment) -> NetworkPlan:
    """The networks of this installation. Raises WrongSetting, also for a file that cannot be read."""
    if deployment.networks_file is None:
        place = NetworkPlace(
            DEFAULT_NAME,
            deployment.network_host,
            deployment.network_port,
            deployment.network_suite,
            DEFAULT_KEY,
            deployment.acquirer_id,
        )
        return NetworkPlan((place,), (RouteRule((DEFAULT_NAME,)),))
    try:
        text = deployment.networks_file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongSetting(f"XIAOPOS_NETWORKS: {deployment.networks_file} cannot be read: {error}") from None
    return read_plan(text, acquirer=deployment.acquirer_id)


def read_plan(text: str, *, acquirer: str) -> NetworkPlan:
    """The networks and rules of a file's text. Raises WrongSetting, naming the table and what is wrong with it."""
    try:
        held = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WrongSetting(f"XIAOPOS_NETWORKS: no TOML: {error}") from None
    networks = _rows(held, "network", lambda row: _network(row, acquirer))
    names = [network.name for network in networks]
    if not names or len(set(names)) != len(names):
        raise WrongSetting("XIAOPOS_NETWORKS: at least one [[network]], each with a name of its own")
    rules = _rows(held, "route", _rule) or (RouteRule(tuple(names)),)
    unknown = sorted({name for rule in rules for name in rule.networks} - set(names))
    if unknown:
        raise WrongSetting(f"XIAOPOS_NETWORKS: a [[route]] names {', '.join(unknown)}, which no [[network]] is called")
    strange = sorted(set(held) - {"network", "bin", "route"})
    if strange:
        raise WrongSetting(f"XIAOPOS_NETWORKS: {', '.join(strange)} is none of [[network]], [[bin]], [[route]]")
    return NetworkPlan(networks, rules, _rows(held, "bin", _bin))


def _rows(held: Mapping[str, Any], table: str, made: Callable[[dict[str, Any]], T]) -> tuple[T, ...]:
    rows = held.get(table, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise WrongSetting(f"XIAOPOS_NETWORKS: [[{table}]] is written with two brackets")
    found = []
    for place, row in enumerate(rows, 1):
        try:
            found.append(made(dict(row)))
        except (KeyError, TypeError, ValueError) as error:
            missing = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
            raise WrongSetting(f"XIAOPOS_NETWORKS: [[{table}]] number {place}: {missing}") from None
    return tuple(found)


def _network(row: dict[str, Any], acquirer: str) -> NetworkPlace:
    address = _text(row.pop("address"), "address")
    try:
        host, port = address_of(address)
    except WrongSetting:
        raise ValueError(f"address is HOST:PORT, not {address!r}") from None
    suite = row.pop("suite", "tdes")
    if suite not in NETWORK_SUITES:
        raise ValueError(f"suite is {' or '.join(NETWORK_SUITES)}, not {suite!r}")
    place = NetworkPlace(
        _text(row.pop("name"), "name"),
        host,
        port,
        NETWORK_SUITES[suite],
        _text(row.pop("key", DEFAULT_KEY), "key"),
        _text(row.pop("acquirer", acquirer), "acquirer"),
    )
    _nothing_left(row)
    return place


def _bin(row: dict[str, Any]) -> BinRow:
    prefix, kind, digits = _text(row.pop("prefix"), "prefix"), row.pop("kind"), row.pop("digits", 0)
    if not prefix.isdecimal() or kind not in _KINDS or type(digits) is not int:
        raise ValueError("prefix is digits, kind is debit or credit, digits a number")
    _nothing_left(row)
    return BinRow(prefix, _KINDS[kind], digits)


def _rule(row: dict[str, Any]) -> RouteRule:
    networks, prefixes, kinds = row.pop("networks"), row.pop("prefixes", []), row.pop("kinds", [])
    if not networks or not all(isinstance(given, list) for given in (networks, prefixes, kinds)):
        raise ValueError("networks, prefixes and kinds are lists, and networks names at least one")
    if not all(isinstance(one, str) and one.isdecimal() for one in prefixes) or not set(kinds) <= set(_KINDS):
        raise ValueError("prefixes are digits, kinds are debit or credit")
    _nothing_left(row)
    names = tuple(_text(name, "networks") for name in networks)
    return RouteRule(names, tuple(prefixes), frozenset(_KINDS[kind] for kind in kinds))


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is a text")
    return value


def _nothing_left(row: dict[str, Any]) -> None:
    if row:
        raise ValueError(f"{', '.join(sorted(row))} is not known here")
