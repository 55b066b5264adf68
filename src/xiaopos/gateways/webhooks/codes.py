"""What answers and failures mean.

What may live here: from an HTTP status, or what went wrong on the way, to an outcome. What may not: what follows from it.
"""

from __future__ import annotations

import re
import ssl
from http import HTTPStatus

import aiohttp

from xiaopos.merchants.webhooks import Outcome

SAID_MOST = 200
_LONG = re.compile(r"\d{12,}")


class ForbiddenAddress(OSError):
    """A name, or an address, that leads into a network that is not the public one."""


def outcome_of_status(status: int) -> Outcome:
    """What an answer means: 2xx alone is yes."""
    if status == HTTPStatus.GONE:
        return Outcome.GONE
    if 200 <= status < 300:
        return Outcome.DELIVERED
    return Outcome.REDIRECTED if 300 <= status < 400 else Outcome.REFUSED


def outcome_of_failure(error: BaseException) -> Outcome:
    """What a failure means."""
    cause = getattr(error, "os_error", None)
    if isinstance(error, ForbiddenAddress) or isinstance(cause, ForbiddenAddress):
        return Outcome.ADDRESS_FORBIDDEN
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Outcome.NAME_UNKNOWN
    if isinstance(error, (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError, ssl.SSLError)):
        return Outcome.NOT_TRUSTED
    if isinstance(error, TimeoutError):
        return Outcome.TOO_SLOW
    return Outcome.NOT_CONNECTED if isinstance(error, aiohttp.ClientConnectorError) else Outcome.BROKEN_OFF


def said_in(raw: bytes) -> str:
    """The beginning of an answer for people: printable, in one line, without anything that could be a card number."""
    text = _LONG.sub(lambda run: f"[{len(run.group())} digits]", raw.decode("utf-8", "replace"))
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:SAID_MOST]


def retry_after(header: str | None) -> int:
    """The seconds of a Retry-After header (RFC 9110, 10.2.3); 0 for none, and for a date."""
    text = (header or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0
