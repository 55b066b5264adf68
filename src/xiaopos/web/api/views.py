"""The doors of the API: every operation through one view, and the description for programs and for people.

What may live here: HTTP. What may not: what an operation does (asks), what it looks like (shapes).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import msgspec
import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET

from xiaopos.kernel.ids import is_id
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.payments.payment import Payment
from xiaopos.payments.states import KNOWN
from xiaopos.store.payments.api_queries import payment_by_id
from xiaopos.usecases.ports import BooksLost
from xiaopos.web.api import description, limits, repeats, shapes
from xiaopos.web.api.asks import Call
from xiaopos.web.api.operations import DECODERS, Operation
from xiaopos.web.api.problems import Wrong, problem_answer, refusal_answer
from xiaopos.web.api.reading import key_of, read_body, read_query
from xiaopos.web.asking import StillUnderWay

log = structlog.get_logger("api")


@csrf_exempt
def serve(request: HttpRequest, methods: Mapping[str, Operation], payment_id: str = "") -> HttpResponse:
    """Answer a call: with what was asked for, or with a problem in words. Keys, not cookies, say who calls."""
    operation = methods.get(request.method or "")
    if operation is None:
        response = problem_answer(Wrong(Reason.ADDRESS_UNKNOWN, "this method is not known here", status=405))
        response["Allow"] = ", ".join(methods)
    else:
        chosen = operation
        response = _told(chosen, request, lambda: _counted(request, chosen, payment_id))
    response["Cache-Control"] = "no-store"
    return response


def _told(operation: Operation, request: HttpRequest, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """An answer, or in words why there is none."""
    try:
        return answer()
    except Wrong as wrong:
        return problem_answer(wrong)
    except Exception as error:
        if not isinstance(error, BooksLost):
            log.exception("api fault", path=request.path)
        return problem_answer(Wrong(Reason.FAULT if operation.method == "GET" else Reason.OUTCOME_UNKNOWN))


def _counted(request: HttpRequest, operation: Operation, payment_id: str) -> HttpResponse:
    """Answer within the limits of the key, and say what is left of them."""
    key = key_of(request, operation.scope)
    taken = limits.take(key.prefix)
    if taken.allowed:
        response = _told(operation, request, lambda: _answer(request, operation, Call(key, payment_id)))
    else:
        response = problem_answer(Wrong(Reason.API_TOO_FAST, f"{taken.at_once} calls in {taken.window_s} seconds"))
        response["Retry-After"] = str(taken.wait_s)
    response["RateLimit-Policy"] = f'"key";q={taken.at_once};w={taken.window_s}'
    response["RateLimit"] = f'"key";r={taken.left};t={taken.full_in_s}'
    return response


@csrf_exempt
def unknown(_request: HttpRequest) -> HttpResponse:
    """An address under which there is nothing."""
    return problem_answer(Wrong(Reason.ADDRESS_UNKNOWN, f"see {reverse('api_index')}"))


def _answer(request: HttpRequest, operation: Operation, bare: Call) -> HttpResponse:
    decoder = DECODERS.get(operation.name)
    call = replace(
        bare,
        body=read_body(request, decoder) if decoder else None,
        query=read_query(request, operation.query) if operation.query else None,
    )
    if call.payment_id and not is_id(call.payment_id):
        raise Wrong(Reason.ORIGINAL_UNKNOWN, "a payment's id is 32 lower-case hex digits")
    name = repeats.name_of(request) if operation.method == "POST" else ""
    return repeats.once(name, operation, call, lambda: _done(operation, call)) if name else _done(operation, call)


def _done(operation: Operation, call: Call) -> HttpResponse:
    try:
        made = operation.run(call)
    except StillUnderWay:
        found = payment_by_id(call.key.merchant_id, operation.claims(call))
        made = found or Refused(Reason.OUTCOME_UNKNOWN, "ask again with the same content")
    if isinstance(made, Refused):
        return refusal_answer(made)
    if isinstance(made, Payment):
        return _payment_answer(made, operation)
    return _json(made, operation.done)


def _payment_answer(payment: Payment, operation: Operation) -> HttpResponse:
    under_way = operation.waits and payment.state not in KNOWN
    response = _json(shapes.payment_shape(payment), 202 if under_way else operation.done)
    if operation.waits:
        response["Location"] = reverse("api_payment", args=[payment.payment_id])
    if under_way:
        response["Retry-After"] = "2"
    return response


def _json(shape: object, status: int) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(shape), status=status, content_type="application/json")


@require_GET
def openapi(_request: HttpRequest) -> HttpResponse:
    """The description for programs: OpenAPI 3.1."""
    return _json(description.document(), 200)


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The description for people."""
    return render(request, "web/api/index.html", description.page(request.build_absolute_uri(description.server())))
