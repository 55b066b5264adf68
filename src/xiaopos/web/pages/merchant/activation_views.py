"""A merchant's own people activate a terminal: the short lesson, the three things that must fit, the cent that proves it.

What may live here: parse a form, ask one use case, render. What may not: rules, a merchant's number that came from the request.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from xiaopos.fleet.activation import TRIES
from xiaopos.fleet.bindings import BindingState
from xiaopos.kernel.ids import PaymentId, make_id
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyRefused
from xiaopos.merchants.roles import Permission
from xiaopos.merchants.tries import Limit
from xiaopos.payments.telling import reason_now
from xiaopos.store.bindings.book import BindingRows
from xiaopos.store.bindings.queries import binding_line, bindings_of
from xiaopos.store.fleet.queries import TerminalLine, terminals_of
from xiaopos.store.payments.portal_queries import one_payment
from xiaopos.store.people.attempts import Subject, begin
from xiaopos.usecases.activate_terminal import (
    CENT,
    ActivationAsk,
    ActivationFault,
    Proof,
    activate_terminal,
    note_proof,
    take_proof,
)
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.ports import House
from xiaopos.usecases.take_payment import SaleAsk
from xiaopos.web import depot_room
from xiaopos.web.access import person_of, requires
from xiaopos.web.asking import StillUnderWay, ask
from xiaopos.web.depot_words import ACTIVATION_FAULTS, BINDINGS
from xiaopos.web.lesson import CARDS, wrong_answers
from xiaopos.web.pages.cashier.asks import WAIT_S, request_of
from xiaopos.web.pages.merchant.own import own_merchant
from xiaopos.web.words import reason_words

TRIES_PER_PERSON = Limit(10, timedelta(minutes=10))
PROVING = "proving"
_OPEN = frozenset({BindingState.AWAITED, BindingState.BOUND, BindingState.PROVED})


def _actor(request: HttpRequest) -> Actor:
    person = person_of(request)
    return Actor(person.username, person.role, "")


@never_cache
@require_GET
@requires(Permission.ACTIVATE_TERMINAL)
def activation(request: HttpRequest) -> HttpResponse:
    """The lesson for whoever has not passed it; then the form, and where each terminal is."""
    return _page(request, {}, ())


def _page(request: HttpRequest, sent: dict[str, str], wrong: tuple[str, ...], fault: Any = None) -> HttpResponse:
    merchant, rows = own_merchant(request), BindingRows()
    passed = rows.has_passed(person_of(request).username)
    for line in bindings_of(merchant.merchant_id):
        if line.state == BindingState.BOUND.value:
            note_proof(line.terminal_id, merchant.merchant_id, _actor(request), timezone.now(), rows)
    lines = [line for line in bindings_of(merchant.merchant_id) if BindingState(line.state) in _OPEN]
    context = {
        "passed": passed,
        "cards": [(card, card.name in wrong, sent.get(card.name, "")) for card in CARDS],
        "wrong": wrong,
        "fault": fault,
        "tries": TRIES,
        "sent": sent,
        "terminals": [
            {
                "line": line,
                "told": BINDINGS[BindingState(line.state)],
                "may_prove": line.state == BindingState.BOUND.value,
                "has_key": rows.has_master_key(line.terminal_id),
                **_proving(request, line.terminal_id),
            }
            for line in lines
        ],
    }
    return render(request, "web/portal/activate.html", context, status=422 if wrong or fault else 200)


def _proving(request: HttpRequest, terminal_id: str) -> dict[str, Any]:
    """The last cent that was tried on a terminal from this browser, and what came of it and of its return."""
    ids = request.session.get(PROVING, {}).get(terminal_id)
    if ids is None:
        return {}
    merchant_id = person_of(request).merchant_id
    taken, back = (one_payment(merchant_id, each) for each in ids)
    reason = reason_now(taken) if taken is not None else None
    return {"taken": taken, "back": back, "taken_words": reason_words(reason) if reason is not None else None}


@require_POST
@requires(Permission.ACTIVATE_TERMINAL)
def learn(request: HttpRequest) -> HttpResponse:
    """Answer the lesson's questions; all of them right passes."""
    sent = {card.name: request.POST.get(card.name, "")[:2] for card in CARDS}
    wrong = wrong_answers(sent)
    if wrong:
        return _page(request, sent, wrong)
    BindingRows().passes(person_of(request).username, timezone.now())
    messages.success(request, _("入门课通过了，现在可以激活"))
    return redirect("portal_activate")


@sensitive_post_parameters("code")
@require_POST
@requires(Permission.ACTIVATE_TERMINAL)
def activate(request: HttpRequest) -> HttpResponse:
    """Activate a terminal by its serial number, its code and the merchant's phone."""
    now, merchant = timezone.now(), own_merchant(request)
    sent = {name: request.POST.get(name, "").strip()[:40] for name in ("serial", "code", "phone")}
    shown = {"serial": sent["serial"], "phone": sent["phone"]}
    until = begin([Subject("activate", person_of(request).username, TRIES_PER_PERSON)], now)
    if until is not None:
        wait = _("请在 %(until)s 以后再试") % {"until": f"{timezone.localtime(until):%H:%M}"}
        return _page(request, shown, (), (_("试得太多了"), wait))
    asked = ActivationAsk(sent["serial"], sent["code"], sent["phone"], merchant.merchant_id, _actor(request), now)
    rows = BindingRows()
    try:
        done = activate_terminal(asked, depot_room.keyed(), book=rows, lessons=rows)
    except KeyRefused:
        return _page(
            request, shown, (), (_("现在不能激活"), _("我们的密钥服务没有应答，请过一会儿再试；什么都没有改动。"))
        )
    if isinstance(done, ActivationFault):
        return _page(request, shown, (), ACTIVATION_FAULTS[done])
    messages.success(request, _("终端 %(number)s 已激活。下一步：试收一分钱") % {"number": done.terminal_id})
    return redirect("portal_activate")


@sensitive_post_parameters("code")
@require_POST
@requires(Permission.ACTIVATE_TERMINAL)
def prove(request: HttpRequest, terminal_id: str) -> HttpResponse:
    """Take a cent by the payment code of whoever stands here, and give it back."""
    merchant = own_merchant(request)
    line = binding_line(terminal_id)
    terminal = next((one for one in terminals_of(merchant.merchant_id) if one.terminal_id == terminal_id), None)
    if line is None or terminal is None or line.merchant_id != merchant.merchant_id:
        raise Http404
    code = "".join(request.POST.get("code", "").split())
    if not code.isascii() or not 6 <= len(code) <= 64:
        messages.error(request, _("付款码不对，没有动钱。请打开付款码再扫或再输一次"))
        return redirect("portal_activate")
    _take(request, terminal, Secret(code.encode("ascii")))
    return redirect("portal_activate")


def _take(request: HttpRequest, terminal: TerminalLine, code: Secret) -> None:
    """Take the cent and give it back; what came of it is read from the books by the next page."""
    at = int(timezone.now().timestamp() * 1000)
    ids = (PaymentId(make_id(at, secrets.token_bytes(10))), PaymentId(make_id(at, secrets.token_bytes(10))))
    request.session[PROVING] = request.session.get(PROVING, {}) | {terminal.terminal_id: ids}
    cashier = person_of(request).username

    async def verb(house: House) -> Proof:
        sale = SaleAsk(await request_of(ids[0], CENT, terminal, cashier, house), code)
        return await take_proof(sale, ids[1], house)

    try:
        proof = ask(verb, wait_s=WAIT_S)
    except StillUnderWay:
        messages.warning(request, _("还在确认，请过一会儿刷新这一页；不要再付一次"))
        return
    if proof.is_good:
        messages.success(request, _("一分钱收到了，也退回去了：这台机器可以收款"))
    elif proof.back is None:
        messages.error(request, _("一分钱没有收到，请看下面的原因"))
    else:
        messages.error(request, _("一分钱收到了，退回还没有完成；在交易里可以再退一次"))
