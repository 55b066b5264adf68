"""Keep a customer's signature (电子签名上送), sealed and tied to its payment; show it to whoever may see it, and note who did.

What may live here: taking and opening signatures. What may not: drawing them, who may see them (roles), storage.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from msgspec import Struct

from xiaopos.kernel.ids import MerchantId, PaymentId
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.kernel.secret import Secret
from xiaopos.payments.payment import Method, Payment
from xiaopos.payments.states import State
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.notices import KeptSignature
from xiaopos.usecases.ports import Change, House, TerminalFacts
from xiaopos.usecases.steps import Voucher, find_own

_NEVER_APPROVED = frozenset({State.DECLINED, State.REVERSED, State.REVERSING, State.UNRESOLVED})


class SignatureAsk(Struct, frozen=True, gc=False):
    """A signature as the terminal sends it: the payment that it names, its amount in minor units if told, the picture."""

    terminal: TerminalFacts
    original: Voucher | str
    amount_minor: int | None
    picture: Secret
    received_at: datetime


async def keep_signature(ask: SignatureAsk, house: House) -> Refused | None:
    """Seal a signature and keep it with its payment. Raises BooksLost.

    Precedence of refusals: payment unknown, no card's, amount, never approved, another signature kept already.
    """
    payment = await find_own(ask.original, ask.terminal, house)
    refused = _unfit(payment, ask)
    if refused is not None or payment is None:
        return refused
    known = await house.books.recall_signature(payment.merchant_id, payment.payment_id)
    if known is None:
        sealed = house.vault.seal(key=house.keys.pan_seal, plaintext=ask.picture.value, aad=_bound_to(payment))
        kept = KeptSignature(
            payment.merchant_id,
            payment.payment_id,
            ask.terminal.terminal_id,
            ask.received_at,
            base64.b64encode(sealed).decode(),
        )
        recorded = await house.books.record(Change(notices=(kept,)))
        if isinstance(recorded, Refused):
            return recorded
        known = await house.books.recall_signature(payment.merchant_id, payment.payment_id)
        assert known is not None, "a signature that was recorded is kept"
    same = _opened(known, house) == ask.picture.value
    return None if same else Refused(Reason.REPEAT_DIFFERS, "another signature is kept for the payment")


def _unfit(payment: Payment | None, ask: SignatureAsk) -> Refused | None:
    if payment is None or payment.method is not Method.CARD:
        return Refused(Reason.ORIGINAL_UNKNOWN, "the card payment that was signed for")
    if ask.amount_minor not in (None, payment.amount.minor):
        return Refused(Reason.ORIGINAL_UNKNOWN, "the payment has another amount than was signed for")
    if payment.state in _NEVER_APPROVED:
        return Refused(Reason.ORIGINAL_NOT_APPROVED)
    return None


def _bound_to(payment: Payment | KeptSignature) -> bytes:
    return f"signature:{payment.merchant_id}:{payment.payment_id}".encode()


def _opened(kept: KeptSignature, house: House) -> bytes:
    sealed = base64.b64decode(kept.sealed)
    return house.vault.open(key=house.keys.pan_seal, sealed=sealed, aad=_bound_to(kept))


@dataclass(frozen=True, slots=True)
class SignatureLook:
    """Who wants to see which payment's signature, and why."""

    merchant_id: MerchantId
    payment_id: PaymentId
    actor: Actor
    at: datetime


class LookTrail(Protocol):
    """Where it is written down who saw a signature."""

    def note(self, look: SignatureLook) -> None:
        """Write it in the audit trail."""
        ...


Opening = Callable[[House], Coroutine[Any, Any, Secret | None]]


def show_signature(look: SignatureLook, trail: LookTrail, ask: Callable[[Opening], Secret | None]) -> Secret | Refused:
    """A payment's signature as the terminal sent it. Who looks is written down before anything is opened.

    `ask` runs a verb of the house. Raises what `ask` raises, and KeyRefused when the seal is broken.
    """
    if not look.actor.gives_a_reason:
        return Refused(Reason.NOTE_MISSING)
    trail.note(look)

    async def opening(house: House) -> Secret | None:
        kept = await house.books.recall_signature(look.merchant_id, look.payment_id)
        return None if kept is None else Secret(_opened(kept, house))

    return ask(opening) or Refused(Reason.ORIGINAL_UNKNOWN, "no signature is kept for the payment")
