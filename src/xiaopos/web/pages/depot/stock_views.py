"""The console's stock: how many of which model, receiving a list, one device with all that happened to it.

What may live here: parse a form, call the use case, say what happened. What may not: rules, writing.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from xiaopos.fleet.activation import plain_serial
from xiaopos.fleet.catalogue import CATALOGUE, DeviceModel, model_of, standing
from xiaopos.fleet.stock.lists import MOST_LINES, read_list
from xiaopos.fleet.stock.states import DEVICE_LIFE, DeviceEvent, DeviceState
from xiaopos.merchants.roles import Permission
from xiaopos.store.stock.book import StockRows
from xiaopos.store.stock.queries import device_counts, device_line, device_lines, device_steps
from xiaopos.usecases.fill_orders import StockFault
from xiaopos.usecases.receive_stock import ReceiptFault, receive_stock
from xiaopos.usecases.take_back import BY_HAND, report_lost, take_back
from xiaopos.web.access import requires
from xiaopos.web.depot_words import DEVICE_EVENTS, DEVICES, LINE_FAULTS, RECEIPT_FAULTS, STOCK_FAULTS
from xiaopos.web.pages.operator.changes import actor_of
from xiaopos.web.words import in_english

LONGEST_LINE = 80
_ENDS = frozenset({DeviceEvent.LOSE, DeviceEvent.SCRAP})


def models_today() -> tuple[DeviceModel, ...]:
    """The models that stand in the catalogue today."""
    return standing(CATALOGUE, timezone.localdate())


def model_words(key: str) -> str:
    """What a model is called; its key when the catalogue does not hold it."""
    model = model_of(key, timezone.localdate())
    return (model.english if in_english() else model.chinese) if model is not None else key


def _page(request: HttpRequest, **more: Any) -> HttpResponse:
    counts, asked = device_counts(), {name: request.GET.get(name, "")[:40] for name in ("model", "state", "text")}
    if asked["state"] not in {state.value for state in DeviceState}:
        asked["state"] = ""
    keys = dict.fromkeys([*(model.key for model in models_today()), *(model for model, _state in counts)])
    context = {
        "asked": asked,
        "states": [(state.value, words) for state, (_tone, words) in DEVICES.items()],
        "models": [(key, model_words(key)) for key in keys],
        "counts": [
            {"key": key, "name": model_words(key), "states": [counts.get((key, state), 0) for state in DeviceState]}
            for key in keys
        ],
        "lines": device_lines(**(asked | {"text": plain_serial(asked["text"])})),
    }
    return render(request, "web/depot/stock.html", context | more, status=more.pop("status", 200))


@require_GET
@requires(Permission.KEEP_STOCK)
def stock(request: HttpRequest) -> HttpResponse:
    """How many devices there are in which state, and each of them."""
    return _page(request)


@require_POST
@requires(Permission.KEEP_STOCK)
def receive(request: HttpRequest) -> HttpResponse:
    """Take a maker's list into stock; what was wrong with it is shown line by line, and the rest is taken."""
    sent = request.FILES.get("file")
    text = request.POST.get("list", "")[: MOST_LINES * LONGEST_LINE]
    if sent is not None:
        text = sent.read(MOST_LINES * LONGEST_LINE).decode("utf-8-sig", errors="replace")
    names = {model.key for model in models_today()}
    note = request.POST.get("note", "")[:61]
    done = receive_stock(read_list(text), note, names, actor_of(request), timezone.now(), StockRows())
    if isinstance(done, ReceiptFault):
        messages.error(request, _("没有入库：%(why)s") % {"why": RECEIPT_FAULTS[done]})
        return redirect("console_stock")
    if done.taken:
        messages.success(request, _("已入库 %(count)s 台") % {"count": len(done.taken)})
    if not done.refused:
        return redirect("console_stock")
    refused = [(line, LINE_FAULTS[line.fault]) for line in done.refused if line.fault is not None]
    return _page(request, refused=refused, status=200 if done.taken else 422)


@require_GET
@requires(Permission.KEEP_STOCK)
def device(request: HttpRequest, serial: str) -> HttpResponse:
    """One device: where it is, what happened to it, what may happen now."""
    line = device_line(plain_serial(serial))
    if line is None:
        raise Http404
    state = DeviceState(line.state)
    possible = [event for event in DeviceEvent if event in BY_HAND | {DeviceEvent.LOSE}]
    free = state is not DeviceState.ACTIVE
    events = [event for event in possible if free and DEVICE_LIFE.allows(state, event)]
    context = {
        "line": line,
        "model": model_words(line.model),
        "told": DEVICES[state],
        "steps": [(step, _event(step.event), DEVICES[DeviceState(step.state)]) for step in device_steps(line.serial)],
        "events": [(event.value, DEVICE_EVENTS[event], event in _ENDS) for event in events],
    }
    return render(request, "web/depot/device.html", context)


def _event(name: str) -> Any:
    return DEVICE_EVENTS[DeviceEvent(name)] if name in {event.value for event in DeviceEvent} else _("入库")


@require_POST
@requires(Permission.KEEP_STOCK)
def move(request: HttpRequest, serial: str) -> HttpResponse:
    """Write down what happened to a device."""
    named = {event.value: event for event in BY_HAND | {DeviceEvent.LOSE}}
    event = named.get(request.POST.get("event", ""))
    if event is None:
        raise Http404
    actor, now = actor_of(request), timezone.now()
    if event is DeviceEvent.LOSE:
        done = report_lost(serial, actor, now, StockRows())
    else:
        done = take_back(serial, event, actor, now, StockRows()) or ""
    if isinstance(done, StockFault):
        messages.error(request, _("没有改动：%(why)s") % {"why": STOCK_FAULTS[done]})
    elif done:
        messages.success(request, _("已记下；订单改用 %(serial)s") % {"serial": done})
    else:
        messages.success(request, _("已记下"))
    return (
        redirect("console_device", plain_serial(serial))
        if device_line(plain_serial(serial))
        else redirect("console_stock")
    )
