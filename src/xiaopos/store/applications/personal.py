"""People's data in the database: copies, answers to consents, holds, deletions with their tombstones.

What may live here: the PersonalBook on Django. What may not: how long something is kept (usecases.keep_personal_data).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery

from xiaopos.merchants.applications.fields import is_picture
from xiaopos.merchants.applications.rulebook import Purpose
from xiaopos.merchants.applications.sealing import PersonalSeal
from xiaopos.merchants.applications.states import ApplicationState
from xiaopos.store.applications.book import ApplicationRows, append_line
from xiaopos.store.applications.models import (
    ApplicationRow,
    ApplicationStepRow,
    ApplicationValueRow,
    ConsentRow,
    ErasureRow,
    HoldRow,
    LetterRow,
    MerchantLimitsRow,
    PictureRow,
    ReturnedPartRow,
)
from xiaopos.store.applications.pictures import PictureRows
from xiaopos.store.merchants.models import Merchant
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.application_ports import KeptApplication
from xiaopos.usecases.keep_personal_data import Consent, Copy, Proof, digest_of

GIVEN_ANEW = "-"
"""What stands where an applicant read a reason that may have named them."""


class PersonalRows:
    """See PersonalBook. What people gave is opened by `seal`."""

    def __init__(self, seal: PersonalSeal) -> None:
        self._rows, self._pictures = ApplicationRows(seal), PictureRows(seal)

    def is_erased(self, application_id: str) -> bool:
        """See PersonalBook."""
        return bool(ErasureRow.objects.filter(application_id=application_id).exists())

    def is_held(self, application_id: str) -> bool:
        """See PersonalBook."""
        newest = HoldRow.objects.filter(application_id=application_id).order_by("-at")
        return bool(newest.values_list("held", flat=True).first())

    def hold(self, application_id: str, actor: Actor, at: datetime, *, held: bool) -> None:
        """See PersonalBook."""
        with transaction.atomic():
            HoldRow.objects.create(application_id=application_id, at=at, held=held, actor=actor.username)
            append_line("application_held" if held else "application_let_go", application_id, actor, at)

    def ended_on(self, merchant_id: str) -> date | None:
        """See PersonalBook."""
        return MerchantLimitsRow.objects.filter(merchant_id=merchant_id).values_list("ended_on", flat=True).first()

    def copy(self, application: KeptApplication, actor: Actor, at: datetime) -> Copy:
        """See PersonalBook."""
        number = application.application_id
        append_line("application_copied", number, actor, at)
        given = self._rows.values(number)
        pictures = {
            field: content
            for field, picture_id in given.items()
            if is_picture(field) and (content := self._pictures.content(number, picture_id)) is not None
        }
        steps = ApplicationStepRow.objects.filter(application_id=number).order_by("version")
        return Copy(
            application_id=number,
            kind=application.kind,
            category=application.category,
            region=application.region,
            state=application.state,
            values={field: text for field, text in given.items() if not is_picture(field)},
            pictures=pictures,
            consents=self.consents(number),
            told=[(row.at, row.event, row.told) for row in steps],
            appeal=self._rows.appeal_of(number),
            pieces=_pieces(number),
        )

    def consents(self, application_id: str) -> Sequence[Consent]:
        """See PersonalBook."""
        rows = ConsentRow.objects.filter(application_id=application_id).order_by("at", "purpose")
        return [Consent(Purpose(row.purpose), row.at, row.given, row.words) for row in rows]

    def answer(self, application: KeptApplication, consent: Consent, edition: str) -> None:
        """See PersonalBook."""
        ConsentRow.objects.create(
            application_id=application.application_id,
            purpose=consent.purpose.value,
            at=consent.at,
            given=consent.given,
            words=consent.words,
            edition=edition,
        )

    def erase(self, application: KeptApplication, actor: Actor, at: datetime, also: Callable[[], None]) -> Proof | None:
        """See PersonalBook."""
        number = application.application_id
        with transaction.atomic():
            as_read = ApplicationRow.objects.filter(
                application_id=number, state=application.state, version=application.version
            )
            gone = as_read.update(
                link_mark=f"erased-{number}", code_mark="", code_until=None, appeal=b"", version=application.version + 1
            )
            if not gone or self.is_erased(number):
                return None
            proof = _delete(number)
            also()
            LetterRow.objects.filter(application_id=number).delete()
            ReturnedPartRow.objects.filter(application_id=number).update(reason=GIVEN_ANEW)
            ErasureRow.objects.create(
                application_id=number,
                at=at,
                actor=actor.username,
                fields=proof.fields,
                pictures=proof.pictures,
                digest=proof.digest,
            )
            append_line("application_erased", number, actor, at, digest=proof.digest)
        return proof

    def at_rest(self, states: Collection[ApplicationState], before: datetime, most: int) -> Sequence[ApplicationRow]:
        """See PersonalBook."""
        rows = _erasable().filter(state__in=[state.value for state in states], changed_at__lt=before)
        return list(rows.order_by("changed_at")[:most])

    def ended_before(self, day: date, most: int) -> Sequence[ApplicationRow]:
        """See PersonalBook."""
        ended = MerchantLimitsRow.objects.filter(ended_on__lt=day)
        rows = _erasable().filter(merchant_id__in=ended.values("merchant_id"))
        return list(rows.order_by("changed_at")[:most])

    def end(self, merchant_id: str, on: date, actor: Actor, at: datetime) -> bool:
        """See PersonalBook."""
        with transaction.atomic():
            if not MerchantLimitsRow.objects.filter(merchant_id=merchant_id, ended_on=None).update(ended_on=on):
                return False
            Merchant.objects.filter(merchant_id=merchant_id).update(active=False)
            application_id = MerchantLimitsRow.objects.values_list("application_id", flat=True).get(
                merchant_id=merchant_id
            )
            append_line("merchant_ended", application_id, actor, at, merchant=merchant_id)
        return True

    def drop_letters(self, before: datetime) -> int:
        """See PersonalBook."""
        return int(LetterRow.objects.filter(at__lt=before).delete()[0])

    def tombstone(self, application_id: str) -> tuple[datetime, Proof] | None:
        """When something was deleted, and the proof of it."""
        row = ErasureRow.objects.filter(application_id=application_id).first()
        return (row.at, Proof(row.fields, row.pictures, row.digest)) if row is not None else None


def _erasable() -> QuerySet[ApplicationRow]:
    """What may be deleted: neither deleted yet nor held."""
    newest = HoldRow.objects.filter(application_id=OuterRef("application_id")).order_by("-at").values("held")[:1]
    rows = ApplicationRow.objects.exclude(application_id__in=ErasureRow.objects.values("application_id"))
    return rows.annotate(held=Subquery(newest)).filter(Q(held=None) | Q(held=False))


def _pieces(application_id: str) -> dict[str, str]:
    """The digests of what is sealed, by place: a field's name, a picture's number."""
    values = ApplicationValueRow.objects.filter(application_id=application_id)
    found = {row.field: bytes(row.sealed) for row in values}
    found |= {row.picture_id: bytes(row.sealed) for row in PictureRow.objects.filter(application_id=application_id)}
    return {place: hashlib.sha256(sealed).hexdigest() for place, sealed in found.items()}


def _delete(application_id: str) -> Proof:
    """Delete what is sealed."""
    digest = digest_of(_pieces(application_id))
    values = ApplicationValueRow.objects.filter(application_id=application_id)
    pictures = PictureRow.objects.filter(application_id=application_id)
    fields, shown = values.count(), pictures.count()
    values.delete()
    pictures.delete()
    return Proof(fields, shown, digest)
