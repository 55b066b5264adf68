"""The issuer's side of EMV in a vault: a card's cryptogram, checked in constant time, and the answer to it.

What may live here: those operations with their permissions. What may not: the algorithms (`cryptograms`, `card_keys`).
"""

from __future__ import annotations

import hmac

from xiaopos.kernel.secret import Pan
from xiaopos.keys import cryptograms
from xiaopos.keys.card_keys import MasterKeyOption, SessionKind, card_key, session_key
from xiaopos.keys.engines import OpenKey
from xiaopos.keys.hierarchy import Operation
from xiaopos.keys.shelf import Shelf
from xiaopos.keys.vault import CardPadding, WrappedKey


class CardWork(Shelf):
    """The part of `Vault` that knows an issuer's keys."""

    def arqc(
        self, *, key: WrappedKey, pan: Pan, psn: str, atc: bytes, data: bytes, padding: CardPadding = CardPadding.EMV
    ) -> bytes:
        """See `Vault`."""
        return cryptograms.arqc(self._card_key(key, pan, psn, atc), data, padding)

    def verify_arqc(
        self,
        *,
        key: WrappedKey,
        pan: Pan,
        psn: str,
        atc: bytes,
        data: bytes,
        arqc: bytes,
        padding: CardPadding = CardPadding.EMV,
    ) -> bool:
        """See `Vault`."""
        made = self.arqc(key=key, pan=pan, psn=psn, atc=atc, data=data, padding=padding)
        return hmac.compare_digest(made, arqc)

    def arpc(self, *, key: WrappedKey, pan: Pan, psn: str, atc: bytes, arqc: bytes, arc: bytes) -> bytes:
        """See `Vault`."""
        return cryptograms.arpc_1(self._card_key(key, pan, psn, atc), arqc, arc)

    def _card_key(self, key: WrappedKey, pan: Pan, psn: str, atc: bytes) -> OpenKey:
        issuer = self._ready(key, Operation.CRYPTOGRAM).open
        return session_key(card_key(issuer, pan, psn, MasterKeyOption.A), SessionKind.COMMON, atc, b"")
