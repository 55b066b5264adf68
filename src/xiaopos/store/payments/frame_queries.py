"""What the console reads of the frames that were kept of a payment.

What may live here: that query. What may not: writing, words.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from xiaopos.store.payments.models import KeptFrameRow

MOST = 60
SPREAD = timedelta(days=1)
"""A frame comes before its payment is recorded; an RRN is another payment's after some years."""


@dataclass(frozen=True, slots=True)
class FrameLine:
    """One field or part of a frame, masked."""

    label: str
    zh: str
    en: str
    shown: str
    meaning: tuple[tuple[str, str], ...]
    depth: int
    fault: str


@dataclass(frozen=True, slots=True)
class KeptFrame:
    """A frame: when, with whom (`peer` empty: a terminal), whether we said it, and its table."""

    at: datetime
    peer: str
    ours: bool
    title: str
    lines: tuple[FrameLine, ...]


def frames_of(rrn: str, received_at: datetime) -> tuple[KeptFrame, ...]:
    """The frames about a payment, oldest first. One query over the index of RRNs."""
    found = (
        KeptFrameRow.objects.filter(rrn=rrn, at__gte=received_at - SPREAD)
        .order_by("at", "frame_id")
        .values_list("at", "peer", "ours", "title", "lines")[:MOST]
    )
    return tuple(KeptFrame(at, peer, ours, title, _lines(lines)) for at, peer, ours, title, lines in found)


def _lines(text: str) -> tuple[FrameLine, ...]:
    return tuple(
        FrameLine(label, zh, en, shown, tuple((one, other) for one, other in meaning), depth, fault)
        for label, zh, en, shown, meaning, depth, fault in json.loads(text)
    )
