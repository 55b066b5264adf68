"""What a batch of changes does to the tables, statement by statement, for any database.

What may live here: the order of statements in one commit and what their results mean. What may not: a connection; the
functions are generators that yield a Statement and are sent its result.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from xiaopos.kernel.ids import MerchantId
from xiaopos.payments.payment import Payment
from xiaopos.store.payments.repo import COLUMNS, KEY_COLUMNS, MOVING_COLUMNS, key_of, moving_of, payment_of, row_of
from xiaopos.store.writer.batches import keep_batches
from xiaopos.store.writer.outcomes import count_outcomes
from xiaopos.store.writer.statements import Insert, Row, Select, Statement, Update
from xiaopos.store.writer.terminals import change_terminals
from xiaopos.store.writer.webhooks import keep_events
from xiaopos.usecases.ports import Change, Known, Record, Recorded

PAYMENT_SQL = f"SELECT {', '.join(COLUMNS)} FROM payment WHERE "

MOVE_COLUMNS = ("merchant_id", "payment_id", "version", "at", "state", "reason", "response_code", "by", "channel")
LEG_COLUMNS = (
    "merchant_id", "payment_id", "entry_kind", "leg_number", "business_on", "account", "account_kind", "side", "currency",
    "amount_minor", "posted_at",
)  # fmt: skip
JOB_COLUMNS = (
    "merchant_id", "payment_id", "kind", "due_at", "attempts", "leased_by", "lease_until", "last_error", "created_at",
    "done_at",
)  # fmt: skip
JOB_AGAIN = (
    "(merchant_id, payment_id, kind) DO UPDATE SET due_at = excluded.due_at, attempts = 0, leased_by = '', "
    "lease_until = NULL, last_error = '', done_at = NULL"
)
REFUSAL_COLUMNS = (
    "merchant_id", "refusal_id", "at", "business_on", "kind", "shop_id", "terminal_id", "cashier", "currency",
    "amount_minor", "reason", "detail",
)  # fmt: skip
DISCREPANCY_COLUMNS = ("merchant_id", "payment_id", "kind", "detail", "found_at", "closed_at", "closed_by")

Steps = Generator[Statement, Any, list[Record]]

NOBODY: frozenset[MerchantId] = frozenset()


class Stale(Exception):
    """A move's version was not the one in the books: the transaction must be rolled back."""


def record_batch(
    changes: Sequence[Change], claims: Sequence[Payment | None], listening: frozenset[MerchantId] = NOBODY
) -> Steps:
    """Record every change of a batch. `claims` are the changes' claims with their RRNs, `listening` the merchants that want
    to be told of events.

    Raises Stale when a move was overtaken.
    """
    known = yield from _claim(claims)
    standing = [change for index, change in enumerate(changes) if index not in known]
    claimed = [claim for index, claim in enumerate(claims) if claim is not None and index not in known]
    yield from _move(standing, claimed)
    yield from _post(standing)
    yield from _queue(standing)
    yield from _note(standing)
    yield from keep_batches(standing)
    yield from count_outcomes(standing)
    yield from change_terminals(standing)
    yield from keep_events(standing, listening)
    return [Known(known[index]) if index in known else Recorded(claim) for index, claim in enumerate(claims)]


def _claim(asked: Sequence[Payment | None]) -> Generator[Statement, Any, dict[int, Payment]]:
    claims = [(index, claim) for index, claim in enumerate(asked) if claim is not None]
    if not claims:
        return {}
    inserted = yield Insert("payment", COLUMNS, [row_of(claim) for _, claim in claims], "DO NOTHING")
    known: dict[int, Payment] = {}
    if inserted == len(claims):
        return known
    for index, claim in claims:
        rows = yield find_claim(claim)
        found = [payment_of(row) for row in rows]
        mine = [payment for payment in found if payment.payment_id == claim.payment_id and payment.rrn == claim.rrn]
        if not mine:
            known[index] = found[0]
    return known


def find_claim(claim: Payment) -> Select:
    """The payments that stand in a claim's way: the same id, or the same voucher number on the same business day."""
    sql = (
        PAYMENT_SQL
        + "merchant_id = ? AND (payment_id = ? OR (business_on = ? AND terminal_id = ? AND batch_number = ? AND stan = ?))"
    )
    return Select(
        sql,
        (claim.merchant_id, claim.payment_id, claim.business_on, claim.terminal_id, claim.batch_number, claim.stan),
    )


def _move(changes: Sequence[Change], claimed: Sequence[Payment]) -> Generator[Statement, Any, None]:
    moves = [payment for change in changes for payment in change.moves]
    if moves:
        rows = [(*moving_of(payment), *key_of(payment), payment.version - 1) for payment in moves]
        moved = yield Update("payment", MOVING_COLUMNS, (*KEY_COLUMNS, "version"), rows)
        if moved != len(moves):
            raise Stale
    lines = [_line(payment) for payment in (*claimed, *moves)]
    if lines:
        yield Insert("payment_move", MOVE_COLUMNS, lines)


def _line(payment: Payment) -> Row:
    at = payment.decided_at or payment.received_at
    reason = payment.reason._value_ if payment.reason else ""
    return (
        payment.merchant_id, payment.payment_id, payment.version, at, payment.state._value_, reason, payment.response_code,
        payment.claimed_by, payment.channel,
    )  # fmt: skip


def _post(changes: Sequence[Change]) -> Generator[Statement, Any, None]:
    rows = []
    for change in changes:
        for posting in change.postings:
            payment, entry = posting.payment, posting.entry
            at = payment.decided_at
            for number, leg in enumerate(entry.legs, start=1):
                rows.append(
                    (
                        payment.merchant_id, payment.payment_id, entry.kind._value_, number, payment.business_on,
                        leg.account.code, leg.account.kind._value_, leg.side._value_, leg.amount.currency, leg.amount.minor, at,
                    )
                )  # fmt: skip
    if rows:
        yield Insert("ledger_leg", LEG_COLUMNS, rows)


def _queue(changes: Sequence[Change]) -> Generator[Statement, Any, None]:
    asked = [
        (job.merchant_id, job.payment_id, job.kind, job.due_at, 0, "", None, "", job.due_at, None)
        for change in changes
        for job in change.jobs
    ]
    if asked:
        yield Insert("job", JOB_COLUMNS, asked, JOB_AGAIN)
    done = [(job.at, job.merchant_id, job.payment_id, job.kind) for change in changes for job in change.done]
    if done:
        yield Update("job", ("done_at",), ("merchant_id", "payment_id", "kind"), done)


def _note(changes: Sequence[Change]) -> Generator[Statement, Any, None]:
    refusals = [
        (
            note.merchant_id, note.refusal_id, note.at, note.business_on, note.kind, note.shop_id, note.terminal_id,
            note.cashier, note.amount.currency, note.amount.minor, note.refused.reason._value_, note.refused.detail[:255],
        )
        for note in (change.refusal for change in changes)
        if note is not None
    ]  # fmt: skip
    if refusals:
        yield Insert("refusal", REFUSAL_COLUMNS, refusals)
    found = [
        (item.merchant_id, item.payment_id, item.kind, item.detail[:255], item.found_at, None, "")
        for change in changes
        for item in change.discrepancies
    ]
    if found:
        yield Insert("discrepancy", DISCREPANCY_COLUMNS, found, "DO NOTHING")
