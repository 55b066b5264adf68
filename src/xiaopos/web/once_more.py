"""The second factor once more, before something that moves keys or money, on whichever page it stands.

What may live here: what the field needs, and what happens when the code was wrong. What may not: checking it (accounts.signing).
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from xiaopos.web.access import person_of
from xiaopos.web.accounts.signing import Locked, demo_code, has_shown, once_more
from xiaopos.web.errors import locked


def code_field(request: HttpRequest) -> dict[str, Any]:
    """What `web/portal/once_more.html` needs: whether the code is asked for, and in a demo what it is."""
    now = timezone.now()
    return {"asks_code": not has_shown(request, now), "demo_code": demo_code(person_of(request), now)}


def wrong_code(request: HttpRequest) -> HttpResponse | bool:
    """Whether the code that was sent is wrong; a page of its own when there were too many tries."""
    told = once_more(request, request.POST.get("second_factor", ""), timezone.now())
    if isinstance(told, Locked):
        return locked(request, told.until)
    return told is not None


def back_unless_right(request: HttpRequest, back: str, *args: str) -> HttpResponse | None:
    """None when the code was right; else the way back to the page with the form, on which it says so."""
    wrong = wrong_code(request)
    if isinstance(wrong, HttpResponse):
        return wrong
    if not wrong:
        return None
    messages.error(request, _("动态码不对，没有改动；用验证器里现在显示的六位数字"))
    return redirect(back, *args)
