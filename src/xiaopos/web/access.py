"""Who may see a page.

What may live here: asking the table of permissions on behalf of a view. What may not: the table (merchants.roles).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, Protocol, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.http import urlencode

from xiaopos.kernel.refusal import Reason
from xiaopos.merchants.roles import PERMISSIONS, Permission, Role
from xiaopos.web.words import reason_words

P = ParamSpec("P")


class Person(Protocol):
    """What a page needs of whoever is signed in."""

    username: str
    name_zh: str
    name_en: str
    role: str
    merchant_id: str
    shop_id: str
    agent_id: str
    promoter_id: str
    approval_code: str
    is_demo: bool
    is_authenticated: bool


def person_of(request: HttpRequest) -> Person:
    """Whoever is signed in. Only for views behind `requires`."""
    return cast(Person, request.user)


def may(person: Any, permission: Permission) -> bool:
    """Whether somebody (perhaps nobody) has a permission."""
    return bool(person.is_authenticated) and permission in PERMISSIONS[Role(person.role)]


View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
"""A page: a request and what its address says."""


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """To the first step of signing in, and back afterwards; a session that has ended is said to have.

    A page's script is told in its own form (401), for it cannot follow a person to another page.
    """
    if request.content_type == "application/json" or "application/json" in request.headers.get("Accept", ""):
        words = reason_words(Reason.SESSION_EXPIRED)
        told = {"reason": words.name, "title": words.title, "money": words.money, "next": words.next}
        return JsonResponse({**told, "outcome": "refused", "final": True}, status=401)
    htmx = request.headers.get("HX-Request") == "true"
    wanted = urlsplit(request.headers.get("HX-Current-URL", "/")).path if htmx else request.get_full_path()
    asked = {"next": wanted} if htmx or request.method == "GET" else {}
    expired = "expired&" if settings.SESSION_COOKIE_NAME in request.COOKIES else ""
    address = f"{reverse('sign_in')}?{expired}{urlencode(asked)}".rstrip("?&")
    return HttpResponse(headers={"HX-Redirect": address}) if htmx else HttpResponseRedirect(address)


def requires(permission: Permission) -> Callable[[View[P]], View[P]]:
    """A view for people with a permission: others are sent to sign in, or told in words that they may not."""

    def decorate(view: View[P]) -> View[P]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            if not may(request.user, permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return cast("View[P]", guarded)

    return decorate
