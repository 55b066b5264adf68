"""What the pages about badges are built with: the operator's name for itself, the press, the published keys, the register.

What may live here: finding those, and the marks by which a place and a visitor are known again. What may not: rules, pages.

Badges are signed with the house's key `badge_sign`: an ED25519 pair, or an SM2 pair where that is what the operator generated.
A pair that was replaced stays published until it is destroyed or reported as known to others.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from xiaopos.kernel.ids import make_id
from xiaopos.keys import KeyAlgorithm, KeyRefused, WrappedKey
from xiaopos.merchants.badges.credential import PublishedKey, Suite
from xiaopos.store.agents.book import PromoterRegister
from xiaopos.store.badges.book import BadgeRows
from xiaopos.store.keys.inventory import serving_pair, trusted_pairs
from xiaopos.usecases.keep_badges import BadgePress
from xiaopos.web import key_room
from xiaopos.web.accounts.sealing import derived_key
from xiaopos.web.trail import address_of

PAIR = "badge_sign"
VISITOR_COOKIE = "xiaopos_scans"
VISITOR_KEPT_S = 180 * 24 * 3600
NAMELESS = "xiaopos"
"""What a house calls itself that has no address of its own: a demo."""
_VISITOR_LENGTH = 22
_SUITES = {KeyAlgorithm.ED25519: Suite.ED25519, KeyAlgorithm.SM2: Suite.SM2}
_LABEL = b"xiaopos badge sightings v1"


def operator() -> str:
    """The operator's name for itself, as badges say it: the name of its own public host."""
    return urlsplit(settings.DEPLOYMENT.public_url).hostname or NAMELESS


def new_id(at: datetime) -> str:
    """A number for something that begins now."""
    return make_id(int(at.timestamp() * 1000), secrets.token_bytes(10))


def rows() -> BadgeRows:
    """The register of badges."""
    return BadgeRows(new_id)


def register() -> PromoterRegister:
    """The register of promoters, on the operator's calendar."""
    return PromoterRegister(settings.DEPLOYMENT.zone)


def press() -> BadgePress | None:
    """What signs badges now; None where the operator has generated no pair for it."""
    pair = serving_pair(PAIR)
    if pair is None or pair.algorithm not in _SUITES:
        return None
    return BadgePress(operator(), key_room.vault(), pair, pair.kcv, _SUITES[pair.algorithm], new_id)


def published() -> dict[str, PublishedKey]:
    """The keys under which badges stand, by their names. A vault that is out of reach publishes none."""
    pairs = {pair.kcv: pair for pair in _pairs() if pair.algorithm in _SUITES}
    try:
        vault = key_room.vault()
        return {
            name: PublishedKey(name, _SUITES[pair.algorithm], vault.public_key(key=pair))
            for name, pair in pairs.items()
        }
    except KeyRefused:
        return {}


def _pairs() -> list[WrappedKey]:
    serving = serving_pair(PAIR)
    return [*trusted_pairs(PAIR), *([serving] if serving is not None else [])]


def as_jwk(key: PublishedKey) -> dict[str, str]:
    """A public key as a JSON Web Key (RFC 7517; RFC 8037 for Ed25519). SM2 has no registered name: `crv` says SM2."""
    told = {"kid": key.key_id, "use": "sig", "alg": key.suite.value}
    if key.suite is Suite.ED25519:
        return {**told, "kty": "OKP", "crv": "Ed25519", "x": _base64url(key.public)}
    return {**told, "kty": "EC", "crv": "SM2", "x": _base64url(key.public[1:33]), "y": _base64url(key.public[33:])}


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")


# -- who scans -------------------------------------------------------------------------------------------------------


def _mark(kind: str, text: str) -> str:
    """A keyed hash: the same for the same text, and leading back to none."""
    return hmac.new(derived_key(_LABEL), f"{kind}:{text}".encode(), hashlib.sha256).hexdigest()[:32]


def network_mark(request: HttpRequest) -> str:
    """The mark of the network that a request came from."""
    return _mark("network", address_of(request))


def visitor_mark(request: HttpRequest) -> str:
    """The mark of whoever scanned before with this browser; of nobody yet, the empty text."""
    known = request.COOKIES.get(VISITOR_COOKIE, "")
    return _mark("visitor", known) if len(known) == _VISITOR_LENGTH else ""


def meet_visitor(request: HttpRequest) -> tuple[str, str]:
    """The visitor's mark, and the cookie that must be set for it; no cookie when they have one."""
    known = visitor_mark(request)
    if known:
        return known, ""
    cookie = secrets.token_urlsafe(16)
    return _mark("visitor", cookie), cookie


def remember_visitor(answer: HttpResponse, cookie: str) -> HttpResponse:
    """Let the browser be known again by whoever scanned with it, so that they can be warned."""
    if cookie:
        answer.set_cookie(
            VISITOR_COOKIE,
            cookie,
            max_age=VISITOR_KEPT_S,
            samesite="Lax",
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return answer
