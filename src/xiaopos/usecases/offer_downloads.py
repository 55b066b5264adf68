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

TIPS, TIP_PERCENT, MERCHANT_NAME = "18", "19", "22"


async def offer_downloads(
    terminal: TerminalFacts, kind: DownloadKind, at: datetime, house: House
) -> tuple[DownloadRow, ...]:
    """The entries of a list that stand for the terminal's profile today, by key. Raises BooksLost."""
    on = house.day(at)
    rows = list(await house.books.recall_downloads(kind, terminal.profile, on))
    if kind is DownloadKind.PARAMETERS:
        entered = {row.key for row in rows}
        own = _of_registration(terminal).items()
        rows += [DownloadRow(kind, tag, "", on, value) for tag, value in own if tag not in entered]
    return standing(rows, terminal.profile, on)


def _of_registration(terminal: TerminalFacts) -> dict[str, str]:
    """The parameters that the registration and the merchant's terms give, where no row does."""
    share = terminal.limits.tip_percent
    return {
        TIPS: "1" if share else "0",
        TIP_PERCENT: str(min(share, 99)),
        MERCHANT_NAME: merchant_name(terminal.merchant_name),
    }


async def note_compliance(terminal: TerminalFacts, ask: TerminalAsk, at: datetime, house: House) -> Refused | None:
    """Record that a terminal has done something that may have been asked of it; what was asked later stays open."""
    change = TerminalChange(terminal.terminal_id, at, complied=ask)
    recorded = await house.books.record(Change(terminal=change))
    return recorded if isinstance(recorded, Refused) else None
