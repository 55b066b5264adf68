"""A town's worth of applications with rings planted in it: what the search for rings is measured on.

What may live here: drawing applications from a seed, honest look-alikes, rings of several shapes, who is in which. What may not:
anything of the search itself, names or numbers of anybody (a trait is a mark).

Honest look-alikes: families with one phone and one address, markets with one address, chains with one account and one set
of pictures, promoters who help hundreds on their own device, people who apply again, family businesses, partners with one
account, phone numbers that were given out anew, computers in a copy shop, and strangers who met two of these.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from xiaopos.risk.rings.traits import Applicant, Trait, TraitKind

BEGINS = datetime(2026, 1, 1, tzinfo=UTC)
SPAN = timedelta(days=365)
_LARGEST_RING, _SMALLEST_RING = 12, 4
_K = TraitKind


@dataclass(frozen=True, slots=True)
class Drawn:
    """An application, and the ring that it is part of; the empty text for none."""

    applicant: Applicant
    ring: str = ""


class Population:
    """So many applications from a seed, a share of them in rings."""

    def __init__(self, seed: int, count: int, *, in_rings: float = 0.02) -> None:
        self._random = random.Random(seed)
        self._count, self._in_rings = count, in_rings
        self._number = 0
        self._markets = [self._mark() for _ in range(max(1, count // 400))]
        self._promoters = [(self._mark(), self._mark()) for _ in range(max(1, count // 300))]

    def draw(self) -> list[Drawn]:
        """All of them in the order in which they came."""
        found: list[Drawn] = []
        while sum(1 for _ in found) < self._count:
            found.extend(self._some())
        return sorted(found, key=lambda drawn: drawn.applicant.at)

    def _some(self) -> Iterator[Drawn]:
        """Some applications that belong together, or one."""
        if self._random.random() < self._in_rings / 7:
            yield from self._ring()
            return
        kinds: list[tuple[int, Callable[[], Iterator[Drawn]]]] = [
            (700, self._alone),
            (120, self._in_market),
            (70, self._helped),
            (40, self._family),
            (30, self._again),
            (15, self._chain),
            (15, self._given_out_anew),
            (10, self._copy_shop),
            (5, self._family_business),
            (5, self._partners),
            (5, self._unlucky),
        ]
        (made,) = self._random.choices([make for _, make in kinds], [share for share, _ in kinds])
        yield from made()

    # -- one application ---------------------------------------------------------------------------------------------

    def _mark(self) -> str:
        return f"{self._random.getrandbits(128):032x}"

    def _picture(self) -> str:
        return f"{self._random.getrandbits(64):016x}"

    def _encoded_anew(self, picture: str) -> str:
        """The same picture to the eye: up to three of its places flip."""
        bits = int(picture, 16)
        for place in self._random.sample(range(64), self._random.randrange(4)):
            bits ^= 1 << place
        return f"{bits:016x}"

    def _own(self) -> dict[TraitKind, str]:
        """The traits of somebody who shares nothing."""
        kinds = (_K.RESIDENT_ID, _K.PHONE, _K.ACCOUNT, _K.ADDRESS, _K.DEVICE, _K.PERSON)
        return {kind: self._mark() for kind in kinds} | {_K.PICTURE: self._picture()}

    def _day(self) -> datetime:
        return BEGINS + timedelta(seconds=self._random.randrange(round(SPAN.total_seconds())))

    def _near(self, day: datetime, within: timedelta) -> datetime:
        return day + timedelta(seconds=self._random.randrange(max(1, round(within.total_seconds()))))

    def _applies(self, traits: dict[TraitKind, str], at: datetime, ring: str = "") -> Drawn:
        self._number += 1
        marks = frozenset(Trait(kind, mark) for kind, mark in traits.items())
        return Drawn(Applicant(f"{self._number:032x}", at, marks), ring)

    # -- honest ------------------------------------------------------------------------------------------------------

    def _alone(self) -> Iterator[Drawn]:
        yield self._applies(self._own(), self._day())

    def _in_market(self) -> Iterator[Drawn]:
        yield self._applies(self._own() | {_K.ADDRESS: self._random.choice(self._markets)}, self._day())

    def _helped(self) -> Iterator[Drawn]:
        promoter, device = self._random.choice(self._promoters)
        yield self._applies(self._own() | {_K.PROMOTER: promoter, _K.DEVICE: device}, self._day())

    def _family(self) -> Iterator[Drawn]:
        shared = {_K.PHONE: self._mark(), _K.ADDRESS: self._mark()}
        for _ in range(self._random.choice((2, 2, 2, 3))):
            yield self._applies(self._own() | shared, self._day())

    def _again(self) -> Iterator[Drawn]:
        own = self._own()
        for _ in range(self._random.choice((2, 2, 3))):
            yield self._applies(own | {_K.DEVICE: self._mark(), _K.PICTURE: self._picture()}, self._day())

    def _chain(self) -> Iterator[Drawn]:
        shared = {_K.HEAD_OFFICE: self._mark(), _K.ACCOUNT: self._mark(), _K.PICTURE: self._picture()}
        for _ in range(self._random.randrange(3, 15)):
            yield self._applies(self._own() | shared, self._day())

    def _given_out_anew(self) -> Iterator[Drawn]:
        phone = self._mark()
        for _ in range(2):
            yield self._applies(self._own() | {_K.PHONE: phone}, self._day())

    def _copy_shop(self) -> Iterator[Drawn]:
        device = self._mark()
        for _ in range(self._random.randrange(2, 7)):
            yield self._applies(self._own() | {_K.DEVICE: device}, self._day())

    def _family_business(self) -> Iterator[Drawn]:
        """Shops of one family: one phone, one address, one account."""
        shared = {_K.PHONE: self._mark(), _K.ADDRESS: self._mark(), _K.ACCOUNT: self._mark()}
        for _ in range(self._random.choice((2, 3))):
            yield self._applies(self._own() | shared, self._day())

    def _partners(self) -> Iterator[Drawn]:
        account = self._mark()
        for _ in range(2):
            yield self._applies(self._own() | {_K.ACCOUNT: account}, self._day())

    def _unlucky(self) -> Iterator[Drawn]:
        """Strangers who are tied by accident: a phone given out anew, a computer in a copy shop on the same day."""
        phone, device, day = self._mark(), self._mark(), self._day()
        yield self._applies(self._own() | {_K.PHONE: phone}, self._day())
        yield self._applies(self._own() | {_K.PHONE: phone, _K.DEVICE: device}, day)
        yield self._applies(self._own() | {_K.DEVICE: device}, self._near(day, timedelta(hours=3)))

    # -- rings -------------------------------------------------------------------------------------------------------

    def _ring(self) -> Iterator[Drawn]:
        size, ring, day = self._random.randint(_SMALLEST_RING, _LARGEST_RING), self._mark(), self._day()
        shapes = (self._one_account, self._chain_of_ties, self._one_picture, self._farm, self._of_promoter)
        shape = self._random.choice(shapes)
        for traits, at in shape(size, day):
            yield self._applies(traits, at, ring)

    def _one_account(self, size: int, day: datetime) -> Iterator[tuple[dict[TraitKind, str], datetime]]:
        account = self._mark()
        for _ in range(size):
            yield self._own() | {_K.ACCOUNT: account}, self._near(day, timedelta(days=90))

    def _chain_of_ties(self, size: int, day: datetime) -> Iterator[tuple[dict[TraitKind, str], datetime]]:
        """Each shares something with the one before: now a phone, now an account, now a picture."""
        before = self._own()
        yield before, day
        for _ in range(size - 1):
            own = self._own()
            kind = self._random.choice((_K.PHONE, _K.ACCOUNT, _K.PICTURE, _K.PERSON))
            own[kind] = self._encoded_anew(before[kind]) if kind is _K.PICTURE else before[kind]
            yield own, self._near(day, timedelta(days=60))
            before = own

    def _one_picture(self, size: int, day: datetime) -> Iterator[tuple[dict[TraitKind, str], datetime]]:
        picture = self._picture()
        for _ in range(size):
            own = self._own() | {_K.PICTURE: self._encoded_anew(picture)}
            yield own, self._near(day, timedelta(days=120))

    def _farm(self, size: int, day: datetime) -> Iterator[tuple[dict[TraitKind, str], datetime]]:
        """One device within two days; some of them one address as well."""
        device, address = self._mark(), self._mark()
        for _ in range(size):
            own = self._own() | {_K.DEVICE: device}
            if self._random.random() < 0.5:
                own[_K.ADDRESS] = address
            yield own, self._near(day, timedelta(days=2))

    def _of_promoter(self, size: int, day: datetime) -> Iterator[tuple[dict[TraitKind, str], datetime]]:
        """A promoter who invents merchants: their own device and name on all, two accounts and a few pictures among them."""
        promoter, device = self._random.choice(self._promoters)
        accounts, pictures = [self._mark(), self._mark()], [self._picture(), self._picture()]
        for number in range(size):
            own = self._own() | {_K.PROMOTER: promoter, _K.DEVICE: device, _K.ACCOUNT: accounts[number % 2]}
            own[_K.PICTURE] = self._encoded_anew(pictures[number // 2 % 2])
            yield own, self._near(day, timedelta(days=30))
