"""The owner's speakers: pair one with a shop, see whether it listens, take it out of service.

What may live here: parse a form, ask one use case or query, render. What may not: rules, SQL, keys but a pairing shown once.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from xiaopos.kernel.ids import make_id
from xiaopos.keys import KeyRefused
from xiaopos.merchants.roles import Permission
from xiaopos.store.merchants.queries import shops_of
from xiaopos.store.speakers.book import SpeakerRows, speakers_of
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.keep_speakers import LONGEST_LABEL, SpeakerFault, pair_speaker, remove_speaker
from xiaopos.usecases.keep_webhooks import Workshop
from xiaopos.web import key_room
from xiaopos.web.access import person_of, requires
from xiaopos.web.drawing import code_svg
from xiaopos.web.once_more import back_unless_right, code_field
from xiaopos.web.pages.merchant.own import own_merchant

_FAULTS = {
    SpeakerFault.NO_LABEL: gettext_lazy("给音箱起个名字，最多四十个字"),
    SpeakerFault.SHOP_UNKNOWN: gettext_lazy("没有这家门店"),
    SpeakerFault.TOO_MANY: gettext_lazy("音箱太多了，先停用不用的"),
}


def _new_id(at: datetime) -> str:
    return make_id(int(at.timestamp() * 1000), secrets.token_bytes(10))


def _actor(request: HttpRequest) -> Actor:
    person = person_of(request)
    return Actor(person.username, person.role, "")


@requires(Permission.KEEP_SPEAKERS)
@require_GET
def speakers(request: HttpRequest) -> HttpResponse:
    """The speakers, and the form for another."""
    merchant = own_merchant(request)
    shops = shops_of(merchant.merchant_id)
    names = {shop.shop_id: shop.name for shop in shops}
    context = {
        "merchant": merchant,
        "rows": [(line, names.get(line.shop_id, line.shop_id)) for line in speakers_of(merchant.merchant_id)],
        "shops": shops,
        "label_most": LONGEST_LABEL,
        **code_field(request),
    }
    return render(request, "web/portal/speakers.html", context)


@requires(Permission.KEEP_SPEAKERS)
@require_POST
def pair(request: HttpRequest) -> HttpResponse:
    """Pair a speaker; its pairing is shown once."""
    refused = back_unless_right(request, "portal_speakers")
    if refused is not None:
        return refused
    merchant = own_merchant(request)
    try:
        paired = pair_speaker(
            merchant.merchant_id,
            request.POST.get("shop", "")[:32],
            request.POST.get("label", "")[: LONGEST_LABEL + 1],
            [shop.shop_id for shop in shops_of(merchant.merchant_id)],
            _actor(request),
            timezone.now(),
            book=SpeakerRows(),
            workshop=Workshop(key_room.vault(), secrets.token_bytes, _new_id, settings.DEPLOYMENT.is_demo),
        )
    except KeyRefused:
        messages.error(request, _("没有配对：密钥库现在用不了，请稍后再试"))
        return redirect("portal_speakers")
    if isinstance(paired, SpeakerFault):
        messages.error(request, _("没有配对：%(why)s") % {"why": _FAULTS[paired]})
        return redirect("portal_speakers")
    text = f"xiaopos-speaker:{paired.speaker.speaker_id}:{paired.secret.value.hex()}"
    context = {"merchant": merchant, "label": paired.speaker.label, "text": text, "drawn": code_svg(text)}
    answer = render(request, "web/portal/speaker_paired.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


@requires(Permission.KEEP_SPEAKERS)
@require_POST
def remove(request: HttpRequest, speaker_id: str) -> HttpResponse:
    """Take a speaker out of service."""
    merchant_id = own_merchant(request).merchant_id
    if not remove_speaker(merchant_id, speaker_id, _actor(request), timezone.now(), SpeakerRows()):
        raise Http404
    messages.success(request, _("已停用，这台音箱不再播报"))
    return redirect("portal_speakers")
