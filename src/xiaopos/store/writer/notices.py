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
from xiaopos.usecases.notices import KeptSignature, Notice, ScriptNotice, TerminalStatus
from xiaopos.usecases.ports import Change

STATUS_COLUMNS = ("terminal_id", "told_at", "header", "content")
SCRIPT_COLUMNS = (
    "merchant_id", "payment_id", "terminal_id", "batch_number", "stan", "told_at", "result", "chip",
)  # fmt: skip
SIGNATURE_COLUMNS = ("merchant_id", "payment_id", "terminal_id", "told_at", "sealed")

_TABLES: dict[type[Notice], tuple[str, tuple[str, ...]]] = {
    TerminalStatus: ("terminal_status", STATUS_COLUMNS),
    ScriptNotice: ("script_notice", SCRIPT_COLUMNS),
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
