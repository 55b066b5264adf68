"""The device's side of DUKPT: the registers of future keys (ANSI X9.24-1:2009, A.2; X9.24-3:2017, 6.6).

What may live here: one device's state, its next transaction, saving and loading. What may not: files, clocks, a vault.

A device never keeps a key from which a past one can be computed: a register is erased when its key is taken, and the
initial key as soon as the registers are filled. Whoever holds the saved state holds the keys to come: keep it as a secret.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from xiaopos.kernel.secret import Secret
from xiaopos.keys import dukpt_aes, dukpt_tdes
from xiaopos.keys.dukpt_ksn import DukptKind, Ksn
from xiaopos.keys.vault import KeyFault, KeyRefused

_MARK = b"xd1"
_SUM = 8


class Transaction(NamedTuple):
    """One transaction's number and key; working keys are derived from it (`working_key` of either kind)."""

    ksn: Ksn
    key: Secret


class DukptDevice:
    """One device. `begin` loads it, `take` gives each transaction's key once, `saved` and `load` carry it over a restart.

    Save after each `take`, before its key is used: a state that is loaded from before would give a key a second time.

    >>> device = DukptDevice.begin(
    ...     Secret(bytes.fromhex("6AC292FAA1315B4D858AB3A3D7D5933A")), Ksn.from_text("FFFF9876543210E00000")
    ... )
    >>> first = device.take()
    >>> first.ksn.text, first.key.value.hex().upper()
    ('FFFF9876543210E00001', '042666B49184CFA368DE9628D0397BC9')
    >>> DukptDevice.load(device.saved()).take().ksn.text
    'FFFF9876543210E00002'
    """

    def __init__(self, coming: Ksn | None, ksn: Ksn, registers: Mapping[int, bytes]) -> None:
        self._coming = coming
        self._ksn = ksn
        self._registers = dict(registers)

    def __repr__(self) -> str:
        return f"DukptDevice({self._ksn.kind.name}, {'used up' if self._coming is None else self._coming.text})"

    @classmethod
    def begin(cls, initial: Secret, ksn: Ksn) -> DukptDevice:
        """A device freshly loaded with the initial key of `ksn`. WRONG_LENGTH for a key of another kind."""
        lengths = (16,) if ksn.kind is DukptKind.TDES else tuple(dukpt_aes.DERIVING)
        if len(initial.value) not in lengths:
            raise KeyRefused(KeyFault.WRONG_LENGTH, f"an initial key of {ksn.kind.name} DUKPT has {lengths} bytes")
        device = cls(ksn.initial.following(), ksn.initial, {})
        device._fill(initial.value, ksn.initial, ksn.kind.counter_bits)
        return device

    @property
    def is_used_up(self) -> bool:
        """Whether the device needs a new initial key."""
        return self._coming is None

    def take(self) -> Transaction:
        """The next transaction; its key leaves the state. WRONG_STATE when the keys are used up."""
        ksn = self._coming
        if ksn is None:
            raise KeyRefused(KeyFault.WRONG_STATE, "this device has used up its keys; load a new initial key")
        lowest = (ksn.counter & -ksn.counter).bit_length() - 1
        key = self._registers.pop(lowest)
        if ksn.counter.bit_count() < ksn.kind.most_ones:
            self._fill(key, ksn, lowest)
        self._ksn, self._coming = ksn, ksn.following()
        return Transaction(ksn, Secret(key))

    def _fill(self, key: bytes, ksn: Ksn, below: int) -> None:
        child = dukpt_tdes.child_key if ksn.kind is DukptKind.TDES else dukpt_aes.child_key
        for place in range(below):
            self._registers[place] = child(key, replace(ksn, counter=ksn.counter | 1 << place))

    def saved(self) -> Secret:
        """Everything, as bytes that `load` takes.

        ::

            | "xd1" | KSN of the coming transaction, or of the last one | 1 when used up | register bits 4 | key ... | sum 8 |
        """
        ksn = self._coming or self._ksn
        held = sorted(self._registers)
        bits = sum(1 << place for place in held).to_bytes(4, "big")
        keys = b"".join(self._registers[place] for place in held)
        body = b"".join((_MARK, bytes((ksn.kind.value,)), ksn.raw, bytes((self._coming is None,)), bits, keys))
        return Secret(body + hashlib.sha256(body).digest()[:_SUM])

    @classmethod
    def load(cls, saved: Secret) -> DukptDevice:
        """What `saved` gave. BAD_BLOB for anything else; the sum finds damage, not malice."""
        body, total = saved.value[:-_SUM], saved.value[-_SUM:]
        if body[:3] != _MARK or hashlib.sha256(body).digest()[:_SUM] != total:
            raise KeyRefused(KeyFault.BAD_BLOB, "this is not the saved state of a device, or it was damaged")
        end = 4 + body[3]
        ksn = Ksn.of(body[4:end])
        bits = int.from_bytes(body[end + 1 : end + 5], "big")
        held = [place for place in range(32) if bits >> place & 1]
        keys = body[end + 5 :]
        size = len(keys) // len(held) if held else 0
        registers = {place: keys[at * size : (at + 1) * size] for at, place in enumerate(held)}
        return cls(None if body[end] else ksn, ksn, registers)
