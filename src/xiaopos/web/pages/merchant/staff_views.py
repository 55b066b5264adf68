"""A merchant's own people.

What may live here: who may, the list, and where to go back to. What may not: the forms (web.people_views), rules.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from xiaopos.merchants.people import LOOKS_AFTER
from xiaopos.merchants.roles import Permission, Role
from xiaopos.store.people.staff_queries import people_of
from xiaopos.web import people_views
from xiaopos.web.access import may, requires
from xiaopos.web.pages.merchant.own import own_merchant

HERE = "portal_staff"
NAMES = {"invite": "portal_staff_invite", "renew": "portal_staff_renew", "switch": "portal_staff_switch"}


@requires(Permission.SEE_STAFF)
def staff(request: HttpRequest) -> HttpResponse:
    """One's own people; who looks after them finds the forms below."""
    merchant = own_merchant(request)
    found = people_of(merchant.merchant_id)
    theirs = LOOKS_AFTER[Role.OWNER]
    context = {
        "merchant": merchant,
        "people": found,
        "may_look_after": may(request.user, Permission.LOOK_AFTER_STAFF),
        "looked_after": [line for line in found if Role(line.role) in theirs],
        "names": NAMES,
        "roles": people_views.offered_roles(request),
    }
    return render(request, "web/portal/staff.html", context)


@require_POST
@requires(Permission.LOOK_AFTER_STAFF)
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody."""
    return people_views.invite(request, HERE)


@require_POST
@requires(Permission.LOOK_AFTER_STAFF)
def renew(request: HttpRequest, username: str) -> HttpResponse:
    """Give somebody a new link."""
    return people_views.renew(request, username, HERE)


@require_POST
@requires(Permission.LOOK_AFTER_STAFF)
def switch(request: HttpRequest, username: str) -> HttpResponse:
    """Let somebody sign in, or not."""
    return people_views.switch(request, username, HERE)
