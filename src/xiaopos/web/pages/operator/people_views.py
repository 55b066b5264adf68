"""The console's people: the operator's own and the owners of merchants.

What may live here: who may, the list, and where to go back to. What may not: the forms (web.people_views), rules.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from xiaopos.merchants.roles import Permission
from xiaopos.store.people.staff_queries import people_of_the_house
from xiaopos.web import people_views
from xiaopos.web.access import person_of, requires

HERE = "console_people"
NAMES = {"invite": "console_person_invite", "renew": "console_person_renew", "switch": "console_person_switch"}


@requires(Permission.LOOK_AFTER_PEOPLE)
def people(request: HttpRequest) -> HttpResponse:
    """Everybody whom an administrator looks after."""
    found = people_of_the_house()
    context = {
        "people": found,
        "looked_after": [line for line in found if line.username != person_of(request).username],
        "names": NAMES,
        "roles": people_views.offered_roles(request),
        "asks_merchant": True,
    }
    return render(request, "web/console/people.html", context)


@require_POST
@requires(Permission.LOOK_AFTER_PEOPLE)
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody."""
    return people_views.invite(request, HERE)


@require_POST
@requires(Permission.LOOK_AFTER_PEOPLE)
def renew(request: HttpRequest, username: str) -> HttpResponse:
    """Give somebody a new link."""
    return people_views.renew(request, username, HERE)


@require_POST
@requires(Permission.LOOK_AFTER_PEOPLE)
def switch(request: HttpRequest, username: str) -> HttpResponse:
    """Let somebody sign in, or not."""
    return people_views.switch(request, username, HERE)
