"""The pages of accounts.

What may live here: parsing, asking, rendering. What may not: rules about tries or codes.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xiaopos.kernel.refusal import Reason
from xiaopos.merchants.roles import Permission
from xiaopos.store.people import queries
from xiaopos.web import errors
from xiaopos.web.access import may
from xiaopos.web.accounts import signing
from xiaopos.web.context import SIZE_COOKIE, SIZES
from xiaopos.web.trail import note

YEAR_S = 365 * 86_400


def start_of(person: Any) -> str:
    """The address where somebody's role starts."""
    if may(person, Permission.SEE_CONSOLE):
        return "/console/"
    if may(person, Permission.CARRY_BADGE) or may(person, Permission.SEE_OWN_AGENT):
        return "/agent/"
    return "/portal/" if may(person, Permission.SEE_SHOP) else "/cashier/"


def _safe_next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else ""


def _keep_language(response: HttpResponse, language: str) -> HttpResponse:
    if language in dict(settings.LANGUAGES):
        _keep(response, settings.LANGUAGE_COOKIE_NAME, language)
    return response


def _keep(response: HttpResponse, name: str, value: str) -> None:
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(name, value, max_age=YEAR_S, samesite="Lax", httponly=True, secure=secure)


def _arrive(request: HttpRequest, person: Any) -> HttpResponse:
    return _keep_language(HttpResponseRedirect(_safe_next(request) or start_of(person)), person.language)


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """To where somebody's role starts."""
    return HttpResponseRedirect(start_of(request.user)) if request.user.is_authenticated else redirect("sign_in")


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The first step: name and password."""
    if request.method == "GET" and request.user.is_authenticated:
        return HttpResponseRedirect(_safe_next(request) or start_of(request.user))
    seen: dict[str, Any] = {"next": _safe_next(request)}
    if request.method == "GET":
        seen["reason"] = Reason.SESSION_EXPIRED if "expired" in request.GET else None
        return render(request, "web/accounts/sign_in.html", seen)
    name = request.POST.get("username", "")
    match signing.with_password(request, name, request.POST.get("password", ""), timezone.now()):
        case signing.SignedIn(person):
            return _arrive(request, person)
        case signing.CodeNeeded():
            return HttpResponseRedirect(reverse("second_factor") + _query(seen["next"]))
        case signing.Locked(until):
            return errors.locked(request, until)
        case signing.NoSecondFactor():
            return render(request, "web/accounts/sign_in.html", seen | {"unready": True}, status=403)
    return render(request, "web/accounts/sign_in.html", seen | {"wrong": True, "username": name}, status=422)


@never_cache
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """The second step: the code."""
    now = timezone.now()
    person = signing.pending_person(request, now)
    if person is None:
        return HttpResponseRedirect(reverse("sign_in") + "?expired")
    seen: dict[str, Any] = {"next": _safe_next(request), "demo_code": signing.demo_code(person, now)}
    if request.method == "GET":
        return render(request, "web/accounts/second_factor.html", seen)
    match signing.with_code(request, person, request.POST.get("code", ""), now):
        case signing.SignedIn(person):
            return _arrive(request, person)
        case signing.Locked(until):
            request.session.flush()
            return errors.locked(request, until)
    return render(request, "web/accounts/second_factor.html", seen | {"wrong": True}, status=422)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Forget who this is."""
    if request.user.is_authenticated:
        note(request, request.user, "sign_out", at=timezone.now())
    logout(request)
    return redirect("sign_in")


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Remember the language, in a cookie and with the person."""
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES) and request.user.is_authenticated:
        queries.choose_language(request.user.pk, chosen)
    return _keep_language(HttpResponseRedirect(_safe_next(request) or "/"), chosen)


@require_POST
def size(request: HttpRequest) -> HttpResponse:
    """Remember how large this device's text is, in a cookie: it goes with the device and whoever stands at it."""
    chosen = request.POST.get("size", "")
    response = HttpResponseRedirect(_safe_next(request) or "/")
    if chosen in SIZES:
        _keep(response, SIZE_COOKIE, chosen)
    return response


def _query(wanted: str) -> str:
    return f"?{urlencode({'next': wanted})}" if wanted else ""
