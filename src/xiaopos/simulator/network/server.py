"""The pretend network's door: an asyncio TCP server with sign-on, keys, MACs and moods.

What may live here: connections, key exchange, what goes wrong on command. What may not: what an issuer decides (`switch`).

A connection signs on with 0800 (F70 001) and receives a PIN key and a MAC key of its own in F48 of the 0810, each ECB
encrypted under the ZMK with 4 bytes of check value: ``ZPK 16 | check 4 | ZAK 16 | check 4``. Every other message but an
echo test carries a MAC (ANSI X9.19) in F128.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from xiaopos.kernel.clock import Clock
from xiaopos.keys import Vault, WrappedKey
from xiaopos.keys.suites import NETWORK_SUITE, Suite
from xiaopos.simulator.moods import Mood, Moods, Stage, Trouble
from xiaopos.simulator.network.cards import TEST_CARDS, Card
from xiaopos.simulator.network.qr import QrSwitch
from xiaopos.simulator.network.records import NetworkRecords, Transaction
from xiaopos.simulator.network.switch import Switch
from xiaopos.simulator.wallet.trades import Trades
from xiaopos.wire.iso8583 import Codec, Malformed, Message
from xiaopos.wire.iso8583.card_network import spec_for
from xiaopos.wire.iso8583.framing import MAC_BYTES, FrameReader, FrameTooLong, encode_frame, mac_input

FRAME_MAX = 4096
ANSWERED = frozenset({"0100", "0200", "0220", "0221", "0420", "0421", "0620"})
"""The types of message about money that the network knows; on any other it cuts the line."""


@dataclass(frozen=True, slots=True)
class _Keys:
    zpk: WrappedKey
    zak: WrappedKey


class CardNetwork:
    """The network as an object: start it, ask it what it remembers, give it moods, stop it.

    `path` is its SQLite file or ":memory:"; `zmk` is the network's copy of the key that carries the others, wrapped by
    the network's own vault. `customers` are those who pay with QR codes; without them every such payment is refused.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        vault: Vault,
        zmk: WrappedKey,
        clock: Clock,
        cards: Iterable[Card] = TEST_CARDS,
        suite: Suite = NETWORK_SUITE,
        customers: Trades | None = None,
    ) -> None:
        self.cards = tuple(cards)
        self.moods = Moods()
        self.vault = vault
        self.suite = suite
        self._zmk = zmk
        self._records = NetworkRecords(path, self.cards)
        self.switch = Switch(self._records, self.cards, vault=vault, clock=clock, pin_form=suite.pin_form)
        self.qr = QrSwitch(customers, self.switch.refuse) if customers else None
        self.codec = Codec(spec_for(suite.pin_block_bytes))
        self._server: asyncio.Server | None = None
        self._address = ("127.0.0.1", 0)
        self._lines: set[_Line] = set()

    async def start(self, host: str, port: int) -> int:
        """Listen, and return the port (0 picks a free one). Raises OSError when it is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Line(self, self._lines), host, port)
        self._address = (host, self._server.sockets[0].getsockname()[1])
        return self._address[1]

    async def stop(self) -> None:
        """Close every connection and the records. It cannot be started again."""
        await self._close()
        self._records.close()
        if self.qr is not None:
            self.qr.trades.close()

    async def _close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for line in list(self._lines):
            line.abort()
        if server is not None:
            await server.wait_closed()

    async def set_mood(self, mood: Mood) -> None:
        """Let trouble wait; being down begins at once."""
        self.moods.set(mood)
        if self.moods.is_down:
            await self._close()

    async def lift_moods(self) -> None:
        """Be well again, on the same port as before."""
        self.moods.lift()
        if self._server is None:
            await self.start(*self._address)

    def drop_lines(self) -> None:
        """Close every connection at once; the next one is welcome."""
        for line in list(self._lines):
            line.abort()

    def balance(self, label: str) -> int:
        """What a card can spend now, in minor units. Raises KeyError for an unknown label."""
        return self._records.balance(label)

    @property
    def trades(self) -> Trades:
        """The orders of its QR customers. Only for a network that has any."""
        assert self.qr is not None, "a network without customers has no orders"
        return self.qr.trades

    def transactions(self) -> list[Transaction]:
        """Everything the network remembers of cards."""
        return self._records.transactions()

    def scripts(self) -> list[tuple[str, str]]:
        """What came of issuers' scripts: reference number, and field 55 in hex."""
        return self._records.scripts()

    def exchange_keys(self) -> tuple[_Keys, bytes]:
        """Two new keys and how they travel in F48."""
        keys = _Keys(
            *(self.vault.generate(usage=usage, algorithm=of) for usage, of in self.suite.zone_keys().items()),
        )
        exported = [self.vault.export_under(kek=self._zmk, key=key) for key in (keys.zpk, keys.zak)]
        return keys, b"".join(one.cipher + one.check4 for one in exported)

    def together(self, line: _Line, frames: list[bytes]) -> list[_Outgoing]:
        """Answer the frames of one read in one commit: nothing is answered that is not kept."""
        with self._records.together():
            return [outgoing for frame in frames for outgoing in line.answer(frame)]


@dataclass(frozen=True, slots=True)
class _Outgoing:
    """Bytes to write after a delay; None for bytes means: close the connection instead."""

    data: bytes | None
    delay_s: float = 0.0


class _Line(asyncio.Protocol):
    """One connection of an acquirer."""

    def __init__(self, network: CardNetwork, lines: set[_Line]) -> None:
        self._network = network
        self._lines = lines
        self._reader = FrameReader(FRAME_MAX)
        self._keys: _Keys | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A new acquirer's line."""
        # uvloop's transports do not inherit from asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._lines.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's signature)
        """The line is gone."""
        self._lines.discard(self)
        self._transport = None

    def abort(self) -> None:
        """Cut the line."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Answer what has arrived; cut the line of somebody who does not speak the dialect."""
        try:
            frames = self._reader.feed(data)
            outgoing = self._network.together(self, frames) if frames else []
        except (Malformed, FrameTooLong):
            self.abort()
            return
        loop = asyncio.get_running_loop()
        for one in outgoing:
            if one.delay_s:
                loop.call_later(one.delay_s, self._write, one.data)
            else:
                self._write(one.data)

    def _write(self, data: bytes | None) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if data is None:
            self._transport.abort()
        else:
            self._transport.write(data)

    def answer(self, frame: bytes) -> list[_Outgoing]:
        """What goes back for one frame. Raises Malformed."""
        asked = self._network.codec.decode(frame)
        if asked.mti == "0800":
            return [_Outgoing(encode_frame(self._network.codec.encode(self._manage(asked))))]
        if asked.mti not in ANSWERED or self._keys is None:
            return [_Outgoing(None)]
        qr = self._network.qr
        data = qr.data_of(asked) if qr else None
        asks_again = asked.mti[:2] in ("04", "06") or (qr is not None and qr.is_question(asked))
        stage = Stage.UNDO if asks_again else Stage.ASK
        mood = self._network.moods.take(stage, self._network.switch.label_of(asked))
        trouble = mood.trouble if mood else None
        if trouble is Trouble.LOSE_REQUEST:
            return []
        if self._is_sealed(frame, asked, self._keys):
            forced = mood.code if mood and trouble is Trouble.ANSWER_CODE else ""
            if qr is not None and data is not None:
                reply = qr.answer(asked, data, forced)
            else:
                reply = self._network.switch.answer(asked, zpk=self._keys.zpk, forced=forced)
        else:
            reply = self._network.switch.refuse(asked, "A0")
        sealed = self._seal(reply, self._keys, spoil=trouble is Trouble.SPOIL_SEAL)
        return _deliver(sealed, mood)

    def _manage(self, asked: Message) -> Message:
        fields: dict[int, str | bytes] = {
            number: asked.fields[number] for number in (7, 11, 32, 33, 70) if number in asked.fields
        }
        fields[39] = "00"
        if asked.text(70) == "001":
            self._keys, fields[48] = self._network.exchange_keys()
        elif asked.text(70) != "301":
            fields[39] = "40"
        return Message("0810", fields)

    def _is_sealed(self, frame: bytes, asked: Message, keys: _Keys) -> bool:
        if not asked.raw(128):
            return False
        return self._network.vault.verify_mac(
            key=keys.zak, data=mac_input(frame, field=128), kind=self._network.suite.mac_kind, mac=asked.raw(128)
        )

    def _seal(self, reply: Message, keys: _Keys, *, spoil: bool) -> bytes:
        reply.fields[128] = bytes(MAC_BYTES)
        covered = mac_input(self._network.codec.encode(reply), field=128)
        mac = self._network.vault.mac(key=keys.zak, data=covered, kind=self._network.suite.mac_kind)
        if spoil:
            mac = bytes(byte ^ 0xFF for byte in mac)
        return encode_frame(covered + mac)


def _deliver(sealed: bytes, mood: Mood | None) -> list[_Outgoing]:
    """How an answer that is ready leaves, or does not."""
    if mood is None:
        return [_Outgoing(sealed)]
    if mood.trouble is Trouble.LOSE_ANSWER:
        return []
    if mood.trouble is Trouble.DROP_LINE:
        return [_Outgoing(None)]
    if mood.trouble is Trouble.REPEAT_ANSWER:
        return [_Outgoing(sealed), _Outgoing(sealed)]
    return [_Outgoing(sealed, mood.seconds if mood.trouble is Trouble.LATE else 0.0)]
