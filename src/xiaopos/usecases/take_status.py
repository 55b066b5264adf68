"""Take a terminal's word about itself (状态上送).

What may live here: recording it. What may not: judging it (fleet), how it travels (hosts).
"""

from __future__ import annotations

from datetime import datetime

from xiaopos.fleet.asks import TerminalAsk
from xiaopos.kernel.refusal import Refused
from xiaopos.usecases.notices import TerminalStatus
from xiaopos.usecases.ports import Change, House, TerminalChange, TerminalFacts


async def take_status(
    terminal: TerminalFacts, header: str, content: str, received_at: datetime, house: House
) -> Refused | None:
    """Record what a terminal says of itself, and that it has complied if it was asked to. Raises BooksLost."""
    status = TerminalStatus(terminal.terminal_id, received_at, header, content)
    change = TerminalChange(terminal.terminal_id, received_at, complied=TerminalAsk.STATUS)
    recorded = await house.books.record(Change(terminal=change, notices=(status,)))
    return recorded if isinstance(recorded, Refused) else None
