"""A request that its sender gave a name (Idempotency-Key) is done once; whoever repeats it gets the stored answer.

What may live here: reading the name, the fingerprint of what was asked, answering once. What may not: SQL, the operations.

The ids in the bodies already keep money from moving twice; the name adds that a repeat gets the very same bytes, even of a
refusal.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language

from xiaopos.kernel.refusal import Reason
from xiaopos.store.api_keys.answers import Answer, Claim, claim, keep, let_go
from xiaopos.web.api.asks import Call
from xiaopos.web.api.operations import Operation
from xiaopos.web.api.problems import Wrong
from xiaopos.web.api.shapes import FieldProblem

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
FORM = "^[!-~]{1,64}$"
_FORM = re.compile(r"[!-~]{1,64}")
_SALT = "xiaopos.web.api.repeats"
_KEPT_HEADERS = ("Content-Type", "Location", "Retry-After")


def name_of(request: HttpRequest) -> str:
    """The name that a request bears; empty when it bears none. Raises Wrong: it is too long or has odd characters."""
    name = request.headers.get(HEADER)
    if name is None:
        return ""
    if not _FORM.fullmatch(name):
        problem = f"Expected 1 to 64 visible ASCII characters, matching '{FORM}'"
        raise Wrong(Reason.REQUEST_WRONG, fields=[FieldProblem(field=HEADER, problem=problem)])
    return name


def fingerprint_of(operation: Operation, call: Call) -> str:
    """A keyed hash of what is asked: a payer's code cannot be guessed from it. The spelling of the JSON does not count."""
    asked = "\n".join((operation.name, call.payment_id, msgspec.json.encode(call.body).decode()))
    return salted_hmac(_SALT, asked, secret=settings.SECRET_KEY, algorithm="sha256").hexdigest()


def once(name: str, operation: Operation, call: Call, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """Answer a named request, or give the stored answer again. Raises Wrong: other content, or the first is under way.

    An answer that says that the house failed (5xx) is not stored: a repeat is asked anew.
    """
    prefix = call.key.prefix
    claimed = claim(prefix, name, fingerprint_of(operation, call), at=timezone.now())
    if isinstance(claimed, Answer):
        return _again(claimed)
    if claimed is Claim.DIFFERS:
        raise Wrong(Reason.REPEAT_DIFFERS, f"this {HEADER} was used for another request")
    if claimed is Claim.UNDER_WAY:
        raise Wrong(Reason.IN_PROGRESS, f"the first request with this {HEADER} is still being answered")
    kept = False
    try:
        response = answer()
        if response.status_code < 500:
            headers = {header: response[header] for header in _KEPT_HEADERS if header in response}
            headers["Content-Language"] = get_language()
            keep(prefix, name, Answer(response.status_code, response.content, headers))
            kept = True
    finally:
        if not kept:
            let_go(prefix, name)
    return response


def _again(stored: Answer) -> HttpResponse:
    response = HttpResponse(stored.body, status=stored.status, headers=stored.headers)
    response[REPLAYED] = "true"
    return response
