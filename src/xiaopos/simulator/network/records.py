"""What the pretend network and its issuers keep on disk: balances, wrong PINs, transactions. It survives a kill.

What may live here: its SQL. What may not: rules (`switch`), card numbers (a card is known by its label).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from xiaopos.simulator.network.cards import Card

_SCHEMA = """
create table if not exists cards (label text primary key, minor integer not null, wrong_pins integer not null);
create table if not exists transactions (
    acquirer text not null, mti text not null, transmitted_at text not null, stan text not null, rrn text not null,
    processing_code text not null, label text not null, asked_minor integer not null, amount_minor integer not null,
    response_code text not null, approval_code text not null, state text not null, refunded_minor integer not null,
    original_rrn text not null, primary key (acquirer, mti, transmitted_at, stan, rrn)
) without rowid;
create table if not exists scripts (rrn text not null, told text not null, primary key (rrn, told)) without rowid;
create index if not exists transactions_by_rrn on transactions (rrn);
"""


@dataclass(frozen=True, slots=True)
class Transaction:
    """One request as the network remembers it. `mti` is that of the first ask; a repeat (0221, 0421) finds the same row.

    `state` is approved, declined, voided, completed (a hold), reversed, or never (a reversal came, its original never
    did). Amounts are minor units. `original_rrn` is what a void, refund or completion follows.
    """

    acquirer: str
    mti: str
    transmitted_at: str
    stan: str
    rrn: str
    processing_code: str
    label: str
    asked_minor: int
    amount_minor: int
    response_code: str
    approval_code: str
    state: str
    refunded_minor: int = 0
    original_rrn: str = ""


_COLUMNS = ", ".join(field.name for field in fields(Transaction))
_KEY = ("acquirer", "mti", "transmitted_at", "stan", "rrn")
_CHANGES = ", ".join(f"{field.name} = excluded.{field.name}" for field in fields(Transaction) if field.name not in _KEY)


class NetworkRecords:
    """The records, in a file or (":memory:") nowhere. Cards that are new get their first balance."""

    def __init__(self, path: Path | str, cards: Iterable[Card]) -> None:
        self._sql = sqlite3.connect(path, isolation_level=None)
        self._sql.execute("pragma journal_mode = wal")
        # NORMAL survives a killed process; only a power cut could lose the last commits of this pretend network.
        self._sql.execute("pragma synchronous = normal")
        self._sql.executescript(_SCHEMA)
        rows = [(card.label, card.balance_minor, card.wrong_pins) for card in cards]
        self._sql.executemany("insert or ignore into cards values (?, ?, ?)", rows)

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

    def balance(self, label: str) -> int:
        """What a card can spend, in minor units. Raises KeyError for an unknown label."""
        return self._card(label)[0]

    def wrong_pins(self, label: str) -> int:
        """How many wrong PINs a card has seen since its last right one."""
        return self._card(label)[1]

    def _card(self, label: str) -> tuple[int, int]:
        row = self._sql.execute("select minor, wrong_pins from cards where label = ?", (label,)).fetchone()
        if row is None:
            raise KeyError(label)
        return int(row[0]), int(row[1])

    def move(self, label: str, minor: int) -> None:
        """Give a card money (a negative amount takes it)."""
        self._sql.execute("update cards set minor = minor + ? where label = ?", (minor, label))

    def count_wrong_pins(self, label: str, count: int) -> None:
        """Remember how many wrong PINs a card has seen."""
        self._sql.execute("update cards set wrong_pins = ? where label = ?", (count, label))

    def find(self, acquirer: str, mti: str, transmitted_at: str, stan: str, rrn: str) -> Transaction | None:
        """The transaction with these numbers."""
        return self._one(
            "acquirer = ? and mti = ? and transmitted_at = ? and stan = ? and rrn = ?",
            (acquirer, mti, transmitted_at, stan, rrn),
        )

    def find_original(self, acquirer: str, mti: str, transmitted_at: str, stan: str) -> Transaction | None:
        """The transaction that original data elements (F90) name."""
        return self._one(
            "acquirer = ? and mti = ? and transmitted_at = ? and stan = ?", (acquirer, mti, transmitted_at, stan)
        )

    def by_rrn(self, acquirer: str, rrn: str) -> Transaction | None:
        """What was asked for first under a reference number: a sale, a hold, a completion, never a reversal."""
        return self._one("acquirer = ? and rrn = ? and mti in ('0100', '0200', '0220')", (acquirer, rrn))

    def _one(self, where: str, values: tuple[str, ...]) -> Transaction | None:
        row = self._sql.execute(f"select {_COLUMNS} from transactions where {where}", values).fetchone()
        return None if row is None else Transaction(*row)

    def transactions(self) -> list[Transaction]:
        """Every transaction, by transmission time and number."""
        query = f"select {_COLUMNS} from transactions order by transmitted_at, rrn, mti"
        return [Transaction(*row) for row in self._sql.execute(query)]

    def keep(self, transaction: Transaction) -> None:
        """Write a transaction, new or changed."""
        marks = ", ".join("?" * len(fields(Transaction)))
        self._sql.execute(
            f"insert into transactions ({_COLUMNS}) values ({marks}) on conflict ({', '.join(_KEY)}) do update set {_CHANGES}",
            astuple(transaction),
        )

    def keep_script(self, rrn: str, told: bytes) -> None:
        """Write what came of a script, by the transaction whose answer brought it. Once."""
        self._sql.execute("insert or ignore into scripts values (?, ?)", (rrn, told.hex().upper()))

    def scripts(self) -> list[tuple[str, str]]:
        """What came of scripts: reference number, and field 55 in hex."""
        return [
            (str(rrn), str(told)) for rrn, told in self._sql.execute("select rrn, told from scripts order by rrn, told")
        ]
