"""The terminal's messages: from what is asked to ISO 8583 fields.

What may live here: field layouts of the UnionPay terminal interface. What may not: keys, memory, decisions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xiaopos.terminal.cards import How
from xiaopos.terminal.memory import Notice, Owed, Totals, Voucher
from xiaopos.terminal.outcome import Action
from xiaopos.terminal.profile import Identity, Profile
from xiaopos.wire.iso8583 import Message
from xiaopos.wire.iso8583.terminal_fields import BatchDetail

SALE_CODE = "000000"
UNDO_CODE = "200000"
CARD_ORGANISATION = "CUP"
OPERATOR = "01 "

MONEY_SHAPES: dict[Action, tuple[str, str, str]] = {
    Action.SALE: ("0200", SALE_CODE, "22"),
    Action.VOID: ("0200", UNDO_CODE, "23"),
    Action.REFUND: ("0220", UNDO_CODE, "25"),
    Action.PREAUTH: ("0100", "030000", "10"),
    Action.PREAUTH_VOID: ("0100", UNDO_CODE, "11"),
    Action.COMPLETION: ("0200", SALE_CODE, "20"),
    Action.COMPLETION_ADVICE: ("0220", SALE_CODE, "24"),
    Action.COMPLETION_VOID: ("0200", UNDO_CODE, "21"),
    Action.OFFLINE_SALE: ("0220", SALE_CODE, "30"),
    Action.TIP: ("0220", SALE_CODE, "34"),
    Action.BALANCE: ("0200", "310000", "01"),
}
"""Message type, processing code and field 60.1 of the messages about a card (domain A4)."""

_HOLD = frozenset(
    {Action.PREAUTH, Action.PREAUTH_VOID, Action.COMPLETION, Action.COMPLETION_ADVICE, Action.COMPLETION_VOID}
)
"""What belongs to a pre-authorisation: field 25 says 06."""

_NOT_REPEATED = frozenset({2, 26, 35, 36, 52, 53, 55, 63, 64})
"""Fields that a message about the same transaction leaves out: card data (kept sealed or not at all), PIN, MAC."""


@dataclass(frozen=True, slots=True)
class Original:
    """The transaction that another follows (field 61); `on` is MMDD, zeros where the terminal does not know.

    A hold of another terminal or batch is known by its `approval_code` alone: its `rrn` is empty.
    """

    rrn: str
    batch_number: int = 0
    stan: int = 0
    on: str = "0000"
    approval_code: str = ""

    @property
    def field_61(self) -> str:
        """Original batch 6, trace 6, date 4."""
        return f"{self.batch_number:06d}{self.stan:06d}{self.on}"


def management(identity: Identity, mti: str, *, stan: int, batch_number: int, code: str) -> Message:
    """A message without money: echo 0820/301, sign-off 0820/002, and the frame of sign-in and settlement."""
    fields: dict[int, str | bytes] = {
        11: f"{stan:06d}",
        41: identity.terminal_id,
        42: identity.merchant_id,
        60: f"00{batch_number:06d}{code}",
    }
    return Message(mti, fields)


def sign_in(identity: Identity, profile: Profile, *, stan: int, batch_number: int) -> Message:
    """0800 (domain A10): field 62 names the device, field 63 the operator."""
    message = management(identity, "0800", stan=stan, batch_number=batch_number, code=profile.sign_in_code)
    message.fields[62] = f"Sequence No12{profile.licence}{identity.serial}".encode("ascii")
    message.fields[63] = OPERATOR
    return message


def settlement(identity: Identity, profile: Profile, *, stan: int, batch_number: int, totals: Totals) -> Message:
    """0500 (domain A12): field 48 holds the domestic totals and, empty, the foreign ones."""
    message = management(identity, "0500", stan=stan, batch_number=batch_number, code="201")
    domestic = (
        f"{totals.sales_minor:012d}{totals.sales_count:03d}{totals.refunds_minor:012d}{totals.refunds_count:03d}0"
    )
    message.fields[48] = domestic + "0" * 31
    message.fields[49] = profile.currency
    message.fields[63] = OPERATOR
    return message


def upload(
    identity: Identity, profile: Profile, *, stan: int, batch_number: int, details: Sequence[BatchDetail], count: int
) -> Message:
    """0320 (domain A12): up to eight details of a closed batch, or, when none are left, its end with how many there were."""
    code = "201" if details else "207"
    message = management(identity, "0320", stan=stan, batch_number=batch_number, code=code)
    message.fields[48] = BatchDetail.text_of(details) if details else f"{count:04d}"
    message.fields[49] = profile.currency
    return message


def query(
    identity: Identity, profile: Profile, *, stan: int, batch_number: int, original: Original, code: bool
) -> Message:
    """0200 that asks what became of a payment of this terminal: 311000, or 730000 for a payment code's (domain A13)."""
    fields: dict[int, str | bytes] = {
        3: "730000" if code else "311000",
        11: f"{stan:06d}",
        25: "00",
        41: identity.terminal_id,
        42: identity.merchant_id,
        49: profile.currency,
        60: f"{'60' if code else '01'}{batch_number:06d}000",
    }
    if original.rrn:
        fields[37] = original.rrn
    else:
        fields[61] = original.field_61
    return Message("0200", fields)


def signature(identity: Identity, voucher: Voucher) -> Notice:
    """0820 (60.1 07) without its picture: it carries the trace number and the batch of the payment that was signed for."""
    fields = {
        "4": f"{voucher.amount_minor:012d}",
        "11": f"{voucher.stan:06d}",
        "37": voucher.rrn,
        "41": identity.terminal_id,
        "42": identity.merchant_id,
        "60": f"07{voucher.batch_number:06d}301",
    }
    return Notice(Action.SIGNATURE.value, voucher.stan, voucher.batch_number, voucher.stan, fields)


def script_notice(
    identity: Identity, profile: Profile, voucher: Voucher, *, stan: int, entry_mode: str, chip: bytes
) -> Notice:
    """0620/951: what came of an issuer's script on the card of a payment (field 61); `chip` is field 55 with DF31."""
    fields = {
        "4": f"{voucher.amount_minor:012d}",
        "11": f"{stan:06d}",
        "22": entry_mode,
        "37": voucher.rrn,
        "41": identity.terminal_id,
        "42": identity.merchant_id,
        "49": profile.currency,
        "60": f"00{voucher.batch_number:06d}951",
        "61": f"{voucher.batch_number:06d}{voucher.stan:06d}{voucher.on}",
    }
    if voucher.card_sequence:
        fields["23"] = voucher.card_sequence
    return Notice(Action.SCRIPT_NOTICE.value, stan, voucher.batch_number, voucher.stan, fields, chip=chip.hex().upper())


def notice_message(notice: Notice, picture: bytes) -> Message:
    """A notice as it is sent, each time the same."""
    mti = "0820" if notice.tells is Action.SIGNATURE else "0620"
    fields: dict[int, str | bytes] = {int(number): value for number, value in notice.fields.items() if value}
    if picture:
        fields[62] = picture
    if notice.chip:
        fields[55] = bytes.fromhex(notice.chip)
    return Message(mti, fields)


def money(
    identity: Identity,
    profile: Profile,
    action: Action,
    *,
    stan: int,
    batch_number: int,
    amount_minor: int,
    how: How,
    with_pin: bool,
    original: Original | None = None,
) -> Message:
    """Any of MONEY_SHAPES without its card data and MAC. A balance enquiry names no amount."""
    mti, processing_code, kind = MONEY_SHAPES[action]
    fields: dict[int, str | bytes] = {
        3: processing_code,
        4: f"{amount_minor:012d}",
        11: f"{stan:06d}",
        22: how.entry + ("1" if with_pin else "2"),
        25: "06" if action in _HOLD else "00",
        41: identity.terminal_id,
        42: identity.merchant_id,
        49: profile.currency,
        60: f"{kind}{batch_number:06d}000{how.capability}0",
        63: CARD_ORGANISATION,
    }
    if action is Action.BALANCE:
        del fields[4]
    if original is not None and original.rrn:
        fields[37] = original.rrn
        fields[61] = original.field_61
    if original is not None and original.approval_code:
        fields[38] = original.approval_code
    return Message(mti, fields)


def repeatable(message: Message) -> dict[str, str]:
    """The fields of a question that a message about it must repeat, as a memory can hold them."""
    return {
        str(number): value
        for number, value in message.fields.items()
        if number not in _NOT_REPEATED and isinstance(value, str)
    }


def owed_message(owed: Owed, pan: str) -> Message:
    """The message that is owed: 0400 with its reason (domain A9), or the same 0220 again."""
    fields: dict[int, str | bytes] = {int(number): value for number, value in owed.fields.items()}
    fields[2] = pan
    if owed.mti == "0400":
        fields.pop(37, None)
        fields[39] = owed.reason
        if owed.chip:
            fields[55] = bytes.fromhex(owed.chip)
    else:
        fields[63] = CARD_ORGANISATION
    return Message(owed.mti, fields)


def answers(request: Message, answer: Message) -> bool:
    """Whether the answer belongs to the request: its type, its trace and terminal, and what else it repeats."""
    if answer.mti != f"{request.mti[:2]}{int(request.mti[2]) + 1}{request.mti[3]}":
        return False
    if any(answer.fields.get(number) != request.fields[number] for number in (11, 41)):
        return False
    repeated = (number for number in (3, 42) if number in request.fields and number in answer.fields)
    return all(answer.fields[number] == request.fields[number] for number in repeated)


def text(fields: Mapping[int, str | bytes], number: int) -> str:
    """A field as text without padding; empty when the message does not carry it."""
    value = fields.get(number, "")
    return value.strip() if isinstance(value, str) else ""
