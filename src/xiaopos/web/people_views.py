"""Looking after people: the same forms for an owner's shop and for the operator's house.

What may live here: parse a form, call the use case, show the new link once. What may not: rules, writing, lists of people.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xiaopos.merchants.people import LOOKS_AFTER
from xiaopos.merchants.roles import AT_AGENT, AT_MERCHANT, Role
from xiaopos.store.people.book import PeopleRows
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.look_after_people import (
    Invitation,
    NewPerson,
    Patron,
    PersonFault,
    invite_person,
    renew_sign_in,
    switch_person,
)
from xiaopos.web.access import person_of
from xiaopos.web.accounts.joining import new_secret
from xiaopos.web.drawing import code_svg

LONGEST = {"username": 40, "name_zh": 40, "name_en": 40, "merchant": 15, "reason": 200}
FAULT_WORDS = {
    PersonFault.NO_REASON: gettext_lazy("请写明原因，它会记入审计"),
    PersonFault.NOT_YOURS: gettext_lazy("您不负责这样的人员，没有改动"),
    PersonFault.NAME_WRONG: gettext_lazy("用户名是小写字母开头的 2 到 40 位字母、数字或 . _ -"),
    PersonFault.NAME_TAKEN: gettext_lazy("这个用户名已经有人用，请换一个"),
    PersonFault.CALLED_NOTHING: gettext_lazy("请填中文姓名和英文姓名"),
    PersonFault.MERCHANT_UNKNOWN: gettext_lazy("没有这个商户编号"),
    PersonFault.AGENT_UNKNOWN: gettext_lazy("代理商的人员请在代理商的页面邀请"),
    PersonFault.PERSON_UNKNOWN: gettext_lazy("没有这个人"),
    PersonFault.ONESELF: gettext_lazy("不能改动自己的账号，请另一位负责人来做"),
    PersonFault.SWITCHED_OFF: gettext_lazy("这个账号已停用，先启用再重置登录"),
}


def offered_roles(request: HttpRequest) -> list[Role]:
    """The roles of whom this person may invite."""
    looked_after = LOOKS_AFTER.get(Role(person_of(request).role), frozenset()) - AT_AGENT
    return [role for role in Role if role in looked_after]


def _patron(request: HttpRequest) -> Patron:
    person = person_of(request)
    actor = Actor(person.username, person.role, _sent(request)["reason"])
    return Patron(actor, Role(person.role), person.merchant_id)


def _sent(request: HttpRequest) -> Mapping[str, str]:
    return {name: request.POST.get(name, "")[: most + 1].strip() for name, most in LONGEST.items()}


def _say(request: HttpRequest, fault: PersonFault, back: str) -> HttpResponse:
    messages.error(request, _("没有改动：%(why)s") % {"why": FAULT_WORDS[fault]})
    return redirect(back)


def _show_link(request: HttpRequest, username: str, secret: str, made: Invitation, back: str) -> HttpResponse:
    link = request.build_absolute_uri(reverse("join_arrive", args=[secret]))
    context = {
        "username": username,
        "link": link,
        "drawn": code_svg(link),
        "until": made.expires_at,
        "back": resolve_url(back),
    }
    answer = render(request, "web/accounts/invited.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


def invite(request: HttpRequest, back: str) -> HttpResponse:
    """Invite somebody; shows the link once."""
    sent, patron = _sent(request), _patron(request)
    try:
        role = Role(request.POST.get("role", ""))
    except ValueError:
        return _say(request, PersonFault.NOT_YOURS, back)
    merchant_id = (patron.merchant_id or sent["merchant"]) if role in AT_MERCHANT else ""
    return _invite(request, NewPerson(sent["username"], sent["name_zh"], sent["name_en"], role, merchant_id), back)


def invite_at_agent(request: HttpRequest, agent_id: str, promoter_id: str, back: str) -> HttpResponse:
    """Invite whoever runs an agent's business, or one of its promoters by their number; shows the link once."""
    sent, role = _sent(request), Role.PROMOTER if promoter_id else Role.AGENT
    person = NewPerson(sent["username"], sent["name_zh"], sent["name_en"], role, "", agent_id, promoter_id)
    return _invite(request, person, back)


def _invite(request: HttpRequest, person: NewPerson, back: str) -> HttpResponse:
    secret, mark = new_secret()
    made = invite_person(person, mark, _patron(request), timezone.now(), PeopleRows())
    if isinstance(made, PersonFault):
        return _say(request, made, back)
    return _show_link(request, person.username, secret, made, back)


def renew(request: HttpRequest, username: str, back: str) -> HttpResponse:
    """Give somebody a new link; shows it once."""
    secret, mark = new_secret()
    made = renew_sign_in(username, mark, _patron(request), timezone.now(), PeopleRows())
    if isinstance(made, PersonFault):
        return _say(request, made, back)
    return _show_link(request, username, secret, made, back)


def switch(request: HttpRequest, username: str, back: str) -> HttpResponse:
    """Let somebody sign in, or not any more."""
    active = request.POST.get("active") == "yes"
    known = switch_person(username, _patron(request), timezone.now(), PeopleRows(), active=active)
    if isinstance(known, PersonFault):
        return _say(request, known, back)
    messages.success(request, _("账号已启用") if active else _("账号已停用，打开的页面也不能再用"))
    return redirect(back)
