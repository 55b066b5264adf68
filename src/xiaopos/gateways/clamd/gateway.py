"""The Scanner role over clamd's INSTREAM command (clamd(8)).

What may live here: one question on one connection, with little patience. What may not: retries, what an answer leads to.

The stream goes in chunks, each behind its length in four bytes, big-endian; an empty chunk ends it. The answer is one text:
`stream: OK`, `stream: NAME FOUND`, or an error. Whatever is no plain yes or no counts as not scanned.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator

import structlog

from xiaopos.usecases.keep_documents import Scan

log = structlog.get_logger("clamd")

_CHUNK = 65_536
_ANSWER_MOST = 4_096


class ClamdScanner:
    """See Scanner. Asks the daemon at `host`:`port`; each step of a question may take `timeout_s`."""

    def __init__(self, host: str, port: int, *, timeout_s: float = 10.0) -> None:
        self._address = (host, port)
        self._timeout_s = timeout_s

    def scan(self, data: bytes) -> Scan:
        """See Scanner."""
        try:
            said = self._ask(data)
        except OSError as error:
            log.warning("scanner not reached", why=type(error).__name__)
            return Scan.UNSCANNED
        if said == "stream: OK":
            return Scan.CLEAN
        if said.startswith("stream: ") and said.endswith(" FOUND"):
            log.warning("virus found", name=said[8:-6][:80])
            return Scan.VIRUS
        log.warning("scanner said neither", said=said[:80])
        return Scan.UNSCANNED

    def _ask(self, data: bytes) -> str:
        with socket.create_connection(self._address, timeout=self._timeout_s) as line:
            line.sendall(b"zINSTREAM\0")
            for part in _chunks(data):
                line.sendall(part)
            answer = b""
            while not answer.endswith(b"\0") and len(answer) < _ANSWER_MOST:
                got = line.recv(_ANSWER_MOST)
                if not got:
                    break
                answer += got
        return answer.rstrip(b"\0").decode("ascii", "replace").strip()


def _chunks(data: bytes) -> Iterator[bytes]:
    for begin in range(0, len(data), _CHUNK):
        part = data[begin : begin + _CHUNK]
        yield len(part).to_bytes(4, "big") + part
    yield bytes(4)
