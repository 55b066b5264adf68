"""One code for every paying app at the counter: the amount, the code on the screen, what became of it.

What may live here: parse, make the order, render. What may not: rules, what customers see (pages.pay).
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from xiaopos.kernel.clock import business_day
from xiaopos.merchants.roles import Permission
from xiaopos.merchants.shop_codes import ShopOrder, is_token, read_amount
from xiaopos.store.merchants.queries import currency_of, merchant_facts
from xiaopos.store.shop_codes.book import find_order
from xiaopos.web.access import person_of, requires
from xiaopos.web.drawing import code_svg
from xiaopos.web.pages.cashier import asks
from xiaopos.web.pages.pay import orders
from xiaopos.web.pages.pay.addresses import address_of


def _own(request: HttpRequest, token: str) -> ShopOrder:
    order = find_order(token) if is_token(token) else None
    if order is None or order.merchant_id != person_of(request).merchant_id:
        raise Http404
    return order


@requires(Permission.TAKE_PAYMENT)
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """How much; then an order of fifteen minutes."""
    terminal, typed = asks.terminal_of(request), request.POST.get("amount", "")[:20]
    merchant = merchant_facts(person_of(request).merchant_id)
    if merchant is None:
        raise Http404
    wallets = orders.offered(merchant.merchant_id)
    context = {"merchant": merchant, "terminal": terminal, "wallets": wallets, "typed": typed}
    if request.method != "POST":
        return render(request, "web/cashier/code.html", context)
    on = business_day(timezone.now(), merchant.zone, merchant.cut_over_hour)
    amount = read_amount(typed, currency_of(merchant.merchant_id, on))
    if amount is None or terminal is None:
        wrong = _("请输入金额，比如 12.50") if amount is None else _("请先选一台终端")
        return render(request, "web/cashier/code.html", {**context, "wrong": wrong}, status=400)
    place = orders.Place(merchant.merchant_id, terminal.shop_id, terminal.terminal_id)
    made = orders.make_order(place, amount, timezone.now(), made_by=person_of(request).username)
    return redirect("cashier_code_shown", made.token)


@requires(Permission.TAKE_PAYMENT)
@require_GET
def shown(request: HttpRequest, token: str) -> HttpResponse:
    """The code on the screen, until it is paid or over."""
    order = _own(request, token)
    context = {
        "order": order,
        "merchant": merchant_facts(order.merchant_id),
        "seen": orders.seen(order, "", timezone.now()),
        "drawn": code_svg(address_of(request, token)),
        "wallets": orders.offered(order.merchant_id),
    }
    return render(request, "web/cashier/code_shown.html", context)


@requires(Permission.TAKE_PAYMENT)
@require_GET
def state(request: HttpRequest, token: str) -> JsonResponse:
    """How it stands, for the page's script."""
    return JsonResponse(orders.seen(_own(request, token), "", timezone.now()).as_json())
