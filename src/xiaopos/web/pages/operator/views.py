"""The console's pages.

What may live here: parse, one query or one use case, render. What may not: rules, SQL.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from xiaopos.merchants.roles import Permission
from xiaopos.web.access import requires


@requires(Permission.SEE_CONSOLE)
def overview(request: HttpRequest) -> HttpResponse:
    """How the house stands."""
    return render(request, "web/console/overview.html")


@requires(Permission.SEE_CONSOLE)
def payment(request: HttpRequest, merchant_id: str, payment_id: str) -> HttpResponse:
    """One payment."""
    return render(request, "web/console/overview.html", {"merchant_id": merchant_id, "payment_id": payment_id})
