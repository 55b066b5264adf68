"""What must hold after every play: one known end for every payment, and everybody's books the same.

What may live here: the comparisons. What may not: playing. Each finding is a sentence that names the payment.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xiaopos.payments.states import KNOWN
from xiaopos.simulation.faults import Kind as FaultKind
from xiaopos.simulation.people import People
from xiaopos.simulation.slips import TAKES, Deed, Slip, Told
from xiaopos.simulation.town import WALLET, Town
from xiaopos.simulator.network import TEST_CARDS, Transaction
from xiaopos.simulator.wallet import CUSTOMERS

_KNOWN = {state.value for state in KNOWN}
_NO_MONEY = ("declined", "reversed")
_NETWORK: dict[str, tuple[str, ...]] = {
    "approved": ("approved",),
    "voided": ("voided",),
    "completed": ("completed",),
    "declined": ("", "declined", "never", "reversed"),
    "reversed": ("", "declined", "never", "reversed"),
}
"""Where the network can stand, for each end of a card payment in our books; empty: it never heard of it."""
_ORDERS: dict[str, tuple[str, ...]] = {
    "approved": ("SUCCESS", "REFUNDED"),
    "voided": ("REFUNDED",),
    "declined": ("", "NOTPAY", "USERPAYING", "CLOSED", "PAYERROR", "REVOKED"),
    "reversed": ("", "CLOSED", "PAYERROR", "REVOKED"),
}
_KINDS = {
    Deed.SALE: "sale", Deed.CODE_SALE: "sale", Deed.VOID: "void", Deed.PREAUTH_VOID: "void", Deed.COMPLETION_VOID: "void",
    Deed.REFUND: "refund", Deed.PREAUTH: "preauth", Deed.COMPLETION: "completion",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A payment as our books hold it."""

    payment_id: str
    merchant_id: str
    terminal_id: str
    batch_number: int
    stan: int
    kind: str
    method: str
    state: str
    amount_minor: int
    refunded_minor: int
    refunding_minor: int
    rrn: str
    reason: str

    @property
    def name(self) -> str:
        """How terminals name it."""
        return f"{self.terminal_id}/{self.batch_number:06d}/{self.stan:06d}"


class Books:
    """Our books, read once the play is over."""

    def __init__(self, path: Path) -> None:
        self._sql = sqlite3.connect(path)
        columns = ", ".join(Row.__slots__)
        self.rows = [Row(*row) for row in self.ask(f"SELECT {columns} FROM payment ORDER BY received_at")]

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """A query's rows."""
        return self._sql.execute(sql).fetchall()

    def number(self, sql: str) -> int:
        """A query's one number."""
        return int(self.ask(sql)[0][0] or 0)

    def balance(self, account: str) -> int:
        """Debits less credits of the accounts whose code begins so."""
        return self.number(
            "SELECT SUM(CASE side WHEN 'D' THEN amount_minor ELSE -amount_minor END) FROM ledger_leg "
            f"WHERE account LIKE '{account}%'"
        )

    def close(self) -> None:
        """Let go of the file."""
        self._sql.close()


def judge(town: Town, people: People, printed: Iterable[str]) -> list[str]:
    """Everything that does not hold, a sentence each; nothing when all is well. `printed` is what was logged."""
    books = Books(town.books_file)
    try:
        return [
            *town.witness.broken,
            *town.loop.complaints,
            *_ends(books),
            *_ids(books),
            *_ledger(books),
            *_network(books, town),
            *_wallet(books, town),
            *_merchants(books, people),
            *_batches(books, people, town),
            *_secrets(town, printed),
        ]
    finally:
        books.close()


def unsettled(path: Path) -> list[str]:
    """What is still on its way: payments without a known end, jobs not done. Read while the play goes on."""
    books = Books(path)
    try:
        return [*_ends(books)]
    finally:
        books.close()


def _ends(books: Books) -> Iterator[str]:
    for row in books.rows:
        if row.state not in _KNOWN:
            yield f"{row.name} ({row.kind}) ends as {row.state}"
        if row.refunding_minor:
            yield f"{row.name} still reserves {row.refunding_minor} for a refund"
    waiting = books.number("SELECT COUNT(*) FROM job WHERE done_at IS NULL")
    if waiting:
        yield f"{waiting} jobs are not done"


def _ids(books: Books) -> Iterator[str]:
    for what in ("payment_id", "rrn"):
        for value, count in books.ask(f"SELECT {what}, COUNT(*) FROM payment GROUP BY {what} HAVING COUNT(*) > 1"):
            yield f"{what} {value} was taken {count} times"


def _ledger(books: Books) -> Iterator[str]:
    signed = "SUM(CASE side WHEN 'D' THEN amount_minor ELSE -amount_minor END)"
    entries = f"SELECT payment_id, entry_kind FROM ledger_leg GROUP BY payment_id, entry_kind HAVING {signed} <> 0"
    for payment_id, kind in books.ask(entries):
        yield f"the {kind} entry of {payment_id} does not balance"
    if books.balance(""):
        yield f"the ledger sums to {books.balance('')}"


def _network(books: Books, town: Town) -> Iterator[str]:
    theirs: dict[str, Transaction] = {}
    for done in town.network.transactions():
        if done.rrn not in theirs or theirs[done.rrn].state == "never":
            theirs[done.rrn] = done
        elif done.state != "never":
            yield f"the network was asked twice under reference {done.rrn}"
    held = 0
    for row in books.rows:
        if row.method != "card":
            continue
        one = theirs.pop(row.rrn, None)
        state = one.state if one else ""
        if state not in _NETWORK.get(row.state, (state,)):
            yield f"{row.name} ({row.kind}) is {row.state} in our books and {state or 'unknown'} at the card's bank"
        elif one is not None and row.state == "approved":
            if (one.amount_minor, one.refunded_minor) != (row.amount_minor, row.refunded_minor):
                yield (
                    f"{row.name}: our books hold {row.amount_minor} less {row.refunded_minor}, "
                    f"the card's bank {one.amount_minor} less {one.refunded_minor}"
                )
            held += row.amount_minor if row.kind == "preauth" else 0
    for rrn, done in theirs.items():
        if done.state in ("approved", "completed"):
            yield f"the card's bank holds {rrn} as {done.state}, and our books do not know it"
    spent = sum(card.balance_minor - town.network.balance(card.label) for card in TEST_CARDS)
    owed = books.balance("receivable:unionpay")
    if spent != owed + held:
        yield f"cardholders paid {spent}, our books say that the network owes {owed} and holds {held}"


def _wallet(books: Books, town: Town) -> Iterator[str]:
    orders = {order.out_trade_no: order for order in town.trades.records.orders()}
    for row in books.rows:
        if row.method == "card" or row.kind != "sale":
            continue
        order = orders.pop(row.payment_id, None)
        state = order.state if order else ""
        if state not in _ORDERS.get(row.state, (state,)):
            yield f"{row.name} is {row.state} in our books and {state or 'unknown'} at the wallet"
        elif order is not None and row.state == "approved" and order.refunded_minor != row.refunded_minor:
            yield f"{row.name}: we paid {row.refunded_minor} back, the wallet {order.refunded_minor}"
    for number, order in orders.items():
        if order.state == "SUCCESS":
            yield f"the wallet holds {number} as paid, and our books do not know it"
    spent = sum(one.balance_minor - town.trades.records.balance(one.customer_id) for one in CUSTOMERS)
    owed = books.balance(f"receivable:{WALLET}")
    if spent != owed:
        yield f"the wallet's customers paid {spent}, our books say that the wallet owes {owed}"


def _batches(books: Books, people: People, town: Town) -> Iterator[str]:
    """Batch closes carry no MAC: another byte on the terminals' lines excuses what was misheard, and nothing else."""
    garbled = {fault.place for fault in town.troubles.met if fault.kind is FaultKind.CORRUPT}
    columns = "theirs_debit_count, theirs_debit_minor, theirs_credit_count, theirs_credit_minor, balanced"
    rows = books.ask(f"SELECT terminal_id, batch_number, {columns} FROM batch_closing")
    kept = {(row[0], row[1]): (tuple(row[2:6]), bool(row[6])) for row in rows}
    for closed in (closed for drawer in people.drawers for closed in drawer.closed):
        name = f"batch {closed.batch_number} of {closed.terminal_id}"
        if (closed.terminal_id, closed.batch_number) not in kept:
            yield f"{name} was closed at the terminal, and our books do not know it"
            continue
        heard, balanced = kept[closed.terminal_id, closed.batch_number]
        if heard == closed.counted and not balanced:
            yield f"{name}: counted {closed.counted}, which our books do not hold"
        if heard != closed.counted and "terminals.ask" not in garbled:
            yield f"{name}: counted {closed.counted}, we heard {heard}"
        if balanced != closed.balanced and "terminals.answer" not in garbled:
            yield f"{name} was told balanced: {closed.balanced}, and is balanced: {balanced}"


def _merchants(books: Books, people: People) -> Iterator[str]:
    rows: dict[str, Row] = {row.name: row for row in books.rows}
    told: dict[str, str] = {}
    for drawer in people.drawers:
        for slip in drawer.slips:
            row = rows.pop(slip.name, None)
            yield from _slip(slip, row, people.slips_of(slip.merchant_id))
            if slip.told is Told.APPROVED and told.setdefault(slip.rrn, slip.name) != slip.name:
                yield f"{slip.name} and {told[slip.rrn]} were told the same reference {slip.rrn}"
    for row in rows.values():
        yield f"our books hold {row.name}, which no terminal has asked for"
    paid = sum(row.amount_minor - row.refunded_minor for row in books.rows if _stands(row))
    if paid != books.balance("receivable:"):
        yield f"what stands sums to {paid}, what channels owe to {books.balance('receivable:')}"


def _stands(row: Row) -> bool:
    return row.state == "approved" and row.kind in ("sale", "completion")


def _slip(slip: Slip, row: Row | None, slips: list[Slip]) -> Iterator[str]:
    """What the terminal knows of one request, against our books."""
    state = row.state if row else "unknown to us"
    what = f"{slip.name} ({slip.deed.value}): the terminal was told {slip.told.value}"
    if slip.is_owed:
        yield f"{what} ({slip.response_code}), and never learnt more"
    elif slip.told is Told.APPROVED:
        if row is None or row.kind != _KINDS[slip.deed] or row.rrn != slip.rrn:
            yield f"{what}, our books hold {row}"
        elif state != _expected(slip, slips) or row.amount_minor != slip.amount_minor:
            yield f"{what} {slip.amount_minor}, our books hold it as {state} {row.amount_minor}"
        elif slip.deed in TAKES and row.refunded_minor != sum(one.amount_minor for one in slip.refunds(slips)):
            yield f"{what}, and our books hold {row.refunded_minor} of it as refunded"
    elif row is not None and state not in _NO_MONEY:
        yield f"{what} ({slip.response_code}), our books hold it as {state}"


def _expected(slip: Slip, slips: list[Slip]) -> str:
    if slip.undone_by(slips) is not None:
        return "voided"
    if slip.deed is Deed.PREAUTH:
        for other in slips:
            done = other.deed is Deed.COMPLETION and other.told is Told.APPROVED
            if done and other.original is slip and other.undone_by(slips) is None:
                return "completed"
    return "approved"


def _secrets(town: Town, printed: Iterable[str]) -> Iterator[str]:
    canaries = [card.pan.digits.encode() for card in TEST_CARDS]
    canaries += [one for secret in town.witness.secrets for one in (secret, secret.hex().encode())]
    kept = {"our books": b"".join(path.read_bytes() for path in town.books_file.parent.glob("books.sqlite3*"))}
    kept["a log"] = "\n".join(printed).encode()
    for where, content in kept.items():
        for canary in canaries:
            if canary in content:
                yield f"a secret stands in {where}"
    if re.search(rb"(?<![0-9])" + TEST_CARDS[0].pin.value + rb"(?![0-9])", kept["a log"]):
        yield "a PIN stands in a log"
