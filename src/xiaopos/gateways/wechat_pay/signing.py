"""What is signed between WeChat Pay and us, in both directions, and judging whether an answer or a notification is WeChat Pay's.

What may live here: the texts under signatures, the headers that carry them, the window of time. What may not: HTTP, private
keys (a vault signs), what an answer means.

Requests: method, address, timestamp, nonce and body, each with a line feed behind. Answers and notifications: timestamp, nonce
and body as it came. An answer's signature does not name its question: the window, nonces that come once and the numbers in
the body tie the two together.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from xiaopos.keys.signatures import verify_rsa

Body = Mapping[str, object]

SCHEME = "WECHATPAY2-SHA256-RSA2048"
WINDOW = timedelta(minutes=5)
"""How far a timestamp may be from our clock, as WeChat Pay advises for notifications and demands of requests."""

TIMESTAMP, NONCE, SIGNATURE = "Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Signature"
SERIAL, SIGNATURE_TYPE = "Wechatpay-Serial", "Wechatpay-Signature-Type"

_WORD = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Distrusted:
    """What may not be believed, and why. `said` is the word of a code in it and `about` the field that it names: hints, no more.

    `stranger` is the serial of a key that is not known (yet); `clock` says that the two clocks disagree.
    """

    cause: str
    said: str = ""
    about: str = ""
    stranger: str = ""
    clock: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What WeChat Pay said, signed: the HTTP status and the body, an object (empty for 204)."""

    status: int
    body: Body

    @property
    def done(self) -> bool:
        """Whether it is no failure."""
        return self.status in (200, 204)

    @property
    def code(self) -> str:
        """The code of a failure; empty for success."""
        value = "" if self.done else self.body.get("code", "")
        return value if isinstance(value, str) else ""


class Seen:
    """The nonces that were believed before, the newest ones: a message that comes twice was replayed by somebody."""

    def __init__(self) -> None:
        self._nonces: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, nonce: str) -> bool:
        return nonce in self._nonces

    def add(self, nonce: str) -> None:
        """Remember."""
        self._nonces[nonce] = None
        if len(self._nonces) > _REMEMBERED:
            self._nonces.popitem(last=False)


def request_text(method: str, path: str, timestamp: str, nonce: str, body: bytes) -> bytes:
    """The bytes under a request's signature. `path` is with its query.

    >>> request_text("GET", "/v3/certificates", "1554208460", "593BEC", b"")
    b'GET\\n/v3/certificates\\n1554208460\\n593BEC\\n\\n'
    """
    return f"{method}\n{path}\n{timestamp}\n{nonce}\n".encode() + body + b"\n"


def answer_text(timestamp: str, nonce: str, body: bytes) -> bytes:
    """The bytes under the signature of an answer or a notification."""
    return f"{timestamp}\n{nonce}\n".encode() + body + b"\n"


def authorization(*, mchid: str, serial: str, nonce: str, timestamp: str, signature: bytes) -> str:
    """The header that carries a request's signature."""
    signed = base64.b64encode(signature).decode()
    return f'{SCHEME} mchid="{mchid}",nonce_str="{nonce}",signature="{signed}",timestamp="{timestamp}",serial_no="{serial}"'


def doubt(
    headers: Mapping[str, str], body: bytes, keys: Mapping[str, bytes], now: datetime, seen: Seen
) -> Distrusted | None:
    """Why an answer or a notification is not to be believed; None when it is WeChat Pay's, of now, and came for the first time.

    `keys` are WeChat Pay's public keys by serial. Header names must be found in any case, or be in lower case.
    """
    given = {name: headers.get(name) or headers.get(name.lower(), "") for name in (TIMESTAMP, NONCE, SIGNATURE, SERIAL)}
    if not all(given.values()):
        return Distrusted("it has no signature")
    if (headers.get(SIGNATURE_TYPE) or headers.get(SIGNATURE_TYPE.lower()) or SCHEME) != SCHEME:
        return Distrusted("it is signed in a way that was not agreed")
    public = keys.get(given[SERIAL])
    if public is None:
        stranger = word(given[SERIAL])
        return Distrusted(f"it is signed with a key that is not ours to trust ({stranger})", stranger=stranger)
    try:
        signature = base64.b64decode(given[SIGNATURE], validate=True)
    except (binascii.Error, ValueError):
        return Distrusted("its signature is no base64")
    if not verify_rsa(public, answer_text(given[TIMESTAMP], given[NONCE], body), signature):
        return Distrusted("it has no valid signature")
    return _untimely(given[TIMESTAMP], given[NONCE], now, seen)


def _untimely(timestamp: str, nonce: str, now: datetime, seen: Seen) -> Distrusted | None:
    if not _SECONDS.fullmatch(timestamp) or abs(now.timestamp() - int(timestamp)) > WINDOW.total_seconds():
        return Distrusted("it is not of now: one of the two clocks is wrong, or somebody replays it", clock=True)
    if nonce in seen:
        return Distrusted("it came before: somebody replays it")
    seen.add(nonce)
    return None


def read_object(raw: bytes) -> Body | None:
    """A JSON object in UTF-8, None for anything else."""
    try:
        body = json.loads(raw.decode())
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def word(value: object) -> str:
    """What nobody has signed, as far as it may be told on: one word."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else "?" if value else ""


def hinted(raw: bytes) -> tuple[str, str]:
    """The code of a failure that is not signed, and the field that it names: worth no more than a hint to a person."""
    body = read_object(raw) or {}
    detail = body.get("detail")
    field = detail.get("field") if isinstance(detail, dict) else ""
    return word(body.get("code")), word(field)
