"""Statements as values: the same shapes for SQLite and PostgreSQL.

What may live here: what a batch wants done, and the types of the columns. What may not: a connection, a driver's dialect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Row = Sequence[Any]

INSTANTS = frozenset(
    {
        "received_at", "terminal_time", "decided_at", "posted_at", "due_at", "lease_until", "created_at", "done_at",
        "found_at", "closed_at", "told_at", "passed_on_at", "at", "minute_at", "signed_in_at", "last_seen_at",
        "asked_at",
    }
)  # fmt: skip
DATES = frozenset({"business_on", "valid_from"})
INTEGERS = frozenset(
    {
        "amount_minor", "fee_minor", "refunding_minor", "refunded_minor", "batch_number", "stan", "version", "attempts",
        "leg_number", "next_number", "uses", "next_batch", "debit_count", "debit_minor", "credit_count", "credit_minor",
        "theirs_debit_count", "theirs_debit_minor", "theirs_credit_count", "theirs_credit_minor", "took", "payments",
    }
)  # fmt: skip
FLAGS = frozenset({"ours", "balanced", "advice"})


@dataclass(frozen=True, slots=True)
class Insert:
    """Insert rows. `conflict` is what follows ON CONFLICT, or nothing; the result is how many rows went in."""

    table: str
    columns: tuple[str, ...]
    rows: Sequence[Row]
    conflict: str = ""


@dataclass(frozen=True, slots=True)
class Update:
    """Update one row for each of `rows`, which hold the values of `columns`, then those of `keys`.

    The result is how many rows were changed.
    """

    table: str
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Select:
    """A query with `?` for each of `values`; the result is its rows."""

    sql: str
    values: Row


@dataclass(frozen=True, slots=True)
class Execute:
    """Any other statement with `?` for each of `values`; the result is how many rows it changed."""

    sql: str
    values: Row


Statement = Insert | Update | Select | Execute
