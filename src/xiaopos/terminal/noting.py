"""What a terminal tells of a finished payment, and asks about one: signatures, scripts' results, its status, queries.

What may live here: what answers to these mean, and which notices wait, as pure functions of the memory. What may not: frames
(exchange), field layouts (messages).
"""

from __future__ import annotations

from dataclasses import replace

from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import MoneyMoved
from xiaopos.terminal import texts
from xiaopos.terminal.judging import Question, Verdict, told
from xiaopos.terminal.lists import ListKind
from xiaopos.terminal.memory import Notice, Remembered, Voucher
from xiaopos.terminal.messages import text
from xiaopos.terminal.outcome import Action, Kind
from xiaopos.terminal.profile import Identity
from xiaopos.wire.iso8583 import Message

STATUS = "status"
ORIGINAL_GONE = "12"
"""The answer to a query about a payment that was voided or reversed."""


def with_notice(before: Remembered, notice: Notice) -> Remembered:
    """The memory with one more notice; one with the same number and kind is replaced."""
    return replace(before, notices=(*_others(before, notice.tells, notice.stan, notice.batch_number), notice))


def _others(before: Remembered, action: Action, stan: int, batch_number: int) -> tuple[Notice, ...]:
    return tuple(
        kept for kept in before.notices if (kept.tells, kept.stan, kept.batch_number) != (action, stan, batch_number)
    )


def notice_answer(before: Remembered, question: Question, answer: Message) -> Verdict:
    """The answer to a notice: taken, refused for good, or kept because the host cannot take it now."""
    code = text(answer.fields, 39)
    batch_number = int(text(question.message.fields, 60)[2:8])
    if code in texts.LATER | texts.SIGN_IN_AGAIN:
        outcome = told(before, question, answer, texts.NOTICE_WAITS)
        return before, replace(outcome, kind=Kind.UNKNOWN, batch_number=batch_number)
    after = replace(before, notices=_others(before, question.action, question.stan, batch_number))
    if code not in texts.SUCCESS:
        outcome = told(before, question, answer, texts.words_for(code))
        return after, replace(outcome, kind=Kind.DECLINED, batch_number=batch_number)
    signed = question.action is Action.SIGNATURE
    outcome = told(before, question, answer, texts.SIGNATURE_TOLD if signed else texts.SCRIPT_TOLD)
    if signed:
        after = replace(after, vouchers=tuple(_signed(row, question.stan, batch_number) for row in after.vouchers))
    return after, replace(outcome, batch_number=batch_number)


def _signed(row: Voucher, stan: int, batch_number: int) -> Voucher:
    return replace(row, signed=True) if (row.stan, row.batch_number) == (stan, batch_number) else row


def status_answer(before: Remembered, question: Question, answer: Message) -> Verdict:
    """The answer to a status: taken, or not; the host asks again if it still wants it."""
    code = text(answer.fields, 39)
    after = replace(before, wanted=tuple(one for one in before.wanted if one != STATUS))
    if code not in texts.SUCCESS:
        outcome = told(before, question, answer, texts.words_for(code))
        return after, replace(outcome, kind=Kind.DECLINED)
    return after, told(before, question, answer, texts.STATUS_TOLD)


def query_answer(before: Remembered, question: Question, answer: Message) -> Verdict:
    """The answer to a query: how the payment that was asked about stands. It changes nothing here."""
    code = text(answer.fields, 39)
    amount = text(answer.fields, 4)
    outcome = told(before, question, answer, texts.QUERY_PAID)
    outcome = replace(outcome, amount=Money(int(amount)) if amount else None)
    if code in texts.SUCCESS:
        return before, replace(outcome, money_moved=MoneyMoved.YES)
    if code in texts.LATER:
        open_ = replace(outcome, words=texts.QUERY_OPEN, money_moved=MoneyMoved.UNKNOWN)
        return before, replace(open_, kind=Kind.UNKNOWN)
    words = texts.QUERY_UNDONE if code == ORIGINAL_GONE else texts.words_for(code)
    return before, replace(outcome, words=words, kind=Kind.DECLINED)


def status_text(identity: Identity, now: Remembered) -> str:
    """What a terminal tells of itself (field 62 of 0820/362): its device, where it stands, which lists it holds."""
    lists = " ".join(
        f"{kind.value}={len(kept.entries)}/{kept.version}" for kind in ListKind for kept in (now.kept_list(kind),)
    )
    return (
        f"serial={identity.serial} state={now.state} batch={now.batch_number:06d} vouchers={len(now.vouchers)} "
        f"owed={int(now.owed is not None)} unresolved={len(now.unresolved)} notices={len(now.notices)} {lists}"
    )
