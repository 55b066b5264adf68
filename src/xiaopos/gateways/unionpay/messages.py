"""What we say to the card network, and what its answers mean. Pure: payments in, messages out, answers back.

What may live here: which fields a request carries, how an answer is read. What may not: the line, keys, clocks.

Everything by which a request is known again derives from the payment's durable row: F37 is its RRN, F11 the last six
digits of it, F7 the instant it was received (UTC). So a reversal can be built after a crash, from the row alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC

from xiaopos.gateways.unionpay.codes import ASK_LATER, PARTIAL, SUCCESS, UNDONE, UNSURE, reason_of
from xiaopos.kernel.money import CURRENCIES, Money
from xiaopos.kernel.secret import Pan
from xiaopos.payments.answers import Answer, Approved, Balances, Declined, OutcomeUnknown
from xiaopos.payments.payment import CardKind, Kind, Payment
from xiaopos.usecases.notices import ScriptNotice
from xiaopos.usecases.ports import BalanceAsk, CardMeans
from xiaopos.wire.emv.tlv import Tlv, build
from xiaopos.wire.iso8583 import Malformed, Message
from xiaopos.wire.iso8583.card_network import AdditionalAmount, OriginalData

SALE_CODE = "000000"
UNDOING_CODE = "200000"
PREAUTH_CODE = "030000"
BALANCE_CODE = "310000"
_PLAIN, _PREAUTHORISED = "00", "06"
"""Field 25: whether a request belongs to a pre-authorisation."""
SIGN_ON = "001"
ECHO = "301"
_PIN_LENGTH_MAX = "12"
_REASON_NO_ANSWER = "98"
_KIND_LETTERS = {"D": CardKind.DEBIT, "C": CardKind.CREDIT}


@dataclass(frozen=True, slots=True)
class Membership:
    """Who we are to the network: acquiring (F32) and forwarding (F33) institution, up to 11 digits each."""

    acquirer: str
    forwarder: str


@dataclass(frozen=True, slots=True)
class LateAnswer:
    """An answer that came after nobody waited any more: what it said, for a person to compare with the books."""

    response_code: str
    approval_code: str
    amount_minor: int

    @property
    def approved(self) -> bool:
        """Whether it says that money moved."""
        return self.response_code in SUCCESS


def stan_of(payment: Payment) -> str:
    """The payment's trace number at the network (F11)."""
    return payment.rrn[-6:]


def transmitted_at(payment: Payment) -> str:
    """The payment's transmission time at the network (F7): MMDDhhmmss in UTC."""
    return payment.received_at.astimezone(UTC).strftime("%m%d%H%M%S")


_PROCESSING = {
    Kind.SALE: SALE_CODE,
    Kind.COMPLETION: SALE_CODE,
    Kind.TIP: SALE_CODE,
    Kind.PREAUTH: PREAUTH_CODE,
}


def _is_preauthorised(payment: Payment, original: Payment | None) -> bool:
    """Whether a request is about a pre-authorisation: it is one, completes one, or voids either."""
    held = (Kind.PREAUTH, Kind.COMPLETION)
    return payment.kind in held or (original is not None and original.kind in held)


def mti_of(payment: Payment, original: Payment | None) -> str:
    """The message type under which a payment was asked for. `original` is what it follows, if it follows anything."""
    if payment.advice or payment.kind is Kind.REFUND:
        return "0220"
    about_hold = payment.kind is Kind.PREAUTH or (
        payment.kind is Kind.VOID and original is not None and original.kind is Kind.PREAUTH
    )
    return "0100" if about_hold else "0200"


def _request(mti: str, payment: Payment, pan: Pan, member: Membership, original: Payment | None = None) -> Message:
    fields: dict[int, str | bytes] = {
        2: pan.digits,
        3: _PROCESSING.get(payment.kind, UNDOING_CODE),
        4: f"{payment.amount.minor:012d}",
        7: transmitted_at(payment),
        11: stan_of(payment),
        25: _PREAUTHORISED if _is_preauthorised(payment, original) else _PLAIN,
        32: member.acquirer,
        33: member.forwarder,
        37: payment.rrn,
        41: payment.terminal_id.ljust(8)[:8],
        42: payment.merchant_id.ljust(15)[:15],
        49: CURRENCIES[payment.amount.currency].number,
    }
    return Message(mti, fields)


def original_data(original: Payment, member: Membership, behind: Payment | None = None) -> str:
    """Field 90: by what the network knows an original. `behind` is what that followed."""
    mti = mti_of(original, behind)
    return OriginalData(mti, stan_of(original), transmitted_at(original), member.acquirer, member.forwarder).text()


def _add_card(message: Message, card: CardMeans) -> None:
    if card.entry_mode:
        message.fields[22] = card.entry_mode
    if card.expiry:
        message.fields[14] = card.expiry
    if card.sequence:
        message.fields[23] = card.sequence.zfill(3)
    if card.track2 is not None:
        message.fields[35] = card.track2.value.decode("ascii", "replace").replace("D", "=")
    if card.icc:
        message.fields[55] = card.icc


def authorisation(payment: Payment, card: CardMeans, member: Membership, pin_block: bytes) -> Message:
    """Ask for a sale (消费, 0200) or a pre-authorisation (预授权, 0100).

    `pin_block` is under the network's PIN key, empty when there is none.
    """
    message = _request(mti_of(payment, None), payment, card.pan, member)
    _add_card(message, card)
    _add_pin(message, pin_block)
    return message


def _add_pin(message: Message, pin_block: bytes) -> None:
    if pin_block:
        message.fields[26] = _PIN_LENGTH_MAX
        message.fields[52] = pin_block
        # Position 1: ISO 9564 with the card number. Position 2: 3DES.
        message.fields[53] = "2600000000000000"


def completion(
    payment: Payment,
    preauth: Payment,
    pan: Pan,
    member: Membership,
    *,
    card: CardMeans | None,
    pin_block: bytes,
    repeat: bool,
) -> Message:
    """Take what was held (预授权完成): a request (0200), or an advice (0220, again 0221)."""
    mti = mti_of(payment, preauth)
    message = _request("0221" if repeat and mti == "0220" else mti, payment, pan, member)
    if card is not None:
        _add_card(message, card)
    _add_pin(message, pin_block)
    message.fields[38] = preauth.approval_code.ljust(6)[:6]
    message.fields[90] = original_data(preauth, member)
    return message


def offline_sale(payment: Payment, pan: Pan, member: Membership, *, card: CardMeans | None, repeat: bool) -> Message:
    """Tell of a sale that was settled offline (离线消费, 0220, again 0221)."""
    message = _request("0221" if repeat else "0220", payment, pan, member)
    if card is not None:
        _add_card(message, card)
    return message


def balance(ask: BalanceAsk, member: Membership, pin_block: bytes) -> Message:
    """Ask what the card holds (余额查询, 0200)."""
    fields: dict[int, str | bytes] = {
        2: ask.card.pan.digits,
        3: BALANCE_CODE,
        4: "0" * 12,
        7: ask.received_at.astimezone(UTC).strftime("%m%d%H%M%S"),
        11: ask.rrn[-6:],
        25: _PLAIN,
        32: member.acquirer,
        33: member.forwarder,
        37: ask.rrn,
        41: ask.terminal_id.ljust(8)[:8],
        42: ask.merchant_id.ljust(15)[:15],
        49: CURRENCIES[ask.currency].number,
    }
    message = Message("0200", fields)
    _add_card(message, ask.card)
    _add_pin(message, pin_block)
    return message


def void(payment: Payment, original: Payment, pan: Pan, member: Membership) -> Message:
    """Cancel what was approved: a sale or completion (0200), a pre-authorisation (0100)."""
    message = _request(mti_of(payment, original), payment, pan, member, original)
    message.fields[90] = original_data(original, member)
    if original.approval_code:
        message.fields[38] = original.approval_code.ljust(6)[:6]
    return message


def refund(payment: Payment, original: Payment, pan: Pan, member: Membership, *, repeat: bool) -> Message:
    """Pay back (退货): an advice, 0220 and then 0221. Asked again it is known by the same numbers and done once."""
    message = _request("0221" if repeat else "0220", payment, pan, member)
    message.fields[90] = original_data(original, member)
    return message


def reversal(
    payment: Payment, pan: Pan, member: Membership, *, repeat: bool, original: Payment | None = None
) -> Message:
    """Undo a request (冲正, 0420 and then 0421), with the numbers of what it undoes. `original` is what that followed."""
    message = _request("0421" if repeat else "0420", payment, pan, member, original)
    message.fields[39] = _REASON_NO_ANSWER
    message.fields[90] = original_data(payment, member, original)
    if payment.approval_code:
        message.fields[38] = payment.approval_code.ljust(6)[:6]
    return message


def script_result(
    notice: ScriptNotice, payment: Payment, pan: Pan, member: Membership, *, original: Payment | None = None
) -> Message:
    """Tell what came of an issuer's script (脚本处理结果通知, 0620), with the numbers of the payment whose answer brought it.

    Field 55 is what the chip said, DF31 among it. `original` is what that payment followed.
    """
    message = _request("0620", payment, pan, member, original)
    told = (*notice.chip, ("DF31", notice.result))
    message.fields[55] = build(Tlv(tag, bytes.fromhex(value)) for tag, value in told)
    message.fields[90] = original_data(payment, member, original)
    return message


def management(code: str, *, stan: int, at: str, member: Membership) -> Message:
    """Sign on or echo test (0800). `at` is MMDDhhmmss in UTC."""
    return Message("0800", {7: at, 11: f"{stan:06d}", 32: member.acquirer, 33: member.forwarder, 70: code})


def read_answer(answer: Message, payment: Payment) -> Answer:
    """What an authorisation's answer means. Its MAC was right; it must also be about the amount that was asked."""
    code = answer.text(39)
    if code in SUCCESS:
        return _read_success(answer, code, payment)
    if not code or code in UNSURE:
        return OutcomeUnknown(f"the network answered {code or 'no code'}")
    return Declined(reason_of(code), response_code=code, icc=answer.raw(55))


def _read_success(answer: Message, code: str, payment: Payment) -> Answer:
    minor = _amount(answer)
    if answer.text(49) not in ("", CURRENCIES[payment.amount.currency].number):
        return OutcomeUnknown("the answer names another currency")
    partial = code == PARTIAL and 0 < minor <= payment.amount.minor
    if not partial and minor != payment.amount.minor:
        return OutcomeUnknown("the answer names another amount")
    return Approved(
        approval_code=answer.text(38).strip(),
        channel_ref=answer.text(37),
        response_code=code,
        amount=Money(minor, payment.amount.currency) if partial else None,
        issuer=answer.text(44).strip(),
        card_kind=_KIND_LETTERS.get(answer.text(60)[:1], CardKind.UNKNOWN),
        icc=answer.raw(55),
    )


def read_balance(answer: Message, currency: str) -> Balances | Declined | OutcomeUnknown:
    """What a balance enquiry's answer says (field 54)."""
    code = answer.text(39)
    if code not in SUCCESS:
        return Declined(reason_of(code), response_code=code, icc=answer.raw(55)) if code else OutcomeUnknown("no code")
    try:
        amounts = AdditionalAmount.parse_all(answer.text(54))
    except Malformed as error:
        return OutcomeUnknown(str(error))
    ours = {one.kind: Money(one.minor, currency) for one in amounts if one.currency == CURRENCIES[currency].number}
    if AdditionalAmount.AVAILABLE not in ours:
        return OutcomeUnknown("the answer names no available balance in this currency")
    return Balances(ours[AdditionalAmount.AVAILABLE], ours.get(AdditionalAmount.BOOKED), answer.raw(55))


def _amount(answer: Message) -> int:
    text = answer.text(4)
    return int(text) if text else -1


def read_reversal(answer: Message) -> Answer:
    """What a reversal's answer means: undone, or ask again. A refusal does not settle what became of the payment."""
    code = answer.text(39)
    if code in UNDONE:
        return Approved(response_code=code, channel_ref=answer.text(37))
    return OutcomeUnknown(f"the network answered the reversal {code or 'without a code'}")


def read_notice(answer: Message) -> Answer:
    """What the answer to a notice means: it was taken, the network does not want it, or it is told again later."""
    code = answer.text(39)
    if code in SUCCESS:
        return Approved(response_code=code)
    if not code or code in ASK_LATER:
        return OutcomeUnknown(f"the network answered the notice {code or 'without a code'}")
    return Declined(reason_of(code), response_code=code)


def read_late(answer: Message) -> LateAnswer:
    """What an answer that nobody waited for says."""
    return LateAnswer(answer.text(39), answer.text(38).strip(), max(_amount(answer), 0))
