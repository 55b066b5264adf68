"""What terminals tell of themselves, of scripts and signatures: rows and back.

What may live here: columns and mapping. What may not: what they mean, statements of other tables.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from typing import Any

from xiaopos.kernel.ids import MerchantId, PaymentId, TerminalId
from xiaopos.store.payments.repo import as_instant
from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.statements import Insert, Row, Select, Statement
from xiaopos.usecases.notices import KeptSignature, Notice, ScriptNotice, ScriptPassedOn, TerminalStatus
from xiaopos.usecases.ports import Change

STATUS_COLUMNS = ("terminal_id", "told_at", "header", "content")
SCRIPT_COLUMNS = (
    "merchant_id", "payment_id", "terminal_id", "batch_number", "stan", "told_at", "result", "chip",
)  # fmt: skip
PASSED_ON_COLUMNS = ("merchant_id", "payment_id", "batch_number", "stan", "passed_on_at", "response_code")
SIGNATURE_COLUMNS = ("merchant_id", "payment_id", "terminal_id", "told_at", "sealed")

_TABLES: dict[type[Notice], tuple[str, tuple[str, ...]]] = {
    TerminalStatus: ("terminal_status", STATUS_COLUMNS),
    ScriptNotice: ("script_notice", SCRIPT_COLUMNS),
    ScriptPassedOn: ("script_passed_on", PASSED_ON_COLUMNS),
    KeptSignature: ("signature", SIGNATURE_COLUMNS),
}


def keep_notices(changes: Sequence[Change]) -> Generator[Statement, Any, None]:
    """Write the notices of a commit; what is kept already stays as it is."""
    notices = [notice for change in changes if change.notices for notice in change.notices]
    for kind, (table, columns) in _TABLES.items() if notices else ():
        rows = [_row(notice, columns) for notice in notices if isinstance(notice, kind)]
        if rows:
            yield Insert(table, columns, rows, "DO NOTHING")


def _row(notice: Notice, columns: tuple[str, ...]) -> Row:
    values = [getattr(notice, column) for column in columns]
    return [json.dumps(dict(value)) if isinstance(value, tuple) else value for value in values]


async def recall_signature(engine: Engine, merchant_id: MerchantId, payment_id: PaymentId) -> KeptSignature | None:
    """See Books."""
    sql = f"SELECT {', '.join(SIGNATURE_COLUMNS)} FROM signature WHERE merchant_id = ? AND payment_id = ?"
    rows = await engine.select(Select(sql, (merchant_id, payment_id)))
    if not rows:
        return None
    merchant, payment, terminal, told_at, sealed = rows[0]
    return KeptSignature(MerchantId(merchant), PaymentId(payment), TerminalId(terminal), as_instant(told_at), sealed)


async def recall_scripts(engine: Engine, merchant_id: MerchantId, payment_id: PaymentId) -> Sequence[ScriptNotice]:
    """See Books."""
    columns = ", ".join(f"told.{column}" for column in SCRIPT_COLUMNS)
    sql = (
        f"SELECT {columns} FROM script_notice told LEFT JOIN script_passed_on passed ON passed.merchant_id = told.merchant_id "
        "AND passed.payment_id = told.payment_id AND passed.batch_number = told.batch_number AND passed.stan = told.stan "
        "WHERE told.merchant_id = ? AND told.payment_id = ? AND passed.stan IS NULL ORDER BY told.told_at, told.stan"
    )
    rows = await engine.select(Select(sql, (merchant_id, payment_id)))
    return [
        ScriptNotice(
            MerchantId(merchant), PaymentId(payment), TerminalId(terminal), batch_number, stan, as_instant(told_at), result,
            tuple(json.loads(chip).items()),
        )
        for merchant, payment, terminal, batch_number, stan, told_at, result, chip in rows
    ]  # fmt: skip
