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
from xiaopos.store.audit.trail import AuditEntry, append
from xiaopos.store.shop_codes.models import ShopCodeRow, ShopOrderRow, ShopOrderTryRow
from xiaopos.usecases.actors import Actor


def find_code(token: str) -> StandingCode | None:
    """A code that takes payments; a retired one is as good as none."""
    row = ShopCodeRow.objects.filter(token=token, retired_at=None).first()
    return _code(row) if row else None


def codes_of(merchant_id: str) -> tuple[StandingCode, ...]:
    """A merchant's codes that take payments, newest first."""
    rows = ShopCodeRow.objects.filter(merchant_id=merchant_id, retired_at=None).order_by("-made_at", "token")
    return tuple(_code(row) for row in rows)


class CodeRows:
    """See CodeBook."""

    def of(self, merchant_id: str, token: str) -> StandingCode | None:
        """See CodeBook."""
        code = find_code(token)
        return code if code is not None and code.merchant_id == merchant_id else None

    def make(self, code: StandingCode, actor: Actor) -> None:
        """See CodeBook."""
        with transaction.atomic():
            _write(code)
            _append("make_shop_code", code, actor, code.made_at)

    def lock(self, code: StandingCode, amount: Money | None, actor: Actor, at: datetime) -> bool:
        """See CodeBook."""
        with transaction.atomic():
            rows = ShopCodeRow.objects.filter(token=code.token, retired_at=None)
            if not rows.update(locked_minor=amount.minor if amount else None):
                return False
            _append("lock_shop_code", code, actor, at, amount=str(amount) if amount else "")
        return True

    def rotate(self, code: StandingCode, new: StandingCode, actor: Actor) -> bool:
        """See CodeBook."""
        with transaction.atomic():
            if not _retire(code.token, new.made_at):
                return False
            _write(new)
            _append("rotate_shop_code", new, actor, new.made_at)
        return True

    def retire(self, code: StandingCode, actor: Actor, at: datetime) -> bool:
        """See CodeBook."""
        with transaction.atomic():
            if not _retire(code.token, at):
                return False
            _append("retire_shop_code", code, actor, at)
        return True


def _write(code: StandingCode) -> None:
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


def _retire(token: str, at: datetime) -> bool:
    return ShopCodeRow.objects.filter(token=token, retired_at=None).update(retired_at=at) > 0


def _append(action: str, code: StandingCode, actor: Actor, at: datetime, **detail: str) -> None:
    entry = AuditEntry(
        actor=actor.username,
        role=actor.role,
        action=action,
        merchant_id=code.merchant_id,
        object_kind="shop_code",
        object_id=code.token,
        reason=actor.reason,
        detail={"label": code.label, "terminal": code.terminal_id, **detail},
    )
    append(entry, at=at)


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


def refuse_try(payment_id: str, why: str) -> None:
    """Write down that the house took no such payment."""
    ShopOrderTryRow.objects.filter(payment_id=payment_id).update(refused=why)


def _orders(rows: Sequence[ShopOrderRow]) -> list[ShopOrder]:
    tries: dict[str, list[Tried]] = {row.order_id: [] for row in rows}
    for one in ShopOrderTryRow.objects.filter(order_id__in=tries).order_by("place"):
        tried = Tried(PaymentId(one.payment_id), PaymentId(one.refund_id), one.wallet, one.made_at, one.refused)
        tries[one.order_id].append(tried)
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
