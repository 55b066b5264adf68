"""What we say to the card network about QR payments, and what its answers mean. Pure.

What may live here: requests from payments, the code that the shop shows, answers of the house from messages. What may not: the
line, clocks, the values of the profile (`wire.iso8583.network_qr`).

An order's number is our payment's id. It stands in field 59 of every message, so that the network can do each order once and tell
of it by name; a reversal or a refund names its original in field 90 as a card's does.
"""

from __future__ import annotations

from dataclasses import dataclass

from xiaopos.gateways.unionpay.codes import SUCCESS, UNDONE, UNSURE, reason_of
from xiaopos.gateways.unionpay.messages import UNDOING_CODE, Membership, original_data, stan_of, transmitted_at
from xiaopos.kernel.money import CURRENCIES
from xiaopos.kernel.refusal import Reason
from xiaopos.kernel.secret import Secret
from xiaopos.payments.answers import Answer, Approved, Declined, OutcomeUnknown, PayerAsked
from xiaopos.payments.payment import CardKind, Payment
from xiaopos.wire.iso8583 import Malformed, Message
from xiaopos.wire.iso8583.network_qr import FIELD, QrData, QrProfile
from xiaopos.wire.qr.merchant_presented import build
from xiaopos.wire.qr.order_label import label_of
from xiaopos.wire.qr.unionpay_account import UnionPayAccount

_PLAIN = "00"
NAME_MAX, CITY_MAX, LOCAL_NAME_MAX = 25, 15, 25


@dataclass(frozen=True, slots=True)
class ShopFace:
    """How a shop is called in the code that it shows: its own name, and a city in ASCII (1 to 15 characters)."""

    name: str
    city: str


def _request(mti: str, processing: str, payment: Payment, member: Membership, data: QrData) -> Message:
    fields: dict[int, str | bytes] = {
        3: processing,
        4: f"{payment.amount.minor:012d}",
        7: transmitted_at(payment),
        11: stan_of(payment),
        25: _PLAIN,
        32: member.acquirer,
        33: member.forwarder,
        37: payment.rrn,
        41: payment.terminal_id.ljust(8)[:8],
        42: payment.merchant_id.ljust(15)[:15],
        49: CURRENCIES[payment.amount.currency].number,
        FIELD: data.field(),
    }
    return Message(mti, fields)


def pay(payment: Payment, payer_code: Secret, member: Membership, profile: QrProfile) -> Message:
    """Take a payment with the customer's code (付款码消费, 0200). Raises Malformed for a code that cannot be sent."""
    data = QrData(payment.payment_id, payer_code=payer_code.value.decode("ascii", "replace"))
    message = _request("0200", profile.pay_processing, payment, member, data)
    message.fields[22] = profile.pay_entry
    return message


def show(payment: Payment, member: Membership, profile: QrProfile) -> Message:
    """Tell the network of an order that the customer will pay by scanning our code (主扫下单, 0200)."""
    return _request("0200", profile.show_processing, payment, member, QrData(payment.payment_id))


def query(payment: Payment, member: Membership, profile: QrProfile, *, at: str, stan: int) -> Message:
    """Ask what became of an order or a refund (交易查询, 0200). `at` is MMDDhhmmss in UTC, `stan` the question's own number."""
    message = _request("0200", profile.query_processing, payment, member, _about(payment))
    message.fields |= {7: at, 11: f"{stan:06d}"}
    return message


def _about(payment: Payment) -> QrData:
    if payment.original_id is None:
        return QrData(payment.payment_id)
    return QrData(payment.original_id, refund=payment.payment_id)


def refund(payment: Payment, original: Payment, member: Membership, *, repeat: bool) -> Message:
    """Pay back (退货): an advice, 0220 and then 0221, known by its number and done once."""
    data = QrData(original.payment_id, refund=payment.payment_id)
    message = _request("0221" if repeat else "0220", UNDOING_CODE, payment, member, data)
    message.fields[90] = original_data(original, member)
    return message


def reversal(payment: Payment, member: Membership, profile: QrProfile, *, repeat: bool) -> Message:
    """Close an order that is not paid, pay back one that is (冲正, 0420 and then 0421)."""
    shown = payment.method.value == "shop_code"
    processing = profile.show_processing if shown else profile.pay_processing
    message = _request("0421" if repeat else "0420", processing, payment, member, QrData(payment.payment_id))
    message.fields[90] = original_data(payment, member)
    return message


def shop_code(payment: Payment, member: Membership, face: ShopFace) -> str:
    """The code that the shop shows (EMVCo, dynamic, with the amount). Raises Malformed for what cannot be written.

    Where the shop's name is not ASCII, its number stands for it and the name is told in its own language (tag 64).
    """
    account = UnionPayAccount(member.acquirer[:8], member.forwarder[:8], payment.merchant_id.ljust(15, "0")[:15])
    plain = face.name.isascii() and face.name.isprintable()
    return build(
        accounts=[account.data_object()],
        category=payment.merchant_id[7:11],
        name=(face.name if plain else payment.merchant_id)[:NAME_MAX],
        city=face.city[:CITY_MAX],
        amount=payment.amount.decimal(),
        currency=CURRENCIES[payment.amount.currency].number,
        dynamic=True,
        additional=[("05", label_of(payment.payment_id)), ("07", payment.terminal_id)],
        local=None if plain else ("ZH", face.name[:LOCAL_NAME_MAX]),
    ).text()


# -- what comes back -------------------------------------------------------------------------------------------------


def data_of(answer: Message) -> QrData | None:
    """What field 59 of an answer says; None when it says nothing that we can read."""
    try:
        return QrData.read(answer.raw(FIELD))
    except Malformed:
        return None


def read_order(answer: Message, payment: Payment, profile: QrProfile) -> Answer:
    """The answer to a request for money."""
    return _order(answer.text(39), answer, payment, _refusals(profile))


def read_query(answer: Message, payment: Payment, profile: QrProfile) -> Answer:
    """The answer to a question. What the network does not know may still be on its way to it."""
    data, code = data_of(answer), answer.text(39)
    if code not in SUCCESS or data is None:
        return OutcomeUnknown(f"the network could not tell: {code or 'no code'}")
    if payment.original_id is not None:
        return (
            read_refund(answer, payment, profile)
            if data.original_code in SUCCESS
            else OutcomeUnknown(f"the refund stands at {data.original_code or 'nothing'}")
        )
    reasons = _refusals(profile) | {profile.expired: Reason.PAYER_TOO_SLOW}
    return _order(data.original_code, answer, payment, reasons)


def read_refund(answer: Message, refund: Payment, profile: QrProfile) -> Answer:
    """The answer to a refund."""
    code = answer.text(39)
    if not code or code in UNSURE:
        return OutcomeUnknown(f"the network answered {code or 'no code'}")
    if code not in SUCCESS:
        reasons = {profile.not_so: Reason.ORIGINAL_NOT_APPROVED, profile.too_much: Reason.REFUND_TOO_MUCH}
        return Declined(reasons.get(code) or reason_of(code), response_code=code)
    data = data_of(answer)
    if data is None or data.refund != refund.payment_id or not _same_amount(answer, refund):
        return OutcomeUnknown("the network's answer is about another refund or amount")
    return Approved(channel_ref=data.voucher, payer=data.payer, card_kind=CardKind.WALLET)


def read_reversal(answer: Message, payment: Payment) -> Answer:
    """The answer to a reversal: done, also when there was nothing, or still to be asked for."""
    code, data = answer.text(39), data_of(answer)
    if code in UNDONE and data is not None and data.order == payment.payment_id:
        return Approved(response_code=code, channel_ref=data.voucher, card_kind=CardKind.WALLET)
    return OutcomeUnknown(f"the network answered the reversal {code or 'without a code'}")


def _order(code: str, answer: Message, payment: Payment, reasons: dict[str, Reason | None]) -> Answer:
    if not code or code in UNSURE:
        return OutcomeUnknown(f"the network answered {code or 'no code'}")
    if code not in SUCCESS and code not in reasons:
        return Declined(reason_of(code), response_code=code)
    reason = reasons.get(code)
    if reason is not None:
        return Declined(reason, response_code=code)
    data = data_of(answer)
    if data is None or data.order != payment.payment_id or not _same_amount(answer, payment):
        return OutcomeUnknown("the network's answer is about another order or amount")
    if code not in SUCCESS:
        return PayerAsked(channel_ref=data.voucher)
    return Approved(channel_ref=data.voucher, payer=data.payer, card_kind=CardKind.WALLET)


def _refusals(profile: QrProfile) -> dict[str, Reason | None]:
    """Codes that say something else of a QR payment than of a card; None for the one that refuses nothing: it waits."""
    return {
        profile.waits: None,
        profile.payer_refused: Reason.PAYER_REFUSED,
        profile.expired: Reason.PAYER_CODE_EXPIRED,
        profile.code_unknown: Reason.PAYER_CODE_UNKNOWN,
        profile.not_so: Reason.REVERSED_BEFORE,
    }


def _same_amount(answer: Message, payment: Payment) -> bool:
    currency = CURRENCIES[payment.amount.currency].number
    return answer.text(4) == f"{payment.amount.minor:012d}" and answer.text(49) == currency
