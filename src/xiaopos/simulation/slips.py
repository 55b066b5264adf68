"""What a simulated terminal writes down: a slip for everything it asked for, in the order in which it learnt of it.

What may live here: the slip, what each kind of request looks like on the wire, what a batch of slips adds up to. What may not:
sending (counter), judging against the books (judgement).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum


class Deed(Enum):
    """What a cashier asks a terminal for."""

    SALE = "sale"
    CODE_SALE = "code sale"
    VOID = "void"
    REFUND = "refund"
    PREAUTH = "pre-authorisation"
    PREAUTH_VOID = "pre-authorisation void"
    COMPLETION = "completion"
    COMPLETION_VOID = "completion void"
    SETTLE = "batch close"


class Told(Enum):
    """What the terminal knows of a request."""

    ASKING = "asking"
    APPROVED = "approved"
    DECLINED = "declined"
    UNKNOWN = "unknown"
    TAKEN_BACK = "taken back"


@dataclass(frozen=True, slots=True)
class Shape:
    """A request on the wire: message type, processing code, fields 25 and 60.1. `asks_again` for what is never reversed."""

    mti: str
    processing: str
    condition: str
    kind: str
    follows: tuple[Deed, ...] = ()
    asks_again: bool = False


SHAPES: dict[Deed, Shape] = {
    Deed.SALE: Shape("0200", "000000", "00", "22"),
    Deed.CODE_SALE: Shape("0200", "000000", "00", "22"),
    Deed.VOID: Shape("0200", "200000", "00", "23", (Deed.SALE,)),
    Deed.REFUND: Shape("0220", "200000", "00", "25", (Deed.SALE, Deed.CODE_SALE, Deed.COMPLETION), asks_again=True),
    Deed.PREAUTH: Shape("0100", "030000", "06", "10"),
    Deed.PREAUTH_VOID: Shape("0100", "200000", "06", "11", (Deed.PREAUTH,)),
    Deed.COMPLETION: Shape("0200", "000000", "06", "20", (Deed.PREAUTH,)),
    Deed.COMPLETION_VOID: Shape("0200", "200000", "06", "21", (Deed.COMPLETION,)),
}
UNDOES = (Deed.VOID, Deed.PREAUTH_VOID, Deed.COMPLETION_VOID)
TAKES = (Deed.SALE, Deed.CODE_SALE, Deed.COMPLETION)


@dataclass(slots=True)
class Slip:
    """One request. `amount_minor` is what was approved once it is; `card` is a label, empty for a payment code.

    `act` is the number of the plan's act that asked for it. `original` is the slip that it follows.
    """

    act: int
    deed: Deed
    terminal_id: str
    merchant_id: str
    batch_number: int
    stan: int
    asked_minor: int
    card: str = ""
    told: Told = Told.ASKING
    amount_minor: int = 0
    rrn: str = ""
    approval_code: str = ""
    response_code: str = ""
    original: Slip | None = field(default=None, repr=False)

    @property
    def is_owed(self) -> bool:
        """Whether a message about it must still go to the host."""
        return self.told in (Told.ASKING, Told.UNKNOWN)

    @property
    def name(self) -> str:
        """How people name it."""
        return f"{self.terminal_id}/{self.batch_number:06d}/{self.stan:06d}"

    def undone_by(self, slips: Iterable[Slip]) -> Slip | None:
        """The approved void of this slip."""
        for slip in slips:
            if slip.original is self and slip.deed in UNDOES and slip.told is Told.APPROVED:
                return slip
        return None

    def refunds(self, slips: Iterable[Slip]) -> list[Slip]:
        """The approved refunds of this slip."""
        return [
            slip for slip in slips if slip.original is self and slip.deed is Deed.REFUND and slip.told is Told.APPROVED
        ]


@dataclass(frozen=True, slots=True)
class Closed:
    """A batch that a terminal closed: what it counted, and whether the host said that both agree."""

    terminal_id: str
    batch_number: int
    counted: tuple[int, int, int, int]
    balanced: bool


def totals(slips: list[Slip], batch_number: int) -> tuple[int, int, int, int]:
    """What a terminal counts of a batch: number and sum of what took money and stands, number and sum of refunds."""
    mine = [slip for slip in slips if slip.batch_number == batch_number and slip.told is Told.APPROVED]
    taken = [slip.amount_minor for slip in mine if slip.deed in TAKES and slip.undone_by(slips) is None]
    given = [slip.amount_minor for slip in mine if slip.deed is Deed.REFUND]
    return len(taken), sum(taken), len(given), sum(given)
