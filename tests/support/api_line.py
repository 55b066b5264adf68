"""The Python client's way into the counter's API: in process, on a line that may fail.

What may live here: the transport of tests. What may not: what a test expects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from support.api_counter import Counter
from xiaopos_client import Answer

LOST = "lost"


@dataclass
class Line:
    """The client's way into the counter's API. What is in `troubles` happens first: an answer of somebody else, or LOST."""

    counter: Counter
    troubles: list[Answer | str] = field(default_factory=list)
    sent: list[tuple[str, str, Mapping[str, str]]] = field(default_factory=list)
    closed: bool = False

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """See Transport."""
        self.sent.append((method, path, headers))
        trouble = self.troubles.pop(0) if self.troubles else None
        if isinstance(trouble, Answer):
            return trouble
        given = {name: value for name, value in headers.items() if name not in ("Content-Type", "Content-Length")}
        response = self.counter.call(method, path.removeprefix("/api/v1"), body, key="", **given)
        if trouble == LOST:
            raise ConnectionError("the pretend line broke")
        return Answer(response.status_code, {name.lower(): value for name, value in response.items()}, response.content)

    def close(self) -> None:
        """See Transport."""
        self.closed = True
