"""The issuers' test cards: one per story. Their numbers begin with 62000 and belong to nobody.

What may live here: the cards as their issuers know them in a new world. What may not: balances as they are now (records).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from xiaopos.kernel.secret import Pan, Secret
from xiaopos.payments.payment import CardKind


class CardStatus(Enum):
    """How its issuer sees a card."""

    GOOD = "good"
    LOST = "lost"
    STOLEN = "stolen"


@dataclass(frozen=True, slots=True)
class Card:
    """A card and what its issuer knows. `label` names it in records and controls, where its number may not stand.

    `expiry` is YYMM; `balance_minor` is what can be spent in a new world, in 分 (for a credit card its free credit);
    `wrong_pins` is how many wrong PINs it has seen, three lock it.
    """

    label: str
    pan: Pan
    expiry: str
    kind: CardKind
    issuer: str
    balance_minor: int
    status: CardStatus = CardStatus.GOOD
    wrong_pins: int = 0
    pin: Secret = field(default=Secret(b"123456"))


_TEST_BANK = "测试银行"

TEST_CARDS: tuple[Card, ...] = (
    Card("debit", Pan("6200000000000000018"), "3012", CardKind.DEBIT, _TEST_BANK, 10_000_000),
    Card("credit", Pan("6200010000000012"), "3012", CardKind.CREDIT, _TEST_BANK, 5_000_000),
    Card("poor", Pan("6200000000000000026"), "3012", CardKind.DEBIT, _TEST_BANK, 100),
    Card("locked", Pan("6200000000000000034"), "3012", CardKind.DEBIT, _TEST_BANK, 1_000_000, wrong_pins=3),
    Card("lost", Pan("6200000000000000042"), "3012", CardKind.DEBIT, _TEST_BANK, 1_000_000, CardStatus.LOST),
    Card("expired", Pan("6200000000000000059"), "2001", CardKind.DEBIT, _TEST_BANK, 1_000_000),
)
"""Every one has the PIN 123456."""


def test_card(label: str) -> Card:
    """The test card of a story. Raises KeyError for a label that no card has."""
    for card in TEST_CARDS:
        if card.label == label:
            return card
    raise KeyError(label)
