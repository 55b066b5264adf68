"""Any walk of sales, voids, refunds and reversals keeps the books: a machine that plays the conclusions at random.

The walk knows no use case: it moves payments with the pure conclusions, posts what they say and checks what must hold.
"""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from support.payments import NOON, a_sale, an_undoing
from xiaopos.kernel.ids import PaymentId
from xiaopos.kernel.money import Money, Rate
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.ledger import Entry, EntryKind, Side
from xiaopos.payments.answers import Answer, Approved, Declined, OutcomeUnknown
from xiaopos.payments.conclusions import begin_reversal, can_be_reversed, conclude, conclude_reversal, give_up
from xiaopos.payments.decisions import decide_refund, decide_void
from xiaopos.payments.payment import Kind, Method, Payment
from xiaopos.payments.states import MONEY_HELD, PAYMENT, Event, State
from xiaopos.settlement.prices import Price, PricePlan

PLAN = PricePlan("p", {"unknown": Price(Rate(6_000))}, refund_returns_fee=True)
YES, NO, LOST = Approved(), Declined(Reason.ISSUER_DECLINED, "05"), OutcomeUnknown("no answer")
ANSWERS = st.sampled_from([YES, LOST, NO])
FIRST_ANSWERS = st.sampled_from([YES, YES, YES, LOST])
METHODS = st.sampled_from([Method.CARD, Method.CARD, Method.PAYER_CODE])
PICKS = st.integers(0, 7)
_UNDONE = (State.VOIDED, State.REVERSED)
FINAL_UNDOINGS = (State.APPROVED, State.DECLINED, State.REVERSED)


class Walk(RuleBasedStateMachine):
    """One sale and everything that may be done to it. `posted` holds entries by payment and kind."""

    def __init__(self) -> None:
        super().__init__()
        self.sale: Payment = a_sale()
        self.undoings: dict[str, Payment] = {}
        self.posted: dict[tuple[str, EntryKind], Entry] = {}
        self.number = 1

    @initialize(minor=st.integers(1, 10**6), method=METHODS, answer=FIRST_ANSWERS)
    def sells(self, minor: int, method: Method, answer: Answer) -> None:
        self.sale = a_sale(minor, method=method)
        self._conclude(self.sale, answer, None)

    def _conclude(self, payment: Payment, answer: Answer, original: Payment | None) -> None:
        fee = Money(0)
        if isinstance(answer, Approved):
            fee = PLAN.fee("unknown", payment.amount)
            if payment.kind is Kind.VOID:
                fee = self.sale.fee
            elif payment.kind is Kind.REFUND:
                fee = PLAN.fee_returned(
                    fee=self.sale.fee,
                    amount=self.sale.amount,
                    refunded_before=self.sale.refunded,
                    refund=payment.amount,
                )
        conclusion = conclude(payment, answer, fee=fee, at=NOON, original=original)
        self._keep(conclusion.payment, conclusion.original, conclusion.entry)

    def _keep(self, payment: Payment, original: Payment | None, entry: Entry | None) -> None:
        if payment.kind is Kind.SALE:
            self.sale = payment
        else:
            self.undoings[payment.payment_id] = payment
        self.sale = original or self.sale
        if entry is not None:
            key = (payment.payment_id, entry.kind)
            assert key not in self.posted, "posted twice"
            self.posted[key] = entry

    def _new(self, kind: Kind, minor: int) -> Payment:
        self.number += 1
        return an_undoing(kind, minor, method=self.sale.method, payment_id=PaymentId(f"{self.number:032x}"))

    @rule(answer=ANSWERS)
    def voids(self, answer: Answer) -> None:
        decided = decide_void(self._new(Kind.VOID, self.sale.amount.minor), self.sale, open_batch=1, at=NOON)
        if not isinstance(decided, Refused):
            self.sale = decided.original
            self._conclude(decided.payment, answer, self.sale)

    @rule(percent=st.sampled_from([1, 30, 50, 100, 101]), answer=ANSWERS)
    def refunds(self, percent: int, answer: Answer) -> None:
        asked = self._new(Kind.REFUND, max(1, -(-self.sale.refundable.minor * percent // 100)))
        decided = decide_refund(asked, self.sale, at=NOON)
        if not isinstance(decided, Refused):
            self.sale = decided.original
            self._conclude(decided.payment, answer, self.sale)

    def _pick(self, number: int, event: Event) -> Payment | None:
        every = [self.sale, *self.undoings.values()]
        fit = [one for one in every if PAYMENT.allows(one.state, event)]
        return fit[number % len(fit)] if fit else None

    @rule(number=PICKS, answer=st.sampled_from([YES, NO]))
    def hears_at_last(self, number: int, answer: Answer) -> None:
        payment = self._pick(number, Event.ANSWERED_YES)
        if payment is not None:
            self._conclude(payment, answer, None if payment.kind is Kind.SALE else self.sale)

    @rule(number=PICKS)
    def begins_to_reverse(self, number: int) -> None:
        payment = self._pick(number, Event.REVERSE)
        if payment is None or not can_be_reversed(payment):
            return
        if payment.kind is Kind.SALE and (payment.refunded.minor or payment.refunding.minor):
            return
        self._keep(begin_reversal(payment, NOON).payment, None, None)

    @rule(number=PICKS, stuck=st.booleans())
    def goes_on_reversing(self, number: int, stuck: bool) -> None:
        payment = self._pick(number, Event.REVERSAL_STUCK if stuck else Event.REVERSAL_DONE)
        if payment is None:
            return
        if stuck:
            self._keep(give_up(payment, NOON).payment, None, None)
            return
        own = EntryKind.SALE if payment.kind is Kind.SALE else EntryKind.VOID
        posted = (payment.payment_id, own) in self.posted
        original = None if payment.kind is Kind.SALE else self.sale
        conclusion = conclude_reversal(payment, posted=posted, at=NOON, original=original)
        self._keep(conclusion.payment, conclusion.original, conclusion.entry)

    def _balances(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for entry in self.posted.values():
            for leg in entry.legs:
                sign = 1 if leg.side is Side.DEBIT else -1
                found[leg.account.code] = found.get(leg.account.code, 0) + sign * leg.amount.minor
        return found

    @invariant()
    def the_ledger_sums_to_nothing(self) -> None:
        assert sum(self._balances().values()) == 0

    @invariant()
    def refunds_fit_into_the_sale(self) -> None:
        sale = self.sale
        assert sale.refunding.minor >= 0
        assert sale.refunded.minor >= 0
        assert sale.refunded + sale.refunding <= sale.amount
        refunds = [one for one in self.undoings.values() if one.kind is Kind.REFUND]
        paid = sum(one.amount.minor for one in refunds if one.state is State.APPROVED)
        assert sale.refunded.minor == paid
        waiting = sum(one.amount.minor for one in refunds if one.state not in FINAL_UNDOINGS)
        assert sale.refunding.minor == waiting

    @invariant()
    def accounts_hold_what_the_sale_is_worth(self) -> None:
        held = self._balances()
        stands = (self.sale.payment_id, EntryKind.SALE) in self.posted and self.sale.state not in _UNDONE
        worth = (self.sale.amount - self.sale.refunded).minor if stands else 0
        assert held.get("receivable:unionpay", 0) == worth
        if worth == 0:
            assert not any(held.values())
        assert self.sale.state not in MONEY_HELD or stands


Walk.TestCase.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestWalk = Walk.TestCase
