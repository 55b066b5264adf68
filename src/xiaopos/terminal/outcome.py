"""What an exchange with the host came to, as a value for people and for pages.

What may live here: Outcome and its kinds. What may not: card numbers other than masked, keys, PIN blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import MoneyMoved
from xiaopos.terminal.texts import Words


class Kind(Enum):
    """How an exchange ended."""

    APPROVED = "approved"
    DECLINED = "declined"
    UNKNOWN = "unknown"


class Action(Enum):
    """What the terminal asked for."""

    SIGN_IN = "sign_in"
    SIGN_OFF = "sign_off"
    ECHO = "echo"
    SALE = "sale"
    VOID = "void"
    REFUND = "refund"
    PREAUTH = "preauth"
    PREAUTH_VOID = "preauth_void"
    COMPLETION = "completion"
    COMPLETION_ADVICE = "completion_advice"
    COMPLETION_VOID = "completion_void"
    OFFLINE_SALE = "offline_sale"
    BALANCE = "balance"
    REVERSAL = "reversal"
    SETTLE = "settle"
    UPLOAD = "upload"
    TIP = "tip"
    FETCH = "fetch"
    STATUS = "status"
    QUERY = "query"
    SIGNATURE = "signature"
    SCRIPT_NOTICE = "script_notice"


ADVICES: frozenset[Action] = frozenset({Action.REFUND, Action.COMPLETION_ADVICE, Action.OFFLINE_SALE, Action.TIP})
"""What is told to the host until it has taken it, and never reversed."""

TAKINGS: frozenset[Action] = frozenset({Action.SALE, Action.COMPLETION, Action.COMPLETION_ADVICE, Action.OFFLINE_SALE})
"""What brings money to the merchant."""

VOIDS: frozenset[Action] = frozenset({Action.VOID, Action.PREAUTH_VOID, Action.COMPLETION_VOID})
"""What undoes an earlier transaction of the terminal, whole."""

NOTICES: frozenset[Action] = frozenset({Action.SIGNATURE, Action.SCRIPT_NOTICE})
"""What is told about a finished payment, under a MAC and without money, until the host has answered."""

QUIET: frozenset[Action] = NOTICES | {
    Action.ECHO,
    Action.BALANCE,
    Action.UPLOAD,
    Action.FETCH,
    Action.STATUS,
    Action.QUERY,
}
"""What is asked without leaving the state that the terminal is in: if no answer comes, nothing is owed."""

HELD: frozenset[Action] = frozenset({Action.PREAUTH, Action.PREAUTH_VOID})
"""What moves no money when it is approved: it is held on the card, or the hold is lifted."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One exchange's end. Empty text means that the answer did not carry it; `amount` is the approved amount.

    For a REVERSAL, `kind` APPROVED means that the original is undone and `stan` is the original's. `balanced` is set for a
    settlement only, `balance` for a balance enquiry: what the card can spend. `host_time` is the host's local
    `MMDDhhmmss`, from which a terminal sets its clock. `listed` names the list that a FETCH is about. A QUERY's outcome, money
    and amount are those of the payment that was asked about.
    """

    action: Action
    kind: Kind
    words: Words
    money_moved: MoneyMoved
    terminal_id: str
    batch_number: int
    stan: int
    response_code: str = ""
    rrn: str = ""
    approval_code: str = ""
    amount: Money | None = None
    masked_pan: str = ""
    host_time: str = ""
    balanced: bool | None = None
    balance: Money | None = None
    listed: str = ""

    @property
    def approved(self) -> bool:
        """Whether what was asked for is done."""
        return self.kind is Kind.APPROVED

    def as_json(self, lang: str = "zh") -> dict[str, object]:
        """The outcome as plain values, for a page or a script. Amounts are minor units."""
        return {
            "action": self.action.value,
            "outcome": self.kind.value,
            "message": self.words.title(lang),
            "next": self.words.next(lang),
            "money_moved": self.money_moved.value,
            "terminal_id": self.terminal_id,
            "batch_number": f"{self.batch_number:06d}",
            "stan": f"{self.stan:06d}",
            "response_code": self.response_code,
            "rrn": self.rrn,
            "approval_code": self.approval_code,
            "amount_minor": None if self.amount is None else self.amount.minor,
            "masked_pan": self.masked_pan,
            "host_time": self.host_time,
            "balanced": self.balanced,
            "balance_minor": None if self.balance is None else self.balance.minor,
            "list": self.listed,
        }
