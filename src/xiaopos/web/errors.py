"""What people see when a page cannot be shown: in words, with what happened, whether money moved and what to do now.

What may live here: one view per kind of failure. What may not: refusals of payments (pages show those themselves).
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: what the browser sent makes no sense."""
    return render(request, "web/errors/bad_request.html", status=400)


def not_allowed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the role does not allow this page."""
    return render(request, "web/errors/not_allowed.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: there is no such page, or not for this person."""
    return render(request, "web/errors/not_found.html", status=404)


def fault(request: HttpRequest) -> HttpResponse:
    """500: something of ours broke."""
    return render(request, "web/errors/fault.html", status=500)


def form_forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form without the token that our page gave it."""
    return render(request, "web/errors/form_forged.html", status=403)
