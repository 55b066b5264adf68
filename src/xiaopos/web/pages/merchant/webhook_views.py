"""The owner's webhooks: endpoints, what was told to them and what came of it; and the house's public key for everybody.

What may live here: parse a form, ask one use case or query, render. What may not: rules, SQL, keys but a new secret shown once.
"""

from __future__ import annotations

import base64
import json
import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from xiaopos.gateways.webhooks.signing import public_text, secret_text
from xiaopos.kernel.ids import make_id
from xiaopos.keys import KeyRefused
from xiaopos.merchants.roles import Permission
from xiaopos.merchants.webhooks import CHOSEN, ENDPOINT_LIFE, EndpointEvent, EventType
from xiaopos.store.keys.inventory import serving_pair
from xiaopos.store.merchants.queries import shops_of
from xiaopos.store.webhooks import queries
from xiaopos.store.webhooks.book import WebhookRows
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.keep_webhooks import (
    EndpointDraft,
    ShownOnce,
    WebhookFault,
    Workshop,
    add_endpoint,
    edit_endpoint,
    move_endpoint,
    renew_secret,
    send_test,
    tell_again,
)
from xiaopos.web import key_room
from xiaopos.web.access import person_of, requires
from xiaopos.web.once_more import back_unless_right, code_field
from xiaopos.web.pages.merchant.own import own_merchant
from xiaopos.web.pages.searching import page_of, turning
from xiaopos.web.webhook_words import (
    DELIVERY_WORDS,
    DISABLED_WORDS,
    EVENT_WORDS,
    FAULT_WORDS,
    OUTCOME_WORDS,
    STATE_WORDS,
)

HOUSE_PAIR = "webhook_sign"
LONGEST = 600


def _new_id(at: datetime) -> str:
    return make_id(int(at.timestamp() * 1000), secrets.token_bytes(10))


def _actor(request: HttpRequest) -> Actor:
    person = person_of(request)
    return Actor(person.username, person.role, "")


def _workshop() -> Workshop:
    return Workshop(key_room.vault(), secrets.token_bytes, _new_id, settings.DEPLOYMENT.is_demo)


def _draft(request: HttpRequest) -> EndpointDraft:
    merchant_id = own_merchant(request).merchant_id
    return EndpointDraft(
        merchant_id,
        request.POST.get("shop", "")[:32],
        request.POST.get("url", "")[:LONGEST].strip(),
        request.POST.getlist("events")[: len(CHOSEN)],
        [shop.shop_id for shop in shops_of(merchant_id)],
    )


def _say(request: HttpRequest, fault: WebhookFault) -> None:
    messages.error(request, _("没有改动：%(why)s") % {"why": FAULT_WORDS[fault]})


def _out_of_reach(request: HttpRequest) -> None:
    messages.error(request, _("没有改动：密钥库现在用不了，请稍后再试"))


def _choices(chosen: frozenset[EventType]) -> list[tuple[str, Any, bool]]:
    return [(kind.value, EVENT_WORDS[kind], kind in chosen) for kind in CHOSEN]


def _row(line: queries.EndpointLine) -> dict[str, Any]:
    tone, words = STATE_WORDS[line.endpoint.state]
    return {"line": line, "tone": tone, "words": words, "why": DISABLED_WORDS.get(line.disabled_why, "")}


def _delivery_row(line: queries.DeliveryLine) -> dict[str, Any]:
    tone, words = DELIVERY_WORDS[line.state]
    return {
        "line": line,
        "tone": tone,
        "words": words,
        "kind": EVENT_WORDS[EventType(line.type)],
        "outcome": OUTCOME_WORDS[line.outcome] if line.outcome else "",
    }


@requires(Permission.KEEP_WEBHOOKS)
@require_GET
def webhooks(request: HttpRequest) -> HttpResponse:
    """The endpoints, and the form for another one."""
    merchant = own_merchant(request)
    context = {
        "merchant": merchant,
        "rows": [_row(line) for line in queries.endpoints_of(merchant.merchant_id)],
        "shops": shops_of(merchant.merchant_id),
        "choices": _choices(frozenset(CHOSEN)),
        "public": _public_key(),
        **code_field(request),
    }
    return render(request, "web/portal/webhooks.html", context)


@requires(Permission.KEEP_WEBHOOKS)
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Register an endpoint; its secret is shown once."""
    refused = back_unless_right(request, "portal_webhooks")
    if refused is not None:
        return refused
    try:
        made = add_endpoint(_draft(request), _actor(request), timezone.now(), book=WebhookRows(), workshop=_workshop())
    except KeyRefused:
        _out_of_reach(request)
        return redirect("portal_webhooks")
    return _shown_once(request, made, "portal_webhooks")


def _shown_once(request: HttpRequest, made: ShownOnce | WebhookFault, back: str, *args: str) -> HttpResponse:
    if isinstance(made, WebhookFault):
        _say(request, made)
        return redirect(back, *args)
    context = {"endpoint": made.endpoint, "secret": secret_text(made.secret.value), "public": _public_key()}
    answer = render(request, "web/portal/webhook_secret.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


def _own(request: HttpRequest, endpoint_id: str) -> queries.EndpointLine:
    line = queries.endpoint_line(own_merchant(request).merchant_id, endpoint_id)
    if line is None:
        raise Http404
    return line


@requires(Permission.KEEP_WEBHOOKS)
@require_GET
def webhook(request: HttpRequest, endpoint_id: str) -> HttpResponse:
    """One endpoint: how it stands, what it was told, what can be done."""
    merchant, line = own_merchant(request), _own(request, endpoint_id)
    page = page_of(request)
    told, more = queries.deliveries_of(endpoint_id, page=page)
    state = line.endpoint.state
    context = {
        "merchant": merchant,
        "row": _row(line),
        "endpoint": line.endpoint,
        "shops": shops_of(merchant.merchant_id),
        "choices": _choices(line.endpoint.events),
        "told": [_delivery_row(each) for each in told],
        "may_pause": ENDPOINT_LIFE.allows(state, EndpointEvent.PAUSE),
        "may_resume": ENDPOINT_LIFE.allows(state, EndpointEvent.RESUME),
        "overlaps": line.endpoint.old_until if _still(line.endpoint.old_until) else None,
        **turning(request, page, more),
        **code_field(request),
    }
    return render(request, "web/portal/webhook.html", context)


def _still(until: datetime | None) -> bool:
    return until is not None and timezone.now() < until


@requires(Permission.KEEP_WEBHOOKS)
@require_POST
def edit(request: HttpRequest, endpoint_id: str) -> HttpResponse:
    """Change the address, the shop, the events."""
    now = timezone.now()
    refused = back_unless_right(request, "portal_webhook", endpoint_id)
    if refused is not None:
        return refused
    try:
        done = edit_endpoint(
            endpoint_id, _draft(request), _actor(request), now, book=WebhookRows(), workshop=_workshop()
        )
    except KeyRefused:
        _out_of_reach(request)
        return redirect("portal_webhook", endpoint_id)
    return _done(request, done, endpoint_id, _("已保存"))


@requires(Permission.KEEP_WEBHOOKS)
@require_POST
def move(request: HttpRequest, endpoint_id: str) -> HttpResponse:
    """Pause, start again, remove."""
    said = {
        EndpointEvent.PAUSE: _("已暂停；三天内的通知会留着，恢复后再送"),
        EndpointEvent.RESUME: _("已恢复通知"),
        EndpointEvent.REMOVE: _("已删除"),
    }
    event = next((each for each in said if each.value == request.POST.get("event")), None)
    if event is None:
        raise Http404
    merchant_id = own_merchant(request).merchant_id
    done = move_endpoint(merchant_id, endpoint_id, event, _actor(request), timezone.now(), book=WebhookRows())
    gone = event is EndpointEvent.REMOVE and not isinstance(done, WebhookFault)
    return _done(request, done, "" if gone else endpoint_id, said[event])


@requires(Permission.KEEP_WEBHOOKS)
@require_POST
def renew(request: HttpRequest, endpoint_id: str) -> HttpResponse:
    """Give the endpoint a new secret; it is shown once."""
    merchant_id, now = own_merchant(request).merchant_id, timezone.now()
    _own(request, endpoint_id)
    refused = back_unless_right(request, "portal_webhook", endpoint_id)
    if refused is not None:
        return refused
    try:
        made = renew_secret(merchant_id, endpoint_id, _actor(request), now, book=WebhookRows(), workshop=_workshop())
    except KeyRefused:
        _out_of_reach(request)
        return redirect("portal_webhook", endpoint_id)
    return _shown_once(request, made, "portal_webhook", endpoint_id)


@requires(Permission.KEEP_WEBHOOKS)
@require_POST
def test(request: HttpRequest, endpoint_id: str) -> HttpResponse:
    """Send a test event."""
    merchant_id = own_merchant(request).merchant_id
    fault = send_test(merchant_id, endpoint_id, _actor(request), timezone.now(), book=WebhookRows(), make_id=_new_id)
    return _done(request, fault, endpoint_id, _("测试通知正在发送，几秒后刷新页面看结果"))


def _done(request: HttpRequest, done: object, endpoint_id: str, said: str) -> HttpResponse:
    if done is WebhookFault.ENDPOINT_UNKNOWN:
        raise Http404
    if isinstance(done, WebhookFault):
        _say(request, done)
    else:
        messages.success(request, said)
    return redirect("portal_webhook", endpoint_id) if endpoint_id else redirect("portal_webhooks")


@requires(Permission.KEEP_WEBHOOKS)
@require_GET
def delivery(request: HttpRequest, endpoint_id: str, number: int) -> HttpResponse:
    """One delivery: what is told, and each attempt."""
    line = _own(request, endpoint_id)
    found = queries.delivery(endpoint_id, number)
    if found is None:
        raise Http404
    told, tried = found
    context = {
        "merchant": own_merchant(request),
        "endpoint": line.endpoint,
        "row": _delivery_row(told),
        "attempts": [(each, OUTCOME_WORDS[each.outcome]) for each in tried],
        "data": json.dumps(json.loads(told.data), ensure_ascii=False, indent=2),
    }
    return render(request, "web/portal/webhook_delivery.html", context)


@requires(Permission.KEEP_WEBHOOKS)
@require_POST
def again(request: HttpRequest, endpoint_id: str, number: int) -> HttpResponse:
    """Tell it again."""
    merchant_id = own_merchant(request).merchant_id
    fault = tell_again(merchant_id, endpoint_id, number, _actor(request), timezone.now(), book=WebhookRows())
    if fault is WebhookFault.DELIVERY_UNKNOWN:
        raise Http404
    return _done(request, fault, endpoint_id, _("正在重发，编号和内容不变，几秒后刷新页面看结果"))


# -- for everybody ---------------------------------------------------------------------------------------------------


def _public() -> tuple[bytes, str] | None:
    """The house's public key and its check value; None where it has no pair, or no vault at hand."""
    pair = serving_pair(HOUSE_PAIR)
    if pair is None:
        return None
    try:
        return key_room.vault().public_key(key=pair), pair.kcv
    except KeyRefused:
        return None


def _public_key() -> str:
    found = _public()
    return public_text(found[0]) if found else ""


@require_GET
def well_known(_request: HttpRequest) -> HttpResponse:
    """The house's public keys: as JSON Web Keys (RFC 7517, RFC 8037), and as Standard Webhooks write them."""
    found = _public()
    keys = []
    if found is not None:
        raw, check_value = found
        x = base64.urlsafe_b64encode(raw).decode().rstrip("=")
        keys = [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": check_value, "x": x, "text": public_text(raw)}]
    answer = JsonResponse({"keys": keys})
    answer["Cache-Control"] = "public, max-age=300"
    return answer
