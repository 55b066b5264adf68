"""The console's orders for devices: enter one, set a device aside, pack it, send it, follow its parcel.

What may live here: parse a form, call the use case, say what happened. What may not: rules, writing.
"""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from xiaopos.fleet.activation import ENTROPY, LIVES
from xiaopos.fleet.catalogue import model_of
from xiaopos.fleet.deliveries.states import PARCEL_LIFE, ParcelEvent, ParcelState
from xiaopos.fleet.profiles import PROFILES
from xiaopos.fleet.stock.states import OrderState
from xiaopos.keys import KeyRefused
from xiaopos.merchants.roles import Permission
from xiaopos.store.deliveries.book import ParcelRows
from xiaopos.store.deliveries.queries import news_of, parcel_line, parcels_of
from xiaopos.store.merchants.queries import merchant_facts, merchant_names, shops_of
from xiaopos.store.stock.book import StockRows
from xiaopos.store.stock.queries import device_lines, order_line, order_lines
from xiaopos.usecases.fill_orders import (
    OrderDraft,
    StockFault,
    cancel_order,
    order_device,
    release_device,
    reserve_device,
)
from xiaopos.usecases.follow_delivery import ParcelFault, send_order, write_news
from xiaopos.usecases.pack_order import pack_order, unpack_order
from xiaopos.web import depot_room
from xiaopos.web.access import requires
from xiaopos.web.application_room import new_id
from xiaopos.web.depot_words import ORDERS, PARCEL_EVENTS, PARCEL_FAULTS, PARCELS, STOCK_FAULTS
from xiaopos.web.drawing import code_svg
from xiaopos.web.pages.depot.stock_views import model_words, models_today
from xiaopos.web.pages.operator.changes import actor_of

UNDER_WAY = frozenset(OrderState) - {OrderState.DONE, OrderState.CANCELLED}
FIELDS = {"merchant": 15, "shop": 32, "model": 32, "profile": 32, "phone": 20, "address": 121}


def refuse(request: HttpRequest, why: Any) -> None:
    """Say on the next page why nothing was changed."""
    messages.error(request, _("没有改动：%(why)s") % {"why": why})


@require_GET
@requires(Permission.KEEP_STOCK)
def orders(request: HttpRequest) -> HttpResponse:
    """Orders that are under way, and the form for a new one. Couriers are asked for news when somebody looks."""
    depot_room.hear_couriers()
    return _orders(request, {}, "")


def _orders(request: HttpRequest, sent: dict[str, str], wrong: Any) -> HttpResponse:
    show = request.GET.get("show", "")
    merchant_id = sent.get("merchant") or request.GET.get("merchant", "")[:15]
    merchant = merchant_facts(merchant_id) if merchant_id else None
    lines = order_lines(states=() if show == "all" else UNDER_WAY)
    names = merchant_names([line.merchant_id for line in lines])
    context = {
        "show": show,
        "lines": [
            {
                "line": line,
                "merchant": names.get(line.merchant_id),
                "model": model_words(line.model),
                "told": ORDERS[OrderState(line.state)],
            }
            for line in lines
        ],
        "merchant": merchant,
        "merchant_id": merchant_id,
        "shops": shops_of(merchant.merchant_id) if merchant is not None else (),
        "models": [(model.key, model_words(model.key)) for model in models_today()],
        "profiles": list(PROFILES.values()),
        "sent": sent,
        "wrong": wrong,
    }
    return render(request, "web/depot/orders.html", context, status=422 if wrong else 200)


@require_POST
@requires(Permission.KEEP_STOCK)
def enter(request: HttpRequest) -> HttpResponse:
    """Order a device for a shop."""
    sent = {name: request.POST.get(name, "").strip()[:most] for name, most in FIELDS.items()}
    model, now = model_of(sent["model"], timezone.localdate()), timezone.now()
    profiles = model.profiles if model is not None else ()
    profile = sent["profile"] or next(iter(profiles), "")
    draft = OrderDraft(sent["merchant"], sent["shop"], sent["model"], profile, sent["phone"], sent["address"])
    made = order_device(draft, profiles, actor_of(request), now, book=StockRows(), make_id=new_id)
    if isinstance(made, StockFault):
        return _orders(request, sent, STOCK_FAULTS[made])
    messages.success(request, _("订单已登记，下一步预留设备"))
    return redirect("console_order", made)


@never_cache
@require_GET
@requires(Permission.KEEP_STOCK)
def order(request: HttpRequest, order_id: str) -> HttpResponse:
    """One order: its device, its parcels with their news, what is to be done now."""
    return _order(request, order_id)


def _order(request: HttpRequest, order_id: str, **more: Any) -> HttpResponse:
    for parcel in parcels_of(order_id):
        depot_room.hear_courier(parcel)
    line = order_line(order_id)
    if line is None:
        raise Http404
    state = OrderState(line.state)
    context = {
        "line": line,
        "state": state.value,
        "merchant": merchant_names([line.merchant_id]).get(line.merchant_id),
        "model": model_words(line.model),
        "profile": PROFILES.get(line.profile),
        "told": ORDERS[state],
        "stocked": [device.serial for device in device_lines(model=line.model, state="in_stock")],
        "parcels": [_parcel(request, parcel) for parcel in parcels_of(order_id)],
        "couriers": depot_room.courier_names(),
        "days": LIVES.days,
    }
    return render(request, "web/depot/order.html", context | more)


def _parcel(request: HttpRequest, parcel: Any) -> dict[str, Any]:
    state = ParcelState(parcel.state)
    return {
        "line": parcel,
        "told": PARCELS[state],
        "link": depot_room.link_of(request, parcel.token),
        "news": [(one, PARCEL_EVENTS[ParcelEvent(one.event)]) for one in news_of(parcel.parcel_id)],
        "events": [(event.value, PARCEL_EVENTS[event]) for event in ParcelEvent if PARCEL_LIFE.allows(state, event)],
    }


@require_POST
@requires(Permission.KEEP_STOCK)
def move(request: HttpRequest, order_id: str) -> HttpResponse:
    """Set a device aside, let it go, unpack it, call the order off."""
    actor, now, book = actor_of(request), timezone.now(), StockRows()
    verb = request.POST.get("move", "")
    if verb == "reserve":
        done = reserve_device(order_id, request.POST.get("serial", "")[:60], actor, now, book)
    elif verb in _MOVES:
        done = _MOVES[verb](order_id, actor, now, book) or ""
    else:
        raise Http404
    if isinstance(done, StockFault):
        refuse(request, STOCK_FAULTS[done])
    else:
        messages.success(request, _("已预留 %(serial)s") % {"serial": done} if done else _("已记下"))
    return redirect("console_order", order_id) if done is not StockFault.ORDER_UNKNOWN else redirect("console_orders")


_MOVES = {"release": release_device, "unpack": unpack_order, "cancel": cancel_order}


@never_cache
@require_POST
@requires(Permission.KEEP_STOCK)
def pack(request: HttpRequest, order_id: str) -> HttpResponse:
    """Pack the device. The code is shown on this page for the slip, and never again."""
    acquirer = settings.DEPLOYMENT.acquirer_id
    try:
        keyed = depot_room.keyed()
        entropy = secrets.token_bytes(ENTROPY)
        packed = pack_order(order_id, acquirer, entropy, keyed, actor_of(request), timezone.now(), book=StockRows())
    except KeyRefused:
        refuse(request, _("密钥现在用不了，请联系管理员"))
        return redirect("console_order", order_id)
    if isinstance(packed, StockFault):
        refuse(request, STOCK_FAULTS[packed])
        return redirect("console_order", order_id) if order_line(order_id) else redirect("console_orders")
    return _order(request, order_id, packed=packed, drawn=code_svg(packed.serial))


@require_POST
@requires(Permission.KEEP_STOCK)
def send(request: HttpRequest, order_id: str) -> HttpResponse:
    """Have a courier fetch the parcel."""
    now = timezone.now()
    courier = depot_room.courier_named(request.POST.get("courier", "")[:20], request.POST.get("tracking", "")[:41])
    sent = send_order(order_id, depot_room.new_parcel(now), courier, actor_of(request), now, book=ParcelRows())
    if isinstance(sent, ParcelFault):
        refuse(request, PARCEL_FAULTS[sent])
    else:
        messages.success(request, _("已交寄，运单号 %(tracking)s；把查询链接发给商户") % {"tracking": sent.tracking})
    return redirect("console_order", order_id) if order_line(order_id) else redirect("console_orders")


@require_POST
@requires(Permission.KEEP_STOCK)
def news(request: HttpRequest, parcel_id: str) -> HttpResponse:
    """Write down what became of a parcel."""
    parcel = parcel_line(parcel_id)
    event = next((event for event in ParcelEvent if event.value == request.POST.get("event")), None)
    if parcel is None or event is None:
        raise Http404
    place = request.POST.get("place", "")[:61]
    fault = write_news(parcel_id, event, place, actor_of(request), timezone.now(), ParcelRows())
    if fault is not None:
        refuse(request, PARCEL_FAULTS[fault])
    else:
        messages.success(request, _("已记下"))
    return redirect("console_order", parcel.order_id)
