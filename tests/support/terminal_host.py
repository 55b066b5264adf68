"""A very small card host for the terminal's tests: real frames, real keys, books in a dictionary.

It knows one terminal. `mood` says what it does wrong with the next answer; `heard` holds every message in its order.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field

from xiaopos.kernel.secret import Pan, Secret
from xiaopos.keys import KeyAlgorithm, KeyUsage, MacKind, PinFormat, SoftwareVault, WrappedKey
from xiaopos.simulator.chip_lists import CHIP_PARAMETERS, PUBLIC_KEYS
from xiaopos.wire.iso8583 import Codec, Message
from xiaopos.wire.iso8583 import terminal_downloads as wire
from xiaopos.wire.iso8583.framing import FrameReader, TerminalFrame, mac_input
from xiaopos.wire.iso8583.unionpay_terminal import SPEC

CODEC = Codec(SPEC)
COMPONENTS = (
    Secret(bytes.fromhex("138CE5B3C1F0A2D4B6E8091A2B3C4D5E")),
    Secret(bytes.fromhex("1FD3C243928FD523AD4FDE7081A394B5")),
)
PIN = b"123456"
OFFERED = frozenset({"360", "361", "370", "371", "372", "380", "381", "382", "390", "391"})
"""Field 60.3 of what is about a list."""


def new_vault() -> SoftwareVault:
    """A vault of its own, as every device and every host has one."""
    return SoftwareVault(Secret(os.urandom(32)), os.urandom)


def tmk_in(vault: SoftwareVault, algorithm: KeyAlgorithm = KeyAlgorithm.TDES2) -> WrappedKey:
    """The terminal master key, combined from the two components in this vault."""
    return vault.combine(components=COMPONENTS, usage=KeyUsage.TMK, algorithm=algorithm)


@dataclass
class Mood:
    """What goes wrong with the next answers; each is off by default."""

    code: str = "00"
    silent: bool = False
    silent_to: str = ""
    wrong_mac: bool = False
    no_mac: bool = False
    wrong_check: bool = False
    changed_amount: int | None = None
    request_digit: str = "0"
    balance_flag: str = "1"
    batch: int = 7
    other_stan: bool = False


@dataclass
class TerminalHost:
    """The host. `paid` maps (batch, stan) to what happened to it: approved, voided, reversed, refunded; `parameters` and
    `blacklist` are what it offers, beside the published keys and applications."""

    sign_in_code: str = "003"
    mood: Mood = field(default_factory=Mood)
    heard: list[Message] = field(default_factory=list)
    paid: dict[tuple[str, str], str] = field(default_factory=dict)
    pins_right: list[bool] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=lambda: {"12": "30", "18": "1", "19": "15", "22": "小林茶铺"})
    blacklist: list[str] = field(default_factory=lambda: [f"6210{n:02d}" for n in range(5)])

    def __post_init__(self) -> None:
        self.vault = new_vault()
        self.tmk = tmk_in(self.vault)
        self.tpk: WrappedKey | None = None
        self.tak: WrappedKey | None = None
        self.tdk: WrappedKey | None = None
        self.zpk = self.vault.generate(usage=KeyUsage.ZPK, algorithm=KeyAlgorithm.TDES2)
        self._rrn = 0

    # -- one frame in, one out ---------------------------------------------------------------------------------------

    def answer(self, raw: bytes) -> bytes | None:
        """The answer to a frame without its length, itself without its length; None is silence."""
        frame = TerminalFrame.parse(raw)
        request = CODEC.decode(frame.body)
        self.heard.append(request)
        trusted = 64 not in request.fields or self._mac_right(frame.body)
        fields: dict[int, str | bytes] = self._do(request) if trusted else {39: "A0"}
        if self.mood.silent or request.mti == self.mood.silent_to:
            return None
        answer = self._message(request, fields)
        return frame.answering(self._body(request, answer), request=self.mood.request_digit).encode()[2:]

    def _mac_right(self, body: bytes) -> bool:
        if self.tak is None:
            return False
        return self.vault.verify_mac(key=self.tak, data=mac_input(body), kind=MacKind.UNIONPAY_ECB, mac=body[-8:])

    def _do(self, request: Message) -> dict[int, str | bytes]:
        kind = request.text(60)[:2]
        network = request.text(60)[8:11]
        if network in OFFERED and self.mood.code == "00":
            return {39: "00", 12: "101112", 13: "0601", **self.offer(network, request.raw(62))}
        if request.mti == "0800" and network not in OFFERED:
            return self._sign_in(request)
        if request.mti in ("0800", "0820", "0320", "0620"):
            return {39: self.mood.code}
        if request.mti == "0500":
            return {39: self.mood.code, 48: request.text(48)[:30] + self.mood.balance_flag + request.text(48)[31:]}
        if request.mti == "0400":
            return self._reverse(request)
        return self._money(request, kind)

    def _money(self, request: Message, kind: str) -> dict[int, str | bytes]:
        if 52 in request.fields:
            self._look_at_pin(request)
        if self.mood.code not in ("00", "10"):
            return {39: self.mood.code}
        if request.text(3) in ("311000", "730000"):
            return {39: "00", 4: "000000001250", 37: request.text(37) or "000000000001"}
        if kind == "01":
            return {39: self.mood.code, 54: "1002156C000000012345"}
        key = (request.text(60)[2:8], request.text(11))
        if key not in self.paid:
            self._rrn += 1
        self.paid[key] = {"23": "void", "25": "refund"}.get(kind, "approved")
        if kind == "23":
            self.paid[request.text(61)[:6], request.text(61)[6:12]] = "voided"
        amount = f"{self.mood.changed_amount:012d}" if self.mood.changed_amount is not None else request.text(4)
        return {39: self.mood.code, 4: amount, 37: f"{self._rrn:012d}", 38: "ABC123", 12: "101112", 13: "0601"}

    def _look_at_pin(self, request: Message) -> None:
        assert self.tpk is not None
        pan = Pan(request.text(2))
        block = self.vault.translate_pin(
            block=request.raw(52),
            from_key=self.tpk,
            from_form=PinFormat.ISO0,
            to_key=self.zpk,
            to_form=PinFormat.ISO0,
            pan=pan,
        )
        right = self.vault.verify_pin(block=block, key=self.zpk, form=PinFormat.ISO0, pan=pan, expected=Secret(PIN))
        self.pins_right.append(right)

    def _reverse(self, request: Message) -> dict[int, str | bytes]:
        key = (request.text(60)[2:8], request.text(11))
        if self.mood.code != "00":
            return {39: self.mood.code}
        if key not in self.paid:
            return {39: "25"}
        if self.paid[key] == "void" and 61 in request.fields:
            self.paid[request.text(61)[:6], request.text(61)[6:12]] = "approved"
        self.paid[key] = "reversed"
        return {39: "00", 4: request.text(4), 37: f"{self._rrn:012d}"}

    # -- lists -------------------------------------------------------------------------------------------------------

    def offer(self, network: str, wanted: bytes) -> dict[int, str | bytes]:
        """Field 62 for one part of a list; the ends of lists carry none."""
        if network[2] == "1":
            return {}
        if network == "360":
            return {62: wire.parameter_list(self.parameters)}
        if network == "390":
            begins = self.blacklist[wire.cells_wanted(wanted) - 1 :][:2]
            before = wire.cells_wanted(wanted) - 1
            state = wire.ListState.of(before, len(begins), len(self.blacklist))
            return {62: wire.CellsAnswer(state, before + len(begins), tuple(begins)).encode(12)}
        entries = [bytes.fromhex(entry) for entry in (PUBLIC_KEYS if network[1] == "7" else CHIP_PARAMETERS).values()]
        tags = wire.PUBLIC_KEY_NAME if network[1] == "7" else wire.APPLICATION_NAME
        names = [wire.name_in(entry, tags) for entry in entries]
        if network[2] == "0":
            return {62: wire.entry_answer(entries[names.index(wanted)])}
        held = wire.held_in(wanted)
        state = wire.ListState.of(held, len(names[held : held + 3]), len(names))
        return {62: wire.ListAnswer(state, tuple(names[held : held + 3])).encode()}

    # -- sign-in -----------------------------------------------------------------------------------------------------

    def _sign_in(self, request: Message) -> dict[int, str | bytes]:
        if self.mood.code != "00":
            return {39: self.mood.code}
        batch = f"00{self.mood.batch:06d}{request.text(60)[8:]}"
        return {39: "00", 12: "080000", 13: "0601", 37: "0" * 12, 60: batch, 62: self._new_keys()}

    def _new_keys(self) -> bytes:
        def made(usage: KeyUsage, algorithm: KeyAlgorithm = KeyAlgorithm.TDES2) -> WrappedKey:
            return self.vault.generate(usage=usage, algorithm=algorithm)

        self.tak = made(KeyUsage.TAK, KeyAlgorithm.DES)
        tak = self.vault.export_under(kek=self.tmk, key=self.tak)
        if self.sign_in_code == "001":
            return bytes(8) + bytes(4) + tak.cipher + tak.check4
        self.tpk = made(KeyUsage.TPK)
        tpk = self.vault.export_under(kek=self.tmk, key=self.tpk)
        check = bytes(4) if self.mood.wrong_check else tak.check4
        keys = tpk.cipher + tpk.check4 + tak.cipher + bytes(8) + check
        if self.sign_in_code == "004":
            self.tdk = made(KeyUsage.TDK)
            tdk = self.vault.export_under(kek=self.tmk, key=self.tdk)
            keys += tdk.cipher + tdk.check4
        return keys

    # -- answers -----------------------------------------------------------------------------------------------------

    def _message(self, request: Message, fields: dict[int, str | bytes]) -> Message:
        kept: dict[int, str | bytes] = {
            number: request.fields[number] for number in (3, 4, 11, 41, 42) if number in request.fields
        }
        if self.mood.other_stan:
            kept[11] = "999999"
        return Message(request.mti[:2] + str(int(request.mti[2]) + 1) + request.mti[3], {**kept, **fields})

    def _body(self, request: Message, answer: Message) -> bytes:
        if 64 not in request.fields or self.tak is None or self.mood.no_mac:
            return CODEC.encode(answer)
        answer.fields[64] = bytes(8)
        unsigned = CODEC.encode(answer)[:-8]
        mac = self.vault.mac(key=self.tak, data=unsigned, kind=MacKind.UNIONPAY_ECB)
        return unsigned + (b"00000000" if self.mood.wrong_mac else mac)

    # -- on a socket -------------------------------------------------------------------------------------------------

    async def serve(self) -> asyncio.Server:
        """Listen on a free port of this machine."""
        return await asyncio.start_server(self._talk, "127.0.0.1", 0)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames = FrameReader(2048)
        try:
            while chunk := await reader.read(4096):
                for raw in frames.feed(chunk):
                    answer = self.answer(raw)
                    if answer is not None:
                        writer.write(len(answer).to_bytes(2, "big") + answer)
                        await writer.drain()
        finally:
            writer.close()
