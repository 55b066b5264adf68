"""What a shop's speaker says (收款播报), for how long it is true, and the text under its proof.

What may live here: kinds, sentences, times, canonical texts. What may not: storage, sockets, which speaker hears what.

`docs/speakers.md` describes the same for whoever builds a speaker: a change here is another version there.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum

from msgspec import Struct, structs

from xiaopos.kernel.money import Money
from xiaopos.keys import MacKind, Vault, WrappedKey
from xiaopos.merchants.webhooks import EventType
from xiaopos.payments.payment import Kind
from xiaopos.payments.spoken import yuan_in_chinese, yuan_in_english
from xiaopos.payments.states import State

FRESH_FOR = timedelta(seconds=60)
"""What is said later than this after the fact is marked as late."""
SAID_FOR = timedelta(minutes=10)
"""Later than this nothing is said: it stands in the list of payments."""
CLOCKS_MAY_DIFFER = timedelta(seconds=120)
"""By so much the clock of a speaker that asks may be wrong."""
MOST_SPEAKERS = 50
"""Speakers of one merchant."""


class SaidKind(Enum):
    """What is said of a payment, each at most once."""

    RECEIVED = "received"
    GIVEN_BACK = "given_back"
    """Refunded or voided."""
    TAKEN_BACK = "taken_back"
    """It was said to be received, and was undone by machine: the customer was not charged."""


STANDS: dict[SaidKind, State] = {
    SaidKind.RECEIVED: State.APPROVED,
    SaidKind.GIVEN_BACK: State.APPROVED,
    SaidKind.TAKEN_BACK: State.REVERSED,
}
"""In which state a payment must be, in the moment of telling, for the sentence to be true."""

_SAYS: dict[SaidKind, tuple[str, str]] = {
    SaidKind.RECEIVED: ("收款{}", "Received {}"),
    SaidKind.GIVEN_BACK: ("已退款给顾客，{}", "Refunded to the customer, {}"),
    SaidKind.TAKEN_BACK: (
        "注意，有一笔收款已冲正，没有收到，{}",
        "Attention: a payment was reversed and not received, {}",
    ),
}
_LATE = ("刚才那笔：", "The earlier one: ")
_TAKES = (Kind.SALE, Kind.COMPLETION, Kind.TIP)
_GIVES = (Kind.VOID, Kind.REFUND)


def said_of(event: EventType, kind: Kind, original: Kind | None) -> SaidKind | None:
    """What an event of a payment of this kind has a speaker say; `original` is the kind of what it undoes.

    Nothing for money that was only held, and for the undoing of a hold: none moved.
    """
    if kind in _TAKES and event is EventType.PAYMENT_APPROVED:
        return SaidKind.RECEIVED
    if kind in _TAKES and event is EventType.PAYMENT_REVERSED:
        return SaidKind.TAKEN_BACK
    if kind in _GIVES and event in (EventType.REFUND_APPROVED, EventType.VOID_APPROVED):
        return None if original is Kind.PREAUTH else SaidKind.GIVEN_BACK
    return None


class ToSay(Struct, frozen=True):
    """Something for a speaker, as the books have it: `at` is when it happened, `amount` the payment's own."""

    number: int
    payment_id: str
    kind: SaidKind
    amount: Money
    at: datetime


class Announcement(Struct, frozen=True):
    """What a speaker is sent. Instants in seconds since 1970; `mac` is HMAC-SHA-256 over `announced_text`, in hex.

    `follows` is the number after which the speaker asked: all between it and `number` is no longer to be said.
    """

    speaker_id: str
    number: int
    follows: int
    payment_id: str
    kind: str
    amount_minor: int
    currency: str
    at: int
    expires_at: int
    late: bool
    said_zh: str
    said_en: str
    mac: str = ""


def announcement(speaker_id: str, follows: int, what: ToSay, now: datetime) -> Announcement:
    """What a speaker is sent now, without its proof."""
    late = now - what.at > FRESH_FOR
    chinese, english = _SAYS[what.kind]
    zh, en = _amounts(what.amount)
    return Announcement(
        speaker_id=speaker_id,
        number=what.number,
        follows=follows,
        payment_id=what.payment_id,
        kind=what.kind.value,
        amount_minor=what.amount.minor,
        currency=what.amount.currency,
        at=int(what.at.timestamp()),
        expires_at=int((what.at + (SAID_FOR if late else FRESH_FOR)).timestamp()),
        late=late,
        said_zh=(_LATE[0] if late else "") + chinese.format(zh),
        said_en=(_LATE[1] if late else "") + english.format(en),
    )


def _amounts(amount: Money) -> tuple[str, str]:
    if amount.currency == "CNY":
        return yuan_in_chinese(amount.minor), yuan_in_english(amount.minor)
    written = f"{amount.currency} {amount.decimal()}"
    return written, written


def announced_text(what: Announcement) -> bytes:
    """The text under an announcement's proof: its fields, one a line. No field can hold the end of a line."""
    fields = (
        "xiaopos-speaker-says-1", what.speaker_id, what.number, what.follows, what.payment_id, what.kind, what.amount_minor,
        what.currency, what.at, what.expires_at, int(what.late), what.said_zh, what.said_en,
    )  # fmt: skip
    return "\n".join(map(str, fields)).encode()


def asked_text(speaker_id: str, after: int, time: int) -> bytes:
    """The text under the proof of a speaker that asks."""
    return f"xiaopos-speaker-asks-1\n{speaker_id}\n{after}\n{time}".encode()


def proven(what: Announcement, key: WrappedKey, vault: Vault) -> Announcement:
    """The same with its proof. Raises KeyRefused."""
    mac = vault.mac(key=key, data=announced_text(what), kind=MacKind.HMAC_SHA256)
    return structs.replace(what, mac=mac.hex())
