"""Reading terminals with their merchants' terms, many at once.

What may live here: the query and its mapping to TerminalFacts. What may not: deciding anything from them.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from xiaopos.kernel.ids import MerchantId, ShopId, TerminalId
from xiaopos.kernel.money import Rate
from xiaopos.keys import WrappedKey
from xiaopos.payments.decisions import Limits
from xiaopos.settlement.prices import Price, PricePlan
from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.statements import Select
from xiaopos.usecases.ports import TerminalFacts

_SQL = """
SELECT t.terminal_id, t.merchant_id, t.shop_id, t.active, m.active, t.profile, t.batch_number,
       t.signed_in_at IS NOT NULL, t.tmk, t.tpk, t.tak, t.tdk,
       x.currency, x.payment_limit_minor, x.completion_percent, x.preauth_days,
       p.plan_id, p.prices, p.refund_returns_fee, m.zone, m.cut_over_hour, m.name
FROM terminal t
JOIN merchant m ON m.merchant_id = t.merchant_id
JOIN merchant_terms x ON x.merchant_id = t.merchant_id AND x.valid_from = (
    SELECT MAX(y.valid_from) FROM merchant_terms y WHERE y.merchant_id = t.merchant_id AND y.valid_from <= ?)
JOIN price_plan p ON p.plan_id = x.plan_id
WHERE t.terminal_id IN ({marks})
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
        currency, limit, completion_percent, preauth_days, plan_id, prices, returns_fee, zone, cut_over_hour, name,
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
        Limits(currency, limit, completion_percent, preauth_days),
        PricePlan(plan_id, _prices(prices), bool(returns_fee)),
        zone,
        cut_over_hour,
        name,
    )


def _key(text: str) -> WrappedKey | None:
    return WrappedKey.from_text(text) if text else None


def _prices(text: str) -> dict[str, Price]:
    return {kind: Price(Rate(row["ppm"]), row["cap_minor"]) for kind, row in json.loads(text).items()}
