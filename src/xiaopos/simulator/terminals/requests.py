"""What the terminal's page and scripts ask in JSON, read and checked.

What may live here: reading and refusing bodies. What may not: doing what they ask (pages), keeping a PIN.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from xiaopos.kernel.secret import Secret
from xiaopos.simulator.terminals.deck import DECK, DeckCard, deck_card
from xiaopos.simulator.terminals.faults import Fault
from xiaopos.simulator.terminals.signing import MOST_BYTES, sample_signature
from xiaopos.terminal.cards import How
from xiaopos.terminal.lists import ListKind
from xiaopos.terminal.messages import Original

HIGHEST_AMOUNT = 10**12 - 1
LAST_NUMBER = 999_999
MOST_FAULTS = 20
_PIN = re.compile(r"[0-9]{4,12}")
_RRN = re.compile(r"[0-9A-Za-z]{12}")
_RESULT = re.compile(r"([0-9A-Fa-f]{10}){1,4}")
SCRIPT_DONE = "2000000001"
_DAY = re.compile(r"(0[0-9]|1[0-2])[0-3][0-9]")
Body = Mapping[str, object]


class BadRequest(Exception):
    """A body that cannot be read; the text names the part and never holds its value."""


@dataclass(frozen=True, slots=True)
class SaleAsk:
    """What a sale needs: amount in minor units, card, way of reading it, and the PIN as typed, if any."""

    amount_minor: int
    card: DeckCard
    how: How
    pin: Secret | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class HoldAsk:
    """What following a pre-authorisation needs; without a card the terminal uses the voucher that it holds.

    `amount_minor` is 0 for the whole hold.
    """

    approval_code: str
    amount_minor: int
    card: DeckCard | None
    how: How


@dataclass(frozen=True, slots=True)
class VoidAsk:
    """The sale to void."""

    stan: int
    batch_number: int | None


@dataclass(frozen=True, slots=True)
class RefundAsk:
    """What a refund needs; without a card the terminal uses the voucher that it holds."""

    amount_minor: int
    original: Original
    card: DeckCard | None
    how: How


@dataclass(frozen=True, slots=True)
class TipAsk:
    """A tip on a sale of the current batch; the amount is the tip alone."""

    amount_minor: int
    stan: int
    batch_number: int | None


@dataclass(frozen=True, slots=True)
class SignAsk:
    """A signature for a payment: as it was drawn, or a sample of one."""

    stan: int
    batch_number: int | None
    picture: Secret = field(repr=False)


@dataclass(frozen=True, slots=True)
class ScriptAsk:
    """What came of an issuer's script on a payment's card, in bytes as DF31 holds it."""

    stan: int
    batch_number: int | None
    results: bytes


@dataclass(frozen=True, slots=True)
class QueryAsk:
    """Which payment is asked about, by RRN (`stan` is 0 then) or trace number; `code` when it was by payment code."""

    rrn: str
    stan: int
    batch_number: int | None
    code: bool


def _number(body: Body, name: str, highest: int) -> int:
    """A whole number from 1 on, also as digits with leading zeros."""
    given = body.get(name)
    if isinstance(given, str) and given.isascii() and given.isdigit():
        given = int(given)
    if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= highest:
        raise BadRequest(f"{name} must be a whole number from 1 to {highest}")
    return given


def _optional_number(body: Body, name: str) -> int | None:
    return None if body.get(name) in (None, "") else _number(body, name, LAST_NUMBER)


def _card(body: Body, deck: tuple[DeckCard, ...]) -> DeckCard:
    try:
        return deck_card(str(body.get("card", "")), deck)
    except KeyError:
        raise BadRequest(f"card must be one of {', '.join(card.label for card in deck)}") from None


def _how(body: Body) -> How:
    given = body.get("how")
    if given not in (How.TAP.value, How.INSERT.value, How.SWIPE.value):
        raise BadRequest("how must be tap, insert or swipe")
    return How(given)


def sale_ask(body: Body, deck: tuple[DeckCard, ...] = DECK) -> SaleAsk:
    """`{amount_minor, card, how, pin?}`. Raises BadRequest."""
    pin = body.get("pin")
    if pin in (None, ""):
        typed = None
    elif isinstance(pin, str) and _PIN.fullmatch(pin):
        typed = Secret(pin.encode("ascii"))
    else:
        raise BadRequest("pin must be 4 to 12 digits")
    return SaleAsk(_number(body, "amount_minor", HIGHEST_AMOUNT), _card(body, deck), _how(body), typed)


def balance_ask(body: Body, deck: tuple[DeckCard, ...] = DECK) -> SaleAsk:
    """`{card, how, pin?}`: a sale's parts without an amount. Raises BadRequest."""
    return sale_ask({**body, "amount_minor": 1}, deck)


def hold_ask(body: Body, deck: tuple[DeckCard, ...] = DECK) -> HoldAsk:
    """`{approval_code, amount_minor?, card?, how?}`. Raises BadRequest."""
    code = str(body.get("approval_code") or "")
    if len(code) != 6 or not code.isascii() or not code.isalnum():
        raise BadRequest("approval_code must be 6 letters and digits")
    with_card = body.get("card") not in (None, "")
    amount = 0 if body.get("amount_minor") in (None, "", 0) else _number(body, "amount_minor", HIGHEST_AMOUNT)
    return HoldAsk(code, amount, _card(body, deck) if with_card else None, _how(body) if with_card else How.SWIPE)


def void_ask(body: Body) -> VoidAsk:
    """`{stan, batch_number?}`. Raises BadRequest."""
    return VoidAsk(_number(body, "stan", LAST_NUMBER), _optional_number(body, "batch_number"))


def refund_ask(body: Body, deck: tuple[DeckCard, ...] = DECK) -> RefundAsk:
    """`{amount_minor, rrn, batch_number?, stan?, on? (MMDD), approval_code?, card?, how?}`. Raises BadRequest."""
    rrn, on = str(body.get("rrn", "")), str(body.get("on") or "0000")
    approval_code = str(body.get("approval_code") or "")
    if _RRN.fullmatch(rrn) is None:
        raise BadRequest("rrn must be 12 letters and digits")
    if _DAY.fullmatch(on) is None:
        raise BadRequest("on must be MMDD")
    if approval_code and (len(approval_code) != 6 or not approval_code.isascii() or not approval_code.isalnum()):
        raise BadRequest("approval_code must be 6 letters and digits")
    original = Original(
        rrn, _optional_number(body, "batch_number") or 0, _optional_number(body, "stan") or 0, on, approval_code
    )
    with_card = body.get("card") not in (None, "")
    return RefundAsk(
        _number(body, "amount_minor", HIGHEST_AMOUNT),
        original,
        _card(body, deck) if with_card else None,
        _how(body) if with_card else How.SWIPE,
    )


def faults_ask(body: Body) -> tuple[Fault, int]:
    """`{fault, times?}`. Raises BadRequest."""
    try:
        fault = Fault(body.get("fault"))
    except ValueError:
        raise BadRequest(f"fault must be one of {', '.join(one.value for one in Fault)}") from None
    return fault, _number(body, "times", MOST_FAULTS) if "times" in body else 1


def tip_ask(body: Body) -> TipAsk:
    """`{amount_minor, stan, batch_number?}`. Raises BadRequest."""
    return TipAsk(
        _number(body, "amount_minor", HIGHEST_AMOUNT),
        _number(body, "stan", LAST_NUMBER),
        _optional_number(body, "batch_number"),
    )


def sign_ask(body: Body) -> SignAsk:
    """`{stan, batch_number?, picture? (base64)}`: without a picture a sample is sent. Raises BadRequest."""
    stan = _number(body, "stan", LAST_NUMBER)
    batch_number = _optional_number(body, "batch_number")
    given = body.get("picture")
    if given in (None, ""):
        return SignAsk(stan, batch_number, sample_signature(stan))
    try:
        picture = base64.b64decode(str(given), validate=True)
    except ValueError:
        raise BadRequest("picture must be base64") from None
    if not 1 <= len(picture) <= MOST_BYTES:
        raise BadRequest(f"picture must have 1 to {MOST_BYTES} bytes")
    return SignAsk(stan, batch_number, Secret(picture))


def script_ask(body: Body) -> ScriptAsk:
    """`{stan, batch_number?, result? (hex, five bytes a script)}`: without a result, the script was carried out.

    Raises BadRequest.
    """
    result = str(body.get("result") or SCRIPT_DONE)
    if _RESULT.fullmatch(result) is None:
        raise BadRequest("result must be 10 hex digits for each script, at most 4")
    stan = _number(body, "stan", LAST_NUMBER)
    return ScriptAsk(stan, _optional_number(body, "batch_number"), bytes.fromhex(result))


def query_ask(body: Body) -> QueryAsk:
    """`{rrn}` or `{stan, batch_number?}`, `code?`. Raises BadRequest."""
    rrn = str(body.get("rrn") or "")
    if rrn and _RRN.fullmatch(rrn) is None:
        raise BadRequest("rrn must be 12 letters and digits")
    stan = 0 if rrn else _number(body, "stan", LAST_NUMBER)
    return QueryAsk(rrn, stan, _optional_number(body, "batch_number"), body.get("code") is True)


def list_ask(body: Body) -> ListKind:
    """`{list}`: parameters, public_keys, chip_parameters or blacklist. Raises BadRequest."""
    try:
        return ListKind(body.get("list"))
    except ValueError:
        raise BadRequest(f"list must be one of {', '.join(kind.value for kind in ListKind)}") from None
