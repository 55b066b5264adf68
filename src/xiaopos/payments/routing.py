"""Which card networks may take a card, and in which order: rules over the beginning of its number and the kind of card.

What may live here: the rules as values, and applying them. What may not: whether a network is well (gateways), the rules
themselves (configuration).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xiaopos.payments.payment import CardKind


@dataclass(frozen=True, slots=True)
class BinRow:
    """What is known of cards whose number begins so (发卡行标识代码); `digits` is their length, 0 for any."""

    prefix: str
    kind: CardKind
    digits: int = 0


@dataclass(frozen=True, slots=True)
class RouteRule:
    """Cards that begin with one of `prefixes` and are of one of `kinds` (none: any) go to `networks`, in this order."""

    networks: tuple[str, ...]
    prefixes: tuple[str, ...] = ()
    kinds: frozenset[CardKind] = frozenset()

    def fits(self, number: str, kind: CardKind) -> bool:
        """Whether the rule speaks of this card."""
        return (not self.prefixes or number.startswith(self.prefixes)) and (not self.kinds or kind in self.kinds)


def card_kind_of(number: str, rows: Iterable[BinRow]) -> CardKind:
    """The kind of card by its longest known beginning; UNKNOWN when nothing is known.

    >>> card_kind_of("6222020000000000000", [BinRow("62", CardKind.CREDIT), BinRow("622202", CardKind.DEBIT, 19)])
    <CardKind.DEBIT: 'debit'>
    """
    fitting = [row for row in rows if number.startswith(row.prefix) and row.digits in (0, len(number))]
    return max(fitting, key=lambda row: len(row.prefix)).kind if fitting else CardKind.UNKNOWN


def networks_for(number: str, kind: CardKind, rules: Iterable[RouteRule]) -> tuple[str, ...]:
    """The networks of the first rule that fits, none when no rule does.

    >>> rules = [RouteRule(("abroad",), ("4", "5")), RouteRule(("unionpay", "spare"))]
    >>> networks_for("4761739001010010", CardKind.UNKNOWN, rules)
    ('abroad',)
    """
    return next((rule.networks for rule in rules if rule.fits(number, kind)), ())
