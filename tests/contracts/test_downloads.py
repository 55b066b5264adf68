"""What every Books promises of the lists that terminals download, and of what is asked of terminals."""

from __future__ import annotations

from datetime import date, timedelta

from support.claims import TEA_TERMINAL, TODAY
from support.make_books import ASKED_AT, ASKED_TERMINAL, DOWNLOADS
from support.stores import Opened, Store, tell
from xiaopos.fleet.asks import TerminalAsk
from xiaopos.fleet.downloads import DownloadKind
from xiaopos.kernel.ids import TerminalId
from xiaopos.usecases.ports import Change, TerminalChange

PLAIN, MIXED = "unionpay-3des-2012", "unionpay-3des-mac-2012"


def test_the_rows_of_a_list_are_recalled_for_a_profile_by_a_day(store: Store) -> None:
    old, new, mixed, beginning = DOWNLOADS

    async def story(opened: Opened) -> None:
        recall = opened.books.recall_downloads
        assert list(await recall(DownloadKind.PARAMETERS, PLAIN, TODAY)) == [old]
        assert set(await recall(DownloadKind.PARAMETERS, PLAIN, date(2027, 1, 1))) == {old, new}
        assert set(await recall(DownloadKind.PARAMETERS, MIXED, TODAY)) == {old, mixed}
        assert list(await recall(DownloadKind.BLACKLIST, PLAIN, TODAY)) == [beginning]
        assert list(await recall(DownloadKind.PUBLIC_KEYS, PLAIN, TODAY)) == []

    tell(store, story)


def test_a_terminal_is_asked_for_the_most_urgent_until_it_has_complied(store: Store) -> None:
    asked = TerminalId(ASKED_TERMINAL)

    async def story(opened: Opened) -> None:
        async def now_asked(terminal_id: TerminalId) -> TerminalAsk | None:
            facts = await opened.books.recall_terminal(terminal_id, TODAY)
            assert facts is not None
            return facts.asked

        async def complies(ask: TerminalAsk, minutes: int = 1) -> None:
            at = ASKED_AT + timedelta(minutes=minutes)
            await opened.books.record(Change(terminal=TerminalChange(asked, at, complied=ask)))

        assert await now_asked(TEA_TERMINAL) is None
        assert await now_asked(asked) is TerminalAsk.SIGN_IN
        await complies(TerminalAsk.STATUS)
        await complies(TerminalAsk.SIGN_IN, minutes=-1)
        assert await now_asked(asked) is TerminalAsk.SIGN_IN
        await complies(TerminalAsk.SIGN_IN)
        assert await now_asked(asked) is TerminalAsk.PARAMETERS
        await complies(TerminalAsk.PARAMETERS)
        assert await now_asked(asked) is None

    tell(store, story)
