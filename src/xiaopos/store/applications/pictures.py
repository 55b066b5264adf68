"""Pictures of applications in the database, sealed, and the demo's pretend telephone.

What may live here: the PictureBook on Django, the Notifier of the demo. What may not: drawing, scanning, rules.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from xiaopos.merchants.applications.sealing import PersonalSeal
from xiaopos.store.applications.book import append_line, given_anew, place_of
from xiaopos.store.applications.models import ApplicationRow, LetterRow, PictureRow
from xiaopos.usecases.application_ports import KeptApplication
from xiaopos.usecases.keep_documents import NewPicture, PictureLook


class PictureRows:
    """See PictureBook. Pictures are sealed and opened by `seal`."""

    def __init__(self, seal: PersonalSeal) -> None:
        self._seal = seal

    def keep(self, application: KeptApplication, picture: NewPicture, picture_id: str) -> bool:
        """See PictureBook."""
        number = application.application_id
        sealed = self._seal.seal(picture.content, place_of(number, picture_id))
        with transaction.atomic():
            as_read = ApplicationRow.objects.filter(
                application_id=number, state=application.state, version=application.version
            )
            if not as_read.update(changed_at=picture.at):
                return False
            before = PictureRow.objects.filter(application_id=number, field=picture.field.value, replaced_at=None)
            before.update(replaced_at=picture.at)
            PictureRow.objects.create(
                picture_id=picture_id,
                application_id=number,
                field=picture.field.value,
                sealed=sealed,
                size=len(picture.content),
                scan=picture.scan.value,
                likeness=picture.likeness,
                taken_at=picture.at,
            )
            given_anew(number, [picture.field], picture.at)
        return True

    def likenesses(self, application_id: str) -> frozenset[str]:
        """By what an application's telling pictures are known again."""
        rows = PictureRow.objects.filter(application_id=application_id, replaced_at=None).exclude(likeness="")
        return frozenset(rows.values_list("likeness", flat=True))

    def note_look(self, look: PictureLook) -> bool:
        """See PictureBook."""
        rows = PictureRow.objects.filter(application_id=look.application_id, picture_id=look.picture_id)
        field = rows.values_list("field", flat=True).first()
        if field is None:
            return False
        append_line("application_picture_shown", look.application_id, look.actor, look.at, field=field)
        return True

    def content(self, application_id: str, picture_id: str) -> bytes | None:
        """See PictureBook."""
        row = PictureRow.objects.filter(application_id=application_id, picture_id=picture_id).first()
        return self._seal.open(bytes(row.sealed), place_of(application_id, picture_id)) if row is not None else None


class PretendTelephone:
    """See Notifier: what a telephone in the demo receives, on a page instead."""

    def send_code(self, application: KeptApplication, phone: str, code: str, at: datetime) -> None:
        """See Notifier."""
        LetterRow.objects.create(application_id=application.application_id, at=at, phone=phone, code=code)


def newest_letter(application_id: str) -> tuple[str, str, datetime] | None:
    """The telephone number, the code and the time of the newest letter of the demo."""
    rows = LetterRow.objects.filter(application_id=application_id).order_by("-at")
    return rows.values_list("phone", "code", "at").first()
