"""Codes and orders in the database, as pages read and write them.

What may live here: finding, making, locking, retiring; beginning an order with a wallet. What may not: rules, pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from xiaopos.kernel.ids import MerchantId, PaymentId, ShopId, TerminalId
from xiaopos.kernel.money import Money
from xiaopos.merchants.shop_codes import ShopOrder, StandingCode, Tried
from xiaopos.store.shop_codes.models import ShopCodeRow, ShopOrderRow, ShopOrderTryRow


def keep_code(code: StandingCode) -> None:
    """Write a new code."""
    ShopCodeRow.objects.create(
        token=code.token,
        merchant_id=code.merchant_id,
        shop_id=code.shop_id,
        terminal_id=code.terminal_id,
        label=code.label,
        currency=code.currency,
        locked_minor=code.locked.minor if code.locked else None,
        made_by=code.made_by,
        made_at=code.made_at,
    )


def find_code(token: str) -> StandingCode | None:
    """A code that takes payments; a retired one is as good as none."""
    row = ShopCodeRow.objects.filter(token=token, retired_at=None).first()
    return _code(row) if row else None


def codes_of(merchant_id: str) -> tuple[StandingCode, ...]:
    """A merchant's codes that take payments, newest first."""
    rows = ShopCodeRow.objects.filter(merchant_id=merchant_id, retired_at=None).order_by("-made_at")
    return tuple(_code(row) for row in rows)


def lock_code(token: str, amount: Money | None) -> bool:
    """Let a code take one amount only, or any; whether there was such a code."""
    rows = ShopCodeRow.objects.filter(token=token, retired_at=None)
    return rows.update(locked_minor=amount.minor if amount else None) > 0


def retire_code(token: str, at: datetime) -> bool:
    """Let a code take nothing more; whether it did until now."""
    return ShopCodeRow.objects.filter(token=token, retired_at=None).update(retired_at=at) > 0


def replace_code(token: str, new: StandingCode) -> bool:
    """Retire a code and write another in one commit; nothing when the first is retired already."""
    with transaction.atomic():
        if not retire_code(token, new.made_at):
            return False
        keep_code(new)
    return True


def _code(row: ShopCodeRow) -> StandingCode:
    return StandingCode(
        token=row.token,
        merchant_id=MerchantId(row.merchant_id),
        shop_id=ShopId(row.shop_id),
        terminal_id=TerminalId(row.terminal_id),
        label=row.label,
        currency=row.currency,
        locked=None if row.locked_minor is None else Money(row.locked_minor, row.currency),
        made_by=row.made_by,
        made_at=row.made_at,
        retired_at=row.retired_at,
    )


# -- orders ----------------------------------------------------------------------------------------------------------


def keep_order(order: ShopOrder, made_by: str = "") -> None:
    """Write a new order."""
    ShopOrderRow.objects.create(
        order_id=order.order_id,
        token=order.token,
        code_token=order.code,
        merchant_id=order.merchant_id,
        shop_id=order.shop_id,
        terminal_id=order.terminal_id,
        amount_minor=order.amount.minor,
        currency=order.amount.currency,
        made_by=made_by,
        made_at=order.made_at,
        expires_at=order.expires_at,
    )


def find_order(token: str) -> ShopOrder | None:
    """The order with this token. Two queries."""
    row = ShopOrderRow.objects.filter(token=token).first()
    return _orders([row])[0] if row else None


def orders_of(merchant_id: str, *, most: int = 20) -> tuple[ShopOrder, ...]:
    """A merchant's newest orders that anything was begun for, or that the shop itself made. Two queries."""
    rows = ShopOrderRow.objects.filter(merchant_id=merchant_id).filter(Q(tries__gt=0) | Q(code_token=""))
    return tuple(_orders(list(rows.order_by("-made_at")[:most])))


def begin_try(order: ShopOrder, tried: Tried) -> bool:
    """Write down that an order is begun with a wallet, before the wallet is asked.

    False when the order has moved meanwhile: begun by another page, paid, closed, or its time is over.
    """
    with transaction.atomic():
        open_still = ShopOrderRow.objects.filter(
            order_id=order.order_id,
            tries=len(order.tries),
            kept_payment_id="",
            closed_at=None,
            expires_at__gt=tried.made_at,
        )
        if not open_still.update(tries=F("tries") + 1):
            return False
        ShopOrderTryRow.objects.create(
            payment_id=tried.payment_id,
            order_id=order.order_id,
            place=len(order.tries),
            refund_id=tried.refund_id,
            wallet=tried.wallet,
            made_at=tried.made_at,
        )
    return True


def _orders(rows: Sequence[ShopOrderRow]) -> list[ShopOrder]:
    tries: dict[str, list[Tried]] = {row.order_id: [] for row in rows}
    for one in ShopOrderTryRow.objects.filter(order_id__in=tries).order_by("place"):
        tries[one.order_id].append(Tried(PaymentId(one.payment_id), PaymentId(one.refund_id), one.wallet, one.made_at))
    return [
        ShopOrder(
            order_id=row.order_id,
            token=row.token,
            code=row.code_token,
            merchant_id=MerchantId(row.merchant_id),
            shop_id=ShopId(row.shop_id),
            terminal_id=TerminalId(row.terminal_id),
            amount=Money(row.amount_minor, row.currency),
            made_at=row.made_at,
            expires_at=row.expires_at,
            kept=row.kept_payment_id,
            closed_at=row.closed_at,
            tries=tuple(tries[row.order_id]),
        )
        for row in rows
    ]
