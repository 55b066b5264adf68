"""Terminals for the writer: reading them with their merchants' terms, changing them, what they download.

What may live here: those statements and their mapping. What may not: deciding anything.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Generator, Sequence
from datetime import date
from typing import Any

from xiaopos.fleet.asks import TerminalAsk
from xiaopos.fleet.downloads import DownloadKind, DownloadRow
from xiaopos.kernel.ids import MerchantId, ShopId, TerminalId
from xiaopos.kernel.money import Rate
from xiaopos.keys import WrappedKey
from xiaopos.payments.decisions import Limits
from xiaopos.settlement.prices import Price, PricePlan
from xiaopos.store.payments.repo import as_date
from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.notices import keep_notices
from xiaopos.store.writer.statements import Execute, Select, Statement, Update
from xiaopos.usecases.ports import Change, TerminalFacts

_SQL = """
SELECT t.terminal_id, t.merchant_id, t.shop_id, t.active, m.active, t.profile, t.batch_number,
       t.signed_in_at IS NOT NULL, t.tmk, t.tpk, t.tak, t.tdk,
       x.currency, x.payment_limit_minor, x.completion_percent, x.preauth_days, x.tip_percent,
       p.plan_id, p.prices, p.refund_returns_fee, m.zone, m.cut_over_hour, m.name,
       (SELECT a.ask FROM terminal_ask a WHERE a.terminal_id = t.terminal_id AND a.done_at IS NULL
        ORDER BY a.urgency, a.asked_at LIMIT 1),
       b.terminal_id IS NULL OR (b.state IN ('bound', 'proved')
        AND b.serial = t.serial AND b.merchant_id = t.merchant_id AND b.shop_id = t.shop_id)
FROM terminal t
JOIN merchant m ON m.merchant_id = t.merchant_id
JOIN merchant_terms x ON x.merchant_id = t.merchant_id AND x.valid_from = (
    SELECT MAX(y.valid_from) FROM merchant_terms y
    WHERE y.merchant_id = t.merchant_id AND y.valid_from <= ? AND y.approver <> '')
JOIN price_plan p ON p.plan_id = x.plan_id
LEFT JOIN terminal_binding b ON b.terminal_id = t.terminal_id
WHERE t.terminal_id IN ({marks})
"""

_COMPLIED_SQL = """
UPDATE terminal_ask SET done_at = ?, ended = 'complied'
WHERE terminal_id = ? AND ask = ? AND done_at IS NULL AND asked_at <= ?
"""
_DOWNLOAD_SQL = """
SELECT row_key, profile, valid_from, content FROM terminal_download
WHERE kind = ? AND profile IN ('', ?) AND valid_from <= ? AND approver <> ''
"""


async def recall_terminals(engine: Engine, terminal_ids: Sequence[TerminalId], on: date) -> list[TerminalFacts]:
    """The known ones of the terminals, with the terms that are valid on the day."""
    width = 1 << (len(terminal_ids) - 1).bit_length()
    padded = list(terminal_ids) + [terminal_ids[-1]] * (width - len(terminal_ids))
    sql = _SQL.format(marks=", ".join("?" * width))
    return [_facts(*row) for row in await engine.select(Select(sql, (on, *padded)))]


@functools.lru_cache(maxsize=16_384)
def _facts(*row: Any) -> TerminalFacts:
    (
        terminal_id, merchant_id, shop_id, active, merchant_active, profile, batch_number, signed_in, tmk, tpk, tak, tdk,
        currency, limit, completion_percent, preauth_days, tip_percent, plan_id, prices, returns_fee, zone, cut_over_hour, name,
        asked, bound,
    ) = row  # fmt: skip
    return TerminalFacts(
        TerminalId(terminal_id),
        MerchantId(merchant_id),
        ShopId(shop_id),
        bool(active),
        bool(merchant_active),
        profile,
        batch_number,
        bool(signed_in),
        _key(tmk),
        _key(tpk),
        _key(tak),
        _key(tdk),
        Limits(currency, limit, completion_percent, preauth_days, tip_percent),
        PricePlan(plan_id, _prices(prices), bool(returns_fee)),
        zone,
        cut_over_hour,
        name,
        TerminalAsk(asked) if asked else None,
        bool(bound),
    )


def _key(text: str) -> WrappedKey | None:
    return WrappedKey.from_text(text) if text else None


def _prices(text: str) -> dict[str, Price]:
    return {kind: Price(Rate(row["ppm"]), row["cap_minor"]) for kind, row in json.loads(text).items()}


def change_terminals(changes: Sequence[Change]) -> Generator[Statement, Any, None]:
    """Write what a commit's messages tell, and what they change of their terminals."""
    yield from keep_notices(changes)
    for change in changes:
        terminal = change.terminal
        if terminal is None:
            continue
        values: dict[str, Any] = {"last_seen_at": terminal.at}
        for name in ("tpk", "tak", "tdk"):
            key = getattr(terminal, name)
            if key is not None:
                values[name] = key.text()
        if terminal.signed_in is not None:
            values["signed_in_at"] = terminal.at if terminal.signed_in else None
        if terminal.batch_number is not None:
            values["batch_number"] = terminal.batch_number
        yield Update("terminal", tuple(values), ("terminal_id",), [(*values.values(), terminal.terminal_id)])
        if terminal.complied is not None:
            yield Execute(_COMPLIED_SQL, (terminal.at, terminal.terminal_id, terminal.complied.value, terminal.at))


async def recall_downloads(engine: Engine, kind: DownloadKind, profile: str, on: date) -> list[DownloadRow]:
    """See Books."""
    rows = await engine.select(Select(_DOWNLOAD_SQL, (kind.value, profile, on)))
    return [DownloadRow(kind, key, own, as_date(valid_from), content) for key, own, valid_from, content in rows]
