"""Where pages find the desk of applications: its book, its rules, its keys, who draws, who scans, who sends codes.

What may live here: putting those together for one request. What may not: rules, pages.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from xiaopos.gateways.clamd import ClamdScanner
from xiaopos.kernel.ids import make_id
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyFault, KeyRefused
from xiaopos.merchants.applications.sealing import PersonalSeal
from xiaopos.risk.rings.traits import Weights
from xiaopos.risk.screening.matching import Terms
from xiaopos.store.applications.book import ApplicationRows
from xiaopos.store.applications.pictures import PictureRows, PretendTelephone
from xiaopos.store.applications.queries import personal_seal
from xiaopos.store.rings.book import TraitRows
from xiaopos.store.screening.book import ScreeningRows
from xiaopos.usecases.application_ports import ApplicationDesk, Notifier, Reader
from xiaopos.usecases.keep_documents import Redrawer, Scanner
from xiaopos.usecases.see_risk import ListView, RingView
from xiaopos.web import key_room
from xiaopos.web.accounts.sealing import derived_key
from xiaopos.web.pictures import TypstRedrawer
from xiaopos.web.region_words import region_name

CODE_DIGITS = 6
_MARKS = b"xiaopos numbers on lists"
_readers: list[Reader] = []


def install(*, reader: Reader | None = None) -> None:
    """Say who reads pictures. Called by the composition root, where there is such a one."""
    _readers[:] = [reader] if reader is not None else []


def lists_room() -> ScreeningRows:
    """The lists that applicants are screened against."""
    return ScreeningRows(Secret(derived_key(_MARKS)), new_id)


def new_id(at: datetime) -> str:
    """A new number."""
    return make_id(int(at.timestamp() * 1000), secrets.token_bytes(10))


@dataclass(frozen=True, slots=True)
class Room:
    """The desk and what stands beside it. `notifier` is None where nobody sends codes, `scanner` where nobody scans, `reader`
    where nobody reads pictures."""

    desk: ApplicationDesk
    rows: ApplicationRows
    seal: PersonalSeal
    pictures: PictureRows
    redrawer: Redrawer
    scanner: Scanner | None
    notifier: Notifier | None
    reader: Reader | None
    rings: RingView
    lists: ListView

    def code_mark(self, link_mark: str, code: str) -> str:
        """What is kept of a code: it is good for one link."""
        return self.seal.mark("code", f"{link_mark}:{code}")


def open_room() -> Room:
    """The room, for one request. Raises KeyRefused when the keys for people's data are missing or out of reach."""
    seal = personal_seal(key_room.vault())
    if seal is None:
        text = "the keys for people's data are missing; xiaopos keys prepare makes them"
        raise KeyRefused(KeyFault.OUT_OF_REACH, text)
    deployment, rules, rows = settings.DEPLOYMENT, settings.APPLICATION_RULES, ApplicationRows(seal)
    pictures = PictureRows(seal)
    rings = RingView(TraitRows(), Weights(), seal.mark, pictures.likenesses, lambda region: region_name(region).split())
    lists = ListView(lists_room(), Terms())
    return Room(
        desk=ApplicationDesk(
            book=rows,
            rules=rules,
            names=rules,
            views=(rings, lists),
            make_id=new_id,
            zone=deployment.zone,
            acquirer=deployment.acquirer_id,
            keyed=seal.keyed,
        ),
        rows=rows,
        seal=seal,
        pictures=pictures,
        redrawer=TypstRedrawer(),
        scanner=ClamdScanner(*deployment.clamd) if deployment.clamd else None,
        notifier=PretendTelephone() if deployment.is_demo else None,
        reader=_readers[0] if _readers else None,
        rings=rings,
        lists=lists,
    )


def new_link() -> tuple[str, str]:
    """The secret part of a link that leads back to an application, and the mark that is kept of it."""
    secret = secrets.token_urlsafe(24)
    return secret, link_mark(secret)


def link_mark(secret: str) -> str:
    """What is kept of a link's secret part."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_code() -> str:
    """Six digits that nobody can guess."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
