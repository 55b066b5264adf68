"""Lays payments of earlier days in, by copying a real one as often as asked: quick, and as the product writes them.

What may live here: the SQL that multiplies a payment with its moves and ledger rows. What may not: a column's meaning beyond
what must differ from one payment to the next.

A thousand merchants, a year of days; the copies differ in merchant, id, day, numbers, hashes and card. Rows are laid in by
key, indexes that are no constraint are made afterwards.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import psycopg

from bench.world import MERCHANT

TABLES = ("payment", "payment_move", "ledger_leg")
MERCHANTS = 1_000
DAYS = 365
CARDS_SHARE = 4
"""Payments per card."""

_SAME = {
    "account": "replace(t.account, '{old}', {merchant})",
    "merchant_id": "{merchant}",
}
_SQLITE = {
    "merchant": "printf('%015d', {base} + m)",
    "payment_id": "printf('%012x%020x', strftime('%s', day) * 1000, i)",
    "business_on": "day",
    "rrn": "substr(day, 4, 1) || strftime('%j', day) || printf('%08d', i % 100000000)",
    "stan": "k % 999999 + 1",
    "content_hash": "printf('%064x', i)",
    "card_token": "printf('%064x', i / {cards})",
    "instant": "day || substr(t.{column}, 11)",
    "series": "WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i + 1 < {count}), "
    "d AS (SELECT i, i / {per} AS m, i % {per} AS k, "
    "date('now', '-' || ({days} - (i % {per}) * {days} / {per}) || ' days') AS day FROM s) ",
}
_POSTGRES = {
    "merchant": "lpad(({base} + m)::text, 15, '0')",
    "payment_id": "lpad(to_hex(extract(epoch FROM day)::bigint * 1000), 12, '0') || lpad(to_hex(i), 20, '0')",
    "business_on": "day",
    "rrn": "right(extract(year FROM day)::text, 1) || to_char(day, 'DDD') || lpad((i % 100000000)::text, 8, '0')",
    "stan": "k % 999999 + 1",
    "content_hash": "lpad(to_hex(i), 64, '0')",
    "card_token": "lpad(to_hex(i / {cards}), 64, '0')",
    "instant": "t.{column} - (current_date - day) * interval '1 day'",
    "series": "WITH d AS (SELECT i, i / {per} AS m, i % {per} AS k, "
    "current_date - ({days} - (i % {per}) * {days} / {per})::int AS day "
    "FROM generate_series(0::bigint, {count} - 1) AS s(i)) ",
}


def lay_in(database: str, count: int) -> float:
    """Multiply the first approved payment of a database; returns the bytes on disk that each copy takes."""
    return _lay_in_postgres(database, count) if "://" in database else _lay_in_sqlite(database, count)


def _statement(table: str, columns: dict[str, bool], dialect: dict[str, str], count: int, old: str) -> str:
    """The INSERT of one table. `columns` says of each whether it holds an instant."""
    numbers = {"count": count, "per": -(-count // MERCHANTS), "days": DAYS, "cards": CARDS_SHARE, "base": int(MERCHANT)}
    merchant = dialect["merchant"].format(**numbers)
    values = []
    for column, is_instant in columns.items():
        expression = _SAME.get(column) or dialect.get(column) or (dialect["instant"] if is_instant else "t.{quoted}")
        values.append(expression.format(**numbers, column=column, quoted=f'"{column}"', merchant=merchant, old=old))
    names = ", ".join(f'"{column}"' for column in columns)
    series = dialect["series"].format(**numbers)
    return f"{series}INSERT INTO {table} ({names}) SELECT {', '.join(values)} FROM d CROSS JOIN one_{table} t"


_ONE = "CREATE TEMP TABLE one_{table} AS SELECT * FROM {table} WHERE payment_id = '{payment_id}'"
_FIRST = "SELECT payment_id, merchant_id FROM payment WHERE state = 'approved' ORDER BY payment_id LIMIT 1"


def _lay_in_sqlite(database: str, count: int) -> float:
    path = Path(database)
    books = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in ("wal_checkpoint(TRUNCATE)", "journal_mode=DELETE", "journal_mode=OFF", "synchronous=OFF"):
            books.execute(f"PRAGMA {pragma}")
        books.execute("PRAGMA cache_size=-524288")
        before = path.stat().st_size
        payment_id, old = books.execute(_FIRST).fetchone()
        indexes = books.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN (?, ?, ?)",
            TABLES,
        ).fetchall()
        for name, _ in indexes:
            books.execute(f"DROP INDEX {name}")
        for table in TABLES:
            books.execute(_ONE.format(table=table, payment_id=payment_id))
            columns = {row[1]: row[2] == "datetime" for row in books.execute(f"PRAGMA table_info({table})")}
            books.execute(_statement(table, columns, _SQLITE, count, old))
        for _, sql in indexes:
            books.execute(sql)
        books.execute("PRAGMA journal_mode=WAL")
    finally:
        books.close()
    return (path.stat().st_size - before) / count


def _lay_in_postgres(database: str, count: int) -> float:
    with psycopg.connect(database, autocommit=True) as books:

        def ask(sql: str, *values: object) -> list[tuple[Any, ...]]:
            cursor = books.execute(sql.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

        ask("SET synchronous_commit = off")
        ask("ALTER SYSTEM SET max_wal_size = '8GB'")
        ask("SELECT pg_reload_conf()")
        ((before,),) = ask("SELECT pg_database_size(current_database())")
        ((payment_id, old),) = ask(_FIRST)
        indexes = ask(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) "
            "AND indexname NOT IN (SELECT conname FROM pg_constraint)",
            list(TABLES),
        )
        for name, _ in indexes:
            ask(f'DROP INDEX "{name}"')
        for table in TABLES:
            ask(_ONE.format(table=table, payment_id=payment_id))
            kinds = ask("SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s", table)
            columns = {name: kind.startswith("timestamp") for name, kind in kinds}
            ask(_statement(table, columns, _POSTGRES, count, old))
        for _, sql in indexes:
            ask(sql)
        for table in TABLES:
            ask(f"VACUUM ANALYZE {table}")
        ask("ALTER SYSTEM RESET max_wal_size")
        ask("SELECT pg_reload_conf()")
        ask("CHECKPOINT")
        ((after,),) = ask("SELECT pg_database_size(current_database())")
    return float(after - before) / count
