"""A real card desk over the pretend world, and a real device that speaks to it: frames on both sides, no socket between.

What may live here: the counter and the making of odd messages. What may not: what a test expects.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import Any

from support.terminal_counter import Paper
from support.terminal_host import COMPONENTS, new_vault, tmk_in
from support.world import TEA, World, at_once, terminal_facts
from xiaopos.hosts.card_desk import CardDesk
from xiaopos.kernel.refusal import Refused
from xiaopos.kernel.secret import Pan, Secret
from xiaopos.keys import KeyAlgorithm, KeyUsage
from xiaopos.terminal.cards import CardRead, How
from xiaopos.terminal.chip import PretendChip
from xiaopos.terminal.device import Device
from xiaopos.terminal.outcome import Outcome
from xiaopos.terminal.profile import PROFILES, Identity
from xiaopos.wire.iso8583 import Codec, Message
from xiaopos.wire.iso8583.framing import Header, TerminalFrame
from xiaopos.wire.iso8583.unionpay_terminal import SPEC
from xiaopos.wire.qr.payment_codes import DEFAULT_RULES, route

CODEC = Codec(SPEC)
TID = "10000001"
MEIS_CARD = CardRead(Pan("6200000000000000018"), "3012")
MEIS_CODE = "990000000000000001"
ENVELOPE = bytes.fromhex("6000030000603210320001")


def new_device(paper: Paper, profile: str, terminal_id: str = TID) -> Device:
    """A device of the tea shop with a vault of its own."""
    vault = new_vault()
    chip = PretendChip(vault, vault.generate(usage=KeyUsage.IMK_AC, algorithm=KeyAlgorithm.TDES2))
    return Device(
        Identity(terminal_id, TEA), vault=vault, tmk=tmk_in(vault, PROFILES[profile].suite.carrier), memory=paper,
        entropy=os.urandom, profile=PROFILES[profile], chip=chip,
    )  # fmt: skip


@dataclass
class CardCounter:
    """Lin's counter: the world, the desk and the device, which is not signed in yet.

    `wanted` is the processing request in the header of the last answer.
    """

    profile: str = "unionpay-3des-2012"
    world: World = field(default_factory=World)

    def __post_init__(self) -> None:
        world = self.world
        carrier = PROFILES[self.profile].suite.carrier
        tmk = world.vault.combine(components=COMPONENTS, usage=KeyUsage.TMK, algorithm=carrier)
        world.books.add([terminal_facts(TID, TEA, "小林茶铺", profile=self.profile, signed_in=False, tmk=tmk)])
        house = replace(world.house, route_payer_code=lambda code: route(code, DEFAULT_RULES))
        self.desk = CardDesk(house, "48020000")
        self.device = new_device(Paper(), self.profile)
        self.wanted = ""

    def changes(self, **parts: Any) -> None:
        """Change what the registry holds of the terminal."""
        self.world.books.add([replace(self.world.books.terminals[TID], **parts)])

    def passes(self, frame: bytes | Refused) -> Outcome:
        """The device's frame to the desk and the answer back."""
        assert isinstance(frame, bytes), frame
        answer = at_once(self.desk.answer(frame[2:]))
        if answer is None:
            return self.device.no_answer()
        self._hears(answer)
        return self.device.take(answer[2:], now=self.world.clock.now())

    def signs_in(self) -> Outcome:
        """Sign in."""
        return self.passes(self.device.sign_in())

    def sells(self, minor: int = 12_50, how: How = How.TAP, pin: str | None = None) -> Outcome:
        """Sell with Mei's card."""
        typed = None if pin is None else Secret(pin.encode())
        return self.passes(self.device.sale(minor, MEIS_CARD, how, now=self.world.clock.now(), pin=typed))

    def asks(self, message: Message, *, seal: bool = True) -> Message | None:
        """A message of one's own making, sealed as the device would; the answer, or None for silence."""
        answer = self.asks_bytes(self.body(message, seal=seal))
        return None if answer is None else CODEC.decode(answer)

    def asks_bytes(self, body: bytes) -> bytes | None:
        """A body as it is; the answer's body."""
        answer = at_once(self.desk.answer(ENVELOPE + body))
        return None if answer is None else self._hears(answer).body

    def _hears(self, answer: bytes) -> TerminalFrame:
        """The answer's frame; `wanted` is what its header asks of the terminal."""
        frame = TerminalFrame.parse(answer[2:])
        self.wanted = Header.parse(frame.header).request
        return frame

    def body(self, message: Message, *, seal: bool = True) -> bytes:
        """The message's bytes, with the MAC that the host expects of this terminal."""
        tak = self.world.books.terminals[TID].tak
        if not seal or tak is None:
            return CODEC.encode(message)
        unsigned = CODEC.encode(Message(message.mti, {**message.fields, 64: bytes(8)}))[:-8]
        return unsigned + self.world.vault.mac(key=tak, data=unsigned, kind=PROFILES[self.profile].suite.mac_kind)

    def sale(self, **parts: str | bytes | None) -> Message:
        """A sale of 12.50 with a card number keyed in: fields are named `f4="..."`; None leaves one out."""
        fields: dict[int, str | bytes] = {
            2: MEIS_CARD.pan.digits, 3: "000000", 4: "000000001250", 11: "000001", 14: "3012", 22: "012", 25: "00",
            41: TID, 42: TEA, 49: "156", 60: "22000001000",
        }  # fmt: skip
        for name, value in parts.items():
            number = int(name.removeprefix("f"))
            fields.pop(number, None)
            if value is not None:
                fields[number] = value
        return Message("0200", fields)

    def code_sale(self, code: str = MEIS_CODE, **parts: str | bytes | None) -> Message:
        """The same with a payment code, as UnionPay's terminals send it (tag A3 in field 59)."""
        a3 = b"A3" + f"{len(code):03d}".encode() + code.encode()
        return self.sale(f2=None, f14=None, f22="032", f59=a3, **parts)
