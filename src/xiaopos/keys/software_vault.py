"""A vault in this process's memory: for the demo, tests and the pretend devices; production mode refuses it.

What may live here: the software implementation of `Vault` and nothing that others import besides it.
What may not: rules (`ruled_vault`), a clear key, PIN or cipher context that leaves an object of this module.

Clear values that touch this process's memory: the master key for the vault's life; a working key while it is wrapped,
unwrapped or exported, and while it is among the recently used; a PIN and a track during one call.
"""

from __future__ import annotations

from collections.abc import Callable

from xiaopos.kernel.secret import Secret
from xiaopos.keys.ruled_vault import RuledVault
from xiaopos.keys.shelf import check_of
from xiaopos.keys.software_engine import SoftwareEngine, SoftwareKey
from xiaopos.keys.vault import KeyAlgorithm


def check_value(algorithm: KeyAlgorithm, key: bytes) -> bytes:
    """The first 4 bytes of a clear key's check value: see `shelf.check_of`.

    >>> check_value(KeyAlgorithm.DES, bytes.fromhex("5BB5C72CD00B7338")).hex().upper()
    'AB7153CA'
    """
    return check_of(SoftwareKey(algorithm, key))


class SoftwareVault(RuledVault):
    """The `Vault` of development: keys wrapped by AES-256-GCM under a master key handed in.

    A blob is `nonce 12 | cipher text | tag 16`, with usage, algorithm and check value as associated data, so that a key
    cannot be renamed to another purpose. `entropy(n)` gives n random bytes. Up to `keep` recently used keys stay ready.
    Raises KeyRefused (WRONG_LENGTH) for a master key that is not 32 bytes, ValueError for `keep` below 2.
    """

    def __init__(self, master_key: Secret, entropy: Callable[[int], bytes], *, keep: int = 8192) -> None:
        super().__init__(SoftwareEngine(master_key, entropy), keep=keep)

    def __repr__(self) -> str:
        return "SoftwareVault(not certified)"
