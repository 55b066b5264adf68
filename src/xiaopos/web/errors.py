"""What people see when a page cannot be shown: in words, with what happened, whether money moved and what to do now.

What may live here: one view per kind of failure. What may not: refusals of payments (pages show those themselves).
"""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.csrf import requires_csrf_token

from xiaopos.kernel.refusal import Reason


def bad_request(request: HttpRequest, **_told: object) -> HttpResponse:
    """400: what the browser sent makes no sense."""
    return render(request, "web/errors/bad_request.html", status=400)


def not_allowed(request: HttpRequest, **_told: object) -> HttpResponse:
    """403: the role does not allow this page."""
    return render(request, "web/errors/not_allowed.html", {"reason": Reason.NOT_ALLOWED}, status=403)


def not_found(request: HttpRequest, **_told: object) -> HttpResponse:
    """404: there is no such page, or not for this person."""
    return render(request, "web/errors/not_found.html", status=404)


def fault(_request: HttpRequest) -> HttpResponse:
    """500: something of ours broke. Asks no session and no database: that may be what broke."""
    return HttpResponse(render_to_string("web/errors/fault.html"), status=500)


@requires_csrf_token
def form_forged(request: HttpRequest, **_told: object) -> HttpResponse:
    """403: a form without the token that our page gave it."""
    return render(request, "web/errors/form_forged.html", {"reason": Reason.FORM_FORGED}, status=403)


def locked(request: HttpRequest, until: datetime) -> HttpResponse:
    """429: too many wrong tries; says until when."""
    wait_s = max(1, round((until - timezone.now()).total_seconds()))
    seen = {"reason": Reason.TRIES_LOCKED, "until": until, "minutes": -(-wait_s // 60)}
    response = render(request, "web/errors/locked.html", seen, status=429)
    response.headers["Retry-After"] = str(wait_s)
    return response
