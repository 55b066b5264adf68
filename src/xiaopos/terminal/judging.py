"""What an answer, or its absence, means: pure functions from the memory before to the memory after and an outcome.

What may live here: reading answers and deciding what is known afterwards. What may not: sending, saving, checking MACs
(the device does these around it).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import MoneyMoved
from xiaopos.terminal import messages, texts
from xiaopos.terminal.memory import Owed, Remembered, Voucher, counted, following
from xiaopos.terminal.messages import text
from xiaopos.terminal.outcome import HELD, NOTICES, QUIET, VOIDS, Action, Kind, Outcome
from xiaopos.terminal.states import DEVICE, Event, State
from xiaopos.terminal.texts import Words
from xiaopos.wire.iso8583 import Malformed, Message
from xiaopos.wire.iso8583.card_network import AdditionalAmount

BALANCED_AT = 30
UPLOADED_AT_ONCE = 8
BALANCE_ERROR = "3"
LAST_ADOPTED_BATCH = 999_998


@dataclass(frozen=True, slots=True)
class Question:
    """What the terminal waits for an answer to: the action and the message as sent."""

    action: Action
    message: Message
    stan: int

    @property
    def with_mac(self) -> bool:
        """Whether question and answer carry a MAC: all that moves or undoes money."""
        return 64 in self.message.fields


Verdict = tuple[Remembered, Outcome]


def money_answer(before: Remembered, question: Question, answer: Message, now: datetime) -> Verdict:
    """Anything about money whose outcome is known now, asked for the first time or (a notice) told once more."""
    owed = before.owed
    assert owed is not None, "a money question keeps what it would owe"
    code = text(answer.fields, 39)
    event = Event.PAID_UP if DEVICE.allows(before.at, Event.PAID_UP) else Event.ANSWERED
    if code in texts.SIGN_IN_AGAIN:
        return _keys_refused(before, owed, code)
    if event is Event.ANSWERED and code in texts.NOT_KNOWN_YET:
        after, outcome = unanswered(before, question, code)
        return after, replace(outcome, response_code=code)
    if event is Event.PAID_UP and code in texts.STILL_UNDER_WAY:
        return still_owed(before, code)
    after = replace(before, owed=None).moved(DEVICE.move(before.at, event))
    outcome = _outcome(before, owed.asked, answer, words=texts.words_for(code), stan=owed.stan, batch=owed.batch_number)
    outcome = replace(outcome, masked_pan=owed.masked_pan, amount=Money(owed.amount_minor))
    if code not in texts.SUCCESS:
        return after, replace(outcome, kind=Kind.DECLINED, money_moved=MoneyMoved.NO)
    # The answer to a tip says again what sale and tips come to.
    told_minor = "" if owed.asked is Action.TIP else text(answer.fields, 4)
    amount_minor = int(told_minor or owed.amount_minor)
    voucher = Voucher(
        action=owed.action,
        stan=owed.stan,
        batch_number=owed.batch_number,
        amount_minor=amount_minor,
        rrn=outcome.rrn,
        approval_code=outcome.approval_code,
        on=text(answer.fields, 13) or now.strftime("%m%d"),
        masked_pan=owed.masked_pan,
        sealed_pan=owed.sealed_pan,
        card_sequence=owed.fields.get("23", ""),
        original_stan=owed.original_stan,
    )
    moved = MoneyMoved.NO if owed.asked in HELD else MoneyMoved.YES
    words = texts.DONE.get(owed.action, outcome.words) if code == "00" else outcome.words
    return after.with_voucher(voucher), replace(outcome, words=words, money_moved=moved, amount=Money(amount_minor))


def _keys_refused(before: Remembered, owed: Owed, code: str) -> Verdict:
    """A0 or 99: the host does not accept these keys, so that its answer cannot be checked either.

    Nothing is believed: what is owed stays owed, and goes after the next sign-in.
    """
    after = before.moved(DEVICE.move(before.at, Event.KEYS_REFUSED))
    first = before.at is State.WAITING
    return after, _unknown(before, owed, owed.asked if first else follow_up_action(owed), texts.KEYS_REFUSED, code)


def reversal_answer(before: Remembered, answer: Message) -> Verdict:
    """An answer to a 0400: the original is undone, or the reversal stays owed (domain A9)."""
    owed = before.owed
    assert owed is not None, "a reversal is of something"
    code = text(answer.fields, 39)
    if code in texts.SIGN_IN_AGAIN:
        return _keys_refused(before, owed, code)
    if code not in texts.REVERSAL_ENDS:
        return still_owed(before, code)
    after = replace(before, owed=None).moved(DEVICE.move(before.at, Event.PAID_UP))
    words = texts.UNDOING_UNDONE if owed.asked in VOIDS else texts.REVERSED
    outcome = _outcome(before, Action.REVERSAL, answer, words=words, stan=owed.stan, batch=owed.batch_number)
    return after, replace(
        outcome, money_moved=MoneyMoved.NO, amount=Money(owed.amount_minor), masked_pan=owed.masked_pan
    )


def unanswered(before: Remembered, question: Question, reason: str) -> Verdict:
    """A first question whose answer did not come, or could not be trusted: the outcome is unknown and a message is owed."""
    owed = before.owed
    assert owed is not None, "a money question keeps what it would owe"
    after = replace(before, owed=replace(owed, reason=reason)).moved(DEVICE.move(before.at, Event.ANSWER_LOST))
    return after, _unknown(before, owed, question.action, _not_known_yet(owed))


def still_owed(before: Remembered, code: str = "", tries_allowed: int | None = None) -> Verdict:
    """An owed message that was not accepted. After `tries_allowed` tries it is put aside as unresolved, never lost."""
    owed = before.owed
    assert owed is not None, "something is owed"
    if tries_allowed is not None and owed.tries >= tries_allowed:
        kept = replace(before, owed=None, unresolved=(*before.unresolved, owed))
        after = kept.moved(DEVICE.move(before.at, Event.GIVEN_UP))
        words = texts.NOT_REVERSED
        if owed.mti == "0220":
            words = texts.REFUND_NOT_KNOWN if owed.asked is Action.REFUND else texts.NOTICE_NOT_TAKEN
    else:
        after = before.moved(DEVICE.move(before.at, Event.ANSWER_LOST))
        words = _not_known_yet(owed)
    return after, _unknown(before, owed, follow_up_action(owed), words, code)


def _not_known_yet(owed: Owed) -> Words:
    if owed.mti == "0400":
        return texts.UNKNOWN
    return texts.REFUND_UNKNOWN if owed.asked is Action.REFUND else texts.NOTICE_UNKNOWN


def _unknown(before: Remembered, owed: Owed, action: Action, words: Words, code: str = "") -> Outcome:
    """The outcome of a question about money whose end nobody at the counter knows."""
    return Outcome(
        action,
        Kind.UNKNOWN,
        words,
        MoneyMoved.UNKNOWN,
        before.terminal_id,
        owed.batch_number,
        owed.stan,
        response_code=code,
        amount=Money(owed.amount_minor),
        masked_pan=owed.masked_pan,
    )


def follow_up_action(owed: Owed) -> Action:
    """What sending this owed message is called: a reversal, or the refund itself once more."""
    return Action.REVERSAL if owed.mti == "0400" else owed.asked


def settled(before: Remembered, question: Question, answer: Message) -> Verdict:
    """The answer to 0500: flags 1 (balanced) and 2 (not balanced) close the batch; anything else leaves it open."""
    code = text(answer.fields, 39)
    after = before.moved(DEVICE.move(before.at, Event.ANSWERED))
    flag = text(answer.fields, 48)[BALANCED_AT : BALANCED_AT + 1]
    outcome = _outcome(before, Action.SETTLE, answer, words=texts.words_for(code), stan=question.stan)
    if code not in texts.SUCCESS or flag in ("", BALANCE_ERROR):
        words = outcome.words if code not in texts.SUCCESS else texts.NOT_SETTLED
        return after, replace(outcome, kind=Kind.DECLINED, words=words, balanced=None)
    balanced = flag == "1"
    closed = replace(after, batch_number=following(before.batch_number), vouchers=())
    if not balanced:
        kept = counted(before)
        closed = replace(closed, upload_batch=before.batch_number, upload_count=len(kept), uploads=kept)
    words = outcome.words if balanced else texts.NOT_BALANCED
    return closed, replace(outcome, words=words, balanced=balanced)


def uploaded(before: Remembered, question: Question, answer: Message) -> Verdict:
    """The answer to a part of an upload: taken, the rest is left; refused, nothing more is sent of that batch."""
    code = text(answer.fields, 39)
    outcome = _outcome(
        before, Action.UPLOAD, answer, words=texts.UPLOADED, stan=question.stan, batch=before.upload_batch
    )
    if code not in texts.SUCCESS:
        after = replace(before, upload_batch=0, upload_count=0, uploads=())
        return after, replace(outcome, kind=Kind.DECLINED, words=texts.words_for(code))
    if before.uploads:
        return replace(before, uploads=before.uploads[UPLOADED_AT_ONCE:]), outcome
    return replace(before, upload_batch=0, upload_count=0), outcome


def plain_answer(before: Remembered, question: Question, answer: Message) -> Verdict:
    """The answer to an echo or a sign-off: no money, nothing owed."""
    code = text(answer.fields, 39)
    outcome = _outcome(before, question.action, answer, words=texts.words_for(code), stan=question.stan)
    if code not in texts.SUCCESS:
        outcome = replace(outcome, kind=Kind.DECLINED)
    if question.action is Action.ECHO:
        return before, outcome
    after = replace(before, tpk="", tak="", tdk="")
    return after.moved(DEVICE.move(before.at, Event.ANSWERED)), outcome


def balance_answer(before: Remembered, question: Question, answer: Message) -> Verdict:
    """The answer to a balance enquiry: no money, nothing owed; field 54 says what the card can spend."""
    code = text(answer.fields, 39)
    outcome = _outcome(before, Action.BALANCE, answer, words=texts.words_for(code), stan=question.stan)
    if code not in texts.SUCCESS:
        return before, replace(outcome, kind=Kind.DECLINED)
    try:
        amounts = AdditionalAmount.parse_all(answer.text(54))
    except Malformed:
        amounts = ()
    available = [amount.minor for amount in amounts if amount.kind == AdditionalAmount.AVAILABLE]
    return before, replace(outcome, words=texts.BALANCE, balance=Money(available[0]) if available else None)


def no_plain_answer(before: Remembered, question: Question) -> Verdict:
    """No answer, or none that can be read, to a question without money."""
    event = Event.SIGN_IN_FAILED if question.action is Action.SIGN_IN else Event.ANSWER_LOST
    after = before if question.action in QUIET else before.moved(DEVICE.move(before.at, event))
    return after, Outcome(
        question.action,
        Kind.UNKNOWN,
        texts.NOTICE_WAITS if question.action in NOTICES else texts.NO_MONEY,
        MoneyMoved.NO,
        before.terminal_id,
        before.batch_number,
        question.stan,
    )


def adopted_batch(before: Remembered, answer: Message) -> int:
    """The batch number that a sign-in answer assigns (field 60.2), or the present one when it assigns none."""
    assigned = text(answer.fields, 60)[2:8]
    if len(assigned) == 6 and 1 <= int(assigned) <= LAST_ADOPTED_BATCH:
        return int(assigned)
    return before.batch_number


def signed_in(before: Remembered, question: Question, answer: Message, keys: dict[str, str]) -> Verdict:
    """A sign-in that worked: `keys` holds the wrapped working keys as text under tpk, tak and tdk."""
    after = replace(before, batch_number=adopted_batch(before, answer), **keys)  # type: ignore[arg-type]  # only key texts
    after = after.moved(DEVICE.move(before.at, Event.KEYS_TAKEN))
    outcome = _outcome(before, Action.SIGN_IN, answer, words=texts.SIGNED_IN, stan=question.stan)
    return after, replace(outcome, batch_number=after.batch_number)


def not_signed_in(before: Remembered, question: Question, answer: Message, *, keys_wrong: bool) -> Verdict:
    """A sign-in that the host refused, or whose keys failed their check values: signed out."""
    code = "A7" if keys_wrong else text(answer.fields, 39)
    words = texts.KEYS_WRONG if keys_wrong else texts.words_for(code)
    after = before.moved(DEVICE.move(before.at, Event.SIGN_IN_FAILED))
    outcome = _outcome(before, Action.SIGN_IN, answer, words=words, stan=question.stan)
    return after, replace(outcome, kind=Kind.DECLINED, response_code=code)


def told(before: Remembered, question: Question, answer: Message, words: Words) -> Outcome:
    """An approved outcome of a question without money, with what its answer carries."""
    return _outcome(before, question.action, answer, words=words, stan=question.stan)


def _outcome(
    before: Remembered, action: Action, answer: Message, *, words: Words, stan: int, batch: int | None = None
) -> Outcome:
    """An approved outcome with what the answer carries; the caller corrects what is otherwise."""
    return Outcome(
        action,
        Kind.APPROVED,
        words,
        MoneyMoved.NO,
        before.terminal_id,
        before.batch_number if batch is None else batch,
        stan,
        response_code=messages.text(answer.fields, 39),
        rrn=text(answer.fields, 37),
        approval_code=text(answer.fields, 38),
        host_time=text(answer.fields, 13) + text(answer.fields, 12),
    )
