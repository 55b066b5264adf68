"""How what applicants give is kept: sealed by the vault, each piece tied to its place, found again by keyed marks.

What may live here: sealing, opening, marks. What may not: the vault itself, storage.
"""

from __future__ import annotations

from dataclasses import dataclass

from xiaopos.keys import Vault, WrappedKey

SEAL_NAME, MARK_NAME = "person_seal", "person_mark"
"""What the two keys are called among the house's."""


@dataclass(frozen=True, slots=True)
class PersonalSeal:
    """The two keys for people's data, and the vault that uses them. Raises KeyRefused like the vault."""

    vault: Vault
    seal_key: WrappedKey
    mark_key: WrappedKey

    def seal(self, plain: bytes, place: str) -> bytes:
        """Encrypted for one place: moved elsewhere it cannot be opened."""
        return self.vault.seal(key=self.seal_key, plaintext=plain, aad=place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """What was sealed for this place."""
        return self.vault.open(key=self.seal_key, sealed=sealed, aad=place.encode())

    def mark(self, kind: str, text: str) -> str:
        """By which the same text of the same kind is found again, without telling it."""
        return self.keyed(f"{kind}:{text}".encode())

    def keyed(self, data: bytes) -> str:
        """The keyed hash of anything, 32 hex digits."""
        return self.vault.token(key=self.mark_key, data=data)
