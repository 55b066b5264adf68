"""What the API answers when it does not do a request: which HTTP status a reason has, and the answer's body.

What may live here: the table of statuses, the exception for malformed requests, rendering both. What may not: the words
of reasons (kernel's table).
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from django.http import HttpResponse
from django.urls import reverse

from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.web.api.shapes import FieldProblem, Problem, why

STATUSES: dict[Reason, int] = {
    Reason.API_KEY_WRONG: 401,
    Reason.API_KEY_SCOPE: 403,
    Reason.MERCHANT_NOT_ACTIVE: 403,
    Reason.TERMINAL_NOT_ACTIVE: 403,
    Reason.TERMINAL_NOT_BOUND: 403,
    Reason.ADDRESS_UNKNOWN: 404,
    Reason.ORIGINAL_UNKNOWN: 404,
    Reason.REQUEST_WRONG: 400,
    Reason.REPEAT_DIFFERS: 409,
    Reason.IN_PROGRESS: 409,
    Reason.REVERSED_BEFORE: 409,
    Reason.ORIGINAL_NOT_APPROVED: 409,
    Reason.ORIGINAL_SETTLED: 409,
    Reason.ORIGINAL_VOIDED: 409,
    Reason.ORIGINAL_BUSY: 409,
    Reason.REFUND_AFTER_VOID: 409,
    Reason.PREAUTH_COMPLETED: 409,
    Reason.PREAUTH_EXPIRED: 409,
    Reason.API_TOO_FAST: 429,
    Reason.FAULT: 500,
    Reason.BUSY: 503,
    Reason.STOPPING: 503,
    Reason.CHANNEL_UNAVAILABLE: 503,
    Reason.OUTCOME_UNKNOWN: 503,
}
"""The statuses of reasons; every other reason is 422: the request was understood and may not be done like this."""

UNDERSTOOD_AND_REFUSED = 422


class Wrong(Exception):
    """A request that the API cannot take: names the fields and never repeats their contents."""

    def __init__(
        self, reason: Reason, detail: str = "", *, fields: Sequence[FieldProblem] = (), status: int | None = None
    ) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.detail = detail
        self.fields = list(fields)
        self.status = status


def status_of(reason: Reason) -> int:
    """The HTTP status of a reason."""
    return STATUSES.get(reason, UNDERSTOOD_AND_REFUSED)


def refusal_answer(refused: Refused) -> HttpResponse:
    """The answer to a request that the house refused."""
    return problem_answer(Wrong(refused.reason, refused.detail))


def problem_answer(wrong: Wrong) -> HttpResponse:
    """The answer to a request that was not done, in the language of whoever asks."""
    words = why(wrong.reason)
    status = wrong.status or status_of(wrong.reason)
    problem = Problem(
        type=f"{reverse('api_index')}#reason-{wrong.reason.value}",
        status=status,
        reason=wrong.reason,
        title=words.title,
        next=words.next,
        money_moved=words.money_moved,
        detail=wrong.detail,
        fields=wrong.fields,
    )
    response = HttpResponse(msgspec.json.encode(problem), status=status, content_type="application/problem+json")
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="xiaopos"'
    if status == 503 or wrong.reason is Reason.IN_PROGRESS:
        response["Retry-After"] = "2"
    return response
