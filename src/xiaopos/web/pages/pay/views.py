"""The page behind a shop's code: key in the amount, pay with the app that opened it, see what became of it.

What may live here: parse, limits, render. What may not: an address from a request that is led to (there is none), rules.

Nothing happens by opening the page: scanners and previews of links open it too. Money is asked for when its button is pressed.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from xiaopos.kernel.refusal import Refused
from xiaopos.merchants.shop_codes import PER_ADDRESS, PER_CODE, ShopOrder, StandingCode, is_token, read_amount
from xiaopos.store.merchants.queries import merchant_facts
from xiaopos.store.people.attempts import Subject, begin
from xiaopos.store.shop_codes.book import find_code, find_order
from xiaopos.web.drawing import code_svg
from xiaopos.web.pages.pay import orders
from xiaopos.web.pages.pay.apps import APPS, PayingApp, app_of
from xiaopos.web.trail import address_of
from xiaopos.web.words import channel_words, reason_words


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """A code or an order, whichever has this token; in words that there is none."""
    code = find_code(token) if is_token(token) else None
    if code is not None:
        return _private(_code(request, code))
    order = find_order(token) if is_token(token) else None
    if order is not None:
        return _private(_order(request, order))
    return _private(render(request, "web/pay/none.html", status=404))


@require_GET
def state(request: HttpRequest, token: str) -> HttpResponse:
    """How an order stands, for the page's script."""
    order = find_order(token) if is_token(token) else None
    if order is None:
        return _private(JsonResponse({"standing": "none", "stamp": ""}, status=404))
    app = _app(request, order.merchant_id)
    told = orders.seen(order, app.wallet if app else "", timezone.now())
    return _private(JsonResponse(told.as_json()))


def _private(answer: HttpResponse) -> HttpResponse:
    """An order's address is for whoever pays it: it is neither kept, nor passed on to other sites, nor indexed.

    Without any referrer browsers would send the page's own form as if from nowhere, and it would be refused as forged.
    """
    answer["Cache-Control"] = "private, no-store"
    answer["Referrer-Policy"] = "same-origin"
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _app(request: HttpRequest, merchant_id: str) -> PayingApp | None:
    """The app that opened the page, if its wallet is one of the merchant's."""
    offered = orders.offered(merchant_id)
    app = app_of(request.headers.get("User-Agent", ""), offered)
    return app if app is not None and app.wallet in offered else None


def _around(request: HttpRequest, merchant_id: str) -> dict[str, object]:
    """What both pages show: whose shop it is, the app, and which apps can pay here."""
    offered = orders.offered(merchant_id)
    opened_by = app_of(request.headers.get("User-Agent", ""), offered)
    known = {app.wallet for app in APPS}
    return {
        "merchant": merchant_facts(merchant_id),
        "app": opened_by if opened_by is not None and opened_by.wallet in offered else None,
        "opened_by": channel_words(opened_by.wallet) if opened_by is not None else "",
        "can_pay": [channel_words(name) for name in offered if name in known],
    }


def _too_many(request: HttpRequest, token: str) -> HttpResponse | None:
    now = timezone.now()
    subjects = [Subject("pay_code", token, PER_CODE), Subject("pay_addr", address_of(request), PER_ADDRESS)]
    until = begin(subjects, now)
    if until is None:
        return None
    answer = render(request, "web/pay/busy.html", status=429)
    answer["Retry-After"] = str(max(1, round((until - now).total_seconds())))
    return answer


# -- a code on the wall ----------------------------------------------------------------------------------------------


def _code(request: HttpRequest, code: StandingCode) -> HttpResponse:
    around = _around(request, code.merchant_id)
    if request.method != "POST":
        return render(request, "web/pay/code.html", {**around, "code": code})
    typed = request.POST.get("amount", "")[:20]
    amount = code.locked or read_amount(typed, code.currency)
    if amount is None:
        wrong = _("请输入金额，比如 12.50")
        return render(
            request, "web/pay/code.html", {**around, "code": code, "typed": typed, "wrong": wrong}, status=400
        )
    refused = _too_many(request, code.token)
    if refused is not None:
        return refused
    order = orders.make_order(orders.place_of(code), amount, timezone.now())
    _begin(request, order, around["app"])
    return redirect("pay", order.token)


# -- an order --------------------------------------------------------------------------------------------------------


def _order(request: HttpRequest, order: ShopOrder) -> HttpResponse:
    around = _around(request, order.merchant_id)
    app = around["app"]
    if request.method == "POST":
        refused = _too_many(request, order.code or order.token)
        if refused is not None:
            return refused
        _begin(request, order, app)
        return redirect("pay", order.token)
    assert app is None or isinstance(app, PayingApp), "the page's own value"
    told = orders.seen(order, app.wallet if app else "", timezone.now())
    link = app.link(told.shown_code) if app else ""
    drawn = code_svg(told.shown_code) if told.shown_code and not link else ""
    context = {**around, "order": order, "seen": told, "link": link, "drawn": drawn, "expires_at": order.expires_at}
    return render(request, "web/pay/order.html", context)


def _begin(request: HttpRequest, order: ShopOrder, app: object) -> None:
    """Begin the order with the app's wallet; what is refused is said on the next page."""
    if not isinstance(app, PayingApp):
        return
    refused = orders.begin(order, app.wallet, timezone.now())
    if isinstance(refused, Refused):
        words = reason_words(refused.reason)
        messages.error(request, f"{words.title}。{words.money}。{words.next}")
