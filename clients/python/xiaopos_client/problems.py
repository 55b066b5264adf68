"""Why a call was not done, as exceptions: what happened, whether money moved, what to do now.

What may live here: the exceptions and reading them from an answer (RFC 9457). What may not: calls, retries.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

MoneyMoved = Literal["no", "yes", "unknown"]


@dataclass(frozen=True, slots=True)
class WrongField:
    """A field of the request that is wrong, and what it should be."""

    field: str
    problem: str


class Problem(Exception):
    """A call was not done. `title` and `next` are for people, `reason` is for programs, `detail` is for developers."""

    def __init__(
        self,
        reason: str,
        title: str,
        *,
        next: str = "",  # noqa: A002 - the API's own word
        money_moved: MoneyMoved = "unknown",
        status: int = 0,
        detail: str = "",
        fields: tuple[WrongField, ...] = (),
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(f"{reason}: {title}")
        self.reason, self.title, self.next = reason, title, next
        self.money_moved: MoneyMoved = money_moved
        self.status, self.detail, self.fields = status, detail, fields
        self.retry_after_s = retry_after_s


class WrongRequest(Problem):
    """The request is malformed: `fields` says where (400, 405, 413, 415)."""


class KeyRefused(Problem):
    """The key opens nothing, or not this; or the merchant or terminal is switched off (401, 403)."""


class NotFound(Problem):
    """There is no such payment within the key's reach (404)."""


class Conflict(Problem):
    """It does not go with what was done before (409)."""


class NotTaken(Problem):
    """It was understood and may not be done like this (422)."""


class TooFast(Problem):
    """The key calls too often (429)."""


class ServiceTrouble(Problem):
    """The service failed, or does not know the outcome: send the same again (5xx, or an answer that is none)."""


class Unreachable(Problem):
    """No answer came. Whether money moved is unknown: send the same again, with the same ids."""


_BY_STATUS: dict[int, type[Problem]] = {
    401: KeyRefused,
    403: KeyRefused,
    404: NotFound,
    409: Conflict,
    422: NotTaken,
    429: TooFast,
}


def problem_of(status: int, headers: Mapping[str, str], body: bytes) -> Problem:
    """The exception for an answer that is no success. `headers` have lower-case names."""
    kind = _BY_STATUS.get(status, WrongRequest if status < 500 else ServiceTrouble)
    after = headers.get("retry-after", "")
    told = _told(body)
    moved = told.get("money_moved")
    return kind(
        str(told.get("reason", "not_understood")),
        str(told.get("title", f"HTTP {status}")),
        next=str(told.get("next", "")),
        money_moved=moved if moved in ("no", "yes") else "unknown",
        status=status,
        detail=str(told.get("detail", "")),
        fields=tuple(WrongField(str(one["field"]), str(one["problem"])) for one in told.get("fields", ())),
        retry_after_s=int(after) if after.isdecimal() else None,
    )


def _told(body: bytes) -> dict[str, Any]:
    """The problem in a body; nothing when somebody between us and the service answered."""
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) and isinstance(told.get("fields", []), list) else {}
