"""The pretend Alipay's notifications (异步通知): an order that is paid is told to its `notify_url` until somebody says `success`.

What may live here: when and what is told, and how often again. What may not: what an order becomes (`wallet.trades`), receiving
(hosts). Only addresses of this machine are told: a pretend wallet calls nobody else.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from xiaopos.gateways.alipay.notices import ACCEPTED
from xiaopos.gateways.alipay.signing import notified_text
from xiaopos.kernel.clock import Clock
from xiaopos.kernel.money import Money
from xiaopos.simulator.alipay.methods import logon_of, stamp
from xiaopos.simulator.alipay.words import STATUS
from xiaopos.simulator.wallet.records import Order
from xiaopos.simulator.wallet.trades import Trades

AGAIN_AFTER_S = (240, 600, 600, 3_600, 7_200, 21_600, 54_000)
"""How long Alipay waits before it tells again: 4, 10 and 10 minutes, 1, 2, 6 and 15 hours; then never."""

_LOOK_EVERY_S = 0.1
_PATIENCE = aiohttp.ClientTimeout(total=5.0)
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(slots=True)
class _Watched:
    url: str
    app_id: str
    seller_id: str
    notify_id: str
    tries: int = 0
    next_at_s: float = 0.0


class Notifier:
    """Watches orders and tells of those that are paid. `sign` makes Alipay's signature, `entropy(n)` n random bytes."""

    def __init__(
        self, trades: Trades, clock: Clock, *, sign: Callable[[bytes], bytes], entropy: Callable[[int], bytes]
    ) -> None:
        self._trades = trades
        self._clock = clock
        self._sign = sign
        self._entropy = entropy
        self._watched: dict[str, _Watched] = {}
        self._task: asyncio.Task[None] | None = None

    def watch(self, out_trade_no: str, url: str, *, app_id: str, seller_id: str) -> None:
        """Tell of this order once it is paid. An address elsewhere than on this machine is never told."""
        if urlsplit(url).hostname in _LOOPBACK:
            self._watched.setdefault(out_trade_no, _Watched(url, app_id, seller_id, self._entropy(16).hex()))

    async def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._look())

    async def stop(self) -> None:
        """Look no more; what waits is told after the next start."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _look(self) -> None:
        async with aiohttp.ClientSession(timeout=_PATIENCE) as session:
            while True:
                for number, watched in list(self._watched.items()):
                    await self._tell_when_paid(session, number, watched)
                await asyncio.sleep(_LOOK_EVERY_S)

    async def _tell_when_paid(self, session: aiohttp.ClientSession, number: str, watched: _Watched) -> None:
        order = self._trades.records.order(number)
        now_s = self._clock.now().timestamp()
        if order is None or order.state in ("CLOSED", "REVOKED", "PAYERROR"):
            del self._watched[number]
            return
        if order.state not in ("SUCCESS", "REFUNDED") or now_s < watched.next_at_s:
            return
        if await self._is_accepted(session, order, watched) or watched.tries == len(AGAIN_AFTER_S):
            del self._watched[number]
            return
        watched.next_at_s = now_s + AGAIN_AFTER_S[watched.tries]
        watched.tries += 1

    async def _is_accepted(self, session: aiohttp.ClientSession, order: Order, watched: _Watched) -> bool:
        try:
            async with session.post(watched.url, data=self._form(order, watched), allow_redirects=False) as answer:
                return await answer.content.read(len(ACCEPTED) + 1) == ACCEPTED
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    def _form(self, order: Order, watched: _Watched) -> dict[str, str]:
        yuan = Money(order.amount_minor).decimal()
        form = {
            "notify_time": stamp(int(self._clock.now().timestamp())),
            "notify_type": "trade_status_sync",
            "notify_id": watched.notify_id,
            "app_id": watched.app_id,
            "charset": "utf-8",
            "version": "1.0",
            "sign_type": "RSA2",
            "trade_no": order.transaction_id,
            "out_trade_no": order.out_trade_no,
            "seller_id": watched.seller_id,
            "buyer_logon_id": logon_of(order),
            "trade_status": STATUS[order.state],
            "total_amount": yuan,
            "receipt_amount": yuan,
            "buyer_pay_amount": yuan,
            "gmt_create": stamp(order.made_at_s),
            "gmt_payment": stamp(order.made_at_s),
        }
        return {**form, "sign": base64.b64encode(self._sign(notified_text(form))).decode()}
