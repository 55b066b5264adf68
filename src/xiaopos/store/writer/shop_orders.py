"""Orders of shops' codes for the process that looks after them, without Django.

What may live here: the Orders role in SQL. What may not: what an order asks for (usecases.pay_order).
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from datetime import datetime
from typing import Any

from xiaopos.kernel.ids import MerchantId, PaymentId, ShopId, TerminalId
from xiaopos.kernel.money import Money
from xiaopos.merchants.shop_codes import ShopOrder, Tried
from xiaopos.payments.states import State
from xiaopos.store.payments.repo import as_instant
from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.statements import Execute, Select, Statement

AT_ONCE = 100

_ORDERS = (
    "SELECT order_id, token, code_token, merchant_id, shop_id, terminal_id, amount_minor, currency, made_at, expires_at, "
    "kept_payment_id FROM shop_order WHERE closed_at IS NULL AND (expires_at <= ? OR EXISTS (SELECT 1 FROM shop_order_try "
    "JOIN payment ON payment.merchant_id = shop_order.merchant_id AND payment.payment_id = shop_order_try.payment_id "
    "WHERE shop_order_try.order_id = shop_order.order_id AND payment.state = ?)) ORDER BY expires_at LIMIT ?"
)
_TRIES = "SELECT payment_id, refund_id, wallet, made_at, refused FROM shop_order_try WHERE order_id = ? ORDER BY place"


class ShopOrders:
    """See Orders."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def to_look_after(self, now: datetime) -> Sequence[ShopOrder]:
        """See Orders. So many at once at most, those whose time is over first."""
        rows = await self._engine.select(Select(_ORDERS, (now, State.APPROVED.value, AT_ONCE)))
        return [_order(row, await self._engine.select(Select(_TRIES, (row[0],)))) for row in rows]

    async def keep(self, order_id: str, payment_id: str) -> str:
        """See Orders."""

        def steps() -> Generator[Statement, Any, str]:
            yield Execute(
                "UPDATE shop_order SET kept_payment_id = ? WHERE order_id = ? AND kept_payment_id = ''",
                (payment_id, order_id),
            )
            rows = yield Select("SELECT kept_payment_id FROM shop_order WHERE order_id = ?", (order_id,))
            return str(rows[0][0])

        return await self._engine.run(steps)

    async def close(self, order: ShopOrder, at: datetime) -> bool:
        """See Orders."""

        def steps() -> Generator[Statement, Any, bool]:
            closed = yield Execute(
                "UPDATE shop_order SET closed_at = ? WHERE order_id = ? AND closed_at IS NULL AND tries = ?",
                (at, order.order_id, len(order.tries)),
            )
            return bool(closed)

        return await self._engine.run(steps)


def _order(row: Sequence[Any], tries: Sequence[Sequence[Any]]) -> ShopOrder:
    order_id, token, code, merchant_id, shop_id, terminal_id, minor, currency, made_at, expires_at, kept = row
    return ShopOrder(
        order_id=order_id,
        token=token,
        code=code,
        merchant_id=MerchantId(merchant_id),
        shop_id=ShopId(shop_id),
        terminal_id=TerminalId(terminal_id),
        amount=Money(minor, currency),
        made_at=as_instant(made_at),
        expires_at=as_instant(expires_at),
        kept=kept,
        tries=tuple(
            Tried(PaymentId(payment_id), PaymentId(refund_id), wallet, as_instant(at), refused)
            for payment_id, refund_id, wallet, at, refused in tries
        ),
    )
