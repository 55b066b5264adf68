"""A customer's signature at the console: shown to who may see it, for a reason that is written down before.

What may live here: the form, telling a picture by its first bytes. What may not: opening (usecases.keep_signature).
"""

from __future__ import annotations

import base64

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from xiaopos.kernel.ids import MerchantId, PaymentId
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.kernel.secret import Secret
from xiaopos.merchants.roles import Permission
from xiaopos.store.audit.looks import LookRows
from xiaopos.store.fleet.notice_queries import signed_at
from xiaopos.usecases.keep_signature import Opening, SignatureLook, show_signature
from xiaopos.web.access import requires
from xiaopos.web.asking import ask
from xiaopos.web.pages.operator.changes import actor_of, tell

PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"BM": "image/bmp", b"GIF8": "image/gif"}
"""How pictures that a browser draws begin; terminals also send forms of their own (JBIG), which are offered as a file."""


def picture_of(raw: bytes) -> str:
    """The kind of picture, or an empty text for one that no browser draws."""
    return next((kind for begins, kind in PICTURES.items() if raw.startswith(begins)), "")


def _ask(opening: Opening) -> Secret | None:
    return ask(opening)


@never_cache
@require_POST
@requires(Permission.SEE_SIGNATURE)
def show(request: HttpRequest, merchant_id: str, payment_id: str) -> HttpResponse:
    """Show the signature of a payment, once: it is asked for anew each time, with a reason."""
    look = SignatureLook(MerchantId(merchant_id), PaymentId(payment_id), actor_of(request), timezone.now())
    if signed_at(merchant_id, payment_id) is None:
        raise Http404
    shown = show_signature(look, LookRows(), _ask)
    if isinstance(shown, Refused):
        assert shown.reason is Reason.NOTE_MISSING, "a signature that is there is shown"
        tell(request, shown)
        return redirect("console_payment", merchant_id, payment_id)
    kind = picture_of(shown.value)
    context = {
        "merchant_id": merchant_id,
        "payment_id": payment_id,
        "kind": kind,
        "size": len(shown.value),
        "data": f"data:{kind or 'application/octet-stream'};base64,{base64.b64encode(shown.value).decode()}",
    }
    return render(request, "web/console/signature.html", context)
