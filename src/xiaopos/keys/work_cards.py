"""The issuer's side of EMV in a vault: a card's cryptogram, checked in constant time, and the answer to it.

What may live here: those operations with their permissions. What may not: the algorithms (`cryptograms`, `card_keys`).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from xiaopos.kernel.secret import Pan
from xiaopos.keys import cryptograms, scripts
from xiaopos.keys.card_keys import MasterKeyOption, SessionKind, card_key, session_key
from xiaopos.keys.cryptogram_versions import CryptogramVersion, IssuerData
from xiaopos.keys.engines import OpenKey
from xiaopos.keys.hierarchy import Operation
from xiaopos.keys.shelf import Shelf
from xiaopos.keys.vault import CardPadding, KeyFault, KeyRefused, KeyUsage, WrappedKey


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

    def card_cryptogram(
        self, *, key: WrappedKey, pan: Pan, psn: str, issuer_data: IssuerData, tags: Mapping[str, bytes]
    ) -> bytes:
        """See `Vault`."""
        card = self._card(key, Operation.CRYPTOGRAM, pan, psn, issuer_data.version)
        return cryptograms.application_cryptogram(card, issuer_data, tags)

    def verify_card(
        self, *, key: WrappedKey, pan: Pan, psn: str, issuer_data: IssuerData, tags: Mapping[str, bytes]
    ) -> bool:
        """See `Vault`."""
        made = self.card_cryptogram(key=key, pan=pan, psn=psn, issuer_data=issuer_data, tags=tags)
        return hmac.compare_digest(made, tags.get("9F26", b""))

    def answer_card(
        self,
        *,
        key: WrappedKey,
        pan: Pan,
        psn: str,
        issuer_data: IssuerData,
        tags: Mapping[str, bytes],
        verdict: bytes,
        proprietary: bytes = b"",
    ) -> bytes:
        """See `Vault`."""
        card = self._card(key, Operation.CRYPTOGRAM, pan, psn, issuer_data.version)
        return cryptograms.answer(card, issuer_data, tags, verdict, proprietary)

    def script_command(
        self,
        *,
        integrity: WrappedKey,
        secrecy: WrappedKey | None = None,
        pan: Pan,
        psn: str,
        version: CryptogramVersion,
        header: bytes,
        data: bytes,
        tags: Mapping[str, bytes],
    ) -> bytes:
        """See `Vault`."""
        if secrecy is not None:
            secret = self._script_key(secrecy, KeyUsage.IMK_SMC, pan, psn, version, tags)
            data = scripts.encrypted_data(secret.whole, version.script_padding, data)
        key = self._script_key(integrity, KeyUsage.IMK_SMI, pan, psn, version, tags)
        return header + data + scripts.command_mac(key, version, header, data, tags)

    def _script_key(
        self,
        key: WrappedKey,
        usage: KeyUsage,
        pan: Pan,
        psn: str,
        version: CryptogramVersion,
        tags: Mapping[str, bytes],
    ) -> OpenKey:
        if key.usage is not usage:
            raise KeyRefused(KeyFault.WRONG_USAGE, f"a {key.usage.value} does not stand in for a {usage.value}")
        return scripts.script_key(self._card(key, Operation.SCRIPT, pan, psn, version), version, tags)

    def _card(self, key: WrappedKey, operation: Operation, pan: Pan, psn: str, version: CryptogramVersion) -> OpenKey:
        return card_key(self._ready(key, operation).open, pan, psn, version.master_key)

    def _card_key(self, key: WrappedKey, pan: Pan, psn: str, atc: bytes) -> OpenKey:
        issuer = self._ready(key, Operation.CRYPTOGRAM).open
        return session_key(card_key(issuer, pan, psn, MasterKeyOption.A), SessionKind.COMMON, atc, b"")
