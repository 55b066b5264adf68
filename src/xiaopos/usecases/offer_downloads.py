"""Offer a terminal what it may download (参数、IC卡公钥、IC卡参数、黑名单下载), and take note when it has done what was asked.

What may live here: choosing the rows for one terminal, recording compliance. What may not: how a list travels (hosts), who asked
(ask_terminal).
"""

from __future__ import annotations

from datetime import datetime

from xiaopos.fleet.asks import TerminalAsk
from xiaopos.fleet.downloads import DownloadKind, DownloadRow, standing
from xiaopos.kernel.refusal import Refused
from xiaopos.usecases.ports import Change, House, TerminalChange, TerminalFacts
from xiaopos.wire.iso8583.terminal_downloads import merchant_name

MERCHANT_NAME = "22"
"""The parameter that the registration gives, where no row does."""


async def offer_downloads(
    terminal: TerminalFacts, kind: DownloadKind, at: datetime, house: House
) -> tuple[DownloadRow, ...]:
    """The entries of a list that stand for the terminal's profile today, by key. Raises BooksLost."""
    on = house.day(at)
    rows = list(await house.books.recall_downloads(kind, terminal.profile, on))
    if kind is DownloadKind.PARAMETERS and not any(row.key == MERCHANT_NAME for row in rows):
        rows.append(DownloadRow(kind, MERCHANT_NAME, "", on, merchant_name(terminal.merchant_name)))
    return standing(rows, terminal.profile, on)


async def note_compliance(terminal: TerminalFacts, ask: TerminalAsk, at: datetime, house: House) -> Refused | None:
    """Record that a terminal has done something that may have been asked of it; what was asked later stays open."""
    change = TerminalChange(terminal.terminal_id, at, complied=ask)
    recorded = await house.books.record(Change(terminal=change))
    return recorded if isinstance(recorded, Refused) else None
