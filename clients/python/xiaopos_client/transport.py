"""One request and its answer over HTTP, on a connection that is kept open.

What may live here: sockets, time limits, size limits. What may not: what is asked, trying again.
"""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

LONGEST_ANSWER = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport(Protocol):
    """Carries one request. Raises OSError when no whole answer came."""

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """The answer to a request; `path` is absolute, with its query."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


class HttpTransport:
    """HTTP/1.1 to one service. Raises ValueError for an address that is no http or https URL."""

    def __init__(self, base_url: str, *, timeout_s: float = 40.0, tls: ssl.SSLContext | None = None) -> None:
        place = urlsplit(base_url)
        if place.scheme not in ("http", "https") or not place.hostname:
            raise ValueError("the service's address begins with https://")
        self._prefix = place.path.rstrip("/")
        if place.scheme == "https":
            context = tls or ssl.create_default_context()
            self._line: http.client.HTTPConnection = http.client.HTTPSConnection(
                place.hostname, place.port, timeout=timeout_s, context=context
            )
        else:
            self._line = http.client.HTTPConnection(place.hostname, place.port, timeout=timeout_s)

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """See Transport."""
        try:
            self._line.request(method, self._prefix + path, body=body, headers=dict(headers))
            response = self._line.getresponse()
            told = response.read(LONGEST_ANSWER + 1)
        except (http.client.HTTPException, OSError) as error:
            self._line.close()
            raise ConnectionError(type(error).__name__) from None
        if len(told) > LONGEST_ANSWER:
            self._line.close()
            raise ConnectionError("the answer is too long")
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, told)

    def close(self) -> None:
        """See Transport."""
        self._line.close()
