"""One long-lived line to the card network: kept up, signed on, its requests and answers matched.

What may live here: the connection, keys of the session, MACs, deadlines, back-off. What may not: what a request says or an
answer means (`messages`), the Acquirer role (`gateway`).

A request that fails is told apart by one question: may it have left? `NotSent` says certainly not, `Lost` says it may have.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from xiaopos.gateways.unionpay.codes import KEYS_DOUBTED
from xiaopos.gateways.unionpay.messages import ECHO, SIGN_ON, Membership, management
from xiaopos.kernel.clock import Clock
from xiaopos.keys import KeyRefused, KeyUsage, Vault, WrappedKey
from xiaopos.keys.suites import NETWORK_SUITE, Suite
from xiaopos.wire.iso8583 import Codec, Malformed, Message
from xiaopos.wire.iso8583.card_network import spec_for
from xiaopos.wire.iso8583.framing import MAC_BYTES, FrameReader, FrameTooLong, encode_frame, mac_input

LOG = logging.getLogger(__name__)
FRAME_MAX = 4096
LATE_KEPT = 4096
_KEY_LENGTH, _CHECK_LENGTH = 16, 4
_Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class LineTerms:
    """Where the network is, who we are to it, and how patient the line is. Seconds throughout.

    Keys that are doubted are renewed by signing on again, at most once in `renew_every_s`.
    `zmk` is the key under which the network sends its working keys, wrapped by our vault. `suite` says which algorithms keys,
    MACs and PIN blocks of this channel are of.
    """

    host: str
    port: int
    member: Membership
    zmk: WrappedKey
    answer_timeout_s: float = 15.0
    connect_timeout_s: float = 5.0
    echo_every_s: float = 60.0
    renew_every_s: float = 2.0
    in_flight_limit: int = 512
    backoff_first_s: float = 0.5
    backoff_most_s: float = 30.0
    suite: Suite = NETWORK_SUITE


@dataclass(frozen=True, slots=True)
class NotSent:
    """The request certainly never left."""

    cause: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The request may have left, and no answer can be believed."""

    cause: str


@dataclass(slots=True)
class LineCounts:
    """What the line has seen since the process began, for the metrics page."""

    sign_ons: int = 0
    lines_lost: int = 0
    asked: int = 0
    answered: int = 0
    timed_out: int = 0
    late: int = 0
    unmatched: int = 0
    mac_wrong: int = 0
    malformed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class _Keys:
    """A session's working keys; two sessions are told apart by identity."""

    zpk: WrappedKey
    zak: WrappedKey


@dataclass(slots=True)
class _Open:
    """A question whose answer is awaited, and the keys of the session in which it was asked: none when it is a sign-on."""

    answer: asyncio.Future[Message | Lost]
    deadline: asyncio.TimerHandle
    keys: _Keys | None


class NetworkLine:
    """The line. `start` begins to keep it up; `ask` sends one request and waits for its answer.

    `jitter()` returns a number from 0 to 1 that spreads reconnections. `on_late` is told of an authorisation's answer that
    came after its deadline.
    """

    def __init__(
        self,
        terms: LineTerms,
        *,
        vault: Vault,
        clock: Clock,
        jitter: Callable[[], float],
        on_late: Callable[[Message], None],
        heard: Callable[[bool, bytes], None] | None = None,
    ) -> None:
        self.counts = LineCounts()
        self._terms = terms
        self._vault = vault
        self._clock = clock
        self._jitter = jitter
        self._on_late = on_late
        self._heard = heard
        self._codec = Codec(spec_for(terms.suite.pin_block_bytes))
        self._open: dict[_Key, _Open] = {}
        self._late: OrderedDict[_Key, _Keys | None] = OrderedDict()
        self._wire: _Wire | None = None
        self._keys: _Keys | None = None
        self._signed_on = asyncio.Event()
        self._disturbed = asyncio.Event()
        self._steady = asyncio.Event()
        self._steady.set()
        self._keeper: asyncio.Task[None] | None = None
        self._stan = 0

    # -- keeping it up -----------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Begin to keep the line up; returns at once."""
        self._keeper = asyncio.create_task(self._keep_up(), name="card network line")

    async def stop(self) -> None:
        """Close the line; what is under way is lost."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
        self._hang_up()

    @property
    def is_ready(self) -> bool:
        """Whether a request would be sent now."""
        return self._signed_on.is_set()

    async def until_ready(self, timeout_s: float) -> bool:
        """Wait until the line is signed on; False when it did not come up in time."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._signed_on.wait()
        except TimeoutError:
            return False
        return True

    @property
    def zpk(self) -> WrappedKey | None:
        """The network's PIN key of this session: good for a request that is asked without waiting in between."""
        return self._keys.zpk if self._keys else None

    async def steady(self) -> None:
        """Wait while the keys are being renewed: what is sealed with the old ones meanwhile would be refused."""
        await self._steady.wait()

    def _doubt(self, keys: _Keys | None) -> None:
        """Sign on again soon, when these are the keys still: the two sides seem to hold different ones.

        What was asked under earlier keys says nothing about the present ones: else one renewal under load would bring the next.
        """
        if keys is not None and keys is self._keys:
            self._disturbed.set()

    async def _keep_up(self) -> None:
        failures = 0
        while True:
            if await self._connect():
                failures = 0
                await self._watch()
            failures += 1
            pause = min(self._terms.backoff_most_s, self._terms.backoff_first_s * 2 ** min(failures - 1, 16))
            await asyncio.sleep(pause * (0.5 + self._jitter() / 2))

    async def _connect(self) -> bool:
        """One attempt to be connected and signed on."""
        loop = asyncio.get_running_loop()
        self._disturbed.clear()
        try:
            async with asyncio.timeout(self._terms.connect_timeout_s):
                await loop.create_connection(lambda: _Wire(self), self._terms.host, self._terms.port)
        except (TimeoutError, OSError) as failure:
            LOG.info("card network: no connection (%s)", type(failure).__name__)
            return False
        if self._wire is not None and await self._sign_on():
            return True
        self._hang_up()
        return False

    def _hang_up(self) -> None:
        if self._wire is not None:
            self._wire.abort()
            self.lost(self._wire)

    async def _sign_on(self) -> bool:
        """Ask for keys and take them. A key whose check value does not fit leaves us signed off."""
        before = self._keys
        answer = await self._manage(SIGN_ON)
        if isinstance(answer, Lost) or answer.text(39) != "00":
            LOG.warning("card network: sign-on failed")
            return False
        if self._keys is None or self._keys is before:
            return False
        self.counts.sign_ons += 1
        self._signed_on.set()
        LOG.info("card network: signed on")
        return True

    def _take_keys(self, answer: Message) -> None:
        """Begin a session with the keys of an answer, at once: what follows it is sealed with them."""
        if answer.text(39) != "00":
            return
        try:
            self._keys = self._import_keys(answer.raw(48))
        except KeyRefused as refused:
            LOG.error("card network: the keys received are refused (%s)", refused)

    def _import_keys(self, carried: bytes) -> _Keys:
        step = _KEY_LENGTH + _CHECK_LENGTH
        algorithms = self._terms.suite.zone_keys()
        imported = [
            self._vault.import_under(
                kek=self._terms.zmk,
                cipher=carried[start : start + _KEY_LENGTH],
                check=carried[start + _KEY_LENGTH : start + step],
                usage=usage,
                algorithm=algorithms[usage],
            )
            for start, usage in ((0, KeyUsage.ZPK), (step, KeyUsage.ZAK))
        ]
        return _Keys(*imported)

    async def _renew_keys(self) -> bool:
        """Sign on again on the same connection. Requests wait meanwhile, so that each is sealed with the keys it meets."""
        self._steady.clear()
        try:
            return await self._sign_on()
        finally:
            self._steady.set()

    async def _watch(self) -> None:
        """Stay with a line that is up: echo tests while it is well, new keys when they are doubted, until it is lost."""
        loop = asyncio.get_running_loop()
        renew_from = loop.time()
        while self._wire is not None:
            try:
                # Not wait_for: before Python 3.12 it swallows a cancellation that meets a finished wait, and `stop` hangs.
                async with asyncio.timeout(self._terms.echo_every_s):
                    await self._disturbed.wait()
            except TimeoutError:
                well = not isinstance(await self._manage(ECHO), Lost)
            else:
                if self._wire is not None:
                    await asyncio.sleep(renew_from - loop.time())
                self._disturbed.clear()
                well = self._wire is not None and await self._renew_keys()
                renew_from = loop.time() + self._terms.renew_every_s
            if not well:
                self._hang_up()

    async def _manage(self, code: str) -> Message | Lost:
        self._stan = self._stan % 999_999 + 1
        at = self._clock.now().strftime("%m%d%H%M%S")
        message = management(code, stan=self._stan, at=at, member=self._terms.member)
        return await self._send(_key(message), self._codec.encode(message), self._terms.answer_timeout_s, None)

    # -- asking ------------------------------------------------------------------------------------------------------

    async def ask(self, message: Message) -> Message | NotSent | Lost:
        """Send one request under a MAC and wait for its answer, whose MAC is right."""
        await self.steady()
        if self._wire is None or self._keys is None or not self._signed_on.is_set():
            return NotSent("the line to the card network is down")
        if self._wire.is_full or len(self._open) >= self._terms.in_flight_limit:
            return NotSent("too many requests are under way")
        key = _key(message)
        if key in self._open:
            return Lost("the same request is already under way")
        try:
            body = self._seal(message, self._keys.zak)
        except Malformed as wrong:
            return NotSent(f"the request cannot be written: {wrong}")
        self._late.pop(key, None)
        self.counts.asked += 1
        if self._heard is not None:
            self._heard(True, body)
        return await self._send(key, body, self._terms.answer_timeout_s, self._keys)

    def _seal(self, message: Message, zak: WrappedKey) -> bytes:
        message.fields[128] = bytes(MAC_BYTES)
        covered = mac_input(self._codec.encode(message), field=128)
        return covered + self._vault.mac(key=zak, data=covered, kind=self._terms.suite.mac_kind)

    async def _send(self, key: _Key, body: bytes, patience_s: float, keys: _Keys | None) -> Message | Lost:
        assert self._wire is not None, "the caller looked whether the line is there"
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Message | Lost] = loop.create_future()
        waiting = self._open[key] = _Open(answer, loop.call_later(patience_s, self._expire, key), keys)
        self._wire.write(encode_frame(body))
        try:
            return await answer
        except asyncio.CancelledError:
            if self._open.get(key) is waiting:
                self._remember_late(key)
                self._settle(key, Lost("the asking task was cancelled"))
            raise

    def _expire(self, key: _Key) -> None:
        self.counts.timed_out += 1
        self._remember_late(key)
        self._settle(key, Lost("no answer in time"))

    def _remember_late(self, key: _Key) -> None:
        self._late[key] = self._open[key].keys
        if len(self._late) > LATE_KEPT:
            self._late.popitem(last=False)

    def _settle(self, key: _Key, answer: Message | Lost) -> None:
        waiting = self._open.pop(key)
        waiting.deadline.cancel()
        if not waiting.answer.done():
            waiting.answer.set_result(answer)

    # -- what the wire tells -----------------------------------------------------------------------------------------

    def received(self, frame: bytes) -> None:
        """A frame came in: give it to whoever waits for it."""
        try:
            message = self._codec.decode(frame)
            key = _key(message)
            keys = self._keys_of(key)
            sealed = message.mti.startswith("08") or self._is_sealed(frame, message, keys)
        except Malformed:
            self.counts.malformed += 1
            return
        if self._heard is not None and not message.mti.startswith("08") and (key in self._open or key in self._late):
            self._heard(False, frame)
        if not sealed:
            self.counts.mac_wrong += 1
            self._doubt(keys)
            if key in self._open:
                self._remember_late(key)
                self._settle(key, Lost("the answer's MAC is wrong"))
        elif key in self._open:
            self.counts.answered += 1
            if message.raw(48) and message.mti.startswith("08"):
                self._take_keys(message)
            elif message.text(39) in KEYS_DOUBTED:
                self._doubt(keys)
            self._settle(key, message)
        elif key in self._late:
            del self._late[key]
            self.counts.late += 1
            if message.mti.startswith("02"):
                self._on_late(message)
        else:
            self.counts.unmatched += 1

    def _keys_of(self, key: _Key) -> _Keys | None:
        """The keys of the session in which a question was asked; none when nobody asked it."""
        waiting = self._open.get(key)
        return waiting.keys if waiting else self._late.get(key)

    def _is_sealed(self, frame: bytes, message: Message, asked_under: _Keys | None) -> bool:
        """Whether the MAC is right, under the present keys or those under which it was asked: both may be met at a renewal."""
        mac = message.raw(128)
        if not mac:
            return False
        data, kind = mac_input(frame, field=128), self._terms.suite.mac_kind
        sessions = (self._keys,) if asked_under in (None, self._keys) else (asked_under, self._keys)
        return any(keys and self._vault.verify_mac(key=keys.zak, data=data, kind=kind, mac=mac) for keys in sessions)

    def connected(self, wire: _Wire) -> None:
        """A wire stands; it is not signed on yet."""
        self._wire = wire

    def lost(self, wire: _Wire) -> None:
        """The wire is gone: whoever waits learns that the answer will not come on it."""
        if wire is not self._wire:
            return
        self._wire = None
        self._keys = None
        self._signed_on.clear()
        self.counts.lines_lost += 1
        for key in list(self._open):
            self._remember_late(key)
            self._settle(key, Lost("the line dropped"))
        self._disturbed.set()


def _key(message: Message) -> _Key:
    """By what a request and its answer are known to belong together: message class, F7, F11, F37."""
    return message.mti[:2], message.text(7), message.text(11), message.text(37)


class _Wire(asyncio.Protocol):
    """One TCP connection of the line."""

    def __init__(self, line: NetworkLine) -> None:
        self.is_full = False
        self._line = line
        self._reader = FrameReader(FRAME_MAX)
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands."""
        # uvloop's transports do not inherit from asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._line.connected(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's signature)
        """The connection is gone."""
        self._line.lost(self)

    def data_received(self, data: bytes) -> None:
        """Cut what came into frames; a peer who announces too long a frame is cut off."""
        try:
            frames = self._reader.feed(data)
        except FrameTooLong as too_long:
            frames = too_long.frames
            self.abort()
        for frame in frames:
            self._line.received(frame)

    def pause_writing(self) -> None:
        """The network reads slower than we write."""
        self.is_full = True

    def resume_writing(self) -> None:
        """It has caught up."""
        self.is_full = False

    def write(self, data: bytes) -> None:
        """Send bytes."""
        assert self._transport is not None, "a wire is used after its connection was made"
        self._transport.write(data)

    def abort(self) -> None:
        """Cut the connection."""
        if self._transport is not None:
            self._transport.abort()
