"""Shops' speakers on the batch writer: what each is to say, numbered without a gap, and what is next for one that asks.

What may live here: those statements. What may not: sentences and times (usecases.announce_payment), waiting, HTTP.

What is to be said is found with the events that were written in the commit of the payment itself: nothing is skipped, however
slow that commit was. Amount and state are read of the payment in the moment of telling, and from nowhere else.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from datetime import datetime
from typing import Any

from xiaopos.kernel.money import Money
from xiaopos.keys import WrappedKey
from xiaopos.merchants.webhooks import EventType
from xiaopos.payments.payment import Kind
from xiaopos.store.payments.repo import as_instant
from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.statements import Execute, Row, Select, Statement
from xiaopos.usecases.announce_payment import SAID_FOR, STANDS, SaidKind, ToSay, said_of

SPEAKING = "SELECT merchant_id FROM speaker WHERE state = 'active'"
"""The merchants that have a speaker."""

_EVENTS = frozenset(
    {
        EventType.PAYMENT_APPROVED.value,
        EventType.PAYMENT_REVERSED.value,
        EventType.REFUND_APPROVED.value,
        EventType.VOID_APPROVED.value,
    }
)
_KINDS = (
    "SELECT p.kind, o.kind FROM payment p LEFT JOIN payment o "
    "ON o.merchant_id = p.merchant_id AND o.payment_id = p.original_id WHERE p.merchant_id = ? AND p.payment_id = ?"
)
_KNOWN = "SELECT kind FROM speaker_announcement WHERE speaker_id = ? AND payment_id = ?"
_SAY = (
    "INSERT INTO speaker_announcement (speaker_id, number, merchant_id, payment_id, kind, at, made_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_TRUE = " OR ".join(f"(a.kind = '{kind.value}' AND p.state = '{state.value}')" for kind, state in STANDS.items())
_NEXT = (
    "SELECT a.number, a.payment_id, a.kind, p.amount_minor, p.currency, a.at FROM speaker_announcement a "
    "JOIN payment p ON p.merchant_id = a.merchant_id AND p.payment_id = a.payment_id "
    f"WHERE a.speaker_id = ? AND a.number > ? AND a.at > ? AND ({_TRUE}) ORDER BY a.number LIMIT 1"
)
_FIND = "SELECT secret, heard_number, last_number FROM speaker WHERE speaker_id = ? AND state = 'active'"


class SpeakersOf:
    """Gives events to speakers, within one transaction: merchants without a speaker cost one look each."""

    def __init__(self) -> None:
        self._known: dict[str, Sequence[Row]] = {}

    def tell(
        self, merchant_id: str, shop_id: str, event: str, payment_id: str, at: datetime, now: datetime
    ) -> Generator[Statement, Any, None]:
        """Number what the speakers of a shop are to say of an event; an event that came before adds nothing."""
        if event not in _EVENTS:
            return
        if merchant_id not in self._known:
            sql = "SELECT speaker_id, shop_id FROM speaker WHERE merchant_id = ? AND state = 'active'"
            self._known[merchant_id] = yield Select(sql, (merchant_id,))
        here = [speaker_id for speaker_id, shop in self._known[merchant_id] if shop == shop_id]
        if not here:
            return
        found = yield Select(_KINDS, (merchant_id, payment_id))
        if not found:
            return
        kind, original = found[0]
        said = said_of(EventType(event), Kind(kind), None if original is None else Kind(original))
        if said is None:
            return
        for speaker_id in here:
            yield from _number(speaker_id, merchant_id, payment_id, said, at, now)


def _number(
    speaker_id: str, merchant_id: str, payment_id: str, said: SaidKind, at: datetime, now: datetime
) -> Generator[Statement, Any, None]:
    # The speaker's row first: whoever else numbers for this speaker waits here.
    yield Execute("UPDATE speaker SET last_number = last_number + 1 WHERE speaker_id = ?", (speaker_id,))
    known = {kind for (kind,) in (yield Select(_KNOWN, (speaker_id, payment_id)))}
    unsaid = said is SaidKind.TAKEN_BACK and SaidKind.RECEIVED.value not in known
    if said.value in known or unsaid:
        yield Execute("UPDATE speaker SET last_number = last_number - 1 WHERE speaker_id = ?", (speaker_id,))
        return
    numbered = yield Select("SELECT last_number FROM speaker WHERE speaker_id = ?", (speaker_id,))
    yield Execute(_SAY, (speaker_id, numbered[0][0], merchant_id, payment_id, said.value, at, now))


class SpeakerQueue:
    """See `hosts.speaker_door.Queue`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def find(self, speaker_id: str) -> tuple[WrappedKey, int, int] | None:
        """See Queue."""
        found = await self._engine.select(Select(_FIND, (speaker_id,)))
        if not found:
            return None
        secret, heard, last = found[0]
        return WrappedKey.from_text(secret), int(heard), int(last)

    async def next(self, speaker_id: str, after: int, now: datetime) -> ToSay | None:
        """See Queue."""
        found = await self._engine.select(Select(_NEXT, (speaker_id, after, now - SAID_FOR)))
        if not found:
            return None
        number, payment_id, kind, minor, currency, at = found[0]
        return ToSay(int(number), payment_id, SaidKind(kind), Money(int(minor), currency), as_instant(at))

    async def note_heard(self, speaker_id: str, number: int, now: datetime) -> None:
        """See Queue."""

        def note() -> Generator[Statement, Any, None]:
            yield Execute(
                "UPDATE speaker SET heard_number = ?, seen_at = ? WHERE speaker_id = ? AND heard_number <= ?",
                (number, now, speaker_id, number),
            )

        await self._engine.run(note)

    async def fresh(self, since: datetime) -> Sequence[str]:
        """See Queue."""
        sql = "SELECT DISTINCT speaker_id FROM speaker_announcement WHERE made_at >= ?"
        return [speaker_id for (speaker_id,) in await self._engine.select(Select(sql, (since,)))]
