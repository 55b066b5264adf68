"""Receipts as pages, as PDF files and as links that expire.

What may live here: rendering what payments.receipts says. What may not: what a receipt says, who may see which payment
(the views find the payment first).

A link carries the payment's number under the house's signature, with the time at which it was made: whoever holds it
sees the customer's copy without signing in, until it is a week old.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import segno
import typst
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import override

from xiaopos.kernel.ids import is_id
from xiaopos.payments.payment import Payment
from xiaopos.payments.receipts import (
    NO_SIGNATURE,
    REMARKS,
    SIGNATURE,
    STATEMENT,
    Line,
    Receipt,
    ReceiptFacts,
    Signing,
    Words,
    has_receipt,
    receipt_of,
)
from xiaopos.payments.telling import reason_now
from xiaopos.store.merchants.queries import merchant_facts
from xiaopos.store.payments.portal_queries import one_payment
from xiaopos.web.words import channel_words

LINK_LIVES = timedelta(days=7)
_SALT = "xiaopos.receipt"
_MARKUP = Path(__file__).with_name("receipt.typ")
_SIMULATED_CHANNELS = frozenset({"sandbox"})


class NoChineseFont(Exception):
    """No font with Chinese characters was found on this machine, so that a PDF would show boxes."""


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a receipt on its page: the shell, and addresses (empty for none)."""

    shell: str = "web/desk.html"
    back: str = ""
    pdf: str = ""
    send: str = ""


def receipt_for(payment: Payment, *, reprint: bool = False) -> Receipt | None:
    """The receipt of a payment, or None when it has none. Two queries, one more for a void or refund."""
    merchant = merchant_facts(payment.merchant_id)
    if merchant is None or not has_receipt(payment):
        return None
    original = one_payment(payment.merchant_id, payment.original_id) if payment.original_id else None
    facts = ReceiptFacts(
        merchant_name=merchant.name,
        acquirer=settings.DEPLOYMENT.acquirer_id,
        channel=_both(payment.channel),
        zone=merchant.zone,
    )
    return receipt_of(payment, facts, original, reprint=reprint, simulated=is_simulated(payment))


def is_simulated(payment: Payment) -> bool:
    """Whether a simulator approved the payment: in a demo everything, in production nothing but a mistake."""
    return settings.DEPLOYMENT.is_demo or payment.channel in _SIMULATED_CHANNELS


def _both(channel: str) -> Words:
    with override("zh-hans"):
        chinese = channel_words(channel)
    with override("en"):
        return Words(chinese, channel_words(channel))


def render_receipt(
    request: HttpRequest, payment: Payment, *, reprint: bool = False, around: Around | None = None
) -> HttpResponse:
    """The page of a receipt with both copies, or in words why there is none (status 404)."""
    receipt = receipt_for(payment, reprint=reprint)
    context = {"payment": payment, "receipt": receipt, "around": around or Around(), "reason": reason_now(payment)}
    if receipt is None:
        return render(request, "web/receipts/none.html", context, status=404)
    return render(request, "web/receipts/receipt.html", context | _signing(receipt) | {"copies": receipt.copies})


def render_receipt_pdf(request: HttpRequest, payment: Payment, *, reprint: bool = False) -> HttpResponse:
    """The receipt as a PDF file, one page a copy; in words why not, when there is none or no font for it."""
    receipt = receipt_for(payment, reprint=reprint)
    context = {"payment": payment, "around": Around(), "reason": reason_now(payment)}
    if receipt is None:
        return render(request, "web/receipts/none.html", context, status=404)
    return _pdf(request, receipt, receipt.copies, payment)


def _pdf(request: HttpRequest, receipt: Receipt, copies: tuple[Words, ...], payment: Payment) -> HttpResponse:
    try:
        content = pdf_of(receipt, copies)
    except NoChineseFont:
        return render(request, "web/receipts/no_font.html", {"around": Around()}, status=503)
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="receipt-{payment.rrn}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def pdf_of(receipt: Receipt, copies: tuple[Words, ...]) -> bytes:
    """The PDF file. Raises NoChineseFont when this machine has no font for it."""
    folders = settings.CHINESE_FONT_FOLDERS
    if not folders:
        raise NoChineseFont
    told = {"receipt": markup_data(receipt, copies)}
    return bytes(typst.compile(_MARKUP, font_paths=folders, ignore_system_fonts=True, format="pdf", sys_inputs=told))


def markup_data(receipt: Receipt, copies: tuple[Words, ...]) -> str:
    """What the markup prints, as JSON: data, never markup, so that nothing in a name is understood as an instruction."""

    def lines(some: tuple[Line, ...]) -> list[list[str]]:
        return [[line.zh, line.en, line.value] for line in some]

    def words(some: Words | None) -> list[str] | None:
        return [some.zh, some.en] if some else None

    signing_words = _signing(receipt)
    return json.dumps(
        {
            "title": words(receipt.title),
            "marks": [words(mark) for mark in receipt.marks],
            "watermark": words(receipt.watermark),
            "lines": lines(receipt.lines),
            "remarks": lines(receipt.remarks),
            "remarks_title": words(REMARKS),
            "chip": lines(receipt.chip),
            "copies": [words(copy) for copy in copies],
            "signature": words(signing_words["signature"]),
            "statement": words(signing_words["statement"]),
            "no_signature": words(signing_words["no_signature"]),
        },
        ensure_ascii=False,
    )


def _signing(receipt: Receipt) -> dict[str, Any]:
    signed = receipt.signing is Signing.LINE
    return {
        "remarks_title": REMARKS,
        "signature": SIGNATURE if signed else None,
        "statement": STATEMENT if receipt.signing is not Signing.NONE else None,
        "no_signature": NO_SIGNATURE if receipt.signing is Signing.NOT_NEEDED else None,
    }


def share_address(request: HttpRequest, payment: Payment) -> str:
    """An address that opens the customer's copy without signing in, for as long as LINK_LIVES."""
    token = signing.dumps([payment.merchant_id, payment.payment_id], salt=_SALT)
    return request.build_absolute_uri(reverse("receipt_shared", args=[token]))


def share_drawing(address: str) -> str:
    """The address as a QR code, as the source of an image."""
    return segno.make(address, micro=False).svg_data_uri(scale=4, border=3, dark="#000", light="#fff")


def shared_payment(token: str) -> Payment | None:
    """The payment that a link shows, or None when the link is too old or was not made here."""
    try:
        merchant_id, payment_id = signing.loads(token, salt=_SALT, max_age=LINK_LIVES)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return one_payment(merchant_id, payment_id) if is_id(payment_id) else None


def shared(request: HttpRequest, token: str) -> HttpResponse:
    """A page for whoever holds a link: the customer's copy."""
    payment = shared_payment(token)
    receipt = receipt_for(payment) if payment else None
    if payment is None or receipt is None:
        return _private(
            render(request, "web/receipts/link_over.html", {"around": Around("web/frame.html")}, status=404)
        )
    around = Around("web/frame.html", pdf=reverse("receipt_shared_pdf", args=[token]))
    context = {"payment": payment, "receipt": receipt, "around": around, "copies": receipt.copies[1:]}
    return _private(render(request, "web/receipts/receipt.html", context | _signing(receipt)))


def shared_pdf(request: HttpRequest, token: str) -> HttpResponse:
    """The same as a PDF file."""
    payment = shared_payment(token)
    receipt = receipt_for(payment) if payment else None
    if payment is None or receipt is None:
        return _private(
            render(request, "web/receipts/link_over.html", {"around": Around("web/frame.html")}, status=404)
        )
    return _private(_pdf(request, receipt, receipt.copies[1:], payment))


def _private(answer: HttpResponse) -> HttpResponse:
    """The address is a secret: it is neither kept, nor passed on to other sites, nor indexed."""
    answer["Cache-Control"] = "private, no-store"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer
