"""The pretend WeChat Pay's notifications (支付结果通知): a paid order is told to its `notify_url` until somebody accepts it.

What may live here: when and what is told, and how often again. What may not: what an order becomes (`wallet.trades`), receiving
(web). Only addresses of this machine are told: a pretend wallet calls nobody else.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from xiaopos.kernel.clock import Clock
from xiaopos.simulator.wallet.records import Order
from xiaopos.simulator.wallet.trades import Trades
from xiaopos.simulator.wechat_pay.orders import Asking, Body, order_shown, stamp

AGAIN_AFTER_S = (15, 15, 30, 180, 600, 1_200, 1_800, 1_800, 1_800, 3_600, 10_800, 10_800, 10_800, 21_600, 21_600)
"""How long WeChat Pay waits before it tells again, over a day and four hours; then never."""

_LOOK_EVERY_S = 0.1
_PATIENCE = aiohttp.ClientTimeout(total=5.0)
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

Seal = Callable[[str, bytes, str], Body]
"""Seals bytes for a merchant, with what goes along openly: `seal(mchid, plaintext, associated_data)`."""
Sign = Callable[[bytes], Mapping[str, str]]
"""The headers that sign a body."""


@dataclass(slots=True)
class _Watched:
    url: str
    asking: Asking
    notice_id: str
    tries: int = 0
    next_at_s: float = 0.0


class Notifier:
    """Watches orders and tells of those that are paid. `entropy(n)` gives n random bytes."""

    def __init__(
        self, trades: Trades, clock: Clock, *, seal: Seal, sign: Sign, entropy: Callable[[int], bytes]
    ) -> None:
        self._trades = trades
        self._clock = clock
        self._seal = seal
        self._sign = sign
        self._entropy = entropy
        self._watched: dict[str, _Watched] = {}
        self._task: asyncio.Task[None] | None = None

    def watch(self, out_trade_no: str, url: str, asking: Asking) -> None:
        """Tell of this order once it is paid. An address elsewhere than on this machine is never told."""
        if urlsplit(url).hostname in _LOOPBACK:
            self._watched.setdefault(out_trade_no, _Watched(url, asking, self._entropy(16).hex()))

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
        body = json.dumps(self._notice(order, watched), ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", **self._sign(body)}
        try:
            async with session.post(watched.url, data=body, headers=headers, allow_redirects=False) as answer:
                return answer.status in (200, 204)
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    def _notice(self, order: Order, watched: _Watched) -> Body:
        told = json.dumps(order_shown(order, watched.asking), ensure_ascii=False).encode()
        return {
            "id": watched.notice_id,
            "create_time": stamp(int(self._clock.now().timestamp())),
            "resource_type": "encrypt-resource",
            "event_type": "TRANSACTION.SUCCESS",
            "summary": "支付成功",
            "resource": {"original_type": "transaction", **self._seal(watched.asking.mchid, told, "transaction")},
        }
