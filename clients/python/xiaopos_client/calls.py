"""The calls of the API, one method each, tried again where trying again is safe.

What may live here: what is sent, when it is sent again, waiting for an outcome. What may not: sockets, JSON of answers.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import date
from types import TracebackType
from typing import Any
from urllib.parse import quote, urlencode

from xiaopos_client.problems import Conflict, MoneyMoved, Problem, ServiceTrouble, TooFast, Unreachable, problem_of
from xiaopos_client.transport import HttpTransport, Transport
from xiaopos_client.values import Page, Payment, page_of, payment_of

ROOT = "/api/v1"
LONGEST_WAIT_S = 25


class Client:
    """A till. Ids come from the till (`make_id`) and are kept before sending: the same call with the same ids is safe to repeat.

    Calls are tried `tries` times when no answer came, the service is in trouble or the key calls too often. Every method
    raises Problem. One client is for one thread; `with Client(...)` closes its connection.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        language: str = "zh-CN",
        tries: int = 4,
        transport: Transport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transport = transport or HttpTransport(base_url)
        self._headers = {"Authorization": f"Bearer {key}", "Accept-Language": language, "Accept": "application/json"}
        self._tries, self._sleep, self._tick = max(1, tries), sleep, tick

    def take(
        self, payment_id: str, *, terminal_id: str, amount_minor: int, payer_code: str, currency: str = "CNY"
    ) -> Payment:
        """Take a payment with the code that the customer shows."""
        return self._new(
            "/payments",
            payment_id=payment_id,
            terminal_id=terminal_id,
            amount_minor=amount_minor,
            currency=currency,
            means="payer_code",
            payer_code=payer_code,
        )

    def show_code(self, payment_id: str, *, terminal_id: str, amount_minor: int, currency: str = "CNY") -> Payment:
        """Begin a payment for which the shop shows a code: `shown_code` is what to draw. Then `await_outcome`, or `cancel`."""
        return self._new(
            "/payments",
            payment_id=payment_id,
            terminal_id=terminal_id,
            amount_minor=amount_minor,
            currency=currency,
            means="shop_code",
        )

    def payment(self, payment_id: str, *, wait_s: int = 0, after_version: int | None = None) -> Payment:
        """A payment now; or, with `wait_s`, as soon as it is past `after_version` (without it: its outcome is known)."""
        asked = {"wait_s": wait_s, **({} if after_version is None else {"after_version": after_version})}
        return payment_of(self._call("GET", f"{_place(payment_id)}?{urlencode(asked)}"))

    def await_outcome(self, payment: Payment, *, patience_s: float = 150.0) -> Payment:
        """The payment once its outcome is known, or as it is when `patience_s` seconds are over (look at `known`)."""
        end = self._tick() + patience_s
        while not payment.known and (left := end - self._tick()) > 0:
            asked_at = self._tick()
            payment = self.payment(payment.payment_id, wait_s=max(1, min(LONGEST_WAIT_S, int(left))))
            if not payment.known and self._tick() - asked_at < 1:
                self._sleep(1)  # the service had no place to let us wait
        return payment

    def capture(self, payment_id: str, capture_id: str, amount_minor: int) -> Payment:
        """Take what a pre-authorisation holds, or less. Returns the capture."""
        return self._new(f"{_place(payment_id)}/captures", capture_id=capture_id, amount_minor=amount_minor)

    def refund(self, payment_id: str, refund_id: str, amount_minor: int) -> Payment:
        """Give back all or part of a payment. Returns the refund."""
        return self._new(f"{_place(payment_id)}/refunds", refund_id=refund_id, amount_minor=amount_minor)

    def void(self, payment_id: str, void_id: str) -> Payment:
        """Void a whole payment before it is settled. Returns the void."""
        return self._new(f"{_place(payment_id)}/void", void_id=void_id)

    def cancel(self, payment_id: str) -> Payment:
        """Give up a payment that the customer has not finished: unpaid it is closed, paid it is given back."""
        return payment_of(self._call("POST", f"{_place(payment_id)}/cancel"))

    def page(self, business_on: date, *, cursor: str | None = None, limit: int = 50) -> Page:
        """A page of a business day, newest first."""
        asked = {"business_on": business_on.isoformat(), "limit": limit, **({"cursor": cursor} if cursor else {})}
        return page_of(self._call("GET", f"/payments?{urlencode(asked)}"))

    def payments_of(self, business_on: date) -> Iterator[Payment]:
        """All payments of a business day, newest first, page by page."""
        cursor: str | None = None
        while True:
            page = self.page(business_on, cursor=cursor)
            yield from page.payments
            cursor = page.next_cursor
            if cursor is None:
                return

    def close(self) -> None:
        """Let go of the connection."""
        self._transport.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _new(self, path: str, **body: str | int) -> Payment:
        """A call that makes something: its own id (the first member) is also its Idempotency-Key."""
        own_id = str(next(iter(body.values())))
        return payment_of(self._call("POST", path, body, {"Idempotency-Key": own_id}))

    def _call(self, method: str, path: str, body: Any = None, more: dict[str, str] | None = None) -> dict[str, Any]:
        for tried in range(1, self._tries):
            try:
                return self._once(method, path, body, more)
            except Problem as problem:
                if not _passes(problem):
                    raise
                self._sleep(problem.retry_after_s or 0.5 * 2**tried)
        return self._once(method, path, body, more)

    def _once(self, method: str, path: str, body: Any, more: dict[str, str] | None) -> dict[str, Any]:
        headers = self._headers | (more or {})
        sent = None
        if body is not None:
            sent, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        elif method == "POST":
            headers["Content-Length"] = "0"
        try:
            answer = self._transport.send(method, ROOT + path, headers, sent)
        except OSError as error:
            moved: MoneyMoved = "no" if method == "GET" else "unknown"
            raise Unreachable("unreachable", f"no answer from the service ({error})", money_moved=moved) from None
        if answer.status >= 300:
            raise problem_of(answer.status, answer.headers, answer.body)
        try:
            told = json.loads(answer.body)
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise ServiceTrouble("not_understood", "the answer is not the service's", status=answer.status)
        return told


def _place(payment_id: str) -> str:
    return f"/payments/{quote(payment_id, safe='')}"


def _passes(problem: Problem) -> bool:
    """Whether the same call may go through a little later."""
    if isinstance(problem, Conflict):
        return problem.reason == "in_progress"
    return isinstance(problem, ServiceTrouble | TooFast | Unreachable)
