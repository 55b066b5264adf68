"""What a channel can answer when it is asked about money.

What may live here: the answers as values, the same for every channel. What may not: a channel's own codes (gateways map them).
"""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import Struct

from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason
from xiaopos.payments.payment import CardKind


class Approved(Struct, frozen=True, gc=False):
    """The channel did what it was asked. `amount` is set when it approved another amount than asked (partial approval)."""

    approval_code: str = ""
    channel_ref: str = ""
    response_code: str = "00"
    amount: Money | None = None
    issuer: str = ""
    payer: str = ""
    card_kind: CardKind = CardKind.UNKNOWN
    icc: bytes = b""


class Declined(Struct, frozen=True, gc=False):
    """The channel refused for good: no money moved, and none will. `never_left`: it was not even asked, and another may be."""

    reason: Reason
    response_code: str = ""
    detail: str = ""
    icc: bytes = b""
    never_left: bool = False


class PayerAsked(Struct, frozen=True, gc=False):
    """The customer must still confirm (a password, a scan of `shown_code`): ask again later."""

    channel_ref: str = ""
    shown_code: str = ""


class OutcomeUnknown(Struct, frozen=True, gc=False):
    """No answer that can be believed: the money may or may not have moved. `cause` is for operators."""

    cause: str


@dataclass(frozen=True, slots=True)
class Balances:
    """What a card holds: `available` to spend and, when the issuer says it, the `booked` balance."""

    available: Money
    booked: Money | None = None
    icc: bytes = b""


Answer = Approved | Declined | PayerAsked | OutcomeUnknown
