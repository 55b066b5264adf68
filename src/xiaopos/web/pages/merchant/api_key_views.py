"""The keys with which a merchant's own cash registers call the API: make one, see who uses which, take one back.

What may live here: parse a form, ask one use case, render; a new key's text, once. What may not: rules, another merchant's keys.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from xiaopos.kernel.ids import MerchantId, ShopId
from xiaopos.merchants.api_access import LABEL_MOST, LIFETIMES_DAYS, Scope
from xiaopos.merchants.roles import Permission
from xiaopos.store.api_keys.book import KeyRows
from xiaopos.store.api_keys.keys import KeyLine, api_keys_of
from xiaopos.store.merchants.queries import MerchantFacts, shops_of
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.keep_api_keys import KeyDraft, KeyFault, make_key, revoke_key
from xiaopos.web.access import person_of, requires
from xiaopos.web.once_more import back_unless_right, code_field
from xiaopos.web.pages.merchant.own import own_merchant

SCOPE_WORDS = {
    Scope.TAKE: gettext_lazy("收款、预授权完成、放弃等待"),
    Scope.REFUND: gettext_lazy("退款、撤销"),
    Scope.READ: gettext_lazy("查询"),
}
FAULT_WORDS = {
    KeyFault.LABEL_WRONG: gettext_lazy("请给密钥起个名字，最多 20 个字"),
    KeyFault.SCOPE_MISSING: gettext_lazy("请至少选一项权限"),
    KeyFault.SHOP_UNKNOWN: gettext_lazy("请选一家自己的门店"),
    KeyFault.LIFETIME_WRONG: gettext_lazy("请选一个有效期"),
    KeyFault.TOO_MANY: gettext_lazy("有效的密钥已经太多，请先作废不用的"),
    KeyFault.KEY_UNKNOWN: gettext_lazy("没有这把密钥，或者已经作废"),
}


def _actor(request: HttpRequest) -> Actor:
    person = person_of(request)
    return Actor(person.username, person.role, "")


def _say(request: HttpRequest, fault: KeyFault) -> HttpResponse:
    messages.error(request, _("没有改动：%(why)s") % {"why": FAULT_WORDS[fault]})
    return redirect("portal_api_keys")


def _row(line: KeyLine, shop_names: dict[str, str]) -> dict[str, Any]:
    """A key as the list shows it."""
    if line.revoked_at is not None:
        tone, words = "calm", _("已作废")
    elif not line.opens(timezone.now()):
        tone, words = "warn", _("已过期")
    else:
        tone, words = "good", _("有效")
    return {
        "line": line,
        "tone": tone,
        "words": words,
        "shop": shop_names.get(line.key.shop_id, line.key.shop_id),
        "scopes": [SCOPE_WORDS[scope] for scope in Scope if scope in line.key.scopes],
        "may_revoke": line.revoked_at is None,
    }


@requires(Permission.KEEP_API_KEYS)
def api_keys(request: HttpRequest) -> HttpResponse:
    """Every key of the merchant, and the form for another."""
    merchant = own_merchant(request)
    shops = shops_of(merchant.merchant_id)
    names = {shop.shop_id: shop.name for shop in shops}
    context = {
        "merchant": merchant,
        "rows": [_row(line, names) for line in api_keys_of(merchant.merchant_id)],
        "shops": shops,
        "scopes": [(scope.value, words) for scope, words in SCOPE_WORDS.items()],
        "lifetimes": LIFETIMES_DAYS,
        "label_most": LABEL_MOST,
        **code_field(request),
    }
    return render(request, "web/portal/api_keys.html", context)


def _draft(request: HttpRequest, merchant: MerchantFacts) -> KeyDraft:
    known = {scope.value: scope for scope in Scope}
    chosen = frozenset(known[word] for word in request.POST.getlist("scope") if word in known)
    days = request.POST.get("days", "")
    return KeyDraft(
        MerchantId(merchant.merchant_id),
        request.POST.get("label", "")[: 2 * LABEL_MOST],
        ShopId(request.POST.get("shop", "")),
        chosen,
        int(days) if days in map(str, LIFETIMES_DAYS) else -1,
    )


@require_POST
@requires(Permission.KEEP_API_KEYS)
def make(request: HttpRequest) -> HttpResponse:
    """Make a key, and show its text once."""
    refused = back_unless_right(request, "portal_api_keys")
    if refused is not None:
        return refused
    merchant = own_merchant(request)
    own = [shop.shop_id for shop in shops_of(merchant.merchant_id)]
    made = make_key(_draft(request, merchant), own, _actor(request), timezone.now(), KeyRows())
    if isinstance(made, KeyFault):
        return _say(request, made)
    key, text = made
    answer = render(request, "web/portal/api_key_made.html", {"merchant": merchant, "key": key, "text": text})
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@requires(Permission.KEEP_API_KEYS)
def revoke(request: HttpRequest, prefix: str) -> HttpResponse:
    """Take a key back."""
    merchant = own_merchant(request)
    fault = revoke_key(MerchantId(merchant.merchant_id), prefix, _actor(request), timezone.now(), KeyRows())
    if fault is not None:
        return _say(request, fault)
    messages.success(request, _("密钥 %(prefix)s 已作废，从现在起不能再用") % {"prefix": prefix})
    return redirect("portal_api_keys")
