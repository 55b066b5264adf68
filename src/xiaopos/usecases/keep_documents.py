"""Keep the pictures of an application: taken in only as drawn anew, sealed, shown with a reason and the viewer's name on them.

What may live here: the order of what is done to a picture, the roles it needs. What may not: drawing, scanning, storage, words.

The bytes that somebody sent are never kept: what is kept is what our own drawing of them came to. A scanner that cannot be
asked does not stop anybody; the picture is marked as unscanned, and shown so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from xiaopos.merchants.applications.fields import Field, is_picture
from xiaopos.merchants.applications.pictures import PictureFault, picture_fault, sniff
from xiaopos.risk.rings.likeness import likeness
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.application_ports import ApplicationDesk, KeptApplication
from xiaopos.usecases.apply_for_pos import standing_of
from xiaopos.usecases.see_risk import TELLING_PICTURES


class Scan(Enum):
    """What a scanner for viruses said of a picture as it was sent."""

    CLEAN = "clean"
    UNSCANNED = "unscanned"
    """There is no scanner, or it did not answer."""
    VIRUS = "virus"


class Scanner(Protocol):
    """Whoever knows viruses."""

    def scan(self, data: bytes) -> Scan:
        """What it says. Never raises: one that does not answer has not scanned."""
        ...


class Undrawable(Exception):
    """A file that cannot be drawn."""


class Redrawer(Protocol):
    """Whoever draws pictures."""

    def redraw(self, data: bytes) -> bytes:
        """The picture as a PNG of ours, upright, of a size that can be read, without anything that was not seen in it. Raises
        Undrawable."""
        ...

    def mark(self, picture: bytes, words: str) -> bytes:
        """One of our pictures with words all over it."""
        ...

    def grey(self, picture: bytes) -> bytes:
        """One of our pictures scaled to risk.rings.likeness's WIDTH x HEIGHT, a byte of brightness each, row by row."""
        ...


@dataclass(frozen=True, slots=True)
class NewPicture:
    """A picture to be kept. `content` is our drawing of it, `likeness` by what it is known again; empty where all look alike."""

    field: Field
    content: bytes
    scan: Scan
    at: datetime
    likeness: str = ""


@dataclass(frozen=True, slots=True)
class PictureLook:
    """Who wants to see which picture of which application, and why."""

    application_id: str
    picture_id: str
    actor: Actor
    at: datetime


class PictureBook(Protocol):
    """Whoever keeps pictures, sealed."""

    def keep(self, application: KeptApplication, picture: NewPicture, picture_id: str) -> bool:
        """Keep it in place of what was there; False when the application has moved meanwhile."""
        ...

    def note_look(self, look: PictureLook) -> bool:
        """Write in the audit trail that somebody looks, before anything is opened; False when there is no such picture."""
        ...

    def content(self, application_id: str, picture_id: str) -> bytes | None:
        """What is kept, opened."""
        ...


class LookFault(Enum):
    """Why a picture is not shown."""

    NO_REASON = "no_reason"
    UNKNOWN = "unknown"


def take_in(
    application_id: str,
    field: Field,
    data: bytes,
    at: datetime,
    desk: ApplicationDesk,
    *,
    pictures: PictureBook,
    scanner: Scanner | None,
    redrawer: Redrawer,
) -> NewPicture | PictureFault:
    """Take a picture in. Limits come before the scanner, the scanner before the drawing."""
    application = desk.book.recall(application_id)
    if application is None or not is_picture(field) or field not in standing_of(application, at, desk).open:
        return PictureFault.NOT_NOW
    fault = picture_fault(data)
    if fault is not None:
        return fault
    scan = scanner.scan(data) if scanner is not None else Scan.UNSCANNED
    if scan is Scan.VIRUS:
        return PictureFault.VIRUS
    assert sniff(data) is not None, "what has no fault is a picture"
    try:
        drawn = redrawer.redraw(data)
    except Undrawable:
        return PictureFault.BROKEN
    known_by = likeness(redrawer.grey(drawn)) if field in TELLING_PICTURES else ""
    picture = NewPicture(field, drawn, scan, at, known_by)
    return picture if pictures.keep(application, picture, desk.make_id(at)) else PictureFault.NOT_NOW


def show_picture(look: PictureLook, words: str, *, pictures: PictureBook, redrawer: Redrawer) -> bytes | LookFault:
    """A picture with the viewer's words all over it. Who looks is written down before anything is opened."""
    if not look.actor.gives_a_reason:
        return LookFault.NO_REASON
    if not pictures.note_look(look):
        return LookFault.UNKNOWN
    content = pictures.content(look.application_id, look.picture_id)
    return redrawer.mark(content, words) if content is not None else LookFault.UNKNOWN
