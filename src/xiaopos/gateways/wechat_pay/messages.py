"""What we say to WeChat Pay, and what its answers mean. Pure.

What may live here: bodies and addresses from payments, answers of the house from bodies. What may not: HTTP, signatures, clocks.

Amounts are whole fen. `out_trade_no` is our payment's id, `out_refund_no` the refund's: WeChat Pay does each once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from urllib.parse import urlencode

from xiaopos.gateways.wechat_pay.account import WeChatAccount
from xiaopos.gateways.wechat_pay.codes import (
    ABOUT_THE_REFUND,
    NOT_THERE,
    WAITING,
    RefundStatus,
    TradeState,
    reason_of,
    word_of,
)
from xiaopos.gateways.wechat_pay.signing import Body, Said
from xiaopos.kernel.money import CURRENCIES
from xiaopos.kernel.refusal import Reason
from xiaopos.payments.answers import Answer, Approved, Declined, OutcomeUnknown, PayerAsked
from xiaopos.payments.payment import CardKind, Payment
from xiaopos.payments.states import State

BEIJING = timezone(timedelta(hours=8))
REFUNDS = "/v3/refund/domestic/refunds"
_NOT_KNOWN_YET = frozenset({State.SENT, State.PAYING, State.UNKNOWN, State.REVERSING, State.UNRESOLVED})
_DEVICE = "127.0.0.1"
NOBODY = "https://notify.invalid/"
"""WeChat Pay insists on an address to notify; nobody has this one (RFC 2606). That it is taken is unconfirmed."""

Reader = Callable[[Said, Payment], Answer]


def dump(content: Body) -> bytes:
    """A body as bytes: compact JSON in UTF-8."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


# -- addresses ----------------------------------------------------------------------------------------------------------


def transactions(account: WeChatAccount, rest: str) -> str:
    """The address of something about orders, for a merchant or for a partner."""
    return f"/v3/pay/{'partner/' if account.is_partner else ''}transactions/{rest}"


def query_path(account: WeChatAccount, number: str) -> str:
    """The address at which an order is asked for."""
    return f"{transactions(account, f'out-trade-no/{number}')}?{urlencode(_merchant(account))}"


def refund_path(account: WeChatAccount, number: str) -> str:
    """The address at which a refund is asked for."""
    return f"{REFUNDS}/{number}" + (f"?{urlencode({'sub_mchid': account.sub_mchid})}" if account.is_partner else "")


def bill_path(account: WeChatAccount, name: str, **wanted: str) -> str:
    """The address at which the link to a bill is asked for."""
    more = {"sub_mchid": account.sub_mchid} if account.is_partner and name == "tradebill" else {}
    return f"/v3/bill/{name}?{urlencode({**wanted, **more, 'tar_type': 'GZIP'})}"


# -- bodies -------------------------------------------------------------------------------------------------------------


def _merchant(account: WeChatAccount) -> dict[str, str]:
    if account.is_partner:
        return {"sp_mchid": account.mchid, "sub_mchid": account.sub_mchid}
    return {"mchid": account.mchid}


def _who(account: WeChatAccount) -> dict[str, str]:
    if not account.is_partner:
        return {"appid": account.appid, **_merchant(account)}
    sub = {"sub_appid": account.sub_appid} if account.sub_appid else {}
    return {"sp_appid": account.appid, **_merchant(account), **sub}


def _order(account: WeChatAccount, payment: Payment) -> dict[str, object]:
    return {
        **_who(account),
        "description": account.subject,
        "out_trade_no": payment.payment_id,
        "amount": {"total": payment.amount.minor, "currency": payment.amount.currency},
    }


def pay_content(account: WeChatAccount, payment: Payment, payer_code: str) -> dict[str, object]:
    """Take a payment with the customer's code."""
    store = {"out_id": payment.shop_id} if account.is_partner else {"id": payment.shop_id}
    scene = {"device_id": payment.terminal_id, "device_ip": _DEVICE, "store_info": store}
    return {**_order(account, payment), "payer": {"auth_code": payer_code}, "scene_info": scene}


def native_content(account: WeChatAccount, payment: Payment, now: datetime) -> dict[str, object]:
    """Make a code to show, which dies with the order's patience."""
    dies_at = (now + account.shop_code_lives).astimezone(BEIJING).isoformat(timespec="seconds")
    scene = {"payer_client_ip": _DEVICE, "device_id": payment.terminal_id, "store_info": {"id": payment.shop_id}}
    told = account.notify_url or NOBODY
    return {**_order(account, payment), "time_expire": dies_at, "scene_info": scene, "notify_url": told}


def close_content(account: WeChatAccount) -> dict[str, object]:
    """Close an order that nobody has paid."""
    return {**_merchant(account)}


def reverse_content(account: WeChatAccount) -> dict[str, object]:
    """Undo a payment with a customer's code."""
    return {**_who(account)}


def refund_content(account: WeChatAccount, refund: Payment, original: Payment) -> dict[str, object]:
    """Pay back part or all of an order."""
    amount = {
        "refund": refund.amount.minor,
        "total": original.amount.minor,
        "currency": original.amount.currency,
    }
    more = {"sub_mchid": account.sub_mchid} if account.is_partner else {}
    return {"out_trade_no": original.payment_id, "out_refund_no": refund.payment_id, "amount": amount, **more}


def currency_fits(payment: Payment) -> bool:
    """Whether an amount can be said in fen."""
    return payment.amount.currency == "CNY" and CURRENCIES["CNY"].minor_digits == 2


# -- answers ------------------------------------------------------------------------------------------------------------


def _text(body: Body, name: str) -> str:
    value = body.get(name, "")
    return value if isinstance(value, str) else ""


def _amount(body: Body, name: str) -> int | None:
    amount = body.get("amount")
    value = amount.get(name) if isinstance(amount, dict) else None
    return value if type(value) is int else None


def state_of(said: Said) -> str:
    """Where an order stands, in WeChat Pay's word; empty when it did not say."""
    return _text(said.body, "trade_state") if said.done else ""


def is_not_there(said: Said) -> bool:
    """Whether WeChat Pay knows no such order or refund."""
    return word_of(said.code) in NOT_THERE


def refusal(said: Said) -> Declined | OutcomeUnknown | None:
    """What a failure means: a refusal, or that nobody knows. None for success."""
    if said.done:
        return None
    reason = reason_of(said.code) if 400 <= said.status < 500 else None
    detail = f"{said.status} {said.code}".strip()
    if reason is None:
        return OutcomeUnknown(f"the wallet could not tell: {detail}")
    return Declined(reason, detail=detail)


def nobody_knows(said: Said) -> bool:
    """Whether a failure says that nobody knows what happened."""
    return isinstance(refusal(said), OutcomeUnknown)


def masked(openid: str) -> str:
    """A customer's number with this merchant, as far as people need it to tell two apart.

    >>> masked("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")
    'oUpF***eS6o'
    """
    return f"{openid[:4]}***{openid[-4:]}" if len(openid) > 8 else ""


def _approved(body: Body) -> Approved:
    payer = body.get("payer")
    openid = "" if not isinstance(payer, dict) else payer.get("openid") or payer.get("sp_openid") or ""
    shown = masked(openid) if isinstance(openid, str) else ""
    return Approved(channel_ref=_text(body, "transaction_id"), payer=shown, card_kind=CardKind.WALLET)


def is_ours(body: Body, account: WeChatAccount) -> bool:
    """Whether an order names us as its merchant."""
    return all(body.get(name) == number for name, number in _merchant(account).items())


def read_pay(said: Said, payment: Payment) -> Answer:
    """The answer to a payment: paid, waiting for the customer, refused, or unknown."""
    if word_of(said.code) == WAITING:
        return PayerAsked()
    refused = refusal(said)
    return refused if refused is not None else read_trade(said, payment)


def read_native(said: Said) -> Answer:
    """The answer to a wish for a code to show. An order without a code cannot be paid, so it counts as refused."""
    refused = refusal(said)
    if refused is not None:
        return refused
    shown = _text(said.body, "code_url")
    return PayerAsked(shown_code=shown) if shown else Declined(Reason.CHANNEL_DECLINED, detail="no code to show came")


def read_trade(said: Said, payment: Payment) -> Answer:
    """What an order's state means for its payment. An order that is not known may still be on its way."""
    if not said.done:
        return OutcomeUnknown(f"the wallet could not tell: {said.status} {said.code}".rstrip())
    if said.body.get("out_trade_no") != payment.payment_id:
        return OutcomeUnknown("the wallet's answer is about another order")
    try:
        state = TradeState(said.body.get("trade_state"))
    except ValueError:
        return OutcomeUnknown("the wallet named a state that we do not know")
    if state in (TradeState.NOTPAY, TradeState.USERPAYING, TradeState.ACCEPT):
        return PayerAsked(channel_ref=_text(said.body, "transaction_id"), shown_code=payment.shown_code)
    if state in _ENDS:
        reason = _ENDS[state]
        return Declined(reason, detail=state.value)
    if _amount(said.body, "total") != payment.amount.minor:
        return OutcomeUnknown("the wallet's answer is about another amount")
    return _approved(said.body)


_ENDS = {
    TradeState.CLOSED: Reason.PAYER_TOO_SLOW,
    TradeState.REVOKED: Reason.REVERSED_BEFORE,
    TradeState.PAYERROR: Reason.CHANNEL_DECLINED,
}


def was_paid_back_unheard(said: Said, payment: Payment) -> bool:
    """Whether money of an order went back before our books knew that the order was paid."""
    return state_of(said) == TradeState.REFUND.value and payment.state in _NOT_KNOWN_YET


def read_reverse(said: Said, payment: Payment) -> Answer:
    """The answer to an undoing: done, or to be asked for again. `recall` is the older interface's word for "again"."""
    if said.done and said.body.get("out_trade_no") == payment.payment_id and said.body.get("recall") != "Y":
        return Approved(card_kind=CardKind.WALLET)
    return OutcomeUnknown(f"the wallet did not undo it: {said.status} {said.code}".rstrip())


def read_close(said: Said) -> Answer:
    """The answer to a wish to close an order."""
    refused = refusal(said)
    return Approved(card_kind=CardKind.WALLET) if refused is None else refused


def read_refund(said: Said, refund: Payment) -> Answer:
    """The answer to a refund, or to a question about one: done, refused for good, or not known yet."""
    refused = refusal(said)
    if refused is not None:
        # The word for a customer who has too little means here that the merchant has.
        poor = isinstance(refused, Declined) and refused.reason is Reason.BALANCE_TOO_LOW
        return Declined(Reason.CHANNEL_DECLINED, detail=f"{said.status} {said.code}") if poor else refused
    body = said.body
    if body.get("out_refund_no") != refund.payment_id or _amount(body, "refund") != refund.amount.minor:
        return OutcomeUnknown("the wallet's answer is about another refund or amount")
    if refund.original_id is not None and body.get("out_trade_no") != refund.original_id:
        return OutcomeUnknown("the wallet's answer is about another order")
    status = _text(body, "status")
    if status == RefundStatus.SUCCESS.value:
        return Approved(channel_ref=_text(body, "refund_id"), card_kind=CardKind.WALLET)
    if status == RefundStatus.CLOSED.value:
        return Declined(Reason.CHANNEL_DECLINED, detail=f"refund {status}")
    if status == RefundStatus.ABNORMAL.value:
        return OutcomeUnknown("the customer's bank did not take the refund: see to it in the wallet's merchant pages")
    return OutcomeUnknown("the wallet is still paying back")


def read_refund_query(said: Said, refund: Payment) -> Answer:
    """The answer to a question about a refund. What the wallet does not know may still be on its way."""
    if not said.done:
        return OutcomeUnknown(f"the wallet could not tell: {said.status} {said.code}".rstrip())
    return read_refund(said, refund)


def is_about_the_refund(said: Said) -> bool:
    """Whether a refund was refused for what it is, not for the state of something else."""
    return word_of(said.code) in ABOUT_THE_REFUND
