"""The code a payer shows (付款码): to which wallet it belongs.

What may live here: rules as rows, reading them from a table, and finding the row. What may not: calling the wallet; keeping
a code; the rows themselves (payment_codes.toml beside this file, a deployment's own table).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from itertools import combinations
from typing import Any

_ALPHABETS = {
    "digits": re.compile("[0-9]+"),
    "alphanumeric": re.compile("[0-9A-Za-z]+"),
    "base64": re.compile("[0-9A-Za-z+/]+={0,2}"),
}


@dataclass(frozen=True, slots=True)
class CodeRule:
    """Codes that begin with `first` to `last` (prefixes of one length) and have `shortest` to `longest` characters.

    `digits_only` is False for codes that may hold letters, `base64` True for those that may hold all of that alphabet. A
    rule counts from `valid_from` on, and before `valid_until`; `source` says where it was read, `confirmed` is False for
    what is known from memory only.

    Raises ValueError for prefixes of two lengths, or in the wrong order, lengths or days in the wrong order.
    """

    first: str
    last: str
    shortest: int
    longest: int
    wallet: str
    digits_only: bool = True
    valid_from: date | None = None
    valid_until: date | None = None
    base64: bool = False
    source: str = ""
    confirmed: bool = True

    def __post_init__(self) -> None:
        if not self.first or len(self.first) != len(self.last) or self.first > self.last:
            raise ValueError(f"prefixes {self.first!r} to {self.last!r} are no range")
        if not len(self.first) <= self.shortest <= self.longest:
            raise ValueError(f"lengths {self.shortest} to {self.longest} are no range for prefix {self.first!r}")
        if self.valid_from is not None and self.valid_until is not None and self.valid_from >= self.valid_until:
            raise ValueError(f"days {self.valid_from} to {self.valid_until} are no range for prefix {self.first!r}")

    def fits(self, code: str) -> bool:
        """Whether the code has this rule's form."""
        alphabet = "base64" if self.base64 else "digits" if self.digits_only else "alphanumeric"
        if not self.shortest <= len(code) <= self.longest or _ALPHABETS[alphabet].fullmatch(code) is None:
            return False
        return self.first <= code[: len(self.first)] <= self.last

    def in_force(self, on: date) -> bool:
        """Whether the rule counts on that day."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_until is None or on < self.valid_until
        )

    @property
    def rank(self) -> tuple[int, int]:
        """Which rule wins when several fit: the smaller rank (longer prefix, then narrower range of lengths)."""
        return -len(self.first), self.longest - self.shortest

    def ties_with(self, other: CodeRule) -> bool:
        """Whether some code on some day fits both rules and neither of them wins."""
        return (
            self.rank == other.rank
            and self.first <= other.last
            and other.first <= self.last
            and self.shortest <= other.longest
            and other.shortest <= self.longest
            and (self.valid_until is None or other.valid_from is None or other.valid_from < self.valid_until)
            and (other.valid_until is None or self.valid_from is None or self.valid_from < other.valid_until)
        )


def read_rules(text: str, *, unconfirmed: bool = False) -> tuple[CodeRule, ...]:
    """The rules of a table in TOML (its keys: payment_codes.toml beside this file), in their order.

    Rows with `confirmed = false` are left out unless asked for. Raises ValueError that names the row (1 the first) for
    text that is no TOML, rows that are no tables, unknown or missing keys, values of another type, a rule that fits
    nothing, and two rules that would tie for a code.
    """
    rows = tomllib.loads(text).get("rule", [])
    if not isinstance(rows, list):
        raise ValueError("the rows are [[rule]] tables")
    rules = [_rule(number, row) for number, row in enumerate(rows, 1)]
    kept = [(number, rule) for number, rule in enumerate(rules, 1) if rule.confirmed or unconfirmed]
    for (number, rule), (other_number, other) in combinations(kept, 2):
        if rule.ties_with(other):
            raise ValueError(f"rows {number} and {other_number} ({rule.wallet}, {other.wallet}) tie for the same codes")
    return tuple(rule for _, rule in kept)


_TYPES: Mapping[str, type] = {
    "wallet": str,
    "first": str,
    "last": str,
    "shortest": int,
    "longest": int,
    "source": str,
    "confirmed": bool,
    "alphabet": str,
    "valid_from": date,
    "valid_until": date,
}
_OPTIONAL = {"alphabet", "valid_from", "valid_until"}


def _rule(number: int, row: Any) -> CodeRule:
    if not isinstance(row, dict):
        raise ValueError(f"row {number}: is no table")
    for key in row:
        if key not in _TYPES:
            raise ValueError(f"row {number}: unknown key {key!r}")
    for key, wanted in _TYPES.items():
        if key not in row and key not in _OPTIONAL:
            raise ValueError(f"row {number}: {key} is missing")
        if key in row and type(row[key]) is not wanted:
            raise ValueError(f"row {number}: {key} is no {wanted.__name__}")
    values = dict(row)
    alphabet = values.pop("alphabet", "digits")
    if alphabet not in _ALPHABETS:
        raise ValueError(f"row {number}: alphabet is none of {', '.join(_ALPHABETS)}")
    try:
        return CodeRule(**values, digits_only=alphabet == "digits", base64=alphabet == "base64")
    except ValueError as wrong:
        raise ValueError(f"row {number}: {wrong}") from None


def shipped_rules(*, unconfirmed: bool = False) -> tuple[CodeRule, ...]:
    """The rules that come with the package, the unconfirmed ones only if asked for."""
    table = files("xiaopos.wire.qr").joinpath("payment_codes.toml").read_text(encoding="utf8")
    return read_rules(table, unconfirmed=unconfirmed)


DEFAULT_RULES: tuple[CodeRule, ...] = shipped_rules()
"""What the wallets publish, and our sandbox wallet. A deployment keeps its own rows, with dates."""


def route(code: str, rules: Iterable[CodeRule], on: date | None = None) -> str | None:
    """The wallet that a payer's code belongs to, or None when no rule knows it.

    With `on`, only the rules in force that day count. Of several that fit, the longest prefix wins, then the narrowest
    range of lengths, then the first.

    >>> route("134567890123456789", DEFAULT_RULES)
    'wechat'
    >>> route("00", DEFAULT_RULES) is None
    True
    """
    fitting = [rule for rule in rules if rule.fits(code) and (on is None or rule.in_force(on))]
    return min(fitting, key=lambda rule: rule.rank).wallet if fitting else None


def mask_code(code: str) -> str:
    """A payer's code as a log may show it: the first two and last four characters; nothing of a short one.

    >>> mask_code("134567890123456789")
    '13************6789'
    """
    if len(code) < 12:
        return "*" * len(code)
    return f"{code[:2]}{'*' * (len(code) - 6)}{code[-4:]}"
