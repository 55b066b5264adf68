"""The card host on real sockets: garbage, half frames, slow and deaf peers harm nobody else; stopping answers what began."""

from __future__ import annotations

import asyncio
import gc
import os
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import uvloop

from support.card_counter import ENVELOPE, MEIS_CARD, CardCounter
from support.terminal_line import StillClock
from xiaopos.hosts.card_host import CardHost, HostLimits
from xiaopos.simulator.terminals import Line, PretendTerminal
from xiaopos.terminal.cards import How
from xiaopos.terminal.outcome import Outcome
from xiaopos.wire.iso8583.framing import FrameReader, encode_frame

QUICK = HostLimits(frame_s=0.3, idle_s=30.0, under_way=4, goodbye_s=0.3)


@dataclass
class Echo:
    """A desk that says every frame back, when it may: `open` can be shut. Tells how many it answers at once."""

    open: asyncio.Event = field(default_factory=asyncio.Event)
    now: int = 0
    most: int = 0
    seen: int = 0
    answer_with: Callable[[bytes], bytes | None] = encode_frame

    def __post_init__(self) -> None:
        self.open.set()

    async def answer(self, raw: bytes) -> bytes | None:
        self.now, self.seen = self.now + 1, self.seen + 1
        self.most = max(self.most, self.now)
        try:
            await self.open.wait()
            if raw == b"bug":
                raise RuntimeError("a pretend bug")
            return self.answer_with(raw)
        finally:
            self.now -= 1


@dataclass
class Peer:
    """Somebody on a socket."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def at(cls, port: int) -> Peer:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def sends(self, *chunks: bytes) -> None:
        for chunk in chunks:
            self.writer.write(chunk)
            await self.writer.drain()

    async def hears(self, frames: int = 1) -> list[bytes]:
        """That many frames."""
        cut, heard = FrameReader(4096), list[bytes]()
        while len(heard) < frames:
            chunk = await asyncio.wait_for(self.reader.read(4096), 5)
            assert chunk, f"the host hung up after {len(heard)} answers"
            heard += cut.feed(chunk)
        return heard

    async def is_hung_up_on(self) -> bool:
        """Whether the host closes the line without another word."""
        try:
            return await asyncio.wait_for(self.reader.read(4096), 5) == b""
        except ConnectionResetError:
            return True

    def leaves(self) -> None:
        self.writer.close()


@dataclass
class Crowd:
    """Whether the house is crowded."""

    now: bool = False

    def __call__(self) -> bool:
        return self.now


@asynccontextmanager
async def hosting(
    answer: Callable[[bytes], Awaitable[bytes | None]], limits: HostLimits = QUICK, crowd: Crowd | None = None
) -> AsyncIterator[tuple[CardHost, int]]:
    host = CardHost(answer, limits, crowded=crowd or Crowd())
    port = await host.start("127.0.0.1", 0)
    try:
        yield host, port
    finally:
        await host.stop(grace_s=2)
        assert not host.connections


def play(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """On the loop that the service runs on."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(asyncio.wait_for(story(), 120))


async def until(true: Callable[[], object]) -> None:
    for _ in range(500):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came true")


def test_frames_are_answered_however_they_arrive() -> None:
    async def story() -> None:
        async with hosting(Echo().answer) as (_, port):
            peer = await Peer.at(port)
            await peer.sends(*(bytes((byte,)) for byte in encode_frame(b"one")))
            assert await peer.hears() == [b"one"]
            await peer.sends(encode_frame(b"two") + encode_frame(b"three"))
            assert sorted(await peer.hears(2)) == [b"three", b"two"]
            peer.leaves()

    play(story)


@pytest.mark.parametrize("garbage", [b"\xff" * 10, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01" * 99])
def test_an_impossible_length_is_hung_up_on(garbage: bytes) -> None:
    async def story() -> None:
        async with hosting(Echo().answer) as (_, port):
            peer = await Peer.at(port)
            await peer.sends(garbage)
            assert await peer.is_hung_up_on()
            peer.leaves()

    play(story)


def test_what_came_before_a_frame_that_is_too_long_is_answered() -> None:
    async def story() -> None:
        echo = Echo()
        echo.open.clear()
        async with hosting(echo.answer) as (_, port):
            peer = await Peer.at(port)
            await peer.sends(encode_frame(b"good") + b"\xff\xff", b"more")
            await until(lambda: echo.now)
            echo.open.set()
            assert await peer.hears() == [b"good"]
            assert await peer.is_hung_up_on()
            peer.leaves()

    play(story)


def test_a_peer_that_only_ends_its_sending_still_gets_its_answer() -> None:
    async def story() -> None:
        echo = Echo()
        echo.open.clear()
        async with hosting(echo.answer) as (_, port):
            peer, idle = await Peer.at(port), await Peer.at(port)
            await peer.sends(encode_frame(b"last"))
            await until(lambda: echo.now)
            peer.writer.write_eof()
            idle.writer.write_eof()
            assert await idle.is_hung_up_on()
            echo.open.set()
            assert await peer.hears() == [b"last"]
            assert await peer.is_hung_up_on()
            peer.leaves()
            idle.leaves()

    play(story)


def test_half_a_frame_is_hung_up_on_and_so_is_one_that_trickles() -> None:
    async def story() -> None:
        async with hosting(Echo().answer) as (_, port):
            half, slow, good = await Peer.at(port), await Peer.at(port), await Peer.at(port)
            await half.sends(encode_frame(b"x" * 100)[:50])

            async def trickle() -> None:
                for byte in encode_frame(b"y" * 200):
                    slow.writer.write(bytes((byte,)))
                    await asyncio.sleep(0.05)

            trickling = asyncio.create_task(trickle())
            assert await half.is_hung_up_on()
            assert await slow.is_hung_up_on()
            trickling.cancel()
            await good.sends(encode_frame(b"z"))
            assert await good.hears() == [b"z"]
            for peer in (half, slow, good):
                peer.leaves()

    play(story)


def test_silence_is_hung_up_on_but_not_while_an_answer_is_awaited() -> None:
    async def story() -> None:
        echo = Echo()
        echo.open.clear()
        async with hosting(echo.answer, replace(QUICK, idle_s=0.2)) as (_, port):
            silent, waiting = await Peer.at(port), await Peer.at(port)
            await waiting.sends(encode_frame(b"w"))
            assert await silent.is_hung_up_on()
            echo.open.set()
            assert await waiting.hears() == [b"w"]
            silent.leaves()
            waiting.leaves()

    play(story)


def test_one_chunk_never_starts_more_than_its_connection_may() -> None:
    async def story() -> None:
        echo = Echo()
        async with hosting(echo.answer) as (host, port):
            echo.open.clear()
            peer = await Peer.at(port)
            await peer.sends(encode_frame(b"") * 30_000)
            await until(lambda: echo.now == QUICK.under_way)
            (terminal,) = host.connections
            assert terminal.under_way == QUICK.under_way
            echo.open.set()
            assert len(await peer.hears(30_000)) == 30_000
            assert echo.most == QUICK.under_way
            peer.leaves()

    play(story)


def test_a_peer_with_too_much_under_way_is_read_on_when_it_has_its_answers() -> None:
    async def story() -> None:
        echo = Echo()
        echo.open.clear()
        async with hosting(echo.answer) as (_, port):
            peer = await Peer.at(port)
            await peer.sends(*(encode_frame(bytes((number,))) for number in range(20)))
            # Half a frame and silence are not its fault while the host does not read.
            await peer.sends(encode_frame(b"half")[:3])
            await until(lambda: echo.now == QUICK.under_way)
            await asyncio.sleep(0.8)
            echo.open.set()
            await peer.sends(encode_frame(b"half")[3:])
            assert len(await peer.hears(21)) == 21
            assert echo.most <= QUICK.under_way
            peer.leaves()

    play(story)


def test_a_crowded_house_reads_nothing_and_goes_on_when_there_is_room() -> None:
    async def story() -> None:
        echo, crowd = Echo(), Crowd(now=True)
        async with hosting(echo.answer, replace(QUICK, idle_s=0.2), crowd) as (host, port):
            peer = await Peer.at(port)
            await peer.sends(encode_frame(b"one"))
            assert await peer.hears() == [b"one"]
            await peer.sends(encode_frame(b"two"))
            await asyncio.sleep(0.7)
            assert echo.seen == 1
            assert len(host.connections) == 1, "it is not the terminal that is silent"
            crowd.now = False
            assert await peer.hears() == [b"two"]
            peer.leaves()

    play(story)


def test_a_peer_that_never_reads_its_answers_is_cut_off_and_others_go_on() -> None:
    async def story() -> None:
        echo = Echo(answer_with=lambda _: encode_frame(bytes(60_000)))
        async with hosting(echo.answer) as (host, port):
            deaf, good = await Peer.at(port), await Peer.at(port)
            deaf.writer.transport.pause_reading()  # type: ignore[attr-defined]  # typed as a base transport without it
            for _ in range(600):
                deaf.writer.write(encode_frame(b"again"))
                if len(host.connections) == 1:
                    break
                await asyncio.sleep(0.005)
            await until(lambda: len(host.connections) == 1)
            echo.answer_with = encode_frame
            await good.sends(encode_frame(b"fine"))
            assert await good.hears() == [b"fine"]
            deaf.writer.transport.abort()
            good.leaves()

    play(story)


def test_a_peer_that_was_hung_up_on_and_does_not_fetch_its_answers_is_cut_off_in_the_end() -> None:
    async def story() -> None:
        limits = replace(QUICK, idle_s=0.2, unread_answers_bytes=64 << 20)
        echo = Echo(answer_with=lambda _: encode_frame(bytes(60_000)))
        async with hosting(echo.answer, limits) as (host, port):
            deaf = await Peer.at(port)
            deaf.writer.transport.pause_reading()  # type: ignore[attr-defined]  # typed as a base transport without it
            await deaf.sends(encode_frame(b"again") * 400)
            await until(lambda: echo.seen == 400)
            await until(lambda: not host.connections)
            deaf.writer.transport.abort()

    play(story)


def test_a_bug_in_one_answer_stops_neither_the_connection_nor_the_host() -> None:
    async def story() -> None:
        async with hosting(Echo().answer) as (_, port):
            peer = await Peer.at(port)
            await peer.sends(encode_frame(b"bug"), encode_frame(b"fine"))
            assert await peer.hears() == [b"fine"]
            peer.leaves()

    play(story)


def test_a_full_house_takes_no_more_connections() -> None:
    async def story() -> None:
        async with hosting(Echo().answer, replace(QUICK, connections=1)) as (host, port):
            first = await Peer.at(port)
            await until(lambda: host.connections)
            second = await Peer.at(port)
            assert await second.is_hung_up_on()
            await first.sends(encode_frame(b"one"))
            assert await first.hears() == [b"one"]
            first.leaves()
            second.leaves()

    play(story)


def test_stopping_answers_what_is_under_way_and_takes_nothing_new() -> None:
    async def story() -> None:
        echo = Echo()
        echo.open.clear()
        async with hosting(echo.answer) as (host, port):
            peer = await Peer.at(port)
            await peer.sends(*(encode_frame(bytes((number,))) for number in range(9)))
            await until(lambda: echo.now == QUICK.under_way)
            stopping = asyncio.create_task(host.stop(grace_s=5))
            await asyncio.sleep(0.05)
            echo.open.set()
            await stopping
            assert len(await peer.hears(QUICK.under_way)) == QUICK.under_way
            assert await peer.is_hung_up_on()
            assert echo.seen == QUICK.under_way
            with pytest.raises(OSError):
                await Peer.at(port)
            peer.leaves()

    play(story)


def test_stopping_does_not_wait_for_ever() -> None:
    async def story() -> None:
        echo = Echo()
        echo.open.clear()
        host = CardHost(echo.answer, QUICK, crowded=Crowd())
        peer = await Peer.at(await host.start("127.0.0.1", 0))
        await peer.sends(encode_frame(b"stuck"))
        await until(lambda: echo.now)
        await host.stop(grace_s=0.1)
        assert not host.connections
        echo.open.set()
        await until(lambda: not echo.now)
        peer.leaves()

    play(story)


def test_a_host_that_never_started_can_be_stopped() -> None:
    play(lambda: CardHost(Echo().answer, QUICK, crowded=Crowd()).stop())


def test_two_thousand_connections_of_garbage_leave_nothing_behind() -> None:
    async def story() -> None:
        counter = CardCounter()
        async with hosting(counter.desk.answer) as (host, port):

            async def annoy(number: int) -> None:
                peer = await Peer.at(port)
                await peer.sends(encode_frame(ENVELOPE + os.urandom(number % 90)), os.urandom(number % 50))
                peer.writer.transport.abort()

            async def wave(numbers: range) -> None:
                await asyncio.gather(*(annoy(number) for number in numbers))
                await until(lambda: not host.connections)

            await wave(range(200))
            gc.collect()
            tracemalloc.start()
            before = tracemalloc.get_traced_memory()[0]
            for first in range(0, 2_000, 100):
                await wave(range(first, first + 100))
            gc.collect()
            grown = tracemalloc.get_traced_memory()[0] - before
            tracemalloc.stop()
            assert grown < 1_000_000, f"{grown} bytes stayed"
            assert not counter.world.books.payments

    play(story)


def test_a_real_terminal_sells_beside_a_flood_of_garbage() -> None:
    async def story() -> None:
        counter = CardCounter()
        async with hosting(counter.desk.answer) as (_, port):
            terminal = PretendTerminal(counter.device, Line("127.0.0.1", port, timeout_s=5), StillClock())
            done = asyncio.Event()

            async def flood() -> None:
                while not done.is_set():
                    peer = await Peer.at(port)
                    await peer.sends(os.urandom(200))
                    peer.leaves()

            floods = [asyncio.create_task(flood()) for _ in range(4)]
            for _ in range(5):
                sold = await terminal.sale(12_50, MEIS_CARD, How.TAP)
                assert isinstance(sold, Outcome)
                assert sold.approved
            done.set()
            await asyncio.gather(*floods, return_exceptions=True)
            await terminal.close()

    play(story)
