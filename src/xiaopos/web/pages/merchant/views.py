"""The portal's pages.

What may live here: parse, one query of one's own merchant, render. What may not: rules, SQL, a merchant's number that
came from the request: it always is that of whoever is signed in.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from xiaopos.fleet.profiles import PROFILES
from xiaopos.kernel.clock import business_day
from xiaopos.merchants.roles import Permission
from xiaopos.payments.payment import Payment
from xiaopos.payments.receipts import has_receipt
from xiaopos.store.fleet.queries import terminals_of
from xiaopos.store.merchants.queries import MerchantFacts, currency_of, shops_of
from xiaopos.store.payments.portal_queries import (
    PaymentLine,
    day_takings,
    export_payments,
    find_payments,
    one_payment,
    payment_detail,
)
from xiaopos.store.webhooks.queries import disabled_endpoints
from xiaopos.web import receipts, stories
from xiaopos.web.access import may, requires
from xiaopos.web.pages.merchant.chart import chart
from xiaopos.web.pages.merchant.own import own_merchant
from xiaopos.web.pages.searching import asked_of, page_of, turning
from xiaopos.web.pages.tables import csv_file
from xiaopos.web.words import kind_words, method_words, state_words


def _today(merchant: MerchantFacts) -> date:
    return business_day(timezone.now(), merchant.zone, merchant.cut_over_hour)


def _own_payment(request: HttpRequest, payment_id: str) -> Payment:
    payment = one_payment(own_merchant(request).merchant_id, payment_id)
    if payment is None:
        raise Http404
    return payment


@requires(Permission.SEE_SHOP)
def today(request: HttpRequest) -> HttpResponse:
    """Today's takings, beside yesterday's."""
    merchant = own_merchant(request)
    on = _today(merchant)
    day = day_takings(
        merchant.merchant_id,
        on,
        now=timezone.now(),
        zone=merchant.zone,
        cut_over_hour=merchant.cut_over_hour,
        currency=currency_of(merchant.merchant_id, on),
    )
    difference = day.today.sales - day.before_so_far.sales
    context = {
        "merchant": merchant,
        "day": day,
        "chart": chart(day.hours),
        "difference": difference,
        "webhooks_disabled": may(request.user, Permission.KEEP_WEBHOOKS) and disabled_endpoints(merchant.merchant_id),
    }
    return render(request, "web/portal/today.html", context)


@requires(Permission.SEE_SHOP)
def payments(request: HttpRequest) -> HttpResponse:
    """Payments, searched and paged."""
    merchant = own_merchant(request)
    asked = asked_of(request, merchant_id=merchant.merchant_id, today=_today(merchant))
    found = find_payments(asked.search, page=page_of(request))
    context = {
        "merchant": merchant,
        "asked": asked,
        "found": found,
        "csv": f"{reverse('portal_payments_csv')}?{request.GET.urlencode()}",
        **turning(request, found.number, found.has_more),
    }
    return render(request, "web/portal/payments.html", context)


@requires(Permission.SEE_SHOP)
def payments_csv(request: HttpRequest) -> StreamingHttpResponse:
    """What was found, as a file."""
    merchant = own_merchant(request)
    asked = asked_of(request, merchant_id=merchant.merchant_id, today=_today(merchant))
    head = [
        _("日期时间"), _("营业日"), _("类型"), _("付款方式"), _("状态"), _("金额"), _("手续费"), _("已退"), _("币种"),
        _("终端编号"), _("批次号"), _("凭证号"), _("参考号"), _("授权码"), _("卡号"), _("收银员"), _("订单号"),
    ]  # fmt: skip
    return csv_file("payments", head, _rows(export_payments(asked.search), merchant))


def _rows(lines: Iterator[PaymentLine], merchant: MerchantFacts) -> Iterator[tuple[object, ...]]:
    for line in lines:
        yield (
            timezone.localtime(line.received_at, merchant.zone).strftime("%Y-%m-%d %H:%M:%S"),
            line.business_on,
            kind_words(line.kind),
            method_words(line.method),
            state_words(line.state, line.kind),
            line.amount.decimal(),
            line.fee.decimal(),
            line.refunded.decimal(),
            line.amount.currency,
            line.terminal_id,
            line.batch_number,
            line.stan,
            line.rrn,
            line.approval_code,
            line.card_masked,
            line.cashier,
            line.payment_id,
        )


@requires(Permission.SEE_SHOP)
def payment(request: HttpRequest, payment_id: str) -> HttpResponse:
    """One payment: what it is, what happened to it, what it posted."""
    merchant = own_merchant(request)
    detail = payment_detail(merchant.merchant_id, payment_id)
    if detail is None:
        raise Http404
    context = {
        "merchant": merchant,
        "detail": detail,
        "payment": detail.payment,
        "steps": stories.time_line(detail.payment, detail.moves),
        "has_receipt": has_receipt(detail.payment),
    }
    return render(request, "web/portal/payment.html", context)


@requires(Permission.SEE_SHOP)
def receipt(request: HttpRequest, payment_id: str) -> HttpResponse:
    """A payment's receipt, printed once more."""
    found = _own_payment(request, payment_id)
    around = receipts.Around(
        back=reverse("portal_payment", args=[payment_id]),
        pdf=reverse("portal_receipt_pdf", args=[payment_id]),
        send=reverse("portal_receipt_send", args=[payment_id]),
    )
    return receipts.render_receipt(request, found, reprint=True, around=around)


@requires(Permission.SEE_SHOP)
def receipt_pdf(request: HttpRequest, payment_id: str) -> HttpResponse:
    """A payment's receipt as a PDF, printed once more."""
    return receipts.render_receipt_pdf(request, _own_payment(request, payment_id), reprint=True)


@requires(Permission.SEE_SHOP)
def send(request: HttpRequest, payment_id: str) -> HttpResponse:
    """A link to the customer's copy, as text and as a QR code."""
    found = _own_payment(request, payment_id)
    if not has_receipt(found):
        raise Http404
    address = receipts.share_address(request, found)
    context = {"payment": found, "address": address, "drawing": receipts.share_drawing(address)}
    return render(request, "web/portal/send.html", context)


@requires(Permission.SEE_SHOP)
def terminals(request: HttpRequest) -> HttpResponse:
    """One's own terminals."""
    merchant = own_merchant(request)
    shops = {shop.shop_id: shop for shop in shops_of(merchant.merchant_id)}
    rows = [(line, PROFILES.get(line.profile), shops.get(line.shop_id)) for line in terminals_of(merchant.merchant_id)]
    return render(request, "web/portal/terminals.html", {"merchant": merchant, "rows": rows})
