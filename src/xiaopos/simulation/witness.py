"""A witness on the line between host and terminals: nobody is told more than the books hold at that moment.

What may live here: reading answers as they are written, comparing them with what is committed. What may not: the judgement at
the end.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from xiaopos.terminal import texts
from xiaopos.wire.iso8583 import Codec, Malformed, Message
from xiaopos.wire.iso8583.framing import TerminalFrame
from xiaopos.wire.iso8583.unionpay_terminal import SPEC

_FOUND = (
    "SELECT p.state, p.rrn, (SELECT COUNT(*) FROM payment_move m WHERE m.merchant_id = p.merchant_id "
    "AND m.payment_id = p.payment_id AND m.state = 'approved') FROM payment p "
    "WHERE p.terminal_id = ? AND p.batch_number = ? AND p.stan = ? ORDER BY p.received_at DESC LIMIT 1"
)
_MONEY = frozenset({"0110", "0210", "0230"})
_REVERSAL = "0410"
_NOT_TAKEN_BACK = frozenset({"sent", "paying", "unknown", "approved", "voiding", "completing", "completed", "voided"})


class Witness:
    """Hears every piece; `broken` holds what was said and did not stand in the books. `secrets` are watched for at the end."""

    def __init__(self, books: Path) -> None:
        self.broken: list[str] = []
        self.secrets: list[bytes] = []
        self.approvals = 0
        self._books = sqlite3.connect(f"file:{books}?mode=ro", uri=True, isolation_level=None)
        self._codec = Codec(SPEC)

    def hear(self, place: str, piece: bytes) -> None:
        """One piece as it is written."""
        if place != "terminals.answer":
            return
        try:
            answer = self._codec.decode(TerminalFrame.parse(piece[2:]).body)
        except Malformed as error:
            self.broken.append(f"the host wrote what nobody can read: {error}")
            return
        if answer.text(39) in texts.SUCCESS and answer.mti in (*_MONEY, _REVERSAL):
            self._compare(answer)

    def _compare(self, answer: Message) -> None:
        voucher = (answer.text(41), int(answer.text(60)[2:8]), int(answer.text(11)))
        row = self._books.execute(_FOUND, voucher).fetchone()
        name = "/".join(map(str, voucher))
        if row is None:
            self.broken.append(f"{name} was told {answer.text(39)}, and the books have no such payment")
        elif answer.mti == _REVERSAL:
            if row[0] in _NOT_TAKEN_BACK:
                self.broken.append(f"{name} was told that it is taken back, while the books hold it as {row[0]}")
        elif not row[2] or row[1] != answer.text(37):
            self.approvals += 1
            self.broken.append(f"{name} was told approved, while the books hold it as {row[0]}, reference {row[1]}")
        else:
            self.approvals += 1

    def close(self) -> None:
        """Let go of the books."""
        self._books.close()
