"""The six-way binding of a terminal (六项绑定): serial, acquirer, merchant, licence, account, address; and its report.

What may live here: the six values, which of them are missing, the states of a binding and of its report to the clearing
organisation. What may not: storage, who may change a binding (usecases), keys.

A terminal that was packed here takes no money before all six stand (中国人民银行 259 号文, see the regulation table). What is
bound is never edited: a move, another device or another account is a new binding, and the old one stays in the history.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from enum import Enum

from xiaopos.kernel.machine import Machine

_HASH = re.compile(r"[0-9a-f]{32}")


class Part(Enum):
    """One of the six, in the order in which they are told."""

    SERIAL = "serial"
    ACQUIRER = "acquirer"
    MERCHANT = "merchant"
    LICENCE = "licence"
    ACCOUNT = "account"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class SixParts:
    """What a terminal is bound to.

    `licence` is the merchant's unified social credit code, or a keyed hash of its owner's identity number where there is no
    licence; `account` a keyed hash of the account that is paid out to. Neither number is kept here.
    """

    serial: str
    acquirer: str
    merchant: str
    licence: str
    account: str
    address: str

    @property
    def missing(self) -> tuple[Part, ...]:
        """Which parts say nothing. An account is a hash or nothing."""
        empty = tuple(Part(each.name) for each in fields(self) if not getattr(self, each.name).strip())
        plain = (Part.ACCOUNT,) if self.account and _HASH.fullmatch(self.account) is None else ()
        return tuple(part for part in Part if part in (*empty, *plain))

    def differ_from(self, other: SixParts) -> tuple[Part, ...]:
        """Which parts are others than before."""
        return tuple(part for part in Part if getattr(self, part.value) != getattr(other, part.value))


class BindingState(Enum):
    """Where a terminal's binding is."""

    AWAITED = "awaited"
    """The terminal has a number and a device; nobody has activated it."""
    BOUND = "bound"
    """All six stand: it may take money."""
    PROVED = "proved"
    """It did: a cent was taken on it and given back."""
    SUSPENDED = "suspended"
    """One of the six does not stand now."""
    CLOSED = "closed"


class BindingEvent(Enum):
    """What happens to a terminal's binding."""

    ACTIVATE = "activate"
    PROVE = "prove"
    SUSPEND = "suspend"
    RESUME = "resume"
    REBIND = "rebind"
    """Another address or another device: its keys are taken away, and it is activated anew."""
    CLOSE = "close"


_S, _E = BindingState, BindingEvent

BINDING_LIFE: Machine[BindingState, BindingEvent] = Machine(
    "binding",
    starts=_S.AWAITED,
    table={
        (_S.AWAITED, _E.ACTIVATE): _S.BOUND,
        (_S.AWAITED, _E.REBIND): _S.AWAITED,
        (_S.AWAITED, _E.CLOSE): _S.CLOSED,
        (_S.BOUND, _E.PROVE): _S.PROVED,
        (_S.BOUND, _E.SUSPEND): _S.SUSPENDED,
        (_S.BOUND, _E.REBIND): _S.AWAITED,
        (_S.BOUND, _E.CLOSE): _S.CLOSED,
        (_S.PROVED, _E.SUSPEND): _S.SUSPENDED,
        (_S.PROVED, _E.REBIND): _S.AWAITED,
        (_S.PROVED, _E.CLOSE): _S.CLOSED,
        (_S.SUSPENDED, _E.RESUME): _S.BOUND,
        (_S.SUSPENDED, _E.REBIND): _S.AWAITED,
        (_S.SUSPENDED, _E.CLOSE): _S.CLOSED,
    },
)

WHOLE = frozenset({BindingState.BOUND, BindingState.PROVED})
"""The states in which a terminal takes money."""


class ReportState(Enum):
    """Whether the clearing organisation knows of a binding as it stands."""

    NOT_DUE = "not_due"
    """Nothing is bound yet."""
    DUE = "due"
    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class ReportEvent(Enum):
    """What happens to a report."""

    CHANGE = "change"
    """The binding changed: it is to be reported anew."""
    SEND = "send"
    ACCEPT = "accept"
    REJECT = "reject"


_R, _V = ReportState, ReportEvent

REPORT_LIFE: Machine[ReportState, ReportEvent] = Machine(
    "binding_report",
    starts=_R.NOT_DUE,
    table={
        (_R.NOT_DUE, _V.CHANGE): _R.DUE,
        (_R.DUE, _V.CHANGE): _R.DUE,
        (_R.DUE, _V.SEND): _R.SENT,
        (_R.SENT, _V.ACCEPT): _R.ACCEPTED,
        (_R.SENT, _V.REJECT): _R.REJECTED,
        (_R.SENT, _V.CHANGE): _R.DUE,
        (_R.REJECTED, _V.SEND): _R.SENT,
        (_R.REJECTED, _V.CHANGE): _R.DUE,
        (_R.ACCEPTED, _V.CHANGE): _R.DUE,
    },
)
