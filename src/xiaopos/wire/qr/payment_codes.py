"""The code a payer shows (付款码): to which wallet it belongs.

What may live here: rules as rows, and finding the row. What may not: calling the wallet; keeping a code.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class CodeRule:
    """Codes that begin with `first` to `last` (prefixes of one length) and have `shortest` to `longest` characters.

    `digits_only` is False for codes that may hold letters. A rule counts from `valid_from` on, and before `valid_until`.
    Raises ValueError for prefixes of two lengths, or in the wrong order, or lengths in the wrong order.
    """

    first: str
    last: str
    shortest: int
    longest: int
    wallet: str
    digits_only: bool = True
    valid_from: date | None = None
    valid_until: date | None = None

    def __post_init__(self) -> None:
        if not self.first or len(self.first) != len(self.last) or self.first > self.last:
            raise ValueError(f"prefixes {self.first!r} to {self.last!r} are no range")
        if not len(self.first) <= self.shortest <= self.longest:
            raise ValueError(f"lengths {self.shortest} to {self.longest} are no range for prefix {self.first!r}")

    def fits(self, code: str) -> bool:
        """Whether the code has this rule's form."""
        if not (self.shortest <= len(code) <= self.longest and code.isascii() and code.isalnum()):
            return False
        return self.first <= code[: len(self.first)] <= self.last and (code.isdigit() or not self.digits_only)

    def in_force(self, on: date) -> bool:
        """Whether the rule counts on that day."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_until is None or on < self.valid_until
        )


DEFAULT_RULES: tuple[CodeRule, ...] = (
    CodeRule("10", "15", 18, 18, "wechat"),
    CodeRule("25", "30", 16, 24, "alipay"),
    CodeRule("fp", "fp", 35, 35, "alipay", digits_only=False),
    CodeRule("62", "62", 19, 19, "unionpay"),
    CodeRule("99", "99", 18, 18, "sandbox"),
)
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
    if not fitting:
        return None
    return min(fitting, key=lambda rule: (-len(rule.first), rule.longest - rule.shortest)).wallet


def mask_code(code: str) -> str:
    """A payer's code as a log may show it: the first two and last four characters; nothing of a short one.

    >>> mask_code("134567890123456789")
    '13************6789'
    """
    if len(code) < 12:
        return "*" * len(code)
    return f"{code[:2]}{'*' * (len(code) - 6)}{code[-4:]}"
