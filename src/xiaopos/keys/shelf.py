"""Where a vault keeps its recently used keys ready, with what each of them may do.

What may live here: opening, keeping and letting go of keys, the binding of a wrapped key, the question whether a key may.
What may not: operations (`work_*`), tables (`hierarchy`), engines.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import NamedTuple

from xiaopos.keys.engines import Engine, FreshKey, OpenKey
from xiaopos.keys.hierarchy import MAC_KINDS, OPERATIONS, PIN_FORMS, Operation
from xiaopos.keys.key_blocks_uses import Limits
from xiaopos.keys.rsa_pairs import pair_check
from xiaopos.keys.states import CARRIED_STATES, KeyState, serves
from xiaopos.keys.vault import RSA_SIZES, KeyAlgorithm, KeyFault, KeyRefused, KeyUsage, MacKind, WrappedKey

_EVERYTHING = KeyState.ACTIVE


def key_binding(usage: KeyUsage, algorithm: KeyAlgorithm, kcv: str, limits: str = "") -> bytes:
    """What a blob is bound to, so that a key cannot be renamed to another purpose, or rid of its limits."""
    bound = f"xiaopos key 1|{usage.value}|{algorithm.value}|{kcv}"
    return (f"{bound}|{limits}" if limits else bound).encode("ascii")


def check_of(key: OpenKey) -> bytes:
    """The first 4 bytes of a key's check value.

    DES and SM4: eight (sixteen) zero bytes encrypted. AES: the CMAC of sixteen zero bytes (ANSI X9.24-1:2017 annex A).
    HMAC256: the HMAC of nothing. RSA: the SHA-256 of the public key (`rsa_pairs.pair_check`).

    >>> from xiaopos.keys.software_engine import SoftwareKey
    >>> check_of(SoftwareKey(KeyAlgorithm.DES, bytes.fromhex("5BB5C72CD00B7338"))).hex().upper()
    'AB7153CA'
    """
    if key.algorithm is KeyAlgorithm.HMAC256:
        return key.hmac(b"")[:4]
    if key.algorithm in (KeyAlgorithm.AES128, KeyAlgorithm.AES192, KeyAlgorithm.AES256):
        return key.cmac(bytes(16))[:4]
    if key.algorithm in RSA_SIZES:
        return pair_check(key.public())
    return key.whole.encrypt(bytes(key.whole.block_size))[:4]


class KeyUse(NamedTuple):
    """How often a key was used for one operation."""

    key_id: str
    usage: KeyUsage
    kcv: str
    operation: Operation
    uses: int


class ReadyKey:
    """An opened key and what it may do in its present state. One look-up each, done when the key is opened."""

    __slots__ = ("counts", "forms", "kinds", "open", "operations", "state", "wrapped")

    def __init__(self, wrapped: WrappedKey, opened: OpenKey, state: KeyState) -> None:
        self.wrapped = wrapped
        self.open = opened
        self.state = state
        self.counts = [0] * len(Operation)
        self.operations = tuple(each for each in OPERATIONS[wrapped.usage] if serves(state, each))
        self.kinds: tuple[MacKind, ...] = MAC_KINDS[wrapped.algorithm]
        if wrapped.limits:
            limits = Limits(wrapped.limits)
            self.operations = tuple(filter(limits.allows, self.operations))
            self.kinds = limits.kinds(self.kinds)
        self.forms = PIN_FORMS[wrapped.algorithm]


class Shelf:
    """The keys that are ready, over one engine. Up to `keep` recently used keys stay; ValueError for `keep` below 2."""

    def __init__(self, engine: Engine, *, keep: int = 8192) -> None:
        if keep < 2:
            raise ValueError(f"a vault keeps at least 2 keys ready, got {keep}")
        self._engine = engine
        self._half = keep // 2
        # Two generations instead of a linked list: a hit costs one look-up, needs no lock, and the older half of the
        # keys falls out together when the newer half is full.
        self._young: dict[bytes, ReadyKey] = {}
        self._old: dict[bytes, ReadyKey] = {}
        self._states: Mapping[str, KeyState] = {}
        self._counts: dict[bytes, tuple[WrappedKey, list[int]]] = {}

    @property
    def is_certified(self) -> bool:
        """See `Vault`."""
        return self._engine.is_certified

    def heed(self, states: Mapping[str, KeyState]) -> None:
        """See `Vault`. Keys that are ready are looked at again."""
        self._states = dict(states)
        self._young, self._old = {}, {}

    def _ready(self, wrapped: WrappedKey, operation: Operation) -> ReadyKey:
        """The key, ready, if its usage and its state allow the operation. WRONG_USAGE, WRONG_STATE, BAD_BLOB."""
        ready = self._young.get(wrapped.blob)
        if ready is None or (ready.wrapped is not wrapped and ready.wrapped != wrapped):
            ready = self._fetch(wrapped)
        if operation not in ready.operations:
            raise _not_allowed(ready, operation)
        ready.counts[operation.position] += 1
        return ready

    def take_uses(self) -> list[KeyUse]:
        """See `Vault`."""
        uses = []
        for wrapped, counts in list(self._counts.values()):
            for operation in OPERATIONS[wrapped.usage]:
                count = counts[operation.position]
                if count:
                    counts[operation.position] -= count
                    uses.append(KeyUse(wrapped.key_id, wrapped.usage, wrapped.kcv, operation, count))
        kept = {**self._old, **self._young}
        self._counts = {blob: (ready.wrapped, ready.counts) for blob, ready in kept.items()}
        return uses

    def _fetch(self, wrapped: WrappedKey) -> ReadyKey:
        ready = self._old.get(wrapped.blob)
        if ready is None or ready.wrapped != wrapped:
            ready = ReadyKey(wrapped, self._engine.unwrap(wrapped, _binding_of(wrapped)), self._state_of(wrapped))
            ready.counts = self._counts.setdefault(wrapped.blob, (wrapped, ready.counts))[1]
        if len(self._young) >= self._half:
            self._old, self._young = self._young, {}
        self._young[wrapped.blob] = ready
        return ready

    def _require_carried(self, wrapped: WrappedKey, *, in_block: bool = False) -> None:
        """Raises KeyRefused unless the key may still be carried to another place: WRONG_STATE by its life, WRONG_USAGE
        by the exportability it came with."""
        if wrapped.limits:
            Limits(wrapped.limits).require_leaving(in_block=in_block)
        state = self._state_of(wrapped)
        if state not in CARRIED_STATES:
            raise KeyRefused(KeyFault.WRONG_STATE, f"this {wrapped.usage.value} is {state.value}: it goes nowhere")

    def _state_of(self, wrapped: WrappedKey) -> KeyState:
        return self._states.get(wrapped.key_id, _EVERYTHING) if self._states else _EVERYTHING

    def _reveal(self, wrapped: WrappedKey) -> bytes:
        """The clear key, through the engine's gate; the caller lets go of it at once."""
        return self._engine.reveal(wrapped, _binding_of(wrapped))

    def _keep(self, fresh: FreshKey, usage: KeyUsage, check: bytes | None = None, limits: str = "") -> WrappedKey:
        """Wrap a fresh key for its usage, within `limits`. `check` is what the sender says of it, 3 or 4 bytes: CHECK_VALUE."""
        opened = fresh.opened
        found = check_of(opened)
        if check is not None and not hmac.compare_digest(found[: len(check)], check):
            raise KeyRefused(KeyFault.CHECK_VALUE, f"the check value does not fit this {usage.value}")
        kcv = found.hex().upper()
        algorithm = opened.algorithm
        return WrappedKey(usage, algorithm, kcv, fresh.wrap(key_binding(usage, algorithm, kcv, limits)), limits)


def _binding_of(wrapped: WrappedKey) -> bytes:
    return key_binding(wrapped.usage, wrapped.algorithm, wrapped.kcv, wrapped.limits)


def _not_allowed(ready: ReadyKey, operation: Operation) -> KeyRefused:
    usage, limits = ready.wrapped.usage, ready.wrapped.limits
    if limits and operation in OPERATIONS[usage] and not Limits(limits).allows(operation):
        return KeyRefused(
            KeyFault.WRONG_USAGE, f"the key block this {usage.value} came in does not let it {operation.value}"
        )
    if operation in OPERATIONS[usage]:
        return KeyRefused(
            KeyFault.WRONG_STATE, f"this {usage.value} is {ready.state.value}: it does not {operation.value}"
        )
    return KeyRefused(KeyFault.WRONG_USAGE, f"a {usage.value} does not {operation.value}")
