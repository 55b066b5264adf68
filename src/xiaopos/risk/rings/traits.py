"""What an application is known by, and what it says when two people share it.

What may live here: kinds of traits, weights as values handed in. What may not: clear values, storage.

A trait's mark is a keyed hash: equal for equal things, leading back to none. Of a picture it is its likeness (`likeness`), which
is compared by distance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum


class TraitKind(Enum):
    """What is shared, or not."""

    RESIDENT_ID = "resident_id"
    LICENCE = "licence"
    """With the resident id what makes two applications those of one subject."""
    PHONE = "phone"
    ACCOUNT = "account"
    ADDRESS = "address"
    DEVICE = "device"
    """The browser or app by which it was sent."""
    PICTURE = "picture"
    PERSON = "person"
    """Name and birthday together."""
    HEAD_OFFICE = "head_office"
    """The company that a chain's shops settle to, by its letter: it explains one account and one set of pictures."""
    PROMOTER = "promoter"
    """Who helped to apply: it explains one device."""


SUBJECT = frozenset({TraitKind.RESIDENT_ID, TraitKind.LICENCE})
EXPLAINING = frozenset({TraitKind.HEAD_OFFICE, TraitKind.PROMOTER})
TELLING = frozenset(TraitKind) - SUBJECT - EXPLAINING
"""The kinds by which one looks for others."""


@dataclass(frozen=True, slots=True)
class Trait:
    """One trait by its kind and mark."""

    kind: TraitKind
    mark: str


@dataclass(frozen=True, slots=True)
class Applicant:
    """An application as rings see it."""

    application_id: str
    at: datetime
    traits: frozenset[Trait]

    def marks(self, kind: TraitKind) -> frozenset[str]:
        """Its marks of a kind."""
        return frozenset(trait.mark for trait in self.traits if trait.kind is kind)


@dataclass(frozen=True, slots=True)
class Weights:
    """How much a shared trait says, from 0 for nothing to 1000 for certainty. An operator may adjust them.

    `says` by kind; `explained` what is left when something honest explains it. A phone shared at one address by up to
    `family` subjects is a family's, and so is their account, which then says `in_family`. An address of more than
    `neighbours` subjects is a market and says `in_building`, one of more than `building` says nothing. A device that served
    two subjects within `burst` says `in_burst`. `tie` is from when two subjects belong together, `ring` from when a
    finding is one; `by_size` is what part of its ties' strength a cluster of so many subjects reaches, in thousandths.
    """

    says: Mapping[TraitKind, int] = field(
        default_factory=lambda: {
            TraitKind.PHONE: 600,
            TraitKind.ACCOUNT: 800,
            TraitKind.ADDRESS: 250,
            TraitKind.DEVICE: 400,
            TraitKind.PICTURE: 850,
            TraitKind.PERSON: 700,
        }
    )
    explained: Mapping[TraitKind, int] = field(
        default_factory=lambda: {
            TraitKind.PHONE: 150,
            TraitKind.ACCOUNT: 0,
            TraitKind.DEVICE: 50,
            TraitKind.PICTURE: 100,
        }
    )
    family: int = 4
    in_family: int = 300
    neighbours: int = 3
    building: int = 10
    in_building: int = 100
    burst: timedelta = timedelta(days=3)
    in_burst: int = 650
    tie: int = 500
    ring: int = 600
    by_size: tuple[int, ...] = (0, 0, 500, 800)

    def part_of(self, subjects: int) -> int:
        """What part of its ties' strength a cluster reaches, in thousandths; larger ones than listed reach all of it."""
        return self.by_size[subjects] if subjects < len(self.by_size) else 1000
