"""Look after a merchant's speakers: pair one with a shop, take one out of service.

What may live here: those verbs, what is checked, the role of whoever keeps them. What may not: storage, HTTP, words (web).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Protocol

from xiaopos.kernel.secret import Secret
from xiaopos.keys import WrappedKey
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.announce_payment import MOST_SPEAKERS
from xiaopos.usecases.keep_webhooks import Workshop, make_secret

LONGEST_LABEL = 40


class SpeakerFault(Enum):
    """Why nothing was changed."""

    NO_LABEL = "no_label"
    SHOP_UNKNOWN = "shop_unknown"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class KeptSpeaker:
    """A speaker as its merchant keeps it. The secret is a wrapped key as text."""

    speaker_id: str
    merchant_id: str
    shop_id: str
    label: str
    secret: str = field(repr=False)
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Paired:
    """A speaker and its secret, which is shown now and never again."""

    speaker: KeptSpeaker
    secret: Secret


class SpeakerBook(Protocol):
    """Whoever keeps speakers. Each change writes its line in the audit trail, and keys the inventory, all or nothing."""

    def count(self, merchant_id: str) -> int:
        """How many speakers a merchant has."""
        ...

    def add(self, speaker: KeptSpeaker, key: WrappedKey, key_id: str, actor: Actor) -> None:
        """Write a new speaker with the key that its secret is."""
        ...

    def remove(self, merchant_id: str, speaker_id: str, actor: Actor, at: datetime) -> bool:
        """Take a speaker out of service; False when the merchant has none of this number."""
        ...


def pair_speaker(
    merchant_id: str,
    shop_id: str,
    label: str,
    shops: Sequence[str],
    actor: Actor,
    at: datetime,
    *,
    book: SpeakerBook,
    workshop: Workshop,
) -> Paired | SpeakerFault:
    """Pair a speaker with one of the merchant's own `shops`. Precedence: label, shop, how many. Raises KeyRefused."""
    label = label.strip()
    if not label or len(label) > LONGEST_LABEL or not label.isprintable():
        return SpeakerFault.NO_LABEL
    if shop_id not in shops:
        return SpeakerFault.SHOP_UNKNOWN
    if book.count(merchant_id) >= MOST_SPEAKERS:
        return SpeakerFault.TOO_MANY
    secret, key = make_secret(workshop)
    speaker = KeptSpeaker(workshop.make_id(at), merchant_id, shop_id, label, key.text(), actor.username, at)
    book.add(speaker, key, workshop.make_id(at), actor)
    return Paired(speaker, secret)


def remove_speaker(merchant_id: str, speaker_id: str, actor: Actor, at: datetime, book: SpeakerBook) -> bool:
    """Take a speaker out of service: from now on it is told nothing. False when there is none of this number."""
    return book.remove(merchant_id, speaker_id, actor, at)
