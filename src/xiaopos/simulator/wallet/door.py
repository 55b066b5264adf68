"""A pretend wallet's door, whatever protocol it speaks: the listener, and what goes wrong on command.

What may live here: opening, closing, moods. What may not: bodies and signatures of a protocol (the servers), rules (`trades`).
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable

from aiohttp import web

from xiaopos.simulator.moods import Mood, Moods, Trouble
from xiaopos.simulator.wallet.trades import Trades

BODY_MAX = 65_536
_LOOK_EVERY_S = 0.05
Body = dict[str, object]


class WalletDoor(ABC):
    """A pretend wallet as an object: start it, give it moods, stop it. `trades` holds its customers and orders."""

    def __init__(self, trades: Trades) -> None:
        self.trades = trades
        self.moods = Moods()
        self._runner: web.AppRunner | None = None
        self._address = ("127.0.0.1", 0)

    @abstractmethod
    def routes(self) -> Iterable[web.RouteDef]:
        """The addresses that the protocol answers at."""

    async def start(self, host: str, port: int) -> int:
        """Listen, and return the port (0 picks a free one). Raises OSError when it is taken."""
        app = web.Application(client_max_size=BODY_MAX)
        app.add_routes(self.routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError:
            await self._close()
            raise
        self._address = (host, self._runner.addresses[0][1])
        return self._address[1]

    async def stop(self) -> None:
        """Close the listener and the records. It cannot be started again."""
        await self._close()
        self.trades.close()

    async def _close(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def set_mood(self, mood: Mood) -> None:
        """Let trouble wait; being down begins at once."""
        self.moods.set(mood)
        if self.moods.is_down:
            await self._close()

    async def lift_moods(self) -> None:
        """Be well again, on the same port as before."""
        self.moods.lift()
        if self._runner is None:
            await self.start(*self._address)

    async def play(
        self,
        request: web.Request,
        mood: Mood | None,
        *,
        decide: Callable[[], Body],
        say: Callable[[str], Body],
        seal: Callable[[Body, bool], web.Response],
    ) -> web.StreamResponse:
        """Answer one request in a mood: `decide` does what it asks, `say` makes an error of the mood's code, `seal` signs.

        The second argument of `seal` says whether the signature is to be spoiled.
        """
        trouble = mood.trouble if mood else None
        if trouble is Trouble.LOSE_REQUEST:
            return await _until_hung_up(request)
        if mood is not None and trouble is Trouble.ANSWER_CODE:
            return seal(say(mood.code), False)
        answer = decide()
        if trouble is Trouble.LOSE_ANSWER:
            return await _until_hung_up(request)
        if trouble is Trouble.DROP_LINE:
            assert request.transport is not None, "a request that is being answered has a connection"
            request.transport.abort()
        if mood is not None and trouble is Trouble.LATE:
            await asyncio.sleep(mood.seconds)
        return seal(answer, trouble is Trouble.SPOIL_SEAL)


async def _until_hung_up(request: web.Request) -> web.Response:
    """Say nothing until the asking side hangs up."""
    while request.transport is not None and not request.transport.is_closing():
        await asyncio.sleep(_LOOK_EVERY_S)
    return web.Response(status=503)
