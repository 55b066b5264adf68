"""Joining by an invitation: one's own password, approval code, authenticator and recovery codes, in this order.

What may live here: the steps and what a session keeps between them (hashes and sealed secrets only). What may not: who may
invite (usecases), forms of codes (merchants).

The link's secret leaves the address at once: the first request puts its mark into a fresh session and goes on without it.
Nothing is changed before the last step, and then everything at once.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from base64 import b32encode
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
    NumericPasswordValidator,
    UserAttributeSimilarityValidator,
    validate_password,
)
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from xiaopos.merchants.people import RECOVERY_CODES, approves, is_approval_code, needs_second_factor
from xiaopos.merchants.roles import Role
from xiaopos.merchants.totp import SECRET_LENGTH, enrolment_address, matching_step, step_at
from xiaopos.store.people import book
from xiaopos.store.people.book import Joining
from xiaopos.web.accounts.sealing import open_second_factor, recovery_mark, seal_second_factor
from xiaopos.web.accounts.signing import begin_session
from xiaopos.web.accounts.views import start_of
from xiaopos.web.drawing import code_svg

KEPT = "joining"
SHOWN = "recovery_codes"
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
ISSUER = "xiaopos"
_RULES = (
    MinimumLengthValidator(SHORTEST_PASSWORD),
    CommonPasswordValidator(),
    NumericPasswordValidator(),
    UserAttributeSimilarityValidator(("username", "name_zh", "name_en")),
)


def new_secret() -> tuple[str, str]:
    """The secret part of a new link, and the mark that is kept of it."""
    secret = secrets.token_urlsafe(32)
    return secret, mark_of(secret)


def mark_of(secret: str) -> str:
    """What is kept of a link's secret part."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_recovery_codes() -> list[str]:
    """Fresh codes of 50 bits each, in two groups of five letters and digits."""
    drawn = (b32encode(os.urandom(7)).decode("ascii").lower()[:10] for _number in range(RECOVERY_CODES))
    return [f"{code[:5]}-{code[5:]}" for code in drawn]


@never_cache
@require_GET
def arrive(request: HttpRequest, secret: str) -> HttpResponse:
    """The link itself."""
    mark = mark_of(secret)
    if book.invited(mark, timezone.now()) is None:
        return _over(request)
    request.session.flush()
    request.session[KEPT] = {"mark": mark}
    return redirect("join")


def _over(request: HttpRequest) -> HttpResponse:
    return render(request, "web/accounts/join_over.html", status=410)


@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """The step that comes next."""
    now = timezone.now()
    kept: dict[str, str] = request.session.get(KEPT) or {}
    person: Any = book.invited(kept.get("mark", ""), now)
    if person is None:
        return _over(request)
    if "password" not in kept:
        return _password(request, person, kept)
    return _authenticator(request, person, kept, now)


def _password(request: HttpRequest, person: Any, kept: dict[str, str]) -> HttpResponse:
    role = Role(person.role)
    wrong: list[str] = []
    if request.method == "POST":
        password = request.POST.get("password", "")[: LONGEST_PASSWORD + 1]
        approval = request.POST.get("approval", "").strip() if approves(role) else ""
        wrong = _wrong_with(password, request.POST.get("again", ""), approval, person)
        if not wrong:
            hashed = make_password(approval) if approval else ""
            factor = seal_second_factor(os.urandom(SECRET_LENGTH), person.username)
            request.session[KEPT] = kept | {"password": make_password(password), "approval": hashed, "factor": factor}
            return redirect("join")
    context = {"person": person, "approves": approves(role), "wrong": wrong}
    return render(request, "web/accounts/join_password.html", context, status=422 if wrong else 200)


def _wrong_with(password: str, again: str, approval: str, person: Any) -> list[str]:
    wrong: list[str] = []
    if len(password) > LONGEST_PASSWORD:
        wrong.append(_("密码太长"))
    try:
        validate_password(password, person, _RULES)
    except ValidationError as refused:
        wrong += refused.messages
    if password != again:
        wrong.append(_("两次输入的密码不一样"))
    if approves(Role(person.role)) and not is_approval_code(approval):
        wrong.append(_("授权码是 6 到 12 位数字，不要全部相同，也不要连号"))
    return wrong


def _authenticator(request: HttpRequest, person: Any, kept: dict[str, str], now: datetime) -> HttpResponse:
    secret = open_second_factor(kept["factor"], person.username)
    optional = not needs_second_factor(Role(person.role))
    wrong = False
    if request.method == "POST":
        if optional and request.POST.get("without") == "yes":
            return _finish(request, person, Joining(kept["password"], kept["approval"], "", -1, ()), now)
        code = "".join(request.POST.get("code", "").split())
        step = matching_step(secret, code, now_step=step_at(now), last_step=-1)
        if step is not None:
            codes = new_recovery_codes()
            marks = [recovery_mark(code, person.username) for code in codes]
            joining = Joining(kept["password"], kept["approval"], kept["factor"], step, marks)
            return _finish(request, person, joining, now, codes)
        wrong = True
    address = enrolment_address(secret, person.username, ISSUER)
    context = {
        "person": person,
        "drawn": code_svg(address),
        "typed": b32encode(secret).decode("ascii"),
        "optional": optional,
        "wrong": wrong,
    }
    return render(request, "web/accounts/join_authenticator.html", context, status=422 if wrong else 200)


def _finish(
    request: HttpRequest, person: Any, joining: Joining, now: datetime, codes: list[str] | None = None
) -> HttpResponse:
    joined = book.join(request.session[KEPT]["mark"], joining, now)
    if joined is None:
        return _over(request)
    request.session.flush()
    begin_session(request, joined, now)
    if not codes:
        return HttpResponseRedirect(start_of(joined))
    return render(
        request, "web/accounts/join_codes.html", {"person": person, "codes": codes, "start": start_of(joined)}
    )
