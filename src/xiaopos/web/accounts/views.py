"""The pages of accounts.

What may live here: parsing, asking, rendering. What may not: rules about attempts or codes.
"""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xiaopos.merchants.roles import Permission
from xiaopos.web.access import may


def _start_of(person: Any) -> str:
    if may(person, Permission.SEE_CONSOLE):
        return "/console/"
    return "/portal/" if may(person, Permission.SEE_SHOP) else "/cashier/"


def safe_next(request: HttpRequest) -> str:
    """The page of ours that was asked for before, or nothing."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if url_has_allowed_host_and_scheme(wanted, {request.get_host()}) else ""


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """To where somebody's role starts."""
    if not request.user.is_authenticated:
        return redirect("sign_in")
    return HttpResponseRedirect(_start_of(request.user))


@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Name and password."""
    if request.method == "POST":
        person = authenticate(request, username=request.POST.get("username"), password=request.POST.get("password"))
        if person is not None:
            login(request, person)
            return HttpResponseRedirect(safe_next(request) or _start_of(person))
    return render(request, "web/accounts/sign_in.html", {"next": safe_next(request)})


def second_factor(request: HttpRequest) -> HttpResponse:
    """The code of the second factor."""
    return redirect("sign_in")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Forget who this is."""
    logout(request)
    return redirect("sign_in")


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Remember the language, here and with the person."""
    chosen = request.POST.get("language", "")
    response = HttpResponseRedirect(safe_next(request) or "/")
    if chosen in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, max_age=365 * 86_400, samesite="Lax", httponly=True)
        if request.user.is_authenticated:
            person = cast(Any, request.user)
            person.language = chosen
            person.save(update_fields=["language"])
    return response
