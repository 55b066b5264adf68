"""The shop's codes: make, lock, rotate, retire and print them; orders made by hand; what was paid twice.

What may live here: parse a form, ask one use case, render. What may not: rules, a merchant's number that came from the request.
"""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from xiaopos.kernel.clock import business_day
from xiaopos.merchants.roles import Permission
from xiaopos.merchants.shop_codes import LABEL_MOST, ShopOrder, StandingCode, is_token
from xiaopos.store.fleet.queries import terminals_of
from xiaopos.store.merchants.queries import MerchantFacts, currency_of
from xiaopos.store.shop_codes.book import CodeRows, codes_of, find_order, orders_of
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.keep_shop_codes import (
    CodeDraft,
    CodeFault,
    Counter,
    drafted,
    lock_code,
    make_code,
    retire_code,
    rotate_code,
)
from xiaopos.web.access import may, person_of, requires
from xiaopos.web.drawing import code_svg
from xiaopos.web.pages.merchant.own import own_merchant
from xiaopos.web.pages.pay import orders
from xiaopos.web.pages.pay.addresses import address_of
from xiaopos.web.posters import SIZES, Poster, poster_pdf
from xiaopos.web.receipts import Around, NoChineseFont

FAULT_WORDS = {
    CodeFault.TERMINAL_UNKNOWN: gettext_lazy("请选一台自己的终端"),
    CodeFault.LABEL_WRONG: gettext_lazy("名称最多 20 个字"),
    CodeFault.AMOUNT_WRONG: gettext_lazy("金额看不懂，请写成 12.50 这样"),
    CodeFault.CODE_UNKNOWN: gettext_lazy("这个码已经换过或停用"),
}


def _counters(merchant: MerchantFacts) -> list[Counter]:
    return [Counter(row.terminal_id, row.shop_id) for row in terminals_of(merchant.merchant_id) if row.active]


def _actor(request: HttpRequest) -> Actor:
    person = person_of(request)
    return Actor(person.username, person.role, "")


def _draft(request: HttpRequest, merchant: MerchantFacts) -> CodeDraft:
    sent = {name: request.POST.get(name, "")[: LABEL_MOST + 1] for name in ("terminal", "label", "amount")}
    on = business_day(timezone.now(), merchant.zone, merchant.cut_over_hour)
    currency = currency_of(merchant.merchant_id, on)
    return CodeDraft(merchant.merchant_id, sent["terminal"], sent["label"], currency, sent["amount"])


def _say(request: HttpRequest, fault: CodeFault) -> HttpResponse:
    messages.error(request, _("没有改动：%(why)s") % {"why": FAULT_WORDS[fault]})
    return redirect("portal_codes")


@requires(Permission.SEE_SHOP)
def codes(request: HttpRequest) -> HttpResponse:
    """The codes, the newest orders, and what was paid twice."""
    merchant = own_merchant(request)
    now = timezone.now()
    found = [(order, orders.seen(order, "", now)) for order in orders_of(merchant.merchant_id)]
    context = {
        "merchant": merchant,
        "codes": [(code, address_of(request, code.token)) for code in codes_of(merchant.merchant_id)],
        "orders": found,
        "counters": _counters(merchant),
        "may_keep": may(request.user, Permission.KEEP_CODES),
        "sizes": SIZES,
    }
    return render(request, "web/portal/codes.html", context)


@require_POST
@requires(Permission.KEEP_CODES)
def make(request: HttpRequest) -> HttpResponse:
    """A new code for the wall."""
    merchant = own_merchant(request)
    draft = _draft(request, merchant)
    made = make_code(draft, _counters(merchant), orders.new_token(), _actor(request), timezone.now(), CodeRows())
    return _say(request, made) if isinstance(made, CodeFault) else redirect("portal_codes")


@require_POST
@requires(Permission.KEEP_CODES)
def lock(request: HttpRequest, token: str) -> HttpResponse:
    """One amount only, or any."""
    merchant, amount = own_merchant(request), request.POST.get("amount", "")[:20]
    done = lock_code(merchant.merchant_id, token, amount, _actor(request), timezone.now(), CodeRows())
    return _say(request, done) if isinstance(done, CodeFault) else redirect("portal_codes")


@require_POST
@requires(Permission.KEEP_CODES)
def rotate(request: HttpRequest, token: str) -> HttpResponse:
    """A new address; what was printed of the old one is worthless."""
    merchant = own_merchant(request)
    done = rotate_code(merchant.merchant_id, token, orders.new_token(), _actor(request), timezone.now(), CodeRows())
    return _say(request, done) if isinstance(done, CodeFault) else redirect("portal_codes")


@require_POST
@requires(Permission.KEEP_CODES)
def retire(request: HttpRequest, token: str) -> HttpResponse:
    """Nothing more by this code."""
    fault = retire_code(own_merchant(request).merchant_id, token, _actor(request), timezone.now(), CodeRows())
    return _say(request, fault) if fault else redirect("portal_codes")


@require_POST
@requires(Permission.KEEP_CODES)
def order(request: HttpRequest) -> HttpResponse:
    """An order for one payment, made by hand."""
    merchant, now = own_merchant(request), timezone.now()
    made = drafted(_draft(request, merchant), _counters(merchant), orders.new_token(), _actor(request), now)
    if isinstance(made, CodeFault) or made.locked is None:
        return _say(request, made if isinstance(made, CodeFault) else CodeFault.AMOUNT_WRONG)
    written = orders.make_order(replace(orders.place_of(made), code=""), made.locked, now, made_by=made.made_by)
    return redirect("portal_code", written.token)


def _own(request: HttpRequest, token: str) -> tuple[MerchantFacts, StandingCode | ShopOrder]:
    """One's own merchant, and its code or order with this token. Raises Http404."""
    merchant = own_merchant(request)
    if is_token(token):
        code = CodeRows().of(merchant.merchant_id, token)
        found = code or find_order(token)
        if found is not None and found.merchant_id == merchant.merchant_id:
            return merchant, found
    raise Http404


@requires(Permission.SEE_SHOP)
def shown(request: HttpRequest, token: str) -> HttpResponse:
    """One code or order on the screen, for a customer to scan."""
    merchant, found = _own(request, token)
    address = address_of(request, token)
    amount = found.locked if isinstance(found, StandingCode) else found.amount
    standing = orders.seen(found, "", timezone.now()) if isinstance(found, ShopOrder) else None
    context = {"merchant": merchant, "found": found, "amount": amount, "address": address, "sizes": SIZES}
    return render(request, "web/portal/code.html", {**context, "drawn": code_svg(address), "seen": standing})


@requires(Permission.SEE_SHOP)
def poster(request: HttpRequest, token: str, size: str) -> HttpResponse:
    """The code or order as a PDF to print."""
    merchant, found = _own(request, token)
    if size not in SIZES:
        raise Http404
    standing = isinstance(found, StandingCode)
    made = Poster(
        merchant=merchant,
        label=found.label if isinstance(found, StandingCode) else "",
        address=address_of(request, token),
        amount=found.locked if isinstance(found, StandingCode) else found.amount,
        wallets=orders.offered(merchant.merchant_id),
        size=size,
    )
    try:
        content = poster_pdf(made)
    except NoChineseFont:
        return render(request, "web/receipts/no_font.html", {"around": Around()}, status=503)
    answer = HttpResponse(content, content_type="application/pdf")
    kind = "code" if standing else "order"
    answer["Content-Disposition"] = f'inline; filename="{kind}-{token[:6]}-{size}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer
