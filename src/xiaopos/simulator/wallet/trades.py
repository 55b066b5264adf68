"""The pretend wallet's rules: what an order may become, who pays, what is paid back.

What may live here: decisions and the balances they move, one method per verb. What may not: HTTP, signatures, moods.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from xiaopos.kernel.clock import Clock
from xiaopos.simulator.wallet.customers import CUSTOMERS, Customer
from xiaopos.simulator.wallet.records import Order, Refund, WalletRecords

Body = Mapping[str, object]
CODE_PREFIX = "99"
CODE_DIGITS = 18
SHOP_CODE_SCHEME = "xiaopos-sandbox:pay/"
PASSWORD_TRIES = 3
_OPEN = ("USERPAYING", "NOTPAY")


@dataclass(frozen=True, slots=True)
class WalletTerms:
    """The wallet's terms: the merchants' currency, above which amount a customer must confirm, how long things live, and what
    its codes look like: the first digits of a customer's and how many it has, what stands before the token in a shop's.
    """

    currency: str = "CNY"
    confirm_above_minor: int = 20_000
    code_lives_s: int = 60
    payer_order_lives_s: int = 60
    shop_order_lives_s: int = 300
    code_prefix: str = CODE_PREFIX
    code_digits: int = CODE_DIGITS
    shop_code_scheme: str = SHOP_CODE_SCHEME


@dataclass(slots=True)
class _Code:
    customer_id: str
    made_at_s: int
    used_by: str = ""


@dataclass(frozen=True, slots=True)
class WrongPassword:
    """How many tries are left; none means that the payment is refused."""

    tries_left: int


class Trades:
    """Orders and balances. `entropy(n)` gives n random bytes for codes and numbers."""

    def __init__(
        self,
        path: Path | str,
        *,
        clock: Clock,
        entropy: Callable[[int], bytes],
        terms: WalletTerms = WalletTerms(),
        customers: Iterable[Customer] = CUSTOMERS,
    ) -> None:
        self.customers = {customer.customer_id: customer for customer in customers}
        self.records = WalletRecords(path, self.customers.values())
        self._clock = clock
        self._entropy = entropy
        self._terms = terms
        self._codes: dict[str, _Code] = {}
        self._wrong: dict[str, int] = {}

    def close(self) -> None:
        """Give the file back."""
        self.records.close()

    def _now_s(self) -> int:
        return int(self._clock.now().timestamp())

    def _number(self, prefix: str, digits: int) -> str:
        return prefix + str(int.from_bytes(self._entropy(16), "big"))[-(digits - len(prefix)) :].zfill(
            digits - len(prefix)
        )

    # -- what a merchant asks ----------------------------------------------------------------------------------------

    def pay(self, body: Body) -> dict[str, object]:
        """Take a payment with a customer's code: at once, or after the customer's confirmation above the threshold."""
        order = self._wanted(body, "payer_code")
        if isinstance(order, dict):
            return order
        known = self._known(order.out_trade_no)
        if known is not None:
            return self._repeat(known, order)
        code = self._codes.get(str(body.get("auth_code", "")))
        if code is None:
            return _error("AUTH_CODE_UNKNOWN")
        if code.used_by or self._now_s() - code.made_at_s > self._terms.code_lives_s:
            return _error("AUTH_CODE_USED" if code.used_by else "AUTH_CODE_EXPIRED")
        code.used_by = order.out_trade_no
        order = replace(order, customer_id=code.customer_id)
        with self.records.together():
            if order.amount_minor > self._terms.confirm_above_minor:
                self.records.keep(replace(order, state="USERPAYING"))
            else:
                self._settle(order)
        return self._answer(order.out_trade_no)

    def precreate(self, body: Body) -> dict[str, object]:
        """An order with a code that the shop shows."""
        order = self._wanted(body, "shop_code")
        if isinstance(order, dict):
            return order
        known = self._known(order.out_trade_no)
        if known is not None:
            return self._repeat(known, order)
        with self.records.together():
            self.records.keep(replace(order, code_token=self.new_token(order)))
        return self._answer(order.out_trade_no)

    def query(self, body: Body) -> dict[str, object]:
        """What became of an order."""
        out_trade_no = str(body.get("out_trade_no", ""))
        if self._known(out_trade_no) is None:
            return _error("ORDER_NOT_FOUND")
        return self._answer(out_trade_no)

    def reverse(self, body: Body) -> dict[str, object]:
        """Close an unpaid order, pay back a paid one; an order that is not known yet is refused when it comes."""
        out_trade_no = str(body.get("out_trade_no", ""))
        if not out_trade_no:
            return _error("REQUEST_INVALID")
        order = self._known(out_trade_no)
        with self.records.together():
            if order is None:
                nothing = Order(
                    out_trade_no, "", "none", 0, self._terms.currency, "", "", "", "REVOKED", "", self._now_s()
                )
                self.records.keep(nothing)
            elif order.state == "SUCCESS":
                self.records.move(order.customer_id, order.amount_minor - order.refunded_minor)
                self.records.keep(replace(order, state="REVOKED", refunded_minor=order.amount_minor))
            elif order.state in (*_OPEN, "PAYERROR"):
                self.records.keep(replace(order, state="REVOKED"))
        after = self.records.order(out_trade_no)
        assert after is not None, "the order was kept above"
        if after.state == "REFUNDED":
            return _error("ORDER_NOT_PAID")
        return self._answer(out_trade_no)

    def refund(self, body: Body) -> dict[str, object]:
        """Pay back part or all of a paid order, once per refund number."""
        number, wanted = str(body.get("out_refund_no", "")), body.get("amount_minor")
        if not number or type(wanted) is not int or wanted <= 0:
            return _error("REQUEST_INVALID")
        done = self.records.refund(number)
        if done is not None:
            same = done.amount_minor == wanted and done.out_trade_no == body.get("out_trade_no")
            return self.refund_query(body) if same else _error("OUT_TRADE_NO_USED")
        order = self._known(str(body.get("out_trade_no", "")))
        if order is None:
            return _error("ORDER_NOT_FOUND")
        if order.state not in ("SUCCESS", "REFUNDED"):
            return _error("ORDER_NOT_PAID")
        refunded = order.refunded_minor + wanted
        if refunded > order.amount_minor:
            return _error("REFUND_TOO_MUCH")
        with self.records.together():
            self.records.move(order.customer_id, wanted)
            self.records.keep_refund(Refund(number, order.out_trade_no, self._number("5", 24), wanted, self._now_s()))
            state = "REFUNDED" if refunded == order.amount_minor else "SUCCESS"
            self.records.keep(replace(order, state=state, refunded_minor=refunded))
        return self.refund_query(body)

    def refund_query(self, body: Body) -> dict[str, object]:
        """What became of a refund."""
        refund = self.records.refund(str(body.get("out_refund_no", "")))
        if refund is None:
            return _error("REFUND_NOT_FOUND")
        return {
            "code": "OK",
            "refund_state": "SUCCESS",
            "out_refund_no": refund.out_refund_no,
            "out_trade_no": refund.out_trade_no,
            "amount_minor": refund.amount_minor,
            "refund_id": refund.refund_id,
        }

    # -- what a customer does with the phone -------------------------------------------------------------------------

    def make_code(self, customer_id: str) -> str:
        """A new payment code of a customer: one use, one minute. Raises KeyError for a stranger."""
        self.records.balance(customer_id)
        oldest = self._now_s() - 10 * self._terms.code_lives_s
        self._codes = {code: facts for code, facts in self._codes.items() if facts.made_at_s >= oldest}
        code = self._number(self._terms.code_prefix, self._terms.code_digits)
        self._codes[code] = _Code(customer_id, self._now_s())
        return code

    def new_token(self, order: Order) -> str:  # noqa: ARG002 - other wallets' codes name the order itself
        """What a shop's code says of its order."""
        return self._entropy(16).hex()

    def token_of(self, content: str) -> str:
        """What a shop's code says of its order; empty for what is no code of this wallet."""
        token = content.removeprefix(self._terms.shop_code_scheme)
        return token if token != content else ""

    def scan(self, customer_id: str, content: str) -> Order | None:
        """A customer scans a shop's code: the order now waits for that customer. None when it cannot be paid."""
        self.records.balance(customer_id)
        token = self.token_of(content)
        order = self.records.order_by_code(token) if token else None
        order = None if order is None else self._known(order.out_trade_no)
        if order is None or order.state not in _OPEN or order.customer_id not in ("", customer_id):
            return None
        taken = replace(order, state="USERPAYING", customer_id=customer_id)
        self.records.keep(taken)
        return taken

    def confirm(self, customer_id: str, out_trade_no: str) -> Order | None:
        """A customer confirms a payment that waits for it. None when none does."""
        order = self._waiting(customer_id, out_trade_no)
        if order is None:
            return None
        with self.records.together():
            self._settle(order)
        return self.records.order(out_trade_no)

    def confirm_with(self, customer_id: str, out_trade_no: str, password: str) -> Order | WrongPassword | None:
        """A customer confirms by typing a password; the third wrong one in a row refuses the payment. None when none waits."""
        if self._waiting(customer_id, out_trade_no) is None:
            return None
        if password == self.customers[customer_id].password:
            self._wrong.pop(out_trade_no, None)
            return self.confirm(customer_id, out_trade_no)
        self._wrong[out_trade_no] = self._wrong.get(out_trade_no, 0) + 1
        left = PASSWORD_TRIES - self._wrong[out_trade_no]
        if left == 0:
            del self._wrong[out_trade_no]
            self.decline(customer_id, out_trade_no)
        return WrongPassword(left)

    def decline(self, customer_id: str, out_trade_no: str) -> Order | None:
        """A customer refuses a payment that waits for confirmation. None when none does."""
        order = self._waiting(customer_id, out_trade_no)
        if order is None:
            return None
        refused = replace(order, state="PAYERROR", error="PAYER_REFUSED")
        self.records.keep(refused)
        return refused

    def orders_of(self, customer_id: str, limit: int = 10) -> list[Order]:
        """A customer's newest orders as they stand now."""
        return [self._known(order.out_trade_no) or order for order in self.records.orders_of(customer_id, limit)]

    def _waiting(self, customer_id: str, out_trade_no: str) -> Order | None:
        order = self._known(out_trade_no)
        if order is None or order.state != "USERPAYING" or order.customer_id != customer_id:
            return None
        return order

    # -- orders ------------------------------------------------------------------------------------------------------

    def _wanted(self, body: Body, kind: str) -> Order | dict[str, object]:
        number, amount, currency = body.get("out_trade_no"), body.get("amount_minor"), body.get("currency")
        if not isinstance(number, str) or not 6 <= len(number) <= 32:
            return _error("REQUEST_INVALID")
        if currency != self._terms.currency:
            return _error("CURRENCY_WRONG")
        if type(amount) is not int or amount <= 0:
            return _error("AMOUNT_WRONG")
        shop_id = str(body.get("shop_id", ""))
        transaction_id = self._number("42", 28)
        return Order(
            number, transaction_id, kind, amount, self._terms.currency, shop_id, "", "", "NOTPAY", "", self._now_s()
        )

    def _known(self, out_trade_no: str) -> Order | None:
        """An order as it stands now: one that waited too long is closed first."""
        order = self.records.order(out_trade_no)
        if order is None or order.state not in _OPEN:
            return order
        lives = self._terms.payer_order_lives_s if order.kind == "payer_code" else self._terms.shop_order_lives_s
        if self._now_s() - order.made_at_s <= lives:
            return order
        closed = replace(order, state="CLOSED", error="PAYER_TOO_SLOW")
        self.records.keep(closed)
        return closed

    def _repeat(self, known: Order, wanted: Order) -> dict[str, object]:
        if known.kind == "none":
            return _error("ORDER_REVOKED")
        same = (known.kind, known.amount_minor, known.shop_id) == (wanted.kind, wanted.amount_minor, wanted.shop_id)
        return self._answer(known.out_trade_no) if same else _error("OUT_TRADE_NO_USED")

    def _settle(self, order: Order) -> None:
        if self.records.balance(order.customer_id) < order.amount_minor:
            self.records.keep(replace(order, state="PAYERROR", error="BALANCE_TOO_LOW"))
            return
        if order.amount_minor > self.customers[order.customer_id].limit_minor:
            self.records.keep(replace(order, state="PAYERROR", error="PAYER_LIMIT"))
            return
        self.records.move(order.customer_id, -order.amount_minor)
        self.records.keep(replace(order, state="SUCCESS"))

    def _answer(self, out_trade_no: str) -> dict[str, object]:
        order = self.records.order(out_trade_no)
        assert order is not None, "an order is kept before it is answered"
        answer: dict[str, object] = {
            "code": "OK",
            "trade_state": order.state,
            "out_trade_no": order.out_trade_no,
            "transaction_id": order.transaction_id,
            "amount_minor": order.amount_minor,
            "currency": order.currency,
        }
        if order.error:
            answer["error"] = order.error
        if order.code_token:
            answer["code_url"] = self._terms.shop_code_scheme + order.code_token
        if order.customer_id and order.state in ("SUCCESS", "REFUNDED"):
            answer["payer"] = self.customers[order.customer_id].name_zh + "*"
        return answer


def _error(name: str) -> dict[str, object]:
    return {"code": "ERROR", "error": name}
