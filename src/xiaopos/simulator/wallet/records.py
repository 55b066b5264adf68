"""What the pretend wallet keeps on disk: balances, orders, refunds. One small SQLite file that survives a kill.

What may live here: its SQL. What may not: rules (`trades`), payment codes (they live for a minute and in memory only).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from xiaopos.simulator.wallet.customers import Customer

_SCHEMA = """
create table if not exists balances (customer_id text primary key, minor integer not null);
create table if not exists orders (
    out_trade_no text primary key, transaction_id text not null, kind text not null, amount_minor integer not null,
    currency text not null, shop_id text not null, code_token text not null, customer_id text not null,
    state text not null, error text not null, made_at_s integer not null, refunded_minor integer not null
);
create index if not exists orders_by_code on orders (code_token) where code_token <> '';
create index if not exists orders_by_customer on orders (customer_id, state) where customer_id <> '';
create table if not exists refunds (
    out_refund_no text primary key, out_trade_no text not null, refund_id text not null,
    amount_minor integer not null, made_at_s integer not null
);
"""


@dataclass(frozen=True, slots=True)
class Order:
    """One order of a merchant. `kind` is payer_code, shop_code or none (a reversal came before the order)."""

    out_trade_no: str
    transaction_id: str
    kind: str
    amount_minor: int
    currency: str
    shop_id: str
    code_token: str
    customer_id: str
    state: str
    error: str
    made_at_s: int
    refunded_minor: int = 0


@dataclass(frozen=True, slots=True)
class Refund:
    """Money paid back, once per number."""

    out_refund_no: str
    out_trade_no: str
    refund_id: str
    amount_minor: int
    made_at_s: int


_ORDER = ", ".join(field.name for field in fields(Order))
_REFUND = ", ".join(field.name for field in fields(Refund))


class WalletRecords:
    """The records, in a file or (":memory:") nowhere. Customers who are new get their first balance."""

    def __init__(self, path: Path | str, customers: Iterable[Customer]) -> None:
        self._sql = sqlite3.connect(path, isolation_level=None)
        self._sql.execute("pragma journal_mode = wal")
        # NORMAL survives a killed process; only a power cut could lose the last commits of this pretend wallet.
        self._sql.execute("pragma synchronous = normal")
        self._sql.executescript(_SCHEMA)
        rows = [(customer.customer_id, customer.balance_minor) for customer in customers]
        self._sql.executemany("insert or ignore into balances values (?, ?)", rows)

    def close(self) -> None:
        """Give the file back."""
        self._sql.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Everything inside is kept whole or not at all."""
        self._sql.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._sql.execute("rollback")
            raise
        self._sql.execute("commit")

    def balance(self, customer_id: str) -> int:
        """What a customer owns, in minor units. Raises KeyError for a stranger."""
        row = self._sql.execute("select minor from balances where customer_id = ?", (customer_id,)).fetchone()
        if row is None:
            raise KeyError(customer_id)
        return int(row[0])

    def move(self, customer_id: str, minor: int) -> None:
        """Give a customer money (a negative amount takes it)."""
        self._sql.execute("update balances set minor = minor + ? where customer_id = ?", (minor, customer_id))

    def order(self, out_trade_no: str) -> Order | None:
        """One order by the merchant's number."""
        return self._order("out_trade_no = ?", out_trade_no)

    def order_by_code(self, token: str) -> Order | None:
        """One order by the token in the code that the shop shows."""
        return self._order("code_token = ?", token)

    def _order(self, where: str, value: str) -> Order | None:
        row = self._sql.execute(f"select {_ORDER} from orders where {where}", (value,)).fetchone()
        return None if row is None else Order(*row)

    def orders(self) -> list[Order]:
        """Every order, oldest first."""
        return [Order(*row) for row in self._sql.execute(f"select {_ORDER} from orders order by rowid")]

    def orders_of(self, customer_id: str, limit: int) -> list[Order]:
        """A customer's orders, newest first."""
        query = f"select {_ORDER} from orders where customer_id = ? order by rowid desc limit ?"
        return [Order(*row) for row in self._sql.execute(query, (customer_id, limit))]

    def keep(self, order: Order) -> None:
        """Write an order, new or changed."""
        marks = ", ".join("?" * len(fields(Order)))
        changes = ", ".join(f"{field.name} = excluded.{field.name}" for field in fields(Order)[1:])
        self._sql.execute(
            f"insert into orders ({_ORDER}) values ({marks}) on conflict (out_trade_no) do update set {changes}",
            astuple(order),
        )

    def refund(self, out_refund_no: str) -> Refund | None:
        """One refund by the merchant's number."""
        row = self._sql.execute(f"select {_REFUND} from refunds where out_refund_no = ?", (out_refund_no,)).fetchone()
        return None if row is None else Refund(*row)

    def refunds(self) -> list[Refund]:
        """Every refund, oldest first."""
        return [Refund(*row) for row in self._sql.execute(f"select {_REFUND} from refunds order by rowid")]

    def keep_refund(self, refund: Refund) -> None:
        """Write a new refund."""
        self._sql.execute(f"insert into refunds ({_REFUND}) values (?, ?, ?, ?, ?)", astuple(refund))
