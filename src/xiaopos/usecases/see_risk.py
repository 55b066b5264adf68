"""What the house sees of an application besides what it says itself: the ring around it, and lists of names.

What may live here: those two views, and which of an applicant's data each is told. What may not: storage, what ties (risk.rings),
what is alike (risk.screening), deciding.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from xiaopos.merchants.applications.checks import birth_of
from xiaopos.merchants.applications.fields import Field
from xiaopos.merchants.applications.scoring import Risk
from xiaopos.risk.rings.addresses import plain_address
from xiaopos.risk.rings.findings import Finding
from xiaopos.risk.rings.traits import Applicant, Trait, TraitKind, Weights
from xiaopos.risk.screening.matching import ListedKind, Outcome, Screening, Terms
from xiaopos.usecases.application_ports import KeptApplication
from xiaopos.usecases.look_for_rings import TraitBook, find_around
from xiaopos.usecases.screen_applicant import EntryBook, Subject, find_listed

RING, LISTED = "ring", "listed"
"""How the reasons of the two begin; what ties the ring, and how certain the list is, follow."""
TELLING_PICTURES = (Field.DOOR_PICTURE, Field.INSIDE_PICTURE)
"""Pictures that no two shops have in common. Identity cards and licences all look alike."""
_TRAITS = {
    Field.RESIDENT_ID: TraitKind.RESIDENT_ID,
    Field.LICENCE_CODE: TraitKind.LICENCE,
    Field.PHONE: TraitKind.PHONE,
    Field.CARD_NUMBER: TraitKind.ACCOUNT,
    Field.ACCOUNT_NUMBER: TraitKind.ACCOUNT,
}
_BETWEEN = re.compile(r"[,，、;；/\n]+")
_BLANK = re.compile(r"\s+")


def subjects_of(values: Mapping[Field, str]) -> list[Subject]:
    """Everybody behind an application whom lists may know: who applies, the business, the owners of a company."""
    resident_id = values.get(Field.RESIDENT_ID, "")
    found = []
    if values.get(Field.PERSON_NAME):
        codes = (resident_id,) if resident_id else ()
        found.append(Subject(ListedKind.PERSON, (values[Field.PERSON_NAME],), codes, birth_of(resident_id)))
    businesses = dict.fromkeys(filter(None, (values.get(Field.LICENCE_NAME), values.get(Field.ACCOUNT_NAME))))
    if businesses:
        codes = (values[Field.LICENCE_CODE],) if values.get(Field.LICENCE_CODE) else ()
        found.append(Subject(ListedKind.COMPANY, tuple(businesses), codes))
    owners = (owner.strip() for owner in _BETWEEN.split(values.get(Field.OWNERS, "")))
    return [*found, *(Subject(ListedKind.PERSON, (owner,)) for owner in owners if owner)]


@dataclass(frozen=True, slots=True)
class RingView:
    """See RiskView: the ring around an application. `mark` makes keyed hashes of a kind and a text, `pictures` names the
    likenesses of an application's telling pictures, `regions` what a region and those it lies in are called, the widest first."""

    book: TraitBook
    weights: Weights
    mark: Callable[[str, str], str]
    pictures: Callable[[str], Collection[str]]
    regions: Callable[[str], Sequence[str]]

    def look(self, application: KeptApplication, values: Mapping[Field, str], at: datetime) -> Risk:
        """See RiskView. A few that share one thing are no ring, and count nothing."""
        finding = self.find(application, values, at)
        if not finding.is_ring:
            return Risk(0)
        return Risk(finding.score, tuple(f"{RING} {kind.value}" for kind in finding.reasons))

    def find(self, application: KeptApplication, values: Mapping[Field, str], at: datetime) -> Finding:
        """The whole finding, for whoever reviews."""
        return find_around(self._applicant(application, values, at), book=self.book, weights=self.weights)

    def keep(self, application: KeptApplication, values: Mapping[Field, str], at: datetime) -> None:
        """See RiskView."""
        applicant = self._applicant(application, values, at)
        self.book.keep(applicant, find_around(applicant, book=self.book, weights=self.weights))

    def forget(self, application_id: str) -> None:
        """See RiskView."""
        self.book.forget(application_id)

    def _applicant(self, application: KeptApplication, values: Mapping[Field, str], at: datetime) -> Applicant:
        told = [(kind, values[field]) for field, kind in _TRAITS.items() if values.get(field)]
        address = plain_address(values.get(Field.SHOP_ADDRESS, ""), self.regions(application.region))
        if address:
            told.append((TraitKind.ADDRESS, f"{application.region}:{address}"))
        born = birth_of(values.get(Field.RESIDENT_ID, ""))
        name = _BLANK.sub("", values.get(Field.PERSON_NAME, "")).casefold()
        if name and born is not None:
            told.append((TraitKind.PERSON, f"{name}:{born.isoformat()}"))
        if application.promoter_id:
            told.append((TraitKind.PROMOTER, application.promoter_id))
        marks = {Trait(kind, self.mark(f"ring {kind.value}", text)) for kind, text in told}
        pictures = {Trait(TraitKind.PICTURE, likeness) for likeness in self.pictures(application.application_id)}
        return Applicant(application.application_id, at, frozenset(marks | pictures))


@dataclass(frozen=True, slots=True)
class ListView:
    """See RiskView: whether somebody behind an application is on a list."""

    book: EntryBook
    terms: Terms

    def look(
        self,
        application: KeptApplication,  # noqa: ARG002 - all views are asked alike
        values: Mapping[Field, str],
        at: datetime,  # noqa: ARG002 - all views are asked alike
    ) -> Risk:
        """See RiskView. Certain is certain; what is only possible counts as much as the strongest hit."""
        found = self.find(values)
        if found.outcome is Outcome.CLEAR:
            return Risk(0)
        score = 1000 if found.outcome is Outcome.CERTAIN else found.hits[0].score
        return Risk(score, (f"{LISTED} {found.outcome.value}",))

    def find(self, values: Mapping[Field, str]) -> Screening:
        """Every hit, for whoever reviews."""
        return find_listed(subjects_of(values), book=self.book, terms=self.terms)

    def keep(self, application: KeptApplication, values: Mapping[Field, str], at: datetime) -> None:
        """See RiskView."""
        self.book.remember(application.application_id, self.find(values), at)

    def forget(self, application_id: str) -> None:
        """See RiskView."""
        self.book.forget(application_id)
