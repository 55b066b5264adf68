"""Codes of a shop that any paying app can open (聚合码), and the orders that customers pay through them.

What may live here: the values, the form of an address's token, how an amount is keyed in, the limits. What may not: storage,
payments, which app belongs to which wallet (web).

A standing code hangs on the wall: the customer keys in the amount, unless it is locked. An order is for one payment and dies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from xiaopos.kernel.ids import MerchantId, PaymentId, ShopId, TerminalId
from xiaopos.kernel.money import CURRENCIES, Money
from xiaopos.merchants.tries import Limit

ORDER_LIVES = timedelta(minutes=15)
TRIES_MOST = 12
"""How often one order may be begun with a wallet: each can be left unpaid and begun anew."""
LABEL_MOST = 20
PER_CODE = Limit(120, timedelta(minutes=1))
PER_ADDRESS = Limit(40, timedelta(minutes=1))
"""How many orders are begun at one code, and from one address: behind one may stand a whole street."""

TOKEN_ENTROPY = 17
TOKEN_LENGTH = 26
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_TOKEN = re.compile(f"[{_LETTERS}]{{{TOKEN_LENGTH}}}")
_AMOUNT = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,2}))?")


@dataclass(frozen=True, slots=True)
class StandingCode:
    """A code that hangs on the wall. Its payments are taken as the terminal's; `locked` is the only amount it takes."""

    token: str
    merchant_id: MerchantId
    shop_id: ShopId
    terminal_id: TerminalId
    label: str
    currency: str
    locked: Money | None
    made_by: str
    made_at: datetime
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """An order begun with a wallet: the payment, and the refund that it gets if another wallet has paid already.

    `refused` is why the house took no such payment at all; empty when it did, or may have.
    """

    payment_id: PaymentId
    refund_id: PaymentId
    wallet: str
    made_at: datetime
    refused: str = ""


@dataclass(frozen=True, slots=True)
class ShopOrder:
    """An order: one amount, to be paid once, by whichever wallet is first (`kept`). `code` is the standing code it came by."""

    order_id: str
    token: str
    code: str
    merchant_id: MerchantId
    shop_id: ShopId
    terminal_id: TerminalId
    amount: Money
    made_at: datetime
    expires_at: datetime
    kept: str = ""
    closed_at: datetime | None = None
    tries: tuple[Tried, ...] = ()

    def newest(self, wallet: str) -> Tried | None:
        """What was begun with a wallet last."""
        return next((one for one in reversed(self.tries) if one.wallet == wallet), None)

    def takes_more(self, now: datetime) -> bool:
        """Whether it may be begun with a wallet once more."""
        return not self.kept and self.closed_at is None and now < self.expires_at and len(self.tries) < TRIES_MOST


def token_of(entropy: bytes) -> str:
    """A token of 130 random bits, in letters and digits that are not taken for one another. Raises ValueError for fewer bits.

    >>> token_of(bytes(17))
    '00000000000000000000000000'
    """
    if len(entropy) != TOKEN_ENTROPY:
        raise ValueError(f"{TOKEN_ENTROPY} random bytes are needed, got {len(entropy)}")
    number = int.from_bytes(entropy, "big")
    return "".join(_LETTERS[number >> 5 * place & 31] for place in range(TOKEN_LENGTH))


def is_token(text: str) -> bool:
    """Whether the text has the form of a token."""
    return _TOKEN.fullmatch(text) is not None


def read_amount(text: str, currency: str) -> Money | None:
    """An amount as people key it in (`12`, `12.5`, `12.50`); None for anything else, for nothing, and for too many decimals.

    >>> read_amount("12.5", "CNY"), read_amount("0", "CNY"), read_amount("12.345", "CNY"), read_amount("7.5", "JPY")
    (Money(minor=1250, currency='CNY'), None, None, None)
    """
    found = _AMOUNT.fullmatch(text.strip().replace(",", ""))
    digits = CURRENCIES[currency].minor_digits
    if found is None or len(found[2] or "") > digits:
        return None
    minor = int(found[1] + (found[2] or "").ljust(digits, "0"))
    return Money(minor, currency) if minor else None
