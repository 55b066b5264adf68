"""The terminal's messages as requests, and outcomes as the terminal's messages.

What may live here: field numbers (nowhere else outside `wire`), and what each field means to a use case.
What may not: sockets, MACs, asking a use case. Functions that read a request count on the fields that `demand` has found there.
"""

from __future__ import annotations

import functools
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from xiaopos.fleet.profiles import PROFILES, TerminalProfile
from xiaopos.kernel.clock import complete_year
from xiaopos.kernel.ids import PaymentId, TerminalId
from xiaopos.kernel.money import CURRENCIES, Money
from xiaopos.kernel.refusal import REASONS, Reason, Refused
from xiaopos.kernel.secret import Pan, Secret, mask_pan
from xiaopos.keys import KeyFault, KeyRefused, PinFormat, Vault
from xiaopos.payments.answers import Balances
from xiaopos.payments.payment import Kind, Payment
from xiaopos.payments.telling import reason_now
from xiaopos.usecases.close_batch import BatchClosed
from xiaopos.usecases.follow_payment import HeldUnder
from xiaopos.usecases.ports import CardMeans, TerminalFacts, TerminalTotals
from xiaopos.usecases.sign_in_terminal import SignedIn
from xiaopos.usecases.steps import Request, Voucher
from xiaopos.wire.emv import tlv
from xiaopos.wire.iso8583 import Malformed, Message
from xiaopos.wire.iso8583.card_network import AdditionalAmount
from xiaopos.wire.iso8583.payer_code import find_payer_code
from xiaopos.wire.iso8583.requirements import chip_disagrees, demand
from xiaopos.wire.iso8583.terminal_fields import (
    BatchDetail,
    Field60,
    Field61,
    SecurityControl,
    SettlementTotals,
    Totals,
    WorkingKeys,
)

SUCCESS = "00"
_CURRENCY_BY_NUMBER = {row.number: row.code for row in CURRENCIES.values()}
_CHIP_ON_RECEIPT = ("84", "4F", "50", "9F12", "9F26", "95", "9B", "9F36", "5F34")
_PREAUTHORISED = "06"
"""Field 25 of whatever belongs to a pre-authorisation."""
_OF_A_HOLD = frozenset({"10", "11", "20", "21", "24"})
"""Field 60.1 of the same, for terminals that leave field 25 out."""
_COMPLETION_VOID = "21"
"""Field 60.1 of a completion's void, which follows the completion and not the hold."""
_WALLET_SCAN = "700000"
"""Field 3 of a sale in the private wallet dialect."""
_ECHOED = (3, 4, 11, 25, 41, 42, 49, 60)


class Asked(Struct, frozen=True, gc=False):
    """One message with its bytes and its frame's header, who sent it and when it came."""

    message: Message
    body: bytes
    header: bytes
    facts: TerminalFacts
    received_at: datetime


class Addressee(Struct, frozen=True, gc=False):
    """Who sent a message, as far as it could be read: enough to answer."""

    terminal_id: TerminalId
    merchant_id: str


def addressee_of(message: Message) -> Addressee:
    """Terminal and merchant number. Raises Malformed when either is missing."""
    demand(message)
    return Addressee(TerminalId(message.text(41)), message.text(42))


def voucher_of(message: Message) -> Voucher:
    """Batch number (60.2) and STAN of the message itself. Raises Malformed."""
    return Voucher(_batch_in(message.text(60)), int(message.text(11)))


@functools.lru_cache(maxsize=65_536)
def _batch_in(field_60: str) -> int:
    return Field60.parse(field_60).batch_number


def request_of(message: Message, payment_id: PaymentId, facts: TerminalFacts, received_at: datetime) -> Request:
    """What every request for money has in common; a balance enquiry names no amount. Raises Malformed."""
    currency = _CURRENCY_BY_NUMBER.get(message.text(49))
    if currency is None:
        raise Malformed(49, None, "the number of a known currency", "another")
    return Request(
        payment_id=payment_id,
        terminal_id=facts.terminal_id,
        merchant_id=message.text(42),
        amount=Money(int(message.text(4) or "0"), currency),
        received_at=received_at,
        voucher=voucher_of(message),
        terminal_time=_terminal_time(message, facts, received_at),
        facts=facts,
    )


def _terminal_time(message: Message, facts: TerminalFacts, received_at: datetime) -> datetime | None:
    clock, day = message.text(12), message.text(13)
    if not clock or not day:
        return None
    try:
        return complete_year(
            int(day[:2]), int(day[2:]), int(clock[:2]), int(clock[2:4]), int(clock[4:]),
            near=received_at, zone=ZoneInfo(facts.zone),
        )  # fmt: skip
    except ValueError:
        return None


def payer_code_of(message: Message) -> Secret | None:
    """The customer's payment code, in whichever dialect it travels. Raises Malformed."""
    found = find_payer_code(message)
    return None if found is None else Secret(found[1].encode("ascii"))


def card_of(message: Message, facts: TerminalFacts, vault: Vault) -> CardMeans | None:
    """The card as it was read, or None when the message carries none. Raises Malformed, and KeyRefused for a wrong track.

    The number comes from field 2, else from track 2, else from the chip's track 2 equivalent.
    """
    control = SecurityControl.parse(message.text(53)) if message.text(53) else SecurityControl("0", "0")
    track = Secret(message.text(35).encode("ascii")) if message.text(35) else None
    if track is not None and control.track_encrypted:
        if facts.tdk is None:
            # What is enciphered must not pass for a track, neither here nor at the issuer.
            raise KeyRefused(KeyFault.WRONG_FORM, "an enciphered track, but the terminal was given no track key")
        track = vault.decrypt_track(key=facts.tdk, track=track)
    chip = message.raw(55)
    digits = message.text(2) or _pan_in(track) or _pan_in_chip(chip)
    if not digits:
        return None
    try:
        pan = Pan(digits)
    except ValueError:
        raise Malformed(2, None, "12 to 19 digits", f"{len(digits)} characters") from None
    pin_block = message.raw(52)
    form = _pin_form(control, PROFILES[facts.profile]) if pin_block else None
    return CardMeans(
        pan=pan,
        entry_mode=message.text(22),
        expiry=message.text(14) or _expiry_in(track),
        sequence=message.text(23),
        track2=track,
        pin_block=Secret(pin_block) if pin_block else None,
        pin_key=facts.tpk,
        pin_form=form.value if form else "",
        icc=chip,
    )


def _pin_form(control: SecurityControl, profile: TerminalProfile) -> PinFormat:
    """How the PIN block is formed (53.1), and that it is enciphered as the terminal's profile says (53.2). Raises Malformed."""
    form = {"1": PinFormat.NO_PAN, "2": profile.suite.pin_form}.get(control.pin_format)
    if form is None:
        raise Malformed(53, 0, "the PIN's format", "another digit")
    if control.cipher != profile.pin_cipher:
        raise Malformed(53, 0, f"PIN cipher {profile.pin_cipher}, as its profile {profile.name} says", control.cipher)
    return form


def _pan_in(track: Secret | None) -> str:
    return "" if track is None else track.value.decode("ascii").replace("D", "=").partition("=")[0]


def _expiry_in(track: Secret | None) -> str:
    rest = "" if track is None else track.value.decode("ascii").replace("D", "=").partition("=")[2]
    return rest[:4] if len(rest) >= 4 and rest[:4].isdigit() else ""


def _pan_in_chip(chip: bytes) -> str:
    if not chip:
        return ""
    objects = tlv.parse(chip, field=55)
    equivalent = tlv.first(objects, "57")
    number = tlv.first(objects, "5A") if equivalent is None else equivalent
    return "" if number is None else number.hex().upper().partition("D")[0].rstrip("F")


def chip_of(message: Message) -> tuple[tlv.Tlv, ...]:
    """The chip's objects in a request for money, empty without a chip. Raises Malformed.

    Refuses what says another amount or currency than the message: the card would have approved something else.
    """
    if not message.raw(55):
        return ()
    objects = tlv.parse(message.raw(55), field=55)
    disagreement = None if is_advice(message) else chip_disagrees(message, objects)
    if disagreement is not None:
        raise disagreement
    return objects


def chip_on_receipt(objects: tuple[tlv.Tlv, ...]) -> tuple[tuple[str, str], ...]:
    """What a receipt prints of a chip transaction: tag -> hex, application labels as text."""
    if not objects:
        return ()
    found = tlv.firsts(objects)
    return tuple((tag, _chip_text(tag, found[tag])) for tag in _CHIP_ON_RECEIPT if tag in found)


def _chip_text(tag: str, value: bytes) -> str:
    return value.decode("ascii", "replace") if tag in ("50", "9F12") else value.hex().upper()


def original_voucher_of(message: Message) -> Voucher | None:
    """The original's batch and STAN in field 61, or None when the message names none. Raises Malformed."""
    text = message.text(61)
    if not text:
        return None
    original = Field61.parse(text)
    if not int(original.stan):
        return None
    return Voucher(int(original.batch), int(original.stan))


def _preauthorised(message: Message) -> bool:
    """Whether a message belongs to a pre-authorisation."""
    return message.text(25) == _PREAUTHORISED or (not message.text(25) and message.text(60)[:2] in _OF_A_HOLD)


def kind_of(message: Message) -> Kind:
    """What a request for money, or the request that a reversal takes back, asks for: by fields 3, 25 and 60.1."""
    processing = message.text(3)
    if processing == _WALLET_SCAN:
        return Kind.SALE
    if processing == "000000":
        return Kind.COMPLETION if _preauthorised(message) else Kind.SALE
    return Kind.PREAUTH if processing == "030000" else Kind.VOID


def is_advice(message: Message) -> bool:
    """Whether the terminal only tells of what it has settled already (0220)."""
    return message.mti == "0220"


def original_of(message: Message) -> Voucher | HeldUnder | str:
    """How a request names what it follows. Raises Malformed for not at all.

    What follows a pre-authorisation names it by its approval code (field 38), for it may have been another terminal's;
    anything else by RRN (field 37) if it has one, else by field 61.
    """
    code = message.text(38).strip()
    if code and _preauthorised(message) and message.text(60)[:2] != _COMPLETION_VOID:
        return HeldUnder(code)
    rrn = message.text(37).strip()
    if rrn:
        return rrn
    voucher = original_voucher_of(message)
    if voucher is None:
        raise Malformed(37, None, "the original's reference number", "nothing")
    return voucher


def tip_of(message: Message, request: Request) -> tuple[Request, Money]:
    """A tip: the request with the tip alone as its amount (field 48), and what sale and tips come to (field 4).

    That the two stand there is from memory. Raises Malformed.
    """
    text = message.text(48)
    if len(text) != 12:
        raise Malformed(48, None, "12 digits of tip", f"{len(text)}")
    return structs.replace(request, amount=Money(int(text), request.amount.currency)), request.amount


def totals_of(message: Message) -> TerminalTotals:
    """What the terminal counted of its batch, domestic and foreign cards together. Raises Malformed."""
    totals = SettlementTotals.parse(message.text(48))
    both = (totals.domestic, totals.foreign)
    return TerminalTotals(
        sum(half.debit_count for half in both),
        sum(half.debit_minor for half in both),
        sum(half.credit_count for half in both),
        sum(half.credit_minor for half in both),
    )


def uploaded_items(message: Message) -> tuple[tuple[int, int, str], ...]:
    """The details of a batch that a terminal uploads: `(stan, amount in minor units, masked card)`. Raises Malformed.

    Field 48 lists up to eight; a chip detail is one message, with its own number, amount and card.
    """
    if message.text(48):
        return tuple((one.stan, one.amount_minor, mask_pan(one.pan)) for one in BatchDetail.parse_all(message.text(48)))
    if not message.text(4):
        return ()
    pan = message.text(2)
    return ((int(message.text(11)), int(message.text(4)), mask_pan(pan) if len(pan) >= 12 else ""),)


def uploaded_count(message: Message) -> int:
    """How many details the terminal says that it uploaded: field 48 of the end of an upload. Raises Malformed."""
    return int(message.text(48))


def answer_mti(mti: str) -> str:
    """The type of the answer to a request: 0200 -> 0210."""
    return f"{mti[:2]}{int(mti[2]) + 1}{mti[3]}"


def _answer(message: Message, code: str, at: datetime, zone: str) -> Message:
    fields: dict[int, str | bytes] = {number: message.fields[number] for number in _ECHOED if number in message.fields}
    fields[12], fields[13] = _time_and_date(int(at.timestamp()), zone)
    fields[39] = code
    return Message(answer_mti(message.mti), fields)


@functools.lru_cache(maxsize=1024)
def _time_and_date(second: int, zone: str) -> tuple[str, str]:
    """Fields 12 and 13 for a second since 1970: many answers leave in one second."""
    local = datetime.fromtimestamp(second, ZoneInfo(zone))
    return f"{local:%H%M%S}", f"{local:%m%d}"


def refusal_answer(message: Message, refused: Refused, at: datetime, zone: str) -> Message:
    """The answer to a refused request: its reason's answer code."""
    return _answer(message, REASONS[refused.reason].response_code, at, zone)


def plain_answer(message: Message, at: datetime, zone: str) -> Message:
    """The answer to an echo or a sign-off: understood."""
    return _answer(message, SUCCESS, at, zone)


def payment_answer(message: Message, payment: Payment, at: datetime, zone: str, acquirer_id: str) -> Message:
    """The answer to a sale, void or refund: what the books now say of the payment. A refund's has no approval code."""
    answer = _answer(message, response_code_of(payment), at, zone)
    answer.fields[32] = acquirer_id
    answer.fields[15] = f"{payment.business_on.month:02d}{payment.business_on.day:02d}"
    answer.fields[37] = payment.rrn
    if payment.approval_code and payment.kind is not Kind.REFUND:
        answer.fields[38] = payment.approval_code
    if payment.kind is not Kind.TIP:  # its answer says again what sale and tips come to
        answer.fields[4] = f"{payment.amount.minor:012d}"
    if payment.issuer_data:
        answer.fields[55] = payment.issuer_data
    answer.fields[44] = _fitted(payment.issuer, 11) + _fitted(acquirer_id, 11)
    return answer


@functools.lru_cache(maxsize=4096)
def _fitted(text: str, width: int) -> str:
    """Text cut and filled to a width in bytes of GBK, as the terminal's columns count it."""
    kept = text.encode("gbk", "ignore")[:width].decode("gbk", "ignore")
    return kept + " " * (width - len(kept.encode("gbk")))


def balance_answer(message: Message, balances: Balances, at: datetime, zone: str) -> Message:
    """The answer to a balance enquiry: the available balance (field 54)."""
    answer = _answer(message, SUCCESS, at, zone)
    currency = CURRENCIES[balances.available.currency].number
    if balances.icc:
        answer.fields[55] = balances.icc
    answer.fields[54] = AdditionalAmount("10", AdditionalAmount.AVAILABLE, currency, balances.available.minor).text()
    return answer


def reversal_answer(message: Message, payment: Payment, at: datetime, zone: str) -> Message:
    """The answer to a reversal: taken, or there was nothing to undo; the terminal may forget it."""
    answer = _answer(message, SUCCESS, at, zone)
    answer.fields[37] = payment.rrn
    return answer


def response_code_of(payment: Payment) -> str:
    """Field 39 for a payment as it stands: the channel's own success code, or the code of the reason.

    An advice is taken when it is recorded: the terminal need not tell it again, the house goes on telling the network.
    """
    reason = reason_now(payment)
    if payment.advice and reason is Reason.OUTCOME_UNKNOWN:
        return SUCCESS
    if reason is None:
        return payment.response_code or SUCCESS
    return REASONS[reason].response_code


def sign_in_answer(message: Message, signed_in: SignedIn, at: datetime, zone: str) -> Message:
    """The answer to a sign-in: the open batch (60.2) and the working keys under the terminal's master key (62)."""
    answer = _answer(message, SUCCESS, at, zone)
    answer.fields[60] = f"00{signed_in.batch_number:06d}{signed_in.layout.value}"
    tdk = signed_in.tdk
    answer.fields[62] = WorkingKeys(
        signed_in.tpk.cipher,
        signed_in.tpk.check4,
        signed_in.tak.cipher,
        signed_in.tak.check4,
        tdk.cipher if tdk else b"",
        tdk.check4 if tdk else b"",
    ).encode()
    return answer


def settlement_answer(message: Message, closed: BatchClosed, at: datetime, zone: str) -> Message:
    """The answer to a settlement: the terminal's totals again, with the verdict 1 (balanced) or 2 (not) for each half."""
    answer = _answer(message, SUCCESS, at, zone)
    flag = "1" if closed.balanced else "2"
    theirs = SettlementTotals.parse(message.text(48))
    answer.fields[48] = SettlementTotals(_judged(theirs.domestic, flag), _judged(theirs.foreign, flag)).text()
    return answer


def _judged(totals: Totals, flag: str) -> Totals:
    return Totals(totals.debit_minor, totals.debit_count, totals.credit_minor, totals.credit_count, flag)
