"""Rules over a card number: which networks, in which order."""

from __future__ import annotations

import pytest

from xiaopos.payments.payment import CardKind
from xiaopos.payments.routing import BinRow, RouteRule, card_kind_of, networks_for

RULES = (
    RouteRule(("scheme",), ("4", "51", "52")),
    RouteRule(("cheap", "unionpay"), kinds=frozenset({CardKind.DEBIT})),
    RouteRule(("own",), ("622202",), frozenset({CardKind.CREDIT})),
    RouteRule(("unionpay", "cheap"), ("62",)),
)


@pytest.mark.parametrize(
    ("number", "kind", "networks"),
    [
        ("4761739001010010", CardKind.CREDIT, ("scheme",)),
        ("5200000000000007", CardKind.DEBIT, ("scheme",)),
        ("6222020000000000000", CardKind.DEBIT, ("cheap", "unionpay")),
        ("6222020000000000000", CardKind.CREDIT, ("own",)),
        ("6222030000000000000", CardKind.CREDIT, ("unionpay", "cheap")),
        ("6222020000000000000", CardKind.UNKNOWN, ("unionpay", "cheap")),
        ("3566000000000000", CardKind.CREDIT, ()),
    ],
)
def test_the_first_rule_that_fits_says_where(number: str, kind: CardKind, networks: tuple[str, ...]) -> None:
    assert networks_for(number, kind, RULES) == networks


def test_a_cards_kind_is_that_of_its_longest_known_beginning() -> None:
    rows = (BinRow("62", CardKind.WALLET), BinRow("622202", CardKind.DEBIT, 19), BinRow("622202", CardKind.CREDIT, 16))
    assert card_kind_of("6222020000000000000", rows) is CardKind.DEBIT
    assert card_kind_of("6222020000000000", rows) is CardKind.CREDIT
    assert card_kind_of("6221000000000000", rows) is CardKind.WALLET
    assert card_kind_of("4761739001010010", rows) is CardKind.UNKNOWN
