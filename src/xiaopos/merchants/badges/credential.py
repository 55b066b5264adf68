"""A badge on the wire: a JSON Web Signature in its compact form (RFC 7515), small enough for a QR code.

What may live here: the claims, writing and reading them, checking a signature against published keys. What may not: private
keys, whether the badge still stands (verdicts).

Header: `alg` EdDSA (RFC 8037) or, by configuration, SM2SM3; `kid` names the published key; `typ` is `xiaopos-badge+jwt`, so
that no other text that the house ever signed can be taken for a badge. SM2SM3 is no registered name: SM2 with SM3 under
GM/T 0009's default identity, `r | s` in 64 bytes (GB/T 32918.2-2016). Claims: `iss` the operator's name for itself, `jti` the
badge, `iat` and `exp` in seconds since 1970, and ours: `who`, `for`, `at` (regions, GB/T 2260), `may` (deeds).
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from xiaopos.keys.ed25519 import verify_ed25519
from xiaopos.keys.sm2 import PublicKey as Sm2PublicKey
from xiaopos.keys.sm2 import Signature as Sm2Signature
from xiaopos.keys.sm2 import verify as verify_sm2
from xiaopos.keys.vault import KeyRefused

TYPE = "xiaopos-badge+jwt"
LONGEST = 1200
"""More characters no phone reads off a screen at arm's length."""
MOST_REGIONS = 12
LONGEST_NAME = 40
_SIGNATURE = 64
_PART = re.compile(r"[A-Za-z0-9_-]+")
_ID = re.compile(r"[0-9a-f]{32}")
_REGION = re.compile(r"[0-9]{2}(?:[0-9]{2}){0,2}")
_KEY_ID = re.compile(r"[0-9A-Za-z._-]{1,32}")
_LAST_SECOND = 2**33


class Suite(Enum):
    """How a badge is signed, by its `alg`."""

    ED25519 = "EdDSA"
    SM2 = "SM2SM3"


class Deed(Enum):
    """What a promoter may be allowed to do. What none ever may is in no badge: `NEVER`."""

    INTRODUCE = "introduce"
    """Explain terminals and prices."""
    HELP_APPLY = "help_apply"
    """Help to fill in an application."""
    DELIVER = "deliver"
    """Bring a terminal, and install it."""
    TRAIN = "train"
    """Show how a terminal is used."""
    SERVE = "serve"
    """Look after a terminal: paper, repair, exchange."""


class Never(Enum):
    """What no promoter may ever do, whoever they are."""

    COLLECT_FEES = "collect_fees"
    TAKE_YOUR_CARD = "take_your_card"
    SIGN_FOR_YOU = "sign_for_you"
    ASK_FOR_CODES = "ask_for_codes"
    DECIDE = "decide"


class Unreadable(Enum):
    """Why a text is no badge of ours."""

    NO_BADGE = "no_badge"
    """It has not the form of one."""
    OTHER_OPERATOR = "other_operator"
    """It names another operator."""
    KEY_UNKNOWN = "key_unknown"
    """It names a key that is not published."""
    FORGED = "forged"
    """Its signature is not over what it says."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a badge says. `name` is masked as for strangers; no `regions` means everywhere."""

    badge_id: str
    operator: str
    name: str
    agent: str
    regions: tuple[str, ...]
    deeds: frozenset[Deed]
    issued_at: datetime
    expires_at: datetime

    def __post_init__(self) -> None:
        """Raises ValueError for claims that could not be read again."""
        fault = _fault(self)
        if fault:
            raise ValueError(fault)


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """A public key under which badges stand: 32 bytes for Ed25519, 65 (04 | x | y) for SM2."""

    key_id: str
    suite: Suite
    public: bytes


def signing_input(claims: Claims, key_id: str, suite: Suite) -> bytes:
    """What is signed: RFC 7515, 5.1, step 8. Raises ValueError for a key's name of another form."""
    if _KEY_ID.fullmatch(key_id) is None:
        raise ValueError(f"a key's name has up to 32 letters, digits, dots and dashes, got {key_id!r}")
    header = {"alg": suite.value, "kid": key_id, "typ": TYPE}
    said = {
        "iss": claims.operator,
        "jti": claims.badge_id,
        "who": claims.name,
        "for": claims.agent,
        "at": list(claims.regions),
        "may": sorted(deed.value for deed in claims.deeds),
        "iat": int(claims.issued_at.timestamp()),
        "exp": int(claims.expires_at.timestamp()),
    }
    return f"{_packed(header)}.{_packed(said)}".encode("ascii")


def badge_text(signed: bytes, signature: bytes) -> str:
    """The badge: what was signed, and 64 bytes of signature. Raises ValueError when it is too long to be scanned."""
    if len(signature) != _SIGNATURE:
        raise ValueError(f"a badge's signature has {_SIGNATURE} bytes, got {len(signature)}")
    text = f"{signed.decode('ascii')}.{_encoded(signature)}"
    if len(text) > LONGEST:
        raise ValueError(f"a badge has at most {LONGEST} characters, got {len(text)}")
    return text


def read_badge(text: str, operator: str, keys: Mapping[str, PublishedKey]) -> Claims | Unreadable:
    """What a badge says, once its signature has been checked; why it is none of ours. Any text is answered."""
    parts = text.split(".")
    if len(text) > LONGEST or len(parts) != 3 or any(_PART.fullmatch(part) is None for part in parts):
        return Unreadable.NO_BADGE
    header, said, signature = _unpacked(parts[0]), _unpacked(parts[1]), _decoded(parts[2])
    if header is None or said is None or signature is None or len(signature) != _SIGNATURE:
        return Unreadable.NO_BADGE
    if header.get("typ") != TYPE or set(header) != {"alg", "kid", "typ"}:
        return Unreadable.NO_BADGE
    if said.get("iss") != operator:
        return Unreadable.OTHER_OPERATOR
    key = keys.get(str(header["kid"]))
    if key is None or key.suite.value != header["alg"]:
        return Unreadable.KEY_UNKNOWN
    if not _is_signed(key, f"{parts[0]}.{parts[1]}".encode("ascii"), signature):
        return Unreadable.FORGED
    return _claims(said)


def _is_signed(key: PublishedKey, data: bytes, signature: bytes) -> bool:
    if key.suite is Suite.ED25519:
        return verify_ed25519(key.public, data, signature)
    try:
        return verify_sm2(Sm2PublicKey.from_bytes(key.public), data, Sm2Signature.from_raw(signature))
    except KeyRefused:
        return False


def _claims(said: Mapping[str, Any]) -> Claims | Unreadable:
    """What was signed, if it is what we sign: a newer house's badges may say what this one does not know."""
    try:
        return Claims(
            badge_id=said["jti"],
            operator=said["iss"],
            name=said["who"],
            agent=said["for"],
            regions=tuple(said["at"]),
            deeds=frozenset(Deed(deed) for deed in said["may"]),
            issued_at=datetime.fromtimestamp(said["iat"], UTC),
            expires_at=datetime.fromtimestamp(said["exp"], UTC),
        )
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return Unreadable.NO_BADGE


def _fault(claims: Claims) -> str:
    if _ID.fullmatch(claims.badge_id) is None:
        return "a badge's number has 32 hex digits"
    names = (claims.operator, claims.name, claims.agent)
    if not all(0 < len(name) <= LONGEST_NAME and name.isprintable() for name in names):
        return f"operator, name and agent have 1 to {LONGEST_NAME} printable characters each"
    if len(claims.regions) > MOST_REGIONS or any(_REGION.fullmatch(region) is None for region in claims.regions):
        return f"a badge names at most {MOST_REGIONS} regions by 2, 4 or 6 digits (GB/T 2260)"
    if not 0 <= claims.issued_at.timestamp() < claims.expires_at.timestamp() < _LAST_SECOND:
        return "a badge ends after it begins"
    return ""


def _packed(value: Mapping[str, object]) -> str:
    return _encoded(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def _unpacked(part: str) -> dict[str, Any] | None:
    raw = _decoded(part)
    try:
        value = json.loads(raw) if raw is not None else None
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode("ascii").rstrip("=")


def _decoded(part: str) -> bytes | None:
    """base64url without padding; None for what no encoder writes (RFC 4648, 3.5), so that a badge has one text only."""
    try:
        data = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        return None
    return data if _encoded(data) == part else None
