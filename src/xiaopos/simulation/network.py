"""The virtual network: streams of bytes between processes, each piece of which can meet trouble.

What may live here: connections, their delays, what each trouble does to a piece. What may not: when trouble comes (plan),
what the bytes mean.

Protocols write one frame at a time, so that a piece is a frame: what a concentrator between terminal and host may lose,
repeat or turn round is a piece, and what a broken line does is done to the connection.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextvars import Context, copy_context
from dataclasses import dataclass
from random import Random
from typing import Any, cast

from xiaopos.simulation.faults import Fault, Kind, Troubles
from xiaopos.simulation.loop import CURRENT, Process, VirtualLoop

Tap = Callable[[str, bytes], None]
LATENCY_S = (0.001, 0.03)
HELD_S = 2.0
SPLIT = 0.03
ADDRESS = "192.0.2.1"


@dataclass
class _Listener:
    name: str
    factory: Callable[[], Any]
    context: Context
    process: Process | None


class VirtualNetwork:
    """Who listens where. `names` says which place a port is, for the troubles; `tap` hears every piece when it is written."""

    def __init__(self, loop: VirtualLoop, dice: Random, troubles: Troubles, names: dict[int, str], tap: Tap) -> None:
        self.loop = loop
        self.dice = dice
        self.troubles = troubles
        self.tap = tap
        self.addressed: dict[int, int] = {}
        self._names = names
        self._listeners: dict[int, _Listener] = {}

    def listen(self, factory: Callable[[], Any], port: int) -> VirtualServer:
        """Take connections at a port until closed, or until the process dies."""
        process = CURRENT.get()
        if port in self._listeners:
            raise OSError(98, "address in use")
        self._listeners[port] = _Listener(self._names[port], factory, copy_context(), process)
        if process is not None:
            process.on_death.append(lambda: self.deafen(port))
        return VirtualServer(self, port)

    def deafen(self, port: int) -> None:
        """Nobody listens at this port any more."""
        self._listeners.pop(port, None)

    async def connect(self, factory: Callable[[], Any], port: int) -> tuple[VirtualTransport, Any]:
        """Connect to a port. Raises ConnectionRefusedError when nobody listens."""
        await asyncio.sleep(self.latency())
        listener = self._listeners.get(port)
        if listener is None:
            raise ConnectionRefusedError(111, "connection refused")
        near = VirtualTransport(self, f"{listener.name}.ask", CURRENT.get(), copy_context())
        far = VirtualTransport(self, f"{listener.name}.answer", listener.process, listener.context.copy())
        near.peer, far.peer = far, near
        protocol = factory()
        near.protocol = protocol
        far.protocol = listener.context.copy().run(listener.factory)
        self.loop.call_soon(far.protocol.connection_made, far, context=far.context)
        protocol.connection_made(near)
        return near, protocol

    def latency(self) -> float:
        """How long a piece is under way."""
        return self.dice.uniform(*LATENCY_S)


class VirtualServer:
    """What `create_server` gives."""

    def __init__(self, network: VirtualNetwork, port: int) -> None:
        self.sockets = [self]
        self._network = network
        self._port = port

    def getsockname(self) -> tuple[str, int]:
        """The address at which it listens."""
        return ADDRESS, self._port

    def close(self) -> None:
        """Take no new connections."""
        self._network.deafen(self._port)

    async def wait_closed(self) -> None:
        """Nothing is left to wait for."""


class VirtualTransport(asyncio.Transport):
    """One end of a connection; `place` is where its pieces travel ("terminals.ask"), for the troubles."""

    peer: VirtualTransport
    protocol: Any

    def __init__(self, network: VirtualNetwork, place: str, process: Process | None, context: Context) -> None:
        super().__init__()
        self.context = context
        self.silent = False
        self._network = network
        self._place = place
        self._process = process
        self._closing = False
        self._lost = False
        self._paused = False
        self._unread: deque[bytes] = deque()
        self._last_at = 0.0
        self._held: bytes | None = None
        if process is not None:
            process.on_death.append(self._orphaned)

    # -- sending -----------------------------------------------------------------------------------------------------

    def write(self, data: Any) -> None:
        """Send a piece, which may meet trouble."""
        if self._closing or not self._alive():
            return
        if self._process is not None and not self._process.point():
            return
        piece = bytes(data)
        self._network.tap(self._place, piece)
        fault = self._network.troubles.at(self._place)
        if fault is None:
            self._send(piece)
        else:
            _DEEDS[fault.kind](self, piece, fault)
        if self._process is not None:
            self._process.point()

    def _send(self, piece: bytes, delay: float = 0.0) -> None:
        if self.silent:
            return
        pieces = [piece]
        if len(piece) > 2 and self._network.dice.random() < SPLIT:
            cut = self._network.dice.randrange(1, len(piece))
            pieces = [piece[:cut], piece[cut:]]
        for part in pieces:
            self._at_peer(self.peer._arrive, part, delay=delay)
        held, self._held = self._held, None
        if held is not None:
            self._send(held)

    def _at_peer(self, deed: Callable[..., None], *values: Any, delay: float = 0.0) -> None:
        """Let something happen at the other end, after all that was sent before."""
        loop = self._network.loop
        self._last_at = max(loop.time() + self._network.latency() + delay, self._last_at)
        loop.call_at(self._last_at, deed, *values, context=self.peer.context)

    # -- trouble -----------------------------------------------------------------------------------------------------

    def _drop(self, _piece: bytes, _fault: Fault) -> None:
        """The piece is lost."""

    def _delay(self, piece: bytes, fault: Fault) -> None:
        self._send(piece, fault.value)

    def _duplicate(self, piece: bytes, _fault: Fault) -> None:
        self._send(piece)
        self._send(piece)

    def _reorder(self, piece: bytes, _fault: Fault) -> None:
        """The piece is overtaken by the next one, if one comes soon."""
        self._held = piece
        self._network.loop.call_later(HELD_S, self._let_go, piece, context=Context())

    def _let_go(self, piece: bytes) -> None:
        if self._held is piece:
            self._held = None
            self._send(piece)

    def _corrupt(self, piece: bytes, fault: Fault) -> None:
        place = int(fault.value * 1000) % len(piece)
        self._send(piece[:place] + bytes((piece[place] ^ (1 + int(fault.value * 7) % 255),)) + piece[place + 1 :])

    def _cut(self, _piece: bytes, _fault: Fault) -> None:
        """The connection breaks, and both ends hear of it."""
        self._at_peer(self.peer._broken)
        self._broken()

    def _half_open(self, _piece: bytes, _fault: Fault) -> None:
        """From now on nothing arrives at either end, and neither hears of it."""
        self.silent = self.peer.silent = True

    # -- receiving ---------------------------------------------------------------------------------------------------

    def _alive(self) -> bool:
        return not self._lost and (self._process is None or self._process.alive)

    def _arrive(self, piece: bytes) -> None:
        if not self._alive() or self._closing:
            return
        if self._paused:
            self._unread.append(piece)
        elif self._process is None or self._process.point():
            self.protocol.data_received(piece)

    def _ended(self) -> None:
        """The other end has said all that it had to say."""
        if self._alive() and not self._closing and not self.protocol.eof_received():
            self.close()

    def _broken(self) -> None:
        self._closing = True
        self._lose(ConnectionResetError(104, "connection reset"))

    def _orphaned(self) -> None:
        """This end's process died: the machine it ran on tells the other end."""
        if not self._lost and not self.silent:
            self._lost = True
            self._at_peer(self.peer._broken)

    def _lose(self, error: Exception | None) -> None:
        if not self._lost and (self._process is None or self._process.alive):
            self._lost = True
            self._network.loop.call_soon(self.protocol.connection_lost, error, context=self.context)

    # -- what a protocol asks of its transport -----------------------------------------------------------------------

    def close(self) -> None:
        """Hang up once everything is sent."""
        if self._closing:
            return
        self._closing = True
        if not self.silent:
            self._at_peer(self.peer._ended)
        self._lose(None)

    def abort(self) -> None:
        """Hang up at once."""
        if not self._closing and not self.silent:
            self._at_peer(self.peer._broken)
        self._closing = True
        self._lose(None)

    def is_closing(self) -> bool:
        """Whether it hangs up, or has; after the play all have."""
        return self._closing or self._network.loop.is_closed()

    def pause_reading(self) -> None:
        """Keep what arrives."""
        self._paused = True

    def resume_reading(self) -> None:
        """Hand on what was kept."""
        self._paused = False
        while self._unread and not self._paused:
            self._network.loop.call_soon(self._arrive, self._unread.popleft(), context=self.context)

    def is_reading(self) -> bool:
        """Whether what arrives is handed on."""
        return not self._paused

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """The virtual network takes everything at once."""

    def get_write_buffer_size(self) -> int:
        """Nothing ever waits to be sent."""
        return 0

    def can_write_eof(self) -> bool:
        """An end that says no more hangs up."""
        return False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Who is at the other end; nothing else is known."""
        return (ADDRESS, 1) if name in ("peername", "sockname") else default

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Let another protocol have it."""
        self.protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Whose it is."""
        return cast(asyncio.BaseProtocol, self.protocol)


_DEEDS: dict[Kind, Callable[[VirtualTransport, bytes, Fault], None]] = {
    Kind.DROP: VirtualTransport._drop,
    Kind.DELAY: VirtualTransport._delay,
    Kind.DUPLICATE: VirtualTransport._duplicate,
    Kind.REORDER: VirtualTransport._reorder,
    Kind.CORRUPT: VirtualTransport._corrupt,
    Kind.CUT: VirtualTransport._cut,
    Kind.HALF_OPEN: VirtualTransport._half_open,
}
