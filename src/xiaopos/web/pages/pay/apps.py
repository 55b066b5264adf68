"""Which app opened the page, and what it can do with an order's code.

What may live here: the table (paying_apps.toml) and reading it. What may not: which wallets a merchant has.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PayingApp:
    """One row of the table: see its first lines."""

    wallet: str
    mark: str
    links: tuple[str, ...]
    source: str
    confirmed: bool

    def link(self, shown_code: str) -> str:
        """The order's code as an address to tap, when it is one that this app opens; else empty."""
        plain = shown_code.isascii() and shown_code.isprintable() and " " not in shown_code
        return shown_code if plain and shown_code.startswith(self.links or ("\0",)) else ""


def read_apps(text: str) -> tuple[PayingApp, ...]:
    """The rows of a table in TOML. Raises KeyError or TypeError for a row that is no row."""
    return tuple(PayingApp(**{**row, "links": tuple(row["links"])}) for row in tomllib.loads(text)["app"])


APPS = read_apps(Path(__file__).with_name("paying_apps.toml").read_text(encoding="utf8"))


def app_of(user_agent: str, offered: Collection[str], apps: Sequence[PayingApp] = APPS) -> PayingApp | None:
    """The app that opened the page; in a browser that is none's, one without a mark whose wallet is offered."""
    for app in apps:
        if app.mark and app.mark in user_agent:
            return app
    return next((app for app in apps if not app.mark and app.wallet in offered), None)
