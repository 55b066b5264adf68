"""Speakers in the database: pairing and removing, each with its line in the audit trail; what the portal lists.

What may live here: the SpeakerBook on Django. What may not: rules (usecases.keep_speakers), clear keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from xiaopos.keys import WrappedKey
from xiaopos.store.audit.trail import AuditEntry, append
from xiaopos.store.keys.inventory import record_key
from xiaopos.store.speakers.models import SpeakerRow
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.keep_speakers import KeptSpeaker
from xiaopos.usecases.key_ceremony import Origin


@dataclass(frozen=True, slots=True)
class SpeakerLine:
    """A speaker as the portal lists it. `waiting` counts what it has not heard; `seen_at` is when it last said what it heard."""

    speaker_id: str
    shop_id: str
    label: str
    made_at: datetime
    made_by: str
    seen_at: datetime | None
    waiting: int


def speakers_of(merchant_id: str) -> Sequence[SpeakerLine]:
    """A merchant's speakers, the oldest first."""
    rows = SpeakerRow.objects.filter(merchant_id=merchant_id, state="active").order_by("made_at", "speaker_id")
    return [
        SpeakerLine(
            row.speaker_id, row.shop_id, row.label, row.made_at, row.made_by, row.seen_at, row.last_number - row.heard_number
        )
        for row in rows
    ]  # fmt: skip


class SpeakerRows:
    """See SpeakerBook."""

    def count(self, merchant_id: str) -> int:
        """See SpeakerBook."""
        return int(SpeakerRow.objects.filter(merchant_id=merchant_id, state="active").count())

    def add(self, speaker: KeptSpeaker, key: WrappedKey, key_id: str, actor: Actor) -> None:
        """See SpeakerBook. The inventory knows the secret by its speaker's last characters and its check value."""
        with transaction.atomic():
            SpeakerRow.objects.create(
                speaker_id=speaker.speaker_id,
                merchant_id=speaker.merchant_id,
                shop_id=speaker.shop_id,
                label=speaker.label,
                state="active",
                secret=speaker.secret,
                made_by=speaker.made_by,
                made_at=speaker.made_at,
            )
            name = f"sp-{speaker.speaker_id[-18:]}-{key.kcv}"
            record_key(key_id, name, key, Origin.GENERATED, speaker.made_at, by=actor.username)
            _append("speaker_paired", speaker.merchant_id, speaker.speaker_id, actor, speaker.made_at)

    def remove(self, merchant_id: str, speaker_id: str, actor: Actor, at: datetime) -> bool:
        """See SpeakerBook."""
        with transaction.atomic():
            rows = SpeakerRow.objects.filter(merchant_id=merchant_id, speaker_id=speaker_id, state="active")
            if not rows.update(state="removed"):
                return False
            _append("speaker_removed", merchant_id, speaker_id, actor, at)
        return True


def _append(action: str, merchant_id: str, speaker_id: str, actor: Actor, at: datetime) -> None:
    entry = AuditEntry(
        actor=actor.username,
        role=actor.role,
        action=action,
        merchant_id=merchant_id,
        object_kind="speaker",
        object_id=speaker_id,
        reason=actor.reason.strip(),
        detail={},
    )
    append(entry, at=at)
