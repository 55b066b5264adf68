"""The virtual network: what each trouble does to a stream, seen from both ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any

import pytest

from xiaopos.simulation.faults import Fault, Kind, Troubles
from xiaopos.simulation.loop import Process, VirtualLoop
from xiaopos.simulation.network import VirtualNetwork

PORT = 1


class End(asyncio.Protocol):
    """Keeps what it hears; the far end answers each piece with itself, doubled."""

    def __init__(self, *, answers: bool) -> None:
        self.answers = answers
        self.heard = b""
        self.pieces = 0
        self.lost: list[str] = []
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.heard += data
        self.pieces += 1
        if self.answers:
            self.transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.append(type(exc).__name__)


Story = Callable[[VirtualNetwork, End, End], Coroutine[Any, Any, None]]


def tell(story: Story, *faults: Fault, process: Process | None = None) -> None:
    loop = VirtualLoop(lambda: 0.01)
    dice = Random(3)
    network = VirtualNetwork(loop, dice, Troubles(faults), {PORT: "terminals"}, lambda _place, _piece: None)
    loop.network = network

    async def whole() -> None:
        far = End(answers=True)
        if process is not None:
            await process.spawn(loop.create_server(lambda: far, "x", PORT))
        else:
            await loop.create_server(lambda: far, "x", PORT)
        _, near = await loop.create_connection(lambda: End(answers=False), "x", PORT)
        await asyncio.sleep(0.1)
        await story(network, near, far)

    loop.run_until_complete(whole())


def says(*words: bytes, wait: float = 10.0) -> Callable[[End], Coroutine[Any, Any, None]]:
    async def say(near: End) -> None:
        for word in words:
            near.transport.write(word)
        await asyncio.sleep(wait)

    return say


def fault(kind: Kind, nth: int = 1, value: float = 0.0, place: str = "terminals.ask") -> Fault:
    return Fault(kind, place, nth, value)


@pytest.mark.parametrize(
    ("faults", "heard"),
    [
        ((), b"onetwothree"),
        ((fault(Kind.DROP, 2),), b"onethree"),
        ((fault(Kind.DUPLICATE, 2),), b"onetwotwothree"),
        ((fault(Kind.REORDER, 1),), b"twoonethree"),
        ((fault(Kind.REORDER, 3),), b"onetwothree"),
        ((fault(Kind.DELAY, 1, 5.0),), b"onetwothree"),
        ((fault(Kind.CUT, 2),), b"one"),
        ((fault(Kind.HALF_OPEN, 2),), b"one"),
    ],
)
def test_what_arrives(faults: tuple[Fault, ...], heard: bytes) -> None:
    async def story(_network: VirtualNetwork, near: End, far: End) -> None:
        await says(b"one", b"two", b"three")(near)
        assert far.heard == heard

    tell(story, *faults)


def test_a_corrupt_piece_has_one_other_byte() -> None:
    async def story(_network: VirtualNetwork, near: End, far: End) -> None:
        await says(b"abcdefgh")(near)
        assert len(far.heard) == 8
        assert sum(mine != theirs for mine, theirs in zip(b"abcdefgh", far.heard, strict=True)) == 1

    tell(story, fault(Kind.CORRUPT, value=0.37))


def test_a_cut_is_heard_at_both_ends_and_a_half_open_line_at_none() -> None:
    async def cut(_network: VirtualNetwork, near: End, far: End) -> None:
        await says(b"one")(near)
        assert near.lost == far.lost == ["ConnectionResetError"]

    async def silent(_network: VirtualNetwork, near: End, far: End) -> None:
        await says(b"one", b"two")(near)
        far.transport.write(b"unheard")
        near.transport.close()
        await asyncio.sleep(5)
        assert (near.lost, far.lost, near.heard) == (["NoneType"], [], b"")

    tell(cut, fault(Kind.CUT))
    tell(silent, fault(Kind.HALF_OPEN))


def test_hanging_up_is_heard_at_the_other_end_after_all_that_was_said() -> None:
    async def story(_network: VirtualNetwork, near: End, far: End) -> None:
        near.transport.write(b"last word")
        near.transport.close()
        near.transport.write(b"too late")
        near.transport.close()
        await asyncio.sleep(5)
        assert (far.heard, far.lost, near.lost) == (b"last word", ["NoneType"], ["NoneType"])
        assert near.transport.is_closing()

    tell(story)


def test_an_end_that_does_not_read_hears_everything_later() -> None:
    async def story(_network: VirtualNetwork, near: End, far: End) -> None:
        far.transport.pause_reading()
        assert not far.transport.is_reading()
        await says(b"one", b"two")(near)
        assert far.heard == b""
        far.transport.resume_reading()
        await asyncio.sleep(1)
        assert far.heard == b"onetwo"

    tell(story)


def test_a_process_that_dies_is_heard_as_a_broken_line_and_nobody_listens_for_it() -> None:
    process = Process("host")

    async def story(network: VirtualNetwork, near: End, far: End) -> None:
        process.die()
        await says(b"one")(near)
        assert (near.lost, far.heard) == (["ConnectionResetError"], b"")
        with pytest.raises(ConnectionRefusedError):
            await network.connect(lambda: End(answers=False), PORT)

    tell(story, process=process)


def test_a_port_is_taken_once_until_it_is_given_back() -> None:
    async def story(network: VirtualNetwork, near: End, _far: End) -> None:
        with pytest.raises(OSError, match="in use"):
            network.listen(lambda: near, PORT)
        network.deafen(PORT)
        server = network.listen(lambda: near, PORT)
        assert server.sockets[0].getsockname()[1] == PORT
        server.close()
        await server.wait_closed()
        near.transport.set_protocol(near)
        assert near.transport.get_protocol() is near
        assert near.transport.get_extra_info("peername") is not None
        assert near.transport.get_extra_info("socket") is None
        near.transport.abort()
        assert (near.transport.get_write_buffer_size(), near.transport.can_write_eof()) == (0, False)

    tell(story)
