"""The portal's pages.

What may live here: parse, one query of one's own merchant, render. What may not: rules, SQL.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from xiaopos.merchants.roles import Permission
from xiaopos.web.access import requires


@requires(Permission.SEE_SHOP)
def today(request: HttpRequest) -> HttpResponse:
    """Today's takings."""
    return render(request, "web/portal/today.html")


@requires(Permission.SEE_SHOP)
def payments(request: HttpRequest) -> HttpResponse:
    """Payments."""
    return render(request, "web/portal/today.html")


@requires(Permission.SEE_SHOP)
def payment(request: HttpRequest, payment_id: str) -> HttpResponse:
    """One payment."""
    return render(request, "web/portal/today.html", {"payment_id": payment_id})


@requires(Permission.SEE_SHOP)
def receipt(request: HttpRequest, payment_id: str) -> HttpResponse:
    """A payment's receipt."""
    return render(request, "web/portal/today.html", {"payment_id": payment_id})


@requires(Permission.SEE_SHOP)
def receipt_pdf(request: HttpRequest, payment_id: str) -> HttpResponse:
    """A payment's receipt as a PDF."""
    return render(request, "web/portal/today.html", {"payment_id": payment_id})


@requires(Permission.SEE_SHOP)
def terminals(request: HttpRequest) -> HttpResponse:
    """One's own terminals."""
    return render(request, "web/portal/today.html")


@requires(Permission.SEE_STAFF)
def staff(request: HttpRequest) -> HttpResponse:
    """One's own people."""
    return render(request, "web/portal/today.html")
