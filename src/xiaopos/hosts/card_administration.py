"""What a terminal says about itself and not about money: signing in and off, settling, downloading its lists.

What may live here: which use case each of these messages asks for. What may not: field numbers (card_messages,
card_list_messages), messages with a MAC (card_desk), rules.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable

from xiaopos.fleet.asks import TerminalAsk
from xiaopos.fleet.downloads import DownloadKind
from xiaopos.fleet.profiles import PROFILES, KeyLayout
from xiaopos.hosts import card_list_messages as lists
from xiaopos.hosts import card_messages as messages
from xiaopos.hosts.card_messages import Asked
from xiaopos.hosts.card_notice_messages import status_of
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.usecases.close_batch import close_batch
from xiaopos.usecases.offer_downloads import note_compliance, offer_downloads
from xiaopos.usecases.ports import House
from xiaopos.usecases.sign_in_terminal import sign_in_terminal, sign_off_terminal
from xiaopos.usecases.take_status import take_status
from xiaopos.usecases.upload_batch import end_batch_upload, take_batch_items
from xiaopos.wire.iso8583 import Message
from xiaopos.wire.iso8583.terminal_fields import Field60

Verb = Callable[[Asked], Awaitable[Message | Refused]]

_COMPLIES = {
    DownloadKind.PARAMETERS: TerminalAsk.PARAMETERS,
    DownloadKind.PUBLIC_KEYS: TerminalAsk.PUBLIC_KEYS,
    DownloadKind.CHIP_PARAMETERS: TerminalAsk.CHIP_PARAMETERS,
    DownloadKind.BLACKLIST: TerminalAsk.BLACKLIST,
}


class Administration:
    """Answers what needs no MAC."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._verbs: dict[str, Verb] = {
            **dict.fromkeys(("sign_in", "sign_in_des", "sign_in_track"), self._sign_in),
            "sign_off": self._sign_off,
            "echo": self._echo,
            "settlement": self._settle,
            **dict.fromkeys(("batch_upload", "batch_upload_chip"), self._upload),
            **dict.fromkeys(("batch_upload_odd_205", "batch_upload_odd_206"), self._upload),
            # A chip transaction that failed (204) moved nothing: it is taken note of by no one.
            "batch_upload_chip_failed": functools.partial(self._upload, counts=False),
            **dict.fromkeys(("batch_upload_end", "batch_upload_end_unequal"), self._end_upload),
            "parameters": self._parameters,
            "blacklist": self._blacklist,
            "status": self._status,
        }
        for kind in DownloadKind:
            self._verbs[f"{kind.value}_end"] = functools.partial(self._fetched, kind)
        for kind in (DownloadKind.PUBLIC_KEYS, DownloadKind.CHIP_PARAMETERS):
            self._verbs[f"{kind.value}_query"] = functools.partial(self._list, kind)
            self._verbs[kind.value] = functools.partial(self._entry, kind)

    async def answer(self, asked: Asked, name: str) -> Message | Refused:
        """The answer to a message by its transaction's name. Raises Malformed and BooksLost."""
        verb = self._verbs.get(name)
        return Refused(Reason.TRANSACTION_UNSUPPORTED, name) if verb is None else await verb(asked)

    def _plain(self, asked: Asked) -> Message:
        return messages.plain_answer(asked.message, self._house.clock.now(), asked.facts.zone)

    async def _sign_in(self, asked: Asked) -> Message | Refused:
        facts = asked.facts
        layout = KeyLayout(Field60.parse(asked.message.text(60)).network_code)
        signed_in = await sign_in_terminal(facts.terminal_id, facts.merchant_id, layout, asked.received_at, self._house)
        if isinstance(signed_in, Refused):
            return signed_in
        return messages.sign_in_answer(asked.message, signed_in, self._house.clock.now(), facts.zone)

    async def _sign_off(self, asked: Asked) -> Message | Refused:
        refused = await sign_off_terminal(asked.facts.terminal_id, asked.received_at, self._house)
        return refused or self._plain(asked)

    async def _echo(self, asked: Asked) -> Message:
        return self._plain(asked)

    async def _settle(self, asked: Asked) -> Message | Refused:
        facts = asked.facts
        totals = messages.totals_of(asked.message)
        batch = Field60.parse(asked.message.text(60)).batch_number
        closed = await close_batch(
            facts.terminal_id, facts.merchant_id, totals, asked.received_at, self._house, batch_number=batch
        )
        if isinstance(closed, Refused):
            return closed
        return messages.settlement_answer(asked.message, closed, self._house.clock.now(), facts.zone)

    async def _upload(self, asked: Asked, *, counts: bool = True) -> Message | Refused:
        facts = asked.facts
        batch = Field60.parse(asked.message.text(60)).batch_number
        items = messages.uploaded_items(asked.message) if counts else ()
        taken = await take_batch_items(
            facts.terminal_id, facts.merchant_id, batch, items, asked.received_at, self._house
        )
        return taken if isinstance(taken, Refused) else self._plain(asked)

    async def _end_upload(self, asked: Asked) -> Message | Refused:
        facts = asked.facts
        batch = Field60.parse(asked.message.text(60)).batch_number
        told = messages.uploaded_count(asked.message)
        taken = await end_batch_upload(
            facts.terminal_id, facts.merchant_id, batch, told, asked.received_at, self._house
        )
        return taken if isinstance(taken, Refused) else self._plain(asked)

    async def _parameters(self, asked: Asked) -> Message | Refused:
        """All of them go into one answer: there is no second, so the terminal has complied."""
        rows = await offer_downloads(asked.facts, DownloadKind.PARAMETERS, asked.received_at, self._house)
        answer = lists.parameters_answer(self._plain(asked), rows)
        return await self._complied(asked, DownloadKind.PARAMETERS) or answer

    async def _list(self, kind: DownloadKind, asked: Asked) -> Message | Refused:
        """The names of what there is, a part at a time. Where there is nothing, the terminal need not ask for more."""
        rows = await offer_downloads(asked.facts, kind, asked.received_at, self._house)
        dialect = PROFILES[asked.facts.profile].downloads
        answer = lists.list_answer(asked.message, self._plain(asked), kind, rows, dialect)
        return (None if rows else await self._complied(asked, kind)) or answer

    async def _entry(self, kind: DownloadKind, asked: Asked) -> Message:
        rows = await offer_downloads(asked.facts, kind, asked.received_at, self._house)
        return lists.entry_answer(asked.message, self._plain(asked), kind, rows)

    async def _blacklist(self, asked: Asked) -> Message | Refused:
        rows = await offer_downloads(asked.facts, DownloadKind.BLACKLIST, asked.received_at, self._house)
        dialect = PROFILES[asked.facts.profile].downloads
        answer = lists.cells_answer(asked.message, self._plain(asked), rows, dialect)
        return (None if rows else await self._complied(asked, DownloadKind.BLACKLIST)) or answer

    async def _fetched(self, kind: DownloadKind, asked: Asked) -> Message | Refused:
        return await self._complied(asked, kind) or self._plain(asked)

    async def _status(self, asked: Asked) -> Message | Refused:
        told = status_of(asked.message)
        refused = await take_status(asked.facts, asked.header.hex(), told, asked.received_at, self._house)
        return refused or self._plain(asked)

    async def _complied(self, asked: Asked, kind: DownloadKind) -> Refused | None:
        return await note_compliance(asked.facts, _COMPLIES[kind], asked.received_at, self._house)
