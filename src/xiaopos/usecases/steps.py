"""Steps that several verbs take alike: recall the terminal, draft a payment, record a conclusion.

What may live here: the shared part of the straight way. What may not: a verb, a rule.
"""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from xiaopos.kernel.clock import business_day
from xiaopos.kernel.ids import PaymentId, TerminalId
from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.payments.answers import Answer, Approved
from xiaopos.payments.conclusions import Conclusion, Next, conclude
from xiaopos.payments.payment import ON_ITS_OWN, CardFacts, CardKind, Kind, Method, Payment
from xiaopos.payments.states import PAYMENT, Event, State
from xiaopos.payments.telling import content_hash
from xiaopos.settlement.prices import PricePlan
from xiaopos.usecases.ports import (
    BooksLost,
    CardMeans,
    Change,
    Discrepancy,
    House,
    JobAsk,
    JobDone,
    Known,
    Overtaken,
    Posting,
    Record,
    RefusalNote,
    TerminalFacts,
)

Result = Payment | Refused

FIRST_ENQUIRY = timedelta(seconds=3)
FIRST_LOOK = timedelta(seconds=1)
WAIT = {Next.REVERSE: timedelta(0), Next.ENQUIRE: FIRST_ENQUIRY}
"""When the machine begins: what a customer must still confirm is looked at sooner (FIRST_LOOK), nothing has gone wrong there."""

TRIES_TO_CONCLUDE = 8
"""How often a conclusion is drawn anew because another refund of the same original was recorded first."""

_TAKEN_BACK = frozenset({State.DECLINED, State.REVERSING, State.REVERSED, State.UNRESOLVED})
"""States in which the books say that no money moves: an approval that arrives now contradicts them."""


class Voucher(Struct, frozen=True, gc=False):
    """How a terminal names one of its payments: batch number and STAN (凭证号). None for devices that name it by id."""

    batch_number: int
    stan: int


class Request(Struct, frozen=True, gc=False):
    """What every request for money has in common.

    `payment_id` is made by the client, or by the host for terminals that cannot. `merchant_id` is checked against the
    terminal's own when the client sends one. `received_at` is the host's clock, `terminal_time` may lie. `facts` is the
    terminal as the caller has just recalled it to check the message's MAC, if it did.
    """

    payment_id: PaymentId
    terminal_id: TerminalId
    amount: Money
    received_at: datetime
    merchant_id: str = ""
    voucher: Voucher | None = None
    terminal_time: datetime | None = None
    cashier: str = ""
    facts: TerminalFacts | None = None


async def recall_acceptor(request: Request, house: House) -> TerminalFacts | Refused:
    """The terminal as the registry holds it now, or why it may not take money."""
    terminal = request.facts or await house.books.recall_terminal(request.terminal_id, house.day(request.received_at))
    if terminal is None:
        return Refused(Reason.TERMINAL_UNKNOWN, request.terminal_id)
    return refuse_acceptor(terminal, request.merchant_id) or terminal


def refuse_acceptor(terminal: TerminalFacts, merchant_id: str) -> Refused | None:
    """Why a terminal may not take money now. Precedence: merchant number, merchant, terminal, what it is bound to."""
    if merchant_id and merchant_id != terminal.merchant_id:
        return Refused(Reason.MERCHANT_MISMATCH)
    if not terminal.merchant_active:
        return Refused(Reason.MERCHANT_NOT_ACTIVE)
    if not terminal.terminal_active:
        return Refused(Reason.TERMINAL_NOT_ACTIVE)
    if not terminal.bound:
        return Refused(Reason.TERMINAL_NOT_BOUND)
    return None


async def find_own(original: Voucher | str, terminal: TerminalFacts, house: House) -> Payment | None:
    """A payment of the terminal itself, by its voucher or its RRN."""
    books, merchant_id = house.books, terminal.merchant_id
    if isinstance(original, Voucher):
        return await books.recall_voucher(merchant_id, terminal.terminal_id, original.batch_number, original.stan)
    found = await books.recall_rrn(merchant_id, original)
    return found if found is not None and found.terminal_id == terminal.terminal_id else None


async def tips_of(sale: Payment, house: House) -> list[Payment]:
    """The tips on a payment, whatever became of them; a card's sale or completion only can have any."""
    if sale.method is not Method.CARD or sale.kind not in ON_ITS_OWN:
        return []
    of_batch = await house.books.recall_batch_payments(
        sale.merchant_id, sale.terminal_id, sale.batch_number, sale.received_at
    )
    return [one for one in of_batch if one.kind is Kind.TIP and one.original_id == sale.payment_id]


def refuse_batch(request: Request, terminal: TerminalFacts) -> Refused | None:
    """Why a request of another batch than the terminal's open one is refused: the terminal must sign in to learn it."""
    if request.voucher is None or request.voucher.batch_number == terminal.batch_number:
        return None
    return Refused(Reason.BATCH_WRONG, f"batch {request.voucher.batch_number}, open is {terminal.batch_number}")


def draft(
    request: Request,
    terminal: TerminalFacts,
    house: House,
    *,
    kind: Kind,
    method: Method,
    channel: str,
    payer: str = "",
    original: str = "",
    card: CardFacts | None = None,
    advice: bool = False,
) -> Payment:
    """A payment as it will be claimed: in SENT, without fee, numbered by the terminal or not at all."""
    nothing = Money(0, request.amount.currency)
    return Payment(
        merchant_id=terminal.merchant_id,
        payment_id=request.payment_id,
        business_on=business_day(request.received_at, ZoneInfo(terminal.zone), terminal.cut_over_hour),
        kind=kind,
        method=method,
        channel=channel,
        amount=request.amount,
        fee=nothing,
        refunding=nothing,
        refunded=nothing,
        content_hash=content_hash(kind, method, request.amount, payer=payer, original=original),
        received_at=request.received_at,
        shop_id=terminal.shop_id,
        terminal_id=terminal.terminal_id,
        batch_number=request.voucher.batch_number if request.voucher else terminal.batch_number,
        stan=request.voucher.stan if request.voucher else None,
        cashier=request.cashier,
        terminal_time=request.terminal_time,
        card_kind=CardKind.UNKNOWN if method is Method.CARD else CardKind.WALLET,
        card=card,
        claimed_by=house.process,
        advice=advice,
    )


def keep_card(
    card: CardMeans, payment_id: PaymentId, house: House, chip: tuple[tuple[str, str], ...] = ()
) -> CardFacts:
    """What the books may keep of a card: masked, as a token, and sealed under the house's key, bound to the payment."""
    digits = card.pan.digits.encode()
    sealed = house.vault.seal(key=house.keys.pan_seal, plaintext=digits, aad=payment_id.encode())
    return CardFacts(
        masked=card.pan.masked,
        token=card_token(card, house),
        sealed=base64.b64encode(sealed).decode(),
        entry_mode=card.entry_mode,
        sequence=card.sequence,
        chip=chip,
    )


def card_token(card: CardMeans, house: House) -> str:
    """The keyed hash by which a card is found again without its number."""
    return house.vault.token(key=house.keys.pan_token, data=card.pan.digits.encode())


def not_claimed(record: Record, claim: Payment) -> Result:
    """What to say when a claim was not recorded: the recorded answer again, or why not."""
    if isinstance(record, Refused):
        return record
    assert isinstance(record, Known), "a claim alone cannot be overtaken"
    known = record.payment
    if known.content_hash == claim.content_hash:
        return known
    if not known.content_hash:
        return Refused(Reason.REVERSED_BEFORE)
    return Refused(Reason.REPEAT_DIFFERS)


def fee_of(payment: Payment, answer: Answer, plan: PricePlan, original: Payment | None) -> Money:
    """The fee of what was approved: the price of what takes money (for a tip, at its sale's price), the original's fee for a
    void, for a refund the part given back."""
    nothing = Money(0, payment.amount.currency)
    if not isinstance(answer, Approved) or payment.kind is Kind.PREAUTH:
        return nothing
    if original is None or payment.kind in (Kind.COMPLETION, Kind.TIP):
        kind = payment.card_kind if answer.card_kind is CardKind.UNKNOWN else answer.card_kind
        return plan.fee(kind.value, answer.amount or payment.amount)
    if payment.kind is Kind.VOID:
        return original.fee
    return plan.fee_returned(
        fee=original.fee,
        amount=original.amount,
        refunded_before=original.refunded,
        refund=answer.amount or payment.amount,
    )


async def conclude_and_record(
    payment: Payment,
    answer: Answer,
    house: House,
    *,
    plan: PricePlan,
    original: Payment | None = None,
    done: JobDone | None = None,
) -> Payment:
    """Draw the conclusion from an answer and make it durable; the payment as the books then hold it.

    When the books cannot be reached the outcome is told as unknown: nobody hears "approved" without a durable row, and
    the recovery finds the payment still waiting.
    """
    now = house.clock.now()
    overtaken = False
    try:
        for _ in range(TRIES_TO_CONCLUDE):
            # The original first: while the payment has not moved, what was read of its original before it still fits.
            original = await _as_it_stands(original, house) if original else None
            behind = await what_is_behind(payment, original, house)
            if overtaken or original is not None:
                current = await _as_it_stands(payment, house)
                if current.version != payment.version:
                    return await _came_late(current, answer, house, now)
            fee = fee_of(payment, answer, plan, original)
            conclusion = conclude(payment, answer, fee=fee, at=now, original=original, behind=behind)
            record = await house.books.record(change_of(conclusion, now, done=done))
            if isinstance(record, Refused):
                break
            if not isinstance(record, Overtaken):
                return conclusion.payment
            overtaken = True
    except BooksLost:
        pass
    return told_unknown(payment, now)


def told_unknown(payment: Payment, now: datetime) -> Payment:
    """The payment as a person is told of it while the books are out of reach: outcome unknown."""
    if PAYMENT.allows(payment.state, Event.ANSWER_LOST):
        payment = payment.moved(Event.ANSWER_LOST, now)
    return replace(payment, reason=Reason.OUTCOME_UNKNOWN)


async def what_is_behind(payment: Payment, original: Payment | None, house: House) -> Payment | None:
    """The pre-authorisation behind a completion that is being voided; None for anything else."""
    if payment.kind is not Kind.VOID or original is None or original.kind is not Kind.COMPLETION:
        return None
    assert original.original_id is not None, "a completion names its pre-authorisation"
    return await house.books.recall_payment(original.merchant_id, original.original_id)


async def _as_it_stands(payment: Payment, house: House) -> Payment:
    current = await house.books.recall_payment(payment.merchant_id, payment.payment_id)
    assert current is not None, "a claimed payment stays in the books"
    return current


async def _came_late(current: Payment, answer: Answer, house: House, now: datetime) -> Payment:
    if isinstance(answer, Approved) and current.state in _TAKEN_BACK:
        await note(current, "late_approval", f"approved after {current.state.value}", house, now)
    return current


async def refuse(refused: Refused, kind: Kind, request: Request, terminal: TerminalFacts, house: House) -> Refused:
    """Record a refusal for the merchant's list and hand it on. That list is no reason to fail: a full queue is let be."""
    note = RefusalNote(
        house.make_id(request.received_at),
        terminal.merchant_id,
        terminal.shop_id,
        terminal.terminal_id,
        business_day(request.received_at, ZoneInfo(terminal.zone), terminal.cut_over_hour),
        request.received_at,
        kind.value,
        request.amount,
        request.cashier,
        refused,
    )
    await house.books.record(Change(refusal=note))
    return refused


async def note(payment: Payment, kind: str, detail: str, house: House, now: datetime) -> None:
    """Raise a discrepancy for a person to look at."""
    item = Discrepancy(payment.merchant_id, payment.payment_id, kind, detail, now)
    await house.books.record(Change(discrepancies=(item,)))


def change_of(conclusion: Conclusion, now: datetime, *, done: JobDone | None = None) -> Change:
    """What a conclusion wants recorded: the moves, the entry, and the machine's next step as a job."""
    payment = conclusion.payment
    followed = (payment, conclusion.original, conclusion.behind)
    jobs: tuple[JobAsk, ...] = ()
    if conclusion.next is not Next.NOTHING:
        due = now + (FIRST_LOOK if payment.state is State.PAYING else WAIT[conclusion.next])
        jobs = (JobAsk(conclusion.next.value, payment.merchant_id, payment.payment_id, due),)
    return Change(
        moves=tuple(moved for moved in followed if moved is not None),
        postings=(Posting(payment, conclusion.entry),) if conclusion.entry else (),
        jobs=jobs,
        done=(done,) if done else (),
    )
