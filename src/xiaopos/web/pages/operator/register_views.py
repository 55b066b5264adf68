"""Registering terminals at the console, and choosing how each is spoken to.

What may live here: parse a form, call the use case, show it again with what was wrong. What may not: rules, writing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from xiaopos.fleet.profiles import PROFILES
from xiaopos.kernel.ids import MerchantId, ShopId, TerminalId
from xiaopos.merchants.roles import Permission
from xiaopos.store.fleet.queries import one_terminal
from xiaopos.store.fleet.register import RegisterRows, models
from xiaopos.store.merchants.queries import MerchantFacts, merchant_facts, shops_of
from xiaopos.usecases.register_terminal import (
    NotRegistered,
    ProfileChange,
    TerminalEntry,
    change_profile,
    register_terminal,
)
from xiaopos.web.access import requires
from xiaopos.web.pages.operator.changes import actor_of
from xiaopos.web.profile_words import not_registered_words, profile_facts

FIELDS = {"shop": 32, "model": 32, "serial": 40, "number": 8, "profile": 32, "reason": 200}
"""What the form sends, and how much of each is read."""


def _sent(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "")[:most].strip() for name, most in FIELDS.items()}


def _offered() -> list[tuple[Any, list[tuple[str, str]]]]:
    return [(profile, profile_facts(profile)) for profile in PROFILES.values()]


def _form(
    request: HttpRequest, merchant: MerchantFacts, sent: Mapping[str, str], refused: NotRegistered | None
) -> HttpResponse:
    wrong, unfit = not_registered_words(refused) if refused else ("", [])
    context = {
        "merchant": merchant,
        "shops": shops_of(merchant.merchant_id),
        "models": models(),
        "profiles": _offered(),
        "sent": sent,
        "wrong": wrong,
        "fault": refused.fault.value if refused else "",
        "unfit": unfit,
    }
    return render(request, "web/console/register.html", context, status=422 if refused else 200)


@require_http_methods(["GET", "POST"])
@requires(Permission.REGISTER_TERMINAL)
def register(request: HttpRequest, merchant_id: str) -> HttpResponse:
    """Register a terminal at one of a merchant's shops."""
    merchant = merchant_facts(merchant_id)
    if merchant is None:
        raise Http404
    if request.method == "GET":
        return _form(request, merchant, {}, None)
    sent = _sent(request)
    entry = TerminalEntry(
        TerminalId(sent["number"].upper()),
        MerchantId(merchant.merchant_id),
        ShopId(sent["shop"]),
        sent["model"],
        sent["serial"],
        sent["profile"],
        actor_of(request),
        timezone.now(),
        even_unfit=request.POST.get("even_unfit") == "yes",
    )
    result = register_terminal(entry, RegisterRows())
    if isinstance(result, NotRegistered):
        return _form(request, merchant, sent, result)
    messages.success(
        request, _("终端 %(number)s 已登记。下一步：为它准备主密钥，然后在机器上签到") % {"number": result}
    )
    return redirect("console_terminal", result)


@require_POST
@requires(Permission.REGISTER_TERMINAL)
def profile(request: HttpRequest, terminal_id: str) -> HttpResponse:
    """Speak with a terminal in another way."""
    if one_terminal(terminal_id) is None:
        raise Http404
    change = ProfileChange(
        TerminalId(terminal_id),
        request.POST.get("profile", ""),
        actor_of(request),
        timezone.now(),
        even_unfit=request.POST.get("even_unfit") == "yes",
    )
    result = change_profile(change, RegisterRows())
    if isinstance(result, NotRegistered):
        wrong, unfit = not_registered_words(result)
        messages.error(request, _("没有改动：%(why)s") % {"why": "；".join([wrong, *unfit])})
    else:
        messages.success(request, _("接入方式已更换，终端重新签到后生效"))
    return redirect("console_terminal", terminal_id)
