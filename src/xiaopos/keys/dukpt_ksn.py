"""Key serial numbers: which device, which transaction, which counters may be used (ANSI X9.24-1:2009, X9.24-3:2017).

What may live here: the two layouts, the rule of counters, comparing a number with the last one seen.
What may not: keys (`dukpt_tdes`, `dukpt_aes`), a store of last numbers: the caller keeps it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum

from xiaopos.keys.vault import KeyFault, KeyRefused


class DukptKind(Enum):
    """Which standard begets the keys: the value is the bytes of its key serial number."""

    TDES = 10
    """ANSI X9.24-1:2009 (annex C of X9.24-3:2017): base derivation key TDES2."""
    AES = 12
    """ANSI X9.24-3:2017: base derivation key AES128, AES192 or AES256."""

    @property
    def counter_bits(self) -> int:
        """Bits of the transaction counter, on the right of the number."""
        return 21 if self is DukptKind.TDES else 32

    @property
    def most_ones(self) -> int:
        """One bits that a counter may have: so many steps lead at most from the initial key to a transaction's."""
        return 10 if self is DukptKind.TDES else 16


_HEX = re.compile(r"[0-9A-Fa-f]{2,24}")


@dataclass(frozen=True, slots=True)
class Ksn:
    """A key serial number.

    ::

        TDES  | key set id 40 | device id 19 | counter 21 |      bits, 10 bytes: FFFF9876543210E00001
        AES   | BDK id 32 | derivation id 32 | counter 32 |      bits, 12 bytes: 123456789012345600000001

    `device` is everything before the counter. Not secret: it travels beside every message.
    """

    kind: DukptKind
    device: int
    counter: int

    @classmethod
    def of(cls, raw: bytes) -> Ksn:
        """The number in 10 or 12 bytes. Refusal: WRONG_LENGTH.

        >>> Ksn.of(bytes.fromhex("FFFF9876543210E00001")).counter
        1
        """
        if len(raw) not in (10, 12):
            raise KeyRefused(
                KeyFault.WRONG_LENGTH, f"a key serial number has 10 (TDES) or 12 (AES) bytes, got {len(raw)}"
            )
        kind = DukptKind(len(raw))
        device, counter = divmod(int.from_bytes(raw, "big"), 1 << kind.counter_bits)
        return cls(kind, device, counter)

    @classmethod
    def from_text(cls, text: str) -> Ksn:
        """The number in hex. Fewer than 20 digits: TDES terminals may leave out leading F (X9.24-1:2009, 7.2).

        Refusal: WRONG_LENGTH for what is not 2 to 20, or 24, hex digits.

        >>> Ksn.from_text("9876543210E00001").text
        'FFFF9876543210E00001'
        """
        if _HEX.fullmatch(text) is None or len(text) in (21, 22, 23):
            raise KeyRefused(
                KeyFault.WRONG_LENGTH, "a key serial number is written in up to 20 (TDES) or 24 (AES) hex digits"
            )
        return cls.of(bytes.fromhex(text.rjust(20, "F") if len(text) < 20 else text))

    @property
    def raw(self) -> bytes:
        """The number as bytes."""
        return (self.device << self.kind.counter_bits | self.counter).to_bytes(self.kind.value, "big")

    @property
    def text(self) -> str:
        """The number as upper-case hex."""
        return self.raw.hex().upper()

    @property
    def initial(self) -> Ksn:
        """The number that goes with the device's initial key: counter zero."""
        return replace(self, counter=0)

    @property
    def is_usable(self) -> bool:
        """Whether a transaction may carry it: the counter is not zero and has few enough one bits."""
        return 0 < self.counter.bit_count() <= self.kind.most_ones

    def require_usable(self) -> None:
        """Raises KeyRefused (BAD_BLOCK) for a counter that no device uses."""
        if not self.is_usable:
            raise KeyRefused(
                KeyFault.BAD_BLOCK,
                f"this key serial number belongs to no transaction: its counter has {self.counter.bit_count()} one bits,"
                f" allowed are 1 to {self.kind.most_ones}",
            )

    def path(self) -> tuple[Ksn, ...]:
        """The numbers of the keys between the initial key and this one: the counter's one bits, added from the left."""
        steps: list[Ksn] = []
        counter = 0
        for place in range(self.kind.counter_bits - 1, -1, -1):
            if self.counter >> place & 1:
                counter |= 1 << place
                steps.append(replace(self, counter=counter))
        return tuple(steps)

    def following(self) -> Ksn | None:
        """The next number a device uses; None when its keys are used up and it needs a new initial key.

        A counter with the most ones allowed is followed by the one that its lowest one bit is added to: all between
        have more ones (X9.24-1:2009, A.2; X9.24-3:2017, 6.6.2).

        >>> Ksn.from_text("FFFF9876543210EFF800").following().text, Ksn.from_text("FFFF9876543210FFF800").following()
        ('FFFF9876543210EFF801', None)
        """
        full = self.counter.bit_count() >= self.kind.most_ones
        counter = self.counter + (self.counter & -self.counter if full else 1)
        return None if counter >> self.kind.counter_bits else replace(self, counter=counter)


class KsnStep(Enum):
    """How a key serial number stands to the last one that was accepted from its device."""

    FORWARD = "forward"
    """Later: accept, and keep it as the last one."""
    REPEATED = "repeated"
    """The same: a retransmission or a replay; answer from what was stored, never anew."""
    BACKWARD = "backward"
    """Earlier: late, or a replay."""
    OTHER_DEVICE = "other_device"
    """Another device's, or after a new initial key: look up which key it belongs to."""


def step(last: Ksn | None, now: Ksn) -> KsnStep:
    """How `now` stands to the last number accepted; None when there is none yet. How far back is still served, the caller says.

    >>> step(Ksn.from_text("FFFF9876543210E00007"), Ksn.from_text("FFFF9876543210E00009")).value
    'forward'
    """
    if last is None:
        return KsnStep.FORWARD
    if (last.kind, last.device) != (now.kind, now.device):
        return KsnStep.OTHER_DEVICE
    if now.counter == last.counter:
        return KsnStep.REPEATED
    return KsnStep.FORWARD if now.counter > last.counter else KsnStep.BACKWARD
