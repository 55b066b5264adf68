"""How keys come into a vault, come to be there, and leave it under other keys.

What may live here: generating, combining components, ECB carrying under a KEK. What may not: key blocks (`work_blocks`).
"""

from __future__ import annotations

from collections.abc import Sequence

from xiaopos.kernel.secret import Secret
from xiaopos.keys.hierarchy import Operation, require_algorithm, require_carrying, require_symmetric
from xiaopos.keys.shelf import Shelf
from xiaopos.keys.vault import ExportedKey, KeyAlgorithm, KeyFault, KeyRefused, KeyUsage, WrappedKey


class KeyWork(Shelf):
    """The part of `Vault` that makes, takes in and gives out keys."""

    def generate(self, *, usage: KeyUsage, algorithm: KeyAlgorithm) -> WrappedKey:
        """See `Vault`. DES keys get odd parity; a weak draw (or a broken source) is refused: WEAK_KEY."""
        require_symmetric(usage, algorithm)
        return self._keep(self._engine.generate(algorithm), usage)

    def combine(
        self, *, components: Sequence[Secret], usage: KeyUsage, algorithm: KeyAlgorithm, check: bytes | None = None
    ) -> WrappedKey:
        """See `Vault`."""
        require_symmetric(usage, algorithm)
        if len(components) not in (2, 3):
            raise KeyRefused(KeyFault.WRONG_LENGTH, f"a key has 2 or 3 components, got {len(components)}")
        mixed = 0
        for component in components:
            _require_component(component, algorithm)
            mixed ^= int.from_bytes(component.value, "big")
        fresh = self._engine.load(algorithm, mixed.to_bytes(algorithm.key_length, "big"))
        return self._keep(fresh, usage, check)

    def take_component(self, *, component: Secret, algorithm: KeyAlgorithm) -> WrappedKey:
        """See `Vault`."""
        require_algorithm(KeyUsage.COMPONENT, algorithm)
        _require_component(component, algorithm)
        return self._keep(self._engine.load(algorithm, component.value), KeyUsage.COMPONENT)

    def combine_taken(
        self, *, components: Sequence[WrappedKey], usage: KeyUsage, algorithm: KeyAlgorithm, check: bytes | None = None
    ) -> WrappedKey:
        """See `Vault`."""
        require_algorithm(usage, algorithm)
        for component in components:
            self._ready(component, Operation.COMBINE)
        parts = [Secret(self._reveal(component)) for component in components]
        return self.combine(components=parts, usage=usage, algorithm=algorithm, check=check)

    def import_under(
        self, *, kek: WrappedKey, cipher: bytes, check: bytes, usage: KeyUsage, algorithm: KeyAlgorithm
    ) -> WrappedKey:
        """See `Vault`."""
        require_algorithm(usage, algorithm)
        carrier = self._ready(kek, Operation.CARRY).open
        require_carrying(kek.usage, kek.algorithm, usage, algorithm)
        if len(cipher) != algorithm.key_length:
            raise KeyRefused(
                KeyFault.WRONG_LENGTH,
                f"a {algorithm.value} key comes in {algorithm.key_length} bytes, got {len(cipher)}",
            )
        if len(check) not in (3, 4):
            raise KeyRefused(KeyFault.WRONG_LENGTH, f"a check value has 3 or 4 bytes, got {len(check)}")
        return self._keep(self._engine.load(algorithm, carrier.whole.decrypt(cipher)), usage, check)

    def export_under(self, *, kek: WrappedKey, key: WrappedKey) -> ExportedKey:
        """See `Vault`."""
        carrier = self._ready(kek, Operation.CARRY).open
        require_carrying(kek.usage, kek.algorithm, key.usage, key.algorithm)
        self._require_carried(key)
        return ExportedKey(carrier.whole.encrypt(self._reveal(key)), bytes.fromhex(key.kcv))


def _require_component(component: Secret, algorithm: KeyAlgorithm) -> None:
    if len(component.value) != algorithm.key_length:
        raise KeyRefused(
            KeyFault.WRONG_LENGTH,
            f"a component of a {algorithm.value} key has {algorithm.key_length} bytes, got {len(component.value)}",
        )
