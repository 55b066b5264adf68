"""What the card host does not serve it refuses as such, and docs/what-terminals-ask.md says so by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.card_counter import TID, CardCounter
from support.world import TEA
from xiaopos.kernel.refusal import REASONS, Reason
from xiaopos.wire.iso8583 import Message
from xiaopos.wire.iso8583.meaning import TRANSACTIONS, Transaction

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "what-terminals-ask.md"
UNSERVED = {
    "adjustment", "cash_card_refund", "cash_card_sale", "contactless_parameters", "initialise", "instalment_sale",
    "instalment_void", "moto_refund", "moto_sale", "moto_void", "no_pin_bins", "no_pin_black_bins", "points_sign_in",
    "wallet_show",
}  # fmt: skip


@pytest.mark.parametrize("asked", [row for row in TRANSACTIONS if row.name in UNSERVED], ids=lambda row: str(row.name))
def test_what_is_not_served_is_refused_and_named_in_the_document(asked: Transaction) -> None:
    counter = CardCounter()
    assert counter.signs_in().approved
    fields: dict[int, str | bytes] = {
        3: asked.processing, 4: "000000001000", 11: "000070", 22: "022", 25: asked.condition, 37: "000000000001",
        41: TID, 42: TEA, 49: "156", 60: f"{asked.kind}000001{asked.network or '000'}",
    }  # fmt: skip
    answer = counter.asks(Message(asked.mti, {bit: value for bit, value in fields.items() if value}), seal=asked.mac)
    assert answer is not None
    assert answer.text(39) == REASONS[Reason.TRANSACTION_UNSUPPORTED].response_code
    assert not counter.world.books.payments
    assert asked.zh in DOCUMENT.read_text(encoding="utf8").partition("## Not served")[2]
