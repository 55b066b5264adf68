"""The messages of a simulated terminal.

What may live here: fields of requests, and whether an answer belongs to one. What may not: keys, MACs, judging.
"""

from __future__ import annotations

from xiaopos.kernel.secret import Secret
from xiaopos.simulation.slips import SHAPES, Deed, Slip
from xiaopos.simulator.network import TEST_CARDS, Card
from xiaopos.terminal import messages
from xiaopos.terminal.memory import Totals
from xiaopos.terminal.profile import Identity, Profile
from xiaopos.wire.iso8583 import Message

NOT_HEARD = "98"


def request(
    slip: Slip, identity: Identity, profile: Profile, *, card: Card | None = None, code: Secret | None = None
) -> Message:
    """What a slip asks for. Without a card it is found by the slip's label, as a terminal finds it in its voucher."""
    shape = SHAPES[slip.deed]
    card = card or _card_of(slip)
    fields = _common(slip, identity, profile)
    fields[22] = "032" if slip.deed is Deed.CODE_SALE else "012"
    if card is not None:
        fields[2] = card.pan.digits
        fields[14] = card.expiry
    if code is not None:
        digits = code.value.decode("ascii")
        fields[59] = f"A3{len(digits):03d}{digits}".encode("ascii")
    original = slip.original
    if original is not None:
        fields[37] = original.rrn
        fields[61] = f"{original.batch_number:06d}{original.stan:06d}0000"
        if original.approval_code:
            fields[38] = original.approval_code
    return Message(shape.mti, fields)


def reversal(slip: Slip, identity: Identity, profile: Profile) -> Message:
    """Take a slip's request back (冲正)."""
    fields = _common(slip, identity, profile)
    fields[22] = "032" if slip.deed is Deed.CODE_SALE else "012"
    fields[39] = NOT_HEARD
    card = _card_of(slip)
    if card is not None:
        fields[2] = card.pan.digits
    return Message("0400", fields)


def _common(slip: Slip, identity: Identity, profile: Profile) -> dict[int, str | bytes]:
    shape = SHAPES[slip.deed]
    return {
        3: shape.processing,
        4: f"{slip.asked_minor:012d}",
        11: f"{slip.stan:06d}",
        25: shape.condition,
        41: identity.terminal_id,
        42: identity.merchant_id,
        49: profile.currency,
        60: f"{shape.kind}{slip.batch_number:06d}00050",
    }


def _card_of(slip: Slip) -> Card | None:
    return next((card for card in TEST_CARDS if card.label == slip.card), None)


def sign_in(identity: Identity, profile: Profile, batch_number: int, stan: int) -> Message:
    """Sign in (签到)."""
    return messages.sign_in(identity, profile, stan=stan, batch_number=batch_number)


def settlement(
    identity: Identity, profile: Profile, batch_number: int, stan: int, counted: tuple[int, int, int, int]
) -> Message:
    """Close a batch (批结算) with what the terminal counted."""
    sums = Totals(*counted)
    return messages.settlement(identity, profile, stan=stan, batch_number=batch_number, totals=sums)


def answers(asked: Message, answer: Message) -> bool:
    """Whether the answer belongs to the request."""
    return messages.answers(asked, answer) and bool(answer.text(39))
