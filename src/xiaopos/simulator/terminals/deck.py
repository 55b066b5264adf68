"""The cards in the drawer beside a pretend terminal: the pretend network's test cards, with words for people.

What may live here: names and order. What may not: what a card's issuer thinks of it (network).
"""

from __future__ import annotations

from dataclasses import dataclass

from xiaopos.kernel.secret import Secret
from xiaopos.simulator.network.cards import TEST_CARDS
from xiaopos.terminal.cards import CardRead


@dataclass(frozen=True, slots=True)
class DeckCard:
    """A card that somebody can present. `pin` is the right one, for a script that types it."""

    label: str
    title_zh: str
    title_en: str
    read: CardRead
    pin: Secret

    def title(self, lang: str) -> str:
        """Its name, in Chinese unless `lang` is `en`."""
        return self.title_en if lang == "en" else self.title_zh


_TITLES: dict[str, tuple[str, str]] = {
    "debit": ("借记卡", "Debit card"),
    "credit": ("信用卡", "Credit card"),
    "poor": ("余额不足的卡", "Card with too little money"),
    "locked": ("密码已锁的卡", "Card with a locked PIN"),
    "lost": ("挂失的卡", "Lost card"),
    "expired": ("过期的卡", "Expired card"),
}
_ALIASES = {"normal": "debit"}

DECK: tuple[DeckCard, ...] = tuple(
    DeckCard(card.label, *_TITLES.get(card.label, (card.label, card.label)), CardRead(card.pan, card.expiry), card.pin)
    for card in TEST_CARDS
)


def deck_card(label: str, deck: tuple[DeckCard, ...] = DECK) -> DeckCard:
    """The card with this label (`normal` is the debit card). Raises KeyError for a label that no card has."""
    wanted = _ALIASES.get(label, label)
    for card in deck:
        if card.label == wanted:
            return card
    raise KeyError(label)
