"""What a terminal remembers over a power cut, as one frozen value, and the role of the place that keeps it.

What may live here: the remembered value, its vouchers and owed messages, its JSON form, the Memory role.
What may not: files (the adapter lives with whoever runs the device), clear keys, clear card numbers, tracks, PIN blocks:
card numbers are sealed by the device's vault, working keys wrapped by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from xiaopos.terminal.lists import Fetch, KeptList, ListKind
from xiaopos.terminal.outcome import TAKINGS, VOIDS, Action
from xiaopos.terminal.states import State

FORM = 1
LAST_NUMBER = 999_999


class Memory(Protocol):
    """Durable memory of a device: when `save` returns, the state survives a power cut, whole."""

    def load(self) -> Mapping[str, Any] | None:
        """What was saved last, or None for a device that never saved."""
        ...

    def save(self, state: Mapping[str, Any]) -> None:
        """Keep this JSON-able state instead of the one before; never half of it."""
        ...


class MemoryDamaged(Exception):
    """The memory holds something that this software did not write, or that belongs to another terminal."""


@dataclass(frozen=True, slots=True)
class Voucher:
    """A finished transaction of the current batch (凭证). `sealed_pan` opens in this device's vault only; `on` is MMDD."""

    action: str
    stan: int
    batch_number: int
    amount_minor: int
    rrn: str
    approval_code: str
    on: str
    masked_pan: str
    sealed_pan: str
    card_sequence: str
    original_stan: int = 0
    voided: bool = False
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Owed:
    """A question whose answer is not known, with the message that must go to the host because of it.

    `mti` is 0400 for a reversal, 0220 for a notice (of a refund, say) sent again. `fields` are the message's fields as
    text, with the card number left out (`sealed_pan`) and binary fields as hex in `chip`. `reason` is the reversal's field 39:
    06 other, 98 no answer, A0 answer not authentic. `tries` counts what was sent since it was opened.
    """

    action: str
    mti: str
    stan: int
    batch_number: int
    amount_minor: int
    fields: dict[str, str]
    sealed_pan: str
    masked_pan: str
    chip: str = ""
    reason: str = "06"
    tries: int = 0
    original_stan: int = 0

    @property
    def asked(self) -> Action:
        """What the terminal had asked for."""
        return Action(self.action)


@dataclass(frozen=True, slots=True)
class Notice:
    """What the host is still to be told about a finished payment: a signature, what came of an issuer's script.

    `stan` and `batch_number` are the message's own; sent again it is the same message. `fields` are its fields as text, `sealed`
    is field 62 (a signature is the customer's: only this device's vault opens it), `chip` field 55 as hex. `of_stan` is
    the payment's.
    """

    action: str
    stan: int
    batch_number: int
    of_stan: int
    fields: dict[str, str]
    sealed: str = ""
    chip: str = ""

    @property
    def tells(self) -> Action:
        """What it tells."""
        return Action(self.action)


@dataclass(frozen=True, slots=True)
class Remembered:
    """Everything a terminal must know after a power cut.

    `upload_batch` is a closed batch whose totals differed and whose details the host is still to be told (0 for none):
    `upload_count` of them, of which `uploads` are left. `lists` are what was downloaded, `fetch` a download under way, `wanted`
    what the host has asked for in its answers' headers and has not got: lists by name, `status`. `notices` wait for the
    host's answer.
    """

    terminal_id: str
    merchant_id: str
    state: str = State.SIGNED_OUT.value
    batch_number: int = 1
    next_stan: int = 1
    tpk: str = ""
    tak: str = ""
    tdk: str = ""
    seal_key: str = ""
    owed: Owed | None = None
    unresolved: tuple[Owed, ...] = ()
    vouchers: tuple[Voucher, ...] = ()
    upload_batch: int = 0
    upload_count: int = 0
    uploads: tuple[Voucher, ...] = ()
    lists: tuple[KeptList, ...] = ()
    fetch: Fetch | None = None
    wanted: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()

    @property
    def at(self) -> State:
        """The state of the machine."""
        return State(self.state)

    def moved(self, state: State) -> Remembered:
        """The same memory in another state."""
        return replace(self, state=state.value)

    def taking_stan(self) -> tuple[int, Remembered]:
        """The next system trace number (1..999999, then 1 again) and the memory that has used it up."""
        return self.next_stan, replace(self, next_stan=following(self.next_stan))

    def voucher(self, stan: int, batch_number: int | None = None) -> Voucher | None:
        """The voucher with this number in the given batch, or in the current one."""
        batch = self.batch_number if batch_number is None else batch_number
        return next((kept for kept in self.vouchers if (kept.stan, kept.batch_number) == (stan, batch)), None)

    def by_rrn(self, rrn: str) -> Voucher | None:
        """The voucher with this reference number, if this terminal still holds it."""
        return next((kept for kept in self.vouchers if kept.rrn == rrn), None)

    def hold(self, approval_code: str) -> Voucher | None:
        """The pre-authorisation of this terminal with this approval code, if it still holds the voucher."""
        held = (row for row in self.vouchers if row.action == Action.PREAUTH.value)
        return next((row for row in held if row.approval_code == approval_code), None)

    def tips_on(self, voucher: Voucher) -> int:
        """What the standing tips on a voucher come to, in minor units."""
        return sum(
            row.amount_minor
            for row in self.vouchers
            if row.action == Action.TIP.value
            and not row.voided
            and (row.original_stan, row.batch_number) == (voucher.stan, voucher.batch_number)
        )

    def kept_list(self, kind: ListKind) -> KeptList:
        """A downloaded list; an empty one if it was never fetched."""
        return next((kept for kept in self.lists if kept.kind == kind.value), KeptList(kind.value, ()))

    def with_list(self, fetched: KeptList) -> Remembered:
        """The memory with a list in place of the one of its kind before."""
        others = tuple(kept for kept in self.lists if kept.kind != fetched.kind)
        return replace(self, lists=(*others, fetched))

    def with_voucher(self, voucher: Voucher) -> Remembered:
        """The memory with one more voucher; a void also marks what it voided."""
        kept = self.vouchers
        if Action(voucher.action) in VOIDS:
            kept = tuple(
                replace(row, voided=True)
                if (row.stan, row.batch_number) == (voucher.original_stan, voucher.batch_number)
                else row
                for row in kept
            )
        return replace(self, vouchers=(*kept, voucher))

    def as_json(self) -> dict[str, Any]:
        """The form in which a Memory keeps it."""
        return {"form": FORM, **asdict(self)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Remembered:
        """What `as_json` gave. Raises MemoryDamaged for anything else. A fetch that was broken off is wanted anew."""
        try:
            values = dict(kept)
            if values.pop("form") != FORM:
                raise ValueError("form")
            owed = values.pop("owed")
            values["owed"] = None if owed is None else Owed(**owed)
            values["unresolved"] = tuple(Owed(**row) for row in values["unresolved"])
            values["vouchers"] = tuple(Voucher(**row) for row in values["vouchers"])
            values["uploads"] = tuple(Voucher(**row) for row in values.get("uploads", ()))
            values["notices"] = tuple(Notice(**row) for row in values.get("notices", ()))
            values["lists"] = tuple(
                KeptList(ListKind(row["kind"]).value, tuple(row["entries"]), row["fetched_on"])
                for row in values.get("lists", ())
            )
            broken_off = values.pop("fetch", None)
            wanted = (*values.get("wanted", ()), *([] if broken_off is None else [broken_off["kind"]]))
            values["wanted"] = tuple(dict.fromkeys(wanted))
            remembered = cls(**values)
            State(remembered.state)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise MemoryDamaged("the terminal's memory cannot be read") from None
        return remembered


@dataclass(frozen=True, slots=True)
class Totals:
    """What a batch holds: what took money and stands, and refunds; amounts in minor units."""

    sales_count: int
    sales_minor: int
    refunds_count: int
    refunds_minor: int


def totals(remembered: Remembered) -> Totals:
    """The totals of the current batch: what brought money and was not voided, and refunds. Holds are no part of it.

    The reversed never became vouchers. A tip counts in the amount of what it was added to.
    """
    rows = counted(remembered)
    sales = [row.amount_minor for row in rows if row.action != Action.REFUND.value]
    refunds = [row.amount_minor for row in rows if row.action == Action.REFUND.value]
    return Totals(len(sales), sum(sales), len(refunds), sum(refunds))


def counted(remembered: Remembered) -> tuple[Voucher, ...]:
    """The vouchers of the current batch that its totals count, each with the tips on it."""
    counts = TAKINGS | {Action.REFUND}
    return tuple(
        replace(row, amount_minor=row.amount_minor + remembered.tips_on(row))
        for row in remembered.vouchers
        if row.batch_number == remembered.batch_number and Action(row.action) in counts and not row.voided
    )


def following(number: int) -> int:
    """The number after this one: 1..999999, then 1 again (traces and batches)."""
    return 1 if number >= LAST_NUMBER else number + 1
