"""Keeping decoded frames: which payment they are about, that nothing secret is in them, and that payments never wait for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import Any

from support.card_counter import MEIS_CARD, CardCounter
from support.world import at_once
from xiaopos.hosts import frame_keeper
from xiaopos.hosts.frame_keeper import LET_GO, FrameKeeper
from xiaopos.kernel.secret import Secret
from xiaopos.terminal.cards import How
from xiaopos.usecases.ports import BooksLost
from xiaopos.wire.iso8583 import Codec, Message
from xiaopos.wire.iso8583.card_network import SPEC as NETWORK

PAN = MEIS_CARD.pan.digits
NAMES = ("id", "at", "rrn", "process", "peer", "ours", "title", "lines")


class Shelf:
    """Where rows are written, and a line to it that can be cut."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.away = False

    async def write(self, rows: Sequence[tuple[Any, ...]]) -> None:
        if self.away:
            raise BooksLost("away")
        self.rows += [dict(zip(NAMES, row, strict=True)) for row in rows]


def keeper(counter: CardCounter, shelf: Shelf) -> FrameKeeper:
    numbers = count(1)

    def new_id(at: datetime) -> str:
        return f"{int(at.timestamp()):x}-{next(numbers)}"

    return FrameKeeper(shelf.write, process="card-host", now=counter.world.clock.now, make_id=new_id, every_s=0.001)


async def until(true: Any) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.002)


def sale_frame(counter: CardCounter, pin: str | None = None) -> bytes:
    typed = None if pin is None else Secret(pin.encode())
    frame = counter.device.sale(12_50, MEIS_CARD, How.TAP, now=counter.world.clock.now(), pin=typed)
    assert isinstance(frame, bytes)
    return frame[2:]


def let_go() -> float:
    return float(LET_GO._value.get())


def test_a_sale_is_kept_as_two_masked_frames_under_its_reference_number() -> None:
    counter, shelf = CardCounter(), Shelf()
    counter.signs_in()

    async def story() -> None:
        keeps = keeper(counter, shelf)
        answer = keeps.around(counter.desk.answer)
        keeps.start()
        said = await answer(sale_frame(counter, pin="123456"))
        assert said is not None
        assert counter.device.take(said[2:], now=counter.world.clock.now()).approved
        await until(lambda: len(shelf.rows) == 2)
        await keeps.stop()
        await keeps.stop()

    asyncio.run(story())
    (payment,) = counter.world.books.payments.values()
    asked, answered = shelf.rows
    assert {asked["rrn"], answered["rrn"]} == {payment.rrn}
    assert [(row["ours"], row["peer"]) for row in shelf.rows] == [(False, ""), (True, "")]
    assert asked["title"].startswith("0200 ")
    fields = {line[0]: line[3] for line in json.loads(asked["lines"])}
    assert fields["4"].endswith("1250")
    kept = repr(shelf.rows)
    assert PAN not in kept
    assert PAN[6:-4] not in kept
    assert fields["52"] == "<8>"
    assert fields["64"] == "<8>"


def test_what_is_about_no_payment_or_cannot_be_read_is_not_kept() -> None:
    counter, shelf = CardCounter(), Shelf()
    sign_in = counter.device.sign_in()
    assert isinstance(sign_in, bytes)

    async def story() -> None:
        keeps = keeper(counter, shelf)
        answer = keeps.around(counter.desk.answer)
        keeps.start()
        said = await answer(sign_in[2:])
        assert said is not None
        counter.device.take(said[2:], now=counter.world.clock.now())
        assert await answer(b"nonsense") is None
        keeps.of_network("spare", NETWORK)(True, b"")
        assert await answer(sale_frame(counter)) is not None
        await until(lambda: shelf.rows)
        await keeps.stop()

    asyncio.run(story())
    assert len(shelf.rows) == 2


def test_a_networks_frames_carry_its_name() -> None:
    counter, shelf = CardCounter(), Shelf()
    frame = Codec(NETWORK).encode(Message("0210", {2: PAN, 4: "000000001250", 37: "607300000001", 39: "00"}))

    async def story() -> None:
        keeps = keeper(counter, shelf)
        keeps.start()
        keeps.of_network("spare", NETWORK)(False, frame)
        await until(lambda: shelf.rows)
        await keeps.stop()

    asyncio.run(story())
    (row,) = shelf.rows
    assert (row["peer"], row["ours"], row["rrn"], row["process"]) == ("spare", False, "607300000001", "card-host")
    assert PAN not in row["lines"]


def test_a_flood_and_a_database_that_is_away_cost_frames_and_nothing_else() -> None:
    counter, shelf = CardCounter(), Shelf()
    counter.signs_in()

    async def story() -> None:
        async def slowly(raw: bytes) -> bytes | None:
            await asyncio.sleep(0)
            return await counter.desk.answer(raw)

        keeps = keeper(counter, shelf)
        answer, before = keeps.around(slowly), let_go()
        first = sale_frame(counter)
        for _ in range(frame_keeper.QUEUE - 1):
            assert await answer(first) is not None
        # Two at once for one place, then one for none, and one of a network.
        assert None not in await asyncio.gather(answer(first), answer(first))
        assert await answer(first) is not None
        keeps.of_network("spare", NETWORK)(False, first)
        shelf.away = True
        keeps.start()
        everything = 2 * (frame_keeper.QUEUE + 2) + 1
        await until(lambda: let_go() - before == everything)
        assert shelf.rows == []
        shelf.away = False
        for _ in range(frame_keeper.A_ROUND + 1):
            assert await answer(first) is not None
        await until(lambda: len(shelf.rows) == 2 * (frame_keeper.A_ROUND + 1))
        assert let_go() - before == everything
        await keeps.stop()

    asyncio.run(story())


def test_a_frame_prints_no_bytes() -> None:
    frame = frame_keeper.Heard(CardCounter().world.clock.now(), True, PAN.encode())
    assert PAN not in repr(frame)
    assert PAN not in repr(frame_keeper.Exchange("", (), (frame,)))
    assert at_once(FrameKeeper.stop(keeper(CardCounter(), Shelf()))) is None
