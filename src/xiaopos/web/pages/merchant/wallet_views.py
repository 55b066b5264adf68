"""The owner's contracts with wallets: enter one, test it with a cent, let it take money, end it.

What may live here: parse a form, ask one use case, render. What may not: rules, keys beyond handing them to the vault.
"""

from __future__ import annotations

import base64
import secrets
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xiaopos.kernel.ids import PaymentId, make_id
from xiaopos.kernel.refusal import Refused
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyRefused
from xiaopos.merchants.roles import Permission
from xiaopos.merchants.wallet_contracts import CONTRACT_LIFE, FORMS, ContractEvent, Entry, Field, WalletForm
from xiaopos.payments.payment import Payment
from xiaopos.payments.states import KNOWN, State
from xiaopos.store.payments.portal_queries import one_payment
from xiaopos.store.wallets.book import ContractRows
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.keep_wallet_contract import (
    ContractDraft,
    NotKept,
    WalletContract,
    activate_contract,
    end_contract,
    enter_contract,
    make_pair,
)
from xiaopos.web import key_room
from xiaopos.web.access import person_of, requires
from xiaopos.web.asking import StillUnderWay
from xiaopos.web.drawing import code_svg
from xiaopos.web.once_more import code_field, wrong_code
from xiaopos.web.pages.merchant import wallet_asks
from xiaopos.web.pages.merchant.own import own_merchant
from xiaopos.web.wallet_words import (
    FAULT_WORDS,
    FINDING_WORDS,
    MODE_WORDS,
    STATE_WORDS,
    WALLET_WORDS,
    WHAT_IT_NEEDS,
    field_words,
)
from xiaopos.web.words import reason_words

LONGEST_FILE = 65_536
TRIED = "wallet_tried"
_CHANGES = {ContractEvent.ACTIVATE: activate_contract, ContractEvent.END: end_contract}


def _new_id(at: datetime) -> str:
    return make_id(int(at.timestamp() * 1000), secrets.token_bytes(10))


def _actor(request: HttpRequest) -> Actor:
    person = person_of(request)
    return Actor(person.username, person.role, "")


def _own(request: HttpRequest, contract_id: str) -> WalletContract:
    contract = ContractRows().recall(own_merchant(request).merchant_id, contract_id)
    if contract is None:
        raise Http404
    return contract


def _form(wallet: str) -> WalletForm:
    if wallet not in FORMS or wallet not in wallet_asks.wallets():
        raise Http404
    return FORMS[wallet]


@requires(Permission.KEEP_CONTRACTS)
@require_GET
def wallets(request: HttpRequest) -> HttpResponse:
    """Each wallet, and the shop's contracts with it, the newest first."""
    merchant = own_merchant(request)
    kept = ContractRows().contracts_of(merchant.merchant_id)
    rows = [
        {
            "wallet": name,
            "title": WALLET_WORDS[name],
            "needs": WHAT_IT_NEEDS[name],
            "contracts": [
                (one, STATE_WORDS[one.state], one.settings[FORMS[name].identity[0]])
                for one in kept
                if one.wallet == name
            ],
        }
        for name in wallet_asks.wallets()
    ]
    return render(request, "web/portal/wallets.html", {"merchant": merchant, "rows": rows})


# -- entering --------------------------------------------------------------------------------------------------------


@requires(Permission.KEEP_CONTRACTS)
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest, wallet: str) -> HttpResponse:
    """The form of a wallet; a contract that is kept is on trial."""
    form = _form(wallet)
    mode = (request.POST if request.method == "POST" else request.GET).get("mode", form.modes[0])
    if mode not in form.modes:
        raise Http404
    if request.method == "GET":
        return _show_form(request, form, mode)
    refused = wrong_code(request)
    if isinstance(refused, HttpResponse):
        return refused
    if refused:
        return _show_form(request, form, mode, code_wrong=True)
    sent = {each.name: _sent(request, each) for each in form.of(mode)}
    now = timezone.now()
    draft = ContractDraft(
        _new_id(now),
        own_merchant(request).merchant_id,
        wallet,
        mode,
        {each.name: sent[each.name] for each in form.of(mode) if not each.entry.is_secret},
        {each.name: Secret(sent[each.name].encode()) for each in form.of(mode) if each.entry.is_secret},
        _actor(request),
        now,
    )
    try:
        kept = enter_contract(draft, book=ContractRows(), vault=key_room.vault(), unusable=wallet_asks.unusable)
    except KeyRefused:
        messages.error(request, _("没有保存：保管密钥的设备没有回应，请稍后再试"))
        return _show_form(request, form, mode)
    if isinstance(kept, NotKept):
        return _show_form(request, form, mode, refused=kept)
    messages.success(request, _("已保存，现在是试用：先测试连接，再收一分钱"))
    return redirect("portal_wallet_contract", kept.contract_id)


def _sent(request: HttpRequest, each: Field) -> str:
    """What was typed or uploaded; an uploaded file wins. A file in DER becomes base64."""
    uploaded = request.FILES.get(f"{each.name}_file")
    if uploaded is None:
        return request.POST.get(each.name, "").replace("\0", "")
    content: bytes = uploaded.read(LONGEST_FILE + 1)
    try:
        return content.decode("utf-8-sig").replace("\0", "")
    except UnicodeDecodeError:
        return base64.b64encode(content).decode()


def _show_form(
    request: HttpRequest, form: WalletForm, mode: str, *, refused: NotKept | None = None, code_wrong: bool = False
) -> HttpResponse:
    """The form again: what was typed stays, but for secrets and files."""
    merchant = own_merchant(request)
    waiting = ContractRows().waiting_pair(merchant.merchant_id, form.wallet)
    fields = []
    for each in form.of(mode):
        title, where = field_words(form.wallet, each.name)
        fault = FAULT_WORDS[refused.fault] if refused is not None and refused.field == each.name else ""
        kept = "" if each.entry.is_secret else request.POST.get(each.name, "")[:LONGEST_FILE]
        fields.append(
            {
                "name": each.name,
                "title": title,
                "where": where,
                "fault": fault,
                "value": kept,
                "kind": _KINDS[each.entry],
                "required": not each.optional and each.entry is Entry.TEXT,
            }
        )
    context = {
        "merchant": merchant,
        "wallet": form.wallet,
        "title": WALLET_WORDS[form.wallet],
        "needs": WHAT_IT_NEEDS[form.wallet],
        "modes": [(name, MODE_WORDS[name]) for name in form.modes],
        "mode": mode,
        "fields": fields,
        "public": _public(waiting) if waiting is not None else "",
        "wrong": FAULT_WORDS[refused.fault] if refused is not None and not refused.field else "",
        "wrong_field": refused is not None and bool(refused.field),
        "wrong_code": code_wrong,
        **code_field(request),
    }
    status = 422 if refused is not None or code_wrong else 200
    answer = render(request, "web/portal/wallet_enter.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


_KINDS = {
    Entry.TEXT: "text",
    Entry.PRIVATE_KEY: "secret",
    Entry.SHARED_KEY: "password",
    Entry.PUBLIC_KEY: "long",
    Entry.CERTIFICATE: "long",
    Entry.CERTIFICATES: "long",
}


def _public(pair: Any) -> str:
    try:
        return base64.b64encode(key_room.vault().public_key(key=pair)).decode()
    except KeyRefused:
        return ""


@requires(Permission.KEEP_CONTRACTS)
@require_POST
def pair(request: HttpRequest, wallet: str) -> HttpResponse:
    """Make the shop's pair in the vault: its public half is shown on the form, its private half nowhere."""
    form = _form(wallet)
    merchant = own_merchant(request)
    try:
        make_pair(
            merchant.merchant_id,
            form.wallet,
            _actor(request),
            timezone.now(),
            book=ContractRows(),
            vault=key_room.vault(),
        )
    except KeyRefused:
        messages.error(request, _("密钥没有生成：保管密钥的设备没有回应，请稍后再试"))
    return redirect("portal_wallet_enter", wallet)


# -- one contract ----------------------------------------------------------------------------------------------------


@requires(Permission.KEEP_CONTRACTS)
@require_GET
def contract(request: HttpRequest, contract_id: str) -> HttpResponse:
    """What was entered, what asking found, the test payments, and what can be done next."""
    return _show(request, _own(request, contract_id))


def _show(request: HttpRequest, kept: WalletContract, *, code_wrong: bool = False) -> HttpResponse:
    form = FORMS[kept.wallet]
    texts = [
        (field_words(kept.wallet, each.name)[0], kept.settings[each.name])
        for each in form.of(kept.mode)
        if each.entry is Entry.TEXT and each.name in kept.settings
    ]
    context = {
        "merchant": own_merchant(request),
        "contract": kept,
        "title": WALLET_WORDS[kept.wallet],
        "mode": MODE_WORDS[kept.mode],
        "state": STATE_WORDS[kept.state],
        "texts": texts,
        "found": FINDING_WORDS[kept.probe.finding] if kept.probe else None,
        "may_activate": CONTRACT_LIFE.allows(kept.state, ContractEvent.ACTIVATE),
        "may_end": CONTRACT_LIFE.allows(kept.state, ContractEvent.END),
        "notice_address": wallet_asks.notice_address(kept),
        **code_field(request),
        "wrong_code": code_wrong,
        **_tried(request, kept),
    }
    answer = render(request, "web/portal/wallet_contract.html", context, status=422 if code_wrong else 200)
    answer["Cache-Control"] = "no-store"
    return answer


@requires(Permission.KEEP_CONTRACTS)
@require_POST
def probe(request: HttpRequest, contract_id: str) -> HttpResponse:
    """Ask the wallet a question that moves no money."""
    kept = _own(request, contract_id)
    try:
        found = wallet_asks.probe(kept)
    except StillUnderWay:
        messages.error(request, _("钱包还没有回答，请稍后再测"))
    else:
        ContractRows().note_probe(kept, found, _actor(request), timezone.now())
    return redirect("portal_wallet_contract", contract_id)


def _tried(request: HttpRequest, kept: WalletContract) -> dict[str, Any]:
    """The last test payment of this session and its refund, as the page draws them."""
    known = request.session.get(TRIED, {}).get(kept.contract_id, {})
    payment = one_payment(kept.merchant_id, known["payment"]) if "payment" in known else None
    back = one_payment(kept.merchant_id, known["refund"]) if "refund" in known else None
    waits = payment is not None and payment.state is State.PAYING
    return {
        "tried": payment,
        "back": back,
        "tried_words": _why(payment),
        "back_words": _why(back),
        "drawn": code_svg(payment.shown_code) if payment is not None and waits and payment.shown_code else "",
        "still_moves": any(one is not None and one.state not in KNOWN for one in (payment, back)),
        "may_refund": payment is not None and payment.state is State.APPROVED and not payment.refunded.minor,
    }


def _why(payment: Payment | None) -> Any:
    return reason_words(payment.reason) if payment is not None and payment.reason is not None else None


@requires(Permission.KEEP_CONTRACTS)
@require_GET
def tried(request: HttpRequest, contract_id: str) -> HttpResponse:
    """The part of the page that moves while a test payment is under way."""
    kept = _own(request, contract_id)
    return render(request, "web/portal/wallet_tried.html", {"contract": kept, **_tried(request, kept)})


@requires(Permission.KEEP_CONTRACTS)
@require_POST
def pay(request: HttpRequest, contract_id: str) -> HttpResponse:
    """Take a cent from the owner."""
    kept = _own(request, contract_id)
    payment_id = PaymentId(_new_id(timezone.now()))
    _remember(request, kept, payment=payment_id)
    code = "".join(request.POST.get("code", "")[:64].split())
    try:
        _say(request, wallet_asks.pay_a_cent(kept, payment_id, code, person_of(request).username))
    except StillUnderWay:
        messages.info(request, _("还在问钱包，结果会显示在下面"))
    return redirect("portal_wallet_contract", contract_id)


@requires(Permission.KEEP_CONTRACTS)
@require_POST
def pay_back(request: HttpRequest, contract_id: str) -> HttpResponse:
    """Pay the cent back."""
    kept = _own(request, contract_id)
    paid = _tried(request, kept)["tried"]
    if paid is None:
        raise Http404
    refund_id = PaymentId(_new_id(timezone.now()))
    _remember(request, kept, payment=paid.payment_id, refund=refund_id)
    try:
        _say(request, wallet_asks.pay_it_back(paid, refund_id, person_of(request).username))
    except StillUnderWay:
        messages.info(request, _("还在问钱包，结果会显示在下面"))
    return redirect("portal_wallet_contract", contract_id)


def _remember(request: HttpRequest, kept: WalletContract, **ids: str) -> None:
    request.session[TRIED] = {**request.session.get(TRIED, {}), kept.contract_id: ids}


def _say(request: HttpRequest, result: Payment | Refused) -> None:
    if isinstance(result, Refused):
        words = reason_words(result.reason)
        messages.error(request, f"{words.title} · {words.money} · {words.next}")


@requires(Permission.KEEP_CONTRACTS)
@require_POST
def change(request: HttpRequest, contract_id: str) -> HttpResponse:
    """Let a contract take money, or end it."""
    kept = _own(request, contract_id)
    try:
        event = ContractEvent(request.POST.get("event", ""))
    except ValueError:
        raise Http404 from None
    refused = wrong_code(request)
    if isinstance(refused, HttpResponse):
        return refused
    if refused:
        return _show(request, kept, code_wrong=True)
    after = _CHANGES[event](kept.merchant_id, contract_id, _actor(request), timezone.now(), ContractRows())
    if isinstance(after, NotKept):
        messages.error(request, _("没有改动：%(why)s") % {"why": FAULT_WORDS[after.fault]})
    elif event is ContractEvent.ACTIVATE:
        messages.success(request, _("十秒后开始收款"))
    else:
        messages.success(request, _("十秒后停用；以前的收款仍可查询和退款"))
    return redirect("portal_wallet_contract", contract_id)
