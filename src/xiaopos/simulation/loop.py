"""An event loop without sockets, threads or a real clock, and processes in it that can die between any two steps.

What may live here: virtual time, the order of what happens, processes. What may not: what travels between processes
(network), what they do.

Everything happens in the order of its virtual instant, and at one instant in the order in which it was asked for. A process is
a context variable: what runs, waits or is called back in the context of a dead process never runs again, without any unwinding,
as after a `kill -9`.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

T = TypeVar("T")
Callback = Callable[..., object]
LAST_WORDS = 8
CURRENT: ContextVar[Process | None] = ContextVar("simulated process", default=None)


class Stuck(Exception):
    """Nothing can ever happen any more, and what is waited for has not happened."""


@dataclass(eq=False)
class Process:
    """One life of a simulated process. `at_point` is called at every step at which it can be killed."""

    name: str
    at_point: Callable[[Process], None] = lambda _process: None
    alive: bool = True
    on_death: list[Callable[[], None]] = field(default_factory=list)
    tasks: list[asyncio.Task[Any]] = field(default_factory=list)

    def point(self) -> bool:
        """Pass a step; False when the process died at it."""
        if self.alive:
            self.at_point(self)
        return self.alive

    def die(self) -> None:
        """Be gone: nothing of it runs from now on."""
        if self.alive:
            self.alive = False
            for notice in self.on_death:
                notice()

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Let the process do something."""
        context = copy_context()
        context.run(CURRENT.set, self)
        return asyncio.get_running_loop().create_task(work, context=context)


class VirtualLoop:
    """The loop, with what tasks, streams, `aiohttp` and the house ask of one. `seconds_of_work()` says how long each of the two
    halves of a call into a thread takes (a commit)."""

    def __init__(self, seconds_of_work: Callable[[], float], network: Any = None) -> None:
        self.network = network
        self.complaints: list[str] = []
        self._seconds_of_work = seconds_of_work
        self._now = 0.0
        self._count = 0
        self._due: list[tuple[float, int, asyncio.TimerHandle, Process | None]] = []
        self._free_at: dict[int, float] = {}
        self._over = False

    # -- time and order ----------------------------------------------------------------------------------------------

    def time(self) -> float:
        """Virtual seconds since the beginning."""
        return self._now

    def call_at(
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Call at an instant, as whoever asks for it."""
        context = copy_context() if context is None else context
        handle = asyncio.TimerHandle(when, callback, args, cast(Any, self), context)
        if not self._over:
            self._count += 1
            heapq.heappush(self._due, (max(when, self._now), self._count, handle, context.get(CURRENT)))
        return handle

    def call_later(
        self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Call after some seconds."""
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_soon(self, callback: Callback, *args: Any, context: Context | None = None) -> asyncio.Handle:
        """Call as soon as what was asked for before is done."""
        return self.call_at(self._now, callback, *args, context=context)

    call_soon_threadsafe = call_soon

    def _timer_handle_cancelled(self, _handle: asyncio.TimerHandle) -> None:
        """A cancelled call stays in the queue until its instant."""

    def _step(self) -> None:
        if not self._due:
            raise Stuck
        when, _, handle, process = heapq.heappop(self._due)
        if handle.cancelled() or (process is not None and not process.alive):
            return
        self._now = when
        handle._run()

    def run_until_complete(self, future: Awaitable[T]) -> T:
        """Let everything happen until this has. Raises Stuck."""
        asyncio._set_running_loop(cast(Any, self))
        try:
            task = asyncio.ensure_future(future, loop=cast(Any, self))
            while not task.done():
                self._step()
            return task.result()
        finally:
            asyncio._set_running_loop(None)

    def bury(self, processes: list[Process]) -> None:
        """The play is over: what still waits is closed without being heard."""
        asyncio._set_running_loop(cast(Any, self))
        self._over = True
        try:
            for process in processes:
                process.on_death.clear()
                process.die()
                for task in process.tasks:
                    _close(task)
        finally:
            self._due.clear()
            asyncio._set_running_loop(None)

    # -- tasks and futures -------------------------------------------------------------------------------------------

    def create_future(self) -> asyncio.Future[Any]:
        """A future of this loop."""
        return asyncio.Future(loop=cast(Any, self))

    def create_task(self, coro: Any, *, name: str | None = None, context: Context | None = None) -> asyncio.Task[Any]:
        """A task, which its process takes along when it dies."""
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=cast(Any, self), name=name, context=context)
        process = CURRENT.get() if context is None else context.get(CURRENT)
        if process is not None:
            process.tasks.append(task)
            task.add_done_callback(process.tasks.remove)
        return task

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:
        """Work of a thread: it begins when the thread is free, and its result arrives later. The process may die in between."""
        future: asyncio.Future[T] = self.create_future()
        process = CURRENT.get()
        starts = max(self._now, self._free_at.get(id(executor), 0.0)) + self._seconds_of_work()
        takes = self._seconds_of_work()
        self._free_at[id(executor)] = starts + takes
        self.call_at(starts, self._work, future, process, takes, func, args)
        return future

    def _work(
        self, future: asyncio.Future[Any], process: Process | None, takes: float, func: Callable[..., Any], args: Any
    ) -> None:
        if process is not None and not process.point():
            return
        value, error = None, None
        try:
            value = func(*args)
        except Exception as raised:  # noqa: BLE001 - it is raised again where the work was asked for
            error = raised
        if process is None or process.point():
            self.call_later(takes, _settle, future, value, error)

    # -- what libraries ask of a loop --------------------------------------------------------------------------------

    def get_debug(self) -> bool:
        """Never."""
        return False

    def is_running(self) -> bool:
        """While it is used at all."""
        return not self._over

    def is_closed(self) -> bool:
        """After the burial."""
        return self._over

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """What nobody caught is kept for the judgement; of the dead nothing is."""
        process = CURRENT.get()
        if not self._over and (process is None or process.alive):
            error = context.get("exception")
            self.complaints.append(f"{context.get('message')}: {type(error).__name__ if error else ''}")

    async def create_connection(self, protocol_factory: Any, _host: Any = None, port: Any = None, **more: Any) -> Any:
        """Connect over the virtual network. A socket stands for the address that it was connected to."""
        sock = more.get("sock")
        if sock is not None:
            port = self.network.addressed.pop(sock.fileno())
            sock.close()
        return await self.network.connect(protocol_factory, port)

    async def create_server(self, protocol_factory: Any, _host: Any = None, port: Any = None, **_more: Any) -> Any:
        """Listen on the virtual network."""
        return self.network.listen(protocol_factory, port)

    async def sock_connect(self, sock: Any, address: Any) -> None:
        """Remember where a socket was to be connected; no socket is used."""
        self.network.addressed[sock.fileno()] = address[1]


def _settle(future: asyncio.Future[Any], value: Any, error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(value)
    else:
        future.set_exception(error)


def _close(task: asyncio.Task[Any]) -> None:
    if not task.done():
        cast(Any, task)._log_destroy_pending = False
        for _ in range(LAST_WORDS):  # one that waits for something while it is closed is closed once more
            with suppress(Exception, asyncio.CancelledError):
                cast(Coroutine[Any, Any, Any], task.get_coro()).close()
                return
